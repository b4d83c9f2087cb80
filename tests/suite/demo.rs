//! The demo shop: what is planted in it comes out of store and lake again by plain SQL, on both
//! databases alike, and whatever stops the making of it changes nothing.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base::Time;
use benefit::tier;
use perceive::relation::{self, Kind};
use serde_json::Value;
use shuke_tests::{Home, ask, file, same, shuke_at, state, text};
use store::{Cx, setting, shop};
use stratify::carts::Carts;
use stratify::expr::Sets;
use stratify::expr::whole::Shop as Whole;
use stratify::mirror::Mirror;
use stratify::preference;
use stratify::sales::Sales;

mod planted;

/// A last day before the time at which tests happen, with two of each season before it.
const UNTIL: &str = "2025-12-31";

fn demo(home: &Home, args: &[&str]) -> Command {
    let mut command = shuke_at(home);
    command.args(["demo", "--data"]).arg(home.dir.path()).args(args);
    command
}

/// The shop of so many customers, made to its end.
async fn made(home: &Home, customers: &str) -> Cx {
    let args = ["--once", "--customers", customers, "--seed", "7", "--until", UNTIL];
    let (code, out, err) = text(&demo(home, &args).output().unwrap());
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    opened(home).await.unwrap()
}

/// A context of the demo shop, once there is one.
async fn opened(home: &Home) -> Option<Cx> {
    let shop = shop::by_name(&home.cx, demo::SHOP).await.ok()?;
    Some(home.cx.of(shop.id))
}

