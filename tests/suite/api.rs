//! What programs read over HTTP: every row once, the same as SQL says, for whoever may, on both
//! databases.

use std::io::Write;
use std::time::Duration;

use expect_test::expect;
use serde_json::{Value, json};
use shuke_tests::server::read;
use shuke_tests::{Home, Server, file, import, json as answered, shuke_at};

/// Every list, its SQL table and order, and the column that tells its rows apart.
const LISTS: [(&str, &str, &str); 4] = [
    ("customers", "customer_id", "customer_id"),
    ("orders", "order_id", "order_id"),
    ("products", "product_id", "product_id"),
    ("events", "event_time desc, message_id desc", "message_id"),
];

/// A shop `s` with some orders of some customers, and a key to write and one to read.
pub(super) async fn shop(home: &Home) -> (String, String) {
    let mut rows =
        "order_id,customer_id,phone,sku,title,quantity,price,placed_at,status\n".to_owned();
    for n in 0..40 {
        let (customer, sku, day) = (n % 17, n % 11, 1 + n % 28);
        rows += &format!(
            "A{n},c{customer},138000000{customer:02},s{sku},Silk {sku},{},{}.50,\
             2025-03-{day:02} 10:00:00,{}\n",
            1 + n % 3,
            10 + n,
            if n % 5 == 0 { "placed" } else { "paid" }
        );
    }
    let path = file(home, "orders.csv", &rows);
    import(home, "s", "orders", &[path]).await.expect("an import");
    (write_key(home, "s"), secret_key(home, "s", "reader"))
}

fn command(home: &Home, args: &[&str]) -> Value {
    let (first, rest) = args.split_first().expect("a command");
    let mut command = shuke_at(home);
    command.arg(first).arg("--data").arg(home.dir.path()).args(rest);
    answered(&command.output().expect("the program starts"))
}

fn write_key(home: &Home, shop: &str) -> String {
    let keys = command(home, &["key", "--shop", shop, "--json"]);
    keys[0]["write_key"].as_str().unwrap().to_owned()
}

fn secret_key(home: &Home, shop: &str, name: &str) -> String {
    let keys = command(home, &["key", "--shop", shop, "--secret", "--name", name, "--json"]);
    let keys = keys.as_array().unwrap();
    keys.iter().find_map(|key| key["secret"].as_str()).expect("a new key").to_owned()
}

