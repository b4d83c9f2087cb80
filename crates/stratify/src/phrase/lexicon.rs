//! The words of the grammar, in Chinese and English.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

use super::scan::Token;

/// Something that customers do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Deed {
    Bought,
    Ordered,
    Paid,
    Spent,
    Refunded,
    Viewed,
    Added,
    InCart,
    Favourited,
    Reviewed,
    Searched,
    Chatted,
    Visited,
}

/// What an amount is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unit {
    Money,
    Times,
    Pieces,
    People,
    Percent,
    Age,
    Score,
}

/// A condition that a word says alone.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Test {
    pub(super) field: String,
    pub(super) operator: String,
    pub(super) value: Value,
}

impl Test {
    pub(super) fn rule(&self) -> Value {
        json!({"field": self.field, "operator": self.operator, "value": self.value})
    }
}

#[derive(Deserialize)]
struct Said<T> {
    is: T,
    texts: Vec<String>,
}

#[derive(Deserialize)]
struct Compared {
    is: String,
    before: Vec<String>,
    after: Vec<String>,
}

#[derive(Deserialize)]
struct Tested {
    #[serde(flatten)]
    is: Test,
    texts: Vec<String>,
}

#[derive(Deserialize)]
struct SeasonSaid {
    from: String,
    to: String,
    #[serde(default)]
    lunar: bool,
    texts: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    say: Vec<Said<Token>>,
    compare: Vec<Compared>,
    unit: Vec<Said<Unit>>,
    deed: Vec<Said<Deed>>,
    field: Vec<Said<String>>,
    test: Vec<Tested>,
    window: Vec<Said<Value>>,
    season: Vec<SeasonSaid>,
    time: Times,
}

/// Words beside lengths of time and dates.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Times {
    /// Before a length that ends now.
    pub(super) last: Vec<String>,
    /// Behind a length that ends now.
    pub(super) within: Vec<String>,
    /// Behind a length or a day: and before.
    pub(super) ago: Vec<String>,
    /// Behind a day: and after.
    pub(super) since: Vec<String>,
    /// Behind a length that is an age.
    pub(super) age: Vec<String>,
}

/// Words with what they mean, and the length of the longest in characters.
#[derive(Default)]
pub(super) struct Lexicon {
    pub(super) words: HashMap<String, Token>,
    pub(super) longest: usize,
    pub(super) times: Times,
}

impl Lexicon {
    fn add(&mut self, texts: Vec<String>, token: &Token) {
        for text in texts {
            self.longest = self.longest.max(text.chars().count());
            self.words.insert(text, token.clone());
        }
    }

    fn of(file: File) -> Self {
        let mut all = Self::default();
        for Said { is, texts } in file.say {
            all.add(texts, &is);
        }
        for Compared { is, before, after } in file.compare {
            all.add(before, &Token::Compare(is.clone(), false));
            all.add(after, &Token::Compare(is, true));
        }
        for Said { is, texts } in file.unit {
            all.add(texts, &Token::Unit(is));
        }
        for Said { is, texts } in file.deed {
            all.add(texts, &Token::Deed(is));
        }
        for Said { is, texts } in file.field {
            all.add(texts, &Token::Field(is));
        }
        for Tested { is, texts } in file.test {
            all.add(texts, &Token::Test(is));
        }
        for Said { is, texts } in file.window {
            all.add(texts, &Token::Window(is));
        }
        for SeasonSaid { from, to, lunar, texts } in file.season {
            all.add(texts, &Token::Season { from, to, lunar });
        }
        all.times = file.time;
        all
    }
}

static ALL: LazyLock<Lexicon> = LazyLock::new(|| {
    // A test reads the file; a word that is missing is told as one that is not understood.
    serde_json::from_str(include_str!("words.json")).map(Lexicon::of).unwrap_or_default()
});

/// All words.
pub(super) fn all() -> &'static Lexicon {
    &ALL
}
