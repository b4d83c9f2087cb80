//! Conditions as a JSON Schema, for whoever writes them by a program.

use axum::Json;
use serde_json::Value;
use stratify::expr;
use utoipa::ToSchema;

use super::Answer;
use crate::http::asked::Asked;
use crate::http::error::Refusals;
use crate::http::who::ReadsSegments;

/// A JSON Schema (draft 2020-12).
#[derive(ToSchema)]
#[schema(value_type = Object)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
pub(in crate::http::api) struct ConditionSchema(Value);

/// Conditions as a JSON Schema
///
/// What `expr` may be wherever it is asked for.
#[utoipa::path(get, path = "/api/v1/segments/schema", operation_id = "segment_schema",
    tag = "segments", responses(
    (status = 200, description = "The schema", body = ConditionSchema), Refusals))]
pub(in crate::http::api) async fn show(_: ReadsSegments, _: Asked<()>) -> Answer<Value> {
    Ok(Json(expr::schema()))
}
