//! Who has which level now, why, and who moved.

use std::collections::BTreeMap;

use base::{Error, Result, Time};
use perceive::identity;
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use store::log::{self, Fact, topic};
use store::{Cx, Tx, counter};
use stratify::roster::rule::bytes;
use stratify::roster::{self, Kind};
use stratify::tag::{self, Tagged};

use super::rule::{self, Move};
use super::{CHANGES, Grant, Tier, plan, sql};
use crate::activity::{self, Activity};

/// The kind of facts that say who went from one level to another.
const CHANGED_FACT: &str = "tier.changed";
/// The series of times that levels were worked out.
const TURNS: &str = "tier_turn";
/// Grants to many people, and moves of many, that one customer's are looked for in; and of their
/// own.
const LOOKED_MAX: i64 = 500;
/// Moves of one customer that are told.
const TOLD_MAX: usize = 50;

/// What a fact says: who moved, from where to where.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    from: Option<i64>,
    to: Option<i64>,
    members: ByteBuf,
}

/// People who went from one level to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The level that they had.
    pub from: Option<i64>,
    /// The level that they have since.
    pub to: Option<i64>,
    /// They.
    pub people: RoaringBitmap,
    /// When.
    pub at: Time,
}

/// What gives people levels, by the levels' places in the plan.
pub(super) struct Held {
    least: Vec<RoaringBitmap>,
    fixed: Vec<RoaringBitmap>,
}

impl Held {
    pub(super) fn levels(&self) -> Vec<RoaringBitmap> {
        rule::levels(&self.least, &self.fixed)
    }

    /// Adds a grant that is newer than all others.
    pub(super) fn give(&mut self, (place, exact): (usize, bool), people: &RoaringBitmap) {
        match exact {
            true => rule::fix(&mut self.fixed, place, people),
            false => self.raise(Some(place), people),
        }
    }

    fn raise(&mut self, place: Option<usize>, people: &RoaringBitmap) {
        if let Some(set) = place.and_then(|place| self.least.get_mut(place)) {
            *set |= people;
        }
    }
}

/// What gives people levels at a time, and whether what they reached by the plan is part of it.
pub(super) async fn held(
    tx: &mut Tx,
    now: Time,
    (tiers, reached): (&[Tier], bool),
) -> Result<Held> {
    let place = |number: i64| tiers.iter().position(|tier| tier.number == number);
    let mut held = Held { least: vec![RoaringBitmap::new(); tiers.len()], fixed: Vec::new() };
    let mut exact: Vec<(usize, RoaringBitmap)> = Vec::new();
    let numbers = roster::renumbering(tx).await?;
    for grant in sql::live(tx).await?.into_iter().filter(|grant| grant.holds(now)) {
        let Some(place) = place(grant.tier) else { continue };
        match grant.exact {
            true => exact.push((place, numbers.of(grant.people))),
            false => held.raise(Some(place), &grant.people),
        }
    }
    held.fixed = rule::fixed(tiers.len(), exact.iter().map(|(place, people)| (*place, people)));
    if reached {
        for term in plan::sql::list(tx).await?.into_iter().filter(|term| term.holds(now)) {
            held.raise(place(term.tier), &term.people);
        }
    }
    for tag in tag::all(tx).await? {
        if let Some(tier) = tag.carried.tier {
            held.raise(place(tier), &roster::stored(tx, (Kind::Tag, tag.number)).await?);
        }
    }
    for activity in activity::all(tx).await? {
        if let Some(tier) = activity.gives(now) {
            let key = (Kind::Activity, activity.number);
            held.raise(place(tier), &roster::stored(tx, key).await?);
        }
    }
    held.least = held.least.into_iter().map(|people| numbers.of(people)).collect();
    Ok(held)
}

/// Brings who has which level, and who takes part in which activity, up to date; how many people
/// have another level than before.
///
/// # Errors
/// What the store reports.
pub async fn refresh(cx: &Cx) -> Result<u64> {
    let mut tx = cx.write().await?;
    let moved = refreshed(&mut tx, cx).await?;
    tx.commit().await?;
    Ok(moved)
}

