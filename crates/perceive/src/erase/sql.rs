//! SQL for the table `erasure`, and for what an erasure takes out of others.

use base::{Result, Time};
use store::{Tx, binds, list as numbers_list};

pub(super) async fn insert(
    tx: &mut Tx,
    (number, person): (i64, i64),
    at: Time,
    (certificate, entry): (String, String),
) -> Result<()> {
    let sql = "insert into erasure
        (shop_id, erasure_no, customer_no, erased_at, certificate, entry)
        values ($1, $2, $3, $4, $5, $6)";
    let values = binds![tx.shop(), number, person, at, certificate, entry];
    tx.exec(sql, values).await.map(drop)
}

pub(super) async fn of_person(tx: &mut Tx, person: i64) -> Result<Option<Time>> {
    let sql = "select max(erased_at) from erasure where shop_id = $1 and customer_no = $2";
    let row: Option<(Option<i64>,)> = tx.opt(sql, binds![tx.shop(), person]).await?;
    Ok(row.and_then(|(at,)| at).map(Time::from_micros))
}

pub(super) async fn is_known(tx: &mut Tx, person: i64, at: Time) -> Result<bool> {
    let sql = "select 1 from erasure where shop_id = $1 and customer_no = $2 and erased_at = $3";
    let row: Option<(i32,)> = tx.opt(sql, binds![tx.shop(), person, at]).await?;
    Ok(row.is_some())
}

pub(super) async fn certificates(tx: &mut Tx, limit: i64) -> Result<Vec<String>> {
    let sql = "select certificate from erasure where shop_id = $1
        order by erasure_no desc limit $2";
    let rows: Vec<(String,)> = tx.all(sql, binds![tx.shop(), limit]).await?;
    Ok(rows.into_iter().map(|(text,)| text).collect())
}

pub(super) async fn count(tx: &mut Tx) -> Result<i64> {
    let sql = "select count(*) from erasure where shop_id = $1";
    let row: Option<(i64,)> = tx.opt(sql, binds![tx.shop()]).await?;
    Ok(row.map_or(0, |(count,)| count))
}

pub(super) async fn entries(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<(i64, String)>> {
    let sql = "select erasure_no, entry from erasure where shop_id = $1 and erasure_no > $2
        order by erasure_no limit $3";
    tx.all(sql, binds![tx.shop(), after, limit]).await
}

pub(super) async fn identifiers(tx: &mut Tx, person: i64) -> Result<Vec<(String, Vec<u8>)>> {
    let sql = "select namespace, hash from identifier where shop_id = $1 and person = $2
        order by namespace, hash";
    tx.all(sql, binds![tx.shop(), person]).await
}

/// How many identifiers of a person still have a value.
pub(super) async fn personal(tx: &mut Tx, person: i64) -> Result<i64> {
    let sql = "select count(*) from identifier where shop_id = $1 and person = $2
        and (value is not null or sealed is not null)";
    let row: Option<(i64,)> = tx.opt(sql, binds![tx.shop(), person]).await?;
    Ok(row.map_or(0, |(count,)| count))
}

pub(super) async fn person_of(tx: &mut Tx, namespace: &str, hash: Vec<u8>) -> Result<Option<i64>> {
    let sql = "select person from identifier where shop_id = $1 and namespace = $2 and hash = $3";
    let row: Option<(Option<i64>,)> = tx.opt(sql, binds![tx.shop(), namespace, hash]).await?;
    Ok(row.and_then(|(person,)| person))
}

pub(super) async fn blank_identifiers(tx: &mut Tx, person: i64) -> Result<u64> {
    let sql = "update identifier set value = null, sealed = null, tail = null
        where shop_id = $1 and person = $2 and (value is not null or sealed is not null)";
    tx.exec(sql, binds![tx.shop(), person]).await
}

pub(super) async fn remove_statements(tx: &mut Tx, labels: &[i64]) -> Result<u64> {
    of_labels(
        tx,
        "delete from customer_part where shop_id = $1 and customer_no in list($2)",
        labels,
    )
    .await
}

pub(super) async fn blank_contacts(tx: &mut Tx, labels: &[i64]) -> Result<u64> {
    let sql = "update orders set contact = null, to_phone = null, to_name = null, to_place = null
        where shop_id = $1 and customer_no in list($2) and contact is not null";
    of_labels(tx, sql, labels).await
}

pub(super) async fn blank_words(tx: &mut Tx, labels: &[i64]) -> Result<u64> {
    let sql = "update interaction set text = null, topic = null
        where shop_id = $1 and customer_no in list($2) and (text is not null or topic is not null)";
    of_labels(tx, sql, labels).await
}

pub(super) async fn remove_notes(tx: &mut Tx, labels: &[i64]) -> Result<u64> {
    of_labels(tx, "delete from note where shop_id = $1 and customer_no in list($2)", labels).await
}

/// What the shop did with them by tags, levels and bookings: who was tagged or given a level alone
/// is not named any more, and no reason of a booking is left.
pub(super) async fn remove_marks(tx: &mut Tx, labels: &[i64]) -> Result<u64> {
    let mut rows = 0;
    for sql in [
        "delete from tag_batch where shop_id = $1 and customer_no in list($2)",
        "delete from tier_grant where shop_id = $1 and customer_no in list($2)",
        "delete from tier_move where shop_id = $1 and customer_no in list($2)",
        // What was booked stays, without anybody's words; what waits is refused.
        "update adjustment set reason = '', state = case when state = 1 then 2 else state end
            where shop_id = $1 and customer_no in list($2)",
        "update ledger_transfer set reason = '' where shop_id = $1 and account_no in
            (select account_no from ledger_account where shop_id = $1 and role = 0
            and owner_no in list($2))",
    ] {
        rows += of_labels(tx, sql, labels).await?;
    }
    Ok(rows)
}

async fn of_labels(tx: &mut Tx, sql: &'static str, labels: &[i64]) -> Result<u64> {
    tx.exec(sql, binds![tx.shop(), numbers_list(labels.iter().copied())]).await
}
