//! 会员等级: the levels of a shop's members, and who has which.
//!
//! Somebody's level is worked out of what holds: the last grant that fixes it, or else the highest
//! that a grant, a tag or an activity gives them. What ends or is undone leaves what was before.
//! [`standing`] brings who has which level up to date and says who moved.

pub mod plan;
pub mod rule;
mod sql;
mod standing;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use base::{Code, Error, Result, Time};
use roaring::RoaringBitmap;
use store::audit::{self, Deed};
use store::{Cx, Tx, counter};
use stratify::roster::{self, Kind};
use stratify::tag;

use crate::activity;
use rule::Effect;
pub(crate) use standing::refreshed;
pub use standing::{Because, Keeper, Moved, Standing, Way, of_person, refresh};

/// Levels of a shop at the most.
pub const TIERS_MAX: usize = 20;
/// Characters of a name at the most.
pub const NAME_CHARS_MAX: usize = 30;
/// Characters of a note, and of a reason, at the most.
pub const NOTE_CHARS_MAX: usize = 500;
/// Grants that hold at the same time at the most.
pub const GRANTS_MAX: i64 = 100_000;
/// Grants that are listed at the most.
const LISTED_MAX: i64 = 500;
/// The series of changes of the plan and of grants.
const CHANGES: &str = "tier_change";

/// A level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// Its number within the shop.
    pub number: i64,
    /// Its name, which no other level has.
    pub name: String,
    /// One of [`tag::COLOURS`].
    pub colour: String,
    /// What it means.
    pub note: String,
    /// When it was made.
    pub created_at: Time,
}

/// What a level is to be; what is left out stays or is empty.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Its name.
    pub name: Option<String>,
    /// Its colour.
    pub colour: Option<String>,
    /// What it means.
    pub note: Option<String>,
    /// Its place in the plan, from 1 for the lowest; a new one is the highest.
    pub place: Option<usize>,
}

/// Somebody gave people a level.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// Its number within the shop.
    pub number: i64,
    /// The level.
    pub tier: i64,
    /// Whether they have this level and no other while it holds; otherwise at least this one.
    pub exact: bool,
    /// How they were meant: `hand`, `segment` or `list`.
    pub how: String,
    /// The people.
    pub people: RoaringBitmap,
    /// Why.
    pub reason: String,
    /// Who gave it.
    pub actor: String,
    /// When.
    pub at: Time,
    /// When it ends by itself.
    pub ends_at: Option<Time>,
    /// When somebody ended it.
    pub ended_at: Option<Time>,
}

/// A level that is to be given.
#[derive(Debug, Clone)]
pub struct NewGrant {
    /// To whom.
    pub people: RoaringBitmap,
    /// How they were meant: `hand`, `segment` or `list`.
    pub how: &'static str,
    /// Whether they have this level and no other while it holds; otherwise at least this one.
    pub exact: bool,
    /// Why.
    pub reason: String,
    /// When it ends by itself.
    pub ends_at: Option<Time>,
}

impl Grant {
    /// Whether it still holds at a time.
    #[must_use]
    pub fn holds(&self, now: Time) -> bool {
        self.ended_at.is_none() && self.ends_at.is_none_or(|at| now < at)
    }
}

fn missing() -> Error {
    Error::missing("there is no such level").field("tier_id")
}

/// The levels of the context's shop, the lowest first.
///
/// # Errors
/// What the store reports.
pub async fn list(cx: &Cx) -> Result<Vec<Tier>> {
    sql::list(&mut cx.read().await?).await
}

/// The same within a transaction.
pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<Tier>> {
    sql::list(tx).await
}

/// A level.
///
/// # Errors
/// `not_found` when there is none.
pub async fn get(cx: &Cx, number: i64) -> Result<Tier> {
    list(cx).await?.into_iter().find(|tier| tier.number == number).ok_or_else(missing)
}

/// Who has a level, under the numbers that people go by now.
///
/// # Errors
/// What the store reports.
pub async fn members(cx: &Cx, number: i64) -> Result<RoaringBitmap> {
    roster::members(&mut cx.read().await?, (Kind::Tier, number)).await
}

/// Makes a level.
///
/// # Errors
/// `bad_input` that says what will not do, `conflict` for a name that is taken, `too_large` when
/// there are too many.
pub async fn make(cx: &Cx, wish: Wish) -> Result<Tier> {
    let mut tx = cx.write().await?;
    let mut tiers = sql::list(&mut tx).await?;
    if tiers.len() >= TIERS_MAX {
        return Err(Error::new(Code::TooLarge, format!("a shop has at most {TIERS_MAX} levels")));
    }
    let tier = Tier {
        number: counter::take(&mut tx, "tier", 1).await?,
        name: String::new(),
        colour: tag::COLOURS.first().copied().unwrap_or_default().to_owned(),
        note: String::new(),
        created_at: cx.now,
    };
    let place = wish.place.unwrap_or(tiers.len() + 1);
    let tier = wished(tier, wish)?;
    insert(&mut tiers, place, tier.clone())?;
    put(tx, cx, (None, &tier), &tiers).await?;
    Ok(tier)
}

