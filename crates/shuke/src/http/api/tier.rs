//! Levels: the plan, giving them to people, what gives them, and one customer's.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base::{Date, Error, Result, Time, Zone};
use benefit::tier::plan::foreseen::progress;
use benefit::tier::rule::Effect;
use benefit::tier::{self, Because, Grant, NewGrant, Tier, Way, Wish};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::activity::ActivityName;
use super::customer::whole::row_of;
use super::plan::TierProgress;
use super::segment::listed::{Listed, Meant};
use super::{Answer, ErrorBody, micros};
use crate::auth::permission::Permission;
use crate::http::App;
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::who::{ReadsBenefits, ReadsCustomers, WritesBenefits};

/// A level of the plan.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TierShown {
    /// Its number within the shop.
    tier_id: String,
    /// Its name.
    name: String,
    /// One of the colours that tags have.
    colour: String,
    /// What it means.
    note: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// Customers who have it.
    customers: u64,
}

impl TierShown {
    fn new(tier: Tier, customers: u64) -> Self {
        let Tier { number, name, colour, note, created_at } = tier;
        let (tier_id, created_at) = (number.to_string(), micros(created_at));
        Self { tier_id, name, colour, note, created_at, customers }
    }
}

/// The number of a level.
pub(super) fn number(id: &str) -> Result<i64> {
    id.parse().map_err(|_| Error::missing("there is no such level").field("tier_id"))
}

/// The end of a local day, as the moment after it.
pub(super) fn after(zone: &Zone, day: &str) -> Result<Time> {
    Ok(zone.end_of(day.parse::<Date>()?)?.plus(1))
}

/// The local day that a moment ends.
pub(super) fn last_day(zone: &Zone, ends: Time) -> String {
    zone.date(ends.plus(-1)).to_string()
}

/// Levels
#[utoipa::path(get, path = "/api/v1/tiers", operation_id = "tiers", tag = "benefits", responses(
    (status = 200, description = "The plan, the lowest first", body = Vec<TierShown>), Refusals))]
pub(super) async fn list(reads: ReadsBenefits, _: Asked<()>) -> Answer<Vec<TierShown>> {
    let mut all = Vec::new();
    for own in tier::list(&reads.cx).await? {
        let customers = tier::members(&reads.cx, own.number).await?.len();
        all.push(TierShown::new(own, customers));
    }
    Ok(Json(all))
}

/// A new level.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TierForm {
    /// Its name, which no other level has.
    name: String,
    /// Its colour.
    colour: Option<String>,
    /// What it means.
    note: Option<String>,
    /// Its place in the plan, from 1 for the lowest; the highest if left out.
    place: Option<usize>,
}

/// Make a level
#[utoipa::path(post, path = "/api/v1/tiers", operation_id = "make_tier", tag = "benefits",
    request_body = TierForm, responses(
    (status = 200, description = "The level", body = TierShown), Refusals))]
pub(super) async fn make(writes: WritesBenefits, Sent(sent): Sent<TierForm>) -> Answer<TierShown> {
    let TierForm { name, colour, note, place } = sent;
    let wish = Wish { name: Some(name), colour, note, place };
    Ok(Json(TierShown::new(tier::make(&writes.cx, wish).await?, 0)))
}

/// What is to be another of a level; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TierPatch {
    /// Its name.
    name: Option<String>,
    /// Its colour.
    colour: Option<String>,
    /// What it means.
    note: Option<String>,
    /// Its place in the plan, from 1 for the lowest.
    place: Option<usize>,
}

/// Change a level
#[utoipa::path(patch, path = "/api/v1/tiers/{tier_id}", operation_id = "edit_tier",
    tag = "benefits", params(("tier_id" = String, Path, description = "The level")),
    request_body = TierPatch, responses((status = 200, description = "The level", body = TierShown),
    (status = 404, description = "There is no such level", body = ErrorBody), Refusals))]
pub(super) async fn edit(
    writes: WritesBenefits,
    Path(id): Path<String>,
    Sent(sent): Sent<TierPatch>,
) -> Answer<TierShown> {
    let TierPatch { name, colour, note, place } = sent;
    let number = number(&id)?;
    let edited = tier::edit(&writes.cx, number, Wish { name, colour, note, place }).await?;
    let customers = tier::members(&writes.cx, number).await?.len();
    Ok(Json(TierShown::new(edited, customers)))
}

/// Remove a level
#[utoipa::path(delete, path = "/api/v1/tiers/{tier_id}", operation_id = "remove_tier",
    tag = "benefits", params(("tier_id" = String, Path, description = "The level")), responses(
    (status = 204, description = "It is gone"),
    (status = 404, description = "There is no such level", body = ErrorBody),
    (status = 409, description = "Something gives or names it", body = ErrorBody), Refusals))]
