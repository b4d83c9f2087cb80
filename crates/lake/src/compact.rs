//! Compaction and vacuum: few sorted files instead of many small ones, and none that nobody needs.
//!
//! Compaction changes no answer. A rewritten file stays on disk until vacuum, for those who still
//! read it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::sync::Arc;

use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::datatypes::Int64Type;
use base::{Code, Error, Result, ShopId, Time};
use deltalake::kernel::{Action, Remove};
use deltalake::operations::vacuum::{Clock, VacuumMode};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::Lake;
use crate::append::{blocking, cursor_of, sorted};
use crate::delta::{DataFile, Work};
use crate::error::{Context, broken};
use crate::fresh::dropper;
use crate::scan;
use crate::table::{BUCKETS, Table, bucket};
use crate::write::{self, FILE_ROWS, Place, Written};

/// A file with fewer rows is small.
const SMALL_ROWS: usize = FILE_ROWS / 2;
/// Bytes of files that are rewritten together; what bounds the memory beside the rows.
const GROUP_BYTES_MAX: u64 = 128 << 20;
/// Mergeable files of a partition that make it crowded.
const CROWD_FILES: usize = 32;
/// How often a commit is tried when other commits come in between.
const TRIES_MAX: usize = 50;

/// What a compaction did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compacted {
    /// Files that were replaced.
    pub files_before: usize,
    /// Files that took their place.
    pub files_after: usize,
    /// Superseded rows that are gone.
    pub rows_dropped: usize,
}

/// What of a shop's rows does not exist any more.
#[derive(Debug, Clone)]
pub struct Superseded {
    /// The shop.
    pub shop: ShopId,
    /// The version of its state that says so; see [`Since::state`](crate::Since).
    pub state: i64,
    /// As in [`Fresh::superseded`](crate::Fresh).
    pub epochs: Vec<(i64, i32)>,
}

/// What is superseded, as a rewrite looks it up.
#[derive(Debug, Default)]
struct Epochs {
    /// Least epoch by shop and what the table's epochs are of.
    least: HashMap<(i64, i64), i32>,
    /// The version of each shop's state.
    states: HashMap<i64, i64>,
}

impl Epochs {
    fn of(superseded: &[Superseded]) -> Self {
        let mut epochs = Self::default();
        for one in superseded {
            epochs.states.insert(one.shop.0, one.state);
            for (key, epoch) in &one.epochs {
                let least = epochs.least.entry((one.shop.0, *key)).or_insert(*epoch);
                *least = (*least).max(*epoch);
            }
        }
        epochs
    }

    fn kept(&self, table: &Table, batch: &RecordBatch) -> Option<BooleanArray> {
        scan::kept(table, batch, |shop, key| self.least.get(&(shop, key)).copied())
    }
}

impl Lake {
    /// Rewrites small files of each partition into sorted ones of at most about a million rows,
    /// and drops superseded rows.
    ///
    /// # Errors
    /// [`Code::DiskFull`] when there is no space; partitions that were done stay done.
    pub async fn compact(
        &self,
        table: &'static Table,
        superseded: &[Superseded],
        now: Time,
    ) -> Result<Compacted> {
        let epochs = Arc::new(Epochs::of(superseded));
        let mut done = Compacted::default();
        let Some(delta) = self.tables().latest(table).await? else { return Ok(done) };
        let files = self.tables().files(table, &delta)?;
        for partition in by_partition(&files).into_keys() {
            let part = self.compact_partition(table, &partition, &epochs, now).await?;
            done.files_before += part.files_before;
            done.files_after += part.files_after;
            done.rows_dropped += part.rows_dropped;
        }
        Ok(done)
    }

