//! Taking messages in: what they say about orders, products and people goes the way of an import's
//! rows, and each becomes an event of history.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::{Error, Result, Time, aside};
use store::key::Sealer;
use store::log::{self, Entry, Packed, topic};
use store::shop::{self, Shop};
use store::{Cx, Tx};

use super::commerce::{self, Said, Setting};
use super::index::Hash;
use super::{Message, basket, private};
use crate::cart::{self, Done, rule::CartEvent};
use crate::catalog::{self, Article};
use crate::fold::{self, Effects, Memory};
use crate::history::{self, Events};
use crate::identity::{self, Asked, Claim};
use crate::import::batch::Builder;
use crate::order;
use crate::print;
use crate::profile;
use crate::record::Record;
use crate::visit::{self, Seen};

/// A message with what it says.
#[derive(Debug)]
struct Read {
    message: Message,
    /// What it says, its products left out.
    said: Said,
    /// By what these are remembered.
    products: Vec<u128>,
    /// Of whom it is.
    asked: Asked,
    hash: Hash,
    received: Time,
    /// Its row among those that are taken together, and its place there.
    place: (usize, usize),
}

impl Read {
    fn new(lookup: &Sealer, message: Message, said: Said, entry: &Entry) -> Self {
        let source = message.source;
        let identifiers =
            if message.bot.is_some() { Vec::new() } else { commerce::person(&message) };
        Self {
            products: Vec::new(),
            asked: Asked::new(source, Claim { identifiers, at: message.at }),
            hash: hash(lookup, &message.id),
            received: entry.received_at,
            place: (0, 0),
            message,
            said,
        }
    }

    /// Puts the products of its records with those of all.
    fn share(mut self, products: &mut HashMap<u128, Record>) -> Self {
        let source = self.message.source;
        for record in std::mem::take(&mut self.said.records) {
            let Record::Product(row) = &record else {
                self.said.records.push(record);
                continue;
            };
            let print = print::wide(&(source, row));
            products.entry(print).or_insert(record);
            self.products.push(print);
        }
        self
    }
}

/// What rows of the log say, as far as no state of the shop is needed to know it.
#[derive(Debug, Default)]
pub(crate) struct Understood {
    reads: Vec<Read>,
    /// What they say of products, once each: every page that shows one says the same.
    products: HashMap<u128, Record>,
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
        all.reads.reserve(entries.iter().map(|entry| entry.facts.len()).sum());
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
                        let read = Read::new(lookup, message, said, entry);
                        let read = read.share(&mut all.products);
                        all.reads.push(Read { place, ..read });
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
    let Understood { mut reads, mut products, mut refused } = understood;
    let mut seen: HashSet<Hash> = HashSet::with_capacity(reads.len());
    reads.retain(|read| {
        // What bots do is planned by nobody.
        let fits =
            if read.message.bot.is_none() { memory.plan.judge(&read.message) } else { Ok(()) };
        if let Err(error) = fits {
            refused.push((read.place, error));
            return false;
        }
        seen.insert(read.hash)
    });
    let unfit = refused.iter().filter_map(|((row, index), error)| {
        let entry: &Entry = entries.get(*row)?;
        Some((entry, *index, error))
    });
    log::set_aside(tx, cx, reader, &unfit.collect::<Vec<_>>()).await?;
    let all: Vec<Hash> = seen.into_iter().collect();
    let new = memory.taken.take(tx, cx, &all).await?;
    reads.retain(|read| new.contains(&read.hash));
    let (mut effects, mut told) = (Effects::default(), Vec::new());
    for (source, reads) in by_source(reads) {
        let all = (reads, &mut products);
        let events = of_source(tx, cx, (memory, &lookup), (source, all), &mut effects).await?;
        let now = cx.now;
        // The database works meanwhile.
        told.push(aside("history", move || events.packed(now))?);
    }
    profile::apply(tx, cx, effects.touched).await?;
    log::append(tx, cx, topic::HISTORY, &effects.history).await?;
    for packed in told {
        log::append_packed(tx, cx, topic::HISTORY, &packed.done().await??).await?;
    }
    Ok(())
}

