//! Figures that are worked out for whoever asks first, and kept for a moment for all who ask next.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use base::{Error, Result, ShopId, Time};
use evaluate::kpi::{self, Period};
use evaluate::todo::{self, Todo};
use perceive::{catalog, import, order, relay};
use store::log;
use stratify::carts::Carts;
use stratify::lifecycle::Stage;
use stratify::mirror::Mirror;
use stratify::rfm;
use stratify::rfm::rule::Scored;
use stratify::sales::Sales;

use super::App;
use super::who::Access;
use super::whole::ReadySize;

/// How long figures are kept at least, in microseconds.
const KEEP_MICROS: i64 = 5 * 1_000_000;
/// How many times as long as it took to work them out they are kept at least: so no kind of figures
/// takes more than a twentieth of a core, however large a shop is.
const KEEP_TIMES: u32 = 20;
/// Figures of a kind that are kept at the most.
const KEPT_MAX: usize = 100;

/// Figures, and until when they are kept.
type Slot<T> = Arc<tokio::sync::Mutex<Option<(Time, Arc<T>)>>>;

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
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if slots.len() >= KEPT_MAX && !slots.contains_key(&key) {
                slots.clear();
            }
            Arc::clone(slots.entry(key).or_default())
        };
        let mut slot = slot.lock().await;
        if let Some((until, value)) = &*slot
            && now < *until
        {
            return Ok(Arc::clone(value));
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "how long it took decides, not what time it is"
        )]
        let began = Instant::now();
        let value = Arc::new(make.await?);
        let worth = i64::try_from((began.elapsed() * KEEP_TIMES).as_micros()).unwrap_or(i64::MAX);
        *slot = Some((now.plus(worth.max(KEEP_MICROS)), Arc::clone(&value)));
        Ok(value)
    }
}

impl<K: Eq + Hash, T> Kept<K, T> {
    fn forget(&self, key: &K) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// Everybody's scores by place in the mirror.
pub(super) type Scores = Vec<Option<Scored>>;

/// What is kept.
#[derive(Default)]
pub(super) struct Figures {
    scores: Kept<ShopId, Scores>,
    pub(super) stages: Kept<ShopId, Vec<Stage>>,
    pub(super) carts: Kept<ShopId, Carts>,
    pub(super) ready: Kept<ShopId, Vec<ReadySize>>,
    rfm: Kept<ShopId, rfm::Report>,
    kpi: Kept<(ShopId, Period), kpi::Report>,
    census: Kept<ShopId, Census>,
    todo: Kept<ShopId, Vec<Todo>>,
    texts: Kept<ShopId, Texts>,
    sales: Mutex<HashMap<ShopId, Arc<tokio::sync::Mutex<Arc<Sales>>>>>,
}

/// Works something out that takes a while, beside what answers others.
pub(super) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|cause| Error::internal("a worker stopped", cause))?
}

/// The texts of columns with how many customers have each, by the column's name.
pub(super) type Texts = Vec<(&'static str, Vec<(String, i64)>)>;

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
    /// When the last order was paid, or placed where that is not known.
    pub(super) last_sold: Option<Time>,
    /// When the last import began that was not undone.
    pub(crate) last_import: Option<Time>,
    /// Facts that could not be taken in.
    pub(crate) aside: i64,
}

impl App {
    /// The shop's mirror as it is now.
    pub(super) async fn mirror(&self, shop: ShopId) -> Mirror {
        let mirrors = self.mirrors.lock().await;
        mirrors.get(&shop).cloned().unwrap_or_else(|| Mirror::empty(shop))
    }

    /// Everybody's scores.
    pub(super) async fn scores(&self, access: &Access) -> Result<Arc<Scores>> {
        let Access { cx, shop, .. } = access;
        let make = async {
            let (mirror, cx, zone) = (self.mirror(cx.shop).await, cx.clone(), shop.zone.clone());
            let here = tokio::runtime::Handle::current();
            apart(move || here.block_on(rfm::scores(&cx, &mirror, &zone))).await
        };
        self.figures.scores.get((cx.shop, cx.now), make).await
    }

