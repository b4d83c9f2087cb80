//! What is in somebody's cart: a function of what the person did to it and of the person's orders,
//! whatever the order in which they arrived.

use std::collections::BTreeMap;

use base::Time;
use serde::{Deserialize, Serialize};

use crate::labelled::Kept;

/// Events of a cart that are looked at, the latest.
pub const EVENTS_MAX: usize = 2_000;

/// An article as an event of the cart names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The product.
    pub product: i64,
    /// Pieces; none where the event does not say.
    pub quantity: Option<i64>,
    /// Price of a piece, minor units; none where the event does not say.
    pub price_minor: Option<i64>,
}

/// What an event does to a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// 加购: pieces are put in; one where no number is said.
    Added(Vec<Piece>),
    /// Pieces are taken out; all of them where no number is said.
    Removed(Vec<Piece>),
    /// The cart was shown: this is all that is in it.
    Viewed(Vec<Piece>),
    /// Somebody begins to buy these: they are in the cart, with what else is.
    Checkout(Vec<Piece>),
}

/// An event of a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartEvent {
    /// When.
    pub at: Time,
    /// What tells it from others of the same time.
    pub tie: i64,
    /// What it does.
    pub act: Act,
}

/// What is done to a cart under one label: the latest [`EVENTS_MAX`] events, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events(pub Vec<CartEvent>);

impl Kept for Events {
    const SERIES: &'static str = "cart";

    fn join(&mut self, other: Self) {
        self.0.extend(other.0);
        self.0.sort_by_key(|event| (event.at, event.tie));
        self.0.dedup_by_key(|event| (event.at, event.tie));
        self.0.drain(..self.0.len().saturating_sub(EVENTS_MAX));
    }
}

/// An order: what is ordered is in the cart no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    /// 拍下 time.
    pub at: Time,
    /// Its number.
    pub number: i64,
    /// Products with pieces; none empties the cart.
    pub pieces: Vec<(i64, i64)>,
}

/// A line of an open cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CartLine {
    /// The product.
    pub product: i64,
    /// Pieces, above zero.
    pub quantity: i64,
    /// Price of a piece as it was last said, minor units; none when nobody said it.
    pub price_minor: Option<i64>,
    /// When it came into the cart.
    pub added_at: Time,
    /// The last event that was about it.
    pub touched_at: Time,
}

/// A happening, in the order in which it counts: of the same time, what is done to the cart
/// before what is ordered of it.
enum Happening {
    Event(CartEvent),
    Order(Ordered),
}

impl Happening {
    fn key(&self) -> (Time, bool, i64) {
        match self {
            Self::Event(event) => (event.at, false, event.tie),
            Self::Order(order) => (order.at, true, order.number),
        }
    }
}

/// What is in the cart after all of `events` and `orders`, by product.
#[must_use]
pub fn cart(events: Vec<CartEvent>, orders: Vec<Ordered>) -> Vec<CartLine> {
    let events = events.into_iter().map(Happening::Event);
    let mut all: Vec<Happening> = events.chain(orders.into_iter().map(Happening::Order)).collect();
    all.sort_by_key(Happening::key);
    let mut cart = Cart::default();
    for happening in all {
        match happening {
            Happening::Event(CartEvent { at, act, .. }) => cart.take(at, &act),
            Happening::Order(order) => cart.ordered(&order),
        }
    }
    cart.0.into_values().collect()
}

#[derive(Default)]
struct Cart(BTreeMap<i64, CartLine>);

impl Cart {
    fn take(&mut self, at: Time, act: &Act) {
        match act {
            Act::Added(pieces) => {
                for piece in pieces {
                    self.add(at, piece, piece.quantity.unwrap_or(1));
                }
            }
            Act::Removed(pieces) => {
                for piece in pieces {
                    self.remove(at, piece.product, piece.quantity);
                }
            }
            Act::Viewed(pieces) => {
                self.0.retain(|product, _| pieces.iter().any(|piece| piece.product == *product));
                for piece in pieces {
                    self.state(at, piece);
                }
            }
            Act::Checkout(pieces) => {
                for piece in pieces {
                    self.state(at, piece);
                }
            }
        }
    }

    fn ordered(&mut self, order: &Ordered) {
        if order.pieces.is_empty() {
            self.0.clear();
        }
        for (product, pieces) in &order.pieces {
            self.remove(order.at, *product, Some(*pieces));
        }
    }

    fn add(&mut self, at: Time, piece: &Piece, quantity: i64) {
        if quantity <= 0 {
            return;
        }
        let line = self.0.entry(piece.product).or_insert(CartLine {
            product: piece.product,
            quantity: 0,
            price_minor: None,
            added_at: at,
            touched_at: at,
        });
        line.quantity = line.quantity.saturating_add(quantity);
        line.price_minor = piece.price_minor.or(line.price_minor);
        line.touched_at = at;
    }

    /// The line holds what is said of it now.
    fn state(&mut self, at: Time, piece: &Piece) {
        let known = self.0.get(&piece.product).map_or(0, |line| line.quantity);
        let quantity = piece.quantity.unwrap_or_else(|| known.max(1));
        if quantity <= 0 {
            self.0.remove(&piece.product);
            return;
        }
        self.add(at, piece, 1);
        if let Some(line) = self.0.get_mut(&piece.product) {
            line.quantity = quantity;
        }
    }

    fn remove(&mut self, at: Time, product: i64, quantity: Option<i64>) {
        let Some(line) = self.0.get_mut(&product) else { return };
        let left = quantity.map_or(0, |gone| line.quantity.saturating_sub(gone.max(0)));
        if left <= 0 {
            self.0.remove(&product);
        } else {
            line.quantity = left;
            line.touched_at = at;
        }
    }
}
