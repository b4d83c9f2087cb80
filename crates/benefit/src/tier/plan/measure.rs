//! What people have of what levels take: everybody's at once, out of the orders in memory and the
//! ledger.

use base::{Date, Result, Zone};
use roaring::RoaringBitmap;
use stratify::roster::Renumbering;
use stratify::sales::{Sale, Sales};

use super::rule::{Need, Plan};

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// What people have bought and what they hold, each by their number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measures {
    /// Money paid less money given back, minor units.
    pub spend: Vec<i64>,
    /// Paid orders of which something is left.
    pub orders: Vec<i64>,
    /// Growth.
    pub growth: Vec<i64>,
}

/// From which second on, and to which, sales count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds(i64, i64);

impl Seconds {
    /// Those of local days; of no first one, all before the last.
    ///
    /// # Errors
    /// `bad_input` when a day lies beyond the calendar.
    pub fn of(zone: &Zone, (first, last): (Option<Date>, Date)) -> Result<Self> {
        let from = match first {
            Some(day) => zone.start_of(day)?.micros().div_euclid(SECOND),
            None => i64::MIN,
        };
        Ok(Self(from, zone.end_of(last)?.micros().div_euclid(SECOND)))
    }

    fn hold(self, sale: &Sale) -> bool {
        (self.0..=self.1).contains(&i64::from(sale.sold))
    }
}

fn add(values: &mut Vec<i64>, person: u32, amount: i64) {
    let Ok(place) = usize::try_from(person) else { return };
    if values.len() <= place {
        values.resize(place + 1, 0);
    }
    if let Some(value) = values.get_mut(place) {
        *value = value.saturating_add(amount);
    }
}

fn of(values: &[i64], person: u32) -> i64 {
    usize::try_from(person).ok().and_then(|place| values.get(place)).copied().unwrap_or(0)
}

fn at_least(values: &[i64], amount: i64) -> RoaringBitmap {
    let people = (0_u32..).zip(values).skip(1);
    people.filter(|(_, value)| **value >= amount).map(|(person, _)| person).collect()
}

impl Measures {
    /// What people bought within some seconds: all, or one of them.
    #[must_use]
    pub fn bought(sales: &Sales, within: Seconds, only: Option<u32>) -> Self {
        let mut own = Self::default();
        let counts = |sale: &Sale| {
            sale.person > 0 && only.is_none_or(|one| one == sale.person) && within.hold(sale)
        };
        for sale in sales.iter().filter(counts) {
            add(&mut own.spend, sale.person, sale.net_minor());
            if sale.is_paid() && sale.net_minor() > 0 {
                add(&mut own.orders, sale.person, 1);
            }
        }
        own
    }

    /// Adds growth, told by the numbers under which it was booked.
    pub fn grow(&mut self, numbers: &Renumbering, held: &[(i64, i64)]) {
        for (label, amount) in held {
            if let Ok(label) = u32::try_from(*label) {
                add(&mut self.growth, numbers.number(label), *amount);
            }
        }
    }

    /// What somebody has of something that a level takes; none for a segment.
    #[must_use]
    pub fn has(&self, person: u32, need: &Need) -> Option<i64> {
        let values = match need {
            Need::Spend { .. } => &self.spend,
            Need::Orders { .. } => &self.orders,
            Need::Growth { .. } => &self.growth,
            Need::Segment { .. } => return None,
        };
        Some(of(values, person))
    }

    /// What some people have together of money and orders.
    #[must_use]
    pub fn of_people(&self, people: &RoaringBitmap) -> (i64, i64) {
        let sum = |values: &[i64]| people.iter().map(|person| of(values, person)).sum();
        (sum(&self.spend), sum(&self.orders))
    }

    fn meets(&self, need: &Need, segment: impl Fn(i64) -> Option<RoaringBitmap>) -> Met {
        match need {
            Need::Spend { at_least: amount } => Some(at_least(&self.spend, *amount)),
            Need::Orders { at_least: amount } => Some(at_least(&self.orders, *amount)),
            Need::Growth { at_least: amount } => Some(at_least(&self.growth, *amount)),
            Need::Segment { segment: number } => segment(*number),
        }
    }

    /// Who has what each level of the plan takes, in its order; none where a segment is not known.
    pub fn met(&self, plan: &Plan, segment: impl Fn(i64) -> Option<RoaringBitmap>) -> Vec<Met> {
        let level = |own: &super::rule::Level| {
            let mut needs = own.needs.iter().map(|need| self.meets(need, &segment));
            let first = needs.next().unwrap_or_else(|| Some(RoaringBitmap::new()))?;
            needs.try_fold(first, |all, one| {
                let one = one?;
                Some(if own.all { all & one } else { all | one })
            })
        };
        plan.levels.iter().map(level).collect()
    }
}

/// Who has what a level takes; none where that is not known now.
pub type Met = Option<RoaringBitmap>;
