//! What of a message's properties history may hold: nothing by which a person is known.

use serde::{Serialize, Serializer};

use super::object::{Json, Object};

/// Names of properties that hold what is personal, without signs and in lower case.
const NAMES: &[&str] = &[
    "address",
    "birthday",
    "body",
    "card",
    "cardno",
    "cardnumber",
    "contact",
    "email",
    "firstname",
    "fullname",
    "idcard",
    "ip",
    "lastname",
    "message",
    "mobile",
    "password",
    "phone",
    "receiver",
    "recipient",
    "recipients",
    "reviewbody",
    "sharemessage",
    "street",
    "text",
    "token",
    "topic",
    "traits",
    "username",
    "地址",
    "姓名",
    "手机",
    "手机号",
    "电话",
    "邮箱",
];
/// Bytes of the longest of them.
const NAME_BYTES_MAX: usize = 12;
/// Digits of a phone number or a card at the least.
const DIGITS_MIN: usize = 8;

/// The properties without what is personal, as a JSON object; none when nothing is left. Personal
/// is what is so by its name or by what it looks like. Addresses of pages lose what follows their
/// path.
#[must_use]
pub fn text(properties: &Object<'_>) -> Option<String> {
    entries(properties).next()?;
    // Names are texts, so nothing of it cannot be written.
    serde_json::to_string(&Public::Object(properties)).ok()
}

/// What history may hold of a value.
enum Public<'a> {
    Same(&'a Json<'a>),
    Text(&'a str),
    List(&'a [Json<'a>]),
    Object(&'a Object<'a>),
}

impl Serialize for Public<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Same(value) => value.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(list) => serializer.collect_seq(list.iter().filter_map(of_value)),
            Self::Object(object) => serializer.collect_map(entries(object)),
        }
    }
}

fn entries<'a>(object: &'a Object<'a>) -> impl Iterator<Item = (&'a str, Public<'a>)> {
    let kept = object.iter().filter(|(name, _)| !is_personal(name));
    kept.filter_map(|(name, value)| Some((name, of_value(value)?)))
}

fn is_personal(name: &str) -> bool {
    if !name.is_ascii() {
        let signs = name.chars().filter(|c| c.is_alphanumeric());
        let key: String = signs.flat_map(char::to_lowercase).collect();
        return NAMES.contains(&key.as_str());
    }
    // Without a text of its own: every property of every event comes by here.
    let (mut key, mut length) = ([0; NAME_BYTES_MAX], 0);
    for byte in name.bytes().filter(u8::is_ascii_alphanumeric) {
        let Some(slot) = key.get_mut(length) else { return false };
        *slot = byte.to_ascii_lowercase();
        length += 1;
    }
    key.get(..length).is_some_and(|key| NAMES.iter().any(|name| name.as_bytes() == key))
}

fn of_value<'a>(value: &'a Json<'a>) -> Option<Public<'a>> {
    match value {
        Json::Object(object) => Some(Public::Object(object)),
        Json::List(list) => Some(Public::List(list)),
        Json::Text(text) if text.contains("://") => {
            let plain = text.split(['?', '#']).next().unwrap_or_default();
            (!plain.contains('@')).then_some(Public::Text(plain))
        }
        Json::Text(text) => (!looks_personal(text)).then_some(Public::Text(text)),
        other => Some(Public::Same(other)),
    }
}

/// An email address, or a number by which somebody can be called.
fn looks_personal(text: &str) -> bool {
    let text = text.trim();
    if let Some((name, host)) = text.split_once('@') {
        return !name.is_empty() && host.contains('.');
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let rest = text.strip_prefix('+').unwrap_or(text);
    let mobile = digits == 11 && matches!(text.as_bytes(), [b'1', b'3'..=b'9', ..]);
    let called = text.starts_with('+') && digits >= DIGITS_MIN;
    (mobile || called) && rest.bytes().all(|byte| byte.is_ascii_digit() || b" -()".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_names_are_known_however_they_are_written() {
        for name in NAMES {
            assert!(name.len() <= NAME_BYTES_MAX, "{name}");
            assert!(is_personal(name) && is_personal(&format!("_{}-", name.to_uppercase())));
            assert!(!is_personal(&format!("{name}s2")));
        }
        assert!(is_personal("First Name") && is_personal("手机-号") && !is_personal(""));
    }
}
