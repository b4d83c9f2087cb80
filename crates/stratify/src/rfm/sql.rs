//! SQL for the table `rfm_run`.

use base::{Date, Result, Time};
use store::{Tx, binds};

/// The cuts and members of a stored run.
#[derive(sqlx::FromRow)]
pub(super) struct Stored {
    pub cuts: String,
    pub members: Vec<u8>,
}

/// Up to `limit` stored runs with the latest days, at most `day`, the latest first.
pub(super) async fn last(tx: &mut Tx, day: Date, limit: i64) -> Result<Vec<Stored>> {
    let sql = "select cuts, members from rfm_run where shop_id = $1 and as_of <= $2
        order by as_of desc, run_no desc limit $3";
    tx.all(sql, binds![tx.shop(), day.0, limit]).await
}

pub(super) async fn insert(
    tx: &mut Tx,
    (number, day, now): (i64, Date, Time),
    (cuts, report): (&str, &str),
    members: Vec<u8>,
) -> Result<()> {
    let sql = "insert into rfm_run (shop_id, run_no, as_of, saved_at, cuts, report, members)
        values ($1, $2, $3, $4, $5, $6, $7)";
    tx.exec(sql, binds![tx.shop(), number, day.0, now, cuts, report, members]).await.map(drop)
}

/// Number and day of stored runs, the latest first.
pub(super) async fn list(tx: &mut Tx, limit: i64) -> Result<Vec<(i64, i64)>> {
    let sql = "select run_no, as_of from rfm_run where shop_id = $1
        order by as_of desc, run_no desc limit $2";
    tx.all(sql, binds![tx.shop(), limit]).await
}

pub(super) async fn members(tx: &mut Tx, number: i64) -> Result<Option<Vec<u8>>> {
    let sql = "select members from rfm_run where shop_id = $1 and run_no = $2";
    let row: Option<(Vec<u8>,)> = tx.opt(sql, binds![tx.shop(), number]).await?;
    Ok(row.map(|(members,)| members))
}
