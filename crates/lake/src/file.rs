//! Parquet files that people bring: read in bounded batches, trusted in nothing.
//!
//! What the file says about itself is checked before it is believed, text is never copied out of
//! a page until a cell is asked for, and a panic of the decoder on a crafted file becomes an error.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use base::{Code, Error, Result};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::RowGroupMetaData;

use crate::cell::Cells;

/// How much of a file is believed.
#[derive(Debug, Clone, Copy)]
pub struct FileLimits {
    /// Rows of a batch.
    pub batch_rows: usize,
    /// Columns of the file.
    pub columns: usize,
    /// Unpacked bytes of one column of one row group.
    pub chunk_bytes: u64,
    /// Bytes of one value as text.
    pub cell_bytes: usize,
    /// Rows of the file.
    pub rows: u64,
}

impl Default for FileLimits {
    fn default() -> Self {
        Self {
            batch_rows: 4_096,
            columns: 2_000,
            chunk_bytes: 512 << 20,
            cell_bytes: 1 << 20,
            rows: 1 << 32,
        }
    }
}

/// Row groups of a file.
const GROUPS_MAX: usize = 65_536;
/// Bytes of a file's footer.
const FOOTER_BYTES_MAX: u64 = 64 << 20;

/// A Parquet file that is being read from its first row to its last.
#[derive(Debug)]
pub struct FileReader {
    names: Vec<String>,
    rows: u64,
    limits: FileLimits,
    reader: Option<ParquetRecordBatchReader>,
}

/// Some rows of a file.
#[derive(Debug)]
pub struct FileBatch {
    batch: RecordBatch,
    cell_bytes: usize,
}

/// The cells of a [`FileBatch`].
pub struct FileCells<'a> {
    cells: Cells<'a>,
    cell_bytes: usize,
}

impl FileReader {
    /// Opens a file and checks its footer.
    ///
    /// # Errors
    /// [`Code::BadInput`] for what is no Parquet file or a damaged one, [`Code::Unsupported`] for
    /// nested columns and encrypted files, [`Code::TooLarge`] beyond the limits.
    pub fn open(path: &Path, limits: FileLimits) -> Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        check_footer(&file, length)?;
        guarded(|| Self::begin(&file, length, limits))
    }

    fn begin(file: &File, length: u64, limits: FileLimits) -> Result<Self> {
        // The Arrow schema that a writer embeds adds nothing that the file's own types do not say.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let footer = ArrowReaderMetadata::load(file, options.clone()).map_err(damaged)?;
        let schema = text_as_views(footer.schema(), limits)?;
        let groups = footer.metadata().row_groups();
        if groups.len() > GROUPS_MAX {
            return Err(too_large(format!("the file has more than {GROUPS_MAX} row groups")));
        }
        let mut rows = 0_u64;
        for group in groups {
            check_group(group, length, limits)?;
            rows = rows.saturating_add(u64::try_from(group.num_rows()).unwrap_or(u64::MAX));
        }
        if rows > limits.rows {
            return Err(too_large(format!("the file has more than {} rows", limits.rows)));
        }
        let names = schema.fields().iter().map(|field| field.name().clone()).collect();
        let metadata = Arc::clone(footer.metadata());
        let footer =
            ArrowReaderMetadata::try_new(metadata, options.with_schema(schema)).map_err(damaged)?;
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file.try_clone()?, footer)
            .with_batch_size(limits.batch_rows.max(1))
            .build()
            .map_err(damaged)?;
        Ok(Self { names, rows, limits, reader: Some(reader) })
    }

    /// The names of the columns.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Rows, as the file says.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The next rows; none after the last. After an error there are no more.
    ///
    /// # Errors
    /// [`Code::BadInput`] when the file is damaged.
    pub fn next_batch(&mut self) -> Result<Option<FileBatch>> {
        let Some(mut reader) = self.reader.take() else { return Ok(None) };
        let read = guarded(|| Ok(reader.next()))?;
        let Some(batch) = read.transpose().map_err(damaged)? else { return Ok(None) };
        self.reader = Some(reader);
        Ok(Some(FileBatch { batch, cell_bytes: self.limits.cell_bytes }))
    }
}

impl FileBatch {
    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    /// The values as text.
    ///
    /// # Errors
    /// When a value has no text.
    pub fn cells(&self) -> Result<FileCells<'_>> {
        Ok(FileCells { cells: Cells::new(&self.batch)?, cell_bytes: self.cell_bytes })
    }
}

