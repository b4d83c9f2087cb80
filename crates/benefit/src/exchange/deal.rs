//! Taking rewards, handing them over, and taking that back.

use base::{Error, Result, Time, Zone};
use perceive::identity;
use store::{Cx, Tx, counter};

use super::{EXCHANGES, Gives, Reward, State, missing, sql};
use crate::coupon::call::{CAUSE_CHARS_MAX, Call, Deed, ORDER_CHARS_MAX, print};
use crate::coupon::{self, Origin, Source, held};
use crate::ledger::{self, Deal, Known, Matter, Unit};
use crate::offer::terms::PIECES_MAX;
use crate::tier;

/// Exchanges whose time is over that are cancelled at once at the most.
pub const LAPSE_MAX: i64 = 200;
/// Microseconds of an hour.
const HOUR_MICROS: i64 = 3_600_000_000;

/// A reward that somebody takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Its number within the shop.
    pub number: i64,
    /// The reward.
    pub reward: i64,
    /// Who, by the number that they went by then.
    pub customer: i64,
    /// How many of it.
    pub pieces: i64,
    /// For how many points in all.
    pub points: i64,
    /// And for how much money in all, minor units.
    pub cash_minor: i64,
    /// What each of them gives.
    pub gives: Gives,
    /// The code that was given, by number.
    pub code: Option<i64>,
    /// The order, by its number at the shop; may be empty.
    pub order: String,
    /// How it stands.
    pub state: State,
    /// Who did it.
    pub actor: String,
    /// When.
    pub at: Time,
    /// Until when it is held, while it is open.
    pub until: Time,
    /// When it was handed over or cancelled.
    pub closed_at: Option<Time>,
    pub(super) cause: String,
    pub(super) print: i64,
}

/// What is to be taken.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The reward.
    pub reward: i64,
    /// Who takes it.
    pub person: i64,
    /// How many.
    pub pieces: i64,
    /// The order, by its number at the shop; may be empty.
    pub order: String,
    /// Whether it is handed over, and paid, at once.
    pub done: bool,
}

impl Exchange {
    fn cause(&self, what: &str) -> String {
        format!("exchange/{}{what}", self.number)
    }

    /// The points that it holds or spent, and what they are done under.
    fn known(&self, what: &str) -> Known {
        let source = (Matter::Exchange, self.number);
        Known { unit: Unit::Points, of: self.cause(""), cause: self.cause(what), source }
    }
}

fn unknown() -> Error {
    Error::missing("there is no such exchange").field("exchange_id")
}

/// An exchange.
///
/// # Errors
/// `not_found` when there is none.
pub async fn get(cx: &Cx, number: i64) -> Result<Exchange> {
    sql::exchange(&mut cx.read().await?, number).await?.ok_or_else(unknown)
}

/// Exchanges, of one reward or of any, before a number, the latest first.
///
/// # Errors
/// What the store reports.
pub async fn list(
    cx: &Cx,
    reward: Option<i64>,
    (before, limit): (Option<i64>, i64),
) -> Result<Vec<Exchange>> {
    let part = (before.unwrap_or(i64::MAX), limit);
    sql::exchanges(&mut cx.read().await?, reward, part).await
}

/// Exchanges of a customer before a number, the latest first.
///
/// # Errors
/// What the store reports.
pub async fn of_customer(
    cx: &Cx,
    person: i64,
    (before, limit): (Option<i64>, i64),
) -> Result<Vec<Exchange>> {
    let mut tx = cx.read().await?;
    let labels = identity::labels(&mut tx, person).await?;
    sql::of_labels(&mut tx, &labels, (before.unwrap_or(i64::MAX), limit)).await
}

