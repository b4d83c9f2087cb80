//! SQL for the tables `reward` and `exchange`.

use base::{Error, Result, Time};
use sqlx::AssertSqlSafe;
use store::{Tx, V, binds, list as numbers_list};

use super::{Exchange, Reward, State};

#[derive(sqlx::FromRow)]
struct RewardRow {
    reward_no: i64,
    name: String,
    note: String,
    active: bool,
    terms: String,
    starts_at: i64,
    ends_at: Option<i64>,
    taken: i64,
    owner: String,
    created_at: i64,
    edited_at: i64,
}

fn damaged(cause: serde_json::Error) -> Error {
    Error::damaged("a reward cannot be read").because(cause)
}

fn written(what: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(what)
        .map_err(|cause| Error::internal("a reward could not be written", cause))
}

impl TryFrom<RewardRow> for Reward {
    type Error = Error;

    fn try_from(row: RewardRow) -> Result<Self> {
        Ok(Self {
            number: row.reward_no,
            name: row.name,
            note: row.note,
            active: row.active,
            terms: serde_json::from_str(&row.terms).map_err(damaged)?,
            starts_at: Time::from_micros(row.starts_at),
            ends_at: row.ends_at.map(Time::from_micros),
            taken: row.taken,
            owner: row.owner,
            created_at: Time::from_micros(row.created_at),
            edited_at: Time::from_micros(row.edited_at),
        })
    }
}

pub(super) async fn rewards(tx: &mut Tx) -> Result<Vec<Reward>> {
    let sql = "select reward_no, name, note, active, terms, starts_at, ends_at, taken, owner,
        created_at, edited_at from reward where shop_id = $1 order by reward_no desc";
    let rows: Vec<RewardRow> = tx.all(sql, binds![tx.shop()]).await?;
    rows.into_iter().map(Reward::try_from).collect()
}

pub(super) async fn reward(tx: &mut Tx, number: i64) -> Result<Option<Reward>> {
    let sql = "select reward_no, name, note, active, terms, starts_at, ends_at, taken, owner,
        created_at, edited_at from reward where shop_id = $1 and reward_no = $2";
    let row: Option<RewardRow> = tx.opt(sql, binds![tx.shop(), number]).await?;
    row.map(Reward::try_from).transpose()
}

pub(super) async fn put(tx: &mut Tx, own: &Reward) -> Result<()> {
    let sql = "insert into reward (shop_id, reward_no, name, note, active, terms, starts_at,
        ends_at, taken, owner, created_at, edited_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11)
        on conflict (shop_id, reward_no) do update set name = excluded.name,
        note = excluded.note, active = excluded.active, terms = excluded.terms,
        starts_at = excluded.starts_at, ends_at = excluded.ends_at,
        edited_at = excluded.edited_at";
    let values = binds![
        tx.shop(),
        own.number,
        &own.name,
        &own.note,
        own.active,
        written(&own.terms)?,
        own.starts_at,
        own.ends_at,
        &own.owner,
        own.created_at,
        own.edited_at,
    ];
    tx.exec(sql, values).await.map(drop)
}

/// Has so many more of a reward taken.
pub(super) async fn count(tx: &mut Tx, number: i64, pieces: i64) -> Result<()> {
    let sql = "update reward set taken = taken + $3 where shop_id = $1 and reward_no = $2";
    tx.exec(sql, binds![tx.shop(), number, pieces]).await.map(drop)
}

pub(super) async fn was_taken(tx: &mut Tx, number: i64) -> Result<bool> {
    let sql = "select exchange_no from exchange where shop_id = $1 and reward_no = $2 limit 1";
    let row: Option<(i64,)> = tx.opt(sql, binds![tx.shop(), number]).await?;
    Ok(row.is_some())
}

pub(super) async fn remove(tx: &mut Tx, number: i64) -> Result<()> {
    let sql = "delete from reward where shop_id = $1 and reward_no = $2";
    tx.exec(sql, binds![tx.shop(), number]).await.map(drop)
}

#[derive(sqlx::FromRow)]
struct Row {
    exchange_no: i64,
    cause: String,
    print: i64,
    reward_no: i64,
    customer_no: i64,
    pieces: i64,
    points: i64,
    cash_minor: i64,
    gives: String,
    code_no: Option<i64>,
    order_ref: String,
    state: i64,
    actor: String,
    at: i64,
    until: i64,
    closed_at: Option<i64>,
}