async fn rows(cx: &Cx, home: &Home, sql: &str) -> Vec<Vec<String>> {
    let text = ask(cx, &home.lake, sql).await.unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// What is true of the shop as a whole, and of each buyer by number.
fn truths(home: &Home) -> (Value, BTreeMap<String, Value>) {
    let text = std::fs::read_to_string(home.dir.path().join("demo/truths.jsonl")).unwrap();
    let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let facts = lines.next().unwrap();
    let named = |line: Value| (line["user_id"].as_str().unwrap().to_owned(), line);
    (facts, lines.map(named).collect())
}

/// Everything that is known, with the ids of messages and what was written beside it. What people
/// say and like has ids that depend on the shop's key.
async fn all(cx: &Cx, home: &Home) -> String {
    let mut all = state(cx, &home.lake).await.unwrap();
    let sql = "select message_id, event, event_time from events
        where event not in ('Product Reviewed', 'Product Added to Wishlist', 'chat.said',
            'complaint.filed') order by 1";
    all.push_str(&ask(cx, &home.lake, sql).await.unwrap());
    for name in ["truths.jsonl", "products.csv"] {
        all.push_str(&std::fs::read_to_string(home.dir.path().join("demo").join(name)).unwrap());
    }
    all + &format!("{:?}", members(cx).await)
}

/// How many have each level.
async fn members(cx: &Cx) -> Vec<(String, u64)> {
    let mut all = Vec::new();
    for tier in tier::list(cx).await.unwrap() {
        all.push((tier.name, tier::members(cx, tier.number).await.unwrap().len()));
    }
    all
}

/// Messages in the log so far.
async fn messages(home: &Home) -> u64 {
    let Some(cx) = opened(home).await else { return 0 };
    let made: Option<Value> = setting::get(&mut cx.read().await.unwrap(), "demo").await.unwrap();
    made.map_or(0, |made| made["messages"].as_u64().unwrap())
}

/// Starts the making, or goes on with it, and kills it when there are so many messages.
async fn killed(home: &Home, args: &[&str], least: u64) {
    let quiet = |command: &mut Command| -> Child {
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let mut child = quiet(&mut demo(home, args));
    while messages(home).await < least {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_seed_is_one_shop_on_both_databases_and_after_any_kill() {
    const CUSTOMERS: &str = "500";
    let args = ["--once", "--customers", CUSTOMERS, "--seed", "7", "--until", UNTIL];
    let mut states = Vec::new();
    for home in Home::each().await {
        let cx = made(&home, CUSTOMERS).await;
        let once = all(&cx, &home).await;
        let (code, out, _) = text(&demo(&home, &["--once"]).output().unwrap());
        assert_eq!((code, out.contains("made before")), (Some(0), true), "{out}");
        states.extend([once, all(&cx, &home).await]);
        let members = members(&cx).await;
        let members: Vec<_> = members.iter().map(|(name, count)| (name.as_str(), *count)).collect();
        assert_eq!(members, [("普通会员", 190), ("铜牌会员", 46), ("钻石会员", 16)]);
    }
    for home in Home::each().await {
        for least in [0, 1, 8_000, 16_000] {
            killed(&home, &args, least).await;
        }
        let cx = made(&home, CUSTOMERS).await;
        states.push(all(&cx, &home).await);
        let imports = perceive::import::list(&cx).await.unwrap();
        assert_eq!((imports.len(), imports[0].rows_rejected), (1, 0), "{}", home.kind);
        assert!(store::log::dead(&cx, 10).await.unwrap().is_empty(), "{}", home.kind);
    }
    same(&states, "the shop");
    let plan = demo::Plan::new(500, 7, UNTIL.parse().unwrap()).unwrap();
    let told = demo::messages(&plan).count();
    assert!(told > 18_000, "{told} messages are several rows of the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_happened_yet_is_left_out() {
    let home = Home::sqlite().await;
    let (code, out, err) = text(&demo(&home, &["--once", "--customers", "40"]).output().unwrap());
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let cx = opened(&home).await.unwrap();
    let sql = "select count(*) from events where event_time >= received_time";
    assert_eq!(rows(&cx, &home, sql).await, [["0"]]);
    let sql = "select max(event_time) from events";
    let last: Time = rows(&cx, &home, sql).await[0][0].parse().unwrap();
    let facts = truths(&home).0;
    let until: base::Date = facts["until"].as_str().unwrap().parse().unwrap();
    assert!(until.0 - last.utc_day().0 < 30, "the shop goes on to {until}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_shop_in_the_folder_is_refused() {
    let home = Home::sqlite().await;
    let (code, ..) =
        text(&demo(&home, &["--once", "--customers", "20", "--until", UNTIL]).output().unwrap());
    assert_eq!(code, Some(0));
    for (args, code, words) in [
        (["--customers", "21"], 1, "20 customers, seed 7, until 2025-12-31"),
        (["--seed", "8"], 1, "leave --customers"),
        (["--until", "2025-12-30"], 1, "another folder"),
        (["--until", "2100-01-01"], 2, "--until"),
        (["--until", "soon"], 2, "\"soon\" is not a date"),
        (["--customers", "0"], 2, "--customers"),
        (["--listen", "0.0.0.0:1"], 2, "only this machine"),
    ] {
        let once: &[&str] = if args[0] == "--listen" { &[] } else { &["--once"] };
        let (got, _, err) = text(&demo(&home, &[&args, once].concat()).output().unwrap());
        assert_eq!((got, err.contains(words)), (Some(code), true), "{args:?}: {err}");
    }
    let other = Home::sqlite().await;
    let list =
        file(&other, "orders.csv", "order_id,sku,quantity,price,placed_at\nA,s,1,2,2025-01-01\n");
    let mut import = shuke_at(&other);
    import.args(["import", "--shop", demo::SHOP, "--data"]).arg(other.dir.path()).arg(list);
    assert!(import.output().unwrap().status.success());
    let (code, _, err) = text(&demo(&other, &["--once"]).output().unwrap());
    assert_eq!((code, err.contains("is no demo shop")), (Some(1), true), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_is_served_and_stops_when_it_is_told_to() {
    let home = Home::sqlite().await;
    let args = ["--customers", "20", "--until", UNTIL, "--listen", "127.0.0.1:0"];
    let mut child = demo(&home, &args).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("http://").map(str::to_owned));
    let mut line = TcpStream::connect(address.expect("its address")).unwrap();
    write!(line, "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    assert!(Path::new(&home.dir.path().join("demo/truths.jsonl")).is_file());
}
