use base::Time;
use proptest::prelude::*;

use super::block::{self, BLOCK_NUMBERS, Block, Slot};
use super::{Seen, Touches, run};
use crate::collect::Touch;

fn any_seen() -> impl Strategy<Value = Seen> {
    let source = prop::sample::select(vec!["wechat", "sms", "xiaohongshu"]);
    (0..20_i64, source).prop_map(|(at, source)| Seen {
        label: 1,
        at: Time::from_micros(at),
        touch: Touch { source: Some(source.to_owned()), ..Touch::default() },
    })
}

fn all<'a>(seen: impl Iterator<Item = &'a Seen>) -> (Slot, Option<Touches>) {
    let (mut slot, mut touches) = (Slot::default(), None);
    for one in seen {
        let at = one.at.micros();
        slot.add((at, at, 1));
        let new = Touches::of(one).unwrap();
        touches = Some(match touches.take() {
            Some(known) => Touches::with(known, new),
            None => new,
        });
    }
    (slot, touches)
}

proptest! {
    #[test]
    fn no_order_of_arrival_changes_what_is_known(
        seen in prop::collection::vec(any_seen(), 1..30),
        turn in 0..30_usize,
    ) {
        let known = all(seen.iter());
        let mut turned = seen.clone();
        turned.rotate_left(turn % seen.len());
        prop_assert_eq!(all(turned.iter()), known.clone());
        turned.reverse();
        prop_assert_eq!(all(turned.iter()), known.clone());
        prop_assert_eq!(known.0.events, i64::try_from(seen.len()).unwrap());
        prop_assert!(known.0.first_at <= known.0.last_at);
    }

    #[test]
    fn a_block_is_read_as_it_was_written(
        slots in prop::collection::btree_map(
            0..BLOCK_NUMBERS,
            (any::<i64>(), any::<i64>(), 1..i64::MAX),
            0..130,
        ),
        number in -3..3_i64,
    ) {
        let mut block = Block::default();
        for (place, (a, b, events)) in slots {
            let label = number * BLOCK_NUMBERS + place;
            prop_assert_eq!(block::of(label), number);
            block.slot(label).unwrap().add((a.min(b), a.max(b), events));
        }
        let read = Block::read(&block.write().unwrap()).unwrap();
        prop_assert!(read.used(number).eq(block.used(number)));
    }

    #[test]
    fn a_run_is_read_as_it_was_written(
        spans in prop::collection::btree_map(
            any::<i64>(),
            (any::<i64>(), any::<i64>(), 1..i64::MAX),
            0..60,
        ),
    ) {
        let written = run::write(&spans).unwrap();
        prop_assert!(run::read(&written).unwrap().eq(spans));
    }
}

#[test]
fn what_is_no_block_is_refused() {
    let whole = {
        let mut block = Block::default();
        block.slot(127).unwrap().add((1, 2, 3));
        block.write().unwrap()
    };
    assert!(Block::read(&whole[..whole.len() - 1]).is_err());
    assert!(Block::read(&crate::codec::write(&[(129_u8, 0_i64, 0_u64, 1_u64)]).unwrap()).is_err());
}
