//! Laws of what is shown of private audiences.

use proptest::prelude::*;
use roaring::RoaringBitmap;
use serde_json::json;

use super::key;
use super::rule::{Said, Shown, beside, distance, tells_of_enough};

const LEAST: u64 = 20;

fn people(from: u32, to: u32) -> RoaringBitmap {
    (from..to).collect()
}

#[test]
fn what_is_shown_tells_of_enough_people() {
    let (nobody, all) = (RoaringBitmap::new(), people(0, 100));
    let enough = |members: &RoaringBitmap, must: &RoaringBitmap, may: &RoaringBitmap| {
        tells_of_enough(members, (must, may), LEAST)
    };
    assert!(enough(&people(0, 40), &nobody, &all));
    assert!(!enough(&people(0, 19), &nobody, &all), "too few are in it");
    assert!(!enough(&people(0, 81), &nobody, &all), "too few are left out");
    assert!(!enough(&people(0, 24), &nobody, &people(0, 25)), "nearly all of a known list");
    assert!(!enough(&people(0, 45), &people(0, 40), &all), "few beside a known list");
}

#[test]
fn a_question_is_asked_again_and_not_slightly_otherwise() {
    let ask = |asked: &str, members: &RoaringBitmap, shown: &[Shown]| {
        beside((asked, members), shown, &[people(500, 540)], LEAST)
    };
    assert_eq!(ask("a", &people(0, 57), &[]), Said::New(50));
    let shown = [Shown { asked: "a".to_owned(), members: people(0, 57), figure: 50 }];
    assert_eq!(ask("a", &people(0, 70), &shown), Said::Again(50), "it has grown by few");
    assert_eq!(ask("a", &people(0, 77), &shown), Said::New(70));
    assert_eq!(ask("b", &people(0, 57), &shown), Said::Nothing, "another way to ask the same");
    assert_eq!(ask("b", &people(0, 70), &shown), Said::Nothing, "the difference is few");
    assert_eq!(ask("b", &people(30, 90), &shown), Said::New(60));
    assert_eq!(ask("b", &people(500, 550), &shown), Said::Nothing, "nearly a segment");
}

#[test]
fn layout_makes_no_other_question() {
    let of = |rule: serde_json::Value| key(&json!({"combinator": "and", "rules": [rule]}));
    let plain = of(json!({"field": "cart", "match": {"mode": "some"}, "value": {"rules": []}}));
    let named = of(json!({"id": "x", "path": [0], "value": {"id": "y", "rules": []},
        "match": {"mode": "some"}, "field": "cart"}));
    assert_eq!(plain, named);
    assert_ne!(
        plain,
        of(json!({"field": "cart", "match": {"mode": "none"}, "value": {"rules": []}}))
    );
    assert_ne!(of(json!(["a", "b"])), of(json!(["a,b"])));
}

proptest! {
    /// However questions follow each other, no two figures that were worked out differ by few.
    #[test]
    fn figures_are_of_sets_that_differ_by_many(
        asks in prop::collection::vec((0_u8..4, 0_u32..60, 20_u32..90), 1..40),
    ) {
        let mut shown: Vec<Shown> = Vec::new();
        for (question, from, count) in asks {
            let asked = format!("{question}");
            let members = people(from, from + count);
            match beside((&asked, &members), &shown, &[], LEAST) {
                Said::New(figure) => {
                    prop_assert!(figure % 10 == 0 && figure <= i64::from(count));
                    shown.push(Shown { asked, members, figure });
                }
                Said::Again(figure) => {
                    let same = shown.iter().find(|before| {
                        before.asked == asked && distance(&before.members, &members) < LEAST
                    });
                    prop_assert_eq!(same.map(|before| before.figure), Some(figure));
                }
                Said::Nothing => {}
            }
        }
        for (place, one) in shown.iter().enumerate() {
            for other in &shown[place + 1..] {
                prop_assert!(distance(&one.members, &other.members) >= LEAST);
            }
        }
    }
}
