//! Days of the Chinese lunar calendar (农历), by GB/T 33661-2017.

use std::collections::BTreeSet;

use base::time::Date;
use icu_calendar::cal::ChineseTraditional;
use icu_calendar::types::{Month, RataDie};

use super::when::YEARS_BACK;

/// Days from the first of January of the year 1 to that of 1970, counted from 1.
const EPOCH: i64 = 719_163;
/// Days of the longest month.
const LONG: i8 = 30;

type Lunar = icu_calendar::Date<ChineseTraditional>;

fn of(day: Date) -> Lunar {
    let fixed = RataDie::new(i64::from(day.0) + EPOCH);
    Lunar::from_rata_die(fixed, ChineseTraditional::new())
}

fn back(day: &Lunar) -> Option<Date> {
    i32::try_from(day.to_rata_die().to_i64_date() - EPOCH).ok().map(Date)
}

/// The lunar year that a day is in, by the year in which it began.
pub(super) fn year_of(day: Date) -> Option<i16> {
    i16::try_from(of(day).cyclic_year().related_iso).ok()
}

fn exact(year: i16, month: Month, day: i8) -> Option<Date> {
    let day = u8::try_from(day).ok()?;
    let lunar = Lunar::try_new_chinese_traditional(i32::from(year), month, day).ok()?;
    back(&lunar)
}

/// A day of a lunar year; the last day of its month where that has no thirtieth.
pub(super) fn day(year: i16, (month, day): (i8, i8)) -> Option<Date> {
    let month = Month::new(u8::try_from(month).ok()?);
    exact(year, month, day).or_else(|| exact(year, month, day.min(LONG - 1)))
}

/// The stretches of days, within a lifetime before `first`, whose lunar month and day are those of
/// a day from `first` to `last`. A leap month counts as the month that it repeats.
pub(super) fn recurrences(first: Date, last: Date) -> Vec<(Date, Date)> {
    let month_days: BTreeSet<(u8, u8)> = (first.0..=last.0)
        .map(|day| of(Date(day)))
        .map(|lunar| (lunar.month().number(), lunar.day_of_month().0))
        .collect();
    let Some(this) = year_of(last) else { return Vec::new() };
    let mut days = BTreeSet::new();
    for year in this - YEARS_BACK..=this {
        for (month, day) in &month_days {
            let Ok(day) = i8::try_from(*day) else { continue };
            for month in [Month::new(*month), Month::leap(*month)] {
                days.extend(exact(year, month, day));
            }
        }
    }
    let mut stretches: Vec<(Date, Date)> = Vec::new();
    for day in days {
        match stretches.last_mut() {
            Some((_, last)) if last.0 + 1 == day.0 => *last = day,
            _ => stretches.push((day, day)),
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn festivals_are_on_the_days_that_calendars_print() {
        for (year, month_day, printed) in [
            (2025, (1, 1), "2025-01-29"),
            (2025, (8, 15), "2025-10-06"),
            (2026, (1, 1), "2026-02-17"),
            (2026, (5, 5), "2026-06-19"),
            (2023, (12, 30), "2024-02-09"),
            // The twelfth month has no thirtieth.
            (2024, (12, 30), "2025-01-28"),
        ] {
            assert_eq!(day(year, month_day), Some(date(printed)), "{year} {month_day:?}");
        }
        assert_eq!(year_of(date("2025-01-28")), Some(2024));
    }

    #[test]
    fn a_birthday_in_a_leap_month_is_kept_in_the_month_that_it_repeats() {
        // 2025 had a sixth month twice: from June 25th and from July 25th.
        let found = recurrences(date("2026-07-14"), date("2026-07-14"));
        assert_eq!(of(date("2026-07-14")).month().number(), 6);
        assert!(found.contains(&(date("2025-06-25"), date("2025-06-25"))));
        assert!(found.contains(&(date("2025-07-25"), date("2025-07-25"))));
    }
}
