//! A batch of understood rows on its way through the log.

use std::collections::HashMap;
use std::sync::Arc;

use base::Time;
use serde::{Deserialize, Serialize};

use crate::catalog::Article;
use crate::record::{
    CustomerRow, InteractionRow, OrderKind, OrderLine, OrderRow, ProductRow, Record, Statement,
};

/// The kind of facts that carry a [`Batch`].
pub const KIND: &str = "import.rows";

/// Rows of one file, grouped by order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Batch {
    /// The import.
    pub import: i64,
    /// The file.
    pub source: i64,
    /// The batch within the file.
    pub part: i64,
    /// Articles that the lines mention.
    pub articles: Vec<Article>,
    /// Rows that were empty; they are not counted as data.
    pub blank: u32,
    /// Rows about orders.
    pub orders: Vec<Group>,
    /// Rows about people.
    pub customers: Vec<CustomerRow>,
    /// Rows about products.
    pub products: Vec<ProductRow>,
    /// Rows about what people do and say.
    pub interactions: Vec<InteractionRow>,
}

/// Rows about one order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Group {
    /// The source's number of the order.
    pub external_id: String,
    /// What the document is.
    pub kind: OrderKind,
    /// The order that a refund belongs to.
    pub of_order: Option<String>,
    /// Distinct statements about the order.
    pub heads: Vec<Head>,
    /// Its rows.
    pub rows: Vec<GroupRow>,
}

/// What a row states about an order as a whole.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// What it states.
    pub said: Arc<Statement>,
    /// The order's lines, where one row is the whole order.
    pub lines: Vec<BatchLine>,
}

/// A row about an order.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct GroupRow {
    /// Which of the group's heads it states.
    pub head: u32,
    /// Its line, where an order has many rows.
    pub line: Option<BatchLine>,
    /// Its payment, minor units.
    pub payment: Option<i64>,
}

/// A line; its article is a place in [`Batch::articles`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in record::OrderLine")]
pub struct BatchLine {
    pub article: u32,
    pub quantity: i64,
    pub unit_price_minor: i64,
    pub amount_minor: i64,
    pub shipping_minor: i64,
    pub at: Option<Time>,
}

/// Collects records into a batch.
#[derive(Debug, Default)]
pub struct Builder {
    batch: Batch,
    rows: usize,
    groups: HashMap<String, usize>,
    articles: HashMap<String, Vec<u32>>,
    last: usize,
}

impl Builder {
    /// An empty batch of a source.
    #[must_use]
    pub fn new(import: i64, source: i64, part: i64) -> Self {
        let batch = Batch { import, source, part, ..Batch::default() };
        Self { batch, ..Self::default() }
    }

    /// Rows collected so far.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The batch.
    #[must_use]
    pub fn finish(self) -> Batch {
        self.batch
    }

    /// Notes an empty row.
    pub fn blank(&mut self) {
        self.rows += 1;
        self.batch.blank += 1;
    }

    /// Adds a record.
    pub fn push(&mut self, record: Record) {
        self.rows += 1;
        match record {
            Record::Order(row) => self.order(*row),
            Record::Customer(row) => self.batch.customers.push(*row),
            Record::Product(row) => self.batch.products.push(*row),
            Record::Interaction(row) => self.batch.interactions.push(*row),
        }
    }

    fn order(&mut self, row: OrderRow) {
        let OrderRow { order, kind, of_order, said, payment_minor, line, whole, lines } = row;
        let at = line.as_ref().and_then(|line| line.at).or(said.head.placed_at);
        let line = line.map(|line| self.line(line, at));
        let (lone, line) = if whole { (line, None) } else { (None, line) };
        let many = lines.into_iter().map(|line| self.line(line, at));
        let lines = lone.into_iter().chain(many).collect();
        let index = self.group(order, kind, of_order);
        let Some(group) = self.batch.orders.get_mut(index) else { return };
        let head = Head { said, lines };
        // Rows of an order follow each other mostly, and mostly state the same.
        let place = group.heads.iter().rposition(|known| *known == head);
        let place = place.unwrap_or_else(|| {
            group.heads.push(head);
            group.heads.len() - 1
        });
        let head = u32::try_from(place).unwrap_or(u32::MAX);
        group.rows.push(GroupRow { head, line, payment: payment_minor });
    }

    fn group(&mut self, order: String, kind: OrderKind, of_order: Option<String>) -> usize {
        let near = self.batch.orders.get(self.last);
        if near.is_some_and(|group| group.external_id == order) {
            return self.last;
        }
        self.last = match self.groups.get(&order) {
            Some(&index) => index,
            None => {
                let index = self.batch.orders.len();
                self.groups.insert(order.clone(), index);
                let group = Group { external_id: order, kind, of_order, ..Group::default() };
                self.batch.orders.push(group);
                index
            }
        };
        self.last
    }

    fn line(&mut self, line: OrderLine, said_at: Option<Time>) -> BatchLine {
        let OrderLine { sku, title, quantity, unit_price_minor, amount_minor, shipping_minor, at } =
            line;
        // A title on a line without a price is a note more often than a name.
        let title = title.filter(|_| unit_price_minor != 0);
        let said_at = said_at.unwrap_or(Time::from_micros(0));
        let article = self.article(sku, title, said_at);
        BatchLine { article, quantity, unit_price_minor, amount_minor, shipping_minor, at }
    }

    fn article(&mut self, sku: String, title: Option<String>, at: Time) -> u32 {
        let articles = &mut self.batch.articles;
        if let Some(places) = self.articles.get(&sku) {
            for &place in places {
                if let Some(known) = articles.get_mut(place as usize)
                    && (known.title == title || title.is_none())
                {
                    known.at = known.at.min(at);
                    return place;
                }
            }
        }
        let place = u32::try_from(articles.len()).unwrap_or(u32::MAX);
        articles.push(Article { sku: sku.clone(), title, at });
        self.articles.entry(sku).or_default().push(place);
        place
    }
}
