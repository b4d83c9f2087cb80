//! Booking the difference between what customers have by a rule and what they should have.

use std::collections::{BTreeSet, HashMap};

use base::{Date, Result, Time, Zone};
use store::{Cx, Tx};

use super::Rule;
use super::sql::{self, Given};
use crate::ledger::{self, Act, House, Intent, Matter, Short, Source, expiry::Policy};

/// What somebody should have by a rule for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// For what: an order's number, an event's id, a year, or their own number.
    pub(super) about: String,
    /// What the ledger calls it.
    pub(super) source: Source,
    /// The numbers that they go or went by, the one under which it is booked first.
    pub(super) labels: Vec<i64>,
    /// How much; nothing where there is nothing any more.
    pub(super) amount: i64,
    /// By how much it was multiplied, in thousandths; 0 where they were not meant.
    pub(super) times: u32,
    /// The version of the rule's terms by which it is.
    pub(super) version: i64,
    /// When it happened.
    pub(super) at: Time,
    /// On which local day.
    pub(super) day: Date,
    /// From when on it is there.
    pub(super) due_at: Option<Time>,
}

/// What is booked in order that somebody has what they should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Move {
    /// What was expected is not any more.
    Void(String),
    /// More comes: how much, under which cause, and until when it is only expected.
    Give(i64, String, Option<Time>),
    /// Some is taken back: how much, under which cause, and of what first.
    Take(i64, String, String),
}

/// What is booked, and what is then known to be; `open` says whether the last credit is still
/// expected.
pub(super) fn moves(
    (rule, now): (i64, Time),
    before: Option<&Given>,
    wanted: &Wanted,
    open: bool,
) -> (Vec<Move>, Given) {
    let label = wanted.labels.first().copied().unwrap_or_default();
    let due = wanted.due_at.filter(|due| *due > now);
    let mut after = Given {
        about: wanted.about.clone(),
        label: before.map_or(label, |before| before.label),
        amount: wanted.amount,
        times: wanted.times,
        day: wanted.day,
        due_at: due,
        step: before.map_or(0, |before| before.step),
        credited: before.map_or(0, |before| before.credited),
        version: wanted.version,
        cause: before.map_or_else(String::new, |before| before.cause.clone()),
    };
    let had = before.map_or(0, |before| before.amount);
    let mut all = Vec::new();
    if had == wanted.amount {
        after.due_at = before.map_or(due, |before| before.due_at);
        return (all, after);
    }
    let mut next = || {
        after.step += 1;
        format!("earn/{rule}/{}/{}", wanted.about, after.step)
    };
    if open {
        all.push(Move::Void(after.cause.clone()));
    }
    // What came before the last credit may be there while that one is still expected.
    let stays = if open { had - before.map_or(0, |before| before.credited) } else { had };
    match wanted.amount.cmp(&stays) {
        std::cmp::Ordering::Greater => {
            let cause = next();
            all.push(Move::Give(wanted.amount - stays, cause.clone(), due));
            (after.cause, after.credited) = (cause, wanted.amount - stays);
        }
        std::cmp::Ordering::Less => {
            let cause = next();
            all.push(Move::Take(stays - wanted.amount, cause, after.cause.clone()));
        }
        std::cmp::Ordering::Equal => {}
    }
    (all, after)
}

/// What else customers got by a rule, by person and day.
type Spent = HashMap<(i64, Date), i64>;

/// Books what is missing of `wanted`, each of another thing; how many things changed.
pub(super) async fn settle(
    tx: &mut Tx,
    (cx, zone): (&Cx, &Zone),
    rule: &Rule,
    wanted: Vec<Wanted>,
) -> Result<usize> {
    if wanted.is_empty() {
        return Ok(0);
    }
    ledger::lock(tx).await?;
    let about: Vec<&str> = wanted.iter().map(|own| own.about.as_str()).collect();
    let known: HashMap<String, Given> = sql::given(tx, rule.number, &about)
        .await?
        .into_iter()
        .map(|own| (own.about.clone(), own))
        .collect();
    let causes: BTreeSet<&str> = known.values().map(|own| own.cause.as_str()).collect();
    let open = ledger::open_causes(tx, &causes).await?;
    let mut spent = spent(tx, rule, &wanted).await?;
    let policy = ledger::policy(tx, rule.unit).await?;
    let (mut intents, mut given) = (Vec::new(), Vec::new());
    for mut own in wanted {
        let before = known.get(&own.about);
        own.amount = capped(rule, &mut spent, &own, before);
        let is_open = before.is_some_and(|before| open.contains(&before.cause));
        let (moves, after) = moves((rule.number, cx.now), before, &own, is_open);
        if !moves.is_empty() || before.is_none() {
            for own_move in moves {
                intents.push(intent((cx, zone), (rule, &policy), &own, own_move)?);
            }
            given.push(after);
        }
    }
    for some in intents.chunks(ledger::INTENTS_MAX) {
        ledger::book(tx, cx, some).await?;
    }
    sql::put_given(tx, rule.number, &given);
    Ok(given.len())
}

