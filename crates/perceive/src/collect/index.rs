//! Which messages were taken: a table in memory that says in which run a message's hash probably
//! stands, eight bytes a message. Only a run that is named is looked into; so ids that nobody has
//! seen cost no look into the store, however many there are and however random they are.

use base::{Code, Error, Result};

/// Bytes of a message's hash.
pub(super) const HASH_BYTES: usize = 16;
/// A message's hash.
pub(super) type Hash = [u8; HASH_BYTES];

/// Bits of a slot that hold a run, counted from the first run of the table.
const RUN_BITS: u32 = 26;
/// Bits of a slot that hold the beginning of a hash; it also says where the slot belongs.
const PRINT_BITS: u32 = u64::BITS - RUN_BITS;
/// Runs that one table can tell apart.
const RUNS_MAX: i64 = (1 << RUN_BITS) - 2;
/// Slots of an empty table.
const SLOTS_MIN: usize = 1 << 10;
/// Slots at the most, eight bytes each: 1 GB.
const SLOTS_MAX: usize = 1 << 27;

/// The table. A slot of zero is free; else it holds a print and a run, from 1 on.
#[derive(Debug, Default)]
pub(super) struct Index {
    slots: Vec<u64>,
    used: usize,
    /// The run before the first that a slot can name.
    base: i64,
    /// Slots that the latest run took, so that it can be taken back.
    latest: Vec<usize>,
}

impl Index {
    /// An empty table for runs after `base`.
    pub(super) fn after(base: i64) -> Self {
        Self { base, ..Self::default() }
    }

    /// Whether there is room for as many runs after `run` as a day can bring.
    pub(super) fn reaches(&self, run: i64) -> bool {
        run - self.base < RUNS_MAX / 2
    }

    /// Messages in it.
    pub(super) fn len(&self) -> usize {
        self.used
    }

    /// The runs in which a message may stand.
    pub(super) fn runs(&self, hash: &Hash) -> impl Iterator<Item = i64> {
        let print = print(hash);
        self.places(print)
            .map_while(|place| self.slot(place))
            .filter(move |slot| slot >> RUN_BITS == print)
            .map(|slot| self.base + run(slot))
    }

    /// Adds the messages of a new run. They are not in it yet.
    ///
    /// # Errors
    /// `too_large` when the table is full.
    pub(super) fn add(&mut self, number: i64, hashes: &[Hash]) -> Result<()> {
        let own = number - self.base;
        if own <= 0 || own > RUNS_MAX {
            return Err(full());
        }
        self.reserve(hashes.len())?;
        self.latest.clear();
        for hash in hashes {
            let print = print(hash);
            let slot = print << RUN_BITS | own.unsigned_abs();
            if let Some(place) = self.put(print, slot) {
                self.latest.push(place);
            }
        }
        self.used += hashes.len();
        Ok(())
    }

    /// Takes the latest run back. Its slots stay, naming no run, until the table grows.
    pub(super) fn undo(&mut self) {
        for place in std::mem::take(&mut self.latest) {
            if let Some(slot) = self.slots.get_mut(place) {
                *slot = GONE;
            }
        }
    }

    /// Leaves out the runs before `least`: their messages are forgotten.
    pub(super) fn forget(&mut self, least: i64) {
        let mut kept = std::mem::take(&mut self.slots);
        kept.retain(|slot| self.base + run(*slot) >= least);
        self.rebuild(kept, 0);
    }

    /// Leaves out the older half of the runs.
    pub(super) fn forget_half(&mut self) {
        let newest = self.slots.iter().map(|slot| run(*slot)).max().unwrap_or_default();
        self.forget(self.base + newest / 2 + 1);
    }

    fn reserve(&mut self, more: usize) -> Result<()> {
        if (self.used + more) * 4 <= self.slots.len() * 3 {
            return Ok(());
        }
        let kept: Vec<u64> = std::mem::take(&mut self.slots);
        self.rebuild(kept, more);
        if self.slots.len() > SLOTS_MAX {
            return Err(full());
        }
        Ok(())
    }

    fn rebuild(&mut self, kept: Vec<u64>, more: usize) {
        let kept_count = kept.iter().filter(|slot| run(**slot) > 0).count();
        let wanted = (kept_count + more) * 3 / 2;
        self.slots = vec![0; wanted.next_power_of_two().max(SLOTS_MIN)];
        self.used = kept_count;
        self.latest.clear();
        for slot in kept.into_iter().filter(|slot| run(*slot) > 0) {
            self.put(slot >> RUN_BITS, slot);
        }
    }

    fn put(&mut self, print: u64, slot: u64) -> Option<usize> {
        let free = self.places(print).find(|place| self.slots.get(*place) == Some(&0))?;
        *self.slots.get_mut(free)? = slot;
        Some(free)
    }

    /// Where a print may stand, the likeliest first.
    fn places(&self, print: u64) -> impl Iterator<Item = usize> + use<> {
        let len = self.slots.len();
        // The high bits say where: so a table can grow without the hashes themselves.
        let shift = PRINT_BITS.saturating_sub(len.max(1).ilog2());
        let first = usize::try_from(print >> shift).unwrap_or_default();
        (0..len).map(move |step| (first + step) & (len - 1))
    }

    fn slot(&self, place: usize) -> Option<u64> {
        self.slots.get(place).copied().filter(|slot| *slot > 0)
    }
}

/// A slot of a run that was taken back: it names no run and ends no search.
const GONE: u64 = u64::MAX >> RUN_BITS << RUN_BITS;

fn run(slot: u64) -> i64 {
    i64::try_from(slot & ((1 << RUN_BITS) - 1)).unwrap_or_default()
}

fn print(hash: &Hash) -> u64 {
    let first = hash.first_chunk::<8>().copied().unwrap_or_default();
    // Never all ones, which is what a slot that was taken back looks like.
    (u64::from_be_bytes(first) >> RUN_BITS).min((GONE >> RUN_BITS) - 1)
}

fn full() -> Error {
    Error::new(Code::TooLarge, "more messages were taken in 30 days than can be remembered")
        .hint("spread them over several shops, or count them in batches")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn hash(number: u32, wide: bool) -> Hash {
        // Alike in their first bytes, so that prints collide.
        let spread = if wide { number.wrapping_mul(0x9e37_79b9) } else { number % 7 };
        let mut hash = [0; HASH_BYTES];
        hash[..4].copy_from_slice(&spread.to_be_bytes());
        hash[12..].copy_from_slice(&number.to_be_bytes());
        hash
    }

    proptest! {
        #[test]
        fn every_message_is_found_in_its_run(
            runs in prop::collection::vec((1..900_usize, any::<bool>(), 0..4_u8), 1..12),
            least in 0..12_i64,
        ) {
            let (mut index, mut known, mut next) = (Index::after(40), HashMap::new(), 0);
            for (number, (count, wide, fate)) in (41..).zip(runs) {
                let own: Vec<Hash> = (0..count).map(|_| { next += 1; hash(next, wide) }).collect();
                index.add(number, &own).unwrap();
                if fate == 0 {
                    index.undo();
                } else {
                    known.extend(own.iter().map(|hash| (*hash, number)));
                }
            }
            for (hash, number) in &known {
                prop_assert!(index.runs(hash).any(|run| run == *number));
            }
            index.forget(40 + least);
            known.retain(|_, number| *number >= 40 + least);
            prop_assert_eq!(index.len(), known.len());
            for (hash, number) in &known {
                prop_assert!(index.runs(hash).any(|run| run == *number));
            }
            prop_assert_eq!(index.runs(&hash(u32::MAX, true)).count(), 0);
        }
    }
}
