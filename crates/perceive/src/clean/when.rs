//! Dates and times as exports write them.
//!
//! Day and month in doubt, spreadsheet serials and epoch numbers are read only where the mapping
//! declares them. A time without an offset is local to the reader's zone.

use base::{Date, Time, Zone};
use jiff::civil;
use serde::Deserialize;

use super::{Reason, number, text};

/// How a source writes its times, as far as the text alone does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// Year first, or a month's name; digits alone are `YYYYMMDD[HHMM[SS]]`.
    #[default]
    Auto,
    /// `31/12/2025`.
    DayFirst,
    /// `12/31/2025`.
    MonthFirst,
    /// Days since 1899-12-30, as spreadsheets count.
    ExcelSerial,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMillis,
}

/// Years that a date may have.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;

/// Days of [`Style::ExcelSerial`] that fall into [`YEARS`].
const SERIAL_MAX: i64 = 109_938;

/// Bytes that a date can have; longer text is none.
const DATE_BYTES_MAX: usize = 64;

const IMPOSSIBLE: &str = "is not a possible date and time";
const UNREADABLE: &str = "is not a date such as 2025-05-29 18:47:00";
const DIGITS: &str =
    "is a number, not a date: say `style` in the mapping if it counts days, seconds or millis";
const DOUBT: &str =
    "does not say which is the day: set `style` to day_first or month_first in the mapping";

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// What a text says before a zone is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A wall-clock time.
    Local(civil::DateTime),
    /// An instant, because the text has an offset.
    Instant(Time),
}

/// Reads a time.
///
/// # Errors
/// A reason when it is no time, an impossible one, or one that could be read in two ways.
pub fn time(raw: &str, style: Style, zone: &Zone) -> Result<Time, Reason> {
    let local = match moment(raw, style)? {
        Moment::Instant(time) => return Ok(time),
        Moment::Local(local) => local,
    };
    zone.instant(local).map_err(|_| IMPOSSIBLE.into())
}

/// Reads a calendar day; a time of day after it is dropped.
///
/// # Errors
/// As [`time`].
pub fn day(raw: &str, style: Style, zone: &Zone) -> Result<Date, Reason> {
    match moment(raw, style)? {
        Moment::Local(local) => Ok(Date::of(local.date())),
        Moment::Instant(time) => Ok(zone.date(time)),
    }
}

/// A birthday as `1990-05-17`, or `05-17` where the source gives no year.
///
/// # Errors
/// As [`time`].
pub fn birthday(raw: &str, style: Style, zone: &Zone) -> Result<String, Reason> {
    let narrow = text::narrow(raw);
    let mut cursor = Cursor(narrow.trim());
    if let Some((month, digits)) = cursor.number()
        && digits <= 2
        && cursor.eat_any(&["-", "/", ".", "月"])
        && let Some((day, _)) = cursor.number()
    {
        cursor.eat_any(&["日", "号"]);
        if cursor.0.is_empty() {
            // 2000 is a leap year, so 29 February stands.
            let date = civil_date(2000, month, day)?;
            return Ok(format!("{:02}-{:02}", date.month(), date.day()));
        }
    }
    Ok(day(raw, style, zone)?.to_string())
}

/// Whether a text is how databases write "no date".
#[must_use]
pub fn is_zero(raw: &str) -> bool {
    raw.starts_with("0000-00-00") || raw.starts_with("0000/00/00")
}

/// Reads a text into a wall-clock time or an instant.
///
/// # Errors
/// As [`time`].
pub fn moment(raw: &str, style: Style) -> Result<Moment, Reason> {
    if let Some(local) = iso(raw.as_bytes()) {
        return local.map(Moment::Local);
    }
    let narrow = text::narrow(raw);
    let trimmed = narrow.trim();
    match style {
        Style::ExcelSerial => return serial(trimmed).map(Moment::Local),
        Style::EpochSeconds => return epoch(trimmed, 6),
        Style::EpochMillis => return epoch(trimmed, 3),
        Style::Auto | Style::DayFirst | Style::MonthFirst => {}
    }
    if trimmed.len() > DATE_BYTES_MAX {
        return Err(UNREADABLE.into());
    }
    if trimmed.bytes().all(|byte| byte.is_ascii_digit()) {
        return compact(trimmed).map(Moment::Local);
    }
    let mut cursor = Cursor(trimmed);
    let date = date(&mut cursor, style)?;
    let time = clock(&mut cursor)?;
    let local = date.to_datetime(time);
    match offset(&mut cursor)? {
        None => Ok(Moment::Local(local)),
        Some(seconds) => {
            let utc = Zone::utc().instant(local).map_err(|_| Reason::from(IMPOSSIBLE))?;
            Ok(Moment::Instant(utc.plus(-i64::from(seconds) * 1_000_000)))
        }
    }
}

