//! Orders, with refunds and corrections.

use std::collections::HashMap;

use axum::Json;
use axum::extract::Path;
use base::{Currency, Error, Result};
use perceive::order::{self, Filter, Row};
use perceive::{identity, table};
use serde::Serialize;
use store::Tx;
use utoipa::{IntoParams, ToSchema};

use super::{Answer, ErrorBody, Paged, paged, time};
use crate::http::asked::{Asked, Said, Wish};
use crate::http::error::Refusals;
use crate::http::key::Reads;

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

/// Which orders.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Orders {
    /// Orders of this kind
    #[param(value_type = Option<OrderKind>, inline)]
    kind: Option<usize>,
    /// Orders of this status
    #[param(value_type = Option<OrderStatus>, inline)]
    status: Option<usize>,
    /// Orders of this customer
    #[param(value_type = Option<String>, pattern = "^[1-9][0-9]{0,17}$")]
    customer_id: Option<i64>,
    /// Rows of the page
    #[param(required = false, minimum = 1, maximum = 500, default = 50)]
    limit: u32,
    /// `next` of the page before
    #[param(value_type = Option<String>)]
    after: Option<i64>,
}

impl Wish for Orders {
    fn read(said: &mut Said) -> Result<Self> {
        let kind = said.word("kind", &KINDS)?;
        let status = said.word("status", &STATUSES)?;
        let customer_id = said.id("customer_id")?;
        let (limit, after) = said.page()?;
        Ok(Self { kind, status, customer_id, limit, after })
    }
}

/// Orders, by number
#[utoipa::path(get, path = "/api/v1/orders", operation_id = "orders",
    tag = "orders", params(Orders), responses(
    (status = 200, description = "A page of orders", body = Paged<Order>), Refusals))]
pub(super) async fn list(reads: Reads, Asked(asked): Asked<Orders>) -> Answer<Paged<Order>> {
    Ok(Json(page(&reads, &asked).await?))
}

/// One order
#[utoipa::path(get, path = "/api/v1/orders/{order_id}", operation_id = "order",
    tag = "orders",
    params(("order_id" = String, Path, description = "The order")), responses(
    (status = 200, description = "The order", body = Order),
    (status = 404, description = "The shop has no such order", body = ErrorBody), Refusals))]
pub(super) async fn one(reads: Reads, Path(id): Path<String>, _: Asked<()>) -> Answer<Order> {
    let missing = || Error::missing("the shop has no such order").field("order_id");
    let number = id.parse().map_err(|_| missing())?;
    let mut tx = reads.cx.read().await?;
    let row = order::by_number(&mut tx, number).await?.ok_or_else(missing)?;
    let persons = persons(&mut tx, std::slice::from_ref(&row)).await?;
    Ok(Json(Order::new(row, &persons, reads.shop.currency)))
}

async fn page(reads: &Reads, asked: &Orders) -> Result<Paged<Order>> {
    let code = |place: Option<usize>| place.and_then(|place| i64::try_from(place).ok());
    let (kind, status) = (code(asked.kind), code(asked.status));
    let filter = Filter { kind, status, person: asked.customer_id };
    let after = asked.after.unwrap_or_default();
    let mut tx = reads.cx.read().await?;
    let rows = order::page(&mut tx, filter, after, i64::from(asked.limit) + 1).await?;
    let persons = persons(&mut tx, &rows).await?;
    let show = |row: Row| Order::new(row, &persons, reads.shop.currency);
    paged(rows, asked.limit, |row| row.order_no, show)
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
