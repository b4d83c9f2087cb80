//! When what somebody gets runs out, as the shop says for each unit.

use base::{Date, Error, Result, Time, Zone};
use jiff::ToSpan;
use jiff::civil;
use serde::{Deserialize, Serialize};

use super::Unit;

/// Days, months or years of an expiry at the most.
const COUNT_MAX: u16 = 3_660;
/// Days of the year on which everything runs out at the most.
const DAYS_MAX: usize = 20;
/// Days that what is given back after it ran out can be spent at the most.
const RETURNED_DAYS_MAX: u16 = 366;

/// What a count is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Days.
    Day,
    /// Months.
    Month,
    /// Years.
    Year,
}

/// To the end of what an expiry is put off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Round {
    /// Of the day.
    #[default]
    Day,
    /// Of the month.
    Month,
    /// Of the quarter.
    Quarter,
    /// Of the year.
    Year,
}

/// When what somebody gets runs out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Expiry {
    /// Never.
    #[default]
    Never,
    /// So long after they got it, put off to the end of a month, quarter or year.
    Rolling {
        /// How many.
        count: u16,
        /// Of what.
        span: Span,
        /// To the end of what.
        #[serde(default)]
        round: Round,
    },
    /// On the next of these days of the year, such as `12-31`.
    Calendar {
        /// The days.
        days: Vec<String>,
    },
    /// So long after the last time that they got or spent anything.
    Inactivity {
        /// How many.
        count: u16,
        /// Of what.
        span: Span,
    },
}

/// The rules of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// When it runs out.
    pub expiry: Expiry,
    /// Whether what is taken back after it was spent is owed; otherwise the shop lets go of it.
    pub debt: bool,
    /// Days that what is given back can be spent if it has run out meanwhile.
    pub returned_days: u16,
    /// Adjustments by hand above this amount need a second person; none need one if left out.
    pub approval_above: Option<i64>,
    /// The most that one customer gets by hand in a local day.
    pub adjusted_a_day: Option<i64>,
    /// The most that one customer spends at once.
    pub spent_at_once: Option<i64>,
    /// The most that one customer spends in a local day.
    pub spent_a_day: Option<i64>,
    /// The most that one customer spends in a local month.
    pub spent_a_month: Option<i64>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            expiry: Expiry::Never,
            debt: true,
            returned_days: 30,
            approval_above: None,
            adjusted_a_day: None,
            spent_at_once: None,
            spent_a_day: None,
            spent_a_month: None,
        }
    }
}

impl Policy {
    /// The rules that a unit has before the shop says anything: points run out at the end of the
    /// year after that in which they were earned, as those of Taobao do; growth counts for a year.
    #[must_use]
    pub fn usual(unit: Unit) -> Self {
        let year = |round| Expiry::Rolling { count: 1, span: Span::Year, round };
        match unit {
            Unit::Points => {
                Self { expiry: year(Round::Year), approval_above: Some(10_000), ..Self::default() }
            }
            Unit::Growth => Self { expiry: year(Round::Day), ..Self::default() },
            Unit::Stored => Self { approval_above: Some(50_000), ..Self::default() },
        }
    }

    /// Refuses rules that will not do.
    ///
    /// # Errors
    /// `bad_input` that says which.
    pub fn check(&self) -> Result<()> {
        self.expiry.check()?;
        if self.returned_days > RETURNED_DAYS_MAX {
            let text = format!("is at most {RETURNED_DAYS_MAX}");
            return Err(Error::bad(text).field("returned_days"));
        }
        let limits = [
            ("approval_above", self.approval_above),
            ("adjusted_a_day", self.adjusted_a_day),
            ("spent_at_once", self.spent_at_once),
            ("spent_a_day", self.spent_a_day),
            ("spent_a_month", self.spent_a_month),
        ];
        match limits.iter().find(|(_, limit)| limit.is_some_and(|limit| limit < 0)) {
            Some((field, _)) => Err(Error::bad("is not below 0").field(*field)),
            None => Ok(()),
        }
    }

    /// From when on something that has run out and is given back cannot be spent.
    ///
    /// # Errors
    /// `bad_input` beyond the years that calendars have.
    pub fn returned_until(&self, zone: &Zone, now: Time) -> Result<Option<Time>> {
        match self.expiry {
            Expiry::Never => Ok(None),
            _ => after(zone, zone.date(now).civil(), (self.returned_days, Span::Day), Round::Day)
                .map(Some),
        }
    }
}

