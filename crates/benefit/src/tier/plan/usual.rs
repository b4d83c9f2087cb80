//! The plan that a shop begins with, drawn from what its own customers bought.

use base::{Result, Zone};
use store::Cx;
use stratify::sales::Sales;

use super::measure::{Measures, Seconds};
use super::rule::{Benefits, Keep, Level, Need, Plan, Window};
use crate::earn::rule::ONCE;
use crate::tier;

/// Of the buyers of a level so many, in ten-thousandths, reach the next higher one: a fifth, after
/// Pareto.
const SHARE: u64 = 2_000;
/// A whole, in ten-thousandths.
const WHOLE: u64 = 10_000;
/// Days over which what customers bought counts, and for which a level stays.
const DAYS: u16 = 365;
/// Days of grace: a month in which somebody can still make it.
const GRACE_DAYS: u16 = 30;
/// Multipliers of points in thousandths, by place; those of the last for all above.
const POINTS: [u32; 5] = [ONCE, 1_200, 1_500, 1_800, 2_000];
/// Discounts in ten-thousandths, by place; those of the last for all above.
const DISCOUNTS: [u16; 5] = [0, 200, 500, 800, 1_000];
/// Hours by which the highest level buys earlier.
const EARLY_HOURS: u16 = 24;

/// A plan for the levels that the shop has, whose amounts follow from what its customers bought in
/// the last year: the lowest level for everybody who bought, each next one for about a fifth of the
/// one below. It is not stored, and off.
///
/// # Errors
/// What the store reports.
pub async fn usual((cx, zone): (&Cx, &Zone), sales: &Sales) -> Result<Plan> {
    let tiers: Vec<i64> = tier::list(cx).await?.into_iter().map(|tier| tier.number).collect();
    let window = Window::Days { days: DAYS };
    let (keep, grace_days) = (Keep::Days { days: DAYS }, GRACE_DAYS);
    let mut plan = Plan { window, keep, grace_days, ..Plan::default() };
    let within = Seconds::of(zone, plan.span(zone.date(cx.now)))?;
    let bought = Measures::bought(sales, within, None);
    plan.levels = levels(&tiers, &bought);
    Ok(plan)
}

/// What levels take and bring, the lowest first.
#[must_use]
pub fn levels(tiers: &[i64], bought: &Measures) -> Vec<Level> {
    let sorted = |values: &[i64]| {
        let mut own: Vec<i64> = values.iter().copied().filter(|value| *value > 0).collect();
        own.sort_unstable_by(|one, other| other.cmp(one));
        own
    };
    let (spend, orders) = (sorted(&bought.spend), sorted(&bought.orders));
    let (mut share, mut before) = (WHOLE, (0, 1));
    let mut all = Vec::with_capacity(tiers.len());
    for (place, tier) in tiers.iter().enumerate() {
        let mut needs = vec![Need::Orders { at_least: 1 }];
        if place > 0 {
            share = share * SHARE / WHOLE;
            // Each takes more than the one below, also where few have bought.
            before.0 = round_up(at(&spend, share).max(before.0 + 1));
            before.1 = at(&orders, share).max(before.1 + 1);
            needs = vec![Need::Spend { at_least: before.0 }, Need::Orders { at_least: before.1 }];
        }
        let top = place > 0 && place + 1 == tiers.len();
        let benefits = Benefits {
            points_times: of(&POINTS, place),
            discount: of(&DISCOUNTS, place),
            free_shipping: top,
            early_hours: if top { EARLY_HOURS } else { 0 },
            others: Vec::new(),
        };
        all.push(Level { tier: *tier, needs, all: false, lifetime: false, benefits });
    }
    all
}

fn of<T: Copy + Default>(values: &[T], place: usize) -> T {
    values.get(place).or(values.last()).copied().unwrap_or_default()
}

/// The least of the largest values that are so large a share of all; 0 of none.
fn at(values: &[i64], share: u64) -> i64 {
    let count = u64::try_from(values.len()).unwrap_or(u64::MAX);
    let place = usize::try_from(count.saturating_mul(share) / WHOLE).unwrap_or(usize::MAX);
    values.get(place).or(values.last()).copied().unwrap_or(0)
}

/// The next amount that people would write down: two digits and noughts.
fn round_up(amount: i64) -> i64 {
    let mut unit = 1;
    while amount / unit >= 100 {
        unit *= 10;
    }
    amount.div_euclid(unit).saturating_add(i64::from(amount % unit != 0)).saturating_mul(unit)
}
