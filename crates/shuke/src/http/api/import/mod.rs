//! 导入: from files that people have to customers that the shop knows.

mod shown;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::{Error, Result};
use perceive::import as imports;
use perceive::import::mapping::Reject;
use serde::Deserialize;
use store::Cx;
use store::audit::{self, Deed};
use store::job;
use utoipa::{IntoParams, ToSchema};

use shown::{Begun, ImportShown, PreviewShown, RejectShown, jobs, shown};

use super::{Answer, ErrorBody, Paged, attached, export, file, paged};
use crate::http::App;
use crate::http::asked::{Asked, Said, Wish};
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::request::Reader;
use crate::http::who::{ReadsImports, WritesImports};
use crate::text::catalogue;
use crate::work::import::{self as work, How, Wanted};

/// Rows that a preview shows unless it is told otherwise.
const PREVIEW_ROWS: usize = 20;

/// Rows of a list of rejects that are put into the reader's language; a longer one is given as it
/// was written.
const SHEET_ROWS_MAX: usize = 50_000;

/// What is to be imported.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportForm {
    /// Ids of files that were sent.
    uploads: Vec<String>,
    /// The name of the mapping by which they are read.
    mapping: Option<String>,
    /// In its place: what each column of the only file is.
    columns: Option<Vec<ColumnForm>>,
    /// Whether nothing is to be kept: the job then says what the import would do.
    #[serde(default)]
    dry_run: bool,
    /// Rows of a preview.
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// What a column is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ColumnForm {
    /// The header's cell.
    name: String,
    /// The field that it is; null for none.
    #[schema(required = true)]
    field: Option<String>,
}

/// A page.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Rows {
    /// Rows of the page
    #[param(required = false, minimum = 1, maximum = 500, default = 50)]
    limit: u32,
    /// `next` of the page before
    #[param(value_type = Option<String>)]
    after: Option<u64>,
}

impl Wish for Rows {
    fn read(said: &mut Said) -> Result<Self> {
        let (limit, after) = said.page()?;
        Ok(Self { limit, after })
    }
}

impl ImportForm {
    fn wanted(self) -> Result<Wanted> {
        let how = match (self.mapping, self.columns) {
            (Some(name), None) => How::Named(name),
            (None, Some(columns)) => {
                How::Columns(columns.into_iter().map(|one| (one.name, one.field)).collect())
            }
            _ => return Err(Error::bad("needs either this or `columns`").field("mapping")),
        };
        Ok(Wanted { uploads: self.uploads, how })
    }
}

fn number(id: &str) -> Result<i64> {
    id.parse().map_err(|_| Error::missing("there is no such import").field("import_id"))
}

/// See the first rows of the first file as they would be read
#[utoipa::path(post, path = "/api/v1/imports/preview", operation_id = "preview_import",
    tag = "imports", request_body = ImportForm, responses(
    (status = 200, description = "The rows", body = PreviewShown),
    (status = 404, description = "There is no such file or mapping", body = ErrorBody), Refusals))]
pub(super) async fn preview(
    State(app): State<App>,
    writes: WritesImports,
    Reader(lang): Reader,
    Sent(sent): Sent<ImportForm>,
) -> Answer<PreviewShown> {
    let limit = sent.limit.unwrap_or(PREVIEW_ROWS);
    if !(1..=imports::PREVIEW_ROWS_MAX).contains(&limit) {
        let text = format!("is 1 to {}", imports::PREVIEW_ROWS_MAX);
        return Err(Error::bad(text).field("limit").into());
    }
    let request = sent.wanted()?.request(&app.place, &writes.cx, &writes.shop).await?;
    let Some(file) = request.files.first() else {
        return Err(Error::bad("is empty").field("uploads").into());
    };
    let rows = imports::rows(file, (&request.mapping, &request.setting), limit).await?;
    Ok(Json(PreviewShown::of(rows, lang)))
}

/// Import files, or say what importing them would do
#[utoipa::path(post, path = "/api/v1/imports", operation_id = "begin_import", tag = "imports",
    request_body = ImportForm, responses(
    (status = 200, description = "It is done soon", body = Begun),
    (status = 404, description = "There is no such file or mapping", body = ErrorBody),
    (status = 409, description = "The same is being imported", body = ErrorBody), Refusals))]
