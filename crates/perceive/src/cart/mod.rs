//! 购物车: the open cart of everyone, from what was put in, taken out, shown, and ordered.
//!
//! Events are kept under the label of who did them; a person's cart is a function of the set of
//! these events and of the person's orders, wherever those came from ([`rule::cart`]). So a
//! visitor's cart joins that of the account at sign-in, and late events change nothing but what
//! they are about. Its lines are kept beside it, to be read without working them out.

pub mod rule;
mod sql;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::time::DAY_MICROS;
use base::{Result, Time};
use store::{Cx, Tx, shop};

use crate::{identity, order};
use rule::{Act, CartEvent, Ordered};
pub use sql::Line;

/// How long a cart to which nothing happens is kept, in microseconds: 90 days.
pub const KEEP_MICROS: i64 = 90 * DAY_MICROS;
/// Events of one person that are looked at, the latest.
pub const EVENTS_MAX: usize = 2_000;
/// Labels that one transaction forgets.
const FORGET_MAX: i64 = 1_000;
/// People whose carts are worked out at once.
const CHUNK: usize = 2_000;

/// Something that somebody did to a cart.
#[derive(Debug, Clone)]
pub struct Done {
    /// Label of who did it.
    pub label: i64,
    /// What.
    pub event: CartEvent,
}

/// Keeps events. Whose carts they are must be worked out again by [`refresh`].
///
/// # Errors
/// `internal` when one cannot be written.
pub fn add(tx: &mut Tx, done: Vec<Done>) -> Result<()> {
    let mut rows: BTreeMap<(i64, i64, i64), Vec<u8>> = BTreeMap::new();
    for Done { label, event } in done {
        let body = crate::codec::write(&event.act)?;
        rows.insert((label, event.at.micros(), event.tie), body);
    }
    let rows = rows.into_iter().map(|((label, at, tie), body)| (label, at, tie, body));
    sql::insert(tx, rows.collect());
    Ok(())
}

/// Works out the carts of `persons` again. Who never had one costs one look.
///
/// # Errors
/// What the database reports.
pub async fn refresh(tx: &mut Tx, persons: &BTreeSet<i64>) -> Result<()> {
    if persons.is_empty() || !sql::any(tx).await? {
        return Ok(());
    }
    let persons: Vec<i64> = persons.iter().copied().collect();
    for chunk in persons.chunks(CHUNK) {
        work_out(tx, chunk).await?;
    }
    Ok(())
}

async fn work_out(tx: &mut Tx, persons: &[i64]) -> Result<()> {
    let numbers = identity::numbers(tx, &persons.iter().copied().collect()).await?;
    let labels: Vec<i64> = numbers.iter().map(|(label, _)| *label).collect();
    let used = sql::used(tx, &labels).await?;
    let shoppers: BTreeSet<i64> =
        numbers.iter().filter(|(label, _)| used.contains(label)).map(|(_, who)| *who).collect();
    let person_of: HashMap<i64, i64> =
        numbers.into_iter().filter(|(_, person)| shoppers.contains(person)).collect();
    let labels: Vec<i64> = person_of.keys().copied().collect();
    let mut events = events(tx, &labels, &person_of).await?;
    let mut ordered = ordered(tx, &labels, &person_of).await?;
    let mut lines = Vec::new();
    for person in shoppers {
        let (own, orders) = (events.remove(&person), ordered.remove(&person));
        let cart = rule::cart(own.unwrap_or_default(), orders.unwrap_or_default());
        lines.extend(cart.into_iter().map(|line| (person, line)));
    }
    sql::replace(tx, persons, lines).await
}

async fn events(
    tx: &mut Tx,
    labels: &[i64],
    person_of: &HashMap<i64, i64>,
) -> Result<HashMap<i64, Vec<CartEvent>>> {
    let mut events: HashMap<i64, Vec<CartEvent>> = HashMap::new();
    for (label, at, tie, body) in sql::events(tx, labels).await? {
        let Some(&person) = person_of.get(&label) else { continue };
        let act: Act = crate::codec::read(&body)?;
        let event = CartEvent { at: Time::from_micros(at), tie, act };
        events.entry(person).or_default().push(event);
    }
    for own in events.values_mut().filter(|own| own.len() > EVENTS_MAX) {
        own.sort_by_key(|event| std::cmp::Reverse((event.at, event.tie)));
        own.truncate(EVENTS_MAX);
    }
    Ok(events)
}

async fn ordered(
    tx: &mut Tx,
    labels: &[i64],
    person_of: &HashMap<i64, i64>,
) -> Result<HashMap<i64, Vec<Ordered>>> {
    let mut orders: HashMap<i64, Vec<Ordered>> = HashMap::new();
    for order::Sale { label, number, placed_at, pieces } in order::sales(tx, labels).await? {
        if let Some(&person) = person_of.get(&label) {
            let order = Ordered { at: placed_at, number, pieces };
            orders.entry(person).or_default().push(order);
        }
    }
    Ok(orders)
}

/// Lines of carts after a place, in the order of people and products.
///
/// # Errors
/// What the database reports.
pub async fn lines(tx: &mut Tx, after: (i64, i64), limit: i64) -> Result<Vec<Line>> {
    sql::list_after(tx, after, limit).await
}

/// Everyone who did something to a cart.
///
/// # Errors
/// What the database reports.
pub async fn labels(tx: &mut Tx) -> Result<Vec<i64>> {
    sql::labels(tx).await
}

/// Forgets carts to which nothing has happened for long, of every shop.
///
/// # Errors
/// What the database reports.
pub async fn expire(cx: &Cx) -> Result<()> {
    let before = cx.now.plus(-KEEP_MICROS);
    for shop in shop::list(cx).await? {
        loop {
            let mut tx = cx.of(shop.id).write().await?;
            let labels = sql::expire(&mut tx, before, FORGET_MAX).await?;
            let persons = identity::persons(&mut tx, &labels).await?;
            let persons: Vec<i64> = persons.into_values().collect();
            for chunk in persons.chunks(CHUNK) {
                work_out(&mut tx, chunk).await?;
            }
            tx.commit().await?;
            if labels.is_empty() {
                break;
            }
        }
    }
    Ok(())
}
