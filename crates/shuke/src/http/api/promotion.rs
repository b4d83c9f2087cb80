//! Promotions.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use base::{Error, Result, Time};
use benefit::coupon::rule::Most;
use benefit::offer::terms::Terms;
use benefit::promotion::{self, Limits, Promotion, State, Wish};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::coupon::Part;
use super::{Answer, ErrorBody, Paged, micros, paged};
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::who::{ReadsBenefits, WritesBenefits};

/// How a promotion stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PromotionState {
    Off,
    Planned,
    Running,
    Over,
}

/// How much a promotion gives away at the most: pieces, or packs of them, of one that goes by
/// pieces, orders of any other.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PromotionLimits {
    /// In all; null for as much as anybody wants.
    #[schema(required = false)]
    stock: Option<i64>,
    /// To one person; null for as much as they want.
    #[schema(required = false)]
    each: Option<i64>,
}

impl From<Limits> for PromotionLimits {
    fn from(own: Limits) -> Self {
        Self { stock: own.stock.limit(), each: own.each.limit() }
    }
}

impl From<PromotionLimits> for Limits {
    fn from(own: PromotionLimits) -> Self {
        let most = |limit: Option<i64>| limit.map_or(Most::Unlimited, Most::Of);
        Self { stock: most(own.stock), each: most(own.each) }
    }
}

/// A promotion.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PromotionShown {
    /// Its number within the shop.
    promotion_id: String,
    /// Its name.
    name: String,
    /// What it is for.
    note: String,
    /// Whether it counts.
    active: bool,
    /// Grows with every change of what it says.
    version: i64,
    /// What it does, to what and for whom, at which hours, and beside what: an `effect`, a
    /// `scope`, `hours` and a `stack`, as coupons have them.
    #[schema(value_type = Object)]
    terms: Terms,
    /// When it begins.
    #[schema(format = DateTime)]
    starts_at: String,
    /// When it is over; null for as long as it counts.
    #[schema(required = true, format = DateTime)]
    ends_at: Option<String>,
    /// How much it gives away at the most.
    limits: PromotionLimits,
    /// How much of that is taken.
    taken: i64,
    /// Whether it does not count, has not begun, runs or is over.
    state: PromotionState,
    /// Who made it.
    owner: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    edited_at: String,
}

fn shown(own: Promotion, now: Time) -> PromotionShown {
    let state = match own.state(now) {
        State::Off => PromotionState::Off,
        State::Planned => PromotionState::Planned,
        State::Running => PromotionState::Running,
        State::Over => PromotionState::Over,
    };
    PromotionShown {
        promotion_id: own.number.to_string(),
        name: own.name,
        note: own.note,
        active: own.active,
        version: own.version,
        terms: own.terms,
        starts_at: micros(own.starts_at),
        ends_at: own.ends_at.map(micros),
        limits: own.limits.into(),
        taken: own.taken,
        state,
        owner: own.owner,
        created_at: micros(own.created_at),
        edited_at: micros(own.edited_at),
    }
}

fn number(id: &str) -> Result<i64> {
    id.parse().map_err(|_| Error::missing("there is no such promotion").field("promotion_id"))
}

/// Promotions
///
/// The latest first.
#[utoipa::path(get, path = "/api/v1/promotions", operation_id = "promotions", tag = "benefits",
    params(Part), responses(
    (status = 200, description = "A page", body = Paged<PromotionShown>), Refusals))]
pub(super) async fn list(
    reads: ReadsBenefits,
    Asked(part): Asked<Part>,
) -> Answer<Paged<PromotionShown>> {
    let rows = promotion::list(&reads.cx, part.asked()).await?;
    Ok(Json(paged(rows, part.limit, |row| row.number, |row| shown(row, reads.cx.now))?))
}

/// A promotion
#[utoipa::path(get, path = "/api/v1/promotions/{promotion_id}", operation_id = "promotion",
    tag = "benefits", params(("promotion_id" = String, Path, description = "The promotion")),
    responses((status = 200, description = "The promotion", body = PromotionShown),
    (status = 404, description = "There is no such promotion", body = ErrorBody), Refusals))]
