//! SQL for the table `secret`.

use base::{Result, Time};
use store::{Tx, binds};

use super::ApiKey;

pub(super) async fn insert(tx: &mut Tx, key: &ApiKey, hash: Vec<u8>) -> Result<()> {
    let sql = "insert into secret (shop_id, secret_no, name, hash, created_at)
        values ($1, $2, $3, $4, $5)";
    let values = binds![tx.shop(), key.number, &key.name, hash, key.created_at];
    tx.exec(sql, values).await.map(drop)
}

pub(super) async fn list(tx: &mut Tx) -> Result<Vec<ApiKey>> {
    let sql = "select secret_no, name, created_at, revoked_at from secret
        where shop_id = $1 order by secret_no";
    let rows: Vec<(i64, String, i64, Option<i64>)> = tx.all(sql, binds![tx.shop()]).await?;
    let key = |(number, name, created, revoked): (i64, String, i64, Option<i64>)| ApiKey {
        number,
        name,
        created_at: Time::from_micros(created),
        revoked_at: revoked.map(Time::from_micros),
    };
    Ok(rows.into_iter().map(key).collect())
}

pub(super) async fn revoke(tx: &mut Tx, name: &str, now: Time) -> Result<u64> {
    let sql = "update secret set revoked_at = $3
        where shop_id = $1 and name = $2 and revoked_at is null";
    tx.exec(sql, binds![tx.shop(), name, now]).await
}

/// The number of the key in use that has this hash.
pub(super) async fn by_hash(tx: &mut Tx, hash: Vec<u8>) -> Result<Option<i64>> {
    let sql = "select secret_no from secret
        where shop_id = $1 and hash = $2 and revoked_at is null";
    let row: Option<(i64,)> = tx.opt(sql, binds![tx.shop(), hash]).await?;
    Ok(row.map(|(number,)| number))
}
