//! SQL for the table `source`.

use base::{Result, Time};
use store::{Tx, binds};

use super::Source;

#[derive(sqlx::FromRow)]
struct Stored {
    source_no: i64,
    name: String,
    write_key: String,
    created_at: i64,
    revoked_at: Option<i64>,
}

impl From<Stored> for Source {
    fn from(row: Stored) -> Self {
        Self {
            number: row.source_no,
            name: row.name,
            write_key: row.write_key,
            created_at: Time::from_micros(row.created_at),
            revoked_at: row.revoked_at.map(Time::from_micros),
        }
    }
}

pub(super) async fn insert(tx: &mut Tx, source: &Source) -> Result<()> {
    let sql = "insert into source (shop_id, source_no, name, write_key, created_at)
        values ($1, $2, $3, $4, $5)";
    let Source { number, name, write_key, created_at, .. } = source;
    tx.exec(sql, binds![tx.shop(), *number, name, write_key, *created_at]).await.map(drop)
}

pub(super) async fn list(tx: &mut Tx) -> Result<Vec<Source>> {
    let sql = "select source_no, name, write_key, created_at, revoked_at from source
        where shop_id = $1 order by source_no";
    let rows: Vec<Stored> = tx.all(sql, binds![tx.shop()]).await?;
    Ok(rows.into_iter().map(Source::from).collect())
}

pub(super) async fn by_key(tx: &mut Tx, key: &str) -> Result<Option<Source>> {
    let sql = "select source_no, name, write_key, created_at, revoked_at from source
        where shop_id = $1 and write_key = $2";
    let row: Option<Stored> = tx.opt(sql, binds![tx.shop(), key]).await?;
    Ok(row.map(Source::from))
}

pub(super) async fn revoke(tx: &mut Tx, name: &str, now: Time) -> Result<u64> {
    let sql = "update source set revoked_at = $3
        where shop_id = $1 and name = $2 and revoked_at is null";
    tx.exec(sql, binds![tx.shop(), name, now]).await
}

pub(super) async fn names(tx: &mut Tx, numbers: &[i64]) -> Result<Vec<(i64, String)>> {
    let sql = "select source_no, name from source where shop_id = $1
        and source_no in list($2)";
    tx.all(sql, binds![tx.shop(), store::list(numbers.iter().copied())]).await
}
