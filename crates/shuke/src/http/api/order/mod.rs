//! Orders, with refunds and corrections.

pub(super) mod list;

use std::collections::HashMap;

use axum::Json;
use axum::extract::Path;
use base::{Currency, Error, Result};
use perceive::order::{self, Row};
use perceive::record::Contact;
use perceive::{catalog, identity, import, source, table};
use serde::Serialize;
use store::Tx;
use utoipa::ToSchema;

use super::{Answer, ErrorBody, time};
use crate::http::asked::Asked;
use crate::http::error::Refusals;
use crate::http::who::ReadsOrders;

/// The kinds of orders, by code.
const KINDS: [&str; 3] = ["order", "refund", "correction"];
/// The steps of an order, by code.
const STATUSES: [&str; 5] = ["placed", "paid", "shipped", "received", "closed"];

/// A sale, refund or correction, as the SQL table `orders` has it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Order {
    /// Its number within the shop.
    #[schema(example = "201")]
    order_id: String,
    /// Its number at its source.
    external_id: String,
    /// What it is.
    #[schema(value_type = OrderKind)]
    kind: &'static str,
    /// The number, at its source, of the order that a refund belongs to.
    of_order: Option<String>,
    /// Who bought it; null where nobody is known.
    customer_id: Option<String>,
    /// How far it is.
    #[schema(value_type = OrderStatus)]
    status: &'static str,
    /// When it was placed.
    #[schema(format = DateTime)]
    placed_at: Option<String>,
    /// When it was paid.
    #[schema(format = DateTime)]
    paid_at: Option<String>,
    /// When it was shipped.
    #[schema(format = DateTime)]
    shipped_at: Option<String>,
    /// When it was received.
    #[schema(format = DateTime)]
    received_at: Option<String>,
    /// When it was closed.
    #[schema(format = DateTime)]
    closed_at: Option<String>,
    /// Money paid.
    paid_minor: i64,
    /// Money given back.
    refunded_minor: i64,
    /// Corrections.
    adjusted_minor: i64,
    /// Paid, less refunded, and adjusted.
    net_minor: i64,
    /// Pieces.
    items: i64,
    /// Where it was bought.
    channel: Option<String>,
    /// The store in which it was bought or is fetched.
    store: Option<String>,
    /// Country in the source's words.
    country: Option<String>,
    /// Country by ISO 3166-1.
    country_code: Option<String>,
    /// Province.
    province: Option<String>,
    /// City.
    city: Option<String>,
    /// Currency of the amounts, whose minor units they count (ISO 4217).
    #[schema(value_type = String, example = "CNY")]
    currency: Currency,
}

/// What an order is.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
pub(super) enum OrderKind {
    Order,
    Refund,
    Correction,
}

/// How far an order is. It only advances.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
pub(super) enum OrderStatus {
    Placed,
    Paid,
    Shipped,
    Received,
    Closed,
}

impl Order {
    /// `persons` says who a label is by now.
    fn new(row: Row, persons: &HashMap<i64, i64>, currency: Currency) -> Self {
        let person = row.customer_no.map(|label| persons.get(&label).copied().unwrap_or(label));
        Self {
            order_id: row.order_no.to_string(),
            external_id: row.external_id,
            kind: table::kind(row.kind),
            of_order: row.of_order,
            // A visitor, whose number is below zero, is no customer.
            customer_id: person.filter(|person| *person > 0).map(|person| person.to_string()),
            status: table::status(row.status),
            placed_at: time(row.placed_at),
            paid_at: time(row.paid_at),
            shipped_at: time(row.shipped_at),
            received_at: time(row.received_at),
            closed_at: time(row.closed_at),
            paid_minor: row.paid_minor,
            refunded_minor: row.refunded_minor,
            adjusted_minor: row.adjusted_minor,
            net_minor: row.paid_minor - row.refunded_minor + row.adjusted_minor,
            items: row.items,
            channel: row.channel,
            store: row.store,
            country: row.country,
            country_code: row.country_code,
            province: row.province,
            city: row.city,
            currency,
        }
    }
}

/// One order, whole.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OrderWhole {
    /// The order.
    order: Order,
    /// Its lines.
    lines: Vec<OrderLine>,
    /// Refunds and corrections that belong to it.
    followers: Vec<Order>,
    /// Whom it goes to, masked; null where nobody says it.
    #[schema(required = true)]
    contact: Option<OrderContact>,
    /// The sources that speak of it.
    sources: Vec<String>,
}

