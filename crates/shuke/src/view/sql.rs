//! SQL for the table `saved_view`.

use base::{Result, Time};
use store::{Tx, binds};

use super::View;

#[derive(sqlx::FromRow)]
struct Row {
    view_no: i64,
    owner: String,
    page: String,
    name: String,
    query: String,
    shared: bool,
}

impl From<Row> for View {
    fn from(row: Row) -> Self {
        let Row { view_no, owner, page, name, query, shared } = row;
        Self { number: view_no, owner, page, name, query, shared }
    }
}

pub(super) async fn insert(tx: &mut Tx, view: &View, now: Time) -> Result<()> {
    let sql = "insert into saved_view (shop_id, view_no, owner, page, name, query, shared,
        created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let View { number, owner, page, name, query, shared } = view;
    let values = binds![tx.shop(), *number, owner, page, name, query, *shared, now];
    tx.exec(sql, values).await.map(drop)
}

pub(super) async fn count(tx: &mut Tx) -> Result<i64> {
    let sql = "select count(*) from saved_view where shop_id = $1";
    let (count,): (i64,) = tx.one(sql, binds![tx.shop()]).await?;
    Ok(count)
}

pub(super) async fn list(tx: &mut Tx, owner: &str, page: Option<&str>) -> Result<Vec<View>> {
    let sql = "select view_no, owner, page, name, query, shared from saved_view
        where shop_id = $1 and (owner = $2 or shared = $3) and ($4 is null or page = $4)
        order by name, view_no";
    let rows: Vec<Row> = tx.all(sql, binds![tx.shop(), owner, true, page]).await?;
    Ok(rows.into_iter().map(View::from).collect())
}

pub(super) async fn remove(tx: &mut Tx, owner: &str, number: i64) -> Result<u64> {
    let sql = "delete from saved_view where shop_id = $1 and view_no = $2 and owner = $3";
    tx.exec(sql, binds![tx.shop(), number, owner]).await
}
