//! What each effect does, worked out by hand.

use serde_json::{Value, json};

use super::{cart, category, free, line, money_off, off, offers, quoted, terms, unlimited, within};
use crate::offer::Lacks;
use crate::offer::cart::{Buyer, Key, OnSale, Why};
use crate::offer::stack::{Kind, Stacking};
use crate::offer::terms::Terms;

fn steps(of: &[(i64, Value)]) -> Vec<Value> {
    let from = |minor: &i64| json!({"kind": "money", "minor": minor});
    let step = |(minor, gives): &(i64, Value)| json!({"from": from(minor), "gives": gives});
    of.iter().map(step).collect()
}

/// 3 × 100.00, 1 × 50.01 and 2 × 20.00 with an effect: what each line has off.
fn taken(effect: Value) -> Vec<i64> {
    let cart = cart(vec![line(10, 3, 10_000), line(20, 1, 5_001), line(21, 2, 2_000)]);
    let own = [terms(effect)];
    let quote = quoted(&cart, &offers(Kind::Promotion, &own), &free()).unwrap();
    assert!(quote.proof.exact);
    off(&quote)
}

fn at_most(most: i64) -> Value {
    json!({"kind": "at_most", "most": most})
}

#[test]
fn what_goes_by_the_sum_is_shared_by_amounts() {
    let percent = |share: u32| steps(&[(10_000, json!({"share": share}))]);
    for (effect, expected) in [
        (money_off(39_001, 4_000), vec![3_077, 513, 410]),
        (money_off(39_002, 4_000), vec![0, 0, 0]),
        (
            json!({"kind": "amount_off", "steps": steps(&[
                (10_000, json!({"minor": 1_000})), (39_000, json!({"minor": 3_900})),
            ])}),
            vec![3_000, 500, 400],
        ),
        (
            json!({"kind": "amount_off_each", "each": {"kind": "money", "minor": 10_000},
                "off_minor": 1_000, "times": unlimited()}),
            vec![2_307, 385, 308],
        ),
        (
            json!({"kind": "percent_off", "steps": percent(100), "most": unlimited()}),
            vec![3_000, 500, 400],
        ),
        (
            json!({"kind": "percent_off", "steps": percent(100), "most": at_most(1_000)}),
            vec![769, 128, 103],
        ),
    ] {
        assert_eq!(taken(effect.clone()), expected, "{effect}");
    }
}

#[test]
fn what_goes_by_pieces_takes_the_dearest_first() {
    for (effect, expected) in [
        // 50.01 × 15 % is 7.50.
        (
            json!({"kind": "piece_percent_off", "share": 150, "pieces": at_most(4)}),
            vec![4_500, 750, 0],
        ),
        (
            json!({"kind": "fixed_price", "price_minor": 4_000, "pieces": at_most(2)}),
            vec![12_000, 0, 0],
        ),
        (
            json!({"kind": "fixed_price", "price_minor": 4_000, "pieces": unlimited()}),
            vec![18_000, 1_001, 0],
        ),
        // 100 + 100 + 100, then 50.01 + 20 + 20, for 80 each.
        (
            json!({"kind": "bundle_price", "pieces": 3, "price_minor": 8_000,
                "times": unlimited()}),
            vec![17_693, 2_949, 2_359],
        ),
        // The second bundle costs less than its price.
        (
            json!({"kind": "bundle_price", "pieces": 3, "price_minor": 10_000,
                "times": unlimited()}),
            vec![20_000, 0, 0],
        ),
        // Two pairs, 120.00 each, for 100.00.
        (
            json!({"kind": "set_price", "price_minor": 10_000, "times": unlimited(), "parts": [
                {"product": 10, "pieces": 1}, {"product": 21, "pieces": 1},
            ]}),
            vec![3_333, 0, 667],
        ),
        // 100, 100 | 100, 50.01 | 20, 20: half of 100, of 50.01 and of 20, borne by all.
        (
            json!({"kind": "buy_get", "buy": 1, "get": 1, "share": 500, "times": unlimited()}),
            vec![6_539, 1_090, 872],
        ),
        // 100, 100, 100 | 50.01, 20, 20 with one for nothing, once.
        (
            json!({"kind": "buy_get", "buy": 2, "get": 1, "share": 1000, "times": at_most(1)}),
            vec![10_000, 0, 0],
        ),
        (
            json!({"kind": "exchange", "products": [21], "pieces": 1, "price_minor": 990,
                "from": {"kind": "money", "minor": 35_001}}),
            vec![0, 0, 1_010],
        ),
        // What is exchanged does not count.
        (
            json!({"kind": "exchange", "products": [21], "pieces": 1, "price_minor": 990,
                "from": {"kind": "money", "minor": 35_002}}),
            vec![0, 0, 0],
        ),
    ] {
        assert_eq!(taken(effect.clone()), expected, "{effect}");
    }
}

