//! The audit log.

use axum::Json;
use base::{Result, Time};
use serde::Serialize;
use store::audit::{self, Filter, Row};
use utoipa::{IntoParams, ToSchema};

use super::{Answer, Paged, micros, paged};
use crate::http::asked::{Asked, Said, Wish};
use crate::http::error::Refusals;
use crate::http::who::ReadsAudit;

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Audit {
    /// Its number within the shop.
    #[schema(example = "1")]
    audit_id: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Who: a user's id, a key's number, `operator` at the command line, or `system`.
    actor: String,
    /// What, as `noun.verb`.
    action: String,
    /// To what.
    target: String,
    /// What was before, as JSON.
    #[schema(required = true)]
    before: Option<String>,
    /// What is now, as JSON.
    #[schema(required = true)]
    after: Option<String>,
    /// From where; empty on the machine itself.
    address: String,
    /// In which request.
    request: String,
}

impl From<Row> for Audit {
    fn from(row: Row) -> Self {
        Self {
            audit_id: row.number.to_string(),
            at: micros(row.at),
            actor: row.actor,
            action: row.action,
            target: row.target,
            before: row.before,
            after: row.after,
            address: row.address,
            request: row.request,
        }
    }
}

/// Which deeds.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Audits {
    /// By whom
    actor: Option<String>,
    /// Deeds that begin so, such as `staff.`
    action: Option<String>,
    /// From this time on
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Time>,
    /// Up to this time
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Time>,
    /// Rows of the page
    #[param(required = false, minimum = 1, maximum = 500, default = 50)]
    limit: u32,
    /// `next` of the page before
    #[param(value_type = Option<String>)]
    after: Option<i64>,
}

impl Wish for Audits {
    fn read(said: &mut Said) -> Result<Self> {
        let (actor, action) = (said.text("actor")?, said.text("action")?);
        let (from, to) = (said.time("from")?, said.time("to")?);
        let (limit, after) = said.page()?;
        Ok(Self { actor, action, from, to, limit, after })
    }
}

/// What was done in the shop, the latest first
#[utoipa::path(get, path = "/api/v1/audit", operation_id = "audit", tag = "audit",
    params(Audits), responses(
    (status = 200, description = "A page of the log", body = Paged<Audit>), Refusals))]
pub(super) async fn list(reads: ReadsAudit, Asked(asked): Asked<Audits>) -> Answer<Paged<Audit>> {
    let Audits { actor, action, from, to, limit, after } = asked;
    let filter = Filter { actor, action, from, to };
    let span = (after.unwrap_or(i64::MAX), i64::from(limit) + 1);
    let rows = audit::list(&mut reads.cx.read().await?, &filter, span).await?;
    Ok(Json(paged(rows, limit, |row| row.number, Audit::from)?))
}
