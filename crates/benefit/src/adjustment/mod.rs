//! 手工调整: what people add to and take from what a customer has, with a reason; above a limit of
//! the shop's a second person decides.

mod sql;

use base::{Error, Result, Time, Zone};
use perceive::identity;
use store::audit::{self, Deed};
use store::{Cx, Tx, counter};

use crate::ledger::{self, Act, House, Intent, Matter, REASON_CHARS_MAX, Short, Unit};

/// The series of adjustments.
const SERIES: &str = "adjustment";

/// What became of an adjustment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is booked.
    Booked,
    /// It waits for a second person.
    Waiting,
    /// A second person refused it.
    Refused,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Booked, Self::Waiting, Self::Refused];

    fn code(self) -> i64 {
        match self {
            Self::Booked => 0,
            Self::Waiting => 1,
            Self::Refused => 2,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Waiting => "waiting",
            Self::Refused => "refused",
        }
    }
}

/// An adjustment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// Its number within the shop.
    pub number: i64,
    /// The customer, by the number that they went by then.
    pub customer: i64,
    /// What is counted.
    pub unit: Unit,
    /// How much is added, or taken when below nothing.
    pub amount: i64,
    /// Why.
    pub reason: String,
    /// What became of it.
    pub state: State,
    /// Who asked for it.
    pub actor: String,
    /// When.
    pub at: Time,
    /// Who decided, and when.
    pub decided: Option<(String, Time)>,
}

fn missing() -> Error {
    Error::missing("there is no such adjustment").field("adjustment_id")
}

/// What somebody wants to add or take.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The customer.
    pub person: i64,
    /// What is counted.
    pub unit: Unit,
    /// How much is added, or taken when below nothing.
    pub amount: i64,
    /// Why.
    pub reason: String,
    /// The caller's id: what was done under it once is not done again.
    pub key: Option<String>,
}

/// Adds to what a customer has, or takes from it; or has it wait for a second person.
///
/// # Errors
/// `bad_input` without a reason or amount; `conflict` when there is less than is to be taken,
/// beyond what one customer gets by hand in a day, and for a key that was used for another.
pub async fn make(cx: &Cx, zone: &Zone, wish: Wish) -> Result<Adjustment> {
    let Wish { person, unit, amount, reason, key } = wish;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        let text = format!("needs 1 to {REASON_CHARS_MAX} characters");
        return Err(Error::bad(text).field("reason").hint("whoever asks why is told it"));
    }
    if amount == 0 || amount.unsigned_abs() > ledger::AMOUNT_MAX.unsigned_abs() {
        let text = format!("is -{0} to {0} and not 0", ledger::AMOUNT_MAX);
        return Err(Error::bad(text).field("amount"));
    }
    let mut tx = cx.write().await?;
    let number = counter::take(&mut tx, SERIES, 1).await?;
    if let Some(known) = match &key {
        Some(key) => sql::of_key(&mut tx, key).await?,
        None => None,
    } {
        let labels = identity::labels(&mut tx, person).await?;
        let same = labels.contains(&known.customer) && known.unit == unit && known.amount == amount;
        let other = || Error::conflict("this key was used for another request");
        return if same { Ok(known) } else { Err(other().field("Idempotency-Key")) };
    }
    let policy = ledger::policy(&mut tx, unit).await?;
    if let Some(limit) = policy.adjusted_a_day.filter(|_| amount > 0) {
        let labels = identity::labels(&mut tx, person).await?;
        let since = zone.start_of(zone.date(cx.now))?;
        if sql::added(&mut tx, &labels, (unit, since)).await? + amount > limit {
            let text = format!("one customer gets at most {limit} by hand a day");
            return Err(Error::conflict(text).field("amount"));
        }
    }
    let above = |limit: i64| amount.unsigned_abs() > limit.unsigned_abs();
    let waits = policy.approval_above.is_some_and(above);
    let adjustment = Adjustment {
        number,
        customer: person,
        unit,
        amount,
        reason: reason.to_owned(),
        state: if waits { State::Waiting } else { State::Booked },
        actor: cx.actor.to_string(),
        at: cx.now,
        decided: None,
    };
    if !waits {
        book(&mut tx, (cx, zone), &adjustment).await?;
    }
    sql::insert(&mut tx, &adjustment, key).await?;
    let action = if waits { "adjustment.ask" } else { "adjustment.make" };
    told(tx, cx, action, &adjustment).await?;
    Ok(adjustment)
}

