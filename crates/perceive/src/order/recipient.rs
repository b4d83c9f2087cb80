//! Where orders went, without saying whom to.

use base::Result;
use serde::{Deserialize, Serialize};
use store::Tx;

use super::sql;

/// Who receives an order, without saying who that is: keyed hashes of 16 bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Recipient {
    /// Of the phone, as an identifier of customers has it.
    #[serde(with = "serde_bytes")]
    pub phone: Option<Vec<u8>>,
    /// Of the name, as customers' names are found by.
    #[serde(with = "serde_bytes")]
    pub name: Option<Vec<u8>>,
    /// Of the address.
    #[serde(with = "serde_bytes")]
    pub place: Option<Vec<u8>>,
}

/// The distinct recipients of what was ordered under `labels`; test orders are left out.
///
/// # Errors
/// What the database reports.
pub async fn deliveries(tx: &mut Tx, labels: &[i64]) -> Result<Vec<(i64, Recipient)>> {
    sql::deliveries(tx, sql::Deliveries::Under(labels)).await
}

/// The same of what went to these places or phones, at most `limit` of them.
///
/// # Errors
/// What the database reports.
pub async fn delivered_to(
    tx: &mut Tx,
    (places, phones): (&[Vec<u8>], &[Vec<u8>]),
    limit: i64,
) -> Result<Vec<(i64, Recipient)>> {
    let mut found = sql::deliveries(tx, sql::Deliveries::To("to_place", places, limit)).await?;
    found.extend(sql::deliveries(tx, sql::Deliveries::To("to_phone", phones, limit)).await?);
    Ok(found)
}

/// Forgets who received what was ordered under `labels`.
///
/// # Errors
/// What the database reports.
pub async fn forget_recipients(tx: &mut Tx, labels: &[i64]) -> Result<()> {
    let orders: Vec<i64> =
        sql::of_labels(tx, labels).await?.into_iter().map(|row| row.order_no).collect();
    for (order, parts) in sql::parts(tx, &orders).await? {
        for mut said in parts.into_iter().filter(|said| !said.part.recipients.is_empty()) {
            said.part.recipients.clear();
            let body = crate::codec::write_grown(&said.part)?;
            sql::set_part(tx, (order, said.source, said.batch), body).await?;
        }
    }
    Ok(())
}
