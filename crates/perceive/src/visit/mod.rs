//! 来访: when somebody was there first and last, how often, and where they came from.
//!
//! All of it is kept under the label of who was there, so that a visitor's visits join the person
//! who signs in and part again, and is the least, the greatest or the number of a set of events:
//! no order of arrival changes it. Labels are dense, so their visits are kept in blocks
//! ([`block`]); where a visit came from is kept only for those that say so.

mod block;
mod sql;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::{Error, Result, Time};
use store::{Tx, counter};

use crate::collect::Touch;
use block::Block;

/// The version of a shop's visits.
const SERIES: &str = "visit";
/// Blocks that a fold remembers of a shop at the most; 3 KB each.
const BLOCKS_MAX: usize = 40_000;

/// A visit of somebody: an event of which it is known who did it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Label of who was there.
    pub label: i64,
    /// When.
    pub at: Time,
    /// Where the visit came from; the default where the event does not say.
    pub touch: Touch,
}

/// What is known of a label's visits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visits {
    /// The first event.
    pub first_at: Time,
    /// The last event.
    pub last_at: Time,
    /// Events.
    pub events: i64,
    /// The first touch that says where it came from.
    pub first_touch: Touch,
    /// The last one.
    pub last_touch: Touch,
}

/// The first and the last touch under a label, each as its time and text. Of touches at the same
/// time the lesser text is the first, and the greater the last.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Touches {
    first: (Time, String),
    last: (Time, String),
}

impl Touches {
    fn of(seen: &Seen) -> Result<Self> {
        let text = serde_json::to_string(&seen.touch)
            .map_err(|cause| Error::internal("a touch could not be written", cause))?;
        Ok(Self { first: (seen.at, text.clone()), last: (seen.at, text) })
    }

    fn with(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last) }
    }
}

/// What a fold remembers of a shop's visits between batches. Only of what is committed: whoever
/// owns it clears it when a transaction was undone.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    version: i64,
    blocks: HashMap<i64, Block>,
}

impl Cache {
    /// The blocks of these numbers, as they stand in the store.
    async fn load(&mut self, tx: &mut Tx, wanted: &BTreeSet<i64>) -> Result<()> {
        if self.version != counter::last(tx, SERIES).await? || self.blocks.len() > BLOCKS_MAX {
            self.blocks.clear();
        }
        let missing: Vec<i64> =
            wanted.iter().copied().filter(|block| !self.blocks.contains_key(block)).collect();
        self.blocks.extend(sql::blocks(tx, &missing).await?);
        Ok(())
    }
}

/// Adds visits; the labels that had none before.
///
/// # Errors
/// What the database reports.
pub(crate) async fn add(tx: &mut Tx, cache: &mut Cache, seen: &[Seen]) -> Result<HashSet<i64>> {
    let mut spans: HashMap<i64, (i64, i64, i64)> = HashMap::new();
    for Seen { label, at, .. } in seen {
        let at = at.micros();
        let span = spans.entry(*label).or_insert((at, at, 0));
        *span = (span.0.min(at), span.1.max(at), span.2 + 1);
    }
    let mut fresh = HashSet::new();
    if spans.is_empty() {
        return Ok(fresh);
    }
    let blocks: BTreeSet<i64> = spans.keys().map(|label| block::of(*label)).collect();
    cache.load(tx, &blocks).await?;
    for (label, span) in spans {
        let block = cache.blocks.entry(block::of(label)).or_default();
        if block.slot(label).is_some_and(|slot| slot.add(span)) {
            fresh.insert(label);
        }
    }
    let mut rows = Vec::with_capacity(blocks.len());
    for number in blocks {
        if let Some(block) = cache.blocks.get(&number) {
            rows.push((number, block.write()?));
        }
    }
    cache.version = counter::take(tx, SERIES, 1).await?;
    sql::store_blocks(tx, cache.version, rows);
    touch(tx, seen).await?;
    Ok(fresh)
}

/// Keeps where visits came from, of those that say so.
async fn touch(tx: &mut Tx, seen: &[Seen]) -> Result<()> {
    let mut new: BTreeMap<i64, Touches> = BTreeMap::new();
    for seen in seen.iter().filter(|seen| seen.touch != Touch::default()) {
        let touches = Touches::of(seen)?;
        let touches = match new.remove(&seen.label) {
            Some(known) => known.with(touches),
            None => touches,
        };
        new.insert(seen.label, touches);
    }
    if new.is_empty() {
        return Ok(());
    }
    let labels: Vec<i64> = new.keys().copied().collect();
    for (label, known) in sql::touches(tx, &labels).await? {
        if let Some(touches) = new.remove(&label) {
            new.insert(label, known.with(touches));
        }
    }
    sql::store_touches(tx, new);
    Ok(())
}

