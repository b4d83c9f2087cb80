//! Turns at what takes memory and processors for long: some at once, fewer of one shop, so that a
//! shop that asks a lot waits for itself and others do not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::{Code, Error, Result, ShopId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a request waits for its turn.
const TURN_MAX: Duration = Duration::from_secs(10);
/// Shops whose turns are remembered at the most.
const SHOPS_MAX: usize = 10_000;

/// Turns at one thing.
pub(super) struct Turns {
    all: Arc<Semaphore>,
    of_shop: usize,
    shops: Mutex<HashMap<ShopId, Own>>,
}

/// A shop's turns.
struct Own {
    most: usize,
    turns: Arc<Semaphore>,
}

/// A turn; it ends when this is dropped.
pub(super) struct Turn {
    _shop: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Turns {
    /// So many at once, and so many of them of one shop.
    pub(super) fn new(most: usize, of_shop: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(most)), of_shop, shops: Mutex::default() }
    }

    /// Waits for a turn of the shop, first among its own requests, then among everybody's.
    ///
    /// # Errors
    /// `busy` when it does not come in time.
    pub(super) async fn take(&self, shop: ShopId) -> Result<Turn> {
        self.take_of(shop, self.of_shop).await
    }

    /// The same of a shop that has `most` turns at once.
    ///
    /// # Errors
    /// `busy` when it does not come in time.
    pub(super) async fn take_of(&self, shop: ShopId, most: usize) -> Result<Turn> {
        let own = self.of(shop, most);
        let turn = async {
            let shop = own.acquire_owned().await?;
            let all = Arc::clone(&self.all).acquire_owned().await?;
            Ok::<_, tokio::sync::AcquireError>(Turn { _shop: shop, _all: all })
        };
        let busy = || {
            Error::new(Code::Busy, "too many requests look at history")
                .hint("try again in a moment")
        };
        tokio::time::timeout(TURN_MAX, turn).await.map_err(|_| busy())?.map_err(|_| busy())
    }

    fn of(&self, shop: ShopId, most: usize) -> Arc<Semaphore> {
        let mut shops = self.shops.lock().unwrap_or_else(PoisonError::into_inner);
        if shops.len() >= SHOPS_MAX && !shops.contains_key(&shop) {
            // Whoever waits or works keeps its own; the others begin anew.
            shops.retain(|_, own| Arc::strong_count(&own.turns) > 1);
        }
        let new = || Own { most, turns: Arc::new(Semaphore::new(most)) };
        let own = shops.entry(shop).or_insert_with(new);
        if own.most != most {
            // Turns that are taken end by themselves.
            *own = new();
        }
        Arc::clone(&own.turns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a turn comes at once; those that are waited for never come here.
    async fn comes(turns: &Turns, shop: i64) -> Option<Turn> {
        let turn = tokio::time::timeout(Duration::from_millis(50), turns.take(ShopId(shop)));
        turn.await.ok()?.ok()
    }

    #[tokio::test]
    async fn a_shop_that_asks_a_lot_waits_for_itself() {
        let turns = Turns::new(2, 1);
        let first = comes(&turns, 1).await;
        assert!(first.is_some());
        assert!(comes(&turns, 1).await.is_none(), "one at a time");
        let other = comes(&turns, 2).await;
        assert!(other.is_some(), "another shop does not wait for it");
        assert!(comes(&turns, 3).await.is_none(), "two at once in all");
        drop(first);
        assert!(comes(&turns, 3).await.is_some());
    }

    #[tokio::test]
    async fn a_shop_may_have_other_turns_than_the_rest() {
        let turns = Turns::new(3, 1);
        let two = [turns.take_of(ShopId(1), 2).await, turns.take_of(ShopId(1), 2).await];
        assert!(two.iter().all(Result::is_ok));
        let third = tokio::time::timeout(Duration::from_millis(50), turns.take_of(ShopId(1), 2));
        assert!(third.await.is_err(), "as many as it may");
        assert!(comes(&turns, 2).await.is_some(), "another shop does not wait for it");
    }
}
