use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, DictionaryArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int32Type;
use proptest::prelude::*;

use super::*;

/// A row: two numbers, a word, a text, a truth value.
type Values = (Option<i64>, Option<i64>, Option<&'static str>, Option<&'static str>, Option<bool>);

fn row() -> impl Strategy<Value = Values> {
    let number = || prop::option::weighted(0.8, prop_oneof![-3_i64..4, Just(i64::MIN)]);
    let word = || {
        let words = vec!["", "北京", "广东", "100%", "a_b", "ab"];
        prop::option::weighted(0.8, prop::sample::select(words))
    };
    (number(), number(), word(), word(), prop::option::of(any::<bool>()))
}

fn texts() -> impl Strategy<Value = Texts> {
    let part =
        || prop::sample::select(vec!["", "a", "b", "北", "京", "%", "ab"]).prop_map(Arc::from);
    let like = prop::sample::select(vec!["%", "a_b", "a\\_b", "%京", "_东", "%b%", "", "100\\%"]);
    prop_oneof![
        part().prop_map(Texts::Is),
        part().prop_map(Texts::Start),
        part().prop_map(Texts::End),
        part().prop_map(Texts::Hold),
        like.prop_map(|pattern| Texts::Like(Arc::new(Pattern::new(pattern)))),
        prop::collection::hash_set(prop::sample::select(vec!["ab", "北京", "", "x"]), 0..3)
            .prop_map(|texts| {
                let texts: HashSet<Box<str>> = texts.into_iter().map(Box::from).collect();
                Texts::Among(Arc::new(texts))
            }),
    ]
}

fn numbers() -> impl Strategy<Value = Test> {
    let bound = || prop_oneof![-3_i64..4, Just(i64::MIN), Just(i64::MAX)];
    let list = prop::collection::btree_set(-3_i64..4, 0..9);
    prop_oneof![
        (bound(), bound(), any::<bool>()).prop_map(|(least, most, outside)| Test::Range {
            least,
            most,
            outside
        }),
        (list, any::<bool>()).prop_map(|(values, outside)| Test::Among {
            values: values.into_iter().collect(),
            outside
        }),
        any::<bool>().prop_map(Test::There),
    ]
}

/// Every third row, so that conditions on places are in the trees.
#[derive(Debug)]
struct Third;

impl RowTest for Third {
    fn holds(&self, row: usize) -> bool {
        row.is_multiple_of(3)
    }
}

fn node() -> impl Strategy<Value = Node> {
    let of_text =
        (texts(), any::<bool>()).prop_map(|(texts, outside)| Test::Text { texts, outside });
    let of_text = prop_oneof![4 => of_text, 1 => any::<bool>().prop_map(Test::There)];
    let truth =
        prop_oneof![any::<bool>().prop_map(Test::Truth), any::<bool>().prop_map(Test::There)];
    let leaf = prop_oneof![
        (0_usize..2, numbers()).prop_map(|(column, test)| Node::Column(column, test)),
        (2_usize..4, of_text).prop_map(|(column, test)| Node::Column(column, test)),
        truth.prop_map(|test| Node::Column(4, test)),
        any::<[bool; 3]>().prop_map(|ways| Node::Compare(0, 1, ways)),
        numbers().prop_map(|test| Node::Discount([0, 1, 0], test)),
        Just(Node::Row(Arc::new(Third))),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let list = prop::collection::vec(inner, 0..4);
        prop_oneof![list.clone().prop_map(Node::All), list.prop_map(Node::Any)]
    })
}

fn number_passes(number: Option<i64>, test: &Test) -> bool {
    match (test, number) {
        (Test::There(there), number) => number.is_some() == *there,
        (_, None) => false,
        (Test::Range { least, most, outside }, Some(number)) => {
            (*least <= number && number <= *most) != *outside
        }
        (Test::Among { values, outside }, Some(number)) => values.contains(&number) != *outside,
        _ => false,
    }
}

