//! What is refused, and how combinators bind.

use serde_json::{Value, json};

use crate::expr::{Expr, read, schema};

#[test]
fn what_cannot_be_meant_is_refused_with_its_place() {
    for (wish, at, says) in [
        (json!([]), "expression", "is no group and no rule"),
        (
            json!({"rules": [{"field": "nett", "operator": "=", "value": 1}]}),
            "rules[0]",
            "no field",
        ),
        (
            json!({"rules": [{"rules": [{"field": "events", "operator": "~", "value": ""}]}]}),
            "rules[0].rules[0]",
            "no operator for events",
        ),
        (json!({"rules": [{"field": "paid_orders", "operator": "~"}]}), "rules[0]", "no operator"),
        (
            json!({"rules": [{"field": "paid_orders", "operator": "=", "value": "many"}]}),
            "rules[0]",
            "is no number",
        ),
        (
            json!({"rules": [{"field": "phone", "operator": "contains", "value": "138"}]}),
            "rules[0]",
            "no operator for phone",
        ),
        (
            json!({"rules": [{"field": "orders", "measure": {
                "of": "count", "operator": "top", "value": {"part": 1}
            }}]}),
            "rules[0]",
            "is a number of people",
        ),
        (
            json!({"rules": [{"field": "events", "value": {"rules": [
                {"field": "properties.at", "operator": "<", "value": "soon"}
            ]}}]}),
            "rules[0].value.rules[0]",
            "is no time",
        ),
        (json!({"combinator": "nor", "rules": [{"rules": []}]}), "expression", "one of: and, or"),
        (
            json!({"rules": [{"field": "events", "match": {"mode": "all"}}]}),
            "rules[0]",
            "not offered",
        ),
        (
            json!({"rules": [{
                "field": "last_order_at", "operator": "within", "value": {"lats": 3}
            }]}),
            "rules[0]",
            "no key `lats`",
        ),
        (
            json!({"rules": [{"field": "events", "value": {"rules": [
                {"field": "event_time", "operator": "within", "value": {"last": 72, "unit": "hour"}}
            ]}}]}),
            "rules[0].value.rules[0]",
            "from 0 to 48",
        ),
    ] {
        let error = read(&wish).unwrap_err();
        assert!(!jsonschema::is_valid(&schema(), &wish), "{wish}");
        assert_eq!(error.field.as_deref(), Some(at), "{wish}: {error}");
        assert!(error.message.contains(says), "{wish}: {error}");
    }
}

#[test]
fn what_stands_in_no_column_is_compared_with_values_only() {
    for (field, other) in [("r", "f"), ("points", "paid_orders"), ("net_minor", "stored_minor")] {
        let rule = json!({
            "field": field, "operator": ">", "value": other, "valueSource": "field"
        });
        let error = read(&json!({"rules": [rule]})).unwrap_err();
        assert!(error.message.contains("cannot be compared"), "{field} {other}: {error}");
    }
}

#[test]
fn combinators_between_rules_bind_as_in_sql() {
    let rule = |value: i64| json!({"field": "paid_orders", "operator": "=", "value": value});
    let plain = |wish: &Value| format!("{:?}", read(wish).unwrap());
    let mixed = json!({"rules": [rule(1), "or", rule(2), "and", rule(3)]});
    let Expr::Any(parts) = read(&mixed).unwrap() else { panic!("{}", plain(&mixed)) };
    assert_eq!(parts.len(), 2);
    let muted = json!({"combinator": "or", "rules": [{"field": "no such", "muted": true}]});
    assert!(matches!(read(&muted).unwrap(), Expr::All(parts) if parts.is_empty()));
}
