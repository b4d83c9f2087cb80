//! SQL for the table `adjustment`.

use base::{Error, Result, Time};
use sqlx::AssertSqlSafe;
use store::{Tx, V, binds, list as numbers_list};

use super::{Adjustment, State};
use crate::ledger::Unit;

#[derive(sqlx::FromRow)]
struct Row {
    adjustment_no: i64,
    customer_no: i64,
    unit: i64,
    amount: i64,
    reason: String,
    state: i64,
    actor: String,
    made_at: i64,
    decided_by: Option<String>,
    decided_at: Option<i64>,
}

impl TryFrom<Row> for Adjustment {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let damaged = || Error::damaged("an adjustment cannot be read");
        let state = State::ALL.into_iter().find(|state| state.code() == row.state);
        Ok(Self {
            number: row.adjustment_no,
            customer: row.customer_no,
            unit: Unit::coded(row.unit).ok_or_else(damaged)?,
            amount: row.amount,
            reason: row.reason,
            state: state.ok_or_else(damaged)?,
            actor: row.actor,
            at: Time::from_micros(row.made_at),
            decided: row.decided_by.zip(row.decided_at.map(Time::from_micros)),
        })
    }
}

pub(super) async fn insert(tx: &mut Tx, own: &Adjustment, key: Option<String>) -> Result<()> {
    let sql = "insert into adjustment (shop_id, adjustment_no, customer_no, unit, amount, reason,
        state, actor, made_at, cause) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values = binds![
        tx.shop(),
        own.number,
        own.customer,
        own.unit.code(),
        own.amount,
        &own.reason,
        own.state.code(),
        &own.actor,
        own.at,
        key,
    ];
    tx.exec(sql, values).await.map(drop)
}

pub(super) async fn decide(tx: &mut Tx, own: &Adjustment) -> Result<()> {
    let sql = "update adjustment set state = $3, decided_by = $4, decided_at = $5
        where shop_id = $1 and adjustment_no = $2";
    let (who, at) = own.decided.clone().unzip();
    tx.exec(sql, binds![tx.shop(), own.number, own.state.code(), who, at]).await.map(drop)
}

async fn all(tx: &mut Tx, which: &str, values: Vec<V>) -> Result<Vec<Adjustment>> {
    let sql = AssertSqlSafe(format!(
        "select adjustment_no, customer_no, unit, amount, reason, state, actor, made_at,
            decided_by, decided_at from adjustment where shop_id = $1 {which}"
    ));
    let rows: Vec<Row> = tx.all(sql, values).await?;
    rows.into_iter().map(Adjustment::try_from).collect()
}

pub(super) async fn get(tx: &mut Tx, number: i64) -> Result<Option<Adjustment>> {
    let found = all(tx, "and adjustment_no = $2", binds![tx.shop(), number]).await?;
    Ok(found.into_iter().next())
}

/// The one that was made under a caller's id.
pub(super) async fn of_key(tx: &mut Tx, key: &str) -> Result<Option<Adjustment>> {
    let found = all(tx, "and cause = $2", binds![tx.shop(), key]).await?;
    Ok(found.into_iter().next())
}

pub(super) async fn list(
    tx: &mut Tx,
    state: Option<State>,
    (before, limit): (i64, i64),
) -> Result<Vec<Adjustment>> {
    let before = binds![tx.shop(), before, limit];
    match state {
        None => {
            all(tx, "and adjustment_no < $2 order by adjustment_no desc limit $3", before).await
        }
        Some(state) => {
            let which = "and adjustment_no < $2 and state = $4
                order by adjustment_no desc limit $3";
            all(tx, which, [before, binds![state.code()]].concat()).await
        }
    }
}

/// What was added by hand under some labels since a time, what waits counted.
pub(super) async fn added(tx: &mut Tx, labels: &[i64], (unit, since): (Unit, Time)) -> Result<i64> {
    let sql = "select cast(coalesce(sum(amount), 0) as bigint) from adjustment where shop_id = $1
        and customer_no in list($2) and unit = $3 and made_at >= $4 and amount > 0 and state < 2";
    let labels = numbers_list(labels.iter().copied());
    let (sum,): (i64,) = tx.one(sql, binds![tx.shop(), labels, unit.code(), since]).await?;
    Ok(sum)
}
