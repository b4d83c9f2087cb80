//! Filters that people keep.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use base::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Answer, ErrorBody};
use crate::http::asked::{Asked, Said, Wish, without};
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::who::ReadsCustomers;
use crate::view::{self, NewView, View};

/// Filters of a page that somebody keeps.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ViewShown {
    /// Its number within the shop.
    view_id: String,
    /// The page that it is of: `customers`, `orders` or `products`.
    page: String,
    /// Its name.
    name: String,
    /// The page's address behind the question mark.
    query: String,
    /// Whether everybody in the shop sees it.
    shared: bool,
    /// Whether it belongs to whoever asks.
    own: bool,
}

fn shown(view: View, actor: &str) -> ViewShown {
    let own = view.owner == actor;
    let View { number, page, name, query, shared, .. } = view;
    ViewShown { view_id: number.to_string(), page, name, query, shared, own }
}

/// Filters to be kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ViewForm {
    /// The page: `customers`, `orders` or `products`.
    page: String,
    /// A name.
    name: String,
    /// The page's address behind the question mark.
    query: String,
    /// Whether everybody in the shop sees it.
    shared: bool,
}

/// Of which page.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OfPage {
    /// The page
    page: Option<String>,
}

impl Wish for OfPage {
    fn read(said: &mut Said) -> Result<Self> {
        Ok(Self { page: said.text("page")? })
    }
}

/// Kept filters
#[utoipa::path(get, path = "/api/v1/views", operation_id = "views", tag = "views",
    params(OfPage), responses(
    (status = 200, description = "Own ones and those of the shop, by name",
     body = Vec<ViewShown>), Refusals))]
pub(super) async fn list(
    reads: ReadsCustomers,
    Asked(asked): Asked<OfPage>,
) -> Answer<Vec<ViewShown>> {
    let actor = reads.cx.actor.to_string();
    let views = view::list(&reads.cx, asked.page.as_deref()).await?.into_iter();
    Ok(Json(views.map(|view| shown(view, &actor)).collect()))
}

/// Keep filters
///
/// What is searched for is left out: it may be somebody's name or phone.
#[utoipa::path(post, path = "/api/v1/views", operation_id = "make_view", tag = "views",
    request_body = ViewForm, responses(
    (status = 200, description = "The view", body = ViewShown), Refusals))]
pub(super) async fn make(reads: ReadsCustomers, Sent(sent): Sent<ViewForm>) -> Answer<ViewShown> {
    let cx = &reads.cx;
    let ViewForm { page, name, query, shared } = sent;
    let query = without(&query, &["q"]);
    let mut tx = cx.write().await?;
    let made = view::create(&mut tx, cx, NewView { page, name, query, shared }).await?;
    tx.commit().await?;
    Ok(Json(shown(made, &cx.actor.to_string())))
}

/// Keep filters no longer
#[utoipa::path(delete, path = "/api/v1/views/{view_id}", operation_id = "remove_view",
    tag = "views", params(("view_id" = String, Path, description = "The view")), responses(
    (status = 204, description = "It is gone"),
    (status = 404, description = "You have no such view", body = ErrorBody), Refusals))]
pub(super) async fn remove(
    reads: ReadsCustomers,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let missing = || Error::missing("you have no such view").field("view_id");
    let number = id.parse().map_err(|_| missing())?;
    let mut tx = reads.cx.write().await?;
    view::remove(&mut tx, &reads.cx, number).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
