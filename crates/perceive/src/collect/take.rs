//! Taking messages in: what they say about orders, products and people goes the way of an import's
//! rows, and each becomes an event of history.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use base::{Result, Time};
use store::key::Sealer;
use store::log::{self, Entry, Fact, topic};
use store::{Cx, Tx, shop};

use super::commerce::{self, Said, Setting};
use super::{Kind, Message, private, sql};
use crate::catalog::{self, Article};
use crate::fold::{self, Effects};
use crate::history::{self, Events};
use crate::identity::{self, Claim};
use crate::import::batch::Builder;
use crate::order;
use crate::profile;
use crate::record::Record;
use crate::visit::{self, Seen};

/// The name under which a bot's events stand in history.
const BOT: &str = "bot";

/// A message with what it says.
struct Read {
    message: Message,
    said: Said,
    hash: Vec<u8>,
}

/// Takes the messages among `facts`, each once, in the transaction of the fold. One that cannot be
/// understood is set aside, visibly, and can be put back.
pub(crate) async fn take(
    tx: &mut Tx,
    cx: &Cx,
    cache: &mut catalog::Cache,
    (reader, entry, facts): (&str, &Entry, &[Fact]),
) -> Result<()> {
    let lookup = Sealer::open(tx, cx, &[], false).await?;
    let shop = shop::get(cx).await?;
    let setting = Setting {
        currency: shop.currency,
        country: shop.currency.country(),
        today: shop.zone.date(cx.now),
    };
    let mut sources: BTreeMap<i64, Vec<Read>> = BTreeMap::new();
    let mut seen: HashSet<Vec<u8>> = HashSet::new();
    for (ordinal, fact) in facts.iter().enumerate() {
        let Some(message) = Message::of(fact)? else { continue };
        let said = if message.bot.is_some() {
            Ok(Said::default())
        } else {
            commerce::read(&message, &setting)
        };
        match said {
            Ok(said) => {
                let hash = lookup.blind("message", &message.id);
                if seen.insert(hash.clone()) {
                    let read = Read { message, said, hash };
                    sources.entry(read.message.source).or_default().push(read);
                }
            }
            Err(error) => log::set_aside(tx, cx, reader, (entry, ordinal, fact), &error).await?,
        }
    }
    let new = sql::take(tx, seen.into_iter().collect(), cx.now.utc_day().0).await?;
    let mut effects = Effects::default();
    for (source, mut reads) in sources {
        reads.retain(|read| new.contains(&read.hash));
        if !reads.is_empty() {
            of_source(tx, cx, (cache, &lookup), (source, reads), &mut effects).await?;
        }
    }
    profile::apply(tx, cx, effects.touched).await?;
    log::append(tx, cx, topic::HISTORY, &effects.history).await
}

async fn of_source(
    tx: &mut Tx,
    cx: &Cx,
    (cache, lookup): (&mut catalog::Cache, &Sealer),
    (source, mut reads): (i64, Vec<Read>),
    effects: &mut Effects,
) -> Result<()> {
    let mut builder = Builder::new(0, source, part(&reads));
    for read in &mut reads {
        for record in std::mem::take(&mut read.said.records) {
            builder.push(record);
        }
    }
    fold::absorb(tx, cx, (cache, lookup), (builder.finish(), &[source]), effects).await?;

    let claim = |read: &Read| Claim {
        identifiers: if read.message.bot.is_some() {
            Vec::new()
        } else {
            commerce::person(&read.message)
        },
        at: read.message.at,
    };
    let claims: Vec<Claim> = reads.iter().map(claim).collect();
    let resolved = identity::resolve(tx, cx, lookup, source, &claims).await?;
    visits(tx, &reads, &resolved, effects).await?;
    let events = events(tx, cx, cache, (source, &reads, &resolved.labels)).await?;
    effects.history.extend(history::event_fact(&events, cx.now)?);
    effects.touched.fresh.extend(resolved.fresh);
    effects.touched.rebuild.extend(resolved.changed);
    Ok(())
}

/// The number of a batch among its source's: of its first message, since no two batches share one.
fn part(reads: &[Read]) -> i64 {
    let first = reads.iter().map(|read| &read.hash).min();
    let bytes = first.and_then(|hash| hash.first_chunk::<8>()).copied().unwrap_or_default();
    i64::from_le_bytes(bytes)
}

async fn visits(
    tx: &mut Tx,
    reads: &[Read],
    resolved: &identity::Resolved,
    effects: &mut Effects,
) -> Result<()> {
    let seen = reads.iter().zip(&resolved.labels).filter_map(|(read, label)| {
        let Message { kind, at, touch, .. } = &read.message;
        let label = label.filter(|_| kind.is_visit())?;
        Some(Seen { label, at: *at, touch: Some(touch.clone()) })
    });
    let seen: Vec<Seen> = seen.collect();
    let fresh = visit::add(tx, &seen).await?;
    let mut last: BTreeMap<i64, Time> = BTreeMap::new();
    for Seen { label, at, .. } in &seen {
        let known = last.entry(*label).or_insert(*at);
        *known = (*known).max(*at);
    }
    for (label, at) in last {
        if let Some(person) = resolved.persons.get(&label) {
            effects.touched.visits.push((*person, at, fresh.contains(&label)));
        }
    }
    Ok(())
}

/// The messages as events. What people write and do to products has its own way there.
async fn events(
    tx: &mut Tx,
    cx: &Cx,
    cache: &mut catalog::Cache,
    (source, reads, labels): (i64, &[Read], &[Option<i64>]),
) -> Result<Events> {
    let named = reads.iter().filter_map(|read| {
        let sku = read.said.sku.clone()?;
        Some(Article { sku, title: None, at: read.message.at })
    });
    let named: Vec<Article> = named.collect();
    let mut products = catalog::resolve(tx, cache, source, &named).await?.into_iter();
    let orders: BTreeSet<&str> =
        reads.iter().filter_map(|read| read.said.order.as_deref()).collect();
    let orders =
        if orders.is_empty() { Default::default() } else { order::mention(tx, &orders).await? };
    let mut events = Events::default();
    for (read, label) in reads.iter().zip(labels) {
        let Read { message, said, .. } = read;
        let product = said.sku.as_ref().and_then(|_| products.next());
        if said.told {
            continue;
        }
        let channel = if message.bot.is_some() { BOT } else { message.channel.as_str() };
        events.customer_no.push(*label);
        events.source_no.push(source);
        events.event.push(message.event.clone());
        events.event_time.push(message.at.micros());
        events.received_time.push(cx.now.micros());
        events.message_id.push(message.id.clone());
        events.product_no.push(product);
        events.category.push(said.category.clone());
        events.brand.push(said.brand.clone());
        events.quantity.push(said.quantity);
        events.value_minor.push(said.value_minor);
        events.order_no.push(said.order.as_ref().and_then(|name| orders.get(name)).copied());
        events.channel.push(Some(channel.to_owned()));
        events.properties.push(properties(message)?);
    }
    Ok(events)
}

/// What history may hold of a message's properties; of traits nothing, until they are declared.
fn properties(message: &Message) -> Result<Option<String>> {
    if matches!(message.kind, Kind::Identify | Kind::Group) || message.properties.is_empty() {
        return Ok(None);
    }
    let public = private::public(message.object()?);
    Ok((!public.is_empty()).then(|| serde_json::Value::Object(public).to_string()))
}

/// Whether history learns of a message from a record of it.
pub(super) fn is_told(records: &[Record]) -> bool {
    records.iter().any(|record| matches!(record, Record::Interaction(_)))
}
