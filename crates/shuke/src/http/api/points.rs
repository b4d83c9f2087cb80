//! What the shop's own systems do with points, growth and stored value: a till, a shop, a game.

use axum::Json;
use axum::extract::State;
use base::{Actor, Code, Error, Result};
use benefit::ledger::{self, Deal, Matter, Unit, Until};
use perceive::{identity, order};
use serde::{Deserialize, Serialize};
use serde_json::json;
use stratify::expr;
use utoipa::ToSchema;

use super::customer::whole::row_of;
use super::wallet::{HoldingShown, UnitName};
use super::{Answer, ErrorBody};
use crate::auth::permission::Permission;
use crate::http::App;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::once::Once;
use crate::http::who::{Access, WritesBenefits};

/// Minutes for which something may be held at the most: 7 days.
const HOLD_MINUTES_MAX: u32 = 7 * 24 * 60;
/// Days after which something expected may come at the most.
const PENDING_DAYS_MAX: u32 = 366;
/// Microseconds of a minute.
const MINUTE_MICROS: i64 = 60_000_000;

/// A customer, by one of these.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Who {
    /// The number within the shop.
    customer_id: Option<String>,
    /// The shop's own identifier.
    external_id: Option<String>,
    /// The phone, in any spelling.
    phone: Option<String>,
}

impl Who {
    /// The customer's number.
    pub(super) async fn person(&self, app: &App, access: &Access) -> Result<i64> {
        if let (Some(id), None, None) = (&self.customer_id, &self.external_id, &self.phone) {
            let mut tx = access.cx.read().await?;
            // A number that somebody went by before they turned out to be another leads to them.
            let number = id.parse::<i64>().unwrap_or_default();
            let person = identity::persons(&mut tx, &[number]).await?.into_values().next();
            let row =
                row_of(&mut tx, &person.map_or_else(|| id.clone(), |own| own.to_string())).await;
            return Ok(row.map_err(|error| error.field("customer.customer_id"))?.customer_no);
        }
        let (field, value) = match (&self.customer_id, &self.external_id, &self.phone) {
            (None, Some(id), None) => ("external_id", id),
            (None, None, Some(phone)) => ("phone", phone),
            _ => {
                let text = "needs customer_id, external_id or phone, and one of them only";
                return Err(Error::bad(text).field("customer"));
            }
        };
        // Who is known by a phone is told to those who may look.
        access.needs(Permission::CustomersRead)?;
        let rule = json!({ "field": field, "operator": "=", "value": value });
        let expr = expr::read(&json!({ "combinator": "and", "rules": [rule] }))
            .map_err(|error| error.field(format!("customer.{field}")))?;
        let found = app.meant(access, &expr).await?;
        match (found.min(), found.len()) {
            (Some(number), 1) => Ok(i64::from(number)),
            (None, _) => Err(Error::missing("the shop has no such customer").field("customer")),
            _ => Err(Error::conflict("several customers are known by this").field("customer")),
        }
    }
}

fn points() -> UnitName {
    UnitName::Points
}

/// What a customer gets.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PointsForm {
    /// Who.
    customer: Who,
    /// The unit.
    #[serde(default = "points")]
    unit: UnitName,
    /// How much, at least 1.
    amount: i64,
    /// Why.
    #[serde(default)]
    reason: String,
    /// The order that it is for, by its number at the shop.
    order: Option<String>,
    /// Days after which it comes; at once if left out.
    pending_days: Option<u32>,
}

/// What a customer spends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SpendForm {
    /// Who.
    customer: Who,
    /// The unit.
    #[serde(default = "points")]
    unit: UnitName,
    /// How much, at least 1.
    amount: i64,
    /// On what.
    #[serde(default)]
    reason: String,
    /// The order that it is for, by its number at the shop.
    order: Option<String>,
    /// Minutes for which it is held until somebody settles it; spent at once if left out.
    hold_minutes: Option<u32>,
}

/// What a customer gets back of what they spent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefundForm {
    /// Who.
    customer: Who,
    /// The unit.
    #[serde(default = "points")]
    unit: UnitName,
    /// How much, at least 1.
    amount: i64,
    /// The `Idempotency-Key` of the request by which they spent it.
    of: String,
    /// Why.
    #[serde(default)]
    reason: String,
    /// The order that it is for, by its number at the shop.
    order: Option<String>,
}

