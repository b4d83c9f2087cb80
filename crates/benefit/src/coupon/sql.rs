//! SQL for the tables `coupon`, `coupon_terms` and `coupon_count`; in [`register`] for
//! `coupon_code`, `coupon_word`, `coupon_use` and `coupon_move`, in [`batch`] for `coupon_batch`.

pub(super) mod batch;
pub(super) mod register;

use std::collections::BTreeSet;
use std::sync::Arc;

use base::{Error, Result, Time};
use sqlx::AssertSqlSafe;
use store::{Tx, V, binds, list as numbers_list};

use super::code::{Count, Stand};
use super::rule::Terms;
use super::{Coupon, TermsOf};

/// Numbers or texts that one statement looks up.
const LOOKUP_MAX: usize = 2_000;

#[derive(sqlx::FromRow)]
struct Row {
    coupon_no: i64,
    name: String,
    note: String,
    version: i64,
    in_force: i64,
    waits: bool,
    owner: String,
    editor: String,
    created_at: i64,
    edited_at: i64,
    ended_at: Option<i64>,
    decided_by: Option<String>,
    decided_at: Option<i64>,
    terms: String,
    taken: i64,
    open: i64,
    used: i64,
    spent: i64,
    private: bool,
}

fn read(text: &str) -> Result<Terms> {
    serde_json::from_str(text)
        .map_err(|cause| Error::damaged("a coupon's terms cannot be read").because(cause))
}

impl TryFrom<Row> for Coupon {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            number: row.coupon_no,
            name: row.name,
            note: row.note,
            version: row.version,
            in_force: row.in_force,
            waits: row.waits,
            terms: read(&row.terms)?,
            owner: row.owner,
            editor: row.editor,
            created_at: Time::from_micros(row.created_at),
            edited_at: Time::from_micros(row.edited_at),
            ended_at: row.ended_at.map(Time::from_micros),
            decided: row.decided_by.zip(row.decided_at.map(Time::from_micros)),
            count: Count { taken: row.taken, open: row.open, used: row.used, spent: row.spent },
            private: row.private,
        })
    }
}

async fn coupons(tx: &mut Tx, which: &str, values: Vec<V>) -> Result<Vec<Coupon>> {
    let sql = AssertSqlSafe(format!(
        "select c.coupon_no, c.name, c.note, c.version, c.in_force, c.waits, c.owner, c.editor,
            c.created_at, c.edited_at, c.ended_at, c.decided_by, c.decided_at, t.terms,
            coalesce(n.taken, 0) as taken, coalesce(n.open, 0) as open,
            coalesce(n.used, 0) as used, coalesce(n.spent, 0) as spent,
            exists (select 1 from coupon_batch b where b.shop_id = c.shop_id
                and b.coupon_no = c.coupon_no and b.private) as private
            from coupon c
            join coupon_terms t on t.shop_id = c.shop_id and t.coupon_no = c.coupon_no
                and t.version = c.version
            left join coupon_count n on n.shop_id = c.shop_id and n.coupon_no = c.coupon_no
            where c.shop_id = $1 {which}"
    ));
    let rows: Vec<Row> = tx.all(sql, values).await?;
    rows.into_iter().map(Coupon::try_from).collect()
}

pub(super) async fn list(tx: &mut Tx, (before, limit): (i64, i64)) -> Result<Vec<Coupon>> {
    let which = "and c.coupon_no < $2 order by c.coupon_no desc limit $3";
    coupons(tx, which, binds![tx.shop(), before, limit]).await
}

pub(super) async fn get(tx: &mut Tx, number: i64) -> Result<Option<Coupon>> {
    let found = coupons(tx, "and c.coupon_no = $2", binds![tx.shop(), number]).await?;
    Ok(found.into_iter().next())
}

pub(super) async fn of_numbers(tx: &mut Tx, numbers: &BTreeSet<i64>) -> Result<Vec<Coupon>> {
    let mut found = Vec::new();
    let numbers: Vec<i64> = numbers.iter().copied().collect();
    for chunk in numbers.chunks(LOOKUP_MAX) {
        let values = binds![tx.shop(), numbers_list(chunk.iter().copied())];
        found.extend(coupons(tx, "and c.coupon_no in list($2)", values).await?);
    }
    Ok(found)
}

/// The number of the coupon that has a name.
pub(super) async fn named(tx: &mut Tx, name: &str) -> Result<Option<i64>> {
    let sql = "select coupon_no from coupon where shop_id = $1 and name = $2";
    let found: Option<(i64,)> = tx.opt(sql, binds![tx.shop(), name]).await?;
    Ok(found.map(|(number,)| number))
}

