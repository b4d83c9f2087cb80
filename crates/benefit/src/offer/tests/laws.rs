//! What holds for every cart, every set of offers and all rules.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ask, line, unlimited};
use crate::offer::apply::{Ground, Ready, State};
use crate::offer::cart::{Buyer, Cart, Key, Line, Offer};
use crate::offer::refund::{Back, refund};
use crate::offer::rule::quote;
use crate::offer::search::{Field, able};
use crate::offer::share::{Bit, spread};
use crate::offer::stack::{Base, Cash, Kind, Overlap, Stacking, Stage};
use crate::offer::terms::{Effect, Limit, Stack, Terms};
use crate::offer::{EXACT_MAX, Quote};

fn threshold() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(json!({"kind": "none"})),
        4 => (1_i64..60_000).prop_map(|minor| json!({"kind": "money", "minor": minor})),
        2 => (1_i64..8).prop_map(|pieces| json!({"kind": "pieces", "pieces": pieces})),
    ]
}

fn limit(most: std::ops::Range<i64>) -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(unlimited()),
        2 => most.prop_map(|most| json!({"kind": "at_most", "most": most})),
    ]
}

/// One or two steps, the second twice the first.
fn steps(give: impl Fn(i64) -> Value) -> impl Strategy<Value = Value> {
    let give = move |from: Value, less: i64, more: bool| {
        let first = json!({"from": from, "gives": give(less)});
        let doubled = match from["kind"].as_str() {
            Some("money") => json!({"kind": "money", "minor": from["minor"].as_i64().unwrap() * 2}),
            Some("pieces") => {
                json!({"kind": "pieces", "pieces": from["pieces"].as_i64().unwrap() * 2})
            }
            _ => json!({"kind": "money", "minor": 30_000}),
        };
        let second = json!({"from": doubled, "gives": give(less * 2)});
        if more { json!([first, second]) } else { json!([first]) }
    };
    (threshold(), 1_i64..400, any::<bool>())
        .prop_map(move |(from, less, more)| give(from, less, more))
}

fn effect() -> impl Strategy<Value = Value> {
    let off = steps(|gives| json!({"minor": gives * 10}));
    let share = || steps(|gives| json!({"share": gives}));
    let gifts =
        steps(|gives| json!({"gifts": [{"product": 90 + gives % 2, "pieces": 1 + gives % 3}]}));
    let price = || 0_i64..9_000;
    prop_oneof![
        4 => off.prop_map(|steps| json!({"kind": "amount_off", "steps": steps})),
        2 => (1_i64..9_000, limit(1..5)).prop_map(|(off, times)| json!({
            "kind": "amount_off_each", "each": {"kind": "pieces", "pieces": 1 + off % 3},
            "off_minor": off / 3 + 1, "times": times})),
        3 => (share(), limit(1..9_000)).prop_map(|(steps, most)| json!({
            "kind": "percent_off", "steps": steps, "most": most})),
        2 => (1_u32..1_000, limit(1..5)).prop_map(|(share, pieces)| json!({
            "kind": "piece_percent_off", "share": share, "pieces": pieces})),
        2 => (price(), limit(1..5)).prop_map(|(price, pieces)| json!({
            "kind": "fixed_price", "price_minor": price, "pieces": pieces})),
        2 => (2_i64..5, price(), limit(1..3)).prop_map(|(pieces, price, times)| json!({
            "kind": "bundle_price", "pieces": pieces, "price_minor": price, "times": times})),
        2 => (1_i64..3, price(), limit(1..3)).prop_map(|(pieces, price, times)| json!({
            "kind": "set_price", "price_minor": price, "times": times, "parts": [
                {"product": 10, "pieces": pieces}, {"product": 20, "pieces": 1}]})),
        3 => (1_i64..3, 1_i64..3, 1_u32..=1_000, limit(1..3)).prop_map(
            |(buy, get, share, times)| json!({
                "kind": "buy_get", "buy": buy, "get": get, "share": share, "times": times})),
        1 => gifts.prop_map(|steps| json!({"kind": "gift", "steps": steps})),
        1 => (threshold(), limit(1..900)).prop_map(|(from, most)| json!({
            "kind": "free_shipping", "from": from, "most": most})),
        1 => (threshold(), price(), 1_i64..3).prop_map(|(from, price, pieces)| json!({
            "kind": "exchange", "products": [10, 11], "pieces": pieces,
            "price_minor": price, "from": from})),
        1 => (share(), limit(1..900)).prop_map(|(steps, most)| json!({
            "kind": "cash_back", "steps": steps, "most": most})),
    ]
}

