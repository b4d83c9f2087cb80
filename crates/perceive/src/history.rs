//! What goes to the lake, as facts in the log: order lines and events.
//!
//! The fold writes these facts with its own effects; the relay reads them. Until the relay has
//! committed them they are the tail that queries read beside the lake's files.

use std::collections::{BTreeSet, HashMap};

use base::{Error, Result, Time};
use lake::{Column, Columns, Nullable, Text, Words};
use serde::{Deserialize, Serialize};
use store::log::Fact;

use crate::interaction::{self, Interaction};
use crate::order::{Change, rule};

/// The kind of facts that carry [`Lines`].
pub const LINES: &str = "order.lines";
/// The kind of facts that carry [`Events`].
pub const EVENTS: &str = "event.rows";
/// The kind of facts that carry [`Events`] of bots.
pub const BOT_EVENTS: &str = "event.bots";

/// Order lines, a column a field; see the lake's table `order_lines`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the columns of order_lines")]
pub struct Lines {
    pub customer_no: Vec<Option<i64>>,
    pub order_no: Vec<i64>,
    pub epoch: Vec<i32>,
    pub line_no: Vec<i32>,
    pub kind: Vec<i32>,
    pub product_no: Vec<i64>,
    pub sku: Vec<u32>,
    pub skus: Vec<String>,
    pub quantity: Vec<i64>,
    pub unit_price_minor: Vec<i64>,
    pub amount_minor: Vec<i64>,
    pub placed_at: Vec<i64>,
    #[serde(skip)]
    codes: HashMap<i64, u32>,
}

impl Lines {
    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.order_no.len()
    }

    /// Adds what a changed order adds to the lake; `skus` names its products.
    pub fn add(&mut self, change: &Change, skus: &HashMap<i64, &str>) {
        let Some(new) = &change.new else { return };
        let again = change.old.as_ref().is_some_and(|old| !rule::grows(old, Some(new)));
        let (first, lines) = rule::added(change.old.as_ref(), new, again);
        let mut line_no = i32::try_from(first).unwrap_or(i32::MAX);
        for (line, count) in lines {
            let sku = self.code(line.product, skus);
            let at = line.at.or(new.head.placed_at).map_or(0, Time::micros);
            for _ in 0..count {
                self.customer_no.push(new.label);
                self.order_no.push(change.number);
                self.epoch.push(i32::try_from(change.epoch).unwrap_or(i32::MAX));
                self.line_no.push(line_no);
                self.kind.push(new.kind as i32);
                self.product_no.push(line.product);
                self.sku.push(sku);
                self.quantity.push(line.quantity);
                self.unit_price_minor.push(line.unit_price_minor);
                self.amount_minor.push(line.amount_minor);
                self.placed_at.push(at);
                line_no = line_no.saturating_add(1);
            }
        }
    }

    fn code(&mut self, product: i64, skus: &HashMap<i64, &str>) -> u32 {
        if let Some(&code) = self.codes.get(&product) {
            return code;
        }
        let code = u32::try_from(self.skus.len()).unwrap_or(u32::MAX);
        self.skus.push(skus.get(&product).copied().unwrap_or_default().to_owned());
        self.codes.insert(product, code);
        code
    }
}

/// Products whose lines must be told again because an order's lines start anew, and which `skus`
/// does not name.
#[must_use]
pub fn unnamed(changes: &[Change], skus: &HashMap<i64, &str>) -> Vec<i64> {
    let anew = changes.iter().filter_map(|change| {
        let (old, new) = (change.old.as_ref()?, change.new.as_ref()?);
        (!rule::grows(old, Some(new))).then_some(&new.lines)
    });
    let products = anew.flatten().map(|(line, _)| line.product);
    let unnamed: BTreeSet<i64> = products.filter(|product| !skus.contains_key(product)).collect();
    unnamed.into_iter().collect()
}

/// Events, a column a field; see the lake's table `events`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the columns of events")]
pub struct Events {
    pub customer_no: Vec<Option<i64>>,
    pub source_no: Vec<i64>,
    pub event: Words,
    pub event_time: Vec<i64>,
    pub received_time: Vec<i64>,
    pub message_id: Text,
    pub product_no: Vec<Option<i64>>,
    pub category: Words,
    pub brand: Words,
    pub quantity: Vec<Option<i64>>,
    pub value_minor: Vec<Option<i64>>,
    pub order_no: Vec<Option<i64>>,
    pub channel: Words,
    pub utm_source: Words,
    pub utm_medium: Words,
    pub utm_campaign: Words,
    pub referrer: Words,
    pub properties: Text,
}

