//! SQL for the table `job`.

use base::{Result, ShopId, Time};
use sqlx::AssertSqlSafe;

use super::{ATTEMPTS_MAX, Job, JobId, LEASE_MICROS, State};
use crate::dialect::Dialect;
use crate::{Tx, binds, words};

#[derive(sqlx::FromRow)]
struct Stored {
    job_id: Vec<u8>,
    shop_id: i64,
    kind: String,
    name: Option<String>,
    body: String,
    state: String,
    due_at: i64,
    fence: i64,
    attempts: i64,
    done: i64,
    total: i64,
    cancel: bool,
    result: Option<String>,
    created_at: i64,
    ended_at: Option<i64>,
}

impl Stored {
    fn open(self) -> Result<Job> {
        Ok(Job {
            id: JobId::from_bytes(&self.job_id)?,
            shop: ShopId(self.shop_id),
            kind: self.kind,
            name: self.name,
            body: self.body,
            state: State::parse(&self.state)?,
            due_at: Time::from_micros(self.due_at),
            fence: self.fence,
            attempts: self.attempts,
            done: self.done,
            total: self.total,
            cancel: self.cancel,
            result: self.result,
            created_at: Time::from_micros(self.created_at),
            ended_at: self.ended_at.map(Time::from_micros),
        })
    }
}

pub(super) async fn insert(
    tx: &mut Tx,
    id: JobId,
    (kind, name, body, due): (&str, Option<&str>, &str, Time),
    now: Time,
) -> Result<bool> {
    let sql = "insert into job (job_id, shop_id, kind, name, body, state, due_at, lease_until,
            fence, attempts, done, total, cancel, created_at)
        values ($1, $2, $3, $4, $5, 'waiting', $6, 0, 0, 0, 0, 0, $7, $8)
        on conflict do nothing";
    let values = binds![id.bytes(), tx.shop(), kind, name, body, due, false, now];
    Ok(tx.exec(sql, values).await? == 1)
}

pub(super) async fn get(tx: &mut Tx, id: JobId) -> Result<Option<Job>> {
    let sql = "select * from job where shop_id = $1 and job_id = $2";
    tx.opt::<Stored>(sql, binds![tx.shop(), id.bytes()]).await?.map(Stored::open).transpose()
}

pub(super) async fn list(tx: &mut Tx, kinds: &[&str], limit: i64) -> Result<Vec<Job>> {
    let sql = "select * from job where shop_id = $1 and kind in list($2)
        order by created_at desc, job_id desc limit $3";
    let values = binds![tx.shop(), words(kinds.iter().copied()), limit];
    tx.all::<Stored>(sql, values).await?.into_iter().map(Stored::open).collect()
}

pub(super) async fn newest(tx: &mut Tx, kind: &str, names: &[&str]) -> Result<Vec<Job>> {
    let sql = "select * from job where shop_id = $1 and kind = $2 and name in list($3)
            and not exists (select 1 from job later
                where later.shop_id = job.shop_id and later.kind = job.kind
                    and later.name = job.name
                    and (later.created_at, later.job_id) > (job.created_at, job.job_id))";
    let values = binds![tx.shop(), kind, words(names.iter().copied())];
    tx.all::<Stored>(sql, values).await?.into_iter().map(Stored::open).collect()
}

pub(super) async fn is_cancelled(tx: &mut Tx, id: JobId) -> Result<bool> {
    let sql = "select cancel from job where shop_id = $1 and job_id = $2";
    let row: Option<(bool,)> = tx.opt(sql, binds![tx.shop(), id.bytes()]).await?;
    Ok(row.is_none_or(|(cancel,)| cancel))
}

/// A job whose last attempt ended without a word has failed.
pub(super) async fn fail_exhausted(tx: &mut Tx, now: Time) -> Result<()> {
    let sql = "update job set state = 'failed', ended_at = $1,
            result = 'its worker stopped without a word'
        where state = 'running' and lease_until < $1 and attempts >= $2";
    tx.exec(sql, binds![now, ATTEMPTS_MAX]).await.map(drop)
}

