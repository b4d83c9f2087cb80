//! 审计: who did what to what, before and after, from where. Rows are chained by keyed hashes: one
//! that is changed, removed or put in between is found.
//!
//! A row's hash is an HMAC-SHA-256 over the hash of the row before it and everything that the row
//! says, under a key of the installation, so that nobody who can only write to the database can
//! make a chain that holds. The counter of rows tells when the last ones are missing.

mod sql;

use base::{Error, Result, ShopId, Time};

use crate::key::{self, DataKey};
use crate::{Cx, Tx, counter};

/// Rows that one read of the chain takes.
const PAGE_ROWS: i64 = 1_000;
/// The series of rows.
const SERIES: &str = "audit";
/// Bytes of a text before or after that are kept.
const TEXT_BYTES_MAX: usize = 4_096;

/// What was done.
#[derive(Debug, Clone, Default)]
pub struct Deed<'a> {
    /// The deed, as `noun.verb`.
    pub action: &'a str,
    /// To what.
    pub target: &'a str,
    /// What was before, as JSON.
    pub before: Option<String>,
    /// What is now, as JSON.
    pub after: Option<String>,
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number within the shop.
    pub number: i64,
    /// When.
    pub at: Time,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// To what.
    pub target: String,
    /// What was before.
    pub before: Option<String>,
    /// What is now.
    pub after: Option<String>,
    /// From where.
    pub address: String,
    /// In which request.
    pub request: String,
    /// The link of the chain.
    pub hash: Vec<u8>,
}

/// Writes a deed down, in the transaction of the deed itself.
///
/// # Errors
/// What the database reports.
pub async fn write(tx: &mut Tx, cx: &Cx, deed: Deed<'_>) -> Result<()> {
    let key = key::audit_key(tx, cx).await?;
    let number = counter::take(tx, SERIES, 1).await?;
    let last = sql::hash_of(tx, number - 1).await?.unwrap_or_default();
    let mut row = Row {
        number,
        at: cx.now,
        actor: cx.actor.to_string(),
        action: deed.action.to_owned(),
        target: deed.target.to_owned(),
        before: deed.before.map(kept),
        after: deed.after.map(kept),
        address: cx.address.clone(),
        request: cx.request.clone(),
        hash: Vec::new(),
    };
    row.hash = link(&key, tx.shop(), &last, &row);
    sql::insert(tx, &row).await
}

/// Writes a deed down and makes it durable with everything else of its transaction.
///
/// # Errors
/// What the database reports.
pub async fn commit(mut tx: Tx, cx: &Cx, deed: Deed<'_>) -> Result<()> {
    write(&mut tx, cx, deed).await?;
    tx.commit().await
}

fn kept(mut text: String) -> String {
    if text.len() > TEXT_BYTES_MAX {
        text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    }
    text
}

/// The hash of a row that follows `last`.
fn link(key: &DataKey, shop: ShopId, last: &[u8], row: &Row) -> Vec<u8> {
    let said = (
        (shop.0, row.number, row.at.micros()),
        (&row.actor, &row.action, &row.target),
        (&row.before, &row.after),
        (&row.address, &row.request),
    );
    // A tuple of numbers and texts can always be written.
    let said = serde_json::to_string(&said).unwrap_or_default();
    key.chain(last, &said)
}

/// Which rows of the log are wanted.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// By whom.
    pub actor: Option<String>,
    /// Of deeds that begin so.
    pub action: Option<String>,
    /// From this moment on.
    pub from: Option<Time>,
    /// Up to this moment.
    pub to: Option<Time>,
}

/// The shop's rows before number `before`, the latest first, at most `limit`.
///
/// # Errors
/// What the database reports.
pub async fn list(tx: &mut Tx, filter: &Filter, (before, limit): (i64, i64)) -> Result<Vec<Row>> {
    sql::list(tx, filter, (before, limit)).await
}

/// Follows the shop's chain from its beginning; how many rows it has.
///
/// # Errors
/// `damaged` that names the first row that is not as it was written, or is missing.
pub async fn verify(cx: &Cx) -> Result<i64> {
    let (mut number, mut last) = (0, Vec::new());
    let ends = counter::last(&mut cx.read().await?, SERIES).await?;
    loop {
        let mut tx = cx.read().await?;
        let key = key::known_audit_key(&mut tx, cx).await?;
        let rows = sql::after(&mut tx, number, PAGE_ROWS).await?;
        let Some(key) = key.filter(|_| !rows.is_empty()) else { break };
        for row in rows {
            if row.number != number + 1 {
                return Err(missing(number + 1));
            }
            if link(&key, cx.shop, &last, &row) != row.hash {
                return Err(Error::damaged(format!(
                    "row {} of the audit log is not as it was written",
                    row.number
                )));
            }
            (number, last) = (row.number, row.hash);
        }
    }
    if number < ends { Err(missing(number + 1)) } else { Ok(number) }
}

fn missing(number: i64) -> Error {
    Error::damaged(format!("row {number} of the audit log is missing"))
}
