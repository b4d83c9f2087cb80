//! A query counts every row once, whatever the relay, an undoing and the upkeep do meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use base::{Code, Result};
use lake::{Answer, EVENTS, Lake, Limits, Moment, Query};
use perceive::history::{self, Lines};
use perceive::interaction::Interaction;
use perceive::record::InteractionKind;
use perceive::relay::{self, Relay};
use perceive::{import, upkeep};
use shuke_tests::{Home, NOW, file, import as import_files, lake};
use store::log::{self, Cursor, topic};
use store::{Cx, binds, sys};

const COUNTS: &str = "select l.rows, l.own, e.rows, e.own from
    (select count(*) as rows, count(distinct order_id) as own from order_lines) l,
    (select count(*) as rows, count(distinct message_id) as own from events) e";

/// One line and one event of every number from `from` up to `to`, in one transaction.
pub(crate) async fn tell(cx: &Cx, from: i64, to: i64) -> Result<()> {
    let mut lines = Lines::default();
    let mut events = Vec::new();
    lines.skus.push("s1".to_owned());
    for number in from..to {
        lines.customer_no.push(Some(1));
        lines.order_no.push(number);
        lines.epoch.push(0);
        lines.line_no.push(0);
        lines.kind.push(0);
        lines.product_no.push(1);
        lines.sku.push(0);
        lines.quantity.push(1);
        lines.unit_price_minor.push(100);
        lines.amount_minor.push(100);
        lines.placed_at.push(NOW.micros());
        events.push(Interaction {
            source: 1,
            hash: number.to_be_bytes().to_vec(),
            ordinal: 0,
            kind: InteractionKind::Chat,
            label: Some(1),
            at: Some(NOW),
            product: None,
            order: None,
            rating: None,
            received_at: NOW,
            told: true,
        });
    }
    let facts = history::fact(&lines, NOW)?.into_iter().chain(history::events(&events, NOW)?);
    let mut tx = cx.write().await?;
    log::append(&mut tx, cx, topic::HISTORY, &facts.collect::<Vec<_>>()).await?;
    tx.commit().await
}

/// Rows of both tables; `between` happens after the tail was taken and before the lake is pinned,
/// the first time. Also how many tails it took.
async fn counted(cx: &Cx, lake: &Lake, between: impl AsyncFn()) -> (Vec<i64>, u32) {
    let (mut tails, between) = (0, &between);
    let counted = relay::pinned(cx, |moment| {
        tails += 1;
        let first = tails == 1;
        async move {
            if first {
                between().await;
            }
            lake.query(question(cx, moment)).await
        }
    });
    let rows = numbers(&counted.await.unwrap());
    (rows, tails)
}

/// Rows of both tables.
async fn counts(cx: &Cx, lake: &Lake) -> Vec<i64> {
    let answer = relay::pinned(cx, |moment| lake.query(question(cx, moment)));
    numbers(&answer.await.unwrap())
}

fn question(cx: &Cx, moment: Moment) -> Query<'static> {
    let limits = Limits { rows: 10, seconds: 60, memory_bytes: 256 << 20 };
    Query { shop: cx.shop, sql: COUNTS, limits, sources: Vec::new(), views: &[], moment }
}

