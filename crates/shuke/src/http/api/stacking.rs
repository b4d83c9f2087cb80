//! The rules by which a shop's offers stand beside each other.

use axum::Json;
use benefit::offer::stack::Stacking;
use benefit::promotion;
use serde::Serialize;
use utoipa::ToSchema;

use super::Answer;
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::{ReadsBenefits, WritesBenefits};

/// When offers apply among each other: prices of single pieces, the price of the buyer's level,
/// what is taken off what they make together, and coupons.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum StackingStage {
    Price,
    MemberPrice,
    Promotion,
    Coupon,
}

/// On what thresholds and shares are measured: on what is left after the offers before, or on what
/// the goods cost without any offer.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum StackingBase {
    Reduced,
    Original,
}

/// What becomes of two promotions that set the price of the same goods: the later one is refused,
/// or each cart gets the better.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum StackingOverlap {
    Refused,
    Best,
}

/// How many of something a cart takes.
#[derive(Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum StackingLimit {
    /// As many as there are.
    Unlimited {},
    /// So many.
    AtMost {
        /// How many.
        most: i64,
    },
}

/// What points are worth.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct StackingCash {
    /// So many points, and whole multiples of them,
    points: i64,
    /// pay so many minor units.
    minor: i64,
    /// How much of the goods they pay at the most, in thousandths.
    share_most: u32,
    /// Whether they pay beside coupons.
    beside_coupons: bool,
}

/// How offers stand beside each other. What is left out of a request is as it is for a shop that
/// never said anything.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
pub(super) struct StackingRules {
    /// The order of stages, each once.
    #[schema(required = false)]
    order: Vec<StackingStage>,
    /// On what thresholds and shares are measured.
    #[schema(required = false)]
    base: StackingBase,
    /// Pairs of stages that do not go together in one cart.
    #[schema(required = false)]
    apart: Vec<Vec<StackingStage>>,
    /// Of the offers of each of these sets of stages, a line takes one.
    #[schema(required = false)]
    once: Vec<Vec<StackingStage>>,
    /// Promotions in one cart at the most.
    #[schema(required = false)]
    promotions: StackingLimit,
    /// Coupons in one cart at the most.
    #[schema(required = false)]
    coupons: StackingLimit,
    /// How much of the goods offers take off in all at the most, in thousandths.
    #[schema(required = false)]
    share_most: u32,
    /// Whether goods may cost less than they cost the shop.
    #[schema(required = false)]
    below_cost: bool,
    /// What points are worth; null where they do not pay.
    #[schema(required = false)]
    cash: Option<StackingCash>,
    /// What becomes of two promotions that set one price.
    #[schema(required = false)]
    overlap: StackingOverlap,
}

/// How offers stand beside each other
///
/// In which order they apply, which keep each other out, how many there may be, and what points
/// are worth.
#[utoipa::path(get, path = "/api/v1/stacking", operation_id = "stacking", tag = "benefits",
    responses((status = 200, description = "The rules", body = StackingRules), Refusals))]
pub(super) async fn show(reads: ReadsBenefits, _: Asked<()>) -> Answer<Stacking> {
    Ok(Json(promotion::stacking(&mut reads.cx.read().await?).await?))
}

/// Change how offers stand beside each other
///
/// What is left out is as it is for a shop that never said anything. Promotions that there are
/// stay, also where the new rules would refuse them.
#[utoipa::path(put, path = "/api/v1/stacking", operation_id = "set_stacking", tag = "benefits",
    request_body = StackingRules, responses(
    (status = 200, description = "The rules", body = StackingRules), Refusals))]
pub(super) async fn set(writes: WritesBenefits, Sent(sent): Sent<Stacking>) -> Answer<Stacking> {
    promotion::set_stacking(&writes.cx, &sent).await?;
    Ok(Json(sent))
}
