//! Amounts, whole numbers and ids.

use std::borrow::Cow;

use base::Decimal;
use base::decimal::{DIGITS_MAX, SCALE_MAX};

use super::{Reason, text};

/// Bytes that an id may have.
pub const ID_BYTES_MAX: usize = 255;

/// Ten to this power is the largest exponent that an amount may be written with.
const EXPONENT_MAX: i32 = 12;

/// Texts that mean "no money".
const ZERO: &[&str] = &["无退款申请", "无退款", "免费", "免邮", "包邮", "free"];

/// Signs and words of currencies that stand before or after an amount.
const CURRENCY: &[&str] = &[
    "¥", "US$", "R$", "A$", "C$", "HK$", "NT$", "$", "€", "£", "₹", "₩", "RMB", "CNY", "USD",
    "EUR", "GBP", "BRL", "元", "圆",
];

/// Units that stand after a count.
const PIECES: &[&str] = &["件", "个", "pcs", "pc"];

/// An amount: `1234.5`, `¥1,234.50`, `0元`, `(12.30)`, `1.2万`, `无退款申请`. `comma` says that the
/// source writes decimals with a comma and thousands with points or blanks.
///
/// # Errors
/// A reason when it is no number, or one that could be read in two ways.
pub fn amount(raw: &str, comma: bool) -> Result<Decimal, Reason> {
    if !comma && raw.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+')) {
        return plain(raw);
    }
    let narrow = text::narrow(raw);
    let mut rest = narrow.trim();
    if ZERO.iter().any(|word| rest.eq_ignore_ascii_case(word)) {
        return Ok(Decimal::whole(0));
    }
    let mut negative = false;
    if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (rest, negative) = (inner.trim(), true);
    }
    rest = unsigned(rest, &mut negative)?;
    rest = without_currency(rest);
    rest = unsigned(rest, &mut negative)?;
    let tenthousand = rest.strip_suffix('万');
    rest = tenthousand.unwrap_or(rest).trim();
    let (mantissa, exponent) = exponent(rest)?;
    let digits = ungrouped(mantissa, comma)?;
    let value = plain(&digits)?;
    let value = shifted(value, exponent + if tenthousand.is_some() { 4 } else { 0 })?;
    Ok(if negative { Decimal { units: -value.units, ..value } } else { value })
}

/// A whole number, `2` or `2.0` or `2件`.
///
/// # Errors
/// A reason when it is none.
pub fn whole(raw: &str, comma: bool) -> Result<i64, Reason> {
    let narrow = text::narrow(raw);
    let bare = PIECES.iter().find_map(|unit| narrow.strip_suffix(unit)).unwrap_or(&narrow);
    let value = amount(bare, comma)?;
    value.to_whole().map_err(|error| Cow::Owned(error.message))
}

/// An id as text. A number that a spreadsheet made of it loses its `.0`.
///
/// # Errors
/// A reason when a spreadsheet has thrown digits away, or when it is too long for an id.
pub fn id(raw: &str) -> Result<&str, Reason> {
    if raw.len() > ID_BYTES_MAX {
        return Err("is longer than the 255 bytes that an id may have".into());
    }
    if let Some((digits, zeros)) = raw.split_once('.') {
        let numeric = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if numeric && !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') {
            return Ok(digits);
        }
    }
    if is_scientific(raw) {
        return Err("a spreadsheet has rounded this id and its last digits are lost; export it \
                    again with the column as text"
            .into());
    }
    Ok(raw)
}

/// `left − right`, exactly.
///
/// # Errors
/// A reason when the result does not fit.
pub fn minus(left: Decimal, right: Decimal) -> Result<Decimal, Reason> {
    let scale = left.scale.max(right.scale);
    let units = |value: Decimal| value.units.checked_mul(10_i128.checked_pow(scale - value.scale)?);
    let difference = units(left).zip(units(right)).and_then(|(a, b)| a.checked_sub(b));
    difference.map(|units| Decimal { units, scale }).ok_or(Cow::Borrowed("is too large"))
}

/// `total ÷ parts`, rounded half away from zero; `total` when there are no parts.
#[must_use]
pub fn share(total: i64, parts: i64) -> i64 {
    if parts == 0 {
        return total;
    }
    let (total, parts) = (i128::from(total), i128::from(parts));
    let (quotient, remainder) = (total / parts, total % parts);
    let away = if (total < 0) == (parts < 0) { 1 } else { -1 };
    let up = remainder.abs() * 2 >= parts.abs();
    i64::try_from(if up { quotient + away } else { quotient }).unwrap_or(i64::MAX)
}

