//! The fold: from rows in the log to orders, products, people and their figures.
//!
//! One batch is one transaction together with the reader's cursor, so a crash repeats it from the
//! beginning or not at all. What the lake must know leaves as facts of the same transaction.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use base::{Result, Time};
use store::key::{ANONYMOUS_KEY, Sealer};
use store::log::{self, Ahead, Entry, Fact, topic};
use store::{Cx, Tx};

use crate::catalog::{self, Article};
use crate::collect::take::{Known, Understood};
use crate::collect::taken::Taken;
use crate::history::{self, Lines};
use crate::identity::{self, Claim, Resolved};
use crate::import::Counted;
use crate::import::batch::{self, Batch, BatchLine, Group};
use crate::order::{self, Change, Line, NewPart, Part, PartRow, Said};
use crate::plan::Plan;
use crate::print::print;
use crate::profile::rule::Contribution;
use crate::profile::{self, Touched};
use crate::record::{Contact, CustomerRow, Identifier, InteractionRow, Statement};
use crate::{collect, import, interaction, relation, visit};

/// The reader's name.
pub const READER: &str = "fold";
/// The facts it takes.
pub const TOPICS: i64 = topic::IMPORT | topic::EVENT;

/// Shops of which a fold remembers something at the most.
const SHOPS_MAX: usize = 1_000;

/// Statements about a shop's products that are remembered at the most.
const SAID_MAX: usize = 200_000;

/// Facts of a step that make its transaction worth its while.
const WORTH_FACTS: usize = 8_000;
/// How long a fold rests after a smaller one.
const REST: Duration = Duration::from_millis(80);

/// How long what comes may wait for more before the next step: a transaction costs nearly as much
/// for a few events as for thousands.
#[must_use]
pub fn rest(step: &log::Step) -> Duration {
    if step.facts < WORTH_FACTS { REST } else { Duration::ZERO }
}

/// What a fold remembers between batches; only numbers that are committed.
#[derive(Debug, Default)]
pub struct Fold {
    shops: HashMap<i64, Memory>,
    ahead: Ahead<Result<Understood>>,
}

/// What a fold remembers of a shop.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) catalog: catalog::Cache,
    pub(crate) taken: Taken,
    pub(crate) identity: identity::Cache,
    pub(crate) visits: visit::Cache,
    pub(crate) plan: Plan,
    /// What sources have said of products, in 128 bits each.
    said: HashSet<u128>,
}

impl Memory {
    /// Begins a batch: what was remembered of one that was undone is forgotten.
    pub(crate) async fn begin(&mut self, tx: &mut Tx, cx: &Cx) -> Result<()> {
        if self.taken.begin(tx, cx).await? {
            self.catalog = catalog::Cache::default();
            self.identity = identity::Cache::default();
            self.visits = visit::Cache::default();
            self.said.clear();
        }
        self.identity.begin(tx).await?;
        self.plan.refresh(tx).await
    }

    /// Whether what is said of a product is worth looking at: what every page says was mostly said
    /// before. `print` is what it is remembered by.
    pub(crate) fn is_news(&mut self, print: u128) -> bool {
        if self.said.len() >= SAID_MAX {
            self.said.clear();
        }
        self.said.insert(print)
    }
}

impl Fold {
    /// Takes the next rows of the log, as many as one transaction of each of its files takes; how
    /// many there were.
    ///
    /// # Errors
    /// What the database reports when it is not the facts' fault.
    pub async fn step(&mut self, cx: &Cx) -> Result<log::Step> {
        let ready = async |cx: &Cx| {
            let known = Known::of(cx).await?;
            Ok(move |entries: &[Entry]| known.understand(entries))
        };
        let what = (READER, TOPICS, log::ROWS_PER_READ_MAX);
        let mut ahead = std::mem::take(&mut self.ahead);
        let taken = ahead.step(cx, what, ready, async |tx, cx, entries, understood| {
            let done = self.take(tx, cx, (entries, understood)).await;
            if done.is_err() {
                // Numbers of a transaction that does not commit must not be used again.
                for memory in self.shops.values_mut() {
                    memory.catalog = catalog::Cache::default();
                }
            }
            done
        });
        let taken = taken.await;
        self.ahead = ahead;
        if taken.is_err() {
            // Before the next step somebody else may take the numbers of what did not commit.
            self.shops.clear();
        }
        taken
    }

