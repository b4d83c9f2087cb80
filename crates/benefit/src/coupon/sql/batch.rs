//! SQL for the table `coupon_batch`.

use std::collections::BTreeSet;

use base::{Error, Result, Time};
use roaring::RoaringBitmap;
use sqlx::AssertSqlSafe;
use store::{Tx, V, binds, list as numbers_list};
use stratify::roster::rule::{bytes, numbers};

use crate::coupon::issue::{Batch, State};
use crate::coupon::register::Register;
use crate::coupon::{How, Origin, Source};

#[derive(sqlx::FromRow)]
struct Row {
    batch_no: i64,
    coupon_no: i64,
    version: i64,
    how: i64,
    origin: i64,
    origin_no: Option<i64>,
    private: bool,
    state: i64,
    first_no: i64,
    total: i64,
    next: i64,
    given: i64,
    source: String,
    reason: String,
    actor: String,
    made_at: i64,
    ended_at: Option<i64>,
    print: i64,
}

impl TryFrom<Row> for Batch {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let damaged = || Error::damaged("a batch of coupons cannot be read");
        let state = State::ALL.into_iter().find(|state| state.code() == row.state);
        Ok(Self {
            number: row.batch_no,
            coupon: row.coupon_no,
            version: row.version,
            how: How::coded(row.how).ok_or_else(damaged)?,
            origin: Origin {
                source: Source::coded(row.origin).ok_or_else(damaged)?,
                number: row.origin_no,
            },
            private: row.private,
            state: state.ok_or_else(damaged)?,
            first: row.first_no,
            total: row.total,
            next: row.next,
            given: row.given,
            source: row.source,
            reason: row.reason,
            actor: row.actor,
            at: Time::from_micros(row.made_at),
            ended_at: row.ended_at.map(Time::from_micros),
            print: row.print,
        })
    }
}

async fn batches(tx: &mut Tx, which: &str, values: Vec<V>) -> Result<Vec<Batch>> {
    let sql = AssertSqlSafe(format!(
        "select batch_no, coupon_no, version, how, origin, origin_no, private, state, first_no,
            total, next, given, source, reason, actor, made_at, ended_at, print
            from coupon_batch where shop_id = $1 {which}"
    ));
    let rows: Vec<Row> = tx.all(sql, values).await?;
    rows.into_iter().map(Batch::try_from).collect()
}

pub(in crate::coupon) async fn get(tx: &mut Tx, number: i64) -> Result<Option<Batch>> {
    let found = batches(tx, "and batch_no = $2", binds![tx.shop(), number]).await?;
    Ok(found.into_iter().next())
}

/// The one that was begun under a caller's id.
pub(in crate::coupon) async fn of_cause(tx: &mut Tx, cause: &str) -> Result<Option<Batch>> {
    let found = batches(tx, "and cause = $2", binds![tx.shop(), cause]).await?;
    Ok(found.into_iter().next())
}

/// Batches by their numbers.
pub(in crate::coupon) async fn of_numbers(
    tx: &mut Tx,
    numbers: &BTreeSet<i64>,
) -> Result<Vec<Batch>> {
    let values = binds![tx.shop(), numbers_list(numbers.iter().copied())];
    batches(tx, "and batch_no in list($2)", values).await
}

/// Batches of a coupon, claims left out, the latest first.
pub(in crate::coupon) async fn of_coupon(
    tx: &mut Tx,
    coupon: i64,
    (before, limit): (i64, i64),
) -> Result<Vec<Batch>> {
    let which = "and coupon_no = $2 and how <> 1 and batch_no < $3
        order by batch_no desc limit $4";
    batches(tx, which, binds![tx.shop(), coupon, before, limit]).await
}

/// Whom a batch is for.
pub(in crate::coupon) async fn people(tx: &mut Tx, number: i64) -> Result<RoaringBitmap> {
    let sql = "select people from coupon_batch where shop_id = $1 and batch_no = $2";
    let found: Option<(Option<Vec<u8>>,)> = tx.opt(sql, binds![tx.shop(), number]).await?;
    let found = found.and_then(|(people,)| people);
    found.map_or_else(|| Ok(RoaringBitmap::new()), |own| numbers(&own))
}

/// Writes a new batch.
pub(in crate::coupon) async fn insert(
    tx: &mut Tx,
    own: &Batch,
    (people, cause): (Option<&RoaringBitmap>, &str),
) -> Result<()> {
    let sql = "insert into coupon_batch (shop_id, batch_no, coupon_no, version, how, origin,
        origin_no, private, state, first_no, total, next, given, people, source, reason, actor,
        made_at, ended_at, cause, print) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
        $13, $14, $15, $16, $17, $18, null, $19, $20)";
    let people = people.map(bytes).transpose()?;
    let values = binds![
        tx.shop(),
        own.number,
        own.coupon,
        own.version,
        own.how.code(),
        own.origin.source.code(),
        own.origin.number,
        own.private,
        own.state.code(),
        own.first,
        own.total,
        own.next,
        own.given,
        people,
        &own.source,
        &own.reason,
        &own.actor,
        own.at,
        cause,
        own.print,
    ];
    tx.exec(sql, values).await.map(drop)
}

/// Writes how far a batch is.
pub(in crate::coupon) async fn put(tx: &mut Tx, own: &Batch) -> Result<()> {
    let sql = "update coupon_batch set state = $3, next = $4, given = $5, ended_at = $6
        where shop_id = $1 and batch_no = $2";
    let values = binds![tx.shop(), own.number, own.state.code(), own.next, own.given, own.ended_at];
    tx.exec(sql, values).await.map(drop)
}

/// Writes the batches of what was claimed in a register: one of a code each.
pub(in crate::coupon) fn put_claims(tx: &mut Tx, register: &Register) {
    let (shop, done) = (tx.shop(), register.done());
    let rows = done.claimed.iter().filter_map(|own| {
        let code = register.code(own.code)?;
        Some(binds![
            shop,
            own.batch,
            code.coupon,
            code.version,
            code.how.code(),
            own.origin.source.code(),
            own.origin.number,
            false,
            State::Done.code(),
            code.number,
            1_i64,
            1_i64,
            1_i64,
            "",
            "",
            &own.actor,
            register.now,
            Some(register.now),
            0_i64,
        ])
    });
    let head = "insert into coupon_batch (shop_id, batch_no, coupon_no, version, how, origin,
        origin_no, private, state, first_no, total, next, given, source, reason, actor, made_at,
        ended_at, print)";
    tx.insert(head, rows.collect(), "");
}