/// Messages by their source. Mostly there is one, and nothing is moved.
fn by_source(reads: Vec<Read>) -> BTreeMap<i64, Vec<Read>> {
    let mut sources: BTreeMap<i64, Vec<Read>> = BTreeMap::new();
    let Some(first) = reads.first().map(|read| read.message.source) else { return sources };
    if reads.iter().all(|read| read.message.source == first) {
        sources.insert(first, reads);
        return sources;
    }
    for read in reads {
        sources.entry(read.message.source).or_default().push(read);
    }
    sources
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
    (source, (mut reads, shown)): (i64, (Vec<Read>, &mut HashMap<u128, Record>)),
    effects: &mut Effects,
) -> Result<Told> {
    let mut builder = Builder::new(0, source, part(&reads));
    for read in &mut reads {
        let news = read.products.iter().filter(|print| memory.is_news(**print));
        let products = news.filter_map(|print| shown.remove(print));
        products.chain(std::mem::take(&mut read.said.records)).for_each(|one| builder.push(one));
    }
    let cache = &mut memory.catalog;
    fold::absorb(tx, cx, (cache, lookup), (builder.finish(), &[source]), effects).await?;
    memory.identity.apply(&std::mem::take(&mut effects.touched.moves));

    let claims: Vec<&Asked> = reads.iter().map(|read| &read.asked).collect();
    let known = (lookup, &mut memory.identity);
    let resolved = identity::resolve_again(tx, cx, known, source, &claims).await?;
    visits(tx, &mut memory.visits, &reads, &resolved, effects).await?;
    let products = products(tx, &mut memory.catalog, source, &reads).await?;
    carts(tx, (&reads, &products), &resolved.labels).await?;
    let orders: BTreeSet<&str> =
        reads.iter().filter_map(|read| read.said.order.as_deref()).collect();
    let orders =
        if orders.is_empty() { Default::default() } else { order::mention(tx, &orders).await? };
    let mut resolved = resolved;
    let labels = std::mem::take(&mut resolved.labels);
    effects.touched.take(resolved);
    Ok(Told { source, reads, labels, products, orders })
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
    effects.touched.documents.extend(persons);
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
async fn carts(
    tx: &mut Tx,
    (reads, products): (&[Read], &HashMap<String, i64>),
    labels: &[Option<i64>],
) -> Result<()> {
    let mut done = Vec::new();
    for (read, label) in reads.iter().zip(labels) {
        let (Some(basket), Some(label)) = (&read.said.basket, *label) else { continue };
        let (at, act) = (read.message.at, basket.act(products));
        done.push(Done { label, event: CartEvent { at, tie: number(&read.hash), act } });
    }
    cart::add(tx, done).await
}

/// Messages of a source with the numbers of what they are about.
struct Told {
    source: i64,
    reads: Vec<Read>,
    /// Of whom each is.
    labels: Vec<Option<i64>>,
    products: HashMap<String, i64>,
    orders: HashMap<String, i64>,
}

impl Told {
    /// They as facts for the lake, packed for the log.
    fn packed(self, now: Time) -> Result<Packed> {
        let (events, bots) = self.events();
        let mut facts = Vec::new();
        facts.extend(history::event_fact(history::EVENTS, &events, now)?);
        facts.extend(history::event_fact(history::BOT_EVENTS, &bots, now)?);
        log::pack(&facts)
    }

    /// They as events, of people and of bots. What people write and do to products has its own way
    /// there.
    fn events(&self) -> (Events, Events) {
        let (mut people, mut bots) = (Events::default(), Events::default());
        for (read, label) in self.reads.iter().zip(&self.labels) {
            if !read.said.told {
                let events = if read.message.bot.is_some() { &mut bots } else { &mut people };
                self.push(events, read, *label);
            }
        }
        (people, bots)
    }

    fn push(&self, events: &mut Events, read: &Read, label: Option<i64>) {
        let Read { message, said, .. } = read;
        let product = said.sku.as_ref().and_then(|sku| self.products.get(sku)).copied();
        let order = said.order.as_ref().and_then(|name| self.orders.get(name)).copied();
        // A bot's channel is its name.
        let channel = message.bot.as_ref().unwrap_or(&message.channel);
        let touch = &message.touch;
        events.customer_no.push(label);
        events.source_no.push(self.source);
        events.event.push(&message.event);
        events.event_time.push(message.at.micros());
        events.received_time.push(read.received.micros());
        events.message_id.push(&message.id);
        events.product_no.push(product);
        events.category.push_option(said.category.as_deref());
        events.brand.push_option(said.brand.as_deref());
        events.quantity.push(said.quantity);
        events.value_minor.push(said.value_minor);
        events.order_no.push(order);
        events.channel.push(channel);
        events.utm_source.push_option(touch.source.as_deref());
        events.utm_medium.push_option(touch.medium.as_deref());
        events.utm_campaign.push_option(touch.campaign.as_deref());
        events.referrer.push_option(touch.referrer.as_deref());
        events.properties.push_option(said.properties.as_deref());
    }
}

/// Whether history learns of a message from a record of it.
pub(super) fn is_told(records: &[Record]) -> bool {
    records.iter().any(|record| matches!(record, Record::Interaction(_)))
}
