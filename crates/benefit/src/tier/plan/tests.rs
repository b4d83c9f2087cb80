use std::collections::BTreeMap;

use base::{Code, Date};
use proptest::prelude::*;
use roaring::RoaringBitmap;
use stratify::sales::Sales;

use super::measure::{Measures, Met, Seconds};
use super::rule::{Benefits, Keep, Level, Need, Plan, Terms, Until, Window};
use super::usual::levels;

fn of(numbers: &[u32]) -> RoaringBitmap {
    numbers.iter().copied().collect()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn level(tier: i64, needs: &[Need]) -> Level {
    let needs = needs.to_vec();
    Level { tier, needs, all: false, lifetime: false, benefits: Benefits::default() }
}

fn spend(at_least: i64) -> Need {
    Need::Spend { at_least }
}

fn plan(keep: Keep) -> Plan {
    let levels = vec![level(1, &[spend(1)]), level(2, &[spend(100)]), level(3, &[spend(1_000)])];
    Plan { active: true, keep, levels, ..Plan::default() }
}

fn next(terms: Terms, (plan, today): (&Plan, &str), met: &[&[u32]]) -> Terms {
    let levels: Vec<Option<&Level>> = plan.levels.iter().map(Some).collect();
    let met: Vec<Met> = met.iter().map(|people| Some(of(people))).collect();
    terms.next((plan, day(today)), &levels, &met)
}

/// Who has which level at the least, the lowest first, days of grace included.
fn have(terms: &Terms) -> Vec<Vec<u32>> {
    let of = |place: usize| {
        let own = terms.0.iter().filter(|((own, _), _)| *own == place);
        let all = own.fold(RoaringBitmap::new(), |all, (_, people)| all | people);
        all.iter().collect()
    };
    (0..3).map(of).collect()
}

#[test]
fn a_level_stays_for_its_time_and_comes_again_where_it_is_met_then() {
    let plan = Plan { grace_days: 3, ..plan(Keep::Days { days: 10 }) };
    let mut terms = next(Terms::default(), (&plan, "2026-03-01"), &[&[1, 2, 3], &[2, 3], &[]]);
    assert_eq!(have(&terms), [vec![1], vec![2, 3], vec![]], "the highest that is met");
    let last = Until::Day(day("2026-03-10"));
    assert_eq!(terms.0.get(&(1, last)), Some(&of(&[2, 3])));
    // The third reaches the highest; the second has not enough any more, and keeps what it has.
    terms = next(terms, (&plan, "2026-03-05"), &[&[1, 2, 3], &[3], &[3]]);
    assert_eq!(have(&terms), [vec![1], vec![2, 3], vec![3]]);
    // Within the days of grace it is enough to reach it again.
    terms = next(terms, (&plan, "2026-03-12"), &[&[1, 2], &[], &[]]);
    assert_eq!(have(&terms), [vec![1, 2], vec![2, 3], vec![3]]);
    let again = next(terms.clone(), (&plan, "2026-03-13"), &[&[], &[2], &[]]);
    assert_eq!(again.0.get(&(1, Until::Day(day("2026-03-22")))), Some(&of(&[2])));
    terms = next(terms, (&plan, "2026-03-14"), &[&[1, 2], &[], &[]]);
    assert_eq!(have(&terms), [vec![1, 2], vec![], vec![3]], "the days of grace are over");
}

#[test]
fn whoever_loses_a_level_goes_down_one_step_where_the_plan_says_so() {
    let plan = Plan { one_step: true, ..plan(Keep::Days { days: 10 }) };
    let terms = next(Terms::default(), (&plan, "2026-03-01"), &[&[1], &[1], &[1]]);
    let terms = next(terms, (&plan, "2026-03-11"), &[&[], &[], &[]]);
    assert_eq!(have(&terms), [vec![], vec![1], vec![]]);
    let terms = next(terms, (&plan, "2026-03-21"), &[&[1], &[], &[]]);
    assert_eq!(terms.0, BTreeMap::from([((0, Until::Day(day("2026-03-30"))), of(&[1]))]));
}

#[test]
fn levels_of_a_year_end_with_it_and_are_reached_anew_within_it() {
    let plan = plan(Keep::Year { next: true });
    let terms = next(Terms::default(), (&plan, "2026-11-01"), &[&[1, 2], &[1, 2], &[]]);
    assert_eq!(have(&terms), [vec![], vec![1, 2], vec![]]);
    let terms = next(terms, (&plan, "2027-01-01"), &[&[], &[], &[]]);
    let terms = next(terms, (&plan, "2027-06-01"), &[&[1], &[1], &[]]);
    let (old, new) = (Until::Day(day("2027-12-31")), Until::Day(day("2028-12-31")));
    assert_eq!(terms.0, BTreeMap::from([((1, old), of(&[2])), ((1, new), of(&[1]))]));
    let terms = next(terms, (&plan, "2028-01-01"), &[&[], &[], &[]]);
    assert_eq!(have(&terms), [vec![], vec![1], vec![]]);
}

#[test]
fn what_is_met_gives_a_level_for_as_long_as_it_is() {
    let plan = Plan { grace_days: 2, ..plan(Keep::Met) };
    let terms = next(Terms::default(), (&plan, "2026-03-01"), &[&[1, 2], &[1, 2], &[]]);
    assert_eq!(terms.0, BTreeMap::from([((1, Until::Met), of(&[1, 2]))]));
    let terms = next(terms, (&plan, "2026-03-02"), &[&[1, 2], &[1], &[]]);
    assert_eq!(have(&terms), [vec![2], vec![1, 2], vec![]], "grace");
    let terms = next(terms, (&plan, "2026-03-03"), &[&[1, 2], &[1], &[]]);
    assert_eq!(have(&terms), [vec![2], vec![1, 2], vec![]], "the second day of it");
    let terms = next(terms, (&plan, "2026-03-04"), &[&[1, 2], &[1], &[]]);
    assert_eq!(have(&terms), [vec![2], vec![1], vec![]]);
}

#[test]
fn a_level_for_life_is_kept_also_by_whoever_had_a_higher_one() {
    let mut plan = plan(Keep::Days { days: 10 });
    plan.levels[1].lifetime = true;
    let terms = next(Terms::default(), (&plan, "2026-03-01"), &[&[1, 2], &[1, 2], &[2]]);
    let later = next(terms.clone(), (&plan, "2036-03-01"), &[&[], &[], &[]]);
    assert_eq!(later.0, BTreeMap::from([((1, Until::Ever), of(&[1, 2]))]));
    plan.levels[1].lifetime = false;
    let later = next(later, (&plan, "2036-03-02"), &[&[], &[], &[]]);
    assert_eq!(later.0, BTreeMap::from([((1, Until::Day(day("2036-03-11"))), of(&[1, 2]))]));
}

#[test]
fn a_level_of_which_nothing_is_known_stays_as_it_is() {
    let plan = plan(Keep::Met);
    let levels: Vec<Option<&Level>> = plan.levels.iter().map(Some).collect();
    let terms = next(Terms::default(), (&plan, "2026-03-01"), &[&[1], &[1], &[1]]);
    let met = [Some(of(&[1])), Some(of(&[1])), None];
    assert_eq!(have(&terms.next((&plan, day("2026-03-02")), &levels, &met))[2], [1]);
}

#[test]
fn bad_plans_are_refused() {
    type Wrong = fn(&mut Plan);
    let cases: [(Wrong, &str); 9] = [
        (|plan| plan.window = Window::Days { days: 0 }, "window.days"),
        (|plan| plan.keep = Keep::Days { days: 9_999 }, "keep.days"),
        (|plan| (plan.keep, plan.one_step) = (Keep::Met, true), "one_step"),
        (|plan| plan.levels[1].tier = 9, "levels[1].tier"),
        (|plan| plan.levels.swap(0, 1), "levels[1].tier"),
        (|plan| plan.levels[2].needs = vec![spend(100)], "levels[2].needs[0].at_least"),
        (|plan| plan.levels[0].needs = vec![spend(0)], "levels[0].needs[0].at_least"),
        (|plan| plan.levels[0].benefits.points_times = 999, "levels[0].benefits.points_times"),
        (|plan| plan.levels[0].benefits.discount = 10_000, "levels[0].benefits.discount"),
    ];
    let right = plan(Keep::Days { days: 365 });
    right.check(&[1, 2, 3]).unwrap();
    for (wrong, field) in cases {
        let mut plan = right.clone();
        wrong(&mut plan);
        let error = plan.check(&[1, 2, 3]).unwrap_err();
        assert_eq!((error.code, error.field.as_deref()), (Code::BadInput, Some(field)));
    }
}

#[test]
fn a_plan_is_drawn_from_what_customers_bought() {
    let bought = Measures {
        spend: (0..=1_000).map(|person| person * 1_234).collect(),
        orders: (0..=1_000).map(|person| 1 + person / 100).collect(),
        growth: Vec::new(),
    };
    let levels = levels(&[4, 5, 6], &bought);
    let needs: Vec<&[Need]> = levels.iter().map(|level| level.needs.as_slice()).collect();
    let orders = |at_least| Need::Orders { at_least };
    assert_eq!(needs[0], [orders(1)]);
    assert_eq!(needs[1], [spend(990_000), orders(9)], "a fifth spends 800 × 1,234 or more");
    assert_eq!(needs[2], [spend(1_200_000), orders(10)]);
    let plan = Plan { levels, ..Plan::default() };
    plan.check(&[4, 5, 6]).unwrap();
    // A shop without customers has a plan that can be set, too.
    let levels = super::usual::levels(&[1, 2, 3], &Measures::default());
    Plan { levels, ..Plan::default() }.check(&[1, 2, 3]).unwrap();
    let zone = base::Zone::named("Asia/Shanghai").unwrap();
    let within = Seconds::of(&zone, (None, day("2026-03-01"))).unwrap();
    assert_eq!(Measures::bought(&Sales::default(), within, None), Measures::default());
}

fn keeps() -> impl Strategy<Value = Keep> {
    prop_oneof![
        Just(Keep::Met),
        (1_u16..20).prop_map(|days| Keep::Days { days }),
        any::<bool>().prop_map(|next| Keep::Year { next }),
    ]
}

/// Days that pass, and who spent how much by then.
fn story() -> impl Strategy<Value = Vec<(i32, Vec<i64>)>> {
    let spent = prop::collection::vec(prop_oneof![Just(0), Just(1), Just(100), Just(1_000)], 6);
    prop::collection::vec((0_i32..200, spent), 1..12)
}

fn met(plan: &Plan, spent: &[i64]) -> Vec<Met> {
    let mut spend = vec![0];
    spend.extend(spent);
    Measures { spend, ..Measures::default() }.met(plan, |_| None)
}

proptest! {
    #[test]
    fn laws_of_terms(
        keep in keeps(),
        grace_days in 0_u16..5,
        one_step in any::<bool>(),
        lifetime in prop::option::of(0_usize..3),
        story in story(),
    ) {
        let one_step = one_step && keep != Keep::Met;
        let mut plan = Plan { grace_days, one_step, ..plan(keep) };
        if let Some(place) = lifetime {
            plan.levels[place].lifetime = true;
        }
        let levels: Vec<Option<&Level>> = plan.levels.iter().map(Some).collect();
        let mut terms = Terms::default();
        let mut alone = vec![Terms::default(); 6];
        let mut ever = vec![RoaringBitmap::new(); 3];
        let mut today = day("2026-01-01");
        for (days, spent) in story {
            today = Date(today.0 + days);
            let met_now = met(&plan, &spent);
            let before = terms.clone();
            terms = terms.next((&plan, today), &levels, &met_now);
            let again = terms.clone().next((&plan, today), &levels, &met_now);
            prop_assert_eq!(&terms, &again, "twice is once");
            for (place, ever) in ever.iter_mut().enumerate() {
                let now = terms.holders(place, Until::Day(today));
                let own = met_now[place].clone().unwrap();
                prop_assert!(own.is_subset(&now), "whoever has enough has the level");
                let kept = before.0.iter().filter(|((own, until), _)| {
                    *own >= place && matches!(until, Until::Day(last) if *last >= today)
                });
                for (_, people) in kept {
                    prop_assert!(people.is_subset(&now), "nobody loses it before its time");
                }
                *ever |= &now;
                if lifetime == Some(place) {
                    prop_assert!(ever.is_subset(&now), "nobody ever loses it");
                }
            }
            // Nobody's level hangs on anybody else's.
            for (person, own) in (1_u32..).zip(&mut alone) {
                let only = |met: &Met| met.as_ref().map(|met| met & &of(&[person]));
                let met: Vec<Met> = met_now.iter().map(only).collect();
                *own = std::mem::take(own).next((&plan, today), &levels, &met);
                let part: BTreeMap<_, _> = terms
                    .0
                    .iter()
                    .filter(|(_, people)| people.contains(person))
                    .map(|(key, _)| (*key, of(&[person])))
                    .collect();
                prop_assert_eq!(&own.0, &part);
            }
        }
    }
}
