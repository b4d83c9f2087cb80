//! RFM over the order lines in the lake: recency, frequency and money within what lines know,
//! such as a part of the assortment.
//!
//! The scan hands over slices in the files' order, which is by customer; sums are kept in arrays
//! indexed by customer number. An order counts once, at its line 0.

use std::collections::{HashMap, HashSet};

use base::{Result, ShopId, Zone};
use lake::{Fresh, Lake, ORDER_LINES, Slices};
use perceive::relay;
use store::Cx;

use super::Days;
use super::rule::Measures;

/// Which lines count.
#[derive(Debug, Clone, Default)]
pub enum Assortment {
    /// Every line.
    #[default]
    Whole,
    /// Lines of these products; an order counts when it has one of them.
    Products(HashSet<i64>),
}

#[derive(Default)]
struct Sums {
    last: Vec<i64>,
    orders: Vec<i64>,
    net: Vec<i64>,
}

impl Sums {
    fn reserve(&mut self, place: usize) {
        if self.last.len() <= place {
            let len = (place + 1).next_power_of_two();
            self.last.resize(len, i64::MIN);
            self.orders.resize(len, 0);
            self.net.resize(len, 0);
        }
    }

    fn add(&mut self, place: usize, (last, orders, net): (i64, i64, i64)) {
        self.reserve(place);
        if let Some(slot) = self.last.get_mut(place) {
            *slot = (*slot).max(last);
        }
        if let Some(slot) = self.orders.get_mut(place) {
            *slot += orders;
        }
        if let Some(slot) = self.net.get_mut(place) {
            *slot += net;
        }
    }
}

const COLUMNS: [&str; 6] =
    ["customer_no", "line_no", "kind", "amount_minor", "placed_at", "product_no"];

/// The measures of everyone with an order among the lines that count, what waits for the lake
/// included. Blocks on the scan's threads; call it where that may be.
///
/// # Errors
/// What the store or the lake reports.
pub async fn measures(
    cx: &Cx,
    lake: &Lake,
    zone: &Zone,
    assortment: &Assortment,
    threads: usize,
) -> Result<Measures> {
    relay::pinned(cx, |moment| of(lake, (cx.shop, zone), moment.lines, assortment, threads)).await
}

/// The measures over the lake's files and `fresh`; see [`measures`].
///
/// # Errors
/// What the lake reports.
pub async fn of(
    lake: &Lake,
    (shop, zone): (ShopId, &Zone),
    fresh: Fresh,
    assortment: &Assortment,
    threads: usize,
) -> Result<Measures> {
    let redirect = fresh.redirect.clone();
    let signed_in = &signed_in(&redirect);
    let columns = match assortment {
        Assortment::Whole => COLUMNS.get(..5).unwrap_or_default(),
        Assortment::Products(_) => &COLUMNS,
    };
    let scan = lake.scan(&ORDER_LINES, shop, columns, fresh).await?;
    let parts = match assortment {
        Assortment::Whole => scan.run(threads, Sums::default, |sums, rows| {
            whole(sums, rows, signed_in);
            Ok(())
        })?,
        Assortment::Products(products) => {
            let parts = scan.run(threads, Default::default, |state: &mut (Sums, Seen), rows| {
                some(state, rows, (products, signed_in));
                Ok(())
            })?;
            merge_seen(parts)
        }
    };
    Ok(collect(merge(parts), zone, &redirect))
}

/// One run of rows of a customer after the other, so that the arrays are touched once a run.
fn whole(sums: &mut Sums, rows: &Slices<'_>, signed_in: &SignedIn) {
    let (customers, lines, kinds) = (rows.i64(0), rows.i32(1), rows.i32(2));
    let (amounts, times) = (rows.i64(3), rows.i64(4));
    let known = rows.validity(0);
    let (mut run, mut current) = ((i64::MIN, 0, 0), None);
    let columns = lines.iter().zip(kinds).zip(amounts).zip(times);
    for (row, (customer, (((line, kind), amount), at))) in customers.iter().zip(columns).enumerate()
    {
        let place = place(*customer, known.all() || known.is_valid(row), signed_in);
        if place != current {
            if let Some(place) = current {
                sums.add(place, run);
            }
            (run, current) = ((i64::MIN, 0, 0), place);
        }
        let order = *kind == 0;
        run.0 = if order { run.0.max(*at) } else { run.0 };
        run.1 += i64::from(order && *line == 0);
        run.2 += *amount;
    }
    if let Some(place) = current {
        sums.add(place, run);
    }
}

