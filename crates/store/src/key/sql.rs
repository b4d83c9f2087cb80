//! SQL for the tables of wrapped keys.

use std::collections::HashSet;

use base::{Error, Result, ShopId};

use crate::dialect::Dialect;
use crate::tx::list;
use crate::{Tx, binds};

pub(super) async fn shop_key(tx: &mut Tx, shop: ShopId) -> Result<Option<Vec<u8>>> {
    let sql = "select wrapped from shop_key where shop_id = $1";
    let row: Option<(Vec<u8>,)> = tx.opt(sql, binds![shop]).await?;
    Ok(row.map(|(wrapped,)| wrapped))
}

/// The same, held: no other takes its place until the transaction, which writes, has ended. What is
/// wrapped by it until then is there when its place is taken.
pub(super) async fn held_shop_key(tx: &mut Tx, shop: ShopId) -> Result<Option<Vec<u8>>> {
    let sql = match tx.dialect() {
        // There is one writer.
        Dialect::Sqlite => return shop_key(tx, shop).await,
        Dialect::Postgres => "select wrapped from shop_key where shop_id = $1 for share",
    };
    let row: Option<(Vec<u8>,)> = tx.opt(sql, binds![shop]).await?;
    Ok(row.map(|(wrapped,)| wrapped))
}

pub(super) async fn insert_shop_key(tx: &mut Tx, shop: ShopId, wrapped: Vec<u8>) -> Result<()> {
    let sql = "insert into shop_key (shop_id, wrapped) values ($1, $2)
        on conflict (shop_id) do nothing";
    tx.exec(sql, binds![shop, wrapped]).await.map(drop)
}

/// The wrapped keys of every shop.
pub(super) async fn shop_keys(tx: &mut Tx, limit: i64) -> Result<Vec<(i64, Vec<u8>)>> {
    tx.all("select shop_id, wrapped from shop_key order by shop_id limit $1", binds![limit]).await
}

/// Puts a wrapped key in the place of the one that was read.
///
/// # Errors
/// `conflict` when somebody else did so first.
pub(super) async fn set_shop_key(
    tx: &mut Tx,
    shop: ShopId,
    (before, wrapped): (Vec<u8>, Vec<u8>),
) -> Result<()> {
    let sql = "update shop_key set wrapped = $2 where shop_id = $1 and wrapped = $3";
    let set = tx.exec(sql, binds![shop, wrapped, before]).await?;
    (set > 0).then_some(()).ok_or_else(|| {
        Error::conflict("this key was changed by somebody else at the same time")
            .hint("try again in a moment")
    })
}

/// The wrapped keys of a shop's days; there are as many as the log keeps days.
pub(super) async fn log_keys(tx: &mut Tx, shop: ShopId) -> Result<Vec<(i64, Vec<u8>)>> {
    tx.all("select day, wrapped from log_key where shop_id = $1", binds![shop]).await
}

pub(super) async fn set_log_key(
    tx: &mut Tx,
    shop: ShopId,
    (day, wrapped): (i64, Vec<u8>),
) -> Result<()> {
    let sql = "update log_key set wrapped = $3 where shop_id = $1 and day = $2";
    tx.exec(sql, binds![shop, day, wrapped]).await.map(drop)
}

pub(super) async fn log_key(tx: &mut Tx, shop: ShopId, day: i32) -> Result<Option<Vec<u8>>> {
    let sql = "select wrapped from log_key where shop_id = $1 and day = $2";
    let row: Option<(Vec<u8>,)> = tx.opt(sql, binds![shop, day]).await?;
    Ok(row.map(|(wrapped,)| wrapped))
}

pub(super) async fn insert_log_key(
    tx: &mut Tx,
    shop: ShopId,
    day: i32,
    wrapped: Vec<u8>,
) -> Result<()> {
    let sql = "insert into log_key (shop_id, day, wrapped) values ($1, $2, $3)
        on conflict (shop_id, day) do nothing";
    tx.exec(sql, binds![shop, day, wrapped]).await.map(drop)
}

pub(super) async fn customer_keys(
    tx: &mut Tx,
    shop: ShopId,
    customers: &[i64],
) -> Result<Vec<(i64, Vec<u8>)>> {
    let sql = "select key_id, wrapped from customer_key where shop_id = $1
        and key_id in list($2)";
    tx.all(sql, binds![shop, list(customers.iter().copied())]).await
}

/// Customers' wrapped keys in the order of their numbers, those after one.
pub(super) async fn customer_keys_after(
    tx: &mut Tx,
    shop: ShopId,
    (after, limit): (i64, i64),
) -> Result<Vec<(i64, Vec<u8>)>> {
    let sql = "select key_id, wrapped from customer_key where shop_id = $1 and key_id > $2
        order by key_id limit $3";
    tx.all(sql, binds![shop, after, limit]).await
}

/// Puts a wrapped key in the place of the one that was read; not of one that was destroyed since.
pub(super) async fn set_customer_key(
    tx: &mut Tx,
    shop: ShopId,
    (id, before, wrapped): (i64, Vec<u8>, Vec<u8>),
) -> Result<()> {
    let sql = "update customer_key set wrapped = $3 where shop_id = $1 and key_id = $2
        and wrapped = $4";
    tx.exec(sql, binds![shop, id, wrapped, before]).await.map(drop)
}

/// Puts zeros in the place of keys, so that the page that held them is written over; keys that are
/// not there yet are destroyed before they are made.
pub(super) fn destroy_customer_keys(tx: &mut Tx, shop: ShopId, keys: Vec<(i64, usize)>) {
    let rows = keys.into_iter().map(|(id, bytes)| binds![shop, id, vec![0_u8; bytes]]).collect();
    let head = "insert into customer_key (shop_id, key_id, wrapped)";
    let tail = "on conflict (shop_id, key_id) do update set wrapped = excluded.wrapped";
    tx.insert(head, rows, tail);
}

/// The numbers of those that are new; what another writer stored meanwhile stays, and is there to
/// read when this returns.
pub(super) async fn insert_customer_keys(
    tx: &mut Tx,
    shop: ShopId,
    keys: Vec<(i64, Vec<u8>)>,
) -> Result<HashSet<i64>> {
    let all: HashSet<i64> = keys.iter().map(|(id, _)| *id).collect();
    let rows = keys.into_iter().map(|(id, wrapped)| binds![shop, id, wrapped]).collect();
    let head = "insert into customer_key (shop_id, key_id, wrapped)";
    match tx.dialect() {
        // There is one writer, and nobody waits for what it stores.
        Dialect::Sqlite => tx.insert(head, rows, ""),
        Dialect::Postgres => {
            let tail = " on conflict (shop_id, key_id) do nothing returning key_id";
            let new: Vec<(i64,)> = tx.insert_all(head, rows, tail).await?;
            return Ok(new.into_iter().map(|(id,)| id).collect());
        }
    }
    Ok(all)
}
