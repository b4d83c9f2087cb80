//! Whose a write key is, and how much its shop may write at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::{Code, Error, Result, ShopId, Time};
use perceive::collect::pace::{self, Credit, Pace};
use perceive::source;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::place::{Place, now};

/// How long it is remembered whose a write key is, in microseconds.
const KEY_MICROS: i64 = 10 * 1_000_000;
/// Write keys, and shops, that are remembered at the most.
const KEYS_MAX: usize = 10_000;
/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// How long a request waits for its turn before it is told to come again.
const HELD: Duration = Duration::from_millis(500);
/// Seconds that a shop is told to wait at the most.
const WAIT_SECONDS_MAX: i64 = 60;

/// Who writes.
#[derive(Clone)]
pub(super) struct Writer {
    /// The shop.
    pub(super) shop: ShopId,
    /// Its source.
    pub(super) source: i64,
    pace: Option<Pace>,
    lane: Arc<Lane>,
    until: Time,
}

/// What the requests of one shop share.
struct Lane {
    /// Large bodies of this shop that are read at once: as many as there are processors, so that
    /// those of another shop never stand in the same line.
    readers: Semaphore,
    /// Held by the one of its requests whose turn it is.
    gate: Arc<Semaphore>,
    credit: Mutex<Option<Credit>>,
}

/// Who writes, by key.
#[derive(Default)]
pub(super) struct Writers {
    keys: Mutex<HashMap<String, Writer>>,
    lanes: Mutex<HashMap<ShopId, Arc<Lane>>>,
}

impl Writers {
    /// Who has that write key.
    ///
    /// # Errors
    /// `forbidden` for a key that is none; what the database reports.
    pub(super) async fn of(&self, place: &Place, key: &str) -> Result<Writer> {
        let known = held(&self.keys).get(key).cloned();
        if let Some(writer) = known
            && writer.until > now()
        {
            return Ok(writer);
        }
        let cx = place.cx();
        let (shop, source) = source::by_key(&cx, key).await?;
        let pace = pace::get(&cx.of(shop)).await?;
        let until = cx.now.plus(KEY_MICROS);
        let writer = Writer { shop, source: source.number, pace, lane: self.lane(shop), until };
        let mut keys = held(&self.keys);
        if keys.len() >= KEYS_MAX {
            keys.clear();
        }
        keys.insert(key.to_owned(), writer.clone());
        Ok(writer)
    }

    fn lane(&self, shop: ShopId) -> Arc<Lane> {
        let mut lanes = held(&self.lanes);
        if lanes.len() >= KEYS_MAX {
            lanes.clear();
        }
        let new = || {
            let readers = std::thread::available_parallelism().map_or(1, usize::from);
            Arc::new(Lane {
                readers: Semaphore::new(readers),
                gate: Arc::new(Semaphore::new(1)),
                credit: Mutex::new(None),
            })
        };
        Arc::clone(lanes.entry(shop).or_insert_with(new))
    }
}

impl Writer {
    /// Waits until it is the shop's turn to write. The requests of a shop with a pace are taken one
    /// after the other, each when there is credit for it: what many clients send at once is spread
    /// over time and costs other shops nothing. The turn ends when what is returned is dropped.
    ///
    /// # Errors
    /// The seconds after which it may come again, when its turn would come too late.
    pub(super) async fn turn(&self) -> Result<Option<OwnedSemaphorePermit>, i64> {
        let Some(pace) = self.pace else { return Ok(None) };
        self.soon(pace)?;
        let turn = async {
            let turn = Arc::clone(&self.lane.gate).acquire_owned().await.map_err(|_| 1)?;
            while let Some(wait) = self.soon(pace)? {
                tokio::time::sleep(wait).await;
            }
            Ok(Some(turn))
        };
        tokio::time::timeout(HELD, turn).await.unwrap_or(Err(1))
    }

    /// How long the shop must wait for credit; nothing when it has some.
    fn soon(&self, pace: Pace) -> Result<Option<Duration>, i64> {
        let at = now();
        let mut credit = held(&self.lane.credit);
        let Err(micros) = credit.get_or_insert_with(|| pace.rested(at)).ask(pace, at) else {
            return Ok(None);
        };
        let wait = Duration::from_micros(micros.unsigned_abs());
        if wait <= HELD {
            return Ok(Some(wait));
        }
        let seconds = micros.saturating_add(SECOND - 1) / SECOND;
        Err(seconds.clamp(1, WAIT_SECONDS_MAX))
    }

    /// Counts messages that were written.
    pub(super) fn pay(&self, messages: usize) {
        if let (Some(pace), Some(credit)) = (self.pace, held(&self.lane.credit).as_mut()) {
            credit.pay(pace, messages);
        }
    }

    /// Does what takes a while for a large body, beside what answers small ones.
    ///
    /// # Errors
    /// What the work reports.
    pub(super) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _reader = self.lane.readers.acquire().await.map_err(stopped)?;
        tokio::task::spawn_blocking(work).await.map_err(stopped)?
    }
}

fn stopped(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::internal("a worker stopped", cause)
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a shop that writes too fast is told.
pub(super) fn too_fast() -> Error {
    Error::new(Code::Busy, "this shop sends faster than it may")
        .hint("send again when Retry-After says so; `shuke key --pace` sets how fast it may")
}
