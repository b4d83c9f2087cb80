use base::Time;
use proptest::prelude::*;

use super::rule::{Act, CartEvent, CartLine, Ordered, Piece, cart};

fn piece(product: i64, quantity: impl Into<Option<i64>>) -> Piece {
    Piece { product, quantity: quantity.into(), price_minor: Some(product * 100) }
}

fn event(at: i64, act: Act) -> CartEvent {
    CartEvent { at: Time::from_micros(at), tie: at, act }
}

fn order(at: i64, number: i64, pieces: &[(i64, i64)]) -> Ordered {
    Ordered { at: Time::from_micros(at), number, pieces: pieces.to_vec() }
}

/// Product, pieces, when it came in and when it was last touched.
fn shown(lines: &[CartLine]) -> Vec<(i64, i64, i64, i64)> {
    let line = |line: &CartLine| {
        (line.product, line.quantity, line.added_at.micros(), line.touched_at.micros())
    };
    lines.iter().map(line).collect()
}

#[test]
fn a_cart_is_what_was_put_in_and_not_taken_out() {
    let added = |at, product, quantity| event(at, Act::Added(vec![piece(product, quantity)]));
    let removed = |at, product, quantity: Option<i64>| {
        event(at, Act::Removed(vec![piece(product, quantity)]))
    };
    let cases = [
        ("put in twice", vec![added(1, 7, 1), added(5, 7, 2)], vec![], vec![(7, 3, 1, 5)]),
        (
            "taken out in part",
            vec![added(1, 7, 3), removed(2, 7, Some(1))],
            vec![],
            vec![(7, 2, 1, 2)],
        ),
        ("taken out whole", vec![added(1, 7, 3), removed(2, 7, None)], vec![], vec![]),
        ("never there", vec![removed(2, 7, None)], vec![], vec![]),
        (
            "shown: this is all of it",
            vec![added(1, 7, 3), added(2, 8, 1), event(4, Act::Viewed(vec![piece(7, 2)]))],
            vec![],
            vec![(7, 2, 1, 4)],
        ),
        (
            "begun to buy: the rest stays",
            vec![added(1, 7, 3), added(2, 8, 1), event(4, Act::Checkout(vec![piece(9, None)]))],
            vec![],
            vec![(7, 3, 1, 1), (8, 1, 2, 2), (9, 1, 4, 4)],
        ),
        (
            "ordered, and put in again",
            vec![added(1, 7, 1), added(2, 8, 1), added(9, 7, 1)],
            vec![order(3, 1, &[(7, 1)])],
            vec![(7, 1, 9, 9), (8, 1, 2, 2)],
        ),
        ("ordered in part", vec![added(1, 7, 3)], vec![order(3, 1, &[(7, 1)])], vec![(7, 2, 1, 3)]),
        (
            "an order that names nothing takes everything",
            vec![added(1, 7, 3), added(2, 8, 1)],
            vec![order(3, 1, &[])],
            vec![],
        ),
        ("bought at once", vec![added(3, 7, 1)], vec![order(3, 1, &[(7, 1)])], vec![]),
    ];
    for (name, events, orders, expected) in cases {
        assert_eq!(shown(&cart(events, orders)), expected, "{name}");
    }
}

fn any_event() -> impl Strategy<Value = CartEvent> {
    let pieces = prop::collection::vec((0..4_i64, prop::option::of(-1..4_i64)), 1..3)
        .prop_map(|list| list.into_iter().map(|(product, n)| piece(product, n)).collect());
    let act = (0..4, pieces).prop_map(|(kind, pieces)| match kind {
        0 => Act::Added(pieces),
        1 => Act::Removed(pieces),
        2 => Act::Viewed(pieces),
        _ => Act::Checkout(pieces),
    });
    (0..20_i64, any::<i64>(), act).prop_map(|(at, tie, act)| CartEvent {
        at: Time::from_micros(at),
        tie,
        act,
    })
}

proptest! {
    #[test]
    fn no_order_of_arrival_changes_a_cart(
        events in prop::collection::vec(any_event(), 0..30),
        bought in prop::collection::vec((0..20_i64, 0..4_i64, 1..3_i64), 0..4),
        turn in 0..30_usize,
    ) {
        let orders: Vec<Ordered> = bought
            .iter()
            .zip(1..)
            .map(|((at, product, pieces), number)| order(*at, number, &[(*product, *pieces)]))
            .collect();
        let known = cart(events.clone(), orders.clone());
        for line in &known {
            prop_assert!(line.quantity > 0 && line.added_at <= line.touched_at);
        }
        let (mut turned, mut orders) = (events, orders);
        let len = turned.len().max(1);
        turned.rotate_left(turn % len);
        orders.reverse();
        prop_assert_eq!(cart(turned.clone(), orders.clone()), known.clone());
        turned.reverse();
        prop_assert_eq!(cart(turned, orders), known);
    }
}
