//! What a shop may keep to itself.

use super::{CART_EVENTS, Privacy};

#[test]
fn carts_are_private_until_a_shop_says_otherwise() {
    let own = Privacy::default();
    assert!(own.hides_carts() && CART_EVENTS.iter().all(|event| own.hides(event)));
    assert!(!own.hides("Product Viewed"));
    assert!(!Privacy::open().hides_carts());
}

#[test]
fn a_setting_is_put_in_order_or_refused() {
    let of = |events: &[&str], threshold| Privacy {
        events: events.iter().map(|name| (*name).to_owned()).collect(),
        threshold,
    };
    let own = of(&[" b ", "a", "b"], 20).checked().unwrap();
    assert_eq!(own, of(&["a", "b"], 20));
    for (wrong, field) in [
        (of(&["a", " "], 20), "events"),
        (of(&[&"x".repeat(201)], 20), "events"),
        (of(&["a"], 9), "threshold"),
        (of(&["a"], 1_001), "threshold"),
    ] {
        assert_eq!(wrong.clone().checked().unwrap_err().field.as_deref(), Some(field), "{wrong:?}");
    }
    let many = Privacy { events: (0..201).map(|n| n.to_string()).collect(), threshold: 20 };
    assert!(many.checked().is_err());
}