    /// Has everybody's scores worked out anew when somebody asks next.
    pub(super) fn forget_scores(&self, shop: ShopId) {
        self.figures.scores.forget(&shop);
        self.figures.rfm.forget(&shop);
    }

    /// Has everybody's stages worked out anew when somebody asks next.
    pub(super) fn forget_stages(&self, shop: ShopId) {
        self.figures.stages.forget(&shop);
    }

    /// Has the sizes of segments to begin with worked out anew when somebody asks next.
    pub(super) fn forget_ready(&self, shop: ShopId) {
        self.figures.ready.forget(&shop);
    }

    /// The shop's RFM by its own rules.
    pub(super) async fn rfm(&self, access: &Access) -> Result<Arc<rfm::Report>> {
        let Access { cx, shop, .. } = access;
        let make = async {
            let mirror = self.mirror(cx.shop).await;
            let wish = rfm::setting(cx).await?;
            let (cx, zone) = (cx.clone(), shop.zone.clone());
            let here = tokio::runtime::Handle::current();
            let work = async move { rfm::report(&cx, &mirror, &zone, (None, &wish)).await };
            Ok(apart(move || here.block_on(work)).await?.report)
        };
        self.figures.rfm.get((cx.shop, cx.now), make).await
    }

    /// The shop's orders in memory, as they are now. Whoever works with them holds nobody up.
    pub(super) async fn sales(&self, access: &Access) -> Result<Arc<Sales>> {
        let slot = {
            let shops = self.figures.sales.lock();
            let mut shops = shops.unwrap_or_else(PoisonError::into_inner);
            if shops.len() >= KEPT_MAX && !shops.contains_key(&access.cx.shop) {
                shops.clear();
            }
            Arc::clone(shops.entry(access.cx.shop).or_default())
        };
        let mut sales = slot.lock().await;
        if sales.is_stale(&access.cx).await? {
            // Those who are at work with them keep what they have.
            Arc::make_mut(&mut sales).refresh(&access.cx).await?;
        }
        Ok(Arc::clone(&sales))
    }

    /// The figures of a period.
    pub(super) async fn kpi(&self, access: &Access, period: Period) -> Result<Arc<kpi::Report>> {
        let make = async {
            let (sales, zone) = (self.sales(access).await?, access.shop.zone.clone());
            apart(move || kpi::report(&sales, &zone, period)).await
        };
        self.figures.kpi.get(((access.cx.shop, period), access.cx.now), make).await
    }

    /// What can be done now.
    pub(super) async fn todo(&self, access: &Access) -> Result<Arc<Vec<Todo>>> {
        let make = async {
            let (scores, mirror) = (self.scores(access).await?, self.mirror(access.cx.shop).await);
            let (sales, zone) = (self.sales(access).await?, access.shop.zone.clone());
            let now = access.cx.now;
            apart(move || todo::list((now, &zone), (&mirror, &scores), &sales)).await
        };
        self.figures.todo.get((access.cx.shop, access.cx.now), make).await
    }

    /// The texts of some columns of customers, at most so many of each.
    pub(super) async fn texts(
        &self,
        access: &Access,
        (columns, limit): (&'static [&'static str], usize),
    ) -> Result<Arc<Texts>> {
        let make = async {
            let mirror = self.mirror(access.cx.shop).await;
            apart(move || {
                let of = |name: &&'static str| Ok((*name, mirror.texts(name, limit)?));
                columns.iter().map(of).collect()
            })
            .await
        };
        self.figures.texts.get((access.cx.shop, access.cx.now), make).await
    }

    /// What is in the shop.
    pub(super) async fn census(&self, access: &Access) -> Result<Arc<Census>> {
        let cx = &access.cx;
        let make = async {
            let _turn = self.scans.take(cx.shop).await?;
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
                last_sold: self.sales(access).await?.last_sold_at(),
                last_import: kept.map(|import| import.started_at).max(),
                aside: log::dead_count(cx).await?.1,
            })
        };
        self.figures.census.get((cx.shop, cx.now), make).await
    }
}
