//! 积分兑换, 积分换购: what customers get for points, with some money besides where the shop asks for
//! it.
//!
//! A [`Reward`] is what can be had; an [`Exchange`] is that somebody takes it. It is open until it
//! is handed over: the points are held, and the stock is taken. Cancelling restores both, before
//! and after it was handed over.

mod deal;
mod rule;
mod sql;
#[cfg(test)]
mod tests;

use base::{Code, Error, Result, Time};
use perceive::catalog;
use store::audit::{self, Deed};
use store::{Cx, Tx, counter};

use crate::ledger::coded;
use crate::tier;
pub use deal::{
    Exchange, LAPSE_MAX, Wish as Take, cancel, done, get, lapse, list, of_customer, take,
};
pub use rule::{Gives, HOLD_HOURS_MAX, POINTS_MAX, Refused, Terms};

/// Rewards of a shop at the most.
pub const REWARDS_MAX: usize = 1_000;
/// Characters of a name at the most.
pub const NAME_CHARS_MAX: usize = 60;
/// Characters of a note at the most.
pub const NOTE_CHARS_MAX: usize = 500;
/// The series of rewards.
const REWARDS: &str = "reward";
/// The series of exchanges; its row is locked while one of the shop is made or changed.
const EXCHANGES: &str = "exchange";

coded! {
    /// How an exchange stands.
    State {
        /// 待领取: the points are held, and the reward is not handed over yet.
        Open = 1 "open",
        /// 已完成: the reward is handed over, and the points are spent.
        Done = 2 "done",
        /// 已取消: nothing of it holds.
        Cancelled = 3 "cancelled",
    }
}

/// What can be had for points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reward {
    /// Its number within the shop.
    pub number: i64,
    /// Its name, which no other one has.
    pub name: String,
    /// What it is.
    pub note: String,
    /// Whether it can be had.
    pub active: bool,
    /// What it gives, and for what.
    pub terms: Terms,
    /// From when on.
    pub starts_at: Time,
    /// Until when; none for as long as it is active.
    pub ends_at: Option<Time>,
    /// How many of it are taken.
    pub taken: i64,
    /// Who made it.
    pub owner: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub edited_at: Time,
}

/// What a reward is to be.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Its name.
    pub name: String,
    /// What it is.
    pub note: String,
    /// Whether it can be had.
    pub active: bool,
    /// What it gives, and for what.
    pub terms: Terms,
    /// From when on.
    pub starts_at: Time,
    /// Until when.
    pub ends_at: Option<Time>,
}

fn missing() -> Error {
    Error::missing("there is no such reward").field("reward_id")
}

/// The rewards of the context's shop, the latest first.
///
/// # Errors
/// What the store reports.
pub async fn rewards(cx: &Cx) -> Result<Vec<Reward>> {
    sql::rewards(&mut cx.read().await?).await
}

/// A reward.
///
/// # Errors
/// `not_found` when there is none.
pub async fn reward(cx: &Cx, number: i64) -> Result<Reward> {
    sql::reward(&mut cx.read().await?, number).await?.ok_or_else(missing)
}

/// Makes a reward.
///
/// # Errors
/// `bad_input` that says what will not do, `conflict` for a name that is taken, `too_large` when
/// there are too many.
pub async fn make(cx: &Cx, wish: Wish) -> Result<Reward> {
    check(cx, &wish).await?;
    let mut tx = cx.write().await?;
    let number = counter::take(&mut tx, REWARDS, 1).await?;
    if sql::rewards(&mut tx).await?.len() >= REWARDS_MAX {
        let text = format!("a shop has at most {REWARDS_MAX} rewards");
        return Err(Error::new(Code::TooLarge, text).hint("remove those that nobody took"));
    }
    let Wish { name, note, active, terms, starts_at, ends_at } = wish;
    let own = Reward {
        number,
        name: name.trim().to_owned(),
        note: note.trim().to_owned(),
        active,
        terms,
        starts_at,
        ends_at,
        taken: 0,
        owner: cx.actor.to_string(),
        created_at: cx.now,
        edited_at: cx.now,
    };
    put(tx, cx, (None, own)).await
}

