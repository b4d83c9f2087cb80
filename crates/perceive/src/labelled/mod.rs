//! What is kept under labels and is the same in whatever order it comes: visits, where they came
//! from, what was done to carts.
//!
//! A batch adds a *run*: one row, however many labels it speaks of and wherever they are. When many
//! runs wait, *blocks* take them in, some with each batch: a block is a row for [`BLOCK_LABELS`]
//! neighbouring labels, and knows the last run that it holds, so that a reader adds only those
//! after it. So somebody who does something costs some bytes, and not a page of the database. Runs
//! that blocks took in stay until the next time, for readers that go on run by run.

mod runs;
mod sql;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::Result;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Tx, counter};

use sql::Merge;

/// Labels of a block.
pub(crate) const BLOCK_LABELS: i64 = 128;
/// Entries of runs that no block holds yet, at the most; whoever reads the series reads them all.
const ENTRIES_MAX: i64 = 400_000;
/// Runs that no block holds yet, at the most.
const RUNS_MAX: i64 = 256;
/// Blocks that are read at once.
const BLOCKS_PER_READ: i64 = 1_000;
/// Batches with which blocks take runs in, so that none waits for all of them.
const BATCHES_PER_MERGE: usize = 4;

/// What is kept under one label.
pub(crate) trait Kept: Serialize + DeserializeOwned + Send {
    /// Its name in the store. Its runs are numbered from 1 on; no number is left out.
    const SERIES: &'static str;

    /// Takes in what else was said under the same label; the order must not matter.
    fn join(&mut self, other: Self);
}

/// What is kept, by label.
pub(crate) type Entries<T> = BTreeMap<i64, T>;

/// The block of a label.
fn block_of(label: i64) -> i64 {
    label.div_euclid(BLOCK_LABELS)
}

/// Whether a label is on a page that ends with the block `last`, or on one before it.
pub(crate) fn ends(last: i64, label: i64) -> bool {
    block_of(label) <= last
}

/// As runs and blocks are stored: each label as its distance from the one before.
fn write<T: Kept>(entries: &Entries<T>) -> Result<Vec<u8>> {
    let mut before = 0_i64;
    let step = |(&label, value): (&i64, _)| {
        let step = label.wrapping_sub(before);
        before = label;
        (step, value)
    };
    crate::codec::write(&entries.iter().map(step).collect::<Vec<(i64, &T)>>())
}

/// What [`write`] wrote, in the order of labels.
fn read<T: Kept>(body: &[u8]) -> Result<impl Iterator<Item = (i64, T)> + use<T>> {
    let list: Vec<(i64, T)> = crate::codec::read(body)?;
    let mut label = 0_i64;
    Ok(list.into_iter().map(move |(step, value)| {
        label = label.wrapping_add(step);
        (label, value)
    }))
}

/// Adds what is said under a label.
pub(crate) fn put<T: Kept>(entries: &mut Entries<T>, label: i64, value: T) {
    match entries.get_mut(&label) {
        Some(known) => known.join(value),
        None => _ = entries.insert(label, value),
    }
}

/// The number of the last run.
///
/// # Errors
/// What the database reports.
pub(crate) async fn version<T: Kept>(tx: &mut Tx) -> Result<i64> {
    counter::last(tx, T::SERIES).await
}

/// Adds what a batch says.
///
/// # Errors
/// What the database reports.
pub(crate) async fn add<T: Kept>(tx: &mut Tx, entries: &Entries<T>) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut merge = sql::lock(tx, T::SERIES).await?;
    if merge.target == merge.held {
        let (runs, waiting) = sql::waiting(tx, T::SERIES, merge.held).await?;
        if runs >= RUNS_MAX || waiting >= ENTRIES_MAX {
            merge.target = version::<T>(tx).await?;
        }
    }
    if merge.target > merge.held {
        take_in::<T>(tx, merge).await?;
    }
    let version = counter::take(tx, T::SERIES, 1).await?;
    let size = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    sql::store_run(tx, T::SERIES, (version, size, write(entries)?));
    Ok(())
}

