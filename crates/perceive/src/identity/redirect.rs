//! Where numbers lead: read by everyone who reads history, and seldom another than before.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base::{Result, ShopId};
use store::Tx;

use super::{moves, sql};

/// Shops of which it is remembered at the most.
const SHOPS_MAX: usize = 100;

/// Numbers that lead to another one, with that.
type Redirect = Arc<[(i64, i64)]>;

/// What is remembered of each shop, with how often numbers had been moved.
#[derive(Default)]
struct Remembered(Mutex<HashMap<ShopId, (i64, Redirect)>>);

impl Remembered {
    fn of(&self, shop: ShopId, moves: i64) -> Option<Redirect> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&shop).filter(|(of, _)| *of == moves).map(|(_, redirect)| Arc::clone(redirect))
    }

    fn keep(&self, shop: ShopId, moves: i64, redirect: Redirect) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= SHOPS_MAX {
            all.clear();
        }
        all.insert(shop, (moves, redirect));
    }
}

/// Numbers that lead to another number: `(from, to)`, for readers of history.
///
/// # Errors
/// What the database reports.
pub async fn redirect(tx: &mut Tx) -> Result<Redirect> {
    let Some(memo) = tx.memo::<Remembered>() else { return Ok(sql::redirect(tx).await?.into()) };
    let (shop, moves) = (tx.shop(), moves(tx).await?);
    if let Some(known) = memo.of(shop, moves) {
        return Ok(known);
    }
    let redirect: Redirect = sql::redirect(tx).await?.into();
    memo.keep(shop, moves, Arc::clone(&redirect));
    Ok(redirect)
}