/// What becomes of something held or expected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SettleForm {
    /// Who.
    customer: Who,
    /// The unit.
    #[serde(default = "points")]
    unit: UnitName,
    /// The `Idempotency-Key` of the request by which it was held or expected.
    of: String,
    /// Whether it happens; otherwise what was held is free again, and what was expected never
    /// comes.
    post: bool,
    /// The order that it is for, by its number at the shop.
    order: Option<String>,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BookedShown {
    /// The transfers that it is.
    transfer_ids: Vec<String>,
    /// How much they move, or are to move.
    amount: i64,
    /// Whether it had been booked before.
    again: bool,
    /// What the customer has now of that unit; null to who may not read customers.
    #[schema(required = true)]
    holding: Option<HoldingShown>,
}

/// What a request is about.
struct Meant {
    customer: Who,
    unit: UnitName,
    amount: i64,
    reason: String,
    order: Option<String>,
}

/// What it wants.
enum Call {
    Earn(Option<Until>),
    Spend(Option<Until>),
    Refund(String),
    Settle(String, bool),
}

/// Does what a request wants, once.
async fn carry_out(
    (app, access): (&App, &Access),
    once: Once,
    meant: Meant,
    call: Call,
) -> Answer<BookedShown> {
    let Meant { customer, unit, amount, reason, order } = meant;
    let (cause, unit) = (cause(&once.needed()?), Unit::from(unit));
    let person = customer.person(app, access).await?;
    let source = match order {
        None => (Matter::Call, person),
        Some(name) => (Matter::Order, order_of(access, person, &name).await?),
    };
    if matches!(call, Call::Earn(_)) {
        one_person(access, unit, amount).await?;
    }
    let deal = Deal { person, unit, amount, cause, source, reason };
    let place = (&access.cx, &access.shop.zone);
    let mut tx = access.cx.write().await?;
    let booked = match call {
        Call::Earn(pending) => ledger::earn(&mut tx, place, deal, pending).await?,
        Call::Spend(hold) => ledger::spend(&mut tx, place, deal, hold).await?,
        Call::Refund(of) => ledger::give_back(&mut tx, place, deal, of).await?,
        Call::Settle(of, post) => ledger::close(&mut tx, place, deal, (of, post)).await?,
    };
    // Somebody's wallet is told to those who may look.
    let own = match access.needs(Permission::CustomersRead) {
        Ok(()) => ledger::wallet(&mut tx, access.cx.now, person, &[unit]).await?,
        Err(_) => Vec::new(),
    };
    tx.commit().await?;
    let holding = own.into_iter().next().map(|own| HoldingShown::new(own, &access.shop.zone));
    let transfer_ids = booked.transfers.iter().map(i64::to_string).collect();
    let (amount, again) = (booked.amount, booked.again);
    Ok(Json(BookedShown { transfer_ids, amount, again, holding }))
}

/// The order of that number at the shop, which is not somebody else's.
async fn order_of(access: &Access, person: i64, name: &str) -> Result<i64> {
    let missing = || Error::missing("the shop has no such order").field("order");
    let mut tx = access.cx.read().await?;
    let order = order::of_name(&mut tx, name).await?.into_iter().next().ok_or_else(missing)?;
    let labels = identity::labels(&mut tx, person).await?;
    match order.customer_no.is_none_or(|label| labels.contains(&label)) {
        true => Ok(order.order_no),
        false => Err(Error::conflict("this order is another customer's").field("order")),
    }
}

/// Refuses somebody who would give more by themselves than the shop lets one person give.
async fn one_person(access: &Access, unit: Unit, amount: i64) -> Result<()> {
    let Actor::User(_) = access.cx.actor else { return Ok(()) };
    let policy = ledger::policy(&mut access.cx.read().await?, unit).await?;
    match policy.approval_above.filter(|limit| amount > *limit) {
        Some(limit) => {
            Err(Error::new(Code::Forbidden, format!("above {limit} a second person decides"))
                .field("amount")
                .hint("make it a change by hand"))
        }
        None => Ok(()),
    }
}

fn cause(key: &str) -> String {
    format!("call/{key}")
}

/// Give a customer points
///
/// Once, however often it is sent with the same `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/points/earn", operation_id = "earn_points", tag = "benefits",
    params(("Idempotency-Key" = String, Header, description = "The caller's id of it")),
    request_body = PointsForm, responses(
    (status = 200, description = "What was booked", body = BookedShown),
    (status = 404, description = "There is no such customer or order", body = ErrorBody),
    (status = 409, description = "The key was used for something else", body = ErrorBody),
    Refusals))]
