//! 导出: a list as a file that a spreadsheet opens.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use base::{Code, Error, Result, ShopId, Time};
use perceive::search;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Cx;
use store::audit::{self, Deed};
use store::job::{self, Hand, Job, JobId};
use store::shop;
use stratify::segment;
use url::form_urlencoded;
use utoipa::ToSchema;

use super::{Answer, ErrorBody, Paged, customer, file, order, product};
use crate::auth::permission::{Permission, Permissions};
use crate::http::App;
use crate::http::asked::{self, Asked, without};
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::who::{Access, RunsExports, lacking};
use crate::place::{self, Place};

/// The kind of jobs that export.
pub(crate) const EXPORT: &str = "export";

/// Rows that are read at once.
const PAGE_ROWS: u32 = 5_000;
/// Rows of a file at the most: what a spreadsheet can show.
const ROWS_MAX: i64 = 1_048_575;
/// How long a file is kept, in microseconds: seven days.
const KEEP_MICROS: i64 = 7 * base::time::DAY_MICROS;
/// What tells spreadsheets that a file is in UTF-8.
const MARK: &str = "\u{feff}";

/// A list that can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Exported {
    /// Customers.
    Customers,
    /// Orders.
    Orders,
    /// Products.
    Products,
}

/// What is to be exported.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportForm {
    /// Which list.
    kind: Exported,
    /// The list's own parameters, as after the `?` of its address; all rows if left out.
    #[serde(default)]
    #[schema(example = "stratum=champions&sort=-net_minor")]
    query: String,
}

/// What an export's job has to do, and what is written down of it. Whom a search for customers
/// names stands in it by number: names and phones stay nowhere.
#[derive(Debug, Serialize, Deserialize)]
struct Task {
    /// Which list.
    kind: Exported,
    /// Its parameters.
    query: String,
    /// The customers, where they were searched for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    people: Option<Vec<i64>>,
}

impl Task {
    async fn of(cx: &Cx, ExportForm { kind, query }: ExportForm) -> Result<Self> {
        if kind != Exported::Customers {
            return Ok(Self { kind, query, people: None });
        }
        let mut asked: customer::list::Customers = asked::read(&part(&query, None))?;
        if let Some(number) = asked.segment {
            // Who is in a private one leaves in no file.
            segment::open(cx, number).await?;
        }
        let people = match asked.q.take() {
            Some(text) => Some(search::customers(cx, &text).await?),
            None => None,
        };
        Ok(Self { kind, query: without(&query, &["q"]), people })
    }
}

/// An export that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExportBegun {
    /// The job that writes it.
    job_id: String,
}

impl Exported {
    fn needed(self) -> Permission {
        match self {
            Self::Customers => Permission::CustomersRead,
            Self::Orders => Permission::OrdersRead,
            Self::Products => Permission::ProductsRead,
        }
    }
}

/// Export a list
///
/// Without names, phones and the like. The file is kept for seven days.
#[utoipa::path(post, path = "/api/v1/exports", operation_id = "export", tag = "jobs",
    request_body = ExportForm, responses(
    (status = 200, description = "It is written soon", body = ExportBegun), Refusals))]
pub(super) async fn begin(
    State(app): State<App>,
    runs: RunsExports,
    Sent(sent): Sent<ExportForm>,
) -> Answer<ExportBegun> {
    allowed(sent.kind, runs.permissions)?;
    read(&sent)?;
    let cx = &runs.cx;
    let body = serde_json::to_string(&Task::of(cx, sent).await?)
        .map_err(|cause| Error::internal("a job could not be written", cause))?;
    let mut tx = cx.write().await?;
    let job_id = job::add(&mut tx, cx, EXPORT, &body, cx.now).await?.to_string();
    let deed = Deed { action: "export", target: &job_id, after: Some(body), ..Deed::default() };
    audit::commit(tx, cx, deed).await?;
    app.wake();
    Ok(Json(ExportBegun { job_id }))
}

