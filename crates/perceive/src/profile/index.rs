//! Where what is sealed of a customer is found again, and who is found there.

use std::collections::{BTreeSet, HashMap};

use base::Result;
use store::Tx;
use store::key::Sealer;

use super::sql;
use crate::clean::text;

/// Where a name is found again, however it is spaced and whatever its letters' case.
#[must_use]
pub fn name_index(sealer: &Sealer, name: &str) -> Vec<u8> {
    let narrow = text::narrow(name);
    let plain: String = narrow.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    sealer.blind("name", &plain)
}

/// Customers of that name, at most `limit`.
///
/// # Errors
/// What the database reports.
pub async fn of_name(tx: &mut Tx, index: Vec<u8>, limit: i64) -> Result<Vec<i64>> {
    sql::of_name(tx, index, limit).await
}

/// Bytes of a birthday's index: 366 days are told apart by fewer.
const BIRTHDAY_INDEX_BYTES: usize = 8;

/// Where people with a birthday on this day, `05-17`, are found again.
#[must_use]
pub fn birthday_index(sealer: &Sealer, month_day: &str) -> String {
    let mut hash = sealer.blind("birthday", month_day);
    hash.truncate(BIRTHDAY_INDEX_BYTES);
    base::hex(&hash)
}

/// Month and day of a birthday, with its year or without: `05-17`.
pub(super) fn month_day(birthday: &str) -> Option<&str> {
    birthday.len().checked_sub("05-17".len()).and_then(|start| birthday.get(start..))
}

/// Where the names of `persons` are found.
///
/// # Errors
/// What the database reports.
pub async fn name_indexes(tx: &mut Tx, persons: &BTreeSet<i64>) -> Result<HashMap<i64, Vec<u8>>> {
    sql::name_indexes(tx, persons).await
}

/// Everybody whose name is known, by number.
///
/// # Errors
/// What the database reports.
pub async fn named(tx: &mut Tx) -> Result<Vec<i64>> {
    sql::named(tx).await
}

/// Keyed hashes of the identifiers of those who introduced `persons`.
///
/// # Errors
/// What the database reports.
pub async fn introducers(tx: &mut Tx, persons: &BTreeSet<i64>) -> Result<Vec<(i64, Vec<u8>)>> {
    sql::introducers(tx, persons).await
}

/// The customers whom somebody with one of these identifiers introduced, by its keyed
/// hash, at most `limit`.
///
/// # Errors
/// What the database reports.
pub async fn introduced(
    tx: &mut Tx,
    hashes: &[Vec<u8>],
    limit: i64,
) -> Result<Vec<(i64, Vec<u8>)>> {
    sql::introduced(tx, hashes, limit).await
}
