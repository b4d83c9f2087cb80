//! The figures that a seller knows, each with one definition (docs/SEMANTICS.md, "Figures"), for a
//! period of local days beside the one before it.

pub mod rule;
#[cfg(test)]
mod tests;

use base::{Date, Error, Result, Zone};
use serde::Serialize;

use rule::{Day, Figures};
use stratify::sales::Sales;

/// Days of a period at the most.
pub const PERIOD_DAYS_MAX: i32 = 1_100;
/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// A period of local days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

impl Period {
    /// A period.
    ///
    /// # Errors
    /// `bad_input` when it ends before it begins or is too long.
    pub fn new(from: Date, to: Date) -> Result<Self> {
        if to < from {
            return Err(Error::bad("the last day lies before the first").field("to"));
        }
        if to.0.saturating_sub(from.0) >= PERIOD_DAYS_MAX {
            let text = format!("a period has at most {PERIOD_DAYS_MAX} days");
            return Err(Error::bad(text).field("from"));
        }
        Ok(Self { from, to })
    }

    /// How many days.
    #[must_use]
    pub fn days(self) -> i32 {
        self.to.0 - self.from.0 + 1
    }

    /// The period of the same length before it.
    #[must_use]
    pub fn before(self) -> Self {
        Self { from: Date(self.from.0 - self.days()), to: Date(self.from.0 - 1) }
    }
}

/// The figures of a period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The first day of the period before.
    pub before_from: String,
    /// The last day of the period before.
    pub before_to: String,
    /// The figures.
    pub figures: Figures,
    /// Those of the period before.
    pub before: Figures,
    /// The period day by day.
    pub days: Vec<DayRow>,
    /// The period before day by day.
    pub before_days: Vec<DayRow>,
}

/// A day's figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayRow {
    /// The local day.
    pub date: String,
    /// Its figures.
    #[serde(flatten)]
    pub day: Day,
}

/// The figures of a period of the shop.
///
/// # Errors
/// `bad_input` for days outside the calendar.
pub fn report(sales: &Sales, zone: &Zone, period: Period) -> Result<Report> {
    let (before, earlier) = (period.before(), period.before().before());
    let first = earlier.from.0;
    let starts = (first..=period.to.0 + 1).map(|day| {
        let start = zone.start_of(Date(day))?.micros();
        // Sales have whole seconds.
        Ok(u32::try_from(start.div_euclid(SECOND).max(0)).unwrap_or(u32::MAX))
    });
    let starts: Vec<u32> = starts.collect::<Result<_>>()?;
    let [_, old, new] = rule::measure(sales.iter(), &starts);
    let rows = |from: Date, days: Vec<Day>| {
        let dated = (from.0..).map(|day| Date(day).to_string()).zip(days);
        dated.map(|(date, day)| DayRow { date, day }).collect()
    };
    Ok(Report {
        from: period.from.to_string(),
        to: period.to.to_string(),
        before_from: before.from.to_string(),
        before_to: before.to.to_string(),
        figures: new.figures,
        before: old.figures,
        days: rows(period.from, new.days),
        before_days: rows(before.from, old.days),
    })
}
