//! 订单: orders from 拍下 to 评价, refunds and corrections.
//!
//! Everything that sources say about an order is kept as parts, one per source and batch. An
//! order is a pure function of the set of its parts ([`rule::state`]), so late, repeated and
//! disordered input ends in the same state, and undoing an import is taking its parts away.

mod document;
mod follow;
mod recipient;
pub mod rule;
mod sql;
#[cfg(test)]
mod tests;
mod whole;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use base::{Result, Time};
use serde::{Deserialize, Serialize};
use store::{Tx, counter};

use crate::record::{OrderHead, OrderKind, Status};
pub use document::{Document, documents, parents};
use follow::Writing;
pub use recipient::{Recipient, delivered_to, deliveries, forget_recipients};
use rule::Draft;
pub use sql::{Bought, Changed, Row};
pub use whole::{Whole, whole};

/// Orders that one statement looks up.
pub const LOOKUP_MAX: usize = 2_000;
/// Orders that are worked out before they are written.
const WRITE_MAX: usize = 256;

/// A line of an order, with how often it occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// The product.
    pub product: i64,
    /// Pieces, negative when they come back.
    pub quantity: i64,
    /// Price of a piece, minor units.
    pub unit_price_minor: i64,
    /// Money of the line, minor units.
    pub amount_minor: i64,
    /// Postage of this line alone, minor units.
    pub shipping_minor: i64,
    /// Its own time, where it has one.
    pub at: Option<Time>,
}

/// What one row, or many alike, say about an order as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Keyed hash of everything that follows, as it was before sealing: 16 bytes.
    #[serde(with = "serde_bytes")]
    pub hash: Vec<u8>,
    /// Number under which the buyer's facts are kept; none for an anonymous order.
    pub label: Option<i64>,
    /// What is said; its contact is empty here.
    pub head: OrderHead,
    /// The contact, sealed under the key of `label`.
    pub contact: Option<serde_bytes::ByteBuf>,
    /// All of the order's lines, where the source states them together, with how often each occurs.
    pub lines: Vec<(Line, u32)>,
}

/// What one batch of one source says about an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What the document is.
    pub kind: OrderKind,
    /// The order that a refund belongs to.
    pub of_order: Option<String>,
    /// Distinct statements about the whole order.
    pub heads: Vec<Said>,
    /// Lines with how often each occurs.
    pub lines: Vec<(Line, u32)>,
    /// Payments in minor units, with how often each occurs.
    pub payments: Vec<(i64, u32)>,
    /// Who receives it, by the places of those of `heads` that say so.
    pub recipients: Vec<(u32, Recipient)>,
}

/// A part with where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced {
    /// The source: one file of one import, or a collector.
    pub source: i64,
    /// The batch within the source.
    pub batch: i64,
    /// What it says.
    pub part: Part,
}

/// An order as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// What the document is.
    pub kind: OrderKind,
    /// The order that a refund belongs to.
    pub of_order: Option<String>,
    /// Number under which its buyer's facts are kept.
    pub label: Option<i64>,
    /// How far it has come.
    pub status: Status,
    /// Everything that is said about it as a whole, combined.
    pub head: OrderHead,
    /// Sealed contact.
    pub contact: Option<Vec<u8>>,
    /// Whom the contact is.
    pub recipient: Option<Recipient>,
    /// Money received.
    pub paid_minor: i64,
    /// Money given back, positive.
    pub refunded_minor: i64,
    /// Corrections.
    pub adjusted_minor: i64,
    /// Pieces.
    pub items: i64,
    /// Its lines in a fixed order, each with how often it occurs.
    pub lines: Vec<(Line, u32)>,
}

/// A stored order: its number, the generation of its lines in the lake, and its state.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    /// Its number.
    pub number: i64,
    /// Lines in the lake of a lower epoch do not count any more.
    pub epoch: i64,
    /// `None` when nothing mentions it any more.
    pub state: Option<State>,
}

/// A new part of an order.
#[derive(Debug, Clone)]
pub struct NewPart {
    /// The source's number of the order.
    pub external_id: String,
    /// What is said.
    pub part: Part,
    /// The rows that say it, to be counted.
    pub rows: Vec<PartRow>,
}

