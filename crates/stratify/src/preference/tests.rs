//! Likings by hand, and laws that hold for any deeds.

use base::Time;
use base::time::DAY_MICROS;
use proptest::prelude::*;

use super::rule::{Deed, Tally, times};
use super::taste::fifths;
use super::{Guidance, Line, On, Piece};

const NOW: Time = Time::from_micros(2_000 * DAY_MICROS);

fn ago(days: i64) -> (Time, Time) {
    (NOW.plus(-days * DAY_MICROS), NOW)
}

#[test]
fn what_was_done_lately_counts_most() {
    let mut tally = Tally::default();
    tally.add("mask", Deed::Looked, ago(0));
    tally.add("mask", Deed::Looked, ago(90));
    tally.add("serum", Deed::Bought, ago(180));
    tally.add("cream", Deed::Picked, ago(-5));
    let found = tally.ranked(2);
    let shown = |at: usize| (found[at].value.as_str(), found[at].bought, found[at].looked);
    assert_eq!((shown(0), shown(1)), (("cream", 0, 1), ("mask", 0, 2)));
    // 3, 1 + 1/2 and 5/4 of 5.75.
    assert!((found[0].share - 3.0 / 5.75).abs() < 1e-12, "{found:?}");
    assert!((found[1].share - 1.5 / 5.75).abs() < 1e-12, "{found:?}");
    assert_eq!(found[1].last_at, NOW);
    assert!(Tally::default().ranked(5).is_empty());
}

#[test]
fn a_region_likes_more_than_others_what_is_sure() {
    let found = times((60, 100), (150, 1_000)).unwrap();
    assert!((found.times.unwrap() - 4.0).abs() < 1e-12);
    assert!(found.least > 2.5 && found.least < 3.2, "{found:?}");
    assert!(times((6, 10), (15, 100)).unwrap().least < found.least, "fewer are less sure");
    let nowhere_else = times((30, 40), (0, 40)).unwrap();
    assert_eq!(nowhere_else.times, None);
    assert!(nowhere_else.least > 1.0, "{nowhere_else:?}");
    for nothing in [times((0, 100), (150, 1_000)), times((1, 2), (0, 0)), times((3, 2), (1, 2))] {
        assert_eq!(nothing, None);
    }
}

#[test]
fn a_line_is_at_a_discount_when_it_costs_less_than_its_pieces() {
    let piece = |quantity, price, amount| Piece::of(quantity, price, amount).map(|p| p.paid);
    assert_eq!(piece(2, 1_000, 1_500), Some(750));
    assert_eq!((piece(0, 1_000, 0), piece(-1, 1_000, -1_000)), (None, None));
    let cheap = |price, amount| Piece::of(2, price, amount).unwrap().is_discounted();
    assert_eq!((cheap(1_000, 1_999), cheap(1_000, 2_000), cheap(0, 0)), (true, false, false));
}

#[test]
fn lines_of_tags_come_before_those_of_the_province() {
    let line = |on, value: &str| Line { on, value: value.to_owned(), text: format!("{value}!") };
    let lines = vec![line(On::Province, "广东"), line(On::Tag, "7"), line(On::Tag, "8")];
    let all = Guidance { lines };
    let said = |province, tags: &[i64]| -> Vec<String> {
        all.of(province, tags).into_iter().map(|line| line.text.clone()).collect()
    };
    assert_eq!(said(Some("广东"), &[8, 9]), ["8!", "广东!"]);
    assert!(said(Some("北京"), &[]).is_empty() && said(None, &[1]).is_empty());
}

proptest! {
    #[test]
    fn shares_are_parts_of_one_and_grow_with_what_is_done(
        deeds in prop::collection::vec((0_usize..4, 0_usize..3, -3_i64..800), 1..60),
    ) {
        let kinds = [Deed::Bought, Deed::Picked, Deed::Looked];
        let add = |tally: &mut Tally, (value, kind, days): &(usize, usize, i64)| {
            tally.add(&value.to_string(), kinds[*kind], ago(*days));
        };
        let mut tally = Tally::default();
        deeds.iter().for_each(|deed| add(&mut tally, deed));
        let found = tally.clone().ranked(10);
        let sum: f64 = found.iter().map(|one| one.share).sum();
        prop_assert!((sum - 1.0).abs() < 1e-9);
        prop_assert!(found.windows(2).all(|two| two[0].share >= two[1].share));
        let done: i64 = found.iter().map(|one| one.bought + one.looked).sum();
        prop_assert_eq!(done, i64::try_from(deeds.len()).unwrap());
        let first = found[0].value.clone();
        tally.add(&first, Deed::Looked, ago(0));
        prop_assert!(tally.ranked(1)[0].share >= found[0].share);
    }

    /// That a share is larger for sure is what the test of two shares says.
    #[test]
    fn what_is_sure_is_what_the_test_of_two_shares_says(
        (n, a) in (1_i64..400).prop_flat_map(|n| (Just(n), 1..=n)),
        (m, b) in (1_i64..400).prop_flat_map(|m| (Just(m), 0..=m)),
    ) {
        let found = times((a, n), (b, m)).unwrap();
        let [a, n, b, m] = [a, n, b, m].map(|count| count as f64);
        let pooled = (a + b) / (n + m);
        let deviation = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
        let apart = a / n - b / m;
        let sure = apart > 3.29 * deviation && apart > 0.0;
        prop_assert_eq!(found.least > 1.0, sure, "{:?}", found);
        prop_assert!(found.times.is_none_or(|times| found.least <= times));
    }

    #[test]
    fn every_fifth_of_the_prices_is_at_least_one(
        prices in prop::collection::btree_map(0_i64..100, 1_u64..9, 1..40),
    ) {
        let (cuts, all) = (fifths(&prices), prices.values().sum::<u64>());
        prop_assert_eq!(cuts.len(), 4);
        for (at, cut) in (1_u64..).zip(&cuts) {
            let below: u64 = prices.range(..=cut).map(|(_, lines)| lines).sum();
            let under: u64 = prices.range(..cut).map(|(_, lines)| lines).sum();
            prop_assert!(below * 5 >= all * at && under * 5 < all * at, "{} of {:?}", cut, prices);
        }
    }
}