    /// Whether a partition has so many small files that a compaction is due.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn crowded(&self, table: &'static Table) -> Result<bool> {
        let Some(delta) = self.tables().latest(table).await? else { return Ok(false) };
        let files = self.tables().files(table, &delta)?;
        let mut partitions = by_partition(&files).into_values();
        Ok(partitions.any(|own| {
            let merged = groups(own.into_iter().map(|file| (false, file)));
            merged.iter().map(Vec::len).sum::<usize>() >= CROWD_FILES
        }))
    }

    async fn compact_partition(
        &self,
        table: &'static Table,
        partition: &(i64, String),
        epochs: &Arc<Epochs>,
        now: Time,
    ) -> Result<Compacted> {
        let Some(delta) = self.tables().latest(table).await? else {
            return Ok(Compacted::default());
        };
        let version = delta.version().unwrap_or_default();
        let files = self.tables().files(table, &delta)?;
        let own = by_partition(&files).remove(partition).unwrap_or_default();
        let place = Place {
            root: self.tables().folder(table),
            bucket: partition.0,
            month: partition.1.clone(),
            stem: format!("compact-{version}"),
        };
        let epochs = Arc::clone(epochs);
        let rewritten = blocking(move || rewrite(table, &place, own, &epochs)).await?;
        if rewritten.before.is_empty() {
            return Ok(Compacted::default());
        }
        self.commit_rewrite(table, &rewritten, now).await
    }

    /// Puts the rewritten files in the place of the old ones, if those still are all there.
    async fn commit_rewrite(
        &self,
        table: &'static Table,
        rewritten: &Rewritten,
        now: Time,
    ) -> Result<Compacted> {
        for attempt in 1.. {
            let Some(delta) = self.tables().latest(table).await? else { break };
            let files = self.tables().files(table, &delta)?;
            let live: HashSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
            if !rewritten.before.iter().all(|file| live.contains(file.name.as_str())) {
                break;
            }
            let actions = rewritten.actions(now);
            // A query whose tail is of an earlier state would miss what this one drops.
            let mut dropped = Vec::with_capacity(rewritten.dropped_of.len());
            for (shop, state) in &rewritten.dropped_of {
                let app = dropper(ShopId(*shop));
                let there = cursor_of(&delta, &app).await?;
                dropped.push((app, there.map_or(*state, |there| there.max(*state))));
            }
            match self.tables().commit(table, &delta, actions, Work::Rewrite { dropped }).await {
                Ok(_) => {
                    return Ok(Compacted {
                        files_before: rewritten.before.len(),
                        files_after: rewritten.written.len(),
                        rows_dropped: rewritten.dropped,
                    });
                }
                Err(error) if error.code == Code::Busy && attempt < TRIES_MAX => {}
                Err(error) => return Err(error),
            }
        }
        // Another compaction was quicker; its files stand, and ours never did.
        write::discard(&rewritten.written);
        Ok(Compacted::default())
    }

    /// Removes files that no snapshot since `retention_seconds` before `now` needs: those that
    /// were replaced, and those that a crash left without a commit. Readers and writers that
    /// began earlier may fail. Says how many were removed.
    ///
    /// # Errors
    /// When the table cannot be read or a file cannot be removed.
    pub async fn vacuum(
        &self,
        table: &'static Table,
        retention_seconds: u32,
        now: Time,
    ) -> Result<usize> {
        let Some(delta) = self.tables().latest(table).await? else { return Ok(0) };
        let (_, done) = delta
            .vacuum()
            .with_mode(VacuumMode::Full)
            .with_retention_period(chrono::Duration::seconds(i64::from(retention_seconds)))
            .with_enforce_retention_duration(false)
            .with_clock(Arc::new(Fixed(now)))
            .await
            .map_err(|cause| broken("the lake cannot be vacuumed", cause))?;
        Ok(done.files_deleted.len())
    }
}

/// The clock that is handed in.
#[derive(Debug)]
struct Fixed(Time);

impl Clock for Fixed {
    fn current_timestamp_millis(&self) -> i64 {
        self.0.micros().div_euclid(1_000)
    }
}

#[derive(Debug, Default)]
struct Rewritten {
    before: Vec<DataFile>,
    written: Vec<Written>,
    dropped: usize,
    /// The shops of dropped rows, each with the version of the state that said so.
    dropped_of: BTreeMap<i64, i64>,
}

impl Rewritten {
    fn actions(&self, now: Time) -> Vec<Action> {
        let data_change = self.dropped > 0;
        let removes = self.before.iter().map(|file| {
            Action::Remove(Remove {
                path: file.name.clone(),
                data_change,
                deletion_timestamp: Some(now.micros().div_euclid(1_000)),
                extended_file_metadata: Some(true),
                size: i64::try_from(file.size).ok(),
                partition_values: Some(HashMap::from([
                    ("bucket".to_owned(), Some(file.bucket.to_string())),
                    ("month".to_owned(), Some(file.month.clone())),
                ])),
                ..Remove::default()
            })
        });
        let adds = self.written.iter().map(|file| {
            let mut add = file.add.clone();
            add.data_change = data_change;
            Action::Add(add)
        });
        removes.chain(adds).collect()
    }
}

/// The files of each partition.
fn by_partition(files: &[DataFile]) -> BTreeMap<(i64, String), Vec<DataFile>> {
    let mut partitions: BTreeMap<_, Vec<DataFile>> = BTreeMap::new();
    for file in files {
        partitions.entry((file.bucket, file.month.clone())).or_default().push(file.clone());
    }
    partitions
}

