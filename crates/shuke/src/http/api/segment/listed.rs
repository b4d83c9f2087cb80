//! Lists of people whom somebody names, as segments.

use axum::Json;
use axum::extract::State;
use base::{Code, Error, Result};
use perceive::import::{self, VALUES_MAX};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stratify::expr::{self, LIST_MAX};
use stratify::segment;
use utoipa::ToSchema;

use super::{Answer, ErrorBody, SegmentShown, shown};
use crate::http::App;
use crate::http::api::customer::whole::row_of;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::{Access, WritesSegments};
use crate::upload;

/// Customers that one request may name by number.
const NAMED_MAX: usize = 1_000;

/// By what a list names people.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum NamedBy {
    /// Phones, in any spelling.
    Phone,
    /// Emails.
    Email,
    /// Whole names; everybody who has such a one.
    Name,
    /// Identifiers that are not personal, as the customers' table shows them.
    ExternalId,
    /// Numbers within the shop.
    CustomerId,
}

/// A list of people.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct Listed {
    /// By what it names people.
    by: NamedBy,
    /// A file that was sent.
    upload_id: Option<String>,
    /// Its column, by its header; the first one if left out.
    column: Option<String>,
    /// The list itself, where there is no file.
    values: Option<Vec<String>>,
}

/// A list of people under a name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct ListForm {
    /// Its name, which no other segment has.
    name: String,
    /// What it is for.
    #[serde(default)]
    note: String,
    /// By what it names people.
    by: NamedBy,
    /// A file that was sent.
    upload_id: Option<String>,
    /// Its column, by its header; the first one if left out.
    column: Option<String>,
    /// The list itself, where there is no file.
    values: Option<Vec<String>>,
}

/// A list that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct ListMade {
    /// The segment.
    segment: SegmentShown,
    /// Values on the list that were not empty.
    values: usize,
    /// Customers whom they name.
    found: u64,
}

/// Make a segment of a list
///
/// The list is a column of a file that was sent (see `POST /api/v1/uploads`), or stands in the
/// request. Whoever the shop does not know is left out; who is on it stays.
#[utoipa::path(post, path = "/api/v1/segments/lists", operation_id = "make_list",
    tag = "segments", request_body = ListForm, responses(
    (status = 200, description = "The segment, and how many were known", body = ListMade),
    (status = 404, description = "There is no such file", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn make(
    State(app): State<App>,
    writes: WritesSegments,
    Sent(sent): Sent<ListForm>,
) -> Answer<ListMade> {
    let ListForm { name, note, by, upload_id, column, values } = sent;
    let list = Listed { by, upload_id, column, values };
    let (values, found) = found(&app, &writes, &list).await?;
    let known = found.len();
    let from = (Ok(found), writes.shop.zone.date(writes.cx.now));
    let made = segment::snapshot(&writes.cx, (&name, &note), from).await?;
    Ok(Json(ListMade { segment: shown(&made, Vec::new(), &[]), values, found: known }))
}

/// How many values a list has that are not empty, and the customers whom they name.
pub(in crate::http::api) async fn found(
    app: &App,
    access: &Access,
    list: &Listed,
) -> Result<(usize, RoaringBitmap)> {
    let values = values(app, access, list).await?;
    let mut found = RoaringBitmap::new();
    for some in values.chunks(LIST_MAX) {
        let rule = json!({"field": json!(list.by), "operator": "in", "value": some});
        let expr = expr::read(&json!({"combinator": "and", "rules": [rule]}))
            .map_err(|error| error.field("values"))?;
        found |= app.meant(access, &expr).await?;
    }
    Ok((values.len(), found))
}

/// People whom somebody means: customers by number, a segment, or a list.
pub(in crate::http::api) struct Meant {
    pub(in crate::http::api) customer_ids: Option<Vec<String>>,
    pub(in crate::http::api) segment_id: Option<String>,
    pub(in crate::http::api) list: Option<Listed>,
}

impl Meant {
    /// They, and how they were meant: `hand`, `segment` or `list`.
    pub(in crate::http::api) async fn people(
        &self,
        app: &App,
        access: &Access,
    ) -> Result<(RoaringBitmap, &'static str)> {
        match (&self.customer_ids, &self.segment_id, &self.list) {
            (Some(ids), None, None) => Ok((named(access, ids).await?, "hand")),
            (None, Some(id), None) => {
                let missing = |_| Error::missing("there is no such segment").field("segment_id");
                let number = id.parse().map_err(missing)?;
                Ok((segment::members(&access.cx, number).await?, "segment"))
            }
            (None, None, Some(list)) => Ok((found(app, access, list).await?.1, "list")),
            _ => Err(Error::bad("needs customers, a segment or a list, and one of them only")
                .field("customer_ids")),
        }
    }
}

async fn named(access: &Access, ids: &[String]) -> Result<RoaringBitmap> {
    if ids.is_empty() || ids.len() > NAMED_MAX {
        let text = format!("has 1 to {NAMED_MAX} customers");
        return Err(Error::bad(text).field("customer_ids"));
    }
    let mut tx = access.cx.read().await?;
    let mut set = RoaringBitmap::new();
    for id in ids {
        let row = row_of(&mut tx, id).await.map_err(|error| error.field("customer_ids"))?;
        set.extend(u32::try_from(row.customer_no).ok());
    }
    Ok(set)
}

async fn values(app: &App, access: &Access, sent: &Listed) -> Result<Vec<String>> {
    let values = match (&sent.upload_id, &sent.values) {
        (Some(id), None) => {
            let file = upload::find(&app.place, access.cx.shop, id)?;
            import::values(&file.path, sent.column.as_deref()).await?
        }
        (None, Some(values)) => values.clone(),
        _ => {
            return Err(Error::bad("needs a file or values, and not both")
                .field("values")
                .hint("send upload_id, or values"));
        }
    };
    let values: Vec<String> = values.into_iter().filter(|value| !value.trim().is_empty()).collect();
    if values.len() > VALUES_MAX {
        let text = format!("a list has at most {VALUES_MAX} values");
        return Err(Error::new(Code::TooLarge, text).field("values"));
    }
    Ok(values)
}
