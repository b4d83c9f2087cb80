//! SQL for the table `audit`.

use base::{Result, Time};

use super::{Filter, Row};
use crate::{Tx, binds};

#[derive(sqlx::FromRow)]
struct Stored {
    audit_no: i64,
    at: i64,
    actor: String,
    action: String,
    target: String,
    before: Option<String>,
    after: Option<String>,
    address: String,
    request: String,
    hash: Vec<u8>,
}

impl From<Stored> for Row {
    fn from(row: Stored) -> Self {
        Self {
            number: row.audit_no,
            at: Time::from_micros(row.at),
            actor: row.actor,
            action: row.action,
            target: row.target,
            before: row.before,
            after: row.after,
            address: row.address,
            request: row.request,
            hash: row.hash,
        }
    }
}

pub(super) async fn hash_of(tx: &mut Tx, number: i64) -> Result<Option<Vec<u8>>> {
    let sql = "select hash from audit where shop_id = $1 and audit_no = $2";
    let row: Option<(Vec<u8>,)> = tx.opt(sql, binds![tx.shop(), number]).await?;
    Ok(row.map(|(hash,)| hash))
}

pub(super) async fn insert(tx: &mut Tx, row: &Row) -> Result<()> {
    let sql = "insert into audit (shop_id, audit_no, at, actor, action, target, before, after,
        address, request, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let who = binds![tx.shop(), row.number, row.at, &row.actor, &row.action, &row.target];
    let what = binds![row.before.clone(), row.after.clone(), &row.address, &row.request];
    tx.exec(sql, [who, what, binds![row.hash.clone()]].concat()).await.map(drop)
}

pub(super) async fn list(
    tx: &mut Tx,
    filter: &Filter,
    (before, limit): (i64, i64),
) -> Result<Vec<Row>> {
    let sql = "select * from audit where shop_id = $1 and audit_no < $2
        and ($3 is null or actor = $3) and ($4 is null or substr(action, 1, length($4)) = $4)
        and ($5 is null or at >= $5) and ($6 is null or at <= $6)
        order by audit_no desc limit $7";
    let Filter { actor, action, from, to } = filter;
    let who = binds![tx.shop(), before, actor.clone(), action.clone()];
    let rows: Vec<Stored> = tx.all(sql, [who, binds![*from, *to, limit]].concat()).await?;
    Ok(rows.into_iter().map(Row::from).collect())
}

pub(super) async fn after(tx: &mut Tx, number: i64, limit: i64) -> Result<Vec<Row>> {
    let sql = "select * from audit where shop_id = $1 and audit_no > $2
        order by audit_no limit $3";
    let rows: Vec<Stored> = tx.all(sql, binds![tx.shop(), number, limit]).await?;
    Ok(rows.into_iter().map(Row::from).collect())
}
