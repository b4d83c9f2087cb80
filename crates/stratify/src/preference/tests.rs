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
    assert!((found.times - 4.0).abs() < 1e-12);
    // By hand: the deviation is the root of 1/60 − 1/100 + 1/150 − 1/1000.
    assert!((found.least - 4.0 * (-3.29_f64 * 0.111_056_f64).exp()).abs() < 1e-4, "{found:?}");
    assert!(times((6, 10), (150, 1_000)).unwrap().least < found.least, "fewer are less sure");
    assert_eq!(times((0, 100), (150, 1_000)), None);
    assert_eq!(times((60, 100), (0, 0)), None);
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
