//! What of a message's properties history may hold: nothing by which a person is known.

use std::net::IpAddr;
use std::sync::LazyLock;

use serde::{Serialize, Serializer};

use super::object::{Json, Object};

/// Names of properties that hold what is personal, without signs and in lower case.
const NAMES: &[&str] = &[
    "body",
    "card",
    "cardno",
    "cardnumber",
    "contact",
    "customername",
    "firstname",
    "fullname",
    "ip",
    "lastname",
    "message",
    "reviewbody",
    "sharemessage",
    "street",
    "tel",
    "text",
    "topic",
    "traits",
    "username",
];
/// Parts of names that say the same, wherever they stand in one: `shipping_address`, `clientIp`'s
/// `clientip`, `收货人手机`.
const PARTS: &[&str] = &[
    "address",
    "birthday",
    "clientip",
    "email",
    "idcard",
    "mobile",
    "password",
    "phone",
    "receiver",
    "recipient",
    "remoteip",
    "telephone",
    "token",
    "地址",
    "姓名",
    "手机",
    "电话",
    "身份证",
    "邮箱",
    "收货人",
    "联系人",
];
/// What a property's name begins with that says of whoever introduced somebody, by which name.
const INTRODUCED_BY: &[u8] = b"introducedby";
/// Bytes of a name that are looked at; what is longer is taken to be personal.
const NAME_BYTES_MAX: usize = 64;
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
    // Without a text of its own: every property of every event comes by here.
    let (mut key, mut length) = ([0; NAME_BYTES_MAX], 0);
    for byte in name.bytes().filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()) {
        let Some(slot) = key.get_mut(length) else { return true };
        *slot = byte.to_ascii_lowercase();
        length += 1;
    }
    let key = key.get(..length).unwrap_or_default();
    // The card or the name of whoever introduced somebody.
    let of_other = key.len() > INTRODUCED_BY.len() && key.starts_with(INTRODUCED_BY);
    of_other || NAMES.iter().any(|name| name.as_bytes() == key) || has_part(key)
}

fn has_part(key: &[u8]) -> bool {
    let may_begin = |byte: u8| BEGINS.get(usize::from(byte)).is_some_and(|begins| *begins);
    let places = key.iter().enumerate().filter(|(_, byte)| may_begin(**byte));
    let mut rests = places.filter_map(|(place, _)| key.get(place..));
    rests.any(|rest| PARTS.iter().any(|part| rest.starts_with(part.as_bytes())))
}

/// With which bytes parts begin.
static BEGINS: LazyLock<[bool; 256]> = LazyLock::new(|| {
    let mut begins = [false; 256];
    for byte in PARTS.iter().filter_map(|part| part.bytes().next()) {
        if let Some(slot) = begins.get_mut(usize::from(byte)) {
            *slot = true;
        }
    }
    begins
});

fn of_value<'a>(value: &'a Json<'a>) -> Option<Public<'a>> {
    match value {
        Json::Object(object) => Some(Public::Object(object)),
        Json::List(list) => Some(Public::List(list)),
        // An address of a page, whole or of this host, or what follows a path.
        Json::Text(text) if text.contains("://") || text.starts_with(['/', '?', '#']) => {
            let plain = text.split(['?', '#']).next().unwrap_or_default();
            (!plain.is_empty() && !plain.contains('@')).then_some(Public::Text(plain))
        }
        Json::Text(text) => (!looks_personal(text)).then_some(Public::Text(text)),
        Json::Number(_) => (!looks_personal(&value.text())).then_some(Public::Same(value)),
        other => Some(Public::Same(other)),
    }
}

/// An email address, a number by which somebody can be called, or an address of a computer.
fn looks_personal(text: &str) -> bool {
    let text = text.trim();
    if text.contains([':', '.']) && text.parse::<IpAddr>().is_ok() {
        return true;
    }
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
        for name in NAMES.iter().chain(PARTS) {
            assert!(is_personal(name) && is_personal(&format!("_{}-", name.to_uppercase())));
        }
        for name in NAMES {
            assert!(!is_personal(&format!("{name}s2")), "{name}");
        }
        for part in PARTS {
            assert!(is_personal(&format!("my_{part}_2")), "{part}");
        }
        assert!(is_personal("First Name") && is_personal("手机-号") && !is_personal(""));
        assert!(is_personal("ip_address") && is_personal(&"a".repeat(65)));
        assert!(!is_personal("price") && !is_personal("材质") && !is_personal("zip"));
    }

    #[test]
    fn what_looks_personal_is_left_out_whatever_it_is_called() {
        let cases = [
            (r#"{"a":"x@y.cn"}"#, None),
            (r#"{"a":"13800138000","b":13800138000,"c":"+44 20 7946 0018"}"#, None),
            (r#"{"a":"203.0.113.7","b":"2001:db8::1"}"#, None),
            (r##"{"search":"?phone=13800138000","hash":"#me"}"##, None),
            (r#"{"path":"/a?token=1"}"#, Some(r#"{"path":"/a"}"#)),
            (r#"{"url":"https://s.example/a?b=c#d"}"#, Some(r#"{"url":"https://s.example/a"}"#)),
            (
                r#"{"price":138.5,"n":12345678901,"v":"1.2.3"}"#,
                Some(r#"{"price":138.5,"n":12345678901,"v":"1.2.3"}"#),
            ),
        ];
        for (given, left) in cases {
            let object: Object<'_> = serde_json::from_str(given).unwrap();
            // An object of which nothing is left is none, or empty.
            let told = text(&object).filter(|text| text != "{}");
            assert_eq!(told.as_deref(), left, "{given}");
        }
    }
}