impl Events {
    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.event.len()
    }

    fn append(&mut self, mut more: Self) -> Result<()> {
        self.customer_no.append(&mut more.customer_no);
        self.source_no.append(&mut more.source_no);
        self.event.append(&more.event)?;
        self.event_time.append(&mut more.event_time);
        self.received_time.append(&mut more.received_time);
        self.message_id.append(&more.message_id);
        self.product_no.append(&mut more.product_no);
        self.category.append(&more.category)?;
        self.brand.append(&more.brand)?;
        self.quantity.append(&mut more.quantity);
        self.value_minor.append(&mut more.value_minor);
        self.order_no.append(&mut more.order_no);
        self.channel.append(&more.channel)?;
        self.utm_source.append(&more.utm_source)?;
        self.utm_medium.append(&more.utm_medium)?;
        self.utm_campaign.append(&more.utm_campaign)?;
        self.referrer.append(&more.referrer)?;
        self.properties.append(&more.properties);
        Ok(())
    }

    /// The rows as the lake takes them.
    ///
    /// # Errors
    /// `internal` when columns differ in length.
    pub fn into_columns(self, shop: i64) -> Result<Columns> {
        let count = self.rows();
        Columns::new()
            .with("shop_id", Column::I64(vec![shop; count]))?
            .with("customer_no", optional(self.customer_no))?
            .with("source_no", Column::I64(self.source_no))?
            .with("epoch", Column::I32(vec![0; count]))?
            .with("event", Column::Words(self.event))?
            .with("event_time", Column::Time(self.event_time))?
            .with("received_time", Column::Time(self.received_time))?
            .with("message_id", Column::Text(self.message_id))?
            .with("product_no", optional(self.product_no))?
            .with("category", Column::Words(self.category))?
            .with("brand", Column::Words(self.brand))?
            .with("quantity", optional(self.quantity))?
            .with("value_minor", optional(self.value_minor))?
            .with("order_no", optional(self.order_no))?
            .with("channel", Column::Words(self.channel))?
            .with("utm_source", Column::Words(self.utm_source))?
            .with("utm_medium", Column::Words(self.utm_medium))?
            .with("utm_campaign", Column::Words(self.utm_campaign))?
            .with("referrer", Column::Words(self.referrer))?
            .with("properties", Column::Text(self.properties))
    }
}

/// The fact that carries `lines`; none when there are none.
///
/// # Errors
/// `internal` when they cannot be written.
pub fn fact(lines: &Lines, now: Time) -> Result<Option<Fact>> {
    if lines.rows() == 0 {
        return Ok(None);
    }
    Ok(Some(Fact { kind: LINES.to_owned(), at: now, body: crate::codec::write(lines)? }))
}

/// The fact that carries what `done` tells; none when it tells nothing.
///
/// # Errors
/// `internal` when it cannot be written.
pub fn events(done: &[Interaction], now: Time) -> Result<Option<Fact>> {
    let mut events = Events::default();
    for one in done.iter().filter(|one| one.told) {
        let told = serde_json::json!({ "rating": one.rating });
        events.customer_no.push(one.label);
        events.source_no.push(one.source);
        events.event.push(interaction::event(one.kind));
        events.event_time.push(one.at.unwrap_or(one.received_at).micros());
        events.received_time.push(one.received_at.micros());
        events.message_id.push(&format!("{}-{}", base::hex(&one.hash), one.ordinal));
        events.product_no.push(one.product);
        events.category.push_code(None);
        events.brand.push_code(None);
        events.quantity.push(None);
        events.value_minor.push(None);
        events.order_no.push(one.order);
        events.channel.push_code(None);
        events.utm_source.push_code(None);
        events.utm_medium.push_code(None);
        events.utm_campaign.push_code(None);
        events.referrer.push_code(None);
        events.properties.push(&told.to_string());
    }
    event_fact(EVENTS, &events, now)
}

/// The fact of this kind that carries `events`; none when there are none.
///
/// # Errors
/// `internal` when they cannot be written.
pub fn event_fact(kind: &str, events: &Events, now: Time) -> Result<Option<Fact>> {
    if events.event.is_empty() {
        return Ok(None);
    }
    Ok(Some(Fact { kind: kind.to_owned(), at: now, body: crate::codec::write(events)? }))
}

