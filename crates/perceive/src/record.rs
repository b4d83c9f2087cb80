//! What a row of any source says, in one vocabulary.
//!
//! A mapping turns a raw row into a [`Record`]. From here on nothing knows which shop system the
//! row came from. A record states only what its row states: fields that the source leaves out are
//! `None`, and the folds decide how partial statements about the same thing combine.

use std::sync::Arc;

use base::Time;
use serde::{Deserialize, Serialize};

/// One row of a source, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// Something about an order: its head, one of its lines, or both.
    Order(Box<OrderRow>),
    /// Something about a person.
    Customer(Box<CustomerRow>),
    /// Something about a product.
    Product(Box<ProductRow>),
    /// Something that a person did or said besides buying.
    Interaction(Box<InteractionRow>),
}

/// An identifier of a person: a namespace and a normalised value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identifier {
    /// Which kind of identifier, e.g. `external`, `taobao`, `phone`; see `identity::TRUST`.
    pub namespace: String,
    /// The value after cleaning: a phone in E.164, an email in lower case.
    pub value: String,
}

/// What a document about money is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    /// A sale.
    #[default]
    Order,
    /// A return or cancellation that the source gives as its own document.
    Refund,
    /// A price adjustment or bad debt.
    Correction,
}

/// How far an order has come. It only advances.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 拍下: ordered, not paid.
    #[default]
    Placed,
    /// 付款: paid.
    Paid,
    /// 发货: on its way, or ready to be fetched in a store.
    Shipped,
    /// 确认收货: in the buyer's hands.
    Received,
    /// 交易关闭: ended without a sale.
    Closed,
}

/// Where a person or an order is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Region {
    /// The source's own text for the country.
    pub country: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country_code: Option<String>,
    /// First-level division under its canonical name: `广东`, `SP`.
    pub province: Option<String>,
    /// Second-level division under its canonical name: `广州`.
    pub city: Option<String>,
}

/// How to reach the recipient of an order. Contact data, never identifiers. All of it is personal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Contact {
    /// Recipient's name.
    pub name: Option<String>,
    /// Phone in E.164.
    pub phone: Option<String>,
    /// Street address as the source has it.
    pub address: Option<String>,
}

/// A row about an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRow {
    /// The source's number of the order, refund or correction.
    pub order: String,
    /// What the document is.
    pub kind: OrderKind,
    /// For a refund: the order it belongs to, where that is known.
    pub of_order: Option<String>,
    /// What the row says about the order as a whole. Rows that say the same share it.
    pub said: Arc<Statement>,
    /// One of several payments of the order, minor units; their sum is what was paid.
    pub payment_minor: Option<i64>,
    /// The line that the row carries, if it carries one.
    pub line: Option<OrderLine>,
    /// The source has one row an order: another row about the same order replaces the line
    /// instead of adding one.
    pub whole: bool,
    /// All lines of the order, where a row states them together; as with `whole`, what comes
    /// furthest replaces the others.
    pub lines: Vec<OrderLine>,
}

/// What a row says about an order as a whole and its buyer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Identifiers of the buyer, most trusted first; empty for an anonymous order.
    pub buyer: Vec<Identifier>,
    /// The order.
    pub head: OrderHead,
}

/// What a row says about an order as a whole. `None` is "the row does not say".
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrderHead {
    /// Status as the row gives it.
    pub status: Option<Status>,
    /// 拍下 time.
    pub placed_at: Option<Time>,
    /// 付款 time.
    pub paid_at: Option<Time>,
    /// 发货 time.
    pub shipped_at: Option<Time>,
    /// 确认收货 time.
    pub received_at: Option<Time>,
    /// Time of closing.
    pub closed_at: Option<Time>,
    /// When this was said, where the source tells: an event does, an export does not.
    #[serde(default)]
    pub stated_at: Option<Time>,
    /// Money received for the whole order, minor units. `None`: the sum of its lines.
    pub paid_minor: Option<i64>,
    /// Money given back, minor units, positive.
    pub refunded_minor: Option<i64>,
    /// Postage within the paid amount, minor units.
    pub shipping_minor: Option<i64>,
    /// Where it was bought: `online`, `mobile`, `store`, or the source's own word.
    pub channel: Option<String>,
    /// Store in which it was bought or fetched.
    pub store: Option<String>,
    /// Where it goes.
    pub region: Region,
    /// Who receives it. Personal.
    pub contact: Contact,
    /// An order that somebody made to try the shop out; it counts nowhere.
    pub test: bool,
}