impl Expiry {
    fn check(&self) -> Result<()> {
        match self {
            Self::Never => Ok(()),
            Self::Rolling { count, .. } | Self::Inactivity { count, .. } => {
                match (1..=COUNT_MAX).contains(count) {
                    true => Ok(()),
                    false => Err(Error::bad(format!("is 1 to {COUNT_MAX}")).field("expiry.count")),
                }
            }
            Self::Calendar { days } => {
                if days.is_empty() || days.len() > DAYS_MAX {
                    return Err(
                        Error::bad(format!("needs 1 to {DAYS_MAX} days")).field("expiry.days")
                    );
                }
                days.iter().try_for_each(|day| month_day(day).map(drop))
            }
        }
    }

    /// From when on something that somebody gets at a time cannot be spent; none for never.
    ///
    /// # Errors
    /// `bad_input` beyond the years that calendars have.
    pub fn of(&self, zone: &Zone, at: Time) -> Result<Option<Time>> {
        let day = zone.date(at).civil();
        match self {
            Self::Never => Ok(None),
            Self::Rolling { count, span, round } => {
                after(zone, day, (*count, *span), *round).map(Some)
            }
            Self::Inactivity { count, span } => {
                after(zone, day, (*count, *span), Round::Day).map(Some)
            }
            Self::Calendar { days } => {
                let mut next: Option<civil::Date> = None;
                for text in days {
                    let own = upcoming(month_day(text)?, day)?;
                    next = Some(next.map_or(own, |next| next.min(own)));
                }
                next.map(|day| end_of(zone, day)).transpose()
            }
        }
    }

    /// Until when what somebody has lasts at least once they got or spent something; none where
    /// that changes nothing.
    ///
    /// # Errors
    /// `bad_input` beyond the years that calendars have.
    pub fn renewed(&self, zone: &Zone, at: Time) -> Result<Option<Time>> {
        match self {
            Self::Inactivity { .. } => self.of(zone, at),
            _ => Ok(None),
        }
    }
}

fn far(cause: jiff::Error) -> Error {
    Error::bad("lies beyond the calendar").because(cause)
}

/// The moment after the end of a local day.
fn end_of(zone: &Zone, day: civil::Date) -> Result<Time> {
    Ok(zone.end_of(Date::of(day))?.plus(1))
}

fn after(zone: &Zone, day: civil::Date, (count, span): (u16, Span), round: Round) -> Result<Time> {
    let count = i64::from(count);
    let span = match span {
        Span::Day => count.days(),
        Span::Month => count.months(),
        Span::Year => count.years(),
    };
    let day = day.checked_add(span).map_err(far)?;
    let last_month = match round {
        Round::Day => return end_of(zone, day),
        Round::Month => day.month(),
        Round::Quarter => (day.month() - 1) / 3 * 3 + 3,
        Round::Year => 12,
    };
    let month = civil::Date::new(day.year(), last_month, 1).map_err(far)?;
    end_of(zone, month.last_of_month())
}

/// A day of the year as month and day; 29 February is the last of February in other years.
fn month_day(text: &str) -> Result<(i8, i8)> {
    let wrong = || {
        Error::bad(format!("{text:?} is not a day of the year such as 12-31")).field("expiry.days")
    };
    let (month, day) = text.split_once('-').ok_or_else(wrong)?;
    let (month, day): (i8, i8) =
        (month.parse().map_err(|_| wrong())?, day.parse().map_err(|_| wrong())?);
    // A leap year has every day.
    civil::Date::new(2024, month, day).map_err(|_| wrong())?;
    Ok((month, day))
}

/// The next time, today included, that it is this day of the year.
fn upcoming((month, day): (i8, i8), today: civil::Date) -> Result<civil::Date> {
    let of = |year: i16| {
        let first = civil::Date::new(year, month, 1).map_err(far)?;
        let day = day.min(first.days_in_month());
        civil::Date::new(year, month, day).map_err(far)
    };
    let own = of(today.year())?;
    if own >= today { Ok(own) } else { of(today.year() + 1) }
}
