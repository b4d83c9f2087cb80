//! What points pay, and what comes back.

use serde_json::json;

use super::{ask, cart, free, line, money_off, offers, terms, unlimited};
use crate::offer::Quote;
use crate::offer::cart::{Buyer, Key};
use crate::offer::refund::refund;
use crate::offer::rule::quote;
use crate::offer::stack::{Kind, Stacking};

fn paying(points: i64, beside_coupons: bool, kind: Kind) -> Quote {
    let own = [
        terms(money_off(10_000, 1_000)),
        terms(json!({"kind": "cash_back", "most": unlimited(), "steps": [
            {"from": {"kind": "none"}, "gives": {"share": 10}},
        ]})),
    ];
    let rules: Stacking = serde_json::from_value(json!({
        "cash": {"points": 100, "minor": 100, "share_most": 500,
            "beside_coupons": beside_coupons},
        "coupons": {"kind": "unlimited"},
    }))
    .unwrap();
    let cart = cart(vec![line(10, 3, 3_333), line(20, 1, 1)]);
    let buyer = Buyer { points, ..Buyer::default() };
    quote(&ask(&cart, &buyer, &offers(kind, &own), &rules)).unwrap()
}

#[test]
fn points_pay_a_share_in_whole_units_of_what_offers_left() {
    for (points, beside, kind, pays) in [
        (150, true, Kind::Coupon, Some((100, 100))),
        (99, true, Kind::Coupon, None),
        (1_000_000, true, Kind::Coupon, Some((4_500, 4_500))),
        (1_000, false, Kind::Coupon, None),
        (1_000, false, Kind::Promotion, Some((1_000, 1_000))),
    ] {
        let quote = paying(points, beside, kind);
        let paid = quote.points.as_ref().map(|paid| (paid.points, paid.minor));
        assert_eq!(paid, pays, "{points} {kind:?}");
        let by_points = pays.map_or(0, |(_, minor)| minor);
        assert_eq!(quote.pay_minor, 10_000 - 1_000 - by_points + 1_000);
    }
}

#[test]
fn a_piece_gives_back_its_share_and_the_last_one_the_rest() {
    let quote = paying(1_000_000, true, Kind::Coupon);
    let coupon = Key { kind: Kind::Coupon, number: 1 };
    let parts = [[1, 0], [1, 1], [3, 1]];
    let mut before = [0, 0];
    let mut all = Vec::new();
    for after in parts {
        all.push(refund(&quote, &before, &after).unwrap());
        before = after;
    }
    // 9,999 less a coupon's 1,000 and what 4,500 points pay, a third of it.
    assert_eq!((all[0].minor, all[0].points), (1_499, 1_500));
    assert_eq!(all[0].offers[0].off_minor, 333);
    assert!(!all[0].offers[0].whole && all[2].offers[0].whole);
    assert_eq!(all[2].offers[0].key, coupon);
    assert_eq!((all[1].postage_minor, all[2].postage_minor), (0, 1_000));
    let money: i64 = all.iter().map(|back| back.minor + back.postage_minor).sum();
    assert_eq!(money, quote.pay_minor);
    let points: i64 = all.iter().map(|back| back.points).sum();
    assert_eq!(points, 4_500);
}

#[test]
fn more_does_not_come_back_than_was_bought() {
    let quote =
        quote(&ask(&cart(vec![line(10, 2, 100)]), &Buyer::default(), &[], &free())).unwrap();
    for (before, after, field) in [
        (vec![0], vec![3], "after[0]"),
        (vec![2], vec![1], "after[0]"),
        (vec![-1], vec![1], "after[0]"),
        (vec![0], vec![1, 1], "after"),
        (vec![], vec![1], "before"),
    ] {
        let error = refund(&quote, &before, &after).unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field), "{before:?} {after:?}");
    }
}

/// What a coupon has to do with a cart comes back once, whatever else is in it.
#[test]
fn a_coupon_comes_back_with_the_last_piece_that_bears_it() {
    let off = |effect: serde_json::Value| {
        let own = [terms(effect)];
        let cart = cart(vec![line(10, 1, 10_000), line(20, 1, 0)]);
        let cart = crate::offer::cart::Cart { postage_minor: 800, ..cart };
        let rules = Stacking::default();
        quote(&ask(&cart, &Buyer::default(), &offers(Kind::Coupon, &own), &rules)).unwrap()
    };
    let whole = |quote: &Quote, before: &[i64], after: &[i64]| {
        let back = refund(quote, before, after).unwrap();
        back.offers.iter().map(|own| (own.whole, own.off_minor + own.postage_minor)).next()
    };
    let goods = off(money_off(10_000, 1_000));
    assert_eq!(whole(&goods, &[0, 0], &[1, 0]), Some((true, 1_000)), "the other bears nothing");
    assert_eq!(whole(&goods, &[1, 0], &[1, 1]), None);
    assert_eq!(whole(&goods, &[0, 0], &[0, 1]), None);
    let postage =
        off(json!({"kind": "free_shipping", "from": {"kind": "none"}, "most": unlimited()}));
    assert_eq!(whole(&postage, &[0, 0], &[1, 0]), None, "postage comes back at last");
    assert_eq!(whole(&postage, &[1, 0], &[1, 1]), Some((true, 800)));
}
