//! 人群: segments. Who is meant by conditions, or was on a list, under a name; who entered and left
//! and why.
//!
//! The members of a segment are stored in parts. They change only together with a row of moves, the
//! day's figures and two facts in the log, in one transaction: so whoever enters or leaves does it
//! in exactly one fact, whatever stops in between.

mod change;
pub mod compare;
pub mod ready;
pub mod rule;
mod sql;
#[cfg(test)]
mod tests;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::{Code, Date, Error, Result, Time};
use perceive::privacy::{self, Privacy};
use roaring::RoaringBitmap;
use serde_json::Value;
use store::{Cx, Tx, counter};

use crate::expr::{self, Expr, Needs, Sets, reads_private};
use crate::roster::{self, Kind as Roster};
use crate::tag;
pub use change::{Change, Patch, edit, forget_moves, make, remove, set_state, snapshot};
pub use rule::{Cause, Group, Kind, State};
pub use watch::{ENTERED_FACT, LEFT_FACT, Told, Turn, Watch};

/// Segments of a shop at the most.
pub const SEGMENTS_MAX: i64 = 1_000;
/// Characters of a name at the most.
pub const NAME_CHARS_MAX: usize = 60;
/// Characters of a note at the most.
pub const NOTE_CHARS_MAX: usize = 1_000;
/// Bytes of conditions at the most.
pub const EXPR_BYTES_MAX: usize = 8 << 20;
/// Versions that are listed at the most.
const VERSIONS_MAX: i64 = 100;
/// Moments of one day whose moves are read at once.
const MOVES_A_DAY_MAX: i64 = 10_000;
/// The series of changes of what segments are.
const CHANGES: &str = "segment_change";

/// A segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its number within the shop.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub note: String,
    /// How it comes by its members.
    pub kind: Kind,
    /// How it stands.
    pub state: State,
    /// Grows with every change of its conditions.
    pub version: i64,
    /// Its conditions as JSON; of a list, where it came from.
    pub expr: String,
    /// The segment whose members it took over.
    pub origin: Option<i64>,
    /// Who made it.
    pub owner: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub edited_at: Time,
    /// Its members; none before they were first counted.
    pub size: Option<i64>,
    /// When they last changed.
    pub counted_at: Option<Time>,
    /// The version of the conditions that they are by.
    pub counted_version: Option<i64>,
    /// Whether nobody sees who is in it: its conditions read what the shop keeps to itself, also
    /// through another segment, or its members were found so.
    pub private: bool,
}

impl Segment {
    /// Whether its members are kept up to date.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        let counts = match self.kind {
            Kind::Dynamic => true,
            Kind::Frozen => self.counted_version.is_none(),
            Kind::List => false,
        };
        counts && self.state == State::Active
    }

    /// Its conditions; none for a list.
    ///
    /// # Errors
    /// `damaged` when they cannot be read any more.
    pub fn conditions(&self) -> Result<Option<Value>> {
        if self.kind == Kind::List {
            return Ok(None);
        }
        let damaged = |cause| Error::damaged("a segment's conditions are no JSON").because(cause);
        serde_json::from_str(&self.expr).map(Some).map_err(damaged)
    }

    /// Whom its conditions mean; nobody for a list.
    ///
    /// # Errors
    /// `bad_input` when they make no sense any more.
    pub fn expr(&self) -> Result<Option<Expr>> {
        self.conditions()?.map(|conditions| expr::read(&conditions)).transpose()
    }

    /// The segments that its conditions name.
    #[must_use]
    pub fn names(&self) -> BTreeSet<i64> {
        let expr = self.expr().ok().flatten();
        expr.map(|expr| Needs::of(&expr).segments).unwrap_or_default()
    }
}

/// A version of a segment's conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its number, from 1 on.
    pub version: i64,
    /// The conditions as JSON.
    pub expr: String,
    /// Who wrote them.
    pub author: String,
    /// When.
    pub at: Time,
}

/// A day of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// The local day.
    pub day: Date,
    /// How many entered.
    pub entered: i64,
    /// How many left.
    pub left: i64,
    /// Members at its end.
    pub size: i64,
}

