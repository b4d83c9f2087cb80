//! Laws of tagging.

use proptest::prelude::*;
use roaring::RoaringBitmap;

use super::rule::{held, step};

fn set() -> impl Strategy<Value = RoaringBitmap> {
    prop::collection::vec(0_u32..30, 0..15).prop_map(RoaringBitmap::from_iter)
}

fn steps() -> impl Strategy<Value = Vec<(bool, RoaringBitmap)>> {
    prop::collection::vec((any::<bool>(), set()), 0..8)
}

proptest! {
    /// What a step changes makes of who had the tag exactly who should have it.
    #[test]
    fn a_step_does_what_it_says(members in set(), people in set(), added: bool) {
        let step = step(&members, people.clone(), added);
        let want = if added { &members | &people } else { &members - &people };
        prop_assert_eq!(step.fresh, &want ^ &members, "nobody else moves");
    }

    /// Step by step comes to the same as all of what was done at once.
    #[test]
    fn who_has_a_tag_follows_from_what_was_done(all in steps()) {
        let everybody: RoaringBitmap = (0..30).collect();
        let mut members = RoaringBitmap::new();
        for (added, people) in &all {
            let step = step(&members, people.clone(), *added);
            members ^= step.fresh;
        }
        prop_assert_eq!(held(&everybody, all.iter().cloned()), members);
    }
}
