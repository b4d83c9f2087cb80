//! SQL for the table `visit`.

use std::collections::BTreeMap;

use base::{Result, Time};
use store::{Tx, binds, list as numbers_list};

use super::Visits;

/// Labels that one statement looks up.
const LOOKUP_MAX: usize = 5_000;

#[derive(sqlx::FromRow)]
struct Stored {
    customer_no: i64,
    first_at: i64,
    last_at: i64,
    events: i64,
    first_touch: Option<String>,
    first_touch_at: Option<i64>,
    last_touch: Option<String>,
    last_touch_at: Option<i64>,
}

impl From<Stored> for Visits {
    fn from(row: Stored) -> Self {
        let touch = |at: Option<i64>, text| at.map(Time::from_micros).zip(text);
        Self {
            first_at: Time::from_micros(row.first_at),
            last_at: Time::from_micros(row.last_at),
            events: row.events,
            first_touch: touch(row.first_touch_at, row.first_touch),
            last_touch: touch(row.last_touch_at, row.last_touch),
        }
    }
}

pub(super) async fn load(tx: &mut Tx, labels: &[i64]) -> Result<Vec<(i64, Visits)>> {
    let mut found = Vec::with_capacity(labels.len());
    for chunk in labels.chunks(LOOKUP_MAX) {
        let sql = "select customer_no, first_at, last_at, events, first_touch, first_touch_at,
                last_touch, last_touch_at
            from visit where shop_id = $1 and customer_no in list($2)";
        let values = binds![tx.shop(), numbers_list(chunk.iter().copied())];
        let rows: Vec<Stored> = tx.all(sql, values).await?;
        found.extend(rows.into_iter().map(|row| (row.customer_no, Visits::from(row))));
    }
    Ok(found)
}

pub(super) fn store(tx: &mut Tx, visits: BTreeMap<i64, Visits>) {
    let shop = tx.shop();
    let rows = visits.into_iter().map(|(label, visits)| {
        let Visits { first_at, last_at, events, first_touch, last_touch } = visits;
        let (first_touch_at, first_touch) = first_touch.unzip();
        let (last_touch_at, last_touch) = last_touch.unzip();
        binds![
            shop,
            label,
            first_at,
            last_at,
            events,
            first_touch,
            first_touch_at,
            last_touch,
            last_touch_at
        ]
    });
    let head = "insert into visit (shop_id, customer_no, first_at, last_at, events, first_touch,
        first_touch_at, last_touch, last_touch_at)";
    let tail = " on conflict (shop_id, customer_no) do update set first_at = excluded.first_at,
        last_at = excluded.last_at, events = excluded.events,
        first_touch = excluded.first_touch, first_touch_at = excluded.first_touch_at,
        last_touch = excluded.last_touch, last_touch_at = excluded.last_touch_at";
    tx.insert(head, rows.collect(), tail);
}

pub(super) async fn list(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<(i64, Visits)>> {
    let sql = "select customer_no, first_at, last_at, events, first_touch, first_touch_at,
            last_touch, last_touch_at
        from visit where shop_id = $1 and customer_no > $2 order by customer_no limit $3";
    let rows: Vec<Stored> = tx.all(sql, binds![tx.shop(), after, limit]).await?;
    Ok(rows.into_iter().map(|row| (row.customer_no, Visits::from(row))).collect())
}

pub(super) async fn labels(tx: &mut Tx) -> Result<Vec<i64>> {
    let sql = "select customer_no from visit where shop_id = $1";
    let rows: Vec<(i64,)> = tx.all(sql, binds![tx.shop()]).await?;
    Ok(rows.into_iter().map(|(label,)| label).collect())
}
