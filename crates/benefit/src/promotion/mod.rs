//! 促销活动: offers that hold for a time without a code.
//!
//! A promotion says what it does in the words of [`crate::offer::terms`]. Two that would set the
//! price of one product at one time are refused, unless the shop's rules leave it to the search
//! which of them applies.

mod count;
mod rule;
mod sql;
#[cfg(test)]
mod tests;

use base::{Code, Error, Result, Time};
use perceive::catalog;
use serde::{Deserialize, Serialize};
use store::audit::{self, Deed};
use store::{Cx, Tx, counter, setting};
use stratify::segment;

use crate::coupon::rule::{Most, USES_MAX};
use crate::offer::stack::{Overlap, Stacking};
use crate::offer::terms::{Effect, Terms, beneath};
use crate::tier;
pub(crate) use count::{change, left};
use rule::{Kinds, overlap, products};
pub(crate) use rule::{Left, used};

/// Promotions of a shop at the most.
pub const PROMOTIONS_MAX: usize = 1_000;
/// Characters of a name at the most.
pub const NAME_CHARS_MAX: usize = 60;
/// Characters of a note at the most.
pub const NOTE_CHARS_MAX: usize = 500;
/// The name of the setting with the rules by which offers stand beside each other.
const STACKING: &str = "stacking";
/// The series of promotions; its row is locked while one is made or changed.
const PROMOTIONS: &str = "promotion";

/// How much a promotion gives away at the most: pieces, or packs of them, of one that goes by
/// pieces, orders of any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// 库存: in all.
    pub stock: Most,
    /// 每人限购: to one person.
    pub each: Most,
}

impl Default for Limits {
    fn default() -> Self {
        Self { stock: Most::Unlimited, each: Most::Unlimited }
    }
}

/// A promotion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promotion {
    /// Its number within the shop.
    pub number: i64,
    /// Its name, which no other one has.
    pub name: String,
    /// What it is for.
    pub note: String,
    /// Whether it counts.
    pub active: bool,
    /// Grows with every change of what it says.
    pub version: i64,
    /// What it says.
    pub terms: Terms,
    /// When it begins.
    pub starts_at: Time,
    /// When it is over; none for as long as it is active.
    pub ends_at: Option<Time>,
    /// How much it gives away at the most.
    pub limits: Limits,
    /// How much of that is taken.
    pub taken: i64,
    /// Who made it.
    pub owner: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub edited_at: Time,
}

/// How a promotion stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// 未启用: it does not count.
    Off,
    /// 未开始: it has not begun.
    Planned,
    /// 进行中: carts get it.
    Running,
    /// 已结束: its time is over.
    Over,
}

impl Promotion {
    /// How it stands at a time.
    #[must_use]
    pub fn state(&self, now: Time) -> State {
        match () {
            () if self.ends_at.is_some_and(|at| at <= now) => State::Over,
            () if !self.active => State::Off,
            () if self.starts_at > now => State::Planned,
            () => State::Running,
        }
    }
}

/// What a promotion is to be.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub note: String,
    /// Whether it counts.
    pub active: bool,
    /// What it says.
    pub terms: Terms,
    /// When it begins.
    pub starts_at: Time,
    /// When it is over.
    pub ends_at: Option<Time>,
    /// How much it gives away at the most.
    pub limits: Limits,
}

impl Limits {
    pub(crate) fn check(self) -> Result<()> {
        for (most, field) in [(self.stock, "stock"), (self.each, "each")] {
            if most.limit().is_some_and(|most| !(1..=USES_MAX).contains(&most)) {
                return Err(Error::bad(format!("is 1 to {USES_MAX}")).field(field));
            }
        }
        Ok(())
    }
}

/// The products that terms give, by number.
pub(crate) fn gifts(terms: &Terms) -> Vec<i64> {
    let Effect::Gift { steps } = &terms.effect else { return Vec::new() };
    let gifts = steps.iter().flat_map(|step| &step.gives.gifts);
    gifts.map(|part| part.product).collect()
}

fn missing() -> Error {
    Error::missing("there is no such promotion").field("promotion_id")
}

/// The promotions of the context's shop before a number, the latest first.
///
/// # Errors
/// What the store reports.
pub async fn list(cx: &Cx, (before, limit): (Option<i64>, i64)) -> Result<Vec<Promotion>> {
    sql::page(&mut cx.read().await?, (before.unwrap_or(i64::MAX), limit)).await
}