/// What a row of a new part says.
#[derive(Debug, Clone, Copy)]
pub struct PartRow {
    /// About the order as a whole: a place in the part's heads.
    pub head: Option<usize>,
    /// A line.
    pub line: Option<Line>,
    /// A payment, minor units.
    pub payment: Option<i64>,
}

/// How an order changed.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its number.
    pub number: i64,
    /// Generation of its lines after the change.
    pub epoch: i64,
    /// Before; `None` for a new order.
    pub old: Option<State>,
    /// After; `None` when nothing mentions it any more.
    pub new: Option<State>,
    /// Rows that said nothing new.
    pub duplicates: u64,
}

/// Adds parts of a source to their orders; how each order changed, and by how much the figures of
/// `siblings`, the sources of one import, grew. Orders are named once.
///
/// # Errors
/// What the database reports.
pub async fn add(
    tx: &mut Tx,
    (source, batch): (i64, i64),
    siblings: &[i64],
    parts: Vec<NewPart>,
) -> Result<(Vec<Change>, Figures)> {
    let mut figures = Figures::default();
    let names: Vec<&str> = parts.iter().map(|part| part.external_id.as_str()).collect();
    let known = sql::numbers(tx, &names).await?;
    let found: Vec<i64> = known.values().map(|(number, _)| *number).collect();
    let mut old_parts = sql::parts(tx, &found).await?;
    let fresh = i64::try_from(parts.len() - known.len()).unwrap_or_default();
    let mut next = if fresh > 0 { counter::take(tx, "order", fresh).await? } else { 0 };
    let follow = parts.iter().any(|new| new.part.of_order.is_some());
    let mut writing = Writing::begin(tx, follow).await?;
    let mut bodies = Vec::new();
    for new in parts {
        let stored = known.get(&new.external_id).copied();
        let (number, epoch) = stored.unwrap_or((next, 0));
        next += i64::from(stored.is_none());
        let mut all = old_parts.remove(&number).unwrap_or_default();
        let old = rule::state(&all);
        bodies.push((number, rule::label(&new.part.heads), crate::codec::write_grown(&new.part)?));
        let duplicates = rule::duplicates(&all, source, &new);
        figures.count(own(&all, siblings, old.as_ref()).as_deref(), -1);
        all.push(Sourced { source, batch, part: new.part });
        let state = rule::state(&all);
        figures.count(own(&all, siblings, state.as_ref()).as_deref(), 1);
        let (name, fresh) = (new.external_id, stored.is_none());
        let draft = Draft { number, epoch, name, old, new: state, duplicates, fresh };
        if writing.take(tx, draft) || bodies.len() >= WRITE_MAX {
            // The database takes these in while the next are worked out.
            sql::insert_parts(tx, (source, batch), std::mem::take(&mut bodies));
            writing.flush(tx);
        }
    }
    sql::insert_parts(tx, (source, batch), bodies);
    Ok((writing.finish(tx).await?, figures))
}

/// Numbers of the orders of these names. One that nothing is known of gets its number now.
///
/// # Errors
/// What the database reports.
pub async fn mention(tx: &mut Tx, names: &BTreeSet<&str>) -> Result<HashMap<String, i64>> {
    let all: Vec<&str> = names.iter().copied().collect();
    let known = sql::numbers(tx, &all).await?;
    let mut numbers: HashMap<String, i64> =
        known.into_iter().map(|(name, (number, _))| (name, number)).collect();
    let new: Vec<&str> = all.into_iter().filter(|name| !numbers.contains_key(*name)).collect();
    if new.is_empty() {
        return Ok(numbers);
    }
    let next = counter::take(tx, "order", i64::try_from(new.len()).unwrap_or_default()).await?;
    let version = counter::take(tx, "version", 1).await?;
    let mut rows = Vec::with_capacity(new.len());
    for (number, name) in (next..).zip(new) {
        let change = Change { number, epoch: 0, old: None, new: None, duplicates: 0 };
        rows.push(sql::row(tx.shop(), version, name.to_owned(), &change));
        numbers.insert(name.to_owned(), number);
    }
    sql::upsert(tx, rows);
    Ok(numbers)
}

