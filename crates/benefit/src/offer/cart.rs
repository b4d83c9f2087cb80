//! What is asked about: a cart, a buyer, and the offers that could apply. Pure.

use std::collections::{BTreeMap, BTreeSet};

use base::{Code, Error, Result, Time};
use jiff::civil;
use serde::{Deserialize, Serialize};

use super::stack::{Kind, Stacking, Stage};
use super::terms::{MONEY_MAX, PIECES_MAX, Terms};

/// Lines of a cart at the most.
pub const LINES_MAX: usize = 200;
/// Offers that are looked at for one cart at the most.
pub const OFFERS_MAX: usize = 2_000;

/// From when on a product is on sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnSale {
    /// For buyers of this level, by number; none for everybody.
    pub tier: Option<i64>,
    /// From when on.
    pub at: Time,
}

/// A line of a cart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The product's number.
    pub product: i64,
    /// Its category.
    pub category: Option<String>,
    /// Its brand.
    pub brand: Option<String>,
    /// Pieces.
    pub pieces: i64,
    /// What a piece costs without any offer, minor units.
    pub unit_minor: i64,
    /// What a piece is listed at; none where it is listed at what it costs.
    pub list_minor: Option<i64>,
    /// What a piece costs the shop, if that is known.
    pub cost_minor: Option<i64>,
    /// From when on it is on sale; from ever where nothing is said.
    pub on_sale: Vec<OnSale>,
}

/// What somebody is about to buy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cart {
    /// Its lines.
    pub lines: Vec<Line>,
    /// Postage without any offer, minor units.
    pub postage_minor: i64,
    /// The channel.
    pub channel: Option<String>,
    /// The store, for an order that is made in one.
    pub store: Option<String>,
    /// What a piece of a product that may be given is worth, by the product's number.
    pub worth: BTreeMap<i64, i64>,
}

/// What is known of the buyer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Buyer {
    /// Their level, by number.
    pub tier: Option<i64>,
    /// The segments that they are in, as far as offers name them.
    pub segments: BTreeSet<i64>,
    /// Whether this is their first order.
    pub first_order: bool,
    /// Points that they want to pay with at the most, and have.
    pub points: i64,
}

/// Which offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Where it comes from.
    pub kind: Kind,
    /// Its number there.
    pub number: i64,
}

/// An offer that could apply; that it is valid and not used up is seen to before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer<'a> {
    /// Which.
    pub key: Key,
    /// What it says.
    pub terms: &'a Terms,
    /// Pieces, or packs of them, for which it is still there by stock and by person; none where
    /// nothing limits it. Offers that do not go by pieces are there or not.
    pub left: Option<i64>,
}

/// A question.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The cart.
    pub cart: &'a Cart,
    /// The buyer.
    pub buyer: &'a Buyer,
    /// Now.
    pub now: Time,
    /// The same in the shop's zone.
    pub local: civil::DateTime,
    /// What could apply, in any order.
    pub offers: &'a [Offer<'a>],
    /// The shop's rules.
    pub rules: &'a Stacking,
}

/// A line that is not on sale for the buyer yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Early {
    /// Its place in the cart.
    pub line: usize,
    /// The product's number.
    pub product: i64,
    /// From when on it is.
    #[serde(serialize_with = "text")]
    pub on_sale_at: Time,
}

fn text<S: serde::Serializer>(time: &Time, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(time)
}

/// Why an offer does nothing for a cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Why {
    /// It holds at other hours.
    Hours,
    /// It is for other channels.
    Channel,
    /// It is for other stores.
    Store,
    /// It is for buyers of other levels.
    Tier,
    /// It is for buyers of other segments.
    Segment,
    /// It is for first orders.
    FirstOrder,
    /// One person gets so much only, and nobody says who buys.
    Unknown,
    /// Nothing of it is left, or nothing for this buyer.
    UsedUp,
    /// The cart has none of its goods.
    Goods,
    /// Its threshold is not reached, or nothing is left that it could take off.
    NotReached,
    /// It does not go with another one that applies.
    Beside {
        /// That one.
        other: Key,
    },
    /// The cart has as many as it may.
    Count,
    /// What others take off would be less by as much or more.
    NoGain,
}

impl Line {
    /// What it costs without any offer.
    #[must_use]
    pub fn amount(&self) -> i64 {
        self.unit_minor.saturating_mul(self.pieces)
    }

    /// Below what it does not go, where goods may not cost less than they cost the shop.
    pub(super) fn floor(&self) -> i64 {
        self.cost_minor.unwrap_or(0).saturating_mul(self.pieces).min(self.amount())
    }

    fn full_price(&self) -> bool {
        self.list_minor.is_none_or(|list| self.unit_minor >= list)
    }

