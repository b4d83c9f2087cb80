//! Segments: under a name, whom a shop means.

pub(super) mod listed;
pub(super) mod look;
pub(super) mod mover;
pub(super) mod phrase;
pub(super) mod schema;
pub(in crate::http) mod seen;
pub(super) mod shape;
pub(super) mod word;

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base::{Date, Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratify::audience::Breakdown;
use stratify::segment::{self, Change, Patch, Segment};
use utoipa::{IntoParams, ToSchema};

use super::{Answer, ErrorBody, micros};
use crate::http::App;
use crate::http::asked::{Asked, Said, Wish};
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::who::{ReadsSegments, WritesSegments};
use shape::{KindName, SegmentDay, SegmentField, SegmentMoves, SegmentVersion, StateName};

/// Days of a segment's size in a list.
const TREND_DAYS: i32 = 30;

/// A segment of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SegmentShown {
    /// Its number within the shop.
    segment_id: String,
    /// Its name.
    name: String,
    /// What it is for.
    note: String,
    /// How it comes by its members.
    kind: KindName,
    /// How it stands.
    state: StateName,
    /// Grows with every change of its conditions.
    version: i64,
    /// The segment whose members it took over.
    #[schema(required = true)]
    origin: Option<String>,
    /// Who made it.
    owner: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    edited_at: String,
    /// Whether it is private: it reads what the shop keeps to itself, and shows only its size.
    private: bool,
    /// Members; null before they were counted. Of a private one rounded down to ten, and null where
    /// that would tell of too few.
    #[schema(required = true)]
    size: Option<i64>,
    /// When they last changed; null of a private one.
    #[schema(required = true, format = DateTime)]
    counted_at: Option<String>,
    /// Whether the members are by the conditions as they are now.
    fresh: bool,
    /// Members at the ends of the last thirty days, as far as there are any; the last is now.
    trend: Vec<i64>,
    /// The segments whose conditions name it.
    used_by: Vec<String>,
}

/// A segment.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SegmentWhole {
    #[serde(flatten)]
    shown: SegmentShown,
    /// Its conditions; null for a list.
    #[schema(required = true, value_type = Option<Object>)]
    expr: Option<Value>,
}

fn shown(segment: &Segment, trend: Vec<i64>, all: &[Segment]) -> SegmentShown {
    let users = all.iter().filter(|other| other.names().contains(&segment.number));
    SegmentShown {
        segment_id: segment.number.to_string(),
        name: segment.name.clone(),
        note: segment.note.clone(),
        kind: segment.kind.into(),
        state: segment.state.into(),
        version: segment.version,
        origin: segment.origin.map(|number| number.to_string()),
        owner: segment.owner.clone(),
        created_at: micros(segment.created_at),
        edited_at: micros(segment.edited_at),
        private: segment.private,
        size: segment.size,
        // When somebody entered a private one would tell who.
        counted_at: segment.counted_at.filter(|_| !segment.private).map(micros),
        fresh: segment.counted_version == Some(segment.version),
        trend,
        used_by: users.map(|other| other.number.to_string()).collect(),
    }
}

async fn whole(app: &App, reads: &ReadsSegments, segment: Segment) -> Result<SegmentWhole> {
    let all = segment::list(&reads.cx).await?;
    let today = reads.shop.zone.date(reads.cx.now);
    let days = (Date(today.0 - TREND_DAYS + 1), today);
    let trend = match segment.private {
        true => Vec::new(),
        false => segment::growth(&reads.cx, segment.number, days).await?,
    };
    let trend = trend.into_iter().map(|day| day.size).collect();
    let mut shown = shown(&segment, trend, &all);
    shown.size = app.segment_size(reads, &segment).await?;
    Ok(SegmentWhole { expr: segment.conditions()?, shown })
}

/// A segment after something was done to it.
async fn after(app: &App, writes: &WritesSegments, number: i64) -> Result<SegmentShown> {
    let segment = segment::get(&writes.cx, number).await?;
    let mut shown = shown(&segment, Vec::new(), &segment::list(&writes.cx).await?);
    shown.size = app.segment_size(writes, &segment).await?;
    Ok(shown)
}

