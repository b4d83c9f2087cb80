//! A shop that has as much as it may is told so, and the others notice nothing.

use serde_json::json;
use shuke_tests::{Home, Server, keys, shuke_at, text, until};

use crate::formats::MAPPING;

fn quota(home: &Home, shop: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let mut command = shuke_at(home);
    command.arg("quota").arg("--data").arg(home.dir.path()).args(["--shop", shop]).args(args);
    text(&command.output().unwrap())
}

fn identify(shop: &str, number: u32) -> String {
    json!({
        "type": "identify", "userId": format!("{shop}-{number}"),
        "messageId": format!("{shop}-{number}"),
        "traits": { "phone": format!("139{number:08}") },
    })
    .to_string()
}

/// What the collector answers: status, code and when to come again.
fn send(server: &Server, key: &str, shop: &str, numbers: std::ops::Range<u32>) -> (u16, String) {
    let messages: Vec<String> = numbers.map(|number| identify(shop, number)).collect();
    let body = format!("{{\"writeKey\":\"{key}\",\"batch\":[{}]}}", messages.join(","));
    let answer = server.ask("POST /v1/batch", &body);
    if answer.status == 429 {
        assert!(answer.header("retry-after").is_some(), "{answer:?}");
    }
    (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

fn write_key(home: &Home, shop: &str) -> String {
    keys(home, &["--shop", shop])[0]["write_key"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_knows_as_many_customers_as_it_may() {
    for home in Home::each().await {
        let kind = home.kind;
        let (full, other) = (write_key(&home, "full"), write_key(&home, "other"));
        let server = Server::start(&home);
        let (code, said, err) = quota(&home, "full", &["--customers", "10"]);
        assert_eq!(code, Some(0), "{kind}: {err}");
        assert!(said.contains("customers: 0, at most 10"), "{said}");
        assert_eq!(send(&server, &full, "full", 0..10).0, 200, "{kind}");
        until(|| send(&server, &full, "full", 0..1).0 == 429);
        let refused = send(&server, &full, "full", 10..20);
        assert_eq!(refused, (429, "over_quota".to_owned()), "{kind}");
        // Another shop writes as it did, however much the full one asks.
        for number in 0..20 {
            assert_eq!(send(&server, &full, "full", 20..40).0, 429, "{kind}");
            let taken = send(&server, &other, "other", number * 5..number * 5 + 5);
            assert_eq!(taken.0, 200, "{kind}: {taken:?}");
        }
        // What is refused is not half there; with room it goes in.
        let (code, said, err) = quota(&home, "full", &["--customers", "0", "--json"]);
        assert_eq!(code, Some(0), "{kind}: {err}");
        let told: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!(told["customers"], json!({ "is": 10, "most": null }), "{kind}");
        until(|| send(&server, &full, "full", 10..20).0 == 200);
        server.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_keeps_as_many_bytes_as_it_may() {
    let home = Home::sqlite().await;
    let (full, other) = (write_key(&home, "full"), write_key(&home, "other"));
    let server = Server::start(&home);
    let (code, said, _) = quota(&home, "full", &["--storage", "1", "--json"]);
    assert_eq!(code, Some(0));
    let told: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(told["storage_bytes"]["most"], 1 << 20);
    let mut number = 0;
    until(|| {
        number += 5_000;
        send(&server, &full, "full", number..number + 5_000).0 == 429
    });
    assert_eq!(send(&server, &other, "other", 0..10).0, 200, "the other keeps little");
    let (_, said, _) = quota(&home, "full", &[]);
    assert!(said.contains("storage in MB: ") && said.contains(", at most 1\n"), "{said}");
    let (code, _, err) = quota(&home, "full", &["--queries", "9"]);
    assert_eq!(code, Some(2), "{err}");
    let (code, _, err) = quota(&home, "nobody", &[]);
    assert!(code == Some(1) && err.contains("nobody"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_ends_where_the_shop_knows_as_many_as_it_may() {
    for home in Home::each().await {
        let kind = home.kind;
        let _ = write_key(&home, "s");
        let file = home.dir.path().join("orders.csv");
        let rows: String =
            (0..50_000).map(|n| format!("o{n},c{n},a,1,990,2024-01-01T10:00:00Z\n")).collect();
        let head = "order_no,customer_no,sku,quantity,amount_minor,placed_at";
        std::fs::write(&file, format!("{head}\n{rows}")).unwrap();
        let mapping = home.dir.path().join("m.toml");
        std::fs::write(&mapping, MAPPING).unwrap();
        let import = || {
            let mut command = shuke_at(&home);
            command.arg("import").arg("--data").arg(home.dir.path()).args(["--shop", "s"]);
            command.arg("--mapping").arg(&mapping).arg(&file);
            text(&command.output().unwrap())
        };
        assert_eq!(quota(&home, "s", &["--customers", "100"]).0, Some(0), "{kind}");
        let (code, _, err) = import();
        assert_eq!(code, Some(1), "{kind}: {err}");
        assert!(err.contains("this shop knows 100 customers"), "{kind}: {err}");
        assert_eq!(quota(&home, "s", &["--customers", "0"]).0, Some(0), "{kind}");
        let (code, said, err) = import();
        assert_eq!(code, Some(0), "{kind}: {err}");
        assert!(said.contains("50,000 rows"), "{kind}: it goes on: {said}");
    }
}
