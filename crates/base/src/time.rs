//! Time: instants in microseconds, days, and a shop's own zone.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Microseconds in a day of 24 hours.
pub const DAY_MICROS: i64 = 86_400_000_000;

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(i64);

impl Time {
    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The instant `micros` later.
    #[must_use]
    pub const fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// The UTC day.
    #[must_use]
    pub const fn utc_day(self) -> Date {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "days of any i64 of micros fit 32 bits"
        )]
        Date(self.0.div_euclid(DAY_MICROS) as i32)
    }
}

impl fmt::Display for Time {
    /// RFC 3339 in UTC with a `Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => instant.fmt(f),
            Err(_) => write!(f, "{}µs", self.0),
        }
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Time {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let instant: jiff::Timestamp = text.parse().map_err(|cause| {
            Error::bad(format!("{text:?} is not a time such as 2026-11-22T08:30:00Z"))
                .because(cause)
        })?;
        Ok(Self(instant.as_microsecond()))
    }
}

/// A calendar day, counted from 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Date(pub i32);

impl Date {
    /// The day of a civil date.
    #[must_use]
    pub fn of(date: civil::Date) -> Self {
        let since = date.since((jiff::Unit::Day, civil::date(1970, 1, 1)));
        Self(since.map_or(0, |span| span.get_days()))
    }

    /// The civil date; days outside the years −9999 to 9999 become the nearest one inside.
    #[must_use]
    pub fn civil(self) -> civil::Date {
        let epoch = civil::date(1970, 1, 1);
        let edge = if self.0 < 0 { civil::Date::MIN } else { civil::Date::MAX };
        jiff::Span::new().try_days(self.0).and_then(|span| epoch.checked_add(span)).unwrap_or(edge)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.civil().fmt(f)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Date {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let date: civil::Date = text.parse().map_err(|cause| {
            Error::bad(format!("{text:?} is not a date such as 2026-11-22")).because(cause)
        })?;
        Ok(Self::of(date))
    }
}

/// A time zone by its IANA name; the rules come with the program.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone {
    name: String,
    rules: TimeZone,
}

impl Zone {
    /// The zone of that IANA name.
    ///
    /// # Errors
    /// `bad_input` when there is no such zone.
    pub fn named(name: &str) -> Result<Self> {
        let rules = TimeZone::get(name).map_err(|cause| {
            Error::bad(format!("{name:?} is not a time zone"))
                .field("time_zone")
                .hint("use an IANA name such as Asia/Shanghai")
                .because(cause)
        })?;
        Ok(Self { name: name.to_owned(), rules })
    }

    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), rules: TimeZone::UTC }
    }

    /// The IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The instant of a local time: an ambiguous one is the earlier, a missing one is shifted
    /// forward by the length of the gap.
    ///
    /// # Errors
    /// `bad_input` when the time lies outside the years −9999 to 9999.
    pub fn instant(&self, local: civil::DateTime) -> Result<Time> {
        let instant = self
            .rules
            .to_ambiguous_timestamp(local)
            .compatible()
            .map_err(|cause| Error::bad(format!("{local} is out of range")).because(cause))?;
        Ok(Time(instant.as_microsecond()))
    }

    /// The local wall-clock time of an instant.
    #[must_use]
    pub fn local(&self, time: Time) -> civil::DateTime {
        let instant = jiff::Timestamp::from_microsecond(time.0);
        instant.map_or(civil::DateTime::MAX, |instant| self.rules.to_datetime(instant))
    }

    /// The local day of an instant.
    #[must_use]
    pub fn date(&self, time: Time) -> Date {
        let Ok(instant) = jiff::Timestamp::from_microsecond(time.0) else {
            return time.utc_day();
        };
        let offset: Offset = self.rules.to_offset(instant);
        Time(time.0 + i64::from(offset.seconds()) * 1_000_000).utc_day()
    }

    /// The zone's offsets from UTC between two instants: since when, and how many microseconds
    /// local time is ahead. The first entry holds before it too.
    #[must_use]
    pub fn offsets(&self, first: i64, last: i64) -> Vec<(i64, i64)> {
        let Ok(start) = jiff::Timestamp::from_microsecond(first) else {
            return vec![(first, 0)];
        };
        let micros = |offset: Offset| i64::from(offset.seconds()) * 1_000_000;
        let mut offsets = vec![(first, micros(self.rules.to_offset(start)))];
        for change in self.rules.following(start) {
            let at = change.timestamp().as_microsecond();
            if at > last {
                break;
            }
            offsets.push((at, micros(change.offset())));
        }
        offsets
    }

    /// The instant at which a local day begins.
    ///
    /// # Errors
    /// `bad_input` when the day lies outside the years −9999 to 9999.
    pub fn start_of(&self, date: Date) -> Result<Time> {
        self.instant(date.civil().to_datetime(civil::Time::midnight()))
    }

    /// The last microsecond of a local day.
    ///
    /// # Errors
    /// `bad_input` when the day lies outside the years −9999 to 9999.
    pub fn end_of(&self, date: Date) -> Result<Time> {
        Ok(self.start_of(Date(date.0.saturating_add(1)))?.plus(-1))
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl TryFrom<String> for Zone {
    type Error = Error;

    fn try_from(name: String) -> Result<Self> {
        Self::named(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(zone: &str, local: &str) -> String {
        Zone::named(zone).unwrap().instant(local.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn an_ambiguous_time_is_the_earlier_and_a_missing_one_moves_on() {
        assert_eq!(instant("Europe/London", "2011-10-30T01:30:00"), "2011-10-30T00:30:00Z");
        assert_eq!(instant("Europe/London", "2011-03-27T01:30:00"), "2011-03-27T01:30:00Z");
        assert_eq!(instant("Asia/Shanghai", "2025-06-01T00:00:00"), "2025-05-31T16:00:00Z");
    }

    #[test]
    fn days_are_the_shop_s_own() {
        let zone = Zone::named("America/New_York").unwrap();
        let time: Time = "2018-01-01T04:01:20Z".parse().unwrap();
        assert_eq!(zone.date(time).to_string(), "2017-12-31");
        let day: Date = "2017-12-31".parse().unwrap();
        assert_eq!(zone.end_of(day).unwrap().to_string(), "2018-01-01T04:59:59.999999Z");
        assert_eq!(day.civil().to_string(), "2017-12-31");
    }
}
