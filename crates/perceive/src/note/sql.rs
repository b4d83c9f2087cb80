//! SQL for the table `note`.

use base::{Result, Time};
use store::{Tx, binds, list as numbers_list};

use super::NOTES_MAX;

#[derive(sqlx::FromRow)]
pub(super) struct Stored {
    pub note_no: i64,
    pub text: Vec<u8>,
    pub author: String,
    pub noted_at: i64,
}

pub(super) async fn insert(
    tx: &mut Tx,
    (number, customer): (i64, i64),
    (author, text): (&str, Vec<u8>),
    now: Time,
) -> Result<()> {
    let sql = "insert into note (shop_id, note_no, customer_no, author, text, noted_at)
        values ($1, $2, $3, $4, $5, $6)";
    tx.exec(sql, binds![tx.shop(), number, customer, author, text, now]).await.map(drop)
}

pub(super) async fn of(tx: &mut Tx, customers: &[i64]) -> Result<Vec<Stored>> {
    let sql = "select note_no, text, author, noted_at from note where shop_id = $1
        and customer_no in list($2) order by noted_at desc, note_no desc limit $3";
    let customers = numbers_list(customers.iter().copied());
    tx.all(sql, binds![tx.shop(), customers, NOTES_MAX]).await
}

pub(super) async fn remove(tx: &mut Tx, customers: &[i64], number: i64) -> Result<u64> {
    let sql = "delete from note where shop_id = $1 and note_no = $2 and customer_no in list($3)";
    let customers = numbers_list(customers.iter().copied());
    tx.exec(sql, binds![tx.shop(), number, customers]).await
}
