//! Taking messages in: what they say about orders, products and people goes the way of an import's
//! rows, and each becomes an event of history.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::{Error, Result, Time};
use store::key::Sealer;
use store::log::{self, Entry, topic};
use store::shop::{self, Shop};
use store::{Cx, Tx};

use super::commerce::{self, Said, Setting};
use super::index::Hash;
use super::{Message, basket, private};
use crate::cart::{self, Done, rule::CartEvent};
use crate::catalog::{self, Article};
use crate::fold::{self, Effects, Memory};
use crate::history::{self, Events};
use crate::identity::{self, Claim};
use crate::import::batch::Builder;
use crate::order;
use crate::profile;
use crate::record::Record;
use crate::visit::{self, Seen};

/// A message with what it says.
struct Read {
    message: Message,
    said: Said,
    hash: Hash,
    received: Time,
    /// Its row among those that are taken together, and its place there.
    place: (usize, usize),
}

/// What rows of the log say, as far as no state of the shop is needed to know it.
#[derive(Default)]
pub(crate) struct Understood {
    reads: Vec<Read>,
    /// What cannot be understood, with its place.
    refused: Vec<((usize, usize), Error)>,
}

/// What must be known to understand a shop's messages; none of it ever changes.
pub(crate) struct Known {
    shop: Shop,
    lookup: Sealer,
}

impl Known {
    /// # Errors
    /// What the database reports.
    pub(crate) async fn of(cx: &Cx) -> Result<Self> {
        let lookup = Sealer::open(&mut cx.read().await?, cx, &[], false).await?;
        Ok(Self { shop: shop::get(cx).await?, lookup })
    }

    /// Reads the messages of `entries`.
    ///
    /// # Errors
    /// `damaged` when one is not as it was written.
    pub(crate) fn understand(&self, entries: &[Entry]) -> Result<Understood> {
        let Self { shop, lookup } = self;
        let mut all = Understood::default();
        for (row, entry) in entries.iter().enumerate() {
            let setting = Setting {
                currency: shop.currency,
                country: shop.currency.country(),
                today: shop.zone.date(entry.received_at),
            };
            for (index, fact) in entry.facts.iter().enumerate() {
                let Some(message) = Message::of(fact)? else { continue };
                let place = (row, index);
                match said(&message, &setting) {
                    Ok(said) => {
                        let (hash, received) = (hash(lookup, &message.id), entry.received_at);
                        all.reads.push(Read { message, said, hash, received, place });
                    }
                    Err(error) => all.refused.push((place, error)),
                }
            }
        }
        Ok(all)
    }
}

/// Takes the messages of `entries`, each once, in the transaction of the fold. One that cannot be
/// understood, or does not fit the shop's plan, is set aside, visibly, and can be put back.
pub(crate) async fn take(
    tx: &mut Tx,
    cx: &Cx,
    memory: &mut Memory,
    (reader, entries, understood): (&str, &[Entry], Understood),
) -> Result<()> {
    let lookup = Sealer::open(tx, cx, &[], false).await?;
    let Understood { reads, mut refused } = understood;
    let mut sources: BTreeMap<i64, Vec<Read>> = BTreeMap::new();
    let mut seen: HashSet<Hash> = HashSet::with_capacity(reads.len());
    for read in reads {
        // What bots do is planned by nobody.
        let fits =
            if read.message.bot.is_none() { memory.plan.judge(&read.message) } else { Ok(()) };
        if let Err(error) = fits {
            refused.push((read.place, error));
        } else if seen.insert(read.hash) {
            sources.entry(read.message.source).or_default().push(read);
        }
    }
    for ((row, index), error) in refused {
        if let Some(entry) = entries.get(row) {
            log::set_aside(tx, cx, reader, (entry, index), &error).await?;
        }
    }
    let all: Vec<Hash> = seen.into_iter().collect();
    let new = memory.taken.take(tx, cx, &all).await?;
    let mut effects = Effects::default();
    for (source, mut reads) in sources {
        reads.retain(|read| new.contains(&read.hash));
        if !reads.is_empty() {
            of_source(tx, cx, (memory, &lookup), (source, reads), &mut effects).await?;
        }
    }
    profile::apply(tx, cx, effects.touched).await?;
    log::append(tx, cx, topic::HISTORY, &effects.history).await
}

/// What a message says; of a bot's, nothing.
fn said(message: &Message, setting: &Setting<'_>) -> Result<Said> {
    if message.bot.is_some() {
        return Ok(Said { properties: private::text(&message.object()?), ..Said::default() });
    }
    commerce::read(message, setting)
}

fn hash(lookup: &Sealer, id: &str) -> Hash {
    let blind = lookup.blind("message", id);
    blind.first_chunk().copied().unwrap_or_default()
}

async fn of_source(
    tx: &mut Tx,
    cx: &Cx,
    (memory, lookup): (&mut Memory, &Sealer),
    (source, mut reads): (i64, Vec<Read>),
    effects: &mut Effects,
) -> Result<()> {
    let mut builder = Builder::new(0, source, part(&reads));
    for read in &mut reads {
        for record in std::mem::take(&mut read.said.records) {
            if memory.is_news(source, &record) {
                builder.push(record);
            }
        }
    }
    let cache = &mut memory.catalog;
    fold::absorb(tx, cx, (cache, lookup), (builder.finish(), &[source]), effects).await?;
    memory.identity.apply(&std::mem::take(&mut effects.touched.moves));

    let claim = |read: &Read| Claim {
        identifiers: if read.message.bot.is_some() {
            Vec::new()
        } else {
            commerce::person(&read.message)
        },
        at: read.message.at,
    };
    let claims: Vec<Claim> = reads.iter().map(claim).collect();
    let known = (lookup, &mut memory.identity);
    let resolved = identity::resolve_again(tx, cx, known, source, &claims).await?;
    visits(tx, &mut memory.visits, &reads, &resolved, effects).await?;
    let products = products(tx, &mut memory.catalog, source, &reads).await?;
    carts(tx, (&reads, &products), &resolved, effects)?;
    let rows = (source, reads.as_slice(), resolved.labels.as_slice());
    let (events, bots) = events(tx, &products, rows).await?;
    effects.history.extend(history::event_fact(history::EVENTS, &events, cx.now)?);
    effects.history.extend(history::event_fact(history::BOT_EVENTS, &bots, cx.now)?);
    effects.touched.take(resolved);
    Ok(())
}

