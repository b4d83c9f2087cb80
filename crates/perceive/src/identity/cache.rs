//! What a fold remembers of who is who, so that a visitor who comes again costs no look into the
//! store.

use std::collections::HashMap;

use base::{Result, Time};
use store::{Tx, counter};

use super::{Claim, Resolved, SERIES_OF_MOVES};
use crate::print;

/// Claims of a generation at the most: what a table of 2²⁰ places takes, 25 MB.
const CLAIMS_MAX: usize = (1 << 20) / 8 * 7;

/// What a claim is remembered by.
type Print = [u32; 3];

/// A claim that is stored: the number that labels its facts, and when it was first made, in
/// microseconds. In bytes, so that no room is left between them.
#[derive(Debug, Clone, Copy)]
struct Known {
    label: [u8; 4],
    at: [u8; 8],
}

/// Claims in two generations: when the young are many they become the old, and the old are
/// forgotten but for those that were asked for meanwhile.
#[derive(Debug, Default)]
struct Claims {
    young: HashMap<Print, Known>,
    old: HashMap<Print, Known>,
}

impl Claims {
    fn get(&mut self, print: Print) -> Option<(i64, Time)> {
        let known = match self.young.get(&print) {
            Some(known) => *known,
            None => {
                let known = self.old.remove(&print)?;
                self.insert(print, known);
                known
            }
        };
        let at = Time::from_micros(i64::from_le_bytes(known.at));
        Some((i64::from(i32::from_le_bytes(known.label)), at))
    }

    /// A label that does not fit is not remembered, but looked for each time.
    fn put(&mut self, print: Print, (label, at): (i64, Time)) {
        if let Ok(label) = i32::try_from(label) {
            let known = Known { label: label.to_le_bytes(), at: at.micros().to_le_bytes() };
            self.insert(print, known);
        }
    }

    fn insert(&mut self, print: Print, known: Known) {
        if self.young.len() >= CLAIMS_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(print, known);
    }
}

/// Claims that are stored, with the number that labels their facts, and whom numbers lead to.
/// Only of what is committed: whoever owns it clears it when a transaction was undone.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    /// How often numbers had moved when this was last true; none before it was ever read.
    version: Option<i64>,
    claims: Claims,
    moved: HashMap<i64, i64>,
}

impl Cache {
    /// Makes it true again when others moved numbers meanwhile.
    ///
    /// # Errors
    /// What the database reports.
    pub(crate) async fn begin(&mut self, tx: &mut Tx) -> Result<()> {
        let version = counter::last(tx, SERIES_OF_MOVES).await?;
        if self.version != Some(version) {
            self.claims = Claims::default();
            self.moved = super::redirect(tx).await?.iter().copied().collect();
            self.version = Some(version);
        }
        Ok(())
    }

    /// Takes in what a resolution moved.
    pub(crate) fn apply(&mut self, moves: &Moves) {
        self.version = self.version.map(|version| version + moves.times);
        for &(number, person) in &moves.list {
            if number == person {
                self.moved.remove(&number);
            } else {
                self.moved.insert(number, person);
            }
        }
    }

    /// The label of a claim that is stored already, no later than it says.
    pub(super) fn label(&mut self, asked: &Asked) -> Option<i64> {
        let (label, at) = self.claims.get(asked.print)?;
        (at <= asked.claim.at).then_some(label)
    }

    pub(super) fn keep(&mut self, asked: &Asked, label: i64) {
        self.claims.put(asked.print, (label, asked.claim.at));
    }

    /// The person that a number leads to.
    pub(super) fn person(&self, number: i64) -> i64 {
        self.moved.get(&number).copied().unwrap_or(number)
    }
}

/// Numbers that lead to another person than before.
#[derive(Debug, Default)]
pub struct Moves {
    /// How often numbers were moved.
    pub times: i64,
    /// Numbers with the person that each leads to now.
    pub list: Vec<(i64, i64)>,
}

impl Moves {
    /// Adds those of a later resolution.
    pub fn extend(&mut self, later: Self) {
        self.times += later.times;
        self.list.extend(later.list);
    }
}

impl Resolved {
    /// Whom labels lead to, those of `labels` included.
    pub(super) fn fill(&mut self, cache: &Cache, labels: Vec<Option<i64>>) {
        for label in labels.iter().flatten() {
            self.persons.entry(*label).or_insert_with(|| cache.person(*label));
        }
        self.labels = labels;
    }
}

/// A claim that was perhaps made before.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(super) claim: Claim,
    /// What its source and its identifiers are remembered by.
    print: Print,
}

impl Asked {
    /// A claim of `source`.
    pub(crate) fn new(source: i64, claim: Claim) -> Self {
        let wide = print::wide(&(source, &claim.identifiers));
        let part = |from: u32| (wide >> from & u128::from(u32::MAX)) as u32;
        Self { print: [part(0), part(32), part(64)], claim }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_again_is_remembered_however_many_there_are() {
        let mut claims = Claims::default();
        let print = |number: u32| [number, number.wrapping_mul(0x9e37_79b9), 7];
        let value = |number: u32| (-i64::from(number), Time::from_micros(i64::from(number) << 20));
        let many = u32::try_from(CLAIMS_MAX).unwrap() * 2 + 9;
        for number in 0..many {
            claims.put(print(number), value(number));
            assert_eq!(claims.get(print(3.min(number))), Some(value(3.min(number))));
        }
        assert_eq!(claims.get(print(many - 1)), Some(value(many - 1)));
        assert_eq!(claims.get(print(4)), None);
        claims.put(print(many), (i64::MAX, Time::from_micros(0)));
        assert_eq!(claims.get(print(many)), None);
        assert!(size_of::<(Print, Known)>() == 24 && claims.young.len() <= CLAIMS_MAX);
    }
}
