//! Getting, spending and giving back under the rules that the shop has for each unit.

use base::{Error, Result, Time, Zone};
use perceive::identity;
use store::audit::{self, Deed};
use store::{Cx, Tx, setting};

use super::expiry::Policy;
use super::rule::Booked;
use super::{Act, House, Intent, Short, Source, Unit, Until, begin, book, sql};

/// Something between a customer and the shop.
#[derive(Debug, Clone)]
pub struct Deal {
    /// The customer.
    pub person: i64,
    /// What is counted.
    pub unit: Unit,
    /// How much, at least 1.
    pub amount: i64,
    /// The caller's id.
    pub cause: String,
    /// What it is about.
    pub source: Source,
    /// Why.
    pub reason: String,
}

/// The rules of a unit.
///
/// # Errors
/// What the store reports.
pub async fn policy(tx: &mut Tx, unit: Unit) -> Result<Policy> {
    let own: Option<Policy> = setting::get(tx, &name(unit)).await?;
    Ok(own.unwrap_or_else(|| Policy::usual(unit)))
}

/// Sets the rules of a unit; what customers have keeps the last day that it has.
///
/// # Errors
/// `bad_input` for rules that will not do.
pub async fn set_policy(cx: &Cx, unit: Unit, new: &Policy) -> Result<()> {
    new.check()?;
    let mut tx = cx.write().await?;
    let before = policy(&mut tx, unit).await?;
    setting::set(&mut tx, &name(unit), &Some(new)).await?;
    let text = |policy: &Policy| serde_json::to_string(policy).ok();
    let (before, after) = (text(&before), text(new));
    audit::commit(tx, cx, Deed { action: "ledger.policy", target: unit.name(), before, after })
        .await
}

fn name(unit: Unit) -> String {
    format!("ledger.{}", unit.name())
}

/// Gives a customer something; expected only, where it is to come later.
///
/// # Errors
/// As [`book`].
pub async fn earn(
    tx: &mut Tx,
    (cx, zone): (&Cx, &Zone),
    deal: Deal,
    pending: Option<Until>,
) -> Result<Booked> {
    let policy = policy(tx, deal.unit).await?;
    // It lasts from when it is there.
    let expires_at = policy.expiry.of(zone, pending.flatten().unwrap_or(cx.now))?;
    let act = Act::Credit { from: House::Issued, expires_at, pending };
    one(tx, (cx, zone), (deal, &policy), act).await
}

/// Takes what a customer spends, or holds it.
///
/// # Errors
/// As [`book`]; `conflict` beyond what the shop lets one customer spend.
pub async fn spend(
    tx: &mut Tx,
    (cx, zone): (&Cx, &Zone),
    deal: Deal,
    hold: Option<Until>,
) -> Result<Booked> {
    if deal.unit == Unit::Growth {
        return Err(Error::bad("growth is not spent").field("unit"));
    }
    // Nobody else spends between the look at the limits and the booking.
    begin(tx).await?;
    let policy = policy(tx, deal.unit).await?;
    if !sql::booked(tx, &deal.cause).await? {
        within(tx, (cx, zone), &deal, &policy).await?;
    }
    let act = Act::Debit { to: House::Redeemed, short: Short::Refuse, first: None, hold };
    one(tx, (cx, zone), (deal, &policy), act).await
}

/// Gives back some of what a customer spent under a cause, into the lots that it came from.
///
/// # Errors
/// As [`book`]; `not_found` where nothing was booked under it.
pub async fn give_back(
    tx: &mut Tx,
    (cx, zone): (&Cx, &Zone),
    deal: Deal,
    of: String,
) -> Result<Booked> {
    let policy = policy(tx, deal.unit).await?;
    let until = policy.returned_until(zone, cx.now)?;
    one(tx, (cx, zone), (deal, &policy), Act::Back { of, until }).await
}

/// Takes back some of what a customer got under a cause, from that first. What was spent before is
/// owed, or let go, as the unit's rules say.
///
/// # Errors
/// As [`book`].
pub async fn take_back(
    tx: &mut Tx,
    (cx, zone): (&Cx, &Zone),
    deal: Deal,
    of: String,
) -> Result<Booked> {
    let policy = policy(tx, deal.unit).await?;
    let short = if policy.debt { Short::Owe } else { Short::Forgive };
    let act = Act::Debit { to: House::Issued, short, first: Some(of), hold: None };
    one(tx, (cx, zone), (deal, &policy), act).await
}

/// Something that Shuke itself booked, by its cause: what is then done to it needs no customer, who
/// may go by another number by then.
pub(crate) struct Known {
    pub(crate) unit: Unit,
    pub(crate) of: String,
    pub(crate) cause: String,
    pub(crate) source: Source,
}

