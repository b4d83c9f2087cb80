//! 来访: when somebody was there first and last, how often, and where they came from.
//!
//! All of it is kept under the label of who was there, so that a visitor's visits join the person
//! who signs in and part again, and is the least, the greatest or the number of a set of events:
//! no order of arrival changes it. Labels are dense, so their visits are kept in blocks
//! ([`block`]), which take in a batch's run ([`run`]) some time after it was written; where a visit
//! came from is kept only for those that say so.

mod block;
mod cache;
mod run;
mod sql;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::{Error, Result, Time};
use store::{Tx, counter};

use crate::collect::Touch;
pub(crate) use cache::Cache;
use cache::{SERIES, catch_up};
use run::Span;

/// Blocks that one read of all takes.
const BLOCKS_PER_READ: i64 = 1_000;

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

/// Adds visits; the labels that had none before.
///
/// # Errors
/// What the database reports.
pub(crate) async fn add(tx: &mut Tx, cache: &mut Cache, seen: &[Seen]) -> Result<Vec<i64>> {
    let mut spans: BTreeMap<i64, Span> = BTreeMap::new();
    for Seen { label, at, .. } in seen {
        let at = at.micros();
        let span = spans.entry(*label).or_insert((at, at, 0));
        *span = (span.0.min(at), span.1.max(at), span.2 + 1);
    }
    if spans.is_empty() {
        return Ok(Vec::new());
    }
    let fresh = cache.add(tx, &spans).await?;
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
    let asked: Vec<i64> = wanted.iter().copied().collect();
    let mut blocks = sql::blocks(tx, &asked).await?.into_iter().collect();
    catch_up(tx, 0, &mut blocks, |number| wanted.contains(&number)).await?;
    let mut last: HashMap<i64, Time> = HashMap::new();
    for (label, person) in numbers {
        let slot = blocks.get_mut(&block::of(*label)).and_then(|(_, block)| block.slot(*label));
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
    let limit = (limit / block::BLOCK_NUMBERS).max(1);
    let stored = sql::blocks_after(tx, after, limit).await?;
    let whole = i64::try_from(stored.len()).is_ok_and(|count| count < limit);
    let end = stored.last().filter(|_| !whole).map_or(i64::MAX, |(number, _)| *number);
    let mut blocks = stored.into_iter().collect();
    catch_up(tx, 0, &mut blocks, |number| after < number && number <= end).await?;
    let (Some(first), Some(last)) = (blocks.keys().next(), blocks.keys().last()) else {
        return Ok(None);
    };
    let (first, last) = (*first, *last);
    let numbers = (first * block::BLOCK_NUMBERS, (last + 1) * block::BLOCK_NUMBERS);
    let mut touches: HashMap<i64, Touches> =
        sql::touches_between(tx, numbers).await?.into_iter().collect();
    let mut found = Vec::new();
    for (number, (_, block)) in &blocks {
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

/// Tells `each` when somebody was last there, under each label of which that has changed after the
/// version `after`, and perhaps under others; the version that is read now.
///
/// # Errors
/// What the database reports.
pub async fn since(tx: &mut Tx, after: i64, mut each: impl FnMut(i64, Time)) -> Result<i64> {
    let mut runs = sql::runs(tx, after).await?;
    if after != counter::last(tx, SERIES).await? && runs.first().is_none_or(|run| run.0 > after + 1)
    {
        let mut from = i64::MIN;
        loop {
            let blocks = sql::blocks_after(tx, from, BLOCKS_PER_READ).await?;
            let Some((last, _)) = blocks.last() else { break };
            from = *last;
            for (number, (_, block)) in &blocks {
                block.used(*number).for_each(|(label, slot)| each(label, slot.last()));
            }
        }
        runs = sql::runs(tx, 0).await?;
    }
    for (_, body) in &runs {
        run::read(body)?.for_each(|(label, span)| each(label, Time::from_micros(span.1)));
    }
    counter::last(tx, SERIES).await
}

/// Everyone who was there; some more than once.
///
/// # Errors
/// What the database reports.
pub async fn labels(tx: &mut Tx) -> Result<Vec<i64>> {
    let mut labels = Vec::new();
    since(tx, 0, |label, _| labels.push(label)).await?;
    Ok(labels)
}