fn terms() -> impl Strategy<Value = Terms> {
    let scope = prop_oneof![
        3 => Just(json!({"goods": {"kind": "all"}})),
        2 => (1_u8..4).prop_map(|of| super::category(&format!("c{of}"))),
        1 => Just(json!({"goods": {"kind": "except", "of": {"products": [10]}}})),
        1 => Just(json!({"goods": {"kind": "all"}, "full_price_only": true})),
    ];
    let stack = (0_u8..8, 0_u8..8, 0_i64..3).prop_map(|(group, alone, place)| Stack {
        group: (group < 2).then(|| format!("g{group}")),
        alone: group >= 2 && alone == 0,
        place,
    });
    (effect(), scope, stack).prop_map(|(effect, scope, stack)| Terms {
        stack,
        ..serde_json::from_value(json!({"effect": effect, "scope": scope})).unwrap()
    })
}

fn cart(lines: std::ops::Range<usize>) -> impl Strategy<Value = Cart> {
    let own = (10_i64..40, 1_i64..5, 0_i64..20_000, 0_u8..4, 0_i64..1_200).prop_map(
        |(product, pieces, unit, kind, cost)| Line {
            cost_minor: (kind == 0).then_some(unit * cost / 1_000),
            list_minor: (kind == 1).then_some(unit + cost),
            ..line(product, pieces, unit)
        },
    );
    prop::collection::vec(own, lines).prop_map(super::cart)
}

fn rules() -> impl Strategy<Value = Stacking> {
    let once = prop_oneof![
        Just(vec![]),
        Just(vec![vec![Stage::Price, Stage::MemberPrice], vec![Stage::Promotion]]),
        Just(vec![Stage::ALL.to_vec()]),
    ];
    let apart = prop_oneof![
        3 => Just(vec![]),
        1 => Just(vec![[Stage::MemberPrice, Stage::Coupon]]),
        1 => Just(vec![[Stage::Price, Stage::Promotion]]),
    ];
    let count = || {
        prop_oneof![Just(Limit::Unlimited {}), (1_i64..4).prop_map(|most| Limit::AtMost { most }),]
    };
    let order = Just(Stage::ALL.to_vec()).prop_shuffle();
    let flags = (any::<bool>(), any::<bool>(), prop_oneof![Just(1_000_u32), 100_u32..900]);
    (once, apart, count(), count(), order, flags).prop_map(
        |(once, apart, promotions, coupons, order, (original, below_cost, share_most))| Stacking {
            order,
            base: if original { Base::Original } else { Base::Reduced },
            apart,
            once,
            promotions,
            coupons,
            share_most,
            below_cost,
            overlap: Overlap::Refused,
            cash: Some(Cash { points: 10, minor: 7, share_most: 600, beside_coupons: true }),
        },
    )
}

/// Offers of all kinds; of member prices there is one.
fn named(terms: &[Terms]) -> Vec<Offer<'_>> {
    let kind = |at: usize| match at % 3 {
        1 => Kind::Promotion,
        _ if at == 0 => Kind::MemberPrice,
        _ => Kind::Coupon,
    };
    let keys = (0..terms.len()).map(|at| Key { kind: kind(at), number: at as i64 });
    keys.zip(terms).map(|(key, terms)| Offer { key, terms, left: None }).collect()
}

static BUYER: Buyer = Buyer {
    tier: None,
    segments: std::collections::BTreeSet::new(),
    first_order: true,
    points: 555,
};

