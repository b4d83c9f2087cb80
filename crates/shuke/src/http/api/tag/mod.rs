//! Tags: the library, putting them on and taking them off, and what was done with them.

pub(super) mod deed;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base::{Error, Result};
use benefit::{activity, tier};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use stratify::tag::{self, Batch, Carried, Tag, Tagged, Wish};
use utoipa::ToSchema;

use super::customer::whole::row_of;
use super::segment::listed::{Listed, Meant};
use super::{Answer, ErrorBody, micros};
use crate::auth::permission::Permission;
use crate::http::App;
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::who::{Access, EditsCustomers, ReadsCustomers, ReadsSegments, WritesSegments};

/// A tag of the library.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TagShown {
    /// Its number within the shop.
    tag_id: String,
    /// Its name.
    name: String,
    /// Tags of one kind; empty for none.
    family: String,
    /// One of `grey`, `green`, `blue`, `purple`, `red`, `orange`, `yellow`, `teal`.
    colour: String,
    /// What it means.
    note: String,
    /// Who made it.
    owner: String,
    /// For how many days it holds; null for ever.
    #[schema(required = true)]
    days: Option<i64>,
    /// The segment whose members have it; null where people put it on.
    #[schema(required = true)]
    segment_id: Option<String>,
    /// The level that whoever has it has at least.
    #[schema(required = true)]
    tier_id: Option<String>,
    /// The activity that whoever has it takes part in.
    #[schema(required = true)]
    activity_id: Option<String>,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// Customers who have it; null where its segment is not counted, or private.
    #[schema(required = true)]
    customers: Option<i64>,
}

impl TagShown {
    fn new(tag: Tag, customers: Option<i64>) -> Self {
        let Tag { number, name, family, colour, note, owner, days, .. } = tag;
        let id = |number: Option<i64>| number.map(|number| number.to_string());
        Self {
            tag_id: number.to_string(),
            name,
            family,
            colour,
            note,
            owner,
            days,
            segment_id: id(tag.segment),
            tier_id: id(tag.carried.tier),
            activity_id: id(tag.carried.activity),
            created_at: micros(tag.created_at),
            customers,
        }
    }
}

fn people(set: &RoaringBitmap) -> i64 {
    i64::try_from(set.len()).unwrap_or(i64::MAX)
}

fn number(id: &str) -> Result<i64> {
    id.parse().map_err(|_| Error::missing("there is no such tag").field("tag_id"))
}

/// Tags
#[utoipa::path(get, path = "/api/v1/tags", operation_id = "tags", tag = "tags", responses(
    (status = 200, description = "The library, by family and name", body = Vec<TagShown>),
    Refusals))]
pub(super) async fn list(reads: ReadsSegments, _: Asked<()>) -> Answer<Vec<TagShown>> {
    let mut all = Vec::new();
    for tag in tag::list(&reads.cx).await? {
        let customers = tag::members(&reads.cx, &tag).await.ok().map(|set| people(&set));
        all.push(TagShown::new(tag, customers));
    }
    Ok(Json(all))
}

/// A new tag.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TagForm {
    /// Its name, which no other tag has.
    name: String,
    /// Tags of one kind.
    family: Option<String>,
    /// Its colour.
    colour: Option<String>,
    /// What it means.
    note: Option<String>,
    /// For how many days it holds.
    days: Option<i64>,
    /// The segment whose members are to have it.
    segment_id: Option<String>,
    /// The level that whoever has it is to have at least.
    tier_id: Option<String>,
    /// The activity that whoever has it is to take part in.
    activity_id: Option<String>,
}

/// Make a tag
#[utoipa::path(post, path = "/api/v1/tags", operation_id = "make_tag", tag = "tags",
    request_body = TagForm, responses(
    (status = 200, description = "The tag", body = TagShown), Refusals))]
pub(super) async fn make(writes: WritesSegments, Sent(sent): Sent<TagForm>) -> Answer<TagShown> {
    let TagForm { name, family, colour, note, days, segment_id, tier_id, activity_id } = sent;
    let missing = |_| Error::missing("there is no such segment").field("segment_id");
    let of = segment_id.map(|id| id.parse().map_err(missing)).transpose()?;
    let (tier, activity) = carried(&writes, (tier_id, activity_id), Carried::default()).await?;
    let name = Some(name);
    let wish = Wish { name, family, colour, note, days: Some(days), tier, activity };
    Ok(Json(TagShown::new(tag::make(&writes.cx, wish, of).await?, Some(0))))
}

/// What a tag is to carry, if anything is said of it: a level and an activity.
async fn carried(
    writes: &Access,
    (tier_id, activity_id): (Option<String>, Option<String>),
    before: Carried,
) -> Result<(Option<Option<i64>>, Option<Option<i64>>)> {
    let tier = tier_id.map(|id| optional(&id, super::tier::number)).transpose()?;
    let activity = activity_id.map(|id| optional(&id, super::activity::number)).transpose()?;
    tier::check_known(&writes.cx, tier.flatten()).await?;
    activity::check_known(&writes.cx, activity.flatten()).await?;
    let other = |wish: Option<Option<i64>>, own| wish.is_some_and(|wish| wish != own);
    if other(tier, before.tier) || other(activity, before.activity) {
        writes.needs(Permission::BenefitsWrite)?;
    }
    Ok((tier, activity))
}

