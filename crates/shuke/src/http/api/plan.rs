//! The plan of levels: what they take and bring, and what it would do and cost.

use axum::Json;
use axum::extract::State;
use base::Result;
use benefit::tier::plan;
use benefit::tier::plan::foreseen::{Foreseen, LevelForeseen, Progress, foreseen};
use benefit::tier::plan::rule::{Need, Plan};
use benefit::tier::rule::Effect;
use serde::Serialize;
use utoipa::ToSchema;

use super::Answer;
use crate::auth::permission::Permission;
use crate::http::App;
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::figure::apart;
use crate::http::who::{Access, ReadsBenefits, WritesBenefits};

/// The plan of levels
///
/// How customers come to levels by what they do, for how long, and what levels bring.
#[utoipa::path(get, path = "/api/v1/tiers/plan", operation_id = "tier_plan", tag = "benefits",
    responses((status = 200, description = "The plan", body = TierPlan), Refusals))]
pub(super) async fn show(reads: ReadsBenefits, _: Asked<()>) -> Answer<Plan> {
    let plan = plan::get(&mut reads.cx.read().await?).await?;
    Ok(Json(plan))
}

/// A plan of levels to begin with
///
/// For the levels that there are; what they take follows from what the shop's customers bought in
/// the last 365 days. It is not set.
#[utoipa::path(get, path = "/api/v1/tiers/plan/usual", operation_id = "usual_tier_plan",
    tag = "benefits", responses((status = 200, description = "A plan", body = TierPlan),
    Refusals))]
pub(super) async fn usual(
    State(app): State<App>,
    reads: ReadsBenefits,
    _: Asked<()>,
) -> Answer<Plan> {
    let sales = app.sales(&reads).await?;
    let plan = plan::usual::usual((&reads.cx, &reads.shop.zone), &sales).await?;
    Ok(Json(plan))
}

/// Set the plan of levels
///
/// Whoever has what a level takes has it at once. What was reached stays for its time.
#[utoipa::path(put, path = "/api/v1/tiers/plan", operation_id = "set_tier_plan",
    tag = "benefits", request_body = TierPlan, responses(
    (status = 200, description = "The plan", body = TierPlan), Refusals))]
pub(super) async fn set(
    State(app): State<App>,
    writes: WritesBenefits,
    Sent(sent): Sent<Plan>,
) -> Answer<Plan> {
    names_segments(&writes, &sent)?;
    plan::set(&writes.cx, &sent).await?;
    if sent.active {
        let (sales, own) = (app.sales(&writes).await?, Access::clone(&writes));
        let here = tokio::runtime::Handle::current();
        let work = async move { plan::settle((&own.cx, &own.shop.zone), &sales).await };
        apart(move || here.block_on(work)).await?;
    } else {
        benefit::tier::refresh(&writes.cx).await?;
    }
    Ok(Json(sent))
}

/// Who is in a segment is told to those who may look.
fn names_segments(access: &Access, plan: &Plan) -> Result<()> {
    match plan.takes(|need| matches!(need, Need::Segment { .. })) {
        true => access.needs(Permission::SegmentsRead),
        false => Ok(()),
    }
}

/// What a plan of levels would do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlanForeseen {
    /// Level by level, the lowest first.
    levels: Vec<LevelShown>,
    /// People whose level would rise.
    up: u64,
    /// People whose level would fall.
    down: u64,
    /// People whose level would stay.
    same: u64,
    /// What the levels' discounts would have cost in the last 365 days, minor units.
    discount_minor: i64,
    /// How many more points would have been earned in that time.
    points: i64,
}

/// What a plan would do for one level, told by the last 365 days.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LevelShown {
    /// The level.
    tier_id: String,
    /// People who have it now.
    before: u64,
    /// People who would have it.
    after: u64,
    /// What those spent, minor units.
    spent_minor: i64,
    /// Their paid orders.
    orders: i64,
    /// What its discount would have taken off that, minor units.
    discount_minor: i64,
    /// How many more points they would have earned.
    points: i64,
}

impl From<LevelForeseen> for LevelShown {
    fn from(own: LevelForeseen) -> Self {
        let LevelForeseen { tier, before, after, spent_minor, orders, discount_minor, points } =
            own;
        let tier_id = tier.to_string();
        Self { tier_id, before, after, spent_minor, orders, discount_minor, points }
    }
}

impl From<Foreseen> for PlanForeseen {
    fn from(own: Foreseen) -> Self {
        let Effect { up, down, same } = own.effect;
        Self {
            discount_minor: own.levels.iter().map(|level| level.discount_minor).sum(),
            points: own.levels.iter().map(|level| level.points).sum(),
            levels: own.levels.into_iter().map(LevelShown::from).collect(),
            up,
            down,
            same,
        }
    }
}

/// What a plan of levels would do and cost
///
/// If it were set now; nothing changes. What it costs is told by what people bought in the last
/// 365 days.
#[utoipa::path(post, path = "/api/v1/tiers/plan/preview", operation_id = "preview_tier_plan",
    tag = "benefits", request_body = TierPlan, responses(
    (status = 200, description = "What it would do", body = PlanForeseen), Refusals))]
