use proptest::prelude::*;

use super::rule::{Adjacent, Group, Measured, adjacent, indexes, largest, share};
use super::{Attribute, Declared, Positioning};

fn measured(customers: u64, buyers: u64, net_minor: i64) -> Measured {
    Measured { customers, buyers, net_minor, margin_minor: None }
}

fn group(value: &str, group: Measured) -> Group {
    Group { attribute: Attribute::Region, value: value.to_owned(), group }
}

#[test]
fn shares_and_indexes_are_of_those_who_are_known() {
    let (inside, known) = (measured(50, 30, 6_000), measured(200, 60, 8_000));
    let found = share(&inside, &known);
    assert_eq!((found.buyers, found.net, found.margin), (Some(0.5), Some(0.75), None));
    // Half of the buyers are a quarter of the customers; a buyer spends 200 where any spends 133.
    assert_eq!(indexes(&inside, &known), [Some(200.0), Some(150.0)]);
    let nobody = Measured::default();
    assert_eq!(share(&nobody, &nobody), super::Share::default());
    assert_eq!(indexes(&nobody, &nobody), [None, None]);
}

#[test]
fn the_prize_is_what_a_group_lacks() {
    let inside = measured(10, 5, 1_000);
    let prize = |of: Measured| adjacent(group("x", of), &inside).map(|found| found.prize_minor);
    assert_eq!(prize(measured(20, 4, 500)), Some(1_500));
    assert_eq!(prize(measured(20, 18, 2_000)), None);
    assert_eq!(adjacent(group("x", measured(20, 4, 500)), &Measured::default()), None);
    let found = ["b", "a", "c"].map(|value| Adjacent {
        prize_minor: if value == "c" { 9 } else { 5 },
        ..adjacent(group(value, measured(20, 4, 500)), &inside).unwrap()
    });
    let mut found = found.to_vec();
    largest(&mut found, 2);
    assert_eq!(found.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["c", "a"]);
}

#[test]
fn what_is_kept_is_read_again() {
    let values = vec!["female".to_owned()];
    let wish = Positioning { attributes: vec![Declared { attribute: Attribute::Gender, values }] };
    let text = serde_json::to_string(&wish).unwrap();
    assert_eq!(text, r#"{"attributes":[{"attribute":"gender","values":["female"]}]}"#);
    assert_eq!(serde_json::from_str::<Positioning>(&text).unwrap(), wish);
}

proptest! {
    /// If all were inside, nothing would be above or below the rest.
    #[test]
    fn everybody_is_100(
        (customers, buyers) in (1_u64..1_000, 1_u64..1_000),
        net in 1_i64..1_000_000,
    ) {
        let all = measured(customers.max(buyers), buyers, net);
        prop_assert_eq!(indexes(&all, &all), [Some(100.0), Some(100.0)]);
        prop_assert_eq!(share(&all, &all).net, Some(1.0));
        prop_assert_eq!(adjacent(group("x", all), &all), None);
    }
}