/// Sends events, several of them at one time, and waits until they are in history.
pub(super) async fn happen(server: &Server, key: &str, reader: &str, count: usize) {
    let messages: Vec<Value> = (0..count)
        .map(|n| {
            json!({
                "type": "track", "messageId": format!("m{n:03}"), "userId": format!("c{}", n % 17),
                "event": if n % 3 == 0 { "Product Viewed" } else { "Product Clicked" },
                "timestamp": format!("2025-04-{:02}T01:00:00Z", 1 + n % 4),
                "properties": { "product_id": "s1", "price": 3, "from": "搜索" },
            })
        })
        .collect();
    let body = json!({ "writeKey": key, "batch": messages }).to_string();
    let answer = server.ask("POST /v1/batch", &body);
    assert_eq!(answer.status, 200, "{answer:?}");
    for _ in 0..200 {
        let there = server.get("/api/v1/events?limit=500", reader).json();
        if there["data"].as_array().unwrap().len() == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    unreachable!("{count} events are not in history after ten seconds");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_walk_sees_every_row_once_and_as_sql_does() {
    for home in Home::each().await {
        let (writer, reader) = shop(&home).await;
        let server = Server::start(&home);
        happen(&server, &writer, &reader, 30).await;
        for (list, order, id) in LISTS {
            let rows = server.walk(&reader, list, 7);
            let sql = format!("select * from {list} order by {order}");
            let mut expected = command(&home, &["query", "--shop", "s", "--json", &sql]);
            let expected = expected.as_array_mut().unwrap();
            expected.sort_by_key(|row| match list {
                "events" => 0,
                _ => row[id].as_str().unwrap().parse::<i64>().unwrap(),
            });
            for row in expected.iter_mut() {
                let row = row.as_object_mut().unwrap();
                row.insert("currency".to_owned(), "CNY".into());
                if let Some(text) = row.get("properties").and_then(Value::as_str) {
                    let properties = serde_json::from_str(text).unwrap();
                    row.insert("properties".to_owned(), properties);
                }
            }
            assert!(rows.len() > 7, "{}: {list}", home.kind);
            assert_eq!(&rows, expected, "{}: {list}", home.kind);
            assert_eq!(server.walk(&reader, list, 500), rows, "{}: {list}", home.kind);
        }
        let rfm = server.get("/api/v1/rfm", &reader).json();
        assert_eq!(rfm, command(&home, &["rfm", "--shop", "s", "--json"]), "{}", home.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_leave_what_they_say() {
    for home in Home::each().await {
        let (writer, reader) = shop(&home).await;
        let server = Server::start(&home);
        happen(&server, &writer, &reader, 30).await;
        let all = |list: &str| server.walk(&reader, list, 500);
        let customers = all("customers");
        let one = customers[3]["customer_id"].as_str().unwrap();
        for (list, filter, column, value) in [
            ("customers", "stratum=key_value", "stratum", "key_value"),
            ("customers", "stratum=rescue", "stratum", "rescue"),
            ("orders", "status=placed", "status", "placed"),
            ("orders", "kind=order", "kind", "order"),
            ("orders", "kind=refund", "kind", "refund"),
            ("orders", &format!("customer_id={one}"), "customer_id", one),
            ("events", &format!("customer_id={one}"), "customer_id", one),
            ("events", "event=Product+Viewed", "event", "Product Viewed"),
            ("events", "event=Nothing", "event", "Nothing"),
        ] {
            let found = server.walk(&reader, &format!("{list}?{filter}"), 2);
            let expected: Vec<Value> =
                all(list).into_iter().filter(|row| row[column] == value).collect();
            assert_eq!(found, expected, "{}: {list} {filter}", home.kind);
        }
        let span = "events?from=2025-04-02T09:00:00%2B08:00&until=2025-04-03T01:00:00Z";
        let found = server.walk(&reader, span, 3);
        assert_eq!(found.len(), 8, "{}", home.kind);
        assert!(found.iter().all(|row| row["event_time"] == "2025-04-02T01:00:00Z"));
        for (list, row) in [("customers", &customers[3]), ("orders", &all("orders")[5])] {
            let id = row[format!("{}_id", list.trim_end_matches('s'))].as_str().unwrap();
            let found = server.get(&format!("/api/v1/{list}/{id}"), &reader);
            assert_eq!((found.status, &found.json()), (200, row), "{}", home.kind);
        }
    }
}

/// A server of a small shop with two orders, and its secret key.
async fn small_shop(home: &Home) -> (Server, String) {
    let rows = "order_id,customer_id,sku,title,quantity,price,placed_at,status
A1,ann,s1,Silk dress,2,300.00,2025-03-01 10:00:00,paid
A2,bob,s2,Hand cream,1,20.00,2025-03-02 10:00:00,placed
";
    let path = file(home, "orders.csv", rows);
    import(home, "s", "orders", &[path]).await.unwrap();
    let key = secret_key(home, "s", "k");
    (Server::start(home), key)
}

fn shown(server: &Server, key: &str, path: &str) -> String {
    let answer = server.get(path, key).json();
    serde_json::to_string_pretty(&answer).unwrap() + "\n"
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_have_the_form_that_programs_rely_on() {
    let home = Home::sqlite().await;
    let (server, key) = small_shop(&home).await;
    expect![[r#"
        {
          "data": [
            {
              "customer_id": "1",
              "external_id": "ann",
              "country": null,
              "country_code": null,
              "province": null,
              "city": null,
              "gender": null,
              "age_band": null,
              "registered_at": null,
              "orders": 1,
              "paid_orders": 1,
              "paid_minor": 60000,
              "refunded_minor": 0,
              "adjusted_minor": 0,
              "net_minor": 60000,
              "items": 2,
              "order_value_minor": 60000,
              "days_between_orders": null,
              "first_order_at": "2025-03-01T02:00:00Z",
              "last_order_at": "2025-03-01T02:00:00Z",
              "first_paid_at": "2025-03-01T02:00:00Z",
              "last_paid_at": "2025-03-01T02:00:00Z",
              "last_paid_order_at": "2025-03-01T02:00:00Z",
              "last_visit_at": null,
              "favourite_category": null,
              "favourite_brand": null,
              "price_band": 1,
              "channel": null,
              "has_phone": false,
              "has_email": false,
              "has_wechat": false,
              "consent_sms": null,
              "consent_email": null,
              "consent_wechat": null,
              "introduced": false,
              "gift_receivers": 0,
              "r": 1,
              "f": 1,
              "m": 1,
              "stratum": "rescue",
              "currency": "CNY"
            }
          ],
          "next": "W2ZhbHNlLDEsMV0",
          "total": 2
        }
    "#]]
    .assert_eq(&shown(&server, &key, "/api/v1/customers?limit=1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_products_and_events_have_the_form_that_programs_rely_on() {
    let home = Home::sqlite().await;
    let (server, key) = small_shop(&home).await;
    expect![[r#"
        {
          "order_id": "2",
          "external_id": "A2",
          "kind": "order",
          "of_order": null,
          "customer_id": "2",
          "status": "placed",
          "placed_at": "2025-03-02T02:00:00Z",
          "paid_at": null,
          "shipped_at": null,
          "received_at": null,
          "closed_at": null,
          "paid_minor": 0,
          "refunded_minor": 0,
          "adjusted_minor": 0,
          "net_minor": 0,
          "items": 1,
          "channel": null,
          "store": null,
          "country": null,
          "country_code": null,
          "province": null,
          "city": null,
          "currency": "CNY"
        }
    "#]]
    .assert_eq(&shown(&server, &key, "/api/v1/orders/2"));
    expect![[r#"
        {
          "data": [
            {
              "product_id": "2",
              "sku": "s2",
              "title": "Hand cream",
              "category": null,
              "brand": null,
              "price_minor": null,
              "cost_minor": null,
              "stock": null,
              "listed_at": null,
              "on_sale_at": null,
              "currency": "CNY"
            }
          ],
          "next": null
        }
    "#]]
    .assert_eq(&shown(&server, &key, "/api/v1/products?after=MQ"));
    let none = json!({ "data": [], "next": null });
    assert_eq!(server.get("/api/v1/events", &key).json(), none);
}

/// What every kind of caller is answered: nobody, a made-up key, something that is no key, a key
/// that was taken back, a write key, a key of another shop, the shop's own key.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_secret_key_of_the_shop_reads_it() {
    for home in Home::each().await {
        let (writer, reader) = shop(&home).await;
        let gone = secret_key(&home, "s", "gone");
        command(&home, &["key", "--shop", "s", "--secret", "--revoke", "gone", "--json"]);
        let other = secret_key(&home, "t", "other");
        let listed = command(&home, &["key", "--shop", "s", "--secret", "--json"]);
        assert!(!listed.to_string().contains("sk_"), "{listed}");
        let server = Server::start(&home);
        let made_up = format!("sk_1_{}", "0".repeat(64));
        let callers = ["", &made_up, "nonsense", &gone, &writer, &other, &reader];
        let lists = ["customers", "orders", "products", "events", "rfm"];
        let ones = ["customers/1", "orders/1"];
        let paths = lists.iter().map(|path| (path, 200)).chain(ones.iter().map(|path| (path, 404)));
        for (path, foreign) in paths {
            let expected = [401, 401, 401, 401, 401, foreign, 200];
            for (caller, status) in callers.iter().zip(expected) {
                let answer = match *caller {
                    "" => server.ask(&format!("GET /api/v1/{path}"), ""),
                    key => server.get(&format!("/api/v1/{path}"), key),
                };
                assert_eq!(answer.status, status, "{}: {path} {caller}", home.kind);
                if status == 401 {
                    assert_eq!(answer.json()["error"]["code"], "unauthorized");
                    assert_eq!(answer.json()["error"]["field"], "Authorization");
                    assert!(answer.header("www-authenticate").is_some());
                }
            }
            if foreign == 200 && *path != "rfm" {
                let theirs = server.get(&format!("/api/v1/{path}"), &other).json();
                assert_eq!(theirs["data"], json!([]), "{}: {path}", home.kind);
            }
        }
        let basic = |user: &str| {
            use base64::Engine;
            let text = format!("{user}:");
            let text = base64::engine::general_purpose::STANDARD.encode(text);
            server.ask(&format!("GET /api/v1/products\nAuthorization: Basic {text}"), "").status
        };
        assert_eq!((basic(&reader), basic(&writer)), (200, 401));
        let message = r#"{"type":"track","event":"x","userId":"u","messageId":"w"}"#;
        for (caller, status) in callers.iter().zip([401, 401, 401, 401, 200, 401, 401]) {
            let head = match *caller {
                "" => "POST /v1/track".to_owned(),
                key => format!("POST /v1/track\nAuthorization: Bearer {key}"),
            };
            let answer = server.ask(&head, message);
            assert_eq!(answer.status, status, "{}: {caller}", home.kind);
            assert_eq!(answer.json()["success"], status == 200);
        }
        drop(server);
        command(&home, &["key", "--shop", "s", "--revoke", "default", "--json"]);
        let server = Server::start(&home);
        let head = format!("POST /v1/track\nAuthorization: Bearer {writer}");
        assert_eq!(server.ask(&head, message).status, 401, "taken back");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_has_one_form_and_names_what_is_wrong() {
    let home = Home::sqlite().await;
    let (writer, reader) = shop(&home).await;
    let server = Server::start(&home);
    let key = format!("\nAuthorization: Bearer {reader}");
    for (head, status, code, field) in [
        ("GET /api/nowhere", 404, "not_found", None),
        ("GET /api/v1/", 404, "not_found", None),
        ("POST /api/v1/customers", 405, "wrong_method", None),
        ("DELETE /v1/track", 405, "wrong_method", None),
        ("PUT /healthz", 405, "wrong_method", None),
        ("GET /api/v1/customers?limit=0", 400, "bad_input", Some("limit")),
        ("GET /api/v1/customers?limit=501", 400, "bad_input", Some("limit")),
        ("GET /api/v1/customers?after=x", 400, "bad_input", Some("after")),
        ("GET /api/v1/customers?stratum=rich", 400, "bad_input", Some("stratum")),
        ("GET /api/v1/customers?lifecycle=asleep", 400, "bad_input", Some("lifecycle")),
        ("GET /api/v1/customers?name=ann", 400, "bad_input", Some("name")),
        ("GET /api/v1/customers/1?name=ann", 400, "bad_input", Some("name")),
        ("GET /api/v1/orders?customer_id=ann", 400, "bad_input", Some("customer_id")),
        ("GET /api/v1/orders?kind=order&kind=order", 400, "bad_input", Some("kind")),
        ("GET /api/v1/events?from=yesterday", 400, "bad_input", Some("from")),
        ("GET /api/v1/rfm?as_of=2025-01-01", 400, "bad_input", Some("as_of")),
        ("GET /api/v1/customers/ann", 404, "not_found", Some("customer_id")),
        ("GET /api/v1/orders/99999", 404, "not_found", Some("order_id")),
        ("GET /metrics\nHost: shop.example", 403, "forbidden", Some("Host")),
    ] {
        let answer = server.ask(&format!("{head}{key}"), "");
        let error = &answer.json()["error"];
        assert_eq!((answer.status, &error["code"]), (status, &code.into()), "{head}");
        assert_eq!(error["field"].as_str(), field, "{head}");
        assert!(error["message"].is_string() && answer.json().get("success").is_none(), "{head}");
        assert_eq!(answer.status == 405, answer.header("allow").is_some(), "{head}");
        assert!(answer.header("x-request-id").is_some(), "{head}");
    }
    let huge = " ".repeat((4 << 20) + 1);
    for (call, body, status, code) in [
        ("track", huge.as_str(), 413, "too_large"),
        ("track", "{]", 400, "bad_input"),
        ("nothing", "{}", 404, "not_found"),
    ] {
        let answer = server.ask(&format!("POST /v1/{call}\nAuthorization: Bearer {writer}"), body);
        let body = answer.json();
        assert_eq!((answer.status, &body["error"]["code"]), (status, &code.into()), "{answer:?}");
        assert_eq!((&body["success"], &body["code"]), (&false.into(), &code.into()));
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    let named = |id: &str| {
        let answer = server.ask(&format!("GET /healthz\nX-Request-Id: {id}"), "");
        answer.header("x-request-id").unwrap().to_owned()
    };
    assert_eq!(named("abc-1.2_X"), "abc-1.2_X");
    assert_eq!((named("a b").len(), named(&"a".repeat(65)).len()), (16, 16));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_answers_what_is_under_way_and_takes_it_in() {
    for home in Home::each().await {
        let (writer, reader) = shop(&home).await;
        let mut server = Server::start(&home);
        assert_eq!(server.ask("GET /readyz", "").status, 200);
        let message =
            r#"{"type":"track","event":"Product Viewed","userId":"late","messageId":"z"}"#;
        let (first, rest) = message.split_at(20);
        let mut line = server.connect();
        let length = message.len();
        let head = format!(
            "POST /v1/track HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {writer}\r\n\
             Content-Length: {length}\r\n\r\n{first}"
        );
        line.write_all(head.as_bytes()).unwrap();
        // Until its head has been read, the request is not under way.
        tokio::time::sleep(Duration::from_millis(200)).await;
        server.terminate();
        for _ in 0..100 {
            if std::net::TcpStream::connect(&server.address).is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(std::net::TcpStream::connect(&server.address).is_err(), "{}", home.kind);
        line.write_all(rest.as_bytes()).unwrap();
        let answer = read(line);
        assert_eq!(answer.status, 200, "{}: {answer:?}", home.kind);
        assert_eq!(server.stopped().code(), Some(0), "{}", home.kind);
        let sql = "select count(*) as n from events e join customers c using (customer_id)
            where c.external_id = 'late'";
        let rows = command(&home, &["query", "--shop", "s", "--json", sql]);
        assert_eq!(rows[0]["n"], 1, "{}", home.kind);
        drop(reader);
    }
}
