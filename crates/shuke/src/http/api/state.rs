//! How things stand in a shop: what is in it, and how fresh that is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use evaluate::todo::Todo;
use perceive::fold;
use serde::Serialize;
use store::log;
use utoipa::ToSchema;

use super::{Answer, micros};
use crate::http::App;
use crate::http::asked::Asked;
use crate::http::error::Refusals;
use crate::http::figure::Census;
use crate::http::who::ReadsKpi;

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// How things stand in a shop.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ShopState {
    /// Customers.
    customers: i64,
    /// Sales.
    orders: i64,
    /// Products.
    products: i64,
    /// Events.
    events: i64,
    /// When the last event happened.
    #[schema(required = true, format = DateTime)]
    last_event_at: Option<String>,
    /// When the last order was paid, or placed where that is not known.
    #[schema(required = true, format = DateTime)]
    last_sold_at: Option<String>,
    /// When the last import began that was not undone.
    #[schema(required = true, format = DateTime)]
    last_import_at: Option<String>,
    /// Seconds that the oldest event has waited which is not taken in yet.
    lag_seconds: i64,
    /// Facts that could not be taken in.
    set_aside: i64,
}

/// How things stand
#[utoipa::path(get, path = "/api/v1/state", operation_id = "state", tag = "kpi", responses(
    (status = 200, description = "What is in the shop, and how fresh that is", body = ShopState),
    Refusals))]
pub(super) async fn show(
    State(app): State<App>,
    reads: ReadsKpi,
    _: Asked<()>,
) -> Answer<ShopState> {
    let census: Arc<Census> = app.census(&reads).await?;
    let waiting = log::waiting(&app.place.cx(), fold::READER, fold::TOPICS).await?;
    let since = waiting.oldest.map_or(0, |oldest| reads.cx.now.micros() - oldest.micros());
    Ok(Json(ShopState {
        customers: census.customers,
        orders: census.orders,
        products: census.products,
        events: census.events,
        last_event_at: census.last_event.map(micros),
        last_sold_at: census.last_sold.map(micros),
        last_import_at: census.last_import.map(micros),
        lag_seconds: since.max(0) / SECOND,
        set_aside: census.aside,
    }))
}

/// Something that can be done.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct TodoShown {
    /// Which rule found it: `rescue` (key customers who stay away), `once` (who bought once) or
    /// `unpaid` (orders without payment).
    kind: String,
    /// People, or orders where it is about orders.
    count: i64,
    /// What these people have brought so far, in minor units.
    #[schema(required = true)]
    net_minor: Option<i64>,
    /// The days that the rule speaks of.
    days: i32,
}

/// What can be done now
#[utoipa::path(get, path = "/api/v1/todo", operation_id = "todo", tag = "kpi", responses(
    (status = 200, description = "What concerns somebody", body = Vec<TodoShown>), Refusals))]
pub(super) async fn todo(
    State(app): State<App>,
    reads: ReadsKpi,
    _: Asked<()>,
) -> Answer<Vec<Todo>> {
    Ok(Json(app.todo(&reads).await?.to_vec()))
}