    /// Takes everything that is in the log now; how many facts were set aside. What comes meanwhile
    /// may be left.
    ///
    /// # Errors
    /// As [`Fold::step`]; `busy` when PostgreSQL holds rows back for too long.
    pub async fn drain(&mut self, cx: &Cx) -> Result<usize> {
        let mut dead = 0;
        let ends = log::ends(cx, TOPICS).await?;
        loop {
            let step = self.step(cx).await?;
            dead += step.dead;
            if log::reached(cx, READER, TOPICS, &ends).await?
                || step.rows == 0 && !log::wait(cx, READER, TOPICS).await?
            {
                return Ok(dead);
            }
        }
    }

    async fn take(
        &mut self,
        tx: &mut Tx,
        cx: &Cx,
        (entries, understood): (&[Entry], Result<Understood>),
    ) -> Result<()> {
        let Some(first) = entries.first() else { return Ok(()) };
        if self.shops.len() >= SHOPS_MAX && !self.shops.contains_key(&first.shop.0) {
            self.shops.clear();
        }
        let memory = self.shops.entry(first.shop.0).or_default();
        if first.topic == topic::EVENT {
            let cx = cx.at(first.received_at);
            memory.begin(tx, &cx).await?;
            let what = (READER, entries, understood?);
            return collect::take::take(tx, &cx, memory, what).await;
        }
        for entry in entries {
            for fact in entry.facts.iter().filter(|fact| fact.kind == batch::KIND) {
                let batch: Batch = crate::codec::read(&fact.body)?;
                rows(tx, &cx.at(entry.received_at), &mut memory.catalog, batch).await?;
            }
        }
        Ok(())
    }
}

async fn rows(tx: &mut Tx, cx: &Cx, cache: &mut catalog::Cache, batch: Batch) -> Result<()> {
    let import = batch.import;
    let siblings = import::sources(tx, import).await?;
    if siblings.is_empty() {
        return Ok(());
    }
    let lookup = Sealer::open(tx, cx, &[], false).await?;
    let mut effects = Effects::default();
    absorb(tx, cx, (cache, &lookup), (batch, &siblings), &mut effects).await?;
    let Effects { touched, count, history } = effects;
    profile::apply(tx, cx, touched).await?;
    log::append(tx, cx, topic::HISTORY, &history).await?;
    import::count(tx, import, &count).await
}

/// What comes of a batch besides what its own nouns keep.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// People whose rows are to be brought up to date.
    pub(crate) touched: Touched,
    /// Rows that said something new.
    pub(crate) count: Counted,
    /// Facts for the lake.
    pub(crate) history: Vec<Fact>,
}

/// Takes the records of a batch; `siblings` are the sources of its import.
pub(crate) async fn absorb(
    tx: &mut Tx,
    cx: &Cx,
    (cache, lookup): (&mut catalog::Cache, &Sealer),
    (batch, siblings): (Batch, &[i64]),
    effects: &mut Effects,
) -> Result<()> {
    let place = (batch.source, batch.part);
    let Effects { touched, count, history } = effects;

    let fresh = catalog::state(tx, (cache, lookup), batch.source, &batch.products).await?;
    count.add(&fresh);
    let products = catalog::resolve(tx, cache, batch.source, &batch.articles).await?;
    let own = Own { products: &products, articles: &batch.articles };
    let told = (place, siblings, &own, batch.orders);
    orders(tx, cx, lookup, told, (&mut *touched, &mut *count, &mut *history)).await?;
    let listed = (batch.source, batch.customers.as_slice());
    customers(tx, cx, lookup, listed, (&mut *touched, &mut *count)).await?;
    let said = (batch.source, batch.interactions.as_slice());
    interactions(tx, cx, (lookup, cache), said, (touched, count, history)).await
}

