//! SQL for the tables `promotion`, `promotion_terms` and `promotion_had`.

use base::{Error, Result, Time};
use store::{Tx, binds, list as numbers_list};

use super::{Limits, Promotion};
use crate::coupon::rule::Most;
use crate::offer::terms::Terms;

fn damaged() -> Error {
    Error::damaged("a promotion cannot be read")
}

#[derive(sqlx::FromRow)]
struct Row {
    promotion_no: i64,
    name: String,
    note: String,
    active: bool,
    version: i64,
    terms: String,
    starts_at: i64,
    ends_at: Option<i64>,
    stock: Option<i64>,
    each_person: Option<i64>,
    taken: i64,
    owner: String,
    created_at: i64,
    edited_at: i64,
}

impl TryFrom<Row> for Promotion {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            number: row.promotion_no,
            name: row.name,
            note: row.note,
            active: row.active,
            version: row.version,
            terms: serde_json::from_str(&row.terms).map_err(|cause| damaged().because(cause))?,
            starts_at: Time::from_micros(row.starts_at),
            ends_at: row.ends_at.map(Time::from_micros),
            limits: Limits { stock: most(row.stock), each: most(row.each_person) },
            taken: row.taken,
            owner: row.owner,
            created_at: Time::from_micros(row.created_at),
            edited_at: Time::from_micros(row.edited_at),
        })
    }
}

fn most(limit: Option<i64>) -> Most {
    limit.map_or(Most::Unlimited, Most::Of)
}

fn written(terms: &Terms) -> Result<String> {
    serde_json::to_string(terms)
        .map_err(|cause| Error::internal("a promotion could not be written", cause))
}

pub(super) async fn list(tx: &mut Tx) -> Result<Vec<Promotion>> {
    let sql = "select promotion_no, name, note, active, version, terms, starts_at, ends_at, stock,
        each_person, taken, owner, created_at, edited_at from promotion
        where shop_id = $1
        order by starts_at desc, promotion_no desc";
    let rows: Vec<Row> = tx.all(sql, binds![tx.shop()]).await?;
    rows.into_iter().map(Promotion::try_from).collect()
}

/// Those before a number, the latest first.
pub(super) async fn page(tx: &mut Tx, (before, limit): (i64, i64)) -> Result<Vec<Promotion>> {
    let sql = "select promotion_no, name, note, active, version, terms, starts_at, ends_at, stock,
        each_person, taken, owner, created_at, edited_at from promotion
        where shop_id = $1 and promotion_no < $2
        order by promotion_no desc limit $3";
    let rows: Vec<Row> = tx.all(sql, binds![tx.shop(), before, limit]).await?;
    rows.into_iter().map(Promotion::try_from).collect()
}

/// Those that are active and hold at a time, by number.
pub(super) async fn running(tx: &mut Tx, now: Time) -> Result<Vec<Promotion>> {
    let sql = "select promotion_no, name, note, active, version, terms, starts_at, ends_at, stock,
        each_person, taken, owner, created_at, edited_at from promotion
        where shop_id = $1 and active = $2
        and starts_at <= $3 and (ends_at is null or ends_at > $4) order by promotion_no";
    let rows: Vec<Row> = tx.all(sql, binds![tx.shop(), true, now, now]).await?;
    rows.into_iter().map(Promotion::try_from).collect()
}

/// Writes a promotion, and its terms as those of its version.
pub(super) async fn put(tx: &mut Tx, own: &Promotion) -> Result<()> {
    let terms = written(&own.terms)?;
    let sql = "insert into promotion (shop_id, promotion_no, name, note, active, version, terms,
        starts_at, ends_at, stock, each_person, taken, owner, created_at, edited_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12, $13, $14)
        on conflict (shop_id, promotion_no) do update set name = excluded.name,
        note = excluded.note, active = excluded.active, version = excluded.version,
        terms = excluded.terms, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
        stock = excluded.stock, each_person = excluded.each_person,
        edited_at = excluded.edited_at";
    let values = binds![
        tx.shop(),
        own.number,
        &own.name,
        &own.note,
        own.active,
        own.version,
        &terms,
        own.starts_at,
        own.ends_at,
        own.limits.stock.limit(),
        own.limits.each.limit(),
        &own.owner,
        own.created_at,
        own.edited_at,
    ];
    tx.exec(sql, values).await?;
    let sql = "insert into promotion_terms (shop_id, promotion_no, version, terms)
        values ($1, $2, $3, $4) on conflict (shop_id, promotion_no, version) do nothing";
    tx.exec(sql, binds![tx.shop(), own.number, own.version, terms]).await.map(drop)
}

pub(super) async fn remove(tx: &mut Tx, number: i64) -> Result<()> {
    let sql = "delete from promotion_had where shop_id = $1 and promotion_no = $2";
    tx.exec(sql, binds![tx.shop(), number]).await?;
    let sql = "delete from promotion_terms where shop_id = $1 and promotion_no = $2";
    tx.exec(sql, binds![tx.shop(), number]).await?;
    let sql = "delete from promotion where shop_id = $1 and promotion_no = $2";
    tx.exec(sql, binds![tx.shop(), number]).await.map(drop)
}

/// What is known under some numbers of customers to have had of promotions.
pub(super) async fn had(tx: &mut Tx, labels: &[i64]) -> Result<Vec<(i64, i64)>> {
    let sql = "select promotion_no, taken from promotion_had where shop_id = $1
        and customer_no in list($2)";
    tx.all(sql, binds![tx.shop(), numbers_list(labels.iter().copied())]).await
}

/// Has more of a promotion taken, or less; whether it still gives away so much.
pub(super) async fn take(tx: &mut Tx, number: i64, count: i64) -> Result<bool> {
    let sql = "update promotion set taken = taken + $3 where shop_id = $1 and promotion_no = $2
        and ($4 <= 0 or stock is null or taken + $5 <= stock)";
    let values = binds![tx.shop(), number, count, count, count];
    Ok(tx.exec(sql, values).await? > 0)
}

/// What one person gets of a promotion at the most.
pub(super) async fn each(tx: &mut Tx, number: i64) -> Result<Option<i64>> {
    let sql = "select each_person from promotion where shop_id = $1 and promotion_no = $2";
    let row: Option<(Option<i64>,)> = tx.opt(sql, binds![tx.shop(), number]).await?;
    Ok(row.and_then(|(most,)| most))
}

/// Has a customer have had more of a promotion, or less.
pub(super) async fn put_had(tx: &mut Tx, number: i64, (customer, count): (i64, i64)) -> Result<()> {
    let sql = "insert into promotion_had (shop_id, promotion_no, customer_no, taken)
        values ($1, $2, $3, $4) on conflict (shop_id, promotion_no, customer_no)
        do update set taken = promotion_had.taken + excluded.taken";
    tx.exec(sql, binds![tx.shop(), number, customer, count]).await.map(drop)
}
