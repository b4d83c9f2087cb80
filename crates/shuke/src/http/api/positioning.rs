//! The people a shop is made for, and how much of its business they are.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use store::audit::{self, Deed};
use stratify::positioning::{Positioning, Report, SETTING};
use utoipa::ToSchema;

use super::Answer;
use crate::http::App;
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::{ReadsSegments, WritesSegments};

/// What a shop declared, and how its business lies to it.
#[derive(Serialize)]
pub(super) struct Shown {
    declared: Positioning,
    report: Option<Report>,
}

/// The people the shop is made for
///
/// What the shop declared; the share of its buyers, money and margin that are of these people; and
/// the groups next to them in which there is most to win.
#[utoipa::path(get, path = "/api/v1/positioning", operation_id = "positioning", tag = "segments",
    responses((status = 200, description = "What was declared, and what it comes to",
    body = PositioningShown), Refusals))]
pub(super) async fn show(
    State(app): State<App>,
    reads: ReadsSegments,
    _: Asked<()>,
) -> Answer<Shown> {
    let declared = Positioning::load(&reads.cx).await?;
    let report = match declared.attributes.is_empty() {
        true => None,
        false => Some(app.positioning(&reads, &declared).await?),
    };
    Ok(Json(Shown { declared, report }))
}

/// Declare the people the shop is made for
///
/// All attributes at once; those that are not sent do not count.
#[utoipa::path(put, path = "/api/v1/positioning", operation_id = "set_positioning",
    tag = "segments", request_body = PositioningForm, responses(
    (status = 200, description = "What is declared", body = PositioningForm), Refusals))]
pub(super) async fn set(
    writes: WritesSegments,
    Sent(wish): Sent<Positioning>,
) -> Answer<Positioning> {
    let cx = &writes.cx;
    let wish = wish.checked(cx).await?;
    let before = serde_json::to_string(&Positioning::load(cx).await?).ok();
    let after = serde_json::to_string(&wish).ok();
    let mut tx = cx.write().await?;
    store::setting::set(&mut tx, SETTING, &wish).await?;
    audit::commit(tx, cx, Deed { action: "positioning.set", target: "", before, after }).await?;
    Ok(Json(wish))
}

/// What a shop declared, and how its business lies to it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct PositioningShown {
    /// What was declared.
    declared: PositioningForm,
    /// What it comes to; null before anything was declared.
    #[schema(required = true)]
    report: Option<PositioningReport>,
}

/// The people a shop is made for.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct PositioningForm {
    /// By what they are told apart, each attribute once.
    attributes: Vec<PositioningDeclared>,
}

/// An attribute and the values that the shop means.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct PositioningDeclared {
    /// The attribute.
    attribute: PositioningAttribute,
    /// Its values: `female`, `male` or `other`; age bands; provinces; price bands 1 to 5; numbers
    /// of tags for occupation and style.
    values: Vec<String>,
}

/// Something that people are told apart by.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum PositioningAttribute {
    Gender,
    Age,
    Occupation,
    Region,
    Style,
    PriceBand,
}

/// How a shop's business lies to what it is made for.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct PositioningReport {
    /// Those of whom every declared attribute is known.
    known: PositioningMeasured,
    /// Those of them who have a meant value of each.
    inside: PositioningMeasured,
    /// All customers of the shop.
    customers: i64,
    /// The share of the known ones' business that is inside.
    share: PositioningShare,
    /// The share of what was sold whose cost is known, 0 to 1; margins are of that only.
    #[schema(required = true)]
    cost_share: Option<f64>,
    /// Each declared attribute by itself.
    attributes: Vec<PositioningEach>,
    /// At most three groups that differ in one attribute, the largest prize first.
    adjacent: Vec<PositioningAdjacent>,
}

/// What a group of people comes to.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct PositioningMeasured {
    /// Customers.
    customers: i64,
    /// Those who paid for something.
    buyers: i64,
    /// Their net money, minor units.
    net_minor: i64,
    /// Amounts less costs of what they bought, minor units; null where the shop gave no costs.
    #[schema(required = true)]
    margin_minor: Option<i64>,
}

/// Which share of something is inside, 0 to 1; null of nothing.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct PositioningShare {
    /// Of buyers.
    #[schema(required = true)]
    buyers: Option<f64>,
    /// Of net money.
    #[schema(required = true)]
    net: Option<f64>,
    /// Of margin.
    #[schema(required = true)]
    margin: Option<f64>,
}

/// A declared attribute by itself.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct PositioningEach {
    /// The attribute.
    attribute: PositioningAttribute,
    /// Those of whom it is known.
    known: PositioningMeasured,
    /// Those of them who have a meant value.
    inside: PositioningMeasured,
    /// 100 times the share of buyers with a meant value, by that of customers.
    #[schema(required = true)]
    buyers_index: Option<f64>,
    /// 100 times the net money of a buyer with a meant value, by that of any buyer.
    #[schema(required = true)]
    value_index: Option<f64>,
}

/// People who have another value of one attribute, and a meant one of each other.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct PositioningAdjacent {
    /// The attribute in which they differ.
    attribute: PositioningAttribute,
    /// Its value.
    value: String,
    /// Customers.
    customers: i64,
    /// Those who paid for something.
    buyers: i64,
    /// Their net money, minor units.
    net_minor: i64,
    /// Amounts less costs of what they bought, minor units; null where the shop gave no costs.
    #[schema(required = true)]
    margin_minor: Option<i64>,
    /// What more they would come to if each of them came to what somebody inside does, minor units.
    prize_minor: i64,
}