/// The number of a segment in an address.
fn number(id: &str) -> Result<i64> {
    let missing = |_| Error::missing("there is no such segment").field("segment_id");
    id.parse().map_err(missing)
}

/// Segments
#[utoipa::path(get, path = "/api/v1/segments", operation_id = "segments", tag = "segments",
    responses((status = 200, description = "All segments of the shop, the newest first",
     body = Vec<SegmentShown>), Refusals))]
pub(super) async fn list(
    State(app): State<App>,
    reads: ReadsSegments,
    _: Asked<()>,
) -> Answer<Vec<SegmentShown>> {
    let mut all = segment::list(&reads.cx).await?;
    let today = reads.shop.zone.date(reads.cx.now);
    let days = (Date(today.0 - TREND_DAYS + 1), today);
    let mut trends: BTreeMap<i64, Vec<i64>> = segment::trends(&reads.cx, days).await?;
    all.reverse();
    let mut rows = Vec::with_capacity(all.len());
    for segment in &all {
        // One that nobody moved in for a month is as large as it was.
        let trend = trends.remove(&segment.number);
        let trend = trend.unwrap_or_else(|| segment.size.into_iter().collect());
        let trend = if segment.private { Vec::new() } else { trend };
        let mut row = shown(segment, trend, &all);
        row.size = app.segment_size(&reads, segment).await?;
        rows.push(row);
    }
    Ok(Json(rows))
}

/// A new segment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SegmentForm {
    /// Its name, which no other segment has.
    name: String,
    /// What it is for.
    #[serde(default)]
    note: String,
    /// Its conditions, as react-querybuilder writes them.
    #[schema(value_type = Object)]
    expr: Value,
    /// Whether its members are found once and stay.
    #[serde(default)]
    frozen: bool,
    /// Whether it counts at once; a draft otherwise.
    #[serde(default)]
    active: bool,
}

/// Make a segment
#[utoipa::path(post, path = "/api/v1/segments", operation_id = "make_segment", tag = "segments",
    request_body = SegmentForm, responses(
    (status = 200, description = "The segment", body = SegmentWhole), Refusals))]
pub(super) async fn make(
    writes: WritesSegments,
    Sent(sent): Sent<SegmentForm>,
) -> Answer<SegmentWhole> {
    let SegmentForm { name, note, expr, frozen, active } = sent;
    let made = segment::make(&writes.cx, Change { name, note, frozen, active, expr }).await?;
    let segment = segment::get(&writes.cx, made.number).await?;
    let shown = shown(&segment, Vec::new(), &[]);
    Ok(Json(SegmentWhole { expr: segment.conditions()?, shown }))
}

/// One segment
#[utoipa::path(get, path = "/api/v1/segments/{segment_id}", operation_id = "segment",
    tag = "segments", params(("segment_id" = String, Path, description = "The segment")),
    responses((status = 200, description = "The segment", body = SegmentWhole),
    (status = 404, description = "There is no such segment", body = ErrorBody), Refusals))]
pub(super) async fn one(
    State(app): State<App>,
    reads: ReadsSegments,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<SegmentWhole> {
    let segment = segment::get(&reads.cx, number(&id)?).await?;
    Ok(Json(whole(&app, &reads, segment).await?))
}

/// What is to be another of a segment; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SegmentPatch {
    /// Its name.
    name: Option<String>,
    /// What it is for.
    note: Option<String>,
    /// Its conditions, which become the next version.
    #[schema(value_type = Option<Object>)]
    expr: Option<Value>,
    /// The version that whoever changes it has seen; another one is refused.
    version: Option<i64>,
}

/// Change a segment
#[utoipa::path(patch, path = "/api/v1/segments/{segment_id}", operation_id = "edit_segment",
    tag = "segments", params(("segment_id" = String, Path, description = "The segment")),
    request_body = SegmentPatch, responses(
    (status = 200, description = "The segment as it is now", body = SegmentShown),
    (status = 404, description = "There is no such segment", body = ErrorBody),
    (status = 409, description = "Its members are fixed, or somebody else has changed it",
     body = ErrorBody), Refusals))]
