//! SQL for the table `tracking_plan`.

use base::{Result, Time};
use store::{Tx, binds};

use super::Rule;

pub(super) async fn list(tx: &mut Tx) -> Result<Vec<Rule>> {
    let sql = "select event, schema, stated_at from tracking_plan where shop_id = $1
        order by event";
    let rows: Vec<(String, String, i64)> = tx.all(sql, binds![tx.shop()]).await?;
    let rule = |(event, schema, at)| Rule { event, schema, stated_at: Time::from_micros(at) };
    Ok(rows.into_iter().map(rule).collect())
}

pub(super) async fn put(tx: &mut Tx, rule: &Rule) -> Result<()> {
    let sql = "insert into tracking_plan (shop_id, event, schema, stated_at)
        values ($1, $2, $3, $4)
        on conflict (shop_id, event) do update set schema = excluded.schema,
            stated_at = excluded.stated_at";
    let values = binds![tx.shop(), &rule.event, &rule.schema, rule.stated_at];
    tx.exec(sql, values).await.map(drop)
}

pub(super) async fn remove(tx: &mut Tx, event: &str) -> Result<bool> {
    let sql = "delete from tracking_plan where shop_id = $1 and event = $2";
    Ok(tx.exec(sql, binds![tx.shop(), event]).await? > 0)
}