/// The common form by hand: `2010-12-01 08:26:00`, with `T`, or the date alone. `None`: another
/// form.
fn iso(bytes: &[u8]) -> Option<Result<civil::DateTime, Reason>> {
    let &[a, b, c, d, b'-', e, f, b'-', g, h, ref rest @ ..] = bytes else { return None };
    let pair = |tens: u8, ones: u8| {
        (tens.is_ascii_digit() && ones.is_ascii_digit())
            .then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
    };
    let year = pair(a, b)? * 100 + pair(c, d)?;
    let (month, day) = (pair(e, f)?, pair(g, h)?);
    let (hour, minute, second) = match *rest {
        [] => (0, 0, 0),
        [b' ' | b'T', h1, h2, b':', m1, m2, b':', s1, s2] => {
            (pair(h1, h2)?, pair(m1, m2)?, pair(s1, s2)?)
        }
        _ => return None,
    };
    let date = civil_date(year, month, day);
    Some(date.and_then(|date| Ok(date.to_datetime(civil_time(hour, minute, second, 0)?))))
}

fn civil_date(year: u32, month: u32, day: u32) -> Result<civil::Date, Reason> {
    let small = |number: u32| i8::try_from(number).unwrap_or(i8::MAX);
    let year = i16::try_from(year).ok().filter(|year| YEARS.contains(year));
    let date = year.and_then(|year| civil::Date::new(year, small(month), small(day)).ok());
    date.ok_or(Reason::from(IMPOSSIBLE))
}

fn civil_time(hour: u32, minute: u32, second: u32, nanos: i32) -> Result<civil::Time, Reason> {
    let small = |number: u32| i8::try_from(number).unwrap_or(i8::MAX);
    civil::Time::new(small(hour), small(minute), small(second), nanos)
        .map_err(|_| Reason::from(IMPOSSIBLE))
}

fn serial(text: &str) -> Result<civil::DateTime, Reason> {
    let days = number::amount(text, false)?;
    let unit = 10_i128.pow(days.scale);
    let seconds = (days.units * 86_400 + unit / 2) / unit;
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    if !(86_400..=SERIAL_MAX * 86_400).contains(&seconds) {
        return Err("is not a spreadsheet's count of days".into());
    }
    let start = civil::date(1899, 12, 30).at(0, 0, 0, 0);
    let span = jiff::Span::new().try_seconds(seconds).map_err(|_| Reason::from(IMPOSSIBLE))?;
    start.checked_add(span).map_err(|_| IMPOSSIBLE.into())
}

fn epoch(text: &str, scale: u32) -> Result<Moment, Reason> {
    let count = number::amount(text, false)?;
    let micros = count.to_scale(scale);
    let micros = micros.map_err(|_| Reason::from(IMPOSSIBLE))?;
    let time = Time::from_micros(micros);
    let year = Zone::utc().local(time).year();
    if YEARS.contains(&year) { Ok(Moment::Instant(time)) } else { Err(IMPOSSIBLE.into()) }
}

/// `20250529`, `202505291847`, `20250529184700`.
fn compact(digits: &str) -> Result<civil::DateTime, Reason> {
    if !matches!(digits.len(), 8 | 12 | 14) {
        return Err(DIGITS.into());
    }
    let part = |from: usize, to: usize| {
        digits.get(from..to).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0)
    };
    let date = civil_date(part(0, 4), part(4, 6), part(6, 8))?;
    Ok(date.to_datetime(civil_time(part(8, 10), part(10, 12), part(12, 14), 0)?))
}

/// What is left to read.
struct Cursor<'t>(&'t str);

impl Cursor<'_> {
    /// A run of up to 9 digits: its value and how many they are.
    fn number(&mut self) -> Option<(u32, usize)> {
        let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let value = self.0.get(..digits)?.parse().ok().filter(|_| digits <= 9)?;
        self.0 = self.0.get(digits..)?;
        Some((value, digits))
    }

    fn eat(&mut self, token: &str) -> bool {
        let rest = self.0.strip_prefix(token);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn eat_any(&mut self, tokens: &[&str]) -> bool {
        tokens.iter().any(|token| self.eat(token))
    }

    fn blanks(&mut self) {
        self.0 = self.0.trim_start();
    }

    /// An ASCII word: its place in `words` by their three letters.
    fn word(&mut self, words: &[&str]) -> Option<usize> {
        let letters = self.0.bytes().take_while(u8::is_ascii_alphabetic).count();
        let word = self.0.get(..letters).filter(|word| word.len() >= 3)?.to_ascii_lowercase();
        let place = words.iter().position(|known| word.starts_with(known))?;
        self.0 = self.0.get(letters..)?;
        Some(place)
    }
}