/// A promotion.
///
/// # Errors
/// `not_found` when there is none.
pub async fn get(cx: &Cx, number: i64) -> Result<Promotion> {
    let page = sql::page(&mut cx.read().await?, (number.saturating_add(1), 1)).await?;
    page.into_iter().find(|own| own.number == number).ok_or_else(missing)
}

/// All of the shop's promotions; nobody else makes or changes one until the transaction ends.
async fn begin(tx: &mut Tx) -> Result<Vec<Promotion>> {
    counter::take(tx, PROMOTIONS, 0).await?;
    sql::list(tx).await
}

/// Those that hold now, by number.
///
/// # Errors
/// What the store reports.
pub async fn running(tx: &mut Tx, now: Time) -> Result<Vec<Promotion>> {
    sql::running(tx, now).await
}

/// The rules by which the shop's offers stand beside each other.
///
/// # Errors
/// What the store reports.
pub async fn stacking(tx: &mut Tx) -> Result<Stacking> {
    setting::get(tx, STACKING).await
}

/// Sets the rules by which the shop's offers stand beside each other. Promotions that there are
/// stay, also where they would be refused by the new rules.
///
/// # Errors
/// `bad_input` that says which part will not do.
pub async fn set_stacking(cx: &Cx, rules: &Stacking) -> Result<()> {
    rules.check()?;
    let mut tx = cx.write().await?;
    let before = stacking(&mut tx).await?;
    setting::set(&mut tx, STACKING, rules).await?;
    let text = |rules: &Stacking| serde_json::json!(rules).to_string();
    let (before, after) = (Some(text(&before)), Some(text(rules)));
    let deed = Deed { action: "promotion.stack", target: STACKING, before, after };
    audit::commit(tx, cx, deed).await
}

/// Makes a promotion.
///
/// # Errors
/// `bad_input` that says what will not do; `forbidden` for a private segment; `conflict` for a name
/// that is taken, and for another promotion that sets the price of the same goods at the same time;
/// `too_large` when there are too many.
pub async fn make(cx: &Cx, wish: Wish) -> Result<Promotion> {
    check(cx, &wish).await?;
    let mut tx = cx.write().await?;
    let all = begin(&mut tx).await?;
    if all.len() >= PROMOTIONS_MAX {
        let text = format!("a shop has at most {PROMOTIONS_MAX} promotions");
        return Err(Error::new(Code::TooLarge, text));
    }
    let number = counter::take(&mut tx, PROMOTIONS, 1).await?;
    let Wish { name, note, active, terms, starts_at, ends_at, limits } = wish;
    let own = Promotion {
        number,
        name: name.trim().to_owned(),
        note: note.trim().to_owned(),
        active,
        version: 1,
        terms,
        starts_at,
        ends_at,
        limits,
        taken: 0,
        owner: cx.actor.to_string(),
        created_at: cx.now,
        edited_at: cx.now,
    };
    put(tx, cx, (&all, None, own)).await
}

/// Changes a promotion: what is asked from now on gets its new terms.
///
/// # Errors
/// As [`make`]; `not_found` when there is none.
pub async fn edit(cx: &Cx, number: i64, wish: Wish) -> Result<Promotion> {
    check(cx, &wish).await?;
    let mut tx = cx.write().await?;
    let all = begin(&mut tx).await?;
    let before = all.iter().find(|own| own.number == number).ok_or_else(missing)?;
    let Wish { name, note, active, terms, starts_at, ends_at, limits } = wish;
    let own = Promotion {
        version: before.version + i64::from(terms != before.terms),
        name: name.trim().to_owned(),
        note: note.trim().to_owned(),
        active,
        terms,
        starts_at,
        ends_at,
        limits,
        edited_at: cx.now,
        ..before.clone()
    };
    put(tx, cx, (&all, Some(before), own)).await
}

/// Ends a promotion now; one that is over stays as it was.
///
/// # Errors
/// `not_found` when there is none; `conflict` when it has not begun.
pub async fn end(cx: &Cx, number: i64) -> Result<Promotion> {
    let mut tx = cx.write().await?;
    let all = begin(&mut tx).await?;
    let before = all.iter().find(|own| own.number == number).ok_or_else(missing)?;
    if before.starts_at >= cx.now {
        return Err(Error::conflict("it has not begun").hint("remove it, or change when it begins"));
    }
    if before.ends_at.is_some_and(|at| at <= cx.now) {
        return Ok(before.clone());
    }
    let own = Promotion { ends_at: Some(cx.now), edited_at: cx.now, ..before.clone() };
    sql::put(&mut tx, &own).await?;
    let target = number.to_string();
    let deed = Deed { action: "promotion.end", target: &target, ..Deed::default() };
    audit::commit(tx, cx, Deed { before: Some(shown(before)), after: Some(shown(&own)), ..deed })
        .await?;
    Ok(own)
}