fn numbers(answer: &Answer) -> Vec<i64> {
    let mut text = Vec::new();
    answer.write_csv(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    text.lines().nth(1).unwrap().split(',').map(|count| count.parse().unwrap()).collect()
}

async fn cursor(cx: &Cx) -> Cursor {
    log::cursor(&mut sys::read(cx).await.unwrap(), relay::READER).await.unwrap()
}

/// Puts the relay's cursor where a crash leaves it that comes after the lake's commit.
async fn crash(cx: &Cx, before: Cursor) {
    let reached = cursor(cx).await.position;
    let mut tx = sys::write(cx).await.unwrap();
    let sql = "update cursor set xid = $1, seq = $2, batch = $3, intent_xid = $4, intent_seq = $5
        where reader = $6";
    let at = before.position;
    let values = binds![at.xid, at.seq, before.batch, reached.xid, reached.seq, relay::READER];
    assert_eq!(tx.exec(sql, values).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_between_tail_and_snapshot_changes_no_count() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let (other, _) = home.shop("b", "CNY", "Asia/Shanghai").await;
        let (lake, kind) = (&home.lake, home.kind);
        tell(&other, 0, 5).await.unwrap();
        tell(&cx, 0, 3).await.unwrap();
        let all = |n: i64| vec![n; 4];
        assert_eq!(counted(&cx, lake, async || {}).await, (all(3), 1), "{kind}");

        // The relay takes the tail away: only another look can tell.
        let step = async || assert!(relay::flush(&home.cx, lake).await.unwrap() > 0);
        assert_eq!(counted(&cx, lake, step).await, (all(3), 2), "{kind}");
        assert_eq!(counted(&cx, lake, async || {}).await, (all(3), 1), "{kind}");

        // It takes this tail away, which grew meanwhile.
        tell(&cx, 3, 5).await.unwrap();
        let more = async || {
            tell(&cx, 5, 6).await.unwrap();
            step().await;
        };
        assert_eq!(counted(&cx, lake, more).await, (all(6), 2), "{kind}");

        // It had announced its batch before: what stands in the lake then is known.
        tell(&cx, 6, 8).await.unwrap();
        assert!(log::wait(&cx, relay::READER, topic::HISTORY).await.unwrap());
        let at = cursor(&cx).await;
        let entries =
            log::read(&cx, relay::READER, (at.position, topic::HISTORY, 9)).await.unwrap();
        let mut tx = sys::write(&cx).await.unwrap();
        log::intend(&mut tx, relay::READER, at, entries.last().unwrap().position).await.unwrap();
        tx.commit().await.unwrap();
        tell(&cx, 8, 9).await.unwrap();
        let again = async || {
            tell(&cx, 9, 10).await.unwrap();
            assert_eq!(Relay::default().step(&home.cx, lake).await.unwrap().rows.sum(), 4);
        };
        assert_eq!(counted(&cx, lake, again).await, (all(9), 1), "{kind}");
        assert_eq!(counted(&cx, lake, async || {}).await, (all(10), 1), "{kind}");

        // Two batches later nothing of that is known any more.
        let twice = async || {
            step().await;
            tell(&cx, 10, 11).await.unwrap();
            step().await;
        };
        assert_eq!(counted(&cx, lake, twice).await, (all(11), 2), "{kind}");
        assert_eq!(counted(&other, lake, async || {}).await, (all(5), 1), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_lake_and_store_counts_nothing_twice() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let kind = home.kind;
        tell(&cx, 0, 2).await.unwrap();
        relay::flush(&home.cx, &home.lake).await.unwrap();
        let before = cursor(&cx).await;
        tell(&cx, 2, 4).await.unwrap();
        relay::flush(&home.cx, &home.lake).await.unwrap();
        crash(&cx, before).await;
        tell(&cx, 4, 5).await.unwrap();
        let none = async || {};
        assert_eq!(counted(&cx, &home.lake, none).await, (vec![5; 4], 1), "{kind}");

        // A crash between the two tables: only lines are there.
        let folder = home.dir.path().join("lake").join(EVENTS.name).join("_delta_log");
        let mut entries: Vec<_> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        std::fs::remove_file(entries.last().unwrap()).unwrap();
        let lake = lake(home.dir.path());
        assert_eq!(counted(&cx, &lake, none).await, (vec![5; 4], 1), "{kind}");

        // The next run of the relay completes it, also while somebody reads.
        let step = async || {
            assert_eq!(Relay::default().step(&home.cx, &lake).await.unwrap().rows.sum(), 4);
        };
        assert_eq!(counted(&cx, &lake, step).await, (vec![5; 4], 1), "{kind}");
        relay::flush(&home.cx, &lake).await.unwrap();
        assert_eq!(counted(&cx, &lake, none).await, (vec![5; 4], 1), "{kind}");
    }
}

/// Says that it is done after some seconds.
fn end_after(done: &Arc<AtomicBool>, seconds: u64) {
    let done = Arc::clone(done);
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        done.store(true, Ordering::SeqCst);
    });
}

