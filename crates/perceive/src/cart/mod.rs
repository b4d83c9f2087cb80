//! 购物车: the open cart of everyone, from what was put in, taken out, shown, and ordered.
//!
//! Events are kept under the label of who did them ([`crate::labelled`]); a person's cart is a
//! function of the set of these events and of the person's orders, wherever those came from
//! ([`rule::cart`]), and is worked out when somebody asks. So a visitor's cart joins that of the
//! account at sign-in, and late events change nothing but what they are about.

pub mod rule;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use base::time::DAY_MICROS;
use base::{Result, Time};
use store::{Cx, Tx, shop};

use crate::labelled::{self, Entries, put};
use crate::{identity, order};
use rule::{CartEvent, CartLine, Events, Ordered};

/// How long a cart to which nothing happens is kept, in microseconds: 90 days.
pub const KEEP_MICROS: i64 = 90 * DAY_MICROS;

/// Something that somebody did to a cart.
#[derive(Debug, Clone)]
pub struct Done {
    /// Label of who did it.
    pub label: i64,
    /// What.
    pub event: CartEvent,
}

/// A line of somebody's open cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The person; below zero for a visitor.
    pub person: i64,
    /// What is in the cart.
    pub cart: CartLine,
}

/// Keeps events.
///
/// # Errors
/// What the database reports.
pub(crate) async fn add(tx: &mut Tx, done: Vec<Done>) -> Result<()> {
    let mut entries = Entries::new();
    for Done { label, event } in done {
        put(&mut entries, label, Events(vec![event]));
    }
    labelled::add(tx, &entries).await
}

/// Open carts of the next people: of those whose first label with cart events comes after a place,
/// on a page of about `limit` labels; and where it ends. `None` after the last.
///
/// # Errors
/// What the database reports.
pub async fn lines(
    tx: &mut Tx,
    now: Time,
    (after, limit): (i64, i64),
) -> Result<Option<(Vec<Line>, i64)>> {
    let Some((events, last)) = labelled::page::<Events>(tx, after, limit).await? else {
        return Ok(None);
    };
    let (events, person_of) = whole(tx, events).await?;
    let mut first: HashMap<i64, i64> = HashMap::new();
    for (label, person) in person_of.iter().filter(|(label, _)| events.contains_key(label)) {
        let known = first.entry(*person).or_insert(*label);
        *known = (*known).min(*label);
    }
    // Whoever has a label before the page was told of there.
    let here = |person: &i64| first.get(person).is_some_and(|label| !labelled::ends(after, *label));
    let person_of: HashMap<i64, i64> =
        person_of.into_iter().filter(|(_, person)| here(person)).collect();
    let mut of_persons = of_persons(events, &person_of);
    of_persons.retain(|_, events| !is_old(events, now));
    Ok(Some((worked_out(tx, of_persons, &person_of).await?, last)))
}

/// What is in a person's open cart.
///
/// # Errors
/// What the database reports.
pub async fn of_person(tx: &mut Tx, now: Time, person: i64) -> Result<Vec<Line>> {
    let numbers = identity::numbers(tx, &BTreeSet::from([person])).await?;
    let labels: Vec<i64> = numbers.iter().map(|(label, _)| *label).collect();
    let events = labelled::of::<Events>(tx, &labels).await?;
    let person_of: HashMap<i64, i64> = numbers.into_iter().collect();
    let mut of_persons = of_persons(events.into_iter().collect(), &person_of);
    of_persons.retain(|_, events| !is_old(events, now));
    worked_out(tx, of_persons, &person_of).await
}

/// Events with all others of the same people, and whom every label of these stands for.
async fn whole(
    tx: &mut Tx,
    mut events: Entries<Events>,
) -> Result<(Entries<Events>, HashMap<i64, i64>)> {
    let page: Vec<i64> = events.keys().copied().collect();
    let persons = identity::persons(tx, &page).await?.into_values().collect();
    let numbers = identity::numbers(tx, &persons).await?;
    let elsewhere = numbers.iter().map(|(label, _)| *label);
    let elsewhere: Vec<i64> = elsewhere.filter(|label| !events.contains_key(label)).collect();
    events.extend(labelled::of::<Events>(tx, &elsewhere).await?);
    Ok((events, numbers.into_iter().collect()))
}

/// The events of each person.
fn of_persons(events: Entries<Events>, person_of: &HashMap<i64, i64>) -> Entries<Events> {
    let mut of_persons = Entries::new();
    for (label, events) in events {
        if let Some(person) = person_of.get(&label) {
            put(&mut of_persons, *person, events);
        }
    }
    of_persons
}

/// Whether nothing has happened for long.
fn is_old(Events(events): &Events, now: Time) -> bool {
    events.last().is_none_or(|event| event.at < now.plus(-KEEP_MICROS))
}

/// The carts of these people, who go by the labels of `person_of`.
async fn worked_out(
    tx: &mut Tx,
    of_persons: Entries<Events>,
    person_of: &HashMap<i64, i64>,
) -> Result<Vec<Line>> {
    let mut ordered = ordered(tx, person_of).await?;
    let mut lines = Vec::new();
    for (person, Events(events)) in of_persons {
        let orders = ordered.remove(&person).unwrap_or_default();
        let cart = rule::cart(events, orders).into_iter();
        lines.extend(cart.map(|cart| Line { person, cart }));
    }
    Ok(lines)
}

async fn ordered(tx: &mut Tx, person_of: &HashMap<i64, i64>) -> Result<HashMap<i64, Vec<Ordered>>> {
    let labels: Vec<i64> = person_of.keys().copied().collect();
    let mut orders: HashMap<i64, Vec<Ordered>> = HashMap::new();
    for order::Sale { label, number, placed_at, pieces } in order::sales(tx, &labels).await? {
        if let Some(&person) = person_of.get(&label) {
            let order = Ordered { at: placed_at, number, pieces };
            orders.entry(person).or_default().push(order);
        }
    }
    Ok(orders)
}

/// Everyone who did something to a cart.
///
/// # Errors
/// What the database reports.
pub async fn labels(tx: &mut Tx) -> Result<Vec<i64>> {
    labelled::labels::<Events>(tx).await
}

/// Forgets carts to which nothing has happened for long, of every shop.
///
/// # Errors
/// What the database reports.
pub async fn expire(cx: &Cx) -> Result<()> {
    for shop in shop::list(cx).await? {
        let mut after = Some(i64::MIN);
        while let Some(place) = after {
            let mut tx = cx.of(shop.id).write().await?;
            let old = async |tx: &mut Tx, page: &Entries<Events>| old(tx, page, cx.now).await;
            after = labelled::expire(&mut tx, place, old).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Labels of people to whose carts nothing has happened for long, under whichever label.
async fn old(tx: &mut Tx, page: &Entries<Events>, now: Time) -> Result<BTreeSet<i64>> {
    let quiet = page.iter().filter(|(_, events)| is_old(events, now));
    let quiet: Entries<Events> = quiet.map(|(label, events)| (*label, events.clone())).collect();
    let mut labels: BTreeSet<i64> = quiet.keys().copied().collect();
    let (events, person_of) = whole(tx, quiet).await?;
    let of_persons = of_persons(events, &person_of);
    labels.retain(|label| {
        let own = person_of.get(label).and_then(|person| of_persons.get(person));
        own.is_none_or(|events| is_old(events, now))
    });
    Ok(labels)
}