/// Books an adjustment that waits, or refuses it. Who asked for it can only take it back.
///
/// # Errors
/// `not_found` when there is none; `conflict` when it does not wait, or there is less than is to be
/// taken; `forbidden` for who asked for it to approve.
pub async fn decide(cx: &Cx, zone: &Zone, number: i64, yes: bool) -> Result<Adjustment> {
    let mut tx = cx.write().await?;
    // The series is locked until the end: nobody else decides meanwhile.
    counter::take(&mut tx, SERIES, 0).await?;
    let mut own = sql::get(&mut tx, number).await?.ok_or_else(missing)?;
    if own.state != State::Waiting {
        return Err(Error::conflict("this was decided already").field("adjustment_id"));
    }
    if yes && own.actor == cx.actor.to_string() {
        let text = "whoever asked for it cannot approve";
        return Err(Error::new(base::Code::Forbidden, text)
            .hint("a second person with the same permission decides"));
    }
    own.state = if yes { State::Booked } else { State::Refused };
    own.decided = Some((cx.actor.to_string(), cx.now));
    if yes {
        book(&mut tx, (cx, zone), &own).await?;
    }
    sql::decide(&mut tx, &own).await?;
    let action = if yes { "adjustment.approve" } else { "adjustment.refuse" };
    told(tx, cx, action, &own).await?;
    Ok(own)
}

async fn book(tx: &mut Tx, (cx, zone): (&Cx, &Zone), own: &Adjustment) -> Result<()> {
    let policy = ledger::policy(tx, own.unit).await?;
    let act = if own.amount > 0 {
        let expires_at = policy.expiry.of(zone, cx.now)?;
        Act::Credit { from: House::Adjusted, expires_at, pending: None }
    } else {
        Act::Debit { to: House::Adjusted, short: Short::Refuse, first: None, hold: None }
    };
    // They may go by another number than when it was asked for.
    let person = identity::persons(tx, &[own.customer]).await?.into_values().next();
    let labels = ledger::labels(tx, person.unwrap_or(own.customer)).await?;
    let intent = Intent {
        unit: own.unit,
        labels,
        amount: own.amount.saturating_abs(),
        act,
        cause: format!("adjustment/{}", own.number),
        source: (Matter::Adjustment, own.number),
        reason: own.reason.clone(),
        at: cx.now,
        renews: policy.expiry.renewed(zone, cx.now)?,
    };
    ledger::book(tx, cx, &[intent]).await.map(drop)
}

async fn told(tx: Tx, cx: &Cx, action: &str, own: &Adjustment) -> Result<()> {
    let Adjustment { number, customer, unit, amount, reason, .. } = own;
    let after = serde_json::json!({
        "adjustment": number, "unit": unit.name(), "amount": amount, "reason": reason,
    });
    let (target, after) = (customer.to_string(), Some(after.to_string()));
    audit::commit(tx, cx, Deed { action, target: &target, before: None, after }).await
}

/// Adjustments in one state or all, before a number, the latest first.
///
/// # Errors
/// What the store reports.
pub async fn list(
    cx: &Cx,
    state: Option<State>,
    (before, limit): (Option<i64>, i64),
) -> Result<Vec<Adjustment>> {
    let part = (before.unwrap_or(i64::MAX), limit);
    sql::list(&mut cx.read().await?, state, part).await
}
