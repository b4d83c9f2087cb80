use base::Time;

use super::{Plan, validator};
use crate::collect::{Kind, Message, Touch};

const SCHEMA: &str = r#"{"type":"object","required":["price"],
    "properties":{"price":{"type":"number","minimum":0},"sku":{"type":"string"}}}"#;

fn message(event: &str, properties: &str) -> Message {
    Message {
        source: 1,
        kind: Kind::Track,
        id: "m".to_owned(),
        event: event.to_owned(),
        user: Some("u".to_owned()),
        anonymous: None,
        previous: None,
        at: Time::from_micros(0),
        properties: properties.to_owned(),
        touch: Touch::default(),
        channel: "web".to_owned(),
        bot: None,
    }
}

#[test]
fn what_does_not_fit_is_told_without_its_values() {
    let mut plan = Plan::default();
    plan.rules.insert("Product Added".to_owned(), validator(SCHEMA).unwrap());
    let judged = |event: &str, properties: &str| {
        plan.judge(&message(event, properties)).map_err(|error| error.message)
    };
    assert_eq!(judged("Product Added", r#"{"price":3,"sku":"a"}"#), Ok(()));
    assert_eq!(judged("Product Viewed", r#"{"price":"secret"}"#), Ok(()));
    let wrong = judged("Product Added", r#"{"price":"secret","sku":5}"#).unwrap_err();
    assert_eq!(
        wrong,
        "does not fit the plan of Product Added: /price breaks /properties/price/type; \
         /sku breaks /properties/sku/type"
    );
    let missing = judged("Product Added", "").unwrap_err();
    assert_eq!(missing, "does not fit the plan of Product Added: / breaks /required");
}

#[test]
fn what_is_no_schema_is_refused() {
    for wrong in ["", "[", r#"{"type":"nonsense"}"#, r#"{"$ref":"http://127.0.0.1:1/a.json"}"#] {
        assert!(validator(wrong).is_err(), "{wrong}");
    }
    assert!(validator(&format!(r#"{{"title":"{}"}}"#, "x".repeat(70_000))).is_err());
}
