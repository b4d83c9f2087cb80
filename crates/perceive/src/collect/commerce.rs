//! What a message says about orders, products and people, in the records of an import.
//!
//! The vocabulary is Segment's E-commerce V2, with the steps of an order that it lacks: `Order
//! Placed` 拍下, `Order Shipped` 发货 and `Order Received` 确认收货. `Order Completed` is a paid
//! order. A refund is a document of its own, so several of one order add up; one that says no
//! amount gives back everything.

use std::sync::Arc;

use base::time::DAY_MICROS;
use base::{Currency, Error, Result, Time};

use super::basket::{self, Basket};
use super::field::{MINOR_MAX, currency, id, key, money};
use super::object::{Json, Object};
use super::stated::{STATED, contact, home, stated};
use super::{GROUP, Kind, Message, NO_VISITS, discount, private};
use crate::clean::{self, number, word};
use crate::record::{
    CustomerRow, Identifier, InteractionKind, InteractionRow, OrderHead, OrderKind, OrderLine,
    OrderRow, ProductRow, Record, Region, Statement, Status,
};

/// Lines of an order that one message states at the most.
pub const LINES_MAX: usize = 1_000;
/// Pieces of a line at the most.
pub const QUANTITY_MAX: u64 = 10_u64.pow(9);

/// What a message says.
#[derive(Debug, Default)]
pub struct Said {
    /// Records, as an import's.
    pub records: Vec<Record>,
    /// The article that it is about, when it is about one.
    pub sku: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// Its brand.
    pub brand: Option<String>,
    /// Pieces.
    pub quantity: Option<i64>,
    /// Money, minor units: the order's total, or price times pieces.
    pub value_minor: Option<i64>,
    /// The order that it is about.
    pub order: Option<String>,
    /// What it says about a cart.
    pub basket: Option<Basket>,
    /// Its properties as history may hold them, as a JSON object; of traits none, until they are
    /// declared.
    pub properties: Option<String>,
    /// Whether somebody was there.
    pub visit: bool,
    /// Whether history learns of it from one of its records.
    pub told: bool,
}

/// What the shop knows that a message may leave open.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The one currency of the shop's figures.
    pub currency: Currency,
    /// ISO 3166 alpha-2 of phones and places that name no country.
    pub country: Option<&'a str>,
    /// The day that age bands are reckoned on.
    pub today: base::Date,
}

/// Who a message is about, most trusted first.
#[must_use]
pub fn person(message: &Message) -> Vec<Identifier> {
    let one = |namespace: &str, value: &Option<String>| {
        value.clone().map(|value| Identifier { namespace: namespace.to_owned(), value })
    };
    let user = one("external", &message.user);
    user.into_iter().chain(one("anonymous", &message.anonymous)).collect()
}

/// What a message says.
///
/// # Errors
/// `bad_input` with the property that cannot be understood, or when the message counts money in
/// another currency than the shop.
pub fn read(message: &Message, setting: &Setting<'_>) -> Result<Said> {
    let mut object: Object<'_> = message.object()?;
    let buyer = person(message);
    let visit = !NO_VISITS.contains(&message.event.as_str());
    let mut said = Said { visit, ..Said::default() };
    match message.kind {
        Kind::Identify => {
            let row = customer(&object, buyer, message.at, setting);
            said.records.push(Record::Customer(Box::new(row)));
        }
        Kind::Alias => said.records.extend(alias(message)),
        Kind::Track => track(message, &object, buyer, (setting, &mut said))?,
        Kind::Page | Kind::Screen | Kind::Group => {}
    }
    said.told = super::take::is_told(&said.records);
    if message.kind == Kind::Group {
        object = object.only(GROUP);
    }
    if message.kind != Kind::Identify {
        said.properties = private::text(&object);
    }
    Ok(said)
}

