//! That the words of an offer are read as they stand, and nonsense is refused where it stands.

use serde_json::{Value, json};

use crate::offer::stack::Stacking;
use crate::offer::terms::{Hours, Terms};

/// An offer of 满300减40 with one part put in place of another.
fn terms(part: &str, value: Value) -> Value {
    let mut terms = json!({
        "effect": {"kind": "amount_off", "steps": [
            {"from": {"kind": "money", "minor": 30_000}, "gives": {"minor": 4_000}},
            {"from": {"kind": "money", "minor": 50_000}, "gives": {"minor": 8_000}},
        ]},
        "scope": {"goods": {"kind": "all"}},
    });
    *terms.pointer_mut(part).unwrap() = value;
    terms
}

#[test]
fn nothing_is_read_that_is_not_said() {
    let read = |value: Value| serde_json::from_value::<Terms>(value);
    let own = terms("/scope/goods", json!({"kind": "all"}));
    let back = serde_json::to_value(read(own.clone()).unwrap()).unwrap();
    assert_eq!(back["effect"], own["effect"]);
    for (part, value) in [
        ("/scope/goods", json!({"kind": "all", "of": {"products": [1]}})),
        ("/scope/goods", json!({})),
        ("/scope", json!({})),
        ("/effect", json!({"kind": "percent_off", "steps": []})),
        ("/effect", json!({"kind": "free_shipping", "most": {"kind": "unlimited"}})),
        ("/effect/steps/0", json!({"gives": {"minor": 4_000}})),
        ("/effect/steps/0/from", json!({"kind": "none", "minor": 5})),
    ] {
        assert!(read(terms(part, value.clone())).is_err(), "{part} {value}");
    }
}

#[test]
fn nonsense_is_refused_where_it_stands() {
    let times = json!({"kind": "unlimited"});
    let each = |each: Value| {
        let kind = "amount_off_each";
        json!({"kind": kind, "each": each, "off_minor": 10, "times": times})
    };
    let part = |product: i64, pieces: i64| json!({"product": product, "pieces": pieces});
    let set = |parts: Value| {
        let kind = "set_price";
        json!({"kind": kind, "parts": parts, "price_minor": 10, "times": times})
    };
    for (place, value, field) in [
        ("/effect/steps", json!([]), "effect.steps"),
        ("/effect/steps/1/from/minor", json!(30_000), "effect.steps[1].from"),
        ("/effect/steps/1/from", json!({"kind": "pieces", "pieces": 3}), "effect.steps[1].from"),
        ("/effect/steps/1/gives/minor", json!(4_000), "effect.steps[1].gives.minor"),
        ("/effect/steps/0/gives/minor", json!(0), "effect.steps[0].gives.minor"),
        ("/effect/steps/1/gives/minor", json!(60_000), "effect.steps[1].gives.minor"),
        ("/effect", each(json!({"kind": "none"})), "effect.each.kind"),
        ("/effect", each(json!({"kind": "money", "minor": 9})), "effect.off_minor"),
        ("/effect", set(json!([part(1, 1)])), "effect.parts"),
        ("/effect", set(json!([part(1, 1), part(1, 2)])), "effect.parts[1].product"),
        (
            "/effect",
            json!({"kind": "piece_percent_off", "share": 1_001, "pieces": times}),
            "effect.share",
        ),
        ("/scope/goods", json!({"kind": "only", "of": {}}), "scope.goods.of"),
    ] {
        let own: Terms = serde_json::from_value(terms(place, value)).unwrap();
        assert_eq!(own.check().unwrap_err().field.as_deref(), Some(field), "{own:?}");
    }
}

#[test]
fn a_span_over_midnight_belongs_to_the_day_on_which_it_begins() {
    let hours: Hours = serde_json::from_value(json!({
        "weekdays": [5], "spans": [{"from_minute": 1_320, "to_minute": 120}],
    }))
    .unwrap();
    hours.check().unwrap();
    // 2026-11-27 is a Friday.
    for (at, holds) in [
        ("2026-11-27T21:59:00", false),
        ("2026-11-27T22:00:00", true),
        ("2026-11-28T01:59:00", true),
        ("2026-11-28T02:00:00", false),
        ("2026-11-28T22:00:00", false),
        ("2026-11-27T01:00:00", false),
    ] {
        assert_eq!(hours.hold(at.parse().unwrap()), holds, "{at}");
    }
    let last: Hours = serde_json::from_value(json!({"month_days": [31]})).unwrap();
    assert!(last.hold("2027-02-28T12:00:00".parse().unwrap()));
    assert!(!last.hold("2027-02-27T12:00:00".parse().unwrap()));
}

#[test]
fn rules_that_leave_something_open_are_refused() {
    for (rules, field) in [
        (json!({"order": ["price", "coupon"]}), "order"),
        (json!({"order": ["price", "price", "promotion", "coupon"]}), "order"),
        (json!({"apart": [["coupon", "coupon"]]}), "apart[0]"),
        (json!({"once": [[]]}), "once[0]"),
        (json!({"coupons": {"kind": "at_most", "most": 0}}), "coupons.most"),
        (json!({"share_most": 1_001}), "share_most"),
    ] {
        let own: Stacking = serde_json::from_value(rules).unwrap();
        assert_eq!(own.check().unwrap_err().field.as_deref(), Some(field), "{own:?}");
    }
    Stacking::default().check().unwrap();
}
