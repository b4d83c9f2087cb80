//! Things that are worked out for whoever asks first, and kept for a while for all who ask next.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base::{Result, Time};

/// How long things are kept at least, in microseconds.
const KEEP_MICROS: i64 = 5 * 1_000_000;
/// How many times as long as it took to work them out they are kept at least: so no kind of figures
/// takes more than a twentieth of a core, however large a shop is.
const KEEP_TIMES: u32 = 20;
/// Things of a kind that are kept at the most.
pub(super) const KEPT_MAX: usize = 100;

/// Something that was worked out.
struct Made<T> {
    value: Arc<T>,
    /// Until when nobody asks for a newer one.
    fresh: Time,
    /// Until when it does while a newer one is worked out.
    useful: Time,
}

impl<T> Made<T> {
    fn new(value: T, now: Time, took: Duration) -> Self {
        let worth = i64::try_from((took * KEEP_TIMES).as_micros()).unwrap_or(i64::MAX);
        let fresh = now.plus(worth.max(KEEP_MICROS));
        // What is soon worked out is waited for.
        let useful = if worth > KEEP_MICROS { fresh.plus(worth) } else { fresh };
        Self { value: Arc::new(value), fresh, useful }
    }
}

struct Place<T> {
    made: Option<Made<T>>,
    /// Whether a newer one is being worked out beside.
    at_work: bool,
}

type Slot<T> = Arc<tokio::sync::Mutex<Place<T>>>;

/// Something that takes long to work out, by what it is about.
pub(super) struct Kept<K, T>(Mutex<HashMap<K, Slot<T>>>);

impl<K, T> Default for Kept<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, T> Kept<K, T> {
    /// What is kept, or else what `make` gives. Whoever asks meanwhile waits for it.
    pub(super) async fn get(
        &self,
        (key, now): (K, Time),
        make: impl Future<Output = Result<T>>,
    ) -> Result<Arc<T>> {
        let slot = self.slot(key);
        let mut place = slot.lock().await;
        match &place.made {
            Some(made) if now < made.fresh => Ok(Arc::clone(&made.value)),
            _ => renew(&mut place, now, make).await,
        }
    }

    /// The same, for what may lag behind: where it takes long to work out, whoever asks has what
    /// was kept before, and a newer one is worked out beside.
    pub(super) async fn lately(
        &self,
        (key, now): (K, Time),
        make: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<Arc<T>>
    where
        T: Send + Sync + 'static,
    {
        let slot = self.slot(key);
        let mut place = slot.lock().await;
        let Some(made) = place.made.as_ref().filter(|made| now < made.useful) else {
            return renew(&mut place, now, make).await;
        };
        let value = Arc::clone(&made.value);
        if now >= made.fresh && !place.at_work {
            place.at_work = true;
            drop(place);
            tokio::spawn(async move {
                let made = timed(make, now).await;
                let mut place = slot.lock().await;
                place.at_work = false;
                match made {
                    Ok(made) => place.made = Some(made),
                    Err(error) => {
                        tracing::warn!(%error, "a figure could not be brought up to date");
                    }
                }
            });
        }
        Ok(value)
    }

    fn slot(&self, key: K) -> Slot<T> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= KEPT_MAX && !slots.contains_key(&key) {
            slots.clear();
        }
        let empty = || Arc::new(tokio::sync::Mutex::new(Place { made: None, at_work: false }));
        Arc::clone(slots.entry(key).or_insert_with(empty))
    }

    /// Has it worked out anew when somebody asks next.
    pub(super) fn forget(&self, key: &K) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

async fn renew<T>(
    place: &mut Place<T>,
    now: Time,
    make: impl Future<Output = Result<T>>,
) -> Result<Arc<T>> {
    let made = timed(make, now).await?;
    let value = Arc::clone(&made.value);
    *place = Place { made: Some(made), at_work: false };
    Ok(value)
}

async fn timed<T>(make: impl Future<Output = Result<T>>, now: Time) -> Result<Made<T>> {
    #[expect(clippy::disallowed_methods, reason = "how long it took decides, not what time it is")]
    let began = Instant::now();
    let value = make.await?;
    Ok(Made::new(value, now, began.elapsed()))
}

#[cfg(test)]
mod tests {
    use base::Error;
    use tokio::sync::Notify;

    use super::*;

    const NOW: Time = Time::from_micros(0);

    async fn seen(kept: &Kept<u8, u8>, after: i64, value: Result<u8>) -> Result<u8> {
        kept.get((1, NOW.plus(after)), async { value }).await.map(|value| *value)
    }

    #[tokio::test]
    async fn what_is_kept_is_worked_out_again_when_its_time_is_over() {
        let kept = Kept::default();
        let bad = || Err(Error::bad("not now"));
        assert!(seen(&kept, 0, bad()).await.is_err());
        assert_eq!(seen(&kept, 0, Ok(1)).await.unwrap(), 1);
        assert_eq!(seen(&kept, KEEP_MICROS - 1, Ok(2)).await.unwrap(), 1);
        assert_eq!(seen(&kept, 2 * KEEP_MICROS, Ok(3)).await.unwrap(), 3);
        kept.forget(&1);
        assert_eq!(seen(&kept, 2 * KEEP_MICROS, Ok(4)).await.unwrap(), 4);
    }

    #[tokio::test]
    async fn what_takes_long_is_worked_out_beside_those_who_ask() {
        let kept: Kept<u8, u8> = Kept::default();
        let (took, ready) = (Duration::from_secs(4), Arc::new(Notify::new()));
        let worth = 80 * 1_000_000;
        kept.slot(1).lock().await.made = Some(Made::new(1, NOW, took));
        let ask = async |after: i64, value: u8| {
            let ready = Arc::clone(&ready);
            let make = async move {
                ready.notified().await;
                Ok(value)
            };
            *kept.lately((1, NOW.plus(after)), make).await.unwrap()
        };
        assert_eq!(ask(worth - 1, 9).await, 1);
        assert_eq!(ask(worth, 2).await, 1, "a newer one is being worked out");
        assert_eq!(ask(worth + 1, 9).await, 1, "only once");
        ready.notify_one();
        while kept.slot(1).lock().await.at_work {
            tokio::task::yield_now().await;
        }
        assert_eq!(ask(worth + 2, 9).await, 2);
        ready.notify_one();
        assert_eq!(ask(9 * worth, 3).await, 3, "what is much too old is waited for");
    }
}
