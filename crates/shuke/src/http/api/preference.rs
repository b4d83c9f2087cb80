//! What customers like, and what the shop wants said to them.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use store::audit::{self, Deed};
use stratify::preference::guidance::SETTING;
use stratify::preference::{self, Guidance, Line, Marked, Preferences, Taste};
use utoipa::ToSchema;

use super::customer::whole::row_of;
use super::{Answer, ErrorBody};
use crate::http::App;
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::{ReadsCustomers, ReadsSegments, WritesSegments};

/// What the customers of a shop like, and what is to be said to them.
#[derive(Serialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    taste: Taste,
    #[serde(flatten)]
    guidance: Guidance,
}

/// What customers like by province
///
/// The categories that a larger share of a province's buyers bought than of those elsewhere, by
/// paid orders; and the shop's own lines for provinces and tags.
#[utoipa::path(get, path = "/api/v1/preferences", operation_id = "preferences", tag = "segments",
    responses((status = 200, description = "Provinces and lines", body = PreferenceReport),
    Refusals))]
pub(super) async fn show(
    State(app): State<App>,
    reads: ReadsSegments,
    _: Asked<()>,
) -> Answer<Shown> {
    let guidance = Guidance::load(&reads.cx).await?;
    Ok(Json(Shown { taste: (*app.taste(&reads).await?).clone(), guidance }))
}

/// Change what is to be said
///
/// All lines at once; those that are not sent are gone.
#[utoipa::path(put, path = "/api/v1/preferences/guidance", operation_id = "set_guidance",
    tag = "segments", request_body = GuidanceForm, responses(
    (status = 200, description = "The lines as they are kept", body = GuidanceForm), Refusals))]
pub(super) async fn set(writes: WritesSegments, Sent(wish): Sent<Guidance>) -> Answer<Guidance> {
    let cx = &writes.cx;
    let wish = wish.checked(cx).await?;
    let before = serde_json::to_string(&Guidance::load(cx).await?).ok();
    let after = serde_json::to_string(&wish).ok();
    let mut tx = cx.write().await?;
    store::setting::set(&mut tx, SETTING, &wish).await?;
    audit::commit(tx, cx, Deed { action: "guidance.set", target: "", before, after }).await?;
    Ok(Json(wish))
}

/// What a customer likes, and what is to be said to them.
#[derive(Serialize)]
pub(super) struct OfCustomer {
    #[serde(flatten)]
    own: Preferences,
    /// The shop's own lines.
    lines: Vec<Line>,
    /// What the customers of their province like more than others.
    region: Option<RegionOf>,
}

/// What the customers of a province like more than others.
#[derive(Serialize)]
struct RegionOf {
    province: String,
    likes: Vec<Marked>,
}

/// What a customer likes
///
/// By what they bought and looked at, the latest counting most; the shop's own lines for them; and
/// what the customers of their province like more than others. What is private is not looked at.
#[utoipa::path(get, path = "/api/v1/customers/{customer_id}/preferences",
    operation_id = "customer_preferences", tag = "customers",
    params(("customer_id" = String, Path, description = "The customer")), responses(
    (status = 200, description = "What they like", body = CustomerPreferences),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(super) async fn of_customer(
    State(app): State<App>,
    reads: ReadsCustomers,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<OfCustomer> {
    let row = row_of(&mut reads.cx.read().await?, &id).await?;
    let taste = app.taste(&reads).await?;
    let own = app.preferences(&reads, (&taste, row.customer_no)).await?;
    let tags = preference::tags_of(&reads.cx, row.customer_no).await?;
    let guidance = Guidance::load(&reads.cx).await?;
    let lines = guidance.of(row.province.as_deref(), &tags).into_iter().cloned().collect();
    let region = row.province.map(|province| {
        let likes = taste.of(&province).to_vec();
        RegionOf { province, likes }
    });
    Ok(Json(OfCustomer { own, lines, region }))
}

/// What the customers of a shop like, and what is to be said to them.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct PreferenceReport {
    /// What the customers of each province like more than others, those with most buyers first.
    regions: Vec<PreferenceRegion>,
    /// Where the fifths of the prices of pieces that were sold end, in minor units; the last has no
    /// end. Empty where nothing was sold.
    price_cuts_minor: Vec<i64>,
    /// The shop's own lines.
    lines: Vec<GuidanceLine>,
}

/// What the customers of a province like more than others.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct PreferenceRegion {
    /// The province.
    province: String,
    /// Its customers with a paid order.
    buyers: i64,
    /// The categories, the surest first.
    likes: Vec<PreferenceMarked>,
}

/// A category that a larger share of a province's buyers bought than of those elsewhere.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct PreferenceMarked {
    /// The category.
    category: String,
    /// How many of the province's buyers bought it.
    buyers: i64,
    /// Their share of its buyers.
    share: f64,
    /// The share of the buyers elsewhere.
    elsewhere_share: f64,
    /// How many times as large the one is as the other; null where nobody elsewhere bought it.
    #[schema(required = true)]
    times: Option<f64>,
    /// At the least, with 99.9 %.
    times_at_least: f64,
}

/// The shop's own lines.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct GuidanceForm {
    /// The lines, in the shop's order.
    lines: Vec<GuidanceLine>,
}

/// What is to be said to some customers.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct GuidanceLine {
    /// By what they are chosen.
    on: GuidanceOn,
    /// The province's name, or the tag's number.
    value: String,
    /// What is said.
    text: String,
}

/// By what customers are chosen.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum GuidanceOn {
    Province,
    Tag,
}

/// What a customer likes, and what is to be said to them.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct CustomerPreferences {
    /// Categories.
    categories: Vec<PreferenceLiking>,
    /// Brands.
    brands: Vec<PreferenceLiking>,
    /// Fifths of the prices of pieces that the shop sells, 1 to 5.
    price_bands: Vec<PreferenceLiking>,
    /// Local hours of the day, 0 to 23.
    hours: Vec<PreferenceLiking>,
    /// Where they buy and look.
    channels: Vec<PreferenceLiking>,
    /// How much they buy at a discount.
    discount: PreferenceDiscount,
    /// The shop's own lines for them: those of their tags first.
    lines: Vec<GuidanceLine>,
    /// What the customers of their province like more than others.
    #[schema(required = true)]
    region: Option<PreferenceOfRegion>,
}

/// What the customers of a province like more than others.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct PreferenceOfRegion {
    /// The province.
    province: String,
    /// The categories, the surest first.
    likes: Vec<PreferenceMarked>,
}

/// A value that somebody likes, and what says so.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct PreferenceLiking {
    /// The value.
    value: String,
    /// Its share of all that was done, from 0 to 1; a deed weighs half as much with every 90 days.
    share: f64,
    /// Lines of paid orders; orders where the value is a channel.
    bought: i64,
    /// Other deeds.
    looked: i64,
    /// The last of all.
    #[schema(format = DateTime)]
    last_at: String,
}

/// How much somebody buys at a discount.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct PreferenceDiscount {
    /// Paid orders.
    orders: i64,
    /// Those of them in which a line cost less than its pieces.
    discounted: i64,
    /// Their share; null without a paid order.
    #[schema(required = true)]
    share: Option<f64>,
    /// The same of all orders of customers in the same stratum.
    #[schema(required = true)]
    peers_share: Option<f64>,
}
