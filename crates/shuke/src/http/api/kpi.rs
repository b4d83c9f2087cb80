//! Figures of a period.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use base::{Date, Error, Result};
use evaluate::kpi::{Period, Report};
use utoipa::{IntoParams, ToSchema};

use super::Answer;
use crate::http::App;
use crate::http::asked::{Asked, Said, Wish};
use crate::http::error::Refusals;
use crate::http::who::ReadsKpi;

/// Which period.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The first day, by the shop's own days
    #[param(value_type = String, format = Date, example = "2026-10-01")]
    from: Date,
    /// The last day
    #[param(value_type = String, format = Date, example = "2026-10-31")]
    to: Date,
}

impl Wish for Wanted {
    fn read(said: &mut Said) -> Result<Self> {
        let missing = |name: &str| Error::bad("is missing").field(name).hint("say a day");
        Ok(Self {
            from: said.date("from")?.ok_or_else(|| missing("from"))?,
            to: said.date("to")?.ok_or_else(|| missing("to"))?,
        })
    }
}

/// Figures of a period
///
/// Beside those of the period of the same length before it, whole and day by day.
#[utoipa::path(get, path = "/api/v1/kpi", operation_id = "kpi", tag = "kpi", params(Wanted),
    responses((status = 200, description = "The figures", body = KpiReport), Refusals))]
pub(super) async fn show(
    State(app): State<App>,
    reads: ReadsKpi,
    Asked(asked): Asked<Wanted>,
) -> Answer<Arc<Report>> {
    Ok(Json(app.kpi(&reads, Period::new(asked.from, asked.to)?).await?))
}

/// Figures of a period and of the one before it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct KpiReport {
    /// The first day.
    #[schema(format = Date)]
    from: String,
    /// The last day.
    #[schema(format = Date)]
    to: String,
    /// The first day of the period before.
    #[schema(format = Date)]
    before_from: String,
    /// The last day of the period before.
    #[schema(format = Date)]
    before_to: String,
    /// The figures.
    figures: KpiFigures,
    /// Those of the period before.
    before: KpiFigures,
    /// The period day by day.
    days: Vec<KpiDay>,
    /// The period before day by day.
    before_days: Vec<KpiDay>,
}

/// The figures of a period. Amounts are minor units of the shop's currency.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct KpiFigures {
    /// Money received for orders that became sales in the period.
    paid_minor: i64,
    /// Money given back.
    refunded_minor: i64,
    /// Corrections.
    adjusted_minor: i64,
    /// Paid, less refunded, and adjusted.
    net_minor: i64,
    /// Paid orders.
    orders: i64,
    /// People with a paid order.
    buyers: i64,
    /// Those whose first paid order it was.
    new_buyers: i64,
    /// Those who had a paid order before.
    returning_buyers: i64,
    /// Money received from new buyers.
    new_paid_minor: i64,
    /// Paid ÷ paid orders; null without any.
    #[schema(required = true)]
    order_value_minor: Option<i64>,
    /// Paid ÷ paying buyers; null without any.
    #[schema(required = true)]
    spend_per_buyer_minor: Option<i64>,
    /// Buyers with two paid orders or more ÷ buyers.
    #[schema(required = true)]
    repeat_rate: Option<f64>,
    /// Last period's buyers who bought in this one ÷ last period's buyers.
    #[schema(required = true)]
    return_rate: Option<f64>,
    /// Orders placed, of every status.
    placed_orders: i64,
    /// Those of them that are neither paid nor closed.
    unpaid_orders: i64,
    /// Documents of refunds.
    refunds: i64,
}

/// The figures of a day. Amounts are minor units of the shop's currency.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct KpiDay {
    /// The local day.
    #[schema(format = Date)]
    date: String,
    /// Money received.
    paid_minor: i64,
    /// Paid, less refunded, and adjusted.
    net_minor: i64,
    /// Money given back.
    refunded_minor: i64,
    /// Paid orders.
    orders: i64,
    /// People with a paid order on that day.
    buyers: i64,
    /// Those whose first paid order was on that day.
    new_buyers: i64,
}