/// A batch's articles with their product numbers.
struct Own<'a> {
    products: &'a [i64],
    articles: &'a [Article],
}

type Place = (i64, i64);

async fn orders(
    tx: &mut Tx,
    cx: &Cx,
    lookup: &Sealer,
    (place, siblings, own, groups): (Place, &[i64], &Own<'_>, Vec<Group>),
    (touched, count, history): (&mut Touched, &mut Counted, &mut Vec<Fact>),
) -> Result<()> {
    if groups.is_empty() {
        return Ok(());
    }
    let claims = claims(&groups);
    let resolved = identity::resolve(tx, cx, lookup, place.0, &claims.list).await?;
    let labels = |index: usize| resolved.labels.get(index).copied().flatten();
    let sealer = contact_keys(tx, cx, &groups, &claims, &resolved).await?;
    let mut parts = Vec::with_capacity(groups.len());
    let mut total = 0;
    for (index, group) in groups.into_iter().enumerate() {
        total += i64::try_from(group.rows.len()).unwrap_or(0);
        let of_heads = claims.of_heads.get(index);
        let label = |head: usize| labels(*of_heads?.get(head)?);
        parts.push(part(group, own.products, &sealer, label)?);
    }
    let (changes, figures) = order::add(tx, place, siblings, parts).await?;
    count.figures = figures;
    let duplicate: u64 = changes.iter().map(|change| change.duplicates).sum();
    let duplicate = i64::try_from(duplicate).unwrap_or(i64::MAX);
    count.duplicate += duplicate;
    count.accepted += total - duplicate;
    let skus = own.products.iter().copied().zip(own.articles.iter().map(|a| a.sku.as_str()));
    settle(tx, cx, (&changes, resolved), &skus.collect(), (touched, history)).await
}

/// Who is said to have bought, each distinct buyer once.
#[derive(Default)]
struct Claims {
    list: Vec<Claim>,
    /// For every group and every one of its heads the place of its buyer in `list`.
    of_heads: Vec<Vec<usize>>,
}

fn claims(groups: &[Group]) -> Claims {
    let mut claims = Claims::default();
    let mut seen: HashMap<&[Identifier], usize> = HashMap::new();
    for group in groups {
        let mut places = Vec::with_capacity(group.heads.len());
        for said in &group.heads {
            let said = &said.said;
            let at = said.head.placed_at.unwrap_or(Time::from_micros(0));
            let place = *seen.entry(&said.buyer).or_insert_with(|| {
                claims.list.push(Claim { identifiers: said.buyer.clone(), at });
                claims.list.len() - 1
            });
            if let Some(claim) = claims.list.get_mut(place) {
                claim.at = claim.at.min(at);
            }
            places.push(place);
        }
        claims.of_heads.push(places);
    }
    claims
}

/// The keys under which the contacts of these orders are sealed.
async fn contact_keys(
    tx: &mut Tx,
    cx: &Cx,
    groups: &[Group],
    claims: &Claims,
    resolved: &Resolved,
) -> Result<Sealer> {
    let mut keys = BTreeSet::new();
    for (group, places) in groups.iter().zip(&claims.of_heads) {
        for (said, place) in group.heads.iter().zip(places) {
            if said.said.head.contact != Contact::default() {
                let label = resolved.labels.get(*place).copied().flatten();
                keys.insert(label.unwrap_or(ANONYMOUS_KEY));
            }
        }
    }
    let keys: Vec<i64> = keys.into_iter().collect();
    Sealer::open(tx, cx, &keys, true).await
}

/// A group as the order room keeps it.
pub(crate) fn part(
    group: Group,
    products: &[i64],
    sealer: &Sealer,
    label: impl Fn(usize) -> Option<i64>,
) -> Result<NewPart> {
    let Group { external_id, kind, of_order, heads, rows } = group;
    let line = |line: BatchLine| Line {
        product: products.get(line.article as usize).copied().unwrap_or_default(),
        quantity: line.quantity,
        unit_price_minor: line.unit_price_minor,
        amount_minor: line.amount_minor,
        shipping_minor: line.shipping_minor,
        at: line.at,
    };
    let mut part = Part { kind, of_order, ..Part::default() };
    let mut places = Vec::with_capacity(heads.len());
    let mut own_rows = Vec::with_capacity(rows.len());
    for (index, head) in heads.into_iter().enumerate() {
        if *head.said == Statement::default() && head.lines.is_empty() {
            places.push(None);
            continue;
        }
        let whole = counted(head.lines.iter().copied().map(line));
        let place = part.heads.len();
        let to = relation::recipient(sealer, &head.said.head.contact);
        part.recipients.extend(u32::try_from(place).ok().zip(to));
        part.heads.push(said(sealer, head.said, label(index), whole)?);
        places.push(Some(place));
    }
    for row in &rows {
        let head = places.get(row.head as usize).copied().flatten();
        own_rows.push(PartRow { head, line: row.line.map(line), payment: row.payment });
    }
    part.lines = counted(own_rows.iter().filter_map(|row| row.line));
    part.payments = counted(own_rows.iter().filter_map(|row| row.payment));
    Ok(NewPart { external_id, part, rows: own_rows })
}

/// Each value, in order, with how often it occurs.
fn counted<T: Copy + Ord>(values: impl Iterator<Item = T>) -> Vec<(T, u32)> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    let same = values.chunk_by(|a, b| a == b);
    same.filter_map(|same| Some((*same.first()?, u32::try_from(same.len()).ok()?))).collect()
}

