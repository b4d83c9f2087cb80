//! When everybody was last there, kept beside the rows of customers: it changes with every event,
//! they do not.

use std::collections::{BTreeSet, HashMap};

use base::{Result, Time};
use perceive::identity;
use perceive::visit;
use store::Cx;

use super::BLOCK_ROWS;

/// With more numbers than this that lead to others, they are read again only now and then.
const MOVED_MAX: usize = 10_000;
/// How often, in microseconds: what a visitor did before signing in counts with the customer's own
/// visits that much later.
const MOVED_EVERY_MICROS: i64 = 5_000_000;
/// The place of nobody's visit.
const NEVER: i64 = i64::MIN;

/// The last visit under each number, and whom the numbers lead to.
#[derive(Debug, Clone, Default)]
pub(super) struct Visits {
    /// The version of the visits that is read.
    reach: i64,
    /// By number less one: customers.
    known: Vec<i64>,
    /// By number's distance below zero, less one: visitors.
    visitors: Vec<i64>,
    moved: HashMap<i64, i64>,
    /// How often numbers had been moved when `moved` was read, and when that was.
    moves: i64,
    moved_at: Option<Time>,
    /// The last visit of each person, by number less one.
    of_persons: Vec<i64>,
}

impl Visits {
    /// Reads what has changed; the blocks of the mirror in which it did.
    ///
    /// # Errors
    /// What the store reports.
    pub(super) async fn refresh(&mut self, cx: &Cx) -> Result<BTreeSet<usize>> {
        let mut changed = BTreeSet::new();
        let (reach, mut read) = (self.reach, Vec::new());
        self.reach = visit::since(&mut cx.read().await?, reach, |label, at| {
            read.push((label, at.micros()));
        })
        .await?;
        for (label, at) in read {
            self.note(label, at, &mut changed);
        }
        let moves = identity::moves(&mut cx.read().await?).await?;
        let due = self.moved.len() <= MOVED_MAX
            || self.moved_at.is_none_or(|at| at.plus(MOVED_EVERY_MICROS) <= cx.now);
        if moves != self.moves && due {
            let moved = identity::redirect(&mut cx.read().await?).await?;
            self.moved = moved.iter().copied().collect();
            (self.moves, self.moved_at) = (moves, Some(cx.now));
            self.join(&mut changed);
        }
        Ok(changed)
    }

    /// The last visits of the people in a block of the mirror, by row.
    pub(super) fn of_block(&self, block: usize) -> Vec<Option<i64>> {
        let rows = block * BLOCK_ROWS..(block + 1) * BLOCK_ROWS;
        rows.map(|place| self.of_persons.get(place).copied().filter(|at| *at != NEVER)).collect()
    }

    /// Somebody was there under a number; never earlier than is known.
    fn note(&mut self, label: i64, at: i64, changed: &mut BTreeSet<usize>) {
        let Some((list, place)) = Self::place(label, &mut self.known, &mut self.visitors) else {
            return;
        };
        put(list, place, at);
        let person = self.moved.get(&label).copied().unwrap_or(label);
        if let Ok(number) = usize::try_from(person)
            && let Some(place) = number.checked_sub(1)
        {
            put(&mut self.of_persons, place, at);
            changed.insert(place / BLOCK_ROWS);
        }
    }

    fn place<'a>(
        label: i64,
        known: &'a mut Vec<i64>,
        visitors: &'a mut Vec<i64>,
    ) -> Option<(&'a mut Vec<i64>, usize)> {
        let list = if label > 0 { known } else { visitors };
        let place = usize::try_from(label.unsigned_abs()).ok()?.checked_sub(1)?;
        Some((list, place))
    }

    /// Works the visits of people out of those of numbers again.
    fn join(&mut self, changed: &mut BTreeSet<usize>) {
        let before = std::mem::take(&mut self.of_persons);
        let known = (1_i64..).zip(&self.known);
        let visitors = (1_i64..).map(|number| -number).zip(&self.visitors);
        for (label, at) in known.chain(visitors).filter(|(_, at)| **at != NEVER) {
            let person = self.moved.get(&label).copied().unwrap_or(label);
            let place = usize::try_from(person).ok().and_then(|number| number.checked_sub(1));
            if let Some(place) = place {
                put(&mut self.of_persons, place, *at);
            }
        }
        for place in 0..before.len().max(self.of_persons.len()) {
            let of = |list: &[i64]| list.get(place).copied().unwrap_or(NEVER);
            if of(&before) != of(&self.of_persons) {
                changed.insert(place / BLOCK_ROWS);
            }
        }
    }
}

fn put(list: &mut Vec<i64>, place: usize, at: i64) {
    if list.len() <= place {
        list.resize(place + 1, NEVER);
    }
    if let Some(slot) = list.get_mut(place) {
        *slot = (*slot).max(at);
    }
}
