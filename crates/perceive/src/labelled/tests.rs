use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::{BLOCK_LABELS, Entries, Kept, block_of, ends, put, read, write};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Most(i64, String);

impl Kept for Most {
    const SERIES: &'static str = "most";

    fn join(&mut self, other: Self) {
        if (other.0, &other.1) > (self.0, &self.1) {
            *self = other;
        }
    }
}

fn any_entries() -> impl Strategy<Value = Vec<(i64, Most)>> {
    let label = prop_oneof![-300..300_i64, any::<i64>()];
    prop::collection::vec((label, (0..9_i64, "[a-c]{0,2}").prop_map(|(a, b)| Most(a, b))), 0..60)
}

proptest! {
    #[test]
    fn what_is_kept_is_read_as_it_was_written(all in any_entries()) {
        let mut entries = Entries::new();
        all.into_iter().for_each(|(label, value)| put(&mut entries, label, value));
        let body = write(&entries).unwrap();
        prop_assert!(read::<Most>(&body).unwrap().eq(entries));
        prop_assert!(read::<Most>(&body[..body.len() - 1]).is_err());
    }

    #[test]
    fn no_order_of_arrival_changes_what_is_kept(all in any_entries(), turn in 0..60_usize) {
        let of = |all: &[(i64, Most)]| {
            let mut entries = Entries::new();
            all.iter().cloned().for_each(|(label, value)| put(&mut entries, label, value));
            entries
        };
        let mut turned = all.clone();
        turned.rotate_left(turn.min(all.len()));
        prop_assert_eq!(of(&turned), of(&all));
        turned.reverse();
        prop_assert_eq!(of(&turned), of(&all));
    }
}

#[test]
fn neighbours_are_in_one_block() {
    assert_eq!([-1, 0, BLOCK_LABELS - 1, BLOCK_LABELS].map(block_of), [-1, 0, 0, 1]);
    assert!(ends(0, BLOCK_LABELS - 1) && !ends(0, BLOCK_LABELS));
    assert!(!ends(i64::MIN, i64::MIN));
}
