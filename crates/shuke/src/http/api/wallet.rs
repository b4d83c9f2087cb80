//! What a customer has of points, growth and stored value, how it came about, and what people
//! change of it by hand.

use axum::Json;
use axum::extract::Path;
use base::{Error, Result, Time, Zone};
use benefit::adjustment::{self, Adjustment, State as Decision};
use benefit::ledger::{self, Holding, Statement, Unit};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::customer::whole::row_of;
use super::tier::last_day;
use super::{Answer, ErrorBody, Paged, micros, paged};
use crate::http::asked::{Asked, Said, Wish};
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::once::Once;
use crate::http::who::{ReadsCustomers, WritesBenefits};

/// Days on which something runs out that are told at the most.
const LOTS_MAX: usize = 100;

/// What is counted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum UnitName {
    /// Points.
    Points,
    /// Growth, in points that levels go by.
    Growth,
    /// Stored value, in minor units of the shop's currency.
    Stored,
}

impl From<UnitName> for Unit {
    fn from(name: UnitName) -> Self {
        match name {
            UnitName::Points => Self::Points,
            UnitName::Growth => Self::Growth,
            UnitName::Stored => Self::Stored,
        }
    }
}

impl From<Unit> for UnitName {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::Points => Self::Points,
            Unit::Growth => Self::Growth,
            Unit::Stored => Self::Stored,
        }
    }
}

/// What a customer has of a unit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HoldingShown {
    /// The unit.
    unit: UnitName,
    /// What is there, held or not; below 0 when more is owed.
    balance: i64,
    /// What is held of it.
    held: i64,
    /// What is expected beside it.
    pending: i64,
    /// What is owed.
    owed: i64,
    /// What can be spent now.
    spendable: i64,
    /// What runs out when, the nearest first: a hundred days at the most.
    lots: Vec<LotShown>,
}

/// What runs out at once.
#[derive(Debug, Serialize, ToSchema)]
struct LotShown {
    /// How much is neither spent nor held.
    remaining: i64,
    /// The last day on which it can be spent; null for ever.
    #[schema(required = true, format = Date)]
    last_day: Option<String>,
}

impl HoldingShown {
    pub(super) fn new(holding: Holding, zone: &Zone) -> Self {
        let Holding { unit, balance, held, pending, owed, spendable, ends } = holding;
        let shown = |(at, remaining): (Option<Time>, i64)| LotShown {
            remaining,
            last_day: at.map(|at| last_day(zone, at)),
        };
        let lots = ends.into_iter().take(LOTS_MAX).map(shown).collect();
        Self { unit: unit.into(), balance, held, pending, owed, spendable, lots }
    }
}

