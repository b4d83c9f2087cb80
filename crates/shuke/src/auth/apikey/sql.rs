//! SQL for the table `secret`.

use base::{Error, Result, Time};
use store::{Tx, binds};

use super::{ApiKey, reads};

#[derive(sqlx::FromRow)]
struct Row {
    secret_no: i64,
    name: String,
    created_at: i64,
    permissions: Option<String>,
    expires_at: Option<i64>,
    used_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl Row {
    fn open(self) -> Result<ApiKey> {
        let permissions = match self.permissions {
            None => reads(),
            Some(text) => serde_json::from_str(&text)
                .map_err(|cause| Error::damaged("a key cannot be read").because(cause))?,
        };
        Ok(ApiKey {
            number: self.secret_no,
            name: self.name,
            created_at: Time::from_micros(self.created_at),
            permissions,
            expires_at: self.expires_at.map(Time::from_micros),
            used_at: self.used_at.map(Time::from_micros),
            revoked_at: self.revoked_at.map(Time::from_micros),
        })
    }
}

pub(super) async fn insert(tx: &mut Tx, key: &ApiKey, hash: Vec<u8>) -> Result<()> {
    let permissions = serde_json::to_string(&key.permissions)
        .map_err(|cause| Error::internal("a key could not be written", cause))?;
    let sql = "insert into secret (shop_id, secret_no, name, hash, created_at, permissions,
        expires_at) values ($1, $2, $3, $4, $5, $6, $7)";
    let head = binds![tx.shop(), key.number, &key.name, hash, key.created_at];
    tx.exec(sql, [head, binds![permissions, key.expires_at]].concat()).await.map(drop)
}

pub(super) async fn list(tx: &mut Tx) -> Result<Vec<ApiKey>> {
    let sql = "select * from secret where shop_id = $1 order by secret_no";
    let rows: Vec<Row> = tx.all(sql, binds![tx.shop()]).await?;
    rows.into_iter().map(Row::open).collect()
}

pub(super) async fn revoke(tx: &mut Tx, name: &str, now: Time) -> Result<u64> {
    let sql = "update secret set revoked_at = $3
        where shop_id = $1 and name = $2 and revoked_at is null";
    tx.exec(sql, binds![tx.shop(), name, now]).await
}

pub(super) async fn revoke_one(tx: &mut Tx, number: i64, now: Time) -> Result<u64> {
    let sql = "update secret set revoked_at = $3
        where shop_id = $1 and secret_no = $2 and revoked_at is null";
    tx.exec(sql, binds![tx.shop(), number, now]).await
}

pub(super) async fn set_hash(tx: &mut Tx, number: i64, hash: Vec<u8>) -> Result<u64> {
    let sql = "update secret set hash = $3
        where shop_id = $1 and secret_no = $2 and revoked_at is null";
    tx.exec(sql, binds![tx.shop(), number, hash]).await
}

pub(super) async fn used(tx: &mut Tx, number: i64, now: Time) -> Result<()> {
    let sql = "update secret set used_at = $3 where shop_id = $1 and secret_no = $2";
    tx.exec(sql, binds![tx.shop(), number, now]).await.map(drop)
}

/// The key in use that has this hash.
pub(super) async fn by_hash(tx: &mut Tx, hash: Vec<u8>) -> Result<Option<ApiKey>> {
    let sql = "select * from secret where shop_id = $1 and hash = $2 and revoked_at is null";
    let row: Option<Row> = tx.opt(sql, binds![tx.shop(), hash]).await?;
    row.map(Row::open).transpose()
}
