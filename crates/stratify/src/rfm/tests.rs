use proptest::prelude::*;

use super::rule::{High, Measures, Stratum, cuts, foretells, run, score, top_share};

#[test]
fn cuts_are_values_at_ranks() {
    assert_eq!(cuts(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), [2, 4, 6, 8]);
    assert_eq!(cuts(&[3, 1, 2]), [1, 2, 2, 3]);
    assert_eq!(cuts(&[7]), [7, 7, 7, 7]);
    assert_eq!(cuts(&[]), [0; 4]);
    assert_eq!([0, 1, 2, 3, 6, 7].map(|v| score(v, &[1, 2, 3, 6])), [1, 1, 2, 3, 4, 5]);
}

#[test]
fn the_eight_strata_are_told_apart() {
    let codes: Vec<&str> = Stratum::ALL.iter().map(|stratum| stratum.names().0).collect();
    let bits = ["111", "101", "011", "001", "110", "100", "010", "000"];
    for (bits, code) in bits.iter().zip(codes) {
        let [r, f, m] = [0, 1, 2].map(|place| bits.as_bytes()[place] == b'1');
        assert_eq!(Stratum::of(r, f, m).names().0, code, "{bits}");
    }
}

#[test]
fn the_best_tenth_of_ten_is_one() {
    assert!((top_share(&[1, 1, 1, 1, 1, 1, 1, 1, 1, 11], 0.1) - 0.55).abs() < 1e-12);
    assert!(top_share(&[], 0.1).abs() < 1e-12);
}

#[test]
fn foretelling_counts_ties_half() {
    assert_eq!(foretells(&[1, 2, 3], &[false, false, true]), Some(1.0));
    assert_eq!(foretells(&[1, 1], &[false, true]), Some(0.5));
    assert_eq!(foretells(&[1, 2], &[true, true]), None);
}

proptest! {
    #[test]
    fn order_does_not_matter_and_nobody_is_lost(
        people in prop::collection::vec((0_i64..50, 1_i64..9, -100_i64..1000), 0..200),
    ) {
        let mut measures = Measures::default();
        let mut backwards = Measures::default();
        for (number, (r, f, m)) in (1..).zip(&people) {
            measures.push(number, *r, *f, *m);
        }
        for (number, (r, f, m)) in (1..).zip(&people).collect::<Vec<_>>().into_iter().rev() {
            backwards.push(number, *r, *f, *m);
        }
        let (one, other) =
            (run(&measures, None, High::Score), run(&backwards, None, High::Score));
        prop_assert_eq!(one.cuts, other.cuts);
        prop_assert_eq!(&one.matrix, &other.matrix);
        let count: i64 = one.matrix.iter().map(|cell| cell.customers).sum();
        prop_assert_eq!(count, i64::try_from(people.len()).unwrap());
        prop_assert_eq!(one.strata.iter().map(|s| s.0).sum::<i64>(), count);
        prop_assert_eq!(one.strata.iter().map(|s| s.1).sum::<i64>(), one.net_minor);
    }

    #[test]
    fn cuts_are_those_of_the_sorted_values(
        values in prop::collection::vec(prop_oneof![-9_i64..9, any::<i64>(), 0_i64..1 << 40], 1..99)
    ) {
        let mut sorted = values.clone();
        sorted.sort_unstable();
        let rank = |k: usize| sorted[(sorted.len() * k).div_ceil(5) - 1];
        prop_assert_eq!(cuts(&values), [1, 2, 3, 4].map(rank));
    }

    #[test]
    fn a_greater_value_never_scores_less(mut values in prop::collection::vec(-50_i64..50, 1..99)) {
        let cuts = cuts(&values);
        values.sort_unstable();
        let scores: Vec<u8> = values.iter().map(|value| score(*value, &cuts)).collect();
        prop_assert!(scores.is_sorted());
        prop_assert!(cuts.is_sorted());
    }
}
