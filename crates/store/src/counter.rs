//! Dense numbers within a shop: customers, orders, products, versions. Never used twice.

use base::Result;

use crate::{Tx, binds};

/// Takes `count` numbers of the series `name` and returns the first; the series starts at 1.
///
/// The shop's row of the series stays locked until the transaction ends, so numbers become
/// visible in their order.
///
/// # Errors
/// What the database reports.
pub async fn take(tx: &mut Tx, name: &str, count: i64) -> Result<i64> {
    let sql = "insert into counter (shop_id, name, value) values ($1, $2, $3)
        on conflict (shop_id, name) do update set value = counter.value + excluded.value
        returning value";
    let (last,): (i64,) = tx.one(sql, binds![tx.shop(), name, count]).await?;
    Ok(last - count + 1)
}

/// The highest number taken so far; 0 before the first.
///
/// # Errors
/// What the database reports.
pub async fn last(tx: &mut Tx, name: &str) -> Result<i64> {
    let sql = "select value from counter where shop_id = $1 and name = $2";
    let row: Option<(i64,)> = tx.opt(sql, binds![tx.shop(), name]).await?;
    Ok(row.map_or(0, |(value,)| value))
}
