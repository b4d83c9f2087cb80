//! What a plan would do and cost before it is switched on, and what is missing to somebody's next
//! level.

use std::collections::BTreeMap;

use base::{Date, Result, Zone};
use roaring::RoaringBitmap;
use store::Cx;
use stratify::roster;
use stratify::sales::Sales;

use super::measure::{Measures, Seconds};
use super::rule::{Benefits, Need, Plan, WHOLE};
use super::{check, look};
use crate::earn::rule::ONCE;
use crate::ledger::{self, Unit};
use crate::tier::rule::{Effect, effect, moves};
use crate::tier::{self, standing};

/// Days of what customers did by which it is told what a year costs.
const YEAR_DAYS: i32 = 365;

/// What a plan would do for one level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelForeseen {
    /// The level's number.
    pub tier: i64,
    /// People who have it now.
    pub before: u64,
    /// People who would have it.
    pub after: u64,
    /// What those spent in the last 365 days, minor units.
    pub spent_minor: i64,
    /// Their paid orders of that time.
    pub orders: i64,
    /// What the discount would have taken off that, minor units.
    pub discount_minor: i64,
    /// How many more points they would have earned than they did.
    pub points: i64,
}

/// What a plan would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// Level by level, the lowest first.
    pub levels: Vec<LevelForeseen>,
    /// Whose level would change, of everybody who has one now or would.
    pub effect: Effect,
}

/// What a plan would do if it were switched on now, and what its levels would have cost in the
/// last 365 days; nothing changes.
///
/// # Errors
/// As [`super::set`].
pub async fn foreseen((cx, zone): (&Cx, &Zone), sales: &Sales, plan: &Plan) -> Result<Foreseen> {
    check(cx, plan).await?;
    let looked = look((cx, zone), sales, (plan, None)).await?;
    let mut tx = cx.read().await?;
    let tiers = tier::all(&mut tx).await?;
    let active = super::get(&mut tx).await?.active;
    let now = standing::held(&mut tx, cx.now, (&tiers, active)).await?.levels();
    // A plan that is switched off leaves nobody what they reached by it.
    let mut before = standing::held(&mut tx, cx.now, (&tiers, plan.active)).await?;
    if plan.active {
        for (level, met) in plan.levels.iter().zip(looked.met) {
            let place = tiers.iter().position(|tier| tier.number == level.tier);
            if let (Some(place), Some(met)) = (place, met) {
                before.give((place, false), &met);
            }
        }
    }
    let then = before.levels();
    let year = Date(looked.today.0.saturating_sub(YEAR_DAYS - 1));
    let within = Seconds::of(zone, (Some(year), looked.today))?;
    let bought = Measures::bought(sales, within, None);
    let numbers = roster::renumbering(&mut tx).await?;
    let mut earned = BTreeMap::<u32, i64>::new();
    let since = zone.start_of(year)?;
    for (label, amount) in ledger::earned(&mut tx, Unit::Points, since).await? {
        if let Ok(label) = u32::try_from(label) {
            *earned.entry(numbers.number(label)).or_default() += amount;
        }
    }
    let level = |((tier, before), people): ((&tier::Tier, &RoaringBitmap), &RoaringBitmap)| {
        let benefits = plan.level(tier.number).map(|level| level.benefits.clone());
        let (spent_minor, orders) = bought.of_people(people);
        let points = earned.iter().filter(|(own, _)| people.contains(**own));
        let points = points.map(|(_, amount)| amount).sum();
        let (discount_minor, points) = cost(&benefits.unwrap_or_default(), (spent_minor, points));
        let (before, after) = (before.len(), people.len());
        LevelForeseen {
            tier: tier.number,
            before,
            after,
            spent_minor,
            orders,
            discount_minor,
            points,
        }
    };
    let levels = tiers.iter().zip(&now).zip(&then).map(level).collect();
    let all = now.iter().chain(&then).fold(RoaringBitmap::new(), |all, people| all | people);
    Ok(Foreseen { levels, effect: effect(&all, &moves(&now, &then)) })
}

/// What a level's benefits would have cost of what its people spent and earned: money and points.
fn cost(benefits: &Benefits, (spent, points): (i64, i64)) -> (i64, i64) {
    let share = |amount: i64, part: u32, whole: u32| {
        let all = i128::from(amount.max(0)) * i128::from(part) / i128::from(whole);
        i64::try_from(all).unwrap_or(i64::MAX)
    };
    let more = benefits.points_times.saturating_sub(ONCE);
    (share(spent, u32::from(benefits.discount), u32::from(WHOLE)), share(points, more, ONCE))
}

/// Something that a level takes, and what somebody has of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What it takes.
    pub need: Need,
    /// What they have of it; none for a segment.
    pub has: Option<i64>,
}

/// How somebody stands by the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// What their level brings.
    pub benefits: Benefits,
    /// The next level that can be reached; none for whoever has the highest.
    pub next: Option<Next>,
}

/// What is missing to a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The level's number.
    pub tier: i64,
    /// Whether all of the steps are needed; otherwise one is enough.
    pub all: bool,
    /// What it takes and what they have.
    pub steps: Vec<Step>,
}

/// How a customer stands, whose level is known; nothing while the plan is off.
///
/// # Errors
/// What the store reports.
pub async fn progress(
    (cx, zone): (&Cx, &Zone),
    sales: &Sales,
    (person, own): (i64, Option<i64>),
) -> Result<Progress> {
    let mut tx = cx.read().await?;
    let plan = super::get(&mut tx).await?;
    let tiers = tier::all(&mut tx).await?;
    drop(tx);
    let mut progress = Progress { benefits: plan.benefits(own), next: None };
    let Ok(person) = u32::try_from(person) else { return Ok(progress) };
    if !plan.active {
        return Ok(progress);
    }
    let looked = look((cx, zone), sales, (&plan, Some(person))).await?;
    let place = |number: i64| tiers.iter().position(|tier| tier.number == number);
    let own = own.and_then(place);
    let higher = |level: &&super::rule::Level| !level.needs.is_empty() && place(level.tier) > own;
    progress.next = plan.levels.iter().find(higher).map(|level| Next {
        tier: level.tier,
        all: level.all,
        steps: level
            .needs
            .iter()
            .map(|need| Step { need: *need, has: looked.measures.has(person, need) })
            .collect(),
    });
    Ok(progress)
}
