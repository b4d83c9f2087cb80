//! What is known of visits, put together from blocks and the runs that came after them; and what
//! a fold remembers of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::Result;
use store::{Tx, counter};

use super::block::{self, Block};
use super::run::{self, Span};
use super::sql;

/// The version of a shop's visits: the number of its last run. No number is left out.
pub(super) const SERIES: &str = "visit";
/// Blocks that a fold remembers of a shop at the most; 3 KB each.
const BLOCKS_MAX: usize = 40_000;
/// Rows of runs that no block holds yet, at the most; whoever reads visits reads them all.
const SPANS_MAX: usize = 300_000;
/// Runs that no block holds yet, at the most.
const RUNS_MAX: i64 = 64;

/// Adds the runs after `version` to those of `blocks` that are `wanted`, except to blocks that hold
/// them already; the number of rows read, and the blocks that were added to.
pub(super) async fn catch_up(
    tx: &mut Tx,
    version: i64,
    blocks: &mut BTreeMap<i64, (i64, Block)>,
    wanted: impl Fn(i64) -> bool,
) -> Result<(usize, BTreeSet<i64>)> {
    let (mut rows, mut ahead) = (0, BTreeSet::new());
    for (version, body) in sql::runs(tx, version).await? {
        for (label, span) in run::read(&body)? {
            rows += 1;
            let number = block::of(label);
            if !wanted(number) {
                continue;
            }
            let (held, block) = blocks.entry(number).or_default();
            if version > *held
                && let Some(slot) = block.slot(label)
            {
                slot.add(span);
                ahead.insert(number);
            }
        }
    }
    Ok((rows, ahead))
}

/// Only of what is committed: whoever owns it clears it when a transaction was undone.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    /// The last run that the blocks here hold.
    version: i64,
    /// The last run that the stored blocks hold.
    stored: i64,
    /// The rows of the runs between.
    rows: usize,
    blocks: HashMap<i64, Block>,
    /// Blocks that hold more than the stored ones; all of them are here.
    ahead: BTreeSet<i64>,
}

impl Cache {
    /// As the store has it.
    async fn read(tx: &mut Tx, version: i64) -> Result<Self> {
        let mut touched = BTreeSet::new();
        for (_, body) in sql::runs(tx, 0).await? {
            touched.extend(run::read(&body)?.map(|(label, _)| block::of(label)));
        }
        let touched: Vec<i64> = touched.into_iter().collect();
        let mut blocks: BTreeMap<i64, (i64, Block)> =
            sql::blocks(tx, &touched).await?.into_iter().collect();
        let stored = blocks.values().map(|(held, _)| *held).max().unwrap_or_default();
        let (rows, ahead) = catch_up(tx, stored, &mut blocks, |_| true).await?;
        let blocks = blocks.into_iter().map(|(number, (_, block))| (number, block)).collect();
        Ok(Self { version, stored, rows, blocks, ahead })
    }

    /// Makes sure that the blocks of these numbers are here.
    async fn load(&mut self, tx: &mut Tx, wanted: &BTreeSet<i64>) -> Result<()> {
        let last = counter::last(tx, SERIES).await?;
        if self.version != last {
            *self = Self::read(tx, last).await?;
        }
        let runs = self.version - self.stored;
        if runs >= RUNS_MAX || self.rows >= SPANS_MAX || self.blocks.len() > BLOCKS_MAX {
            self.store(tx).await?;
        }
        let missing = wanted.iter().copied().filter(|block| !self.blocks.contains_key(block));
        let missing: Vec<i64> = missing.collect();
        let found = sql::blocks(tx, &missing).await?;
        self.blocks.extend(found.into_iter().map(|(number, (_, block))| (number, block)));
        Ok(())
    }

    /// Writes the blocks that are ahead. The runs that they take in stay until the next time, so
    /// that who reads run by run need not read every block.
    async fn store(&mut self, tx: &mut Tx) -> Result<()> {
        let mut rows = Vec::with_capacity(self.ahead.len());
        for number in &self.ahead {
            if let Some(block) = self.blocks.get(number) {
                rows.push((*number, block.write()?));
            }
        }
        sql::store_blocks(tx, self.version, rows);
        sql::forget_runs(tx, self.stored).await?;
        (self.stored, self.rows) = (self.version, 0);
        self.ahead.clear();
        if self.blocks.len() > BLOCKS_MAX {
            self.blocks.clear();
        }
        Ok(())
    }

    /// Adds a run; the labels that had no events before.
    pub(super) async fn add(&mut self, tx: &mut Tx, run: &BTreeMap<i64, Span>) -> Result<Vec<i64>> {
        let wanted: BTreeSet<i64> = run.keys().map(|label| block::of(*label)).collect();
        self.load(tx, &wanted).await?;
        let mut fresh = Vec::new();
        for (&label, &span) in run {
            let block = self.blocks.entry(block::of(label)).or_default();
            if block.slot(label).is_some_and(|slot| slot.add(span)) {
                fresh.push(label);
            }
        }
        self.ahead.extend(wanted);
        self.rows += run.len();
        self.version = counter::take(tx, SERIES, 1).await?;
        sql::store_run(tx, self.version, run::write(run)?);
        Ok(fresh)
    }
}
