//! What an append promises.

use base::Code;

use super::support::{append, ask, columns, data_files, ground, line, open, rows};
use crate::{Appended, Cursor, ORDER_LINES};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_cursor_writes_once() {
    let ground = ground();
    let lake = &ground.lake;
    let lines: Vec<_> = (0..50).map(|n| line(7, Some(n % 5), n)).collect();
    assert_eq!(lake.cursor(&ORDER_LINES, "relay").await.unwrap(), None);
    let cursor = |version| Cursor { app: "relay", version };
    let first = lake.append(&ORDER_LINES, columns(&lines), cursor(3)).await.unwrap();
    assert!(matches!(first, Appended::Written { rows: 50, files: 2 }), "{first:?}");
    for version in [3, 2] {
        let again = lake.append(&ORDER_LINES, columns(&lines), cursor(version)).await.unwrap();
        assert_eq!(again, Appended::AlreadyThere);
    }
    assert_eq!(lake.cursor(&ORDER_LINES, "relay").await.unwrap(), Some(3));
    assert_eq!(lake.cursor(&ORDER_LINES, "import").await.unwrap(), None);
    assert_eq!(rows(lake, 7, "select count(*) from order_lines").await, ["50"]);

    // A lake that is opened anew, and one that was open beside it, see the same.
    let other = open(&ground.folder);
    assert_eq!(other.cursor(&ORDER_LINES, "relay").await.unwrap(), Some(3));
    append(lake, &[line(7, None, 99)], 4).await;
    assert_eq!(rows(&other, 7, "select count(*) from order_lines").await, ["51"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_before_the_commit_leaves_only_an_orphan() {
    let ground = ground();
    append(&ground.lake, &[line(7, Some(1), 1)], 1).await;
    let kept = data_files(&ground, &ORDER_LINES);
    let orphan = kept[0].with_file_name("relay-2-0.parquet");
    std::fs::copy(&kept[0], &orphan).unwrap();
    let lake = open(&ground.folder);
    assert_eq!(rows(&lake, 7, "select count(*) from order_lines").await, ["1"]);
    append(&lake, &[line(7, Some(1), 2)], 2).await;
    assert_eq!(rows(&lake, 7, "select count(*) from order_lines").await, ["2"]);
    assert_eq!(data_files(&ground, &ORDER_LINES).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_lost_its_end_never_happened() {
    let ground = ground();
    append(&ground.lake, &[line(7, Some(1), 1)], 1).await;
    let log = ground.folder.path().join("lake/order_lines/_delta_log");
    for torn in ["", "{\"commitInfo\":{\"timest"] {
        std::fs::write(log.join("00000000000000000002.json"), torn).unwrap();
        let lake = open(&ground.folder);
        assert_eq!(rows(&lake, 7, "select count(*) from order_lines").await, ["1"]);
    }
    let lake = open(&ground.folder);
    append(&lake, &[line(7, Some(1), 2)], 2).await;
    assert_eq!(rows(&lake, 7, "select count(*) from order_lines").await, ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_is_refused() {
    let ground = ground();
    append(&ground.lake, &[line(7, Some(1), 1)], 1).await;
    let entry = ground.folder.path().join("lake/order_lines/_delta_log/00000000000000000000.json");
    let text = std::fs::read_to_string(&entry).unwrap();
    let newer = text.replace("\"shuke.lake_version\":\"1\"", "\"shuke.lake_version\":\"2\"");
    assert_ne!(text, newer);
    std::fs::write(&entry, newer).unwrap();
    let lake = open(&ground.folder);
    let error = ask(&lake, 7, "select 1 from order_lines").await.unwrap_err();
    assert_eq!(error.code, Code::Unsupported);
    assert!(error.message.contains("version 2"), "{error}");
    let cursor = Cursor { app: "relay", version: 2 };
    let error = lake.append(&ORDER_LINES, columns(&[line(7, None, 2)]), cursor).await.unwrap_err();
    assert_eq!(error.code, Code::Unsupported);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_writers_with_one_cursor_write_once() {
    let ground = ground();
    append(&ground.lake, &[line(7, Some(1), 1)], 1).await;
    let (one, two) = (open(&ground.folder), open(&ground.folder));
    let cursor = Cursor { app: "relay", version: 2 };
    let rows_of = |n| columns(&[line(7, Some(1), n)]);
    let (a, b) = tokio::join!(
        one.append(&ORDER_LINES, rows_of(2), cursor),
        two.append(&ORDER_LINES, rows_of(2), cursor),
    );
    let written = [&a, &b].iter().filter(|r| matches!(r, Ok(Appended::Written { .. }))).count();
    assert_eq!(written, 1, "{a:?} {b:?}");
    assert_eq!(rows(&one, 7, "select count(*) from order_lines").await, ["2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_with_different_cursors_do_not_disturb_each_other() {
    let ground = ground();
    append(&ground.lake, &[line(7, Some(1), 1)], 1).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..6_i64 {
        let lake = open(&ground.folder);
        tasks.spawn(async move {
            let app = format!("reader {n}");
            let cursor = Cursor { app: &app, version: 1 };
            lake.append(&ORDER_LINES, columns(&[line(7, Some(n), n + 10)]), cursor).await
        });
    }
    while let Some(done) = tasks.join_next().await {
        assert!(matches!(done.unwrap().unwrap(), Appended::Written { rows: 1, files: 1 }));
    }
    assert_eq!(rows(&ground.lake, 7, "select count(*) from order_lines").await, ["7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_do_not_fit_are_refused() {
    let ground = ground();
    let cursor = Cursor { app: "relay", version: 1 };
    let without = crate::Columns::new().with("shop_id", crate::Column::I64(vec![1])).unwrap();
    let error = ground.lake.append(&ORDER_LINES, without, cursor).await.unwrap_err();
    assert_eq!(error.field.as_deref(), Some("customer_no"));
    let error = crate::EVENTS.conform(&columns(&[line(1, None, 1)]).into_batch().unwrap());
    assert_eq!(error.unwrap_err().field.as_deref(), Some("source_no"));
}
