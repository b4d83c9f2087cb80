//! 活动: something that a shop holds for a while, in which people take part by a tag, and which may
//! make them members.
//!
//! Who takes part is kept by [`refresh`]: whoever has one of its tags while it runs. Who loses the
//! tag takes part no more, also afterwards.

mod sql;

use std::collections::BTreeMap;

use base::{Code, Error, Result, Time};
use roaring::RoaringBitmap;
use store::audit::{self, Deed};
use store::{Cx, Tx, counter};
use stratify::roster::{self, Kind};
use stratify::tag;

use crate::tier;
use crate::tier::rule::taking_part;
use crate::tier::{NAME_CHARS_MAX, NOTE_CHARS_MAX};

/// Activities of a shop at the most.
pub const ACTIVITIES_MAX: usize = 1_000;

/// An activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Its number within the shop.
    pub number: i64,
    /// Its name, which no other one has.
    pub name: String,
    /// What it is.
    pub note: String,
    /// When it begins.
    pub starts_at: Time,
    /// When it is over.
    pub ends_at: Time,
    /// The level that whoever takes part has at least.
    pub tier: Option<i64>,
    /// Until when they have it; for ever where that is not said.
    pub tier_until: Option<Time>,
    /// Who made it.
    pub owner: String,
    /// When it was made.
    pub created_at: Time,
}

/// What an activity is to be.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Its name.
    pub name: String,
    /// What it is.
    pub note: String,
    /// When it begins.
    pub starts_at: Time,
    /// When it is over.
    pub ends_at: Time,
    /// The level that whoever takes part has at least.
    pub tier: Option<i64>,
    /// Until when they have it; for ever where that is not said.
    pub tier_until: Option<Time>,
}

impl Activity {
    /// The level that it gives at a time.
    pub(crate) fn gives(&self, now: Time) -> Option<i64> {
        self.tier.filter(|_| self.tier_until.is_none_or(|until| now < until))
    }

    /// When something about it changes by itself.
    pub(crate) fn turns(&self) -> impl Iterator<Item = Time> {
        [self.starts_at, self.ends_at].into_iter().chain(self.tier_until)
    }
}

fn missing() -> Error {
    Error::missing("there is no such activity").field("activity_id")
}

/// The activities of the context's shop, the latest first.
///
/// # Errors
/// What the store reports.
pub async fn list(cx: &Cx) -> Result<Vec<Activity>> {
    all(&mut cx.read().await?).await
}

pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<Activity>> {
    sql::list(tx).await
}

/// An activity.
///
/// # Errors
/// `not_found` when there is none.
pub async fn get(cx: &Cx, number: i64) -> Result<Activity> {
    list(cx).await?.into_iter().find(|own| own.number == number).ok_or_else(missing)
}

/// Who takes part, under the numbers that people go by now.
///
/// # Errors
/// What the store reports.
pub async fn members(cx: &Cx, number: i64) -> Result<RoaringBitmap> {
    roster::members(&mut cx.read().await?, (Kind::Activity, number)).await
}

/// Makes an activity.
///
/// # Errors
/// `bad_input` that says what will not do, `conflict` for a name that is taken, `too_large` when
/// there are too many.
pub async fn make(cx: &Cx, wish: Wish) -> Result<Activity> {
    tier::check_known(cx, wish.tier).await?;
    let mut tx = cx.write().await?;
    let number = counter::take(&mut tx, "activity", 1).await?;
    put(tx, cx, (None, number), wish).await
}

/// Changes an activity. Who takes part already still does.
///
/// # Errors
/// As [`make`]; `not_found` when there is none.
pub async fn edit(cx: &Cx, number: i64, wish: Wish) -> Result<Activity> {
    let before = get(cx, number).await?;
    tier::check_known(cx, wish.tier).await?;
    put(cx.write().await?, cx, (Some(&before), number), wish).await
}

