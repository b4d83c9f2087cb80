//! The figures of shops that are kept, and how they are worked out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base::time::DAY_MICROS;
use base::{Error, Result, ShopId, Time};
use evaluate::kpi::{self, Period};
use evaluate::todo::{self, Todo};
use perceive::{catalog, import, order, relay, visit};
use store::log;
use stratify::carts::Carts;
use stratify::expr::Needs;
use stratify::lifecycle::Stage;
use stratify::mirror::Mirror;
use stratify::positioning::{self, Positioning, Report};
use stratify::preference::{self, Preferences, Taste};
use stratify::rfm;
use stratify::rfm::rule::Scored;
use stratify::sales::Sales;

use super::App;
use super::api::segment::seen::{self, Seen};
use super::kept::{KEPT_MAX, Kept};
use super::who::Access;
use super::whole::ReadySize;

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
    taste: Kept<ShopId, Taste>,
    seen: Kept<ShopId, Seen>,
    anonymous: Kept<(ShopId, i64), i64>,
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

impl Census {
    fn is_empty(&self) -> bool {
        self.orders == 0 && self.events == 0
    }
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
        let (app, cx, zone) = (self.clone(), access.cx.clone(), access.shop.zone.clone());
        let make = async move {
            let mirror = app.mirror(cx.shop).await;
            let wish = rfm::setting(&cx).await?;
            let here = tokio::runtime::Handle::current();
            let work = async move { rfm::report(&cx, &mirror, &zone, (None, &wish)).await };
            Ok(apart(move || here.block_on(work)).await?.report)
        };
        self.figures.rfm.lately((access.cx.shop, access.cx.now), make).await
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
        let (app, own) = (self.clone(), access.clone());
        let make = async move {
            let (sales, zone) = (app.sales(&own).await?, own.shop.zone);
            apart(move || kpi::report(&sales, &zone, period)).await
        };
        self.figures.kpi.lately(((access.cx.shop, period), access.cx.now), make).await
    }

    /// What can be done now.
    pub(super) async fn todo(&self, access: &Access) -> Result<Arc<Vec<Todo>>> {
        let (app, own) = (self.clone(), access.clone());
        let make = async move {
            let (scores, mirror) = (app.scores(&own).await?, app.mirror(own.cx.shop).await);
            let (sales, zone, now) = (app.sales(&own).await?, own.shop.zone, own.cx.now);
            apart(move || todo::list((now, &zone), (&mirror, &scores), &sales)).await
        };
        self.figures.todo.lately((access.cx.shop, access.cx.now), make).await
    }

    /// The texts of some columns of customers, at most so many of each.
    pub(super) async fn texts(
        &self,
        access: &Access,
        (columns, limit): (&'static [&'static str], usize),
    ) -> Result<Arc<Texts>> {
        let (app, shop) = (self.clone(), access.cx.shop);
        let make = async move {
            let mirror = app.mirror(shop).await;
            apart(move || {
                let of = |name: &&'static str| Ok((*name, mirror.texts(name, limit)?));
                columns.iter().map(of).collect()
            })
            .await
        };
        self.figures.texts.lately((access.cx.shop, access.cx.now), make).await
    }

    /// What the shop's rows say, for whoever writes conditions on them.
    pub(super) async fn seen(&self, access: &Access) -> Result<Arc<Seen>> {
        let (app, own) = (self.clone(), access.clone());
        let make = async move { seen::look(&app, &own).await };
        self.figures.seen.lately((access.cx.shop, access.cx.now), make).await
    }

    /// Visitors of the last days who are no customers.
    pub(super) async fn anonymous(&self, access: &Access, days: i64) -> Result<Arc<i64>> {
        let own = access.clone();
        let make = async move {
            let since = own.cx.now.plus(-days * DAY_MICROS);
            visit::anonymous(&mut own.cx.read().await?, since).await
        };
        self.figures.anonymous.lately(((access.cx.shop, days), access.cx.now), make).await
    }

    /// What is true of all customers together, and is needed to tell what one of them likes.
    pub(super) async fn taste(&self, access: &Access) -> Result<Arc<Taste>> {
        let (app, own) = (self.clone(), access.clone());
        let make = async move {
            let _turn = app.scans.take(own.cx.shop).await?;
            let held = app.hold(&own, &Needs::of_deeds()).await?;
            let here = tokio::runtime::Handle::current();
            apart(move || here.block_on(preference::taste(&held.shop(&app, &own)))).await
        };
        self.figures.taste.lately((access.cx.shop, access.cx.now), make).await
    }

    /// What one customer likes.
    pub(super) async fn preferences(
        &self,
        access: &Access,
        (taste, number): (&Taste, i64),
    ) -> Result<Preferences> {
        let held = self.hold(access, &Needs::of_deeds()).await?;
        preference::of(&held.shop(self, access), taste, number).await
    }

    /// How a shop's business lies to what it is made for.
    pub(super) async fn positioning(&self, access: &Access, wish: &Positioning) -> Result<Report> {
        let _turn = self.scans.take(access.cx.shop).await?;
        let needs = wish.needs(&access.cx).await?;
        let held = self.hold(access, &needs).await?;
        let (app, own, wish) = (self.clone(), access.clone(), wish.clone());
        let here = tokio::runtime::Handle::current();
        apart(move || here.block_on(positioning::report(&held.shop(&app, &own), &wish))).await
    }

    /// What is in the shop.
    pub(super) async fn census(&self, access: &Access) -> Result<Arc<Census>> {
        let (app, own) = (self.clone(), access.clone());
        let make = async move {
            let (cx, lake) = (&own.cx, &app.place.lake);
            let _turn = app.scans.take(cx.shop).await?;
            let events =
                relay::pinned(cx, |moment| lake.event_count(cx.shop, moment.events)).await?;
            let mut tx = cx.read().await?;
            let (orders, products) = (order::count(&mut tx).await?, catalog::count(&mut tx).await?);
            drop(tx);
            let imports = import::list(cx).await?;
            let kept = imports.iter().filter(|one| one.state != import::State::Undone);
            Ok(Census {
                customers: app.mirror(cx.shop).await.people(),
                orders,
                products,
                events: events.0,
                last_event: events.1.map(Time::from_micros),
                last_sold: app.sales(&own).await?.last_sold_at(),
                last_import: kept.map(|import| import.started_at).max(),
                aside: log::dead_count(cx).await?.1,
            })
        };
        let census = self.figures.census.lately((access.cx.shop, access.cx.now), make).await?;
        if census.is_empty() {
            // Whoever has just filled a shop looks at it at once, and it is soon counted.
            self.figures.census.forget(&access.cx.shop);
        }
        Ok(census)
    }
}
