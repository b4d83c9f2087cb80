//! Durable jobs: long work that survives its process, shows progress and can be cancelled.
//!
//! A worker claims a job for a lease and gets a fence; every later word about the job carries the
//! fence, so that a worker whose lease ran out cannot speak for the next one.

mod sql;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use base::{Code, Error, Id, Result, ShopId, Stop, Time, id};

use crate::{Cx, Tx};

/// How long a claim lasts without a word from its worker, in microseconds: one minute.
pub const LEASE_MICROS: i64 = 60_000_000;
/// How often a job is tried before it has failed.
pub const ATTEMPTS_MAX: i64 = 5;
/// How often a worker renews its lease while it works.
const RENEW: Duration = Duration::from_secs(20);
/// How often what a worker told is written down, and whether it is to stop is looked up.
const LOOK: Duration = Duration::from_secs(1);
/// How long work that is to stop may take to find a good place for it.
const STOP_MAX: Duration = Duration::from_secs(30);
/// How long a job that ended is remembered, in microseconds: 30 days.
pub const REMEMBER_MICROS: i64 = 30 * base::time::DAY_MICROS;
/// How long to wait before trying a failed job again, in microseconds, doubled each time.
pub const BACKOFF_MICROS: i64 = 2_000_000;

/// The kind of job ids.
#[derive(Debug)]
pub struct JobKind;

impl id::Kind for JobKind {
    const PREFIX: &'static str = "job";
}

/// A job's id.
pub type JobId = Id<JobKind>;

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waiting for its time or for a worker.
    Waiting,
    /// A worker has it.
    Running,
    /// Done.
    Done,
    /// Given up.
    Failed,
    /// Stopped by a person.
    Cancelled,
}

impl State {
    /// The word in the table and in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    fn parse(name: &str) -> Result<Self> {
        [Self::Waiting, Self::Running, Self::Done, Self::Failed, Self::Cancelled]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| Error::damaged("a job has an unknown state"))
    }
}

/// A job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose it is.
    pub shop: ShopId,
    /// Which worker runs it.
    pub kind: String,
    /// What it is about; of a kind and name at most one waits or runs in a shop.
    pub name: Option<String>,
    /// What to do, in the worker's own JSON.
    pub body: String,
    /// How it stands.
    pub state: State,
    /// Not before this time.
    pub due_at: Time,
    /// Grows with every claim.
    pub fence: i64,
    /// Claims so far.
    pub attempts: i64,
    /// Steps done of `total`.
    pub done: i64,
    /// Steps in all; 0 when unknown.
    pub total: i64,
    /// A person wants it to stop.
    pub cancel: bool,
    /// What came of it: JSON when done, a sentence when failed or when its last attempt failed.
    pub result: Option<String>,
    /// When it was asked for.
    pub created_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
}

/// Adds a job, in the transaction of what asks for it.
///
/// # Errors
/// What the database reports.
pub async fn add(tx: &mut Tx, cx: &Cx, kind: &str, body: &str, due: Time) -> Result<JobId> {
    let id = cx.id();
    sql::insert(tx, id, (kind, None, body, due), cx.now).await?;
    Ok(id)
}

/// Adds a job that is due now, unless one of that kind and name waits or runs already; its id when
/// it was added.
///
/// # Errors
/// What the database reports.
pub async fn add_once(
    tx: &mut Tx,
    cx: &Cx,
    (kind, name): (&str, &str),
    body: &str,
) -> Result<Option<JobId>> {
    let id = cx.id();
    let added = sql::insert(tx, id, (kind, Some(name), body, cx.now), cx.now).await?;
    Ok(added.then_some(id))
}

/// The jobs of the context's shop that have one of `kinds`, newest first, at most `limit`.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx, kinds: &[&str], limit: i64) -> Result<Vec<Job>> {
    sql::list(&mut cx.read().await?, kinds, limit).await
}

/// The newest job of each name among `names` that has that kind.
///
/// # Errors
/// What the database reports.
pub async fn newest(cx: &Cx, kind: &str, names: &[&str]) -> Result<Vec<Job>> {
    sql::newest(&mut cx.read().await?, kind, names).await
}

/// A job of the context's shop.
///
/// # Errors
/// `not_found` when the shop has no such job.
pub async fn get(cx: &Cx, id: JobId) -> Result<Job> {
    let job = sql::get(&mut cx.read().await?, id).await?;
    job.ok_or_else(|| Error::missing("there is no such job"))
}

/// Claims the job of `kinds` that is longest due, from any shop; `None` when none is.
///
/// # Errors
/// What the database reports.
pub async fn claim(cx: &Cx, kinds: &[&str]) -> Result<Option<Job>> {
    let mut tx = crate::sys::write(cx).await?;
    sql::fail_exhausted(&mut tx, cx.now).await?;
    let job = sql::claim(&mut tx, kinds, cx.now).await?;
    tx.commit().await?;
    Ok(job)
}

/// What work on a job is given to speak through. Clones are about the same job.
#[derive(Debug, Clone, Default)]
pub struct Hand {
    told: Arc<(AtomicI64, AtomicI64)>,
    /// Whether a person wants it to stop, or another worker has it now.
    pub stop: Stop,
}

impl Hand {
    /// Tells how far the work is: steps done, and steps in all or 0.
    pub fn tell(&self, done: i64, total: i64) {
        self.told.0.store(done, Ordering::Relaxed);
        self.told.1.store(total, Ordering::Relaxed);
    }

    fn told(&self) -> (i64, i64) {
        (self.told.0.load(Ordering::Relaxed), self.told.1.load(Ordering::Relaxed))
    }
}

