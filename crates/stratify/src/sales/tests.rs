//! Rows in their places.

use perceive::order::Changed;

use super::{Sale, Sales};
use crate::people::People;

fn row(order_no: i64, customer_no: i64, paid_minor: i64) -> Changed {
    Changed {
        order_no,
        version: 1,
        known: true,
        test: false,
        kind: 0,
        status: 1,
        customer_no: Some(customer_no),
        placed_at: Some(10_000_000),
        paid_at: Some(12_500_000),
        paid_minor,
        refunded_minor: 0,
        adjusted_minor: 0,
    }
}

fn people(sales: &Sales) -> Vec<(u32, i64)> {
    sales.iter().map(|sale| (sale.person, sale.paid_minor)).collect()
}

#[test]
fn the_last_word_on_an_order_counts() {
    let mut sales = Sales::default();
    sales.put(&row(3, 7, 100));
    sales.put(&row(1, -4, 200));
    assert_eq!(people(&sales), [(0, 200), (7, 100)]);
    sales.people = People::new(&[(-4, 9)], &[]);
    sales.put(&Changed { refunded_minor: 30, ..row(3, 7, 100) });
    sales.put(&Changed { test: true, ..row(2, 7, 100) });
    assert_eq!(people(&sales), [(9, 200), (7, 100)]);
    let last = sales.iter().last();
    let expected = Sale {
        status: 1,
        person: 7,
        placed: 10,
        sold: 12,
        paid_minor: 100,
        refunded_minor: 30,
        ..Sale::default()
    };
    assert_eq!(last, Some(expected));
    sales.put(&Changed { known: false, ..row(3, 7, 100) });
    sales.put(&Changed { paid_at: Some(9_000_000), ..row(1, 2, 5) });
    assert_eq!(sales.iter().map(|sale| sale.sold).collect::<Vec<_>>(), [10]);
}

#[test]
fn pages_by_number_are_those_of_a_search() {
    use super::find::{By, Order, Wish};
    let mut sales =
        Sales::of(&[row(2, 1, 5), row(3, 1, 5), row(5, 2, 5), row(6, 2, 5), row(9, 3, 5)]);
    sales.put(&Changed { test: true, ..row(5, 2, 5) });
    sales.put(&Changed { known: false, ..row(9, 3, 5) });
    sales.put(&row(9, 3, 7));
    // Everything is as wished, but that must be looked at.
    let searched = Wish { net_min: Some(i64::MIN), ..Wish::default() };
    for descending in [false, true] {
        let order = Order { by: By::Number, descending };
        let mut after = None;
        for _ in 0..4 {
            let page = sales.find(&Wish::default(), order, (after, 2));
            assert_eq!(page, sales.find(&searched, order, (after, 2)), "{descending} {after:?}");
            assert_eq!(page.1, 4);
            after = page.0.last().copied().or(after);
        }
        assert_eq!(after.unwrap().number(), if descending { 2 } else { 9 });
    }
}