pub(super) async fn edit(
    State(app): State<App>,
    writes: WritesSegments,
    Path(id): Path<String>,
    Sent(sent): Sent<SegmentPatch>,
) -> Answer<SegmentShown> {
    let SegmentPatch { name, note, expr, version } = sent;
    let patch = Patch { name, note, expr, version };
    let segment = segment::edit(&writes.cx, number(&id)?, patch).await?;
    Ok(Json(after(&app, &writes, segment.number).await?))
}

/// How a segment is to stand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StateForm {
    /// `active` or `archived`.
    state: StateName,
}

/// Activate a segment, or put it away
#[utoipa::path(post, path = "/api/v1/segments/{segment_id}/state",
    operation_id = "set_segment_state", tag = "segments",
    params(("segment_id" = String, Path, description = "The segment")),
    request_body = StateForm, responses(
    (status = 200, description = "The segment as it is now", body = SegmentShown),
    (status = 404, description = "There is no such segment", body = ErrorBody),
    (status = 409, description = "It cannot become so", body = ErrorBody), Refusals))]
pub(super) async fn set_state(
    State(app): State<App>,
    writes: WritesSegments,
    Path(id): Path<String>,
    Sent(sent): Sent<StateForm>,
) -> Answer<SegmentShown> {
    let segment = segment::set_state(&writes.cx, number(&id)?, sent.state.into()).await?;
    Ok(Json(after(&app, &writes, segment.number).await?))
}

/// A segment that keeps the members of another.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SnapshotForm {
    /// Its name.
    name: String,
    /// What it is for.
    #[serde(default)]
    note: String,
}

/// Keep a segment's members as they are now
///
/// Makes another segment, whose members stay.
#[utoipa::path(post, path = "/api/v1/segments/{segment_id}/snapshot",
    operation_id = "snapshot_segment", tag = "segments",
    params(("segment_id" = String, Path, description = "The segment")),
    request_body = SnapshotForm, responses(
    (status = 200, description = "The new segment", body = SegmentShown),
    (status = 404, description = "There is no such segment", body = ErrorBody),
    (status = 409, description = "Its members are not counted yet", body = ErrorBody), Refusals))]
pub(super) async fn snapshot(
    State(app): State<App>,
    writes: WritesSegments,
    Path(id): Path<String>,
    Sent(sent): Sent<SnapshotForm>,
) -> Answer<SegmentShown> {
    let (number, cx) = (number(&id)?, &writes.cx);
    let from = (Err(number), writes.shop.zone.date(cx.now));
    let segment = segment::snapshot(cx, (&sent.name, &sent.note), from).await?;
    Ok(Json(after(&app, &writes, segment.number).await?))
}

/// Remove a segment
///
/// One that is a draft or was put away, with its history.
#[utoipa::path(delete, path = "/api/v1/segments/{segment_id}", operation_id = "remove_segment",
    tag = "segments", params(("segment_id" = String, Path, description = "The segment")),
    responses((status = 204, description = "It is gone"),
    (status = 404, description = "There is no such segment", body = ErrorBody),
    (status = 409, description = "It is active, or another segment names it", body = ErrorBody),
    Refusals))]
