//! The lifecycle of a shop's customers.

use axum::Json;
use axum::extract::State;
use base::{Error, Result};
use store::audit::{self, Deed};
use stratify::lifecycle::{self, MONTHS_MAX, Report, Setting};
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use crate::http::App;
use crate::http::asked::{Asked, Said, Wish};
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::figure::apart;
use crate::http::who::{Access, ReadsSegments, WritesSegments};

/// Months that are told where nothing else is asked for.
const MONTHS: u32 = 12;

/// How far back.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Back {
    /// Months before this one
    #[param(required = false, minimum = 1, maximum = 36, default = 12)]
    months: u32,
}

impl Wish for Back {
    fn read(said: &mut Said) -> Result<Self> {
        let months = said.number("months")?.map_or(Ok(MONTHS), u32::try_from).ok();
        let months = months.filter(|months| (1..=MONTHS_MAX).contains(months));
        let wrong = || Error::bad(format!("is 1 to {MONTHS_MAX}")).field("months");
        Ok(Self { months: months.ok_or_else(wrong)? })
    }
}

/// The lifecycle of everybody
///
/// How many are at each stage, and who moved in each month.
#[utoipa::path(get, path = "/api/v1/lifecycle", operation_id = "lifecycle", tag = "segments",
    params(Back), responses(
    (status = 200, description = "Stages, months and movement", body = LifecycleReport),
    Refusals))]
pub(super) async fn show(
    State(app): State<App>,
    reads: ReadsSegments,
    Asked(asked): Asked<Back>,
) -> Answer<Report> {
    let wish = lifecycle::setting(&reads.cx).await?;
    Ok(Json(report(&app, &reads, (wish, asked.months)).await?))
}

async fn report(app: &App, access: &Access, (wish, months): (Setting, u32)) -> Result<Report> {
    let (mirror, sales) = (app.mirror(access.cx.shop).await, app.sales(access).await?);
    let (zone, now) = (access.shop.zone.clone(), access.cx.now);
    let of = move || lifecycle::report(&mirror, &sales, (&zone, zone.date(now)), (&wish, months));
    let report = apart(of).await?;
    let anonymous = *app.anonymous(access, report.setting.lost_days).await?;
    Ok(Report { anonymous, ..report })
}

/// What other limits would give
///
/// Works the stages out by other limits and keeps nothing.
#[utoipa::path(post, path = "/api/v1/lifecycle/preview", operation_id = "preview_lifecycle",
    tag = "segments", request_body = LifecycleSetting, responses(
    (status = 200, description = "Stages by these limits", body = LifecycleReport), Refusals))]
pub(super) async fn preview(
    State(app): State<App>,
    reads: ReadsSegments,
    Sent(wish): Sent<Setting>,
) -> Answer<Report> {
    wish.check()?;
    Ok(Json(report(&app, &reads, (wish, 1)).await?))
}

/// Change the days and orders that part the stages
#[utoipa::path(put, path = "/api/v1/lifecycle/setting", operation_id = "set_lifecycle",
    tag = "segments", request_body = LifecycleSetting, responses(
    (status = 200, description = "Stages by the new limits", body = LifecycleReport), Refusals))]
pub(super) async fn set(
    State(app): State<App>,
    writes: WritesSegments,
    Sent(wish): Sent<Setting>,
) -> Answer<Report> {
    wish.check()?;
    let cx = &writes.cx;
    let before = serde_json::to_string(&lifecycle::setting(cx).await?).ok();
    let after = serde_json::to_string(&wish).ok();
    let mut tx = cx.write().await?;
    store::setting::set(&mut tx, lifecycle::SETTING, &wish).await?;
    audit::commit(tx, cx, Deed { action: "lifecycle.set", target: "", before, after }).await?;
    app.forget_stages(cx.shop);
    Ok(Json(report(&app, &writes, (wish, MONTHS)).await?))
}

/// The lifecycle of a shop's customers.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct LifecycleReport {
    /// The local day.
    #[schema(format = Date)]
    as_of: String,
    /// The days and orders that part the stages now.
    setting: LifecycleSetting,
    /// What the shop's own orders say, where there are enough of them.
    #[schema(required = true)]
    learned: Option<LifecycleLearned>,
    /// The stages in their order.
    stages: Vec<LifecycleStage>,
    /// Visitors of the last `lost_days` who are no customers: nobody knows who they are.
    anonymous: i64,
    /// The ends of months, the oldest first; the last is now.
    months: Vec<LifecycleMonth>,
}

/// The stages of a customer's life with the shop.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
pub(super) enum StageName {
    Visitor,
    Prospect,
    New,
    Active,
    Loyal,
    AtRisk,
    Dormant,
    Lost,
    WonBack,
}

/// The days and orders that part the stages.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct LifecycleSetting {
    /// Days after the first paid order for which somebody is new.
    new_days: i64,
    /// Days after the last paid order after which somebody is at risk.
    at_risk_days: i64,
    /// Days after which somebody sleeps.
    dormant_days: i64,
    /// Days after which somebody is lost.
    lost_days: i64,
    /// Paid orders that make somebody loyal.
    loyal_orders: i64,
    /// Whether the last three limits of days are learned from the shop's own orders.
    learned: bool,
}

/// Days that a shop's own orders say.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct LifecycleLearned {
    /// How many intervals between paid orders they are from.
    intervals: i64,
    /// Three of four came back within so many days.
    at_risk_days: i64,
    /// Nine of ten did.
    dormant_days: i64,
    /// All but one of forty did.
    lost_days: i64,
}

/// A stage.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct LifecycleStage {
    /// Its word.
    stage: StageName,
    /// People.
    customers: i64,
    /// Their net money in minor units of the shop's currency.
    net_minor: i64,
}

/// A month.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct LifecycleMonth {
    /// Its last day, or today in the month that is not over.
    #[schema(format = Date)]
    day: String,
    /// People at each stage, in the order of the stages.
    customers: Vec<i64>,
    /// Who moved since the end of the month before, or stayed.
    moved: Vec<LifecycleFlow>,
}

/// People who went from one stage to another.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct LifecycleFlow {
    /// The stage before; null for those who were not known yet.
    #[schema(required = true)]
    from: Option<StageName>,
    /// The stage after.
    to: StageName,
    /// People.
    customers: i64,
}