/// Takes a reward for a customer: what costs no money and is a code is there at once.
///
/// # Errors
/// `not_found` for a reward that there is not; `conflict` where they cannot have it, have too few
/// points, or the id was used for something else.
pub async fn take((cx, zone): (&Cx, &Zone), cause: &str, wish: &Wish) -> Result<Exchange> {
    check(cause, wish)?;
    let level = tier::of_person(cx, wish.person).await?.tier.map(|tier| tier.number);
    // Whom it is about does not count: people turn out to be others.
    let print = print(&(wish.reward, wish.pieces, wish.order.trim(), wish.done))?;
    let mut tx = cx.write().await?;
    counter::take(&mut tx, EXCHANGES, 0).await?;
    if let Some(own) = sql::of_cause(&mut tx, cause).await? {
        return match own.print == print {
            true => Ok(own),
            false => {
                Err(Error::conflict("this id was used for something else").field("Idempotency-Key"))
            }
        };
    }
    let reward = sql::reward(&mut tx, wish.reward).await?.ok_or_else(missing)?;
    let labels = identity::labels(&mut tx, wish.person).await?;
    let had = sql::had(&mut tx, reward.number, &labels).await?;
    let allowed = reward.allows(cx.now, (level, had), wish.pieces);
    allowed.map_err(|refused| refused.error().field("reward_id"))?;
    let mut own = Exchange {
        number: counter::take(&mut tx, EXCHANGES, 1).await?,
        print,
        cause: cause.to_owned(),
        ..opened(cx, &reward, wish)?
    };
    sql::count(&mut tx, reward.number, wish.pieces).await?;
    if matches!(own.gives, Gives::Coupon { .. }) {
        // Codes before the ledger, as everybody else.
        coupon::lock(&mut tx).await?;
    }
    let deal = Deal {
        person: wish.person,
        unit: Unit::Points,
        amount: own.points,
        cause: own.cause(""),
        source: (Matter::Exchange, own.number),
        reason: String::new(),
    };
    // Who holds it decides when it is over.
    ledger::spend(&mut tx, (cx, zone), deal, Some(None)).await?;
    let at_once = matches!(own.gives, Gives::Coupon { .. }) && own.cash_minor == 0;
    if wish.done || at_once {
        finish(&mut tx, (cx, zone), &mut own, wish.person).await?;
    }
    sql::put_exchange(&mut tx, &own).await?;
    tx.commit().await?;
    Ok(own)
}

fn check(cause: &str, wish: &Wish) -> Result<()> {
    if !(1..=CAUSE_CHARS_MAX).contains(&cause.chars().count()) {
        let text = format!("must have 1 to {CAUSE_CHARS_MAX} characters");
        return Err(Error::bad(text).field("Idempotency-Key"));
    }
    if wish.order.trim().chars().count() > ORDER_CHARS_MAX {
        return Err(Error::bad(format!("has at most {ORDER_CHARS_MAX} characters")).field("order"));
    }
    match (1..=PIECES_MAX).contains(&wish.pieces) {
        true => Ok(()),
        false => Err(Error::bad(format!("is 1 to {PIECES_MAX}")).field("pieces")),
    }
}

/// What is to be held of a reward, before it has a number.
fn opened(cx: &Cx, reward: &Reward, wish: &Wish) -> Result<Exchange> {
    let terms = &reward.terms;
    if matches!(terms.gives, Gives::Coupon { .. }) && wish.pieces > 1 {
        let one = Error::bad("is 1: a coupon is taken one by one").field("pieces");
        return Err(one);
    }
    let times = |each: i64| {
        let too_much = || Error::bad("is too much").field("pieces");
        each.checked_mul(wish.pieces).ok_or_else(too_much)
    };
    Ok(Exchange {
        number: 0,
        reward: reward.number,
        customer: wish.person,
        pieces: wish.pieces,
        points: times(terms.points)?,
        cash_minor: times(terms.cash_minor)?,
        gives: terms.gives,
        code: None,
        order: wish.order.trim().to_owned(),
        state: State::Open,
        actor: cx.actor.to_string(),
        at: cx.now,
        until: cx.now.plus(i64::from(terms.hold_hours) * HOUR_MICROS),
        closed_at: None,
        cause: String::new(),
        print: 0,
    })
}

