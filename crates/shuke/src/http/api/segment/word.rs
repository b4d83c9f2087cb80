//! What conditions may speak of, for whoever writes a builder of them.

use axum::Json;
use axum::extract::State;
use base::Result;
use serde::Serialize;
use serde_json::Value;
use stratify::expr::{self, Collection, Kind, PROPERTY};
use stratify::lifecycle::Stage;
use stratify::rfm::rule::Stratum;
use stratify::segment::ready::{self, Ready};
use utoipa::ToSchema;

use super::Answer;
use super::seen::Seen;
use crate::http::App;
use crate::http::asked::Asked;
use crate::http::error::Refusals;
use crate::http::who::ReadsSegments;
use crate::http::whole::ReadySize;

/// Texts of a field that are told.
const VALUES_MAX: usize = 200;

/// What conditions may speak of.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct Words {
    /// Fields of customers.
    fields: Vec<FieldWord>,
    /// What customers have many of.
    collections: Vec<CollectionWord>,
}

/// A field.
#[derive(Debug, Serialize, ToSchema)]
struct FieldWord {
    /// Its name, that of the column in SQL.
    name: String,
    /// What its values are.
    kind: FieldKind,
    /// The operators that go with it.
    operators: Vec<&'static str>,
    /// The texts that occur, the most frequent first, where they are few.
    values: Vec<String>,
}

/// What customers have many of.
#[derive(Debug, Serialize, ToSchema)]
struct CollectionWord {
    /// Its name.
    name: String,
    /// The field that says when something happened.
    time: String,
    /// Its fields.
    fields: Vec<FieldWord>,
}

/// What the values of a field are.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum FieldKind {
    /// A whole number, or money in minor units.
    Number,
    /// An instant.
    Time,
    /// A text.
    Text,
    /// A truth value.
    Truth,
    /// A number that need not be whole.
    Fraction,
    /// Personal: found by its whole value only.
    Sealed,
    /// A day of each year: personal, and found by its whole value only.
    Day,
    /// Sets of customers, by number.
    Set,
}

impl From<Kind> for FieldKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Number => Self::Number,
            Kind::Time => Self::Time,
            Kind::Text => Self::Text,
            Kind::Truth => Self::Truth,
            Kind::Fraction => Self::Fraction,
            Kind::Sealed => Self::Sealed,
            Kind::Day => Self::Day,
            Kind::Set => Self::Set,
        }
    }
}

fn word((name, kind): (&str, Kind), values: Vec<String>, of_profile: bool) -> FieldWord {
    let operators = expr::operators(kind).iter().copied();
    let top = of_profile && expr::has_top(name);
    let operators = operators.filter(|operator| *operator != "top" || top).collect();
    FieldWord { name: name.to_owned(), kind: kind.into(), operators, values }
}

/// A segment that a shop can begin with.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::http::api) struct ReadySegment {
    /// What programs call it.
    code: String,
    /// Its name in Chinese.
    name_zh: String,
    /// Its name in English.
    name_en: String,
    /// Who is in it, in Chinese.
    why_zh: String,
    /// Who is in it, in English.
    why_en: String,
    /// Its conditions.
    #[schema(value_type = Object)]
    expr: Value,
    /// Whether it would be private.
    private: bool,
    /// How many it would have now; of a private one as far as it may be told.
    #[schema(required = true)]
    count: Option<i64>,
}

/// Segments to begin with
///
/// Each with how many customers it would have now.
#[utoipa::path(get, path = "/api/v1/segments/ready", operation_id = "ready_segments",
    tag = "segments", responses(
    (status = 200, description = "Segments to begin with", body = Vec<ReadySegment>), Refusals))]
pub(in crate::http::api) async fn ready(
    State(app): State<App>,
    reads: ReadsSegments,
    _: Asked<()>,
) -> Answer<Vec<ReadySegment>> {
    let sizes = app.ready_sizes(&reads).await?;
    let shown = |(own, size): (&Ready, &ReadySize)| ReadySegment {
        code: own.code.clone(),
        name_zh: own.name.zh.clone(),
        name_en: own.name.en.clone(),
        why_zh: own.why.zh.clone(),
        why_en: own.why.en.clone(),
        expr: own.expr.clone(),
        private: size.private,
        count: size.count,
    };
    Ok(Json(ready::all()?.iter().zip(sizes.iter()).map(shown).collect()))
}

/// The fields of a collection, those that its rows were seen to have included.
fn fields_of(of: Collection, seen: &Seen) -> Vec<FieldWord> {
    let own = of.fields().iter().map(|(name, kind)| {
        let texts = if *kind == Kind::Text { seen.texts(of, name) } else { Vec::new() };
        word((name, *kind), texts, false)
    });
    let properties = if of == Collection::Events { seen.properties() } else { Vec::new() };
    let properties = properties
        .into_iter()
        .map(|(name, kind)| word((&format!("{PROPERTY}{name}"), kind), Vec::new(), false));
    own.chain(properties).collect()
}

/// What conditions may speak of
///
/// Fields and collections with the operators that go with them.
#[utoipa::path(get, path = "/api/v1/segments/fields", operation_id = "segment_fields",
    tag = "segments", responses(
    (status = 200, description = "Fields and collections", body = Words), Refusals))]
pub(in crate::http::api) async fn list(
    State(app): State<App>,
    reads: ReadsSegments,
    _: Asked<()>,
) -> Answer<Words> {
    let mirror = app.mirror(reads.cx.shop).await;
    let values = |name: &str, kind: Kind| -> Result<Vec<String>> {
        let own = match name {
            "stratum" => Stratum::ALL.map(|stratum| stratum.names().0.to_owned()).to_vec(),
            "lifecycle" => Stage::ALL.map(|stage| stage.name().to_owned()).to_vec(),
            "external_id" => Vec::new(),
            _ if kind == Kind::Text => {
                let texts = mirror.texts(name, VALUES_MAX)?.into_iter();
                texts.map(|(text, _)| text).collect()
            }
            _ => Vec::new(),
        };
        Ok(own)
    };
    let fields = expr::profile_fields();
    let fields = fields.map(|(name, kind)| Ok(word((name, kind), values(name, kind)?, true)));
    let seen = app.seen(&reads).await?;
    let collections = Collection::ALL.into_iter().map(|(name, collection)| CollectionWord {
        name: name.to_owned(),
        time: collection.time().to_owned(),
        fields: fields_of(collection, &seen),
    });
    Ok(Json(Words { fields: fields.collect::<Result<_>>()?, collections: collections.collect() }))
}