pub(super) async fn begin(
    State(app): State<App>,
    writes: WritesImports,
    Sent(sent): Sent<ImportForm>,
) -> Answer<Begun> {
    let (cx, shop) = (&writes.cx, &writes.shop);
    let (dry_run, wanted) = (sent.dry_run, sent.wanted()?);
    if dry_run {
        let job_id = work::ask_trial(&app.place, (cx, shop), &wanted).await?.to_string();
        app.wake();
        return Ok(Json(Begun { import_id: None, job_id }));
    }
    let (import, job) = work::begin(&app.place, (cx, shop), &wanted).await?;
    let target = import.number.to_string();
    let names: Vec<&str> = import.files.iter().map(|file| file.name.as_str()).collect();
    let after = serde_json::to_string(&(&import.mapping, names)).ok();
    deed(cx, "import.begin", &target, after).await?;
    app.wake();
    Ok(Json(Begun { import_id: Some(target), job_id: job.to_string() }))
}

async fn deed(cx: &Cx, action: &str, target: &str, after: Option<String>) -> Result<()> {
    let deed = Deed { action, target, after, ..Deed::default() };
    audit::commit(cx.write().await?, cx, deed).await
}

/// Imports
#[utoipa::path(get, path = "/api/v1/imports", operation_id = "imports", tag = "imports",
    params(Rows), responses((status = 200, description = "A page, the newest first",
    body = Paged<ImportShown>), Refusals))]
pub(super) async fn list(
    reads: ReadsImports,
    Reader(lang): Reader,
    Asked(asked): Asked<Rows>,
) -> Answer<Paged<ImportShown>> {
    let cx = &reads.cx;
    let after = asked.after.and_then(|after| i64::try_from(after).ok());
    let mut known = imports::list(cx).await?;
    known.retain(|import| after.is_none_or(|after| import.number < after));
    known.truncate(usize::try_from(asked.limit).unwrap_or(usize::MAX).saturating_add(1));
    let jobs = jobs(cx, &known).await?;
    let page = paged(known, asked.limit, |import| import.number, |one| shown(one, &jobs, lang))?;
    Ok(Json(page))
}

/// An import
#[utoipa::path(get, path = "/api/v1/imports/{import_id}", operation_id = "import",
    tag = "imports", params(("import_id" = String, Path, description = "The import")), responses(
    (status = 200, description = "The import", body = ImportShown),
    (status = 404, description = "There is no such import", body = ErrorBody), Refusals))]
pub(super) async fn one(
    reads: ReadsImports,
    Reader(lang): Reader,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<ImportShown> {
    let import = imports::get(&reads.cx, number(&id)?).await?;
    let jobs = jobs(&reads.cx, std::slice::from_ref(&import)).await?;
    Ok(Json(shown(import, &jobs, lang)))
}

/// Go on with an import that was stopped
#[utoipa::path(post, path = "/api/v1/imports/{import_id}/resume", operation_id = "resume_import",
    tag = "imports", params(("import_id" = String, Path, description = "The import")), responses(
    (status = 200, description = "It goes on soon", body = Begun),
    (status = 404, description = "There is no such import", body = ErrorBody),
    (status = 409, description = "It is going on, or was begun elsewhere", body = ErrorBody),
    Refusals))]
pub(super) async fn resume(
    State(app): State<App>,
    writes: WritesImports,
    Path(id): Path<String>,
) -> Answer<Begun> {
    let cx = &writes.cx;
    let import = imports::get(cx, number(&id)?).await?;
    if import.state != imports::State::Running {
        return Err(Error::conflict("this import has ended").field("import_id").into());
    }
    let job = work::resume(cx, import.number).await?;
    deed(cx, "import.resume", &id, None).await?;
    app.wake();
    Ok(Json(Begun { import_id: Some(id), job_id: job.to_string() }))
}

/// Undo an import
///
/// The shop is then as if it had not been.
#[utoipa::path(post, path = "/api/v1/imports/{import_id}/undo", operation_id = "undo_import",
    tag = "imports", params(("import_id" = String, Path, description = "The import")), responses(
    (status = 200, description = "It is undone soon", body = Begun),
    (status = 404, description = "There is no such import", body = ErrorBody),
    (status = 409, description = "It is being undone", body = ErrorBody), Refusals))]
