//! The shop's days: seasons of buying, the week, the hours, and when people arrive.
//!
//! A moment here is the shop's own clock in seconds since 1970-01-01T00:00:00; a day counts from
//! the same date. Shanghai has kept UTC+8 throughout the years that [`NEW_YEARS`] covers.

use base::{Date, Error, Result};
use jiff::ToSpan;

use crate::Plan;
use crate::draw::Draw;
use crate::facts;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// Seconds that the shop's clock is ahead of UTC.
pub(crate) const AHEAD: i64 = 8 * 3600;

/// First days of lunar years: year, month, day.
const NEW_YEARS: [(i16, i8, i8); 8] = [
    (2023, 1, 22),
    (2024, 2, 10),
    (2025, 1, 29),
    (2026, 2, 17),
    (2027, 2, 6),
    (2028, 1, 26),
    (2029, 2, 13),
    (2030, 2, 3),
];

/// The first and the last day that the table of lunar years speaks for.
const COVERED: ((i16, i8, i8), (i16, i8, i8)) = ((2023, 1, 1), (2030, 12, 31));

/// What is known of a day.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Day {
    /// Months since the year 0.
    pub(crate) month: u32,
    /// 0 for spring to 3 for winter.
    pub(crate) season: usize,
    /// Day of the month.
    pub(crate) date: i8,
    /// Month of the year, from 1.
    pub(crate) of_year: i8,
    /// How much is bought compared with an ordinary day, in thousandths.
    pub(crate) pull: u32,
}

/// The days from the opening to the last one.
#[derive(Debug)]
pub(crate) struct Calendar {
    /// The first day.
    pub(crate) opening: i32,
    /// The last day.
    pub(crate) until: i32,
    /// Every 11 November in between.
    pub(crate) elevens: Vec<i32>,
    days: Vec<Day>,
    /// Buying up to the end of each day, in ordinary days.
    bought: Vec<f64>,
    /// Arrivals up to the end of each day.
    arrived: Vec<u64>,
}

/// The day of a moment.
pub(crate) fn day_of(moment: i64) -> i32 {
    moment.div_euclid(DAY) as i32
}

/// The first day of the shop whose last is `until`: two years before, or earlier when 11 November
/// would otherwise come before the three months that its buyers are told apart by.
pub(crate) fn opening(until: Date) -> Date {
    let next = Date(until.0.saturating_add(1)).civil();
    let first = next.checked_sub(2.years()).unwrap_or(next);
    let lead = civil(first.year(), 11, 11).0 - Date::of(first).0;
    if (0..=90).contains(&lead) { civil(first.year(), 8, 1) } else { Date::of(first) }
}

/// # Errors
/// `bad_input` when the table of lunar years does not cover the two years before `until`.
pub(crate) fn covered(until: Date) -> Result<()> {
    let ((y1, m1, d1), (y2, m2, d2)) = COVERED;
    let (first, last) = (civil(y1, m1, d1), civil(y2, m2, d2));
    if until <= last && opening(until) >= first {
        return Ok(());
    }
    let earliest = Date(civil(y1.saturating_add(2), m1, d1).0 - 1);
    Err(Error::bad(format!("the Spring Festivals of the two years before {until} are not known"))
        .field("until")
        .hint(format!("choose a day from {earliest} to {last}")))
}

fn civil(year: i16, month: i8, date: i8) -> Date {
    jiff::civil::Date::new(year, month, date).map_or(Date(0), Date::of)
}

impl Calendar {
    /// The days of `plan`.
    pub(crate) fn of(plan: &Plan) -> Self {
        let (opening, until) = (opening(plan.until).0, plan.until.0);
        let mut calendar = Self {
            opening,
            until,
            elevens: Vec::new(),
            days: Vec::new(),
            bought: Vec::new(),
            arrived: Vec::new(),
        };
        let mut arrived = 0;
        for number in opening..=until {
            let day = Day::of(number);
            if (day.of_year, day.date) == (11, 11) {
                calendar.elevens.push(number);
            }
            arrived += arrivals(day, number - opening);
            calendar.arrived.push(arrived);
            calendar.days.push(day);
        }
        // What 11 November takes is no part of the ordinary days, so that a buyer's rate holds
        // over the year.
        let pulls: u32 = calendar.days.iter().map(|day| day.pull).sum();
        let ordinary = 1.0 - facts::ELEVEN_YEAR_DAYS / 365.0;
        let scale = ordinary * calendar.days.len() as f64 / f64::from(pulls.max(1));
        let mut bought = 0.0;
        for day in &calendar.days {
            bought += f64::from(day.pull) * scale;
            calendar.bought.push(bought);
        }
        calendar
    }

    /// What is known of `day`; an ordinary day outside the shop's time.
    pub(crate) fn day(&self, day: i32) -> Day {
        self.at(day).and_then(|at| self.days.get(at)).copied().unwrap_or_default()
    }

    fn at(&self, day: i32) -> Option<usize> {
        usize::try_from(day - self.opening).ok()
    }

    /// The moment after the last.
    pub(crate) fn end(&self) -> i64 {
        (i64::from(self.until) + 1) * DAY
    }

    /// Whether `day` is an 11 November.
    pub(crate) fn is_eleven(&self, day: i32) -> bool {
        self.elevens.contains(&day)
    }

    /// How much had been bought up to the end of `day`, in ordinary days.
    pub(crate) fn bought(&self, day: i32) -> f64 {
        self.at(day).and_then(|at| self.bought.get(at)).copied().unwrap_or_default()
    }

