//! Who is one person: saying that two customers are one, or that one is two, after a look at what
//! that would do.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base::{Currency, Error, Result};
use perceive::identity::Verdict;
use perceive::profile::{self, Row};
use perceive::relay;
use serde::{Deserialize, Serialize};
use store::{Cx, Tx};
use utoipa::{IntoParams, ToSchema};

use super::Customer;
use super::whole::{PersonalShown, missing, row_of, source_names};
use crate::http::App;
use crate::http::api::{Answer, ErrorBody};
use crate::http::asked::{Asked, Said, Wish};
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::who::{Access, EditsCustomers, ReadsCustomers};

/// Whom a customer would be merged with.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http::api) struct With {
    /// The other customer
    #[param(value_type = String)]
    with: String,
}

impl Wish for With {
    fn read(said: &mut Said) -> Result<Self> {
        let missing = || Error::bad("is missing").field("with").hint("say a customer_id");
        Ok(Self { with: said.text("with")?.ok_or_else(missing)? })
    }
}

/// What a merge would do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct MergePreview {
    /// The customer that stays.
    into: Customer,
    /// The customer that becomes part of it.
    from: Customer,
    /// What is personal of the one that stays, masked.
    into_personal: PersonalShown,
    /// What is personal of the other, masked.
    from_personal: PersonalShown,
}

/// Two customers in the order in which one becomes part of the other: the one known for longer
/// stays.
async fn pair(tx: &mut Tx, (one, other): (&str, &str)) -> Result<(Row, Row)> {
    let (one, other) = (row_of(tx, one).await?, row_of(tx, other).await);
    let other = other.map_err(|error| error.field("with"))?;
    if one.customer_no == other.customer_no {
        return Err(Error::bad("is the same customer").field("with"));
    }
    Ok(if one.customer_no < other.customer_no { (one, other) } else { (other, one) })
}

/// What a merge would do
#[utoipa::path(get, path = "/api/v1/customers/{customer_id}/merge",
    operation_id = "merge_preview", tag = "customers", params(
    ("customer_id" = String, Path, description = "One customer"), With), responses(
    (status = 200, description = "The two, and who stays", body = MergePreview),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn merge_preview(
    State(app): State<App>,
    reads: ReadsCustomers,
    Path(id): Path<String>,
    Asked(asked): Asked<With>,
) -> Answer<MergePreview> {
    let cx = &reads.cx;
    let scores = app.scores(&reads).await?;
    let mut tx = cx.read().await?;
    let (into, from) = pair(&mut tx, (&id, &asked.with)).await?;
    let into_personal = masked(&mut tx, cx, into.customer_no).await?;
    let from_personal = masked(&mut tx, cx, from.customer_no).await?;
    let currency: Currency = reads.shop.currency;
    let shown = |row: Row| Customer::new(row, &scores, currency);
    Ok(Json(MergePreview { into: shown(into), from: shown(from), into_personal, from_personal }))
}

async fn masked(tx: &mut Tx, cx: &Cx, person: i64) -> Result<PersonalShown> {
    let personal = profile::personal(tx, cx, person).await?;
    let names = source_names(tx, &personal).await?;
    Ok(PersonalShown::new(personal.masked(), &names))
}

/// The other customer of a decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct Other {
    /// The other customer.
    customer_id: String,
}

/// Say that two customers are one person
///
/// Nothing is lost: it can be undone.
#[utoipa::path(post, path = "/api/v1/customers/{customer_id}/merge", operation_id = "merge",
    tag = "customers", params(("customer_id" = String, Path, description = "One customer")),
    request_body = Other, responses((status = 204, description = "They are one"),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn merge(
    State(app): State<App>,
    edits: EditsCustomers,
    Path(id): Path<String>,
    Sent(sent): Sent<Other>,
) -> Result<StatusCode, Refusal> {
    let mut tx = edits.cx.read().await?;
    let (into, from) = pair(&mut tx, (&id, &sent.customer_id)).await?;
    drop(tx);
    decide(&app, &edits, (into.customer_no, from.customer_no), Verdict::Together).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a parting would do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct UnmergePreview {
    /// The customer as they are now.
    now: Customer,
    /// The two who would be there afterwards, the one known for longer first.
    after: Vec<Parted>,
}

/// One of the two after a parting.
#[derive(Debug, Serialize, ToSchema)]
struct Parted {
    /// Their figures.
    customer: Customer,
    /// What is personal of them, masked.
    personal: PersonalShown,
}

/// What a parting would do
#[utoipa::path(get, path = "/api/v1/customers/{customer_id}/unmerge",
    operation_id = "unmerge_preview", tag = "customers", params(
    ("customer_id" = String, Path, description = "One number"), With), responses(
    (status = 200, description = "The customer, and the two afterwards", body = UnmergePreview),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn unmerge_preview(
    State(app): State<App>,
    edits: EditsCustomers,
    Path(id): Path<String>,
    Asked(asked): Asked<With>,
) -> Answer<UnmergePreview> {
    let (cx, currency) = (&edits.cx, edits.shop.currency);
    let scores = app.scores(&edits).await?;
    let pair = (number(&id)?, number(&asked.with).map_err(|error| error.field("with"))?);
    let now = row_of(&mut cx.read().await?, &id).await?;
    let mut after = Vec::with_capacity(2);
    for (row, personal) in profile::if_decided(cx, pair, Verdict::Apart).await? {
        let names = source_names(&mut cx.read().await?, &personal).await?;
        let personal = PersonalShown::new(personal.masked(), &names);
        after.push(Parted { customer: Customer::new(row, &scores, currency), personal });
    }
    Ok(Json(UnmergePreview { now: Customer::new(now, &scores, currency), after }))
}

fn number(id: &str) -> Result<i64> {
    id.parse().map_err(|_| missing())
}

/// Say that two numbers are two people
///
/// Each keeps the history that came under its own numbers.
#[utoipa::path(post, path = "/api/v1/customers/{customer_id}/unmerge", operation_id = "unmerge",
    tag = "customers", params(("customer_id" = String, Path, description = "One number")),
    request_body = Other, responses((status = 204, description = "They are two"),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn unmerge(
    State(app): State<App>,
    edits: EditsCustomers,
    Path(id): Path<String>,
    Sent(sent): Sent<Other>,
) -> Result<StatusCode, Refusal> {
    let pair = (number(&id)?, number(&sent.customer_id)?);
    decide(&app, &edits, pair, Verdict::Apart).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn decide(app: &App, access: &Access, pair: (i64, i64), verdict: Verdict) -> Result<()> {
    profile::decide(&access.cx, pair, verdict).await?;
    relay::publish(&access.cx, &app.place.lake).await
}
