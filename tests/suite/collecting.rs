//! Events from a shop's own clients, through log and fold, on both databases: whatever the order
//! in which they arrive, and however often.

use std::io::Write;
use std::time::Duration;

use base::time::DAY_MICROS;
use perceive::fold::Fold;
use perceive::{relay, source};
use shuke_tests::{Home, Line, NOW, Server, json, rows, run, same, scatter, send, state, text};
use store::Cx;
use store::log;

/// A visitor looks, signs in, buys twice and gives something back.
const STORY: &[&str] = &[
    r#"{"type":"page","messageId":"m1","anonymousId":"w1","timestamp":"2025-11-01T01:00:00Z",
        "context":{"campaign":{"source":"wechat","name":"11.11"},"userAgent":"Mozilla/5.0"}}"#,
    r#"{"type":"track","messageId":"m2","anonymousId":"w1","event":"Product Viewed",
        "timestamp":"2025-11-01T01:01:00Z",
        "properties":{"product_id":"s1","name":"Silk","category":"女装","brand":"云","price":300}}"#,
    r#"{"type":"identify","messageId":"m3","anonymousId":"w1","userId":"ann",
        "timestamp":"2025-11-01T01:02:00Z","traits":{"phone":"13800000001","email":"ann@x.cn",
        "gender":"女","province":"广东省","city":"广州市","size":"M"}}"#,
    r#"{"type":"track","messageId":"m4","userId":"ann","event":"Order Placed",
        "timestamp":"2025-11-01T01:03:00Z","properties":{"order_id":"A","total":610,"shipping":10,
        "products":[{"product_id":"s1","price":300,"quantity":2}]}}"#,
    r#"{"type":"track","messageId":"m5","userId":"ann","event":"Order Completed",
        "timestamp":"2025-11-01T01:04:00Z","properties":{"order_id":"A","total":610,"shipping":10,
        "products":[{"product_id":"s1","price":300,"quantity":2}]}}"#,
    r#"{"type":"track","messageId":"m6","userId":"ann","event":"Order Refunded",
        "timestamp":"2025-11-03T01:04:00Z","properties":{"order_id":"A","total":100.5}}"#,
    r#"{"type":"track","messageId":"m7","userId":"ann","event":"Order Refunded",
        "timestamp":"2025-11-04T01:04:00Z","properties":{"order_id":"A","total":20}}"#,
    r#"{"type":"track","messageId":"m8","userId":"ann","event":"Order Completed",
        "timestamp":"2025-11-05T01:00:00Z","properties":{"order_id":"B","total":50,
        "products":[{"product_id":"s2","price":50}]}}"#,
    r#"{"type":"track","messageId":"m9","userId":"ann","event":"Order Refunded",
        "timestamp":"2025-11-06T01:00:00Z","properties":{"order_id":"B"}}"#,
    r#"{"type":"track","messageId":"m10","userId":"ann","event":"Product Reviewed",
        "timestamp":"2025-11-07T01:00:00Z",
        "properties":{"review_id":"r1","product_id":"s1","rating":5,"review_body":"很好"}}"#,
    r#"{"type":"page","messageId":"m11","anonymousId":"w2","timestamp":"2025-11-08T01:00:00Z",
        "context":{"userAgent":"Mozilla/5.0 (compatible; Googlebot/2.1)"}}"#,
    r#"{"type":"page","messageId":"m12","anonymousId":"w3","timestamp":"2025-11-08T01:00:00Z",
        "properties":{"url":"https://x.cn/?email=a@b.cn"}}"#,
];

async fn settle(cx: &Cx, home: &Home) -> usize {
    let dead = Fold::default().drain(cx).await.unwrap();
    relay::flush(cx, &home.lake).await.unwrap();
    dead
}

