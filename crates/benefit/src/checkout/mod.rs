//! 结算: a quote that an order holds until it is paid or given up, and what comes back of it
//! afterwards.
//!
//! All that a checkout holds, it holds at once or not at all: uses of coupons, points, and what
//! promotions give away. What comes back is worked out of the quote that was held, whatever the
//! shop offers by then, so any sequence of parts ends where the whole does.

mod hold;
mod sql;
#[cfg(test)]
mod tests;

use base::{Error, Result, Time, Zone};
use perceive::identity;
use serde::Serialize;
use store::{Cx, Tx, counter};

use crate::coupon::call::{CAUSE_CHARS_MAX, LOCK_MICROS_MAX, ORDER_CHARS_MAX, print};
use crate::coupon::held;
use crate::ledger::coded;
use crate::offer::refund::{Back, refund as worked_out};
use crate::offer::stack::Kind;
use crate::offer::terms::beneath;
use crate::quote::{self, Asked, Told};

/// Checkouts whose time is over that are let go of at once at the most.
pub const LAPSE_MAX: i64 = 1_000;
/// The series of checkouts; its row is locked while one of the shop is made or changed.
const CHECKOUTS: &str = "checkout";

coded! {
    /// How a checkout stands.
    State {
        /// 已锁定: what it takes is held.
        Locked = 1 "locked",
        /// 已核销: what it takes is used.
        Redeemed = 2 "redeemed",
        /// 已释放: nothing of it is held any more, and nothing was used.
        Free = 3 "free",
        /// 已退款: all of it came back.
        Refunded = 4 "refunded",
    }
}

coded! {
    /// What somebody did with a checkout.
    Act {
        /// Made it.
        Lock = 1 "lock",
        /// Used what it held.
        Redeem = 2 "redeem",
        /// Let go of it.
        Rollback = 3 "rollback",
        /// Gave back some of it.
        Refund = 4 "refund",
    }
}

/// A checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// Its number within the shop.
    pub number: i64,
    /// The order, by its number at the shop; may be empty.
    pub order: String,
    /// The buyer, by the number that they went by then.
    pub customer: Option<i64>,
    /// How it stands.
    pub state: State,
    /// What the cart got.
    pub told: Told,
    /// How many pieces of each line came back.
    pub returned: Vec<i64>,
    /// Who made it.
    pub actor: String,
    /// When it was made.
    pub at: Time,
    /// Until when it is held, unless it is redeemed.
    pub until: Time,
    /// When it was redeemed.
    pub redeemed_at: Option<Time>,
}

/// What is to be held.
#[derive(Debug, Clone, Serialize)]
pub struct Wish {
    /// The cart, and who buys it.
    pub asked: Asked,
    /// The order, by its number at the shop; may be empty.
    pub order: String,
    /// What the buyer was told that is to be paid, minor units; not looked at if left out.
    pub pay_minor: Option<i64>,
    /// For how many microseconds.
    pub micros: i64,
}

/// Pieces of lines that come back: the line, from 0, and how many.
pub type Pieces = Vec<(usize, i64)>;

impl Checkout {
    /// How it stands at a time.
    #[must_use]
    pub fn state(&self, now: Time) -> State {
        match self.state {
            State::Locked if self.until <= now => State::Free,
            state => state,
        }
    }

    fn is_locked(&self, now: Time) -> Result<()> {
        let refused = match self.state(now) {
            State::Locked => return Ok(()),
            State::Redeemed => Error::conflict("it was redeemed before").hint("refund it"),
            State::Free => Error::conflict("it is not held any more").hint("lock a new one"),
            State::Refunded => Error::conflict("all of it came back before"),
        };
        Err(refused.field("checkout_id"))
    }

