//! 来访: when somebody was there first and last, how often, and where they came from.
//!
//! A row per label, so that a visitor's visits join the person who signs in and part again. All of
//! it is the least, the greatest or the number of a set of events: no order of arrival changes it.

mod sql;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};

use base::{Error, Result, Time};
use store::Tx;

use crate::collect::Touch;

/// A visit of somebody: an event of which it is known who did it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Label of who was there.
    pub label: i64,
    /// When.
    pub at: Time,
    /// Where the visit came from; none when the event does not say.
    pub touch: Option<Touch>,
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
    /// The first touch that says where it came from, as JSON, with its time.
    pub first_touch: Option<(Time, String)>,
    /// The last one.
    pub last_touch: Option<(Time, String)>,
}

impl Visits {
    fn of(seen: &Seen) -> Result<Self> {
        let touch = seen.touch.as_ref().filter(|touch| **touch != Touch::default());
        let touch = touch.map(|touch| Ok::<_, Error>((seen.at, told(touch)?))).transpose()?;
        Ok(Self {
            first_at: seen.at,
            last_at: seen.at,
            events: 1,
            first_touch: touch.clone(),
            last_touch: touch,
        })
    }

    /// The visits of both. Of touches at the same time the lesser text is the first.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let least = |a: Option<(Time, String)>, b: Option<(Time, String)>| match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self {
            first_at: self.first_at.min(other.first_at),
            last_at: self.last_at.max(other.last_at),
            events: self.events + other.events,
            first_touch: least(self.first_touch, other.first_touch),
            last_touch: self.last_touch.max(other.last_touch),
        }
    }
}

fn told(touch: &Touch) -> Result<String> {
    serde_json::to_string(touch)
        .map_err(|cause| Error::internal("a touch could not be written", cause))
}

/// Adds visits; the labels that had none before.
///
/// # Errors
/// What the database reports.
pub async fn add(tx: &mut Tx, seen: &[Seen]) -> Result<HashSet<i64>> {
    let mut new: BTreeMap<i64, Visits> = BTreeMap::new();
    for one in seen {
        let visits = Visits::of(one)?;
        let visits = match new.remove(&one.label) {
            Some(known) => known.with(visits),
            None => visits,
        };
        new.insert(one.label, visits);
    }
    let labels: Vec<i64> = new.keys().copied().collect();
    let mut fresh: HashSet<i64> = labels.iter().copied().collect();
    for (label, known) in sql::load(tx, &labels).await? {
        fresh.remove(&label);
        if let Some(visits) = new.remove(&label) {
            new.insert(label, known.with(visits));
        }
    }
    sql::store(tx, new);
    Ok(fresh)
}

/// What is known of the visits of `labels`.
///
/// # Errors
/// What the database reports.
pub async fn of_labels(tx: &mut Tx, labels: &[i64]) -> Result<Vec<(i64, Visits)>> {
    sql::load(tx, labels).await
}

/// Visits of labels after `after`, in the order of labels.
///
/// # Errors
/// What the database reports.
pub async fn list(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<(i64, Visits)>> {
    sql::list(tx, after, limit).await
}

/// A touch as [`Visits`] keep it.
///
/// # Errors
/// `damaged` when it is not as it was written.
pub fn touch(text: &str) -> Result<Touch> {
    serde_json::from_str(text)
        .map_err(|cause| Error::damaged("a touch cannot be read").because(cause))
}

/// Everyone who was there.
///
/// # Errors
/// What the database reports.
pub async fn labels(tx: &mut Tx) -> Result<Vec<i64>> {
    sql::labels(tx).await
}
