//! Figures by hand, and laws that hold for any orders.

use std::collections::{BTreeMap, BTreeSet};

use base::{Date, Zone};
use proptest::prelude::*;

use super::rule::{Figures, measure};
use super::{Period, report};
use stratify::sales::{Sale, Sales};

const DAY: u32 = 86_400;

/// Three periods of two days: days 0 and 1, 2 and 3, 4 and 5.
fn starts() -> Vec<u32> {
    (1..=7).map(|day| day * DAY).collect()
}

fn order(person: u32, day: u32, paid_minor: i64) -> Sale {
    let at = (day + 1) * DAY + 60;
    let status = u8::from(paid_minor > 0);
    Sale { person, placed: at, sold: at, paid_minor, status, ..Sale::default() }
}

#[test]
fn figures_are_as_a_seller_counts_them() {
    let sales = [
        order(1, 0, 500),
        order(2, 2, 1_000),
        order(2, 3, 1_000),
        order(1, 3, 300),
        order(2, 4, 800),
        order(3, 5, 401),
        order(3, 5, 200),
        order(0, 5, 100),
        order(4, 5, 0),
        Sale { status: 4, ..order(4, 5, 0) },
        Sale { kind: 1, refunded_minor: 350, ..order(2, 4, 0) },
        Sale { kind: 2, adjusted_minor: -50, ..order(0, 4, 0) },
        Sale { refunded_minor: 25, ..order(5, 4, 125) },
        // Placed in this period and paid after it.
        Sale { sold: 8 * DAY, ..order(6, 5, 900) },
    ];
    let [_, before, now] = measure(sales.into_iter(), &starts());
    let expected = Figures {
        paid_minor: 1_626,
        refunded_minor: 375,
        adjusted_minor: -50,
        net_minor: 1_201,
        orders: 5,
        buyers: 3,
        new_buyers: 2,
        returning_buyers: 1,
        new_paid_minor: 726,
        order_value_minor: Some(325),
        spend_per_buyer_minor: Some(542),
        repeat_rate: Some(1.0 / 3.0),
        return_rate: Some(0.5),
        placed_orders: 8,
        unpaid_orders: 1,
        refunds: 1,
    };
    assert_eq!(now.figures, expected);
    assert_eq!((before.figures.buyers, before.figures.new_buyers), (2, 1));
    assert_eq!(before.figures.repeat_rate, Some(0.5));
    assert_eq!(before.figures.return_rate, Some(1.0));
    let days: Vec<_> = now.days.iter().map(|day| (day.buyers, day.new_buyers)).collect();
    assert_eq!(days, [(2, 1), (1, 1)]);
}

#[test]
fn a_period_without_sales_has_no_averages() {
    let [_, _, now] = measure(std::iter::empty(), &starts());
    assert_eq!(now.figures, Figures::default());
    assert_eq!(now.days.len(), 2);
}

#[test]
fn a_period_is_checked_and_has_one_before_it() {
    let day = |text: &str| text.parse::<Date>().unwrap();
    let period = Period::new(day("2026-03-01"), day("2026-03-07")).unwrap();
    let before = Period { from: day("2026-02-22"), to: day("2026-02-28") };
    assert_eq!(period.before(), before);
    let wrong = |from, to| Period::new(day(from), day(to)).unwrap_err().field.unwrap();
    assert_eq!(wrong("2026-03-02", "2026-03-01"), "to");
    assert_eq!(wrong("2020-01-01", "2026-03-01"), "from");
    let zone = Zone::named("America/New_York").unwrap();
    let told = report(&Sales::default(), &zone, period).unwrap();
    assert_eq!((told.before_from.as_str(), told.before_to.as_str()), ("2026-02-22", "2026-02-28"));
    let dates: Vec<_> = told.days.iter().map(|row| row.date.as_str()).collect();
    assert_eq!((dates.len(), dates[0], dates[6]), (7, "2026-03-01", "2026-03-07"));
}

fn any_sale() -> impl Strategy<Value = Sale> {
    let amounts = (0_i64..3, 0_i64..50, -20_i64..20);
    (0_u8..3, 0_u8..5, 0_u32..6, 0_u32..8 * DAY, 0_u32..DAY * 2, amounts).prop_map(
        |(kind, status, person, placed, wait, (paid, refunded_minor, adjusted_minor))| Sale {
            kind,
            status,
            person,
            placed,
            sold: placed + wait,
            paid_minor: if kind == 0 { paid * 100 } else { 0 },
            refunded_minor,
            adjusted_minor,
        },
    )
}

proptest! {
    /// The same figures by the plainest way there is: sets and maps, one definition after another.
    #[test]
    fn figures_are_those_of_sets(sales in prop::collection::vec(any_sale(), 0..60)) {
        let starts = starts();
        let measured = measure(sales.iter().copied(), &starts);
        let paid: Vec<&Sale> =
            sales.iter().filter(|sale| sale.kind == 0 && sale.paid_minor > 0).collect();
        let buyers = |from: u32, to: u32| -> BTreeMap<u32, i64> {
            let mut buyers = BTreeMap::new();
            for sale in paid.iter().filter(|sale| (from..to).contains(&sale.sold)) {
                if sale.person > 0 {
                    *buyers.entry(sale.person).or_default() += 1;
                }
            }
            buyers
        };
        for (period, measured) in measured.iter().enumerate() {
            let (from, to) = (starts[period * 2], starts[period * 2 + 2]);
            let own = buyers(from, to);
            let before: BTreeSet<u32> = buyers(0, from).into_keys().collect();
            let figures = &measured.figures;
            prop_assert_eq!(figures.buyers as usize, own.len());
            let old = own.keys().filter(|person| before.contains(*person)).count();
            prop_assert_eq!(figures.returning_buyers as usize, old);
            prop_assert_eq!(figures.new_buyers as usize, own.len() - old);
            let repeaters = own.values().filter(|orders| **orders > 1).count();
            let share = |part: usize, whole: usize| {
                (whole > 0).then(|| part as f64 / whole as f64)
            };
            prop_assert_eq!(figures.repeat_rate, share(repeaters, own.len()));
            if period > 0 {
                let last = buyers(starts[period * 2 - 2], from);
                let back = last.keys().filter(|person| own.contains_key(*person)).count();
                prop_assert_eq!(figures.return_rate, share(back, last.len()));
            }
            let net: i64 = sales
                .iter()
                .filter(|sale| (from..to).contains(&sale.sold))
                .map(|sale| sale.paid_minor - sale.refunded_minor + sale.adjusted_minor)
                .sum();
            prop_assert_eq!(figures.net_minor, net);
            let days = measured.days.iter();
            prop_assert_eq!(days.clone().map(|day| day.net_minor).sum::<i64>(), net);
            let new: i64 = days.clone().map(|day| day.new_buyers).sum();
            prop_assert_eq!(new, figures.new_buyers);
            for (day, told) in days.enumerate() {
                let at = period * 2 + day;
                prop_assert_eq!(told.buyers as usize, buyers(starts[at], starts[at + 1]).len());
            }
        }
    }
}
