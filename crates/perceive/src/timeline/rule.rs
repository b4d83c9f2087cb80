//! Of which kind an event is, and what an order's row tells of times.

use serde::{Deserialize, Serialize};

use crate::order::Row;

/// What something on a timeline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A visit, or anything that has no kind of its own.
    Visit,
    /// Something done to a cart.
    Cart,
    /// A favourite.
    Favourite,
    /// An order on its way.
    Order,
    /// Money received.
    Payment,
    /// Money given back.
    Refund,
    /// A review.
    Review,
    /// A chat or a complaint.
    Chat,
    /// Who is who.
    Identity,
    /// Something that the shop wrote down.
    Note,
}

/// Events that are told by orders themselves.
const ORDERS: [&str; 6] = [
    "Order Completed",
    "Order Updated",
    "Order Refunded",
    "Order Cancelled",
    "Order Placed",
    "Order Shipped",
];
const CARTS: [&str; 6] = [
    "Product Added",
    "Product Removed",
    "Cart Viewed",
    "Checkout Started",
    "Checkout Step Completed",
    "Payment Info Entered",
];
const FAVOURITES: [&str; 2] = ["Product Added to Wishlist", "Product Removed from Wishlist"];
const REVIEWS: [&str; 1] = ["Product Reviewed"];
const CHATS: [&str; 2] = ["chat.said", "complaint.filed"];

impl Kind {
    /// Every kind, as words in their order.
    pub const ALL: [(&'static str, Self); 10] = [
        ("visit", Self::Visit),
        ("cart", Self::Cart),
        ("favourite", Self::Favourite),
        ("order", Self::Order),
        ("payment", Self::Payment),
        ("refund", Self::Refund),
        ("review", Self::Review),
        ("chat", Self::Chat),
        ("identity", Self::Identity),
        ("note", Self::Note),
    ];

    /// The kind of an event of history.
    #[must_use]
    pub fn of(event: &str) -> Self {
        let named = [Self::Cart, Self::Favourite, Self::Review, Self::Chat];
        let found = named.into_iter().find(|kind| kind.events().contains(&event));
        found.unwrap_or(Self::Visit)
    }

    /// Whether events of history tell it, not the shop's records.
    #[must_use]
    pub fn is_event(self) -> bool {
        self == Self::Visit || !self.events().is_empty()
    }

    /// What an event that comes in becomes.
    #[must_use]
    pub fn becomes(event: &str) -> Self {
        if ORDERS.contains(&event) { Self::Order } else { Self::of(event) }
    }

    /// The events of this kind; of [`Kind::Visit`] and what is not told by events none.
    fn events(self) -> &'static [&'static str] {
        match self {
            Self::Cart => &CARTS,
            Self::Favourite => &FAVOURITES,
            Self::Review => &REVIEWS,
            Self::Chat => &CHATS,
            _ => &[],
        }
    }
}

/// Which events of history belong to some kinds: those named, or all but those named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// These alone; none at all when there are none.
    Only(Vec<&'static str>),
    /// All but these.
    AllBut(Vec<&'static str>),
}

/// See [`Wanted`].
#[must_use]
pub fn wanted(kinds: &[Kind]) -> Wanted {
    let named = [Kind::Cart, Kind::Favourite, Kind::Review, Kind::Chat];
    let events = |asked: bool| -> Vec<&'static str> {
        let kinds_of = named.iter().filter(|kind| kinds.contains(kind) == asked);
        kinds_of.flat_map(|kind| kind.events()).copied().collect()
    };
    if kinds.contains(&Kind::Visit) {
        Wanted::AllBut(ORDERS.into_iter().chain(events(false)).collect())
    } else {
        Wanted::Only(events(true))
    }
}

/// A step of an order: kind, the step's name, when, and the money of it.
pub type Step = (Kind, &'static str, i64, Option<i64>);

/// What an order's row tells.
#[must_use]
pub fn steps(row: &Row) -> Vec<Step> {
    if row.kind != 0 {
        let (name, minor) = match row.kind {
            1 => ("order.refunded", row.refunded_minor),
            _ => ("order.corrected", row.adjusted_minor),
        };
        return row.placed_at.map(|at| (Kind::Refund, name, at, Some(minor))).into_iter().collect();
    }
    let paid = (row.paid_minor != 0).then_some(row.paid_minor);
    let all = [
        (Kind::Order, "order.placed", row.placed_at, None),
        (Kind::Payment, "order.paid", row.paid_at, paid),
        (Kind::Order, "order.shipped", row.shipped_at, None),
        (Kind::Order, "order.received", row.received_at, None),
        (Kind::Order, "order.closed", row.closed_at, None),
    ];
    let there = all.into_iter();
    there.filter_map(|(kind, name, at, minor)| Some((kind, name, at?, minor))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_wanted_by_their_kinds() {
        assert_eq!(Kind::of("Product Added"), Kind::Cart);
        assert_eq!(Kind::of("Product Viewed"), Kind::Visit);
        assert_eq!(wanted(&[Kind::Order, Kind::Review]), Wanted::Only(vec!["Product Reviewed"]));
        assert_eq!(wanted(&[Kind::Note]), Wanted::Only(vec![]));
        let Wanted::AllBut(left_out) = wanted(&Kind::ALL.map(|(_, kind)| kind)) else {
            unreachable!("visits are wanted");
        };
        assert_eq!(left_out, ORDERS);
        let Wanted::AllBut(left_out) = wanted(&[Kind::Visit, Kind::Cart]) else {
            unreachable!("visits are wanted");
        };
        assert!(left_out.contains(&"chat.said") && !left_out.contains(&"Product Added"));
    }

    #[test]
    fn an_order_tells_its_steps() {
        let row = Row {
            placed_at: Some(1),
            paid_at: Some(2),
            closed_at: Some(5),
            paid_minor: 900,
            ..Row::default()
        };
        let told: Vec<_> = steps(&row).into_iter().map(|(_, name, at, _)| (name, at)).collect();
        assert_eq!(told, [("order.placed", 1), ("order.paid", 2), ("order.closed", 5)]);
        let refund = Row { kind: 1, refunded_minor: 70, ..row };
        assert_eq!(steps(&refund), [(Kind::Refund, "order.refunded", 1, Some(70))]);
    }
}
