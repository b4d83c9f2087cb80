//! When somebody buys: the first order, the part taken in 双11, and every paid order.
//!
//! Orders follow a Poisson process of the person's own rate in days that seasons stretch, from the
//! first order until the person drops out. 11 November stands outside it: who takes part is drawn,
//! and their orders before it are arranged so that the planted shares hold.

use crate::calendar::{Calendar, day_of};
use crate::draw::{Draw, Purpose};
use crate::facts;
use crate::person::{Bent, Person};

/// Paid orders of one person.
const ORDERS_MAX: usize = 400;

/// What is true of somebody's orders before an 11 November on which they buy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Before {
    /// They do not buy on it.
    #[default]
    Absent,
    /// One within 30 days.
    Month,
    /// None within 30 days, but one within 90.
    Quarter,
    /// None within 90 days.
    Nothing,
}

/// The two 11 Novembers of the record; there are never more.
pub(crate) type Elevens = [Before; 2];

/// The moment at which the first order is paid and the part taken in each 双11. `before` says
/// what holds for a participant of the numbered 双11; it is asked in the order of time.
pub(crate) fn settle(
    seed: u64,
    person: &Person,
    calendar: &Calendar,
    mut before: impl FnMut(usize) -> Before,
) -> (Option<i64>, Elevens) {
    let mut elevens = Elevens::default();
    if person.bent != Bent::Buy {
        return (None, elevens);
    }
    let draw = &mut Draw::of(seed, u64::from(person.index), Purpose::Settle);
    let mut first = first_order(person, calendar, draw);
    let share = (person.purchase_rate * facts::ELEVEN_DAYS).min(facts::ELEVEN_MOST);
    for (at, (eleven, part)) in calendar.elevens.iter().zip(&mut elevens).enumerate() {
        let since = eleven - day_of(first);
        // Who has been seen for so long has room for any arrangement.
        let seen = eleven - person.first_day() >= 60;
        if !seen || since <= 0 || since >= person.days() || !draw.chance(share) {
            continue;
        }
        *part = before(at);
        let moved = match *part {
            Before::Quarter if since < 33 => {
                let earliest = (eleven - 88).max(person.first_day() + 1);
                Some(draw.day(earliest, eleven - 33))
            }
            Before::Nothing if since <= 92 => Some(*eleven),
            _ => None,
        };
        if let Some(day) = moved {
            first = calendar.moment(day, draw);
        }
    }
    ((first < calendar.end()).then_some(first), elevens)
}

fn first_order(person: &Person, calendar: &Calendar, draw: &mut Draw) -> i64 {
    let mut first = person.first_seen + draw.between(40 * 60, 95 * 60);
    if !draw.chance(0.45) {
        // Whoever waits does so past the days on which few buy.
        for _ in 0..6 {
            let day = person.first_day() + 1 + draw.exponential(14.0) as i32;
            first = calendar.moment(day, draw);
            if draw.chance(f64::from(calendar.day(day).pull) / 1000.0) {
                break;
            }
        }
    }
    let after = calendar.is_eleven(day_of(first));
    first + if after { crate::calendar::DAY } else { 0 }
}

/// The moments at which a person pays for orders, in order.
pub(crate) fn payments(
    seed: u64,
    person: &Person,
    calendar: &Calendar,
    (first, elevens): (i64, Elevens),
) -> Vec<i64> {
    let draw = &mut Draw::of(seed, u64::from(person.index), Purpose::Orders);
    let start = day_of(first);
    let last = start.saturating_add(person.days());
    let mut paid = vec![first];
    let mut bought = calendar.bought(start);
    while paid.len() < ORDERS_MAX {
        bought += draw.exponential(1.0 / person.purchase_rate.max(1e-9));
        let Some(day) = calendar.when_bought(bought).filter(|day| *day <= last) else { break };
        paid.push(calendar.moment(day, draw));
    }
    for (eleven, before) in calendar.elevens.iter().zip(elevens) {
        arrange(&mut paid, (*eleven, before), calendar, draw);
    }
    paid.sort_unstable();
    paid
}

/// Makes true of `paid` what holds before one 双11. The edges keep a day or two of distance, so
/// that it holds by days and by hours.
fn arrange(
    paid: &mut Vec<i64>,
    (eleven, before): (i32, Before),
    calendar: &Calendar,
    draw: &mut Draw,
) {
    if before == Before::Absent {
        return;
    }
    let start = paid.first().map_or(eleven, |first| day_of(*first));
    let any = |paid: &[i64], from: i32, to: i32| {
        paid.iter().any(|moment| (eleven - from..=eleven - to).contains(&day_of(*moment)))
    };
    let (forbidden, wanted) = match before {
        Before::Month => (0, Some((29, 1))),
        Before::Quarter => (31, Some((89, 32))),
        _ => (92, None),
    };
    paid.retain(|moment| !(eleven - forbidden..eleven).contains(&day_of(*moment)));
    if let Some((from, to)) = wanted.filter(|(from, to)| !any(paid, *from, *to)) {
        // Half of those who still lack an order before buy in the days that lead up to it.
        let near = before == Before::Month && draw.chance(0.45);
        let (earliest, latest) = if near { (10, 1) } else { (from, to) };
        let day = draw.day((eleven - earliest).max(start + 1), eleven - latest);
        paid.push(calendar.moment(day, draw));
    }
    if start != eleven {
        paid.push(calendar.moment(eleven, draw));
    }
}
