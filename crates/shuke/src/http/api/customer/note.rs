//! What people of the shop write down about a customer.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use base::{Error, Result};
use perceive::note::{self, Note};
use serde::{Deserialize, Serialize};
use store::audit::{self, Deed};
use utoipa::ToSchema;

use super::whole::row_of;
use crate::http::api::{Answer, ErrorBody, micros};
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::who::{EditsCustomers, ReadsCustomers};

/// A note.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct NoteShown {
    /// Its number within the shop.
    note_id: String,
    /// What it says; null when it was erased.
    #[schema(required = true)]
    text: Option<String>,
    /// Who wrote it.
    author: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
}

impl From<Note> for NoteShown {
    fn from(note: Note) -> Self {
        let Note { number, text, author, at } = note;
        Self { note_id: number.to_string(), text, author, at: micros(at) }
    }
}

/// A note to be written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct NoteForm {
    /// What it says.
    text: String,
}

/// Notes about a customer
#[utoipa::path(get, path = "/api/v1/customers/{customer_id}/notes", operation_id = "notes",
    tag = "customers",
    params(("customer_id" = String, Path, description = "The customer")), responses(
    (status = 200, description = "The notes, the latest first", body = Vec<NoteShown>),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn list(
    reads: ReadsCustomers,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<Vec<NoteShown>> {
    let mut tx = reads.cx.read().await?;
    let person = row_of(&mut tx, &id).await?.customer_no;
    let notes = note::list(&mut tx, &reads.cx, person).await?;
    Ok(Json(notes.into_iter().map(NoteShown::from).collect()))
}

/// Write something down about a customer
#[utoipa::path(post, path = "/api/v1/customers/{customer_id}/notes", operation_id = "add_note",
    tag = "customers",
    params(("customer_id" = String, Path, description = "The customer")), request_body = NoteForm,
    responses((status = 200, description = "The note", body = NoteShown),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn add(
    edits: EditsCustomers,
    Path(id): Path<String>,
    Sent(sent): Sent<NoteForm>,
) -> Answer<NoteShown> {
    let cx = &edits.cx;
    let mut tx = cx.write().await?;
    let person = row_of(&mut tx, &id).await?.customer_no;
    let added = note::add(&mut tx, cx, (person, &sent.text)).await?;
    audit::commit(tx, cx, Deed { action: "note.add", target: &id, ..Deed::default() }).await?;
    Ok(Json(NoteShown::from(added)))
}

/// Take a note away
#[utoipa::path(delete, path = "/api/v1/customers/{customer_id}/notes/{note_id}",
    operation_id = "remove_note", tag = "customers", params(
    ("customer_id" = String, Path, description = "The customer"),
    ("note_id" = String, Path, description = "The note")), responses(
    (status = 204, description = "It is gone"),
    (status = 404, description = "There is no such note", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn remove(
    edits: EditsCustomers,
    Path((id, note)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let missing = || Error::missing("there is no such note").field("note_id");
    let (cx, number) = (&edits.cx, note.parse().map_err(|_| missing())?);
    let mut tx = cx.write().await?;
    let person = row_of(&mut tx, &id).await?.customer_no;
    if !note::remove(&mut tx, (person, number)).await? {
        return Err(missing().into());
    }
    audit::commit(tx, cx, Deed { action: "note.remove", target: &id, ..Deed::default() }).await?;
    Ok(StatusCode::NO_CONTENT)
}
