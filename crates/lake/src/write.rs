//! Data files: sorted rows of one partition as LZ4 Parquet, synced before anyone hears of them.
//!
//! Statistics are kept for numbers only: a minimum of text could be something personal.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::compute::{max, min, take_record_batch};
use arrow::datatypes::{Int64Type, SchemaRef};
use base::Result;
use deltalake::kernel::Add;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use serde_json::{Map, Value, json};

use crate::disk;
use crate::error::Context;
use crate::table::{Kind, Table};

/// Rows of a row group: what a scan takes at once and what statistics are about.
pub(crate) const GROUP_ROWS: usize = 131_072;
/// Rows of a file; what is more goes into another.
pub(crate) const FILE_ROWS: usize = 1_048_576;
/// Rows of a page: what is read where a few rows of a file are wanted.
const PAGE_ROWS: usize = 8_192;
/// The column that rows lie together by, whose bounds stand beside every page.
const TOGETHER: &str = "customer_no";
/// Bytes that gather before the operating system is called.
const BUFFER_BYTES: usize = 1 << 20;
/// The columns whose bounds stand in the table's log.
pub(crate) const BOUNDED: [&str; 4] = ["shop_id", "customer_no", "order_no", "source_no"];

/// Where a partition's files go.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The table's folder.
    pub(crate) root: PathBuf,
    pub(crate) bucket: i64,
    /// As it stands in a path.
    pub(crate) month: String,
    /// The beginning of the file's name.
    pub(crate) stem: String,
}

impl Place {
    fn folder(&self) -> String {
        format!("bucket={}/month={}", self.bucket, self.month)
    }
}

/// A file that is written and synced; its folder is not yet.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) path: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) add: Add,
    pub(crate) rows: usize,
}

/// Writes the rows of `batch` that `index` lists, in its order, as one file.
pub(crate) fn write_file(
    table: &Table,
    place: &Place,
    batch: &RecordBatch,
    index: &[u32],
) -> Result<Written> {
    let folder = place.root.join(place.folder());
    disk::make_folder(&folder)?;
    let (path, file) = disk::create_new(&folder, &place.stem)?;
    let written = write_rows(table, &file, batch, index);
    let bounds = match written {
        Ok(bounds) => bounds,
        Err(error) => {
            let _ = std::fs::remove_file(&path);
            return Err(error);
        }
    };
    let (size, modified) = size_and_time(&file)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let add = Add {
        path: format!("{}/{name}", place.folder()),
        partition_values: HashMap::from([
            ("bucket".to_owned(), Some(place.bucket.to_string())),
            ("month".to_owned(), Some(place.month.clone())),
        ]),
        size,
        modification_time: modified,
        data_change: true,
        stats: Some(bounds.json(index.len())),
        ..Add::default()
    };
    Ok(Written { path, folder, add, rows: index.len() })
}

fn write_rows(table: &Table, file: &File, batch: &RecordBatch, index: &[u32]) -> Result<Bounds> {
    let mut bounds = Bounds::default();
    let schema = batch.schema();
    let buffer = BufWriter::with_capacity(BUFFER_BYTES, file);
    let options =
        ArrowWriterOptions::new().with_properties(properties(table)).with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(buffer, schema, options)
        .context("a data file cannot be begun")?;
    for rows in index.chunks(GROUP_ROWS) {
        let rows = UInt32Array::from(rows.to_vec());
        let part = take_record_batch(batch, &rows).context("rows cannot be gathered")?;
        bounds.add(&part);
        writer.write(&part).context("a data file cannot be written")?;
    }
    let buffer = writer.into_inner().context("a data file cannot be finished")?;
    buffer.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
    Ok(bounds)
}

fn properties(table: &Table) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::LZ4_RAW)
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_created_by("shuke".to_owned());
    for field in table.fields {
        let column = || ColumnPath::from(field.name);
        if field.few {
            properties = properties.set_column_dictionary_enabled(column(), true);
        }
        if field.kind != Kind::Text {
            let kept = if field.name == TOGETHER {
                EnabledStatistics::Page
            } else {
                EnabledStatistics::Chunk
            };
            properties = properties.set_column_statistics_enabled(column(), kept);
        }
    }
    properties.build()
}

/// Bytes and the time of the last change in milliseconds, as the file system tells.
fn size_and_time(file: &File) -> Result<(i64, i64)> {
    let metadata = file.metadata()?;
    let since = metadata.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let size = i64::try_from(metadata.len()).unwrap_or(i64::MAX);
    Ok((size, i64::try_from(since.as_millis()).unwrap_or_default()))
}

type ColumnBounds = (&'static str, Option<(i64, i64)>, usize);

/// The least and the largest values of a file's numbers.
#[derive(Debug, Default)]
struct Bounds {
    /// Name, least and largest, missing values.
    columns: Vec<ColumnBounds>,
}

impl Bounds {
    fn add(&mut self, batch: &RecordBatch) {
        if self.columns.is_empty() {
            let own = BOUNDED.iter().filter(|name| batch.column_by_name(name).is_some());
            self.columns = own.map(|name| (*name, None, 0)).collect();
        }
        for (name, bounds, missing) in &mut self.columns {
            let Some(values) = batch.column_by_name(name).and_then(|array| {
                *missing += array.null_count();
                array.as_primitive_opt::<Int64Type>()
            }) else {
                continue;
            };
            if let (Some(least), Some(largest)) = (min(values), max(values)) {
                let (a, b) = bounds.unwrap_or((least, largest));
                *bounds = Some((a.min(least), b.max(largest)));
            }
        }
    }

    /// The statistics as they stand in the table's log.
    fn json(&self, rows: usize) -> String {
        let mut least = Map::new();
        let mut largest = Map::new();
        let mut missing = Map::new();
        for (name, bounds, count) in &self.columns {
            if let Some((a, b)) = bounds {
                least.insert((*name).to_owned(), Value::from(*a));
                largest.insert((*name).to_owned(), Value::from(*b));
            }
            missing.insert((*name).to_owned(), Value::from(*count));
        }
        json!({"numRecords": rows, "minValues": least, "maxValues": largest, "nullCount": missing})
            .to_string()
    }
}

/// Syncs the folders of written files, up to the table's own.
pub(crate) fn sync_folders(root: &Path, written: &[Written]) -> Result<()> {
    let mut folders: Vec<&Path> = written.iter().map(|file| file.folder.as_path()).collect();
    folders.sort_unstable();
    folders.dedup();
    for folder in folders {
        disk::sync_folder(folder)?;
    }
    disk::sync_folder(root)
}

/// Removes files that no commit will name, to give back their space.
pub(crate) fn discard(written: &[Written]) {
    for file in written {
        let _ = std::fs::remove_file(&file.path);
    }
}

/// The batch with its text columns as the files' schema has them, for comparing and reading.
pub(crate) fn as_schema(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let arrays: Result<Vec<ArrayRef>> = schema
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, array)| {
            if array.data_type() == field.data_type() {
                return Ok(Arc::clone(array));
            }
            arrow::compute::cast(array, field.data_type()).context("a column cannot be read")
        })
        .collect();
    RecordBatch::try_new(Arc::clone(schema), arrays?).context("the columns differ")
}