    /// What would come back with some more pieces of its lines.
    ///
    /// # Errors
    /// `bad_input` for lines that it has not and for more pieces than there are; `conflict` where
    /// nothing of it was used.
    pub fn back(&self, pieces: &Pieces) -> Result<(Back, Vec<i64>)> {
        if self.state != State::Redeemed {
            let text = format!("it is {}", self.state.name());
            return Err(Error::conflict(text).field("checkout_id"));
        }
        if pieces.is_empty() {
            return Err(Error::bad("needs a line").field("lines"));
        }
        let mut after = self.returned.clone();
        for (place, (line, count)) in pieces.iter().enumerate() {
            let unknown =
                || Error::bad("it has no such line").field(format!("lines[{place}].line"));
            let own = after.get_mut(*line).ok_or_else(unknown)?;
            let bought = self.told.quote.lines.get(*line).map_or(0, |line| line.pieces);
            let rest = bought - *own;
            if !(1..=rest).contains(count) {
                let text = format!("{rest} of it can come back");
                return Err(Error::bad(text).field(format!("lines[{place}].pieces")));
            }
            *own += count;
        }
        Ok((worked_out(&self.told.quote, &self.returned, &after)?, after))
    }
}

fn missing() -> Error {
    Error::missing("there is no such checkout").field("checkout_id")
}

/// What somebody does, once, however often they send it.
struct Once<'a> {
    cause: &'a str,
    print: i64,
    /// The checkout, where it is not made by it.
    number: Option<i64>,
    act: Act,
}

impl Once<'_> {
    /// What came of it before; refused where the id was used for something else.
    async fn before(&self, tx: &mut Tx) -> Result<Option<sql::Move>> {
        let Some(own) = sql::moved(tx, self.cause).await? else { return Ok(None) };
        let same = own.print == self.print
            && own.kind == self.act.code()
            && self.number.is_none_or(|number| number == own.number);
        match same {
            true => Ok(Some(own)),
            false => {
                let text = "this id was used for something else";
                Err(Error::conflict(text).field("Idempotency-Key"))
            }
        }
    }

    async fn put(&self, tx: &mut Tx, cx: &Cx, (number, told): (i64, String)) -> Result<()> {
        let (cause, kind, print) = (self.cause.to_owned(), self.act.code(), self.print);
        sql::put_move(tx, cx, sql::Move { cause, number, kind, print, told }).await
    }
}

/// Begins a change: nobody else changes a checkout of the shop until the transaction ends.
async fn begin(tx: &mut Tx) -> Result<()> {
    counter::take(tx, CHECKOUTS, 0).await.map(drop)
}

/// A checkout.
///
/// # Errors
/// `not_found` when there is none.
pub async fn get(cx: &Cx, number: i64) -> Result<Checkout> {
    of_number(&mut cx.read().await?, cx, number).await
}

async fn of_number(tx: &mut Tx, cx: &Cx, number: i64) -> Result<Checkout> {
    let mut own = sql::of_number(tx, number).await?.ok_or_else(missing)?;
    // Of codes that it did not use nobody is told.
    let used = own.told.quote.steps.iter().filter(|step| step.key.kind == Kind::Coupon);
    let codes = used.map(|step| step.key.number).collect();
    let texts = held::texts(tx, cx, &codes).await?;
    for (key, called) in &mut own.told.offers {
        if key.kind == Kind::Coupon {
            called.code = texts.get(&key.number).cloned();
        }
    }
    Ok(own)
}

/// Checkouts of an order, or of any, before a number, the latest first; without how coupons are
/// written.
///
/// # Errors
/// What the store reports.
pub async fn list(
    cx: &Cx,
    order: Option<&str>,
    (before, limit): (Option<i64>, i64),
) -> Result<Vec<Checkout>> {
    let part = (before.unwrap_or(i64::MAX), limit);
    sql::page(&mut cx.read().await?, order, part).await
}

