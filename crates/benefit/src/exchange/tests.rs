use base::Time;

use super::{Gives, HOLD_HOURS_MAX, POINTS_MAX, Refused, Reward, Terms};
use crate::coupon::rule::Most;
use crate::promotion::Limits;

fn reward() -> Reward {
    let terms = Terms {
        gives: Gives::Product { product: 1, pieces: 1 },
        points: 500,
        cash_minor: 0,
        limits: Limits { stock: Most::Of(10), each: Most::Of(3) },
        tiers: vec![2],
        hold_hours: 72,
    };
    let at = Time::from_micros;
    Reward {
        number: 1,
        name: "a mug".to_owned(),
        note: String::new(),
        active: true,
        terms,
        starts_at: at(10),
        ends_at: Some(at(20)),
        taken: 8,
        owner: String::new(),
        created_at: at(0),
        edited_at: at(0),
    }
}

#[test]
fn who_can_have_a_reward_is_told_with_the_reason() {
    let own = reward();
    let cases = [
        (15, Some(2), 0, 1, Ok(())),
        (15, Some(2), 1, 2, Ok(())),
        (9, Some(2), 0, 1, Err(Refused::Closed)),
        (10, Some(2), 0, 1, Ok(())),
        (20, Some(2), 0, 1, Err(Refused::Closed)),
        (15, Some(1), 0, 1, Err(Refused::Tier)),
        (15, None, 0, 1, Err(Refused::Tier)),
        (15, Some(2), 0, 3, Err(Refused::Stock)),
        (15, Some(2), 2, 2, Err(Refused::Each)),
        (15, Some(2), 0, i64::MAX, Err(Refused::Stock)),
    ];
    for (now, tier, had, pieces, told) in cases {
        let allowed = own.allows(Time::from_micros(now), (tier, had), pieces);
        assert_eq!(allowed, told, "{now} {tier:?} {had} {pieces}");
    }
    let mut off = reward();
    off.active = false;
    let told = off.allows(Time::from_micros(15), (Some(2), 0), 1);
    assert_eq!(told, Err(Refused::Closed));
    let mut free = reward();
    free.terms.tiers.clear();
    free.terms.limits = Limits::default();
    free.ends_at = None;
    assert_eq!(free.allows(Time::from_micros(i64::MAX), (None, 99), 99), Ok(()));
}

#[test]
fn terms_that_will_not_do_say_which_part() {
    let good = reward().terms;
    assert!(good.check().is_ok());
    let mug = |pieces| Gives::Product { product: 1, pieces };
    let no = Limits { stock: Most::Of(0), each: Most::Unlimited };
    let cases = [
        (Terms { points: 0, ..good.clone() }, "points"),
        (Terms { points: POINTS_MAX + 1, ..good.clone() }, "points"),
        (Terms { cash_minor: -1, ..good.clone() }, "cash_minor"),
        (Terms { hold_hours: 0, ..good.clone() }, "hold_hours"),
        (Terms { hold_hours: HOLD_HOURS_MAX + 1, ..good.clone() }, "hold_hours"),
        (Terms { gives: mug(0), ..good.clone() }, "gives.pieces"),
        (Terms { limits: no, ..good.clone() }, "limits.stock"),
    ];
    for (terms, field) in cases {
        let error = terms.check().expect_err(field);
        assert_eq!(error.field.as_deref(), Some(field));
    }
}