pub(super) async fn claim(tx: &mut Tx, kinds: &[&str], now: Time) -> Result<Option<Job>> {
    let skip = match tx.dialect() {
        Dialect::Sqlite => "",
        Dialect::Postgres => " for update skip locked",
    };
    let sql = format!(
        "update job set state = 'running', lease_until = $1, fence = fence + 1,
            attempts = attempts + 1
        where job_id = (select job_id from job
            where kind in list($2) and due_at <= $3
                and (state = 'waiting' or (state = 'running' and lease_until < $3))
            order by due_at, job_id limit 1{skip})
        returning job_id, shop_id, kind, name, body, state, due_at, fence, attempts, done,
            total, cancel, result, created_at, ended_at"
    );
    let values = binds![now.plus(LEASE_MICROS), words(kinds.iter().copied()), now];
    tx.opt::<Stored>(AssertSqlSafe(sql), values).await?.map(Stored::open).transpose()
}

pub(super) async fn progress(
    tx: &mut Tx,
    job: &Job,
    (done, total): (i64, i64),
    now: Time,
) -> Result<bool> {
    let sql = "update job set done = $1, total = $2, lease_until = $3
        where shop_id = $4 and job_id = $5 and fence = $6 and state = 'running'
        returning cancel";
    let until = now.plus(LEASE_MICROS);
    let values = binds![done, total, until, tx.shop(), job.id.bytes(), job.fence];
    let row: Option<(bool,)> = tx.opt(sql, values).await?;
    Ok(row.is_some_and(|(cancel,)| !cancel))
}

pub(super) async fn end(
    tx: &mut Tx,
    job: &Job,
    state: State,
    result: &str,
    now: Time,
) -> Result<bool> {
    let sql = "update job set state = $1, result = $2, ended_at = $3
        where shop_id = $4 and job_id = $5 and fence = $6 and state = 'running'";
    let values = binds![state.name(), result, now, tx.shop(), job.id.bytes(), job.fence];
    Ok(tx.exec(sql, values).await? == 1)
}

pub(super) async fn again(tx: &mut Tx, job: &Job, reason: &str, due: Time) -> Result<()> {
    let sql = "update job set state = 'waiting', result = $1, due_at = $2
        where shop_id = $3 and job_id = $4 and fence = $5 and state = 'running'";
    tx.exec(sql, binds![reason, due, tx.shop(), job.id.bytes(), job.fence]).await.map(drop)
}

pub(super) async fn cancel(tx: &mut Tx, id: JobId, now: Time) -> Result<bool> {
    let waiting = "update job set state = 'cancelled', cancel = $1, ended_at = $2
        where shop_id = $3 and job_id = $4 and state = 'waiting'";
    if tx.exec(waiting, binds![true, now, tx.shop(), id.bytes()]).await? == 1 {
        return Ok(true);
    }
    let running = "update job set cancel = $1
        where shop_id = $2 and job_id = $3 and state = 'running'";
    Ok(tx.exec(running, binds![true, tx.shop(), id.bytes()]).await? == 1)
}

pub(super) async fn troubled(tx: &mut Tx, limit: i64) -> Result<Vec<Job>> {
    let sql = "select * from job where (state = 'waiting' and attempts > 0)
            or (state = 'failed' and not exists (select 1 from job later
                where later.shop_id = job.shop_id and later.kind = job.kind
                    and later.name = job.name and later.state = 'done'
                    and later.ended_at >= job.ended_at))
        order by created_at desc, job_id limit $1";
    tx.all::<Stored>(sql, binds![limit]).await?.into_iter().map(Stored::open).collect()
}

pub(super) async fn prune(tx: &mut Tx, before: Time) -> Result<u64> {
    tx.exec("delete from job where ended_at < $1", binds![before]).await
}