/// Holds what a cart gets.
///
/// # Errors
/// As [`quote::ask`]; `conflict` where something else is to be paid than the buyer was told, where
/// something is not there any more, and for an id that was used for something else.
pub async fn lock(cx: &Cx, zone: &Zone, cause: &str, wish: &Wish) -> Result<Checkout> {
    check(cause, wish)?;
    let once = Once { cause, print: print(wish)?, number: None, act: Act::Lock };
    let mut tx = cx.read().await?;
    if let Some(own) = once.before(&mut tx).await? {
        return of_number(&mut tx, cx, own.number).await;
    }
    drop(tx);
    let told = quote::ask(cx, zone, &wish.asked).await;
    let told = told.map_err(|error| match error.field {
        Some(_) => beneath(error, "cart"),
        None => error,
    })?;
    let pay = told.quote.pay_minor;
    if wish.pay_minor.is_some_and(|own| own != pay) {
        let wrong = Error::conflict(format!("{pay} is to be paid now")).field("pay_minor");
        return Err(wrong.hint("show the buyer a new quote"));
    }
    let mut tx = cx.write().await?;
    begin(&mut tx).await?;
    if let Some(own) = once.before(&mut tx).await? {
        return of_number(&mut tx, cx, own.number).await;
    }
    free_due(&mut tx, cx).await?;
    let own = Checkout {
        number: counter::take(&mut tx, CHECKOUTS, 1).await?,
        order: wish.order.trim().to_owned(),
        customer: wish.asked.buyer.map(|(person, _)| person),
        state: State::Locked,
        returned: vec![0; told.quote.lines.len()],
        told,
        actor: cx.actor.to_string(),
        at: cx.now,
        until: cx.now.plus(wish.micros),
        redeemed_at: None,
    };
    hold::lock(&mut tx, (cx, zone), &own).await?;
    sql::put(&mut tx, &own).await?;
    once.put(&mut tx, cx, (own.number, String::new())).await?;
    tx.commit().await?;
    Ok(own)
}

fn check(cause: &str, wish: &Wish) -> Result<()> {
    check_cause(cause)?;
    if wish.order.trim().chars().count() > ORDER_CHARS_MAX {
        return Err(Error::bad(format!("has at most {ORDER_CHARS_MAX} characters")).field("order"));
    }
    match (1..=LOCK_MICROS_MAX).contains(&wish.micros) {
        true => Ok(()),
        false => {
            let text = format!("is 1 to {}", LOCK_MICROS_MAX / 1_000_000);
            Err(Error::bad(text).field("ttl_seconds"))
        }
    }
}

fn check_cause(cause: &str) -> Result<()> {
    match (1..=CAUSE_CHARS_MAX).contains(&cause.chars().count()) {
        true => Ok(()),
        false => {
            let text = format!("must have 1 to {CAUSE_CHARS_MAX} characters");
            Err(Error::bad(text).field("Idempotency-Key"))
        }
    }
}

/// Uses what a checkout holds. What comes back as stored value is given at once.
///
/// # Errors
/// `not_found` when there is none; `conflict` when it is not held any more, and for an id that was
/// used for something else.
pub async fn redeem(
    (cx, zone): (&Cx, &Zone),
    cause: &str,
    number: i64,
    order: Option<&str>,
) -> Result<Checkout> {
    check_cause(cause)?;
    if order.is_some_and(|own| own.chars().count() > ORDER_CHARS_MAX) {
        return Err(Error::bad(format!("has at most {ORDER_CHARS_MAX} characters")).field("order"));
    }
    let once = Once { cause, print: print(&order)?, number: Some(number), act: Act::Redeem };
    let mut tx = cx.write().await?;
    begin(&mut tx).await?;
    if once.before(&mut tx).await?.is_some() {
        return of_number(&mut tx, cx, number).await;
    }
    let mut own = of_number(&mut tx, cx, number).await?;
    own.is_locked(cx.now)?;
    if let Some(order) = order.map(str::trim).filter(|order| !order.is_empty()) {
        order.clone_into(&mut own.order);
    }
    hold::redeem(&mut tx, (cx, zone), &own).await?;
    own.state = State::Redeemed;
    own.redeemed_at = Some(cx.now);
    finish(tx, cx, (&once, &own, String::new())).await?;
    Ok(own)
}