fn date(cursor: &mut Cursor<'_>, style: Style) -> Result<civil::Date, Reason> {
    if cursor.word(&WEEKDAYS).is_some() {
        cursor.eat(",");
        cursor.blanks();
    }
    let unreadable = || Reason::from(UNREADABLE);
    if let Some(month) = cursor.word(&MONTHS) {
        cursor.eat_any(&[". ", " ", "-"]);
        let (day, _) = cursor.number().ok_or_else(unreadable)?;
        cursor.eat_any(&["st", "nd", "rd", "th"]);
        cursor.eat(",");
        cursor.blanks();
        return named(cursor, day, month);
    }
    let (first, digits) = cursor.number().ok_or_else(unreadable)?;
    if digits <= 2 && cursor.eat_any(&[" ", "-", "/", "st ", "nd ", "rd ", "th "]) {
        if let Some(month) = cursor.word(&MONTHS) {
            cursor.eat_any(&[". ", ", ", " ", "-", "/"]);
            return named(cursor, first, month);
        }
    } else if !cursor.eat_any(&["-", "/", ".", "年"]) {
        return Err(unreadable());
    }
    let (second, _) = cursor.number().ok_or_else(unreadable)?;
    if !cursor.eat_any(&["-", "/", ".", "月"]) {
        return Err(unreadable());
    }
    let (third, last) = cursor.number().ok_or_else(unreadable)?;
    cursor.eat_any(&["日", "号"]);
    if digits == 4 {
        return civil_date(first, second, third);
    }
    let year = match last {
        4 => third,
        2 => 2000 + third,
        _ => return Err(unreadable()),
    };
    match style {
        Style::DayFirst => civil_date(year, second, first),
        Style::MonthFirst => civil_date(year, first, second),
        _ => Err(DOUBT.into()),
    }
}

fn named(cursor: &mut Cursor<'_>, day: u32, month: usize) -> Result<civil::Date, Reason> {
    let (year, digits) = cursor.number().ok_or(UNREADABLE)?;
    let year = if digits == 2 { 2000 + year } else { year };
    civil_date(year, u32::try_from(month).unwrap_or(12) + 1, day)
}

/// The time of day; midnight when the text ends with the date.
fn clock(cursor: &mut Cursor<'_>) -> Result<civil::Time, Reason> {
    cursor.eat_any(&["T", "t", ","]);
    cursor.blanks();
    let mut half = half_of_day(cursor);
    let Some((mut hour, _)) = cursor.number() else {
        return civil_time(0, 0, 0, 0);
    };
    if !cursor.eat_any(&[":", "时", "点"]) {
        return Err(UNREADABLE.into());
    }
    cursor.blanks();
    let minute = cursor.number().map_or(0, |(minute, _)| minute);
    let mut second = 0;
    let mut nanos = 0;
    cursor.eat("分");
    cursor.eat(":");
    if let Some((value, _)) = cursor.number() {
        second = value;
        if cursor.eat_any(&[".", ","]) {
            let (fraction, digits) = cursor.number().ok_or(UNREADABLE)?;
            let power = 9_u32.saturating_sub(u32::try_from(digits).unwrap_or(9));
            nanos = i32::try_from(fraction * 10_u32.pow(power)).unwrap_or(0);
        }
        cursor.eat("秒");
    }
    cursor.blanks();
    half = half.or_else(|| half_of_day(cursor));
    if let Some(afternoon) = half {
        let first = if afternoon { 1 } else { 0 };
        if !(first..=12).contains(&hour) {
            // "下午 14:30" says the same twice.
            return if afternoon && (13..=23).contains(&hour) {
                civil_time(hour, minute, second, nanos)
            } else {
                Err(IMPOSSIBLE.into())
            };
        }
        hour = hour % 12 + if afternoon { 12 } else { 0 };
    }
    civil_time(hour, minute, second, nanos)
}

/// Whether it is the afternoon, where the text says which half of the day it means.
fn half_of_day(cursor: &mut Cursor<'_>) -> Option<bool> {
    let half = if cursor.eat_any(&["上午", "AM", "am", "a.m."]) {
        Some(false)
    } else if cursor.eat_any(&["下午", "晚上", "PM", "pm", "p.m."]) {
        Some(true)
    } else {
        None
    };
    cursor.blanks();
    half
}

/// Seconds east of Greenwich, where the text says.
fn offset(cursor: &mut Cursor<'_>) -> Result<Option<i32>, Reason> {
    cursor.blanks();
    let named = cursor.eat_any(&["Z", "z", "UTC", "GMT"]);
    let east = match cursor.0.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        None => return Ok(named.then_some(0)),
        Some(_) => return Err(UNREADABLE.into()),
    };
    cursor.eat_any(&["+", "-"]);
    let (value, digits) = cursor.number().ok_or(UNREADABLE)?;
    let (hours, minutes) = match digits {
        4 => (value / 100, value % 100),
        1 | 2 if cursor.eat(":") => (value, cursor.number().ok_or(UNREADABLE)?.0),
        1 | 2 => (value, 0),
        _ => return Err(UNREADABLE.into()),
    };
    if !cursor.0.is_empty() || hours > 15 || minutes > 59 {
        return Err(UNREADABLE.into());
    }
    Ok(Some(east * i32::try_from(hours * 3600 + minutes * 60).unwrap_or(0)))
}
