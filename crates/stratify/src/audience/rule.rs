//! Which figures of a private audience may be shown.

use roaring::RoaringBitmap;

/// Figures are shown rounded down to a multiple of so many.
const ROUND: u64 = 10;

/// A figure that was shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The question that it answered.
    pub asked: String,
    /// Who was counted.
    pub members: RoaringBitmap,
    /// What was shown.
    pub figure: i64,
}

/// What may be said of an audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// What was said when the same question had nearly the same answer.
    Again(i64),
    /// Nothing.
    Nothing,
    /// This.
    New(i64),
}

/// People who are in one of two sets and not in both.
#[must_use]
pub fn distance(one: &RoaringBitmap, other: &RoaringBitmap) -> u64 {
    (one.len() + other.len()).saturating_sub(2 * one.intersection_len(other))
}

/// What may be said beside what was shown before, of all whose size is near; `others` are segments
/// that are near. No two figures are of sets that differ by fewer than `least` people.
#[must_use]
pub fn beside(
    (asked, members): (&str, &RoaringBitmap),
    shown: &[Shown],
    others: &[RoaringBitmap],
    least: u64,
) -> Said {
    let near = |set: &RoaringBitmap| distance(set, members) < least;
    let same = shown.iter().find(|before| before.asked == asked && near(&before.members));
    if let Some(before) = same {
        return Said::Again(before.figure);
    }
    if shown.iter().any(|before| near(&before.members)) || others.iter().any(near) {
        return Said::Nothing;
    }
    Said::New(rounded(members.len()))
}

/// Whether a figure tells of enough people, those in it and those left out, between who must be
/// in it and who may be by what is not private.
#[must_use]
pub fn tells_of_enough(
    members: &RoaringBitmap,
    (must, may): (&RoaringBitmap, &RoaringBitmap),
    least: u64,
) -> bool {
    members.difference_len(must) >= least && may.difference_len(members) >= least
}

fn rounded(people: u64) -> i64 {
    i64::try_from(people - people % ROUND).unwrap_or(i64::MAX)
}
