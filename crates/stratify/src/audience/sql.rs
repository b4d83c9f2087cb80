//! SQL for the table `private_count`.

use base::{Result, Time};
use store::{Tx, binds};

use super::rule::Shown;
use crate::roster::rule::{bytes, numbers};

/// Figures that were shown of audiences of about a size.
pub(super) async fn near(tx: &mut Tx, (from, to): (i64, i64)) -> Result<Vec<Shown>> {
    let sql = "select asked, members, shown from private_count
        where shop_id = $1 and size >= $2 and size <= $3 order by count_no desc";
    let rows: Vec<(String, Vec<u8>, i64)> = tx.all(sql, binds![tx.shop(), from, to]).await?;
    let shown = |(asked, members, figure): (String, Vec<u8>, i64)| {
        Ok(Shown { asked, members: numbers(&members)?, figure })
    };
    rows.into_iter().map(shown).collect()
}

pub(super) async fn count(tx: &mut Tx) -> Result<i64> {
    let sql = "select count(*) from private_count where shop_id = $1";
    let (count,): (i64,) = tx.one(sql, binds![tx.shop()]).await?;
    Ok(count)
}

pub(super) async fn insert(tx: &mut Tx, (number, now): (i64, Time), shown: &Shown) -> Result<()> {
    let sql = "insert into private_count
        (shop_id, count_no, asked, size, members, shown, counted_at)
        values ($1, $2, $3, $4, $5, $6, $7)";
    let size = i64::try_from(shown.members.len()).unwrap_or(i64::MAX);
    let members = bytes(&shown.members)?;
    let values = binds![tx.shop(), number, &shown.asked, size, members, shown.figure, now];
    tx.exec(sql, values).await.map(drop)
}

pub(super) async fn expire(tx: &mut Tx, before: Time) -> Result<u64> {
    let sql = "delete from private_count where shop_id = $1 and counted_at < $2";
    tx.exec(sql, binds![tx.shop(), before]).await
}
