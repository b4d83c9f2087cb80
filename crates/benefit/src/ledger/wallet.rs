//! What a customer has, how it came about, and what the shop has promised in all.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::{Date, Result, Time, Zone};
use jiff::ToSpan;
use perceive::identity;
use store::{Cx, Tx};
use stratify::gauge::Gauges;
use stratify::roster;

use super::rule::{Account, Lot, Transfer};
use super::{House, Owner, Unit, sql};

/// Months of which it is told what runs out in them, the present one the first.
const MONTHS: i64 = 13;

/// What a customer has of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The unit.
    pub unit: Unit,
    /// What is there, held or not; below nothing when more is owed.
    pub balance: i64,
    /// What is held of it.
    pub held: i64,
    /// What is expected.
    pub pending: i64,
    /// What is owed.
    pub owed: i64,
    /// What can be spent now.
    pub spendable: i64,
    /// When it runs out and how much does then, the nearest first; none for what never does.
    pub ends: Vec<(Option<Time>, i64)>,
}

/// What a customer has.
pub type Wallet = Vec<Holding>;

/// What a customer has of some units.
///
/// # Errors
/// What the store reports.
pub async fn wallet(tx: &mut Tx, now: Time, person: i64, units: &[Unit]) -> Result<Wallet> {
    let labels = identity::labels(tx, person).await?;
    let mut accounts = sql::of_labels(tx, &labels.into_iter().collect()).await?;
    accounts.retain(|account| units.contains(&account.unit));
    let numbers: Vec<i64> = accounts.iter().map(|account| account.number).collect();
    let lots = sql::lots_of(tx, &numbers).await?;
    Ok(units.iter().map(|unit| holding(*unit, now, &accounts, &lots)).collect())
}

fn holding(unit: Unit, now: Time, accounts: &[Account], lots: &[Lot]) -> Holding {
    let mut holding =
        Holding { unit, balance: 0, held: 0, pending: 0, owed: 0, spendable: 0, ends: Vec::new() };
    // What never runs out is last.
    let mut ends: BTreeMap<(bool, Option<Time>), i64> = BTreeMap::new();
    for account in accounts.iter().filter(|account| account.unit == unit) {
        holding.balance += account.balance();
        holding.held += account.held;
        holding.pending += account.pending;
        holding.owed += account.owed;
        for lot in lots.iter().filter(|lot| lot.account == account.number && lot.alive(now)) {
            *ends.entry((lot.expires_at.is_none(), lot.expires_at)).or_default() += lot.remaining;
        }
    }
    holding.spendable = (ends.values().sum::<i64>() - holding.owed).max(0);
    holding.ends = ends.into_iter().map(|((_, at), remaining)| (at, remaining)).collect();
    holding
}

/// A line of somebody's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The transfer.
    pub transfer: Transfer,
    /// What it counts.
    pub unit: Unit,
    /// How much came in, below nothing for what went out; nothing where no value moved.
    pub change: i64,
    /// Who had it booked.
    pub actor: String,
    /// When it was booked.
    pub booked_at: Time,
    /// The shop's account on the other side.
    pub house: House,
}

/// What was booked for a customer, in one unit or all, before a transfer's number; the latest
/// first.
///
/// # Errors
/// What the store reports.
pub async fn statement(
    cx: &Cx,
    person: i64,
    unit: Option<Unit>,
    (before, limit): (Option<i64>, i64),
) -> Result<Vec<Statement>> {
    let mut tx = cx.read().await?;
    let labels = identity::labels(&mut tx, person).await?;
    let mut accounts = sql::of_labels(&mut tx, &labels.into_iter().collect()).await?;
    accounts.retain(|account| unit.is_none_or(|unit| unit == account.unit));
    let numbers: Vec<i64> = accounts.iter().map(|account| account.number).collect();
    let before = (before.unwrap_or(i64::MAX), limit);
    let rows = sql::of_accounts(&mut tx, &numbers, before).await?;
    accounts.extend(sql::of_house(&mut tx).await?);
    Ok(rows.into_iter().filter_map(|row| shown(&accounts, row)).collect())
}

fn shown(accounts: &[Account], (transfer, actor, booked_at): sql::Booking) -> Option<Statement> {
    let account = accounts.iter().find(|own| own.number == transfer.account)?;
    let comes = transfer.credit == transfer.account;
    let other = if comes { transfer.debit } else { transfer.credit };
    let other = accounts.iter().find(|own| own.number == other)?;
    let Owner::House(house) = other.owner else { return None };
    let change = match (transfer.kind.moves(), comes) {
        (false, _) => 0,
        (true, true) => transfer.amount,
        (true, false) => -transfer.amount,
    };
    Some(Statement { unit: account.unit, transfer, change, actor, booked_at, house })
}

/// What customers hold of a unit, held and spendable alike, by the numbers under which it was
/// booked.
///
/// # Errors
/// What the store reports.
pub async fn balances(tx: &mut Tx, unit: Unit) -> Result<Vec<(i64, i64)>> {
    sql::balances(tx, unit).await
}

