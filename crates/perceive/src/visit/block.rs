//! Visits of neighbouring numbers, kept together: whoever is there at the same time would else each
//! cost a page of the database.

use base::{Error, Result, Time};

use super::run::Span;

/// Numbers of a block; as many as fill a page of the database.
pub(super) const BLOCK_NUMBERS: i64 = 128;

/// What is known of the visits under one number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Slot {
    /// The first event, microseconds.
    pub(super) first_at: i64,
    /// The last event, microseconds.
    pub(super) last_at: i64,
    /// Events; 0 for a number under which nobody was there.
    pub(super) events: i64,
}

impl Slot {
    /// The last event.
    pub(super) fn last(&self) -> Time {
        Time::from_micros(self.last_at)
    }

    /// Adds `events` between two times; whether they are the first.
    pub(super) fn add(&mut self, (first_at, last_at, events): Span) -> bool {
        let fresh = self.events == 0;
        self.first_at = if fresh { first_at } else { self.first_at.min(first_at) };
        self.last_at = if fresh { last_at } else { self.last_at.max(last_at) };
        self.events = self.events.saturating_add(events);
        fresh
    }
}

/// A block.
#[derive(Debug, Clone)]
pub(super) struct Block(Box<[Slot]>);

impl Default for Block {
    fn default() -> Self {
        Self(vec![Slot::default(); usize::try_from(BLOCK_NUMBERS).unwrap_or_default()].into())
    }
}

/// The block of a number.
pub(super) fn of(number: i64) -> i64 {
    number.div_euclid(BLOCK_NUMBERS)
}

impl Block {
    /// The slot of a number, which must be of this block.
    pub(super) fn slot(&mut self, number: i64) -> Option<&mut Slot> {
        self.0.get_mut(usize::try_from(number.rem_euclid(BLOCK_NUMBERS)).ok()?)
    }

    /// Numbers under which somebody was there; `block` is the number of the block.
    pub(super) fn used(&self, block: i64) -> impl Iterator<Item = (i64, Slot)> {
        let numbers = (block * BLOCK_NUMBERS..).zip(&self.0);
        numbers.filter(|(_, slot)| slot.events > 0).map(|(number, slot)| (number, *slot))
    }

    /// As it is stored: for each used place in order its distance from the one before, the times
    /// as first and duration, and the events.
    pub(super) fn write(&self) -> Result<Vec<u8>> {
        let mut list: Vec<(u8, i64, u64, u64)> = Vec::new();
        let mut before = 0;
        for (place, slot) in (1..).zip(&self.0).filter(|(_, slot)| slot.events > 0) {
            let lasted = slot.last_at.abs_diff(slot.first_at);
            list.push((place - before, slot.first_at, lasted, slot.events.unsigned_abs()));
            before = place;
        }
        crate::codec::write(&list)
    }

    /// The block that [`Block::write`] wrote.
    ///
    /// # Errors
    /// `damaged` when it did not.
    pub(super) fn read(body: &[u8]) -> Result<Self> {
        let damaged = || Error::damaged("visits are not as they were written");
        let list: Vec<(u8, i64, u64, u64)> = crate::codec::read(body)?;
        let mut block = Self::default();
        let mut place = 0;
        for (step, first_at, lasted, events) in list {
            place += usize::from(step);
            let slot = place.checked_sub(1).and_then(|place| block.0.get_mut(place));
            *slot.ok_or_else(damaged)? = Slot {
                first_at,
                last_at: first_at.saturating_add_unsigned(lasted),
                events: i64::try_from(events).map_err(|_| damaged())?,
            };
        }
        Ok(block)
    }
}
