//! The shop as a whole: its calendar and catalogue, and what somebody's life needs to know of
//! those before them.

use crate::Plan;
use crate::calendar::{Calendar, DAY};
use crate::catalogue::Catalogue;
use crate::draw::{Draw, Purpose};
use crate::facts;
use crate::person::{Bent, Person};
use crate::settle::{Before, Elevens, payments, settle};

/// Nobody in [`Known::first_order`].
const NEVER: u32 = u32::MAX;

/// Whom one may have been introduced by is looked for so many times.
const LOOKS: usize = 16;

/// What is kept of everyone.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// Seconds from the opening to the first paid order.
    first_order: u32,
    /// Seconds from the opening to the first visit.
    first_seen: u32,
    elevens: Elevens,
}

/// The shop.
#[derive(Debug)]
pub(crate) struct Shop {
    /// What was asked for.
    pub(crate) plan: Plan,
    /// Its days.
    pub(crate) calendar: Calendar,
    /// Its products.
    pub(crate) catalogue: Catalogue,
    people: Vec<Known>,
}

/// A person with everything that is settled before the details of their life.
#[derive(Debug)]
pub(crate) struct Fate {
    /// Who they are.
    pub(crate) person: Person,
    /// The moment at which they register; none when they stay anonymous.
    pub(crate) registered: Option<i64>,
    /// The moments at which they pay, in order.
    pub(crate) paid: Vec<i64>,
    /// Who introduced them.
    pub(crate) introduced_by: Option<u32>,
}

impl Shop {
    /// The shop of `plan`.
    pub(crate) fn of(plan: &Plan) -> Self {
        let calendar = Calendar::of(plan);
        let catalogue = Catalogue::of(plan.seed, &calendar);
        let opened = i64::from(calendar.opening) * DAY;
        let since = |moment: i64| u32::try_from(moment - opened).unwrap_or(NEVER);
        let mut counts = [0_u64; 2];
        let people = (0..plan.customers).map(|index| {
            let person = Person::draw(plan.seed, index, &calendar);
            let (first, elevens) = settle(plan.seed, &person, &calendar, |at| {
                counts.get_mut(at).map_or(Before::Absent, |count| {
                    *count += 1;
                    before(plan.seed, at, *count - 1)
                })
            });
            let first_order = first.map_or(NEVER, since);
            Known { first_order, first_seen: since(person.first_seen), elevens }
        });
        let people = people.collect();
        Self { plan: *plan, calendar, catalogue, people }
    }

    /// The moment of the first visit of the customer at `index`.
    pub(crate) fn first_seen(&self, index: u32) -> i64 {
        self.moment(self.known(index).map_or(NEVER, |known| known.first_seen))
    }

    /// What is settled about the customer at `index`.
    pub(crate) fn fate(&self, index: u32) -> Fate {
        let seed = self.plan.seed;
        let person = Person::draw(seed, index, &self.calendar);
        let known = self.known(index);
        let elevens = known.map_or_else(Elevens::default, |known| known.elevens);
        let (first, _) = settle(seed, &person, &self.calendar, |at| {
            elevens.get(at).copied().unwrap_or_default()
        });
        let paid = first.map_or_else(Vec::new, |first| {
            payments(seed, &person, &self.calendar, (first, elevens))
        });
        let registered = registered(&person, first);
        let introduced_by = registered.and_then(|moment| self.introducer(index, moment));
        Fate { person, registered, paid, introduced_by }
    }

    fn known(&self, index: u32) -> Option<&Known> {
        self.people.get(usize::try_from(index).ok()?)
    }

    fn moment(&self, since: u32) -> i64 {
        i64::from(self.calendar.opening) * DAY + i64::from(since)
    }

    /// A buyer from before `registered`. The cube of a uniform draw makes those who come first in
    /// the list introduce many and most nobody, as Zipf's law has it.
    fn introducer(&self, index: u32, registered: i64) -> Option<u32> {
        let draw = &mut Draw::of(self.plan.seed, u64::from(index), Purpose::Introducer);
        if !draw.chance(facts::INTRODUCED) {
            return None;
        }
        (0..LOOKS).find_map(|_| {
            let u = draw.unit();
            let candidate = (u * u * u * f64::from(index)) as u32;
            let first = self.known(candidate).map_or(NEVER, |known| known.first_order);
            (candidate < index && first != NEVER && self.moment(first) < registered)
                .then_some(candidate)
        })
    }
}

/// Buyers register in their first visit or just before they order, others in their first visit.
fn registered(person: &Person, first: Option<i64>) -> Option<i64> {
    let at_once = person.first_seen + 600;
    match first {
        Some(first) if person.registers => Some(at_once.min(first - 1200)),
        Some(first) => Some(first - 1200),
        None if person.registers || person.bent == Bent::Order => Some(at_once),
        None => None,
    }
}

/// What holds for the participant `count` of a numbered 双11: of ten who follow each other, eight
/// bought within a month, one within a quarter and one not at all, in an order that is drawn.
fn before(seed: u64, eleven: usize, count: u64) -> Before {
    let block = eleven as u64 | (count / 10) << 8;
    let mut draw = Draw::of(seed, block, Purpose::Shares);
    let month = (facts::ELEVEN_WITHIN_30_DAYS * 10.0 + 0.5) as u64;
    let quarter = (facts::ELEVEN_WITHIN_90_DAYS * 10.0 + 0.5) as u64 - month;
    // Both steps permute the ten; the second keeps the rarer ones from being neighbours.
    let place = (count + draw.below(10)) % 10;
    let rank = place * if draw.chance(0.5) { 3 } else { 7 } % 10;
    match rank {
        rank if rank < month => Before::Month,
        rank if rank < month + quarter => Before::Quarter,
        _ => Before::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_in_a_row_hold_the_planted_shares() {
        for block in 0..50 {
            let marks: Vec<Before> = (0..10).map(|at| before(7, 1, block * 10 + at)).collect();
            let count = |what| marks.iter().filter(|mark| **mark == what).count();
            assert_eq!(count(Before::Month), 8);
            assert_eq!((count(Before::Quarter), count(Before::Nothing)), (1, 1));
        }
    }
}
