//! Idempotency keys: a repeated request gets the first answer.

use base::{Error, Result, Time};

use crate::{Cx, Tx, binds};

/// How long an answer is remembered, in microseconds: 7 days.
pub const REMEMBER_MICROS: i64 = 7 * base::time::DAY_MICROS;
/// Characters of a caller's key at the most.
pub const KEY_CHARS_MAX: usize = 200;

/// The answer that the same request got before, if it came within the last 7 days.
///
/// # Errors
/// `conflict` when the key was used for another request.
pub async fn recall(tx: &mut Tx, cx: &Cx, name: &str, request: &[u8]) -> Result<Option<String>> {
    if name.is_empty() || name.chars().count() > KEY_CHARS_MAX {
        let text = format!("must have 1 to {KEY_CHARS_MAX} characters");
        return Err(Error::bad(text).field("Idempotency-Key"));
    }
    let sql = "select request, answer from idempotency
        where shop_id = $1 and name = $2 and created_at >= $3";
    let since = cx.now.plus(-REMEMBER_MICROS);
    let row: Option<(Vec<u8>, String)> = tx.opt(sql, binds![tx.shop(), name, since]).await?;
    match row {
        Some((stored, _)) if stored != request => {
            Err(Error::conflict("this key was used for another request")
                .field("Idempotency-Key")
                .hint("use a new key for a new request"))
        }
        Some((_, answer)) => Ok(Some(answer)),
        None => Ok(None),
    }
}

/// Remembers an answer, in the transaction of what it answers.
///
/// # Errors
/// What the database reports; a second writer of the same key fails here and changes nothing.
pub async fn remember(
    tx: &mut Tx,
    now: Time,
    name: &str,
    request: &[u8],
    answer: &str,
) -> Result<()> {
    let shop = tx.shop();
    let stale = "delete from idempotency where shop_id = $1 and name = $2 and created_at < $3";
    tx.exec(stale, binds![shop, name, now.plus(-REMEMBER_MICROS)]).await?;
    let sql = "insert into idempotency (shop_id, name, request, answer, created_at)
        values ($1, $2, $3, $4, $5)";
    tx.exec(sql, binds![shop, name, request, answer, now]).await.map(drop)
}