pub(super) async fn one(
    reads: ReadsBenefits,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<PromotionShown> {
    Ok(Json(shown(promotion::get(&reads.cx, number(&id)?).await?, reads.cx.now)))
}

/// What a promotion is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PromotionForm {
    /// Its name, which no other one has.
    name: String,
    /// What it is for.
    #[serde(default)]
    note: String,
    /// Whether it counts.
    active: bool,
    /// What it does, to what and for whom, at which hours, and beside what, as coupons have it.
    #[schema(value_type = Object)]
    terms: Terms,
    /// When it begins.
    #[schema(format = DateTime)]
    starts_at: String,
    /// When it is over; null or left out for as long as it counts.
    #[schema(format = DateTime)]
    ends_at: Option<String>,
    /// How much it gives away at the most; nothing limits it if left out.
    #[serde(default)]
    limits: PromotionLimits,
}

impl PromotionForm {
    fn wish(self) -> Result<Wish> {
        let at = |text: String, field: &str| {
            text.parse::<Time>().map_err(|error| error.field(field.to_owned()))
        };
        Ok(Wish {
            name: self.name,
            note: self.note,
            active: self.active,
            terms: self.terms,
            starts_at: at(self.starts_at, "starts_at")?,
            ends_at: self.ends_at.map(|text| at(text, "ends_at")).transpose()?,
            limits: self.limits.into(),
        })
    }
}

/// Make a promotion
///
/// One that would set the price of goods whose price another one sets at the same time is refused,
/// unless the rules of stacking let each cart have the better of them.
#[utoipa::path(post, path = "/api/v1/promotions", operation_id = "make_promotion",
    tag = "benefits", request_body = PromotionForm, responses(
    (status = 200, description = "The promotion", body = PromotionShown),
    (status = 409, description = "Another one has this name, or sets the price of the same goods",
     body = ErrorBody), Refusals))]
pub(super) async fn make(
    writes: WritesBenefits,
    Sent(sent): Sent<PromotionForm>,
) -> Answer<PromotionShown> {
    Ok(Json(shown(promotion::make(&writes.cx, sent.wish()?).await?, writes.cx.now)))
}

/// Change a promotion
///
/// The form says all of it. Carts that are asked about from now on get what it says.
#[utoipa::path(put, path = "/api/v1/promotions/{promotion_id}", operation_id = "edit_promotion",
    tag = "benefits", params(("promotion_id" = String, Path, description = "The promotion")),
    request_body = PromotionForm, responses(
    (status = 200, description = "The promotion", body = PromotionShown),
    (status = 404, description = "There is no such promotion", body = ErrorBody),
    (status = 409, description = "Another one has this name, or sets the price of the same goods",
     body = ErrorBody), Refusals))]
pub(super) async fn edit(
    writes: WritesBenefits,
    Path(id): Path<String>,
    Sent(sent): Sent<PromotionForm>,
) -> Answer<PromotionShown> {
    let own = promotion::edit(&writes.cx, number(&id)?, sent.wish()?).await?;
    Ok(Json(shown(own, writes.cx.now)))
}

/// End a promotion
///
/// One that is over stays as it was.
#[utoipa::path(post, path = "/api/v1/promotions/{promotion_id}/end",
    operation_id = "end_promotion", tag = "benefits",
    params(("promotion_id" = String, Path, description = "The promotion")),
    responses((status = 200, description = "The promotion", body = PromotionShown),
    (status = 404, description = "There is no such promotion", body = ErrorBody),
    (status = 409, description = "It has not begun", body = ErrorBody), Refusals))]
pub(super) async fn end(writes: WritesBenefits, Path(id): Path<String>) -> Answer<PromotionShown> {
    Ok(Json(shown(promotion::end(&writes.cx, number(&id)?).await?, writes.cx.now)))
}

/// Remove a promotion that has not begun
#[utoipa::path(delete, path = "/api/v1/promotions/{promotion_id}",
    operation_id = "remove_promotion", tag = "benefits",
    params(("promotion_id" = String, Path, description = "The promotion")),
    responses((status = 204, description = "It is removed"),
    (status = 404, description = "There is no such promotion", body = ErrorBody),
    (status = 409, description = "It has begun", body = ErrorBody), Refusals))]
pub(super) async fn remove(
    writes: WritesBenefits,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    promotion::remove(&writes.cx, number(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
