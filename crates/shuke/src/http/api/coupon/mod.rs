//! Coupons: what they say, what they can cost, who approves them.

pub(super) mod batch;
pub(super) mod code;
mod shape;

use axum::Json;
use axum::extract::Path;
use base::{Error, Result};
use benefit::coupon::rule::{Cost, Terms};
use benefit::coupon::{self, Coupon, Policy, Wish};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Answer, ErrorBody, Paged, micros, paged};
use crate::http::asked::{self, Asked, Said};
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::{ReadsBenefits, WritesBenefits};
use shape::CouponTerms;

/// What something can cost at the most, in minor units.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CostShown {
    /// One use; null where nothing limits it.
    #[schema(required = true)]
    per_use_minor: Option<i64>,
    /// How many uses there are; null where nothing limits them.
    #[schema(required = true)]
    uses: Option<i64>,
    /// All of them, or the budget where that is less; null where nothing limits it.
    #[schema(required = true)]
    total_minor: Option<i64>,
}

impl From<Cost> for CostShown {
    fn from(Cost { per_use, uses, total }: Cost) -> Self {
        Self { per_use_minor: per_use, uses, total_minor: total }
    }
}

/// A coupon.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CouponShown {
    /// Its number within the shop.
    coupon_id: String,
    /// Its name.
    name: String,
    /// What it is for.
    note: String,
    /// The latest version of what it says.
    #[schema(value_type = CouponTerms)]
    terms: Terms,
    /// The number of that version.
    version: i64,
    /// The version by which codes are handed out; 0 before somebody approved one.
    version_in_force: i64,
    /// Whether the latest version waits for a second person.
    waits: bool,
    /// What the latest version can cost at the most.
    cost: CostShown,
    /// Who made it.
    owner: String,
    /// Who made the latest version.
    editor: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    edited_at: String,
    /// When it was ended; null while it is not.
    #[schema(required = true, format = DateTime)]
    ended_at: Option<String>,
    /// Who decided about the version that waited; null where nobody had to, or has yet.
    #[schema(required = true)]
    decided_by: Option<String>,
    /// When.
    #[schema(required = true, format = DateTime)]
    decided_at: Option<String>,
    /// Uses that were taken from the stock; null where codes went to a private segment.
    #[schema(required = true)]
    taken: Option<i64>,
    /// Uses that are locked.
    locked: i64,
    /// Uses that have happened and were not rolled back.
    redeemed: i64,
    /// Minor units that uses take, what is locked counted and what was rolled back not.
    spent_minor: i64,
}

impl From<Coupon> for CouponShown {
    fn from(own: Coupon) -> Self {
        let (decided_by, decided_at) = own.decided.unzip();
        Self {
            coupon_id: own.number.to_string(),
            name: own.name,
            note: own.note,
            cost: own.terms.cost().into(),
            terms: own.terms,
            version: own.version,
            version_in_force: own.in_force,
            waits: own.waits,
            owner: own.owner,
            editor: own.editor,
            created_at: micros(own.created_at),
            edited_at: micros(own.edited_at),
            ended_at: own.ended_at.map(micros),
            decided_by,
            decided_at: decided_at.map(micros),
            taken: (!own.private).then_some(own.count.taken),
            locked: own.count.open,
            redeemed: own.count.used,
            spent_minor: own.count.spent,
        }
    }
}

/// The number of a coupon.
fn number(id: &str) -> Result<i64> {
    id.parse().map_err(|_| Error::missing("there is no such coupon").field("coupon_id"))
}

/// Which page of a list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Part {
    /// Rows of the page
    #[param(required = false, minimum = 1, maximum = 500, default = 50)]
    pub(super) limit: u32,
    /// `next` of the page before
    #[param(value_type = Option<String>)]
    after: Option<i64>,
}

impl asked::Wish for Part {
    fn read(said: &mut Said) -> Result<Self> {
        let (limit, after) = said.page()?;
        Ok(Self { limit, after })
    }
}

impl Part {
    /// After what, and how many rows at the most: one more tells whether there are more.
    pub(super) fn asked(&self) -> (Option<i64>, i64) {
        (self.after, i64::from(self.limit) + 1)
    }
}

/// Coupons
///
/// The latest first.
#[utoipa::path(get, path = "/api/v1/coupons", operation_id = "coupons", tag = "benefits",
    params(Part), responses(
    (status = 200, description = "A page", body = Paged<CouponShown>), Refusals))]
pub(super) async fn list(
    reads: ReadsBenefits,
    Asked(part): Asked<Part>,
) -> Answer<Paged<CouponShown>> {
    let rows = coupon::list(&reads.cx, part.asked()).await?;
    Ok(Json(paged(rows, part.limit, |row| row.number, CouponShown::from)?))
}

/// A coupon
#[utoipa::path(get, path = "/api/v1/coupons/{coupon_id}", operation_id = "coupon",
    tag = "benefits", params(("coupon_id" = String, Path, description = "The coupon")),
    responses((status = 200, description = "The coupon", body = CouponShown),
    (status = 404, description = "There is no such coupon", body = ErrorBody), Refusals))]
pub(super) async fn one(
    reads: ReadsBenefits,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<CouponShown> {
    Ok(Json(coupon::get(&reads.cx, number(&id)?).await?.into()))
}

/// What a coupon is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CouponForm {
    /// Its name, which no other one has.
    name: String,
    /// What it is for.
    #[serde(default)]
    note: String,
    /// What it says.
    #[schema(value_type = CouponTerms)]
    terms: Terms,
}