/// Spends the points that were held, and gives a code where one is given.
async fn finish(
    tx: &mut Tx,
    (cx, zone): (&Cx, &Zone),
    own: &mut Exchange,
    person: i64,
) -> Result<()> {
    if let Gives::Coupon { coupon } = own.gives {
        let origin = Origin { source: Source::Exchange, number: Some(own.number) };
        let deed = Deed::Claim { coupon, origin, by_buyer: false };
        let call = Call::new((own.cause("/code"), cx.actor.to_string()), Some(person), deed)?;
        let told = coupon::carry_out(tx, (cx, zone), &[call]).await?;
        own.code = told.first().map(|told| told.code);
    }
    ledger::close_known(tx, (cx, zone), own.known("/done"), true).await?;
    own.state = State::Done;
    own.closed_at = Some(cx.now);
    Ok(())
}

/// The customer that an exchange is for, by the number that they go by now.
async fn person(tx: &mut Tx, own: &Exchange) -> Result<i64> {
    let persons = identity::persons(tx, &[own.customer]).await?;
    Ok(persons.get(&own.customer).copied().unwrap_or(own.customer))
}

/// Hands over what is open, and paid; what is done already stays so.
///
/// # Errors
/// `not_found` when there is none; `conflict` when it was cancelled or its time is over.
pub async fn done((cx, zone): (&Cx, &Zone), number: i64) -> Result<Exchange> {
    let mut tx = cx.write().await?;
    counter::take(&mut tx, EXCHANGES, 0).await?;
    let mut own = sql::exchange(&mut tx, number).await?.ok_or_else(unknown)?;
    match own.state {
        State::Done => return Ok(own),
        State::Open if own.until > cx.now => {}
        State::Open | State::Cancelled => {
            let wrong = Error::conflict("it was cancelled, or its time is over");
            return Err(wrong.field("exchange_id").hint("take the reward once more"));
        }
    }
    let person = person(&mut tx, &own).await?;
    finish(&mut tx, (cx, zone), &mut own, person).await?;
    sql::change(&mut tx, &own).await?;
    tx.commit().await?;
    Ok(own)
}

/// Cancels an exchange, handed over or not: the points and the stock are there again. What was
/// cancelled already stays so.
///
/// # Errors
/// `not_found` when there is none; `conflict` when the code that it gave was used.
pub async fn cancel((cx, zone): (&Cx, &Zone), number: i64) -> Result<Exchange> {
    let mut tx = cx.write().await?;
    counter::take(&mut tx, EXCHANGES, 0).await?;
    let own = sql::exchange(&mut tx, number).await?.ok_or_else(unknown)?;
    if own.state == State::Cancelled {
        return Ok(own);
    }
    let own = undo(&mut tx, (cx, zone), own).await?;
    tx.commit().await?;
    Ok(own)
}

async fn undo(tx: &mut Tx, place: (&Cx, &Zone), own: Exchange) -> Result<Exchange> {
    let cx = place.0;
    if let Some(code) = own.code {
        held::take_away(tx, cx, code).await?;
    }
    let known = own.known("/cancel");
    match own.state {
        State::Done => ledger::give_back_known(tx, place, known, own.points).await?,
        _ => ledger::close_known(tx, place, known, false).await?,
    }
    sql::count(tx, own.reward, -own.pieces).await?;
    let own = Exchange { state: State::Cancelled, closed_at: Some(cx.now), ..own };
    sql::change(tx, &own).await?;
    Ok(own)
}

/// Cancels what nobody fetched in time; how many.
///
/// # Errors
/// What the store reports.
pub async fn lapse(cx: &Cx, zone: &Zone) -> Result<usize> {
    if sql::due(&mut cx.read().await?, cx.now, 1).await?.is_empty() {
        return Ok(0);
    }
    let mut tx = cx.write().await?;
    counter::take(&mut tx, EXCHANGES, 0).await?;
    let due = sql::due(&mut tx, cx.now, LAPSE_MAX).await?;
    let count = due.len();
    for own in due {
        undo(&mut tx, (cx, zone), own).await?;
    }
    tx.commit().await?;
    Ok(count)
}
