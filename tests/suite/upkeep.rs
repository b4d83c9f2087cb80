//! Upkeep as durable jobs: once at a time, again after a failure, taken over after a crash.

use std::path::{Path, PathBuf};

use lake::ORDER_LINES;
use perceive::{import, relay, upkeep};
use shuke_tests::{Home, NOW, ask, file, import as import_files};
use store::job::{self, State};
use store::{Cx, binds, sys};

use crate::pinned::tell;

const DAYS: u32 = 4;

/// Imports orders of one month in several files, one of which is undone.
async fn orders(home: &Home) -> Cx {
    let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
    for day in 1..=DAYS {
        let text = format!(
            "order_id,customer_id,sku,title,quantity,price,placed_at,status\n\
            A{day},ann,s1,Silk dress,1,300.00,2025-03-0{day} 10:00:00,paid\n"
        );
        let path = file(home, &format!("{day}.csv"), &text);
        let (.., report) = import_files(home, "s", "orders", &[path]).await.unwrap();
        if day == DAYS {
            import::undo(&cx, &home.lake, report.import).await.unwrap();
        }
    }
    relay::flush(&home.cx, &home.lake).await.unwrap();
    cx
}

async fn count(cx: &Cx, home: &Home) -> String {
    let sql = "select count(*) as n, count(distinct order_id) as own from order_lines";
    ask(cx, &home.lake, sql).await.unwrap().lines().nth(1).unwrap_or_default().to_owned()
}

/// Jobs of a state: kind and name.
async fn jobs(home: &Home, state: State) -> Vec<(String, String)> {
    let sql = "select kind, name from job where state = $1 order by kind, name";
    let mut tx = sys::read(&home.cx).await.unwrap();
    tx.all(sql, binds![state.name()]).await.unwrap()
}

