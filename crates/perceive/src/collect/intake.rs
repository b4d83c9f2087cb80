//! The way of messages into the log: one commit takes whatever was handed in during the one before
//! it, so that many small requests cost few commits and none waits for a timer.
//!
//! What is large is packed while the batch before it is being written, and so waits for that one
//! and for the one that is packed already. What is small goes with the very next commit, and alone
//! where the one before was of what is large: a shop that sends an event now and then waits for at
//! most one commit of a shop that floods, and a short one of its own.

use std::collections::BTreeMap;

use base::{Code, Error, Result, ShopId};
use store::Cx;
use store::log::{self, Bundle, Packed};
use tokio::sync::{mpsc, oneshot};

use super::{MESSAGE, Message};

/// Requests that wait for a commit at the most; more are told to come again.
const WAITING_MAX: usize = 4_096;
/// Bytes of facts that one commit takes at the most, of all shops.
const COMMIT_BYTES_MAX: usize = 4 << 20;
/// Bytes of facts of one shop that one commit takes when others wait too, so that a shop that
/// floods leaves room.
const SHOP_BYTES_MAX: usize = 256 << 10;

/// Bytes of facts of one request that is small.
const SMALL_BYTES_MAX: usize = 4 << 10;
/// Bytes of facts of all small requests that one commit takes.
const SMALL_COMMIT_BYTES_MAX: usize = 64 << 10;

/// Bytes of facts of one row of the log: what readers take at once, and until they have, nobody
/// else writes.
const ROW_BYTES_MAX: usize = 512 << 10;

/// What one request hands in.
struct Parcel {
    shop: ShopId,
    facts: Bundle,
    done: oneshot::Sender<Result<()>>,
}

/// Where requests hand messages in. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    large: mpsc::Sender<Parcel>,
    small: mpsc::Sender<Parcel>,
}

/// The other end of an [`Intake`].
pub struct Taking {
    large: mpsc::Receiver<Parcel>,
    small: mpsc::Receiver<Parcel>,
}

/// An intake and its other end, which somebody must run.
#[must_use]
pub fn intake() -> (Intake, Taking) {
    let (large, large_end) = mpsc::channel(WAITING_MAX);
    let (small, small_end) = mpsc::channel(WAITING_MAX);
    (Intake { large, small }, Taking { large: large_end, small: small_end })
}

/// Messages as they are handed in.
///
/// # Errors
/// `internal` when one cannot be written.
pub fn bundle(messages: &[Message]) -> Result<Bundle> {
    let mut bundle = Bundle::default();
    let mut bytes = Vec::new();
    for message in messages {
        bytes = crate::codec::write_over(bytes, message)?;
        bundle.push(MESSAGE, message.at, &bytes)?;
    }
    Ok(bundle)
}

impl Intake {
    /// Hands messages in; they are durable when this returns.
    ///
    /// # Errors
    /// `busy` when too many requests wait; what the database reports.
    pub async fn hand_in(&self, shop: ShopId, facts: Bundle) -> Result<()> {
        if facts.count() == 0 {
            return Ok(());
        }
        let busy = || {
            Error::new(Code::Busy, "too many requests wait to be written")
                .hint("try again in a moment")
        };
        let (done, told) = oneshot::channel();
        let line = if facts.bytes() <= SMALL_BYTES_MAX { &self.small } else { &self.large };
        line.try_send(Parcel { shop, facts, done }).map_err(|_| busy())?;
        told.await.unwrap_or_else(|_| Err(busy()))
    }
}

/// What one commit writes, and who waits for it.
#[derive(Default)]
struct Batch {
    shops: Vec<(ShopId, Packed)>,
    waiting: Vec<oneshot::Sender<Result<()>>>,
}

impl Taking {
    /// Writes what is handed in until nobody can hand in any more; `now` gives contexts of the
    /// present time.
    pub async fn run(self, now: impl Fn() -> Cx) {
        let Self { large, small } = self;
        let (packed, ready) = mpsc::channel(1);
        tokio::join!(pack(large, packed), write((ready, small), now));
    }
}

/// Packs what is large while the batch before it is being written.
async fn pack(mut large: mpsc::Receiver<Parcel>, packed: mpsc::Sender<Batch>) {
    let mut left: Vec<Parcel> = Vec::new();
    loop {
        // A batch takes whatever has come until there is somebody to write it.
        let Ok(place) = packed.reserve().await else { return };
        if left.is_empty() {
            let Some(first) = large.recv().await else { return };
            left.push(first);
        }
        gather(&mut large, &mut left);
        let (taken, rest) = share(left, (SHOP_BYTES_MAX, COMMIT_BYTES_MAX));
        left = rest;
        let (shops, waiting) = sorted(taken);
        let bound = tokio::task::spawn_blocking(move || bound(shops)).await;
        let bound = bound.map_err(|cause| Error::internal("a worker stopped", cause));
        if let Some(batch) = batch(bound.and_then(|bound| bound), waiting) {
            place.send(batch);
        }
    }
}

/// Takes what has come.
fn gather(line: &mut mpsc::Receiver<Parcel>, left: &mut Vec<Parcel>) {
    while left.len() < WAITING_MAX {
        let Ok(next) = line.try_recv() else { break };
        left.push(next);
    }
}