pub(super) async fn preview(
    State(app): State<App>,
    reads: ReadsBenefits,
    Sent(sent): Sent<Plan>,
) -> Answer<PlanForeseen> {
    names_segments(&reads, &sent)?;
    let (sales, own) = (app.sales(&reads).await?, Access::clone(&reads));
    let here = tokio::runtime::Handle::current();
    let work = async move { foreseen((&own.cx, &own.shop.zone), &sales, &sent).await };
    Ok(Json(apart(move || here.block_on(work)).await?.into()))
}

/// How a customer stands by the plan of levels.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TierProgress {
    /// What their level brings.
    #[schema(value_type = TierBenefits)]
    benefits: benefit::tier::plan::rule::Benefits,
    /// The next level; null for whoever has the highest, and while the plan is off.
    #[schema(required = true)]
    next: Option<NextTier>,
}

/// What is missing to a level.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NextTier {
    /// The level.
    tier_id: String,
    /// Whether all of the steps are needed; otherwise one is enough.
    all: bool,
    /// What it takes and what they have.
    steps: Vec<TierStep>,
}

/// Something that a level takes, and what somebody has of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TierStep {
    /// What it takes.
    #[schema(value_type = TierNeed)]
    need: Need,
    /// What they have of it; null for a segment.
    #[schema(required = true)]
    has: Option<i64>,
}

impl From<Progress> for TierProgress {
    fn from(own: Progress) -> Self {
        let Progress { benefits, next } = own;
        let next = next.map(|next| NextTier {
            tier_id: next.tier.to_string(),
            all: next.all,
            steps: next
                .steps
                .into_iter()
                .map(|step| TierStep { need: step.need, has: step.has })
                .collect(),
        });
        Self { benefits, next }
    }
}

/// How customers come to levels by what they do, and what levels bring.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct TierPlan {
    /// Whether levels are reached by it.
    active: bool,
    /// Over which time what they bought counts.
    window: TierWindow,
    /// Days that an order has to lie back before it counts, while goods can still come back.
    #[schema(required = false, maximum = 3660)]
    wait_days: u16,
    /// How long a level stays that was reached.
    keep: TierKeep,
    /// Days for which a level stays after its time is over.
    #[schema(required = false, maximum = 3660)]
    grace_days: u16,
    /// Whether whoever loses a level falls to the next lower one, for as long again.
    #[schema(required = false)]
    one_step: bool,
    /// What levels take and bring, in the order of the levels.
    #[schema(required = false)]
    levels: Vec<TierLevel>,
}

/// Over which time what customers bought counts.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct TierWindow {
    /// All that they ever bought, the last so many days, or this calendar year.
    kind: TierWindowKind,
    /// The days, of `days`.
    days: Option<u16>,
}

/// Over which time what customers bought counts.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum TierWindowKind {
    Ever,
    Days,
    Year,
}

/// How long a level stays.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct TierKeep {
    /// As long as what it takes is there, so many days, or until the end of a calendar year.
    kind: TierKeepKind,
    /// The days, of `days`.
    days: Option<u16>,
    /// Whether until the end of the next year, of `year`.
    next: Option<bool>,
}

/// How long a level stays.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum TierKeepKind {
    Met,
    Days,
    Year,
}

/// What a level takes and brings.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct TierLevel {
    /// The level's number.
    tier: i64,
    /// What it takes; nobody reaches a level that takes nothing, it is given by hand.
    #[schema(required = false)]
    needs: Vec<TierNeed>,
    /// Whether all of them are needed; otherwise one is enough.
    #[schema(required = false)]
    all: bool,
    /// Whether whoever has reached it, or a higher one, never falls below it.
    #[schema(required = false)]
    lifetime: bool,
    /// What it brings.
    #[schema(required = false)]
    benefits: TierBenefits,
}

/// Something that a level takes.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct TierNeed {
    /// Money paid less money given back in minor units, paid orders, growth, or a segment.
    kind: TierNeedKind,
    /// How much, at least 1; of all but `segment`.
    at_least: Option<i64>,
    /// The segment's number, of `segment`.
    segment: Option<i64>,
}

/// What a level takes.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum TierNeedKind {
    Spend,
    Orders,
    Growth,
    Segment,
}

/// What having a level brings.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct TierBenefits {
    /// By how much the points of an order are multiplied, in thousandths.
    #[schema(required = false, minimum = 1000)]
    points_times: u32,
    /// The share of the price that is taken off, in ten-thousandths.
    #[schema(required = false, maximum = 9999)]
    discount: u16,
    /// Whether postage is free.
    #[schema(required = false)]
    free_shipping: bool,
    /// By how many hours they may buy earlier than others.
    #[schema(required = false, maximum = 2160)]
    early_hours: u16,
    /// Others, in the shop's own words.
    #[schema(required = false)]
    others: Vec<String>,
}