/// Changes a level.
///
/// # Errors
/// As [`make`]; `not_found` when there is none.
pub async fn edit(cx: &Cx, number: i64, wish: Wish) -> Result<Tier> {
    let mut tx = cx.write().await?;
    let mut tiers = sql::list(&mut tx).await?;
    let at = tiers.iter().position(|tier| tier.number == number).ok_or_else(missing)?;
    let before = tiers.remove(at);
    let place = wish.place.unwrap_or(at + 1);
    let tier = wished(before.clone(), wish)?;
    insert(&mut tiers, place, tier.clone())?;
    put(tx, cx, (Some(&before), &tier), &tiers).await?;
    Ok(tier)
}

fn insert(tiers: &mut Vec<Tier>, place: usize, tier: Tier) -> Result<()> {
    if place == 0 || place > tiers.len() + 1 {
        let text = format!("is 1 to {}", tiers.len() + 1);
        return Err(Error::bad(text).field("place").hint("1 is the lowest level"));
    }
    if tiers.iter().any(|other| other.name == tier.name) {
        return Err(Error::conflict("another level has this name").field("name"));
    }
    tiers.insert(place - 1, tier);
    Ok(())
}

fn wished(mut tier: Tier, wish: Wish) -> Result<Tier> {
    let trimmed =
        |text: Option<String>, own: String| text.map_or(own, |text| text.trim().to_owned());
    tier.name = trimmed(wish.name, tier.name);
    tier.note = trimmed(wish.note, tier.note);
    tier.colour = trimmed(wish.colour, tier.colour);
    let long = |text: &str, most: usize| text.chars().count() > most;
    if tier.name.is_empty() || long(&tier.name, NAME_CHARS_MAX) {
        return Err(Error::bad(format!("needs 1 to {NAME_CHARS_MAX} characters")).field("name"));
    }
    if long(&tier.note, NOTE_CHARS_MAX) {
        return Err(Error::bad(format!("has at most {NOTE_CHARS_MAX} characters")).field("note"));
    }
    tag::check_colour(&tier.colour)?;
    Ok(tier)
}

async fn put(
    mut tx: Tx,
    cx: &Cx,
    (before, tier): (Option<&Tier>, &Tier),
    tiers: &[Tier],
) -> Result<()> {
    sql::put(&mut tx, tiers).await?;
    roster::rename(&mut tx, (Kind::Tier, tier.number), &tier.name).await?;
    // Who of those that have two is in the higher one hangs on their places.
    plan::touch(&mut tx).await?;
    refreshed(&mut tx, cx).await?;
    let shown = |tier: &Tier| {
        let place = tiers.iter().position(|own| own.number == tier.number).map(|at| at + 1);
        let Tier { name, colour, note, .. } = tier;
        serde_json::json!({ "name": name, "colour": colour, "note": note, "place": place })
            .to_string()
    };
    let action = if before.is_some() { "tier.edit" } else { "tier.make" };
    let (before, after) = (before.map(shown), Some(shown(tier)));
    let target = tier.number.to_string();
    audit::commit(tx, cx, Deed { action, target: &target, before, after }).await
}

/// Removes a level.
///
/// # Errors
/// `not_found` when there is none; `conflict` while a grant, a tag or an activity gives it or a
/// segment names it.
pub async fn remove(cx: &Cx, number: i64) -> Result<()> {
    let tier = get(cx, number).await?;
    roster::check_unnamed(cx, (Kind::Tier, number)).await?;
    let mut tx = cx.write().await?;
    roster::touch(&mut tx).await?;
    let tags = tag::all(&mut tx).await?;
    if let Some(tag) = tags.iter().find(|tag| tag.carried.tier == Some(number)) {
        return Err(Error::conflict(format!("the tag {:?} carries it", tag.name)));
    }
    let activities = activity::all(&mut tx).await?;
    if let Some(activity) = activities.iter().find(|activity| activity.tier == Some(number)) {
        return Err(Error::conflict(format!("the activity {:?} gives it", activity.name)));
    }
    if sql::count(&mut tx, Some(number)).await? > 0 {
        return Err(
            Error::conflict("people were given this level").hint("end what gave it to them first")
        );
    }
    sql::remove(&mut tx, number).await?;
    plan::forget(&mut tx, number).await?;
    roster::remove(&mut tx, (Kind::Tier, number)).await?;
    counter::take(&mut tx, CHANGES, 1).await?;
    let target = number.to_string();
    let deed = Deed { action: "tier.remove", target: &target, ..Deed::default() };
    audit::commit(tx, cx, Deed { before: Some(tier.name), ..deed }).await
}

