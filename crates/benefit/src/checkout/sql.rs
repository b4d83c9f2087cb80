//! SQL for the tables `checkout` and `checkout_move`.

use base::{Error, Result, Time};
use sqlx::AssertSqlSafe;
use store::{Cx, Tx, V, binds};

use super::{Checkout, State};
use crate::quote::Told;

#[derive(sqlx::FromRow)]
struct Row {
    checkout_no: i64,
    order_ref: String,
    customer_no: Option<i64>,
    state: i64,
    told: String,
    returned: String,
    actor: String,
    at: i64,
    until: i64,
    redeemed_at: Option<i64>,
}

fn damaged(cause: serde_json::Error) -> Error {
    Error::damaged("a checkout cannot be read").because(cause)
}

impl TryFrom<Row> for Checkout {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let unknown = || Error::damaged(format!("a checkout stands as {}", row.state));
        Ok(Self {
            number: row.checkout_no,
            order: row.order_ref,
            customer: row.customer_no,
            state: State::coded(row.state).ok_or_else(unknown)?,
            told: serde_json::from_str::<Told>(&row.told).map_err(damaged)?,
            returned: serde_json::from_str(&row.returned).map_err(damaged)?,
            actor: row.actor,
            at: Time::from_micros(row.at),
            until: Time::from_micros(row.until),
            redeemed_at: row.redeemed_at.map(Time::from_micros),
        })
    }
}

async fn rows(tx: &mut Tx, which: &str, values: Vec<V>) -> Result<Vec<Checkout>> {
    let sql = AssertSqlSafe(format!(
        "select checkout_no, order_ref, customer_no, state, told, returned, actor, at,
            until, redeemed_at from checkout where shop_id = $1 {which}"
    ));
    let rows: Vec<Row> = tx.all(sql, values).await?;
    rows.into_iter().map(Checkout::try_from).collect()
}

pub(super) async fn of_number(tx: &mut Tx, number: i64) -> Result<Option<Checkout>> {
    let found = rows(tx, "and checkout_no = $2", binds![tx.shop(), number]).await?;
    Ok(found.into_iter().next())
}

/// Those of an order, or all, before a number, the latest first.
pub(super) async fn page(
    tx: &mut Tx,
    order: Option<&str>,
    (before, limit): (i64, i64),
) -> Result<Vec<Checkout>> {
    match order {
        Some(order) => {
            let which = "and order_ref = $2 and checkout_no < $3
                order by checkout_no desc limit $4";
            rows(tx, which, binds![tx.shop(), order, before, limit]).await
        }
        None => {
            let which = "and checkout_no < $2 order by checkout_no desc limit $3";
            rows(tx, which, binds![tx.shop(), before, limit]).await
        }
    }
}

/// Those that are held and whose time is over, the earliest first.
pub(super) async fn due(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<Checkout>> {
    let which = "and state = 1 and until <= $2 order by until limit $3";
    rows(tx, which, binds![tx.shop(), now, limit]).await
}

fn written(what: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(what)
        .map_err(|cause| Error::internal("a checkout could not be written", cause))
}

/// Writes a new one.
pub(super) async fn put(tx: &mut Tx, own: &Checkout) -> Result<()> {
    let sql =
        "insert into checkout (shop_id, checkout_no, order_ref, customer_no, state, pay_minor,
        told, returned, actor, at, until)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let values = binds![
        tx.shop(),
        own.number,
        &own.order,
        own.customer,
        own.state.code(),
        own.told.quote.pay_minor,
        written(&own.told)?,
        written(&own.returned)?,
        &own.actor,
        own.at,
        own.until,
    ];
    tx.exec(sql, values).await.map(drop)
}

/// Writes what changes of one.
pub(super) async fn change(tx: &mut Tx, own: &Checkout) -> Result<()> {
    let sql = "update checkout set state = $3, order_ref = $4, returned = $5, redeemed_at = $6
        where shop_id = $1 and checkout_no = $2";
    let values = binds![
        tx.shop(),
        own.number,
        own.state.code(),
        &own.order,
        written(&own.returned)?,
        own.redeemed_at,
    ];
    tx.exec(sql, values).await.map(drop)
}

/// What somebody did once.
#[derive(sqlx::FromRow)]
pub(super) struct Move {
    pub(super) cause: String,
    #[sqlx(rename = "checkout_no")]
    pub(super) number: i64,
    pub(super) kind: i64,
    pub(super) print: i64,
    pub(super) told: String,
}

pub(super) async fn moved(tx: &mut Tx, cause: &str) -> Result<Option<Move>> {
    let sql = "select cause, checkout_no, kind, print, told from checkout_move
        where shop_id = $1 and cause = $2";
    tx.opt(sql, binds![tx.shop(), cause]).await
}

pub(super) async fn put_move(tx: &mut Tx, cx: &Cx, own: Move) -> Result<()> {
    let sql =
        "insert into checkout_move (shop_id, cause, checkout_no, kind, print, told, actor, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let Move { cause, number, kind, print, told } = own;
    let actor = cx.actor.to_string();
    let values = binds![tx.shop(), cause, number, kind, print, told, actor, cx.now];
    tx.exec(sql, values).await.map(drop)
}
