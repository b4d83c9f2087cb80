//! Phone numbers in E.164.
//!
//! Chinese mobiles and landlines are checked by their numbering plan. Other countries are checked
//! by calling code, trunk prefix and length: enough to give one person one text, which is all that
//! an identifier needs.

use super::{Reason, text};

/// Calling code, ISO 3166 code, trunk prefix, shortest and longest national number.
type Plan = (&'static str, &'static str, &'static str, usize, usize);

/// Numbering plans, longer calling codes first where one begins another (ITU-T E.164 list).
const PLANS: &[Plan] = &[
    ("852", "HK", "", 8, 8),
    ("853", "MO", "", 8, 8),
    ("886", "TW", "0", 8, 9),
    ("855", "KH", "0", 8, 9),
    ("856", "LA", "0", 8, 10),
    ("880", "BD", "0", 8, 10),
    ("351", "PT", "", 9, 9),
    ("352", "LU", "", 4, 11),
    ("353", "IE", "0", 7, 9),
    ("354", "IS", "", 7, 9),
    ("356", "MT", "", 8, 8),
    ("357", "CY", "", 8, 8),
    ("358", "FI", "0", 5, 12),
    ("359", "BG", "0", 7, 9),
    ("370", "LT", "0", 8, 8),
    ("371", "LV", "", 8, 8),
    ("372", "EE", "", 7, 8),
    ("380", "UA", "0", 9, 9),
    ("385", "HR", "0", 8, 9),
    ("386", "SI", "0", 8, 8),
    ("420", "CZ", "", 9, 9),
    ("421", "SK", "0", 9, 9),
    ("961", "LB", "0", 7, 8),
    ("965", "KW", "", 8, 8),
    ("966", "SA", "0", 8, 9),
    ("968", "OM", "", 8, 8),
    ("971", "AE", "0", 8, 9),
    ("972", "IL", "0", 8, 9),
    ("973", "BH", "", 8, 8),
    ("974", "QA", "", 8, 8),
    ("977", "NP", "0", 8, 10),
    ("234", "NG", "0", 8, 10),
    ("254", "KE", "0", 9, 10),
    ("20", "EG", "0", 8, 10),
    ("27", "ZA", "0", 9, 9),
    ("30", "GR", "", 10, 10),
    ("31", "NL", "0", 9, 9),
    ("32", "BE", "0", 8, 9),
    ("33", "FR", "0", 9, 9),
    ("34", "ES", "", 9, 9),
    ("36", "HU", "06", 8, 9),
    ("39", "IT", "", 6, 11),
    ("40", "RO", "0", 9, 9),
    ("41", "CH", "0", 9, 9),
    ("43", "AT", "0", 4, 13),
    ("44", "GB", "0", 9, 10),
    ("45", "DK", "", 8, 8),
    ("46", "SE", "0", 7, 10),
    ("47", "NO", "", 8, 8),
    ("48", "PL", "", 9, 9),
    ("49", "DE", "0", 5, 12),
    ("51", "PE", "0", 8, 9),
    ("52", "MX", "", 10, 10),
    ("54", "AR", "0", 10, 11),
    ("55", "BR", "0", 10, 11),
    ("56", "CL", "", 9, 9),
    ("57", "CO", "", 10, 10),
    ("60", "MY", "0", 8, 10),
    ("61", "AU", "0", 9, 9),
    ("62", "ID", "0", 8, 12),
    ("63", "PH", "0", 8, 10),
    ("64", "NZ", "0", 8, 10),
    ("65", "SG", "", 8, 8),
    ("66", "TH", "0", 8, 9),
    ("7", "RU", "8", 10, 10),
    ("7", "KZ", "8", 10, 10),
    ("81", "JP", "0", 9, 10),
    ("82", "KR", "0", 8, 10),
    ("84", "VN", "0", 9, 10),
    ("86", "CN", "0", 10, 11),
    ("90", "TR", "0", 10, 10),
    ("91", "IN", "0", 10, 10),
    ("92", "PK", "0", 9, 10),
    ("94", "LK", "0", 9, 9),
    ("1", "US", "1", 10, 10),
    ("1", "CA", "1", 10, 10),
];

/// Digits that an E.164 number may have, calling code included.
const DIGITS_MAX: usize = 15;
/// Digits below which no number is complete, calling code included.
const DIGITS_MIN: usize = 7;

const NOT_CHINESE: &str = "is not a Chinese mobile number or a landline with its area code";

/// The number in E.164. `country` (ISO 3166 alpha-2) is where a number without `+` is from.
///
/// # Errors
/// A reason when it is no complete phone number.
pub fn phone(raw: &str, country: &str) -> Result<String, Reason> {
    let (international, digits) = dialled(raw)?;
    let (international, digits) = match digits.strip_prefix("00") {
        Some(rest) if !international => (true, rest),
        _ => (international, digits.as_str()),
    };
    if international {
        return abroad(digits);
    }
    if country == "CN" {
        if let Some(rest) = digits.strip_prefix("86")
            && let Ok(number) = chinese(rest)
            && digits.len() > 11
        {
            return Ok(number);
        }
        return chinese(digits);
    }
    let plan = PLANS.iter().find(|plan| plan.1 == country);
    let plan = plan.ok_or("has no country code: write it with + and the country's code")?;
    national(digits, *plan)
}

/// The digits that are dialled, and whether a `+` stands before them. An extension (`转12`,
/// `ext. 12`, `-8012` after a complete landline) is no part of the number.
fn dialled(raw: &str) -> Result<(bool, String), Reason> {
    let narrow = text::narrow(raw);
    let lower = narrow.trim().to_lowercase();
    let cut = ["转", "ext", "x", "#", ";", "分机"].iter().filter_map(|mark| lower.find(mark)).min();
    let main = lower.get(..cut.unwrap_or(lower.len())).unwrap_or(&lower).trim();
    let (international, main) = match main.trim_start_matches("tel:").trim().strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, main.trim_start_matches("tel:").trim()),
    };
    // "+44 (0)20 …": the trunk prefix in brackets is not dialled from abroad.
    let main = if international { main.replacen("(0)", "", 1) } else { main.to_owned() };
    let mut digits = String::with_capacity(main.len());
    for c in main.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '-' | '.' | '(' | ')' | '/' | '–' | '—' | '\t' => {}
            _ => return Err("is not a phone number".into()),
        }
    }
    Ok((international, digits))
}