async fn put(
    mut tx: Tx,
    cx: &Cx,
    (before, number): (Option<&Activity>, i64),
    wish: Wish,
) -> Result<Activity> {
    let all = sql::list(&mut tx).await?;
    if before.is_none() && all.len() >= ACTIVITIES_MAX {
        let text = format!("a shop has at most {ACTIVITIES_MAX} activities");
        return Err(Error::new(Code::TooLarge, text).hint("remove those that are over"));
    }
    let (owner, created_at) = match before {
        Some(before) => (before.owner.clone(), before.created_at),
        None => (cx.actor.to_string(), cx.now),
    };
    let Wish { name, note, starts_at, ends_at, tier, tier_until } = wish;
    let (name, note) = (name.trim().to_owned(), note.trim().to_owned());
    let activity =
        Activity { number, name, note, starts_at, ends_at, tier, tier_until, owner, created_at };
    check(&activity)?;
    if all.iter().any(|other| other.number != number && other.name == activity.name) {
        return Err(Error::conflict("another activity has this name").field("name"));
    }
    sql::put(&mut tx, &activity).await?;
    roster::rename(&mut tx, (Kind::Activity, number), &activity.name).await?;
    tier::touch(&mut tx).await?;
    let action = if before.is_some() { "activity.edit" } else { "activity.make" };
    let (before, after) = (before.map(shown), Some(shown(&activity)));
    let target = number.to_string();
    tier::refreshed(&mut tx, cx).await?;
    audit::commit(tx, cx, Deed { action, target: &target, before, after }).await?;
    Ok(activity)
}

fn shown(activity: &Activity) -> String {
    let Activity { name, note, starts_at, ends_at, tier, tier_until, .. } = activity;
    let until = tier_until.map(|at| at.to_string());
    serde_json::json!({
        "name": name, "note": note, "starts_at": starts_at.to_string(),
        "ends_at": ends_at.to_string(), "tier": tier, "tier_until": until,
    })
    .to_string()
}

fn check(activity: &Activity) -> Result<()> {
    let long = |text: &str, most: usize| text.chars().count() > most;
    if activity.name.is_empty() || long(&activity.name, NAME_CHARS_MAX) {
        return Err(Error::bad(format!("needs 1 to {NAME_CHARS_MAX} characters")).field("name"));
    }
    if long(&activity.note, NOTE_CHARS_MAX) {
        return Err(Error::bad(format!("has at most {NOTE_CHARS_MAX} characters")).field("note"));
    }
    if activity.ends_at <= activity.starts_at {
        return Err(Error::bad("must be later than the start").field("ends_at"));
    }
    if activity.tier_until.is_some_and(|until| until <= activity.starts_at) {
        return Err(Error::bad("must be later than the start").field("tier_until"));
    }
    if activity.tier_until.is_some() && activity.tier.is_none() {
        return Err(Error::bad("needs a level").field("tier_until"));
    }
    Ok(())
}

/// Removes an activity.
///
/// # Errors
/// `not_found` when there is none; `conflict` while a tag carries it or a segment names it.
pub async fn remove(cx: &Cx, number: i64) -> Result<()> {
    let activity = get(cx, number).await?;
    roster::check_unnamed(cx, (Kind::Activity, number)).await?;
    let tags = tag::list(cx).await?;
    if let Some(tag) = tags.iter().find(|tag| tag.carried.activity == Some(number)) {
        return Err(Error::conflict(format!("the tag {:?} carries it", tag.name)));
    }
    let mut tx = cx.write().await?;
    sql::remove(&mut tx, number).await?;
    roster::remove(&mut tx, (Kind::Activity, number)).await?;
    tier::refreshed(&mut tx, cx).await?;
    let target = number.to_string();
    let deed = Deed { action: "activity.remove", target: &target, ..Deed::default() };
    audit::commit(tx, cx, Deed { before: Some(activity.name), ..deed }).await
}

/// Refuses a tag that carries an activity which there is not.
///
/// # Errors
/// `bad_input`.
pub async fn check_known(cx: &Cx, number: Option<i64>) -> Result<()> {
    let Some(number) = number else { return Ok(()) };
    get(cx, number).await.map(drop).map_err(|error| match error.code {
        Code::NotFound => Error::bad("there is no such activity").field("activity_id"),
        _ => error,
    })
}

/// Brings who takes part in which activity up to date, by the numbers under which they came in: so
/// that two people who were one for a while take part again as each did.
pub(crate) async fn refresh(tx: &mut Tx, now: Time) -> Result<()> {
    let mut tagged: BTreeMap<i64, RoaringBitmap> = BTreeMap::new();
    for tag in tag::all(tx).await? {
        if let Some(activity) = tag.carried.activity {
            let stored = roster::stored(tx, (Kind::Tag, tag.number)).await?;
            *tagged.entry(activity).or_default() |= stored;
        }
    }
    for activity in sql::list(tx).await? {
        let key = (Kind::Activity, activity.number);
        let before = roster::stored(tx, key).await?;
        let own = tagged.remove(&activity.number).unwrap_or_default();
        let Activity { starts_at, ends_at, .. } = activity;
        let members = taking_part(own, &before, (starts_at, ends_at, now));
        let changed = &before ^ &members;
        if !changed.is_empty() {
            roster::put(tx, key, (&members, &changed)).await?;
        }
    }
    Ok(())
}