/// A line of an order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OrderLine {
    /// The product.
    product_id: String,
    /// What the product is called.
    #[schema(required = true)]
    title: Option<String>,
    /// The product's number at its source.
    #[schema(required = true)]
    sku: Option<String>,
    /// Pieces.
    quantity: i64,
    /// Price of a piece, in minor units.
    unit_price_minor: i64,
    /// Money of the line, in minor units.
    amount_minor: i64,
}

/// Whom an order goes to, masked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OrderContact {
    /// Name.
    #[schema(required = true)]
    name: Option<String>,
    /// Phone.
    #[schema(required = true)]
    phone: Option<String>,
    /// Address.
    #[schema(required = true)]
    address: Option<String>,
}

impl From<Contact> for OrderContact {
    fn from(contact: Contact) -> Self {
        let Contact { name, phone, address } = contact;
        Self { name, phone, address }
    }
}

/// One order
#[utoipa::path(get, path = "/api/v1/orders/{order_id}", operation_id = "order",
    tag = "orders",
    params(("order_id" = String, Path, description = "The order")), responses(
    (status = 200, description = "The order", body = Order),
    (status = 404, description = "The shop has no such order", body = ErrorBody), Refusals))]
pub(super) async fn one(reads: ReadsOrders, Path(id): Path<String>, _: Asked<()>) -> Answer<Order> {
    let number = id.parse().map_err(|_| missing())?;
    let mut tx = reads.cx.read().await?;
    let row = order::by_number(&mut tx, number).await?.ok_or_else(missing)?;
    let persons = persons(&mut tx, std::slice::from_ref(&row)).await?;
    Ok(Json(Order::new(row, &persons, reads.shop.currency)))
}

fn missing() -> Error {
    Error::missing("the shop has no such order").field("order_id")
}

/// One order, whole
#[utoipa::path(get, path = "/api/v1/orders/{order_id}/whole", operation_id = "order_whole",
    tag = "orders",
    params(("order_id" = String, Path, description = "The order")), responses(
    (status = 200, description = "The order with its lines and what belongs to it",
     body = OrderWhole),
    (status = 404, description = "The shop has no such order", body = ErrorBody), Refusals))]
pub(super) async fn whole(
    reads: ReadsOrders,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<OrderWhole> {
    let number = id.parse().map_err(|_| missing())?;
    let mut tx = reads.cx.read().await?;
    let found = order::whole(&mut tx, &reads.cx, number).await?.ok_or_else(missing)?;
    let products: Vec<i64> = found.lines.iter().map(|(line, _)| line.product).collect();
    let titles: HashMap<i64, String> =
        catalog::titles(&mut tx, &products).await?.into_iter().collect();
    let skus: HashMap<i64, String> =
        catalog::names(&mut tx, &products).await?.into_iter().collect();
    let mut names = import::file_names(&mut tx, &found.sources).await?;
    names.extend(source::names(&mut tx, &found.sources).await?);
    let mut rows = found.followers.clone();
    rows.push(found.row.clone());
    let persons = persons(&mut tx, &rows).await?;
    let currency = reads.shop.currency;
    let shown = |row: Row| Order::new(row, &persons, currency);
    let line = |(line, count): (order::Line, u32)| OrderLine {
        product_id: line.product.to_string(),
        title: titles.get(&line.product).cloned(),
        sku: skus.get(&line.product).cloned(),
        quantity: line.quantity.saturating_mul(i64::from(count)),
        unit_price_minor: line.unit_price_minor,
        amount_minor: line.amount_minor.saturating_mul(i64::from(count)),
    };
    Ok(Json(OrderWhole {
        order: shown(found.row),
        lines: found.lines.into_iter().map(line).collect(),
        followers: found.followers.into_iter().map(shown).collect(),
        contact: found.contact.map(OrderContact::from),
        sources: names.into_iter().map(|(_, name)| name).collect(),
    }))
}

async fn persons(tx: &mut Tx, rows: &[Row]) -> Result<HashMap<i64, i64>> {
    let labels: Vec<i64> = rows.iter().filter_map(|row| row.customer_no).collect();
    identity::persons(tx, &labels).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_at_their_codes() {
        for (code, word) in (0..).zip(KINDS) {
            assert_eq!(table::kind(code), word);
        }
        for (code, word) in (0..).zip(STATUSES) {
            assert_eq!(table::status(code), word);
        }
    }
}
