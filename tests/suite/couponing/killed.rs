//! Coupons while the server is killed: a stock that many redeem, and handing out.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::Duration;

use benefit::coupon;
use benefit::coupon::call::Kind;
use benefit::coupon::issue::{self, State, To};
use serde_json::{Value, json};
use shuke_tests::{Home, Server, scatter};
use store::binds;

use super::{CLIENTS, check, issued, made, people};

/// Orders of kills and restarts that are tried.
const SEEDS: u64 = 5;

/// Asks with a key for as long as the server is there.
fn post(
    address: &str,
    key: &str,
    (path, cause): (&str, &str),
    body: &Value,
) -> Option<(u16, Value)> {
    let mut line = TcpStream::connect(address).ok()?;
    let body = body.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\
         Idempotency-Key: {cause}\r\nContent-Type: application/json\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    line.write_all(head.as_bytes()).ok()?;
    let mut text = String::new();
    line.read_to_string(&mut text).ok()?;
    let status = text.split(' ').nth(1)?.parse().ok()?;
    let (_, body) = text.split_once("\r\n\r\n")?;
    Some((status, serde_json::from_str(body).ok()?))
}

/// One of many who lock and redeem the same code until there are none left.
struct Client {
    number: u64,
    tries: u64,
    /// The ids of redemptions that were acknowledged.
    done: BTreeSet<String>,
    /// Whether it was told that there are none left.
    told: bool,
}

impl Client {
    /// Locks and redeems until the server is gone; what was not answered is asked again.
    fn work(&mut self, (address, key): (&str, &str), code: &str) {
        while !self.told {
            let (lock, redeem) = (
                format!("l{}-{}", self.number, self.tries),
                format!("r{}-{}", self.number, self.tries),
            );
            let path = |what: &str| format!("/api/v1/coupons/{code}/{what}");
            let locked =
                post(address, key, (&path("lock"), &lock), &json!({ "ttl_seconds": 86_400 }));
            match locked {
                None => return,
                Some((200, _)) => {}
                Some((409, _)) => {
                    self.told = true;
                    return;
                }
                Some((429, _)) => {
                    std::thread::yield_now();
                    continue;
                }
                other => assert!(other.is_none(), "{other:?}"),
            }
            match post(address, key, (&path("redeem"), &redeem), &json!({ "of": lock })) {
                None => return,
                Some((200, _)) => {
                    self.done.insert(redeem);
                    self.tries += 1;
                }
                Some((429, _)) => {}
                other => assert!(other.is_none(), "{other:?}"),
            }
        }
    }
}

async fn survives(home: Home) {
    let server = Server::start(&home);
    let owner = server.begin(&home, "s");
    let key = json!({ "name": "till", "permissions": ["benefits.write"] });
    let key = server.send(&owner, "POST /api/v1/keys", &key).json();
    let secret = key["secret"].as_str().unwrap();
    server.stop();
    let cx = home.cx.of(store::shop::by_name(&home.cx, "s").await.unwrap().id);
    for seed in 0..SEEDS {
        let stock = 150 + i64::try_from(seed * 20).unwrap();
        let coupon = made(&cx, &format!("kill {seed}"), super::stock(stock)).await;
        let word = format!("KILLME{}", 26 + seed);
        issued(&cx, coupon, (&format!("w{seed}"), To::Shared(word.clone()))).await.unwrap();
        let new =
            |number| Mutex::new(Client { number, tries: 0, done: BTreeSet::new(), told: false });
        let clients: Vec<Mutex<Client>> = (seed * CLIENTS..(seed + 1) * CLIENTS).map(new).collect();
        let mut round = 0;
        while clients.iter().any(|client| !client.lock().unwrap().told) {
            round += 1;
            let server = Server::start(&home);
            let address = server.address.clone();
            let mut server = Some(server);
            std::thread::scope(|scope| {
                let (address, word) = (&address, &word);
                for client in &clients {
                    scope.spawn(move || client.lock().unwrap().work((address, secret), word));
                }
                if round <= 2 {
                    std::thread::sleep(Duration::from_millis(60 + scatter(seed, round) % 300));
                    server.take().into_iter().for_each(Server::kill);
                }
            });
            drop(server);
            assert!(round < 20, "it does not end");
        }
        let mut tx = cx.read().await.unwrap();
        let sql =
            "select cause from coupon_move where shop_id = $1 and coupon_no = $2 and kind = $3";
        let moves: Vec<(String,)> =
            tx.all(sql, binds![cx.shop, coupon, Kind::Redeem.code()]).await.unwrap();
        drop(tx);
        let moves: BTreeSet<String> = moves.into_iter().map(|(cause,)| cause).collect();
        let done: BTreeSet<String> =
            clients.iter().flat_map(|client| client.lock().unwrap().done.clone()).collect();
        assert_eq!(moves, done, "{} {seed}: what was acknowledged, and nothing else", home.kind);
        let count = coupon::get(&cx, coupon).await.unwrap().count;
        assert_eq!(
            (count.taken, count.used, count.open),
            (stock, stock, 0),
            "{} {seed}",
            home.kind
        );
        check(&home, &cx).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_survives_kills_on_sqlite() {
    survives(Home::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_survives_kills_on_postgresql() {
    if let Some(home) = Home::postgres().await {
        survives(home).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn handing_out_goes_on_where_it_was_interrupted() {
    for home in Home::each().await {
        let cx = home.shop("s", "CNY", "Asia/Shanghai").await.0;
        let coupon = made(&cx, "many", json!({})).await;
        let count = 60_000_u32;
        let batch = issued(&cx, coupon, ("all", people(1..=count, false))).await.unwrap();
        assert_eq!((batch.state, batch.given), (State::Running, 0));
        let again = issued(&cx, coupon, ("all", people(1..=count, false))).await.unwrap();
        assert_eq!(again.number, batch.number, "once");
        let mut kills = 0;
        loop {
            let server = Server::start(&home);
            let own = issue::get(&cx, batch.number).await.unwrap();
            if own.state == State::Done {
                server.stop();
                break;
            }
            if kills < 3 {
                kills += 1;
                std::thread::sleep(Duration::from_millis(150 * kills));
                server.kill();
                continue;
            }
            let mut state = own.state;
            for _ in 0..600 {
                state = issue::get(&cx, batch.number).await.unwrap().state;
                if state == State::Done {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            assert_eq!(state, State::Done, "{}", home.kind);
            server.stop();
        }
        let mut tx = cx.read().await.unwrap();
        let sql = "select count(*), count(distinct holder), min(code_no), max(code_no)
            from coupon_code where shop_id = $1 and batch_no = $2";
        let told: (i64, i64, i64, i64) = tx.one(sql, binds![cx.shop, batch.number]).await.unwrap();
        let count = i64::from(count);
        assert_eq!(told, (count, count, batch.first, batch.first + count - 1), "{}", home.kind);
        drop(tx);
        assert_eq!(coupon::get(&cx, coupon).await.unwrap().count.taken, count, "{}", home.kind);
    }
}