/// Claims a job of `kinds` and has `work` do it, which gives what came of it as JSON. The lease is
/// renewed meanwhile; when `work` fails the job is tried again later, unless that cannot help.
/// Whether there was a job. `now` gives contexts of the present time.
///
/// # Errors
/// What the database reports; the job is then tried again when its lease has run out.
pub async fn run<W>(
    now: impl Fn() -> Cx,
    kinds: &[&str],
    work: impl FnOnce(Cx, Job, Hand) -> W,
) -> Result<bool>
where
    W: Future<Output = Result<String>>,
{
    let Some(job) = claim(&now(), kinds).await? else { return Ok(false) };
    let hand = Hand::default();
    let mut working = std::pin::pin!(work(now().of(job.shop), job.clone(), hand.clone()));
    let worked = tokio::select! {
        worked = &mut working => Some(worked),
        watched = watch(&now, &job, &hand) => {
            watched?;
            hand.stop.ask();
            tokio::time::timeout(STOP_MAX, working).await.ok()
        }
    };
    let cx = now().of(job.shop);
    let mut tx = cx.write().await?;
    let ended = match worked {
        Some(Ok(result)) => finish(&mut tx, &job, &result, cx.now).await,
        Some(Err(error)) if !hand.stop.asked() => {
            let said = error.chain();
            tracing::warn!(kind = %job.kind, name = job.name, error = %said, "a job failed");
            drop(tx);
            return fail(&cx, &job, &error).await.map(|()| true);
        }
        _ => stop(&mut tx, &job, cx.now).await,
    };
    match ended {
        Ok(()) => tx.commit().await?,
        // Its lease ran out, and it is for the next worker to say how it ended.
        Err(error) if error.code == Code::Conflict => {}
        Err(error) => return Err(error),
    }
    Ok(true)
}

/// Writes down what the work tells and renews its lease; returns when it is to stop.
async fn watch(now: impl Fn() -> Cx, job: &Job, hand: &Hand) -> Result<()> {
    let (mut told, mut quiet) = ((job.done, job.total), Duration::ZERO);
    loop {
        tokio::time::sleep(LOOK).await;
        quiet += LOOK;
        let tells = hand.told();
        if tells == told && quiet < RENEW {
            if sql::is_cancelled(&mut now().of(job.shop).read().await?, job.id).await? {
                return Ok(());
            }
            continue;
        }
        (told, quiet) = (tells, Duration::ZERO);
        if !progress(&now(), job, told.0, told.1).await? {
            return Ok(());
        }
    }
}

/// Tells how far a claimed job is and renews its lease; whether to go on. `false` means that a
/// person wants it to stop or that another worker has it now.
///
/// # Errors
/// What the database reports.
pub async fn progress(cx: &Cx, job: &Job, done: i64, total: i64) -> Result<bool> {
    let mut tx = cx.of(job.shop).write().await?;
    let go_on = sql::progress(&mut tx, job, (done, total), cx.now).await?;
    tx.commit().await?;
    Ok(go_on)
}

/// Ends a claimed job well, in the transaction of its last effects.
///
/// # Errors
/// `conflict` when another worker has the job now; the caller then rolls back.
pub async fn finish(tx: &mut Tx, job: &Job, result: &str, now: Time) -> Result<()> {
    end(tx, job, State::Done, result, now).await
}

/// Ends a claimed job that a person cancelled.
///
/// # Errors
/// `conflict` when another worker has the job now.
pub async fn stop(tx: &mut Tx, job: &Job, now: Time) -> Result<()> {
    end(tx, job, State::Cancelled, "cancelled", now).await
}

async fn end(tx: &mut Tx, job: &Job, state: State, result: &str, now: Time) -> Result<()> {
    if sql::end(tx, job, state, result, now).await? {
        return Ok(());
    }
    Err(Error::conflict("another worker has this job"))
}

/// Reports that an attempt failed: the job waits for its next one, or has failed for good because
/// another would fail too.
///
/// # Errors
/// What the database reports.
pub async fn fail(cx: &Cx, job: &Job, error: &Error) -> Result<()> {
    let mut tx = cx.of(job.shop).write().await?;
    if job.attempts >= ATTEMPTS_MAX || error.code.lasts() {
        sql::end(&mut tx, job, State::Failed, &error.to_string(), cx.now).await?;
    } else {
        let exponent = u32::try_from(job.attempts - 1).unwrap_or(0);
        let due = cx.now.plus(BACKOFF_MICROS << exponent);
        sql::again(&mut tx, job, &error.to_string(), due).await?;
    }
    tx.commit().await
}

/// Asks a job of the context's shop to stop; whether it was still waiting or running.
///
/// # Errors
/// What the database reports.
pub async fn cancel(cx: &Cx, id: JobId) -> Result<bool> {
    let mut tx = cx.write().await?;
    let asked = sql::cancel(&mut tx, id, cx.now).await?;
    tx.commit().await?;
    Ok(asked)
}

/// Jobs of every shop that were given up and that no later one of their kind and name made good,
/// and those that wait because their last attempt failed; newest first.
///
/// # Errors
/// What the database reports.
pub async fn troubled(cx: &Cx, limit: i64) -> Result<Vec<Job>> {
    sql::troubled(&mut crate::sys::read(cx).await?, limit).await
}

/// Forgets jobs that ended more than 30 days ago; how many.
///
/// # Errors
/// What the database reports.
pub async fn prune(cx: &Cx) -> Result<u64> {
    let mut tx = crate::sys::write(cx).await?;
    let gone = sql::prune(&mut tx, cx.now.plus(-REMEMBER_MICROS)).await?;
    tx.commit().await?;
    Ok(gone)
}
