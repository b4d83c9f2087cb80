//! All that conditions on a shop's customers ask for, held for as long as one answer takes; and
//! keeping the members of segments up to date.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::available_parallelism;

use base::{Result, ShopId, Zone};
use benefit::checkout;
use benefit::earn;
use benefit::exchange;
use benefit::ledger;
use benefit::tier::{self, plan};
use roaring::RoaringBitmap;
use serde_json::Value;
use store::{Cx, shop};
use stratify::audience::{self, Breakdown, Question};
use stratify::carts::Carts;
use stratify::expr::whole::Shop as Whole;
use stratify::expr::{self, Expr, Needs, Sets};
use stratify::lifecycle::{self, Stage};
use stratify::mirror::Mirror;
use stratify::sales::Sales;
use stratify::segment::{self, Segment, Watch, ready};
use stratify::tag;

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
    carts: Arc<Carts>,
    pub(super) sets: Sets,
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
            carts: &self.carts,
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
        let mut sets = segment::sets(&access.cx, needs).await?;
        sets.gauges = ledger::gauges(&access.cx, &needs.gauges).await?;
        Ok(Held {
            mirror: self.mirror(access.cx.shop).await,
            scores,
            stages,
            sales,
            carts: if needs.carts { self.carts(access).await? } else { Arc::default() },
            sets,
        })
    }

    /// Everybody's open cart.
    async fn carts(&self, access: &Access) -> Result<Arc<Carts>> {
        let make = Carts::load(&access.cx);
        self.figures.carts.get((access.cx.shop, access.cx.now), make).await
    }

    /// How many the segments have that every shop can begin with, in their order.
    pub(super) async fn ready_sizes(&self, access: &Access) -> Result<Arc<Vec<ReadySize>>> {
        let make = async {
            let mut sizes = Vec::new();
            for ready in ready::all()? {
                let expr = expr::read(&ready.expr)?;
                let meant = self.look(access, &expr).await?;
                let key = audience::key(&ready.expr);
                let count = self.size(access, &meant, (&key, &expr)).await?;
                sizes.push(ReadySize { count, private: meant.private });
            }
            Ok(sizes)
        };
        self.figures.ready.get((access.cx.shop, access.cx.now), make).await
    }

    /// The customers whom conditions mean, where they may be seen.
    pub(super) async fn meant(&self, access: &Access, expr: &Expr) -> Result<RoaringBitmap> {
        let meant = self.look(access, expr).await?;
        if meant.private { Err(segment::hidden()) } else { Ok(meant.members) }
    }

    /// The customers whom conditions mean, and what they were found by.
    pub(super) async fn look(&self, access: &Access, expr: &Expr) -> Result<Meant> {
        let needs = Needs::of(expr);
        let held = self.hold(access, &needs).await?;
        let _turn = if needs.history { Some(self.scans.take(access.cx.shop).await?) } else { None };
        let here = tokio::runtime::Handle::current();
        let work = || here.block_on(held.shop(self, access).members(expr));
        let members = tokio::task::block_in_place(work)?;
        Ok(Meant { private: held.sets.are_private(expr), held, members })
    }

    /// How many they are, as far as it may be told.
    pub(super) async fn size(
        &self,
        access: &Access,
        meant: &Meant,
        (key, expr): (&str, &Expr),
    ) -> Result<Option<i64>> {
        let Meant { held, members, private } = meant;
        if !private {
            return Ok(Some(i64::try_from(members.len()).unwrap_or(i64::MAX)));
        }
        let shop = held.shop(self, access);
        let question = Question { key, expr, members };
        let here = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| here.block_on(audience::size(&shop, &question)))
    }

    /// How many are in a segment, as far as it may be told.
    pub(super) async fn segment_size(
        &self,
        access: &Access,
        segment: &Segment,
    ) -> Result<Option<i64>> {
        if !segment.private || segment.size.is_none() {
            return Ok(segment.size);
        }
        let (meant, conditions, expr) = self.of_segment(access, segment).await?;
        self.size(access, &meant, (&audience::key(&conditions), &expr)).await
    }

    /// A segment by its most telling fields.
    pub(super) async fn breakdown(
        &self,
        access: &Access,
        segment: &Segment,
    ) -> Result<Vec<Breakdown>> {
        let (meant, conditions, expr) = self.of_segment(access, segment).await?;
        let (shop, key) = (meant.held.shop(self, access), audience::key(&conditions));
        if !meant.private {
            let work = || audience::open_breakdown(&shop, &meant.members);
            return Ok(tokio::task::block_in_place(work));
        }
        let question = Question { key: &key, expr: &expr, members: &meant.members };
        let here = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| here.block_on(audience::breakdown(&shop, &question)))
    }

    /// Who is in a segment, by which conditions.
    async fn of_segment(&self, access: &Access, segment: &Segment) -> Result<(Meant, Value, Expr)> {
        let members = segment::audience(&access.cx, segment).await?;
        // A list that was private is about people whom nothing else tells.
        let conditions = segment.conditions()?.unwrap_or(Value::Null);
        let expr = segment.expr()?.unwrap_or(Expr::All(Vec::new()));
        let held = self.hold(access, &Needs::of(&expr)).await?;
        Ok((Meant { held, members, private: segment.private }, conditions, expr))
    }
}