impl TryFrom<Row> for Exchange {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let unknown = || Error::damaged(format!("an exchange stands as {}", row.state));
        Ok(Self {
            number: row.exchange_no,
            reward: row.reward_no,
            customer: row.customer_no,
            pieces: row.pieces,
            points: row.points,
            cash_minor: row.cash_minor,
            gives: serde_json::from_str(&row.gives).map_err(damaged)?,
            code: row.code_no,
            order: row.order_ref,
            state: State::coded(row.state).ok_or_else(unknown)?,
            actor: row.actor,
            at: Time::from_micros(row.at),
            until: Time::from_micros(row.until),
            closed_at: row.closed_at.map(Time::from_micros),
            cause: row.cause,
            print: row.print,
        })
    }
}

async fn rows(tx: &mut Tx, which: &str, values: Vec<V>) -> Result<Vec<Exchange>> {
    let sql = AssertSqlSafe(format!(
        "select exchange_no, cause, print, reward_no, customer_no, pieces, points, cash_minor,
            gives, code_no, order_ref, state, actor, at, until, closed_at from exchange
            where shop_id = $1 {which}"
    ));
    let rows: Vec<Row> = tx.all(sql, values).await?;
    rows.into_iter().map(Exchange::try_from).collect()
}

pub(super) async fn exchange(tx: &mut Tx, number: i64) -> Result<Option<Exchange>> {
    let found = rows(tx, "and exchange_no = $2", binds![tx.shop(), number]).await?;
    Ok(found.into_iter().next())
}

pub(super) async fn of_cause(tx: &mut Tx, cause: &str) -> Result<Option<Exchange>> {
    let found = rows(tx, "and cause = $2", binds![tx.shop(), cause]).await?;
    Ok(found.into_iter().next())
}

/// Those of a reward, or all, before a number, the latest first.
pub(super) async fn exchanges(
    tx: &mut Tx,
    reward: Option<i64>,
    (before, limit): (i64, i64),
) -> Result<Vec<Exchange>> {
    match reward {
        Some(reward) => {
            let which = "and reward_no = $2 and exchange_no < $3
                order by exchange_no desc limit $4";
            rows(tx, which, binds![tx.shop(), reward, before, limit]).await
        }
        None => {
            let which = "and exchange_no < $2 order by exchange_no desc limit $3";
            rows(tx, which, binds![tx.shop(), before, limit]).await
        }
    }
}

/// Those of people by their numbers, before a number, the latest first.
pub(super) async fn of_labels(
    tx: &mut Tx,
    labels: &[i64],
    (before, limit): (i64, i64),
) -> Result<Vec<Exchange>> {
    let which = "and customer_no in list($2) and exchange_no < $3
        order by exchange_no desc limit $4";
    let values = binds![tx.shop(), numbers_list(labels.iter().copied()), before, limit];
    rows(tx, which, values).await
}

/// How many of a reward somebody has, by their numbers; what was cancelled does not count.
pub(super) async fn had(tx: &mut Tx, reward: i64, labels: &[i64]) -> Result<i64> {
    let sql = "select cast(coalesce(sum(pieces), 0) as bigint) from exchange where shop_id = $1
        and customer_no in list($2) and reward_no = $3 and state <> $4";
    let cancelled = State::Cancelled.code();
    let values = binds![tx.shop(), numbers_list(labels.iter().copied()), reward, cancelled];
    let (sum,): (i64,) = tx.one(sql, values).await?;
    Ok(sum)
}

/// Those that are open and whose time is over, the earliest first.
pub(super) async fn due(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<Exchange>> {
    let which = "and state = 1 and until <= $2 order by until limit $3";
    rows(tx, which, binds![tx.shop(), now, limit]).await
}

pub(super) async fn put_exchange(tx: &mut Tx, own: &Exchange) -> Result<()> {
    let sql = "insert into exchange (shop_id, exchange_no, cause, print, reward_no, customer_no,
        pieces, points, cash_minor, gives, code_no, order_ref, state, actor, at, until, closed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    let values = binds![
        tx.shop(),
        own.number,
        &own.cause,
        own.print,
        own.reward,
        own.customer,
        own.pieces,
        own.points,
        own.cash_minor,
        written(&own.gives)?,
        own.code,
        &own.order,
        own.state.code(),
        &own.actor,
        own.at,
        own.until,
        own.closed_at,
    ];
    tx.exec(sql, values).await.map(drop)
}

/// Writes what changes of one.
pub(super) async fn change(tx: &mut Tx, own: &Exchange) -> Result<()> {
    let sql = "update exchange set state = $3, code_no = $4, closed_at = $5
        where shop_id = $1 and exchange_no = $2";
    let values = binds![tx.shop(), own.number, own.state.code(), own.code, own.closed_at];
    tx.exec(sql, values).await.map(drop)
}
