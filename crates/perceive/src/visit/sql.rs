//! SQL for the tables `visit_block`, `visit_run` and `touch`.

use std::collections::BTreeMap;

use base::{Result, Time};
use store::{Tx, binds, list};

use super::Touches;
use super::block::Block;

/// Numbers that one statement looks up.
const LOOKUP_MAX: usize = 5_000;

/// Blocks with their numbers, each with the version of the last run that it holds.
pub(super) type Stored = Vec<(i64, (i64, Block))>;

pub(super) async fn blocks(tx: &mut Tx, numbers: &[i64]) -> Result<Stored> {
    let mut found = Vec::with_capacity(numbers.len());
    for chunk in numbers.chunks(LOOKUP_MAX) {
        let sql = "select block_no, version, body from visit_block where shop_id = $1
            and block_no in list($2)";
        let values = binds![tx.shop(), list(chunk.iter().copied())];
        found.extend(opened(tx.all(sql, values).await?)?);
    }
    Ok(found)
}

fn opened(rows: Vec<(i64, i64, Vec<u8>)>) -> Result<Stored> {
    let block =
        |(number, version, body): (i64, i64, Vec<u8>)| Ok((number, (version, Block::read(&body)?)));
    rows.into_iter().map(block).collect()
}

/// Blocks after `after`, in their order.
pub(super) async fn blocks_after(tx: &mut Tx, after: i64, limit: i64) -> Result<Stored> {
    let sql = "select block_no, version, body from visit_block where shop_id = $1
        and block_no > $2 order by block_no limit $3";
    opened(tx.all(sql, binds![tx.shop(), after, limit]).await?)
}

pub(super) fn store_blocks(tx: &mut Tx, version: i64, blocks: Vec<(i64, Vec<u8>)>) {
    let shop = tx.shop();
    let rows = blocks.into_iter().map(|(number, body)| binds![shop, number, version, body]);
    let head = "insert into visit_block (shop_id, block_no, version, body)";
    let tail = " on conflict (shop_id, block_no) do update set version = excluded.version,
        body = excluded.body";
    tx.insert(head, rows.collect(), tail);
}

/// Runs after `version`, in their order.
pub(super) async fn runs(tx: &mut Tx, version: i64) -> Result<Vec<(i64, Vec<u8>)>> {
    let sql = "select version, body from visit_run where shop_id = $1 and version > $2
        order by version";
    tx.all(sql, binds![tx.shop(), version]).await
}

pub(super) fn store_run(tx: &mut Tx, version: i64, body: Vec<u8>) {
    let row = binds![tx.shop(), version, body];
    tx.insert("insert into visit_run (shop_id, version, body)", vec![row], "");
}

/// Forgets runs up to `version`.
pub(super) async fn forget_runs(tx: &mut Tx, version: i64) -> Result<u64> {
    let sql = "delete from visit_run where shop_id = $1 and version <= $2";
    tx.exec(sql, binds![tx.shop(), version]).await
}

#[derive(sqlx::FromRow)]
struct StoredTouch {
    customer_no: i64,
    first_touch: String,
    first_touch_at: i64,
    last_touch: String,
    last_touch_at: i64,
}

impl From<StoredTouch> for (i64, Touches) {
    fn from(row: StoredTouch) -> Self {
        let first = (Time::from_micros(row.first_touch_at), row.first_touch);
        let last = (Time::from_micros(row.last_touch_at), row.last_touch);
        (row.customer_no, Touches { first, last })
    }
}

pub(super) async fn touches(tx: &mut Tx, labels: &[i64]) -> Result<Vec<(i64, Touches)>> {
    let mut found = Vec::with_capacity(labels.len());
    for chunk in labels.chunks(LOOKUP_MAX) {
        let sql = "select customer_no, first_touch, first_touch_at, last_touch, last_touch_at
            from touch where shop_id = $1 and customer_no in list($2)";
        let values = binds![tx.shop(), list(chunk.iter().copied())];
        let rows: Vec<StoredTouch> = tx.all(sql, values).await?;
        found.extend(rows.into_iter().map(<(i64, Touches)>::from));
    }
    Ok(found)
}

/// Touches of labels from the first of `numbers` on and before the second.
pub(super) async fn touches_between(
    tx: &mut Tx,
    numbers: (i64, i64),
) -> Result<Vec<(i64, Touches)>> {
    let sql = "select customer_no, first_touch, first_touch_at, last_touch, last_touch_at
        from touch where shop_id = $1 and customer_no >= $2 and customer_no < $3";
    let rows: Vec<StoredTouch> = tx.all(sql, binds![tx.shop(), numbers.0, numbers.1]).await?;
    Ok(rows.into_iter().map(<(i64, Touches)>::from).collect())
}

pub(super) fn store_touches(tx: &mut Tx, touches: BTreeMap<i64, Touches>) {
    let shop = tx.shop();
    let rows = touches.into_iter().map(|(label, Touches { first, last })| {
        binds![shop, label, first.1, first.0, last.1, last.0]
    });
    let head = "insert into touch (shop_id, customer_no, first_touch, first_touch_at, last_touch,
        last_touch_at)";
    let tail = " on conflict (shop_id, customer_no) do update set
        first_touch = excluded.first_touch, first_touch_at = excluded.first_touch_at,
        last_touch = excluded.last_touch, last_touch_at = excluded.last_touch_at";
    tx.insert(head, rows.collect(), tail);
}
