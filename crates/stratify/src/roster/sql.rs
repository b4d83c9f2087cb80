//! SQL for the tables `roster` and `roster_part`.

use base::Result;
use store::{Tx, binds};

use super::{Key, Kind};

pub(super) async fn parts(tx: &mut Tx, (kind, number): Key) -> Result<Vec<Vec<u8>>> {
    let sql = "select members from roster_part
        where shop_id = $1 and kind = $2 and roster_no = $3 order by part_no";
    let rows: Vec<(Vec<u8>,)> = tx.all(sql, binds![tx.shop(), kind.name(), number]).await?;
    Ok(rows.into_iter().map(|(members,)| members).collect())
}

pub(super) fn put(tx: &mut Tx, (kind, number): Key, parts: Vec<(i64, Vec<u8>)>) {
    let shop = tx.shop();
    let row = |(part, members): (i64, Vec<u8>)| binds![shop, kind.name(), number, part, members];
    let head = "insert into roster_part (shop_id, kind, roster_no, part_no, members)";
    let tail =
        "on conflict (shop_id, kind, roster_no, part_no) do update set members = excluded.members";
    tx.insert(head, parts.into_iter().map(row).collect(), tail);
}

pub(super) async fn remove(tx: &mut Tx, (kind, number): Key) -> Result<()> {
    let own = || binds![tx.shop(), kind.name(), number];
    let (parts, name) = (own(), own());
    let sql = "delete from roster_part where shop_id = $1 and kind = $2 and roster_no = $3";
    tx.exec(sql, parts).await?;
    let sql = "delete from roster where shop_id = $1 and kind = $2 and roster_no = $3";
    tx.exec(sql, name).await.map(drop)
}

pub(super) async fn numbers(tx: &mut Tx, kind: Kind) -> Result<Vec<i64>> {
    let sql = "select distinct roster_no from roster_part where shop_id = $1 and kind = $2
        order by roster_no";
    let rows: Vec<(i64,)> = tx.all(sql, binds![tx.shop(), kind.name()]).await?;
    Ok(rows.into_iter().map(|(number,)| number).collect())
}

pub(super) async fn rename(tx: &mut Tx, (kind, number): Key, name: &str) -> Result<()> {
    let sql = "insert into roster (shop_id, kind, roster_no, name) values ($1, $2, $3, $4)
        on conflict (shop_id, kind, roster_no) do update set name = excluded.name";
    tx.exec(sql, binds![tx.shop(), kind.name(), number, name]).await.map(drop)
}

pub(super) async fn names(tx: &mut Tx) -> Result<Vec<(String, i64, String)>> {
    let sql = "select kind, roster_no, name from roster where shop_id = $1
        order by kind, roster_no";
    tx.all(sql, binds![tx.shop()]).await
}
