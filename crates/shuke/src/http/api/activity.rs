//! Activities: what people take part in for a while.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use base::{Date, Error, Result, Zone};
use benefit::activity::{self, Activity, Wish};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::tier::{after, last_day};
use super::{Answer, ErrorBody, micros};
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::who::{Access, ReadsBenefits, WritesBenefits};

/// An activity by its name.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActivityName {
    /// Its number within the shop.
    activity_id: String,
    /// Its name.
    name: String,
}

impl From<Activity> for ActivityName {
    fn from(activity: Activity) -> Self {
        Self { activity_id: activity.number.to_string(), name: activity.name }
    }
}

/// An activity.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActivityShown {
    /// Its number within the shop.
    activity_id: String,
    /// Its name.
    name: String,
    /// What it is.
    note: String,
    /// Its first day, in the shop's time zone.
    #[schema(format = Date)]
    first_day: String,
    /// Its last day.
    #[schema(format = Date)]
    last_day: String,
    /// How it stands: `coming`, `running` or `over`.
    state: &'static str,
    /// The level that whoever takes part has at least.
    #[schema(required = true)]
    tier_id: Option<String>,
    /// The last day on which they have it; null for ever.
    #[schema(required = true, format = Date)]
    tier_last_day: Option<String>,
    /// Who made it.
    owner: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// Customers who take part.
    customers: u64,
}

async fn shown(access: &Access, own: Activity) -> Result<ActivityShown> {
    let (zone, now) = (&access.shop.zone, access.cx.now);
    let state = match () {
        () if now < own.starts_at => "coming",
        () if now < own.ends_at => "running",
        () => "over",
    };
    Ok(ActivityShown {
        customers: activity::members(&access.cx, own.number).await?.len(),
        activity_id: own.number.to_string(),
        name: own.name,
        note: own.note,
        first_day: zone.date(own.starts_at).to_string(),
        last_day: last_day(zone, own.ends_at),
        state,
        tier_id: own.tier.map(|number| number.to_string()),
        tier_last_day: own.tier_until.map(|until| last_day(zone, until)),
        owner: own.owner,
        created_at: micros(own.created_at),
    })
}

/// The number of an activity.
pub(super) fn number(id: &str) -> Result<i64> {
    id.parse().map_err(|_| Error::missing("there is no such activity").field("activity_id"))
}

/// Activities
#[utoipa::path(get, path = "/api/v1/activities", operation_id = "activities", tag = "benefits",
    responses((status = 200, description = "All of them, the latest first",
    body = Vec<ActivityShown>), Refusals))]
pub(super) async fn list(reads: ReadsBenefits, _: Asked<()>) -> Answer<Vec<ActivityShown>> {
    let mut all = Vec::new();
    for own in activity::list(&reads.cx).await? {
        all.push(shown(&reads, own).await?);
    }
    Ok(Json(all))
}

/// What an activity is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ActivityForm {
    /// Its name, which no other one has.
    name: String,
    /// What it is.
    #[serde(default)]
    note: String,
    /// Its first day, in the shop's time zone.
    #[schema(format = Date)]
    first_day: String,
    /// Its last day.
    #[schema(format = Date)]
    last_day: String,
    /// The level that whoever takes part has at least.
    tier_id: Option<String>,
    /// The last day on which they have it; for ever if left out.
    #[schema(format = Date)]
    tier_last_day: Option<String>,
}

fn wish(sent: ActivityForm, zone: &Zone) -> Result<Wish> {
    let ActivityForm { name, note, first_day, last_day, tier_id, tier_last_day } = sent;
    let first: Date = first_day.parse().map_err(|error: Error| error.field("first_day"))?;
    let until = tier_last_day.map(|day| after(zone, &day)).transpose();
    let until = until.map_err(|error| error.field("tier_last_day"))?;
    let tier = tier_id.filter(|id| !id.is_empty());
    Ok(Wish {
        name,
        note,
        starts_at: zone.start_of(first)?,
        ends_at: after(zone, &last_day).map_err(|error| error.field("last_day"))?,
        tier: tier.map(|id| super::tier::number(&id)).transpose()?,
        tier_until: until,
    })
}

/// Make an activity
///
/// People take part in it by a tag that carries it, while it runs.
#[utoipa::path(post, path = "/api/v1/activities", operation_id = "make_activity",
    tag = "benefits", request_body = ActivityForm, responses(
    (status = 200, description = "The activity", body = ActivityShown), Refusals))]
pub(super) async fn make(
    writes: WritesBenefits,
    Sent(sent): Sent<ActivityForm>,
) -> Answer<ActivityShown> {
    let made = activity::make(&writes.cx, wish(sent, &writes.shop.zone)?).await?;
    Ok(Json(shown(&writes, made).await?))
}

/// Change an activity
///
/// The form says all of it; what is left out is none.
#[utoipa::path(put, path = "/api/v1/activities/{activity_id}", operation_id = "edit_activity",
    tag = "benefits", params(("activity_id" = String, Path, description = "The activity")),
    request_body = ActivityForm, responses(
    (status = 200, description = "The activity", body = ActivityShown),
    (status = 404, description = "There is no such activity", body = ErrorBody), Refusals))]
pub(super) async fn edit(
    writes: WritesBenefits,
    Path(id): Path<String>,
    Sent(sent): Sent<ActivityForm>,
) -> Answer<ActivityShown> {
    let number = number(&id)?;
    activity::get(&writes.cx, number).await?;
    let edited = activity::edit(&writes.cx, number, wish(sent, &writes.shop.zone)?).await?;
    Ok(Json(shown(&writes, edited).await?))
}

/// Remove an activity
///
/// Who has a level by it has it no more.
#[utoipa::path(delete, path = "/api/v1/activities/{activity_id}",
    operation_id = "remove_activity", tag = "benefits",
    params(("activity_id" = String, Path, description = "The activity")), responses(
    (status = 204, description = "It is gone"),
    (status = 404, description = "There is no such activity", body = ErrorBody),
    (status = 409, description = "A tag carries it, or a segment names it", body = ErrorBody),
    Refusals))]
pub(super) async fn remove(
    writes: WritesBenefits,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    activity::remove(&writes.cx, number(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
