//! 余额: what customers have of something that later steps of the loop count, such as points. Those
//! steps know it, and lend it to whoever asks conditions that name it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Points, growth and stored value, by the names of their fields in conditions.
pub const NAMES: [&str; 3] = ["points", "growth", "stored_minor"];

/// What customers have of some gauges, by gauge and customer; who is not told has 0.
#[derive(Debug, Clone, Default)]
pub struct Gauges(BTreeMap<&'static str, Arc<HashMap<u32, i64>>>);

/// The gauge of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static str> {
    NAMES.into_iter().find(|own| *own == name)
}

impl Gauges {
    /// Puts in what customers have of a gauge, under the numbers that they go by now.
    pub fn put(&mut self, name: &'static str, held: HashMap<u32, i64>) {
        self.0.insert(name, Arc::new(held));
    }

    /// What a customer has of a gauge; none of what is none.
    #[must_use]
    pub fn of(&self, name: &str, person: i64) -> Option<i64> {
        let name = named(name)?;
        let held = u32::try_from(person).ok().and_then(|person| self.0.get(name)?.get(&person));
        Some(held.copied().unwrap_or(0))
    }

    /// Whoever has something of a gauge, and how much.
    pub(crate) fn holders(&self, name: &str) -> impl Iterator<Item = (u32, i64)> {
        let held = self.0.get(name).into_iter().flat_map(|held| held.iter());
        held.map(|(person, amount)| (*person, *amount))
    }
}
