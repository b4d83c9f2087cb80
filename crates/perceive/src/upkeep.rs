//! Upkeep of the lake, as durable jobs: few sorted files instead of many small ones, no rows that
//! were superseded, and no files that nobody needs.
//!
//! The lake is one for all shops, so its jobs belong to none. Of each kind at most one waits or
//! runs for a table. Doing one twice, or half and then again, does no harm.

use std::path::Path;

use base::{Error, Result};
use lake::{Lake, Superseded, TABLES, Table};
use store::job::{self, Job};
use store::log::{self, topic};
use store::{Cx, shop, sys};

use crate::{cart, collect, fold, import, relay};

/// The kind of jobs that compact a table.
pub const COMPACT: &str = "lake.compact";
/// The kind of jobs that remove a table's files of earlier versions.
pub const VACUUM: &str = "lake.vacuum";

/// Files that were replaced are kept this long for those who still read them, in seconds.
const VACUUM_AFTER_SECONDS: u32 = 3_600;

/// Asks for everything that is to be done once a day.
///
/// # Errors
/// What the database reports.
pub async fn ask(cx: &Cx) -> Result<()> {
    let mut tx = sys::write(cx).await?;
    for table in TABLES {
        for kind in [COMPACT, VACUUM] {
            job::add_once(&mut tx, cx, (kind, table.name), "{}").await?;
        }
    }
    tx.commit().await
}

/// Asks for the compaction of tables to which so much was written that it should not wait, and for
/// the removal of what earlier compactions replaced.
///
/// # Errors
/// What the store or the lake reports.
pub async fn ask_where_crowded(cx: &Cx, lake: &Lake) -> Result<()> {
    for table in TABLES {
        if lake.crowded(table).await? {
            let mut tx = sys::write(cx).await?;
            for kind in [COMPACT, VACUUM] {
                job::add_once(&mut tx, cx, (kind, table.name), "{}").await?;
            }
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Removes what is kept for a time only and has had its time: rows of the log with their keys,
/// ended jobs, old carts, answers to repeated requests, and files of rejects in `rejects`.
///
/// # Errors
/// What the database and the file system report.
pub async fn expire(cx: &Cx, rejects: &Path) -> Result<()> {
    job::prune(cx).await?;
    log::prune(cx, &[(fold::READER, fold::TOPICS), (relay::READER, topic::HISTORY)]).await?;
    collect::forget(cx).await?;
    cart::expire(cx).await?;
    sys::forget_answers(cx).await?;
    import::expire_rejects(rejects, cx.now)
}

/// Does the job that is longest due; whether there was one. `now` gives contexts of the present
/// time. A job that fails is tried again later.
///
/// # Errors
/// What the database reports.
pub async fn work(now: impl Fn() -> Cx, lake: &Lake) -> Result<bool> {
    job::run(now, &[COMPACT, VACUUM], |cx, job, _| perform(cx, lake, job)).await
}

async fn perform(cx: Cx, lake: &Lake, job: Job) -> Result<String> {
    let table = TABLES.into_iter().find(|table| Some(table.name) == job.name.as_deref());
    let table = table.ok_or_else(|| Error::damaged("a job is about an unknown table"))?;
    if job.kind == VACUUM {
        let files = lake.vacuum(table, VACUUM_AFTER_SECONDS, cx.now).await?;
        return Ok(serde_json::json!({ "files": files }).to_string());
    }
    let done = lake.compact(table, &superseded(&cx, table).await?, cx.now).await?;
    let (before, after) = (done.files_before, done.files_after);
    let told = serde_json::json!({
        "files_before": before,
        "files_after": after,
        "rows_dropped": done.rows_dropped,
    });
    Ok(told.to_string())
}

/// What is superseded in each shop.
async fn superseded(cx: &Cx, table: &Table) -> Result<Vec<Superseded>> {
    let mut all = Vec::new();
    for shop in shop::list(cx).await? {
        let mut tx = cx.of(shop.id).read().await?;
        let epochs = relay::superseded(&mut tx, table).await?;
        if !epochs.is_empty() {
            all.push(Superseded { shop: shop.id, state: relay::state(&mut tx).await?, epochs });
        }
    }
    Ok(all)
}