/// The number of a batch among its source's: of its first message, since no two batches share one.
fn part(reads: &[Read]) -> i64 {
    reads.iter().map(|read| read.hash).min().map_or(0, |hash| number(&hash))
}

/// A number that two messages hardly share.
fn number(hash: &Hash) -> i64 {
    i64::from_le_bytes(hash.first_chunk::<8>().copied().unwrap_or_default())
}

async fn visits(
    tx: &mut Tx,
    cache: &mut visit::Cache,
    reads: &[Read],
    resolved: &identity::Resolved,
    effects: &mut Effects,
) -> Result<()> {
    let seen = reads.iter().zip(&resolved.labels).filter_map(|(read, label)| {
        let Message { at, touch, .. } = &read.message;
        let label = label.filter(|_| read.said.visit)?;
        Some(Seen { label, at: *at, touch: touch.clone() })
    });
    let seen: Vec<Seen> = seen.collect();
    let fresh = visit::add(tx, cache, &seen).await?;
    let persons = fresh.iter().filter_map(|label| resolved.persons.get(label));
    effects.touched.visits.extend(persons);
    Ok(())
}

/// The numbers of the articles that messages name, beside those of their records.
async fn products(
    tx: &mut Tx,
    cache: &mut catalog::Cache,
    source: i64,
    reads: &[Read],
) -> Result<HashMap<String, i64>> {
    let mut named: BTreeMap<&str, Time> = BTreeMap::new();
    for Read { message, said, .. } in reads {
        let carried = said.basket.iter().flat_map(basket::Basket::skus);
        for sku in said.sku.as_deref().into_iter().chain(carried) {
            let at = named.entry(sku).or_insert(message.at);
            *at = (*at).min(message.at);
        }
    }
    let article = |(sku, at): (&str, Time)| Article { sku: sku.to_owned(), title: None, at };
    let articles: Vec<Article> = named.into_iter().map(article).collect();
    let numbers = catalog::resolve(tx, cache, source, &articles).await?;
    Ok(articles.into_iter().map(|article| article.sku).zip(numbers).collect())
}

/// Keeps what is done to carts.
fn carts(
    tx: &mut Tx,
    (reads, products): (&[Read], &HashMap<String, i64>),
    resolved: &identity::Resolved,
    effects: &mut Effects,
) -> Result<()> {
    let mut done = Vec::new();
    for (read, label) in reads.iter().zip(&resolved.labels) {
        let (Some(basket), Some(label)) = (&read.said.basket, *label) else { continue };
        let (at, act) = (read.message.at, basket.act(products));
        done.push(Done { label, event: CartEvent { at, tie: number(&read.hash), act } });
        effects.touched.carts.extend(resolved.persons.get(&label));
    }
    cart::add(tx, done)
}

/// The messages as events, of people and of bots. What people write and do to products has its own
/// way there.
async fn events(
    tx: &mut Tx,
    products: &HashMap<String, i64>,
    (source, reads, labels): (i64, &[Read], &[Option<i64>]),
) -> Result<(Events, Events)> {
    let orders: BTreeSet<&str> =
        reads.iter().filter_map(|read| read.said.order.as_deref()).collect();
    let orders =
        if orders.is_empty() { Default::default() } else { order::mention(tx, &orders).await? };
    let (mut people, mut bots) = (Events::default(), Events::default());
    for (read, label) in reads.iter().zip(labels) {
        let Read { message, said, .. } = read;
        if said.told {
            continue;
        }
        let events = if message.bot.is_some() { &mut bots } else { &mut people };
        let product = said.sku.as_ref().and_then(|sku| products.get(sku)).copied();
        // A bot's channel is its name.
        let channel = message.bot.as_ref().unwrap_or(&message.channel);
        let touch = &message.touch;
        events.customer_no.push(*label);
        events.source_no.push(source);
        events.event.push(&message.event);
        events.event_time.push(message.at.micros());
        events.received_time.push(read.received.micros());
        events.message_id.push(&message.id);
        events.product_no.push(product);
        events.category.push_option(said.category.as_deref());
        events.brand.push_option(said.brand.as_deref());
        events.quantity.push(said.quantity);
        events.value_minor.push(said.value_minor);
        events.order_no.push(said.order.as_ref().and_then(|name| orders.get(name)).copied());
        events.channel.push(channel);
        events.utm_source.push_option(touch.source.as_deref());
        events.utm_medium.push_option(touch.medium.as_deref());
        events.utm_campaign.push_option(touch.campaign.as_deref());
        events.referrer.push_option(touch.referrer.as_deref());
        events.properties.push_option(said.properties.as_deref());
    }
    Ok((people, bots))
}

/// Whether history learns of a message from a record of it.
pub(super) fn is_told(records: &[Record]) -> bool {
    records.iter().any(|record| matches!(record, Record::Interaction(_)))
}
