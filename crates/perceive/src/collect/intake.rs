//! The way of messages into the log: one commit takes whatever was handed in during the one before
//! it, so that many small requests cost few commits and none waits for a timer.

use std::collections::BTreeMap;

use base::{Code, Error, Result, ShopId};
use store::log::{self, Fact, topic};
use store::{Cx, sys};
use tokio::sync::{mpsc, oneshot};

/// Requests that wait for a commit at the most; more are told to come again.
const WAITING_MAX: usize = 4_096;
/// Bytes of facts that one commit takes at the most, of all shops.
const COMMIT_BYTES_MAX: usize = 4 << 20;
/// Bytes of facts of one shop that one commit takes, so that a shop that floods leaves room.
const SHOP_BYTES_MAX: usize = 1 << 20;

/// What one request hands in.
struct Parcel {
    shop: ShopId,
    facts: Vec<Fact>,
    bytes: usize,
    done: oneshot::Sender<Result<()>>,
}

/// Where requests hand messages in. Cheap to clone.
#[derive(Clone)]
pub struct Intake(mpsc::Sender<Parcel>);

/// The other end of an [`Intake`].
pub struct Taking(mpsc::Receiver<Parcel>);

/// An intake and its other end, which somebody must run.
#[must_use]
pub fn intake() -> (Intake, Taking) {
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    (Intake(sender), Taking(receiver))
}

impl Intake {
    /// Hands facts in; they are durable when this returns.
    ///
    /// # Errors
    /// `busy` when too many requests wait; what the database reports.
    pub async fn hand_in(&self, shop: ShopId, facts: Vec<Fact>) -> Result<()> {
        if facts.is_empty() {
            return Ok(());
        }
        let busy = || {
            Error::new(Code::Busy, "too many requests wait to be written")
                .hint("try again in a moment")
        };
        let bytes = facts.iter().map(|fact| fact.body.len()).sum();
        let (done, told) = oneshot::channel();
        self.0.try_send(Parcel { shop, facts, bytes, done }).map_err(|_| busy())?;
        told.await.unwrap_or_else(|_| Err(busy()))
    }
}

impl Taking {
    /// Writes what is handed in until nobody can hand in any more; `now` gives contexts of the
    /// present time.
    pub async fn run(mut self, now: impl Fn() -> Cx) {
        let mut left: Vec<Parcel> = Vec::new();
        loop {
            if left.is_empty() {
                let Some(first) = self.0.recv().await else { return };
                left.push(first);
            }
            while left.len() < WAITING_MAX {
                let Ok(next) = self.0.try_recv() else { break };
                left.push(next);
            }
            let (taken, rest) = share(left);
            left = rest;
            write(&now(), taken).await;
        }
    }
}

/// What the next commit takes, and what waits for the one after it.
fn share(parcels: Vec<Parcel>) -> (Vec<Parcel>, Vec<Parcel>) {
    let mut bytes: BTreeMap<ShopId, usize> = BTreeMap::new();
    let mut all = 0;
    parcels.into_iter().partition(|parcel| {
        let own = bytes.entry(parcel.shop).or_default();
        // One parcel of a shop always goes, however large it is.
        let fits = *own == 0 || (*own + parcel.bytes <= SHOP_BYTES_MAX && all < COMMIT_BYTES_MAX);
        if fits {
            *own += parcel.bytes.max(1);
            all += parcel.bytes;
        }
        fits
    })
}

async fn write(cx: &Cx, parcels: Vec<Parcel>) {
    let mut shops: BTreeMap<ShopId, Vec<Fact>> = BTreeMap::new();
    let mut waiting = Vec::with_capacity(parcels.len());
    for Parcel { shop, facts, done, .. } in parcels {
        shops.entry(shop).or_default().extend(facts);
        waiting.push(done);
    }
    let written = commit(cx, shops).await;
    for done in waiting {
        let answer = match &written {
            Ok(()) => Ok(()),
            Err(error) => {
                Err(Error { hint: error.hint.clone(), ..Error::new(error.code, &error.message) })
            }
        };
        // Whoever left does not want to know.
        let _ = done.send(answer);
    }
}

async fn commit(cx: &Cx, shops: BTreeMap<ShopId, Vec<Fact>>) -> Result<()> {
    let pack = tokio::task::spawn_blocking(move || {
        let packed = shops.into_iter().map(|(shop, facts)| Ok((shop, log::pack(&facts)?)));
        packed.collect::<Result<Vec<_>>>()
    });
    let packed = pack.await.map_err(|cause| Error::internal("a worker stopped", cause))??;
    let mut tx = sys::write(cx).await?;
    for (shop, packed) in packed {
        log::append_of(&mut tx, &cx.of(shop), topic::EVENT, &packed).await?;
    }
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_that_floods_leaves_room_for_others() {
        let parcel = |shop, bytes| {
            let (done, _) = oneshot::channel();
            Parcel { shop: ShopId(shop), facts: Vec::new(), bytes, done }
        };
        let flood = (0..5).map(|_| parcel(1, 600 << 10));
        let (taken, rest) = share(flood.chain([parcel(2, 10), parcel(3, 3 << 20)]).collect());
        let shops: Vec<i64> = taken.iter().map(|parcel| parcel.shop.0).collect();
        assert_eq!((shops, rest.len()), (vec![1, 2, 3], 4));
    }
}