impl FileCells<'_> {
    /// Appends the text of a value; false when it is missing.
    ///
    /// # Errors
    /// [`Code::BadInput`] when the value is longer than the limit or is no text.
    pub fn text(&self, row: usize, column: usize, out: &mut String) -> Result<bool> {
        let before = out.len();
        let there = self.cells.text(row, column, out)?;
        if out.len() - before > self.cell_bytes {
            let message = format!("a value is longer than {} bytes", self.cell_bytes);
            return Err(Error::bad(message));
        }
        Ok(there)
    }
}

/// The file's columns with text as views, so that a long word that a page repeats stays one.
fn text_as_views(schema: &SchemaRef, limits: FileLimits) -> Result<SchemaRef> {
    let columns = schema.fields().len();
    if columns > limits.columns {
        return Err(too_large(format!("the file has more than {} columns", limits.columns)));
    }
    let view = |field: &Arc<Field>| -> Result<Field> {
        let field = field.as_ref().clone();
        match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 => Ok(field.with_data_type(DataType::Utf8View)),
            DataType::Binary | DataType::LargeBinary => {
                Ok(field.with_data_type(DataType::BinaryView))
            }
            kind if kind.is_nested() => {
                let message = "the column holds lists or records, which no row of a table can";
                Err(Error::new(Code::Unsupported, message)
                    .field(field.name())
                    .hint("write the file with plain columns only"))
            }
            _ => Ok(field),
        }
    };
    let fields = schema.fields().iter().map(view).collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(Schema::new(fields)))
}

/// Checks the last eight bytes: how long the footer is, and that it is one.
fn check_footer(file: &File, length: u64) -> Result<()> {
    use std::os::unix::fs::FileExt;

    let mut end = [0_u8; 8];
    let no_parquet = || {
        Error::bad("this is no Parquet file, or its end is missing")
            .hint("upload the whole file again")
    };
    let at = length.checked_sub(8).filter(|at| *at >= 4).ok_or_else(no_parquet)?;
    file.read_exact_at(&mut end, at)?;
    let [a, b, c, d, magic @ ..] = end;
    match &magic {
        b"PAR1" => {}
        b"PARE" => return Err(Error::new(Code::Unsupported, "the Parquet file is encrypted")),
        _ => return Err(no_parquet()),
    }
    let footer = u64::from(u32::from_le_bytes([a, b, c, d]));
    if footer > length - 12 {
        return Err(no_parquet());
    }
    if footer > FOOTER_BYTES_MAX {
        return Err(too_large(format!("the footer has more than {FOOTER_BYTES_MAX} bytes")));
    }
    Ok(())
}

/// Checks what the footer says about a row group against the file and the limits.
fn check_group(group: &RowGroupMetaData, length: u64, limits: FileLimits) -> Result<()> {
    let wrong = || Error::bad("the Parquet file's footer contradicts the file");
    let number = |value: i64| u64::try_from(value).map_err(|_| wrong());
    let rows = number(group.num_rows())?;
    for column in group.columns() {
        let packed = number(column.compressed_size())?;
        let unpacked = number(column.uncompressed_size())?;
        let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
        let start = number(start)?;
        number(column.data_page_offset())?;
        if start.checked_add(packed).is_none_or(|end| end > length) {
            return Err(wrong());
        }
        if number(column.num_values())? != rows {
            return Err(wrong());
        }
        if unpacked > limits.chunk_bytes {
            let message = format!("a column takes more than {} bytes", limits.chunk_bytes);
            return Err(too_large(message)
                .field(column.column_path().string())
                .hint("write the file with smaller row groups"));
        }
    }
    Ok(())
}

fn damaged(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    let cause = cause.into();
    let text = cause.to_string();
    let what = text.lines().next().unwrap_or_default();
    let what: String = what.chars().take(200).collect();
    Error::bad(format!("the Parquet file is damaged: {what}")).because(cause)
}

fn too_large(message: String) -> Error {
    Error::new(Code::TooLarge, message)
}

/// Runs a step of the decoder; a panic within is the file's fault.
fn guarded<T>(step: impl FnOnce() -> Result<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(done) => done,
        Err(_) => Err(Error::bad("the Parquet file is damaged: it cannot be decoded")),
    }
}

#[cfg(test)]
mod tests;
