//! Conditions on a property of a JSON object in a column of texts.

use std::fmt::Debug;
use std::sync::Arc;

use serde_json::Value;

use super::{Texts, compares_as};

/// What a property must be.
#[derive(Debug, Clone)]
pub enum Property {
    /// A number that compares with this one in one of these ways: less, equal, greater. A text that
    /// is a number counts as one.
    Fraction([bool; 3], f64),
    /// Such a text. A number counts as the text that it is written as.
    Text(Texts),
    /// This truth value.
    Truth(bool),
    /// There, or not.
    There(bool),
    /// Such as somebody else says; of what they say nothing it is neither.
    Judged(Arc<dyn Judge>),
}

/// Whether a value is as it should be; nothing where that makes no sense of it.
pub trait Judge: Debug + Send + Sync {
    /// Whether it is.
    fn holds(&self, value: &Value) -> Option<bool>;
}

impl Property {
    /// Whether the property of that name is such a one, or with `outside` is another.
    pub(super) fn holds(&self, object: &str, key: &str, outside: bool) -> bool {
        let found = property(object, key);
        match (self, &found) {
            (Self::There(there), found) => found.is_some() == (*there != outside),
            (_, None) => false,
            (Self::Fraction(ways, wanted), Some(value)) => {
                number_of(value).is_some_and(|own| compares_as(own, *wanted, *ways) != outside)
            }
            (Self::Judged(judge), Some(value)) => {
                judge.holds(value).is_some_and(|held| held != outside)
            }
            (Self::Text(texts), Some(value)) => match value {
                Value::String(text) => texts.hold(text) != outside,
                Value::Number(number) => texts.hold(&number.to_string()) != outside,
                _ => false,
            },
            (Self::Truth(wanted), Some(value)) => {
                value.as_bool().is_some_and(|truth| (truth == *wanted) != outside)
            }
        }
    }
}

/// A number, or a text that is one.
#[must_use]
pub fn number_of(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

/// A property that is there: by its name, or by a path of names with dots.
#[must_use]
pub fn property(object: &str, key: &str) -> Option<Value> {
    let last = key.rsplit('.').next().unwrap_or(key);
    if !object.contains(last) {
        return None;
    }
    let mut whole: Value = serde_json::from_str(object).ok()?;
    let named = whole.get_mut(key).map(Value::take);
    let found = named.or_else(|| {
        key.split('.').try_fold(whole, |mut value, name| value.get_mut(name).map(Value::take))
    });
    found.filter(|value| !value.is_null())
}
