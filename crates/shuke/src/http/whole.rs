//! All that conditions on a shop's customers ask for, held for as long as one answer takes; and
//! keeping the members of segments up to date.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::available_parallelism;

use base::{Result, ShopId};
use roaring::RoaringBitmap;
use store::shop;
use stratify::expr::whole::Shop as Whole;
use stratify::expr::{self, Expr, Needs, Sets};
use stratify::lifecycle::{self, Stage};
use stratify::mirror::Mirror;
use stratify::sales::Sales;
use stratify::segment::{self, Watch, ready};

use super::App;
use super::figure::{Scores, apart};
use super::who::Access;
use crate::auth::permission::Permissions;

/// What an answer about customers is worked out from.
pub(super) struct Held {
    mirror: Mirror,
    scores: Arc<Scores>,
    stages: Arc<Vec<Stage>>,
    sales: Arc<Sales>,
    sets: Sets,
}

impl Held {
    /// The shop as conditions see it.
    pub(super) fn shop<'a>(&'a self, app: &'a App, access: &'a Access) -> Whole<'a> {
        Whole {
            cx: &access.cx,
            zone: &access.shop.zone,
            lake: &app.place.lake,
            mirror: &self.mirror,
            scores: &self.scores,
            stages: &self.stages,
            sales: &self.sales,
            sets: &self.sets,
            threads: available_parallelism().map_or(1, usize::from),
        }
    }
}

impl App {
    /// The stages of everybody's life with the shop.
    pub(super) async fn stages(&self, access: &Access) -> Result<Arc<Vec<Stage>>> {
        let make = async {
            let (mirror, sales) = (self.mirror(access.cx.shop).await, self.sales(access).await?);
            let wish = lifecycle::setting(&access.cx).await?;
            let (zone, now) = (access.shop.zone.clone(), access.cx.now);
            apart(move || Ok(lifecycle::stages(&mirror, &sales, (&zone, zone.date(now)), &wish)))
                .await
        };
        self.figures.stages.get((access.cx.shop, access.cx.now), make).await
    }

    /// What an answer needs, of what is there now.
    pub(super) async fn hold(&self, access: &Access, needs: &Needs) -> Result<Held> {
        let (scores, stages) = match needs.scores {
            true => (self.scores(access).await?, self.stages(access).await?),
            false => (Arc::default(), Arc::default()),
        };
        let sales = if needs.history { self.sales(access).await? } else { Arc::default() };
        Ok(Held {
            mirror: self.mirror(access.cx.shop).await,
            scores,
            stages,
            sales,
            sets: segment::sets(&access.cx, needs).await?,
        })
    }

    /// How many the segments have that every shop can begin with, in their order.
    pub(super) async fn ready_sizes(&self, access: &Access) -> Result<Arc<Vec<i64>>> {
        let make = async {
            let mut sizes = Vec::new();
            for ready in ready::all()? {
                let meant = self.meant(access, &expr::read(&ready.expr)?).await?;
                sizes.push(i64::try_from(meant.len()).unwrap_or(i64::MAX));
            }
            Ok(sizes)
        };
        self.figures.ready.get((access.cx.shop, access.cx.now), make).await
    }

    /// The customers whom conditions mean.
    pub(super) async fn meant(&self, access: &Access, expr: &Expr) -> Result<RoaringBitmap> {
        let needs = Needs::of(expr);
        let held = self.hold(access, &needs).await?;
        let _turn = if needs.history { Some(self.scans.take(access.cx.shop).await?) } else { None };
        let here = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| here.block_on(held.shop(self, access).members(expr)))
    }
}

/// The segments of every shop that are kept up to date.
#[derive(Default)]
pub(crate) struct Watches(HashMap<ShopId, Watch>);

impl Watches {
    /// Brings every shop's segments up to date; whether anybody entered or left one.
    ///
    /// # Errors
    /// What the store or the lake reports.
    pub(crate) async fn turn(&mut self, app: &App) -> Result<bool> {
        let cx = app.place.cx();
        let mut moved = false;
        for shop in shop::list(&cx).await? {
            let watch = self.0.entry(shop.id).or_default();
            let cx = cx.of(shop.id);
            if !watch.refresh(&cx).await? {
                continue;
            }
            let access = Access { cx, shop, permissions: Permissions::default() };
            let held = app.hold(&access, &watch.needs()).await?;
            let turn = watch.turn(&held.shop(app, &access)).await?;
            moved |= turn.moved > 0;
        }
        Ok(moved)
    }
}
