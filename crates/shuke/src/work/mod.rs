//! What people ask the server to do that takes longer than a request: imports, dry runs, undoing,
//! exports, the demo shop. Each is a durable job: a server that starts again goes on with it.

pub(crate) mod coupon;
pub(crate) mod demo;
pub(crate) mod import;

use base::{Error, Result};
use benefit::coupon::issue;
use serde::de::DeserializeOwned;
use store::Cx;
use store::job::{self, Hand, Job};
use tokio::sync::RwLock;

use crate::http::{App, export};
use crate::place::Place;

/// Jobs that change what is stored, one after the other.
const WRITES: [&str; 4] = [import::IMPORT, import::UNDO, demo::DEMO, issue::JOB];
/// Jobs that only read, beside those.
const READS: [&str; 2] = [import::TRIAL, export::EXPORT];
/// Every job that people ask for.
pub(crate) const KINDS: [&str; 6] =
    [import::IMPORT, import::UNDO, import::TRIAL, export::EXPORT, demo::DEMO, issue::JOB];

/// Does the longest waiting job that writes; whether there was one. Whoever else writes for long
/// waits meanwhile.
///
/// # Errors
/// What the database reports.
pub(crate) async fn write(place: &Place, busy: &RwLock<()>) -> Result<bool> {
    let work = async |cx: Cx, job: Job, hand: Hand| {
        if job.kind == issue::JOB {
            // Its steps are short, and whoever takes in a little at a time goes on between them.
            let _busy = busy.read().await;
            return coupon::perform(place, cx, &job, &hand).await;
        }
        let _busy = busy.write().await;
        match job.kind.as_str() {
            import::IMPORT => import::perform(place, cx, &job, &hand).await,
            demo::DEMO => demo::perform(place, cx, &hand).await,
            _ => import::undo(place, cx, &job).await,
        }
    };
    job::run(|| place.cx(), &WRITES, work).await
}

/// Does the longest waiting job that reads; whether there was one.
///
/// # Errors
/// What the database reports.
pub(crate) async fn read(place: &Place, app: &App) -> Result<bool> {
    let work = async |cx: Cx, job: Job, hand: Hand| match job.kind.as_str() {
        import::TRIAL => import::trial(place, cx, &job, &hand).await,
        _ => export::perform(app, cx, &job, &hand).await,
    };
    job::run(|| place.cx(), &READS, work).await
}

/// What a job is to do.
pub(crate) fn body<T: DeserializeOwned>(job: &Job) -> Result<T> {
    let damaged = |cause| Error::damaged("a job cannot be read").because(cause);
    serde_json::from_str(&job.body).map_err(damaged)
}
