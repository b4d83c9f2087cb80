//! What a tagging changes, and what is left of it later.

use roaring::RoaringBitmap;

/// Somebody tagged people, or took the tag from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Whether they were tagged.
    pub added: bool,
    /// The people.
    pub people: RoaringBitmap,
    /// Those of them for whom that changed something.
    pub fresh: RoaringBitmap,
}

/// What tagging `people`, or taking the tag from them, changes for those who have it.
#[must_use]
pub fn step(members: &RoaringBitmap, people: RoaringBitmap, added: bool) -> Step {
    let fresh = if added { &people - members } else { &people & members };
    Step { added, people, fresh }
}

/// Which of some people have the tag by what was done with it, in its order: the last of it that
/// concerned somebody decides.
#[must_use]
pub fn held(
    people: &RoaringBitmap,
    steps: impl Iterator<Item = (bool, RoaringBitmap)>,
) -> RoaringBitmap {
    steps.fold(RoaringBitmap::new(), |has, (added, of)| match added {
        true => has | (of & people),
        false => has - of,
    })
}