/// What the next commit takes, and what waits for the one after it; `most` are the bytes of a shop
/// where others wait too, and of all.
fn share(parcels: Vec<Parcel>, most: (usize, usize)) -> (Vec<Parcel>, Vec<Parcel>) {
    let first = parcels.first().map(|parcel| parcel.shop);
    let alone = parcels.iter().all(|parcel| Some(parcel.shop) == first);
    let (of_shop, of_all) = most;
    let most = if alone { of_all } else { of_shop };
    let mut bytes: BTreeMap<ShopId, usize> = BTreeMap::new();
    let mut all = 0;
    parcels.into_iter().partition(|parcel| {
        let own = bytes.entry(parcel.shop).or_default();
        let size = parcel.facts.bytes();
        // One parcel of a shop always goes, however large it is.
        let fits = *own == 0 || (*own + size <= most && all < of_all);
        if fits {
            *own += size.max(1);
            all += size;
        }
        fits
    })
}

/// What goes into a row each; a bundle is not taken apart.
fn rows(mut bundles: &[Bundle]) -> impl Iterator<Item = &[Bundle]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |bundle: &&Bundle| {
            bytes += bundle.bytes();
            bytes <= ROW_BYTES_MAX
        };
        let count = bundles.iter().take_while(fits).count().max(1);
        let (row, rest) = bundles.split_at_checked(count)?;
        bundles = rest;
        Some(row)
    })
}

/// Bundles of each shop, and who waits for them.
type Sorted = (BTreeMap<ShopId, Vec<Bundle>>, Vec<oneshot::Sender<Result<()>>>);

fn sorted(parcels: Vec<Parcel>) -> Sorted {
    let mut shops: BTreeMap<ShopId, Vec<Bundle>> = BTreeMap::new();
    let mut waiting = Vec::with_capacity(parcels.len());
    for Parcel { shop, facts, done } in parcels {
        shops.entry(shop).or_default().push(facts);
        waiting.push(done);
    }
    (shops, waiting)
}

/// Rows of the log.
fn bound(shops: BTreeMap<ShopId, Vec<Bundle>>) -> Result<Vec<(ShopId, Packed)>> {
    let mut packed = Vec::new();
    for (shop, bundles) in shops {
        for row in rows(&bundles) {
            packed.push((shop, log::bind(row)?));
        }
    }
    Ok(packed)
}

/// What is to be written; whoever waits for what cannot be is told.
fn batch(
    bound: Result<Vec<(ShopId, Packed)>>,
    waiting: Vec<oneshot::Sender<Result<()>>>,
) -> Option<Batch> {
    match bound {
        Ok(shops) => Some(Batch { shops, waiting }),
        Err(error) => {
            tell(waiting, &Err(error));
            None
        }
    }
}

/// Writes what is packed and what is small: together, or by turns where both wait.
async fn write(
    (mut ready, mut small): (mpsc::Receiver<Batch>, mpsc::Receiver<Parcel>),
    now: impl Fn() -> Cx,
) {
    let (mut left, mut was_large): (Vec<Parcel>, bool) = (Vec::new(), false);
    loop {
        let mut next = Batch::default();
        gather(&mut small, &mut left);
        if left.is_empty() {
            tokio::select! {
                Some(batch) = ready.recv() => next = batch,
                Some(first) = small.recv() => left.push(first),
                else => return,
            }
        }
        if next.waiting.is_empty()
            && !was_large
            && let Ok(batch) = ready.try_recv()
        {
            next = batch;
        }
        was_large = !next.waiting.is_empty();
        gather(&mut small, &mut left);
        let (taken, rest) = share(left, (SMALL_COMMIT_BYTES_MAX, SMALL_COMMIT_BYTES_MAX));
        left = rest;
        let (shops, waiting) = sorted(taken);
        // So little is packed sooner than another thread is found for it.
        if let Some(batch) = batch(bound(shops), waiting) {
            next.shops.extend(batch.shops);
            next.waiting.extend(batch.waiting);
        }
        if !next.shops.is_empty() {
            tell(next.waiting, &log::receive(&now(), &next.shops).await);
        }
    }
}

fn tell(waiting: Vec<oneshot::Sender<Result<()>>>, written: &Result<()>) {
    for done in waiting {
        let answer = match written {
            Ok(()) => Ok(()),
            Err(error) => {
                Err(Error { hint: error.hint.clone(), ..Error::new(error.code, &error.message) })
            }
        };
        // Whoever left does not want to know.
        let _ = done.send(answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_that_floods_leaves_room_for_others() {
        let parcel = |shop, bytes| {
            let (done, _) = oneshot::channel();
            let mut facts = Bundle::default();
            facts.push("", base::Time::from_micros(0), &vec![0; bytes]).unwrap();
            Parcel { shop: ShopId(shop), facts, done }
        };
        let flood = (0..5).map(|_| parcel(1, 600 << 10));
        let most = (SHOP_BYTES_MAX, COMMIT_BYTES_MAX);
        let all = flood.chain([parcel(2, 10), parcel(3, 3 << 20)]).collect();
        let (taken, rest) = share(all, most);
        let shops: Vec<i64> = taken.iter().map(|parcel| parcel.shop.0).collect();
        assert_eq!((shops, rest.len()), (vec![1, 2, 3], 4));
        let (taken, rest) = share((0..5).map(|_| parcel(1, 200 << 10)).collect(), most);
        assert_eq!((taken.len(), rest.len()), (5, 0), "alone, it has all the room");
        let facts = [300, 200, 20, 600, 1].map(|kib| parcel(1, kib << 10).facts);
        let rows: Vec<usize> = rows(&facts).map(<[Bundle]>::len).collect();
        assert_eq!(rows, [2, 1, 1, 1]);
    }
}
