//! SQL for the table `activity`.

use base::{Result, Time};
use store::{Tx, binds};

use super::Activity;

#[derive(sqlx::FromRow)]
struct Row {
    activity_no: i64,
    name: String,
    note: String,
    starts_at: i64,
    ends_at: i64,
    tier_no: Option<i64>,
    tier_until: Option<i64>,
    owner: String,
    created_at: i64,
}

impl From<Row> for Activity {
    fn from(row: Row) -> Self {
        Self {
            number: row.activity_no,
            name: row.name,
            note: row.note,
            starts_at: Time::from_micros(row.starts_at),
            ends_at: Time::from_micros(row.ends_at),
            tier: row.tier_no,
            tier_until: row.tier_until.map(Time::from_micros),
            owner: row.owner,
            created_at: Time::from_micros(row.created_at),
        }
    }
}

pub(super) async fn list(tx: &mut Tx) -> Result<Vec<Activity>> {
    let sql = "select activity_no, name, note, starts_at, ends_at, tier_no, tier_until, owner,
        created_at from activity where shop_id = $1 order by starts_at desc, activity_no desc";
    let rows: Vec<Row> = tx.all(sql, binds![tx.shop()]).await?;
    Ok(rows.into_iter().map(Activity::from).collect())
}

pub(super) async fn put(tx: &mut Tx, activity: &Activity) -> Result<()> {
    let sql = "insert into activity (shop_id, activity_no, name, note, starts_at, ends_at, tier_no,
        tier_until, owner, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        on conflict (shop_id, activity_no) do update set name = excluded.name,
        note = excluded.note, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
        tier_no = excluded.tier_no, tier_until = excluded.tier_until";
    let values = binds![
        tx.shop(),
        activity.number,
        &activity.name,
        &activity.note,
        activity.starts_at,
        activity.ends_at,
        activity.tier,
        activity.tier_until,
        &activity.owner,
        activity.created_at,
    ];
    tx.exec(sql, values).await.map(drop)
}

pub(super) async fn remove(tx: &mut Tx, number: i64) -> Result<()> {
    let sql = "delete from activity where shop_id = $1 and activity_no = $2";
    tx.exec(sql, binds![tx.shop(), number]).await.map(drop)
}