/// The most that any set of offers is worth: every set is tried, by rules of its own.
fn by_force(ground: &Ground<'_>, start: &State, offers: &[Ready<'_>]) -> i64 {
    let rules = ground.rules;
    let goes = |one: &Ready<'_>, other: &Ready<'_>| {
        let (own, others) = (&one.offer.terms.stack, &other.offer.terms.stack);
        let group = own.group.is_some() && own.group == others.group;
        let pair = |pair: &[Stage; 2]| pair.contains(&one.stage) && pair.contains(&other.stage);
        let apart = one.stage != other.stage && rules.apart.iter().any(pair);
        !(own.alone || others.alone || group || apart)
    };
    let count = |own: &[&Ready<'_>], kind: Kind| {
        own.iter().filter(|one| one.offer.key.kind == kind).count() as i64
    };
    let sets = (0_u32..1 << offers.len()).filter_map(|set| {
        let own: Vec<&Ready<'_>> = offers
            .iter()
            .enumerate()
            .filter(|(at, _)| set >> at & 1 == 1)
            .map(|(_, own)| own)
            .collect();
        let pairs =
            own.iter().enumerate().all(|(at, one)| own[..at].iter().all(|other| goes(one, other)));
        let few = count(&own, Kind::Promotion) <= rules.promotions.most()
            && count(&own, Kind::Coupon) <= rules.coupons.most();
        (pairs && few).then(|| {
            let mut state = start.clone();
            for one in own {
                let draft = ground.draft(one, &state);
                state.apply(one.stage, &draft);
            }
            state.value
        })
    });
    sets.max().unwrap()
}

/// In the order in which they are applied.
fn ordered<'a>(offers: Vec<Ready<'a>>, rules: &Stacking) -> Vec<Ready<'a>> {
    let mut offers = offers;
    offers.sort_by_key(|own| {
        let back = matches!(own.offer.terms.effect, Effect::CashBack { .. });
        let place = rules.order.iter().position(|stage| *stage == own.stage);
        (back, place, own.offer.terms.stack.place, own.goods.len(), own.offer.key)
    });
    offers
}

fn check_sums(quote: &Quote, cart: &Cart, rules: &Stacking) {
    let mut now: Vec<i64> = cart.lines.iter().map(Line::amount).collect();
    for step in &quote.steps {
        assert!(step.value() > 0, "{step:?}");
        assert_eq!(step.off_minor, step.lines.iter().map(|own| own.off_minor).sum::<i64>());
        assert_eq!(step.back_minor, step.lines.iter().map(|own| own.back_minor).sum::<i64>());
        for own in &step.lines {
            assert_eq!(own.before_minor, now[own.line]);
            assert_eq!(own.after_minor, own.before_minor - own.off_minor);
            now[own.line] = own.after_minor;
        }
    }
    for (place, (line, own)) in quote.lines.iter().zip(&cart.lines).enumerate() {
        assert_eq!(line.original_minor - line.off_minor, now[place]);
        assert_eq!(line.pay_minor, now[place] - line.points_minor);
        assert!(line.pay_minor >= 0);
        let floor = if rules.below_cost { 0 } else { own.cost_minor.unwrap_or(0) * own.pieces };
        assert!(now[place] >= floor.min(line.original_minor), "{line:?}");
    }
    assert!(quote.postage.pay_minor >= 0);
    let off = i128::from(quote.off_minor) * 1_000;
    let most = i128::from(quote.original_minor) * i128::from(rules.share_most);
    assert!(off <= most + 500, "{} of {}", quote.off_minor, quote.original_minor);
    let lines: i64 = quote.lines.iter().map(|line| line.pay_minor).sum();
    assert_eq!(quote.pay_minor, lines + quote.postage.pay_minor);
    let steps: i64 = quote.steps.iter().map(super::super::Applied::value).sum();
    assert_eq!(quote.proof.value_minor, steps);
    if let Some(points) = &quote.points {
        assert_eq!(points.minor, points.lines.iter().map(|own| own.minor).sum::<i64>());
        assert_eq!(points.points, points.lines.iter().map(|own| own.points).sum::<i64>());
    }
}