/// What of one partition's files is worth rewriting, in groups that become one file each: small
/// files, and those with rows that do not exist any more.
fn groups(files: impl Iterator<Item = (bool, DataFile)>) -> Vec<Vec<DataFile>> {
    let mut groups: Vec<(bool, Vec<DataFile>)> = Vec::new();
    for (dirty, file) in files.filter(|(dirty, file)| *dirty || file.rows < SMALL_ROWS) {
        let fits = |group: &Vec<DataFile>| {
            let rows: usize = group.iter().map(|file| file.rows).sum();
            let size: u64 = group.iter().map(|file| file.size).sum();
            rows + file.rows <= FILE_ROWS && size + file.size <= GROUP_BYTES_MAX
        };
        match groups.last_mut().filter(|(_, group)| fits(group)) {
            Some((any_dirty, group)) => {
                *any_dirty |= dirty;
                group.push(file);
            }
            None => groups.push((dirty, vec![file])),
        }
    }
    groups.retain(|(dirty, group)| *dirty || group.len() > 1);
    groups.into_iter().map(|(_, group)| group).collect()
}

/// Rewrites what is worth it of one partition's files.
fn rewrite(
    table: &Table,
    place: &Place,
    mut files: Vec<DataFile>,
    epochs: &Epochs,
) -> Result<Rewritten> {
    files.sort_by(|a, b| (a.shops, &a.name).cmp(&(b.shops, &b.name)));
    let mut judged = Vec::with_capacity(files.len());
    for file in files {
        judged.push((has_superseded(table, &file, epochs)?, file));
    }
    let mut done = Rewritten::default();
    let result = groups(judged.into_iter()).into_iter().try_for_each(|group| {
        rewrite_group(table, place, &group, epochs, &mut done)?;
        done.before.extend(group);
        Ok(())
    });
    if let Err(error) = result.and_then(|()| write::sync_folders(&place.root, &done.written)) {
        write::discard(&done.written);
        return Err(error);
    }
    Ok(done)
}

fn rewrite_group(
    table: &Table,
    place: &Place,
    group: &[DataFile],
    epochs: &Epochs,
    done: &mut Rewritten,
) -> Result<()> {
    let mut batches = Vec::new();
    for file in group {
        for batch in read(file, None)? {
            let batch = batch?;
            let Some(mask) = epochs.kept(table, &batch) else {
                batches.push(batch);
                continue;
            };
            for shop in gone(&batch, &mask) {
                let state = epochs.states.get(&shop).copied().unwrap_or_default();
                done.dropped_of.insert(shop, state);
            }
            let left = filter_record_batch(&batch, &mask);
            let left = left.context("superseded rows cannot be dropped")?;
            done.dropped += batch.num_rows() - left.num_rows();
            batches.push(left);
        }
    }
    let batch = concat_batches(&table.schema(), &batches).context("rows cannot be gathered")?;
    drop(batches);
    let rows = u32::try_from(batch.num_rows()).context("too many rows of one file")?;
    let index = sorted(table, &batch, rows)?;
    for rows in index.chunks(FILE_ROWS) {
        done.written.push(write::write_file(table, place, &batch, rows)?);
    }
    Ok(())
}

/// The shops of rows that a mask leaves out.
fn gone(batch: &RecordBatch, kept: &BooleanArray) -> BTreeSet<i64> {
    let shops = batch.column_by_name("shop_id").and_then(|a| a.as_primitive_opt::<Int64Type>());
    let shops = shops.map(|shops| shops.values().as_ref()).unwrap_or_default();
    let gone = shops.iter().zip(kept.values()).filter(|(_, kept)| !kept);
    gone.map(|(shop, _)| *shop).collect()
}

/// Whether a file holds rows that do not exist any more.
fn has_superseded(table: &Table, file: &DataFile, epochs: &Epochs) -> Result<bool> {
    let Some((key, epoch)) = table.epoch else { return Ok(false) };
    let within = |bounds: Option<(i64, i64)>, value: i64| {
        bounds.is_none_or(|(least, largest)| (least..=largest).contains(&value))
    };
    let possible = epochs.least.keys().any(|(shop, key)| {
        bucket(ShopId(*shop)) == file.bucket.rem_euclid(BUCKETS)
            && within(file.shops, *shop)
            && within(file.keys, *key)
    });
    if !possible {
        return Ok(false);
    }
    for batch in read(file, Some(&["shop_id", key, epoch]))? {
        if epochs.kept(table, &batch?).is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The batches of a file, of some columns or of all.
fn read(
    file: &DataFile,
    columns: Option<&[&str]>,
) -> Result<impl Iterator<Item = Result<RecordBatch>>> {
    let damaged = |cause| Error::damaged("a data file cannot be read").because(cause);
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&file.path)?);
    let mut reader = reader.map_err(damaged)?.with_batch_size(scan::SCAN_ROWS);
    if let Some(columns) = columns {
        let mask = ProjectionMask::columns(reader.parquet_schema(), columns.iter().copied());
        reader = reader.with_projection(mask);
    }
    let reader = reader.build().map_err(damaged)?;
    Ok(reader.map(|batch| batch.context("a data file cannot be read")))
}
