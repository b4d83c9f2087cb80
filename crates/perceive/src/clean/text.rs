//! Text as spreadsheets and shop systems leave it in a cell.

use std::borrow::Cow;

/// Words that exports write where they have nothing to say.
const ABSENT: &[&str] = &[
    "null", "NULL", "N/A", "n/a", "#N/A", "NaN", "nan", "None", "none", "无", "-", "--", "—", "\\N",
];

/// The longest word of [`ABSENT`], in bytes.
const ABSENT_BYTES: usize = 4;

/// The value without blanks around it (no-break, ideographic and zero-width ones too), control
/// characters, and the dress of spreadsheet exports: `="…"` and a leading `'`.
#[must_use]
pub fn cell(raw: &str) -> Cow<'_, str> {
    if is_plain(raw.as_bytes()) {
        return Cow::Borrowed(raw);
    }
    let mut text = raw.trim_matches(is_blank);
    if let Some(inner) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        text = inner.trim_matches(is_blank);
    }
    if let Some(rest) = text.strip_prefix('\'') {
        text = rest.trim_matches(is_blank);
    }
    let clean = if text.is_ascii() {
        text.bytes().all(|byte| byte >= b' ' && byte != 0x7F)
    } else {
        !text.chars().any(is_noise)
    };
    if clean {
        return Cow::Borrowed(text);
    }
    let kept: String = text.chars().filter(|&c| matches!(c, '\n' | '\t') || !is_noise(c)).collect();
    Cow::Owned(kept.trim_matches(is_blank).to_owned())
}

/// Whether nothing is to be cleaned: the quick answer for nearly all cells.
fn is_plain(raw: &[u8]) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    edge(raw.first())
        && edge(raw.last())
        && !matches!(raw.first(), Some(b'=' | b'\''))
        && raw.iter().all(|byte| (b' '..=b'~').contains(byte))
}

/// [`cell`], or `None` where it says nothing.
#[must_use]
pub fn given(raw: &str) -> Option<Cow<'_, str>> {
    let text = cell(raw);
    if is_absent(&text) { None } else { Some(text) }
}

/// Whether a cleaned text stands for "nothing here".
#[must_use]
pub fn is_absent(text: &str) -> bool {
    text.is_empty()
        || (!text.starts_with(|c: char| c.is_ascii_digit())
            && text.len() <= ABSENT_BYTES
            && ABSENT.contains(&text))
}

/// Full-width forms (`１２３`, `：`, `　`) as their ASCII twins.
#[must_use]
pub fn narrow(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(|c| narrowed(c) != c) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(narrowed).collect())
}

/// A name to compare headers and words by: narrow, lower case, without blanks and punctuation.
#[must_use]
pub fn key(text: &str) -> String {
    narrow(text).chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn narrowed(c: char) -> char {
    match c {
        '\u{3000}' | '\u{A0}' => ' ',
        '\u{2212}' => '-',
        '￥' => '¥',
        '￡' => '£',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// Blank at the edge of a value.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{200D}' || is_noise(c)
}

/// Never wanted, wherever it stands: control characters, zero-width and direction marks. The
/// zero-width joiner is kept because emoji are made with it.
fn is_noise(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{AD}' | '\u{180E}' | '\u{200B}' | '\u{200C}' | '\u{200E}' | '\u{200F}'
            | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFE}')
}
