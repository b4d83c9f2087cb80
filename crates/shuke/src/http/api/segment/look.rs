//! Looking at whom conditions mean: how many, ten of them, why one of them, and segments beside
//! each other.

use std::time::Instant;

use axum::Json;
use axum::extract::{Path, State};
use base::{Error, Result};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stratify::audience;
use stratify::expr::one::Reason;
use stratify::expr::{self, Expr, Needs, person};
use stratify::segment::compare::{self, Comparison, OVERLAP_MAX, Region};
use stratify::segment::{self, check_names};
use utoipa::{IntoParams, ToSchema};

use super::{Answer, ErrorBody, number};
use crate::http::App;
use crate::http::api::customer::{Customer, by_number};
use crate::http::asked::{Asked, Said, Wish};
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::{Access, ReadsSegments};

/// Customers that are shown of those who are meant.
const EXAMPLES: usize = 10;
/// Segments that an overlap or a comparison may be asked for beside what is being written.
const BESIDE_MAX: usize = 20;

/// Conditions to be tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct PreviewForm {
    /// The conditions.
    #[schema(value_type = Object)]
    expr: Value,
    /// Segments whose overlap with those who are meant is told.
    #[serde(default)]
    beside: Vec<String>,
}

/// Whom conditions mean.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct Preview {
    /// Whether they are private: they are meant by what the shop keeps to itself.
    private: bool,
    /// How many; where they are private rounded down to ten, and null where that would tell of too
    /// few.
    #[schema(required = true)]
    count: Option<i64>,
    /// Customers of the shop.
    customers: i64,
    /// Some of them; none where they are private.
    examples: Vec<Customer>,
    /// How many of them are in each of the segments that were asked for, in that order; nothing
    /// where they are private.
    beside: Vec<i64>,
    /// How long it took, in milliseconds.
    elapsed_ms: u64,
}

fn people(set: u64) -> i64 {
    i64::try_from(set).unwrap_or(i64::MAX)
}

/// Try conditions
///
/// How many customers they mean, and ten of them.
#[utoipa::path(post, path = "/api/v1/segments/preview", operation_id = "preview_segment",
    tag = "segments", request_body = PreviewForm, responses(
    (status = 200, description = "Whom they mean", body = Preview), Refusals))]
#[expect(clippy::disallowed_methods, reason = "how long it took is part of the answer")]
pub(in crate::http::api) async fn preview(
    State(app): State<App>,
    reads: ReadsSegments,
    Sent(sent): Sent<PreviewForm>,
) -> Answer<Preview> {
    let began = Instant::now();
    if sent.beside.len() > BESIDE_MAX {
        return Err(Error::bad(format!("has at most {BESIDE_MAX} segments"))
            .field("beside")
            .into());
    }
    let expr = read(&reads, &sent.expr).await?;
    let meant = app.look(&reads, &expr).await?;
    let (members, private) = (&meant.members, meant.private);
    let mut beside = Vec::with_capacity(sent.beside.len());
    for id in sent.beside.iter().filter(|_| !private) {
        let other = segment::members(&reads.cx, number(id)?).await?;
        beside.push(people(other.intersection_len(members)));
    }
    let count = app.size(&reads, &meant, (&audience::key(&sent.expr), &expr)).await?;
    let elapsed = began.elapsed();
    Ok(Json(Preview {
        private,
        count,
        customers: app.mirror(reads.cx.shop).await.people(),
        examples: if private { Vec::new() } else { examples(&app, &reads, members).await? },
        beside,
        elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
    }))
}

async fn read(reads: &ReadsSegments, conditions: &Value) -> Result<Expr> {
    let expr = expr::read(conditions)?;
    check_names(&reads.cx, &expr, None).await?;
    Ok(expr)
}

async fn examples(app: &App, access: &Access, members: &RoaringBitmap) -> Result<Vec<Customer>> {
    let some: Vec<i64> = members.iter().take(EXAMPLES).map(i64::from).collect();
    let mut customers = by_number(app, access, &some).await?;
    Ok(some.iter().filter_map(|number| customers.remove(number)).collect())
}

/// Conditions, and a customer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct WhyForm {
    /// The conditions.
    #[schema(value_type = Object)]
    expr: Value,
    /// The customer.
    customer_id: String,
}

/// Why conditions mean a customer, or do not
#[utoipa::path(post, path = "/api/v1/segments/explain", operation_id = "explain_segment",
    tag = "segments", request_body = WhyForm, responses(
    (status = 200, description = "Each condition with what was found", body = ReasonShown),
    (status = 404, description = "There is no such customer", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn explain(
    State(app): State<App>,
    reads: ReadsSegments,
    Sent(sent): Sent<WhyForm>,
) -> Answer<Reason> {
    let expr = read(&reads, &sent.expr).await?;
    Ok(Json(reason(&app, &reads, (&expr, &sent.customer_id)).await?))
}

/// Why a customer is in a segment, or is not
///
/// By its conditions as they are now.
#[utoipa::path(get, path = "/api/v1/segments/{segment_id}/why/{customer_id}",
    operation_id = "why_in_segment", tag = "segments", params(
    ("segment_id" = String, Path, description = "The segment"),
    ("customer_id" = String, Path, description = "The customer")), responses(
    (status = 200, description = "Each condition with what was found", body = ReasonShown),
    (status = 404, description = "There is no such segment or customer", body = ErrorBody),
    Refusals))]