#[tokio::test(flavor = "multi_thread")]
async fn events_become_orders_people_and_history() {
    for home in Home::each().await {
        let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
        let source = source::create(&cx, "site").await.unwrap();
        send(&cx, source.number, STORY).await;
        assert_eq!(settle(&cx, &home).await, 0, "{}", home.kind);
        for (sql, answer) in [
            (
                "select external_id, orders, paid_orders, paid_minor, refunded_minor, net_minor,
                    province, city, gender, has_phone, has_email, last_visit_at from customers",
                &["ann,2,2,66000,17050,48950,广东,广州,female,true,true,2025-11-07T01:00:00Z"][..],
            ),
            (
                "select external_id, kind, status, paid_minor, refunded_minor from orders
                    order by external_id",
                &[
                    "A,order,paid,61000,0",
                    "A#m6,refund,paid,0,10050",
                    "A#m7,refund,paid,0,2000",
                    "B,order,closed,5000,5000",
                ],
            ),
            (
                "select sku, title, category, brand from products order by sku",
                &["s1,Silk,女装,云", "s2,,,"],
            ),
            ("select count(*), sum(quantity), sum(amount_minor) from order_lines", &["2,3,65000"]),
            (
                "select c.external_id, count(*) from events e
                    left join customers c on c.customer_id = e.customer_id
                    group by 1 order by 1",
                &["ann,10", ",1"],
            ),
            ("select channel, message_id, customer_id from bot_events", &["bot,m11,"]),
            (
                "select event, category, value_minor, message_id from events
                    where event = 'Product Viewed'",
                &["Product Viewed,女装,30000,m2"],
            ),
            (
                "select properties from events where message_id = 'm12'",
                &[r#""{""url"":""https://x.cn/""}""#],
            ),
        ] {
            assert_eq!(rows(&cx, &home, sql).await, answer, "{}: {sql}", home.kind);
        }
    }
}

/// The story in an order that a seed gives, every message once more at some later place.
fn shuffled(seed: u64) -> Vec<&'static str> {
    let mut places: Vec<(u64, &str)> = Vec::new();
    for (place, message) in (0_u64..).zip(STORY) {
        let first = scatter(seed, place);
        places.extend([(first, *message), (first | scatter(seed, place + 100), *message)]);
    }
    places.sort_unstable();
    places.into_iter().map(|(_, message)| message).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_order_of_arrival_no_delay_and_no_repetition_changes_the_state() {
    for home in Home::each().await {
        let mut states = Vec::new();
        let turned: Vec<&str> = [&STORY[5..], &STORY[..5]].concat();
        let mut arrivals = vec![(STORY.to_vec(), 12, 0), (turned, 1, 0)];
        // What is repeated comes within the month in which it is remembered.
        arrivals.extend((0..4).map(|seed| (shuffled(seed), 1 + seed as usize, seed as i64)));
        for (number, (story, part, days)) in arrivals.into_iter().enumerate() {
            let (cx, _) = home.shop(&format!("s{number}"), "CNY", "Asia/Shanghai").await;
            let source = source::create(&cx, "site").await.unwrap();
            for (turn, messages) in (0_i64..).zip(story.chunks(part)) {
                let cx = cx.at(NOW.plus(turn * days * DAY_MICROS));
                send(&cx, source.number, messages).await;
                settle(&cx, &home).await;
            }
            states.push(state(&cx, &home.lake).await.unwrap());
        }
        same(&states, home.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_event_is_set_aside_and_the_others_go_on() {
    for home in Home::each().await {
        let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
        let source = source::create(&cx, "site").await.unwrap();
        let poison = r#"{"type":"track","messageId":"p","userId":"bob","event":"Order Completed",
            "properties":{"order_id":"P","total":"many","currency":"CNY"}}"#;
        let dollars = r#"{"type":"track","messageId":"d","userId":"bob","event":"Order Completed",
            "properties":{"order_id":"D","total":5,"currency":"USD"}}"#;
        send(&cx, source.number, &[STORY[0], poison, dollars, STORY[4]]).await;
        settle(&cx, &home).await;
        let dead = log::dead(&cx, 10).await.unwrap();
        let mut reasons: Vec<&str> = dead.iter().map(|fact| fact.reason.as_str()).collect();
        reasons.sort_unstable();
        assert_eq!(reasons.len(), 2, "{reasons:?}");
        assert!(
            reasons[0].starts_with("currency") && reasons[1].starts_with("total"),
            "{reasons:?}"
        );
        assert_eq!(rows(&cx, &home, "select sum(paid_minor) from orders").await, ["61000"]);
        // Put back, it is still no amount; nothing is counted twice.
        for fact in &dead {
            assert!(log::replay(&cx, &fact.id).await.unwrap());
        }
        settle(&cx, &home).await;
        assert_eq!(log::dead(&cx, 10).await.unwrap().len(), 2);
        assert_eq!(rows(&cx, &home, "select sum(paid_minor) from orders").await, ["61000"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_shop_can_mean_is_set_aside_on_both_databases() {
    for home in Home::each().await {
        let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
        let source = source::create(&cx, "site").await.unwrap();
        let order = |id: &str, more: &str| {
            format!(
                r#"{{"type":"track","messageId":"{}","userId":"bob","event":"Order Completed",
                "properties":{{"order_id":"{id}",{more}}}}}"#,
                &id[..id.len().min(9)]
            )
        };
        let lines = |price: &str| {
            let line = format!(r#"{{"product_id":"p","price":{price},"quantity":1}}"#);
            format!(r#""products":[{line},{line}]"#)
        };
        let messages = [
            order(&"9".repeat(4_000), r#""total":1"#),
            order("sku", &format!(r#""products":[{{"product_id":"{}"}}]"#, "p".repeat(3_000))),
            order("large", &lines("90000000000000000")),
            order("total", r#""total":"200000000000""#),
            order("many", r#""products":[{"product_id":"p","quantity":9000000000000000000}]"#),
            order("good", &lines("99999999999.99")),
        ];
        send(&cx, source.number, &messages).await;
        settle(&cx, &home).await;
        let dead = log::dead(&cx, 10).await.unwrap();
        let mut why: Vec<&str> =
            dead.iter().filter_map(|fact| fact.reason.split(' ').next()).collect();
        why.sort_unstable();
        let named = ["order_id", "price", "product_id", "quantity", "total"];
        assert_eq!(why.len(), named.len(), "{dead:?}");
        assert!(why.iter().zip(named).all(|(why, name)| why.starts_with(name)), "{why:?}");
        let sql = "select external_id, paid_minor from orders";
        assert_eq!(rows(&cx, &home, sql).await, ["good,19999999999998"], "{}", home.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_without_an_id_gets_one() {
    let home = Home::sqlite().await;
    let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
    let source = source::create(&cx, "site").await.unwrap();
    let page = |who: &str| format!(r#"{{"type":"page","userId":"{who}"}}"#);
    send(&cx, source.number, &[page("a"), page("a"), page("b")]).await;
    settle(&cx, &home).await;
    let sql = "select count(*), count(distinct message_id) from events";
    assert_eq!(rows(&cx, &home, sql).await, ["2,2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_write_over_http_with_a_write_key() {
    let home = Home::sqlite().await;
    let keys = json(&run(home.dir.path(), &["key", "--shop", "s", "--json"]));
    let key = keys[0]["write_key"].as_str().unwrap();
    let server = Server::start(&home);
    assert_eq!(server.said("GET /readyz HTTP/1.1", b"").0, 200);
    let keyed = |text: &str| text.replacen('{', &format!("{{\"writeKey\":\"{key}\","), 1);
    let post = "POST /v1/track HTTP/1.1\r\nContent-Type: text/plain";
    assert_eq!(server.said(post, STORY[1].as_bytes()).0, 401, "no key");
    assert_eq!(server.said(post, b"{\"writeKey\":\"wk_9_00\"}").0, 401, "another's key");
    let (status, body) = server.said(post, keyed(STORY[1]).as_bytes());
    assert_eq!((status, body.contains("\"success\":true")), (200, true), "{body}");
    let (status, body) = server.said(post, keyed(r#"{"messageId":"x","userId":"u"}"#).as_bytes());
    assert_eq!((status, body.contains("\"field\":\"event\"")), (400, true), "{body}");
    assert_eq!(server.said(post, b"{]").0, 400, "no JSON");
    assert_eq!(server.said("POST /v1/frobnicate HTTP/1.1", b"{}").0, 404);

    let batch = keyed(&format!("{{\"batch\":[{}]}}", STORY[3..6].join(",")));
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(batch.as_bytes()).unwrap();
    let head = "POST /v1/batch HTTP/1.1\r\nContent-Encoding: gzip";
    assert_eq!(server.said(head, &packed.finish().unwrap()).0, 200);
    let shy = "POST /v1/t HTTP/1.1\r\nSec-GPC: 1";
    let unseen = STORY[1].replace("m2", "unseen");
    assert_eq!(server.said(shy, keyed(&unseen).as_bytes()).0, 200);
    let shy = "POST /v1/t HTTP/1.1\r\nDNT: 1";
    assert_eq!(server.said(shy, keyed(&unseen).as_bytes()).0, 200);
    let packed = "POST /v1/batch HTTP/1.1\r\nContent-Encoding: br";
    assert_eq!(server.said(packed, b"x").0, 415);
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b' '; (4 << 20) + 1]).unwrap();
    assert_eq!(server.said(head, &bomb.finish().unwrap()).0, 413, "it unpacks to too much");
    let long = STORY[1].replace("m2", "long").replace("w1", &"w".repeat(33 << 10));
    let (status, body) = server.said(post, keyed(&long).as_bytes());
    assert_eq!((status, body.contains("too_large")), (413, true), "{body}");
    let through = "GET /metrics HTTP/1.1\r\nX-Forwarded-For: 203.0.113.7";
    assert_eq!(server.said(through, b"").0, 403, "figures are for this machine");
    let huge = vec![b' '; (4 << 20) + 1];
    let (status, body) = server.said(&format!("{post}\r\nOrigin: https://shop.cn"), &huge);
    assert_eq!((status, body.contains("too_large")), (413, true), "{body}");
    let settings = server.said(&format!("GET /v1/projects/{key}/settings HTTP/1.1"), b"");
    assert!(settings.0 == 200 && settings.1.contains(key), "{settings:?}");
    assert!(settings.1.contains(r#""sampleRate":0"#), "nobody else is told: {settings:?}");
    let proxied = format!("GET /v1/projects/{key}/settings HTTP/1.1\r\nX-Forwarded-Proto: https");
    assert!(server.said(&proxied, b"").1.contains(r#""protocol":"https""#));
    let page = "Origin: https://shop.cn\r\nAccess-Control-Request-Headers: x-retry-count";
    let pre = server.answer(&format!("OPTIONS /v1/t HTTP/1.1\r\n{page}"), b"");
    assert_eq!(pre.status, 204);
    for told in ["allow-origin: https://shop.cn", "allow-headers: x-retry-count"] {
        assert!(pre.head.to_lowercase().contains(told), "{}", pre.head);
    }

    let sql = "select count(*) as n from events";
    let deadline = 200;
    for _ in 0..deadline {
        let answer = json(&run(home.dir.path(), &["query", "--shop", "s", "--json", sql]));
        if answer[0]["n"] == 4 {
            let sql = "select external_id, net_minor from customers";
            let answer = json(&run(home.dir.path(), &["query", "--shop", "s", "--json", sql]));
            assert_eq!(answer[0]["net_minor"], 50_950, "{answer}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("four events are not in history after ten seconds");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_event_does_not_stop_the_line_and_doctor_shows_it() {
    let home = Home::sqlite().await;
    let keys = json(&run(home.dir.path(), &["key", "--shop", "s", "--json"]));
    let server = Server::start(&home);
    let mut line = Line::open(&server.address, keys[0]["write_key"].as_str().unwrap()).unwrap();
    let order = |id: &str, total: &str| {
        format!(
            r#"{{"type":"track","messageId":"{id}","userId":"bob","event":"Order Completed",
            "properties":{{"order_id":"{id}","total":{total}}}}}"#
        )
    };
    let batch = [order("a", "5"), order("b", "\"many\""), "7".to_owned(), order("c", "6")];
    assert_eq!(line.batch(&batch).unwrap(), 200);
    assert_eq!(line.batch(&[order("d", "7")]).unwrap(), 200);
    let sql = "select sum(paid_minor) as paid, count(*) as n from orders";
    for _ in 0..200 {
        let answer = json(&run(home.dir.path(), &["query", "--shop", "s", "--json", sql]));
        if answer[0]["n"] == 3 {
            assert_eq!(answer[0]["paid"], 1_800);
            let (code, out, _) = text(&run(home.dir.path(), &["doctor"]));
            let shown = out.lines().filter(|line| line.contains("total")).count();
            assert_eq!((code, shown), (Some(0), 1), "{out}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("three orders are not there after ten seconds");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_sends_too_fast_is_told_when_to_come_again() {
    let home = Home::sqlite().await;
    let key = |shop: &str, more: &[&str]| {
        let args = [&["key", "--shop", shop, "--json"], more].concat();
        json(&run(home.dir.path(), &args))[0]["write_key"].as_str().unwrap().to_owned()
    };
    let (slow, fast) = (key("slow", &["--pace", "100"]), key("fast", &[]));
    let (_, shown, _) = text(&run(home.dir.path(), &["key", "--shop", "slow"]));
    assert!(shown.contains("at most 100 events a second"), "{shown}");
    let server = Server::start(&home);
    let page = |n: usize| format!(r#"{{"type":"page","messageId":"m{n}","userId":"u"}}"#);
    let batch: Vec<String> = (0..250).map(page).collect();
    let mut line = Line::open(&server.address, &slow).unwrap();
    let mut other = Line::open(&server.address, &fast).unwrap();
    // A second's worth, and a second and a half of debt: nothing of the next batch is taken.
    assert_eq!(line.batch(&batch).unwrap(), 200);
    assert_eq!(line.batch(&batch).unwrap(), 429);
    assert_eq!(other.batch(&batch).unwrap(), 200);
    let late = format!("{{\"writeKey\":\"{slow}\",\"batch\":[{}]}}", page(7));
    let told = server.answer("POST /v1/batch HTTP/1.1", late.as_bytes());
    let later = told.header("retry-after");
    assert!(told.status == 429 && matches!(later, Some("1" | "2")), "{told:?}");
    assert!(told.body.contains("busy"), "{told:?}");
    // When little is missing it waits for its turn.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(line.batch(&batch).unwrap(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_is_listened_to() {
    let home = Home::sqlite().await;
    for (address, word) in [("0.0.0.0:0", "only this machine"), ("here", "no address")] {
        let output = run(home.dir.path(), &["serve", "--listen", address]);
        let (code, _, err) = shuke_tests::text(&output);
        assert_eq!((code, err.contains(word)), (Some(2), true), "{err}");
    }
}