pub(super) async fn remove(
    writes: WritesSegments,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    segment::remove(&writes.cx, number(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The versions of a segment's conditions
#[utoipa::path(get, path = "/api/v1/segments/{segment_id}/versions",
    operation_id = "segment_versions", tag = "segments",
    params(("segment_id" = String, Path, description = "The segment")), responses(
    (status = 200, description = "The versions, the latest first", body = Vec<SegmentVersion>),
    (status = 404, description = "There is no such segment", body = ErrorBody), Refusals))]
pub(super) async fn versions(
    reads: ReadsSegments,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<Vec<SegmentVersion>> {
    let versions = segment::versions(&reads.cx, number(&id)?).await?;
    Ok(Json(versions.into_iter().map(SegmentVersion::of).collect()))
}

/// Of which days.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Days {
    /// The first day; 29 days before the last if left out
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// The last day; today if left out
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
}

/// Days of a segment that one answer tells at the most: ten years.
const DAYS_MAX: i32 = 3_660;

impl Wish for Days {
    fn read(said: &mut Said) -> Result<Self> {
        Ok(Self { from: said.date("from")?, to: said.date("to")? })
    }
}

impl Days {
    fn bounds(&self, today: Date) -> Result<(Date, Date)> {
        let last = self.to.unwrap_or(today);
        let first = self.from.unwrap_or(Date(last.0.saturating_sub(TREND_DAYS - 1)));
        if first > last {
            return Err(Error::bad("is after the last day").field("from"));
        }
        if last.0.saturating_sub(first.0) >= DAYS_MAX {
            return Err(Error::bad(format!("is at most {DAYS_MAX} days before")).field("from"));
        }
        Ok((first, last.min(today)))
    }
}

/// How a segment grew
#[utoipa::path(get, path = "/api/v1/segments/{segment_id}/growth",
    operation_id = "segment_growth", tag = "segments",
    params(("segment_id" = String, Path, description = "The segment"), Days), responses(
    (status = 200, description = "Its days, the oldest first", body = Vec<SegmentDay>),
    (status = 404, description = "There is no such segment", body = ErrorBody), Refusals))]
pub(super) async fn growth(
    reads: ReadsSegments,
    Path(id): Path<String>,
    Asked(asked): Asked<Days>,
) -> Answer<Vec<SegmentDay>> {
    let days = asked.bounds(reads.shop.zone.date(reads.cx.now))?;
    let days = segment::growth(&reads.cx, number(&id)?, days).await?;
    Ok(Json(days.into_iter().map(SegmentDay::of).collect()))
}

/// A segment by gender, age band and province
///
/// Of a private one a field is told when each of its cells may be; each is rounded down to ten.
#[utoipa::path(get, path = "/api/v1/segments/{segment_id}/breakdown",
    operation_id = "segment_breakdown", tag = "segments",
    params(("segment_id" = String, Path, description = "The segment")), responses(
    (status = 200, description = "Fields with their cells", body = Vec<SegmentField>),
    (status = 404, description = "There is no such segment", body = ErrorBody),
    (status = 409, description = "Its members are not counted yet", body = ErrorBody), Refusals))]
pub(super) async fn breakdown(
    State(app): State<App>,
    reads: ReadsSegments,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<Vec<Breakdown>> {
    let segment = segment::get(&reads.cx, number(&id)?).await?;
    Ok(Json(app.breakdown(&reads, &segment).await?))
}

/// Moves of which days, and after which.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OfMoves {
    /// The first day; 29 days before the last if left out
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// The last day; today if left out
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// Rows of the page
    #[param(required = false, minimum = 1, maximum = 500, default = 50)]
    limit: u32,
    /// `next` of the page before
    #[param(value_type = Option<String>)]
    after: Option<i64>,
}

impl Wish for OfMoves {
    fn read(said: &mut Said) -> Result<Self> {
        let (from, to) = (said.date("from")?, said.date("to")?);
        let (limit, after) = said.page()?;
        Ok(Self { from, to, limit, after })
    }
}

/// Who entered and left a segment, and why
#[utoipa::path(get, path = "/api/v1/segments/{segment_id}/moves",
    operation_id = "segment_moves", tag = "segments",
    params(("segment_id" = String, Path, description = "The segment"), OfMoves), responses(
    (status = 200, description = "A page of moments, the latest first",
     body = super::Paged<SegmentMoves>),
    (status = 404, description = "There is no such segment", body = ErrorBody), Refusals))]
pub(super) async fn moves(
    reads: ReadsSegments,
    Path(id): Path<String>,
    Asked(asked): Asked<OfMoves>,
) -> Answer<super::Paged<SegmentMoves>> {
    let days = Days { from: asked.from, to: asked.to };
    let days = days.bounds(reads.shop.zone.date(reads.cx.now))?;
    let page = (days, asked.after.unwrap_or(i64::MAX), i64::from(asked.limit) + 1);
    let rows = segment::moves(&reads.cx, number(&id)?, page).await?;
    let page = super::paged(rows, asked.limit, |row| row.number, SegmentMoves::of)?;
    Ok(Json(page))
}
