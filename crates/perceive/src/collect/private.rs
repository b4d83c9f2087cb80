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
    let mut key = String::with_capacity(name.len());
    key.extend(name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase));
    NAMES.contains(&key.as_str())
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
