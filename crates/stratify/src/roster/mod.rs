//! 名单: who is in a segment, has a tag or a level, or takes part in an activity, each a set of
//! customers by number.
//!
//! A set is stored in parts, so that a change of a few customers writes little. Later steps of the
//! loop keep theirs here, with a name, so that conditions can mean them.

pub mod rule;
mod sql;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use base::{Error, Result};
use perceive::identity;
use roaring::RoaringBitmap;
use store::{Cx, Tx, counter};

use crate::expr::{Expr, Needs};
use crate::segment;
use rule::{bytes, numbers, parts};

/// The series of changes of who is in which set, those of segments left out.
const CHANGES: &str = "roster_change";

/// What a set is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// 人群.
    Segment,
    /// 标签.
    Tag,
    /// 会员等级.
    Tier,
    /// 活动.
    Activity,
}

/// Which set.
pub type Key = (Kind, i64);

/// Sets of customers by what they are of.
pub type Rosters = BTreeMap<Key, Arc<RoaringBitmap>>;

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Segment, Self::Tag, Self::Tier, Self::Activity];
    /// Those that later steps keep.
    const LATER: [Self; 2] = [Self::Tier, Self::Activity];

    /// Its name, which is that of the field in conditions, too.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Segment => "segment",
            Self::Tag => "tag",
            Self::Tier => "tier",
            Self::Activity => "activity",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Who is in a set, by the numbers under which they came into it.
///
/// # Errors
/// What the store reports.
pub async fn stored(tx: &mut Tx, key: Key) -> Result<RoaringBitmap> {
    let mut all = RoaringBitmap::new();
    for bytes in sql::parts(tx, key).await? {
        all |= numbers(&bytes)?;
    }
    Ok(all)
}

/// Who is in a set, under the numbers that people go by now.
///
/// # Errors
/// What the store reports.
pub async fn members(tx: &mut Tx, key: Key) -> Result<RoaringBitmap> {
    let stored = stored(tx, key).await?;
    as_now(tx, stored).await
}

/// Where numbers lead that people go by no more: looked up once for many sets.
#[derive(Debug, Default)]
pub struct Renumbering(HashMap<u32, u32>);

/// Where numbers lead now.
///
/// # Errors
/// What the store reports.
pub async fn renumbering(tx: &mut Tx) -> Result<Renumbering> {
    let redirect = identity::redirect(tx).await?;
    let numbers = redirect
        .iter()
        .filter_map(|(from, to)| Some((u32::try_from(*from).ok()?, u32::try_from(*to).ok()?)));
    Ok(Renumbering(numbers.collect()))
}

impl Renumbering {
    /// The number that somebody goes by now.
    #[must_use]
    pub fn number(&self, number: u32) -> u32 {
        *self.0.get(&number).unwrap_or(&number)
    }

    /// People under the numbers that they go by now.
    #[must_use]
    pub fn of(&self, mut members: RoaringBitmap) -> RoaringBitmap {
        let known = u64::try_from(self.0.len()).unwrap_or(u64::MAX);
        let moved: Vec<(u32, u32)> = if members.len() < known {
            members.iter().filter_map(|from| Some((from, *self.0.get(&from)?))).collect()
        } else {
            self.0.iter().map(|(from, to)| (*from, *to)).collect()
        };
        for (from, to) in moved {
            if members.remove(from) {
                members.insert(to);
            }
        }
        members
    }

    /// The numbers of a set by which some people are in it.
    #[must_use]
    pub fn labels(&self, set: &RoaringBitmap, people: &RoaringBitmap) -> RoaringBitmap {
        let leads = |number: &u32| people.contains(self.number(*number));
        if people.is_empty() { RoaringBitmap::new() } else { set.iter().filter(leads).collect() }
    }
}

/// People under the numbers that they go by now.
///
/// # Errors
/// What the store reports.
pub async fn as_now(tx: &mut Tx, members: RoaringBitmap) -> Result<RoaringBitmap> {
    Ok(renumbering(tx).await?.of(members))
}

