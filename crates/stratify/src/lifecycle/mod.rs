//! 生命周期: the stage of everybody's life with the shop, now and at the end of each month before,
//! from the orders that were paid.

pub mod rule;
#[cfg(test)]
mod tests;

use base::{Date, Result, Zone};
use jiff::civil;
use serde::Serialize;
use store::Cx;

use crate::mirror::Mirror;
use crate::rfm::Days;
use crate::sales::Sales;
pub use rule::{Bought, INTERVALS_MIN, Learned, Setting, Stage};

/// The setting's name.
pub const SETTING: &str = "lifecycle";
/// Months that movement is shown for at the most.
pub const MONTHS_MAX: u32 = 36;
/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// How the context's shop parts the stages.
///
/// # Errors
/// What the store reports.
pub async fn setting(cx: &Cx) -> Result<Setting> {
    store::setting::get(&mut cx.read().await?, SETTING).await
}

/// When everybody paid: the days of each person's paid orders, in ascending order.
pub struct Payments {
    /// Where a person's days begin, by place; one more than there are people.
    starts: Vec<u32>,
    days: Vec<i32>,
}

impl Payments {
    /// Those of a shop's orders, up to the end of a day, for `people` places.
    #[must_use]
    pub fn of(sales: &Sales, zone: &Zone, (people, until): (usize, Date)) -> Self {
        let paid = || {
            let paid = sales.iter().filter(|sale| sale.is_paid() && sale.person > 0);
            paid.map(|sale| (sale.person as usize - 1, i64::from(sale.sold) * SECOND))
        };
        let span = paid()
            .fold((i64::MAX, i64::MIN), |(first, last), (_, at)| (first.min(at), last.max(at)));
        let local = Days::between(zone, span.0.min(span.1), span.1);
        let day = |at: i64| i32::try_from(local.of(at)).unwrap_or(i32::MAX);
        let known = paid().filter(|(place, at)| *place < people && day(*at) <= until.0);
        let mut sorted: Vec<(u32, i32)> =
            known.map(|(place, at)| (u32::try_from(place).unwrap_or(u32::MAX), day(at))).collect();
        sorted.sort_unstable();
        let mut starts = Vec::with_capacity(people + 1);
        for (index, (place, _)) in sorted.iter().enumerate() {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            while starts.len() <= *place as usize {
                starts.push(index);
            }
        }
        starts.resize(people + 1, u32::try_from(sorted.len()).unwrap_or(u32::MAX));
        Self { starts, days: sorted.into_iter().map(|(_, day)| day).collect() }
    }

    fn of_person(&self, place: usize) -> &[i32] {
        let range = self.starts.get(place).zip(self.starts.get(place + 1));
        let range = range.map_or(0..0, |(from, to)| *from as usize..*to as usize);
        self.days.get(range).unwrap_or_default()
    }

    /// What somebody had bought at the end of a day.
    #[must_use]
    pub fn at(&self, place: usize, day: Date) -> Bought {
        let days = self.of_person(place);
        let days = days.get(..days.partition_point(|own| *own <= day.0)).unwrap_or_default();
        let Some((last, before)) = days.split_last() else { return Bought::default() };
        Bought {
            orders: i64::try_from(days.len()).unwrap_or(i64::MAX),
            since_last: i64::from(day.0) - i64::from(*last),
            gap: before.last().map(|before| i64::from(*last) - i64::from(*before)),
        }
    }

    /// What the days between orders say.
    #[must_use]
    pub fn learned(&self) -> Option<Learned> {
        let people = 0..self.starts.len().saturating_sub(1);
        let gaps = people.flat_map(|place| {
            let pairs = self.of_person(place).array_windows();
            pairs.map(|[before, after]| i64::from(after - before))
        });
        // Orders of one day are one occasion.
        rule::learn(gaps.filter(|days| *days > 0).collect())
    }
}

/// What is known of everybody beside orders: since when, and whether by more than visits.
struct Acquaintance {
    there: Vec<bool>,
    since: Vec<Option<i64>>,
    known: Vec<bool>,
}

impl Acquaintance {
    fn of(mirror: &Mirror) -> Self {
        let people = mirror.blocks().iter().map(lake::RecordBatch::num_rows).sum();
        let mut own = Self {
            there: vec![false; people],
            since: vec![None; people],
            known: vec![false; people],
        };
        mirror.each_person_i64("customer_id", |place, _| mark(&mut own.there, place));
        mirror.each_person_i64("orders", |place, orders| {
            if orders > 0 {
                mark(&mut own.known, place);
            }
        });
        for name in ["registered_at", "first_order_at"] {
            mirror.each_person_i64(name, |place, at| {
                if let Some(slot) = own.since.get_mut(place) {
                    *slot = Some(slot.map_or(at, |before| before.min(at)));
                }
            });
        }
        mirror.each_person_i64("registered_at", |place, _| mark(&mut own.known, place));
        for name in ["has_phone", "has_email"] {
            mirror.each_true(name, |place| mark(&mut own.known, place));
        }
        own
    }
}

fn mark(flags: &mut [bool], place: usize) {
    if let Some(flag) = flags.get_mut(place) {
        *flag = true;
    }
}

/// The stage of everybody now, by place; those of numbers that nobody goes by mean nothing.
#[must_use]
pub fn stages(
    mirror: &Mirror,
    sales: &Sales,
    (zone, today): (&Zone, Date),
    wish: &Setting,
) -> Vec<Stage> {
    let people = Acquaintance::of(mirror);
    let payments = Payments::of(sales, zone, (people.there.len(), today));
    let setting = wish.with(payments.learned());
    let of =
        |(place, known): (usize, &bool)| rule::stage(payments.at(place, today), *known, &setting);
    people.known.iter().enumerate().map(of).collect()
}