    /// The day on which so much had been bought; none when that is after the last.
    pub(crate) fn when_bought(&self, amount: f64) -> Option<i32> {
        let at = self.bought.partition_point(|bought| *bought <= amount);
        (at < self.bought.len()).then(|| self.opening + at as i32)
    }

    /// A day on which somebody first comes.
    pub(crate) fn arrival(&self, draw: &mut Draw) -> i32 {
        if draw.chance(facts::KNOWN_BEFORE) {
            return draw.day(self.opening, self.opening + 59);
        }
        let amount = draw.below(self.arrived.last().copied().unwrap_or_default());
        self.opening + self.arrived.partition_point(|arrived| *arrived <= amount) as i32
    }

    /// A moment of `day`, at the hours at which people shop; 双11 begins at midnight.
    pub(crate) fn moment(&self, day: i32, draw: &mut Draw) -> i64 {
        let hour = if self.is_eleven(day) && draw.chance(0.3) {
            draw.below(2)
        } else {
            draw.weighted(facts::HOURS.into_iter()) as u64
        };
        i64::from(day) * DAY + hour as i64 * 3600 + draw.between(0, 3599)
    }
}

impl Day {
    fn of(number: i32) -> Self {
        let date = Date(number).civil();
        let (of_year, day) = (date.month(), date.day());
        let weekday = usize::try_from((number + 3).rem_euclid(7)).unwrap_or_default();
        let week = facts::WEEK.get(weekday).copied().unwrap_or(100);
        let month = i32::from(date.year()) * 12 + i32::from(of_year) - 1;
        Self {
            month: month.unsigned_abs(),
            season: usize::try_from((of_year + 9) % 12 / 3).unwrap_or_default(),
            date: day,
            of_year,
            pull: festival(number).unwrap_or_else(|| sales(of_year, day)) * week / 100,
        }
    }
}

/// How much is bought on a day of the calendar year, in thousandths. Nothing on 11 November, whose
/// buyers are chosen one by one.
fn sales(month: i8, day: i8) -> u32 {
    match (month, day) {
        (6, 1..=15) => 1300,
        (6, 16 | 17) => 2400,
        (6, 18) => facts::PULL_618,
        (6, 19 | 20) => 1800,
        (11, 1..=7) => 1500,
        (11, 8..=10) => 1900,
        (11, 11) => 0,
        (11, 12..=20) => 650,
        (12, 12) => 2200,
        (3, 8) => 1800,
        (10, 1..=7) => 850,
        _ => 1000,
    }
}

/// How much is bought around the Spring Festival, in thousandths: a peak in the three weeks before,
/// until parcels are no longer carried, and a dip in the holiday week.
fn festival(number: i32) -> Option<u32> {
    let days = NEW_YEARS.into_iter().map(|(year, month, day)| number - civil(year, month, day).0);
    match days.min_by_key(|days| days.abs())? {
        -21..=-4 => Some(facts::PULL_BEFORE_FESTIVAL),
        -3..=-1 => Some(700),
        0..=6 => Some(facts::PULL_FESTIVAL),
        _ => None,
    }
}

/// How many first come on a day: more from month to month, and as seasons move buying.
fn arrivals(day: Day, since: i32) -> u64 {
    let pull = if day.pull == 0 { 3000 } else { u64::from(day.pull) };
    let grown =
        (0..since / 30).fold(100_000, |size, _| size + size * facts::GROWTH_PERMILLE / 1000);
    grown * pull
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(until: &str) -> Calendar {
        Calendar::of(&Plan::new(1, 7, until.parse().unwrap()).unwrap())
    }

    #[test]
    fn two_years_and_the_quarter_before_the_first_eleven() {
        for (until, opening, elevens) in [
            ("2026-11-22", "2024-11-23", 2),
            ("2026-10-31", "2024-08-01", 2),
            ("2026-11-10", "2024-08-01", 2),
            ("2026-11-11", "2024-11-12", 2),
            ("2026-08-11", "2024-08-12", 2),
            ("2024-12-31", "2023-01-01", 2),
            ("2028-02-29", "2026-03-01", 2),
        ] {
            let calendar = calendar(until);
            assert_eq!(Date(calendar.opening).to_string(), opening, "{until}");
            assert_eq!(calendar.elevens.len(), elevens, "{until}");
            let early = calendar.elevens.iter().any(|day| day - calendar.opening < 90);
            assert!(!early, "{until}");
        }
    }

    #[test]
    fn days_without_a_known_festival_are_refused() {
        for until in ["2024-12-30", "2031-01-01", "1999-01-01", "-009999-01-02", "9999-12-31"] {
            let error = Plan::new(1, 7, until.parse().unwrap()).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("until"), "{until}");
            assert!(error.hint.unwrap().contains("2024-12-31"));
        }
    }

    #[test]
    fn the_clock_is_shanghai_s() {
        let zone = base::Zone::named(crate::TIME_ZONE).unwrap();
        for day in ["2023-01-01", "2026-07-01", "2030-12-31"] {
            let day: Date = day.parse().unwrap();
            let start = zone.start_of(day).unwrap().micros();
            assert_eq!(start, (i64::from(day.0) * DAY - AHEAD) * 1_000_000);
        }
    }

    #[test]
    fn a_year_of_ordinary_days_leaves_room_for_the_eleventh() {
        let calendar = calendar("2026-06-30");
        let total = calendar.bought(calendar.until);
        assert!((total / 730.0 - 325.0 / 365.0).abs() < 1e-9, "{total}");
        assert_eq!(calendar.when_bought(total), None);
        assert_eq!(calendar.when_bought(0.0), Some(calendar.opening));
    }
}
