//! What was asked for and takes longer than a request.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use base::{Error, Result};
use benefit::coupon::issue;
use perceive::import::Report;
use serde::Serialize;
use store::job::{self, Job, JobId, State};
use utoipa::ToSchema;

use super::export;
use super::{Answer, ErrorBody, micros};
use crate::auth::permission::Permission;
use crate::http::asked::Asked;
use crate::http::error::{Refusal, Refusals};
use crate::http::request::Reader;
use crate::http::who::{Access, SignedIn, lacking};
use crate::lang::Lang;
use crate::text::catalogue;
use crate::work::{self, demo, import};

/// Jobs that a list shows.
const JOBS_MAX: i64 = 100;

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct JobShown {
    /// Its id.
    job_id: String,
    /// `import`, `import.undo`, `import.trial`, `export`, `demo` or `coupon.issue`.
    kind: String,
    /// How it stands.
    #[schema(value_type = JobState)]
    state: &'static str,
    /// Steps done.
    done: i64,
    /// Steps in all; null where that is not known.
    #[schema(required = true)]
    total: Option<i64>,
    /// When it was asked for.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it ended.
    #[schema(required = true, format = DateTime)]
    ended_at: Option<String>,
    /// Why it failed.
    #[schema(required = true)]
    error: Option<String>,
    /// What an import would do, or has done.
    #[schema(required = true)]
    result: Option<Totals>,
}

/// How a job stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
pub(super) enum JobState {
    /// Waiting for its turn.
    Waiting,
    /// Being done.
    Running,
    /// Done.
    Done,
    /// Given up.
    Failed,
    /// Stopped by a person.
    Cancelled,
}

/// What an import comes to, of its files alone.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(super) struct Totals {
    /// Data rows of all files.
    rows_read: i64,
    /// Rows that say something new.
    rows_accepted: i64,
    /// Rows that cannot be understood.
    rows_rejected: i64,
    /// Rows that say nothing new.
    rows_duplicate: i64,
    /// People that the files mention.
    customers: i64,
    /// Orders.
    orders: i64,
    /// Refunds and cancellations.
    cancellations: i64,
    /// Money received, in minor units.
    gross_minor: i64,
    /// Money given back, in minor units.
    refunded_minor: i64,
    /// Corrections, in minor units.
    adjusted_minor: i64,
    /// Received less given back, with corrections, in minor units.
    net_minor: i64,
}

impl From<&Report> for Totals {
    fn from(report: &Report) -> Self {
        Self {
            rows_read: report.rows_read,
            rows_accepted: report.rows_accepted,
            rows_rejected: report.rows_rejected,
            rows_duplicate: report.rows_duplicate,
            customers: report.customers,
            orders: report.figures.orders,
            cancellations: report.figures.cancellations,
            gross_minor: report.figures.gross_minor,
            refunded_minor: report.figures.refunded_minor,
            adjusted_minor: report.figures.adjusted_minor,
            net_minor: report.net_minor(),
        }
    }
}

impl JobShown {
    fn of(job: Job, lang: Lang) -> Self {
        let result = job.result.as_deref();
        let report: Option<Report> = result.and_then(|text| serde_json::from_str(text).ok());
        Self {
            job_id: job.id.to_string(),
            state: job.state.name(),
            done: job.done,
            total: Some(job.total).filter(|total| *total > 0),
            created_at: micros(job.created_at),
            ended_at: job.ended_at.map(micros),
            error: why(&job, lang),
            result: report.as_ref().filter(|_| job.state == State::Done).map(Totals::from),
            kind: job.kind,
        }
    }
}

/// Why a job failed.
pub(super) fn why(job: &Job, lang: Lang) -> Option<String> {
    let said = job.result.as_deref().filter(|_| job.state == State::Failed)?;
    Some(catalogue::sentence(lang, said))
}

/// What somebody must be allowed to, to see jobs of a kind.
fn needed(kind: &str) -> Permission {
    match kind {
        export::EXPORT => Permission::ExportsRun,
        demo::DEMO => Permission::KpiRead,
        issue::JOB => Permission::BenefitsRead,
        import::TRIAL => Permission::ImportsWrite,
        _ => Permission::ImportsRead,
    }
}

/// The job of that id, when somebody may see it.
async fn found(access: &Access, id: &str) -> Result<Job> {
    let missing = || Error::missing("there is no such job").field("job_id");
    let id: JobId = id.parse().map_err(|_| missing())?;
    let job = job::get(&access.cx, id).await.map_err(|error| error.field("job_id"))?;
    let known = work::KINDS.contains(&job.kind.as_str());
    let may = known && access.permissions.has(needed(&job.kind));
    may.then_some(job).ok_or_else(missing)
}

/// Jobs
///
/// Those that whoever asks may see, the newest first.
#[utoipa::path(get, path = "/api/v1/jobs", operation_id = "jobs", tag = "jobs", responses(
    (status = 200, description = "The shop's jobs of the last 30 days", body = Vec<JobShown>),
    Refusals))]
pub(super) async fn list(
    SignedIn(access): SignedIn,
    Reader(lang): Reader,
    _: Asked<()>,
) -> Answer<Vec<JobShown>> {
    let kinds = work::KINDS.into_iter().filter(|kind| access.permissions.has(needed(kind)));
    let kinds: Vec<&str> = kinds.collect();
    let jobs = job::list(&access.cx, &kinds, JOBS_MAX).await?;
    Ok(Json(jobs.into_iter().map(|job| JobShown::of(job, lang)).collect()))
}

/// A job
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}", operation_id = "job", tag = "jobs",
    params(("job_id" = String, Path, description = "The job")), responses(
    (status = 200, description = "The job", body = JobShown),
    (status = 404, description = "There is no such job", body = ErrorBody), Refusals))]
pub(super) async fn one(
    SignedIn(access): SignedIn,
    Reader(lang): Reader,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<JobShown> {
    Ok(Json(JobShown::of(found(&access, &id).await?, lang)))
}

/// Stop a job
///
/// It stops at the next place where nothing is half done.
#[utoipa::path(delete, path = "/api/v1/jobs/{job_id}", operation_id = "cancel_job", tag = "jobs",
    params(("job_id" = String, Path, description = "The job")), responses(
    (status = 204, description = "It stops, or has ended before"),
    (status = 404, description = "There is no such job", body = ErrorBody), Refusals))]
pub(super) async fn cancel(
    SignedIn(access): SignedIn,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let job = found(&access, &id).await?;
    let writes = matches!(job.kind.as_str(), import::IMPORT | import::UNDO | demo::DEMO);
    if writes && !access.permissions.has(Permission::ImportsWrite) {
        return Err(lacking(Permission::ImportsWrite).into());
    }
    if job.kind == issue::JOB {
        access.needs(Permission::BenefitsWrite)?;
    }
    job::cancel(&access.cx, job.id).await?;
    Ok(StatusCode::NO_CONTENT)
}