/// Visitors, whose numbers are below zero, with the customers that they turned out to be.
type SignedIn = HashMap<i64, i64>;

fn signed_in(redirect: &[(i64, i64)]) -> SignedIn {
    redirect.iter().copied().filter(|(from, _)| *from < 0).collect()
}

fn place(customer: i64, known: bool, signed_in: &SignedIn) -> Option<usize> {
    let customer = if customer < 0 { *signed_in.get(&customer)? } else { customer };
    if known { usize::try_from(customer).ok()?.checked_sub(1) } else { None }
}

type Seen = HashSet<(usize, i64)>;

/// Lines of some products: an order may have none of them at its line 0, so orders are told
/// apart by customer and time.
fn some(
    (sums, seen): &mut (Sums, Seen),
    rows: &Slices<'_>,
    (products, signed_in): (&HashSet<i64>, &SignedIn),
) {
    let (customers, kinds, known) = (rows.i64(0), rows.i32(2), rows.validity(0));
    let columns = kinds.iter().zip(rows.i64(3)).zip(rows.i64(4)).zip(rows.i64(5));
    for (row, (customer, (((kind, amount), at), product))) in
        customers.iter().zip(columns).enumerate()
    {
        let Some(place) = place(*customer, known.is_valid(row), signed_in) else { continue };
        if products.contains(product) {
            let order = *kind == 0;
            let new = order && seen.insert((place, *at));
            // Counted when all threads are done, since another may see the same order.
            let last = if new { *at } else { i64::MIN };
            sums.add(place, (last, 0, *amount));
        }
    }
}

fn merge_seen(parts: Vec<(Sums, Seen)>) -> Vec<Sums> {
    let (mut all, mut seen) = (Vec::with_capacity(parts.len()), Seen::new());
    for (sums, own) in parts {
        all.push(sums);
        seen.extend(own);
    }
    let mut orders = Sums::default();
    for (place, at) in seen {
        orders.add(place, (at, 1, 0));
    }
    all.push(orders);
    all
}

fn merge(parts: Vec<Sums>) -> Sums {
    let mut parts = parts.into_iter();
    let mut all = parts.next().unwrap_or_default();
    for part in parts {
        let columns = part.last.iter().zip(&part.orders).zip(&part.net);
        for (place, ((last, orders), net)) in columns.enumerate() {
            if *last != i64::MIN || *net != 0 {
                all.add(place, (*last, *orders, *net));
            }
        }
    }
    all
}

fn collect(mut sums: Sums, zone: &Zone, redirect: &[(i64, i64)]) -> Measures {
    let place = |number: i64| usize::try_from(number).ok()?.checked_sub(1);
    for (from, to) in redirect {
        let (Some(from), Some(to)) = (place(*from), place(*to)) else { continue };
        let moved = (
            sums.last.get(from).copied().unwrap_or(i64::MIN),
            sums.orders.get(from).copied().unwrap_or(0),
            sums.net.get(from).copied().unwrap_or(0),
        );
        sums.add(to, moved);
        if let Some(slot) = sums.orders.get_mut(from) {
            *slot = 0;
        }
    }
    let there = || sums.last.iter().copied().filter(|last| *last != i64::MIN);
    let (first, latest) = (there().min().unwrap_or(0), there().max().unwrap_or(0));
    let days = Days::between(zone, first, latest);
    let count = sums.orders.iter().filter(|orders| **orders > 0).count();
    let mut measures = Measures::with_capacity(count);
    let columns = sums.last.iter().zip(&sums.orders).zip(&sums.net);
    for (number, ((last, orders), net)) in (1..).zip(columns) {
        if *orders > 0 {
            measures.push(number, days.of(*last), *orders, *net);
        }
    }
    measures
}