fn track(
    message: &Message,
    object: &Object<'_>,
    buyer: Vec<Identifier>,
    (setting, said): (&Setting<'_>, &mut Said),
) -> Result<()> {
    currency(object, setting)?;
    let mut items = lines(object, setting)?;
    let step = step(&message.event);
    if step.is_some_and(|step| step != Step::Refunded) {
        discount::take_off(&mut items, object, setting)?;
    }
    said.order = key(object, &["order_id", "orderId"])?;
    said.basket = basket::read(&message.event, &items);
    if let [only] = items.as_slice() {
        said.sku = Some(only.line.sku.clone());
        said.category.clone_from(&only.category);
        said.brand.clone_from(&only.brand);
    }
    // No sum of so many lines, each within its limits, is too large for its type.
    let pieces: i64 = items.iter().map(|item| item.line.quantity).sum();
    said.quantity = (!items.is_empty()).then_some(pieces);
    let sum: i64 = items.iter().map(|item| item.line.amount_minor).sum();
    let total = money(object, &["total", "revenue", "value"], setting)?;
    said.value_minor = total.or((sum != 0).then_some(sum));
    said.records.extend(items.iter().filter_map(|item| product(item, message.at)));
    if let Some(step) = step {
        let order = said.order.clone().ok_or_else(|| missing("order_id"))?;
        let home = home(setting);
        let amounts = Amounts { total, shipping: money(object, &["shipping"], setting)? };
        let row = order_row(message, (step, order), (buyer, object, home), (amounts, items));
        said.records.push(Record::Order(Box::new(row)));
    } else if let Some((_, prefix)) = STATED.iter().find(|(name, _)| *name == message.event) {
        let row = stated(object, prefix, (buyer, message.at));
        let told = (!row.traits.is_empty()).then(|| Record::Customer(Box::new(row)));
        said.records.extend(told);
    } else if let Some(kind) = interaction_kind(&message.event) {
        let row = interaction(kind, message, object, (buyer, said))?;
        said.visit = row.speaker.as_deref() != Some(word::AGENT);
        said.records.push(Record::Interaction(Box::new(row)));
    }
    Ok(())
}

fn missing(field: &'static str) -> Error {
    Error::bad("is missing").field(field)
}

/// A step of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Placed,
    Paid,
    Shipped,
    Received,
    Closed,
    Refunded,
    Updated,
}

fn step(event: &str) -> Option<Step> {
    Some(match event {
        "Order Placed" => Step::Placed,
        "Order Completed" | "Order Paid" => Step::Paid,
        "Order Shipped" | "Order Fulfilled" => Step::Shipped,
        "Order Received" | "Order Delivered" => Step::Received,
        "Order Cancelled" | "Order Canceled" => Step::Closed,
        "Order Refunded" => Step::Refunded,
        "Order Updated" => Step::Updated,
        _ => return None,
    })
}

fn interaction_kind(event: &str) -> Option<InteractionKind> {
    Some(match event {
        "Product Reviewed" => InteractionKind::Review,
        "Product Added to Wishlist" => InteractionKind::Favourite,
        "chat.said" => InteractionKind::Chat,
        "complaint.filed" => InteractionKind::Complaint,
        _ => return None,
    })
}

#[derive(Debug, Clone, Copy)]
struct Amounts {
    total: Option<i64>,
    shipping: Option<i64>,
}

fn order_row(
    message: &Message,
    (step, order): (Step, String),
    (buyer, object, home): (Vec<Identifier>, &Object<'_>, &str),
    (amounts, items): (Amounts, Vec<Item>),
) -> OrderRow {
    let at = Some(message.at);
    let mut head = OrderHead {
        channel: channel(message, object, step),
        stated_at: at,
        ..OrderHead::default()
    };
    match step {
        Step::Placed => (head.status, head.placed_at) = (Some(Status::Placed), at),
        Step::Paid => {
            (head.status, head.paid_at) = (Some(Status::Paid), at);
            head.placed_at = at;
        }
        Step::Shipped => (head.status, head.shipped_at) = (Some(Status::Shipped), at),
        Step::Received => (head.status, head.received_at) = (Some(Status::Received), at),
        Step::Closed => (head.status, head.closed_at) = (Some(Status::Closed), at),
        Step::Updated => {
            let named = id(object, &["status"]);
            head.status = named.and_then(|word| word::status(&word).ok());
        }
        Step::Refunded => return refund(message, (order, buyer), (head, amounts), &items),
    }
    if matches!(step, Step::Placed | Step::Paid | Step::Updated) {
        head.shipping_minor = amounts.shipping;
        head.contact = contact(object, home);
    }
    if step == Step::Paid {
        head.paid_minor = amounts.total;
    }
    OrderRow {
        order,
        said: Arc::new(Statement { buyer, head }),
        lines: items.into_iter().map(|item| item.line).collect(),
        whole: true,
        ..OrderRow::default()
    }
}

/// A refund with an amount is a document of its own; without one the whole order is given back.
fn refund(
    message: &Message,
    (order, buyer): (String, Vec<Identifier>),
    (mut head, amounts): (OrderHead, Amounts),
    items: &[Item],
) -> OrderRow {
    let sum: i64 = items.iter().map(|item| item.line.amount_minor).sum();
    let Some(amount) = amounts.total.or((sum != 0).then_some(sum)) else {
        (head.status, head.closed_at) = (Some(Status::Closed), Some(message.at));
        head.refunded_minor = Some(WHOLE_MINOR);
        let said = Arc::new(Statement { buyer, head });
        return OrderRow { order, said, whole: true, ..OrderRow::default() };
    };
    head.placed_at = Some(message.at);
    head.refunded_minor = Some(amount.saturating_abs());
    OrderRow {
        order: format!("{order}#{}", message.id),
        kind: OrderKind::Refund,
        of_order: Some(order),
        said: Arc::new(Statement { buyer, head }),
        whole: true,
        ..OrderRow::default()
    }
}

/// Given back: everything that was paid, however much that is.
const WHOLE_MINOR: i64 = i64::MAX;

/// Where it was bought: what the message says, else where the buyer was. The shop's own systems,
/// which tell of later steps mostly, are nowhere.
fn channel(message: &Message, object: &Object<'_>, step: Step) -> Option<String> {
    let buyer = matches!(step, Step::Placed | Step::Paid) && message.channel != "server";
    id(object, &["channel"]).or_else(|| buyer.then(|| message.channel.clone()))
}

/// An article as a message names it.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// As a line of an order: one piece at no price where nothing is said of them.
    pub(super) line: OrderLine,
    /// Pieces, as they are said.
    pub(super) quantity: Option<i64>,
    /// Price of a piece in minor units, as it is said.
    pub(super) price_minor: Option<i64>,
    category: Option<String>,
    brand: Option<String>,
}

