//! Imports as answers show them.

use std::collections::HashMap;

use base::Result;
use perceive::import::{self as imports, Import, Report};
use serde::Serialize;
use store::Cx;
use store::job::{self, Job};
use utoipa::ToSchema;

use crate::http::api::job::{Totals, why};
use crate::http::api::micros;
use crate::lang::Lang;
use crate::text::catalogue;
use crate::work::import as work;

/// What was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct Begun {
    /// The import's number within the shop; null for a dry run.
    #[schema(required = true)]
    pub(super) import_id: Option<String>,
    /// The job that does it.
    pub(super) job_id: String,
}

/// Rows as they would be read.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct PreviewShown {
    /// The fields that the rows have, in their order.
    fields: Vec<String>,
    /// The rows.
    rows: Vec<RowShown>,
}

/// A row as it would be read.
#[derive(Debug, Serialize, ToSchema)]
struct RowShown {
    /// The line on which it begins.
    pub(super) line: u64,
    /// What it says, personal values hidden.
    cells: Vec<CellShown>,
    /// Why it cannot be understood.
    #[schema(required = true)]
    problem: Option<ProblemShown>,
}

/// A field with its value.
#[derive(Debug, Serialize, ToSchema)]
struct CellShown {
    /// The field.
    field: String,
    /// Its value.
    pub(super) value: String,
}

/// Why a row cannot be understood.
#[derive(Debug, Serialize, ToSchema)]
struct ProblemShown {
    /// The column; empty when it is the row as a whole.
    pub(super) column: String,
    /// Its value, hidden where it is personal.
    pub(super) value: String,
    /// What is wrong.
    pub(super) reason: String,
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct ImportShown {
    /// Its number within the shop.
    #[schema(example = "1")]
    pub(super) import_id: String,
    /// The mapping by which its files were read.
    mapping: String,
    /// How it stands.
    #[schema(value_type = ImportState)]
    state: &'static str,
    /// The job that imports or undoes it; null when it was begun elsewhere.
    #[schema(required = true)]
    pub(super) job_id: Option<String>,
    /// Who began it.
    actor: String,
    /// When it began.
    #[schema(format = DateTime)]
    started_at: String,
    /// When it was done or undone.
    #[schema(required = true, format = DateTime)]
    ended_at: Option<String>,
    /// Names of its files.
    files: Vec<String>,
    /// Bytes done of all bytes; null when it is not going on here.
    #[schema(required = true)]
    progress: Option<ProgressShown>,
    /// Why it failed.
    #[schema(required = true)]
    error: Option<String>,
    /// What it comes to, so far.
    #[serde(flatten)]
    totals: Totals,
}

/// How far something is.
#[derive(Debug, Serialize, ToSchema)]
struct ProgressShown {
    /// Bytes done.
    done: i64,
    /// Bytes in all.
    total: i64,
}

/// How an import stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
pub(in crate::http::api) enum ImportState {
    /// Waiting for its turn.
    Waiting,
    /// Under way.
    Running,
    /// Stopped by a person; it can go on.
    Cancelled,
    /// Given up; it can be tried again.
    Failed,
    /// Everything is in.
    Done,
    /// Being undone.
    Undoing,
    /// The shop is without it.
    Undone,
}

/// A row that could not be understood.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct RejectShown {
    /// The file.
    pub(super) file: String,
    /// The line on which it begins.
    pub(super) line: u64,
    /// The column; empty when it is the row as a whole.
    pub(super) column: String,
    /// Its value, hidden where it is personal.
    pub(super) value: String,
    /// What is wrong.
    pub(super) reason: String,
}

impl PreviewShown {
    /// Rows with the fields that any of them has.
    pub(super) fn of(rows: Vec<imports::ReadRow>, lang: Lang) -> Self {
        let mut fields: Vec<String> = Vec::new();
        for (field, _) in rows.iter().flat_map(|row| &row.cells) {
            if !fields.contains(field) {
                fields.push(field.clone());
            }
        }
        Self { fields, rows: rows.into_iter().map(|row| RowShown::of(row, lang)).collect() }
    }
}

impl RowShown {
    fn of(row: imports::ReadRow, lang: Lang) -> Self {
        let cells = row.cells.into_iter().map(|(field, value)| CellShown { field, value });
        let problem = row.reject.map(|reject| ProblemShown {
            column: reject.column,
            value: reject.value,
            reason: catalogue::sentence(lang, &reject.reason),
        });
        Self { line: row.line, cells: cells.collect(), problem }
    }
}

/// The newest job of each import, and kind.
pub(super) type Jobs = HashMap<(String, String), Job>;

pub(super) async fn jobs(cx: &Cx, known: &[Import]) -> Result<Jobs> {
    let names: Vec<String> = known.iter().map(|import| import.number.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut jobs = Jobs::new();
    for kind in [work::IMPORT, work::UNDO] {
        for job in job::newest(cx, kind, &names).await? {
            jobs.insert((job.kind.clone(), job.name.clone().unwrap_or_default()), job);
        }
    }
    Ok(jobs)
}

pub(super) fn shown(import: Import, jobs: &Jobs, lang: Lang) -> ImportShown {
    let job = |kind: &str| jobs.get(&(kind.to_owned(), import.number.to_string()));
    let lives = |job: &&Job| matches!(job.state, job::State::Waiting | job::State::Running);
    let undoing = job(work::UNDO).filter(lives);
    let job = undoing.or_else(|| job(work::IMPORT));
    let state = match (import.state, job) {
        (imports::State::Running | imports::State::Undoing, Some(job)) if undoing.is_none() => {
            if job.state == job::State::Done {
                import.state.name()
            } else {
                job.state.name()
            }
        }
        (imports::State::Done, Some(_)) if undoing.is_some() => imports::State::Undoing.name(),
        (state, _) => state.name(),
    };
    let so_far = Report {
        rows_read: import.rows_read,
        rows_accepted: import.rows_accepted,
        rows_rejected: import.rows_rejected,
        rows_duplicate: import.rows_duplicate,
        ..Report::default()
    };
    let progress = job.filter(lives).filter(|job| job.total > 0);
    ImportShown {
        import_id: import.number.to_string(),
        mapping: import.mapping,
        state,
        job_id: job.map(|job| job.id.to_string()),
        actor: import.actor,
        started_at: micros(import.started_at),
        ended_at: import.ended_at.map(micros),
        files: import.files.into_iter().map(|file| file.name).collect(),
        progress: progress.map(|job| ProgressShown { done: job.done, total: job.total }),
        error: job.and_then(|job| why(job, lang)),
        totals: Totals::from(import.report.as_ref().unwrap_or(&so_far)),
    }
}
