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
/// Parts of a table: each grows by itself, so that growing costs little time and memory at once.
const SHARDS: usize = 1 << SHARD_BITS;
const SHARD_BITS: u32 = 6;
/// Slots of a shard that holds anything.
const SLOTS_MIN: usize = 64;
/// Slots of a shard at the most; eight bytes each, 1 GB in all.
const SLOTS_MAX: usize = (1 << 27) / SHARDS;

/// The table. A slot of zero is free; else it holds a print and a run, from 1 on.
#[derive(Debug)]
pub(super) struct Index {
    shards: Vec<Shard>,
    /// The run before the first that a slot can name.
    base: i64,
    /// Shards and slots that the latest run took, so that it can be taken back.
    latest: Vec<(usize, usize)>,
}

/// The part of a table for the prints that begin alike.
#[derive(Debug, Clone, Default)]
struct Shard {
    slots: Vec<u64>,
    used: usize,
}

impl Index {
    /// An empty table for runs after `base`.
    pub(super) fn after(base: i64) -> Self {
        Self { shards: vec![Shard::default(); SHARDS], base, latest: Vec::new() }
    }

    /// Whether there is room for as many runs after `run` as a day can bring.
    pub(super) fn reaches(&self, run: i64) -> bool {
        run - self.base < RUNS_MAX / 2
    }

    /// Messages in it.
    pub(super) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.used).sum()
    }

    /// The runs in which a message may stand.
    pub(super) fn runs(&self, hash: &Hash) -> impl Iterator<Item = i64> {
        let print = print(hash);
        let shard = self.shards.get(shard(print));
        let slots = shard.into_iter().flat_map(move |shard| shard.slots(print));
        slots.filter(move |slot| slot >> RUN_BITS == print).map(|slot| self.base + run(slot))
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
        let mut prints = vec![Vec::new(); SHARDS];
        for print in hashes.iter().map(print) {
            if let Some(own) = prints.get_mut(shard(print)) {
                own.push(print);
            }
        }
        self.latest.clear();
        for ((index, shard), prints) in self.shards.iter_mut().enumerate().zip(prints) {
            shard.reserve(prints.len())?;
            shard.used += prints.len();
            let places =
                prints.into_iter().filter_map(|print| shard.put(print, own.unsigned_abs()));
            self.latest.extend(places.map(|place| (index, place)));
        }
        Ok(())
    }

    /// What is in the table stays: there is nothing to take back.
    pub(super) fn keep(&mut self) {
        self.latest.clear();
    }

    /// Takes the latest run back. Its slots stay, naming no run, until their shard grows.
    pub(super) fn undo(&mut self) {
        for (shard, place) in std::mem::take(&mut self.latest) {
            let slots = self.shards.get_mut(shard).map(|shard| &mut shard.slots);
            if let Some(slot) = slots.and_then(|slots| slots.get_mut(place)) {
                *slot = GONE;
            }
        }
    }

    /// Leaves out the runs before `least`: their messages are forgotten.
    pub(super) fn forget(&mut self, least: i64) {
        self.latest.clear();
        for shard in &mut self.shards {
            shard.rebuild(0, |slot| self.base + run(slot) >= least);
        }
    }

    /// Leaves out the older half of the runs.
    pub(super) fn forget_half(&mut self) {
        let slots = self.shards.iter().flat_map(|shard| &shard.slots);
        let newest = slots.map(|slot| run(*slot)).max().unwrap_or_default();
        self.forget(self.base + newest / 2 + 1);
    }
}

impl Shard {
    /// Makes room for `more` messages: from three quarters full to three fifths.
    fn reserve(&mut self, more: usize) -> Result<()> {
        if (self.used + more) * 4 > self.slots.len() * 3 {
            self.rebuild(more, |_| true);
        }
        if self.slots.len() > SLOTS_MAX { Err(full()) } else { Ok(()) }
    }

    fn rebuild(&mut self, more: usize, wanted: impl Fn(u64) -> bool) {
        let mut kept = std::mem::take(&mut self.slots);
        kept.retain(|slot| run(*slot) > 0 && wanted(*slot));
        self.used = kept.len();
        self.slots = vec![0; ((kept.len() + more) * 5 / 3).max(SLOTS_MIN)];
        for slot in kept {
            self.put(slot >> RUN_BITS, slot & RUN_MASK);
        }
    }

    fn put(&mut self, print: u64, run: u64) -> Option<usize> {
        let free = self.places(print).find(|place| self.slots.get(*place) == Some(&0))?;
        *self.slots.get_mut(free)? = print << RUN_BITS | run;
        Some(free)
    }

    /// Where a print may stand, the likeliest first.
    fn places(&self, print: u64) -> impl Iterator<Item = usize> + use<> {
        let len = self.slots.len();
        let own = print & ((1 << OWN_BITS) - 1);
        let first = (u128::from(own) * len as u128) >> OWN_BITS;
        let first = usize::try_from(first).unwrap_or_default();
        (first..len).chain(0..first)
    }

    /// The slots among which a print stands.
    fn slots(&self, print: u64) -> impl Iterator<Item = u64> {
        let slots = self.places(print).map(|place| self.slots.get(place).copied());
        slots.map_while(|slot| slot.filter(|slot| *slot > 0))
    }
}

/// Bits of a print that say where in its shard it belongs.
const OWN_BITS: u32 = PRINT_BITS - SHARD_BITS;
/// The bits of a slot that hold a run.
const RUN_MASK: u64 = (1 << RUN_BITS) - 1;

/// The shard of a print.
fn shard(print: u64) -> usize {
    usize::try_from(print >> OWN_BITS).unwrap_or_default()
}

/// A slot of a run that was taken back: it names no run and ends no search.
const GONE: u64 = u64::MAX >> RUN_BITS << RUN_BITS;

fn run(slot: u64) -> i64 {
    i64::try_from(slot & RUN_MASK).unwrap_or_default()
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
                    if fate == 1 {
                        index.keep();
                        index.undo();
                    }
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