/// Gives people a level, and brings everybody's up to date.
///
/// # Errors
/// `not_found` when there is no such level, `bad_input` without a reason or people or for an end
/// that has passed, `too_large` when too many grants hold.
pub async fn grant(cx: &Cx, number: i64, new: NewGrant) -> Result<(Grant, Effect)> {
    get(cx, number).await?;
    let effect = foreseen(cx, number, (&new.people, new.exact)).await?;
    check(cx, &new)?;
    let mut tx = cx.write().await?;
    if sql::count(&mut tx, None).await? >= GRANTS_MAX {
        let text = format!("at most {GRANTS_MAX} grants of levels hold at the same time");
        return Err(Error::new(Code::TooLarge, text).hint("give levels to many people at once"));
    }
    let NewGrant { people, how, exact, reason, ends_at } = new;
    let grant = Grant {
        number: counter::take(&mut tx, "tier_grant", 1).await?,
        tier: number,
        exact,
        how: how.to_owned(),
        people,
        reason: reason.trim().to_owned(),
        actor: cx.actor.to_string(),
        at: cx.now,
        ends_at,
        ended_at: None,
    };
    sql::insert(&mut tx, &grant).await?;
    counter::take(&mut tx, CHANGES, 1).await?;
    let told = serde_json::json!({
        "grant": grant.number, "people": grant.people.len(), "exact": exact,
        "reason": grant.reason, "how": how, "ends_at": ends_at.map(|at| at.to_string()),
    });
    let (target, after) = (number.to_string(), Some(told.to_string()));
    let deed = Deed { action: "tier.grant", target: &target, before: None, after };
    refreshed(&mut tx, cx).await?;
    audit::commit(tx, cx, deed).await?;
    Ok((grant, effect))
}

fn check(cx: &Cx, new: &NewGrant) -> Result<()> {
    let reason = new.reason.trim();
    if reason.is_empty() || reason.chars().count() > NOTE_CHARS_MAX {
        let text = format!("needs 1 to {NOTE_CHARS_MAX} characters");
        return Err(Error::bad(text).field("reason").hint("whoever asks why is told it"));
    }
    if new.people.is_empty() {
        return Err(Error::bad("means nobody").field("customer_ids"));
    }
    if new.ends_at.is_some_and(|at| at <= cx.now) {
        return Err(Error::bad("has passed").field("ends_at"));
    }
    Ok(())
}

/// What giving people a level would change.
///
/// # Errors
/// `not_found` when there is no such level.
pub async fn foreseen(
    cx: &Cx,
    number: i64,
    (people, exact): (&RoaringBitmap, bool),
) -> Result<Effect> {
    let mut tx = cx.read().await?;
    let tiers = sql::list(&mut tx).await?;
    let place = tiers.iter().position(|tier| tier.number == number).ok_or_else(missing)?;
    let reached = plan::get(&mut tx).await?.active;
    let mut held = standing::held(&mut tx, cx.now, (&tiers, reached)).await?;
    let before = held.levels();
    held.give((place, exact), people);
    Ok(rule::effect(people, &rule::moves(&before, &held.levels())))
}

/// Ends a grant: whoever had a level by it has what else gives them one.
///
/// # Errors
/// `not_found` when there is no such grant, `conflict` when it has ended already.
pub async fn end(cx: &Cx, number: i64) -> Result<Grant> {
    let mut tx = cx.write().await?;
    let none = || Error::missing("there is no such grant").field("grant_id");
    let grant = sql::grant(&mut tx, number).await?.ok_or_else(none)?;
    if !grant.holds(cx.now) {
        return Err(Error::conflict("this has ended already").field("grant_id"));
    }
    sql::end(&mut tx, number, cx.now).await?;
    counter::take(&mut tx, CHANGES, 1).await?;
    let target = grant.tier.to_string();
    let after = Some(serde_json::json!({ "grant": number }).to_string());
    let deed = Deed { action: "tier.end", target: &target, before: None, after };
    refreshed(&mut tx, cx).await?;
    audit::commit(tx, cx, deed).await?;
    Ok(Grant { ended_at: Some(cx.now), ..grant })
}

/// Grants of a level, the latest first.
///
/// # Errors
/// `not_found` when there is no such level.
pub async fn grants(cx: &Cx, number: i64) -> Result<Vec<Grant>> {
    get(cx, number).await?;
    sql::of_tier(&mut cx.read().await?, number, LISTED_MAX).await
}

/// Refuses a tag or an activity that gives a level which there is not.
///
/// # Errors
/// `bad_input`.
pub async fn check_known(cx: &Cx, number: Option<i64>) -> Result<()> {
    let known: BTreeSet<i64> = list(cx).await?.into_iter().map(|tier| tier.number).collect();
    match number.filter(|number| !known.contains(number)) {
        Some(_) => Err(Error::bad("there is no such level").field("tier_id")),
        None => Ok(()),
    }
}

/// Has levels worked out anew.
pub(crate) async fn touch(tx: &mut Tx) -> Result<()> {
    counter::take(tx, CHANGES, 1).await.map(drop)
}
