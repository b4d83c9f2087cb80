//! How a product sells: its lines in orders that were paid, and what came back of them.

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use base::{Date, Result, Time, Zone};
use lake::bought::Bought;

use stratify::sales::{Sale, Sales};

/// Days that are told one by one.
pub const DAYS: i32 = 90;
/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// How a product sold. Amounts are minor units of the shop's currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sold {
    /// Paid orders with it.
    pub orders: i64,
    /// People with such an order.
    pub buyers: i64,
    /// Pieces in them.
    pub items: i64,
    /// The price of these pieces.
    pub amount_minor: i64,
    /// Pieces that came back by refunds of their own.
    pub returned_items: i64,
    /// When it was last in an order that was paid.
    pub last_sold_at: Option<Time>,
    /// The last 90 days with sales of it, or those until now, one after the other.
    pub days: Vec<Day>,
}

/// How it sold on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// The local day.
    pub date: Date,
    /// Pieces.
    pub items: i64,
    /// Their price.
    pub amount_minor: i64,
}

/// How a product sold, by all its lines. Where nothing was sold for 90 days, the days that are
/// told end with the last on which something was.
///
/// # Errors
/// `bad_input` for days outside the calendar.
pub fn report(sales: &Sales, lines: &[Bought], (zone, now): (&Zone, Time)) -> Result<Sold> {
    let mut sold = Sold::default();
    let (mut orders, mut people) = (HashSet::new(), HashSet::new());
    let mut dated = Vec::new();
    for line in lines {
        let Some(sale) = sales.at(line.order_no) else { continue };
        if sale.is_refund() {
            sold.returned_items =
                sold.returned_items.saturating_add(line.quantity.saturating_abs());
        }
        if !sale.is_paid() {
            continue;
        }
        sold.items = sold.items.saturating_add(line.quantity);
        sold.amount_minor = sold.amount_minor.saturating_add(line.amount_minor);
        sold.last_sold_at = sold.last_sold_at.max(Some(at(&sale)));
        orders.insert(line.order_no);
        people.extend((sale.person > 0).then_some(sale.person));
        dated.push((sale.sold, line));
    }
    sold.orders = count(&orders);
    sold.buyers = count(&people);
    let today = zone.date(now);
    let last = sold.last_sold_at.map_or(today, |at| zone.date(at));
    let end = if today.0.saturating_sub(last.0) < DAYS { today.max(last) } else { last };
    sold.days = days(&dated, zone, end)?;
    Ok(sold)
}

fn at(sale: &Sale) -> Time {
    Time::from_micros(i64::from(sale.sold) * SECOND)
}

fn count<T>(set: &HashSet<T>) -> i64 {
    i64::try_from(set.len()).unwrap_or(i64::MAX)
}

/// What was sold on each of the days until `end`.
fn days(dated: &[(u32, &Bought)], zone: &Zone, end: Date) -> Result<Vec<Day>> {
    let first = end.0.saturating_sub(DAYS - 1);
    let starts = (first..=end.0.saturating_add(1)).map(|day| {
        let start = zone.start_of(Date(day))?.micros();
        Ok(start.div_euclid(SECOND))
    });
    let starts: Vec<i64> = starts.collect::<Result<_>>()?;
    let empty = |day| Day { date: Date(day), items: 0, amount_minor: 0 };
    let mut days: Vec<Day> = (first..=end.0).map(empty).collect();
    for (at, line) in dated {
        let place = starts.partition_point(|start| *start <= i64::from(*at)).checked_sub(1);
        if let Some(day) = place.and_then(|place| days.get_mut(place)) {
            day.items = day.items.saturating_add(line.quantity);
            day.amount_minor = day.amount_minor.saturating_add(line.amount_minor);
        }
    }
    Ok(days)
}
