//! The mirror: a shop's customers as Arrow columns in memory.
//!
//! Rows are placed by customer number, so a number indexes every column directly. Columns are
//! kept in blocks of [`BLOCK_ROWS`]; keeping them fresh reads the rows whose version is newer
//! than the mirror's and builds only their blocks anew. Numbers that nobody goes by hold empty
//! rows. Readers share blocks without copying them.

mod column;
pub mod find;
mod picked;
mod source;
#[cfg(test)]
mod tests;
mod visits;
mod whole;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use base::{Result, ShopId};
use lake::Checkpoint;
use perceive::profile;
use store::Cx;

pub(crate) use column::{BIRTHDAY, columns, place};
pub use column::{days_between, net, order_value};
pub use picked::Picked;
pub use source::Customers;
use visits::Visits;
use words::Dictionary;

/// Rows of a block: small enough to build anew within a millisecond or two.
pub const BLOCK_ROWS: usize = 8_192;
/// Rows that one read of the store takes.
const PAGE_ROWS: i64 = 50_000;
/// Format of a checkpoint's columns. A checkpoint of another format is not used.
const CHECKPOINT_VERSION: u32 = 3;
/// The column that the visits fill.
const LAST_VISIT: &str = "last_visit_at";
/// The checkpoint's note of the version up to which it holds every change.
const REACH: &str = "version";

/// A shop's customers. Clones share the blocks.
#[derive(Debug, Clone)]
pub struct Mirror {
    shop: ShopId,
    version: i64,
    blocks: Vec<RecordBatch>,
    visits: Arc<Visits>,
    words: Arc<Dictionary>,
}

impl Mirror {
    /// A mirror without anybody.
    #[must_use]
    pub fn empty(shop: ShopId) -> Self {
        let (visits, words) = (Arc::default(), Arc::default());
        Self { shop, version: 0, blocks: Vec::new(), visits, words }
    }

    /// The shop's mirror from its checkpoint, brought up to date from the store.
    ///
    /// # Errors
    /// What the store reports. A checkpoint that cannot be read is passed over.
    pub async fn open(cx: &Cx, dir: &Path) -> Result<Self> {
        let mut mirror = match load(cx.shop, dir) {
            Ok(found) => found.unwrap_or_else(|| Self::empty(cx.shop)),
            Err(error) => {
                tracing::warn!(shop = cx.shop.0, error = %error.chain(),
                    "a checkpoint was passed over");
                Self::empty(cx.shop)
            }
        };
        mirror.refresh(cx).await?;
        Ok(mirror)
    }

    /// A mirror that goes on from here. This one stays as it is, to be read; it could only go on
    /// itself by reading every visit again.
    #[must_use]
    pub fn hand_over(&mut self) -> Self {
        let visits = std::mem::take(&mut self.visits);
        Self { visits, ..self.clone() }
    }

    /// The version up to which the mirror holds every change.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The blocks, by customer number: row `i` of block `b` is number `b × BLOCK_ROWS + i + 1`.
    #[must_use]
    pub fn blocks(&self) -> &[RecordBatch] {
        &self.blocks
    }

    /// How many customers it holds, numbers that nobody goes by left out.
    #[must_use]
    pub fn people(&self) -> i64 {
        self.blocks.iter().map(column::people).sum()
    }

    /// When each number was last there, microseconds, by number less one.
    #[must_use]
    pub fn last_visits(&self) -> Vec<Option<i64>> {
        let mut last = Vec::new();
        self.each_i64(LAST_VISIT, |_, at| last.push(at));
        last
    }

    /// Reads what has changed since; how many rows.
    ///
    /// # Errors
    /// What the store reports.
    pub async fn refresh(&mut self, cx: &Cx) -> Result<usize> {
        let mut count = 0;
        loop {
            let mut tx = cx.of(self.shop).read().await?;
            let rows = profile::since(&mut tx, self.version, PAGE_ROWS).await?;
            let Some(last) = rows.last() else { break };
            let version = last.version;
            count += rows.len();
            self.put(rows)?;
            self.version = version;
        }
        let changed = Arc::make_mut(&mut self.visits).refresh(&cx.of(self.shop)).await?;
        for block in changed {
            let times = self.visits.of_block(block);
            if let Some(slot) = self.blocks.get_mut(block) {
                *slot = column::with_times(slot, LAST_VISIT, times)?;
            }
        }
        Ok(count)
    }

