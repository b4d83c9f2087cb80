use base::Time;
use proptest::prelude::*;

use super::{Seen, Visits};
use crate::collect::Touch;

fn any_seen() -> impl Strategy<Value = Seen> {
    let source = prop::option::of(prop::sample::select(vec!["wechat", "sms", "xiaohongshu"]));
    (0..20_i64, prop::option::of(source)).prop_map(|(at, touch)| Seen {
        label: 1,
        at: Time::from_micros(at),
        touch: touch.map(|source| Touch { source: source.map(str::to_owned), ..Touch::default() }),
    })
}

fn all<'a>(seen: impl Iterator<Item = &'a Seen>) -> Option<Visits> {
    let visits = seen.map(|one| Visits::of(one).unwrap());
    visits.reduce(Visits::with)
}

proptest! {
    #[test]
    fn no_order_of_arrival_changes_what_is_known(
        seen in prop::collection::vec(any_seen(), 1..30),
        turn in 0..30_usize,
    ) {
        let known = all(seen.iter()).unwrap();
        let mut turned = seen.clone();
        turned.rotate_left(turn % seen.len());
        prop_assert_eq!(all(turned.iter()).unwrap(), known.clone());
        turned.reverse();
        prop_assert_eq!(all(turned.iter()).unwrap(), known.clone());
        prop_assert_eq!(known.events, i64::try_from(seen.len()).unwrap());
        prop_assert!(known.first_at <= known.last_at);
    }
}
