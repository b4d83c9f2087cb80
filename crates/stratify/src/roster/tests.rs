use std::collections::BTreeMap;

use proptest::prelude::*;
use roaring::RoaringBitmap;

use super::rule::parts;

fn set() -> impl Strategy<Value = RoaringBitmap> {
    let number = prop_oneof![3 => 1_u32..60, 1 => 65_530_u32..65_545, 1 => 131_060_u32..131_080];
    prop::collection::vec(number, 0..40).prop_map(RoaringBitmap::from_iter)
}

proptest! {
    #[test]
    fn changed_parts_make_the_new_set_of_the_old(before in set(), now in set()) {
        let mut stored: BTreeMap<i64, RoaringBitmap> = BTreeMap::new();
        for (part, members) in parts(&before, &before) {
            stored.insert(part, members);
        }
        for (part, members) in parts(&now, &(&now ^ &before)) {
            stored.insert(part, members);
        }
        let all = stored.into_values().fold(RoaringBitmap::new(), |all, part| all | part);
        prop_assert_eq!(all, now);
    }
}
