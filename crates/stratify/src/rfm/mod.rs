//! RFM: who the customers are to the shop, by how recently, how often and for how much they
//! bought.

pub mod lines;
mod measure;
pub mod rule;
mod run;
mod sql;
#[cfg(test)]
mod tests;

use base::{Date, Error, Result, Zone};
use serde::{Deserialize, Serialize};

pub use measure::{as_of, now};
pub use run::{
    Flow, Foretold, Report, Stored, StratumRow, TopRow, movement, report, runs, save, scores,
    setting,
};

use rule::{AllCuts, High};

/// The setting's name.
pub const SETTING: &str = "rfm";
/// Days that a window may have: a century.
pub const WINDOW_DAYS_MAX: u32 = 36_525;

/// What recency is counted from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recency {
    /// 拍下 of the last paid order.
    #[default]
    Order,
    /// 付款 of the last paid order.
    Payment,
    /// The last visit; the last paid order where no visit is known.
    Visit,
}

/// How a shop wants RFM to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setting {
    /// What recency is counted from.
    pub recency: Recency,
    /// What makes a measure high.
    pub high: High,
    /// Cut-offs that the shop sets; quantiles otherwise.
    pub fixed: Option<Fixed>,
    /// Only what happened in this many days up to the date counts; everything otherwise.
    pub window_days: Option<u32>,
}

impl Setting {
    /// Checks what the shop wishes.
    ///
    /// # Errors
    /// `bad_input` when a window has no day or too many, or cut-offs do not increase.
    pub fn check(&self) -> Result<()> {
        if self.window_days.is_some_and(|days| !(1..=WINDOW_DAYS_MAX).contains(&days)) {
            let text = format!("a window has 1 to {WINDOW_DAYS_MAX} days");
            return Err(Error::bad(text).field("window_days"));
        }
        let Some(fixed) = &self.fixed else { return Ok(()) };
        for (name, cuts) in [("R", fixed.r_days), ("F", fixed.f), ("M", fixed.m)] {
            if !cuts.is_sorted_by(|a, b| a < b) {
                return Err(Error::bad(format!("the cut-offs of {name} must increase")));
            }
        }
        if fixed.r_days.iter().any(|days| !(0..=i64::from(WINDOW_DAYS_MAX)).contains(days)) {
            let text = format!("days since an order are 0 to {WINDOW_DAYS_MAX}");
            return Err(Error::bad(text));
        }
        Ok(())
    }
}

/// Cut-offs that a shop sets: a customer scores one more for each that is passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fixed {
    /// Days since the last order, increasing: a customer within the first scores 5, beyond the
    /// last scores 1.
    pub r_days: [i64; 4],
    /// Paid orders, increasing: a customer with more than the last scores 5.
    pub f: [i64; 4],
    /// Net money in minor units, increasing.
    pub m: [i64; 4],
}

impl Fixed {
    /// The cut points on a day: recency as days of the calendar.
    #[must_use]
    pub fn on(&self, day: Date) -> AllCuts {
        let [a, b, c, d] = self.r_days.map(|days| i64::from(day.0) - days - 1);
        AllCuts { r: [d, c, b, a], f: self.f, m: self.m }
    }
}

/// Shop-local days of instants, quickly: the zone is asked once for each change of its offset.
pub(crate) struct Days {
    /// From when, and how many microseconds to add.
    offsets: Vec<(i64, i64)>,
}

impl Days {
    pub(crate) fn between(zone: &Zone, first: i64, last: i64) -> Self {
        Self { offsets: zone.offsets(first, last) }
    }

    pub(crate) fn of(&self, micros: i64) -> i64 {
        let after = self.offsets.partition_point(|(from, _)| *from <= micros);
        let offset = after.checked_sub(1).and_then(|place| self.offsets.get(place));
        let local = micros + offset.or(self.offsets.first()).map_or(0, |(_, offset)| *offset);
        local.div_euclid(base::time::DAY_MICROS)
    }
}
