use base::Time;
use proptest::prelude::*;

use super::Profile;
use super::rule::{Contribution, shift};
use crate::record::{OrderKind, Region};

fn contribution() -> impl Strategy<Value = Contribution> {
    let kind =
        prop::sample::select(vec![OrderKind::Order, OrderKind::Refund, OrderKind::Correction]);
    (kind, any::<bool>(), 0..20_i64, prop::option::of(0..20_i64), 0..3_i64, 0..3_u8).prop_map(
        |(kind, test, placed, paid, money, region)| Contribution {
            kind,
            test,
            placed_at: Some(Time::from_micros(placed)),
            paid_at: paid.map(Time::from_micros),
            paid_minor: if kind == OrderKind::Order { money * 100 } else { 0 },
            refunded_minor: money,
            adjusted_minor: 0,
            items: money,
            region: Region {
                province: (region > 0).then(|| format!("P{region}")),
                ..Region::default()
            },
        },
    )
}

fn built(orders: &[Contribution]) -> Profile {
    let mut profile = Profile::default();
    for order in orders {
        assert!(shift(&mut profile, None, Some(order)), "adding never needs to build anew");
    }
    profile
}

proptest! {
    /// Moving by differences, building anew where that is asked for, is building from all orders.
    #[test]
    fn differences_and_building_anew_agree(
        orders in prop::collection::vec(contribution(), 1..8),
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), prop::option::of(contribution())),
            0..12,
        ),
    ) {
        let mut all = orders;
        let mut profile = built(&all);
        for (place, new) in changes {
            if all.is_empty() {
                break;
            }
            let place = place.index(all.len());
            let old = all[place].clone();
            let moved = shift(&mut profile, Some(&old), new.as_ref());
            match new {
                Some(new) => all[place] = new,
                None => drop(all.remove(place)),
            }
            let anew = built(&all);
            if !moved {
                profile = anew.clone();
            }
            prop_assert_eq!(&profile, &anew);
        }
        all.reverse();
        prop_assert_eq!(profile, built(&all));
    }
}
