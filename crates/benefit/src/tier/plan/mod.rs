//! 会员等级方案: how customers come to levels by what they do, for how long, and what levels bring.
//!
//! What somebody reached is kept as a term: who has which level until when. A term ends by itself,
//! and whoever has what the level takes by then has it again; so a review is no operation, and
//! what a day without a machine missed is made up for by the next.

pub mod foreseen;
pub mod measure;
pub mod rule;
pub(super) mod sql;
#[cfg(test)]
mod tests;
pub mod usual;

use std::collections::{BTreeMap, HashMap};

use base::{Code, Date, Result, Time, Zone};
use perceive::{identity, order};
use roaring::RoaringBitmap;
use store::audit::{self, Deed};
use store::{Cx, Tx, counter, setting};
use stratify::roster::{self, Renumbering};
use stratify::sales::Sales;
use stratify::segment;

use super::standing;
use crate::ledger::{self, Unit};
use measure::{Measures, Met, Seconds};
use rule::{Need, Plan, Terms, Until};
use sql::Term;

/// The name of the setting.
const SETTING: &str = "tier.plan";
/// The series of changes of the plan.
const PLANS: &str = "tier_plan";
/// How often what customers did is looked at again at the most, in microseconds.
const EVERY_MICROS: i64 = 5 * 1_000_000;
/// How often segments are looked at, in microseconds.
const SEGMENTS_MICROS: i64 = 30 * 1_000_000;

/// The plan of the context's shop.
///
/// # Errors
/// What the store reports.
pub async fn get(tx: &mut Tx) -> Result<Plan> {
    setting::get(tx, SETTING).await
}

/// Sets the plan. What customers reached stays for its time.
///
/// # Errors
/// `bad_input` that says what will not do; `forbidden` for a segment that nobody may see.
pub async fn set(cx: &Cx, new: &Plan) -> Result<()> {
    check(cx, new).await?;
    let mut tx = cx.write().await?;
    let before = get(&mut tx).await?;
    setting::set(&mut tx, SETTING, new).await?;
    touch(&mut tx).await?;
    let text = |plan: &Plan| serde_json::to_string(plan).ok();
    let deed = Deed { action: "tier.plan", target: "", ..Deed::default() };
    audit::commit(tx, cx, Deed { before: text(&before), after: text(new), ..deed }).await
}

async fn check(cx: &Cx, plan: &Plan) -> Result<()> {
    let tiers: Vec<i64> = super::list(cx).await?.into_iter().map(|tier| tier.number).collect();
    plan.check(&tiers)?;
    for (at, level) in plan.levels.iter().enumerate() {
        for (which, need) in level.needs.iter().enumerate() {
            if let Need::Segment { segment } = need {
                let field = || format!("levels[{at}].needs[{which}].segment");
                segment::open(cx, *segment).await.map_err(|error| error.field(field()))?;
            }
        }
    }
    Ok(())
}

/// Has levels worked out anew of what customers did.
pub(super) async fn touch(tx: &mut Tx) -> Result<()> {
    counter::take(tx, PLANS, 1).await?;
    super::touch(tx).await
}

/// Takes a level out of the plan that is no more.
pub(super) async fn forget(tx: &mut Tx, tier: i64) -> Result<()> {
    sql::forget(tx, tier).await?;
    let mut plan = get(tx).await?;
    if plan.level(tier).is_some() {
        plan.levels.retain(|level| level.tier != tier);
        setting::set(tx, SETTING, &plan).await?;
    }
    Ok(())
}

/// What customers have of what the plan's levels take, and who has enough for each.
pub(super) struct Looked {
    pub(super) measures: Measures,
    pub(super) met: Vec<Met>,
    pub(super) today: Date,
}

/// Looks at what customers have now.
pub(super) async fn look(
    (cx, zone): (&Cx, &Zone),
    sales: &Sales,
    (plan, only): (&Plan, Option<u32>),
) -> Result<Looked> {
    let today = zone.date(cx.now);
    let within = Seconds::of(zone, plan.span(today))?;
    let mut measures = Measures::bought(sales, within, only);
    if plan.takes(|need| matches!(need, Need::Growth { .. })) {
        let mut tx = cx.read().await?;
        let numbers = roster::renumbering(&mut tx).await?;
        measures.grow(&numbers, &ledger::balances(&mut tx, Unit::Growth).await?);
    }
    let mut segments = HashMap::new();
    for need in plan.levels.iter().flat_map(|level| &level.needs) {
        if let Need::Segment { segment } = need {
            segments.insert(*segment, known(segment::members(cx, *segment).await)?);
        }
    }
    let met = measures.met(plan, |number| segments.get(&number).cloned().flatten());
    Ok(Looked { measures, met, today })
}

/// Who is in a segment; none where it is not counted yet, has become private, or is no more.
fn known(members: Result<RoaringBitmap>) -> Result<Option<RoaringBitmap>> {
    match members {
        Ok(members) => Ok(Some(members)),
        Err(error) => match error.code {
            Code::Conflict | Code::Forbidden | Code::NotFound => Ok(None),
            _ => Err(error),
        },
    }
}

