//! Appending: rows are sorted, split by partition, written, synced, and then committed together
//! with the reader's cursor, so that a replay after a crash adds nothing twice.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use base::{Code, Error, Result, ShopId};
use deltalake::DeltaTable;
use deltalake::kernel::Action;

use crate::Lake;
use crate::columns::Columns;
use crate::delta::Work;
use crate::error::Context;
use crate::sort::{self, Key};
use crate::table::{self, Table};
use crate::write::{self, FILE_ROWS, Place, Written};

/// Rows of one append.
pub const APPEND_ROWS_MAX: usize = 16_777_216;

/// How often a commit is tried when rewrites come in between.
const TRIES_MAX: usize = 20;

/// How far a reader of the log has come, committed together with what it wrote.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a> {
    /// The reader's name.
    pub app: &'a str,
    /// Grows with each append.
    pub version: i64,
}

/// What an append did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// The rows are in the lake and durable.
    Written {
        /// Rows.
        rows: usize,
        /// Data files.
        files: usize,
    },
    /// A commit of this version or a later one was there already; nothing was written.
    AlreadyThere,
}

impl Lake {
    /// The version of the last append of `app`, none before the first.
    ///
    /// # Errors
    /// When the table cannot be read or is newer than this program.
    pub async fn cursor(&self, table: &'static Table, app: &str) -> Result<Option<i64>> {
        match self.tables().latest(table).await? {
            Some(delta) => cursor_of(&delta, app).await,
            None => Ok(None),
        }
    }

    /// Adds rows. They are durable when this returns.
    ///
    /// # Errors
    /// [`Code::DiskFull`] when there is no space; then nothing was added. [`Code::TooLarge`] for
    /// more than [`APPEND_ROWS_MAX`] rows. [`Code::Busy`] when the same reader wrote elsewhere.
    pub async fn append(
        &self,
        table: &'static Table,
        columns: Columns,
        cursor: Cursor<'_>,
    ) -> Result<Appended> {
        let Some(rows) = u32::try_from(columns.rows())
            .ok()
            .filter(|rows| usize::try_from(*rows).is_ok_and(|rows| rows <= APPEND_ROWS_MAX))
        else {
            let message = format!("one append takes at most {APPEND_ROWS_MAX} rows");
            return Err(Error::new(Code::TooLarge, message));
        };
        let delta = self.tables().latest_or_new(table).await?;
        if cursor_of(&delta, cursor.app).await?.is_some_and(|there| there >= cursor.version) {
            return Ok(Appended::AlreadyThere);
        }
        let batch = table.conform(&columns.into_batch()?)?;
        let root = self.tables().folder(table);
        let stem = format!("{}-{}", plain(cursor.app), cursor.version);
        let threads = self.options().threads.max(1);
        let work = move || write_parts(table, &root, &stem, (&batch, rows), threads);
        let written = blocking(work).await?;
        self.commit_append(table, delta, &written, cursor).await
    }

    /// Commits written files. When a rewrite came in between, tries again on top of it.
    async fn commit_append(
        &self,
        table: &'static Table,
        mut delta: DeltaTable,
        written: &[Written],
        cursor: Cursor<'_>,
    ) -> Result<Appended> {
        for attempt in 1.. {
            let actions = written.iter().map(|file| Action::Add(file.add.clone())).collect();
            let work = Work::Append { app: cursor.app, version: cursor.version };
            let Err(error) = self.tables().commit(table, &delta, actions, work).await else {
                break;
            };
            // While it is unknown what the log says the files stay; vacuum takes orphans later.
            delta = self.tables().latest_or_new(table).await?;
            let there = cursor_of(&delta, cursor.app).await?;
            let there = there.is_some_and(|there| there >= cursor.version);
            let again = error.code == Code::Busy && attempt < TRIES_MAX;
            if there && again {
                write::discard(written);
                return Ok(Appended::AlreadyThere);
            }
            if !again {
                if !there {
                    write::discard(written);
                }
                return Err(error);
            }
        }
        let rows = written.iter().map(|file| file.rows).sum();
        Ok(Appended::Written { rows, files: written.len() })
    }
}

