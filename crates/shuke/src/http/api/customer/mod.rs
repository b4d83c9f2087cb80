//! Customers.

pub(super) mod consent;
pub(super) mod erase;
pub(super) mod list;
pub(super) mod merge;
pub(super) mod note;
pub(super) mod relation;
pub(super) mod timeline;
pub(super) mod whole;

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State};
use base::{Currency, Error, Result};
use perceive::consent::Channel;
use perceive::profile::{self, Row};
use serde::Serialize;
use stratify::mirror;
use stratify::rfm::rule::Scored;
use utoipa::ToSchema;

use super::{Answer, time};
use crate::http::App;
use crate::http::asked::Asked;
use crate::http::error::Refusals;
use crate::http::figure::Scores;
use crate::http::who::{Access, ReadsCustomers};

/// One person, as the SQL table `customers` has it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Customer {
    /// The person's number within the shop.
    #[schema(example = "14")]
    customer_id: String,
    /// The most trusted identifier that is not personal.
    external_id: Option<String>,
    /// Country in the source's words, of the latest event.
    country: Option<String>,
    /// Country by ISO 3166-1.
    country_code: Option<String>,
    /// Province.
    province: Option<String>,
    /// City.
    city: Option<String>,
    /// Gender.
    gender: Option<String>,
    /// Age band.
    age_band: Option<String>,
    /// When the person became known to the shop.
    #[schema(format = DateTime)]
    registered_at: Option<String>,
    /// Orders of every status.
    orders: i64,
    /// Orders with money paid.
    paid_orders: i64,
    /// Money paid.
    paid_minor: i64,
    /// Money given back.
    refunded_minor: i64,
    /// Corrections.
    adjusted_minor: i64,
    /// Paid, less refunded, and adjusted.
    net_minor: i64,
    /// Pieces bought.
    items: i64,
    /// Paid money by paid order.
    order_value_minor: Option<i64>,
    /// Whole days between orders on average.
    days_between_orders: Option<i64>,
    /// Time of the first order.
    #[schema(format = DateTime)]
    first_order_at: Option<String>,
    /// Time of the last order.
    #[schema(format = DateTime)]
    last_order_at: Option<String>,
    /// Time of the first payment.
    #[schema(format = DateTime)]
    first_paid_at: Option<String>,
    /// Time of the last payment.
    #[schema(format = DateTime)]
    last_paid_at: Option<String>,
    /// Time of the last order that was paid.
    #[schema(format = DateTime)]
    last_paid_order_at: Option<String>,
    /// Time of the last visit.
    #[schema(format = DateTime)]
    last_visit_at: Option<String>,
    /// Category bought most.
    favourite_category: Option<String>,
    /// Brand bought most.
    favourite_brand: Option<String>,
    /// Price band bought most.
    price_band: Option<i64>,
    /// Channel of most orders.
    channel: Option<String>,
    /// Whether a phone is known.
    has_phone: bool,
    /// Whether an email is known.
    has_email: bool,
    /// Whether an open id of WeChat is known.
    has_wechat: bool,
    /// Whether they agreed to SMS; null where they said nothing.
    consent_sms: Option<bool>,
    /// The same of email.
    consent_email: Option<bool>,
    /// The same of WeChat.
    consent_wechat: Option<bool>,
    /// Whether somebody introduced them.
    introduced: bool,
    /// To how many people they send gifts.
    gift_receivers: i64,
    /// Score of recency, 1 to 5; null before the first paid order.
    r: Option<u8>,
    /// Score of frequency, 1 to 5.
    f: Option<u8>,
    /// Score of money, 1 to 5.
    m: Option<u8>,
    /// Which of the eight strata.
    #[schema(value_type = Option<StratumName>)]
    stratum: Option<&'static str>,
    /// Currency of the amounts, whose minor units they count (ISO 4217).
    #[schema(value_type = String, example = "CNY")]
    currency: Currency,
}

