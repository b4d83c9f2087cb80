//! What an event says about a cart, before its articles have numbers.

use std::collections::HashMap;

use super::commerce::Item;
use crate::cart::rule::{Act, Piece};

/// Which of the things that can be done to a cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Added,
    Removed,
    Viewed,
    Checkout,
}

/// What an event says about a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basket {
    deed: Deed,
    pieces: Vec<(String, Option<i64>, Option<i64>)>,
}

/// What an event of this name with these articles says about a cart; none when nothing.
pub(super) fn read(event: &str, items: &[Item]) -> Option<Basket> {
    let deed = match event {
        "Product Added" | "Wishlist Product Added to Cart" => Deed::Added,
        "Product Removed" => Deed::Removed,
        "Cart Viewed" => Deed::Viewed,
        "Checkout Started" => Deed::Checkout,
        _ => return None,
    };
    // That a cart was shown without saying what is in it says nothing.
    if items.is_empty() {
        return None;
    }
    let piece = |item: &Item| (item.line.sku.clone(), item.quantity, item.price_minor);
    Some(Basket { deed, pieces: items.iter().map(piece).collect() })
}

impl Basket {
    /// The articles that it names.
    pub fn skus(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().map(|(sku, ..)| sku.as_str())
    }

    /// What it does, with the numbers of its articles.
    #[must_use]
    pub fn act(&self, products: &HashMap<String, i64>) -> Act {
        let pieces = self.pieces.iter().filter_map(|(sku, quantity, price_minor)| {
            let product = *products.get(sku)?;
            Some(Piece { product, quantity: *quantity, price_minor: *price_minor })
        });
        let pieces = pieces.collect();
        match self.deed {
            Deed::Added => Act::Added(pieces),
            Deed::Removed => Act::Removed(pieces),
            Deed::Viewed => Act::Viewed(pieces),
            Deed::Checkout => Act::Checkout(pieces),
        }
    }
}