pub(super) async fn earn(
    State(app): State<App>,
    writes: WritesBenefits,
    once: Once,
    Sent(sent): Sent<PointsForm>,
) -> Answer<BookedShown> {
    let PointsForm { customer, unit, amount, reason, order, pending_days } = sent;
    if pending_days.is_some_and(|days| days > PENDING_DAYS_MAX) {
        let text = format!("is at most {PENDING_DAYS_MAX}");
        return Err(Error::bad(text).field("pending_days").into());
    }
    let until = |days| Some(writes.cx.now.plus(i64::from(days) * base::time::DAY_MICROS));
    let meant = Meant { customer, unit, amount, reason, order };
    carry_out((&app, &writes), once, meant, Call::Earn(pending_days.map(until))).await
}

/// Take points that a customer spends
///
/// Or hold them, to be settled later. Once, however often it is sent with the same
/// `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/points/spend", operation_id = "spend_points",
    tag = "benefits",
    params(("Idempotency-Key" = String, Header, description = "The caller's id of it")),
    request_body = SpendForm, responses(
    (status = 200, description = "What was booked", body = BookedShown),
    (status = 404, description = "There is no such customer or order", body = ErrorBody),
    (status = 409, description = "There is less, it is more than one customer may spend, or the \
    key was used for something else", body = ErrorBody),
    Refusals))]
pub(super) async fn spend(
    State(app): State<App>,
    writes: WritesBenefits,
    once: Once,
    Sent(sent): Sent<SpendForm>,
) -> Answer<BookedShown> {
    let SpendForm { customer, unit, amount, reason, order, hold_minutes } = sent;
    if hold_minutes.is_some_and(|minutes| minutes == 0 || minutes > HOLD_MINUTES_MAX) {
        let text = format!("is 1 to {HOLD_MINUTES_MAX}");
        return Err(Error::bad(text).field("hold_minutes").into());
    }
    let until = |minutes| Some(writes.cx.now.plus(i64::from(minutes) * MINUTE_MICROS));
    let meant = Meant { customer, unit, amount, reason, order };
    carry_out((&app, &writes), once, meant, Call::Spend(hold_minutes.map(until))).await
}

/// Give back points that a customer spent
///
/// Into what they came from, with the last day that they had. Any parts add up to the whole.
#[utoipa::path(post, path = "/api/v1/points/refund", operation_id = "refund_points",
    tag = "benefits",
    params(("Idempotency-Key" = String, Header, description = "The caller's id of it")),
    request_body = RefundForm, responses(
    (status = 200, description = "What was booked", body = BookedShown),
    (status = 404, description = "There is no such customer or order, or nothing was spent under \
    `of`", body = ErrorBody),
    (status = 409, description = "More than was spent, or the key was used for something else",
    body = ErrorBody), Refusals))]
pub(super) async fn refund(
    State(app): State<App>,
    writes: WritesBenefits,
    once: Once,
    Sent(sent): Sent<RefundForm>,
) -> Answer<BookedShown> {
    let RefundForm { customer, unit, amount, of, reason, order } = sent;
    let meant = Meant { customer, unit, amount, reason, order };
    carry_out((&app, &writes), once, meant, Call::Refund(cause(&of))).await
}

/// Settle points that are held or expected
#[utoipa::path(post, path = "/api/v1/points/settle", operation_id = "settle_points",
    tag = "benefits",
    params(("Idempotency-Key" = String, Header, description = "The caller's id of it")),
    request_body = SettleForm, responses(
    (status = 200, description = "What was booked", body = BookedShown),
    (status = 404, description = "There is no such customer or order, or nothing was booked under \
    `of`", body = ErrorBody),
    (status = 409, description = "It is settled, or the key was used for something else",
    body = ErrorBody), Refusals))]
pub(super) async fn settle(
    State(app): State<App>,
    writes: WritesBenefits,
    once: Once,
    Sent(sent): Sent<SettleForm>,
) -> Answer<BookedShown> {
    let SettleForm { customer, unit, of, post, order } = sent;
    let meant = Meant { customer, unit, amount: 0, reason: String::new(), order };
    carry_out((&app, &writes), once, meant, Call::Settle(cause(&of), post)).await
}