/// The same within a transaction.
pub(crate) async fn refreshed(tx: &mut Tx, cx: &Cx) -> Result<u64> {
    // The counter's row is locked until the end: nobody else works it out meanwhile.
    counter::take(tx, TURNS, 1).await?;
    sql::end_due(tx, cx.now).await?;
    activity::refresh(tx, cx.now).await?;
    let tiers = sql::list(tx).await?;
    let mut before = Vec::with_capacity(tiers.len());
    for tier in &tiers {
        before.push(roster::members(tx, (Kind::Tier, tier.number)).await?);
    }
    // Somebody who was two people until now has both of their levels.
    let before = rule::levels(&before, &[]);
    let reached = plan::get(tx).await?.active;
    let now = held(tx, cx.now, (&tiers, reached)).await?.levels();
    let mut all = 0;
    let mut facts = Vec::new();
    for Move { from, to, people } in rule::moves(&before, &now) {
        all += people.len();
        let number = |place: Option<usize>| Some(tiers.get(place?)?.number);
        let moved = Moved { from: number(from), to: number(to), people, at: cx.now };
        let own = counter::take(tx, "tier_move", 1).await?;
        sql::add_move(tx, own, &moved).await?;
        facts.push(fact(&moved)?);
    }
    for (tier, now) in tiers.iter().zip(&now) {
        let key = (Kind::Tier, tier.number);
        let stored = roster::stored(tx, key).await?;
        let changed = &stored ^ now;
        if !changed.is_empty() {
            roster::put(tx, key, (now, &changed)).await?;
        }
    }
    log::append(tx, cx, topic::DOMAIN, &facts).await?;
    Ok(all)
}

fn fact(moved: &Moved) -> Result<Fact> {
    let members = ByteBuf::from(bytes(&moved.people)?);
    let told = Told { from: moved.from, to: moved.to, members };
    let body = postcard::to_stdvec(&told)
        .map_err(|cause| Error::internal("a fact could not be written", cause))?;
    Ok(Fact { kind: CHANGED_FACT.to_owned(), at: moved.at, body })
}

/// Keeps a shop's levels up to date.
#[derive(Debug, Default)]
pub struct Keeper {
    /// The last changes of levels, of sets of customers and of who is whom.
    seen: Option<[i64; 3]>,
    /// When something ends or begins by itself.
    due: Option<Time>,
}

impl Keeper {
    /// Brings levels up to date where something has changed; how many people have another one.
    ///
    /// # Errors
    /// What the store reports.
    pub async fn turn(&mut self, cx: &Cx) -> Result<u64> {
        let mut tx = cx.read().await?;
        let now = changes(&mut tx).await?;
        drop(tx);
        if self.seen == Some(now) && self.due.is_none_or(|due| cx.now < due) {
            return Ok(0);
        }
        let moved = refresh(cx).await?;
        let mut tx = cx.read().await?;
        let ends = sql::next_end(&mut tx).await?;
        let over = plan::sql::next_end(&mut tx, cx.now).await?;
        let turns = activity::all(&mut tx).await?;
        self.due = turns
            .iter()
            .flat_map(Activity::turns)
            .filter(|at| *at > cx.now)
            .chain(ends)
            .chain(over)
            .min();
        self.seen = Some(now);
        Ok(moved)
    }
}

async fn changes(tx: &mut Tx) -> Result<[i64; 3]> {
    let (own, sets) = (counter::last(tx, CHANGES).await?, roster::changes(tx).await?);
    Ok([own, sets, identity::moves(tx).await?])
}

/// Something by which somebody has a level.
#[derive(Debug, Clone, PartialEq)]
pub struct Because {
    /// What it is.
    pub way: Way,
    /// The level.
    pub tier: i64,
    /// Whether it fixes the level; otherwise it is the least.
    pub exact: bool,
    /// Who did it.
    pub actor: Option<String>,
    /// Since when.
    pub since: Option<Time>,
    /// Until when.
    pub until: Option<Time>,
}

/// How somebody comes by a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// By a grant, with its number and reason.
    Grant(i64, String),
    /// By what they did, as the plan of levels says.
    Plan,
    /// By a tag of this name.
    Tag(String),
    /// By taking part in the activity of this name.
    Activity(String),
}

