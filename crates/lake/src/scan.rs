//! The hot scan: row groups decoded by several threads and handed over as plain slices, without
//! the query engine.
//!
//! A row group is taken when its statistics say that it can hold the shop's rows; within it they
//! lie together, because files are ordered by shop.

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::buffer::NullBuffer;
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Int32Type, Int64Type, Schema, TimestampMicrosecondType};
use base::{Code, Error, Result, ShopId};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use crate::Lake;
use crate::error::Context;
use crate::fresh::Fresh;
use crate::mask::Rows;
use crate::provider::may_hold;
use crate::table::{Kind, Table};

/// Rows that are handed over at once, at most.
pub const SCAN_ROWS: usize = 65_536;

/// A pinned snapshot of a shop's rows, ready to be scanned.
#[derive(Debug)]
pub struct Scan {
    table: &'static Table,
    shop: ShopId,
    /// The columns to hand over, in their order.
    columns: Vec<&'static str>,
    files: Vec<PathBuf>,
    tail: Vec<RecordBatch>,
    epochs: HashMap<i64, i32>,
    /// What the table's time lies between; other rows may be handed over all the same.
    span: (i64, i64),
}

/// A part of the work.
#[derive(Debug)]
enum Unit<'a> {
    Group { path: &'a PathBuf, footer: &'a ArrowReaderMetadata, group: usize, mixed: bool },
    Tail(&'a RecordBatch),
}

/// Which values of a column are there.
#[derive(Debug, Clone, Copy)]
pub struct Validity<'a>(Option<&'a NullBuffer>);

impl Validity<'_> {
    /// Whether no value is missing.
    #[must_use]
    pub fn all(&self) -> bool {
        self.0.is_none_or(|nulls| nulls.null_count() == 0)
    }

    /// Whether the row has a value.
    #[must_use]
    pub fn is_valid(&self, row: usize) -> bool {
        self.0.is_none_or(|nulls| row < nulls.len() && nulls.is_valid(row))
    }
}

/// Some rows of a scan, column by column in the order that was asked for.
#[derive(Debug)]
pub struct Slices<'a> {
    batch: &'a RecordBatch,
    places: &'a [usize],
}

impl Slices<'_> {
    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    fn array(&self, column: usize) -> Option<&dyn Array> {
        self.judged().array(column)
    }

    /// The rows as conditions see them, with the columns in the order that was asked for.
    #[must_use]
    pub fn judged(&self) -> Rows<'_> {
        Rows { batch: self.batch, places: self.places, first: 0 }
    }

    /// The values of a column of whole numbers or times (microseconds); empty for another kind.
    /// Where a value is missing, anything may stand: see [`Slices::validity`].
    #[must_use]
    pub fn i64(&self, column: usize) -> &[i64] {
        let Some(array) = self.array(column) else { return &[] };
        match array.data_type() {
            DataType::Int64 => array.as_primitive::<Int64Type>().values(),
            DataType::Timestamp(..) => {
                let times = array.as_primitive_opt::<TimestampMicrosecondType>();
                times.map(|times| times.values().as_ref()).unwrap_or_default()
            }
            _ => &[],
        }
    }

    /// The values of a column of small whole numbers; empty for another kind.
    #[must_use]
    pub fn i32(&self, column: usize) -> &[i32] {
        let numbers = self.array(column).and_then(|a| a.as_primitive_opt::<Int32Type>());
        numbers.map(|numbers| numbers.values().as_ref()).unwrap_or_default()
    }

    /// The text of a row; none when it is missing or the column holds none.
    #[must_use]
    pub fn text(&self, column: usize, row: usize) -> Option<&str> {
        self.judged().text(column, row)
    }

    /// Which values of a column are there.
    #[must_use]
    pub fn validity(&self, column: usize) -> Validity<'_> {
        Validity(self.array(column).and_then(|array| array.nulls()))
    }
}

