//! Who has which level, and who moves between them. Levels are told by their place in the plan,
//! the lowest first.

use base::Time;
use roaring::RoaringBitmap;

/// Who is fixed at each of `levels` levels by grants in the order in which they were made: of
/// several for one person the last holds.
#[must_use]
pub fn fixed<'a>(
    levels: usize,
    grants: impl Iterator<Item = (usize, &'a RoaringBitmap)>,
) -> Vec<RoaringBitmap> {
    let mut fixed = vec![RoaringBitmap::new(); levels];
    for (place, people) in grants {
        fix(&mut fixed, place, people);
    }
    fixed
}

/// Fixes people at one level, and at no other.
pub(super) fn fix(fixed: &mut [RoaringBitmap], place: usize, people: &RoaringBitmap) {
    for (own, set) in fixed.iter_mut().enumerate() {
        match own == place {
            true => *set |= people,
            false => *set -= people,
        }
    }
}

/// Who has each level: whoever is fixed at it, and of all others those who have at least this one
/// by something and no higher one by anything.
#[must_use]
pub fn levels(least: &[RoaringBitmap], fixed: &[RoaringBitmap]) -> Vec<RoaringBitmap> {
    let mut taken = fixed.iter().fold(RoaringBitmap::new(), |all, set| all | set);
    let mut levels: Vec<RoaringBitmap> = Vec::with_capacity(least.len());
    for (place, least) in least.iter().enumerate().rev() {
        let own = least - &taken;
        taken |= &own;
        levels.push(fixed.get(place).map_or_else(|| own.clone(), |fixed| fixed | &own));
    }
    levels.reverse();
    levels
}

/// People who go from one level to another; none for no level.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// Where they were.
    pub from: Option<usize>,
    /// Where they are.
    pub to: Option<usize>,
    /// They.
    pub people: RoaringBitmap,
}

/// Everybody whose level is another than before, each once.
#[must_use]
pub fn moves(before: &[RoaringBitmap], now: &[RoaringBitmap]) -> Vec<Move> {
    let all = |sets: &[RoaringBitmap]| sets.iter().fold(RoaringBitmap::new(), |all, set| all | set);
    let (known, known_now) = (all(before), all(now));
    let places =
        |sets: &[RoaringBitmap]| (0..sets.len()).map(Some).chain([None]).collect::<Vec<_>>();
    let own = |sets: &[RoaringBitmap], place: Option<usize>, others: &RoaringBitmap| match place {
        Some(place) => sets.get(place).cloned().unwrap_or_default(),
        None => others.clone(),
    };
    let (came, went) = (&known_now - &known, &known - &known_now);
    let mut moves = Vec::new();
    for from in places(before) {
        let were = own(before, from, &came);
        for to in places(now).into_iter().filter(|to| *to != from) {
            let people = &were & own(now, to, &went);
            if !people.is_empty() {
                moves.push(Move { from, to, people });
            }
        }
    }
    moves
}

/// What a grant would do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effect {
    /// People whose level rises.
    pub up: u64,
    /// People whose level falls.
    pub down: u64,
    /// People for whom nothing changes.
    pub same: u64,
}

/// What changes for `people` when they move so.
#[must_use]
pub fn effect(people: &RoaringBitmap, moves: &[Move]) -> Effect {
    let mut effect = Effect::default();
    for Move { from, to, people: moved } in moves {
        let moved = moved.intersection_len(people);
        match to > from {
            true => effect.up += moved,
            false => effect.down += moved,
        }
    }
    effect.same = people.len() - effect.up - effect.down;
    effect
}

/// Who takes part in an activity from `starts` until `ends`: whoever has one of its tags while it
/// runs, and of those, when it does not, whoever still has.
#[must_use]
pub fn taking_part(
    tagged: RoaringBitmap,
    before: &RoaringBitmap,
    (starts, ends, now): (Time, Time, Time),
) -> RoaringBitmap {
    if starts <= now && now < ends { tagged } else { tagged & before }
}
