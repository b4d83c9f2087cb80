//! SQL for the table `message_run`: which messages were taken, a row for each batch of the fold.

use base::Result;
use sqlx::AssertSqlSafe;
use store::dialect::delete_first;
use store::{Tx, binds};

/// The first run of a day from `day` on, if there is one.
pub(super) async fn least(tx: &mut Tx, day: i32) -> Result<Option<i64>> {
    let sql = "select min(run_no) from message_run where shop_id = $1 and day >= $2";
    let (run,): (Option<i64>,) = tx.one(sql, binds![tx.shop(), day]).await?;
    Ok(run)
}

/// Runs after `after`, in their order: number and hashes.
pub(super) async fn runs(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<(i64, Vec<u8>)>> {
    let sql = "select run_no, ids from message_run where shop_id = $1 and run_no > $2
        order by run_no limit $3";
    tx.all(sql, binds![tx.shop(), after, limit]).await
}

/// The sorted hashes of a run; none when it is forgotten.
pub(super) async fn of_run(tx: &mut Tx, run: i64) -> Result<Vec<u8>> {
    let sql = "select ids from message_run where shop_id = $1 and run_no = $2";
    let row: Option<(Vec<u8>,)> = tx.opt(sql, binds![tx.shop(), run]).await?;
    Ok(row.map(|(ids,)| ids).unwrap_or_default())
}

pub(super) fn add(tx: &mut Tx, run: i64, day: i32, ids: Vec<u8>) {
    let row = binds![tx.shop(), run, day, ids];
    tx.insert("insert into message_run (shop_id, run_no, day, ids)", vec![row], "");
}

/// Forgets runs of before `day`, at most `limit`; how many.
pub(super) async fn forget(tx: &mut Tx, day: i32, limit: i64) -> Result<u64> {
    let old = "shop_id = $1 and day < $2";
    let sql = delete_first(tx.dialect(), ("message_run", "run_no"), old, "$3");
    tx.exec(AssertSqlSafe(sql), binds![tx.shop(), day, limit]).await
}
