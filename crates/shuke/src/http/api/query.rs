//! SQL over the shop, in a process of its own.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use base::{Code, Error, Result};
use lake::TABLES;
use lake::query::SQL_BYTES_MAX;
use perceive::session::SESSIONS;
use perceive::{privacy, quota, table};
use serde::{Deserialize, Serialize};
use store::Cx;
use stratify::mirror::{Customers, Mirror};
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use utoipa::ToSchema;

use super::Answer;
use crate::http::App;
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::RunsQueries;
use crate::place::key::VARIABLE;

/// Rows of an answer at the most.
const ROWS_MAX: usize = 10_000;
/// Bytes of an answer at the most.
const ANSWER_BYTES_MAX: u64 = 32 << 20;
/// How long a query may take; a request may not take longer.
const SECONDS_MAX: u64 = 25;

/// A question in SQL.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    /// Its text: one `select`.
    #[schema(example = "select stratum, count(*) from customers group by stratum")]
    sql: String,
}

/// The answer to a question in SQL.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct QueryAnswer {
    /// The columns in their order.
    pub(crate) columns: Vec<QueryColumn>,
    /// The rows; each value as text, null where there is none.
    pub(crate) rows: Vec<Vec<Option<String>>>,
}

/// A column of an answer.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct QueryColumn {
    /// Its name.
    pub(crate) name: String,
    /// `integer`, `number`, `text`, `boolean`, `timestamp`, `date`, `decimal` or `list`.
    pub(crate) kind: String,
}

/// A table that may be asked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QueryTable {
    /// Its name.
    name: String,
    /// Its columns in their order.
    columns: Vec<QueryColumn>,
}

/// Ask in SQL
///
/// Read-only, of this shop alone, and limited in time, memory and rows.
#[utoipa::path(post, path = "/api/v1/query", operation_id = "query", tag = "query",
    request_body = Question, responses(
    (status = 200, description = "The answer", body = QueryAnswer),
    (status = 413, description = "The answer has too many rows, or takes too much memory",
     body = super::ErrorBody), Refusals))]
pub(super) async fn ask(
    State(app): State<App>,
    runs: RunsQueries,
    Sent(sent): Sent<Question>,
) -> Answer<QueryAnswer> {
    if sent.sql.len() > SQL_BYTES_MAX {
        let text = format!("has at most {SQL_BYTES_MAX} bytes");
        return Err(Error::new(Code::TooLarge, text).field("sql").into());
    }
    let most = quota::get(&runs.cx).await?.queries.and_then(|most| usize::try_from(most).ok());
    let _turn = match most {
        Some(most) => app.queries.take_of(runs.cx.shop, most).await?,
        None => app.queries.take(runs.cx.shop).await?,
    };
    Ok(Json(asked(&app, &runs.shop.name, &sent.sql).await?))
}

/// Has another process of this program answer.
async fn asked(app: &App, shop: &str, sql: &str) -> Result<QueryAnswer> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--lang", "en", "query", "--columns", "--shop", shop]);
    command.args(["--rows", &ROWS_MAX.to_string(), "--seconds", &SECONDS_MAX.to_string()]);
    command.arg("--data").arg(&app.place.dir);
    if let Some(database) = &app.place.database {
        command.env("SHUKE_DATABASE", database);
    }
    // The one that this process holds, wherever it came from and whatever has taken its place.
    command.env(VARIABLE, app.place.key_text());
    command.arg("--").arg(sql).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (out, said) = tokio::try_join!(all(out), all(err))?;
    let limit = Duration::from_secs(SECONDS_MAX);
    let late = |_| Error::new(Code::Timeout, format!("a query may take {SECONDS_MAX} s"));
    let status = tokio::time::timeout(limit, child.wait()).await.map_err(late)??;
    if !status.success() {
        return Err(refused(&said));
    }
    serde_json::from_slice(&out).map_err(|cause| Error::internal("a query's answer", cause))
}

/// What another process says, up to a limit.
async fn all(from: Option<impl tokio::io::AsyncRead + Unpin>) -> Result<Vec<u8>> {
    let Some(from) = from else { return Ok(Vec::new()) };
    let mut bytes = Vec::new();
    from.take(ANSWER_BYTES_MAX + 1).read_to_end(&mut bytes).await?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > ANSWER_BYTES_MAX {
        let text = format!("an answer has at most {} MB", ANSWER_BYTES_MAX >> 20);
        return Err(Error::new(Code::TooLarge, text).hint("ask for fewer rows or columns"));
    }
    Ok(bytes)
}

/// The error that the other process reports: what is wrong in its first line, a hint below.
fn refused(said: &[u8]) -> Error {
    let text = String::from_utf8_lossy(said);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let what = lines.next().unwrap_or("the query could not be answered");
    let what = what.split_once(": ").map_or(what, |(_, rest)| rest);
    let error = Error::bad(what.to_owned()).field("sql");
    match lines.next() {
        Some(hint) => error.hint(hint.to_owned()),
        None => error,
    }
}

/// What may be asked
#[utoipa::path(get, path = "/api/v1/query/schema", operation_id = "query_schema", tag = "query",
    responses((status = 200, description = "The tables with their columns",
    body = Vec<QueryTable>), Refusals))]
pub(super) async fn schema(runs: RunsQueries, _: Asked<()>) -> Answer<Vec<QueryTable>> {
    let hidden = privacy::get(&mut runs.cx.read().await?).await?.events;
    Ok(Json(tables(&runs.cx, &hidden)))
}

fn tables(cx: &Cx, hidden: &[String]) -> Vec<QueryTable> {
    let column = |name: &str, kind: &str| QueryColumn { name: name.into(), kind: kind.into() };
    let own = TABLES.iter().map(|known| QueryTable {
        name: known.name.to_owned(),
        columns: known.shown().map(|(name, kind)| column(name, kind.name())).collect(),
    });
    let mut all: Vec<QueryTable> = own.collect();
    let mut sources = table::sources(cx, &[], hidden);
    sources.push(Arc::new(Customers::new(Mirror::empty(cx.shop), Vec::new())));
    for source in sources {
        let fields = source.fields().into_iter();
        let columns = fields.map(|field| column(&field.name, field.kind.name())).collect();
        all.push(QueryTable { name: source.name().to_owned(), columns });
    }
    let fields = SESSIONS.fields.iter().map(|(name, kind)| column(name, kind.name()));
    all.push(QueryTable { name: SESSIONS.name.to_owned(), columns: fields.collect() });
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}
