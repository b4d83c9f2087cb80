//! Imports that people begin in the console.

use base::{Error, Result};
use perceive::import::mapping::{self, Mapping};
use perceive::import::read::ReadOptions;
use perceive::import::{self, FILES_MAX, Import, Pace, Progress, Report, Request};
use perceive::relay;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::job::{self, Hand, Job, JobId};
use store::shop::{self, Shop};
use store::{Cx, Tx};

use super::body;
use crate::command;
use crate::place::{self, Place};
use crate::upload;

/// The kind of jobs that import; their name is the import's number.
pub(crate) const IMPORT: &str = "import";
/// The kind of jobs that undo an import; their name is its number.
pub(crate) const UNDO: &str = "import.undo";
/// The kind of jobs that say what an import would do.
pub(crate) const TRIAL: &str = "import.trial";

/// What is to be imported.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// Ids of files that were sent.
    pub(crate) uploads: Vec<String>,
    /// How they are to be understood.
    pub(crate) how: How,
}

/// How files are to be understood.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum How {
    /// By the mapping of this name.
    Named(String),
    /// By what each column of the only file is said to be.
    Columns(Vec<(String, Option<String>)>),
}

impl Wanted {
    /// The import that is meant.
    ///
    /// # Errors
    /// What is wrong with the files or the mapping.
    pub(crate) async fn request(&self, place: &Place, cx: &Cx, shop: &Shop) -> Result<Request> {
        if self.uploads.is_empty() || self.uploads.len() > FILES_MAX {
            return Err(Error::bad(format!("takes 1 to {FILES_MAX} files")).field("files"));
        }
        let files = self.uploads.iter().map(|id| Ok(upload::find(place, cx.shop, id)?.path));
        let files: Vec<std::path::PathBuf> = files.collect::<Result<_>>()?;
        let mapping = match (&self.how, files.as_slice()) {
            (How::Named(name), _) => mapping::builtin(name)?,
            (How::Columns(columns), [file]) => import::chosen(file, columns).await?,
            (How::Columns(_), _) => {
                return Err(Error::bad("columns can be chosen for one file at a time")
                    .field("files")
                    .hint("import the others after it, or name a mapping"));
            }
        };
        counts_in(&mapping, shop)?;
        Ok(Request {
            mapping,
            files,
            options: ReadOptions::default(),
            setting: command::setting(shop.currency, &shop.zone, cx.now),
            rejects: place.rejects(cx.shop),
            pace: Pace::Timed(place::now),
            stop: base::Stop::default(),
        })
    }
}

/// Refuses a mapping for amounts of another currency than the shop's.
fn counts_in(mapping: &Mapping, shop: &Shop) -> Result<()> {
    match mapping.currency.filter(|currency| *currency != shop.currency) {
        Some(currency) => Err(command::other_currency(shop.currency, currency)),
        None => Ok(()),
    }
}

/// Has an import done: the import, and the job that does it.
///
/// # Errors
/// What is wrong with the files; `conflict` when the same is being imported.
pub(crate) async fn begin(
    place: &Place,
    (cx, shop): (&Cx, &Shop),
    wanted: &Wanted,
) -> Result<(Import, JobId)> {
    place.hold_history(cx).await?;
    let request = wanted.request(place, cx, shop).await?;
    let import = import::begin(cx, &request).await?;
    let mut tx = cx.write().await?;
    let job = once(&mut tx, cx, (IMPORT, import.number), &written(wanted)?).await?;
    tx.commit().await?;
    Ok((import, job))
}

/// Has somebody told what an import would do.
///
/// # Errors
/// What is wrong with the files.
pub(crate) async fn ask_trial(
    place: &Place,
    (cx, shop): (&Cx, &Shop),
    wanted: &Wanted,
) -> Result<JobId> {
    let request = wanted.request(place, cx, shop).await?;
    base::aside("check", move || import::check(&request))?.done().await??;
    let mut tx = cx.write().await?;
    let job = job::add(&mut tx, cx, TRIAL, &written(wanted)?, cx.now).await?;
    tx.commit().await?;
    Ok(job)
}

fn written(wanted: &Wanted) -> Result<String> {
    serde_json::to_string(wanted)
        .map_err(|cause| Error::internal("a job could not be written", cause))
}

/// Goes on with an import that was stopped.
///
/// # Errors
/// `conflict` when it is going on, or was begun elsewhere.
pub(crate) async fn resume(cx: &Cx, number: i64) -> Result<JobId> {
    let last = job::newest(cx, IMPORT, &[&number.to_string()]).await?;
    let elsewhere = || {
        Error::conflict("this import was not begun in the console")
            .hint("give the same `shuke import` command again")
    };
    let last = last.into_iter().next().ok_or_else(elsewhere)?;
    let mut tx = cx.write().await?;
    let job = once(&mut tx, cx, (IMPORT, number), &last.body).await?;
    tx.commit().await?;
    Ok(job)
}

/// Has an import undone.
///
/// # Errors
/// `conflict` when it is being undone.
pub(crate) async fn ask_undo(cx: &Cx, number: i64) -> Result<JobId> {
    let mut tx = cx.write().await?;
    let job = once(&mut tx, cx, (UNDO, number), "{}").await?;
    tx.commit().await?;
    Ok(job)
}

async fn once(tx: &mut Tx, cx: &Cx, (kind, number): (&str, i64), body: &str) -> Result<JobId> {
    let added = job::add_once(tx, cx, (kind, &number.to_string()), body).await?;
    added.ok_or_else(|| Error::conflict(format!("import {number} is under way")))
}

/// Imports.
pub(super) async fn perform(place: &Place, cx: Cx, job: &Job, hand: &Hand) -> Result<String> {
    let shop = shop::get(&cx).await?;
    let request = body::<Wanted>(job)?.request(place, &cx, &shop).await?;
    let request = Request { stop: hand.stop.clone(), ..request };
    let report = import::run(&cx, &place.lake, &request, &mut told(hand)).await?;
    command::refresh(place, &cx, &shop).await?;
    shown(&report)
}

/// Says what an import would do.
pub(super) async fn trial(place: &Place, cx: Cx, job: &Job, hand: &Hand) -> Result<String> {
    let shop = shop::get(&cx).await?;
    let request = body::<Wanted>(job)?.request(place, &cx, &shop).await?;
    let report = import::preview(Some(&cx), &request, &cx.entropy, &mut told(hand)).await?;
    shown(&report)
}

fn told(hand: &Hand) -> impl FnMut(Progress) + Send + use<> {
    let hand = hand.clone();
    move |progress| {
        let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        hand.tell(bytes(progress.bytes_done), bytes(progress.bytes_total));
    }
}

fn shown(report: &Report) -> Result<String> {
    let failed = |cause| Error::internal("a report could not be written", cause);
    serde_json::to_string(report).map_err(failed)
}

/// Undoes an import.
pub(super) async fn undo(place: &Place, cx: Cx, job: &Job) -> Result<String> {
    let number = job.name.as_deref().and_then(|name| name.parse().ok());
    let number = number.ok_or_else(|| Error::damaged("a job names no import"))?;
    let shop = shop::get(&cx).await?;
    import::undo(&cx, &place.lake, number).await?;
    relay::flush(&cx, &place.lake).await?;
    command::refresh(place, &cx, &shop).await?;
    Ok(json!({ "import": number }).to_string())
}