/// A number; an empty text for none.
fn optional(id: &str, read: impl Fn(&str) -> Result<i64>) -> Result<Option<i64>> {
    if id.is_empty() { Ok(None) } else { read(id).map(Some) }
}

/// What is to be another of a tag; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TagPatch {
    /// Its name.
    name: Option<String>,
    /// Tags of one kind.
    family: Option<String>,
    /// Its colour.
    colour: Option<String>,
    /// What it means.
    note: Option<String>,
    /// For how many days it holds; 0 for ever.
    days: Option<i64>,
    /// The level that whoever has it is to have at least; empty for none.
    tier_id: Option<String>,
    /// The activity that whoever has it is to take part in; empty for none.
    activity_id: Option<String>,
}

/// Change a tag
#[utoipa::path(patch, path = "/api/v1/tags/{tag_id}", operation_id = "edit_tag", tag = "tags",
    params(("tag_id" = String, Path, description = "The tag")), request_body = TagPatch,
    responses((status = 200, description = "The tag", body = TagShown),
    (status = 404, description = "There is no such tag", body = ErrorBody), Refusals))]
pub(super) async fn edit(
    writes: WritesSegments,
    Path(id): Path<String>,
    Sent(sent): Sent<TagPatch>,
) -> Answer<TagShown> {
    let TagPatch { name, family, colour, note, days, tier_id, activity_id } = sent;
    let days = days.map(|days| Some(days).filter(|days| *days != 0));
    let number = number(&id)?;
    let before = tag::get(&writes.cx, number).await?;
    let (tier, activity) = carried(&writes, (tier_id, activity_id), before.carried).await?;
    let wish = Wish { name, family, colour, note, days, tier, activity };
    let tag = tag::edit(&writes.cx, number, wish).await?;
    follow(&writes, before.carries() || tag.carries()).await;
    let customers = tag::members(&writes.cx, &tag).await.ok().map(|set| people(&set));
    Ok(Json(TagShown::new(tag, customers)))
}

/// Remove a tag
///
/// From everybody, with what was done with it.
#[utoipa::path(delete, path = "/api/v1/tags/{tag_id}", operation_id = "remove_tag", tag = "tags",
    params(("tag_id" = String, Path, description = "The tag")), responses(
    (status = 204, description = "It is gone"),
    (status = 404, description = "There is no such tag", body = ErrorBody),
    (status = 409, description = "A segment names it", body = ErrorBody), Refusals))]
pub(super) async fn remove(
    writes: WritesSegments,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let number = number(&id)?;
    let carries = tag::get(&writes.cx, number).await?.carries();
    if carries {
        writes.needs(Permission::BenefitsWrite)?;
    }
    tag::remove(&writes.cx, number).await?;
    follow(&writes, carries).await;
    Ok(StatusCode::NO_CONTENT)
}

/// People who are to have a tag, or to lose it: customers, a segment, or a list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TaggingForm {
    /// Whether they get the tag; otherwise they lose it.
    add: bool,
    /// Customers by number, a thousand at the most.
    customer_ids: Option<Vec<String>>,
    /// Everybody in this segment.
    segment_id: Option<String>,
    /// Everybody on a list.
    list: Option<Listed>,
}

/// What was done with a tag.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TagBatch {
    /// Its number within the shop.
    batch_id: String,
    /// The tag.
    tag_id: String,
    /// Whether people got the tag; otherwise they lost it.
    added: bool,
    /// How: `hand`, `segment`, `list` or `undo`.
    how: String,
    /// People it was done to.
    people: i64,
    /// Those of them for whom it changed something.
    changed: i64,
    /// Who did it.
    actor: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// When it ends by itself.
    #[schema(required = true, format = DateTime)]
    expires_at: Option<String>,
    /// When it ended or was undone.
    #[schema(required = true, format = DateTime)]
    undone_at: Option<String>,
}

impl From<Batch> for TagBatch {
    fn from(batch: Batch) -> Self {
        Self {
            batch_id: batch.number.to_string(),
            tag_id: batch.tag.to_string(),
            added: batch.added,
            how: batch.how,
            people: people(&batch.people),
            changed: people(&batch.fresh),
            actor: batch.actor,
            at: micros(batch.at),
            expires_at: batch.expires_at.map(micros),
            undone_at: batch.undone_at.map(micros),
        }
    }
}

