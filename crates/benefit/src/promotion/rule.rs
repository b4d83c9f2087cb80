//! Which promotions would set the price of the same goods at the same time. Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base::Time;

use super::Limits;
use crate::offer::stack::{Kind, Stage};
use crate::offer::terms::{Effect, Goods, Limit, Named, Terms};
use crate::offer::{Applied, Priced};

/// The category and the brand of products, by number.
pub(super) type Kinds = BTreeMap<i64, (Option<String>, Option<String>)>;

/// From when until when; without an end where none is set.
pub(super) type Span = (Time, Option<Time>);

/// How much is left of a promotion for a buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// As much as anybody wants.
    Any,
    /// So much.
    Some(i64),
    /// Nothing.
    Nothing,
    /// One person gets so much only, and nobody says who buys.
    Unknown,
}

impl Left {
    /// How much, where something limits it.
    pub(crate) fn some(self) -> Option<i64> {
        match self {
            Self::Some(left) => Some(left),
            _ => None,
        }
    }
}

/// How much is left of what is limited, of which so much is taken; `had` is what the buyer has had,
/// none where nobody knows who buys.
pub(super) fn left_of(limits: Limits, taken: i64, had: Option<i64>) -> Left {
    let stock = limits.stock.limit().map(|most| most - taken);
    let own = match (limits.each.limit(), had) {
        (None, _) => None,
        (Some(_), None) => return Left::Unknown,
        (Some(most), Some(had)) => Some(most - had),
    };
    match stock.into_iter().chain(own).min() {
        None => Left::Any,
        Some(left) if left > 0 => Left::Some(left),
        Some(_) => Left::Nothing,
    }
}

/// How much of a promotion of which so much is left a cart takes: pieces or packs where it goes by
/// them, otherwise the one order.
pub(crate) fn used((terms, left): (&Terms, Option<i64>), step: &Applied, lines: &[Priced]) -> i64 {
    let bearing = step.lines.iter().filter(|own| own.off_minor > 0);
    let pieces: i64 = bearing.filter_map(|own| lines.get(own.line)).map(|own| own.pieces).sum();
    let pieces = left.map_or(pieces, |left| pieces.min(left));
    let at_most = |most: Limit| match most {
        Limit::Unlimited {} => pieces,
        Limit::AtMost { most } => pieces.min(most),
    };
    match &terms.effect {
        Effect::PiecePercentOff { pieces, .. } | Effect::FixedPrice { pieces, .. } => {
            at_most(*pieces)
        }
        Effect::Exchange { pieces: most, .. } => pieces.min(*most),
        Effect::BundlePrice { .. } | Effect::SetPrice { .. } | Effect::BuyGet { .. } => {
            step.measured.times
        }
        _ => 1,
    }
}

/// The products that terms name, by number, in no order.
pub(super) fn products(terms: &Terms) -> Vec<i64> {
    let mut all = match &terms.scope.goods {
        Goods::All {} => Vec::new(),
        Goods::Only { of } | Goods::Except { of } => of.products.clone(),
    };
    match &terms.effect {
        Effect::Exchange { products, .. } => all.extend(products),
        Effect::SetPrice { parts, .. } => all.extend(parts.iter().map(|part| part.product)),
        Effect::Gift { .. } => all.extend(super::gifts(terms)),
        _ => {}
    }
    all
}

/// Whether two promotions would set the price of one product for one buyer at one time, and nothing
/// says which of them does.
pub(super) fn overlap(
    (own, span): (&Terms, Span),
    (other, other_span): (&Terms, Span),
    kinds: &Kinds,
) -> bool {
    let sets = |terms: &Terms| Stage::of(Kind::Promotion, &terms.effect) == Stage::Price;
    sets(own)
        && sets(other)
        && meet(span, other_span)
        && !ordered(own, other)
        && same_buyers(own, other)
        && share(&goods(own), &goods(other), kinds)
}

fn meet((from, to): Span, (other_from, other_to): Span) -> bool {
    other_to.is_none_or(|end| from < end) && to.is_none_or(|end| other_from < end)
}

/// Whether what they say themselves keeps them apart, so that the better of them applies.
fn ordered(own: &Terms, other: &Terms) -> bool {
    let group = own.stack.group.is_some() && own.stack.group == other.stack.group;
    group || own.stack.alone || other.stack.alone
}

fn same_buyers(own: &Terms, other: &Terms) -> bool {
    let (own, other) = (&own.scope, &other.scope);
    meeting(&own.channels, &other.channels)
        && meeting(&own.stores, &other.stores)
        && meeting(&own.tiers, &other.tiers)
}

/// Whether two lists have something in common; an empty one means everything.
fn meeting<T: PartialEq>(own: &[T], other: &[T]) -> bool {
    own.is_empty() || other.is_empty() || own.iter().any(|one| other.contains(one))
}

fn goods(terms: &Terms) -> Cow<'_, Goods> {
    match &terms.effect {
        Effect::Exchange { products, .. } => {
            let of = Named { products: products.clone(), ..Named::default() };
            Cow::Owned(Goods::Only { of })
        }
        _ => Cow::Borrowed(&terms.scope.goods),
    }
}

fn share(own: &Goods, other: &Goods, kinds: &Kinds) -> bool {
    match (own, other) {
        (Goods::Only { of: own }, Goods::Only { of: other }) => both(own, other, kinds),
        (Goods::Only { of }, Goods::Except { of: but })
        | (Goods::Except { of: but }, Goods::Only { of }) => !within(of, but, kinds),
        _ => true,
    }
}

fn holds(named: &Named, product: i64, kinds: &Kinds) -> bool {
    let (category, brand) = match kinds.get(&product) {
        Some((category, brand)) => (category.as_deref(), brand.as_deref()),
        None => (None, None),
    };
    named.holds(product, category, brand)
}

/// Whether some product can be in both. A category and a brand may have one in common.
fn both(own: &Named, other: &Named, kinds: &Kinds) -> bool {
    let some = |own: &[String], other: &[String]| own.iter().any(|name| other.contains(name));
    let crossed = |own: &Named, other: &Named| {
        !own.categories.is_empty() && !other.brands.is_empty()
            || own.products.iter().any(|product| holds(other, *product, kinds))
    };
    some(&own.categories, &other.categories)
        || some(&own.brands, &other.brands)
        || crossed(own, other)
        || crossed(other, own)
}

/// Whether all that one names, the other names.
fn within(own: &Named, outer: &Named, kinds: &Kinds) -> bool {
    own.categories.iter().all(|name| outer.categories.contains(name))
        && own.brands.iter().all(|name| outer.brands.contains(name))
        && own.products.iter().all(|product| holds(outer, *product, kinds))
}
