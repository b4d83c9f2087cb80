//! SQL that several rooms share: which of many hashes a table holds.

use std::collections::{BTreeSet, HashSet};

use base::Result;
use sqlx::AssertSqlSafe;
use store::{Tx, binds};

/// Hashes that one statement looks up.
const LOOKUP_MAX: usize = 20_000;

/// Which of `hashes` the column `hash` of `table` holds.
///
/// # Errors
/// What the database reports.
pub(crate) async fn hashes(
    tx: &mut Tx,
    table: &'static str,
    hashes: &[Vec<u8>],
) -> Result<HashSet<Vec<u8>>> {
    let distinct: BTreeSet<&Vec<u8>> = hashes.iter().collect();
    let distinct: Vec<&Vec<u8>> = distinct.into_iter().collect();
    let sql = format!("select distinct hash from {table} where shop_id = $1 and hash in list($2)");
    let mut found = HashSet::new();
    for chunk in distinct.chunks(LOOKUP_MAX) {
        let values = binds![tx.shop(), store::hashes(chunk.iter().copied().cloned())];
        let rows: Vec<(Vec<u8>,)> = tx.all(AssertSqlSafe(sql.clone()), values).await?;
        found.extend(rows.into_iter().map(|(hash,)| hash));
    }
    Ok(found)
}
