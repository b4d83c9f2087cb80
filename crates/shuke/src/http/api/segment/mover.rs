//! Who entered and left a segment on a day, one by one.

use axum::Json;
use axum::extract::{Path, State};
use base::{Date, Error, Result};
use serde::Serialize;
use stratify::segment::{self, Move};
use utoipa::{IntoParams, ToSchema};

use super::shape::CauseName;
use super::{Answer, ErrorBody, number};
use crate::http::App;
use crate::http::api::customer::{Customer, by_number};
use crate::http::api::{Paged, micros, paged_of};
use crate::http::asked::{Asked, Said, Wish};
use crate::http::error::Refusals;
use crate::http::who::ReadsSegments;

/// Of which day, and after whom.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http::api) struct OfDay {
    /// The day, by the shop's own days
    #[param(value_type = String, format = Date, example = "2026-11-11")]
    day: Date,
    /// Only those who entered, or only those who left: one of `entered`, `left`
    #[param(value_type = Option<String>)]
    way: Option<bool>,
    /// Rows of the page
    #[param(required = false, minimum = 1, maximum = 500, default = 50)]
    limit: u32,
    /// `next` of the page before
    #[param(value_type = Option<String>)]
    after: Option<i64>,
}

impl Wish for OfDay {
    fn read(said: &mut Said) -> Result<Self> {
        let missing = || Error::bad("is missing").field("day").hint("such as 2026-11-11");
        let day = said.date("day")?.ok_or_else(missing)?;
        let way = said.word("way", &["entered", "left"])?.map(|way| way == 0);
        let (limit, after) = said.page()?;
        Ok(Self { day, way, limit, after })
    }
}

/// A customer who entered or left.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct Mover {
    /// The customer.
    customer: Customer,
    /// Every time they did, the latest first.
    moves: Vec<MoveShown>,
}

/// Why somebody entered or left.
#[derive(Debug, Serialize, ToSchema)]
struct MoveShown {
    /// When; the last moment of the day once it is over.
    #[schema(format = DateTime)]
    moved_at: String,
    /// Whether they entered; they left otherwise.
    entered: bool,
    /// Why.
    cause: CauseName,
    /// Where the conditions stand in the expression that came to hold or ceased to.
    conditions: Vec<String>,
    /// The version of the conditions.
    version: i64,
}

impl From<Move> for MoveShown {
    fn from(own: Move) -> Self {
        let Move { at, entered, cause, conditions, version } = own;
        Self { moved_at: micros(at), entered, cause: cause.into(), conditions, version }
    }
}

/// Who entered and left a segment on a day
///
/// Everybody, with every reason.
#[utoipa::path(get, path = "/api/v1/segments/{segment_id}/movers",
    operation_id = "segment_movers", tag = "segments",
    params(("segment_id" = String, Path, description = "The segment"), OfDay), responses(
    (status = 200, description = "A page of customers, by number", body = Paged<Mover>),
    (status = 404, description = "There is no such segment", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn list(
    State(app): State<App>,
    reads: ReadsSegments,
    Path(id): Path<String>,
    Asked(asked): Asked<OfDay>,
) -> Answer<Paged<Mover>> {
    let most = usize::try_from(asked.limit).unwrap_or(usize::MAX).saturating_add(1);
    let page = (asked.after.unwrap_or(0), most);
    let of = (asked.day, asked.way);
    let moved = segment::movers(&reads.cx, number(&id)?, of, page).await?;
    let Paged { data, next, total } = paged_of(moved, asked.limit, |(person, _)| *person)?;
    let numbers: Vec<i64> = data.iter().map(|(person, _)| *person).collect();
    let mut customers = by_number(&app, &reads, &numbers).await?;
    let shown = data.into_iter().filter_map(|(person, moves)| {
        let customer = customers.remove(&person)?;
        Some(Mover { customer, moves: moves.into_iter().map(MoveShown::from).collect() })
    });
    Ok(Json(Paged { data: shown.collect(), next, total }))
}
