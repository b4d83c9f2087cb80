//! A backup that is made while events come in holds each of a beginning of them once.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use perceive::fold::Fold;
use perceive::relay;
use serde_json::json;
use shuke_tests::{Home, Person, Server, rows, shuke_at, until};

use crate::erasing::{done, elsewhere, restore};

/// Events of a batch.
const BATCH: u64 = 20;

/// Sends events one batch after the other until it is told to stop; counts those that were
/// acknowledged.
fn send(server: &Server, owner: &Person, (stop, taken): (&AtomicBool, &AtomicU64)) {
    let made = server.send(owner, "POST /api/v1/sources", &json!({ "name": "web" })).json();
    while !stop.load(Ordering::Relaxed) {
        let first = taken.load(Ordering::Relaxed);
        let event = |number: u64| {
            json!({
                "type": "track", "event": "Product Viewed", "userId": format!("u{}", number % 7),
                "messageId": format!("e{number:06}"), "properties": { "product_id": "s1" },
            })
        };
        let batch: Vec<_> = (first..first + BATCH).map(event).collect();
        let body = json!({ "writeKey": made["write_key"], "batch": batch }).to_string();
        assert_eq!(server.ask("POST /v1/batch", &body).status, 200);
        taken.store(first + BATCH, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_while_events_come_in_holds_a_beginning_of_them_once() {
    for home in Home::each().await {
        let (kind, files) = (home.kind, tempfile::tempdir().unwrap());
        let server = Server::start(&home);
        let owner = server.begin(&home, "s");
        let to = files.path().join("backup");
        let (stop, taken) = (AtomicBool::new(false), AtomicU64::new(0));
        let (before, after) = std::thread::scope(|scope| {
            scope.spawn(|| send(&server, &owner, (&stop, &taken)));
            until(|| taken.load(Ordering::Relaxed) > 200);
            let before = taken.load(Ordering::Relaxed);
            let mut command = shuke_at(&home);
            command.arg("backup").arg("--data").arg(home.dir.path()).arg("--to").arg(&to);
            done(&command.output().unwrap());
            let after = taken.load(Ordering::Relaxed);
            stop.store(true, Ordering::Relaxed);
            (before, after + BATCH)
        });
        server.stop();
        let there = elsewhere(&home, 1).await;
        let to = to.to_str().unwrap();
        done(&restore(&there, "42", &["--from", to, "--nobody-erased"]));
        let restored = Home::of(there, kind).await;
        let cx = restored.cx.of(base::ShopId(1));
        Fold::default().drain(&cx).await.unwrap();
        for relayed in [false, true] {
            if relayed {
                relay::flush(&cx, &restored.lake).await.unwrap();
            }
            let sql = "select count(*), count(distinct message_id), max(message_id) from events";
            let found = rows(&cx, &restored, sql).await.remove(0);
            let told: Vec<&str> = found.split(',').collect();
            let count: u64 = told[0].parse().unwrap();
            assert!((before..=after).contains(&count), "{kind}: {before} {count} {after}");
            assert_eq!(told[1], told[0], "{kind}: each once");
            assert_eq!(told[2], format!("e{:06}", count - 1), "{kind}: none is missing between");
        }
    }
}
