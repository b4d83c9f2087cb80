//! SQL for the table `message`: which messages were taken.

use std::collections::HashSet;

use base::Result;
use store::{Tx, binds};

/// Writes down that messages were taken; those that had not been before.
pub(super) async fn take(tx: &mut Tx, hashes: Vec<Vec<u8>>, day: i32) -> Result<HashSet<Vec<u8>>> {
    let shop = tx.shop();
    let rows = hashes.into_iter().map(|hash| binds![shop, hash, day]).collect();
    let head = "insert into message (shop_id, hash, day)";
    let tail = " on conflict (shop_id, hash) do nothing returning hash";
    let new: Vec<(Vec<u8>,)> = tx.insert_all(head, rows, tail).await?;
    Ok(new.into_iter().map(|(hash,)| hash).collect())
}

/// Forgets messages that were taken before `day`, at most `limit`; how many.
pub(super) async fn forget(tx: &mut Tx, day: i32, limit: i64) -> Result<u64> {
    let sql = "delete from message where shop_id = $1 and hash in (
            select hash from message where shop_id = $1 and day < $2 order by day limit $3)";
    tx.exec(sql, binds![tx.shop(), day, limit]).await
}