/// What customers hold of some units, under the numbers that they go by now: for conditions that
/// name them.
///
/// # Errors
/// What the store reports.
pub async fn gauges(cx: &Cx, names: &BTreeSet<&'static str>) -> Result<Gauges> {
    let mut gauges = Gauges::default();
    if names.is_empty() {
        return Ok(gauges);
    }
    let mut tx = cx.read().await?;
    let numbers = roster::renumbering(&mut tx).await?;
    for name in names {
        let unit = match *name {
            "points" => Unit::Points,
            "growth" => Unit::Growth,
            _ => Unit::Stored,
        };
        let mut held = HashMap::<u32, i64>::new();
        for (label, amount) in balances(&mut tx, unit).await? {
            if let Ok(label) = u32::try_from(label) {
                *held.entry(numbers.number(label)).or_default() += amount;
            }
        }
        gauges.put(name, held);
    }
    Ok(gauges)
}

/// What customers earned of a unit that happened since a time, by the numbers under which it was
/// booked.
///
/// # Errors
/// What the store reports.
pub async fn earned(tx: &mut Tx, unit: Unit, since: Time) -> Result<Vec<(i64, i64)>> {
    sql::earned(tx, unit, since).await
}

/// What the shop has promised of a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Liability {
    /// The unit.
    pub unit: Unit,
    /// Customers who have some.
    pub holders: i64,
    /// What they have together.
    pub outstanding: i64,
    /// What is held of it.
    pub held: i64,
    /// What is expected beside it.
    pub pending: i64,
    /// What customers owe.
    pub owed: i64,
    /// What came out of and went into each of the shop's accounts.
    pub houses: Vec<(House, i64, i64)>,
    /// What has its last day in this month and in each of the twelve after it: the month's first
    /// local day, and how much.
    pub expiring: Vec<(Date, i64)>,
    /// The share of what ever left that ran out instead of being spent; none while nothing has.
    pub breakage: Option<f64>,
}

/// What the shop has promised of each unit, at `cx.now`.
///
/// # Errors
/// What the store reports.
pub async fn liability(cx: &Cx, zone: &Zone) -> Result<Vec<Liability>> {
    let mut tx = cx.read().await?;
    let sums = sql::sums(&mut tx).await?;
    let houses = sql::of_house(&mut tx).await?;
    let months = months(zone, cx.now)?;
    let mut all = Vec::with_capacity(Unit::ALL.len());
    for unit in Unit::ALL {
        let own = sums.iter().find(|own| own.unit == unit.code()).copied().unwrap_or_default();
        let house = |own: &Account| match own.owner {
            Owner::House(house) if own.unit == *unit => Some((house, own.debits, own.credits)),
            _ => None,
        };
        let houses: Vec<(House, i64, i64)> = houses.iter().filter_map(house).collect();
        let net = |house: House| {
            let own = houses.iter().find(|(own, ..)| *own == house);
            own.map_or(0, |(_, debits, credits)| credits - debits)
        };
        all.push(Liability {
            unit: *unit,
            holders: own.holders,
            outstanding: own.balance,
            held: own.held,
            pending: own.pending,
            owed: own.owed,
            breakage: breakage(net(House::Expired), net(House::Redeemed)),
            houses,
            expiring: expiring(&mut tx, zone, (*unit, &months)).await?,
        });
    }
    Ok(all)
}

/// How much of a unit has its last day in each of some months.
async fn expiring(
    tx: &mut Tx,
    zone: &Zone,
    (unit, months): (Unit, &[Date]),
) -> Result<Vec<(Date, i64)>> {
    let starts = months.iter().map(|month| zone.start_of(*month)).collect::<Result<Vec<_>>>()?;
    let (Some(first), Some(end)) = (starts.first(), starts.last()) else { return Ok(Vec::new()) };
    // What runs out is over from the moment after its last day on.
    let ends = sql::expiring(tx, unit, (*first, *end)).await?;
    let sum = |from: &Time, until: &Time| {
        let own = ends.iter().filter(|(at, _)| from < at && at <= until);
        own.map(|(_, remaining)| remaining).sum()
    };
    let pairs = starts.iter().zip(starts.iter().skip(1)).map(|(from, until)| sum(from, until));
    Ok(months.iter().copied().zip(pairs).collect())
}

/// The first days of this month and of those after it, one more than is told.
fn months(zone: &Zone, now: Time) -> Result<Vec<Date>> {
    let first = zone.date(now).civil().first_of_month();
    let month = |ahead: i64| {
        let far = |cause| base::Error::bad("lies beyond the calendar").because(cause);
        Ok(Date::of(first.checked_add(ahead.months()).map_err(far)?))
    };
    (0..=MONTHS).map(month).collect()
}

/// Breakage as the share that ran out of all that left: what an accountant may expect of what is
/// outstanding as long as customers go on as they did (IFRS 15, B44 to B47).
#[expect(clippy::cast_precision_loss, reason = "a share")]
fn breakage(expired: i64, redeemed: i64) -> Option<f64> {
    let left = expired + redeemed;
    (left > 0).then(|| expired as f64 / left as f64)
}
