//! `shuke serve` is killed again and again while clients write to it: what it has acknowledged is
//! there once in the end, in the store and in the lake, and what it has not is there at most once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lake::EVENTS;
use perceive::fold::Fold;
use perceive::relay;
use shuke_tests::{Home, Line, Server, ask, json, python, scatter, shuke_at};
use store::Cx;

/// How often the server is killed.
const ROUNDS: u64 = 10;
/// Clients that write at once.
const WRITERS: u64 = 8;
/// New messages of a batch.
const NEW: u64 = 5;
/// How long a client rests between two batches.
const REST: Duration = Duration::from_millis(8);
/// Writing goes on for this long at the least and at the most before the server is killed, in
/// milliseconds.
const MILLIS: (u64, u64) = (150, 850);

/// What the lake holds: the ids of all messages, as often as they are there.
const SCRIPT: &str = "
import json, os, sys
from deltalake import DeltaTable
rows = DeltaTable(sys.argv[1]).to_pyarrow_table(columns=['message_id', 'event'])
print(json.dumps([rows['message_id'].to_pylist(), rows['event'].to_pylist()]))
sys.stdout.flush()
os._exit(0)
";

/// A client, and which of its messages it knows to be taken.
struct Writer {
    number: u64,
    batches: u64,
    /// By number, whether it was acknowledged.
    sent: BTreeMap<u64, bool>,
}

impl Writer {
    fn id(&self, message: u64) -> String {
        format!("w{}-{message}", self.number)
    }

    /// Every third message is an order, whose amount is its number.
    fn message(&self, message: u64) -> String {
        let (id, user) = (self.id(message), scatter(message, self.number) % 40);
        if message.is_multiple_of(3) {
            return format!(
                r#"{{"type":"track","messageId":"{id}","userId":"u{user}","event":"Order Completed",
                "properties":{{"order_id":"{id}","total":{message},"products":[
                {{"product_id":"s{}","price":{message}}}]}}}}"#,
                message % 7
            );
        }
        format!(r#"{{"type":"page","messageId":"{id}","userId":"u{user}","name":"{message}"}}"#)
    }

    /// Writes until the server is gone. A few messages of each batch were sent before, whether
    /// they were acknowledged or not.
    fn write(&mut self, address: &str, key: &str, stop: &AtomicBool) {
        let Ok(mut line) = Line::open(address, key) else { return };
        while !stop.load(Ordering::Relaxed) {
            self.batches += 1;
            let first = self.sent.len() as u64;
            let mut batch: BTreeSet<u64> = (first..first + NEW).collect();
            batch.extend((0..2).filter(|_| first > 0).map(|n| scatter(self.batches, n) % first));
            for message in &batch {
                self.sent.entry(*message).or_default();
            }
            let messages: Vec<String> =
                batch.iter().map(|message| self.message(*message)).collect();
            match line.batch(&messages) {
                Ok(200) => batch.iter().for_each(|message| {
                    self.sent.insert(*message, true);
                }),
                Ok(status) => assert_eq!(status, 429, "w{}", self.number),
                Err(_) => return,
            }
            std::thread::sleep(REST);
        }
    }
}

/// Lets them write to a server that is killed in every round.
fn kill_often(home: &Home, key: &str, writers: &mut [Writer]) {
    for round in 0..ROUNDS {
        let server = Server::start(home);
        let (address, stop) = (server.address.clone(), AtomicBool::new(false));
        std::thread::scope(|scope| {
            let (address, stop) = (&address, &stop);
            for writer in &mut *writers {
                scope.spawn(move || writer.write(address, key, stop));
            }
            let (least, most) = MILLIS;
            let millis = least + scatter(round, 7) % (most - least);
            std::thread::sleep(Duration::from_millis(millis));
            server.kill();
            stop.store(true, Ordering::Relaxed);
        });
    }
}

/// The lake's messages, ids and events, as another program reads them.
fn history(home: &Home, python: &Path) -> Vec<(String, String)> {
    let folder = home.dir.path().join("lake").join(EVENTS.name);
    let output = Command::new(python).args(["-c", SCRIPT]).arg(folder).output().unwrap();
    let lake = json(&output);
    let column = |place: usize| {
        lake[place].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned())
    };
    column(0).zip(column(1)).collect()
}

/// What was acknowledged is in history once, what was not at most once, and nothing else.
fn once(home: &Home, writers: &[Writer], history: &[(String, String)]) {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for (id, _) in history {
        *counts.entry(id).or_default() += 1;
    }
    let twice: Vec<_> = counts.iter().filter(|(_, count)| **count != 1).collect();
    assert!(twice.is_empty(), "{}: in the lake more than once: {twice:?}", home.kind);
    let (mut acknowledged, mut known) = (0, BTreeSet::new());
    for writer in writers {
        for (message, taken) in &writer.sent {
            let id = writer.id(*message);
            assert!(!taken || counts.contains_key(id.as_str()), "{}: lost: {id}", home.kind);
            acknowledged += u32::from(*taken);
            known.insert(id);
        }
    }
    let strange: Vec<_> = counts.keys().filter(|id| !known.contains(**id)).collect();
    assert!(strange.is_empty(), "{}: nobody sent {strange:?}", home.kind);
    assert!(acknowledged > 1_000, "{}: only {acknowledged} were acknowledged", home.kind);
}

/// The store's orders are those of history, each with its own amount, and what people have paid is
/// their sum.
async fn agrees(home: &Home, cx: &Cx, history: &[(String, String)]) {
    let ordered = history.iter().filter(|(_, event)| event == "Order Completed");
    let mut ordered: Vec<String> = ordered
        .map(|(id, _)| {
            let yuan: i64 = id.rsplit('-').next().unwrap().parse().unwrap();
            format!("{id},{}", yuan * 100)
        })
        .collect();
    ordered.sort_unstable();
    let answer = ask(cx, &home.lake, "select external_id, paid_minor from orders").await.unwrap();
    let mut orders: Vec<&str> = answer.lines().skip(1).collect();
    orders.sort_unstable();
    assert_eq!(orders, ordered, "{}", home.kind);
    let sql = "select count(*), sum(paid_minor) from orders";
    let whole = ask(cx, &home.lake, sql).await.unwrap();
    let sql = "select cast(sum(orders) as bigint), sum(paid_minor) from customers";
    let people = ask(cx, &home.lake, sql).await.unwrap();
    assert_eq!(whole.lines().nth(1), people.lines().nth(1), "{}", home.kind);
}

async fn survives(home: Home, python: &Path) {
    let mut key = shuke_at(&home);
    key.args(["key", "--json", "--shop", "s", "--data"]).arg(home.dir.path());
    let keys = json(&key.output().unwrap());
    let writer = |number| Writer { number, batches: 0, sent: BTreeMap::new() };
    let mut writers: Vec<Writer> = (0..WRITERS).map(writer).collect();
    kill_often(&home, keys[0]["write_key"].as_str().unwrap(), &mut writers);
    // What was cut off goes on by itself.
    Server::start(&home).stop();
    let cx = home.cx.of(store::shop::by_name(&home.cx, "s").await.unwrap().id);
    assert_eq!(Fold::default().drain(&cx).await.unwrap(), 0);
    relay::flush(&cx, &home.lake).await.unwrap();
    let history = history(&home, python);
    once(&home, &writers, &history);
    agrees(&home, &cx, &history).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_ten_kills_on_sqlite() {
    let Some(python) = python() else { return };
    survives(Home::sqlite().await, &python).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_ten_kills_on_postgresql() {
    let (Some(python), Some(home)) = (python(), Home::postgres().await) else { return };
    survives(home, &python).await;
}
