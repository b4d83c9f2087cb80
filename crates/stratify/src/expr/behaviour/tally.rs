//! Measures of everybody's rows, in arrays indexed by place.

use base::Time;
use base::time::DAY_MICROS;

use super::{Measure, Measured};

/// What a row of now counts: sums of whole numbers do not depend on their order.
const WHOLE: f64 = 1e6;

/// What a row counts that is so old, in microseconds, in millionths.
#[expect(clippy::cast_precision_loss, reason = "ages are below 2^53 microseconds")]
#[expect(clippy::cast_possible_truncation, reason = "it is between 0 and a million")]
pub(crate) fn weight(age: i64, half_life_days: u32) -> i64 {
    let half_lives = age.max(0) as f64 / (DAY_MICROS as f64 * f64::from(half_life_days));
    (WHOLE * (-half_lives).exp2()).round() as i64
}

/// A sum of weights as a number of rows.
#[expect(clippy::cast_precision_loss, reason = "a fraction is not exact")]
pub(crate) fn fraction(weights: i64) -> f64 {
    weights as f64 / WHOLE
}

/// A number in millionths, as it is summed.
#[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
pub(crate) fn millionths(number: f64) -> i64 {
    (number * WHOLE).round() as i64
}

/// A row that passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Passed {
    /// The place of the person, number less one.
    pub(crate) place: usize,
    /// When it was, in microseconds.
    pub(crate) at: i64,
    /// The measured field: a number, millionths of one, an instant, or what stands for a text.
    pub(crate) value: Option<i64>,
}

/// Everybody's measure in the making.
#[derive(Debug)]
pub(crate) struct Tally {
    measure: Measure,
    /// The present, in microseconds.
    now: i64,
    /// Rows that count, by place.
    rows: Vec<u32>,
    /// Their sum, least or largest, by place.
    values: Vec<i64>,
    /// Pairs of place and value, to be told apart.
    pairs: Vec<(usize, i64)>,
}

impl Tally {
    pub(crate) fn new(measure: &Measure, now: Time) -> Self {
        let (measure, now) = (measure.clone(), now.micros());
        Self { measure, now, rows: Vec::new(), values: Vec::new(), pairs: Vec::new() }
    }

    /// Takes in a row.
    pub(crate) fn add(&mut self, row: Passed) {
        let value = match (&self.measure, row.value) {
            (Measure::Count, _) => 0,
            (Measure::First | Measure::Last, _) => row.at,
            (Measure::Recent(days), _) => weight(self.now - row.at, *days),
            (_, None) => return,
            (Measure::Distinct(_), Some(value)) => {
                self.pairs.push((row.place, value));
                return;
            }
            (_, Some(value)) => value,
        };
        self.put(row.place, 1, value);
    }

    fn put(&mut self, place: usize, rows: u32, value: i64) {
        if self.rows.len() <= place {
            let len = (place + 1).next_power_of_two();
            self.rows.resize(len, 0);
            if self.measure != Measure::Count {
                self.values.resize(len, 0);
            }
        }
        let Some(count) = self.rows.get_mut(place) else { return };
        let first = *count == 0;
        *count = count.saturating_add(rows);
        let Some(slot) = self.values.get_mut(place) else { return };
        *slot = match &self.measure {
            _ if first => value,
            Measure::Least(_) | Measure::First => (*slot).min(value),
            Measure::Most(_) | Measure::Last => (*slot).max(value),
            _ => slot.saturating_add(value),
        };
    }

    /// One of several, made of different rows.
    pub(crate) fn join(parts: Vec<Self>, measure: &Measure, now: Time) -> Self {
        let mut parts = parts.into_iter();
        let mut all = parts.next().unwrap_or_else(|| Self::new(measure, now));
        for part in parts {
            all.pairs.extend(part.pairs);
            let counted = part.rows.iter().enumerate().filter(|(_, rows)| **rows > 0);
            for (place, rows) in counted {
                all.put(place, *rows, part.values.get(place).copied().unwrap_or(0));
            }
        }
        all.tell_apart();
        all
    }

    fn tell_apart(&mut self) {
        let mut pairs = std::mem::take(&mut self.pairs);
        pairs.sort_unstable();
        pairs.dedup();
        pairs.into_iter().for_each(|(place, _)| self.put(place, 1, 0));
    }

    /// How many places there may be something at.
    pub(crate) fn places(&self) -> usize {
        self.rows.len()
    }

    /// Whether anything was taken in of the person at a place.
    pub(crate) fn has(&self, place: usize) -> bool {
        self.rows.get(place).is_some_and(|rows| *rows > 0)
    }

    /// The measure of the person at a place.
    pub(crate) fn of(&self, place: usize) -> Option<Measured> {
        let rows = self.rows.get(place).copied().unwrap_or(0);
        let value = self.values.get(place).copied().unwrap_or(0);
        match &self.measure {
            Measure::Count | Measure::Distinct(_) => Some(Measured::Whole(i64::from(rows))),
            Measure::Recent(_) => Some(Measured::Fraction(fraction(value))),
            _ if rows == 0 => None,
            measure => Some(measure.told(value, i64::from(rows))),
        }
    }
}
