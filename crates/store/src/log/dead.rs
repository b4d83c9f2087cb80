//! Facts that readers could not take, for people to see.

use base::{Result, Time};

use super::{Dead, sql};
use crate::Cx;

/// Facts that readers could not take, newest first.
///
/// # Errors
/// What the database reports.
pub async fn dead(cx: &Cx, limit: i64) -> Result<Vec<Dead>> {
    sql::dead(&mut crate::sys::read(cx).await?, limit).await
}

/// The same of the context's shop alone, and of those that died after `since`.
///
/// # Errors
/// What the database reports.
pub async fn dead_of_shop(cx: &Cx, since: Option<Time>, limit: i64) -> Result<Vec<Dead>> {
    let since = since.map_or(i64::MIN, Time::micros);
    sql::dead_of_shop(&mut cx.read().await?, since, limit).await
}
