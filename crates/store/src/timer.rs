//! Durable timers: something is due at a time, at most one of a kind and name in a shop.

use base::{Result, ShopId, Time};

use crate::{Tx, binds};

/// A timer that has come due.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Timer {
    /// Whose it is.
    pub shop_id: i64,
    /// Who handles it.
    pub kind: String,
    /// What it is about.
    pub name: String,
    /// When it was due.
    pub due_at: i64,
    /// What the handler needs to know.
    pub body: String,
}

impl Timer {
    /// Whose it is.
    #[must_use]
    pub fn shop(&self) -> ShopId {
        ShopId(self.shop_id)
    }
}

/// Sets the timer, in place of one of that kind and name.
///
/// # Errors
/// What the database reports.
pub async fn set(tx: &mut Tx, kind: &str, name: &str, due: Time, body: &str) -> Result<()> {
    let sql = "insert into timer (shop_id, kind, name, due_at, body) values ($1, $2, $3, $4, $5)
        on conflict (shop_id, kind, name)
        do update set due_at = excluded.due_at, body = excluded.body";
    tx.exec(sql, binds![tx.shop(), kind, name, due, body]).await.map(drop)
}

/// Sets the timer unless there is one of that kind and name.
///
/// # Errors
/// What the database reports.
pub async fn set_once(tx: &mut Tx, kind: &str, name: &str, due: Time) -> Result<()> {
    let sql = "insert into timer (shop_id, kind, name, due_at, body) values ($1, $2, $3, $4, '')
        on conflict (shop_id, kind, name) do nothing";
    tx.exec(sql, binds![tx.shop(), kind, name, due]).await.map(drop)
}

/// Takes the timer away; whether there was one. A handler calls it in the transaction of its
/// effects, so that a timer fires once.
///
/// # Errors
/// What the database reports.
pub async fn clear(tx: &mut Tx, kind: &str, name: &str, due: Option<Time>) -> Result<bool> {
    let sql = "delete from timer where shop_id = $1 and kind = $2 and name = $3
        and ($4 is null or due_at = $4)";
    // The bare `$4 is null` needs a type on PostgreSQL, which `due_at = $4` gives it.
    Ok(tx.exec(sql, binds![tx.shop(), kind, name, due.map(Time::micros)]).await? > 0)
}