/// Who entered and left at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Moves {
    /// Its number, by which the next page goes on.
    pub number: i64,
    /// The local day.
    pub day: Date,
    /// When; the last moment of several that were made one.
    pub at: Time,
    /// The version of the conditions.
    pub version: i64,
    /// Who, and why.
    pub groups: Vec<Group>,
}

fn missing() -> Error {
    Error::missing("there is no such segment").field("segment_id")
}

/// Every segment of the context's shop, by number.
///
/// # Errors
/// What the store reports.
pub async fn list(cx: &Cx) -> Result<Vec<Segment>> {
    let mut tx = cx.read().await?;
    let mut all = sql::list(&mut tx).await?;
    let privacy = privacy::get(&mut tx).await?;
    let marked = sql::marked(&mut tx).await?;
    let private = rule::private(&facts(&all, &privacy, &marked));
    for segment in &mut all {
        segment.private = private.contains(&segment.number);
    }
    Ok(all)
}

/// What privacy spreads by: of each segment whether it is private by itself, and what it names or
/// took its members from.
fn facts(
    all: &[Segment],
    privacy: &Privacy,
    marked: &BTreeSet<i64>,
) -> BTreeMap<i64, (bool, BTreeSet<i64>)> {
    let fact = |segment: &Segment| {
        let expr = segment.expr().ok().flatten();
        let reads = expr.as_ref().is_some_and(|expr| reads_private(expr, privacy));
        let mut from = expr.map(|expr| Needs::of(&expr).segments).unwrap_or_default();
        from.extend(segment.origin);
        (segment.number, (reads || marked.contains(&segment.number), from))
    };
    all.iter().map(fact).collect()
}

/// A segment.
///
/// # Errors
/// `not_found` when there is none.
pub async fn get(cx: &Cx, number: i64) -> Result<Segment> {
    let found = list(cx).await?.into_iter().find(|segment| segment.number == number);
    found.ok_or_else(missing)
}

/// A segment whose people may be seen.
///
/// # Errors
/// `forbidden` when it is private, `not_found` when there is none.
pub async fn open(cx: &Cx, number: i64) -> Result<Segment> {
    let segment = get(cx, number).await?;
    if segment.private { Err(hidden()) } else { Ok(segment) }
}

/// The error of whoever looks into a private segment, or into whom private conditions mean.
#[must_use]
pub fn hidden() -> Error {
    Error::new(Code::Forbidden, "the segment is private: it shows only its size")
        .field("segment_id")
        .hint("it reads what the shop keeps to itself")
}

/// The versions of a segment's conditions, the latest first.
///
/// # Errors
/// `not_found` when there is no such segment.
pub async fn versions(cx: &Cx, number: i64) -> Result<Vec<Version>> {
    let mut tx = cx.read().await?;
    sql::get(&mut tx, number).await?.ok_or_else(missing)?;
    sql::versions(&mut tx, number, VERSIONS_MAX).await
}

/// The days of a segment from `first` up to `last`, each with its members; days on which nobody
/// moved have those of the day before.
///
/// # Errors
/// `not_found` when there is no such segment.
pub async fn growth(cx: &Cx, number: i64, (first, last): (Date, Date)) -> Result<Vec<Day>> {
    open(cx, number).await?;
    let mut tx = cx.read().await?;
    let days = sql::days(&mut tx, number, first).await?;
    Ok(filled(&days, (first, last)))
}

/// Days without a gap, from the first that has members or `first`, whichever is later.
fn filled(days: &[Day], (first, last): (Date, Date)) -> Vec<Day> {
    let by_day: BTreeMap<i32, &Day> = days.iter().map(|day| (day.day.0, day)).collect();
    let mut size = days.iter().filter(|day| day.day.0 < first.0).map(|day| day.size).next_back();
    let mut all = Vec::new();
    for day in first.0..=last.0 {
        let own = by_day.get(&day);
        size = own.map(|own| own.size).or(size);
        if let Some(size) = size {
            let (entered, left) = own.map_or((0, 0), |own| (own.entered, own.left));
            all.push(Day { day: Date(day), entered, left, size });
        }
    }
    all
}