/// Put a tag on people, or take it off
#[utoipa::path(post, path = "/api/v1/tags/{tag_id}/people", operation_id = "tag_people",
    tag = "tags", params(("tag_id" = String, Path, description = "The tag")),
    request_body = TaggingForm, responses(
    (status = 200, description = "What was done", body = TagBatch),
    (status = 404, description = "There is no such tag, customer or segment", body = ErrorBody),
    (status = 409, description = "A segment puts it on", body = ErrorBody), Refusals))]
pub(super) async fn people_of(
    State(app): State<App>,
    edits: EditsCustomers,
    Path(id): Path<String>,
    Sent(sent): Sent<TaggingForm>,
) -> Answer<TagBatch> {
    let tag = number(&id)?;
    let TaggingForm { add, customer_ids, segment_id, list } = sent;
    let (set, how) = Meant { customer_ids, segment_id, list }.people(&app, &edits).await?;
    let carries = tag::get(&edits.cx, tag).await?.carries();
    needed(&edits, (carries, how))?;
    let done = tag::apply(&edits.cx, tag, (set, add, how)).await?;
    follow(&edits, carries).await;
    Ok(Json(done.into()))
}

/// Many at once get levels by whoever gives levels; one by one, agents do it by a tag.
fn needed(access: &Access, (carries, how): (bool, &str)) -> Result<()> {
    if carries && how != "hand" { access.needs(Permission::BenefitsWrite) } else { Ok(()) }
}

/// Has levels follow what was done with a tag that carries one. What fails here has been done all
/// the same; the loop that keeps levels makes it good.
async fn follow(access: &Access, carries: bool) {
    if carries && let Err(error) = tier::refresh(&access.cx).await {
        tracing::warn!(error = %error.chain(), "levels do not follow a tag yet");
    }
}

/// What was done with a tag
#[utoipa::path(get, path = "/api/v1/tags/{tag_id}/batches", operation_id = "tag_batches",
    tag = "tags", params(("tag_id" = String, Path, description = "The tag")), responses(
    (status = 200, description = "The latest first, at most 500", body = Vec<TagBatch>),
    (status = 404, description = "There is no such tag", body = ErrorBody), Refusals))]
pub(super) async fn batches(
    reads: ReadsSegments,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<Vec<TagBatch>> {
    let done = tag::batches(&reads.cx, number(&id)?).await?;
    Ok(Json(done.into_iter().map(TagBatch::from).collect()))
}

/// Undo what was done with a tag
///
/// Who was tagged since by somebody else keeps the tag.
#[utoipa::path(post, path = "/api/v1/tags/batches/{batch_id}/undo", operation_id = "undo_tagging",
    tag = "tags", params(("batch_id" = String, Path, description = "What was done")),
    responses((status = 200, description = "What that did", body = TagBatch),
    (status = 404, description = "There is no such tagging", body = ErrorBody),
    (status = 409, description = "It has ended already", body = ErrorBody), Refusals))]
pub(super) async fn undo(edits: EditsCustomers, Path(id): Path<String>) -> Answer<TagBatch> {
    let batch = tag::batch(&edits.cx, id.parse().map_err(no_batch)?).await?;
    let carries = tag::get(&edits.cx, batch.tag).await?.carries();
    needed(&edits, (carries, &batch.how))?;
    let done = tag::undo(&edits.cx, batch.number).await?;
    follow(&edits, carries).await;
    Ok(Json(done.into()))
}

fn no_batch(_: std::num::ParseIntError) -> Error {
    Error::missing("there is no such tagging").field("batch_id")
}

/// A tag that a customer has.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CustomerTag {
    /// The tag.
    tag_id: String,
    /// Its name.
    name: String,
    /// Its family.
    family: String,
    /// Its colour.
    colour: String,
    /// The segment that puts it on.
    #[schema(required = true)]
    segment_id: Option<String>,
    /// Who put it on; null where a segment does.
    #[schema(required = true)]
    actor: Option<String>,
    /// Since when.
    #[schema(required = true, format = DateTime)]
    since: Option<String>,
    /// Until when.
    #[schema(required = true, format = DateTime)]
    expires_at: Option<String>,
}

/// The tags of a customer
#[utoipa::path(get, path = "/api/v1/customers/{customer_id}/tags", operation_id = "customer_tags",
    tag = "tags", params(("customer_id" = String, Path, description = "The customer")),
    responses((status = 200, description = "The tags", body = Vec<CustomerTag>),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(super) async fn of_customer(
    reads: ReadsCustomers,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<Vec<CustomerTag>> {
    let person = row_of(&mut reads.cx.read().await?, &id).await?.customer_no;
    let tags = tag::of_person(&reads.cx, person).await?.into_iter();
    let shown = |Tagged { tag, actor, since, expires_at }: Tagged| CustomerTag {
        tag_id: tag.number.to_string(),
        name: tag.name,
        family: tag.family,
        colour: tag.colour,
        segment_id: tag.segment.map(|number| number.to_string()),
        actor,
        since: since.map(micros),
        expires_at: expires_at.map(micros),
    };
    Ok(Json(tags.map(shown).collect()))
}
