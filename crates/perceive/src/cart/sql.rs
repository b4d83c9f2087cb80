//! SQL for the tables `cart_event` and `cart_line`.

use std::collections::BTreeSet;

use base::{Result, Time};
use store::{Tx, binds, list};

use super::rule::CartLine;

/// Numbers that one statement looks up.
const LOOKUP_MAX: usize = 5_000;

/// An event as it is stored: its label, time, tie and body.
pub(super) type Row = (i64, i64, i64, Vec<u8>);

pub(super) fn insert(tx: &mut Tx, rows: Vec<Row>) {
    let shop = tx.shop();
    let rows = rows.into_iter().map(|(label, at, tie, body)| binds![shop, label, at, tie, body]);
    let head = "insert into cart_event (shop_id, customer_no, at, tie, body)";
    tx.insert(head, rows.collect(), " on conflict (shop_id, customer_no, at, tie) do nothing");
}

/// Whether there is any cart in the shop.
pub(super) async fn any(tx: &mut Tx) -> Result<bool> {
    let sql = "select customer_no from cart_event where shop_id = $1 limit 1";
    Ok(tx.opt::<(i64,)>(sql, binds![tx.shop()]).await?.is_some())
}

/// Those of `labels` of which there are events.
pub(super) async fn used(tx: &mut Tx, labels: &[i64]) -> Result<BTreeSet<i64>> {
    let mut found = BTreeSet::new();
    for chunk in labels.chunks(LOOKUP_MAX) {
        let sql = "select distinct customer_no from cart_event where shop_id = $1
            and customer_no in list($2)";
        let values = binds![tx.shop(), list(chunk.iter().copied())];
        let rows: Vec<(i64,)> = tx.all(sql, values).await?;
        found.extend(rows.into_iter().map(|(label,)| label));
    }
    Ok(found)
}

pub(super) async fn events(tx: &mut Tx, labels: &[i64]) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for chunk in labels.chunks(LOOKUP_MAX) {
        let sql = "select customer_no, at, tie, body from cart_event where shop_id = $1
            and customer_no in list($2)";
        let values = binds![tx.shop(), list(chunk.iter().copied())];
        rows.extend(tx.all::<Row>(sql, values).await?);
    }
    Ok(rows)
}

/// Puts carts in the place of those that these people had.
pub(super) async fn replace(
    tx: &mut Tx,
    persons: &[i64],
    lines: Vec<(i64, CartLine)>,
) -> Result<()> {
    let shop = tx.shop();
    for chunk in persons.chunks(LOOKUP_MAX) {
        let sql = "delete from cart_line where shop_id = $1 and customer_no in list($2)";
        tx.exec(sql, binds![shop, list(chunk.iter().copied())]).await?;
    }
    let rows = lines.into_iter().map(|(person, line)| {
        let CartLine { product, quantity, price_minor, added_at, touched_at } = line;
        binds![shop, person, product, quantity, price_minor, added_at, touched_at]
    });
    let head = "insert into cart_line (shop_id, customer_no, product_no, quantity, price_minor,
        added_at, touched_at)";
    tx.insert(head, rows.collect(), "");
    Ok(())
}

/// A stored line.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Line {
    /// The person; below zero for a visitor.
    pub customer_no: i64,
    /// The product.
    pub product_no: i64,
    /// Pieces.
    pub quantity: i64,
    /// Price of a piece, minor units.
    pub price_minor: Option<i64>,
    /// When it came into the cart.
    pub added_at: i64,
    /// The last event that was about it.
    pub touched_at: i64,
}

pub(super) async fn list_after(
    tx: &mut Tx,
    (person, product): (i64, i64),
    limit: i64,
) -> Result<Vec<Line>> {
    let sql = "select customer_no, product_no, quantity, price_minor, added_at, touched_at
        from cart_line where shop_id = $1 and (customer_no, product_no) > ($2, $3)
        order by customer_no, product_no limit $4";
    tx.all(sql, binds![tx.shop(), person, product, limit]).await
}

/// Forgets the events of up to `limit` labels of which none is newer than `before`; the labels.
pub(super) async fn expire(tx: &mut Tx, before: Time, limit: i64) -> Result<Vec<i64>> {
    let sql = "select customer_no from cart_event where shop_id = $1
        group by customer_no having max(at) < $2 order by customer_no limit $3";
    let labels: Vec<(i64,)> = tx.all(sql, binds![tx.shop(), before, limit]).await?;
    let labels: Vec<i64> = labels.into_iter().map(|(label,)| label).collect();
    let sql = "delete from cart_event where shop_id = $1 and customer_no in list($2)";
    tx.exec(sql, binds![tx.shop(), list(labels.iter().copied())]).await?;
    Ok(labels)
}

pub(super) async fn labels(tx: &mut Tx) -> Result<Vec<i64>> {
    let sql = "select distinct customer_no from cart_event where shop_id = $1";
    let rows: Vec<(i64,)> = tx.all(sql, binds![tx.shop()]).await?;
    Ok(rows.into_iter().map(|(label,)| label).collect())
}
