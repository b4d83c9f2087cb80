//! What a fold remembers of who is who, so that a visitor who comes again costs no look into the
//! store.

use std::collections::HashMap;

use base::{Result, Time};
use store::{Tx, counter};

use super::{Claim, Resolved, SERIES_OF_MOVES};
use crate::print;

/// Claims that are remembered at the most; 40 bytes each, in a table of 2²¹ places.
const CLAIMS_MAX: usize = 1_800_000;

/// Claims that are stored, with the number that labels their facts, and whom numbers lead to.
/// Only of what is committed: whoever owns it clears it when a transaction was undone.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    /// How often numbers had moved when this was last true; none before it was ever read.
    version: Option<i64>,
    claims: HashMap<u128, (i64, Time)>,
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
            self.claims.clear();
            self.moved = super::redirect(tx).await?.into_iter().collect();
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
    pub(super) fn label(&self, asked: &Asked) -> Option<i64> {
        let (label, at) = self.claims.get(&asked.print)?;
        (*at <= asked.claim.at).then_some(*label)
    }

    pub(super) fn keep(&mut self, asked: &Asked, label: i64) {
        if self.claims.len() >= CLAIMS_MAX {
            self.claims.clear();
        }
        self.claims.insert(asked.print, (label, asked.claim.at));
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
    print: u128,
}

impl Asked {
    /// A claim of `source`.
    pub(crate) fn new(source: i64, claim: Claim) -> Self {
        Self { print: print::wide(&(source, &claim.identifiers)), claim }
    }
}
