//! 报价: what a cart gets for a buyer, of all that the shop offers: what their level brings,
//! promotions, the coupons that they hold or name, and points that they want to pay with.
//!
//! What offers say of each other is [`crate::offer`]; this gathers what it needs. Nothing is
//! booked, and nothing is used up by asking.

mod gather;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use base::{Error, Result, Zone};
use serde::{Deserialize, Serialize};
use store::{Cx, Tx};
use stratify::expr::Needs;
use stratify::segment;

use crate::coupon::call::Named;
use crate::coupon::held::{self, Would};
use crate::ledger::{self, Unit};
use crate::offer::cart::{Ask, Buyer, Cart, Key, LINES_MAX, Offer, Why};
use crate::offer::stack::Kind;
use crate::offer::terms::{Effect, Terms};
use crate::offer::{Quote, Unused, rule};
use crate::promotion::{self, Left};
use crate::tier::{self, plan};
use gather::{Products, products};

/// Codes that a question may name at the most.
pub const CODES_MAX: usize = 20;
/// An hour, in microseconds.
const HOUR_MICROS: i64 = 3_600_000_000;

/// A line that somebody is about to buy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The article number.
    pub sku: String,
    /// Pieces.
    pub pieces: i64,
    /// What a piece costs without any offer, minor units; what the product is sold at if left out.
    pub unit_minor: Option<i64>,
    /// What a piece is listed at, minor units; what the product is sold at if left out.
    pub list_minor: Option<i64>,
}

/// What is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// The buyer: their number, and whether they never ordered before.
    #[serde(skip)]
    pub buyer: Option<(i64, bool)>,
    /// What they are about to buy.
    pub lines: Vec<Line>,
    /// Postage without any offer, minor units.
    pub postage_minor: i64,
    /// The channel.
    pub channel: Option<String>,
    /// The store, for an order that is made in one.
    pub store: Option<String>,
    /// Codes that they name, besides what they hold.
    pub codes: Vec<String>,
    /// Points that they want to pay with at the most.
    pub points: i64,
}

/// An offer as it is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    /// Its name.
    pub name: String,
    /// The code, of a coupon; it is not written down.
    #[serde(skip)]
    pub code: Option<String>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The article number of each line.
    pub skus: Vec<String>,
    /// What the cart gets.
    pub quote: Quote,
    /// What each offer that was looked at is called.
    pub offers: Vec<(Key, Called)>,
    /// What products are called by number: the article number, and the title.
    pub products: Vec<(i64, (String, Option<String>))>,
    /// How much of promotions it takes, by number.
    pub uses: Vec<(i64, i64)>,
}

/// An offer that was looked at, with what it says.
struct Found {
    key: Key,
    called: Called,
    terms: Terms,
    left: Left,
    /// Of a code: its coupon, what is left of that one's budget, and whether it was named.
    budget: Option<(i64, i64)>,
    named: bool,
}

/// What a cart gets.
///
/// # Errors
/// `bad_input` that says which part of the question will not do; `conflict` for a code that cannot
/// be used, and for goods that are not on sale for the buyer yet, with the time from which on they
/// are; `not_found` for a code that there is not; `too_large` for too many offers.
pub async fn ask(cx: &Cx, zone: &Zone, asked: &Asked) -> Result<Told> {
    check(asked)?;
    let person = asked.buyer.map(|(person, _)| person);
    let level = match person {
        Some(person) => tier::of_person(cx, person).await?.tier,
        None => None,
    };
    let would = held::usable(cx, zone, (&asked.codes, person)).await?;
    let mut tx = cx.read().await?;
    let plan = plan::get(&mut tx).await?;
    let tier = level.as_ref().map(|tier| tier.number);
    let benefits = plan.benefits(tier);
    let mut found = of_level(level.map(|tier| (tier.number, tier.name)), &benefits);
    found.extend(promotions(&mut tx, cx, person).await?);
    found.extend(would.into_iter().map(|own| of_coupon(own, &asked.codes)));
    let points = points(&mut tx, cx, asked).await?;
    let known = products(&mut tx, &asked.lines, &found).await?;
    let early = tier.map(|tier| (tier, i64::from(benefits.early_hours) * HOUR_MICROS));
    let cart = cart(asked, &known, early)?;
    let rules = promotion::stacking(&mut tx).await?;
    drop(tx);
    let segments = match person {
        Some(person) => segments(cx, person, &found).await?,
        None => Default::default(),
    };
    let first_order = asked.buyer.is_some_and(|(_, first)| first);
    let buyer = Buyer { tier, segments, first_order, points };
    let local = zone.local(cx.now);
    let whole = Ask { cart: &cart, buyer: &buyer, now: cx.now, local, offers: &[], rules: &rules };
    let quote = best(&whole, &mut found, person)?;
    let uses = uses(&quote, &found);
    let offers = found.into_iter().map(|own| (own.key, own.called)).collect();
    let skus = asked.lines.iter().map(|line| line.sku.clone()).collect();
    Ok(Told { skus, quote, offers, products: known.called(), uses })
}