pub(super) async fn remove(
    writes: WritesBenefits,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    tier::remove(&writes.cx, number(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// People who are to have a level: customers, a segment, or a list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GrantForm {
    /// Customers by number, a thousand at the most.
    customer_ids: Option<Vec<String>>,
    /// Everybody in this segment.
    segment_id: Option<String>,
    /// Everybody on a list.
    list: Option<Listed>,
    /// Whether they have this level and no other while it holds; otherwise they have at least this
    /// one.
    #[serde(default)]
    exact: bool,
    /// Why; needed unless `preview`.
    #[serde(default)]
    reason: String,
    /// The last day on which it holds; for ever if left out.
    #[schema(format = Date)]
    last_day: Option<String>,
    /// Whether only to say what it would do.
    #[serde(default)]
    preview: bool,
}

/// What giving a level does, or would do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GrantDone {
    /// What was done; null where it was only asked for.
    #[schema(required = true)]
    grant: Option<GrantShown>,
    /// People who were meant.
    people: u64,
    /// Those whose level rises.
    up: u64,
    /// Those whose level falls.
    down: u64,
    /// Those for whom nothing changes.
    same: u64,
}

/// Somebody gave people a level.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GrantShown {
    /// Its number within the shop.
    grant_id: String,
    /// The level.
    tier_id: String,
    /// Whether it fixes the level; otherwise it is the least.
    exact: bool,
    /// How people were meant: `hand`, `segment` or `list`.
    how: String,
    /// People.
    people: u64,
    /// Why.
    reason: String,
    /// Who did it.
    actor: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// The last day on which it holds; null for ever.
    #[schema(required = true, format = Date)]
    last_day: Option<String>,
    /// When it ended: when somebody ended it, or its last day was over.
    #[schema(required = true, format = DateTime)]
    ended_at: Option<String>,
}

impl GrantShown {
    fn new(grant: Grant, zone: &Zone, now: Time) -> Self {
        let ended = grant.ended_at.or_else(|| grant.ends_at.filter(|at| *at <= now));
        Self {
            grant_id: grant.number.to_string(),
            tier_id: grant.tier.to_string(),
            exact: grant.exact,
            how: grant.how,
            people: grant.people.len(),
            reason: grant.reason,
            actor: grant.actor,
            at: micros(grant.at),
            last_day: grant.ends_at.map(|ends| last_day(zone, ends)),
            ended_at: ended.map(micros),
        }
    }
}

/// Give people a level
///
/// With `preview`, only says what it would do.
#[utoipa::path(post, path = "/api/v1/tiers/{tier_id}/people", operation_id = "grant_tier",
    tag = "benefits", params(("tier_id" = String, Path, description = "The level")),
    request_body = GrantForm, responses(
    (status = 200, description = "What it does", body = GrantDone),
    (status = 404, description = "There is no such level, customer or segment", body = ErrorBody),
    Refusals))]
pub(super) async fn grant(
    State(app): State<App>,
    writes: WritesBenefits,
    Path(id): Path<String>,
    Sent(sent): Sent<GrantForm>,
) -> Answer<GrantDone> {
    let (cx, zone, number) = (&writes.cx, &writes.shop.zone, number(&id)?);
    tier::get(cx, number).await?;
    let GrantForm { customer_ids, segment_id, list, exact, reason, last_day, preview } = sent;
    // Who is in a segment, or known by a phone, is told to those who may look.
    if segment_id.is_some() {
        writes.needs(Permission::SegmentsRead)?;
    }
    if customer_ids.is_some() || list.is_some() {
        writes.needs(Permission::CustomersRead)?;
    }
    let (people, how) = Meant { customer_ids, segment_id, list }.people(&app, &writes).await?;
    let ends_at = last_day.map(|day| after(zone, &day)).transpose();
    let ends_at = ends_at.map_err(|error| error.field("last_day"))?;
    let all = people.len();
    let (grant, Effect { up, down, same }) = if preview {
        (None, tier::foreseen(cx, number, (&people, exact)).await?)
    } else {
        let new = NewGrant { people, how, exact, reason, ends_at };
        let (grant, effect) = tier::grant(cx, number, new).await?;
        (Some(GrantShown::new(grant, zone, cx.now)), effect)
    };
    Ok(Json(GrantDone { grant, people: all, up, down, same }))
}

/// What gave a level to people
#[utoipa::path(get, path = "/api/v1/tiers/{tier_id}/grants", operation_id = "tier_grants",
    tag = "benefits", params(("tier_id" = String, Path, description = "The level")), responses(
    (status = 200, description = "The latest first, at most 500", body = Vec<GrantShown>),
    (status = 404, description = "There is no such level", body = ErrorBody), Refusals))]
