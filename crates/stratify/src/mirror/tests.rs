use std::collections::BTreeSet;

use base::ShopId;
use perceive::profile::Row;
use proptest::prelude::*;
use roaring::RoaringBitmap;

use super::find::{self, Node, Order, Stand};
use super::{BLOCK_ROWS, Mirror, net};

fn person() -> impl Strategy<Value = Row> {
    let province = prop::sample::select(vec![None, Some("北京"), Some("广东")]);
    let at = prop::option::of(0_i64..6);
    (any::<bool>(), province, at, 0_i64..5, any::<bool>()).prop_map(
        |(known, province, last_order_at, paid_minor, has_phone)| Row {
            known,
            province: province.map(str::to_owned),
            last_order_at,
            paid_minor,
            has_phone,
            ..Row::default()
        },
    )
}

/// What a column must say.
#[derive(Debug, Clone)]
enum Test {
    Is(&'static str),
    Within(&'static str, Option<i64>, Option<i64>),
    Holds(bool),
}

impl Test {
    fn node(&self) -> Node {
        match self {
            Self::Is(text) => find::is("province", text),
            Self::Within(name, least, most) => find::within(name, *least, *most),
            Self::Holds(truth) => find::holds("has_phone", *truth),
        }
        .unwrap()
    }
}

fn test() -> impl Strategy<Value = Test> {
    let bound = || prop::option::of(0_i64..6);
    prop_oneof![
        Just(Test::Is("广东")),
        Just(Test::Is("天津")),
        any::<bool>().prop_map(Test::Holds),
        (bound(), bound()).prop_map(|(least, most)| Test::Within("last_order_at", least, most)),
        (bound(), bound()).prop_map(|(least, most)| Test::Within("net_minor", least, most)),
    ]
}

fn passes(row: &Row, test: &Test) -> bool {
    match test {
        Test::Is(wanted) => row.province.as_deref() == Some(*wanted),
        Test::Holds(wanted) => row.has_phone == *wanted,
        Test::Within(name, least, most) => {
            let value = if *name == "net_minor" { net(row) } else { row.last_order_at };
            value.is_some_and(|value| {
                least.is_none_or(|least| least <= value) && most.is_none_or(|most| value <= most)
            })
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_found_is_what_sorting_everybody_finds(
        people in prop::collection::vec(person(), 1..80),
        tests in prop::collection::vec(test(), 0..3),
        (column, descending) in
            (prop::sample::select(vec!["last_order_at", "net_minor"]), any::<bool>()),
        (limit, odd) in (0_usize..12, any::<bool>()),
    ) {
        // Some of them in another block.
        let place = |index: usize| if index.is_multiple_of(3) { BLOCK_ROWS + index } else { index };
        let rows: Vec<Row> = people.into_iter().enumerate().map(|(index, row)| {
            Row { customer_no: i64::try_from(place(index)).unwrap() + 1, ..row }
        }).collect();
        let mut mirror = Mirror::empty(ShopId(1));
        mirror.put(rows.clone()).unwrap();
        let is_odd = |place: usize| place % 2 == 1;
        let also: Option<&dyn Fn(usize) -> bool> = if odd { Some(&is_odd) } else { None };
        let fits = |row: &&Row| {
            row.known && tests.iter().all(|test| passes(row, test))
                && (!odd || row.customer_no % 2 == 0)
        };
        let own: Vec<&Row> = rows.iter().filter(fits).collect();
        let key = |row: &&Row| {
            let value = if column == "net_minor" { net(row) } else { row.last_order_at };
            let value = value.map(|value| if descending { -value } else { value });
            (value.is_none(), value, row.customer_no)
        };
        let mut sorted = own.clone();
        sorted.sort_by_key(key);
        let order = Order { column, descending };
        let nodes = Node::All(tests.iter().map(Test::node).collect());
        let (mut after, mut pages): (Option<Stand>, Vec<i64>) = (None, Vec::new());
        loop {
            let found = mirror.find((&nodes, also), order, (after, limit)).unwrap();
            prop_assert_eq!(found.total, i64::try_from(own.len()).unwrap());
            prop_assert_eq!(found.net_minor, own.iter().filter_map(|row| net(row)).sum::<i64>());
            pages.extend(found.page.iter().map(|stand| stand.number()));
            after = found.page.last().copied();
            if after.is_none() {
                break;
            }
        }
        if !odd {
            let numbers: Vec<i64> = mirror.members(&nodes, 2).iter().map(i64::from).collect();
            let fit: BTreeSet<i64> = own.iter().map(|row| row.customer_no).collect();
            prop_assert_eq!(numbers, fit.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(mirror.count(&nodes, 2), u64::try_from(own.len()).unwrap());
        }
        let expected: Vec<i64> = sorted.iter().map(|row| row.customer_no).collect();
        prop_assert_eq!(pages, if limit == 0 { Vec::new() } else { expected });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Rows that were picked say what the whole says of them.
    #[test]
    fn picked_rows_say_what_the_whole_says(
        people in prop::collection::vec((person(), any::<bool>()), 1..80),
        test in test(),
    ) {
        let place = |index: usize| if index.is_multiple_of(3) { BLOCK_ROWS + index } else { index };
        let number = |index: usize| i64::try_from(place(index)).unwrap() + 1;
        let picked = people.iter().enumerate().filter(|(_, (_, picked))| *picked);
        let among: RoaringBitmap =
            picked.map(|(index, _)| u32::try_from(number(index)).unwrap()).collect();
        let rows = people.into_iter().enumerate();
        let rows = rows.map(|(index, (row, _))| Row { customer_no: number(index), ..row });
        let mut mirror = Mirror::empty(ShopId(1));
        mirror.put(rows.collect()).unwrap();
        let node = test.node();
        prop_assert!(!node.asks_where());
        let want = mirror.members(&node, 1) & &among;
        prop_assert_eq!(mirror.pick(&among).unwrap().members(&node), want.clone());
        prop_assert_eq!(mirror.members_among(&node, &among), want);
    }
}