/// Writes who is in a set now, where it has `changed`.
///
/// # Errors
/// What the store reports.
pub async fn put(
    tx: &mut Tx,
    key: Key,
    (now, changed): (&RoaringBitmap, &RoaringBitmap),
) -> Result<()> {
    let parts = parts(now, changed).into_iter();
    let parts = parts.map(|(part, members)| Ok((part, bytes(&members)?)));
    sql::put(tx, key, parts.collect::<Result<_>>()?);
    // Whoever keeps segments up to date knows of their members already.
    if key.0 != Kind::Segment {
        touch(tx).await?;
    }
    Ok(())
}

/// Has whoever looks at sets look again.
///
/// # Errors
/// What the store reports.
pub async fn touch(tx: &mut Tx) -> Result<()> {
    counter::take(tx, CHANGES, 1).await.map(drop)
}

/// Removes a set, with its name.
///
/// # Errors
/// What the store reports.
pub async fn remove(tx: &mut Tx, key: Key) -> Result<()> {
    sql::remove(tx, key).await?;
    touch(tx).await
}

/// Takes the tags from somebody who is erased; what follows from tags follows.
///
/// # Errors
/// What the store reports.
pub async fn forget(tx: &mut Tx, labels: &[i64]) -> Result<()> {
    let gone: RoaringBitmap = labels.iter().filter_map(|own| u32::try_from(*own).ok()).collect();
    for number in sql::numbers(tx, Kind::Tag).await? {
        let key = (Kind::Tag, number);
        let stored = stored(tx, key).await?;
        let own = &stored & &gone;
        if !own.is_empty() {
            put(tx, key, (&(&stored - &own), &own)).await?;
        }
    }
    Ok(())
}

/// Gives a set of a later step the name by which conditions and people call it.
///
/// # Errors
/// What the store reports.
pub async fn rename(tx: &mut Tx, key: Key, name: &str) -> Result<()> {
    sql::rename(tx, key, name).await
}

/// The names of the sets that later steps keep.
pub(crate) async fn names(tx: &mut Tx) -> Result<Vec<(Key, String)>> {
    let rows = sql::names(tx).await?.into_iter();
    Ok(rows
        .filter_map(|(kind, number, name)| Some(((Kind::named(&kind)?, number), name)))
        .collect())
}

/// The number of the last change of who is in which set, those of segments left out.
///
/// # Errors
/// What the store reports.
pub async fn changes(tx: &mut Tx) -> Result<i64> {
    counter::last(tx, CHANGES).await
}

/// Who is in each of some sets; in those that there are not, nobody.
pub(crate) async fn sets(cx: &Cx, keys: &BTreeSet<Key>) -> Result<Rosters> {
    let mut tx = cx.read().await?;
    let mut sets = Rosters::new();
    for key in keys {
        sets.insert(*key, Arc::new(members(&mut tx, *key).await?));
    }
    Ok(sets)
}

/// Refuses to remove a set that a segment's conditions name.
///
/// # Errors
/// `conflict` with the segment's name.
pub async fn check_unnamed(cx: &Cx, key: Key) -> Result<()> {
    for segment in segment::list(cx).await? {
        if segment.expr()?.is_some_and(|expr| Needs::of(&expr).rosters.contains(&key)) {
            return Err(Error::conflict(format!("the segment {:?} names it", segment.name)));
        }
    }
    Ok(())
}

/// Refuses conditions that name a set of a later step which there is not.
///
/// # Errors
/// `bad_input` that says which.
pub(crate) async fn check_names(cx: &Cx, expr: &Expr) -> Result<()> {
    let named = Needs::of(expr).rosters;
    if !named.iter().any(|(kind, _)| Kind::LATER.contains(kind)) {
        return Ok(());
    }
    let known = names(&mut cx.read().await?).await?;
    for (kind, number) in named.iter().filter(|(kind, _)| Kind::LATER.contains(kind)) {
        if !known.iter().any(|(own, _)| own == &(*kind, *number)) {
            let text = match kind {
                Kind::Tier => format!("there is no level {number}"),
                _ => format!("there is no activity {number}"),
            };
            return Err(Error::bad(text).field("expr"));
        }
    }
    Ok(())
}
