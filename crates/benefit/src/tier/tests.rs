use base::Time;
use proptest::prelude::*;
use roaring::RoaringBitmap;

use super::rule::{Effect, effect, fixed, levels, moves, taking_part};

fn of(numbers: &[u32]) -> RoaringBitmap {
    numbers.iter().copied().collect()
}

#[test]
fn what_fixes_a_level_goes_before_what_gives_at_least_one() {
    let least = [of(&[1, 2, 3]), of(&[2, 4]), of(&[3])];
    assert_eq!(levels(&least, &[]), [of(&[1]), of(&[2, 4]), of(&[3])]);
    let first = [(2, of(&[1, 4])), (0, of(&[3, 4]))];
    let fixed = fixed(3, first.iter().map(|(place, set)| (*place, set)));
    assert_eq!(fixed, [of(&[3, 4]), of(&[]), of(&[1])], "of two the later one holds");
    assert_eq!(levels(&least, &fixed), [of(&[3, 4]), of(&[2]), of(&[1])]);
}

#[test]
fn a_grant_is_told_before_it_is_made() {
    let before = [of(&[1, 2]), of(&[3])];
    let moved = moves(&before, &[of(&[2]), of(&[1, 3, 4])]);
    let told = effect(&of(&[1, 2, 3, 4]), &moved);
    assert_eq!(told, Effect { up: 2, down: 0, same: 2 });
    let moved = moves(&before, &[of(&[1, 2, 3]), of(&[])]);
    assert_eq!(effect(&of(&[3]), &moved), Effect { up: 0, down: 1, same: 0 });
}

#[test]
fn people_take_part_while_an_activity_runs() {
    let at = Time::from_micros;
    let (starts, ends) = (at(10), at(20));
    let cases = [
        (9, of(&[1, 2]), of(&[]), of(&[])),
        (10, of(&[1, 2]), of(&[]), of(&[1, 2])),
        (19, of(&[2]), of(&[1, 2]), of(&[2])),
        (20, of(&[2, 3]), of(&[1, 2]), of(&[2])),
    ];
    for (now, tagged, before, expected) in cases {
        assert_eq!(taking_part(tagged, &before, (starts, ends, at(now))), expected, "at {now}");
    }
}

fn sets() -> impl Strategy<Value = Vec<RoaringBitmap>> {
    let set = prop::collection::vec(0_u32..20, 0..12).prop_map(RoaringBitmap::from_iter);
    prop::collection::vec(set, 3)
}

fn level(sets: &[RoaringBitmap], person: u32) -> Option<usize> {
    sets.iter().position(|set| set.contains(person))
}

proptest! {
    #[test]
    fn everybody_has_one_level_at_the_most(least in sets(), grants in sets()) {
        let fixed = fixed(3, grants.iter().enumerate());
        let now = levels(&least, &fixed);
        for person in 0..20 {
            let held = now.iter().filter(|set| set.contains(person)).count();
            prop_assert!(held <= 1);
            let highest = (0..3).rev().find(|place| least[*place].contains(person));
            let last = (0..3).rev().find(|place| grants[*place].contains(person));
            prop_assert_eq!(level(&now, person), last.or(highest));
        }
    }

    #[test]
    fn moves_are_all_that_differs_and_each_once(one in sets(), other in sets()) {
        let (before, now) = (levels(&one, &[]), levels(&other, &[]));
        let moves = moves(&before, &now);
        for person in 0..20 {
            let (from, to) = (level(&before, person), level(&now, person));
            let own: Vec<_> = moves.iter().filter(|own| own.people.contains(person)).collect();
            prop_assert_eq!(own.len(), usize::from(from != to));
            prop_assert!(own.iter().all(|own| (own.from, own.to) == (from, to)));
        }
    }
}
