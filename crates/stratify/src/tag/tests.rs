//! Laws of tagging.

use proptest::prelude::*;
use roaring::RoaringBitmap;

use super::rule::{Step, after, ends_for, step};

fn set() -> impl Strategy<Value = RoaringBitmap> {
    prop::collection::vec(0_u32..30, 0..15).prop_map(RoaringBitmap::from_iter)
}

proptest! {
    /// What a step changes makes of who had the tag exactly who should have it.
    #[test]
    fn a_step_does_what_it_says(members in set(), people in set(), added: bool) {
        let step = step(&members, people.clone(), added);
        let now = after(&members, &step);
        let want = if added { &members | &people } else { &members - &people };
        prop_assert_eq!(&now, &want);
        prop_assert_eq!(step.fresh, &now ^ &members, "nobody else moves");
    }

    /// Undoing a tagging restores what was before, but for those whom somebody tagged since.
    #[test]
    fn an_undone_tagging_leaves_what_others_did(
        members in set(), first in set(), second in set(),
    ) {
        let one = step(&members, first, true);
        let with_one = after(&members, &one);
        let other = step(&with_one, second.clone(), true);
        let with_both = after(&with_one, &other);
        let gone = ends_for(&with_both, &one.fresh, std::slice::from_ref(&other.people));
        let left = after(&with_both, &step(&with_both, gone, false));
        prop_assert_eq!(&left, &(&members | &second));
    }

    /// A tagging that was undone at once leaves nothing.
    #[test]
    fn undoing_at_once_restores(members in set(), people in set(), added: bool) {
        let one: Step = step(&members, people, added);
        let now = after(&members, &one);
        let back = step(&now, one.fresh.clone(), !added);
        prop_assert_eq!(after(&now, &back), members);
    }
}
