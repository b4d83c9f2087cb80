//! `/api/v1`: what is in a shop, for programs that have a secret key of it.

mod customer;
mod event;
mod order;
mod product;
mod rfm;

use axum::Json;
use base::{Result, Time};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::asked::mark;
use super::error::{ErrorBody, Refusal};

/// What a handler answers.
type Answer<T> = Result<Json<T>, Refusal>;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Paged<T> {
    /// The rows.
    data: Vec<T>,
    /// What to send as `after` for the next page; null after the last row.
    #[schema(required = true)]
    next: Option<String>,
}

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(customer::list))
        .routes(routes!(customer::one))
        .routes(routes!(order::list))
        .routes(routes!(order::one))
        .routes(routes!(product::list))
        .routes(routes!(event::list))
        .routes(routes!(rfm::show))
}

/// The first `limit` of `rows`, which are one more where there are more; `place` is a row's in the
/// list.
fn paged<R, M: Serialize, T>(
    mut rows: Vec<R>,
    limit: u32,
    place: impl Fn(&R) -> M,
    show: impl FnMut(R) -> T,
) -> Result<Paged<T>> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| mark(&place(row))).transpose()?;
    Ok(Paged { data: rows.into_iter().map(show).collect(), next })
}

/// A moment as answers show it.
fn time(micros: Option<i64>) -> Option<String> {
    micros.map(|micros| Time::from_micros(micros).to_string())
}