/// The next blocks take in the runs up to the target. When the last has, the runs that all held
/// before go.
async fn take_in<T: Kept>(tx: &mut Tx, merge: Merge) -> Result<Merge> {
    let (mut all, mut ahead) = (Vec::new(), Vec::new());
    for (_, body) in sql::runs(tx, T::SERIES, (merge.held, merge.target)).await? {
        for (label, value) in read::<T>(&body)? {
            all.push(block_of(label));
            if block_of(label) > merge.reached {
                ahead.push((label, value));
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    let part = all.len().div_ceil(BATCHES_PER_MERGE).max(1);
    let before = all.partition_point(|block| *block <= merge.reached);
    let reached = all.get(before + part - 1).copied().unwrap_or(i64::MAX);
    let done = before + part >= all.len();
    let mut blocks: BTreeMap<i64, Entries<T>> = BTreeMap::new();
    for (label, value) in ahead.into_iter().filter(|(label, _)| block_of(*label) <= reached) {
        put(blocks.entry(block_of(label)).or_default(), label, value);
    }
    let numbers: Vec<i64> = blocks.keys().copied().collect();
    for (number, _, body) in sql::blocks(tx, T::SERIES, &numbers).await? {
        if let Some(own) = blocks.get_mut(&number) {
            read::<T>(&body)?.for_each(|(label, value)| put(own, label, value));
        }
    }
    let row = |(number, own): (&i64, &Entries<T>)| Ok((*number, merge.target, write(own)?));
    sql::store_blocks(tx, T::SERIES, blocks.iter().map(row).collect::<Result<Vec<_>>>()?);
    let merge = if done {
        sql::forget_runs(tx, T::SERIES, merge.held).await?;
        Merge { held: merge.target, target: merge.target, ..Merge::NONE }
    } else {
        Merge { reached, ..merge }
    };
    sql::store_merge(tx, T::SERIES, merge);
    Ok(merge)
}

/// What is kept under those of `labels` under which anything is.
///
/// # Errors
/// What the database reports.
pub(crate) async fn of<T: Kept>(tx: &mut Tx, labels: &[i64]) -> Result<HashMap<i64, T>> {
    let wanted: BTreeSet<i64> = labels.iter().copied().collect();
    let numbers: BTreeSet<i64> = wanted.iter().map(|label| block_of(*label)).collect();
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let held = sql::merge(tx, T::SERIES).await?.held;
    let stored = sql::blocks(tx, T::SERIES, &numbers).await?;
    let runs = runs::about::<T>(tx, held, &wanted).await?;
    let entries = together(stored, runs, |label| wanted.contains(&label))?;
    Ok(entries.into_iter().collect())
}

/// Blocks with those of the runs that they do not hold, as far as labels are `wanted`.
fn together<T: Kept>(
    stored: Vec<sql::Block>,
    runs: Vec<sql::Run>,
    wanted: impl Fn(i64) -> bool,
) -> Result<Entries<T>> {
    let (mut entries, mut versions) = (Entries::new(), HashMap::new());
    for (number, version, body) in stored {
        versions.insert(number, version);
        entries.extend(read::<T>(&body)?.filter(|(label, _)| wanted(*label)));
    }
    for (version, body) in runs {
        for (label, value) in read::<T>(&body)?.filter(|(label, _)| wanted(*label)) {
            if versions.get(&block_of(label)).is_none_or(|holds| *holds < version) {
                put(&mut entries, label, value);
            }
        }
    }
    Ok(entries)
}

/// What is kept in the blocks after `after` that have about `limit` labels, perhaps nothing, and
/// where they end. `None` after the last.
///
/// # Errors
/// What the database reports.
pub(crate) async fn page<T: Kept>(
    tx: &mut Tx,
    after: i64,
    limit: i64,
) -> Result<Option<(Entries<T>, i64)>> {
    if after == i64::MAX {
        return Ok(None);
    }
    let limit = (limit / BLOCK_LABELS).max(1);
    let stored = sql::blocks_between(tx, T::SERIES, (after, i64::MAX), limit).await?;
    let whole = i64::try_from(stored.len()).is_ok_and(|count| count < limit);
    let end = stored.last().filter(|_| !whole).map_or(i64::MAX, |(number, ..)| *number);
    Ok(Some((inside(tx, (after, end), stored).await?, end)))
}

/// `stored`, which are all blocks after the first of `bounds` up to the second, with the runs that
/// they do not hold.
async fn inside<T: Kept>(
    tx: &mut Tx,
    (after, end): (i64, i64),
    stored: Vec<sql::Block>,
) -> Result<Entries<T>> {
    let held = sql::merge(tx, T::SERIES).await?.held;
    let runs = sql::runs(tx, T::SERIES, (held, i64::MAX)).await?;
    together(stored, runs, |label| after < block_of(label) && block_of(label) <= end)
}

/// What is kept in the blocks after the first of `blocks` up to the second.
///
/// # Errors
/// What the database reports.
pub(crate) async fn between<T: Kept>(tx: &mut Tx, blocks: (i64, i64)) -> Result<Entries<T>> {
    let stored = sql::blocks_between(tx, T::SERIES, blocks, i64::MAX).await?;
    inside(tx, blocks, stored).await
}

/// Tells `each` what was added after the version `after`, and perhaps more, under some labels more
/// than once; the version that is read now.
///
/// # Errors
/// What the database reports.
pub(crate) async fn since<T: Kept>(
    tx: &mut Tx,
    after: i64,
    mut each: impl FnMut(i64, T),
) -> Result<i64> {
    let version = version::<T>(tx).await?;
    let mut runs = sql::runs(tx, T::SERIES, (after, i64::MAX)).await?;
    if after != version && runs.first().is_none_or(|(first, _)| *first > after + 1) {
        let mut from = i64::MIN;
        loop {
            let blocks =
                sql::blocks_between(tx, T::SERIES, (from, i64::MAX), BLOCKS_PER_READ).await?;
            let Some((last, ..)) = blocks.last() else { break };
            from = *last;
            for (_, _, body) in &blocks {
                read::<T>(body)?.for_each(|(label, value)| each(label, value));
            }
        }
        let held = sql::merge(tx, T::SERIES).await?.held;
        runs = sql::runs(tx, T::SERIES, (held, i64::MAX)).await?;
    }
    for (_, body) in &runs {
        read::<T>(body)?.for_each(|(label, value)| each(label, value));
    }
    Ok(version)
}

/// Every label under which something is kept.
///
/// # Errors
/// What the database reports.
pub(crate) async fn labels<T: Kept>(tx: &mut Tx) -> Result<Vec<i64>> {
    let mut labels = Vec::new();
    since::<T>(tx, 0, |label, _| labels.push(label)).await?;
    labels.sort_unstable();
    labels.dedup();
    Ok(labels)
}

/// Forgets what is kept under some labels of a page of blocks after `after`: those that `old`
/// names, which sees all of the page. Where the page ends, `None` after the last.
///
/// # Errors
/// What the database reports.
pub(crate) async fn expire<T: Kept>(
    tx: &mut Tx,
    after: i64,
    old: impl AsyncFnOnce(&mut Tx, &Entries<T>) -> Result<BTreeSet<i64>>,
) -> Result<Option<i64>> {
    let mut merge = sql::lock(tx, T::SERIES).await?;
    let version = version::<T>(tx).await?;
    // What is in runs cannot be forgotten; so blocks take all in first, once.
    while after == i64::MIN && merge.held < version {
        let target = if merge.target > merge.held { merge.target } else { version };
        merge = take_in::<T>(tx, Merge { target, ..merge }).await?;
    }
    let stored = sql::blocks_between(tx, T::SERIES, (after, i64::MAX), BLOCKS_PER_READ).await?;
    let Some(last) = stored.last().map(|(number, ..)| *number) else { return Ok(None) };
    let entries = inside(tx, (after, last), stored.clone()).await?;
    let old = old(tx, &entries).await?;
    let (mut kept, mut empty) = (Vec::new(), Vec::new());
    for (number, version, body) in stored {
        let mut entries: Entries<T> = read(&body)?.collect();
        let before = entries.len();
        entries.retain(|label, _| !old.contains(label));
        if entries.is_empty() {
            empty.push(number);
        } else if entries.len() < before {
            kept.push((number, version, write(&entries)?));
        }
    }
    sql::store_blocks(tx, T::SERIES, kept);
    sql::forget_blocks(tx, T::SERIES, &empty).await?;
    Ok(Some(last))
}