/// Removes a promotion that has not begun, or never counted.
///
/// # Errors
/// `not_found` when there is none; `conflict` when somebody may have bought by it.
pub async fn remove(cx: &Cx, number: i64) -> Result<()> {
    let mut tx = cx.write().await?;
    let all = begin(&mut tx).await?;
    let own = all.into_iter().find(|own| own.number == number).ok_or_else(missing)?;
    if own.starts_at <= cx.now || own.taken > 0 {
        return Err(Error::conflict("somebody may have bought by it").hint("end it"));
    }
    sql::remove(&mut tx, number).await?;
    let target = number.to_string();
    let deed = Deed { action: "promotion.remove", target: &target, ..Deed::default() };
    audit::commit(tx, cx, Deed { before: Some(own.name), ..deed }).await
}

fn shown(own: &Promotion) -> String {
    serde_json::json!({
        "name": own.name, "note": own.note, "active": own.active, "terms": own.terms,
        "starts_at": own.starts_at.to_string(),
        "ends_at": own.ends_at.map(|at| at.to_string()),
        "limits": own.limits,
    })
    .to_string()
}

async fn put(
    mut tx: Tx,
    cx: &Cx,
    (all, before, own): (&[Promotion], Option<&Promotion>, Promotion),
) -> Result<Promotion> {
    let others = || all.iter().filter(|other| other.number != own.number);
    if others().any(|other| other.name == own.name) {
        return Err(Error::conflict("another promotion has this name").field("name"));
    }
    let kinds = kinds(&mut tx, others().chain([&own])).await?;
    if own.active && stacking(&mut tx).await?.overlap == Overlap::Refused {
        let own_span = (own.starts_at.max(cx.now), own.ends_at);
        let clash = others().filter(|other| other.active).find(|other| {
            let span = (other.starts_at, other.ends_at);
            overlap((&own.terms, own_span), (&other.terms, span), &kinds)
        });
        if let Some(other) = clash {
            let text = format!("{:?} sets the price of the same goods meanwhile", other.name);
            return Err(Error::conflict(text).field("terms.scope.goods").hint(
                "choose other goods or another time, or have the stacking rules choose the better",
            ));
        }
    }
    if let Some(product) = products(&own.terms).iter().find(|number| !kinds.contains_key(number)) {
        return Err(Error::bad(format!("there is no product {product}")).field("terms"));
    }
    sql::put(&mut tx, &own).await?;
    let action = if before.is_some() { "promotion.edit" } else { "promotion.make" };
    let (before, after) = (before.map(shown), Some(shown(&own)));
    let target = own.number.to_string();
    audit::commit(tx, cx, Deed { action, target: &target, before, after }).await?;
    Ok(own)
}

/// The category and the brand of every product that promotions name.
async fn kinds(tx: &mut Tx, all: impl Iterator<Item = &Promotion>) -> Result<Kinds> {
    let mut named: Vec<i64> = all.flat_map(|own| products(&own.terms)).collect();
    named.sort_unstable();
    named.dedup();
    let known = catalog::of_numbers(tx, &named).await?.into_iter();
    Ok(known.map(|own| (own.number, (own.row.category, own.row.brand))).collect())
}

async fn check(cx: &Cx, wish: &Wish) -> Result<()> {
    let length = wish.name.trim().chars().count();
    if !(1..=NAME_CHARS_MAX).contains(&length) {
        return Err(Error::bad(format!("needs 1 to {NAME_CHARS_MAX} characters")).field("name"));
    }
    if wish.note.trim().chars().count() > NOTE_CHARS_MAX {
        return Err(Error::bad(format!("has at most {NOTE_CHARS_MAX} characters")).field("note"));
    }
    wish.terms.check().map_err(|error| beneath(error, "terms"))?;
    wish.limits.check().map_err(|error| beneath(error, "limits"))?;
    if wish.ends_at.is_some_and(|at| at <= wish.starts_at) {
        return Err(Error::bad("must be later than the start").field("ends_at"));
    }
    for tier in &wish.terms.scope.tiers {
        let known = tier::check_known(cx, Some(*tier)).await;
        known.map_err(|error| error.field("terms.scope.tiers"))?;
    }
    for segment in &wish.terms.scope.segments {
        // Who gets a promotion tells who is in its segments.
        let open = segment::open(cx, *segment).await;
        open.map_err(|error| error.field("terms.scope.segments"))?;
    }
    Ok(())
}
