use base::Time;
use proptest::prelude::*;

use super::rule::{Span, Touches};
use crate::collect::Touch;
use crate::labelled::Kept;

fn any_seen() -> impl Strategy<Value = (Time, Touch)> {
    let source = prop::sample::select(vec!["wechat", "sms", "xiaohongshu"]);
    (0..20_i64, source).prop_map(|(at, source)| {
        (Time::from_micros(at), Touch { source: Some(source.to_owned()), ..Touch::default() })
    })
}

fn all(seen: &[(Time, Touch)]) -> (Span, Touches) {
    let one = |(at, touch): &(Time, Touch)| (Span::of(*at), Touches::of(*at, touch).unwrap());
    let (mut span, mut touches) = one(&seen[0]);
    for (own, touch) in seen[1..].iter().map(one) {
        span.join(own);
        touches.join(touch);
    }
    (span, touches)
}

proptest! {
    #[test]
    fn no_order_of_arrival_changes_what_is_known(
        seen in prop::collection::vec(any_seen(), 1..30),
        turn in 0..30_usize,
    ) {
        let known = all(&seen);
        let mut turned = seen.clone();
        turned.rotate_left(turn % seen.len());
        prop_assert_eq!(all(&turned), known.clone());
        turned.reverse();
        prop_assert_eq!(all(&turned), known.clone());

        let (span, touches) = known;
        prop_assert_eq!(span.events, seen.len() as u64);
        let earliest = seen.iter().map(|(at, _)| *at).min().unwrap();
        let latest = seen.iter().map(|(at, _)| *at).max().unwrap();
        prop_assert_eq!((span.first_at, span.last_at), (earliest, latest));
        let (first, last) = touches.read().unwrap();
        prop_assert!(seen.contains(&(earliest, first)) && seen.contains(&(latest, last)));
        let stored = crate::codec::write(&(span, &touches)).unwrap();
        prop_assert_eq!(crate::codec::read::<(Span, Touches)>(&stored).unwrap(), (span, touches));
    }
}
