//! Conditions in a person's own words.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::Value;
use stratify::phrase::{self, Reading};
use utoipa::ToSchema;

use super::Answer;
use crate::http::App;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::ReadsSegments;

/// What somebody said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct PhraseForm {
    /// Whom they mean, in Chinese or English.
    #[schema(max_length = 500)]
    text: String,
}

/// Read conditions from words
///
/// By a grammar of our own over fields, dates, numbers and the shop's own names; nothing is
/// guessed, and nothing leaves this machine.
#[utoipa::path(post, path = "/api/v1/segments/read", operation_id = "read_phrase",
    tag = "segments", request_body = PhraseForm, responses(
    (status = 200, description = "The conditions, and what was not understood",
     body = PhraseReading), Refusals))]
pub(in crate::http::api) async fn read(
    State(app): State<App>,
    reads: ReadsSegments,
    Sent(sent): Sent<PhraseForm>,
) -> Answer<Reading> {
    let mirror = app.mirror(reads.cx.shop).await;
    let of = (&reads.shop.zone, reads.shop.currency.exponent());
    let reading = phrase::understood(&reads.cx, &mirror, of, &sent.text).await;
    Ok(Json(reading.map_err(|error| error.field("text"))?))
}

/// What was read.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct PhraseReading {
    /// The conditions; a group without rules when nothing was understood.
    #[schema(value_type = Object)]
    expr: Value,
    /// What was understood, in the order in which it was said.
    understood: Vec<String>,
    /// What was not.
    unknown: Vec<UnknownWords>,
}

/// Words that make no condition.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct UnknownWords {
    /// The words.
    text: String,
    /// What is the matter with them.
    why: UnknownReason,
}

/// Why words make no condition.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum UnknownReason {
    /// They are no words of the grammar, and nothing of the shop is called so.
    Unknown,
    /// No category, brand or product of the shop is called so.
    NoThing,
    /// A time, but not of what; or a thing, but not what was done with it.
    NoDeed,
    /// An amount, but not of what; or a field, but not how much of it.
    NoAmount,
    /// The ages do not end where the shop's age bands do.
    AgeBands,
}
