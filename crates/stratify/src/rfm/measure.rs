//! Recency, frequency and money of everyone: now from the mirror, or as of a past day from the
//! orders.

use std::collections::HashMap;

use base::{Date, Result, Zone};
use perceive::{identity, order};
use store::Cx;

use super::rule::Measures;
use super::{Days, Recency, Setting};
use crate::mirror::Mirror;

/// The measures of everyone who has paid for an order at a time that is known.
#[must_use]
pub fn now(mirror: &Mirror, zone: &Zone, recency: Recency) -> Measures {
    let rows = mirror.blocks().iter().map(lake::RecordBatch::num_rows).sum();
    let mut last = vec![i64::MIN; rows];
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
    let mut measures = Measures::with_capacity(rows);
    let mut places = Vec::with_capacity(rows);
    mirror.each_i64("paid_orders", |place, value| {
        let at = last.get(place).copied().filter(|at| *at != i64::MIN);
        if let (Some(orders), Some(at)) = (value.filter(|orders| *orders > 0), at) {
            places.push(place);
            let number = i64::try_from(place + 1).unwrap_or_default();
            let day = days.of(at);
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

/// A person's sums over the labels that lead there.
#[derive(Default)]
struct Sums {
    last: Option<i64>,
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
    let moved: HashMap<i64, i64> = identity::redirect(&mut tx).await?.iter().copied().collect();
    let by_payment = setting.recency == Recency::Payment;
    let mut sums: HashMap<i64, Sums> = HashMap::new();
    for row in order::bought(&mut tx, (start.micros(), end, until), by_payment).await? {
        let person = moved.get(&row.label).copied().unwrap_or(row.label);
        let sum = sums.entry(person).or_default();
        sum.last = sum.last.max(row.last_at);
        sum.orders += row.orders;
        sum.net += row.net_minor;
        sum.comes_back |= row.later > 0;
    }
    let mut people: Vec<(i64, Sums)> = sums.into_iter().filter(counts).collect();
    people.sort_unstable_by_key(|(person, _)| *person);
    let first = people.iter().filter_map(|(_, sum)| sum.last).min().unwrap_or(end);
    let days = Days::between(zone, first, end);
    let mut back = Vec::with_capacity(people.len());
    let mut measures = Measures::with_capacity(people.len());
    for (person, sum) in people {
        measures.push(person, days.of(sum.last.unwrap_or(end)), sum.orders, sum.net);
        back.push(sum.comes_back);
    }
    Ok((measures, back))
}

/// Whether someone has a place in RFM: a customer who has paid for an order. Visitors have numbers
/// below zero.
fn counts((person, sum): &(i64, Sums)) -> bool {
    *person > 0 && sum.orders > 0
}
