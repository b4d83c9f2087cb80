//! How much the log keeps of a shop.

use std::collections::HashMap;

use base::{Result, ShopId};

use super::{shelves, sql, topic};
use crate::Cx;

/// Bytes that the log keeps of each shop, sealed and packed as they are. It reads through the whole
/// log.
///
/// # Errors
/// What the database reports.
pub async fn bytes(cx: &Cx) -> Result<HashMap<ShopId, u64>> {
    let mut all = HashMap::new();
    for &shelf in shelves(cx, topic::EVENT) {
        let mut tx = cx.db().read(shelf, crate::sys::NO_SHOP).await?;
        for (shop, bytes) in sql::bytes(&mut tx).await? {
            *all.entry(ShopId(shop)).or_default() += u64::try_from(bytes).unwrap_or(0);
        }
    }
    Ok(all)
}