/// Writes a coupon and the latest version of its terms.
pub(super) async fn put(tx: &mut Tx, own: &Coupon) -> Result<()> {
    let sql = "insert into coupon (shop_id, coupon_no, name, note, version, in_force, waits, owner,
        editor, created_at, edited_at, ended_at, decided_by, decided_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        on conflict (shop_id, coupon_no) do update set name = excluded.name, note = excluded.note,
        version = excluded.version, in_force = excluded.in_force, waits = excluded.waits,
        editor = excluded.editor, edited_at = excluded.edited_at, ended_at = excluded.ended_at,
        decided_by = excluded.decided_by, decided_at = excluded.decided_at";
    let (decided_by, decided_at) = own.decided.clone().unzip();
    let values = binds![
        tx.shop(),
        own.number,
        &own.name,
        &own.note,
        own.version,
        own.in_force,
        own.waits,
        &own.owner,
        &own.editor,
        own.created_at,
        own.edited_at,
        own.ended_at,
        decided_by,
        decided_at,
    ];
    tx.exec(sql, values).await?;
    let terms = serde_json::to_string(&own.terms)
        .map_err(|cause| Error::internal("a coupon's terms could not be written", cause))?;
    let sql = "insert into coupon_terms (shop_id, coupon_no, version, terms)
        values ($1, $2, $3, $4) on conflict (shop_id, coupon_no, version) do nothing";
    tx.exec(sql, binds![tx.shop(), own.number, own.version, terms]).await.map(drop)
}

/// Versions of coupons' terms.
pub(super) async fn terms(tx: &mut Tx, wanted: &BTreeSet<(i64, i64)>) -> Result<Vec<TermsOf>> {
    let mut found = Vec::new();
    let wanted: Vec<(i64, i64)> = wanted.iter().copied().collect();
    for chunk in wanted.chunks(LOOKUP_MAX) {
        let sql = "select coupon_no, version, terms from coupon_terms where shop_id = $1
            and coupon_no in list($2) and version in list($3)";
        let numbers: BTreeSet<i64> = chunk.iter().map(|own| own.0).collect();
        let versions: BTreeSet<i64> = chunk.iter().map(|own| own.1).collect();
        let values = binds![tx.shop(), numbers_list(numbers), numbers_list(versions)];
        let rows: Vec<(i64, i64, String)> = tx.all(sql, values).await?;
        for (number, version, text) in rows {
            if chunk.binary_search(&(number, version)).is_ok() {
                found.push(((number, version), Arc::new(read(&text)?)));
            }
        }
    }
    Ok(found)
}

#[derive(sqlx::FromRow)]
struct StandRow {
    coupon_no: i64,
    in_force: i64,
    ended_at: Option<i64>,
    taken: i64,
    open: i64,
    used: i64,
    spent: i64,
}

/// Coupons as calls see them.
pub(super) async fn stands(tx: &mut Tx, numbers: &BTreeSet<i64>) -> Result<Vec<Stand>> {
    let mut found = Vec::new();
    let numbers: Vec<i64> = numbers.iter().copied().collect();
    for chunk in numbers.chunks(LOOKUP_MAX) {
        let sql = "select c.coupon_no, c.in_force, c.ended_at, coalesce(n.taken, 0) as taken,
            coalesce(n.open, 0) as open, coalesce(n.used, 0) as used, coalesce(n.spent, 0) as spent
            from coupon c
            left join coupon_count n on n.shop_id = c.shop_id and n.coupon_no = c.coupon_no
            where c.shop_id = $1 and c.coupon_no in list($2)";
        let values = binds![tx.shop(), numbers_list(chunk.iter().copied())];
        let rows: Vec<StandRow> = tx.all(sql, values).await?;
        found.extend(rows.into_iter().map(|row| Stand {
            number: row.coupon_no,
            in_force: row.in_force,
            ended: row.ended_at.is_some(),
            count: Count { taken: row.taken, open: row.open, used: row.used, spent: row.spent },
        }));
    }
    Ok(found)
}

/// Writes what coupons have given.
pub(super) fn put_counts<'a>(tx: &mut Tx, counts: impl Iterator<Item = (i64, &'a Count)>) {
    let shop = tx.shop();
    let rows =
        counts.map(|(number, own)| binds![shop, number, own.taken, own.open, own.used, own.spent]);
    let head = "insert into coupon_count (shop_id, coupon_no, taken, open, used, spent)";
    let tail = " on conflict (shop_id, coupon_no) do update set taken = excluded.taken,
        open = excluded.open, used = excluded.used, spent = excluded.spent";
    tx.insert(head, rows.collect(), tail);
}