/// A customer's level.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// The level.
    pub tier: Option<Tier>,
    /// Since when.
    pub since: Option<Time>,
    /// By what, that which decides first.
    pub because: Vec<Because>,
    /// How they moved, the latest first: from where, to where, when.
    pub moves: Vec<(Option<i64>, Option<i64>, Time)>,
    /// The activities that they take part in.
    pub activities: Vec<Activity>,
}

/// A customer's level, why they have it, and how they came to it.
///
/// # Errors
/// What the store reports.
pub async fn of_person(cx: &Cx, person: i64) -> Result<Standing> {
    let mut tx = cx.read().await?;
    let labels = identity::labels(&mut tx, person).await?;
    let of = |set: &RoaringBitmap| {
        labels.iter().any(|label| u32::try_from(*label).is_ok_and(|label| set.contains(label)))
    };
    let tiers = sql::list(&mut tx).await?;
    let mut standing = Standing::default();
    for tier in &tiers {
        if of(&roster::members(&mut tx, (Kind::Tier, tier.number)).await?) {
            standing.tier = Some(tier.clone());
        }
    }
    for activity in activity::all(&mut tx).await? {
        if of(&roster::members(&mut tx, (Kind::Activity, activity.number)).await?) {
            standing.activities.push(activity);
        }
    }
    let grants = sql::of_people(&mut tx, &labels, LOOKED_MAX).await?;
    let moves = sql::moves(&mut tx, &labels, LOOKED_MAX).await?;
    let reached = match plan::get(&mut tx).await?.active {
        true => plan::sql::list(&mut tx).await?,
        false => Vec::new(),
    };
    drop(tx);
    let moves = moves.iter().filter(|moved| of(&moved.people)).take(TOLD_MAX);
    standing.moves = moves.map(|moved| (moved.from, moved.to, moved.at)).collect();
    let own = standing.tier.as_ref().map(|tier| tier.number);
    let came = standing.moves.iter().find(|(_, to, _)| *to == own && own.is_some());
    standing.since = came.map(|(_, _, at)| *at);
    let grants = grants.into_iter().filter(|own| own.holds(cx.now) && of(&own.people));
    let tags = tag::of_person(cx, person).await?;
    let reached = reached.into_iter().filter(|term| term.holds(cx.now) && of(&term.people));
    let grants = grants.map(Because::from).chain(reached.map(Because::from));
    standing.because = because(&tiers, grants, &tags, (&standing.activities, cx.now));
    Ok(standing)
}

/// What gives somebody a level: what fixes it, the latest first, then the highest first.
fn because(
    tiers: &[Tier],
    first: impl Iterator<Item = Because>,
    tags: &[Tagged],
    (activities, now): (&[Activity], Time),
) -> Vec<Because> {
    let mut all: Vec<Because> = first.collect();
    all.extend(tags.iter().filter_map(|tagged| {
        Some(Because {
            way: Way::Tag(tagged.tag.name.clone()),
            tier: tagged.tag.carried.tier?,
            exact: false,
            actor: tagged.actor.clone(),
            since: tagged.since,
            until: tagged.expires_at,
        })
    }));
    all.extend(activities.iter().filter_map(|activity| {
        Some(Because {
            way: Way::Activity(activity.name.clone()),
            tier: activity.gives(now)?,
            exact: false,
            actor: None,
            since: None,
            until: activity.tier_until,
        })
    }));
    let places: BTreeMap<i64, usize> =
        tiers.iter().enumerate().map(|(place, tier)| (tier.number, place)).collect();
    // The latest grant comes first already; the sort is stable.
    all.sort_by_key(|one| {
        let height =
            if one.exact { usize::MAX } else { places.get(&one.tier).copied().unwrap_or(0) };
        (!one.exact, std::cmp::Reverse(height))
    });
    all
}

impl From<plan::sql::Term> for Because {
    fn from(term: plan::sql::Term) -> Self {
        let (way, tier, until) = (Way::Plan, term.tier, term.ends_at);
        Self { way, tier, exact: false, actor: None, since: None, until }
    }
}

impl From<Grant> for Because {
    fn from(grant: Grant) -> Self {
        Self {
            way: Way::Grant(grant.number, grant.reason),
            tier: grant.tier,
            exact: grant.exact,
            actor: Some(grant.actor),
            since: Some(grant.at),
            until: grant.ends_at,
        }
    }
}