/// What the lifecycle of a shop's customers looks like.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The local day.
    pub as_of: String,
    /// The days and orders that part the stages now.
    pub setting: Setting,
    /// What the shop's own orders say, where there are enough of them.
    pub learned: Option<Learned>,
    /// The stages in their order, now.
    pub stages: Vec<StageRow>,
    /// Visitors of the last `lost_days` who are no customers: nobody knows who they are.
    pub anonymous: i64,
    /// How many were at each stage at the end of each month, the oldest first; the last is now.
    pub months: Vec<Month>,
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageRow {
    /// Its word.
    pub stage: Stage,
    /// People.
    pub customers: i64,
    /// Their net money, minor units.
    pub net_minor: i64,
}

/// A month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Month {
    /// Its last day, or today in the month that is not over.
    pub day: String,
    /// People at each stage, in the order of the stages.
    pub customers: Vec<i64>,
    /// Who moved since the end of the month before; nothing for the first.
    pub moved: Vec<Flow>,
}

/// People who went from one stage to another within a month, or stayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// The stage before; none for those who were not known yet.
    pub from: Option<Stage>,
    /// The stage after.
    pub to: Stage,
    /// People.
    pub customers: i64,
}

/// The lifecycle of everybody now, and at the ends of `months` months before.
///
/// # Errors
/// `bad_input` for days out of range.
pub fn report(
    mirror: &Mirror,
    sales: &Sales,
    (zone, today): (&Zone, Date),
    (wish, months): (&Setting, u32),
) -> Result<Report> {
    let people = Acquaintance::of(mirror);
    let payments = Payments::of(sales, zone, (people.there.len(), today));
    let learned = payments.learned();
    let setting = wish.with(learned);
    let days = ends(today, months.min(MONTHS_MAX));
    let mut before: Option<Vec<Option<Stage>>> = None;
    let mut rows = Vec::with_capacity(days.len());
    for day in days {
        let end = if day == today { i64::MAX } else { zone.end_of(day)?.micros() };
        let now = at(&people, &payments, (day, end), &setting);
        let moved = before.as_ref().map(|before| flows(before, &now)).unwrap_or_default();
        rows.push(Month { day: day.to_string(), customers: counted(&now), moved });
        before = Some(now);
    }
    let mut money = [0_i64; Stage::ALL.len()];
    let now = before.unwrap_or_default();
    mirror.each_person_i64("net_minor", |place, net| {
        let stage = now.get(place).copied().flatten();
        if let Some(slot) = stage.and_then(|stage| money.get_mut(stage as usize)) {
            *slot = slot.saturating_add(net);
        }
    });
    let counts = counted(&now).into_iter().zip(money);
    let stages = Stage::ALL.into_iter().zip(counts);
    Ok(Report {
        as_of: today.to_string(),
        anonymous: 0,
        setting,
        learned,
        stages: stages
            .map(|(stage, (customers, net_minor))| StageRow { stage, customers, net_minor })
            .collect(),
        months: rows,
    })
}

/// The stages at the end of a day, of those who were known by then.
fn at(
    people: &Acquaintance,
    payments: &Payments,
    (day, end): (Date, i64),
    setting: &Setting,
) -> Vec<Option<Stage>> {
    let of = |place: usize| {
        let bought = payments.at(place, day);
        let there = people.there.get(place) == Some(&true);
        let since = people.since.get(place).copied().flatten();
        let known = end == i64::MAX || bought.orders > 0 || since.is_some_and(|since| since <= end);
        (there && known)
            .then(|| rule::stage(bought, people.known.get(place) == Some(&true), setting))
    };
    (0..people.there.len()).map(of).collect()
}

fn counted(stages: &[Option<Stage>]) -> Vec<i64> {
    let mut counts = vec![0; Stage::ALL.len()];
    for stage in stages.iter().flatten() {
        if let Some(count) = counts.get_mut(*stage as usize) {
            *count += 1;
        }
    }
    counts
}

fn flows(before: &[Option<Stage>], after: &[Option<Stage>]) -> Vec<Flow> {
    const NOBODY: usize = Stage::ALL.len();
    let mut counts = vec![[0_i64; NOBODY]; NOBODY + 1];
    for (from, to) in before.iter().zip(after) {
        let Some(to) = to else { continue };
        let row = counts.get_mut(from.map_or(NOBODY, |stage| stage as usize));
        if let Some(count) = row.and_then(|row| row.get_mut(*to as usize)) {
            *count += 1;
        }
    }
    let mut flows = Vec::new();
    for (from, row) in counts.iter().enumerate() {
        for (to, customers) in Stage::ALL.into_iter().zip(row) {
            if *customers > 0 {
                let from = Stage::ALL.get(from).copied();
                flows.push(Flow { from, to, customers: *customers });
            }
        }
    }
    flows
}

/// The last days of the months before a day, the oldest first, and the day.
fn ends(today: Date, months: u32) -> Vec<Date> {
    let civil = today.civil();
    let first = civil::date(civil.year(), civil.month(), 1);
    let before = (0..months).rev().filter_map(|back| {
        let month = first.checked_sub(jiff::Span::new().months(i64::from(back))).ok()?;
        Some(Date(Date::of(month).0 - 1))
    });
    before.chain([today]).collect()
}
