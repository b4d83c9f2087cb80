//! What may become of a segment, and what a move says.

use std::collections::{BTreeMap, BTreeSet};

use base::{Code, Error, Result};
use roaring::RoaringBitmap;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::roster::rule::{bytes, numbers};

/// How a segment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 草稿: nobody counts on it yet.
    Draft,
    /// 启用: who is in it is kept up to date.
    Active,
    /// 归档: it is as it was when it was put away.
    Archived,
}

/// How a segment comes by its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 动态: whoever its conditions mean, at any time.
    Dynamic,
    /// 静态: whoever its conditions meant once.
    Frozen,
    /// 名单: whoever was on a list.
    List,
}

/// Why somebody entered or left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The segment began.
    Begun,
    /// Its conditions were changed.
    Edited,
    /// Something changed about the customer.
    Changed,
    /// Time went by.
    Time,
    /// Others changed: a segment that it names, or who is among the first.
    Others,
}

impl State {
    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }

    pub(super) fn parse(name: &str) -> Result<Self> {
        let all = [Self::Draft, Self::Active, Self::Archived];
        all.into_iter().find(|state| state.name() == name).ok_or_else(damaged)
    }

    /// Whether a segment that stands so may be made to stand like `to`.
    #[must_use]
    pub fn may_become(self, to: Self) -> bool {
        // A draft is what has never counted; whoever counted on a segment keeps its history.
        self != to && to != Self::Draft
    }
}

impl Kind {
    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dynamic => "dynamic",
            Self::Frozen => "frozen",
            Self::List => "list",
        }
    }

    pub(super) fn parse(name: &str) -> Result<Self> {
        let all = [Self::Dynamic, Self::Frozen, Self::List];
        all.into_iter().find(|kind| kind.name() == name).ok_or_else(damaged)
    }
}

pub(super) fn damaged() -> Error {
    Error::damaged("a segment is not as it was written")
}

/// Segments of which nobody sees who is in them: those that are private by themselves, and those
/// that name one or took its members.
#[must_use]
pub fn private(facts: &BTreeMap<i64, (bool, BTreeSet<i64>)>) -> BTreeSet<i64> {
    let own = facts.iter().filter(|(_, (own, _))| *own);
    let mut private: BTreeSet<i64> = own.map(|(number, _)| *number).collect();
    loop {
        let spread = facts.iter().filter(|(number, (_, from))| {
            !private.contains(number) && from.iter().any(|other| private.contains(other))
        });
        let spread: Vec<i64> = spread.map(|(number, _)| *number).collect();
        if spread.is_empty() {
            return private;
        }
        private.extend(spread);
    }
}

/// A way from a segment over those that it names back to itself.
#[must_use]
pub fn cycle(from: i64, names: &BTreeMap<i64, BTreeSet<i64>>) -> Option<Vec<i64>> {
    let mut seen = BTreeSet::new();
    let mut ways = vec![vec![from]];
    while let Some(way) = ways.pop() {
        for next in way.last().and_then(|last| names.get(last)).into_iter().flatten() {
            let mut on = way.clone();
            on.push(*next);
            if *next == from {
                return Some(on);
            }
            if seen.insert(*next) {
                ways.push(on);
            }
        }
    }
    None
}

/// Segments in an order in which each comes after those that it names; those that name each other
/// in a circle come last.
#[must_use]
pub fn in_order(names: &BTreeMap<i64, BTreeSet<i64>>) -> Vec<i64> {
    let mut done: BTreeSet<i64> = BTreeSet::new();
    let mut order = Vec::with_capacity(names.len());
    while order.len() < names.len() {
        let waits = |named: &BTreeSet<i64>| {
            named.iter().any(|number| names.contains_key(number) && !done.contains(number))
        };
        let ready: Vec<i64> = names
            .iter()
            .filter(|(number, named)| !done.contains(number) && !waits(named))
            .map(|(number, _)| *number)
            .collect();
        if ready.is_empty() {
            order.extend(names.keys().filter(|number| !done.contains(number)));
            break;
        }
        done.extend(&ready);
        order.extend(ready);
    }
    order
}

/// People who entered or left at one moment for one reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Whether they entered; they left otherwise.
    pub entered: bool,
    /// Why.
    pub cause: Cause,
    /// Where the conditions stand in the expression that came to hold or ceased to, where that is
    /// known.
    pub conditions: Vec<String>,
    /// Who.
    pub members: RoaringBitmap,
}

/// Format of stored moves. A newer one is refused.
const VERSION: u8 = 1;

type Written = (bool, Cause, Vec<String>, ByteBuf);

/// Groups as they are stored.
///
/// # Errors
/// `internal` when they cannot be written.
pub fn pack(groups: &[Group]) -> Result<Vec<u8>> {
    let failed = |cause| Error::internal("the moves of a segment could not be written", cause);
    let mut all: Vec<Written> = Vec::with_capacity(groups.len());
    for group in groups {
        let members = ByteBuf::from(bytes(&group.members)?);
        all.push((group.entered, group.cause, group.conditions.clone(), members));
    }
    postcard::to_extend(&all, vec![VERSION]).map_err(failed)
}

/// Groups that were stored.
///
/// # Errors
/// `damaged` when they are not as they were written, `unsupported` for a newer format.
pub fn open(bytes: &[u8]) -> Result<Vec<Group>> {
    let (&version, rest) = bytes.split_first().ok_or_else(damaged)?;
    if version != VERSION {
        return Err(Error::new(Code::Unsupported, "a segment's moves have a newer format")
            .hint("use a newer Shuke"));
    }
    let all: Vec<Written> = postcard::from_bytes(rest).map_err(|cause| damaged().because(cause))?;
    let group = |(entered, cause, conditions, members): Written| {
        Ok(Group { entered, cause, conditions, members: numbers(&members)? })
    };
    all.into_iter().map(group).collect()
}

/// Moves of a day made one: who entered and left, whatever happened in between, by reason.
#[must_use]
pub fn merged(moves: impl IntoIterator<Item = Vec<Group>>) -> Vec<Group> {
    let mut all: Vec<Group> = Vec::new();
    for group in moves.into_iter().flatten() {
        let same = |own: &&mut Group| {
            (own.entered, own.cause) == (group.entered, group.cause)
                && own.conditions == group.conditions
        };
        match all.iter_mut().find(same) {
            Some(own) => own.members |= &group.members,
            None => all.push(group),
        }
    }
    all
}
