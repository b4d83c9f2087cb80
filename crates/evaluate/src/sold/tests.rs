//! A product among paid, unpaid, tried and refunded orders.

use base::{Time, Zone};
use lake::bought::Bought;
use stratify::sales::Sales;

use super::{DAYS, report};

const DAY: i64 = 86_400 * 1_000_000;

#[test]
fn only_what_was_paid_is_sold() {
    let of = |order_no: i64, kind: i64, paid_minor: i64, day: i64| perceive::order::Changed {
        order_no,
        version: 1,
        known: true,
        test: false,
        kind,
        status: 1,
        customer_no: Some(order_no % 2 + 1),
        placed_at: Some(day * DAY),
        paid_at: Some(day * DAY + 1_000_000),
        paid_minor,
        refunded_minor: 0,
        adjusted_minor: 0,
    };
    let tried = perceive::order::Changed { test: true, ..of(5, 0, 900, 200) };
    let sales = Sales::of(&[
        of(1, 0, 900, 100),
        of(2, 0, 0, 200),
        of(3, 0, 900, 199),
        of(4, 1, 0, 200),
        tried,
        of(6, 0, 50, 200),
    ]);
    let line =
        |order_no: i64, quantity: i64| Bought { order_no, quantity, amount_minor: quantity * 10 };
    // The last line is of an order that nobody knows.
    let lines = [(1, 2), (2, 5), (3, 3), (4, -1), (5, 7), (6, 1), (3, 1), (99, 9)];
    let lines: Vec<Bought> = lines.map(|(order, pieces)| line(order, pieces)).into();
    let zone = Zone::utc();
    let told = report(&sales, &lines, (&zone, Time::from_micros(210 * DAY))).unwrap();
    assert_eq!((told.orders, told.buyers, told.items, told.amount_minor), (3, 2, 7, 70));
    assert_eq!(told.returned_items, 1);
    assert_eq!(told.last_sold_at, Some(Time::from_micros(200 * DAY + 1_000_000)));
    let days: Vec<(i32, i64)> =
        told.days.iter().filter(|day| day.items != 0).map(|day| (day.date.0, day.items)).collect();
    assert_eq!(days, [(199, 4), (200, 1)], "the first lies further back");
    assert_eq!((told.days.len(), told.days.last().unwrap().date.0), (90, 210));

    let late = report(&sales, &lines, (&zone, Time::from_micros(500 * DAY))).unwrap();
    assert_eq!(late.days.last().unwrap().date.0, 200, "the days end with the last sale");
    let none = report(&sales, &[], (&zone, Time::from_micros(500 * DAY))).unwrap();
    assert_eq!((none.items, none.days.len()), (0, usize::try_from(DAYS).unwrap()));
}
