//! What a cart gets: how long the best combination of a shop's offers takes to find.

use base::{Error, Result, Zone};
use benefit::offer::cart::{Ask, Buyer, Cart, Key, Line, Offer};
use benefit::offer::rule;
use benefit::offer::stack::{Kind, Stacking};
use benefit::offer::terms::Terms;
use serde_json::{Value, json};

use crate::{START, answer, now, percentile, scatter};

/// Lines of a cart.
const LINES: u64 = 20;
/// Products of the shop, and the categories that share them.
const PRODUCTS: u64 = 400;
const CATEGORIES: u64 = 20;
/// Promotions on the price of products, and on goods of a category.
const SPECIALS: u64 = 80;
const OFFERED: u64 = 39;
/// Coupons that a buyer holds for all goods: as many as are combined exactly, and for a category.
const WIDE: u64 = 12;
const NARROW: u64 = 68;
/// Offers in all, the member price included.
const OFFERS: usize = (SPECIALS + OFFERED + WIDE + NARROW + 1) as usize;
/// Coupons in one cart at the most.
const COUPONS: u64 = 3;
/// Carts before those that are measured.
const WARM_UPS: u64 = 20;

fn category(number: u64) -> String {
    format!("c{number}")
}

fn unlimited() -> Value {
    json!({"kind": "unlimited"})
}

fn money_off(from: u64, off: u64) -> Value {
    json!({"kind": "amount_off", "steps": [
        {"from": {"kind": "money", "minor": from}, "gives": {"minor": off}},
        {"from": {"kind": "money", "minor": from * 2}, "gives": {"minor": off * 2 + 500}},
    ]})
}

/// Something that a promotion or a coupon does to goods of a category.
fn effect(of: u64) -> Value {
    let draw = scatter(of, 1);
    match of % 5 {
        0 => json!({"kind": "buy_get", "buy": 1, "get": 1, "share": 500, "times": unlimited()}),
        1 => json!({"kind": "percent_off", "most": unlimited(), "steps": [
            {"from": {"kind": "pieces", "pieces": 1 + draw % 3},
                "gives": {"share": 50 + draw % 150}}]}),
        2 => json!({"kind": "bundle_price", "pieces": 2 + draw % 2,
            "price_minor": 19_900 + draw % 9_000, "times": unlimited()}),
        _ => money_off(5_000 + draw % 20_000, 1_000 + draw % 2_000),
    }
}

/// What every offer of the shop says, with where it comes from.
fn shop() -> Result<Vec<(Kind, Terms)>> {
    let all = json!({"kind": "all"});
    let only = |of: &Value| json!({"kind": "only", "of": of});
    let within =
        |number: u64| only(&json!({"categories": [category(scatter(number, 2) % CATEGORIES)]}));
    let member = json!({"kind": "piece_percent_off", "share": 50, "pieces": unlimited()});
    let mut offers = vec![(Kind::MemberPrice, member, all.clone())];
    for number in 0..SPECIALS {
        let product = scatter(number, 3) % PRODUCTS;
        let price = unit(product) * (650 + scatter(number, 4) % 300) / 1_000;
        let price = json!({"kind": "fixed_price", "price_minor": price, "pieces": unlimited()});
        offers.push((Kind::Promotion, price, only(&json!({"products": [product]}))));
    }
    offers.extend((0..OFFERED).map(|own| (Kind::Promotion, effect(own), within(own))));
    for number in 0..WIDE {
        let off = money_off(20_000 + number * 7_000, 1_500 + number * 600);
        offers.push((Kind::Coupon, off, all.clone()));
    }
    let narrow = OFFERED..OFFERED + NARROW;
    offers.extend(narrow.map(|own| (Kind::Coupon, effect(own), within(own))));
    let read = |(kind, effect, goods): (Kind, Value, Value)| {
        let terms = json!({"effect": effect, "scope": {"goods": goods}});
        let terms: Terms = serde_json::from_value(terms)
            .map_err(|cause| Error::internal("an offer cannot be read", cause))?;
        terms.check()?;
        Ok((kind, terms))
    };
    offers.into_iter().map(read).collect()
}

/// What a piece of a product costs.
fn unit(product: u64) -> u64 {
    1_000 + scatter(product, 7) % 15_000
}

fn cart(number: u64) -> Cart {
    let line = |place: u64| {
        let draw = scatter(number * LINES + place, 6);
        let product = draw % PRODUCTS;
        let unit = unit(product);
        Line {
            product: product.cast_signed(),
            category: Some(category(product % CATEGORIES)),
            pieces: 1 + (draw >> 32).cast_signed().rem_euclid(3),
            unit_minor: unit.cast_signed(),
            cost_minor: Some((unit * 2 / 5).cast_signed()),
            ..Line::default()
        }
    };
    Cart { lines: (0..LINES).map(line).collect(), postage_minor: 1_200, ..Cart::default() }
}

/// Quotes so many carts, one after the other: how long the slowest of a hundred took, and by how
/// much a better combination could exceed the one found at the most.
pub(crate) fn measure(carts: u64) -> Result<()> {
    let shop = shop()?;
    let offers: Vec<Offer<'_>> = (1..)
        .zip(&shop)
        .map(|(number, (kind, terms))| Offer {
            key: Key { kind: *kind, number },
            terms,
            left: None,
        })
        .collect();
    let rules = json!({"coupons": {"kind": "at_most", "most": COUPONS}});
    let rules: Stacking = serde_json::from_value(rules)
        .map_err(|cause| Error::internal("the rules cannot be read", cause))?;
    let (zone, buyer) = (Zone::utc(), Buyer::default());
    let (mut waits, mut exact, mut value, mut steps) = (Vec::new(), 0_u64, 0, 0);
    let mut gap: f64 = 0.0;
    for number in 0..WARM_UPS + carts {
        let cart = cart(number);
        let local = zone.local(START);
        let ask =
            Ask { cart: &cart, buyer: &buyer, now: START, local, offers: &offers, rules: &rules };
        let started = now();
        let quote = rule::quote(&ask)?;
        let wait = started.elapsed().as_secs_f64() * 1e3;
        if number < WARM_UPS {
            continue;
        }
        waits.push(wait);
        exact += u64::from(quote.proof.exact);
        value += quote.proof.value_minor;
        steps += quote.steps.len();
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let over = quote.proof.bound_minor as f64 / quote.proof.value_minor.max(1) as f64 - 1.0;
        gap = gap.max(over);
    }
    let check = json!({"offers": OFFERS, "carts": carts, "value_minor": value, "steps": steps,
        "exact": exact});
    answer("quote", ("median", percentile(&mut waits, 50), "ms"), &check)?;
    answer("quote", ("p99", percentile(&mut waits, 99), "ms"), &check)?;
    answer("quote", ("gap", gap * 100.0, "%"), &check)
}