/// Plain digits. Decimals beyond [`SCALE_MAX`] are what binary fractions leave behind
/// (`0.30000000000000004`) and are dropped.
fn plain(digits: &str) -> Result<Decimal, Reason> {
    let point = digits.find('.').unwrap_or(digits.len());
    let end = (point + 1 + SCALE_MAX as usize).min(digits.len());
    let tail = digits.get(end..).unwrap_or_default();
    let cut = tail.bytes().all(|byte| byte.is_ascii_digit());
    let digits = if cut { digits.get(..end).unwrap_or(digits) } else { digits };
    Decimal::parse(digits).map_err(|_| {
        let count = digits.bytes().filter(u8::is_ascii_digit).count();
        let point = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        if count > DIGITS_MAX || point > SCALE_MAX as usize {
            Cow::Borrowed("has more digits than an amount can have")
        } else {
            Cow::Borrowed("is not a number")
        }
    })
}

fn unsigned<'t>(text: &'t str, negative: &mut bool) -> Result<&'t str, Reason> {
    let rest = match text.strip_prefix('-') {
        Some(_) if *negative => return Err("is not a number: it has two signs".into()),
        Some(rest) => {
            *negative = true;
            rest
        }
        None => text,
    };
    Ok(rest.trim_start())
}

fn without_currency(text: &str) -> &str {
    let mut rest = text;
    for sign in CURRENCY {
        let head = rest.get(..sign.len()).is_some_and(|head| head.eq_ignore_ascii_case(sign));
        rest = if head { rest.get(sign.len()..).unwrap_or(rest).trim_start() } else { rest };
        let start = rest.len().saturating_sub(sign.len());
        let tail = rest.get(start..).is_some_and(|tail| tail.eq_ignore_ascii_case(sign));
        rest = if tail { rest.get(..start).unwrap_or(rest).trim_end() } else { rest };
    }
    rest
}

fn exponent(text: &str) -> Result<(&str, i32), Reason> {
    let Some((mantissa, power)) = text.split_once(['e', 'E']) else {
        return Ok((text, 0));
    };
    let power = power.parse::<i32>().ok().filter(|power| power.abs() <= EXPONENT_MAX);
    power.map(|power| (mantissa, power)).ok_or(Cow::Borrowed("is not a number"))
}

fn shifted(value: Decimal, power: i32) -> Result<Decimal, Reason> {
    let too_many = || Cow::Borrowed("has more digits than an amount can have");
    let down = power.min(0).unsigned_abs() + value.scale;
    let up = power.max(0).unsigned_abs();
    let (units, scale) = if up >= down {
        (value.units.checked_mul(10_i128.pow(up - down)).ok_or_else(too_many)?, 0)
    } else {
        (value.units, down - up)
    };
    if scale > SCALE_MAX || units.unsigned_abs() >= 10_u128.pow(18) {
        return Err(too_many());
    }
    Ok(Decimal { units, scale })
}

/// The digits without thousands separators, with a point before the decimals.
fn ungrouped(text: &str, comma: bool) -> Result<Cow<'_, str>, Reason> {
    let (group, point): (&[char], char) =
        if comma { (&['.', ' ', '\u{202F}'], ',') } else { (&[','], '.') };
    let (whole, decimals) = text.split_once(point).map_or((text, None), |(w, d)| (w, Some(d)));
    if decimals.is_some_and(|decimals| decimals.contains(group)) {
        return Err("mixes decimal points and commas: say `decimal = \",\"` in the mapping if \
                    the comma is the decimal sign"
            .into());
    }
    if !whole.contains(group) && !comma {
        return Ok(Cow::Borrowed(text));
    }
    let mut digits = String::with_capacity(text.len());
    for (index, part) in whole.split(group).enumerate() {
        let right = if index == 0 { (1..=3).contains(&part.len()) } else { part.len() == 3 };
        if whole.contains(group) && !right {
            return Err("its commas do not part thousands: say `decimal = \",\"` in the mapping \
                        if the comma is the decimal sign"
                .into());
        }
        digits.push_str(part);
    }
    if let Some(decimals) = decimals {
        digits.push('.');
        digits.push_str(decimals);
    }
    Ok(Cow::Owned(digits))
}

/// `2.1E+18`: what a spreadsheet shows of a long number. `15056E2` is an article number.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, power)) = text.split_once(['e', 'E']) else { return false };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let signed = power.strip_prefix('+');
    whole.len() == 1
        && digits(whole)
        && digits(signed.unwrap_or(power))
        && (decimals.is_empty() || digits(decimals))
        && (signed.is_some() || !decimals.is_empty())
}