pub(super) async fn grants(
    reads: ReadsBenefits,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<Vec<GrantShown>> {
    let all = tier::grants(&reads.cx, number(&id)?).await?.into_iter();
    Ok(Json(all.map(|one| GrantShown::new(one, &reads.shop.zone, reads.cx.now)).collect()))
}

/// End what gave people a level
///
/// They have what else gives them one, or none.
#[utoipa::path(post, path = "/api/v1/tiers/grants/{grant_id}/end", operation_id = "end_grant",
    tag = "benefits", params(("grant_id" = String, Path, description = "What was done")),
    responses((status = 200, description = "What has ended", body = GrantShown),
    (status = 404, description = "There is no such grant", body = ErrorBody),
    (status = 409, description = "It has ended already", body = ErrorBody), Refusals))]
pub(super) async fn end(writes: WritesBenefits, Path(id): Path<String>) -> Answer<GrantShown> {
    let missing = |_| Error::missing("there is no such grant").field("grant_id");
    let ended = tier::end(&writes.cx, id.parse().map_err(missing)?).await?;
    Ok(Json(GrantShown::new(ended, &writes.shop.zone, writes.cx.now)))
}

/// A customer's level.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CustomerTier {
    /// The level; null for none.
    #[schema(required = true)]
    tier_id: Option<String>,
    /// Its name.
    #[schema(required = true)]
    name: Option<String>,
    /// Its colour.
    #[schema(required = true)]
    colour: Option<String>,
    /// Since when they have it.
    #[schema(required = true, format = DateTime)]
    since: Option<String>,
    /// By what, that which decides first.
    because: Vec<TierReason>,
    /// How they moved, the latest first; at most fifty.
    moves: Vec<TierMove>,
    /// The activities that they take part in.
    activities: Vec<ActivityName>,
    /// How they stand by the plan of levels.
    progress: TierProgress,
}

/// Something by which somebody has a level.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TierReason {
    /// `grant`, `plan`, `tag` or `activity`.
    by: &'static str,
    /// The reason of a grant, or the name of the tag or the activity; empty for the plan.
    name: String,
    /// The grant, where it is one.
    #[schema(required = true)]
    grant_id: Option<String>,
    /// The level.
    tier_id: String,
    /// Whether it fixes the level; otherwise it is the least.
    exact: bool,
    /// Who did it.
    #[schema(required = true)]
    actor: Option<String>,
    /// Since when.
    #[schema(required = true, format = DateTime)]
    since: Option<String>,
    /// The last day on which it gives the level; null for ever.
    #[schema(required = true, format = Date)]
    last_day: Option<String>,
}

/// Somebody went from one level to another.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TierMove {
    /// The level before; null for none.
    #[schema(required = true)]
    from_id: Option<String>,
    /// The level since; null for none.
    #[schema(required = true)]
    to_id: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    at: String,
}

impl TierReason {
    fn new(because: Because, zone: &Zone) -> Self {
        let (by, name, grant) = match because.way {
            Way::Grant(number, reason) => ("grant", reason, Some(number.to_string())),
            Way::Plan => ("plan", String::new(), None),
            Way::Tag(name) => ("tag", name, None),
            Way::Activity(name) => ("activity", name, None),
        };
        Self {
            by,
            name,
            grant_id: grant,
            tier_id: because.tier.to_string(),
            exact: because.exact,
            actor: because.actor,
            since: because.since.map(micros),
            last_day: because.until.map(|until| last_day(zone, until)),
        }
    }
}

/// The level of a customer
///
/// With what gives it and how they moved.
#[utoipa::path(get, path = "/api/v1/customers/{customer_id}/tier", operation_id = "customer_tier",
    tag = "benefits", params(("customer_id" = String, Path, description = "The customer")),
    responses((status = 200, description = "The level", body = CustomerTier),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(super) async fn of_customer(
    State(app): State<App>,
    reads: ReadsCustomers,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<CustomerTier> {
    let person = row_of(&mut reads.cx.read().await?, &id).await?.customer_no;
    let standing = tier::of_person(&reads.cx, person).await?;
    let own = standing.tier.as_ref().map(|tier| tier.number);
    let (sales, zone) = (app.sales(&reads).await?, &reads.shop.zone);
    let progress = progress((&reads.cx, zone), &sales, (person, own)).await?;
    let id = |number: i64| number.to_string();
    let moves = standing.moves.into_iter().map(|(from, to, at)| TierMove {
        from_id: from.map(id),
        to_id: to.map(id),
        at: micros(at),
    });
    let because = standing.because.into_iter();
    Ok(Json(CustomerTier {
        tier_id: standing.tier.as_ref().map(|tier| tier.number.to_string()),
        name: standing.tier.as_ref().map(|tier| tier.name.clone()),
        colour: standing.tier.map(|tier| tier.colour),
        since: standing.since.map(micros),
        because: because.map(|one| TierReason::new(one, zone)).collect(),
        moves: moves.collect(),
        activities: standing.activities.into_iter().map(ActivityName::from).collect(),
        progress: progress.into(),
    }))
}
