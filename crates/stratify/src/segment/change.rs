//! Making, changing and putting away segments.

use base::{Date, Error, Result};
use roaring::RoaringBitmap;
use serde::Deserialize;
use serde_json::Value;
use store::audit::{self, Deed};
use store::{Cx, Tx, counter};

use super::rule::{self, Kind, State};
use super::{
    CHANGES, Day, EXPR_BYTES_MAX, NAME_CHARS_MAX, NOTE_CHARS_MAX, SEGMENTS_MAX, Segment, Version,
    check_names, get, list, missing, sql, stored, too_many,
};
use crate::expr;
use crate::roster::{self, Kind as Roster};

/// Days of moves that one night makes one at the most.
const CROWDED_MAX: i64 = 1_000;
/// Rows of moves of one day that are read at once.
const MOVES_MAX: i64 = 200_000;

/// A new segment.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub note: String,
    /// Whether its members are found once only.
    pub frozen: bool,
    /// Whether it counts at once.
    pub active: bool,
    /// Its conditions.
    pub expr: Value,
}

/// What is to be another of a segment; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Patch {
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub note: Option<String>,
    /// Its conditions, which become the next version.
    pub expr: Option<Value>,
    /// The version that whoever changes it has seen.
    pub version: Option<i64>,
}

fn name_of(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        let text = format!("needs 1 to {NAME_CHARS_MAX} characters");
        return Err(Error::bad(text).field("name"));
    }
    Ok(name.to_owned())
}

fn note_of(note: &str) -> Result<String> {
    let note = note.trim();
    if note.chars().count() > NOTE_CHARS_MAX {
        return Err(Error::bad(format!("has at most {NOTE_CHARS_MAX} characters")).field("note"));
    }
    Ok(note.to_owned())
}

/// Conditions as they are stored.
async fn written(cx: &Cx, conditions: &Value, own: Option<i64>) -> Result<String> {
    let expr = expr::read(conditions).map_err(|error| {
        let at = error.field.clone().unwrap_or_default();
        if at == "expression" || at.is_empty() { error.field("expr") } else { error }
    })?;
    check_names(cx, &expr, own).await?;
    let text = conditions.to_string();
    if text.len() > EXPR_BYTES_MAX {
        let text = format!("conditions have at most {} MB", EXPR_BYTES_MAX >> 20);
        return Err(Error::new(base::Code::TooLarge, text).field("expr"));
    }
    Ok(text)
}

async fn free_name(tx: &mut Tx, name: &str, own: Option<i64>) -> Result<()> {
    let taken = sql::named(tx, name).await?.filter(|number| Some(*number) != own);
    match taken {
        None => Ok(()),
        Some(_) => Err(Error::conflict("another segment has this name").field("name")),
    }
}

async fn put(tx: &mut Tx, cx: &Cx, segment: &Segment) -> Result<()> {
    if sql::count(tx).await? >= SEGMENTS_MAX {
        return Err(too_many());
    }
    free_name(tx, &segment.name, None).await?;
    sql::insert(tx, segment).await?;
    let version = Version {
        version: segment.version,
        expr: segment.expr.clone(),
        author: segment.owner.clone(),
        at: cx.now,
    };
    sql::add_version(tx, segment.number, &version).await?;
    counter::take(tx, CHANGES, 1).await.map(drop)
}

async fn begin(tx: &mut Tx, cx: &Cx, (name, note): (&str, &str)) -> Result<Segment> {
    Ok(Segment {
        number: counter::take(tx, "segment", 1).await?,
        name: name_of(name)?,
        note: note_of(note)?,
        kind: Kind::Dynamic,
        state: State::Draft,
        version: 1,
        expr: String::new(),
        origin: None,
        owner: cx.actor.to_string(),
        created_at: cx.now,
        edited_at: cx.now,
        size: None,
        counted_at: None,
        counted_version: None,
        private: false,
    })
}

