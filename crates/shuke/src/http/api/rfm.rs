//! RFM.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use base::{Error, Result};
use stratify::rfm::{self, Report, Setting};
use utoipa::{IntoParams, ToSchema};

use super::customer::StratumName;
use super::{Answer, ErrorBody};
use crate::http::App;
use crate::http::asked::{Asked, Said, Wish};
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::{EditsRfm, ReadsRfm};

/// Strata
///
/// What `shuke rfm --json` prints: customers by how recently, how often and for how much they
/// bought, by the shop's own rules, as of now.
#[utoipa::path(get, path = "/api/v1/rfm", operation_id = "rfm",
    tag = "rfm", responses(
    (status = 200, description = "The run", body = RfmReport), Refusals))]
pub(super) async fn show(
    State(app): State<App>,
    reads: ReadsRfm,
    _: Asked<()>,
) -> Answer<Arc<Report>> {
    Ok(Json(app.rfm(&reads).await?))
}

/// Stored runs that are listed at the most.
const RUNS_MAX: i64 = 400;

/// Stored runs
#[utoipa::path(get, path = "/api/v1/rfm/runs", operation_id = "rfm_runs", tag = "rfm", responses(
    (status = 200, description = "The runs, the latest first", body = Vec<RfmRun>), Refusals))]
pub(super) async fn runs(reads: ReadsRfm, _: Asked<()>) -> Answer<Vec<rfm::Stored>> {
    Ok(Json(rfm::runs(&reads.cx, RUNS_MAX).await?))
}

/// Between which runs.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Between {
    /// The earlier run
    #[param(value_type = String)]
    from: i64,
    /// The later run
    #[param(value_type = String)]
    to: i64,
}

impl Wish for Between {
    fn read(said: &mut Said) -> Result<Self> {
        let missing = |name: &str| Error::bad("is missing").field(name).hint("say a run_id");
        Ok(Self {
            from: said.id("from")?.ok_or_else(|| missing("from"))?,
            to: said.id("to")?.ok_or_else(|| missing("to"))?,
        })
    }
}

/// How people moved between two stored runs
#[utoipa::path(get, path = "/api/v1/rfm/movement", operation_id = "rfm_movement", tag = "rfm",
    params(Between), responses(
    (status = 200, description = "How many went from where to where", body = Vec<RfmFlow>),
    (status = 404, description = "There is no such run", body = ErrorBody), Refusals))]
pub(super) async fn movement(
    reads: ReadsRfm,
    Asked(asked): Asked<Between>,
) -> Answer<Vec<rfm::Flow>> {
    Ok(Json(rfm::movement(&reads.cx, (asked.from, asked.to)).await?))
}

/// What the shop's rules would give
///
/// Works RFM out by other rules and keeps nothing.
#[utoipa::path(post, path = "/api/v1/rfm/preview", operation_id = "rfm_preview", tag = "rfm",
    request_body = RfmSetting, responses(
    (status = 200, description = "The run", body = RfmReport), Refusals))]
pub(super) async fn preview(
    State(app): State<App>,
    reads: ReadsRfm,
    Sent(wish): Sent<Setting>,
) -> Answer<Report> {
    let mirror = app.mirror(reads.cx.shop).await;
    let run = rfm::report(&reads.cx, &mirror, &reads.shop.zone, (None, &wish)).await?;
    Ok(Json(run.report))
}

/// Change the shop's rules
///
/// A run by the new rules is stored; scores are by them from now on.
#[utoipa::path(put, path = "/api/v1/rfm/setting", operation_id = "set_rfm", tag = "rfm",
    request_body = RfmSetting, responses(
    (status = 200, description = "The run by the new rules", body = RfmReport), Refusals))]
pub(super) async fn set(
    State(app): State<App>,
    edits: EditsRfm,
    Sent(wish): Sent<Setting>,
) -> Answer<Report> {
    let (cx, zone) = (&edits.cx, &edits.shop.zone);
    let mirror = app.mirror(cx.shop).await;
    let run = rfm::report(cx, &mirror, zone, (None, &wish)).await?;
    rfm::save(cx, &run, true).await?;
    app.forget_scores(cx.shop);
    Ok(Json(run.report))
}