fn intent(
    (cx, zone): (&Cx, &Zone),
    (rule, policy): (&Rule, &Policy),
    own: &Wanted,
    what: Move,
) -> Result<Intent> {
    let until = policy.returned_until(zone, cx.now)?;
    let (act, amount, cause) = match what {
        Move::Void(of) => {
            let cause = format!("{of}/void");
            (Act::Void { of, until }, 0, cause)
        }
        Move::Give(amount, cause, due) => {
            // It lasts from when it is there.
            let expires_at = policy.expiry.of(zone, due.or(own.due_at).unwrap_or(own.at))?;
            let pending = due.map(Some);
            (Act::Credit { from: House::Issued, expires_at, pending }, amount, cause)
        }
        Move::Take(amount, cause, of) => {
            let short = if policy.debt { Short::Owe } else { Short::Forgive };
            let first = Some(of).filter(|of| !of.is_empty());
            (Act::Debit { to: House::Issued, short, first, hold: None }, amount, cause)
        }
    };
    let renews = policy.expiry.renewed(zone, cx.now)?;
    Ok(Intent {
        unit: rule.unit,
        labels: own.labels.clone(),
        amount,
        act,
        cause,
        source: own.source,
        reason: rule.name.clone(),
        at: own.at,
        renews,
    })
}

fn month_of(day: Date) -> (Date, Date) {
    let civil = day.civil();
    (Date::of(civil.first_of_month()), Date::of(civil.last_of_month()))
}

async fn spent(tx: &mut Tx, rule: &Rule, wanted: &[Wanted]) -> Result<Spent> {
    let caps = rule.terms.caps;
    let days = wanted.iter().map(|own| month_of(own.day));
    let span = days.reduce(|all, own| (all.0.min(own.0), all.1.max(own.1)));
    let Some(span) = span.filter(|_| caps.a_day.is_some() || caps.a_month.is_some()) else {
        return Ok(Spent::new());
    };
    let of: HashMap<i64, i64> = wanted
        .iter()
        .flat_map(|own| own.labels.iter().map(|label| (*label, person(own))))
        .collect();
    let labels: Vec<i64> = of.keys().copied().collect();
    let mut spent = Spent::new();
    for (label, day, amount) in sql::sums(tx, rule.number, (&labels, span)).await? {
        let day = Date(i32::try_from(day).unwrap_or_default());
        if let Some(person) = of.get(&label) {
            *spent.entry((*person, day)).or_default() += amount;
        }
    }
    Ok(spent)
}

/// Somebody by the least of their numbers: whichever they are told by, it is the same.
fn person(own: &Wanted) -> i64 {
    own.labels.iter().copied().min().unwrap_or_default()
}

/// How much of what somebody should have they may have, beside what else they got.
fn capped(rule: &Rule, spent: &mut Spent, own: &Wanted, before: Option<&Given>) -> i64 {
    let caps = rule.terms.caps;
    if caps.a_day.is_none() && caps.a_month.is_none() {
        return own.amount;
    }
    let who = person(own);
    if let Some(before) = before {
        *spent.entry((who, before.day)).or_default() -= before.amount;
    }
    let (first, last) = month_of(own.day);
    let of_day = spent.get(&(who, own.day)).copied().unwrap_or(0);
    let within = |((of, day), _): &(&(i64, Date), &i64)| *of == who && (first..=last).contains(day);
    let of_month: i64 = spent.iter().filter(within).map(|(_, amount)| amount).sum();
    let room = |cap: Option<i64>, had: i64| cap.map_or(i64::MAX, |cap| (cap - had).max(0));
    let amount = own.amount.min(room(caps.a_day, of_day)).min(room(caps.a_month, of_month));
    *spent.entry((who, own.day)).or_default() += amount;
    amount
}

/// What an order is called in the ledger, and as what is given by it.
pub(super) fn of_order(number: i64) -> (String, Source) {
    (number.to_string(), (Matter::Order, number))
}