fn abroad(digits: &str) -> Result<String, Reason> {
    if let Some(rest) = digits.strip_prefix("86") {
        return chinese(rest);
    }
    match PLANS.iter().find(|plan| digits.starts_with(plan.0)) {
        Some(plan) => {
            let rest = digits.strip_prefix(plan.0).unwrap_or(digits);
            let trunk = plan.2 == "0" && rest.starts_with('0');
            national_of(if trunk { rest.get(1..).unwrap_or(rest) } else { rest }, *plan)
        }
        None if (DIGITS_MIN + 1..=DIGITS_MAX).contains(&digits.len())
            && !digits.starts_with('0') =>
        {
            Ok(format!("+{digits}"))
        }
        None => Err("is not a complete phone number".into()),
    }
}

fn national(digits: &str, plan: Plan) -> Result<String, Reason> {
    let fits = |number: &str| (plan.3..=plan.4).contains(&number.len());
    let bare = digits.strip_prefix(plan.2).filter(|rest| !plan.2.is_empty() && fits(rest));
    // A number typed with its calling code but without the plus.
    let coded = digits.strip_prefix(plan.0).filter(|rest| !fits(digits) && fits(rest));
    national_of(bare.or(coded).unwrap_or(digits), plan)
}

fn national_of(number: &str, (code, _, _, shortest, longest): Plan) -> Result<String, Reason> {
    let total = number.len() + code.len();
    if !(shortest..=longest).contains(&number.len()) || !(DIGITS_MIN..=DIGITS_MAX).contains(&total)
    {
        return Err("does not have as many digits as a phone number of its country".into());
    }
    Ok(format!("+{code}{number}"))
}

/// Mobiles are 11 digits from `13` to `19`; landlines have an area code of `10`, `2x` or three
/// digits, and a subscriber number of 7 or 8 that does not begin with 0 or 1.
fn chinese(digits: &str) -> Result<String, Reason> {
    let bytes = digits.as_bytes();
    if let [b'1', b'3'..=b'9', rest @ ..] = bytes
        && rest.len() == 9
    {
        return Ok(format!("+86{digits}"));
    }
    let bare = digits.strip_prefix('0').unwrap_or(digits);
    // A mobile dialled with the long-distance zero.
    if digits.len() == 12 && matches!(bare.as_bytes(), [b'1', b'3'..=b'9', ..]) {
        return if bare.len() == 11 { Ok(format!("+86{bare}")) } else { Err(NOT_CHINESE.into()) };
    }
    let area = match bare.as_bytes() {
        [b'1', b'0', ..] | [b'2', ..] => 2,
        [b'3'..=b'9', ..] => 3,
        _ => 0,
    };
    let subscriber = bare.as_bytes().get(area..).unwrap_or_default();
    let right = area > 0
        && matches!(subscriber.first(), Some(b'2'..=b'9'))
        && if area == 2 { subscriber.len() == 8 } else { matches!(subscriber.len(), 7 | 8) };
    if right {
        return Ok(format!("+86{bare}"));
    }
    Err(NOT_CHINESE.into())
}