/// Customers whom conditions mean, with what they were found by.
pub(super) struct Meant {
    held: Held,
    /// They.
    pub(super) members: RoaringBitmap,
    /// Whether nobody may see them.
    pub(super) private: bool,
}

/// How many a segment to begin with would have.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadySize {
    /// How many, as far as it may be told.
    pub(super) count: Option<i64>,
    /// Whether it would be private.
    pub(super) private: bool,
}

/// The segments of every shop that are kept up to date.
#[derive(Default)]
pub(crate) struct Watches(HashMap<ShopId, Keepers>);

/// What keeps one shop's sets of customers, and what they have, up to date.
#[derive(Default)]
struct Keepers {
    segments: Watch,
    levels: tier::Keeper,
    plan: plan::Keeper,
    earned: earn::Keeper,
}

impl Watches {
    /// Brings every shop's segments up to date; whether anybody entered or left one.
    ///
    /// # Errors
    /// What the store or the lake reports.
    pub(crate) async fn turn(&mut self, app: &App) -> Result<bool> {
        let cx = app.place.cx();
        let mut moved = false;
        for shop in shop::list(&cx).await? {
            let keepers = self.0.entry(shop.id).or_default();
            // A turn over many shops takes a while, and what ends ends by the clock.
            let cx = app.place.cx().of(shop.id);
            tag::expire(&cx).await?;
            ledger::settle_due(&cx, &shop.zone).await?;
            if let Err(error) = let_go(&cx, &shop.zone).await {
                // Who is in which segment does not wait for it.
                tracing::warn!(error = %error.chain(), "what is held is not let go of yet");
            }
            let access = Access { cx, shop, permissions: Permissions::default() };
            if let Err(error) = settle_plan(app, &access, &mut keepers.plan).await {
                tracing::warn!(error = %error.chain(), "levels are not worked out yet");
            }
            // Segments may name levels.
            keepers.levels.turn(&access.cx).await?;
            if let Err(error) = settle_earned(app, &access, &mut keepers.earned).await {
                // Who is in which segment does not wait for it.
                tracing::warn!(error = %error.chain(), "what customers earn is not booked yet");
            }
            let watch = &mut keepers.segments;
            if !watch.refresh(&access.cx).await? {
                continue;
            }
            let held = app.hold(&access, &watch.needs()).await?;
            let turn = watch.turn(&held.shop(app, &access)).await?;
            moved |= turn.moved > 0;
        }
        Ok(moved)
    }
}

/// Lets go of checkouts and exchanges whose time is over.
async fn let_go(cx: &Cx, zone: &Zone) -> Result<()> {
    checkout::lapse(cx).await?;
    exchange::lapse(cx, zone).await.map(drop)
}

/// Has everybody the level that they reached.
async fn settle_plan(app: &App, access: &Access, keeper: &mut plan::Keeper) -> Result<()> {
    let of = (&access.cx, &access.shop.zone);
    let Some(seen) = keeper.due(of.0, of.1).await? else { return Ok(()) };
    let sales = app.sales(access).await?;
    keeper.turn(of, &sales, seen).await.map(drop)
}

/// Has everybody what they should have by the rules of a shop.
async fn settle_earned(app: &App, access: &Access, keeper: &mut earn::Keeper) -> Result<()> {
    let Some(needs) = keeper.refresh(&access.cx).await? else { return Ok(()) };
    let held = app.hold(access, &needs).await?;
    keeper.turn(&held.shop(app, access)).await.map(drop)
}