/// Runs `check` again and again on a task of its own until `done`.
fn again<F: Future<Output = ()> + Send + 'static>(
    done: &Arc<AtomicBool>,
    check: impl Fn() -> F + Send + 'static,
) -> tokio::task::JoinHandle<u32> {
    let done = Arc::clone(done);
    tokio::spawn(async move {
        let mut times = 0;
        while !done.load(Ordering::SeqCst) {
            check().await;
            times += 1;
        }
        times
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_beside_a_writer_and_the_relay_count_right() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let (done, told) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
        let readers: Vec<_> = (0..2)
            .map(|_| {
                let (cx, lake, told) = (cx.clone(), home.lake.clone(), Arc::clone(&told));
                again(&done, move || {
                    let (cx, lake, told) = (cx.clone(), lake.clone(), Arc::clone(&told));
                    async move {
                        let least = told.load(Ordering::SeqCst);
                        let rows = counts(&cx, &lake).await;
                        // One number may be committed and not yet counted as told.
                        let most = told.load(Ordering::SeqCst) + 1;
                        assert_eq!(rows, [rows[0]; 4], "each row once, and of one moment");
                        assert!((least..=most).contains(&rows[0]), "{least} {rows:?} {most}");
                    }
                })
            })
            .collect();
        let (every, lake) = (home.cx.clone(), home.lake.clone());
        let mover = again(&done, move || {
            let (cx, lake) = (every.clone(), lake.clone());
            async move {
                Relay::default().step(&cx, &lake).await.unwrap();
            }
        });
        end_after(&done, 3);
        for number in (0..400).take_while(|_| !done.load(Ordering::SeqCst)) {
            tell(&cx, number, number + 1).await.unwrap();
            told.store(number + 1, Ordering::SeqCst);
        }
        done.store(true, Ordering::SeqCst);
        let mut times = Vec::new();
        for task in readers.into_iter().chain([mover]) {
            times.push(task.await.unwrap());
        }
        assert!(times.iter().all(|times| *times > 0), "{}: {times:?}", home.kind);
    }
}

const ORDERS: &str = "order_id,customer_id,sku,title,quantity,price,placed_at,status
A1,ann,s1,Silk dress,1,300.00,2025-03-01 10:00:00,paid
A2,bob,s1,Silk dress,1,310.00,2025-03-02 11:00:00,paid
A3,cat,s3,Hand cream,3,20.00,2025-04-02 09:00:00,paid
";
const CHATS: &str = "Time,Customer ID,Speaker,Message
2025-03-01 10:00:00,ann,buyer,Is it silk?
2025-03-01 10:01:00,ann,agent,It is.
";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_beside_undoing_and_upkeep_see_all_of_an_import_or_nothing() {
    for home in Home::each().await {
        let orders = [file(&home, "orders.csv", ORDERS)];
        let chats = [file(&home, "chats.csv", CHATS)];
        let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
        let done = Arc::new(AtomicBool::new(false));
        let (own, lake) = (cx.clone(), home.lake.clone());
        let reader = again(&done, move || {
            let (cx, lake) = (own.clone(), lake.clone());
            async move {
                let rows = counts(&cx, &lake).await;
                assert!(rows[..2] == [0, 0] || rows[..2] == [3, 3], "{rows:?}");
                assert!(rows[2..] == [0, 0] || rows[2..] == [2, 2], "{rows:?}");
            }
        });
        let (every, lake) = (home.cx.clone(), home.lake.clone());
        let keeper = again(&done, move || {
            let (cx, lake) = (every.clone(), lake.clone());
            async move {
                upkeep::ask(&cx).await.unwrap();
                assert!(upkeep::work(|| cx.clone(), &lake).await.unwrap());
            }
        });
        end_after(&done, 4);
        for _ in (0..20).take_while(|_| !done.load(Ordering::SeqCst)) {
            for (mapping, files) in [("orders", &orders), ("chats", &chats)] {
                let (_, _, report) = import_files(&home, "s", mapping, files).await.unwrap();
                import::undo(&cx, &home.lake, report.import).await.unwrap();
            }
        }
        done.store(true, Ordering::SeqCst);
        let times = [reader.await.unwrap(), keeper.await.unwrap()];
        assert!(times.iter().all(|times| *times > 0), "{}: {times:?}", home.kind);
    }
}

/// Where rows wait when a batch is done, the next one is announced in the same transaction: a
/// reader between the two, and whoever starts anew there, sees each row once.
#[tokio::test(flavor = "multi_thread")]
async fn what_follows_is_announced_with_what_is_done() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let (lake, kind) = (&home.lake, home.kind);
        for number in 0..12 {
            tell(&cx, number, number + 1).await.unwrap();
        }
        let mut relay = Relay::of(2, 1);
        for _ in 0..4 {
            let moved = relay.step(&home.cx, lake).await.unwrap();
            assert!(moved.more && moved.rows.sum() >= 2, "{kind} {moved:?}");
            let at = cursor(&home.cx).await;
            assert!(at.intent > at.position, "{kind} {at:?}");
            let step = async || {
                Relay::of(2, 1).step(&home.cx, lake).await.unwrap();
            };
            assert_eq!(counted(&cx, lake, async || {}).await, (vec![12; 4], 1), "{kind}");
            // Another one that begins there writes the announced batch, once.
            assert_eq!(counted(&cx, lake, step).await.0, vec![12; 4], "{kind}");
            let late = relay.step(&home.cx, lake).await.unwrap_err();
            assert_eq!(late.code, Code::Conflict, "{kind}: another one has moved on");
        }
        relay::flush(&home.cx, lake).await.unwrap();
        assert_eq!(counted(&cx, lake, async || {}).await, (vec![12; 4], 1), "{kind}");
        assert_eq!(relay.step(&home.cx, lake).await.unwrap().rows.sum(), 0, "{kind}");
    }
}
