//! SQL for the table `session`.

use base::{Result, Time};
use store::{Tx, binds};

use super::{Session, SessionId};
use crate::auth::user::UserId;

#[derive(sqlx::FromRow)]
struct Row {
    session_id: Vec<u8>,
    user_id: Vec<u8>,
    created_at: i64,
    seen_at: i64,
    expires_at: i64,
    address: String,
    agent: String,
}

const COLUMNS: &str = "session_id, user_id, created_at, seen_at, expires_at, address, agent";

impl Row {
    fn open(self) -> Result<Session> {
        Ok(Session {
            id: SessionId::from_bytes(&self.session_id)?,
            user: UserId::from_bytes(&self.user_id)?,
            created_at: Time::from_micros(self.created_at),
            seen_at: Time::from_micros(self.seen_at),
            expires_at: Time::from_micros(self.expires_at),
            address: self.address,
            agent: self.agent,
        })
    }
}

pub(super) async fn insert(tx: &mut Tx, session: &Session, hash: Vec<u8>) -> Result<()> {
    let sql = "insert into session (hash, session_id, user_id, created_at, seen_at, expires_at,
        address, agent) values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let Session { id, user, created_at, seen_at, expires_at, address, agent } = session;
    let head = binds![hash, id.bytes(), user.bytes(), *created_at, *seen_at, *expires_at];
    tx.exec(sql, [head, binds![address, agent]].concat()).await.map(drop)
}

pub(super) async fn by_hash(tx: &mut Tx, hash: Vec<u8>) -> Result<Option<Session>> {
    let sql = format!("select {COLUMNS} from session where hash = $1");
    let row: Option<Row> = tx.opt(sqlx::AssertSqlSafe(sql), binds![hash]).await?;
    row.map(Row::open).transpose()
}

pub(super) async fn list(
    tx: &mut Tx,
    user: UserId,
    (now, since): (Time, Time),
) -> Result<Vec<Session>> {
    let sql = format!(
        "select {COLUMNS} from session where user_id = $1 and expires_at > $2 and seen_at > $3
            order by seen_at desc, session_id"
    );
    let rows: Vec<Row> = tx.all(sqlx::AssertSqlSafe(sql), binds![user.bytes(), now, since]).await?;
    rows.into_iter().map(Row::open).collect()
}

pub(super) async fn seen(tx: &mut Tx, id: SessionId, (now, address): (Time, &str)) -> Result<()> {
    let sql = "update session set seen_at = $2, address = $3 where session_id = $1";
    tx.exec(sql, binds![id.bytes(), now, address]).await.map(drop)
}

pub(super) async fn end(tx: &mut Tx, user: UserId, id: SessionId) -> Result<u64> {
    let sql = "delete from session where user_id = $1 and session_id = $2";
    tx.exec(sql, binds![user.bytes(), id.bytes()]).await
}

pub(super) async fn end_others(tx: &mut Tx, user: UserId, kept: Option<SessionId>) -> Result<()> {
    let sql = "delete from session where user_id = $1 and ($2 is null or session_id <> $2)";
    let kept = kept.map(|kept| kept.bytes());
    tx.exec(sql, binds![user.bytes(), kept]).await.map(drop)
}

/// Forgets sessions that have ended.
pub(super) async fn prune(tx: &mut Tx, now: Time, since: Time) -> Result<()> {
    let sql = "delete from session where expires_at <= $1 or seen_at <= $2";
    tx.exec(sql, binds![now, since]).await.map(drop)
}