fn lines(object: &Object<'_>, setting: &Setting<'_>) -> Result<Vec<Item>> {
    let list = match object.get("products") {
        Some(Json::List(list)) => list.as_slice(),
        None => return Ok(item(object, setting)?.into_iter().collect()),
        Some(_) => return Err(Error::bad("is no list").field("products")),
    };
    if list.len() > LINES_MAX {
        let text = format!("has more than {LINES_MAX} entries");
        return Err(Error::bad(text).field("products"));
    }
    let mut items = Vec::with_capacity(list.len());
    for entry in list.iter().filter_map(Json::as_object) {
        items.extend(item(entry, setting)?);
    }
    Ok(items)
}

fn item(object: &Object<'_>, setting: &Setting<'_>) -> Result<Option<Item>> {
    let Some(sku) = key(object, &["sku", "product_id", "productId"])? else { return Ok(None) };
    let said = object.get("quantity");
    let said = said.map(|value| number::whole(&value.text(), false)).transpose();
    let said = said.map_err(|reason| Error::bad(reason.into_owned()).field("quantity"))?;
    let quantity = said.unwrap_or(1);
    if quantity.unsigned_abs() > QUANTITY_MAX {
        return Err(Error::bad(format!("is more than {QUANTITY_MAX}")).field("quantity"));
    }
    let price_minor = money(object, &["price"], setting)?;
    let price = price_minor.unwrap_or(0);
    let amount = price.checked_mul(quantity).filter(|minor| minor.unsigned_abs() <= MINOR_MAX);
    let amount_minor =
        amount.ok_or_else(|| Error::bad("the amount is too large").field("price"))?;
    let line = OrderLine {
        sku,
        title: id(object, &["name"]),
        quantity,
        unit_price_minor: price,
        amount_minor,
        ..OrderLine::default()
    };
    let (category, brand) = (id(object, &["category"]), id(object, &["brand"]));
    Ok(Some(Item { line, quantity: said, price_minor, category, brand }))
}

/// What is said of a product, as of its month: what a page repeats all day is told once.
fn product(item: &Item, at: Time) -> Option<Record> {
    let (title, category) = (item.line.title.clone(), item.category.clone());
    if title.is_none() && category.is_none() && item.brand.is_none() {
        return None;
    }
    let month = base::Date::of(at.utc_day().civil().first_of_month());
    Some(Record::Product(Box::new(ProductRow {
        sku: item.line.sku.clone(),
        title,
        category,
        brand: item.brand.clone(),
        updated_at: Some(Time::from_micros(i64::from(month.0) * DAY_MICROS)),
        ..ProductRow::default()
    })))
}

