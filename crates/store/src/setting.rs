//! A shop's settings: one JSON value a name.

use base::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Tx, binds};

/// The stored value of a setting, or the type's default where the shop has set none.
///
/// # Errors
/// `damaged` when the stored text is not of that type.
pub async fn get<T: DeserializeOwned + Default>(tx: &mut Tx, name: &str) -> Result<T> {
    let sql = "select value from setting where shop_id = $1 and name = $2";
    let row: Option<(String,)> = tx.opt(sql, binds![tx.shop(), name]).await?;
    row.map_or_else(
        || Ok(T::default()),
        |(text,)| {
            serde_json::from_str(&text).map_err(|cause| {
                Error::damaged(format!("the setting {name} cannot be read")).because(cause)
            })
        },
    )
}

/// Stores a setting.
///
/// # Errors
/// What the database reports.
pub async fn set<T: Serialize>(tx: &mut Tx, name: &str, value: &T) -> Result<()> {
    let text = serde_json::to_string(value)
        .map_err(|cause| Error::internal("a setting could not be written", cause))?;
    let sql = "insert into setting (shop_id, name, value) values ($1, $2, $3)
        on conflict (shop_id, name) do update set value = excluded.value";
    tx.exec(sql, binds![tx.shop(), name, text]).await.map(drop)
}