/// One of a kind for each table of the lake.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told<T> {
    /// Of `order_lines`.
    pub lines: T,
    /// Of `events`.
    pub events: T,
    /// Of `bot_events`.
    pub bots: T,
}

impl Told<usize> {
    /// Rows of all tables.
    #[must_use]
    pub fn sum(self) -> usize {
        self.lines + self.events + self.bots
    }
}

impl std::iter::Sum for Told<usize> {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |a, b| Self {
            lines: a.lines + b.lines,
            events: a.events + b.events,
            bots: a.bots + b.bots,
        })
    }
}

/// Rows of one shop on their way to the lake.
#[derive(Debug, Default)]
pub struct Pending {
    shop: i64,
    /// As they came: joined once, when it is known how many they are.
    lines: Vec<Lines>,
    rows: usize,
    words: Words,
    events: Events,
    bots: Events,
}

impl Pending {
    /// Nothing yet, of `shop`.
    #[must_use]
    pub fn new(shop: i64) -> Self {
        Self { shop, ..Self::default() }
    }

    /// Rows so far.
    #[must_use]
    pub fn rows(&self) -> Told<usize> {
        Told { lines: self.rows, events: self.events.rows(), bots: self.bots.rows() }
    }

    /// Adds what a fact carries; facts of other kinds are passed over.
    ///
    /// # Errors
    /// `damaged` when the fact is not as it was written.
    pub fn add(&mut self, fact: &Fact) -> Result<()> {
        match fact.kind.as_str() {
            LINES => self.add_lines(crate::codec::read(&fact.body)?)?,
            EVENTS => self.events.append(crate::codec::read(&fact.body)?)?,
            BOT_EVENTS => self.bots.append(crate::codec::read(&fact.body)?)?,
            _ => {}
        }
        Ok(())
    }

    fn add_lines(&mut self, mut more: Lines) -> Result<()> {
        let codes: Vec<i32> = more.skus.iter().map(|sku| self.words.code(sku)).collect();
        for own in &mut more.sku {
            let code = codes.get(*own as usize).and_then(|code| u32::try_from(*code).ok());
            *own = code.ok_or_else(|| Error::damaged("a line names an unknown article"))?;
        }
        self.rows += more.rows();
        self.lines.push(more);
        Ok(())
    }

    /// The rows as the lake takes them.
    ///
    /// # Errors
    /// `internal` when columns differ in length.
    pub fn into_columns(self) -> Result<Told<Columns>> {
        let Self { shop, mut lines, rows, mut words, events, bots } = self;
        let lines = lines.as_mut_slice();
        for code in joined(lines, rows, |lines| &mut lines.sku) {
            words.push_code(i32::try_from(code).ok());
        }
        let lines = Columns::new()
            .with("shop_id", Column::I64(vec![shop; rows]))?
            .with("customer_no", optional(joined(lines, rows, |lines| &mut lines.customer_no)))?
            .with("order_no", Column::I64(joined(lines, rows, |lines| &mut lines.order_no)))?
            .with("epoch", Column::I32(joined(lines, rows, |lines| &mut lines.epoch)))?
            .with("line_no", Column::I32(joined(lines, rows, |lines| &mut lines.line_no)))?
            .with("kind", Column::I32(joined(lines, rows, |lines| &mut lines.kind)))?
            .with("product_no", Column::I64(joined(lines, rows, |lines| &mut lines.product_no)))?
            .with("sku", Column::Words(words))?
            .with("quantity", Column::I64(joined(lines, rows, |lines| &mut lines.quantity)))?
            .with(
                "unit_price_minor",
                Column::I64(joined(lines, rows, |lines| &mut lines.unit_price_minor)),
            )?
            .with(
                "amount_minor",
                Column::I64(joined(lines, rows, |lines| &mut lines.amount_minor)),
            )?
            .with("placed_at", Column::Time(joined(lines, rows, |lines| &mut lines.placed_at)))?;
        let (events, bots) = (events.into_columns(shop)?, bots.into_columns(shop)?);
        Ok(Told { lines, events, bots })
    }
}

/// One column of all `lines`, which lose it.
fn joined<T>(
    lines: &mut [Lines],
    rows: usize,
    column: impl Fn(&mut Lines) -> &mut Vec<T>,
) -> Vec<T> {
    let mut all = Vec::with_capacity(rows);
    for lines in lines {
        all.extend(std::mem::take(column(lines)));
    }
    all
}

fn optional(values: Vec<Option<i64>>) -> Column {
    Column::OptI64(values.into_iter().collect::<Nullable<i64>>())
}
