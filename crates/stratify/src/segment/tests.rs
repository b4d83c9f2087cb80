//! Cases and laws of segments.

use std::collections::{BTreeMap, BTreeSet};

use base::Date;
use proptest::prelude::*;
use roaring::RoaringBitmap;

use super::compare::overlap;
use super::rule::{Cause, Group, State, cycle, in_order, merged, open, pack, private};
use super::{Day, filled};

fn names(pairs: &[(i64, &[i64])]) -> BTreeMap<i64, BTreeSet<i64>> {
    pairs.iter().map(|(own, named)| (*own, named.iter().copied().collect())).collect()
}

#[test]
fn a_segment_may_not_name_itself_in_any_way() {
    let all = names(&[(1, &[2, 3]), (2, &[4]), (3, &[4]), (4, &[5]), (5, &[])]);
    assert!((1..=5).all(|number| cycle(number, &all).is_none()));
    assert_eq!(in_order(&all), [5, 4, 2, 3, 1]);
    let round = names(&[(1, &[2]), (2, &[3]), (3, &[1]), (4, &[4]), (5, &[1])]);
    assert_eq!(cycle(1, &round).unwrap(), [1, 2, 3, 1]);
    assert_eq!(cycle(4, &round).unwrap(), [4, 4]);
    assert!(cycle(5, &round).is_none());
    let order = in_order(&round);
    assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), 5, "nobody is left out: {order:?}");
}

#[test]
fn privacy_spreads_to_whoever_counts_on_it() {
    let facts = [
        (1, true, vec![]),
        (2, false, vec![1]),
        (3, false, vec![2, 5]),
        (4, false, vec![5]),
        (5, false, vec![]),
        (6, false, vec![99]),
    ];
    let facts = facts
        .into_iter()
        .map(|(number, own, from)| (number, (own, from.into_iter().collect::<BTreeSet<i64>>())));
    assert_eq!(private(&facts.collect()), BTreeSet::from([1, 2, 3]));
}

#[test]
fn nothing_becomes_a_draft_again() {
    use State::{Active, Archived, Draft};
    let may = [(Draft, Active), (Draft, Archived), (Active, Archived), (Archived, Active)];
    for from in [Draft, Active, Archived] {
        for to in [Draft, Active, Archived] {
            assert_eq!(from.may_become(to), may.contains(&(from, to)), "{from:?} {to:?}");
        }
    }
}

#[test]
fn days_without_a_move_are_as_the_one_before() {
    let day = |day, entered, left, size| Day { day: Date(day), entered, left, size };
    let days = [day(3, 5, 0, 5), day(6, 0, 2, 3)];
    let want = [day(4, 0, 0, 5), day(5, 0, 0, 5), day(6, 0, 2, 3), day(7, 0, 0, 3)];
    assert_eq!(filled(&days, (Date(4), Date(7))), want);
    assert_eq!(filled(&days, (Date(1), Date(3))), [day(3, 5, 0, 5)]);
    assert_eq!(filled(&[], (Date(1), Date(3))), []);
}

#[test]
fn every_ready_segment_makes_sense() {
    let all = super::ready::all().unwrap();
    assert_eq!(all.len(), 30);
    let codes: BTreeSet<&str> = all.iter().map(|ready| ready.code.as_str()).collect();
    assert_eq!(codes.len(), all.len());
    for ready in all {
        let read = crate::expr::read(&ready.expr);
        assert!(read.is_ok(), "{}: {read:?}", ready.code);
        assert!(!ready.name.zh.is_empty() && ready.why.en.ends_with('.'), "{}", ready.code);
    }
}

fn set() -> impl Strategy<Value = RoaringBitmap> {
    let number = prop_oneof![3 => 1_u32..60, 1 => 65_530_u32..65_545, 1 => 131_060_u32..131_080];
    prop::collection::vec(number, 0..40).prop_map(RoaringBitmap::from_iter)
}

proptest! {
    #[test]
    fn moves_are_read_as_they_were_written(one in set(), other in set(), entered: bool) {
        let group = |members: &RoaringBitmap, conditions: &[&str]| Group {
            entered,
            cause: Cause::Time,
            conditions: conditions.iter().map(|at| (*at).to_owned()).collect(),
            members: members.clone(),
        };
        let groups = vec![group(&one, &["rules[0]"]), group(&other, &[])];
        let bytes = pack(&groups).unwrap();
        prop_assert_eq!(open(&bytes).unwrap(), groups.clone());
        let newer = [&[9], &bytes[1..]].concat();
        prop_assert_eq!(open(&newer).unwrap_err().code, base::Code::Unsupported);
        let both = merged([groups, vec![group(&other, &["rules[0]"])]]);
        prop_assert_eq!(both.len(), 2);
        prop_assert_eq!(&both[0].members, &(one | other));
    }

    #[test]
    fn regions_of_an_overlap_share_nobody(sets in prop::collection::vec(set(), 1..6)) {
        let regions = overlap(&sets);
        for (place, set) in sets.iter().enumerate() {
            let own = regions.iter().filter(|region| region.of.contains(&place));
            let sum: i64 = own.map(|region| region.customers).sum();
            prop_assert_eq!(u64::try_from(sum).unwrap(), set.len());
        }
        let all = sets.iter().fold(RoaringBitmap::new(), |all, set| all | set);
        let sum: i64 = regions.iter().map(|region| region.customers).sum();
        prop_assert_eq!(u64::try_from(sum).unwrap(), all.len());
    }
}