/// The eight strata.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
pub(super) enum StratumName {
    KeyValue,
    KeyDevelop,
    KeyRetain,
    KeyRescue,
    Value,
    Develop,
    Retain,
    Rescue,
}

impl Customer {
    pub(super) fn new(row: Row, scores: &Scores, currency: Currency) -> Self {
        let scored = scored(scores, row.customer_no);
        let score = |place: usize| scored.and_then(|scored| scored.scores.get(place).copied());
        let net_minor = mirror::net(&row).unwrap_or_default();
        let order_value_minor = mirror::order_value(&row);
        let days_between_orders = mirror::days_between(&row);
        Self {
            customer_id: row.customer_no.to_string(),
            external_id: row.external_id,
            country: row.country,
            country_code: row.country_code,
            province: row.province,
            city: row.city,
            gender: row.gender,
            age_band: row.age_band,
            registered_at: time(row.registered_at),
            orders: row.orders,
            paid_orders: row.paid_orders,
            paid_minor: row.paid_minor,
            refunded_minor: row.refunded_minor,
            adjusted_minor: row.adjusted_minor,
            net_minor,
            items: row.items,
            order_value_minor,
            days_between_orders,
            first_order_at: time(row.first_order_at),
            last_order_at: time(row.last_order_at),
            first_paid_at: time(row.first_paid_at),
            last_paid_at: time(row.last_paid_at),
            last_paid_order_at: time(row.last_paid_order_at),
            last_visit_at: time(row.last_visit_at),
            favourite_category: row.favourite_category,
            favourite_brand: row.favourite_brand,
            price_band: row.price_band,
            channel: row.channel,
            has_phone: row.has_phone,
            has_email: row.has_email,
            has_wechat: row.has_wechat.unwrap_or(false),
            consent_sms: Channel::Sms.of_bits(row.consents),
            consent_email: Channel::Email.of_bits(row.consents),
            consent_wechat: Channel::Wechat.of_bits(row.consents),
            introduced: row.introduced,
            gift_receivers: row.gift_receivers.unwrap_or(0),
            r: score(0),
            f: score(1),
            m: score(2),
            stratum: scored.map(|scored| scored.stratum.names().0),
            currency,
        }
    }
}

/// Customers by their numbers; who is not there is left out.
pub(super) async fn by_number(
    app: &App,
    access: &Access,
    numbers: &[i64],
) -> Result<HashMap<i64, Customer>> {
    let rows = profile::of_numbers(&mut access.cx.read().await?, numbers).await?;
    let (scores, currency) = (app.scores(access).await?, access.shop.currency);
    let of = |row: Row| (row.customer_no, Customer::new(row, &scores, currency));
    Ok(rows.into_iter().map(of).collect())
}

fn scored(scores: &Scores, number: i64) -> Option<Scored> {
    let place = usize::try_from(number).ok()?.checked_sub(1)?;
    scores.get(place).copied().flatten()
}

/// One customer
#[utoipa::path(get, path = "/api/v1/customers/{customer_id}", operation_id = "customer",
    tag = "customers",
    params(("customer_id" = String, Path, description = "The customer")), responses(
    (status = 200, description = "The customer", body = Customer),
    (status = 404, description = "The shop has no such customer", body = super::ErrorBody),
    Refusals))]
pub(super) async fn one(
    State(app): State<App>,
    reads: ReadsCustomers,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<Customer> {
    let missing = || Error::missing("the shop has no such customer").field("customer_id");
    let number = id.parse().map_err(|_| missing())?;
    let scores = app.scores(&reads).await?;
    let rows = profile::of_numbers(&mut reads.cx.read().await?, &[number]).await?;
    let row = rows.into_iter().next().filter(|row| row.customer_no > 0).ok_or_else(missing)?;
    Ok(Json(Customer::new(row, &scores, reads.shop.currency)))
}