#[test]
fn gifts_postage_and_cash_back_cost_no_line_anything() {
    let own = [
        json!({"kind": "gift", "steps": steps(&[
            (1_000, json!({"gifts": [{"product": 90, "pieces": 1}]})),
            (9_000, json!({"gifts": [{"product": 91, "pieces": 2}, {"product": 92, "pieces": 1}]})),
        ])}),
        json!({"kind": "free_shipping", "from": {"kind": "none"},
            "most": {"kind": "at_most", "most": 800}}),
        json!({"kind": "cash_back", "steps": steps(&[(1_000, json!({"share": 50}))]),
            "most": unlimited()}),
        money_off(10_000, 2_000),
    ]
    .map(terms);
    let cart = cart(vec![line(10, 1, 6_000), line(20, 1, 4_000)]);
    let quote = quoted(&cart, &offers(Kind::Promotion, &own), &Stacking::default()).unwrap();
    assert_eq!(off(&quote), [1_200, 800]);
    assert_eq!(quote.postage.pay_minor, 200);
    assert_eq!(quote.pay_minor, 8_200);
    let numbers: Vec<i64> = quote.steps.iter().map(|step| step.key.number).collect();
    // What comes back is a share of what all the others left.
    assert_eq!(numbers, [1, 2, 4, 3]);
    assert_eq!(quote.back_minor, 400);
    assert_eq!(quote.steps[0].gifts.len(), 2);
    // Two of 20.00, and one whose worth nobody knows.
    assert_eq!(quote.steps[0].worth_minor, 4_001);
    assert_eq!(quote.proof.value_minor, 2_000 + 800 + 400 + 4_001);
}

#[test]
fn the_best_is_found_where_the_first_is_not() {
    // The special price would leave less than 满300减60 asks for.
    let own = [
        within(
            json!({"kind": "fixed_price", "price_minor": 9_000, "pieces": unlimited()}),
            category("c1"),
        ),
        terms(money_off(30_000, 6_000)),
    ];
    let cart = cart(vec![line(10, 1, 10_000), line(20, 1, 20_000)]);
    let quote = quoted(&cart, &offers(Kind::Promotion, &own), &free()).unwrap();
    assert_eq!(off(&quote), [2_000, 4_000]);
    let special = Key { kind: Kind::Promotion, number: 1 };
    assert_eq!((quote.unused[0].key, quote.unused[0].why), (special, Why::NoGain));
    let original = Stacking { base: crate::offer::stack::Base::Original, ..free() };
    let quote = quoted(&cart, &offers(Kind::Promotion, &own), &original).unwrap();
    assert_eq!(quote.off_minor, 7_000);
}

#[test]
fn what_does_not_apply_says_why() {
    let scope = |part: &str, value: Value| {
        let mut scope = super::all();
        scope[part] = value;
        within(money_off(100, 10), scope)
    };
    let hours = Terms {
        hours: serde_json::from_value(json!({"weekdays": [6]})).unwrap(),
        ..terms(money_off(100, 10))
    };
    let grouped = |mut own: Terms| {
        own.stack.group = Some("一".to_owned());
        own
    };
    let own = [
        hours,
        scope("channels", json!(["wechat"])),
        scope("stores", json!(["s1"])),
        scope("tiers", json!([3])),
        scope("segments", json!([3])),
        scope("first_order", json!(true)),
        within(money_off(100, 10), category("c7")),
        terms(money_off(20_001, 10)),
        grouped(terms(money_off(5_000, 3_000))),
        grouped(terms(money_off(5_000, 2_000))),
        terms(money_off(100, 30)),
    ];
    let rules: Stacking = serde_json::from_value(json!({
        "coupons": {"kind": "at_most", "most": 1}, "once": [],
    }))
    .unwrap();
    let cart = cart(vec![line(10, 1, 20_000)]);
    let quote = quoted(&cart, &offers(Kind::Coupon, &own), &rules).unwrap();
    let best = Key { kind: Kind::Coupon, number: 9 };
    assert_eq!(quote.steps.iter().map(|step| step.key).collect::<Vec<_>>(), [best]);
    let why: Vec<Why> = quote.unused.iter().map(|unused| unused.why).collect();
    assert_eq!(
        why,
        [
            Why::Hours,
            Why::Channel,
            Why::Store,
            Why::Tier,
            Why::Segment,
            Why::FirstOrder,
            Why::Goods,
            Why::NotReached,
            Why::Beside { other: best },
            Why::Count,
        ]
    );
}

