//! Scans, compaction and vacuum: the same answers by another way, and less on disk.

use std::collections::BTreeMap;
use std::fs::File;

use base::{ShopId, Time};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::{ReadOptionsBuilder, SerializedFileReader};

use super::asking::BY_CUSTOMER;
use super::support::{
    Ground, Line, append, columns, data_files, ground, line, open, query, rows, rows_of,
};
use crate::{Fresh, ORDER_LINES, Superseded};

/// Rows and amounts by customer, by a scan on several threads.
async fn by_scan(ground: &Ground, fresh: Fresh) -> Vec<String> {
    let names = ["amount_minor", "customer_no", "placed_at", "sku", "line_no"];
    let scan = ground.lake.scan(&ORDER_LINES, ShopId(7), &names, fresh).await.unwrap();
    let states = scan
        .run(3, BTreeMap::<(bool, i64), (i64, i64)>::new, |sums, rows| {
            let (amounts, customers) = (rows.i64(0), rows.i64(1));
            assert_eq!(amounts.len(), rows.rows());
            assert_eq!((rows.i64(2).len(), rows.i32(4).len()), (rows.rows(), rows.rows()));
            assert!(rows.i64(3).is_empty() && rows.text(3, 0).unwrap().starts_with("sku-"));
            for (row, amount) in amounts.iter().enumerate() {
                let known = rows.validity(1).is_valid(row);
                let customer = if known { customers[row] } else { 0 };
                let sum = sums.entry((!known, customer)).or_default();
                sum.0 += 1;
                sum.1 += amount;
            }
            Ok(())
        })
        .unwrap();
    let mut all = BTreeMap::<(bool, i64), (i64, i64)>::new();
    for (customer, (count, amount)) in states.into_iter().flatten() {
        let sum = all.entry(customer).or_default();
        sum.0 += count;
        sum.1 += amount;
    }
    let name = |(unknown, customer): (bool, i64)| match unknown {
        true => String::new(),
        false => customer.to_string(),
    };
    all.into_iter().map(|(c, (count, amount))| format!("{},{count},{amount}", name(c))).collect()
}

fn many(from: i64, count: i64, epoch: i32) -> Vec<Line> {
    let shop = |n: i64| if n % 4 == 0 { 71 } else { 7 };
    let customer = |n: i64| (n % 11 > 0).then_some(n % 11 - 3);
    (from..from + count).map(|n| Line { epoch, ..line(shop(n), customer(n), n) }).collect()
}

/// Orders that were told again.
fn every_third() -> Vec<(i64, i32)> {
    (0..300).map(|n| (n * 3, 1)).collect()
}

fn superseded(state: i64, epochs: Vec<(i64, i32)>) -> [Superseded; 1] {
    [Superseded { shop: ShopId(7), state, epochs }]
}