    fn on_sale_at(&self, tier: Option<i64>) -> Option<Time> {
        let own = self.on_sale.iter().filter(|own| own.tier.is_none() || own.tier == tier);
        match own.map(|own| own.at).min() {
            Some(at) => Some(at),
            // What is said of other levels only is not for this buyer before the last of them.
            None => self.on_sale.iter().map(|own| own.at).max(),
        }
    }
}

impl Cart {
    /// Refuses what will not do.
    ///
    /// # Errors
    /// `bad_input` that says which part.
    pub fn check(&self) -> Result<()> {
        if self.lines.is_empty() || self.lines.len() > LINES_MAX {
            return Err(Error::bad(format!("needs 1 to {LINES_MAX} lines")).field("lines"));
        }
        let money = |minor: i64| (0..=MONEY_MAX).contains(&minor);
        for (place, line) in self.lines.iter().enumerate() {
            let at = |part: &str| format!("lines[{place}].{part}");
            if !(1..=PIECES_MAX).contains(&line.pieces) {
                return Err(Error::bad(format!("is 1 to {PIECES_MAX}")).field(at("pieces")));
            }
            for (minor, part) in [
                (Some(line.unit_minor), "unit_minor"),
                (line.list_minor, "list_minor"),
                (line.cost_minor, "cost_minor"),
            ] {
                if !minor.is_none_or(money) {
                    return Err(Error::bad(format!("is 0 to {MONEY_MAX}")).field(at(part)));
                }
            }
        }
        match money(self.postage_minor) {
            true => Ok(()),
            false => Err(Error::bad(format!("is 0 to {MONEY_MAX}")).field("postage_minor")),
        }
    }

    /// The lines that are not on sale for the buyer yet.
    #[must_use]
    pub fn early(&self, tier: Option<i64>, now: Time) -> Vec<Early> {
        let lines = self.lines.iter().enumerate().filter_map(|(place, line)| {
            let at = line.on_sale_at(tier).filter(|at| *at > now)?;
            Some(Early { line: place, product: line.product, on_sale_at: at })
        });
        lines.collect()
    }
}

impl Ask<'_> {
    /// Refuses what will not do, and goods that are not on sale for the buyer yet.
    ///
    /// # Errors
    /// `bad_input` that says which part; `conflict` with the time from which on a line is on sale.
    pub fn check(&self) -> Result<()> {
        self.cart.check()?;
        if self.offers.len() > OFFERS_MAX {
            let text = format!("at most {OFFERS_MAX} offers are looked at for one cart");
            return Err(Error::new(Code::TooLarge, text));
        }
        let keys: BTreeSet<Key> = self.offers.iter().map(|offer| offer.key).collect();
        if keys.len() < self.offers.len() {
            return Err(Error::bad("is named twice").field("offers"));
        }
        match self.cart.early(self.buyer.tier, self.now).first() {
            None => Ok(()),
            Some(early) => {
                let text = format!("is on sale for this buyer from {} on", early.on_sale_at);
                Err(Error::conflict(text).field(format!("lines[{}]", early.line)))
            }
        }
    }
}

impl Offer<'_> {
    /// When it is applied.
    #[must_use]
    pub fn stage(&self) -> Stage {
        Stage::of(self.key.kind, &self.terms.effect)
    }

    /// Why it is not meant for an order, whatever is in the cart.
    pub(super) fn unmeant(&self, ask: &Ask<'_>) -> Option<Why> {
        let scope = &self.terms.scope;
        let out = |list: &[String], own: &Option<String>| {
            !list.is_empty() && own.as_ref().is_none_or(|own| !list.contains(own))
        };
        let tiers = &scope.tiers;
        let segments = &scope.segments;
        let tier_out = !tiers.is_empty() && ask.buyer.tier.is_none_or(|own| !tiers.contains(&own));
        let segment_out =
            !segments.is_empty() && !segments.iter().any(|own| ask.buyer.segments.contains(own));
        [
            (!self.terms.hours.hold(ask.local), Why::Hours),
            (out(&scope.channels, &ask.cart.channel), Why::Channel),
            (out(&scope.stores, &ask.cart.store), Why::Store),
            (tier_out, Why::Tier),
            (segment_out, Why::Segment),
            (scope.first_order && !ask.buyer.first_order, Why::FirstOrder),
        ]
        .into_iter()
        .find_map(|(out, why)| out.then_some(why))
    }

    /// Whether a line is among its goods.
    pub(super) fn means(&self, line: &Line) -> bool {
        let scope = &self.terms.scope;
        let (category, brand) = (line.category.as_deref(), line.brand.as_deref());
        scope.goods.holds(line.product, category, brand)
            && (!scope.full_price_only || line.full_price())
    }
}