/// Makes a segment.
///
/// # Errors
/// `bad_input` for conditions or a name that will not do, `conflict` for a name that is taken,
/// `too_large` when there are too many.
pub async fn make(cx: &Cx, new: Change) -> Result<Segment> {
    let expr = written(cx, &new.expr, None).await?;
    let mut tx = cx.write().await?;
    let segment = Segment {
        kind: if new.frozen { Kind::Frozen } else { Kind::Dynamic },
        state: if new.active { State::Active } else { State::Draft },
        expr,
        ..begin(&mut tx, cx, (&new.name, &new.note)).await?
    };
    put(&mut tx, cx, &segment).await?;
    told(tx, cx, "segment.make", (None, &segment)).await?;
    Ok(segment)
}

async fn told(
    tx: Tx,
    cx: &Cx,
    action: &str,
    (before, after): (Option<&Segment>, &Segment),
) -> Result<()> {
    let shown = |segment: &Segment| {
        serde_json::json!({
            "name": segment.name, "note": segment.note, "state": segment.state.name(),
            "kind": segment.kind.name(), "version": segment.version, "expr": segment.expr,
        })
        .to_string()
    };
    let target = after.number.to_string();
    let (before, after) = (before.map(shown), Some(shown(after)));
    audit::commit(tx, cx, Deed { action, target: &target, before, after }).await
}

/// A segment of the members that another one has now, or that a list names; `today` is the local
/// day.
///
/// # Errors
/// As [`make`]; `conflict` when the other one's members were not counted yet.
pub async fn snapshot(
    cx: &Cx,
    (name, note): (&str, &str),
    (from, today): (Result<RoaringBitmap, i64>, Date),
) -> Result<Segment> {
    let private = match &from {
        Ok(_) => false,
        Err(number) => get(cx, *number).await?.private,
    };
    let mut tx = cx.write().await?;
    let (members, kind, origin, expr) = match from {
        Ok(members) => (members, Kind::List, None, "null".to_owned()),
        Err(number) => {
            let other = sql::get(&mut tx, number).await?.ok_or_else(missing)?;
            if other.size.is_none() {
                return Err(Error::conflict("the segment's members are not counted yet")
                    .field("segment_id"));
            }
            (stored(&mut tx, &other).await?, Kind::Frozen, Some(number), other.expr)
        }
    };
    let size = i64::try_from(members.len()).unwrap_or(i64::MAX);
    let segment = Segment {
        kind,
        state: State::Active,
        origin,
        expr,
        size: Some(size),
        counted_at: Some(cx.now),
        counted_version: Some(1),
        ..begin(&mut tx, cx, (name, note)).await?
    };
    put(&mut tx, cx, &segment).await?;
    if private {
        sql::mark(&mut tx, segment.number).await?;
    }
    let key = (Roster::Segment, segment.number);
    roster::put(&mut tx, key, (&members, &members)).await?;
    let day = Day { day: today, entered: size, left: 0, size };
    sql::add_to_day(&mut tx, segment.number, &day).await?;
    told(tx, cx, "segment.snapshot", (None, &segment)).await?;
    Ok(Segment { private, ..segment })
}

/// Changes a segment.
///
/// # Errors
/// As [`make`]; `conflict` when somebody else changed it meanwhile, or when its members are fixed.
pub async fn edit(cx: &Cx, number: i64, patch: Patch) -> Result<Segment> {
    let expr = match &patch.expr {
        Some(conditions) => Some(written(cx, conditions, Some(number)).await?),
        None => None,
    };
    let private = get(cx, number).await?.private;
    let mut tx = cx.write().await?;
    let before = sql::get(&mut tx, number).await?.ok_or_else(missing)?;
    if patch.version.is_some_and(|seen| seen != before.version) {
        return Err(Error::conflict("somebody else has changed the segment meanwhile")
            .field("version")
            .hint("look at it again"));
    }
    let mut after = before.clone();
    if let Some(name) = &patch.name {
        after.name = name_of(name)?;
        free_name(&mut tx, &after.name, Some(number)).await?;
    }
    if let Some(note) = &patch.note {
        after.note = note_of(note)?;
    }
    if let Some(expr) = expr.filter(|expr| *expr != before.expr) {
        if before.kind == Kind::List || before.counted_version.is_some() && !before.is_kept() {
            return Err(Error::conflict("the members of this segment are fixed")
                .field("expr")
                .hint("make another segment"));
        }
        (after.expr, after.version) = (expr, before.version + 1);
        let author = cx.actor.to_string();
        let version =
            Version { version: after.version, expr: after.expr.clone(), author, at: cx.now };
        sql::add_version(&mut tx, number, &version).await?;
    }
    after.edited_at = cx.now;
    if private && after.version > before.version {
        // Who was in it so far must not be seen because of other conditions.
        sql::mark(&mut tx, number).await?;
    }
    sql::update(&mut tx, &after).await?;
    counter::take(&mut tx, CHANGES, 1).await?;
    told(tx, cx, "segment.edit", (Some(&before), &after)).await?;
    Ok(after)
}

