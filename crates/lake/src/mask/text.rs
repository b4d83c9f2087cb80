//! Which texts a condition means.

use std::collections::HashSet;
use std::sync::Arc;

/// Texts that a condition means, letter for letter: upper and lower case differ.
#[derive(Debug, Clone)]
pub enum Texts {
    /// This one.
    Is(Arc<str>),
    /// One of these.
    Among(Arc<HashSet<Box<str>>>),
    /// Those that begin with it.
    Start(Arc<str>),
    /// Those that end with it.
    End(Arc<str>),
    /// Those in which it occurs.
    Hold(Arc<str>),
    /// Those of a pattern.
    Like(Arc<Pattern>),
}

impl Texts {
    /// Whether a text is one of them.
    #[must_use]
    pub fn hold(&self, text: &str) -> bool {
        match self {
            Self::Is(wanted) => **wanted == *text,
            Self::Among(wanted) => wanted.contains(text),
            Self::Start(start) => text.starts_with(&**start),
            Self::End(end) => text.ends_with(&**end),
            Self::Hold(part) => text.contains(&**part),
            Self::Like(pattern) => pattern.matches(text),
        }
    }
}

/// A pattern of SQL's `like`: `%` is any text, `_` any one character, `\` makes the next one
/// literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Part>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Any,
    One,
    Char(char),
}

impl Pattern {
    /// Reads a pattern.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut chars = text.chars();
        while let Some(next) = chars.next() {
            parts.push(match next {
                '%' if parts.last() == Some(&Part::Any) => continue,
                '%' => Part::Any,
                '_' => Part::One,
                '\\' => Part::Char(chars.next().unwrap_or('\\')),
                other => Part::Char(other),
            });
        }
        Self(parts)
    }

    /// Whether a text is of the pattern. Takes at most the product of both lengths in steps: only
    /// the last `%` is ever tried again.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let parts = self.0.as_slice();
        let (mut part, mut rest) = (0, text.chars());
        let mut again: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            let here = rest.clone();
            match (parts.get(part), rest.next()) {
                (None, None) => return true,
                (Some(Part::Any), _) => {
                    part += 1;
                    rest = here.clone();
                    again = Some((part, here));
                    continue;
                }
                (Some(Part::One), Some(_)) => {
                    part += 1;
                    continue;
                }
                (Some(Part::Char(wanted)), Some(found)) if *wanted == found => {
                    part += 1;
                    continue;
                }
                _ => {}
            }
            let Some((after, from)) = again.as_mut() else { return false };
            if from.next().is_none() {
                return false;
            }
            (part, rest) = (*after, from.clone());
        }
    }
}