impl From<CouponForm> for Wish {
    fn from(CouponForm { name, note, terms }: CouponForm) -> Self {
        Self { name, note, terms }
    }
}

/// Make a coupon
///
/// One that can cost more than the shop lets one person decide waits for a second one.
#[utoipa::path(post, path = "/api/v1/coupons", operation_id = "make_coupon", tag = "benefits",
    request_body = CouponForm, responses(
    (status = 200, description = "The coupon", body = CouponShown),
    (status = 409, description = "Another coupon has this name", body = ErrorBody), Refusals))]
pub(super) async fn make(
    writes: WritesBenefits,
    Sent(sent): Sent<CouponForm>,
) -> Answer<CouponShown> {
    Ok(Json(coupon::make(&writes.cx, sent.into()).await?.into()))
}

/// Change a coupon
///
/// The form says all of it. Codes that were handed out keep the terms by which they were.
#[utoipa::path(put, path = "/api/v1/coupons/{coupon_id}", operation_id = "edit_coupon",
    tag = "benefits", params(("coupon_id" = String, Path, description = "The coupon")),
    request_body = CouponForm, responses(
    (status = 200, description = "The coupon", body = CouponShown),
    (status = 404, description = "There is no such coupon", body = ErrorBody),
    (status = 409, description = "Another coupon has this name, or it has ended",
     body = ErrorBody), Refusals))]
pub(super) async fn edit(
    writes: WritesBenefits,
    Path(id): Path<String>,
    Sent(sent): Sent<CouponForm>,
) -> Answer<CouponShown> {
    Ok(Json(coupon::edit(&writes.cx, number(&id)?, sent.into()).await?.into()))
}

/// End a coupon
///
/// Nothing of it is handed out any more, and codes that many share are used no more. What people
/// hold stays valid.
#[utoipa::path(post, path = "/api/v1/coupons/{coupon_id}/end", operation_id = "end_coupon",
    tag = "benefits", params(("coupon_id" = String, Path, description = "The coupon")),
    responses((status = 200, description = "The coupon", body = CouponShown),
    (status = 404, description = "There is no such coupon", body = ErrorBody),
    (status = 409, description = "It has ended already", body = ErrorBody), Refusals))]
pub(super) async fn end(writes: WritesBenefits, Path(id): Path<String>) -> Answer<CouponShown> {
    Ok(Json(coupon::end(&writes.cx, number(&id)?).await?.into()))
}

/// What a second person decides.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CouponDecision {
    /// Whether the version that waits is to be in force; otherwise it is refused.
    approve: bool,
}

/// Decide about a coupon that waits
///
/// Whoever made the version can only refuse it.
#[utoipa::path(post, path = "/api/v1/coupons/{coupon_id}/decision", operation_id = "decide_coupon",
    tag = "benefits", params(("coupon_id" = String, Path, description = "The coupon")),
    request_body = CouponDecision, responses(
    (status = 200, description = "The coupon", body = CouponShown),
    (status = 404, description = "There is no such coupon", body = ErrorBody),
    (status = 409, description = "Nothing waits", body = ErrorBody), Refusals))]
pub(super) async fn decide(
    writes: WritesBenefits,
    Path(id): Path<String>,
    Sent(CouponDecision { approve }): Sent<CouponDecision>,
) -> Answer<CouponShown> {
    Ok(Json(coupon::decide(&writes.cx, number(&id)?, approve).await?.into()))
}

/// What a coupon would say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CostForm {
    /// What it would say.
    #[schema(value_type = CouponTerms)]
    terms: Terms,
}

/// What a coupon would cost at the most
///
/// Nothing is made.
#[utoipa::path(post, path = "/api/v1/coupons/cost", operation_id = "coupon_cost",
    tag = "benefits", request_body = CostForm, responses(
    (status = 200, description = "What it can cost", body = CostShown), Refusals))]
pub(super) async fn cost(
    _: ReadsBenefits,
    Sent(CostForm { terms }): Sent<CostForm>,
) -> Answer<CostShown> {
    terms.check()?;
    Ok(Json(terms.cost().into()))
}

/// What the shop says of all of its coupons.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CouponPolicy {
    /// Minor units that a coupon may cost at the most without a second person's approval; null for
    /// no such limit.
    #[schema(required = true)]
    approval_above: Option<i64>,
}

/// What goes for all coupons
#[utoipa::path(get, path = "/api/v1/coupon_policy", operation_id = "coupon_policy",
    tag = "benefits", responses(
    (status = 200, description = "The policy", body = CouponPolicy), Refusals))]
pub(super) async fn policy(reads: ReadsBenefits, _: Asked<()>) -> Answer<CouponPolicy> {
    let Policy { approval_above } = coupon::policy(&reads.cx).await?;
    Ok(Json(CouponPolicy { approval_above }))
}

/// Change what goes for all coupons
#[utoipa::path(put, path = "/api/v1/coupon_policy", operation_id = "set_coupon_policy",
    tag = "benefits", request_body = CouponPolicy, responses(
    (status = 200, description = "The policy", body = CouponPolicy), Refusals))]
pub(super) async fn set_policy(
    writes: WritesBenefits,
    Sent(sent): Sent<CouponPolicy>,
) -> Answer<CouponPolicy> {
    let policy = Policy { approval_above: sent.approval_above };
    coupon::set_policy(&writes.cx, &policy).await?;
    Ok(Json(sent))
}
