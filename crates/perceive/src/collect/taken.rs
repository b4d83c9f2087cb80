//! Messages are taken once: which were taken, by the hash of their id, for 30 days.
//!
//! Each batch of the fold is a run: a row with the sorted hashes of its new messages. An
//! [`Index`] in memory says in which run a hash may stand.

use std::collections::{BTreeMap, HashMap, HashSet};

use base::{Error, Result};
use store::{Cx, Tx, counter};

use super::index::{HASH_BYTES, Hash, Index};
use super::{REMEMBER_DAYS, sql};

/// Counts the batches that were taken; the shop's fold takes a number with each.
const SERIES: &str = "fold";
/// Messages of a shop that are remembered at the most; beyond it the oldest half is forgotten.
const MESSAGES_MAX: usize = 90_000_000;
/// Runs that one read takes.
const PAGE_RUNS: i64 = 64;
/// Runs of which the hashes are kept at hand: who repeats messages repeats recent ones.
const AT_HAND_MAX: usize = 32;

/// What a fold remembers of a shop's messages between batches.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    index: Option<Index>,
    /// The latest run that is in the index.
    run: i64,
    /// The day on which old runs were last left out.
    day: i32,
    at_hand: HashMap<i64, Vec<u8>>,
}

impl Taken {
    /// Begins a batch. Whether the batch before was undone, so that nothing may be believed that
    /// was remembered of it.
    ///
    /// # Errors
    /// What the database reports.
    pub(crate) async fn begin(&mut self, tx: &mut Tx, cx: &Cx) -> Result<bool> {
        let last = counter::last(tx, SERIES).await?;
        let undone = last < self.run;
        if let Some(index) = self.index.as_mut().filter(|_| undone) {
            index.undo();
            self.at_hand.remove(&self.run);
            self.run -= 1;
            if last < self.run {
                // More than one batch is gone: another store than the one that is remembered.
                self.index = None;
            }
        }
        let today = cx.now.utc_day().0;
        if self.index.is_none() || self.day != today {
            let least = sql::least(tx, today - REMEMBER_DAYS).await?.unwrap_or(last + 1);
            match &mut self.index {
                Some(index) if index.reaches(last) => index.forget(least),
                _ => {
                    self.index = Some(Index::after(least - 1));
                    self.run = least - 1;
                }
            }
            self.day = today;
            self.at_hand.clear();
        }
        self.read(tx, last).await?;
        // Only what this batch adds may be taken back.
        self.index.iter_mut().for_each(Index::keep);
        // Numbers of batches without new messages have no rows.
        self.run = last;
        self.run = counter::take(tx, SERIES, 1).await?;
        Ok(undone)
    }

    /// Reads the runs after the latest that is known, up to `last`.
    async fn read(&mut self, tx: &mut Tx, last: i64) -> Result<()> {
        while self.run < last {
            let runs = sql::runs(tx, self.run, PAGE_RUNS).await?;
            let Some((reach, _)) = runs.last() else { break };
            let reach = *reach;
            for (run, ids) in runs {
                self.add(run, &hashes(&ids)?)?;
            }
            self.run = reach;
        }
        Ok(())
    }

    fn add(&mut self, run: i64, hashes: &[Hash]) -> Result<()> {
        let Some(index) = &mut self.index else { return Ok(()) };
        if index.len() + hashes.len() > MESSAGES_MAX {
            tracing::warn!(messages = index.len(), "the older half of message ids is forgotten");
            index.forget_half();
        }
        index.add(run, hashes)
    }

    /// Those of `hashes` that were not taken before. They count as taken from now on.
    ///
    /// # Errors
    /// What the database reports.
    pub(crate) async fn take(
        &mut self,
        tx: &mut Tx,
        cx: &Cx,
        hashes: &[Hash],
    ) -> Result<HashSet<Hash>> {
        let mut asked: BTreeMap<i64, Vec<Hash>> = BTreeMap::new();
        let mut new: HashSet<Hash> = HashSet::with_capacity(hashes.len());
        for hash in hashes {
            new.insert(*hash);
            for run in self.index.iter().flat_map(|index| index.runs(hash)) {
                asked.entry(run).or_default().push(*hash);
            }
        }
        for (run, hashes) in asked {
            let known = self.of_run(tx, run).await?;
            for hash in hashes {
                if contains(known, &hash) {
                    new.remove(&hash);
                }
            }
        }
        let mut sorted: Vec<Hash> = new.iter().copied().collect();
        sorted.sort_unstable();
        if !sorted.is_empty() {
            sql::add(tx, self.run, cx.now.utc_day().0, sorted.concat());
            let run = self.run;
            self.add(run, &sorted)?;
        }
        Ok(new)
    }

    async fn of_run(&mut self, tx: &mut Tx, run: i64) -> Result<&[u8]> {
        if !self.at_hand.contains_key(&run) {
            if self.at_hand.len() >= AT_HAND_MAX {
                self.at_hand.clear();
            }
            let ids = sql::of_run(tx, run).await?;
            self.at_hand.insert(run, ids);
        }
        Ok(self.at_hand.get(&run).map_or(&[], Vec::as_slice))
    }
}

fn hashes(ids: &[u8]) -> Result<Vec<Hash>> {
    let (hashes, rest) = ids.as_chunks::<HASH_BYTES>();
    if rest.is_empty() {
        return Ok(hashes.to_vec());
    }
    Err(Error::damaged("a run of messages is not as it was written"))
}

fn contains(ids: &[u8], hash: &Hash) -> bool {
    ids.as_chunks::<HASH_BYTES>().0.binary_search(hash).is_ok()
}
