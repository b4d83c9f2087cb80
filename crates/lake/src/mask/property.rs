//! Conditions on a property of a JSON object in a column of texts.

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
}

impl Property {
    /// Whether the property of that name is such a one, or with `outside` is another.
    pub(super) fn holds(&self, object: &str, key: &str, outside: bool) -> bool {
        let found = property(object, key);
        match (self, &found) {
            (Self::There(there), found) => found.is_some() == (*there != outside),
            (_, None) => false,
            (Self::Fraction(ways, wanted), Some(value)) => {
                let number = match value {
                    Value::Number(number) => number.as_f64(),
                    Value::String(text) => text.trim().parse().ok(),
                    _ => None,
                };
                number.is_some_and(|number| compares_as(number, *wanted, *ways) != outside)
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