pub(in crate::http::api) async fn why(
    State(app): State<App>,
    reads: ReadsSegments,
    Path((id, customer)): Path<(String, String)>,
    _: Asked<()>,
) -> Answer<Reason> {
    let segment = segment::open(&reads.cx, number(&id)?).await?;
    let listed = || Error::conflict("a list has no conditions").field("segment_id");
    let expr = segment.expr()?.ok_or_else(listed)?;
    Ok(Json(reason(&app, &reads, (&expr, &customer)).await?))
}

async fn reason(app: &App, access: &Access, (expr, customer): (&Expr, &str)) -> Result<Reason> {
    let missing = |_| Error::missing("there is no such customer").field("customer_id");
    let customer = customer.parse().map_err(missing)?;
    let held = app.hold(access, &Needs::of(expr)).await?;
    if held.sets.are_private(expr) {
        return Err(segment::hidden());
    }
    let here = tokio::runtime::Handle::current();
    let shop = held.shop(app, access);
    tokio::task::block_in_place(|| here.block_on(person::explain(&shop, expr, customer)))
}

/// Which segments.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http::api) struct Beside {
    /// Segments with commas between them, at most five
    ids: String,
}

impl Wish for Beside {
    fn read(said: &mut Said) -> Result<Self> {
        Ok(Self { ids: said.text("ids")?.unwrap_or_default() })
    }
}

impl Beside {
    async fn members(&self, access: &Access, most: usize) -> Result<Vec<RoaringBitmap>> {
        let ids: Vec<&str> = self.ids.split(',').filter(|id| !id.is_empty()).collect();
        if ids.is_empty() || ids.len() > most {
            let text = format!("has 1 to {most} segments");
            return Err(Error::bad(text).field("ids").hint("such as ids=1,2"));
        }
        let mut all = Vec::with_capacity(ids.len());
        for id in ids {
            all.push(segment::members(&access.cx, number(id)?).await?);
        }
        Ok(all)
    }
}

/// Whom segments share
#[utoipa::path(get, path = "/api/v1/segments/overlap", operation_id = "segment_overlap",
    tag = "segments", params(Beside), responses(
    (status = 200, description = "For each choice of them, who is in exactly these",
     body = Vec<OverlapRegion>),
    (status = 404, description = "There is no such segment", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn overlap(
    reads: ReadsSegments,
    Asked(asked): Asked<Beside>,
) -> Answer<Vec<Region>> {
    Ok(Json(compare::overlap(&asked.members(&reads, OVERLAP_MAX).await?)))
}

/// Which segments, by which field.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http::api) struct ByField {
    /// Segments with commas between them, at most five
    ids: String,
    /// A field of customers: a number, a time, a text or a truth value
    field: String,
}

impl Wish for ByField {
    fn read(said: &mut Said) -> Result<Self> {
        let missing = || Error::bad("is missing").field("field").hint("such as net_minor");
        let ids = said.text("ids")?.unwrap_or_default();
        Ok(Self { ids, field: said.text("field")?.ok_or_else(missing)? })
    }
}

/// How the members of segments differ
#[utoipa::path(get, path = "/api/v1/segments/compare", operation_id = "compare_segments",
    tag = "segments", params(ByField), responses(
    (status = 200, description = "Each segment's values", body = SegmentComparison),
    (status = 404, description = "There is no such segment", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn compared(
    State(app): State<App>,
    reads: ReadsSegments,
    Asked(asked): Asked<ByField>,
) -> Answer<Comparison> {
    let beside = Beside { ids: asked.ids };
    let sets = beside.members(&reads, OVERLAP_MAX).await?;
    let needs = Needs { scores: true, ..Needs::default() };
    let held = app.hold(&reads, &needs).await?;
    let work = || compare::compare(&held.shop(&app, &reads), &asked.field, &sets);
    Ok(Json(tokio::task::block_in_place(work)?))
}

/// Why conditions hold or do not: the same tree with what was found.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct ReasonShown {
    /// Where the condition stands in the expression; none for groups.
    at: Option<String>,
    /// Whether it holds; null where a missing value leaves that open.
    #[schema(required = true)]
    held: Option<bool>,
    /// The value that was found: a number, a time, a text or a truth value.
    #[schema(value_type = Option<Object>)]
    found: Option<Value>,
    /// How the parts below are joined: `and`, `or` or `not`.
    combinator: Option<String>,
    /// The parts.
    #[schema(no_recursion)]
    parts: Option<Vec<ReasonShown>>,
}

/// Customers who are in exactly some of several segments.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct OverlapRegion {
    /// The places of those segments among the ones that were asked for, from 0 on.
    of: Vec<usize>,
    /// How many are in all of these and in no other.
    customers: i64,
}

/// A field of the members of segments.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct SegmentComparison {
    /// Of which kind the values are: `number`, `time` or `text`.
    kind: String,
    /// Each segment's, in the order in which they were asked for.
    sides: Vec<ComparisonSide>,
}

/// A field's values among the members of a segment.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct ComparisonSide {
    /// Members.
    customers: i64,
    /// Members who have a value.
    known: i64,
    /// Their sum, of numbers.
    #[schema(required = true)]
    sum: Option<i64>,
    /// Their mean, of numbers.
    #[schema(required = true)]
    mean: Option<f64>,
    /// Least, first quartile, median, third quartile and largest; times are in microseconds.
    #[schema(required = true)]
    quartiles: Option<Vec<i64>>,
    /// How many have each text, as pairs.
    texts: Vec<(String, i64)>,
}
