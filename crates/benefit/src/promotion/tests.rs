//! Which promotions would set the price of one product at one time.

use base::Time;
use serde_json::{Value, json};

use super::rule::{Kinds, overlap};
use crate::offer::terms::Terms;

fn terms(effect: Value, scope: Value) -> Terms {
    let both = Value::from_iter([("effect", effect), ("scope", scope)]);
    let terms: Terms = serde_json::from_value(both).unwrap();
    terms.check().unwrap();
    terms
}

fn special(goods: Value) -> Terms {
    let price = json!({"kind": "fixed_price", "price_minor": 990, "pieces": {"kind": "unlimited"}});
    terms(price, Value::from_iter([("goods", goods)]))
}

fn only(of: Value) -> Value {
    Value::from_iter([("kind", json!("only")), ("of", of)])
}

#[test]
fn goods_in_common_are_found_by_product_category_and_brand() {
    let kinds: Kinds = [
        (1, (Some("dress".to_owned()), Some("a".to_owned()))),
        (2, (Some("mask".to_owned()), None)),
    ]
    .into();
    let all = json!({"kind": "all"});
    let except = |of: Value| json!({"kind": "except", "of": of});
    for (one, other, expected) in [
        (only(json!({"products": [1]})), only(json!({"products": [1, 2]})), true),
        (only(json!({"products": [1]})), only(json!({"products": [2]})), false),
        (only(json!({"products": [1]})), only(json!({"categories": ["dress"]})), true),
        (only(json!({"products": [2]})), only(json!({"categories": ["dress"]})), false),
        (only(json!({"products": [1]})), only(json!({"brands": ["a"]})), true),
        (only(json!({"categories": ["dress"]})), only(json!({"categories": ["mask"]})), false),
        (only(json!({"categories": ["dress"]})), only(json!({"brands": ["b"]})), true),
        (only(json!({"products": [1]})), all.clone(), true),
        (only(json!({"products": [1]})), except(json!({"products": [1]})), false),
        (only(json!({"products": [1, 2]})), except(json!({"products": [1]})), true),
        (only(json!({"products": [1]})), except(json!({"categories": ["dress"]})), false),
        (except(json!({"products": [1]})), all, true),
    ] {
        let (one, other) = (special(one), special(other));
        let window = (Time::from_micros(0), None);
        for (one, other) in [(&one, &other), (&other, &one)] {
            let found = overlap((one, window), (other, window), &kinds);
            assert_eq!(found, expected, "{one:?} {other:?}");
        }
    }
}

#[test]
fn promotions_that_never_meet_are_no_trouble() {
    let all = || json!({"goods": {"kind": "all"}});
    let one = special(json!({"kind": "all"}));
    let at = Time::from_micros;
    let kinds = Kinds::new();
    let holds = |window, other: &Terms, others| overlap((&one, window), (other, others), &kinds);
    assert!(holds((at(0), Some(at(10))), &one, (at(9), None)));
    assert!(!holds((at(0), Some(at(10))), &one, (at(10), None)));
    assert!(!holds((at(10), None), &one, (at(0), Some(at(10)))));
    // 满减 sets nobody's price.
    let off = json!({"kind": "amount_off", "steps": [
        {"from": {"kind": "none"}, "gives": {"minor": 100}}]});
    assert!(!holds((at(0), None), &terms(off, all()), (at(0), None)));
    let scoped = |part: &str, list: Value| {
        let mut scope = all();
        scope[part] = list;
        let price =
            json!({"kind": "piece_percent_off", "share": 1, "pieces": {"kind": "unlimited"}});
        terms(price, scope)
    };
    let wechat = scoped("channels", json!(["wechat"]));
    let store = scoped("channels", json!(["store"]));
    let window = (at(0), None);
    assert!(holds(window, &wechat, window));
    assert!(!overlap((&wechat, window), (&store, window), &kinds));
}