/// Closes what is held or expected: it happens, or it does not.
pub(crate) async fn close_known(
    tx: &mut Tx,
    place: (&Cx, &Zone),
    own: Known,
    post: bool,
) -> Result<()> {
    known(tx, place, (own, 0), |of, until| match post {
        true => Act::Post(of),
        false => Act::Void { of, until },
    })
    .await
}

/// Gives back some of what was spent.
pub(crate) async fn give_back_known(
    tx: &mut Tx,
    place: (&Cx, &Zone),
    own: Known,
    amount: i64,
) -> Result<()> {
    known(tx, place, (own, amount), |of, until| Act::Back { of, until }).await
}

async fn known(
    tx: &mut Tx,
    (cx, zone): (&Cx, &Zone),
    (own, amount): (Known, i64),
    act: impl FnOnce(String, Option<Time>) -> Act,
) -> Result<()> {
    let Known { unit, of, cause, source } = own;
    let until = policy(tx, unit).await?.returned_until(zone, cx.now)?;
    let intent = Intent {
        unit,
        labels: Vec::new(),
        amount,
        act: act(of, until),
        cause,
        source,
        reason: String::new(),
        at: cx.now,
        renews: None,
    };
    book(tx, cx, &[intent]).await.map(drop)
}

async fn one(
    tx: &mut Tx,
    (cx, zone): (&Cx, &Zone),
    (deal, policy): (Deal, &Policy),
    act: Act,
) -> Result<Booked> {
    let labels = labels(tx, deal.person).await?;
    let Deal { unit, amount, cause, source, reason, .. } = deal;
    let renews = policy.expiry.renewed(zone, cx.now)?;
    let intent = Intent { unit, labels, amount, act, cause, source, reason, at: cx.now, renews };
    let booked = book(tx, cx, &[intent]).await?;
    Ok(booked.into_iter().next().unwrap_or_default())
}

/// The numbers of a customer, the one that they go by now first: its account gets and owes.
pub(crate) async fn labels(tx: &mut Tx, person: i64) -> Result<Vec<i64>> {
    let mut labels = identity::labels(tx, person).await?;
    labels.sort_by_key(|label| *label != person);
    Ok(labels)
}

/// Closes what is expected or held for a customer under a cause: it happens, or it does not. The
/// deal's amount is none.
///
/// # Errors
/// As [`book`].
pub async fn close(
    tx: &mut Tx,
    (cx, zone): (&Cx, &Zone),
    deal: Deal,
    (of, post): (String, bool),
) -> Result<Booked> {
    let policy = policy(tx, deal.unit).await?;
    let until = policy.returned_until(zone, cx.now)?;
    let act = if post { Act::Post(of) } else { Act::Void { of, until } };
    one(tx, (cx, zone), (deal, &policy), act).await
}

/// Refuses to spend more than the shop lets one customer spend.
async fn within(tx: &mut Tx, (cx, zone): (&Cx, &Zone), deal: &Deal, policy: &Policy) -> Result<()> {
    let refuse = |text: String| Err(Error::conflict(text).field("amount"));
    if let Some(limit) = policy.spent_at_once.filter(|limit| deal.amount > *limit) {
        return refuse(format!("one customer spends at most {limit} at once"));
    }
    let today = zone.date(cx.now);
    let first = base::Date::of(today.civil().first_of_month());
    let over = async |tx: &mut Tx, limit: Option<i64>, since| match limit {
        Some(limit) if spent(tx, deal, since).await?.saturating_add(deal.amount) > limit => {
            Ok(Some(limit))
        }
        _ => Ok::<_, Error>(None),
    };
    if let Some(limit) = over(tx, policy.spent_a_day, zone.start_of(today)?).await? {
        return refuse(format!("one customer spends at most {limit} a day"));
    }
    if let Some(limit) = over(tx, policy.spent_a_month, zone.start_of(first)?).await? {
        return refuse(format!("one customer spends at most {limit} a month"));
    }
    Ok(())
}

/// What a customer has spent since a time, what is held counted and what was given back not.
async fn spent(tx: &mut Tx, deal: &Deal, since: Time) -> Result<i64> {
    let labels = identity::labels(tx, deal.person).await?;
    let accounts = sql::of_labels(tx, &labels.into_iter().collect()).await?;
    let own = accounts.iter().filter(|own| own.unit == deal.unit);
    let numbers: Vec<i64> = own.clone().map(|own| own.number).collect();
    let held: i64 = own.map(|own| own.held).sum();
    Ok(held + sql::spent(tx, &numbers, deal.unit, since).await?)
}