fn fresh(tail: &[Line]) -> Fresh {
    let tail = super::support::tail(&ORDER_LINES, columns(tail));
    Fresh { tail, superseded: every_third(), ..Fresh::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_says_what_a_query_says() {
    let ground = ground();
    assert!(by_scan(&ground, Fresh::default()).await.is_empty());
    for batch in 0..5 {
        append(&ground.lake, &many(batch * 200, 200, i32::from(batch % 2 == 0)), batch).await;
    }
    append(&ground.lake, &many(5_000, 150_000, 0), 5).await;
    for tail in [Vec::new(), many(2_000, 70, 0)] {
        for fresh in [fresh(&tail), Fresh { superseded: Vec::new(), ..fresh(&tail) }] {
            let asked = query(7, BY_CUSTOMER, fresh.clone());
            let expected = rows_of(&ground.lake.query(asked).await.unwrap());
            assert!(expected.len() == 11, "{expected:?}");
            assert_eq!(by_scan(&ground, fresh).await, expected);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_keeps_every_answer_and_drops_what_is_superseded() {
    let ground = ground();
    let lake = &ground.lake;
    for batch in 0..6 {
        append(lake, &many(batch * 200, 200, i32::from(batch % 2 == 0)), batch).await;
    }
    let now = Time::from_micros(1_800_000_000_000_000);
    let superseded = superseded(1, every_third());
    let before = rows_of(&lake.query(query(7, BY_CUSTOMER, fresh(&[]))).await.unwrap());
    let other = rows(lake, 71, BY_CUSTOMER).await;
    let all: i64 = rows(lake, 7, "select count(*) from order_lines").await[0].parse().unwrap();

    let done = lake.compact(&ORDER_LINES, &superseded, now).await.unwrap();
    assert!(done.files_after < done.files_before, "{done:?}");
    assert_eq!(rows(lake, 7, BY_CUSTOMER).await, before);
    let left: i64 = rows(lake, 7, "select count(*) from order_lines").await[0].parse().unwrap();
    assert_eq!(left, all - i64::try_from(done.rows_dropped).unwrap());
    assert_eq!(rows(lake, 71, BY_CUSTOMER).await, other);
    assert_eq!(by_scan(&ground, Fresh::default()).await, before);
    let again = lake.compact(&ORDER_LINES, &superseded, now).await.unwrap();
    assert_eq!(again, crate::Compacted::default());
    assert_eq!(lake.cursor(&ORDER_LINES, "relay").await.unwrap(), Some(5));

    // What was replaced, and what a crash left, goes only after its time.
    let live = done.files_after;
    let files = data_files(&ground, &ORDER_LINES);
    let orphan = files[0].with_file_name("relay-99-0.parquet");
    std::fs::copy(&files[0], orphan).unwrap();
    assert_eq!(lake.vacuum(&ORDER_LINES, 3_600, Time::from_micros(0)).await.unwrap(), 0);
    let later = Time::from_micros(4_000_000_000_000_000);
    lake.vacuum(&ORDER_LINES, 3_600, later).await.unwrap();
    assert_eq!(data_files(&ground, &ORDER_LINES).len(), live);
    assert_eq!(rows(&open(&ground.folder), 7, BY_CUSTOMER).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_and_appends_do_not_lose_each_other_s_rows() {
    let ground = ground();
    for batch in 0..4 {
        append(&ground.lake, &many(batch * 100, 100, 0), batch).await;
    }
    let (writer, keeper) = (open(&ground.folder), open(&ground.folder));
    let now = Time::from_micros(1_800_000_000_000_000);
    let writing = async {
        for batch in 4..12 {
            append(&writer, &many(batch * 100, 100, 0), batch).await;
        }
    };
    let compacting = async |keeper: &crate::Lake| {
        for _ in 0..3 {
            keeper.compact(&ORDER_LINES, &superseded(1, vec![(1, 1)]), now).await.unwrap();
        }
    };
    let other = open(&ground.folder);
    tokio::join!(writing, compacting(&keeper), compacting(&other));
    let count = rows(&ground.lake, 7, "select count(*), min(order_id) from order_lines").await;
    assert_eq!(count, ["899,2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_summed_up_still_says_everything() {
    let ground = ground();
    for batch in 0..70 {
        append(&ground.lake, &[line(7, Some(1), batch)], batch).await;
    }
    let log = ground.folder.path().join("lake/order_lines/_delta_log");
    assert!(log.join("_last_checkpoint").exists());
    let lake = open(&ground.folder);
    assert_eq!(rows(&lake, 7, "select count(*) from order_lines").await, ["70"]);
    assert_eq!(lake.cursor(&ORDER_LINES, "relay").await.unwrap(), Some(69));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_customers_rows_are_found_by_their_pages() {
    let ground = ground();
    let of_one_day = |n: i64| Line { day: 3, ..line(7, (n % 500 > 0).then_some(n % 500), n) };
    append(&ground.lake, &(0..20_000).map(of_one_day).collect::<Vec<_>>(), 1).await;
    let files = data_files(&ground, &ORDER_LINES);
    let [file] = files.as_slice() else { panic!("{files:?}") };
    let options = ReadOptionsBuilder::new().with_page_index().build();
    let reader = SerializedFileReader::new_with_options(File::open(file).unwrap(), options);
    let footer = reader.unwrap().metadata().clone();
    let columns = footer.file_metadata().schema_descr();
    let pages = &footer.column_index().unwrap()[0];
    for (column, index) in columns.columns().iter().zip(pages) {
        let bounds = matches!(index, ColumnIndexMetaData::INT64(own) if own.num_pages() == 3);
        assert_eq!(bounds, column.name() == "customer_no", "{}", column.name());
    }
    let moved: [(i64, i64); 2] = [(12, 499), (499, 499)];
    for (customer, expected) in [(1, 40), (12, 0), (499, 80), (500, 0)] {
        let fresh = Fresh { redirect: moved.into(), ..Fresh::default() };
        let found = ground.lake.rows_of((ShopId(7), &ORDER_LINES), fresh, customer).await.unwrap();
        let rows: usize = found.iter().map(arrow::array::RecordBatch::num_rows).sum();
        assert_eq!(rows, expected, "customer {customer}");
    }
}
