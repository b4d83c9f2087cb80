//! Where numbers lead: read by everyone who reads history, and seldom another than before.

use std::sync::Arc;

use base::{Result, ShopId};
use store::{Remembered, Tx};

use super::{moves, sql};

/// Numbers of all shops that are remembered at the most.
const NUMBERS_MAX: usize = 4_000_000;

/// Numbers that lead to another one, with that.
type Redirect = Arc<[(i64, i64)]>;

/// Of each shop, with how often numbers had been moved.
type Redirects = Remembered<ShopId, (i64, Redirect)>;

/// Numbers that lead to another number: `(from, to)`, for readers of history.
///
/// # Errors
/// What the database reports.
pub async fn redirect(tx: &mut Tx) -> Result<Redirect> {
    let Some(memo) = tx.memo::<Redirects>() else { return Ok(sql::redirect(tx).await?.into()) };
    let (shop, moves) = (tx.shop(), moves(tx).await?);
    if let Some((_, known)) = memo.get(&shop).filter(|(of, _)| *of == moves) {
        return Ok(known);
    }
    let redirect: Redirect = sql::redirect(tx).await?.into();
    memo.keep(shop, (moves, Arc::clone(&redirect)), (NUMBERS_MAX, |(_, known)| known.len()));
    Ok(redirect)
}