/// What a customer has
///
/// Of points, growth and stored value.
#[utoipa::path(get, path = "/api/v1/customers/{customer_id}/wallet", operation_id = "wallet",
    tag = "benefits", params(("customer_id" = String, Path, description = "The customer")),
    responses((status = 200, description = "Each unit", body = Vec<HoldingShown>),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(super) async fn show(
    reads: ReadsCustomers,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<Vec<HoldingShown>> {
    let mut tx = reads.cx.read().await?;
    let person = row_of(&mut tx, &id).await?.customer_no;
    let own = ledger::wallet(&mut tx, reads.cx.now, person, Unit::ALL).await?.into_iter();
    Ok(Json(own.map(|holding| HoldingShown::new(holding, &reads.shop.zone)).collect()))
}

/// Something that was booked for a customer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TransferShown {
    /// Its number within the shop.
    transfer_id: String,
    /// The unit.
    unit: UnitName,
    /// `posted`, `pending`, `post`, `void` or `back`.
    kind: &'static str,
    /// How much came in, below 0 for what went out; 0 where nothing has moved.
    change: i64,
    /// How much it is about.
    amount: i64,
    /// The shop's account on the other side: `issued`, `redeemed`, `expired`, `adjusted` or
    /// `forgiven`.
    house: &'static str,
    /// What it is about: `order`, `adjustment`, `expiry`, `call`, `event`, `checkout` or
    /// `exchange`.
    source: &'static str,
    /// The number of what it is about.
    source_id: String,
    /// The id under which it was booked.
    cause: String,
    /// Why.
    reason: String,
    /// Who had it booked.
    actor: String,
    /// When it happened.
    #[schema(format = DateTime)]
    at: String,
    /// When it was booked.
    #[schema(format = DateTime)]
    booked_at: String,
    /// The last day on which what came by it can be spent; null for ever.
    #[schema(required = true, format = Date)]
    last_day: Option<String>,
}

impl TransferShown {
    fn new(line: Statement, zone: &Zone) -> Self {
        let Statement { transfer, unit, change, actor, booked_at, house } = line;
        Self {
            transfer_id: transfer.number.to_string(),
            unit: unit.into(),
            kind: transfer.kind.name(),
            change,
            amount: transfer.amount,
            house: house.name(),
            source: transfer.source.0.name(),
            source_id: transfer.source.1.to_string(),
            cause: transfer.cause,
            reason: transfer.reason,
            actor,
            at: micros(transfer.at),
            booked_at: micros(booked_at),
            last_day: transfer.expires_at.map(|at| last_day(zone, at)),
        }
    }
}

/// Which part of somebody's history.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Part {
    /// One unit; all if left out
    #[param(value_type = Option<UnitName>)]
    unit: Option<Unit>,
    /// Rows of the page
    #[param(required = false, minimum = 1, maximum = 500, default = 50)]
    limit: u32,
    /// `next` of the page before
    #[param(value_type = Option<String>)]
    after: Option<i64>,
}

impl Wish for Part {
    fn read(said: &mut Said) -> Result<Self> {
        let names: Vec<&str> = Unit::ALL.iter().map(|unit| unit.name()).collect();
        let unit = said.word("unit", &names)?.and_then(|place| Unit::ALL.get(place).copied());
        let (limit, after) = said.page()?;
        Ok(Self { unit, limit, after })
    }
}

/// What was booked for a customer
///
/// The latest first.
#[utoipa::path(get, path = "/api/v1/customers/{customer_id}/transfers",
    operation_id = "customer_transfers", tag = "benefits",
    params(("customer_id" = String, Path, description = "The customer"), Part), responses(
    (status = 200, description = "A page", body = Paged<TransferShown>),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(super) async fn transfers(
    reads: ReadsCustomers,
    Path(id): Path<String>,
    Asked(Part { unit, limit, after }): Asked<Part>,
) -> Answer<Paged<TransferShown>> {
    let person = row_of(&mut reads.cx.read().await?, &id).await?.customer_no;
    let page = (after, i64::from(limit) + 1);
    let rows = ledger::statement(&reads.cx, person, unit, page).await?;
    let zone = &reads.shop.zone;
    let place = |row: &Statement| row.transfer.number;
    Ok(Json(paged(rows, limit, place, |row| TransferShown::new(row, zone))?))
}

/// What somebody adds to what a customer has, or takes from it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AdjustmentForm {
    /// The unit.
    unit: UnitName,
    /// How much is added, or taken when below 0.
    amount: i64,
    /// Why.
    reason: String,
}

/// An adjustment by hand.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AdjustmentShown {
    /// Its number within the shop.
    adjustment_id: String,
    /// The customer.
    customer_id: String,
    /// The unit.
    unit: UnitName,
    /// How much is added, or taken when below 0.
    amount: i64,
    /// Why.
    reason: String,
    /// `booked`, `waiting` for a second person, or `refused`.
    state: &'static str,
    /// Who asked for it.
    actor: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Who decided; null where nobody had to, or has yet.
    #[schema(required = true)]
    decided_by: Option<String>,
    /// When.
    #[schema(required = true, format = DateTime)]
    decided_at: Option<String>,
}

impl From<Adjustment> for AdjustmentShown {
    fn from(own: Adjustment) -> Self {
        let (decided_by, at): (_, Option<Time>) = own.decided.unzip();
        Self {
            adjustment_id: own.number.to_string(),
            customer_id: own.customer.to_string(),
            unit: own.unit.into(),
            amount: own.amount,
            reason: own.reason,
            state: own.state.name(),
            actor: own.actor,
            at: micros(own.at),
            decided_by,
            decided_at: at.map(micros),
        }
    }
}