fn said(
    sealer: &Sealer,
    stated: Arc<Statement>,
    label: Option<i64>,
    lines: Vec<(Line, u32)>,
) -> Result<Said> {
    let Statement { buyer, mut head } = Arc::unwrap_or_clone(stated);
    let hash = sealer.blind("head", &print(&(&buyer, (&head, &lines))));
    let contact = std::mem::take(&mut head.contact);
    let sealed = if contact == Contact::default() {
        None
    } else {
        let text = serde_json::to_string(&contact)
            .map_err(|cause| base::Error::internal("a contact could not be written", cause))?;
        Some(sealer.seal("contact", label.unwrap_or(ANONYMOUS_KEY), &text)?.into())
    };
    Ok(Said { hash, label, head, contact: sealed, lines })
}

/// Passes changed orders on: to their buyers' figures and to the lake.
pub(crate) async fn settle(
    tx: &mut Tx,
    cx: &Cx,
    (changes, mut resolved): (&[Change], Resolved),
    skus: &HashMap<i64, &str>,
    (touched, history): (&mut Touched, &mut Vec<Fact>),
) -> Result<()> {
    let labels = |state: &Option<order::State>| state.as_ref().and_then(|state| state.label);
    let missing: BTreeSet<i64> = changes
        .iter()
        .flat_map(|change| [labels(&change.old), labels(&change.new)])
        .flatten()
        .filter(|label| !resolved.persons.contains_key(label))
        .collect();
    let missing: Vec<i64> = missing.into_iter().collect();
    if !missing.is_empty() {
        resolved.persons.extend(identity::persons(tx, &missing).await?);
    }
    let person = |state: Option<&order::State>| {
        state.and_then(|state| state.label).and_then(|label| resolved.persons.get(&label).copied())
    };
    let older = catalog::names(tx, &history::unnamed(changes, skus)).await?;
    let mut skus = skus.clone();
    skus.extend(older.iter().map(|(product, sku)| (*product, sku.as_str())));
    let mut lines = Lines::default();
    for change in changes {
        let (old, new) = (change.old.as_ref(), change.new.as_ref());
        let (was, is) = (person(old), person(new));
        let (before, after) = (old.map(Contribution::from), new.map(Contribution::from));
        let sent = [old, new].into_iter().flatten().any(|state| state.recipient.is_some());
        touched.sent.extend([was, is].into_iter().flatten().filter(|_| sent));
        if was == is {
            touched.orders.extend(is.map(|person| (person, before, after)));
        } else {
            touched.orders.extend(was.map(|person| (person, before, None)));
            touched.orders.extend(is.map(|person| (person, None, after)));
        }
        lines.add(change, &skus);
    }
    touched.take(resolved);
    history.extend(history::fact(&lines, cx.now)?);
    Ok(())
}