/// A line of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrderLine {
    /// Article number, case-sensitive; where the source has none, its title.
    pub sku: String,
    /// Title as the source has it.
    pub title: Option<String>,
    /// Pieces, negative when they come back. Fractions are refused.
    pub quantity: i64,
    /// Price of a piece, minor units, rounded half away from zero.
    pub unit_price_minor: i64,
    /// The line's money, minor units: quantity × price − discount, rounded once.
    pub amount_minor: i64,
    /// Postage that the source states for this line alone, minor units, beside `amount_minor`;
    /// 0 where it is stated for the order.
    #[serde(default)]
    pub shipping_minor: i64,
    /// Time of the line, where lines have their own; the order's time is that of its first line.
    pub at: Option<Time>,
}

/// A row about a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerRow {
    /// All identifiers of the row, most trusted first; they are the same person.
    pub identifiers: Vec<Identifier>,
    /// Name. Personal.
    pub name: Option<String>,
    /// Address. Personal.
    pub address: Option<String>,
    /// Where the person lives.
    pub region: Region,
    /// `female`, `male` or `other`.
    pub gender: Option<String>,
    /// Age band such as `25-34`, from a band or a birthday.
    pub age_band: Option<String>,
    /// Birthday as `1990-05-17`, or `05-17` without a year. Personal.
    pub birthday: Option<String>,
    /// When the person became known to the shop.
    pub registered_at: Option<Time>,
    /// When the row was last changed at its source; later rows win.
    pub updated_at: Option<Time>,
    /// Columns that the mapping declares as traits: name and text. Personal until declared.
    pub traits: Vec<(String, String)>,
}

/// A row about a product.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProductRow {
    /// Article number, case-sensitive.
    pub sku: String,
    /// Title.
    pub title: Option<String>,
    /// Category, levels joined by ` > `.
    pub category: Option<String>,
    /// Brand.
    pub brand: Option<String>,
    /// List price, minor units.
    pub price_minor: Option<i64>,
    /// Cost, minor units.
    pub cost_minor: Option<i64>,
    /// Pieces in stock.
    pub stock: Option<i64>,
    /// When it was first shown.
    pub listed_at: Option<Time>,
    /// When it may first be bought.
    pub on_sale_at: Option<Time>,
    /// When the row was last changed at its source; later rows win.
    pub updated_at: Option<Time>,
}

/// What a person did or said.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum InteractionKind {
    /// 评价: a review of a product.
    #[default]
    Review,
    /// 收藏: a product or the shop marked as favourite.
    Favourite,
    /// A line of a conversation with the shop.
    Chat,
    /// 投诉: a complaint.
    Complaint,
}

/// A row about something that a person did or said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InteractionRow {
    /// What it is.
    pub kind: InteractionKind,
    /// The source's own id of it, where it has one.
    pub external_id: Option<String>,
    /// Identifiers of the person, most trusted first.
    pub person: Vec<Identifier>,
    /// When.
    pub at: Option<Time>,
    /// Order it is about.
    pub order: Option<String>,
    /// Product it is about.
    pub sku: Option<String>,
    /// 1 to 5.
    pub rating: Option<i64>,
    /// What was said. Personal.
    pub text: Option<String>,
    /// Who said it, for a chat: `buyer` or `agent`.
    pub speaker: Option<String>,
    /// Name or number of the shop's agent.
    pub agent: Option<String>,
    /// State or subject in the source's words: `open`, `refund`, … Personal, as people write it.
    pub topic: Option<String>,
}

/// Takes what is said for a field of which nothing is known yet. Called with the statement that
/// counts most first, it combines partial statements field by field.
pub(crate) fn fill<T: Clone>(field: &mut Option<T>, said: &Option<T>) {
    if field.is_none() {
        field.clone_from(said);
    }
}

/// The earlier of two times of which either may be unknown.
pub(crate) fn earliest(a: Option<Time>, b: Option<Time>) -> Option<Time> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
