//! When something is: moments and windows, relative to the present of the shop or not.

use std::collections::BTreeSet;

use base::time::Date;
use base::{Error, Result, Time, Zone};
use jiff::civil::{self, DateTime};
use jiff::{Span as Distance, ToSpan};

use super::At;
use super::lunar;

/// From one instant to another, both included, in microseconds.
pub type Span = (i64, i64);

/// Years back in which anniversaries are looked for: nobody is older.
pub(super) const YEARS_BACK: i16 = 130;
/// Hours up to which a window is exact; a longer one has whole days.
pub(super) const HOURS_MAX: u32 = 48;
/// Days of a year and a bit: a window that long holds every anniversary.
const YEAR_DAYS: i32 = 366;

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// A local day.
    Day,
    /// Seven local days; a calendar week begins on Monday.
    Week,
    /// A month of the calendar.
    Month,
    /// Three months.
    Quarter,
    /// Twelve months.
    Year,
}

impl Unit {
    /// Microseconds of a unit that does not depend on the calendar.
    #[must_use]
    pub fn micros(self) -> Option<i64> {
        match self {
            Self::Minute => Some(60_000_000),
            Self::Hour => Some(3_600_000_000),
            _ => None,
        }
    }

    fn distance(self, count: i32) -> Distance {
        match self {
            Self::Minute => count.minutes(),
            Self::Hour => count.hours(),
            Self::Day => count.days(),
            Self::Week => count.weeks(),
            Self::Month => count.months(),
            Self::Quarter => count.saturating_mul(3).months(),
            Self::Year => count.years(),
        }
    }
}

/// A moment, as exact as it was said: a day is a moment of 24 hours or so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum When {
    /// An instant.
    Instant(Time),
    /// A local time.
    Local(DateTime),
    /// A local day.
    Day(Date),
    /// So long from now, backwards below zero: a day, or an instant for hours and minutes.
    Away(i32, Unit),
}

/// A stretch of time.
#[derive(Debug, Clone, PartialEq)]
pub enum Window {
    /// The last so many, today included; exact for hours and minutes.
    Last(u32, Unit),
    /// The next so many, today included; exact for hours and minutes.
    Next(u32, Unit),
    /// A calendar's day, week, month, quarter or year: this one, or one so many before.
    Calendar(u32, Unit),
    /// Between the beginning of one moment and the end of another.
    Between(Option<When>, Option<When>),
    /// The same days of a year: from a month and day to another, which may be in the next year.
    Season {
        /// Month and day of the first day.
        from: (i8, i8),
        /// Month and day of the last day.
        to: (i8, i8),
        /// Which year: below 1 counted from this one.
        year: i16,
        /// Whether the days are those of the lunar calendar.
        lunar: bool,
    },
}

/// Whole local days as a span.
fn days(at: At<'_>, first: Date, last: Date) -> Result<Span> {
    Ok((at.zone.start_of(first)?.micros(), at.zone.end_of(last)?.micros()))
}

fn out_of_range(cause: jiff::Error) -> Error {
    Error::bad("that is too far from today").because(cause)
}

/// The day so many units away.
pub(super) fn away(from: Date, count: i32, unit: Unit) -> Result<Date> {
    Ok(Date::of(from.civil().checked_add(unit.distance(count)).map_err(out_of_range)?))
}