/// What an order is by the parts of `siblings` alone; `state` is what it is by all.
fn own<'a>(all: &[Sourced], siblings: &[i64], state: Option<&'a State>) -> Option<Cow<'a, State>> {
    if all.iter().all(|part| siblings.contains(&part.source)) {
        return state.map(Cow::Borrowed);
    }
    let own: Vec<Sourced> =
        all.iter().filter(|part| siblings.contains(&part.source)).cloned().collect();
    rule::state(&own).map(Cow::Owned)
}

/// The parts of the orders of these names, for those that are known.
///
/// # Errors
/// What the database reports.
pub async fn parts_of_names(tx: &mut Tx, names: &[&str]) -> Result<HashMap<String, Vec<Sourced>>> {
    let known = sql::numbers(tx, names).await?;
    let numbers: Vec<i64> = known.values().map(|(number, _)| *number).collect();
    let mut parts = sql::parts(tx, &numbers).await?;
    let named = known.into_iter().map(|(name, (number, _))| {
        let parts = parts.remove(&number).unwrap_or_default();
        (name, parts)
    });
    Ok(named.collect())
}

/// Takes the parts of a source away from up to `limit` of its orders; how each changed. Empty
/// when the source has no parts left.
///
/// # Errors
/// What the database reports.
pub async fn forget(tx: &mut Tx, source: i64, limit: i64) -> Result<Vec<Change>> {
    let orders = sql::of_source(tx, source, limit).await?;
    let numbers: Vec<i64> = orders.iter().map(|(number, ..)| *number).collect();
    let mut parts = sql::parts(tx, &numbers).await?;
    let mut writing = Writing::begin(tx, false).await?;
    for (number, name, epoch) in orders {
        let mut all = parts.remove(&number).unwrap_or_default();
        let old = rule::state(&all);
        all.retain(|part| part.source != source);
        let new = rule::state(&all);
        let draft = Draft { number, epoch, name, old, new, duplicates: 0, fresh: false };
        // One statement takes all that a step takes back.
        writing.take(tx, draft);
    }
    sql::delete_parts(tx, source, &numbers).await?;
    writing.finish(tx).await
}

/// What an import of `sources` says in all, counted over its own parts alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Documents that are orders.
    pub orders: i64,
    /// Documents that are refunds or cancellations.
    pub cancellations: i64,
    /// Money received.
    pub gross_minor: i64,
    /// Money given back.
    pub refunded_minor: i64,
    /// Corrections.
    pub adjusted_minor: i64,
}

impl Figures {
    /// Adds an order's state `times` times, or takes it away; nothing when there is none.
    pub fn count(&mut self, state: Option<&State>, times: i64) {
        let Some(state) = state.filter(|state| !state.head.test) else { return };
        match state.kind {
            OrderKind::Order => self.orders += times,
            OrderKind::Refund => self.cancellations += times,
            OrderKind::Correction => {}
        }
        self.gross_minor += state.paid_minor * times;
        self.refunded_minor += state.refunded_minor * times;
        self.adjusted_minor += state.adjusted_minor * times;
    }
}

