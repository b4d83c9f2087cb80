//! Recency, frequency and money of everyone: now from the mirror, or as of a past day from the
//! orders.

use std::collections::HashMap;

use base::{Date, Result, Zone};
use perceive::{identity, order};
use store::Cx;

use super::rule::Measures;
use super::{Days, Recency, Setting};
use crate::mirror::Mirror;

/// Orders that one read takes.
const PAGE_ORDERS: i64 = 20_000;

/// The measures of everyone who has paid for an order.
#[must_use]
pub fn now(mirror: &Mirror, zone: &Zone, recency: Recency) -> Measures {
    let rows = mirror.blocks().iter().map(lake::RecordBatch::num_rows).sum();
    let mut last = vec![0; rows];
    let name = match recency {
        Recency::Order | Recency::Visit => "last_paid_order_at",
        Recency::Payment => "last_paid_at",
    };
    let (mut first, mut latest) = (i64::MAX, i64::MIN);
    let mut note = |place: usize, value: Option<i64>| {
        if let (Some(value), Some(slot)) = (value, last.get_mut(place)) {
            *slot = value;
            first = first.min(value);
            latest = latest.max(value);
        }
    };
    mirror.each_i64(name, &mut note);
    if recency == Recency::Visit {
        mirror.each_i64("last_visit_at", &mut note);
    }
    let days = Days::between(zone, first.min(latest), latest);
    let mut measures = Measures::default();
    let mut places = Vec::with_capacity(rows);
    mirror.each_i64("paid_orders", |place, value| {
        if let Some(orders) = value.filter(|orders| *orders > 0) {
            places.push(place);
            let number = i64::try_from(place + 1).unwrap_or_default();
            let day = days.of(last.get(place).copied().unwrap_or_default());
            measures.push(number, day, orders, 0);
        }
    });
    let mut at = 0;
    mirror.each_i64("net_minor", |place, value| {
        if places.get(at) == Some(&place) {
            if let Some(slot) = measures.money.get_mut(at) {
                *slot = value.unwrap_or_default();
            }
            at += 1;
        }
    });
    measures
}

/// A person's sums while orders are read.
#[derive(Default)]
struct Sums {
    last: i64,
    orders: i64,
    net: i64,
    comes_back: bool,
}

/// The measures at the end of a local day, and for everyone whether they bought again in the
/// `ahead` days after it. What came later than the day does not exist for the measures.
///
/// # Errors
/// What the store reports; `bad_input` for a day out of range.
pub async fn as_of(
    cx: &Cx,
    zone: &Zone,
    (day, ahead): (Date, i32),
    setting: &Setting,
) -> Result<(Measures, Vec<bool>)> {
    let end = zone.end_of(day)?.micros();
    let start = match setting.window_days {
        Some(days) => zone.start_of(Date(day.0 - i32::try_from(days).unwrap_or(i32::MAX) + 1))?,
        None => base::Time::from_micros(i64::MIN),
    };
    let until = zone.end_of(Date(day.0.saturating_add(ahead)))?.micros();
    let mut tx = cx.read().await?;
    let moved: HashMap<i64, i64> = identity::redirect(&mut tx).await?.into_iter().collect();
    let mut sums: HashMap<i64, Sums> = HashMap::new();
    let mut after = 0;
    loop {
        let page = order::list(&mut tx, after, PAGE_ORDERS).await?;
        let Some(last) = page.last() else { break };
        after = last.order_no;
        for row in &page {
            let Some(label) = row.customer_no else { continue };
            let sum = sums.entry(moved.get(&label).copied().unwrap_or(label)).or_default();
            add(sum, row, (start.micros(), end, until), setting.recency);
        }
    }
    // Visitors, whose numbers are below zero, are no customers.
    let counts = |(person, sum): &(i64, Sums)| *person > 0 && sum.orders > 0;
    let mut people: Vec<(i64, Sums)> = sums.into_iter().filter(counts).collect();
    people.sort_unstable_by_key(|(person, _)| *person);
    let first = people.iter().map(|(_, sum)| sum.last).min().unwrap_or(end);
    let days = Days::between(zone, first, end);
    let (mut measures, mut back) = (Measures::default(), Vec::with_capacity(people.len()));
    for (person, sum) in people {
        measures.push(person, days.of(sum.last), sum.orders, sum.net);
        back.push(sum.comes_back);
    }
    Ok((measures, back))
}

fn add(sum: &mut Sums, row: &order::Row, (start, end, until): (i64, i64, i64), by: Recency) {
    let paid = row.kind == 0 && row.paid_minor > 0;
    let Some(placed) = row.placed_at else { return };
    if placed > end {
        sum.comes_back |= paid && placed <= until;
        return;
    }
    if placed < start {
        return;
    }
    sum.net += row.paid_minor - row.refunded_minor + row.adjusted_minor;
    if paid {
        let at = match by {
            Recency::Payment => row.paid_at.unwrap_or(placed),
            Recency::Order | Recency::Visit => placed,
        };
        sum.last = if sum.orders == 0 { at } else { sum.last.max(at) };
        sum.orders += 1;
    }
}