/// Has everybody the level that they reached, and nobody one whose time is over; how many people
/// have another level than before.
///
/// # Errors
/// What the store reports.
pub async fn settle((cx, zone): (&Cx, &Zone), sales: &Sales) -> Result<u64> {
    let plan = get(&mut cx.read().await?).await?;
    let looked = look((cx, zone), sales, (&plan, None)).await?;
    let mut tx = cx.write().await?;
    if plan.active {
        turn(&mut tx, zone, (&plan, looked)).await?;
    }
    let moved = standing::refreshed(&mut tx, cx).await?;
    tx.commit().await?;
    Ok(moved)
}

async fn turn(tx: &mut Tx, zone: &Zone, (plan, looked): (&Plan, Looked)) -> Result<()> {
    // The counter's row is locked until the end: nobody else works it out meanwhile.
    counter::take(tx, PLANS, 0).await?;
    let tiers: Vec<i64> = super::all(tx).await?.into_iter().map(|tier| tier.number).collect();
    let numbers = roster::renumbering(tx).await?;
    let stored = sql::list(tx).await?;
    let place = |tier: i64| tiers.iter().position(|own| *own == tier);
    let mut terms = Terms::default();
    for term in &stored {
        if let Some(place) = place(term.tier) {
            *terms.0.entry((place, term.until)).or_default() |= numbers.of(term.people.clone());
        }
    }
    let levels: Vec<_> = tiers.iter().map(|tier| plan.level(*tier)).collect();
    let mut met: Vec<Met> = vec![Some(RoaringBitmap::new()); tiers.len()];
    for (level, own) in plan.levels.iter().zip(looked.met) {
        if let Some(slot) = place(level.tier).and_then(|place| met.get_mut(place)) {
            *slot = own;
        }
    }
    let next = terms.next((plan, looked.today), &levels, &met);
    write(tx, (zone, plan), (&tiers, &numbers), (stored, next)).await
}

/// Writes those terms that are others than before.
async fn write(
    tx: &mut Tx,
    (zone, plan): (&Zone, &Plan),
    (tiers, numbers): (&[i64], &Renumbering),
    (stored, next): (Vec<Term>, Terms),
) -> Result<()> {
    let mut before: BTreeMap<(i64, Until), Term> =
        stored.into_iter().map(|term| ((term.tier, term.until), term)).collect();
    for ((place, until), people) in next.0 {
        let Some(tier) = tiers.get(place).copied() else { continue };
        let own = before.remove(&(tier, until));
        let kept = own.as_ref().map(|own| numbers.labels(&own.people, &people));
        // Whoever had it before is told by the number under which they came to it: two people who
        // were taken for one have each their own again.
        let mut stays = kept.unwrap_or_default();
        stays |= people - numbers.of(stays.clone());
        let ends_at = ends_at(zone, plan, until)?;
        let term = Term { tier, until, ends_at, people: stays };
        if own.as_ref() != Some(&term) {
            sql::put(tx, &term).await?;
        }
    }
    for key in before.into_keys() {
        sql::remove(tx, key).await?;
    }
    Ok(())
}

/// The moment after the last of the days of grace.
fn ends_at(zone: &Zone, plan: &Plan, until: Until) -> Result<Option<Time>> {
    match until {
        Until::Day(day) => {
            let last = Date(day.0.saturating_add(i32::from(plan.grace_days)));
            Ok(Some(zone.end_of(last)?.plus(1)))
        }
        Until::Met | Until::Ever => Ok(None),
    }
}

/// Says when levels are to be worked out of what customers did.
#[derive(Debug, Default)]
pub struct Keeper {
    seen: Option<Seen>,
    orders: i64,
    looked_at: Option<Time>,
}

/// What levels were worked out of: changes of the plan, of who is whom and of growth, and the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    plan: i64,
    moves: i64,
    booked: i64,
    day: Date,
}

impl Keeper {
    /// What there is by which somebody may reach or lose a level; nothing where there is nothing
    /// new.
    ///
    /// # Errors
    /// What the store reports.
    pub async fn due(&self, cx: &Cx, zone: &Zone) -> Result<Option<Seen>> {
        let mut tx = cx.read().await?;
        let plan = get(&mut tx).await?;
        if !plan.active {
            return Ok(None);
        }
        let growth = plan.takes(|need| matches!(need, Need::Growth { .. }));
        let seen = Seen {
            plan: counter::last(&mut tx, PLANS).await?,
            moves: identity::moves(&mut tx).await?,
            booked: if growth { ledger::bookings(&mut tx).await? } else { 0 },
            day: zone.date(cx.now),
        };
        let passed = |micros: i64| self.looked_at.is_none_or(|at| at.plus(micros) <= cx.now);
        let again = self.seen.is_none_or(|old| (old.plan, old.day) != (seen.plan, seen.day));
        let segments = plan.takes(|need| matches!(need, Need::Segment { .. }));
        let due = again
            || segments && passed(SEGMENTS_MICROS)
            || passed(EVERY_MICROS)
                && (self.seen != Some(seen)
                    || !order::since(&mut tx, self.orders, 1).await?.is_empty());
        Ok(due.then_some(seen))
    }

    /// Has everybody the level that they reached by what there is; how many people have another
    /// one than before.
    ///
    /// # Errors
    /// What the store reports.
    pub async fn turn(
        &mut self,
        (cx, zone): (&Cx, &Zone),
        sales: &Sales,
        seen: Seen,
    ) -> Result<u64> {
        let moved = settle((cx, zone), sales).await?;
        *self = Self { seen: Some(seen), orders: sales.version(), looked_at: Some(cx.now) };
        Ok(moved)
    }
}
