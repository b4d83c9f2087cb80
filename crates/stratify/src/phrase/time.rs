//! Times as people say them.

use serde_json::{Value, json};

use super::lexicon::{self, Times};
use super::scan::{Token, figures, numerals};

/// Units with their words; the longest first.
const UNITS: [(&str, &[&str]); 7] = [
    ("minute", &["分钟", " minutes", " minute"]),
    ("hour", &["个小时", "小时", " hours", " hour"]),
    ("week", &["个星期", "星期", "周", " weeks", " week"]),
    ("month", &["个月", " months", " month"]),
    ("quarter", &["个季度", " quarters", " quarter"]),
    ("year", &["年", " years", " year"]),
    ("day", &["天", "日", " days", " day"]),
];
/// A year in which every day of the calendar occurs.
const LEAP_YEAR: i64 = 2_000;
/// Units that a length may have at the most.
const UNITS_MAX: i64 = 36_525;

fn starts(rest: &[char], word: &str) -> Option<usize> {
    let mut length = 0;
    for c in word.chars() {
        if rest.get(length) != Some(&c) {
            return None;
        }
        length += 1;
    }
    Some(length)
}

fn one_of(rest: &[char], words: &[impl AsRef<str>]) -> Option<usize> {
    words.iter().find_map(|word| starts(rest, word.as_ref()))
}

fn said() -> &'static Times {
    &lexicon::all().times
}

fn from(rest: &[char], place: usize) -> &[char] {
    rest.get(place..).unwrap_or_default()
}

/// What says a time at the beginning of a text in small letters: a window, or so many units.
pub(super) fn scan(rest: &[char]) -> Option<(Token, usize)> {
    let window = |(window, length)| (Token::Window(window), length);
    dates(rest).map(window).or_else(|| length(rest)).or_else(|| month(rest))
}

/// `3月`, `3月8日`, `3月到5月`: days of every year.
fn month(rest: &[char]) -> Option<(Token, usize)> {
    let one = |rest: &[char]| {
        let (month, length) = number(rest).filter(|(_, n)| rest.get(*n) == Some(&'月'))?;
        let mut end = length + 1;
        let mark = |n: usize| matches!(rest.get(end + n), Some('日' | '号'));
        let day = number(from(rest, end)).filter(|(_, n)| mark(*n));
        end += day.map_or(0, |(_, n)| n + 1);
        // A year with a 29 February, so that no day is missing.
        let (first, last) = whole(LEAP_YEAR, Some(month), day.map(|(day, _)| day))?;
        Some((first.get(5..)?.to_owned(), last.get(5..)?.to_owned(), end))
    };
    let (first, mut last, mut end) = one(rest)?;
    if let Some(lead) = one_of(from(rest, end), &["到", "至", "-", "~"])
        && let Some((_, until, more)) = one(from(rest, end + lead))
    {
        (last, end) = (until, end + lead + more);
    }
    Some((Token::Season { from: first, to: last, lunar: false }, end))
}

/// `近90天`, `90天内`, `30天前`, `90天`, `in the last 3 months`, `2 days ago`.
fn length(rest: &[char]) -> Option<(Token, usize)> {
    let lead = one_of(rest, &said().last).unwrap_or(0);
    let own = from(rest, lead);
    let (number, digits) = figures(own)
        .and_then(|(digits, after, length)| (after == 0).then_some((digits, length)))
        .or_else(|| numerals(own))?;
    let (unit, word) = UNITS.iter().find_map(|(unit, words)| {
        let length = one_of(from(own, digits), words)?;
        let rest = from(own, digits + length);
        let latin = rest.first().is_some_and(char::is_ascii_alphabetic);
        let age = one_of(rest, &said().age).is_some();
        (!latin && !age).then_some((*unit, length))
    })?;
    let count = u32::try_from(number).ok().filter(|_| (1..=UNITS_MAX).contains(&number))?;
    let end = lead + digits + word;
    if let Some(ago) = one_of(from(rest, end), &said().ago).filter(|_| lead == 0) {
        let window = json!({"to": {"ago": count, "unit": unit}});
        return Some((Token::Window(window), end + ago));
    }
    let within = one_of(from(rest, end), &said().within);
    if lead == 0 && within.is_none() {
        return Some((Token::Length(count, unit), end));
    }
    let window = json!({"last": count, "unit": unit});
    Some((Token::Window(window), end + within.unwrap_or(0)))
}

