use base::Time;

use super::rule::{Kinds, Span, overlap, products};
use crate::offer::stack::Stacking;
use crate::offer::terms::{Effect, Goods, Limit, Named, Part, Terms};

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
