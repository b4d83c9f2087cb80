//! The texts of the mirror's columns of few different values: a row holds the code of its text.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};

use super::column::Place;

/// The texts of every such column. A text keeps its code; blocks share the texts.
#[derive(Debug, Clone, Default)]
pub(super) struct Dictionary(HashMap<Place, Words>);

#[derive(Debug, Clone)]
struct Words {
    codes: HashMap<Box<str>, i32>,
    texts: ArrayRef,
}

impl Default for Words {
    fn default() -> Self {
        Self { codes: HashMap::new(), texts: Arc::new(StringArray::from_iter_values([""; 0])) }
    }
}

impl Dictionary {
    /// Gives those of some texts a code that have none yet.
    pub(super) fn learn<'a>(&mut self, place: Place, texts: impl Iterator<Item = &'a str>) {
        let words = self.0.entry(place).or_default();
        let before = words.codes.len();
        let mut new: Vec<&str> = Vec::new();
        for text in texts {
            if !words.codes.contains_key(text) {
                let code = i32::try_from(words.codes.len()).unwrap_or(i32::MAX);
                words.codes.insert(text.into(), code);
                new.push(text);
            }
        }
        if words.codes.len() > before {
            let known = words.texts.as_string::<i32>().iter();
            let texts: StringArray = known.chain(new.into_iter().map(Some)).collect();
            words.texts = Arc::new(texts);
        }
    }

    /// The code of a text that was learnt.
    pub(super) fn code(&self, place: Place, text: &str) -> Option<i32> {
        self.0.get(&place)?.codes.get(text).copied()
    }

    /// Bytes of memory that the texts take.
    pub(super) fn bytes(&self) -> usize {
        self.0.values().map(|words| 2 * words.texts.get_buffer_memory_size()).sum()
    }

    /// The texts of a column by their codes.
    pub(super) fn texts(&self, place: Place) -> ArrayRef {
        self.0.get(&place).map_or_else(|| Words::default().texts, |words| Arc::clone(&words.texts))
    }
}