/// Add to what a customer has, or take from it
///
/// Above the shop's limit it waits for a second person. With `Idempotency-Key`, once.
#[utoipa::path(post, path = "/api/v1/customers/{customer_id}/adjustments",
    operation_id = "adjust", tag = "benefits",
    params(("customer_id" = String, Path, description = "The customer"),
    ("Idempotency-Key" = Option<String>, Header, description = "The caller's id of it")),
    request_body = AdjustmentForm, responses(
    (status = 200, description = "The adjustment", body = AdjustmentShown),
    (status = 404, description = "The shop has no such customer", body = ErrorBody),
    (status = 409, description = "There is less, or it is too much for a day", body = ErrorBody),
    Refusals))]
pub(super) async fn adjust(
    writes: WritesBenefits,
    Path(id): Path<String>,
    Once(key): Once,
    Sent(sent): Sent<AdjustmentForm>,
) -> Answer<AdjustmentShown> {
    let person = row_of(&mut writes.cx.read().await?, &id).await?.customer_no;
    let AdjustmentForm { unit, amount, reason } = sent;
    let wish = adjustment::Wish { person, unit: unit.into(), amount, reason, key };
    let made = adjustment::make(&writes.cx, &writes.shop.zone, wish).await?;
    Ok(Json(made.into()))
}

/// Which adjustments.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Adjustments {
    /// `booked`, `waiting` or `refused`; all if left out
    #[param(value_type = Option<String>)]
    state: Option<Decision>,
    /// Rows of the page
    #[param(required = false, minimum = 1, maximum = 500, default = 50)]
    limit: u32,
    /// `next` of the page before
    #[param(value_type = Option<String>)]
    after: Option<i64>,
}

impl Wish for Adjustments {
    fn read(said: &mut Said) -> Result<Self> {
        let words = Decision::ALL.map(Decision::name);
        let state = said.word("state", &words)?.and_then(|at| Decision::ALL.get(at).copied());
        let (limit, after) = said.page()?;
        Ok(Self { state, limit, after })
    }
}

/// Adjustments by hand
///
/// The latest first.
#[utoipa::path(get, path = "/api/v1/adjustments", operation_id = "adjustments", tag = "benefits",
    params(Adjustments), responses(
    (status = 200, description = "A page", body = Paged<AdjustmentShown>), Refusals))]
pub(super) async fn adjustments(
    reads: ReadsCustomers,
    Asked(Adjustments { state, limit, after }): Asked<Adjustments>,
) -> Answer<Paged<AdjustmentShown>> {
    let rows = adjustment::list(&reads.cx, state, (after, i64::from(limit) + 1)).await?;
    Ok(Json(paged(rows, limit, |row| row.number, AdjustmentShown::from)?))
}

/// What a second person decides.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionForm {
    /// Whether it is booked; otherwise it is refused.
    approve: bool,
}

/// Decide about an adjustment that waits
///
/// Whoever asked for it can only take it back.
#[utoipa::path(post, path = "/api/v1/adjustments/{adjustment_id}/decision",
    operation_id = "decide_adjustment", tag = "benefits",
    params(("adjustment_id" = String, Path, description = "The adjustment")),
    request_body = DecisionForm, responses(
    (status = 200, description = "The adjustment", body = AdjustmentShown),
    (status = 404, description = "There is no such adjustment", body = ErrorBody),
    (status = 409, description = "It was decided, or there is less", body = ErrorBody), Refusals))]
pub(super) async fn decide(
    writes: WritesBenefits,
    Path(id): Path<String>,
    Sent(DecisionForm { approve }): Sent<DecisionForm>,
) -> Answer<AdjustmentShown> {
    let missing = |_| Error::missing("there is no such adjustment").field("adjustment_id");
    let number = id.parse().map_err(missing)?;
    let own = adjustment::decide(&writes.cx, &writes.shop.zone, number, approve).await?;
    Ok(Json(own.into()))
}