/// The version of the last commit of `app` in a snapshot.
pub(crate) async fn cursor_of(delta: &DeltaTable, app: &str) -> Result<Option<i64>> {
    let state = delta.snapshot().context("the table is not loaded")?;
    state
        .transaction_version(delta.log_store().as_ref(), app)
        .await
        .context("the lake's cursor cannot be read")
}

/// Runs work that reads or writes files on a thread of its own.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    base::aside("lake", work)?.done().await?
}

/// The letters and digits of a reader's name, for a file's.
fn plain(app: &str) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    app.chars().map(keep).take(40).collect()
}

/// A partition and its rows in order.
pub(crate) struct Part<'a> {
    pub(crate) bucket: i64,
    pub(crate) month: i64,
    pub(crate) rows: &'a [u32],
}

/// The rows in the table's order, by partition.
pub(crate) fn sorted(table: &Table, batch: &RecordBatch, rows: u32) -> Result<Vec<u32>> {
    let mut keys = vec![Key::of(partition_keys(table, batch)?.into_iter().map(Some))];
    for name in table.order {
        let array = batch
            .column_by_name(name)
            .ok_or_else(|| Error::new(Code::Internal, "a sort column is missing"))?;
        keys.push(Key::of_array(array)?);
    }
    Ok(sort::order(rows, &keys))
}

/// Each row's partition as one number, the month being the higher part.
fn partition_keys(table: &Table, batch: &RecordBatch) -> Result<Vec<i64>> {
    let shops = batch.column_by_name("shop_id").and_then(|a| a.as_primitive_opt::<Int64Type>());
    let times = batch
        .column_by_name(table.time)
        .and_then(|a| a.as_primitive_opt::<TimestampMicrosecondType>());
    let (Some(shops), Some(times)) = (shops, times) else {
        return Err(Error::new(Code::Internal, "the partition columns are missing"));
    };
    let rows = shops.values().iter().zip(times.values());
    let key = |(&shop, &time): (&i64, &i64)| {
        table::month(time) * table::BUCKETS + table::bucket(ShopId(shop))
    };
    Ok(rows.map(key).collect())
}

/// Splits sorted rows where the partition changes.
fn parts<'a>(keys: &[i64], index: &'a [u32]) -> Vec<Part<'a>> {
    let key = |row: &u32| keys.get(*row as usize).copied().unwrap_or_default();
    index
        .chunk_by(|a, b| key(a) == key(b))
        .map(|rows| {
            let key = rows.first().map(key).unwrap_or_default();
            let (month, bucket) = (key.div_euclid(table::BUCKETS), key.rem_euclid(table::BUCKETS));
            Part { bucket, month, rows }
        })
        .collect()
}

fn write_parts(
    table: &Table,
    root: &Path,
    stem: &str,
    (batch, rows): (&RecordBatch, u32),
    threads: usize,
) -> Result<Vec<Written>> {
    let index = sorted(table, batch, rows)?;
    let keys = partition_keys(table, batch)?;
    let parts = parts(&keys, &index);
    let jobs: Vec<(Place, &[u32])> = parts
        .iter()
        .flat_map(|part| {
            let place = Place {
                root: root.to_owned(),
                bucket: part.bucket,
                month: table::month_name(part.month),
                stem: stem.to_owned(),
            };
            part.rows.chunks(FILE_ROWS).map(move |rows| (place.clone(), rows))
        })
        .collect();
    let next = AtomicUsize::new(0);
    let worker = || -> (Vec<Written>, Result<()>) {
        let mut written = Vec::new();
        while let Some((place, rows)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            match write::write_file(table, place, batch, rows) {
                Ok(file) => written.push(file),
                Err(error) => return (written, Err(error)),
            }
        }
        (written, Ok(()))
    };
    let outcomes = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads.min(jobs.len())).map(|_| scope.spawn(worker)).collect();
        threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    let mut written = Vec::with_capacity(jobs.len());
    let mut failed = Ok(());
    for outcome in outcomes {
        let died = || Error::new(Code::Internal, "a writer of the lake died");
        match outcome.map_err(|_| died()) {
            Ok((files, result)) => {
                written.extend(files);
                failed = failed.and(result);
            }
            Err(error) => failed = failed.and(Err(error)),
        }
    }
    if let Err(error) = failed.and_then(|()| write::sync_folders(root, &written)) {
        write::discard(&written);
        return Err(error);
    }
    Ok(written)
}
