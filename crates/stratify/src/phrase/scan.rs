//! Cutting a text into words: the longest word that begins somewhere is meant.

use serde::Deserialize;
use serde_json::Value;

use super::lexicon::{self, Deed, Test, Unit};
use super::time;
use super::vocabulary::{Means, Vocabulary};

/// A unit of time, as windows have it.
pub(super) type UnitName = &'static str;

/// A word and what it is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Token {
    /// Says nothing.
    Filler,
    Not,
    Or,
    And,
    /// Between the parts of a list.
    List,
    /// Between the ends of a range.
    Range,
    Likes,
    /// The largest.
    Top,
    /// Between words.
    #[serde(skip)]
    Space,
    /// A comma or the like.
    #[serde(skip)]
    Stop,
    /// A comparison, and whether it stands behind its number.
    #[serde(skip)]
    Compare(String, bool),
    #[serde(skip)]
    Unit(Unit),
    /// Digits, and how many of them are behind the point.
    #[serde(skip)]
    Number(i64, u32),
    /// A window, as JSON.
    #[serde(skip)]
    Window(Value),
    /// Days of every year.
    #[serde(skip)]
    Season {
        from: String,
        to: String,
        lunar: bool,
    },
    /// So many units of time.
    #[serde(skip)]
    Length(u32, UnitName),
    #[serde(skip)]
    Deed(Deed),
    /// A field of customers.
    #[serde(skip)]
    Field(String),
    #[serde(skip)]
    Test(Test),
    /// What a name of the shop may mean.
    #[serde(skip)]
    Name(Vec<Means>),
    #[serde(skip)]
    Unknown,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    /// The place of its first character.
    pub(super) from: usize,
    /// The place after its last.
    pub(super) to: usize,
    pub(super) token: Token,
}

/// The pieces of a text, one after the other.
pub(super) fn pieces(chars: &[char], vocabulary: &Vocabulary) -> Vec<Piece> {
    let lower: Vec<char> = chars.iter().map(|c| c.to_lowercase().next().unwrap_or(*c)).collect();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut from = 0;
    while let Some(c) = lower.get(from) {
        let (token, length) = match c {
            _ if c.is_whitespace() => (Token::Space, 1),
            ',' | ';' | '。' | '；' | '，' | '.' | '!' | '！' | '\n' => (Token::Stop, 1),
            _ => longest(&lower, from, vocabulary).unwrap_or((Token::Unknown, 1)),
        };
        let to = from + length;
        match pieces.last_mut() {
            Some(last) if token == Token::Unknown && last.token == Token::Unknown => last.to = to,
            _ => pieces.push(Piece { from, to, token }),
        }
        from = to;
    }
    pieces
}

fn longest(lower: &[char], from: usize, vocabulary: &Vocabulary) -> Option<(Token, usize)> {
    let rest = lower.get(from..).unwrap_or_default();
    let found = [time::scan(rest), number(rest), word(lower, from, vocabulary)];
    // Of words of one length the first counts.
    found.into_iter().flatten().rev().max_by_key(|(_, length)| *length)
}

/// A name of the shop, or a word of the grammar.
fn word(lower: &[char], from: usize, vocabulary: &Vocabulary) -> Option<(Token, usize)> {
    let words = lexicon::all();
    let rest = lower.get(from..)?;
    let most = words.longest.max(vocabulary.longest()).max(PROVINCE_CHARS).min(rest.len());
    (1..=most).rev().find_map(|length| {
        if !stands_alone(lower, from, from + length) {
            return None;
        }
        let text: String = rest.get(..length)?.iter().collect();
        let token = words.words.get(&text).cloned();
        let token = token.or_else(|| Some(Token::Name(vocabulary.find(&text)?.to_vec())))?;
        Some((token, length))
    })
}

/// Characters of the longest province in Latin letters.
const PROVINCE_CHARS: usize = 24;

/// Whether no word of Latin letters is cut there.
fn stands_alone(lower: &[char], from: usize, to: usize) -> bool {
    let latin = |at: usize| lower.get(at).is_some_and(char::is_ascii_alphanumeric);
    let cut = |at: usize| at > 0 && latin(at - 1) && latin(at);
    !cut(from) && !cut(to)
}

/// A number in figures or Chinese numerals; `1,000`, `3万` and `两百` are some.
fn number(rest: &[char]) -> Option<(Token, usize)> {
    let (digits, after, length) = figures(rest).or_else(|| {
        // 一 and its kind begin many words: a number is followed by what it counts.
        let (number, length) = numerals(rest)?;
        let next: String = rest.get(length..)?.iter().take(1).collect();
        let counts = matches!(lexicon::all().words.get(&next), Some(Token::Unit(_)));
        counts.then_some((number, 0, length))
    })?;
    Some((Token::Number(digits, after), length))
}

/// Figures, with a point or separators of thousands, and 百千万亿 behind them.
pub(super) fn figures(rest: &[char]) -> Option<(i64, u32, usize)> {
    let (mut digits, mut after, mut length) = (0_i64, None, 0);
    for (at, c) in rest.iter().enumerate() {
        let next = rest.get(at + 1).is_some_and(char::is_ascii_digit);
        match c.to_digit(10) {
            Some(digit) => {
                digits = digits.checked_mul(10)?.checked_add(i64::from(digit))?;
                after = after.map(|after: u32| after + 1);
            }
            None if *c == '.' && at > 0 && next && after.is_none() => after = Some(0),
            None if *c == ',' && at > 0 && next && after.is_none() => {}
            None => break,
        }
        length = at + 1;
    }
    if length == 0 {
        return None;
    }
    let mut after = after.unwrap_or(0);
    while let Some(zeros) = rest.get(length).and_then(|c| power(*c)) {
        let cut = zeros.min(after);
        after -= cut;
        digits = digits.checked_mul(10_i64.checked_pow(zeros - cut)?)?;
        length += 1;
    }
    Some((digits, after, length))
}

/// The zeros of 十百千万亿 behind figures.
fn power(c: char) -> Option<u32> {
    [('百', 2), ('千', 3), ('万', 4), ('亿', 8)]
        .into_iter()
        .find(|(own, _)| *own == c)
        .map(|(_, n)| n)
}

/// Chinese numerals below a hundred million.
pub(super) fn numerals(rest: &[char]) -> Option<(i64, usize)> {
    const ONES: &str = "零一二三四五六七八九";
    let (mut all, mut part, mut digit, mut length) = (0_i64, 0_i64, None, 0);
    for c in rest {
        let one = if *c == '两' { Some(2) } else { ONES.chars().position(|own| own == *c) };
        match (one.and_then(|one| i64::try_from(one).ok()), c) {
            (Some(one), _) => digit = Some(one),
            (None, '十') => part += digit.take().unwrap_or(1) * 10,
            (None, '百') => part += digit.take()? * 100,
            (None, '千') => part += digit.take()? * 1_000,
            (None, '万') if length > 0 => {
                all = (part + digit.take().unwrap_or(0)).checked_mul(10_000)?;
                part = 0;
            }
            _ => break,
        }
        length += 1;
    }
    (length > 0).then_some((all + part + digit.unwrap_or(0), length))
}
