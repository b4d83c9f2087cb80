//! JSON that borrows the text it was read from: what every message carries is looked at once, and
//! most of it is passed over.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Number;

/// Entries up to which names are compared one by one.
const FEW: usize = 24;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Json<'a>>),
    /// An object.
    Object(Object<'a>),
}

/// An object: its entries in their order, each name once. Of a repeated name the last value holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

impl<'a> Json<'a> {
    /// The object that it is.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// A text as it is, anything else as JSON writes it.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => number.to_string().into(),
            // Names are texts, so nothing of it cannot be written.
            other => serde_json::to_string(other).unwrap_or_default().into(),
        }
    }
}

impl<'a> Object<'a> {
    /// The value of that name, unless it is `null`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json<'a>> {
        let (_, value) = self.0.iter().find(|(own, _)| own == name)?;
        (*value != Json::Null).then_some(value)
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json<'a>)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// Nothing but the entry of that name.
    #[must_use]
    pub fn only(mut self, name: &str) -> Self {
        self.0.retain(|(own, _)| own == name);
        self
    }

    fn of(entries: Vec<(Cow<'a, str>, Json<'a>)>) -> Self {
        let again = |(place, (name, _)): (usize, &(Cow<'a, str>, Json<'a>))| {
            entries.iter().take(place).any(|(before, _)| before == name)
        };
        if entries.len() <= FEW && !entries.iter().enumerate().any(again) {
            return Self(entries);
        }
        let mut places: HashMap<Cow<'a, str>, usize> = HashMap::with_capacity(entries.len());
        let mut once: Vec<(Cow<'a, str>, Json<'a>)> = Vec::with_capacity(entries.len());
        for (name, value) in entries {
            let place = *places.entry(name.clone()).or_insert(once.len());
            match once.get_mut(place) {
                Some((_, slot)) => *slot = value,
                None => once.push((name, value)),
            }
        }
        Self(once)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

/// The name of an entry.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_str(Any)? {
            Json::Text(text) => Ok(Self(text)),
            _ => Err(serde::de::Error::custom("a name is no text")),
        }
    }
}

/// Reads any value.
struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = seq.next_element()? {
            list.push(value);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Entries.visit_map(map).map(Json::Object)
    }
}

/// Reads an object.
struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::with_capacity(FEW / 2);
        while let Some((Name(name), value)) = map.next_entry()? {
            entries.push((name, value));
        }
        Ok(Object::of(entries))
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(list) => serializer.collect_seq(list),
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<bool>().prop_map(|value| value.to_string()),
            any::<i64>().prop_map(|value| value.to_string()),
            (-1e9..1e9_f64).prop_map(|value| value.to_string()),
            "[a-c\"\\\\\n\u{4e00}-\u{4e09}]{0,4}".prop_map(|text| Value::from(text).to_string()),
        ];
        leaf.prop_recursive(3, 60, 40, |inner| {
            let name = "[a-d\u{4e00}]{1,2}".prop_map(|name| Value::from(name).to_string());
            let entry = (name, inner.clone()).prop_map(|(name, value)| format!("{name}:{value}"));
            prop_oneof![
                prop::collection::vec(inner, 0..5).prop_map(|list| format!("[{}]", list.join(","))),
                prop::collection::vec(entry, 0..40)
                    .prop_map(|entries| format!("{{{}}}", entries.join(","))),
            ]
        })
    }

    proptest! {
        /// A name that is repeated, an escaped text, many names: all as the library has them.
        #[test]
        fn it_is_what_the_library_reads(text in json()) {
            let (ours, theirs): (Json<'_>, Value) =
                (serde_json::from_str(&text).unwrap(), serde_json::from_str(&text).unwrap());
            prop_assert_eq!(serde_json::to_string(&ours).unwrap(), theirs.to_string());
            let plain = theirs.as_str().map_or_else(|| theirs.to_string(), str::to_owned);
            prop_assert_eq!(ours.text(), plain);
        }
    }

    #[test]
    fn what_is_nested_too_deeply_is_refused() {
        let text = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(serde_json::from_str::<Object<'_>>(&text).is_err());
    }
}
