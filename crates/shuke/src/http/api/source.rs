//! Sources: who writes events, and with which key.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base::{Error, Result};
use perceive::collect::pace::{self, PER_SECOND_MAX, Pace};
use perceive::source::{self, Source};
use serde::{Deserialize, Serialize};
use store::audit::{self, Deed};
use utoipa::ToSchema;

use super::{Answer, ErrorBody, micros};
use crate::http::App;
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::who::{ReadsSources, WritesSources};

/// Who writes events.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SourceShown {
    /// Its number within the shop.
    #[schema(example = "1")]
    source_id: String,
    /// Its name.
    name: String,
    /// The key that it writes with; it can be read in the shop's own pages and allows nothing else.
    write_key: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When its key was taken back.
    #[schema(required = true, format = DateTime)]
    revoked_at: Option<String>,
}

impl From<Source> for SourceShown {
    fn from(source: Source) -> Self {
        Self {
            source_id: source.number.to_string(),
            name: source.name,
            write_key: source.write_key,
            created_at: micros(source.created_at),
            revoked_at: source.revoked_at.map(micros),
        }
    }
}

/// A shop's sources and how fast they may write.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Sources {
    /// The sources, the oldest first.
    sources: Vec<SourceShown>,
    /// Events a second that the shop may send; null for as many as come.
    #[schema(required = true)]
    pace: Option<u32>,
}

/// A source to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceForm {
    /// Its name.
    name: String,
}

/// How fast a shop may write.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PaceForm {
    /// Events a second; null for as many as come.
    #[schema(required = true)]
    events_per_second: Option<u32>,
}

/// Sources
#[utoipa::path(get, path = "/api/v1/sources", operation_id = "sources", tag = "sources",
    responses((status = 200, description = "The shop's sources", body = Sources), Refusals))]
pub(super) async fn list(reads: ReadsSources) -> Answer<Sources> {
    let sources = source::list(&reads.cx).await?.into_iter().map(SourceShown::from).collect();
    let pace = pace::get(&reads.cx).await?.map(|pace| pace.per_second);
    Ok(Json(Sources { sources, pace }))
}

/// Make a source
#[utoipa::path(post, path = "/api/v1/sources", operation_id = "make_source", tag = "sources",
    request_body = SourceForm, responses(
    (status = 200, description = "The source with its key", body = SourceShown), Refusals))]
pub(super) async fn make(
    State(app): State<App>,
    writes: WritesSources,
    Sent(sent): Sent<SourceForm>,
) -> Answer<SourceShown> {
    let cx = &writes.cx;
    app.place.hold_history(cx).await?;
    let made = source::create(cx, &sent.name).await?;
    let target = made.number.to_string();
    let deed = Deed { action: "source.create", target: &target, ..Deed::default() };
    audit::commit(cx.write().await?, cx, deed).await?;
    Ok(Json(SourceShown::from(made)))
}

/// Take a source's key back
///
/// What it wrote stays. Its key may be accepted for some seconds more.
#[utoipa::path(delete, path = "/api/v1/sources/{source_id}", operation_id = "remove_source",
    tag = "sources", params(("source_id" = String, Path, description = "The source")), responses(
    (status = 204, description = "Its key is good no longer"),
    (status = 404, description = "There is no such source", body = ErrorBody), Refusals))]
pub(super) async fn remove(
    writes: WritesSources,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let cx = &writes.cx;
    let missing = || Error::missing("there is no such source").field("source_id");
    let known = source::list(cx).await?;
    let found = known.into_iter().find(|source| source.number.to_string() == id);
    let found = found.filter(|source| source.revoked_at.is_none()).ok_or_else(missing)?;
    source::revoke(cx, &found.name).await?;
    let deed = Deed { action: "source.remove", target: &id, ..Deed::default() };
    audit::commit(cx.write().await?, cx, deed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set how fast the shop may write
#[utoipa::path(put, path = "/api/v1/sources/pace", operation_id = "set_pace", tag = "sources",
    request_body = PaceForm, responses(
    (status = 204, description = "It is so within seconds"), Refusals))]
pub(super) async fn set_pace(
    writes: WritesSources,
    Sent(sent): Sent<PaceForm>,
) -> Result<StatusCode, Refusal> {
    let cx = &writes.cx;
    if sent.events_per_second.is_some_and(|rate| !(1..=PER_SECOND_MAX).contains(&rate)) {
        let text = format!("must be 1 to {PER_SECOND_MAX}");
        return Err(Error::bad(text).field("events_per_second").into());
    }
    let before = pace::get(cx).await?.map(|pace| pace.per_second);
    let new = sent.events_per_second.map(|rate| Pace { per_second: rate, burst: rate });
    pace::set(cx, new).await?;
    let text = |rate: Option<u32>| Some(rate.map_or("null".to_owned(), |rate| rate.to_string()));
    let (before, after) = (text(before), text(sent.events_per_second));
    let deed = Deed { action: "pace.set", target: "", before, after };
    audit::commit(cx.write().await?, cx, deed).await?;
    Ok(StatusCode::NO_CONTENT)
}