/// The best combination of what was found that no budget is too small for.
fn best(whole: &Ask<'_>, found: &mut [Found], person: Option<i64>) -> Result<Quote> {
    loop {
        let offers: Vec<Offer<'_>> = found.iter().filter_map(|own| own.offer(person)).collect();
        let mut quote = rule::quote(&Ask { offers: &offers, ..*whole })?;
        // Each time around one code less is left, so this ends.
        if let Some(key) = over_budget(&quote, found)
            && let Some(own) = found.iter_mut().find(|own| own.key == key)
        {
            own.left = Left::Nothing;
            continue;
        }
        quote.unused.extend(found.iter().filter_map(|own| own.out(person)));
        quote.unused.sort_by_key(|unused| unused.key);
        return Ok(quote);
    }
}

/// The last code that nobody named among those that together take more than their budget has left.
fn over_budget(quote: &Quote, found: &[Found]) -> Option<Key> {
    let mut taken: BTreeMap<i64, i64> = BTreeMap::new();
    let mut last = None;
    for step in &quote.steps {
        let own = found.iter().find(|own| own.key == step.key)?;
        let Some((coupon, rest)) = own.budget else { continue };
        let sum = taken.entry(coupon).or_default();
        *sum += step.off_minor + step.postage_minor + step.back_minor;
        if *sum > rest && !own.named {
            last = Some(own.key);
        }
    }
    last
}

impl Found {
    /// Why it is left out whatever the cart holds.
    fn out(&self, person: Option<i64>) -> Option<Unused> {
        let why = match (self.left, &self.terms.effect) {
            (Left::Nothing, _) => Why::UsedUp,
            (Left::Unknown, _) => Why::Unknown,
            // Stored value comes back to somebody.
            (_, Effect::CashBack { .. }) if person.is_none() => Why::Unknown,
            _ => return None,
        };
        Some(Unused { key: self.key, why })
    }

    fn offer(&self, person: Option<i64>) -> Option<Offer<'_>> {
        let offer = Offer { key: self.key, terms: &self.terms, left: self.left.some() };
        self.out(person).is_none().then_some(offer)
    }
}

/// How much of promotions a quote takes.
fn uses(quote: &Quote, found: &[Found]) -> Vec<(i64, i64)> {
    let steps = quote.steps.iter().filter(|step| step.key.kind == Kind::Promotion);
    let count = |step: &crate::offer::Applied| {
        let own = found.iter().find(|own| own.key == step.key)?;
        let count = promotion::used((&own.terms, own.left.some()), step, &quote.lines);
        Some((step.key.number, count))
    };
    steps.filter_map(count).collect()
}

/// The promotions that run, with what is left of them for a buyer.
async fn promotions(tx: &mut Tx, cx: &Cx, person: Option<i64>) -> Result<Vec<Found>> {
    let all = promotion::running(tx, cx.now).await?;
    let left = promotion::left(tx, &all, person).await?;
    let found = all.into_iter().map(|own| Found {
        key: key(Kind::Promotion, own.number),
        called: Called { name: own.name, code: None },
        terms: own.terms,
        left: left.get(&own.number).copied().unwrap_or(Left::Any),
        budget: None,
        named: false,
    });
    Ok(found.collect())
}

