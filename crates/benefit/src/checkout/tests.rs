use base::Time;

use super::{Checkout, State};
use crate::offer::{Postage, Priced, Proof, Quote};
use crate::quote::Told;

fn checkout(state: State) -> Checkout {
    let line = |pieces, pay_minor| Priced {
        product: 1,
        pieces,
        original_minor: pay_minor,
        off_minor: 0,
        points_minor: 0,
        pay_minor,
    };
    let quote = Quote {
        lines: vec![line(3, 1_000), line(1, 500)],
        postage: Postage { original_minor: 80, off_minor: 0, pay_minor: 80 },
        steps: Vec::new(),
        points: None,
        original_minor: 1_500,
        off_minor: 0,
        pay_minor: 1_580,
        back_minor: 0,
        proof: Proof { exact: true, value_minor: 0, bound_minor: 0 },
        unused: Vec::new(),
        misses: Vec::new(),
    };
    let skus = vec!["a".to_owned(), "b".to_owned()];
    let told = Told { skus, quote, offers: Vec::new(), products: Vec::new(), uses: Vec::new() };
    Checkout {
        number: 1,
        order: String::new(),
        customer: None,
        state,
        told,
        returned: vec![1, 0],
        actor: String::new(),
        at: Time::from_micros(0),
        until: Time::from_micros(10),
        redeemed_at: None,
    }
}

#[test]
fn one_that_is_held_is_free_when_its_time_is_over() {
    let at = |micros| checkout(State::Locked).state(Time::from_micros(micros));
    assert_eq!((at(9), at(10)), (State::Locked, State::Free));
    let used = checkout(State::Redeemed);
    assert_eq!(used.state(Time::from_micros(99)), State::Redeemed);
}

#[test]
fn pieces_come_back_after_those_before() {
    let own = checkout(State::Redeemed);
    let (back, after) = own.back(&vec![(0, 1)]).expect("one of two");
    assert_eq!((back.minor, back.postage_minor, after), (333, 0, vec![2, 0]));
    let (back, after) = own.back(&vec![(0, 1), (1, 1), (0, 1)]).expect("all that are left");
    assert_eq!((back.minor, back.postage_minor, after), (1_167, 80, vec![3, 1]));
}

#[test]
fn what_cannot_come_back_is_refused() {
    let own = checkout(State::Redeemed);
    let cases = [
        (vec![], "lines"),
        (vec![(0, 3)], "lines[0].pieces"),
        (vec![(0, 1), (0, 2)], "lines[1].pieces"),
        (vec![(1, 0)], "lines[0].pieces"),
        (vec![(1, -1)], "lines[0].pieces"),
        (vec![(2, 1)], "lines[0].line"),
    ];
    for (pieces, field) in cases {
        let error = own.back(&pieces).expect_err(field);
        assert_eq!(error.field.as_deref(), Some(field), "{pieces:?}");
    }
    for state in [State::Locked, State::Free, State::Refunded] {
        assert!(checkout(state).back(&vec![(0, 1)]).is_err(), "{state:?}");
    }
}