/// The data files of `order_lines`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.join("lake").join(ORDER_LINES.name)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "parquet") {
                found.push(path);
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn upkeep_is_asked_for_once_and_changes_no_answer() {
    for home in Home::each().await {
        let cx = orders(&home).await;
        let kind = home.kind;
        for _ in 0..3 {
            upkeep::ask(&home.cx).await.unwrap();
        }
        let waiting = jobs(&home, State::Waiting).await;
        let table = |kind: &str, table: &str| (kind.to_owned(), table.to_owned());
        let expected = [
            table(upkeep::COMPACT, "bot_events"),
            table(upkeep::COMPACT, "events"),
            table(upkeep::COMPACT, "order_lines"),
            table(upkeep::VACUUM, "bot_events"),
            table(upkeep::VACUUM, "events"),
            table(upkeep::VACUUM, "order_lines"),
        ];
        assert_eq!(waiting, expected, "{kind}");
        assert_eq!((count(&cx, &home).await.as_str(), files(home.dir.path()).len()), ("3,3", 4));

        // Two workers share the work; what runs is not asked for again.
        let worker = async || {
            while upkeep::work(|| home.cx.clone(), &home.lake).await.unwrap() {}
        };
        tokio::join!(worker(), worker());
        assert_eq!(jobs(&home, State::Done).await, expected, "{kind}");
        assert_eq!(count(&cx, &home).await, "3,3", "{kind}");
        let sql = "select result from job where kind = $1 and name = 'order_lines'";
        let mut tx = sys::read(&home.cx).await.unwrap();
        let (told,): (String,) = tx.one(sql, binds![upkeep::COMPACT]).await.unwrap();
        assert_eq!(told, "{\"files_before\":4,\"files_after\":1,\"rows_dropped\":1}");
        drop(tx);

        // The files of before go when nobody can be reading them any more.
        assert_eq!(files(home.dir.path()).len(), 5, "{kind}");
        let far = home.cx.at(base::Time::from_micros(4_000_000_000_000_000));
        upkeep::ask(&far).await.unwrap();
        while upkeep::work(|| far.clone(), &home.lake).await.unwrap() {}
        assert_eq!(files(home.dir.path()).len(), 1, "{kind}");
        assert_eq!(count(&cx, &home).await, "3,3", "{kind}");
        assert!(job::troubled(&home.cx, 9).await.unwrap().is_empty());
        assert_eq!(job::prune(&far).await.unwrap(), 6, "{kind}: those of long ago");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_killed_process_is_taken_over_when_its_lease_has_run_out() {
    for home in Home::each().await {
        let cx = orders(&home).await;
        upkeep::ask(&home.cx).await.unwrap();
        let kinds = [upkeep::COMPACT, upkeep::VACUUM];
        let mut left = Vec::new();
        while let Some(job) = job::claim(&home.cx, &kinds).await.unwrap() {
            left.push(job);
        }
        assert_eq!(left.len(), 6, "{}", home.kind);
        upkeep::ask(&home.cx).await.unwrap();
        assert!(!upkeep::work(|| home.cx.clone(), &home.lake).await.unwrap(), "they are leased");
        let later = home.cx.at(NOW.plus(job::LEASE_MICROS + 1));
        while upkeep::work(|| later.clone(), &home.lake).await.unwrap() {}
        assert_eq!(jobs(&home, State::Done).await.len(), 6, "{}", home.kind);
        assert!(jobs(&home, State::Waiting).await.is_empty());
        assert_eq!(count(&cx, &home).await, "3,3", "{}", home.kind);
        let job = job::get(&home.cx.of(sys::NO_SHOP), left[0].id).await.unwrap();
        assert_eq!((job.state, job.attempts), (State::Done, 2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_is_tried_later_then_shown_and_made_good_by_the_next() {
    for home in Home::each().await {
        let cx = orders(&home).await;
        let kind = home.kind;
        let damaged = files(home.dir.path()).remove(0);
        let bytes = std::fs::read(&damaged).unwrap();
        std::fs::write(&damaged, "no Parquet").unwrap();
        upkeep::ask(&home.cx).await.unwrap();
        while upkeep::work(|| home.cx.clone(), &home.lake).await.unwrap() {}
        assert_eq!(jobs(&home, State::Done).await.len(), 5, "{kind}");
        let waiting = job::troubled(&home.cx, 9).await.unwrap();
        assert_eq!((waiting.len(), waiting[0].state), (1, State::Waiting), "{kind}");
        assert_eq!(waiting[0].due_at, NOW.plus(job::BACKOFF_MICROS), "{kind}");

        let mut now = NOW;
        for attempt in 1..job::ATTEMPTS_MAX {
            now = now.plus(job::BACKOFF_MICROS << (attempt - 1));
            let cx = home.cx.at(now);
            assert!(upkeep::work(|| cx.clone(), &home.lake).await.unwrap(), "{attempt}");
            assert!(!upkeep::work(|| cx.clone(), &home.lake).await.unwrap(), "{attempt}");
        }
        let failed = job::troubled(&home.cx, 9).await.unwrap();
        assert_eq!((failed.len(), failed[0].state), (1, State::Failed), "{kind}");
        assert_eq!(failed[0].name.as_deref(), Some("order_lines"));
        assert!(failed[0].result.as_deref().is_some_and(|reason| !reason.is_empty()));

        std::fs::write(&damaged, bytes).unwrap();
        let night = home.cx.at(now.plus(1));
        upkeep::ask(&night).await.unwrap();
        while upkeep::work(|| night.clone(), &home.lake).await.unwrap() {}
        assert!(job::troubled(&home.cx, 9).await.unwrap().is_empty(), "{kind}");
        assert_eq!(count(&cx, &home).await, "3,3", "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_small_files_is_not_left_for_the_night() {
    for home in Home::each().await {
        let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
        for number in 0..32 {
            upkeep::ask_where_crowded(&home.cx, &home.lake).await.unwrap();
            assert!(jobs(&home, State::Waiting).await.is_empty(), "{}: {number}", home.kind);
            tell(&cx, number, number + 1).await.unwrap();
            relay::flush(&home.cx, &home.lake).await.unwrap();
        }
        upkeep::ask_where_crowded(&home.cx, &home.lake).await.unwrap();
        upkeep::ask_where_crowded(&home.cx, &home.lake).await.unwrap();
        let jobs_of =
            |kind: &str| ["events", "order_lines"].map(|table| (kind.to_owned(), table.to_owned()));
        let expected = [jobs_of(upkeep::COMPACT), jobs_of(upkeep::VACUUM)].concat();
        assert_eq!(jobs(&home, State::Waiting).await, expected, "{}", home.kind);
        while upkeep::work(|| home.cx.clone(), &home.lake).await.unwrap() {}
        upkeep::ask_where_crowded(&home.cx, &home.lake).await.unwrap();
        assert!(jobs(&home, State::Waiting).await.is_empty(), "{}", home.kind);
        assert_eq!(count(&cx, &home).await, "32,32", "{}", home.kind);
    }
}