impl Lake {
    /// Pins the shop's rows for a scan of these columns (names of the table's own columns).
    /// Rows of superseded epochs are left out and the tail is included; customer numbers come as
    /// they are stored, so the caller applies `Fresh::redirect`.
    ///
    /// # Errors
    /// [`Code::Internal`] for a column that the table does not have; when the table cannot be
    /// read; one that [`is_stale`](crate::is_stale) when `fresh` is too old.
    pub async fn scan(
        &self,
        table: &'static Table,
        shop: ShopId,
        columns: &[&str],
        fresh: Fresh,
    ) -> Result<Scan> {
        let known = |name: &&str| {
            let wrong = || Error::new(Code::Internal, format!("{} has no {name}", table.name));
            table.field(name).map(|field| field.name).ok_or_else(wrong)
        };
        let columns = columns.iter().map(known).collect::<Result<Vec<_>>>()?;
        let epochs = fresh.epochs();
        let pinned = self.pin(shop, table, fresh.tail, fresh.since.as_ref()).await?;
        let files = pinned.files.iter().filter(|file| may_hold(file, shop));
        let files = files.map(|file| file.path.clone()).collect();
        let span = (i64::MIN, i64::MAX);
        Ok(Scan { table, shop, columns, files, tail: pinned.tail, epochs, span })
    }
}

impl Scan {
    /// Passes over what lies wholly outside a span of the table's time.
    #[must_use]
    pub fn within(self, span: (i64, i64)) -> Self {
        Self { span, ..self }
    }

    /// A file's footer that reads columns of few different texts as their dictionaries.
    fn with_words(&self, footer: ArrowReaderMetadata) -> Result<ArrowReaderMetadata> {
        let few = |name: &str| {
            let own = self.table.field(name).filter(|_| self.columns.contains(&name));
            own.is_some_and(|field| field.few && field.kind == Kind::Text)
        };
        let fields = footer.schema().fields().iter();
        if !fields.clone().any(|field| few(field.name())) {
            return Ok(footer);
        }
        let words = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let fields = fields.map(|field| match few(field.name()) {
            true => Arc::new(field.as_ref().clone().with_data_type(words.clone())),
            false => Arc::clone(field),
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let options = ArrowReaderOptions::new().with_schema(schema);
        ArrowReaderMetadata::try_new(Arc::clone(footer.metadata()), options)
            .context("a data file has other columns")
    }

    /// Runs `work` over all rows on `threads` threads, each with a state of its own that `start`
    /// makes, and gives back the states. Blocks: call it from a thread that may.
    ///
    /// # Errors
    /// What `work` gives, and when a file cannot be read.
    pub fn run<S: Send>(
        &self,
        threads: usize,
        start: impl Fn() -> S + Sync,
        work: impl Fn(&mut S, &Slices<'_>) -> Result<()> + Sync,
    ) -> Result<Vec<S>> {
        let footers = self.files.iter().map(|path| self.with_words(footer(path)?));
        let footers = footers.collect::<Result<Vec<_>>>()?;
        let mut units = Vec::new();
        for (path, footer) in self.files.iter().zip(&footers) {
            for (group, metadata) in footer.metadata().row_groups().iter().enumerate() {
                let everything = (i64::MIN, i64::MAX);
                let (least, largest) = bounds(metadata, "shop_id").unwrap_or(everything);
                let (first, last) = bounds(metadata, self.table.time).unwrap_or(everything);
                let meets = first <= self.span.1 && self.span.0 <= last;
                if (least..=largest).contains(&self.shop.0) && meets {
                    let mixed = least != largest;
                    units.push(Unit::Group { path, footer, group, mixed });
                }
            }
        }
        units.extend(self.tail.iter().map(Unit::Tail));
        let next = AtomicUsize::new(0);
        let thread = || {
            let mut state = start();
            while let Some(unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
                self.work_on(unit, &mut state, &work)?;
            }
            Ok(state)
        };
        let threads = threads.clamp(1, units.len().max(1));
        std::thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(thread)).collect();
            let died = |_| Error::new(Code::Internal, "a thread of a scan died");
            running.into_iter().map(|thread| thread.join().map_err(died)?).collect()
        })
    }

