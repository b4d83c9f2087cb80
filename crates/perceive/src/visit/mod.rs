//! 来访: when somebody was there first and last, how often, and where they came from.
//!
//! All of it is kept under the label of who was there ([`crate::labelled`]), so that a visitor's
//! visits join the person who signs in and part again, and is the least, the greatest or the number
//! of a set of events: no order of arrival changes it.

mod rule;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use base::{Result, Time};
use roaring::RoaringTreemap;
use store::Tx;

use crate::collect::Touch;
use crate::identity;
use crate::labelled::{self, Entries, put};
use rule::{Span, Touches};

/// Labels that are read at once.
const LABELS_AT_ONCE: i64 = 65_536;

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

/// Under which labels somebody was there. Only of what is committed: whoever owns it clears it when
/// a transaction was undone.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    version: i64,
    labels: RoaringTreemap,
}

impl Cache {
    async fn refresh(&mut self, tx: &mut Tx) -> Result<()> {
        let last = labelled::version::<Span>(tx).await?;
        if self.version != last {
            let mut labels = RoaringTreemap::new();
            labelled::since::<Span>(tx, 0, |label, _| {
                labels.insert(label.cast_unsigned());
            })
            .await?;
            *self = Self { version: last, labels };
        }
        Ok(())
    }
}

/// Adds visits; the labels that had none before.
///
/// # Errors
/// What the database reports.
pub(crate) async fn add(tx: &mut Tx, cache: &mut Cache, seen: &[Seen]) -> Result<Vec<i64>> {
    let (mut spans, mut touches) = (Entries::new(), Entries::new());
    for Seen { label, at, touch } in seen {
        put(&mut spans, *label, Span::of(*at));
        if *touch != Touch::default() {
            put(&mut touches, *label, Touches::of(*at, touch)?);
        }
    }
    if spans.is_empty() {
        return Ok(Vec::new());
    }
    cache.refresh(tx).await?;
    labelled::add(tx, &spans).await?;
    labelled::add(tx, &touches).await?;
    cache.version += 1;
    let fresh = spans.into_keys().filter(|label| cache.labels.insert(label.cast_unsigned()));
    Ok(fresh.collect())
}

/// Those of `labels` under which somebody was there.
///
/// # Errors
/// What the database reports.
pub async fn visited(tx: &mut Tx, labels: &[i64]) -> Result<Vec<i64>> {
    Ok(labelled::of::<Span>(tx, labels).await?.into_keys().collect())
}

/// When people were last there; `numbers` as [`crate::identity::numbers`] gives them.
///
/// # Errors
/// What the database reports.
pub async fn last(tx: &mut Tx, numbers: &[(i64, i64)]) -> Result<HashMap<i64, Time>> {
    let labels: Vec<i64> = numbers.iter().map(|(label, _)| *label).collect();
    let spans = labelled::of::<Span>(tx, &labels).await?;
    let mut last: HashMap<i64, Time> = HashMap::new();
    for (label, person) in numbers {
        if let Some(span) = spans.get(label) {
            let known = last.entry(*person).or_insert(span.last_at);
            *known = (*known).max(span.last_at);
        }
    }
    Ok(last)
}

/// How many visitors were there from `since` on of whom nobody knows who they are.
///
/// # Errors
/// What the database reports.
pub async fn anonymous(tx: &mut Tx, since: Time) -> Result<i64> {
    let known: HashSet<i64> =
        identity::redirect(tx).await?.iter().map(|(label, _)| *label).collect();
    let (mut count, mut after) = (0, i64::MIN);
    // Their labels are below zero.
    while after < 0 {
        let page = labelled::page::<Span>(tx, after, LABELS_AT_ONCE).await?;
        let Some((spans, last)) = page else { break };
        let here = spans.iter().filter(|(label, span)| {
            **label < 0 && span.last_at >= since && !known.contains(*label)
        });
        count += i64::try_from(here.count()).unwrap_or(i64::MAX);
        after = last;
    }
    Ok(count)
}

/// Visits of about `limit` labels, in the order of labels, after a place; and where they end.
/// `None` when there is none.
///
/// # Errors
/// What the database reports.
pub async fn list(
    tx: &mut Tx,
    after: i64,
    limit: i64,
) -> Result<Option<(Vec<(i64, Visits)>, i64)>> {
    let Some((spans, last)) = labelled::page::<Span>(tx, after, limit).await? else {
        return Ok(None);
    };
    let touches = labelled::between::<Touches>(tx, (after, last)).await?;
    let mut found = Vec::with_capacity(spans.len());
    for (label, Span { first_at, last_at, events }) in spans {
        let touches = touches.get(&label).map(Touches::read).transpose()?;
        let (first_touch, last_touch) = touches.unwrap_or_default();
        let events = i64::try_from(events).unwrap_or(i64::MAX);
        found.push((label, Visits { first_at, last_at, events, first_touch, last_touch }));
    }
    Ok(Some((found, last)))
}

/// What is known of a person's visits, under all their labels; none when they never came.
///
/// # Errors
/// What the database reports.
pub async fn of_person(tx: &mut Tx, person: i64) -> Result<Option<Visits>> {
    let labels = crate::identity::labels(tx, person).await?;
    let spans = labelled::of::<Span>(tx, &labels).await?;
    let touches = labelled::of::<Touches>(tx, &labels).await?;
    let (mut own, mut from) = (Entries::new(), Entries::new());
    spans.into_values().for_each(|span| put(&mut own, person, span));
    touches.into_values().for_each(|touch| put(&mut from, person, touch));
    let Some(Span { first_at, last_at, events }) = own.remove(&person) else { return Ok(None) };
    let (first_touch, last_touch) =
        from.get(&person).map(Touches::read).transpose()?.unwrap_or_default();
    let events = i64::try_from(events).unwrap_or(i64::MAX);
    Ok(Some(Visits { first_at, last_at, events, first_touch, last_touch }))
}

/// Tells `each` when somebody was last there, under each label of which that has changed after the
/// version `after`, and perhaps under others; the version that is read now.
///
/// # Errors
/// What the database reports.
pub async fn since(tx: &mut Tx, after: i64, mut each: impl FnMut(i64, Time)) -> Result<i64> {
    labelled::since::<Span>(tx, after, |label, span| each(label, span.last_at)).await
}

/// Everyone who was there.
///
/// # Errors
/// What the database reports.
pub async fn labels(tx: &mut Tx) -> Result<Vec<i64>> {
    labelled::labels::<Span>(tx).await
}
