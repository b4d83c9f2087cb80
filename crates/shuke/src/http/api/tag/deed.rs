//! What was done with tags, one by one: to whom, and to one customer.

use axum::Json;
use axum::extract::{Path, State};
use base::Result;
use serde::Serialize;
use stratify::roster;
use stratify::tag::{self, Batch, Tag};
use utoipa::{IntoParams, ToSchema};

use super::{Answer, ErrorBody, micros, no_batch};
use crate::http::App;
use crate::http::api::customer::whole::row_of;
use crate::http::api::customer::{Customer, by_number};
use crate::http::api::{Paged, paged_of};
use crate::http::asked::{Asked, Said, Wish};
use crate::http::error::Refusals;
use crate::http::who::ReadsCustomers;

/// After whom.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http::api) struct OfBatch {
    /// Only those for whom it changed something
    #[param(value_type = Option<bool>)]
    changed: bool,
    /// Rows of the page
    #[param(required = false, minimum = 1, maximum = 500, default = 50)]
    limit: u32,
    /// `next` of the page before
    #[param(value_type = Option<String>)]
    after: Option<u32>,
}

impl Wish for OfBatch {
    fn read(said: &mut Said) -> Result<Self> {
        let changed = said.word("changed", &["false", "true"])? == Some(1);
        let (limit, after) = said.page()?;
        Ok(Self { changed, limit, after })
    }
}

/// Whom something was done to
///
/// Under the numbers that they go by now.
#[utoipa::path(get, path = "/api/v1/tags/batches/{batch_id}/people", operation_id = "batch_people",
    tag = "tags", params(("batch_id" = String, Path, description = "What was done"), OfBatch),
    responses(
    (status = 200, description = "A page of customers, by number", body = Paged<Customer>),
    (status = 404, description = "There is no such tagging", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn people(
    State(app): State<App>,
    reads: ReadsCustomers,
    Path(id): Path<String>,
    Asked(asked): Asked<OfBatch>,
) -> Answer<Paged<Customer>> {
    let batch = tag::batch(&reads.cx, id.parse().map_err(no_batch)?).await?;
    let meant = if asked.changed { batch.fresh } else { batch.people };
    let meant = roster::renumbering(&mut reads.cx.read().await?).await?.of(meant);
    let most = usize::try_from(asked.limit).unwrap_or(usize::MAX).saturating_add(1);
    let rest = meant.into_iter().filter(|number| asked.after.is_none_or(|after| *number > after));
    let Paged { data, next, total } =
        paged_of(rest.take(most).collect(), asked.limit, |number: &u32| *number)?;
    let numbers: Vec<i64> = data.into_iter().map(i64::from).collect();
    let mut customers = by_number(&app, &reads, &numbers).await?;
    let data = numbers.iter().filter_map(|number| customers.remove(number)).collect();
    Ok(Json(Paged { data, next, total }))
}

/// Something that was done to a customer with a tag.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct TagDeed {
    /// Its number within the shop.
    batch_id: String,
    /// The tag.
    tag_id: String,
    /// The tag's name.
    name: String,
    /// The tag's colour.
    colour: String,
    /// Whether they got the tag; otherwise they lost it.
    added: bool,
    /// How: `hand`, `segment`, `list` or `undo`.
    how: String,
    /// Who did it.
    actor: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// When it was to end by itself.
    #[schema(required = true, format = DateTime)]
    expires_at: Option<String>,
    /// When it ended or was undone.
    #[schema(required = true, format = DateTime)]
    undone_at: Option<String>,
}

/// What was done to a customer with tags
///
/// By people; a tag that the members of a segment have comes and goes with the segment.
#[utoipa::path(get, path = "/api/v1/customers/{customer_id}/tags/history",
    operation_id = "customer_tag_history", tag = "tags",
    params(("customer_id" = String, Path, description = "The customer")),
    responses((status = 200, description = "The latest first, at most 500", body = Vec<TagDeed>),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn history(
    reads: ReadsCustomers,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<Vec<TagDeed>> {
    let person = row_of(&mut reads.cx.read().await?, &id).await?.customer_no;
    let done = tag::history(&reads.cx, person).await?.into_iter();
    let shown = |(tag, batch): (Tag, Batch)| TagDeed {
        batch_id: batch.number.to_string(),
        tag_id: tag.number.to_string(),
        name: tag.name,
        colour: tag.colour,
        added: batch.added,
        how: batch.how,
        actor: batch.actor,
        at: micros(batch.at),
        expires_at: batch.expires_at.map(micros),
        undone_at: batch.undone_at.map(micros),
    };
    Ok(Json(done.map(shown).collect()))
}