pub(super) fn signed(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

impl When {
    /// Whether it is relative to the present.
    pub(super) fn moves(&self) -> bool {
        matches!(self, Self::Away(..))
    }

    /// The moment as a span.
    ///
    /// # Errors
    /// `bad_input` for a moment out of range.
    pub fn span(&self, at: At<'_>) -> Result<Span> {
        match self {
            Self::Instant(time) => Ok((time.micros(), time.micros())),
            Self::Local(local) => {
                let time = at.zone.instant(*local)?.micros();
                Ok((time, time))
            }
            Self::Day(day) => days(at, *day, *day),
            Self::Away(count, unit) => match unit.micros() {
                Some(micros) => {
                    let time = at.now.plus(micros.saturating_mul(i64::from(*count))).micros();
                    Ok((time, time))
                }
                None => {
                    let day = away(at.zone.date(at.now), *count, *unit)?;
                    days(at, day, day)
                }
            },
        }
    }
}

impl Window {
    /// Whether it is relative to the present.
    pub(super) fn moves(&self) -> bool {
        match self {
            Self::Last(..) | Self::Next(..) | Self::Calendar(..) => true,
            Self::Between(first, last) => [first, last].into_iter().flatten().any(When::moves),
            Self::Season { year, .. } => *year < 1,
        }
    }

    /// The window as a span.
    ///
    /// # Errors
    /// `bad_input` for days out of range, or that no calendar has.
    pub fn span(&self, at: At<'_>) -> Result<Span> {
        let (now, today) = (at.now.micros(), at.zone.date(at.now));
        match self {
            Self::Last(count, unit) => match unit.micros() {
                Some(micros) => Ok((at.now.plus(-micros * i64::from(*count)).micros(), now)),
                None => {
                    let first = Date(away(today, -signed(*count), *unit)?.0 + 1);
                    Ok((days(at, first, today)?.0, now))
                }
            },
            Self::Next(count, unit) => match unit.micros() {
                Some(micros) => Ok((now, at.now.plus(micros * i64::from(*count)).micros())),
                None => days(at, today, Date(away(today, signed(*count), *unit)?.0 - 1)),
            },
            Self::Calendar(before, unit) => {
                let first = away(begin(today, *unit), -signed(*before), *unit)?;
                days(at, first, Date(away(first, 1, *unit)?.0 - 1))
            }
            Self::Between(first, last) => {
                let first = first.as_ref().map(|when| when.span(at)).transpose()?;
                let last = last.as_ref().map(|when| when.span(at)).transpose()?;
                Ok((first.map_or(i64::MIN, |span| span.0), last.map_or(i64::MAX, |span| span.1)))
            }
            Self::Season { from, to, year, lunar } => {
                let (first, last) = season(today, (*from, *to), *year, *lunar)?;
                days(at, first, last)
            }
        }
    }

    /// The spans of days, within a lifetime, whose month and day recur within the window.
    ///
    /// # Errors
    /// As [`Window::span`].
    pub fn anniversaries(&self, at: At<'_>, by_moon: bool) -> Result<Vec<Span>> {
        let (first, last) = self.span(at)?;
        let day = |micros: i64| at.zone.date(Time::from_micros(micros));
        let (first, last) = (day(first), day(last));
        if i64::from(last.0) - i64::from(first.0) >= i64::from(YEAR_DAYS) - 1 {
            return Ok(vec![(i64::MIN, i64::MAX)]);
        }
        let spans = if by_moon { lunar::recurrences(first, last) } else { solar(first, last) };
        let spans = spans.into_iter().map(|(first, last)| days(at, first, last));
        Ok(super::joined(&spans.collect::<Result<Vec<_>>>()?))
    }
}

impl Window {
    /// The days of each year, `05-17`, that fall into the window.
    ///
    /// # Errors
    /// As [`Window::span`].
    pub fn month_days(&self, at: At<'_>) -> Result<BTreeSet<String>> {
        let (first, last) = self.span(at)?;
        let day = |micros: i64| at.zone.date(Time::from_micros(micros));
        let (first, last) = (day(first), day(last));
        let mut all = BTreeSet::new();
        for day in (first.0..=last.0).take(usize::try_from(YEAR_DAYS).unwrap_or(0)) {
            let civil = Date(day).civil();
            all.insert(format!("{:02}-{:02}", civil.month(), civil.day()));
            if (civil.month(), civil.day()) == (2, 28) && !civil.in_leap_year() {
                all.insert("02-29".to_owned());
            }
        }
        Ok(all)
    }
}

/// The instant that a text says, in microseconds: a local day is its first one.
pub(super) fn instant(text: &str, zone: &Zone) -> Option<i64> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Time>() {
        return Some(time.micros());
    }
    let local = match text.parse::<Date>() {
        Ok(day) => zone.start_of(day),
        Err(_) => zone.instant(text.parse::<DateTime>().ok()?),
    };
    local.ok().map(Time::micros)
}

/// The first day of the calendar's week, month, quarter or year that a day is in.
fn begin(day: Date, unit: Unit) -> Date {
    let civil = day.civil();
    let with = |month: i8| Date::of(civil::date(civil.year(), month, 1));
    match unit {
        Unit::Minute | Unit::Hour | Unit::Day => day,
        Unit::Week => Date(day.0 - i32::from(civil.weekday().to_monday_zero_offset())),
        Unit::Month => with(civil.month()),
        Unit::Quarter => with((civil.month() - 1) / 3 * 3 + 1),
        Unit::Year => with(1),
    }
}

/// A month and a day of a year; the last day of the month where it is shorter.
fn of_year(year: i16, (month, day): (i8, i8)) -> Option<Date> {
    let first = civil::Date::new(year, month, 1).ok()?;
    civil::Date::new(year, month, day.min(first.days_in_month())).ok().map(Date::of)
}

type MonthDay = (i8, i8);

/// The first and the last day of a season.
fn season(
    today: Date,
    (from, to): (MonthDay, MonthDay),
    year: i16,
    by_moon: bool,
) -> Result<(Date, Date)> {
    let this = if by_moon { lunar::year_of(today) } else { Some(today.civil().year()) };
    let day = |year: i16, day: MonthDay| match by_moon {
        true => lunar::day(year, day),
        false => of_year(year, day),
    };
    let wanted = this.map(|this| if year < 1 { this + year } else { year });
    let next = i16::from(to < from);
    let both = wanted.and_then(|wanted| day(wanted, from).zip(day(wanted + next, to)));
    both.ok_or_else(|| Error::bad("the calendar has no such days in that year"))
}

/// The days of each year that fall into a window by their month and day, the oldest first. The
/// 29th of February recurs on the 28th.
fn solar(first: Date, last: Date) -> Vec<(Date, Date)> {
    let (from, to) = (first.civil(), last.civil());
    let (month_day, turn) = (|day: civil::Date| (day.month(), day.day()), to.year() - from.year());
    let years = from.year() - YEARS_BACK..=from.year();
    let of = |year: i16| {
        // Who was born on the 29th has the birthday on the 28th of a common year.
        let common = month_day(to) == (2, 28) && !to.in_leap_year();
        let last = of_year(year + turn, if common { (2, 29) } else { month_day(to) })?;
        Some((of_year(year, month_day(from))?, last))
    };
    years.filter_map(of).collect()
}
