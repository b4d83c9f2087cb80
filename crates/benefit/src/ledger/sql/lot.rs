//! SQL for the tables `ledger_lot` and `ledger_end`.

use std::collections::BTreeSet;

use base::{Result, Time};
use sqlx::AssertSqlSafe;
use store::{Tx, V, binds, list as numbers_list};

use super::LOOKUP_MAX;
use crate::ledger::books::Books;
use crate::ledger::rule::{Account, Lot};
use crate::ledger::{Owner, Unit};

#[derive(sqlx::FromRow)]
struct LotRow {
    lot_no: i64,
    account_no: i64,
    amount: i64,
    remaining: i64,
    expires_at: Option<i64>,
}

impl From<LotRow> for Lot {
    fn from(row: LotRow) -> Self {
        Self {
            number: row.lot_no,
            account: row.account_no,
            amount: row.amount,
            remaining: row.remaining,
            expires_at: row.expires_at.map(Time::from_micros),
        }
    }
}

pub(super) async fn lots(tx: &mut Tx, which: &str, values: Vec<V>) -> Result<Vec<Lot>> {
    let sql = AssertSqlSafe(format!(
        "select lot_no, account_no, amount, remaining, expires_at from ledger_lot
            where shop_id = $1 {which}"
    ));
    let rows: Vec<LotRow> = tx.all(sql, values).await?;
    Ok(rows.into_iter().map(Lot::from).collect())
}

/// Lots of some accounts in which something remains, those that end first first.
pub(in crate::ledger) async fn lots_of(tx: &mut Tx, accounts: &[i64]) -> Result<Vec<Lot>> {
    let mut found = Vec::new();
    for chunk in accounts.chunks(LOOKUP_MAX) {
        let values = binds![tx.shop(), numbers_list(chunk.iter().copied())];
        found.extend(lots(tx, "and remaining > 0 and account_no in list($2)", values).await?);
    }
    found.sort_by_key(|lot| (lot.expires_at.is_none(), lot.expires_at, lot.number));
    Ok(found)
}

/// Puts the lots of customers into the books, of those accounts that are in them.
pub(in crate::ledger) async fn load_lots(
    tx: &mut Tx,
    books: &mut Books,
    labels: &BTreeSet<i64>,
) -> Result<()> {
    let owns =
        |account: &&Account| matches!(account.owner, Owner::Customer(own) if labels.contains(&own));
    let accounts: Vec<i64> = books.accounts().filter(owns).map(|own| own.number).collect();
    for lot in lots_of(tx, &accounts).await? {
        books.load_lot(lot);
    }
    Ok(())
}

/// Lots that have run out by a time and in which something remains, the longest ago first.
pub(in crate::ledger) async fn lapsed(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<Lot>> {
    let which = "and remaining > 0 and expires_at is not null and expires_at <= $2
        order by expires_at limit $3";
    lots(tx, which, binds![tx.shop(), now, limit]).await
}

/// How much of a unit runs out at which times, after one moment and until another.
pub(in crate::ledger) async fn expiring(
    tx: &mut Tx,
    unit: Unit,
    (after, until): (Time, Time),
) -> Result<Vec<(Time, i64)>> {
    let sql = "select expires_at, remaining from ledger_end where shop_id = $1 and unit = $2
        and expires_at > $3 and expires_at <= $4 and remaining <> 0 order by expires_at";
    let values = binds![tx.shop(), unit.code(), after, until];
    let rows: Vec<(i64, i64)> = tx.all(sql, values).await?;
    Ok(rows.into_iter().map(|(at, remaining)| (Time::from_micros(at), remaining)).collect())
}