fn allowed(kind: Exported, permissions: Permissions) -> Result<()> {
    if permissions.has(kind.needed()) {
        return Ok(());
    }
    Err(lacking(kind.needed()).field("kind"))
}

/// Fetch an exported file
#[utoipa::path(get, path = "/api/v1/exports/{job_id}", operation_id = "export_file", tag = "jobs",
    params(("job_id" = String, Path, description = "The job that wrote it")), responses(
    (status = 200, description = "CSV in UTF-8", content_type = "text/csv", body = String),
    (status = 404, description = "There is no such file", body = ErrorBody), Refusals))]
pub(super) async fn fetch(
    State(app): State<App>,
    runs: RunsExports,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Result<Response, Refusal> {
    let missing = || Error::missing("there is no such file").field("job_id");
    let id: JobId = id.parse().map_err(|_| missing())?;
    let job = job::get(&runs.cx, id).await.map_err(|error| error.field("job_id"))?;
    if job.kind != EXPORT || job.state != job::State::Done {
        return Err(missing().into());
    }
    let task: Task = crate::work::body(&job)?;
    allowed(task.kind, runs.permissions)?;
    let name = json!(task.kind);
    let name = name.as_str().unwrap_or_default();
    let day = runs.shop.zone.date(job.created_at);
    file(&path(&app.place, runs.cx.shop, id), format!("{name}-{day}.csv")).await
}

/// What the list is asked for, to be sure that it can be.
fn read(form: &ExportForm) -> Result<()> {
    let query = part(&form.query, None);
    match form.kind {
        Exported::Customers => asked::read::<customer::list::Customers>(&query).map(drop),
        Exported::Orders => asked::read::<order::list::Orders>(&query).map(drop),
        Exported::Products => asked::read::<product::Products>(&query).map(drop),
    }
}

/// A list's parameters for the part of it after `after`.
fn part(query: &str, after: Option<&str>) -> String {
    let mut text = form_urlencoded::Serializer::new(without(query, &["limit", "after"]));
    text.extend_pairs(after.map(|after| ("after", after)));
    text.finish()
}

/// Where a shop's exported files are.
pub(crate) fn folder(place: &Place, shop: ShopId) -> PathBuf {
    place.dir.join("exports").join(shop.0.to_string())
}

fn path(place: &Place, shop: ShopId, id: JobId) -> PathBuf {
    folder(place, shop).join(format!("{id}.csv"))
}

/// Removes a shop's exported files that have had their time.
///
/// # Errors
/// What the file system reports.
pub(crate) fn expire(place: &Place, shop: ShopId, now: Time) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder(place, shop)) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        if place::micros(entry.metadata()?.modified()?) < now.micros() - KEEP_MICROS {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Writes the file.
pub(crate) async fn perform(app: &App, cx: Cx, job: &Job, hand: &Hand) -> Result<String> {
    let task: Task = crate::work::body(job)?;
    let shop = shop::get(&cx).await?;
    let access = Access { cx, shop, permissions: Permissions::named([task.kind.needed().name()])? };
    let dir = folder(&app.place, access.cx.shop);
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
    let own = path(&app.place, access.cx.shop, job.id);
    let mut options = File::options();
    let mut out = options.create(true).write(true).truncate(true).mode(0o600).open(&own)?;
    out.write_all(MARK.as_bytes())?;
    let (mut after, mut done) = (None, 0);
    loop {
        let page = page(app, &access, (&task, after.as_deref()), done == 0).await?;
        done += page.rows;
        if done > ROWS_MAX || hand.stop.asked() {
            drop(out);
            std::fs::remove_file(&own)?;
            let text = format!("a file has at most {ROWS_MAX} rows");
            return Err(Error::new(Code::TooLarge, text).hint("filter the list first"));
        }
        out.write_all(&page.text)?;
        hand.tell(done, page.total.unwrap_or(0));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    out.sync_all()?;
    Ok(json!({ "rows": done }).to_string())
}

/// A part of a list as lines.
struct Lines {
    text: Vec<u8>,
    rows: i64,
    total: Option<i64>,
    next: Option<String>,
}

async fn page(
    app: &App,
    access: &Access,
    (task, after): (&Task, Option<&str>),
    first: bool,
) -> Result<Lines> {
    let query = &part(&task.query, after);
    match task.kind {
        Exported::Customers => {
            let mut asked: customer::list::Customers = asked::read(query)?;
            asked.limit = PAGE_ROWS;
            asked.people.clone_from(&task.people);
            lines(customer::list::page(app, access, &asked).await?, first)
        }
        Exported::Orders => {
            let mut asked: order::list::Orders = asked::read(query)?;
            asked.limit = PAGE_ROWS;
            lines(order::list::page(app, access, &asked).await?, first)
        }
        Exported::Products => {
            let mut asked: product::Products = asked::read(query)?;
            asked.limit = PAGE_ROWS;
            lines(product::page(access, &asked).await?, first)
        }
    }
}

/// A page as lines, with the names of its columns before the `first`.
fn lines<T: Serialize>(page: Paged<T>, first: bool) -> Result<Lines> {
    let failed = |cause| Error::internal("a line could not be written", cause);
    let mut plain = csv::WriterBuilder::new().has_headers(first).from_writer(Vec::new());
    for row in &page.data {
        plain.serialize(row).map_err(failed)?;
    }
    let plain = plain.into_inner().map_err(|cause| failed(cause.into_error().into()))?;
    let mut safe = csv::Writer::from_writer(Vec::new());
    for record in csv::ReaderBuilder::new().has_headers(false).from_reader(&plain[..]).records() {
        safe.write_record(record.map_err(failed)?.iter().map(harmless)).map_err(failed)?;
    }
    Ok(Lines {
        text: safe.into_inner().map_err(|cause| failed(cause.into_error().into()))?,
        rows: i64::try_from(page.data.len()).unwrap_or(i64::MAX),
        total: page.total,
        next: page.next,
    })
}

/// Lines as a file that spreadsheets open as it is meant.
pub(super) fn sheet<R>(rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>>
where
    R: IntoIterator<Item = String>,
{
    let failed = |cause| Error::internal("a line could not be written", cause);
    let mut safe = csv::Writer::from_writer(MARK.as_bytes().to_vec());
    for row in rows {
        let cells = row.into_iter().map(|cell| harmless(&cell));
        safe.write_record(cells).map_err(failed)?;
    }
    safe.into_inner().map_err(|cause| failed(cause.into_error().into()))
}

/// A cell that no spreadsheet takes for a formula (OWASP, CSV injection).
fn harmless(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    if formula && cell.parse::<i64>().is_err() { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Row {
        name: Option<&'static str>,
        net_minor: i64,
    }

    #[test]
    fn a_sheet_begins_with_its_mark_and_has_no_formula() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned);
        let text = sheet([row(["a", "b"]), row(["=1+1", "面霜, 大"])]).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), "\u{feff}a,b\n'=1+1,\"面霜, 大\"\n");
    }

    #[test]
    fn no_cell_is_a_formula() {
        let names =
            [Some("=cmd|' /C calc'!A0"), Some("+86 138"), Some("@a"), Some("张, \"三\""), None];
        let data: Vec<Row> = names.iter().map(|name| Row { name: *name, net_minor: -12 }).collect();
        let lines = lines(Paged { data, next: None, total: None }, true).unwrap();
        let text = String::from_utf8(lines.text).unwrap();
        let want = "name,net_minor\n'=cmd|' /C calc'!A0,-12\n'+86 138,-12\n'@a,-12\n\
            \"张, \"\"三\"\"\",-12\n,-12\n";
        assert_eq!(text, want);
    }

    #[test]
    fn a_part_is_asked_for_with_the_lists_own_parameters() {
        assert_eq!(part("", None), "");
        assert_eq!(part("stratum=new&limit=3&after=x", Some("9")), "stratum=new&after=9");
        assert_eq!(part("q=%E5%BC%A0", None), "q=%E5%BC%A0");
    }
}
