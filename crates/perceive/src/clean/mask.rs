//! Personal values as rejects and logs may show them.

/// What a value is, as far as hiding it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Not personal: shown, shortened when long.
    Plain,
    /// A phone number: `138****1234`.
    Phone,
    /// An email address: `a***@b.com`.
    Email,
    /// A name: `张*`.
    Name,
    /// An account name: shown unless it is an address or a phone number.
    Account,
    /// Anything else that is personal: nothing of it.
    Other,
}

/// Characters of a value that is not personal which a reject shows.
pub const SHOWN_CHARS_MAX: usize = 120;

/// What stands for a value of which nothing is shown.
const HIDDEN: &str = "****";

/// Whether somebody else has hidden a part: `t**1` and `138****1234` are those of many people.
#[must_use]
pub fn is_masked(value: &str) -> bool {
    value.contains("**") || value.contains("＊＊")
}

/// The value as it may be shown.
#[must_use]
pub fn mask(kind: Kind, value: &str) -> String {
    match kind {
        Kind::Plain => shortened(value),
        Kind::Phone => phone(value),
        Kind::Email => email(value),
        Kind::Name => value.chars().next().map(|c| format!("{c}*")).unwrap_or_default(),
        Kind::Account if value.contains('@') => email(value),
        Kind::Account if value.bytes().filter(u8::is_ascii_digit).count() >= 11 => phone(value),
        Kind::Account => shortened(value),
        Kind::Other => hidden(value),
    }
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

fn hidden(value: &str) -> String {
    if value.is_empty() { String::new() } else { HIDDEN.to_owned() }
}

fn phone(value: &str) -> String {
    let digits: Vec<char> = value.chars().filter(|c| !matches!(c, ' ' | '-' | '\'')).collect();
    let plain = digits.iter().all(|c| c.is_ascii_digit() || *c == '+');
    if !plain || digits.len() < 9 {
        return hidden(value);
    }
    let head = digits.len() - 8;
    let shown = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default().iter();
    shown(0..head)
        .chain(&['*', '*', '*', '*'])
        .chain(shown(digits.len() - 4..digits.len()))
        .collect()
}

fn email(value: &str) -> String {
    let Some((local, domain)) = value.rsplit_once('@') else { return hidden(value) };
    let first = local.chars().next().map(String::from).unwrap_or_default();
    format!("{first}***@{}", shortened(domain))
}