/// The sizes of all segments at the ends of days from `first` to `last`, by number; days before a
/// segment's first are left out.
///
/// # Errors
/// What the store reports.
pub async fn trends(cx: &Cx, (first, last): (Date, Date)) -> Result<BTreeMap<i64, Vec<i64>>> {
    let mut by_segment: BTreeMap<i64, Vec<Day>> = BTreeMap::new();
    for (number, day) in sql::recent(&mut cx.read().await?, first).await? {
        by_segment.entry(number).or_default().push(day);
    }
    let sizes = |days: Vec<Day>| filled(&days, (first, last)).iter().map(|day| day.size).collect();
    Ok(by_segment.into_iter().map(|(number, days)| (number, sizes(days))).collect())
}

/// Who entered and left on some days, the latest first: moves before number `before`, at most
/// `limit`.
///
/// # Errors
/// `not_found` when there is no such segment.
pub async fn moves(
    cx: &Cx,
    number: i64,
    (days, before, limit): ((Date, Date), i64, i64),
) -> Result<Vec<Moves>> {
    open(cx, number).await?;
    let mut tx = cx.read().await?;
    let days = (i64::from(days.0.0), i64::from(days.1.0));
    let rows = sql::moves(&mut tx, number, (days, before, limit)).await?;
    let moves = |row: sql::Moved| {
        Ok(Moves {
            number: row.move_no,
            day: Date(i32::try_from(row.day).unwrap_or_default()),
            at: Time::from_micros(row.moved_at),
            version: row.version,
            groups: rule::open(&row.moves)?,
        })
    };
    rows.into_iter().map(moves).collect()
}

/// Why somebody entered or left.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// When.
    pub at: Time,
    /// Whether they entered; they left otherwise.
    pub entered: bool,
    /// Why.
    pub cause: Cause,
    /// Where the conditions stand that came to hold or ceased to.
    pub conditions: Vec<String>,
    /// The version of the conditions.
    pub version: i64,
}

/// Who entered or left a segment on a day, in the order of their numbers, each with every time they
/// did, the latest first: at most `limit` of those after number `after`.
///
/// # Errors
/// `not_found` when there is no such segment, `forbidden` when it is private.
pub async fn movers(
    cx: &Cx,
    number: i64,
    (day, entered): (Date, Option<bool>),
    (after, limit): (i64, usize),
) -> Result<Vec<(i64, Vec<Move>)>> {
    let all = moves(cx, number, ((day, day), i64::MAX, MOVES_A_DAY_MAX)).await?;
    let now = roster::renumbering(&mut cx.read().await?).await?;
    let mut people: BTreeMap<i64, Vec<Move>> = BTreeMap::new();
    for Moves { at, version, groups, .. } in all {
        let wanted = groups.into_iter().filter(|own| entered.is_none_or(|way| way == own.entered));
        for Group { entered, cause, conditions, members } in wanted {
            let of = now.of(members).into_iter().map(i64::from).filter(|own| *own > after);
            for person in of.take(limit) {
                let conditions = conditions.clone();
                let own = Move { at, entered, cause, conditions, version };
                people.entry(person).or_default().push(own);
            }
        }
    }
    Ok(people.into_iter().take(limit).collect())
}

/// The members of a segment as they are stored, under the numbers that people go by now, for
/// whoever may see them.
///
/// # Errors
/// `not_found` when there is no such segment; `forbidden` when it is private; `conflict` when its
/// members were not counted yet.
pub async fn members(cx: &Cx, number: i64) -> Result<RoaringBitmap> {
    audience(cx, &open(cx, number).await?).await
}

/// The members of a segment, private or not: for counting and sending, and not for showing.
///
/// # Errors
/// `conflict` when its members were not counted yet.
pub async fn audience(cx: &Cx, segment: &Segment) -> Result<RoaringBitmap> {
    if segment.size.is_none() {
        return Err(Error::conflict("the segment's members are not counted yet")
            .field("segment_id")
            .hint("a draft has none; an active segment has them within seconds"));
    }
    stored(&mut cx.read().await?, segment).await
}

