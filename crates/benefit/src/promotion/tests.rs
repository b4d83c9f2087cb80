use base::Time;

use super::Limits;
use super::rule::{Kinds, Left, Span, left_of, overlap, products, used};
use crate::coupon::rule::Most;
use crate::offer::stack::{Kind, Stacking, Stage};
use crate::offer::terms::{Effect, Goods, Limit, Named, Part, Terms};
use crate::offer::{Applied, Bearing, Measured, Priced};

fn price(goods: Goods) -> Terms {
    let mut terms = Terms::member_price(100);
    terms.effect = Effect::FixedPrice { price_minor: 9_900, pieces: Limit::Unlimited {} };
    terms.scope.goods = goods;
    terms
}

fn only(categories: &[&str], brands: &[&str], products: &[i64]) -> Goods {
    Goods::Only { of: named(categories, brands, products) }
}

fn named(categories: &[&str], brands: &[&str], products: &[i64]) -> Named {
    let text = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    Named { categories: text(categories), brands: text(brands), products: products.to_vec() }
}

fn hours(from: i64, to: Option<i64>) -> Span {
    let at = |hour: i64| Time::from_micros(hour * 3_600_000_000);
    (at(from), to.map(at))
}

fn kinds() -> Kinds {
    let kind = |category: &str, brand: &str| (Some(category.to_owned()), Some(brand.to_owned()));
    Kinds::from([(1, kind("coat", "north")), (2, kind("mask", "south"))])
}

#[test]
fn prices_of_the_same_goods_meet() {
    let all = || Goods::All {};
    let but = |of: Named| Goods::Except { of };
    let cases = [
        (all(), only(&[], &[], &[1]), true),
        (only(&["coat"], &[], &[]), only(&["coat", "mask"], &[], &[]), true),
        (only(&["coat"], &[], &[]), only(&["mask"], &[], &[]), false),
        (only(&[], &["north"], &[]), only(&[], &["south"], &[]), false),
        (only(&["coat"], &[], &[]), only(&[], &["south"], &[]), true),
        (only(&["coat"], &[], &[]), only(&[], &[], &[1]), true),
        (only(&["coat"], &[], &[]), only(&[], &[], &[2]), false),
        (only(&[], &[], &[1]), only(&[], &[], &[2]), false),
        (only(&[], &[], &[1, 2]), only(&[], &[], &[2]), true),
        (but(named(&["coat"], &[], &[])), only(&["coat"], &[], &[]), false),
        (but(named(&["coat"], &[], &[])), only(&[], &[], &[1]), false),
        (but(named(&["coat"], &[], &[])), only(&[], &[], &[1, 2]), true),
        (but(named(&["coat"], &[], &[])), but(named(&["mask"], &[], &[])), true),
    ];
    let always = hours(0, None);
    for (one, other, meet) in cases {
        let (one, other) = (price(one), price(other));
        let told = overlap((&one, always), (&other, always), &kinds());
        assert_eq!(told, meet, "{one:?} {other:?}");
        let turned = overlap((&other, always), (&one, always), &kinds());
        assert_eq!(turned, told, "{one:?} {other:?}");
    }
}

#[test]
fn prices_at_other_times_or_for_others_do_not() {
    let one = price(Goods::All {});
    let meet = |other: &Terms, own: Span, span: Span| {
        overlap((&one, own), (other, span), &Kinds::default())
    };
    assert!(meet(&one, hours(0, Some(5)), hours(4, Some(9))));
    assert!(!meet(&one, hours(0, Some(5)), hours(5, None)), "one ends when the other begins");
    assert!(!meet(&one, hours(7, None), hours(5, Some(7))));
    let always = hours(0, None);
    let mut off = one.clone();
    off.effect = Effect::AmountOffEach {
        each: crate::offer::terms::Threshold::Money { minor: 30_000 },
        off_minor: 4_000,
        times: Limit::AtMost { most: 1 },
    };
    assert!(!meet(&off, always, always), "what takes off a sum sets no price");
    let mut first = one.clone();
    first.scope.tiers = vec![1];
    assert!(meet(&first, always, always));
    let mut second = one.clone();
    second.scope.tiers = vec![2];
    assert!(!overlap((&first, always), (&second, always), &Kinds::default()));
    let mut alone = one.clone();
    alone.stack.alone = true;
    assert!(!meet(&alone, always, always), "what stands alone is never beside another");
}

#[test]
fn products_are_found_wherever_they_are_named() {
    let mut terms = price(only(&[], &[], &[3]));
    let part = |product| Part { product, pieces: 1 };
    terms.effect = Effect::SetPrice {
        parts: vec![part(5), part(7)],
        price_minor: 100,
        times: Limit::Unlimited {},
    };
    assert_eq!(products(&terms), [3, 5, 7]);
}

#[test]
fn rules_that_name_no_overlap_refuse_it() {
    let rules: Stacking = serde_json::from_str("{}").expect("rules");
    assert_eq!(rules, Stacking::default());
    assert_eq!(rules.overlap, crate::offer::stack::Overlap::Refused);
}

#[test]
fn what_is_left_is_the_least_that_anything_leaves() {
    let (any, five) = (Most::Unlimited, Most::Of(5));
    let cases = [
        ((any, any), 9, None, Left::Any),
        ((five, any), 3, None, Left::Some(2)),
        ((five, any), 5, None, Left::Nothing),
        ((five, any), 7, Some(0), Left::Nothing),
        ((any, five), 9, Some(1), Left::Some(4)),
        ((any, five), 9, Some(5), Left::Nothing),
        ((any, five), 9, None, Left::Unknown),
        ((five, five), 4, Some(1), Left::Some(1)),
        ((five, five), 0, Some(4), Left::Some(1)),
    ];
    for ((stock, each), taken, had, left) in cases {
        let limits = Limits { stock, each };
        assert_eq!(left_of(limits, taken, had), left, "{limits:?} {taken} {had:?}");
    }
}

#[test]
fn a_cart_takes_pieces_packs_or_itself() {
    let line = |pieces| Priced {
        product: 1,
        pieces,
        original_minor: 100,
        off_minor: 10,
        points_minor: 0,
        pay_minor: 90,
    };
    let bearing =
        |line| Bearing { line, before_minor: 100, off_minor: 10, after_minor: 90, back_minor: 0 };
    let step = Applied {
        key: crate::offer::cart::Key { kind: Kind::Promotion, number: 1 },
        stage: Stage::Price,
        measured: Measured { lines: vec![0, 1], minor: 200, pieces: 5, step: None, times: 2 },
        lines: vec![bearing(0), bearing(1)],
        off_minor: 20,
        postage_minor: 0,
        back_minor: 0,
        gifts: Vec::new(),
        worth_minor: 0,
    };
    let lines = [line(3), line(2)];
    let of = |effect: Effect, left: Option<i64>| {
        let terms = Terms { effect, ..Terms::member_price(100) };
        used((&terms, left), &step, &lines)
    };
    let fixed = |pieces| Effect::FixedPrice { price_minor: 90, pieces };
    assert_eq!(of(fixed(Limit::Unlimited {}), None), 5);
    assert_eq!(of(fixed(Limit::AtMost { most: 4 }), None), 4);
    assert_eq!(of(fixed(Limit::Unlimited {}), Some(3)), 3);
    let pack = Effect::BundlePrice { pieces: 2, price_minor: 150, times: Limit::Unlimited {} };
    assert_eq!(of(pack, None), 2);
    assert_eq!(of(Effect::AmountOff { steps: Vec::new() }, None), 1);
}