/// Changes a reward: what was taken before stays as it was.
///
/// # Errors
/// As [`make`]; `not_found` when there is none.
pub async fn edit(cx: &Cx, number: i64, wish: Wish) -> Result<Reward> {
    check(cx, &wish).await?;
    let mut tx = cx.write().await?;
    counter::take(&mut tx, REWARDS, 0).await?;
    let before = sql::reward(&mut tx, number).await?.ok_or_else(missing)?;
    let Wish { name, note, active, terms, starts_at, ends_at } = wish;
    let own = Reward {
        name: name.trim().to_owned(),
        note: note.trim().to_owned(),
        active,
        terms,
        starts_at,
        ends_at,
        edited_at: cx.now,
        ..before.clone()
    };
    put(tx, cx, (Some(&before), own)).await
}

/// Removes a reward that nobody ever took.
///
/// # Errors
/// `not_found` when there is none; `conflict` when somebody took it.
pub async fn remove(cx: &Cx, number: i64) -> Result<()> {
    let mut tx = cx.write().await?;
    counter::take(&mut tx, EXCHANGES, 0).await?;
    let own = sql::reward(&mut tx, number).await?.ok_or_else(missing)?;
    if sql::was_taken(&mut tx, number).await? {
        return Err(Error::conflict("somebody took it").hint("switch it off"));
    }
    sql::remove(&mut tx, number).await?;
    let target = number.to_string();
    let deed = Deed { action: "reward.remove", target: &target, ..Deed::default() };
    audit::commit(tx, cx, Deed { before: Some(own.name), ..deed }).await
}

fn shown(own: &Reward) -> String {
    serde_json::json!({
        "name": own.name, "note": own.note, "active": own.active, "terms": own.terms,
        "starts_at": own.starts_at.to_string(),
        "ends_at": own.ends_at.map(|at| at.to_string()),
    })
    .to_string()
}

async fn put(mut tx: Tx, cx: &Cx, (before, own): (Option<&Reward>, Reward)) -> Result<Reward> {
    let others = sql::rewards(&mut tx).await?.into_iter();
    if others.filter(|other| other.number != own.number).any(|other| other.name == own.name) {
        return Err(Error::conflict("another reward has this name").field("name"));
    }
    sql::put(&mut tx, &own).await?;
    let action = if before.is_some() { "reward.edit" } else { "reward.make" };
    let (before, after) = (before.map(shown), Some(shown(&own)));
    let target = own.number.to_string();
    audit::commit(tx, cx, Deed { action, target: &target, before, after }).await?;
    Ok(own)
}

async fn check(cx: &Cx, wish: &Wish) -> Result<()> {
    let length = wish.name.trim().chars().count();
    if !(1..=NAME_CHARS_MAX).contains(&length) {
        return Err(Error::bad(format!("needs 1 to {NAME_CHARS_MAX} characters")).field("name"));
    }
    if wish.note.trim().chars().count() > NOTE_CHARS_MAX {
        return Err(Error::bad(format!("has at most {NOTE_CHARS_MAX} characters")).field("note"));
    }
    wish.terms.check()?;
    if wish.ends_at.is_some_and(|at| at <= wish.starts_at) {
        return Err(Error::bad("must be later than the start").field("ends_at"));
    }
    for tier in &wish.terms.tiers {
        let known = tier::check_known(cx, Some(*tier)).await;
        known.map_err(|error| error.field("tier_ids"))?;
    }
    match wish.terms.gives {
        Gives::Product { product, .. } => {
            let found = catalog::of_numbers(&mut cx.read().await?, &[product]).await?;
            match found.is_empty() {
                true => {
                    Err(Error::bad(format!("there is no product {product}"))
                        .field("gives.product_id"))
                }
                false => Ok(()),
            }
        }
        Gives::Coupon { coupon } => {
            let found = crate::coupon::get(cx, coupon).await.map(drop);
            found.map_err(|error| error.field("gives.coupon_id"))
        }
    }
}
