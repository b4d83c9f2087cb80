//! What of a message's properties history may hold: nothing by which a person is known.

use serde_json::{Map, Value};

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

/// The properties without what is personal: by its name, or by what it looks like. Addresses of
/// pages lose what follows their path.
#[must_use]
pub fn public(properties: Map<String, Value>) -> Map<String, Value> {
    let kept = properties.into_iter().filter(|(name, _)| !is_personal(name));
    kept.filter_map(|(name, value)| Some((name, of_value(value)?))).collect()
}

/// [`public`] properties as a JSON object; none when nothing is left.
#[must_use]
pub fn text(properties: Map<String, Value>) -> Option<String> {
    let public = public(properties);
    (!public.is_empty()).then(|| Value::Object(public).to_string())
}

fn is_personal(name: &str) -> bool {
    let key: String =
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    NAMES.contains(&key.as_str())
}

fn of_value(value: Value) -> Option<Value> {
    match value {
        Value::Object(map) => Some(Value::Object(public(map))),
        Value::Array(list) => Some(list.into_iter().filter_map(of_value).collect()),
        Value::String(text) if text.contains("://") => {
            let plain = text.split(['?', '#']).next().unwrap_or_default();
            (!plain.contains('@')).then(|| Value::String(plain.to_owned()))
        }
        Value::String(text) => (!looks_personal(&text)).then_some(Value::String(text)),
        other => Some(other),
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
