//! What the shop has promised, and the rules of what it counts.

use axum::Json;
use axum::extract::Path;
use base::{Error, Result};
use benefit::ledger::expiry::Policy;
use benefit::ledger::{self, Liability, Unit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answer;
use super::wallet::UnitName;
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::{ReadsBenefits, WritesBenefits};

/// What the shop has promised of a unit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LiabilityShown {
    /// The unit.
    unit: UnitName,
    /// Customers who have some.
    holders: i64,
    /// What they have together.
    outstanding: i64,
    /// What is held of it.
    held: i64,
    /// What is expected beside it.
    pending: i64,
    /// What customers owe.
    owed: i64,
    /// What went through the shop's accounts.
    houses: Vec<HouseShown>,
    /// What runs out in this month and each of the twelve after it.
    expiring: Vec<MonthShown>,
    /// The share of what ever left that ran out instead of being spent; null while nothing has.
    #[schema(required = true)]
    breakage: Option<f64>,
    /// What of the outstanding will run out if that share stays.
    #[schema(required = true)]
    breakage_forecast: Option<i64>,
    /// Its rules.
    policy: PolicyForm,
}

/// What went through one of the shop's accounts.
#[derive(Debug, Serialize, ToSchema)]
struct HouseShown {
    /// `issued`, `redeemed`, `expired`, `adjusted` or `forgiven`.
    house: &'static str,
    /// Everything that went out of it.
    debits: i64,
    /// Everything that came into it.
    credits: i64,
}

/// What runs out in a month.
#[derive(Debug, Serialize, ToSchema)]
struct MonthShown {
    /// The month's first day.
    #[schema(format = Date)]
    month: String,
    /// How much.
    amount: i64,
}

/// The rules of a unit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyForm {
    /// When it runs out.
    expiry: ExpiryForm,
    /// Whether what is taken back after it was spent is owed; otherwise the shop lets go of it.
    debt: bool,
    /// Days that what is given back can be spent if it has run out meanwhile; 366 at the most.
    returned_days: u16,
    /// Adjustments by hand above this need a second person; null for none.
    #[schema(required = true)]
    approval_above: Option<i64>,
    /// The most that one customer gets by hand in a day; null for any.
    #[schema(required = true)]
    adjusted_a_day: Option<i64>,
    /// The most that one customer spends at once; null for any.
    #[schema(required = true)]
    spent_at_once: Option<i64>,
    /// The most that one customer spends in a day; null for any.
    #[schema(required = true)]
    spent_a_day: Option<i64>,
    /// The most that one customer spends in a month; null for any.
    #[schema(required = true)]
    spent_a_month: Option<i64>,
}

/// When something runs out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ExpiryForm {
    /// `never`, `rolling` after it came, on days of the `calendar`, or after `inactivity`.
    kind: ExpiryKind,
    /// How many days, months or years; of `rolling` and `inactivity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u16>,
    /// Of what.
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanName>,
    /// To the end of what it is put off; of `rolling`.
    #[serde(skip_serializing_if = "Option::is_none")]
    round: Option<RoundName>,
    /// Days of the year such as `12-31`; of `calendar`.
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<Vec<String>>,
}

/// How it runs out.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ExpiryKind {
    Never,
    Rolling,
    Calendar,
    Inactivity,
}

/// What a count is of.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SpanName {
    Day,
    Month,
    Year,
}

/// To the end of what.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RoundName {
    Day,
    Month,
    Quarter,
    Year,
}

/// The form and the rules have one shape in JSON, so that what is stored is what is shown.
fn reshaped<A: Serialize, B: for<'de> Deserialize<'de>>(from: &A) -> Result<B> {
    let value = serde_json::to_value(from)
        .map_err(|cause| Error::internal("rules could not be written", cause))?;
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        Error::bad(error.into_inner().to_string()).field(path)
    })
}

fn forecast(outstanding: i64, breakage: Option<f64>) -> Option<i64> {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a forecast, not an amount that is booked"
    )]
    breakage.map(|share| (outstanding as f64 * share).round() as i64)
}

/// What the shop has promised
///
/// Of points, growth and stored value, with the rules of each.
#[utoipa::path(get, path = "/api/v1/ledger", operation_id = "ledger", tag = "benefits",
    responses((status = 200, description = "Each unit", body = Vec<LiabilityShown>), Refusals))]
pub(super) async fn show(reads: ReadsBenefits, _: Asked<()>) -> Answer<Vec<LiabilityShown>> {
    let mut all = Vec::new();
    for own in ledger::liability(&reads.cx, &reads.shop.zone).await? {
        let policy = ledger::policy(&mut reads.cx.read().await?, own.unit).await?;
        let Liability { unit, holders, outstanding, held, pending, owed, breakage, .. } = own;
        let house = |(house, debits, credits): (ledger::House, i64, i64)| HouseShown {
            house: house.name(),
            debits,
            credits,
        };
        let expiring = own.expiring.into_iter();
        let expiring =
            expiring.map(|(month, amount)| MonthShown { month: month.to_string(), amount });
        all.push(LiabilityShown {
            unit: unit.into(),
            holders,
            outstanding,
            held,
            pending,
            owed,
            houses: own.houses.into_iter().map(house).collect(),
            expiring: expiring.collect(),
            breakage,
            breakage_forecast: forecast(outstanding, breakage),
            policy: reshaped(&policy)?,
        });
    }
    Ok(Json(all))
}

/// Set the rules of a unit
///
/// What customers have keeps the last day that it has.
#[utoipa::path(put, path = "/api/v1/ledger/{unit}/policy", operation_id = "set_policy",
    tag = "benefits", params(("unit" = UnitName, Path, description = "The unit")),
    request_body = PolicyForm, responses(
    (status = 200, description = "The rules", body = PolicyForm), Refusals))]
pub(super) async fn set_policy(
    writes: WritesBenefits,
    Path(unit): Path<String>,
    Sent(sent): Sent<PolicyForm>,
) -> Answer<PolicyForm> {
    let missing = || Error::missing("there is no such unit").field("unit");
    let unit = Unit::named(&unit).ok_or_else(missing)?;
    let policy: Policy = reshaped(&sent)?;
    ledger::set_policy(&writes.cx, unit, &policy).await?;
    Ok(Json(reshaped(&policy)?))
}