async fn customers(
    tx: &mut Tx,
    cx: &Cx,
    lookup: &Sealer,
    (source, rows): (i64, &[CustomerRow]),
    (touched, count): (&mut Touched, &mut Counted),
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let claim = |row: &CustomerRow| Claim {
        identifiers: row.identifiers.clone(),
        at: row.registered_at.or(row.updated_at).unwrap_or(Time::from_micros(0)),
    };
    let claims: Vec<Claim> = rows.iter().map(claim).collect();
    let resolved = identity::resolve(tx, cx, lookup, source, &claims).await?;
    let labelled = resolved.labels.iter().zip(rows);
    let labelled: Vec<_> = labelled.filter_map(|(label, row)| Some(((*label)?, row))).collect();
    count.add(&profile::state(tx, cx, source, &labelled).await?);
    touched.rebuild.extend(resolved.persons.values());
    touched.rebuild.extend(&resolved.fresh);
    touched.take(resolved);
    Ok(())
}

async fn interactions(
    tx: &mut Tx,
    cx: &Cx,
    (lookup, cache): (&Sealer, &mut catalog::Cache),
    (source, rows): (i64, &[InteractionRow]),
    (touched, count, history): (&mut Touched, &mut Counted, &mut Vec<Fact>),
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let at = |row: &InteractionRow| row.at.unwrap_or(Time::from_micros(0));
    let claim = |row: &InteractionRow| Claim { identifiers: row.person.clone(), at: at(row) };
    let claims: Vec<Claim> = rows.iter().map(claim).collect();
    let resolved = identity::resolve(tx, cx, lookup, source, &claims).await?;
    let mentioned = rows
        .iter()
        .filter_map(|row| row.sku.clone().map(|sku| Article { sku, title: None, at: at(row) }));
    let mentioned: Vec<Article> = mentioned.collect();
    let mut products = catalog::resolve(tx, cache, source, &mentioned).await?.into_iter();
    let orders = rows.iter().filter_map(|row| row.order.as_deref()).collect();
    let orders = order::mention(tx, &orders).await?;
    let named = |(row, label): (_, &Option<i64>)| {
        let row: &InteractionRow = row;
        let product = row.sku.as_ref().and_then(|_| products.next());
        let order = row.order.as_ref().and_then(|name| orders.get(name)).copied();
        interaction::Named { label: *label, product, order, row }
    };
    let said: Vec<_> = rows.iter().zip(&resolved.labels).map(named).collect();
    let done = interaction::add(tx, cx, source, &said).await?;
    count.add(&done.iter().map(|one| one.told).collect::<Vec<_>>());
    history.extend(history::events(&done, cx.now)?);
    for one in &done {
        let Some(person) = one.label.and_then(|label| resolved.persons.get(&label)) else {
            continue;
        };
        // What another source said already may have been said of somebody else.
        if one.told {
            touched.documents.push(*person);
        } else {
            touched.rebuild.insert(*person);
        }
    }
    touched.take(resolved);
    Ok(())
}