fn check(asked: &Asked) -> Result<()> {
    if asked.lines.is_empty() || asked.lines.len() > LINES_MAX {
        return Err(Error::bad(format!("needs 1 to {LINES_MAX} lines")).field("lines"));
    }
    if asked.codes.len() > CODES_MAX {
        return Err(Error::bad(format!("has at most {CODES_MAX}")).field("codes"));
    }
    if asked.points < 0 {
        return Err(Error::bad("is not below 0").field("points"));
    }
    match asked.points > 0 && asked.buyer.is_none() {
        true => Err(Error::bad("is needed to pay with points").field("customer")),
        false => Ok(()),
    }
}

fn key(kind: Kind, number: i64) -> Key {
    Key { kind, number }
}

/// What having a level takes off.
fn of_level(level: Option<(i64, String)>, benefits: &plan::rule::Benefits) -> Vec<Found> {
    let Some((number, name)) = level else { return Vec::new() };
    let called = Called { name, code: None };
    let share = u32::from(benefits.discount / 10);
    let own = |kind: Kind, terms: Terms| Found {
        key: key(kind, number),
        called: called.clone(),
        terms,
        left: Left::Any,
        budget: None,
        named: false,
    };
    let price = (share > 0).then(|| own(Kind::MemberPrice, Terms::member_price(share)));
    let shipping =
        benefits.free_shipping.then(|| own(Kind::MemberShipping, Terms::member_shipping()));
    price.into_iter().chain(shipping).collect()
}

fn of_coupon(would: Would, named: &[String]) -> Found {
    let Would { held, terms, rest, .. } = would;
    let named = named.iter().any(|code| Named::new(code) == Named::new(&held.shown));
    Found {
        key: key(Kind::Coupon, held.code.number),
        called: Called { name: held.name, code: Some(held.shown) },
        terms: terms.offer.clone(),
        left: Left::Any,
        budget: rest.map(|rest| (held.code.coupon, rest)),
        named,
    }
}

/// How many points they can pay with.
async fn points(tx: &mut Tx, cx: &Cx, asked: &Asked) -> Result<i64> {
    let Some((person, _)) = asked.buyer.filter(|_| asked.points > 0) else { return Ok(0) };
    let wallet = ledger::wallet(tx, cx.now, person, &[Unit::Points]).await?;
    let held = wallet.first().map_or(0, |own| own.spendable).max(0);
    let at_once = ledger::policy(tx, Unit::Points).await?.spent_at_once.unwrap_or(i64::MAX);
    Ok(asked.points.min(held).min(at_once))
}

/// Which of the segments that offers name the buyer is in. A private one has nobody: what a cart
/// gets would tell who is in it.
async fn segments(
    cx: &Cx,
    person: i64,
    found: &[Found],
) -> Result<std::collections::BTreeSet<i64>> {
    let named = found.iter().flat_map(|own| &own.terms.scope.segments).copied().collect();
    let sets = segment::sets(cx, &Needs { segments: named, ..Needs::default() }).await?;
    let Ok(person) = u32::try_from(person) else { return Ok(Default::default()) };
    let own = sets
        .segments
        .iter()
        .filter(|(number, members)| !sets.private.contains(number) && members.contains(person));
    Ok(own.map(|(number, _)| *number).collect())
}

/// The cart with what is known of its goods.
fn cart(asked: &Asked, known: &Products, early: Option<(i64, i64)>) -> Result<Cart> {
    let lines = asked.lines.iter().enumerate();
    let lines = lines.map(|(place, line)| {
        known.line(line, early).map_err(|error| error.field(format!("lines[{place}].unit_minor")))
    });
    Ok(Cart {
        lines: lines.collect::<Result<_>>()?,
        postage_minor: asked.postage_minor,
        channel: asked.channel.clone(),
        store: asked.store.clone(),
        worth: known.worth(),
    })
}
