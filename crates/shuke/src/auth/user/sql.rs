//! SQL for the table `users`.

use base::{Error, Result, Time};
use store::{Tx, binds};

use super::{User, UserId};

#[derive(sqlx::FromRow)]
struct Row {
    user_id: Vec<u8>,
    email: String,
    name: String,
    language: String,
    password: Option<String>,
    totp: Option<Vec<u8>>,
    totp_on: bool,
    totp_step: Option<i64>,
    recovery: String,
    locked_until: Option<i64>,
    seen_at: Option<i64>,
}

/// A user with what only signing in needs.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub user: User,
    pub password: Option<String>,
    pub totp: Option<Vec<u8>>,
    pub totp_step: Option<i64>,
    pub recovery: Vec<String>,
    pub locked_until: Option<Time>,
}

impl Row {
    fn open(self) -> Result<Stored> {
        let recovery = serde_json::from_str(&self.recovery)
            .map_err(|cause| Error::damaged("recovery codes cannot be read").because(cause))?;
        let user = User {
            id: UserId::from_bytes(&self.user_id)?,
            email: self.email,
            name: self.name,
            language: self.language,
            second_factor: self.totp_on,
            seen_at: self.seen_at.map(Time::from_micros),
        };
        Ok(Stored {
            user,
            password: self.password,
            totp: self.totp,
            totp_step: self.totp_step,
            recovery,
            locked_until: self.locked_until.map(Time::from_micros),
        })
    }
}

pub(super) async fn any(tx: &mut Tx) -> Result<bool> {
    let row: Option<(String,)> = tx.opt("select email from users limit 1", vec![]).await?;
    Ok(row.is_some())
}

pub(super) async fn by_email(tx: &mut Tx, email: &str) -> Result<Option<Stored>> {
    let row: Option<Row> = tx.opt("select * from users where email = $1", binds![email]).await?;
    row.map(Row::open).transpose()
}

pub(super) async fn by_id(tx: &mut Tx, id: UserId) -> Result<Option<Stored>> {
    let sql = "select * from users where user_id = $1";
    let row: Option<Row> = tx.opt(sql, binds![id.bytes()]).await?;
    row.map(Row::open).transpose()
}

pub(super) async fn list(tx: &mut Tx, limit: i64) -> Result<Vec<User>> {
    let sql = "select * from users order by email limit $1";
    let rows: Vec<Row> = tx.all(sql, binds![limit]).await?;
    rows.into_iter().map(|row| row.open().map(|stored| stored.user)).collect()
}

pub(super) async fn insert(
    tx: &mut Tx,
    user: &User,
    password: Option<String>,
    now: Time,
) -> Result<()> {
    let sql = "insert into users (user_id, email, name, language, password, totp_on, recovery,
        failures, created_at) values ($1, $2, $3, $4, $5, $6, '[]', 0, $7)";
    let head = binds![user.id.bytes(), &user.email, &user.name, &user.language, password];
    tx.exec(sql, [head, binds![false, now]].concat()).await.map(drop)
}

pub(super) async fn came(tx: &mut Tx, id: UserId, now: Time) -> Result<()> {
    let sql = "update users set failures = 0, locked_until = null, seen_at = $2
        where user_id = $1";
    tx.exec(sql, binds![id.bytes(), now]).await.map(drop)
}

/// Counts a failure; how many there are in a row.
pub(super) async fn failed(tx: &mut Tx, id: UserId) -> Result<i64> {
    let sql = "update users set failures = failures + 1 where user_id = $1 returning failures";
    let (failures,): (i64,) = tx.one(sql, binds![id.bytes()]).await?;
    Ok(failures)
}

pub(super) async fn lock(tx: &mut Tx, id: UserId, until: Option<Time>) -> Result<()> {
    let sql = "update users set locked_until = $2 where user_id = $1";
    tx.exec(sql, binds![id.bytes(), until]).await.map(drop)
}

pub(super) async fn set_password(tx: &mut Tx, id: UserId, hash: String) -> Result<()> {
    let sql = "update users set password = $2, failures = 0, locked_until = null
        where user_id = $1";
    tx.exec(sql, binds![id.bytes(), hash]).await.map(drop)
}

pub(super) async fn forget_password(tx: &mut Tx, id: UserId) -> Result<()> {
    let sql = "update users set password = null, failures = 0, locked_until = null
        where user_id = $1";
    tx.exec(sql, binds![id.bytes()]).await.map(drop)
}

pub(super) async fn edit(tx: &mut Tx, user: &User) -> Result<()> {
    let sql = "update users set name = $2, language = $3 where user_id = $1";
    tx.exec(sql, binds![user.id.bytes(), &user.name, &user.language]).await.map(drop)
}

/// Sets a secret that is not asked for yet, or none.
pub(super) async fn set_totp(tx: &mut Tx, id: UserId, sealed: Option<Vec<u8>>) -> Result<()> {
    let sql = "update users set totp = $2, totp_on = $3, totp_step = null where user_id = $1";
    tx.exec(sql, binds![id.bytes(), sealed, false]).await.map(drop)
}

pub(super) async fn confirm_totp(tx: &mut Tx, id: UserId, step: i64) -> Result<()> {
    let sql = "update users set totp_on = $2, totp_step = $3 where user_id = $1";
    tx.exec(sql, binds![id.bytes(), true, step]).await.map(drop)
}

/// Uses a step up; whether nobody else had.
pub(super) async fn use_step(tx: &mut Tx, id: UserId, step: i64) -> Result<bool> {
    let sql = "update users set totp_step = $2 where user_id = $1
        and (totp_step is null or totp_step < $2)";
    Ok(tx.exec(sql, binds![id.bytes(), step]).await? > 0)
}

pub(super) async fn set_recovery(tx: &mut Tx, id: UserId, hashes: &[String]) -> Result<()> {
    let text = serde_json::to_string(hashes)
        .map_err(|cause| Error::internal("recovery codes could not be written", cause))?;
    let sql = "update users set recovery = $2 where user_id = $1";
    tx.exec(sql, binds![id.bytes(), text]).await.map(drop)
}
