//! Figures that are worked out for whoever asks first, and kept for a moment for all who ask next.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base::{Result, ShopId, Time};
use perceive::{catalog, import, order, relay};
use store::log;
use stratify::mirror::Mirror;
use stratify::rfm::rule::Scored;
use stratify::rfm::{self, Report};

use super::App;
use super::key::Reads;

/// How long figures are kept, in microseconds.
const KEEP_MICROS: i64 = 5 * 1_000_000;
/// Shops whose figures are kept at the most.
const SHOPS_MAX: usize = 100;

type Slot<T> = Arc<tokio::sync::Mutex<Option<(Time, Arc<T>)>>>;

/// Something of each shop that takes long to work out.
pub(super) struct Kept<T>(Mutex<HashMap<ShopId, Slot<T>>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Kept<T> {
    /// What is kept of a shop, or else what `make` gives. Whoever asks meanwhile waits for it.
    async fn get(
        &self,
        (shop, now): (ShopId, Time),
        make: impl Future<Output = Result<T>>,
    ) -> Result<Arc<T>> {
        let slot = {
            let mut shops = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if shops.len() >= SHOPS_MAX && !shops.contains_key(&shop) {
                shops.clear();
            }
            Arc::clone(shops.entry(shop).or_default())
        };
        let mut slot = slot.lock().await;
        if let Some((made, value)) = &*slot
            && now.micros() - made.micros() < KEEP_MICROS
        {
            return Ok(Arc::clone(value));
        }
        let value = Arc::new(make.await?);
        *slot = Some((now, Arc::clone(&value)));
        Ok(value)
    }
}

/// Everybody's scores by place in the mirror.
pub(super) type Scores = Vec<Option<Scored>>;

/// What is in a shop.
#[derive(Debug)]
pub(crate) struct Census {
    /// Customers.
    pub(crate) customers: i64,
    /// Sales.
    pub(crate) orders: i64,
    /// Products.
    pub(crate) products: i64,
    /// Events.
    pub(crate) events: i64,
    /// When the last event happened.
    pub(crate) last_event: Option<Time>,
    /// When the last import began that was not undone.
    pub(crate) last_import: Option<Time>,
    /// Facts that could not be taken in.
    pub(crate) aside: i64,
}

impl App {
    /// The shop's mirror as it is now.
    async fn mirror(&self, shop: ShopId) -> Mirror {
        let mirrors = self.mirrors.lock().await;
        mirrors.get(&shop).cloned().unwrap_or_else(|| Mirror::empty(shop))
    }

    /// Everybody's scores.
    pub(super) async fn scores(&self, reads: &Reads) -> Result<Arc<Scores>> {
        let Reads { cx, shop } = reads;
        let make = async {
            let mirror = self.mirror(cx.shop).await;
            rfm::scores(cx, &mirror, &shop.zone).await
        };
        self.scores.get((cx.shop, cx.now), make).await
    }

    /// The shop's RFM by its own rules.
    pub(super) async fn rfm(&self, reads: &Reads) -> Result<Arc<Report>> {
        let Reads { cx, shop } = reads;
        let make = async {
            let mirror = self.mirror(cx.shop).await;
            let wish = rfm::setting(cx).await?;
            Ok(rfm::report(cx, &mirror, &shop.zone, (None, &wish)).await?.report)
        };
        self.reports.get((cx.shop, cx.now), make).await
    }

    /// What is in the shop.
    pub(super) async fn census(&self, reads: &Reads) -> Result<Arc<Census>> {
        let cx = &reads.cx;
        let make = async {
            let _turn = self.scan().await?;
            let lake = &self.place.lake;
            let events =
                relay::pinned(cx, |moment| lake.event_count(cx.shop, moment.events)).await?;
            let mut tx = cx.read().await?;
            let (orders, products) = (order::count(&mut tx).await?, catalog::count(&mut tx).await?);
            drop(tx);
            let imports = import::list(cx).await?;
            let kept = imports.iter().filter(|one| one.state != import::State::Undone);
            Ok(Census {
                customers: self.mirror(cx.shop).await.people(),
                orders,
                products,
                events: events.0,
                last_event: events.1.map(Time::from_micros),
                last_import: kept.map(|import| import.started_at).max(),
                aside: log::dead_count(cx).await?.1,
            })
        };
        self.censuses.get((cx.shop, cx.now), make).await
    }
}