    /// Puts rows in their places. The version stays: [`Mirror::refresh`] moves it.
    ///
    /// # Errors
    /// `internal` when a block cannot be built.
    pub fn put(&mut self, rows: Vec<profile::Row>) -> Result<()> {
        let mut blocks: BTreeMap<usize, Vec<(usize, profile::Row)>> = BTreeMap::new();
        for row in rows {
            // Anonymous visitors have numbers below zero and no place here.
            let Some(place) = usize::try_from(row.customer_no).ok().and_then(|n| n.checked_sub(1))
            else {
                continue;
            };
            blocks.entry(place / BLOCK_ROWS).or_default().push((place % BLOCK_ROWS, row));
        }
        let words = Arc::make_mut(&mut self.words);
        for (block, rows) in blocks {
            while self.blocks.len() <= block {
                let first = self.blocks.len() * BLOCK_ROWS;
                let empty = column::empty(first, BLOCK_ROWS, words)?;
                let visits = self.visits.of_block(self.blocks.len());
                self.blocks.push(column::with_times(&empty, LAST_VISIT, visits)?);
            }
            if let Some(slot) = self.blocks.get_mut(block) {
                *slot = column::rebuild(slot, &rows, words)?;
            }
        }
        Ok(())
    }

    /// Writes a checkpoint, from which the next start goes on.
    ///
    /// # Errors
    /// What the file system reports; then the checkpoint before stays.
    pub fn save(&self, dir: &Path) -> Result<()> {
        if self.blocks.is_empty() {
            return Ok(());
        }
        let notes = vec![(REACH.to_owned(), self.version.to_string())];
        let batches = self.blocks.clone();
        let checkpoint = Checkpoint { version: CHECKPOINT_VERSION, notes, batches };
        lake::write_checkpoint(&path(dir, self.shop), &checkpoint)
    }

    /// The values of a column by place, of customers who have one.
    pub(crate) fn each_person_i64(&self, name: &str, mut each: impl FnMut(usize, i64)) {
        for (index, block) in self.blocks.iter().enumerate() {
            let known = whole::known(block);
            column::each_i64(block, name, |row, value| {
                if let (Some(value), Some(1)) = (value, known.get(row)) {
                    each(index * BLOCK_ROWS + row, value);
                }
            });
        }
    }

    /// The places of customers for whom a column of truth values is true.
    pub(crate) fn each_true(&self, name: &str, mut each: impl FnMut(usize)) {
        let Some(place) = place(name) else { return };
        for (index, block) in self.blocks.iter().enumerate() {
            let known = whole::known(block);
            let held = lake::mask::true_rows(block, place);
            let both = known.iter().zip(held).enumerate();
            let rows = both.filter(|(_, (known, held))| **known == 1 && *held == 1);
            rows.for_each(|(row, _)| each(index * BLOCK_ROWS + row));
        }
    }

    /// A column's values by place; empty for numbers that nobody goes by.
    pub(crate) fn each_i64(&self, name: &str, mut each: impl FnMut(usize, Option<i64>)) {
        for (index, block) in self.blocks.iter().enumerate() {
            column::each_i64(block, name, |row, value| each(index * BLOCK_ROWS + row, value));
        }
    }
}

fn path(dir: &Path, shop: ShopId) -> PathBuf {
    dir.join(format!("customers-{shop}.parquet"))
}

fn load(shop: ShopId, dir: &Path) -> Result<Option<Mirror>> {
    let Some(found) = lake::read_checkpoint(&path(dir, shop), CHECKPOINT_VERSION, BLOCK_ROWS)?
    else {
        return Ok(None);
    };
    let reach = found.notes.iter().find(|(name, _)| name == REACH);
    let version = reach.and_then(|(_, value)| value.parse().ok());
    let version = version.ok_or_else(|| base::Error::damaged("it does not say its reach"))?;
    let mut words = Dictionary::default();
    let blocks = column::unified(&column::reblock(found.batches, BLOCK_ROWS)?, &mut words)?;
    let (visits, words) = (Arc::default(), Arc::new(words));
    Ok(Some(Mirror { shop, version, blocks, visits, words }))
}
