//! SQL that several rooms share: which of many hashes a table holds.

use std::collections::{BTreeSet, HashSet};

use base::Result;
use sqlx::AssertSqlSafe;
use store::{Tx, V, binds};

/// Hashes that one statement looks up.
const LOOKUP_MAX: usize = 400;

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
    let mut found = HashSet::new();
    for chunk in distinct.chunks(LOOKUP_MAX) {
        let places: Vec<String> = (2..chunk.len() + 2).map(|place| format!("${place}")).collect();
        let places = places.join(",");
        let sql =
            format!("select distinct hash from {table} where shop_id = $1 and hash in ({places})");
        let mut values = binds![tx.shop()];
        values.extend(chunk.iter().map(|hash| V::from((*hash).clone())));
        let rows: Vec<(Vec<u8>,)> = tx.all(AssertSqlSafe(sql), values).await?;
        found.extend(rows.into_iter().map(|(hash,)| hash));
    }
    Ok(found)
}