/// What a tree says of a row, as one would write it down.
fn expected(node: &Node, row: usize, values: &Values) -> bool {
    match node {
        Node::All(nodes) => !nodes.iter().any(|node| !expected(node, row, values)),
        Node::Any(nodes) => nodes.iter().any(|node| expected(node, row, values)),
        Node::Compare(_, _, [less, equal, greater]) => {
            let (Some(left), Some(right)) = (values.0, values.1) else { return false };
            left < right && *less || left == right && *equal || left > right && *greater
        }
        Node::Discount(_, test) => {
            let both = values.0.zip(values.1);
            let sold = both.filter(|(amount, pieces)| *pieces > 0 && *amount >= 0);
            number_passes(
                sold.map(|(amount, pieces)| amount.saturating_mul(pieces).saturating_sub(amount)),
                test,
            )
        }
        Node::Row(_) => row.is_multiple_of(3),
        Node::Column(4, test) => match test {
            Test::There(there) => values.4.is_some() == *there,
            Test::Truth(wanted) => values.4 == Some(*wanted),
            _ => false,
        },
        Node::Column(column @ (2 | 3), test) => {
            let text = if *column == 2 { values.2 } else { values.3 };
            match test {
                Test::There(there) => text.is_some() == *there,
                Test::Text { texts, outside } => {
                    text.is_some_and(|text| texts.hold(text) != *outside)
                }
                _ => false,
            }
        }
        Node::Column(column, test) => {
            number_passes(if *column == 0 { values.0 } else { values.1 }, test)
        }
    }
}

fn batch(rows: &[Values]) -> RecordBatch {
    let words: DictionaryArray<Int32Type> = rows.iter().map(|row| row.2).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("spare", Arc::new(Int64Array::from(vec![0; rows.len()]))),
        ("a", Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>())),
        ("b", Arc::new(rows.iter().map(|row| row.1).collect::<Int64Array>())),
        ("word", Arc::new(words)),
        ("text", Arc::new(rows.iter().map(|row| row.3).collect::<StringArray>())),
        ("truth", Arc::new(rows.iter().map(|row| row.4).collect::<BooleanArray>())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true)))
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_mask_says_of_each_row_what_the_tree_says(
        rows in prop::collection::vec(row(), 1..150),
        candidates in prop::collection::vec(any::<bool>(), 150),
        (few, tune) in any::<(bool, bool)>(),
        node in node(),
    ) {
        let places = [1, 2, 3, 4, 5];
        let sample = batch(&rows[..rows.len().min(5)]);
        let tuned = node.tuned(&[Rows { batch: &sample, places: &places, first: 0 }]);
        let mut masker = Masker::new(if tune { &tuned } else { &node });
        let mut first = 0;
        // Two batches with different dictionaries.
        for rows in rows.chunks(100) {
            let batch = batch(rows);
            let judged = Rows { batch: &batch, places: &places, first };
            let candidate = |row: usize| candidates[row] && (!few || row.is_multiple_of(40));
            let mut mask: Vec<u8> = (0..rows.len()).map(|row| u8::from(candidate(row))).collect();
            let left = masker.narrow(&judged, &mut mask);
            for (row, values) in rows.iter().enumerate() {
                let holds = expected(&node, first + row, values);
                prop_assert_eq!(node.holds(&judged, row), holds, "{:?}", values);
                prop_assert_eq!(mask[row], u8::from(holds && candidate(row)), "{:?}", values);
            }
            prop_assert_eq!(left, mask.iter().filter(|slot| **slot == 1).count());
            first += rows.len();
        }
    }
}

#[test]
fn patterns_are_those_of_sql() {
    for (pattern, yes, no) in [
        ("", vec![""], vec!["a"]),
        ("%", vec!["", "abc"], vec![]),
        ("a%c", vec!["ac", "abc", "abcc"], vec!["ab", "bac"]),
        ("%面膜%", vec!["面膜", "补水面膜 10 片"], vec!["面 膜"]),
        ("_东", vec!["广东"], vec!["东", "广州东"]),
        ("100\\%", vec!["100%"], vec!["1000"]),
        ("%ab%ab", vec!["abab", "xabyab", "aab ab"], vec!["ab", "aba"]),
    ] {
        let pattern = Pattern::new(pattern);
        for text in yes {
            assert!(pattern.matches(text), "{pattern:?} {text}");
        }
        for text in no {
            assert!(!pattern.matches(text), "{pattern:?} {text}");
        }
    }
}
