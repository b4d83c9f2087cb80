//! Which promotions cannot hold at once. Pure.

use std::collections::BTreeMap;

use base::Time;

use crate::offer::stack::{Kind, Stage};
use crate::offer::terms::{Effect, Goods, Named, Scope, Terms};

/// The category and the brand of products, by number.
pub type Kinds = BTreeMap<i64, (Option<String>, Option<String>)>;

/// When something holds: from a time until before another, or for ever.
pub type Window = (Time, Option<Time>);

/// Whether two promotions would set the price of one product at one time, for one buyer. Where it
/// cannot be told they would: goods by category beside goods by brand are taken to have some in
/// common.
#[must_use]
pub fn overlap(one: (&Terms, Window), other: (&Terms, Window), kinds: &Kinds) -> bool {
    let ((terms, window), (others, others_window)) = (one, other);
    sets_price(terms)
        && sets_price(others)
        && meet(window, others_window)
        && same_buyers(&terms.scope, &others.scope)
        && share(&goods(terms), &goods(others), kinds)
}

/// The products that a promotion names.
#[must_use]
pub fn products(terms: &Terms) -> Vec<i64> {
    let scope = match &terms.scope.goods {
        Goods::All {} => Vec::new(),
        Goods::Only { of } | Goods::Except { of } => of.products.clone(),
    };
    let effect: Vec<i64> = match &terms.effect {
        Effect::SetPrice { parts, .. } => parts.iter().map(|part| part.product).collect(),
        Effect::Exchange { products, .. } => products.clone(),
        Effect::Gift { steps } => {
            steps.iter().flat_map(|step| &step.gives.gifts).map(|part| part.product).collect()
        }
        _ => Vec::new(),
    };
    scope.into_iter().chain(effect).collect()
}

fn sets_price(terms: &Terms) -> bool {
    Stage::of(Kind::Promotion, &terms.effect) == Stage::Price
}

fn meet((from, to): Window, (other_from, other_to): Window) -> bool {
    other_to.is_none_or(|to| from < to) && to.is_none_or(|to| other_from < to)
}

fn same_buyers(one: &Scope, other: &Scope) -> bool {
    // An empty list means everything.
    fn some<T: PartialEq>(own: &[T], others: &[T]) -> bool {
        own.is_empty() || others.is_empty() || own.iter().any(|one| others.contains(one))
    }
    some(&one.channels, &other.channels)
        && some(&one.stores, &other.stores)
        && some(&one.tiers, &other.tiers)
}

/// The goods whose price a promotion sets.
fn goods(terms: &Terms) -> Goods {
    match &terms.effect {
        Effect::Exchange { products, .. } => {
            Goods::Only { of: Named { products: products.clone(), ..Named::default() } }
        }
        _ => terms.scope.goods.clone(),
    }
}

fn share(one: &Goods, other: &Goods, kinds: &Kinds) -> bool {
    match (one, other) {
        (Goods::Only { of }, Goods::Only { of: others }) => some_of(of, others, kinds),
        (Goods::Only { of }, Goods::Except { of: others })
        | (Goods::Except { of: others }, Goods::Only { of }) => remain(of, others, kinds),
        _ => true,
    }
}

fn is_among(product: i64, of: &Named, kinds: &Kinds) -> bool {
    let (category, brand) = kinds.get(&product).cloned().unwrap_or_default();
    of.holds(product, category.as_deref(), brand.as_deref())
}

fn some_of(one: &Named, other: &Named, kinds: &Kinds) -> bool {
    let named = |own: &Named, others: &Named| {
        own.products.iter().any(|product| is_among(*product, others, kinds))
            || !own.categories.is_empty() && !others.brands.is_empty()
    };
    let common = |own: &[String], others: &[String]| own.iter().any(|one| others.contains(one));
    named(one, other)
        || named(other, one)
        || common(&one.categories, &other.categories)
        || common(&one.brands, &other.brands)
}

/// Whether some goods are left of those that are named when others are taken away.
fn remain(of: &Named, without: &Named, kinds: &Kinds) -> bool {
    of.products.iter().any(|product| !is_among(*product, without, kinds))
        || of.categories.iter().any(|own| !without.categories.contains(own))
        || of.brands.iter().any(|own| !without.brands.contains(own))
}
