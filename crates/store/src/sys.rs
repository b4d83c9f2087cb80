//! What belongs to no single shop: due jobs and timers, the log's readers, housekeeping.
//!
//! Only loops come here. A domain function never does: it has a shop.

use base::{Result, ShopId, Time};

use crate::timer::Timer;
use crate::{Cx, Tx, binds};

/// The shop number of transactions that serve every shop.
pub const NO_SHOP: ShopId = ShopId(0);

/// A transaction over every shop.
///
/// # Errors
/// `busy` when the writer does not come free in time.
pub async fn write(cx: &Cx) -> Result<Tx> {
    cx.of(NO_SHOP).write().await
}

/// A reading transaction over every shop.
///
/// # Errors
/// `busy` when no connection comes free in time.
pub async fn read(cx: &Cx) -> Result<Tx> {
    cx.of(NO_SHOP).read().await
}

/// Timers that are due at `cx.now`, the longest due first.
///
/// # Errors
/// What the database reports.
pub async fn due_timers(cx: &Cx, limit: i64) -> Result<Vec<Timer>> {
    let sql = "select shop_id, kind, name, due_at, body from timer where due_at <= $1
        order by due_at, shop_id, kind, name limit $2";
    read(cx).await?.all(sql, binds![cx.now, limit]).await
}

/// When the next timer is due.
///
/// # Errors
/// What the database reports.
pub async fn next_timer(cx: &Cx) -> Result<Option<Time>> {
    let (due,): (Option<i64>,) =
        read(cx).await?.one("select min(due_at) from timer", vec![]).await?;
    Ok(due.map(Time::from_micros))
}

/// Forgets answers to idempotent requests that are older than 7 days.
///
/// # Errors
/// What the database reports.
pub async fn forget_answers(cx: &Cx) -> Result<u64> {
    let mut tx = write(cx).await?;
    let since = cx.now.plus(-crate::idempotency::REMEMBER_MICROS);
    let gone = tx.exec("delete from idempotency where created_at < $1", binds![since]).await?;
    tx.commit().await?;
    Ok(gone)
}