fn customer(
    traits: &Object<'_>,
    mut identifiers: Vec<Identifier>,
    at: Time,
    setting: &Setting<'_>,
) -> CustomerRow {
    let home = home(setting);
    let known = [
        ("card", id(traits, &["card", "card_no", "cardNumber"])),
        (
            "phone",
            id(traits, &["phone", "mobile"]).and_then(|raw| clean::phone::phone(&raw, home).ok()),
        ),
        ("email", id(traits, &["email"]).and_then(|raw| clean::email::email(&raw).ok())),
    ];
    let more = known.into_iter().filter_map(|(namespace, value)| {
        Some(Identifier { namespace: namespace.to_owned(), value: value? })
    });
    let place = identifiers.iter().position(|one| one.namespace == "anonymous");
    let rest = place.map_or_else(Vec::new, |place| identifiers.split_off(place));
    identifiers.extend(more);
    identifiers.extend(rest);
    let address = traits.get("address").and_then(Json::as_object);
    let of = |name: &str| id(traits, &[name]).or_else(|| id(address?, &[name]));
    let (country, province, city) = (of("country"), of("province").or(of("state")), of("city"));
    let parts = clean::region::Parts {
        country: country.as_deref(),
        province: province.as_deref(),
        city: city.as_deref(),
        address: None,
    };
    let birthday = id(traits, &["birthday"]);
    let zone = base::Zone::utc();
    let style = clean::when::Style::Auto;
    let birthday = birthday.and_then(|raw| clean::when::birthday(&raw, style, &zone).ok());
    let age_band = birthday.as_deref().and_then(|day| word::age_band_of(day, setting.today));
    let gender = id(traits, &["gender"]).and_then(|raw| word::gender(&raw).ok().flatten());
    let created = id(traits, &["createdAt", "created_at"]);
    let region = if country.is_none() && province.is_none() && city.is_none() {
        Region::default()
    } else {
        clean::region::region(parts, setting.country)
    };
    CustomerRow {
        identifiers,
        name: id(traits, &["name"]),
        address: address.and_then(|address| id(address, &["street"])),
        region,
        gender: gender.map(str::to_owned),
        age_band: age_band.map(str::to_owned),
        birthday,
        registered_at: created.and_then(|text| text.parse().ok()),
        updated_at: Some(at),
        traits: others(traits),
    }
}

/// Traits that have no field of their own. Personal until they are declared.
fn others(traits: &Object<'_>) -> Vec<(String, String)> {
    const KNOWN: [&str; 14] = [
        "address",
        "birthday",
        "card",
        "card_no",
        "cardNumber",
        "city",
        "country",
        "createdAt",
        "created_at",
        "email",
        "gender",
        "mobile",
        "name",
        "phone",
    ];
    const PLACES: [&str; 2] = ["province", "state"];
    let own = traits.iter().filter(|(name, _)| !KNOWN.contains(name) && !PLACES.contains(name));
    own.filter(|(_, value)| **value != Json::Null)
        .map(|(name, value)| (name.to_owned(), value.text().into_owned()))
        .collect()
}

/// Two ids of one person.
fn alias(message: &Message) -> Option<Record> {
    let mut identifiers = person(message);
    let previous = message.previous.clone()?;
    // Segment's clients name the browser's id as what the account was before.
    identifiers.push(Identifier { namespace: "anonymous".to_owned(), value: previous });
    let row = CustomerRow { identifiers, updated_at: Some(message.at), ..CustomerRow::default() };
    Some(Record::Customer(Box::new(row)))
}

fn interaction(
    kind: InteractionKind,
    message: &Message,
    object: &Object<'_>,
    (person, said): (Vec<Identifier>, &Said),
) -> Result<InteractionRow> {
    let read = |name: &str, with: fn(&str) -> Result<i64, clean::Reason>| {
        let text = id(object, &[name]);
        text.map(|text| with(&text).map_err(|why| Error::bad(why.into_owned()).field(name)))
            .transpose()
    };
    let speaker = id(object, &["speaker"]).and_then(|raw| word::speaker(&raw).ok());
    Ok(InteractionRow {
        kind,
        external_id: key(object, &["review_id", "id"])?.or_else(|| Some(message.id.clone())),
        person,
        at: Some(message.at),
        order: said.order.clone(),
        sku: said.sku.clone(),
        rating: read("rating", word::rating)?,
        text: id(object, &["review_body", "text"]),
        speaker: speaker.map(str::to_owned),
        agent: id(object, &["agent"]),
        topic: id(object, &["topic"]),
    })
}