/// Activates a segment, or puts it away.
///
/// # Errors
/// `conflict` when it cannot become so, or another segment that is active names it.
pub async fn set_state(cx: &Cx, number: i64, state: State) -> Result<Segment> {
    let all = list(cx).await?;
    let mut tx = cx.write().await?;
    let before = sql::get(&mut tx, number).await?.ok_or_else(missing)?;
    if before.state == state {
        return Ok(before);
    }
    if !before.state.may_become(state) {
        let text = format!("a segment that is {} stays no draft", before.state.name());
        return Err(Error::conflict(text).field("state"));
    }
    let users = all.iter().filter(|other| other.state == State::Active);
    let user = users.into_iter().find(|other| other.names().contains(&number));
    if let (State::Archived, Some(user)) = (state, user) {
        let text = format!("the segment {:?} counts on it", user.name);
        return Err(Error::conflict(text).field("state").hint("archive that one first"));
    }
    let after = Segment { state, edited_at: cx.now, ..before.clone() };
    sql::update(&mut tx, &after).await?;
    counter::take(&mut tx, CHANGES, 1).await?;
    told(tx, cx, "segment.set_state", (Some(&before), &after)).await?;
    Ok(after)
}

/// Removes a segment that is a draft or was put away, with its history.
///
/// # Errors
/// `conflict` while it is active, or another segment names it.
pub async fn remove(cx: &Cx, number: i64) -> Result<()> {
    let all = list(cx).await?;
    let mut tx = cx.write().await?;
    let before = sql::get(&mut tx, number).await?.ok_or_else(missing)?;
    if before.state == State::Active {
        return Err(Error::conflict("the segment is active").hint("archive it first"));
    }
    if let Some(user) = all.iter().find(|other| other.names().contains(&number)) {
        return Err(Error::conflict(format!("the segment {:?} names it", user.name)));
    }
    sql::remove(&mut tx, number).await?;
    roster::remove(&mut tx, (Roster::Segment, number)).await?;
    counter::take(&mut tx, CHANGES, 1).await?;
    let target = number.to_string();
    let deed = Deed { action: "segment.remove", target: &target, ..Deed::default() };
    audit::commit(tx, cx, Deed { before: Some(before.name), ..deed }).await
}

/// Makes the moves of each day before `today` one row: the reasons stay, the moments of the day do
/// not.
///
/// # Errors
/// What the store reports.
pub async fn forget_moves(cx: &Cx, today: Date) -> Result<()> {
    let crowded = sql::crowded(&mut cx.read().await?, today, CROWDED_MAX).await?;
    for (number, day) in crowded {
        let mut tx = cx.write().await?;
        let rows = sql::moves(&mut tx, number, ((day, day), i64::MAX, MOVES_MAX)).await?;
        let gone: Vec<i64> = rows.iter().map(|row| row.move_no).collect();
        let groups = rows.iter().rev().map(|row| rule::open(&row.moves));
        let moves = rule::pack(&rule::merged(groups.collect::<Result<Vec<_>>>()?))?;
        let Some(last) = rows.into_iter().next() else { continue };
        sql::remove_moves(&mut tx, number, &gone).await?;
        sql::add_move(&mut tx, number, sql::Moved { moves, ..last }).await?;
        tx.commit().await?;
    }
    Ok(())
}