/// Those of `labels` under which somebody was there.
///
/// # Errors
/// What the database reports.
pub async fn visited(tx: &mut Tx, labels: &[i64]) -> Result<Vec<i64>> {
    let own: Vec<(i64, i64)> = labels.iter().map(|label| (*label, *label)).collect();
    Ok(last(tx, &own).await?.into_keys().collect())
}

/// When people were last there; `numbers` as [`crate::identity::numbers`] gives them.
///
/// # Errors
/// What the database reports.
pub async fn last(tx: &mut Tx, numbers: &[(i64, i64)]) -> Result<HashMap<i64, Time>> {
    let wanted: BTreeSet<i64> = numbers.iter().map(|(label, _)| block::of(*label)).collect();
    let wanted: Vec<i64> = wanted.into_iter().collect();
    let mut blocks: HashMap<i64, Block> = sql::blocks(tx, &wanted).await?.into_iter().collect();
    let mut last: HashMap<i64, Time> = HashMap::new();
    for (label, person) in numbers {
        let slot = blocks.get_mut(&block::of(*label)).and_then(|block| block.slot(*label));
        if let Some(slot) = slot.filter(|slot| slot.events > 0) {
            let at = Time::from_micros(slot.last_at);
            let known = last.entry(*person).or_insert(at);
            *known = (*known).max(at);
        }
    }
    Ok(last)
}

/// Visits of the labels in blocks after `after`, at most of `limit` labels, in the order of labels;
/// and the last of these blocks. `None` when there is none.
///
/// # Errors
/// What the database reports.
pub async fn list(
    tx: &mut Tx,
    after: i64,
    limit: i64,
) -> Result<Option<(Vec<(i64, Visits)>, i64)>> {
    let blocks = sql::blocks_after(tx, after, (limit / block::BLOCK_NUMBERS).max(1)).await?;
    let (Some((first, _)), Some((last, _))) = (blocks.first(), blocks.last()) else {
        return Ok(None);
    };
    let (first, last) = (*first, *last);
    let numbers = (first * block::BLOCK_NUMBERS, (last + 1) * block::BLOCK_NUMBERS);
    let mut touches: HashMap<i64, Touches> =
        sql::touches_between(tx, numbers).await?.into_iter().collect();
    let mut found = Vec::new();
    for (number, block) in &blocks {
        for (label, slot) in block.used(*number) {
            let (first_touch, last_touch) = match touches.remove(&label) {
                Some(Touches { first, last }) => (read(&first.1)?, read(&last.1)?),
                None => Default::default(),
            };
            let visits = Visits {
                first_at: Time::from_micros(slot.first_at),
                last_at: Time::from_micros(slot.last_at),
                events: slot.events,
                first_touch,
                last_touch,
            };
            found.push((label, visits));
        }
    }
    Ok(Some((found, last)))
}

fn read(text: &str) -> Result<Touch> {
    serde_json::from_str(text)
        .map_err(|cause| Error::damaged("a touch cannot be read").because(cause))
}

/// Where a reader of changed visits is: the version and the block that it has read.
pub type Reach = (i64, i64);

/// When somebody was last there, under each label of the blocks that have changed after `reach`,
/// and where that reading ends; blocks in the order of their versions, at most `limit`. Empty when
/// nothing has changed.
///
/// # Errors
/// What the database reports.
pub async fn since(tx: &mut Tx, reach: Reach, limit: i64) -> Result<(Vec<(i64, Time)>, Reach)> {
    let changed = sql::since(tx, reach, limit).await?;
    let reach = changed.last().map_or(reach, |(version, number, _)| (*version, *number));
    let last = |(_, number, block): &(i64, i64, Block)| {
        let used = block.used(*number);
        used.map(|(label, slot)| (label, Time::from_micros(slot.last_at))).collect::<Vec<_>>()
    };
    Ok((changed.iter().flat_map(last).collect(), reach))
}

/// Everyone who was there.
///
/// # Errors
/// What the database reports.
pub async fn labels(tx: &mut Tx) -> Result<Vec<i64>> {
    let (mut labels, mut after) = (Vec::new(), i64::MIN);
    loop {
        let blocks = sql::blocks_after(tx, after, sql::BLOCKS_PER_READ).await?;
        let Some((last, _)) = blocks.last() else { return Ok(labels) };
        after = *last;
        for (number, block) in &blocks {
            labels.extend(block.used(*number).map(|(label, _)| label));
        }
    }
}