/// The members of segments that have about so many, other conditions than those of `key`, and are
/// counted.
pub(crate) async fn near(cx: &Cx, key: &str, sizes: (i64, i64)) -> Result<Vec<RoaringBitmap>> {
    let mut found = Vec::new();
    for segment in list(cx).await? {
        let near = segment.size.is_some_and(|size| (sizes.0..=sizes.1).contains(&size));
        let own = segment.conditions()?.is_some_and(|own| crate::audience::key(&own) == key);
        if near && !own {
            found.push(stored(&mut cx.read().await?, &segment).await?);
        }
    }
    Ok(found)
}

/// Has whoever keeps segments up to date look at what they are again.
pub(crate) async fn changed(tx: &mut Tx) -> Result<()> {
    counter::take(tx, CHANGES, 1).await.map(drop)
}

async fn stored(tx: &mut Tx, segment: &Segment) -> Result<RoaringBitmap> {
    let members = roster::stored(tx, (Roster::Segment, segment.number)).await?;
    if segment.kind == Kind::Dynamic && segment.state == State::Active {
        return Ok(members);
    }
    roster::as_now(tx, members).await
}

/// The sets that an expression asks for, as they are stored. Segments that there are not, or that
/// nobody counted yet, have no members.
///
/// # Errors
/// What the store reports.
pub async fn sets(cx: &Cx, needs: &Needs) -> Result<Sets> {
    let mut sets = Sets { privacy: privacy::get(&mut cx.read().await?).await?, ..Sets::default() };
    sets.rosters = roster::sets(cx, &needs.rosters).await?;
    if needs.segments.is_empty() {
        return Ok(sets);
    }
    for segment in list(cx).await?.iter().filter(|own| needs.segments.contains(&own.number)) {
        let members = stored(&mut cx.read().await?, segment).await?;
        sets.segments.insert(segment.number, Arc::new(members));
        sets.private.extend(segment.private.then_some(segment.number));
    }
    Ok(sets)
}

/// Refuses conditions that name a segment which there is not, is a draft, or names `own` in turn.
///
/// # Errors
/// `bad_input` that says which.
pub async fn check_names(cx: &Cx, expr: &Expr, own: Option<i64>) -> Result<()> {
    tag::check_names(cx, expr).await?;
    roster::check_names(cx, expr).await?;
    let named = Needs::of(expr).segments;
    if named.is_empty() {
        return Ok(());
    }
    let all = list(cx).await?;
    for number in &named {
        match all.iter().find(|segment| segment.number == *number) {
            None => return Err(Error::bad(format!("there is no segment {number}")).field("expr")),
            Some(segment) if segment.state == State::Draft => {
                let text = format!("the segment {:?} is a draft", segment.name);
                return Err(Error::bad(text).field("expr").hint("activate it first"));
            }
            Some(_) => {}
        }
    }
    let Some(own) = own else { return Ok(()) };
    let mut names: BTreeMap<i64, BTreeSet<i64>> =
        all.iter().map(|segment| (segment.number, segment.names())).collect();
    names.insert(own, named);
    let Some(way) = rule::cycle(own, &names) else { return Ok(()) };
    let name = |number: &i64| {
        let found = all.iter().find(|segment| segment.number == *number);
        found.map_or_else(|| number.to_string(), |segment| segment.name.clone())
    };
    let way: Vec<String> = way.iter().map(name).collect();
    Err(Error::bad("the segment would depend on itself").field("expr").hint(way.join(" → ")))
}

/// The number of the last change of what the shop's segments are.
async fn changes(tx: &mut Tx) -> Result<i64> {
    counter::last(tx, CHANGES).await
}

fn too_many() -> Error {
    Error::new(Code::TooLarge, format!("a shop has at most {SEGMENTS_MAX} segments"))
        .hint("remove some that nobody needs any more")
}