pub(super) async fn undo(
    State(app): State<App>,
    writes: WritesImports,
    Path(id): Path<String>,
) -> Answer<Begun> {
    let cx = &writes.cx;
    let import = imports::get(cx, number(&id)?).await?;
    let job = work::ask_undo(cx, import.number).await?;
    deed(cx, "import.undo", &id, None).await?;
    app.wake();
    Ok(Json(Begun { import_id: Some(id), job_id: job.to_string() }))
}

/// Stop an import
///
/// What is in stays, and the import can go on later.
#[utoipa::path(post, path = "/api/v1/imports/{import_id}/cancel", operation_id = "cancel_import",
    tag = "imports", params(("import_id" = String, Path, description = "The import")), responses(
    (status = 204, description = "It stops, or has ended before"),
    (status = 404, description = "There is no such import", body = ErrorBody), Refusals))]
pub(super) async fn cancel(
    writes: WritesImports,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let cx = &writes.cx;
    let import = imports::get(cx, number(&id)?).await?;
    for job in job::newest(cx, work::IMPORT, &[&import.number.to_string()]).await? {
        job::cancel(cx, job.id).await?;
    }
    deed(cx, "import.cancel", &id, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Rows of an import that could not be understood
#[utoipa::path(get, path = "/api/v1/imports/{import_id}/rejects", operation_id = "rejects",
    tag = "imports", params(("import_id" = String, Path, description = "The import"), Rows),
    responses((status = 200, description = "A page, in the order of the files",
     body = Paged<RejectShown>),
    (status = 404, description = "There is no such import", body = ErrorBody), Refusals))]
pub(super) async fn rejects(
    State(app): State<App>,
    reads: ReadsImports,
    Reader(lang): Reader,
    Path(id): Path<String>,
    Asked(asked): Asked<Rows>,
) -> Answer<Paged<RejectShown>> {
    let import = imports::get(&reads.cx, number(&id)?).await?;
    let after = asked.after.unwrap_or(0);
    let most = usize::try_from(asked.limit).unwrap_or(usize::MAX).saturating_add(1);
    let dir = app.place.rejects(reads.cx.shop);
    let rows = imports::rejected(&dir, import.number, (after, most)).await?;
    let rows: Vec<(u64, imports::RejectRow)> = (after + 1..).zip(rows).collect();
    Ok(Json(paged(
        rows,
        asked.limit,
        |(place, _)| *place,
        |(_, row)| RejectShown {
            file: row.file,
            line: row.line,
            column: row.reject.column,
            value: row.reject.value,
            reason: catalogue::sentence(lang, &row.reject.reason),
        },
    )?))
}

/// The same as a file
///
/// In the language that is asked for, and such that no spreadsheet takes a cell for a formula.
#[utoipa::path(get, path = "/api/v1/imports/{import_id}/rejects/file",
    operation_id = "rejects_file", tag = "imports",
    params(("import_id" = String, Path, description = "The import")), responses(
    (status = 200, description = "CSV in UTF-8", content_type = "text/csv", body = String),
    (status = 404, description = "There is no such import, or nothing was rejected",
     body = ErrorBody), Refusals))]
pub(super) async fn rejects_file(
    State(app): State<App>,
    reads: ReadsImports,
    Reader(lang): Reader,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Result<Response, Refusal> {
    let import = imports::get(&reads.cx, number(&id)?).await?;
    let dir = app.place.rejects(reads.cx.shop);
    let name = format!("import-{}-rejects.csv", import.number);
    let rows = imports::rejected(&dir, import.number, (0, SHEET_ROWS_MAX + 1)).await?;
    if rows.is_empty() || rows.len() > SHEET_ROWS_MAX {
        return file(&imports::rejects_path(&dir, import.number), name).await;
    }
    let head = lang.pick(
        ["文件", "行号", "列", "内容", "原因"],
        ["file", "line", "column", "value", "reason"],
    );
    let cells = rows.into_iter().map(|row| {
        let Reject { column, value, reason } = row.reject;
        let reason = catalogue::sentence(lang, &reason);
        [row.file, row.line.to_string(), column, value, reason]
    });
    let text = export::sheet(std::iter::once(head.map(str::to_owned)).chain(cells))?;
    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
    Ok(attached(&name, bytes, Body::from(text)))
}