/// Orders after number `after`, by number, at most `limit`; test orders are left out.
///
/// # Errors
/// What the database reports.
pub async fn list(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Row>> {
    sql::list(tx, after, limit).await
}

/// Orders that have changed since a version, in its order, about `limit` of them.
///
/// # Errors
/// What the database reports.
pub async fn since(tx: &mut Tx, version: i64, limit: i64) -> Result<Vec<Changed>> {
    sql::since(tx, version, limit).await
}

/// The order of that number; a test order is none.
///
/// # Errors
/// What the database reports.
pub async fn by_number(tx: &mut Tx, number: i64) -> Result<Option<Row>> {
    sql::by_number(tx, number).await
}

/// Who bought the order of that number at its source; none where nobody is known.
///
/// # Errors
/// What the database reports.
pub async fn buyer_of(tx: &mut Tx, name: &str) -> Result<Option<i64>> {
    let label = sql::buyers(tx, &[name]).await?.into_values().next().flatten();
    let Some(label) = label else { return Ok(None) };
    let person = crate::identity::persons(tx, &[label]).await?.into_values().next();
    Ok(Some(person.unwrap_or(label)))
}

/// Orders of these numbers; test orders are none.
///
/// # Errors
/// What the database reports.
pub async fn of_numbers(tx: &mut Tx, numbers: &[i64]) -> Result<Vec<Row>> {
    sql::of_numbers(tx, numbers).await
}

/// The orders of that number at their sources.
///
/// # Errors
/// What the database reports.
pub async fn of_name(tx: &mut Tx, name: &str) -> Result<Vec<Row>> {
    let numbers = sql::numbers(tx, &[name]).await?.into_values();
    let numbers: Vec<i64> = numbers.map(|(number, _)| number).collect();
    sql::of_numbers(tx, &numbers).await
}

/// How many sales there are; refunds, corrections and test orders are none.
///
/// # Errors
/// What the database reports.
pub async fn count(tx: &mut Tx) -> Result<i64> {
    sql::count(tx).await
}

/// What was bought under each label from `start` to `end`, and how often after that until `until`,
/// all in microseconds and included; test orders are left out.
///
/// # Errors
/// What the database reports.
pub async fn bought(
    tx: &mut Tx,
    (start, end, until): (i64, i64, i64),
    by_payment: bool,
) -> Result<Vec<Bought>> {
    sql::bought(tx, (start, end, until), by_payment).await
}

/// Every order of the buyers that `labels` stand for.
///
/// # Errors
/// What the database reports.
pub async fn of_labels(tx: &mut Tx, labels: &[i64]) -> Result<Vec<Row>> {
    sql::of_labels(tx, labels).await
}

/// What was ordered, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// Label of the buyer.
    pub label: i64,
    /// The order's number.
    pub number: i64,
    /// 拍下 time.
    pub placed_at: Time,
    /// Products with pieces, as its lines state them.
    pub pieces: Vec<(i64, i64)>,
}

/// Every order of the buyers that `labels` stand for, with its products; neither refunds nor test
/// orders.
///
/// # Errors
/// What the database reports.
pub async fn sales(tx: &mut Tx, labels: &[i64]) -> Result<Vec<Sale>> {
    let mut rows = sql::of_labels(tx, labels).await?;
    rows.retain(|row| row.kind == 0 && !row.test && row.placed_at.is_some());
    let numbers: Vec<i64> = rows.iter().map(|row| row.order_no).collect();
    let mut parts = sql::parts(tx, &numbers).await?;
    let sale = |row: Row| {
        let state = rule::state(&parts.remove(&row.order_no)?)?;
        let pieces = state.lines.iter();
        let pieces = pieces.map(|(line, count)| (line.product, line.quantity * i64::from(*count)));
        Some(Sale {
            label: row.customer_no?,
            number: row.order_no,
            placed_at: Time::from_micros(row.placed_at?),
            pieces: pieces.collect(),
        })
    };
    Ok(rows.into_iter().filter_map(sale).collect())
}

/// Everyone who is said to have bought something.
///
/// # Errors
/// What the database reports.
pub async fn labels(tx: &mut Tx) -> Result<Vec<i64>> {
    sql::labels(tx).await
}

/// Orders whose lines in the lake start anew at an epoch: `(order, epoch)`.
///
/// # Errors
/// What the database reports.
pub async fn superseded(tx: &mut Tx) -> Result<Vec<(i64, i64)>> {
    sql::superseded(tx).await
}

/// Numbers of orders that are no sale: unpaid, or closed without one.
///
/// # Errors
/// What the database reports.
pub async fn unsold(tx: &mut Tx) -> Result<Vec<i64>> {
    sql::unsold(tx).await
}

/// Money and pieces of the sales under each label: `(label, paid_minor, items)`.
///
/// # Errors
/// What the database reports.
pub async fn sold(tx: &mut Tx) -> Result<Vec<(i64, i64, i64)>> {
    sql::sold(tx).await
}

/// How often each sales channel was used under each label: `(label, channel, orders)`.
///
/// # Errors
/// What the database reports.
pub async fn channels(tx: &mut Tx) -> Result<Vec<(i64, String, i64)>> {
    sql::channels(tx).await
}

type PartsOf = HashMap<i64, Vec<Sourced>>;