fn add(all: &mut Back, part: Back) {
    all.minor += part.minor;
    all.postage_minor += part.postage_minor;
    all.points += part.points;
    for own in part.lines {
        match all.lines.iter_mut().find(|line| line.line == own.line) {
            Some(line) => {
                line.pieces += own.pieces;
                line.minor += own.minor;
                line.points += own.points;
            }
            None => all.lines.push(own),
        }
    }
    for own in part.offers {
        match all.offers.iter_mut().find(|offer| offer.key == own.key) {
            Some(offer) => {
                offer.off_minor += own.off_minor;
                offer.postage_minor += own.postage_minor;
                offer.back_minor += own.back_minor;
                assert!(!(offer.whole && own.whole), "a coupon comes back once");
                offer.whole |= own.whole;
                offer.gifts.extend(own.gifts);
            }
            None => all.offers.push(own),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn shares_add_up_and_no_line_bears_more_than_it_can(
        total in 0_i64..1_000_000,
        bits in prop::collection::vec((0_i64..50_000, 0_i64..90_000), 0..12),
    ) {
        let bits: Vec<Bit> = bits.into_iter().enumerate()
            .map(|(line, (weight, most))| Bit { line, weight, most }).collect();
        let given = spread(total, &bits);
        let room: i64 = bits.iter().filter(|bit| bit.weight > 0).map(|bit| bit.most).sum();
        prop_assert_eq!(given.iter().sum::<i64>(), total.min(room));
        for (bit, given) in bits.iter().zip(&given) {
            prop_assert!((0..=bit.most).contains(given) && (bit.weight > 0 || *given == 0));
        }
        // Where all can bear their share, none is a minor unit away from it.
        let sum: i128 = bits.iter().map(|bit| i128::from(bit.weight)).sum();
        let exact = |bit: &Bit| i128::from(total) * i128::from(bit.weight);
        if bits.iter().all(|bit| exact(bit) <= i128::from(bit.most) * sum) && sum > 0 {
            for (bit, given) in bits.iter().zip(&given) {
                prop_assert!((i128::from(*given) * sum - exact(bit)).abs() < sum);
            }
        }
    }

    #[test]
    fn the_best_is_as_good_as_the_best_of_all_sets(
        cart in cart(1..6), terms in prop::collection::vec(terms(), 1..13), rules in rules(),
    ) {
        rules.check().unwrap();
        let offers = named(&terms);
        let ask = ask(&cart, &BUYER, &offers, &rules);
        let ground = Ground::new(&ask);
        let start = ground.start(&ask);
        let all = offers.iter().map(|own| ground.ready(&ask, *own)).collect();
        let all = ordered(all, &rules);
        let best = by_force(&ground, &start, &all);
        let (places, rest) = able((&ground, &start), &all);
        prop_assert_eq!(rest, 0);
        let able: Vec<Ready<'_>> = places.iter().map(|at| all[*at].clone()).collect();
        let found = Field::new(&ground, &start, &able).best();
        prop_assert_eq!((found.value, found.bound), (best, best));
        let quote = quote(&ask).unwrap();
        prop_assert!(quote.proof.exact);
        prop_assert_eq!(quote.proof.value_minor, best);
    }

    #[test]
    fn no_draft_grows_by_what_is_applied_before(
        cart in cart(1..6), terms in prop::collection::vec(terms(), 2..9), rules in rules(),
    ) {
        let offers = named(&terms);
        let ask = ask(&cart, &BUYER, &offers, &rules);
        let ground = Ground::new(&ask);
        let mut state = ground.start(&ask);
        let all = offers.iter().map(|own| ground.ready(&ask, *own)).collect();
        let all = ordered(all, &rules);
        let values = |state: &State, from: usize| -> Vec<i64> {
            all[from..].iter().map(|own| ground.draft(own, state).ceiling()).collect()
        };
        for (at, own) in all.iter().enumerate() {
            let before = values(&state, at + 1);
            let draft = ground.draft(own, &state);
            state.apply(own.stage, &draft);
            for (later, earlier) in values(&state, at + 1).into_iter().zip(before) {
                prop_assert!(later <= earlier, "{:?}", own.offer);
            }
            prop_assert!(draft.value() <= draft.ceiling());
        }
    }

    #[test]
    fn sums_are_right_and_nobody_pays_less_than_nothing(
        cart in cart(1..9), terms in prop::collection::vec(terms(), 0..9), rules in rules(),
    ) {
        let offers = named(&terms);
        let quote = quote(&ask(&cart, &BUYER, &offers, &rules)).unwrap();
        check_sums(&quote, &cart, &rules);
        let known = quote.steps.len() + quote.unused.len();
        prop_assert_eq!(known, offers.len(), "each offer applies or says why not");
        let kept: Quote = serde_json::from_str(&serde_json::to_string(&quote).unwrap()).unwrap();
        prop_assert_eq!(kept, quote);
    }

    #[test]
    fn the_answer_does_not_hang_on_the_order_of_offers(
        cart in cart(1..6),
        (terms, order) in prop::collection::vec(terms(), 1..9).prop_flat_map(|terms| {
            let order = Just((0..terms.len()).collect::<Vec<_>>()).prop_shuffle();
            (Just(terms), order)
        }),
        rules in rules(),
    ) {
        let offers = named(&terms);
        let mixed: Vec<Offer<'_>> = order.iter().map(|at| offers[*at]).collect();
        let one = quote(&ask(&cart, &BUYER, &offers, &rules)).unwrap();
        let other = quote(&ask(&cart, &BUYER, &mixed, &rules)).unwrap();
        prop_assert_eq!(one, other);
    }

    #[test]
    fn one_more_offer_never_makes_it_worse(
        cart in cart(1..6), terms in prop::collection::vec(terms(), 1..9), rules in rules(),
        exclusive in any::<bool>(),
    ) {
        let mut terms = terms;
        if let Some(last) = terms.last_mut().filter(|_| exclusive) {
            last.stack = Stack { alone: true, ..Stack::default() };
        }
        let offers = named(&terms);
        let fewer = &offers[..offers.len() - 1];
        let without = quote(&ask(&cart, &BUYER, fewer, &rules)).unwrap();
        let with = quote(&ask(&cart, &BUYER, &offers, &rules)).unwrap();
        prop_assert!(with.proof.value_minor >= without.proof.value_minor);
    }

    #[test]
    fn any_parts_give_back_what_the_whole_does(
        cart in cart(1..6), terms in prop::collection::vec(terms(), 0..7), rules in rules(),
        picks in prop::collection::vec((any::<prop::sample::Index>(), 1_i64..4), 0..40),
    ) {
        let offers = named(&terms);
        let quote = quote(&ask(&cart, &BUYER, &offers, &rules)).unwrap();
        let all: Vec<i64> = cart.lines.iter().map(|line| line.pieces).collect();
        let none = vec![0; all.len()];
        let whole = refund(&quote, &none, &all).unwrap();
        prop_assert_eq!(whole.minor + whole.postage_minor, quote.pay_minor);
        prop_assert_eq!(whole.points, quote.points.as_ref().map_or(0, |own| own.points));
        prop_assert!(whole.offers.iter().all(|own| own.whole));
        prop_assert_eq!(whole.offers.len(), quote.steps.len());
        let (mut before, mut sum) = (none, Back::default());
        for (index, pieces) in picks {
            let mut after = before.clone();
            let line = index.index(all.len());
            after[line] = (after[line] + pieces).min(all[line]);
            add(&mut sum, refund(&quote, &before, &after).unwrap());
            before = after;
        }
        add(&mut sum, refund(&quote, &before, &all).unwrap());
        sum.lines.sort_by_key(|own| own.line);
        sum.offers.sort_by_key(|own| quote.steps.iter().position(|step| step.key == own.key));
        prop_assert_eq!(sum, whole);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn beyond_what_is_tried_whole_no_part_exceeds_the_bound(
        cart in cart(5..12), terms in prop::collection::vec(terms(), 30..60), rules in rules(),
        first in 0_usize..14,
    ) {
        let offers = named(&terms);
        let quoted = quote(&ask(&cart, &BUYER, &offers, &rules)).unwrap();
        let few = &offers[first..first + EXACT_MAX];
        let part = quote(&ask(&cart, &BUYER, few, &rules)).unwrap();
        prop_assert!(part.proof.exact);
        prop_assert!(part.proof.value_minor <= quoted.proof.bound_minor);
        check_sums(&quoted, &cart, &rules);
    }
}
