//! A tail and a snapshot are put together only when they go together.

use base::{ShopId, Time};

use super::support::{Ground, append, columns, ground, line, query, rows_of, tail};
use crate::{Columns, Fresh, ORDER_LINES, Since, Superseded, is_stale};

const COUNT: &str = "select count(*), count(distinct order_id) from order_lines";

/// Lines of the orders from `from` up to `to`.
fn orders(from: i64, to: i64) -> Columns {
    columns(&(from..to).map(|n| line(7, Some(n % 3), n)).collect::<Vec<_>>())
}

fn fresh(rows: Columns, (version, next): (i64, Option<usize>), state: i64) -> Fresh {
    let since = Since { app: "relay".to_owned(), version, next, state };
    Fresh { tail: tail(&ORDER_LINES, rows), since: Some(since), ..Fresh::default() }
}

/// Rows as a query counts them and as a scan does; none when what is fresh is too old.
async fn count(ground: &Ground, fresh: Fresh) -> Option<usize> {
    let asked = ground.lake.query(query(7, COUNT, fresh.clone())).await;
    let scan = ground.lake.scan(&ORDER_LINES, ShopId(7), &["order_no"], fresh).await;
    let (answer, scan) = match (asked, scan) {
        (Ok(answer), Ok(scan)) => (answer, scan),
        (Err(one), Err(other)) => {
            assert!(is_stale(&one) && is_stale(&other), "{one:?} {other:?}");
            return None;
        }
        other => panic!("a query and a scan differ: {other:?}"),
    };
    let parts = scan.run(
        2,
        || 0,
        |rows, slices| {
            *rows += slices.rows();
            Ok(())
        },
    );
    let rows: usize = parts.unwrap().into_iter().sum();
    assert_eq!(rows_of(&answer), [format!("{rows},{rows}")], "each order once");
    Some(rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_is_cut_where_the_snapshot_ends_or_it_is_refused() {
    let ground = ground();
    assert_eq!(count(&ground, fresh(orders(0, 4), (0, None), 1)).await, Some(4));
    append(&ground.lake, &[line(7, None, 0), line(7, None, 1)], 3).await;
    for (tail, moment, expected) in [
        // The snapshot is of the tail's moment, or of an earlier append: nothing of it is in there.
        (orders(2, 6), (3, None), Some(6)),
        (orders(2, 6), (3, Some(3)), Some(6)),
        (orders(2, 6), (9, None), Some(6)),
        (Columns::new(), (3, None), Some(2)),
        // The append that was decided on is there: its rows are left out of the tail.
        (orders(0, 6), (2, Some(2)), Some(6)),
        (orders(0, 2), (2, Some(2)), Some(2)),
        // One that nobody knew of is there, or several.
        (orders(0, 6), (2, None), None),
        (Columns::new(), (2, None), None),
        (orders(0, 6), (1, Some(2)), None),
    ] {
        assert_eq!(count(&ground, fresh(tail, moment, 1)).await, expected, "{moment:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_were_dropped_are_not_missed_by_an_older_tail() {
    let ground = ground();
    append(&ground.lake, &[line(7, None, 0), line(7, None, 1), line(71, None, 1)], 1).await;
    let now = Time::from_micros(1_800_000_000_000_000);
    let gone = |state| [Superseded { shop: ShopId(7), state, epochs: vec![(1, 1)] }];
    let told_again = crate::tests::support::Line { epoch: 1, ..line(7, None, 1) };
    let newer = |state| Fresh {
        superseded: vec![(1, 1)],
        ..fresh(columns(std::slice::from_ref(&told_again)), (1, None), state)
    };
    assert_eq!(count(&ground, newer(8)).await, Some(2));
    assert_eq!(ground.lake.compact(&ORDER_LINES, &gone(8), now).await.unwrap().rows_dropped, 1);
    assert_eq!(count(&ground, newer(8)).await, Some(2));
    assert_eq!(count(&ground, fresh(Columns::new(), (1, None), 7)).await, None);
    // A compaction that began earlier and ends later takes nothing of that back.
    append(&ground.lake, &[line(7, None, 1)], 2).await;
    assert_eq!(ground.lake.compact(&ORDER_LINES, &gone(5), now).await.unwrap().rows_dropped, 1);
    assert_eq!(count(&ground, fresh(Columns::new(), (2, None), 7)).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_small_files_of_a_partition_are_a_crowd_until_they_are_merged() {
    let ground = ground();
    assert!(!ground.lake.crowded(&ORDER_LINES).await.unwrap());
    for version in 0..32 {
        assert!(!ground.lake.crowded(&ORDER_LINES).await.unwrap(), "{version}");
        append(&ground.lake, &[line(7, None, 1)], version).await;
    }
    assert!(ground.lake.crowded(&ORDER_LINES).await.unwrap());
    ground.lake.compact(&ORDER_LINES, &[], Time::from_micros(1)).await.unwrap();
    assert!(!ground.lake.crowded(&ORDER_LINES).await.unwrap());
}