/// A stored run.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct RfmRun {
    /// Its number within the shop.
    run_id: String,
    /// The local day at whose end its measures are.
    #[schema(format = Date)]
    as_of: String,
}

/// People who went from one stratum to another.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct RfmFlow {
    /// The stratum before; null for those who had not paid for an order.
    #[schema(required = true)]
    from: Option<StratumName>,
    /// The stratum after; null for those who are not in the run any more.
    #[schema(required = true)]
    to: Option<StratumName>,
    /// People.
    customers: i64,
}

/// What RFM says of a shop.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct RfmReport {
    /// The local day at whose end the measures are.
    #[schema(format = Date)]
    as_of: String,
    /// Everyone who has paid for an order.
    customers: i64,
    /// Cut points.
    cuts: RfmCuts,
    /// Cells with somebody in them.
    matrix: Vec<RfmCell>,
    /// The eight strata in their order.
    strata: Vec<RfmStratum>,
    /// What the best customers bring.
    top: Vec<RfmTop>,
    /// Which measure told best, 90 days ago, who would buy until now.
    #[schema(required = true)]
    foretold: Option<RfmForetold>,
    /// By which rules.
    setting: RfmSetting,
}

/// Four increasing values between five scores.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct RfmCuts {
    /// Local days.
    r: Vec<String>,
    /// Paid orders.
    f: Vec<i64>,
    /// Net money in minor units of the shop's currency.
    m: Vec<i64>,
}

/// Customers of equal scores.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct RfmCell {
    /// Score of recency.
    #[schema(minimum = 1, maximum = 5)]
    r: u8,
    /// Score of frequency.
    #[schema(minimum = 1, maximum = 5)]
    f: u8,
    /// Score of money.
    #[schema(minimum = 1, maximum = 5)]
    m: u8,
    /// People.
    customers: i64,
    /// Their net money in minor units of the shop's currency.
    net_minor: i64,
}

/// A stratum.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct RfmStratum {
    /// Its code.
    stratum: StratumName,
    /// Its name in Chinese.
    name_zh: String,
    /// Its name in English.
    name_en: String,
    /// People.
    customers: i64,
    /// Share of all people.
    customer_share: f64,
    /// Their net money in minor units of the shop's currency.
    net_minor: i64,
    /// Share of all net money.
    revenue_share: f64,
    /// People who were not in it in the stored run before.
    entered: i64,
    /// People who were, and are not any more.
    left: i64,
}

/// What the best customers bring.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct RfmTop {
    /// Share of customers, those with the most net money.
    share: f64,
    /// Their share of all net money.
    revenue_share: f64,
}

/// How well each measure told who would come back; 0.5 is chance.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct RfmForetold {
    /// The day at whose end the measures were taken.
    #[schema(format = Date)]
    as_of: String,
    /// Customers then.
    customers: i64,
    /// How many of them bought in the 90 days after.
    came_back: i64,
    /// Recency.
    r: f64,
    /// Frequency.
    f: f64,
    /// Money.
    m: f64,
    /// The best of the three: `r`, `f` or `m`.
    best: String,
}

/// The shop's rules.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct RfmSetting {
    /// What recency is counted from: `order`, `payment` or `visit`.
    recency: String,
    /// What makes a measure high: `score` or `mean`.
    high: String,
    /// Cut-offs that the shop sets; quantiles otherwise.
    #[schema(required = true)]
    fixed: Option<RfmFixed>,
    /// Only what happened in this many days counts; everything otherwise.
    #[schema(required = true)]
    window_days: Option<u32>,
}

/// Cut-offs that a shop sets.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct RfmFixed {
    /// Days since the last order.
    r_days: Vec<i64>,
    /// Paid orders.
    f: Vec<i64>,
    /// Net money in minor units of the shop's currency.
    m: Vec<i64>,
}