    fn work_on<S>(
        &self,
        unit: &Unit<'_>,
        state: &mut S,
        work: &impl Fn(&mut S, &Slices<'_>) -> Result<()>,
    ) -> Result<()> {
        let (path, footer, group, mixed) = match unit {
            Unit::Tail(batch) => return self.hand_over(batch, false, state, work),
            Unit::Group { path, footer, group, mixed } => (path, footer, *group, *mixed),
        };
        let mut wanted = self.columns.clone();
        wanted.extend(mixed.then_some("shop_id"));
        if !self.epochs.is_empty() {
            wanted.extend(self.table.epoch.iter().flat_map(|(key, epoch)| [*key, *epoch]));
        }
        let mask = ProjectionMask::columns(footer.parquet_schema(), wanted);
        // A file of its own for each reader: clones would share their place in it.
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(
            File::open(path)?,
            (*footer).clone(),
        )
        .with_projection(mask)
        .with_row_groups(vec![group])
        .with_batch_size(SCAN_ROWS)
        .build()
        .context("a data file cannot be read")?;
        for batch in reader {
            let batch = batch.context("a data file cannot be read")?;
            self.hand_over(&batch, mixed, state, work)?;
        }
        Ok(())
    }

    fn hand_over<S>(
        &self,
        batch: &RecordBatch,
        mixed: bool,
        state: &mut S,
        work: &impl Fn(&mut S, &Slices<'_>) -> Result<()>,
    ) -> Result<()> {
        let own = if mixed { self.slice_of_shop(batch) } else { batch.clone() };
        let own = self.without_superseded(own)?;
        if own.num_rows() == 0 {
            return Ok(());
        }
        let schema = own.schema();
        let places = self.columns.iter().map(|name| schema.index_of(name));
        let places: Vec<usize> =
            places.collect::<Result<_, _>>().context("a data file lacks a column")?;
        work(state, &Slices { batch: &own, places: &places })
    }

    fn slice_of_shop(&self, batch: &RecordBatch) -> RecordBatch {
        let shops = batch.column_by_name("shop_id").and_then(|a| a.as_primitive_opt::<Int64Type>());
        let shops = shops.map(|shops| shops.values().as_ref()).unwrap_or_default();
        let start = shops.partition_point(|shop| *shop < self.shop.0);
        let end = shops.partition_point(|shop| *shop <= self.shop.0);
        batch.slice(start, end - start)
    }

    fn without_superseded(&self, batch: RecordBatch) -> Result<RecordBatch> {
        if self.epochs.is_empty() {
            return Ok(batch);
        }
        match kept(self.table, &batch, |_, key| self.epochs.get(&key).copied()) {
            Some(mask) => {
                filter_record_batch(&batch, &mask).context("superseded rows cannot be left out")
            }
            None => Ok(batch),
        }
    }
}

/// Which rows exist, given the least epoch of a shop's order or source; none when all do.
pub(crate) fn kept(
    table: &Table,
    batch: &RecordBatch,
    least_epoch: impl Fn(i64, i64) -> Option<i32>,
) -> Option<BooleanArray> {
    let (key, epoch) = table.epoch?;
    let whole = |name: &str| {
        let array = batch.column_by_name(name)?.as_primitive_opt::<Int64Type>()?;
        Some(array.values().as_ref())
    };
    let keys: &[i64] = whole(key)?;
    let shops: &[i64] = whole("shop_id").unwrap_or_default();
    let epochs = batch.column_by_name(epoch)?.as_primitive_opt::<Int32Type>()?;
    let gone = |row: usize, key: i64, epoch: i32| {
        let shop = shops.get(row).copied().unwrap_or_default();
        least_epoch(shop, key).is_some_and(|least| epoch < least)
    };
    let rows = || keys.iter().zip(epochs.values()).enumerate();
    if !rows().any(|(row, (key, epoch))| gone(row, *key, *epoch)) {
        return None;
    }
    Some(rows().map(|(row, (key, epoch))| Some(!gone(row, *key, *epoch))).collect())
}

/// A file's footer.
pub(crate) fn footer(path: &PathBuf) -> Result<ArrowReaderMetadata> {
    let file = File::open(path)?;
    ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
        .map_err(|cause| Error::damaged("a data file cannot be read").because(cause))
}

/// The least and the largest value of a column in a row group.
fn bounds(group: &RowGroupMetaData, column: &str) -> Option<(i64, i64)> {
    let column = group.columns().iter().find(|own| own.column_path().string() == column)?;
    match column.statistics()? {
        Statistics::Int64(bounds) => Some((*bounds.min_opt()?, *bounds.max_opt()?)),
        _ => None,
    }
}