/// Lets go of what a checkout holds; of one that is not held any more there is nothing to do.
///
/// # Errors
/// `not_found` when there is none; `conflict` when it was redeemed, and for an id that was used for
/// something else.
pub async fn rollback((cx, zone): (&Cx, &Zone), cause: &str, number: i64) -> Result<Checkout> {
    check_cause(cause)?;
    let once = Once { cause, print: print(&())?, number: Some(number), act: Act::Rollback };
    let mut tx = cx.write().await?;
    begin(&mut tx).await?;
    let mut own = of_number(&mut tx, cx, number).await?;
    if once.before(&mut tx).await?.is_some() || own.state(cx.now) == State::Free {
        return Ok(own);
    }
    own.is_locked(cx.now)?;
    hold::rollback(&mut tx, (cx, zone), &own).await?;
    own.state = State::Free;
    finish(tx, cx, (&once, &own, String::new())).await?;
    Ok(own)
}

/// Gives back what comes back with some pieces of a checkout that was redeemed.
///
/// # Errors
/// As [`Checkout::back`]; `not_found` when there is none; `conflict` for an id that was used for
/// something else.
pub async fn refund(
    (cx, zone): (&Cx, &Zone),
    cause: &str,
    number: i64,
    pieces: &Pieces,
) -> Result<(Checkout, Back)> {
    check_cause(cause)?;
    let once = Once { cause, print: print(pieces)?, number: Some(number), act: Act::Refund };
    let mut tx = cx.write().await?;
    begin(&mut tx).await?;
    let mut own = of_number(&mut tx, cx, number).await?;
    if let Some(before) = once.before(&mut tx).await? {
        let damaged = |cause| Error::damaged("a refund cannot be read").because(cause);
        let back = serde_json::from_str(&before.told).map_err(damaged)?;
        return Ok((own, back));
    }
    let (back, after) = own.back(pieces)?;
    hold::refund(&mut tx, (cx, zone), (&own, &back)).await?;
    own.returned = after;
    let bought = own.told.quote.lines.iter().map(|line| line.pieces);
    if bought.eq(own.returned.iter().copied()) {
        own.state = State::Refunded;
    }
    let failed = |cause| Error::internal("a refund could not be written", cause);
    let told = serde_json::to_string(&back).map_err(failed)?;
    finish(tx, cx, (&once, &own, told)).await?;
    Ok((own, back))
}

async fn finish(
    mut tx: Tx,
    cx: &Cx,
    (once, own, told): (&Once<'_>, &Checkout, String),
) -> Result<()> {
    sql::change(&mut tx, own).await?;
    once.put(&mut tx, cx, (own.number, told)).await?;
    tx.commit().await
}

/// Lets go of checkouts whose time is over; how many. Coupons and points let go by themselves.
///
/// # Errors
/// What the store reports.
pub async fn lapse(cx: &Cx) -> Result<usize> {
    if sql::due(&mut cx.read().await?, cx.now, 1).await?.is_empty() {
        return Ok(0);
    }
    let mut tx = cx.write().await?;
    begin(&mut tx).await?;
    let freed = free_due(&mut tx, cx).await?;
    tx.commit().await?;
    Ok(freed)
}

async fn free_due(tx: &mut Tx, cx: &Cx) -> Result<usize> {
    let due = sql::due(tx, cx.now, LAPSE_MAX).await?;
    for own in &due {
        hold::let_go(tx, own, |_| true).await?;
        let free = Checkout { state: State::Free, ..own.clone() };
        sql::change(tx, &free).await?;
    }
    Ok(due.len())
}

/// The number that a buyer goes by now.
async fn person(tx: &mut Tx, own: &Checkout) -> Result<Option<i64>> {
    let Some(label) = own.customer else { return Ok(None) };
    Ok(identity::persons(tx, &[label]).await?.get(&label).copied().or(Some(label)))
}
