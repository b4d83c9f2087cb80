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

/// Who has the tag after a step.
#[must_use]
pub fn after(members: &RoaringBitmap, step: &Step) -> RoaringBitmap {
    if step.added { members | &step.fresh } else { members - &step.fresh }
}

/// Those who lose the tag when a step ends, because its time is over or because it is undone:
/// who has it by this step and was not tagged again by a `later` one.
#[must_use]
pub fn ends_for(
    members: &RoaringBitmap,
    people: &RoaringBitmap,
    later: &[RoaringBitmap],
) -> RoaringBitmap {
    let own = members & people;
    later.iter().fold(own, |own, again| own - again)
}