/// A day, a month or a year of the calendar, or from one to another.
fn dates(rest: &[char]) -> Option<(Value, usize)> {
    let open = [("since ", true), ("from ", true), ("after ", true), ("before ", false)];
    for (word, since) in open {
        if let Some(lead) = starts(rest, word)
            && let Some((first, last, length)) = date(from(rest, lead))
            && !(word == "from " && to(from(rest, lead + length)).is_some())
        {
            let window = if since { json!({"from": first}) } else { json!({"to": before(&last)}) };
            return Some((window, lead + length));
        }
    }
    let lead = one_of(rest, &["between ", "from ", "on ", "in ", "从"]).unwrap_or(0);
    let (first, last, length) = date(from(rest, lead)).or_else(|| {
        let alone = lead > 0 && from(rest, lead + 4).first().is_none_or(|c| *c == ' ');
        let (year, length) = digits(from(rest, lead), 4).filter(|_| alone)?;
        whole(year, None, None).map(|(first, last)| (first, last, length))
    })?;
    let end = lead + length;
    if let Some((until, more)) = to(from(rest, end)) {
        return Some((json!({"from": first, "to": until}), end + more));
    }
    if let Some(word) = one_of(from(rest, end), &said().since) {
        return Some((json!({"from": first}), end + word));
    }
    if let Some(word) = one_of(from(rest, end), &said().ago) {
        return Some((json!({"to": before(&first)}), end + word));
    }
    Some((json!({"from": first, "to": last}), end))
}

/// The last day of what follows `到`.
fn to(rest: &[char]) -> Option<(String, usize)> {
    let words = ["到", "至", " - ", "-", "~", " to ", " until ", " and "];
    let lead = one_of(rest, &words)?;
    let (_, last, length) = date(from(rest, lead))?;
    Some((last, lead + length))
}

/// The day before a day that is a date.
fn before(day: &str) -> String {
    let civil = day.parse::<jiff::civil::Date>().ok().and_then(|day| day.yesterday().ok());
    civil.map_or_else(|| day.to_owned(), |day| day.to_string())
}

/// First and last day of a date with a year: `2026-03-01`, `2026年3月1日`, `2026年3月`, `2026年`,
/// `march 2026`.
fn date(rest: &[char]) -> Option<(String, String, usize)> {
    if let Some((month, lead)) = month_name(rest) {
        let (year, length) = digits(from(rest, lead), 4)?;
        return whole(year, Some(month), None).map(|(first, last)| (first, last, lead + length));
    }
    let (year, mut end) = digits(rest, 4).filter(|(year, _)| (1970..=9_999).contains(year))?;
    let mark = rest.get(end)?;
    let (month, day) = match mark {
        '-' | '/' => {
            let (month, length) = number(from(rest, end + 1))?;
            let next = end + 1 + length;
            if rest.get(next) != Some(mark) {
                return None;
            }
            let (day, length) = number(from(rest, next + 1))?;
            end = next + 1 + length;
            (Some(month), Some(day))
        }
        '年' => {
            end += 1;
            let month = number(from(rest, end)).filter(|(_, n)| rest.get(end + n) == Some(&'月'));
            let Some((month, length)) = month else {
                return whole(year, None, None).map(|(first, last)| (first, last, end));
            };
            end += length + 1;
            let mark = |n: usize| matches!(rest.get(end + n), Some('日' | '号'));
            let day = number(from(rest, end)).filter(|(_, n)| mark(*n));
            end += day.map_or(0, |(_, n)| n + 1);
            (Some(month), day.map(|(day, _)| day))
        }
        _ => return None,
    };
    whole(year, month, day).map(|(first, last)| (first, last, end))
}

fn month_name(rest: &[char]) -> Option<(i64, usize)> {
    const NAMES: [&str; 12] = [
        "january ",
        "february ",
        "march ",
        "april ",
        "may ",
        "june ",
        "july ",
        "august ",
        "september ",
        "october ",
        "november ",
        "december ",
    ];
    let found = (1..).zip(NAMES).find_map(|(month, name)| Some((month, starts(rest, name)?)));
    found.filter(|(_, length)| from(rest, *length).first().is_some_and(char::is_ascii_digit))
}

/// So many figures and no more.
fn digits(rest: &[char], count: usize) -> Option<(i64, usize)> {
    number(rest).filter(|(_, length)| *length == count)
}

/// Figures without anything in them.
fn number(rest: &[char]) -> Option<(i64, usize)> {
    let text: String = rest.iter().take_while(|c| c.is_ascii_digit()).take(5).collect();
    Some((text.parse().ok()?, text.len()))
}

/// First and last day of a year, a month or a day.
fn whole(year: i64, month: Option<i64>, day: Option<i64>) -> Option<(String, String)> {
    let small = |number: i64| i8::try_from(number).ok();
    let (month_no, day_no) = (small(month.unwrap_or(1))?, small(day.unwrap_or(1))?);
    let first = jiff::civil::Date::new(i16::try_from(year).ok()?, month_no, day_no).ok()?;
    let last = match (month, day) {
        (_, Some(_)) => first,
        (Some(_), None) => first.last_of_month(),
        (None, None) => first.last_of_year(),
    };
    Some((first.to_string(), last.to_string()))
}
