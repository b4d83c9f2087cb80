//! What the console shows of a product, and of events as they come in.

use std::time::Duration;

use serde_json::{Value, json};
use shuke_tests::{Home, Person, Server, ask, file, import, keys};

/// Looks for what comes in before it is given up.
const LOOKS_MAX: usize = 200;
const PAUSE: Duration = Duration::from_millis(50);

#[tokio::test(flavor = "multi_thread")]
async fn a_product_sells_as_sql_says() {
    for home in Home::each().await {
        let mut rows =
            "order_id,customer_id,sku,title,quantity,price,placed_at,status\n".to_owned();
        for n in 0..40 {
            let (customer, sku, day) = (n % 17, n % 3, 1 + n % 28);
            let status = if n % 5 == 0 { "placed" } else { "paid" };
            rows += &format!(
                "A{n},c{customer},s{sku},Silk {sku},{},{}.50,2025-03-{day:02} 00:30:00,{status}\n",
                1 + n % 3,
                10 + n
            );
        }
        let path = file(&home, "orders.csv", &rows);
        let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
        import(&home, "s", "orders", &[path]).await.unwrap();
        let reader = keys(&home, &["--shop", "s", "--secret", "--name", "reader"]);
        let mut reader = reader.as_array().unwrap().iter();
        let reader = reader.find_map(|key| key["secret"].as_str()).unwrap();
        let server = Server::start(&home);
        let sql = "select o.order_id, o.customer_id, l.quantity, l.amount_minor from order_lines l
            join orders o on o.order_id = l.order_id
            where l.product_id = 2 and o.paid_minor > 0";
        let sql = format!(
            "select count(distinct order_id), count(distinct customer_id), sum(quantity),
             sum(amount_minor) from ({sql})"
        );
        let told = server.get("/api/v1/products/2", reader).json();
        let figures = ["orders", "buyers", "items", "amount_minor"].map(|name| &told[name]);
        let figures = figures.map(Value::to_string).join(",");
        let expected = ask(&cx, &home.lake, &sql).await.unwrap();
        assert!(expected.contains(&figures), "{}: {expected} {told}", home.kind);
        assert_eq!(told["product"]["product_id"], "2");
        let days = told["days"].as_array().unwrap();
        let items: i64 = days.iter().map(|day| day["items"].as_i64().unwrap()).sum();
        assert_eq!((days.len(), items), (90, told["items"].as_i64().unwrap()), "{told}");
        for nothing in ["0", "-1", "99", "x", "9223372036854775808"] {
            let answer = server.get(&format!("/api/v1/products/{nothing}"), reader);
            assert_eq!(answer.status, 404, "{nothing}: {answer:?}");
        }
    }
}

/// What came in since `after`, once there is something.
async fn next(server: &Server, owner: &Person, after: &mut String, count: usize) -> Vec<Value> {
    let mut came = Vec::new();
    for _ in 0..LOOKS_MAX {
        let path = match after.as_str() {
            "" => "/api/v1/sources/tail".to_owned(),
            after => format!("/api/v1/sources/tail?after={after}"),
        };
        let told = server.look(owner, &path).json();
        came.extend(told["data"].as_array().unwrap().iter().cloned());
        if let Some(next) = told["next"].as_str() {
            next.clone_into(after);
        }
        if came.len() >= count {
            return came;
        }
        tokio::time::sleep(PAUSE).await;
    }
    unreachable!("{count} events did not come in: {came:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tail_tells_what_came_and_what_it_became() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "s");
        let key = keys(&home, &["--shop", "s"])[0]["write_key"].as_str().unwrap().to_owned();
        let send = |agent: &str, messages: &[(&str, &str, Value)]| {
            let batch = messages.iter().map(|(id, event, properties)| {
                json!({ "type": "track", "messageId": id, "event": event, "userId": "u1",
                    "timestamp": "2026-01-01T00:00:00Z", "sentAt": "2026-01-01T00:00:00Z",
                    "context": { "userAgent": agent }, "properties": properties })
            });
            let body = json!({ "writeKey": key, "batch": batch.collect::<Vec<_>>() });
            let answer = server.ask("POST /v1/batch", &body.to_string());
            assert_eq!(answer.status, 200, "{answer:?}");
        };
        let mut after = String::new();
        let article = json!({ "product_id": "s1", "price": 3, "email": "a@example.com" });
        send(
            "Mozilla/5.0",
            &[
                ("m1", "Product Viewed", article.clone()),
                ("m2", "Payment Info Entered", article.clone()),
            ],
        );
        let mut came = next(&server, &owner, &mut after, 2).await;
        came.sort_by_key(|event| event["message_id"].to_string());
        let became = |came: &[Value]| -> Vec<String> {
            came.iter().map(|event| event["became"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(became(&came), ["visit", "cart"], "{came:?}");
        assert!(!came[0]["customer_id"].is_null(), "{came:?}");
        assert!(!came[0]["properties"].to_string().contains("a@example.com"), "{came:?}");

        send("Mozilla/5.0 (compatible; Googlebot/2.1)", &[("m3", "Product Viewed", article)]);
        assert_eq!(became(&next(&server, &owner, &mut after, 1).await), ["bot"]);
        let wrong = json!({ "order_id": "A1", "products": [{ "product_id": "p".repeat(3_000) }] });
        send("Mozilla/5.0", &[("m4", "Order Completed", wrong)]);
        let came = next(&server, &owner, &mut after, 1).await;
        assert_eq!(became(&came), ["set_aside"], "{came:?}");
        assert!(!came[0]["problem"].is_null(), "{came:?}");
        let again = server.look(&owner, &format!("/api/v1/sources/tail?after={after}")).json();
        assert_eq!(again["data"], json!([]), "none is told twice");
    }
}
