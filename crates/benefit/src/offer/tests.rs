//! What an offer says, what it does to a cart, and the laws that hold for every cart.

mod bought;
mod effects;
mod laws;
mod words;

use base::{Result, Time};
use serde_json::{Value, json};

use super::Quote;
use super::cart::{Ask, Buyer, Cart, Key, Line, Offer};
use super::rule::quote;
use super::stack::{Kind, Stacking};
use super::terms::Terms;

/// A line of pieces of a product; the category is named after its first digit.
fn line(product: i64, pieces: i64, unit_minor: i64) -> Line {
    let category = product.to_string().chars().next().map(|first| format!("c{first}"));
    Line { product, category, pieces, unit_minor, ..Line::default() }
}

fn cart(lines: Vec<Line>) -> Cart {
    let worth = [(90, 500), (91, 2_000)].into();
    Cart { lines, postage_minor: 1_000, worth, ..Cart::default() }
}

fn all() -> Value {
    json!({"goods": {"kind": "all"}})
}

/// What an offer for all goods says that does something.
fn terms(effect: Value) -> Terms {
    within(effect, all())
}

fn within(effect: Value, scope: Value) -> Terms {
    let both = Value::from_iter([("effect", effect), ("scope", scope)]);
    let terms: Terms = serde_json::from_value(both).unwrap();
    terms.check().unwrap();
    terms
}

fn category(name: &str) -> Value {
    json!({"goods": {"kind": "only", "of": {"categories": [name]}}})
}

/// 满 `from` 减 `off`.
fn money_off(from: i64, off: i64) -> Value {
    json!({"kind": "amount_off", "steps": [
        {"from": {"kind": "money", "minor": from}, "gives": {"minor": off}},
    ]})
}

fn unlimited() -> Value {
    json!({"kind": "unlimited"})
}

fn offers(kind: Kind, terms: &[Terms]) -> Vec<Offer<'_>> {
    let keys = (1..).map(|number| Key { kind, number });
    keys.zip(terms).map(|(key, terms)| Offer { key, terms, left: None }).collect()
}

/// Rules by which anything goes with anything.
fn free() -> Stacking {
    let stacking = json!({"once": [], "coupons": {"kind": "unlimited"}});
    serde_json::from_value(stacking).unwrap()
}

fn ask<'a>(
    cart: &'a Cart,
    buyer: &'a Buyer,
    offers: &'a [Offer<'a>],
    rules: &'a Stacking,
) -> Ask<'a> {
    // 2026-11-27 is a Friday.
    let now = Time::from_micros(1_795_780_800_000_000);
    let local = "2026-11-27T20:00:00".parse().unwrap();
    Ask { cart, buyer, now, local, offers, rules }
}

fn quoted(cart: &Cart, offers: &[Offer<'_>], rules: &Stacking) -> Result<Quote> {
    quote(&ask(cart, &Buyer::default(), offers, rules))
}

/// What each line has off.
fn off(quote: &Quote) -> Vec<i64> {
    quote.lines.iter().map(|line| line.off_minor).collect()
}