#[test]
fn a_line_takes_its_special_or_its_member_price_whichever_is_lower() {
    let member = [Terms::member_price(120)];
    let special = [within(
        json!({"kind": "fixed_price", "price_minor": 8_000, "pieces": unlimited()}),
        category("c1"),
    )];
    for (unit, expected) in [(10_000, [2_000, 1_200]), (9_000, [1_080, 1_200])] {
        let mut all = offers(Kind::MemberPrice, &member);
        all.extend(offers(Kind::Promotion, &special));
        let cart = cart(vec![line(10, 1, unit), line(20, 1, 10_000)]);
        let quote = quoted(&cart, &all, &Stacking::default()).unwrap();
        assert_eq!(off(&quote), expected);
    }
}

#[test]
fn nothing_is_sold_below_its_cost_unless_the_shop_allows_it() {
    let own = [terms(money_off(10_000, 9_000))];
    let dear = crate::offer::cart::Line { cost_minor: Some(4_900), ..line(10, 1, 5_000) };
    let cart = cart(vec![dear, line(20, 1, 5_000)]);
    let all = offers(Kind::Promotion, &own);
    let quote = quoted(&cart, &all, &free()).unwrap();
    assert_eq!(off(&quote), [100, 5_000]);
    let allowed = Stacking { below_cost: true, ..free() };
    assert_eq!(off(&quoted(&cart, &all, &allowed).unwrap()), [4_500, 4_500]);
    let capped = Stacking { share_most: 300, ..free() };
    assert_eq!(quoted(&cart, &all, &capped).unwrap().off_minor, 3_000);
}

#[test]
fn what_is_not_on_sale_yet_is_refused_with_the_time() {
    let at = |text: &str| text.parse().unwrap();
    let on_sale = vec![
        OnSale { tier: None, at: at("2026-12-01T00:00:00Z") },
        OnSale { tier: Some(3), at: at("2026-11-20T00:00:00Z") },
    ];
    let own = crate::offer::cart::Line { on_sale, ..line(10, 1, 5_000) };
    let cart = cart(vec![line(20, 1, 100), own]);
    let error = quoted(&cart, &[], &free()).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("lines[1]"));
    assert!(error.message.contains("2026-12-01T00:00:00Z"), "{}", error.message);
    let early = Buyer { tier: Some(3), ..Buyer::default() };
    let rules = free();
    assert!(crate::offer::rule::quote(&super::ask(&cart, &early, &[], &rules)).is_ok());
}

#[test]
fn what_is_just_out_of_reach_is_told() {
    let own = [
        terms(money_off(30_000, 4_000)),
        terms(money_off(100_000, 50_000)),
        within(
            json!({"kind": "buy_get", "buy": 1, "get": 1, "share": 500, "times": unlimited()}),
            category("c2"),
        ),
        terms(json!({"kind": "free_shipping", "from": {"kind": "money", "minor": 29_900},
            "most": unlimited()})),
        within(
            json!({"kind": "gift", "steps": [{"from": {"kind": "pieces", "pieces": 2},
                "gives": {"gifts": [{"product": 91, "pieces": 1}]}}]}),
            category("c2"),
        ),
    ];
    let cart = cart(vec![line(10, 1, 20_000), line(20, 1, 8_800)]);
    let quote = quoted(&cart, &offers(Kind::Promotion, &own), &free()).unwrap();
    let told: Vec<_> = quote
        .misses
        .iter()
        .map(|miss| (miss.key.number, miss.lacks.clone(), miss.spend_minor, miss.gain_minor))
        .collect();
    assert_eq!(
        told,
        [
            (1, Lacks::Money { minor: 1_200 }, 1_200, 4_000),
            (4, Lacks::Money { minor: 1_100 }, 1_100, 1_000),
            (3, Lacks::Pieces { pieces: 1 }, 8_800, 4_400),
        ]
    );
}
