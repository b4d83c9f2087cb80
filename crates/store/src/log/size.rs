//! How much the log keeps of a shop.

use base::Result;

use super::{shelves, sql, topic};
use crate::Cx;

/// Bytes of the context's shop that the log keeps, sealed and packed as they are.
///
/// # Errors
/// What the database reports.
pub async fn bytes(cx: &Cx) -> Result<u64> {
    let mut all = 0;
    for &shelf in shelves(cx, topic::EVENT) {
        let mut tx = cx.db().read(shelf, cx.shop).await?;
        all += sql::bytes(&mut tx).await?;
    }
    Ok(u64::try_from(all).unwrap_or(0))
}
