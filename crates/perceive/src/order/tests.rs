use base::Time;
use proptest::prelude::*;

use super::rule::{added, duplicates, grows, state};
use super::{Line, NewPart, Part, PartRow, Said, Sourced};
use crate::record::{OrderHead, OrderKind, Status};

fn line(product: i64, quantity: i64, amount_minor: i64) -> Line {
    Line {
        product,
        quantity,
        unit_price_minor: amount_minor / quantity,
        amount_minor,
        shipping_minor: 0,
        at: None,
    }
}

fn said(name: u8, head: OrderHead) -> Said {
    Said { hash: vec![name], label: Some(1), head, contact: None, lines: Vec::new() }
}

fn part(source: i64, batch: i64, part: Part) -> Sourced {
    Sourced { source, batch, part }
}

fn lines(source: i64, batch: i64, lines: Vec<(Line, u32)>) -> Sourced {
    part(source, batch, Part { lines, ..Part::default() })
}

#[test]
fn overlapping_files_take_the_larger_count_and_batches_of_one_file_add_up() {
    let a = line(1, 1, 500);
    let parts = [lines(1, 0, vec![(a, 1)]), lines(1, 1, vec![(a, 1)]), lines(2, 0, vec![(a, 1)])];
    let state = state(&parts).unwrap();
    assert_eq!((state.lines, state.paid_minor, state.items), (vec![(a, 2)], 1000, 2));
}

#[test]
fn status_only_advances_and_money_follows_the_furthest_statement() {
    let at = |micros| Some(Time::from_micros(micros));
    let placed = OrderHead {
        status: Some(Status::Placed),
        placed_at: at(5),
        paid_minor: Some(0),
        ..OrderHead::default()
    };
    let received = OrderHead {
        status: Some(Status::Received),
        placed_at: at(5),
        received_at: at(9),
        paid_minor: Some(300),
        refunded_minor: Some(40),
        ..OrderHead::default()
    };
    let heads = |heads: Vec<Said>| Part { heads, ..Part::default() };
    let late = part(1, 0, heads(vec![said(1, received)]));
    let early = part(2, 0, heads(vec![said(2, placed)]));
    let state = state(&[late, early]).unwrap();
    assert_eq!((state.status, state.paid_minor, state.refunded_minor), (Status::Received, 300, 40));
}

#[test]
fn what_is_not_paid_is_no_sale() {
    for (status, paid) in [
        (Status::Placed, 0),
        (Status::Paid, 500),
        (Status::Shipped, 500),
        (Status::Received, 500),
        (Status::Closed, 0),
    ] {
        let head = OrderHead { status: Some(status), ..OrderHead::default() };
        let own = Part {
            heads: vec![said(1, head)],
            lines: vec![(line(1, 1, 500), 1)],
            ..Part::default()
        };
        assert_eq!(state(&[part(1, 0, own)]).unwrap().paid_minor, paid, "{status:?}");
    }
}

#[test]
fn refunds_and_corrections_are_documents_of_their_own() {
    for (kind, refunded, adjusted) in
        [(OrderKind::Refund, 700, 0), (OrderKind::Correction, 0, -700)]
    {
        let own = Part { kind, lines: vec![(line(1, -1, -700), 1)], ..Part::default() };
        let state = state(&[part(1, 0, own)]).unwrap();
        assert_eq!((state.paid_minor, state.items), (0, 0));
        assert_eq!((state.refunded_minor, state.adjusted_minor), (refunded, adjusted), "{kind:?}");
    }
}

#[test]
fn a_line_more_is_added_and_a_line_less_starts_anew() {
    let (a, b) = (line(1, 1, 500), line(2, 1, 300));
    let one = state(&[lines(1, 0, vec![(a, 1)])]).unwrap();
    let two = state(&[lines(1, 0, vec![(a, 1), (b, 2)])]).unwrap();
    assert!(grows(&one, Some(&two)) && !grows(&two, Some(&one)) && !grows(&one, None));
    assert_eq!(added(Some(&one), &two, false), (1, vec![(b, 2)]));
    assert_eq!(added(Some(&two), &one, true), (0, vec![(a, 1)]));
}

fn any_line() -> impl Strategy<Value = Line> {
    (1..4_i64, 1..3_i64, 1..4_i64)
        .prop_map(|(product, quantity, price)| line(product, quantity, quantity * price * 100))
}

fn any_part() -> impl Strategy<Value = Sourced> {
    let status = prop::sample::select(vec![
        Status::Placed,
        Status::Paid,
        Status::Shipped,
        Status::Received,
        Status::Closed,
    ]);
    let head = (0..9_u8, status, 0..50_i64, prop::option::of(0..900_i64));
    let head = head.prop_map(|(name, status, at, paid_minor)| {
        let placed_at = Some(Time::from_micros(at));
        let mut said = said(
            name,
            OrderHead { status: Some(status), placed_at, paid_minor, ..OrderHead::default() },
        );
        // Equal statements have equal hashes.
        said.hash = format!("{:?}", said.head).into_bytes();
        said
    });
    let lines = prop::collection::vec((any_line(), 1..3_u32), 0..4);
    (1..4_i64, 0..3_i64, prop::collection::vec(head, 0..3), lines).prop_map(
        |(source, batch, heads, lines)| {
            part(source, batch, Part { heads, lines, ..Part::default() })
        },
    )
}

proptest! {
    #[test]
    fn the_order_of_parts_does_not_matter(
        parts in prop::collection::vec(any_part(), 1..7),
        turn in any::<prop::sample::Index>(),
    ) {
        let mut other = parts.clone();
        other.rotate_left(turn.index(parts.len()));
        other.reverse();
        prop_assert_eq!(state(&parts), state(&other));
    }

    #[test]
    fn the_same_rows_from_another_file_say_nothing_new(
        lines in prop::collection::vec(any_line(), 1..9),
    ) {
        let mut counted: std::collections::BTreeMap<Line, u32> = Default::default();
        lines.iter().for_each(|line| *counted.entry(*line).or_default() += 1);
        let own = Part { lines: counted.into_iter().collect(), ..Part::default() };
        let row = |line: &Line| PartRow { head: None, line: Some(*line), payment: None };
        let rows: Vec<PartRow> = lines.iter().map(row).collect();
        let new = NewPart { external_id: "1".into(), part: own.clone(), rows };
        prop_assert_eq!(duplicates(&[], 1, &new), 0);
        prop_assert_eq!(duplicates(&[part(1, 0, own.clone())], 2, &new), lines.len() as u64);
        // From the same file again they are more lines of the order.
        prop_assert_eq!(duplicates(&[part(2, 0, own)], 2, &new), 0);
    }
}
