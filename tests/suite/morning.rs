//! What a shop owner sees in the morning: figures that SQL finds, too, and lists of exactly those
//! who are counted.

use std::time::{SystemTime, UNIX_EPOCH};

use base::time::DAY_MICROS;
use base::{Time, Zone};
use serde_json::Value;
use shuke_tests::{Home, Person, Server, file, import, rows, send, until};

fn now() -> Time {
    #[expect(clippy::disallowed_methods, reason = "the server goes by this clock")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Time::from_micros(i64::try_from(since.as_micros()).unwrap())
}

/// Orders of sixty customers over a year that ends now: some bought much long ago, some once, some
/// have not paid, at hours that are another day in UTC.
fn orders(now: Time) -> String {
    let mut text = "订单号,客户编号,商品编码,数量,单价,下单时间,订单状态\n".to_owned();
    let mut number = 0;
    for customer in 0_i64..60 {
        for order in 0..=customer % 4 {
            let days = (customer * 7 + order * 31) % 360;
            let hour = (customer * 5 + order * 3) % 24;
            let at = now.plus(-days * DAY_MICROS - hour * DAY_MICROS / 24);
            let status = match (customer + order) % 5 {
                0 if days < 9 => "待付款",
                4 => "交易关闭",
                _ => "已付款",
            };
            let price = (customer % 13 + 1) * 30;
            let at = at.to_string();
            let at = at.split_at(19).0.replace('T', " ");
            number += 1;
            text += &format!("O{number},c{customer},s1,1,{price}.00,{at},{status}\n");
        }
    }
    for customer in 0..3 {
        let at = now.plus(-DAY_MICROS * (customer + 1)).to_string();
        let at = at.split_at(19).0.replace('T', " ");
        text += &format!("P{customer},c{customer},s1,1,10.00,{at},待付款\n");
    }
    text
}

/// The list that the console opens for something that can be done.
fn list_of(todo: &Value, ago: impl Fn(i64) -> String) -> String {
    let days = todo["days"].as_i64().unwrap();
    match todo["kind"].as_str().unwrap() {
        "rescue" => format!("/api/v1/customers?stratum=key_rescue&last_paid_to={}", ago(days)),
        "once" => format!(
            "/api/v1/customers?paid_orders_min=1&paid_orders_max=1\
             &last_paid_from={}&last_paid_to={}",
            ago(90),
            ago(days)
        ),
        _ => format!("/api/v1/orders?kind=order&status=placed&placed_from={}", ago(days)),
    }
}

fn todos(server: &Server, owner: &Person, ago: impl Fn(i64) -> String + Copy) {
    let todos = server.look(owner, "/api/v1/todo").json();
    let kinds: Vec<&str> =
        todos.as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["rescue", "once", "unpaid"], "{todos}");
    for todo in todos.as_array().unwrap() {
        let list = server.look(owner, &list_of(todo, ago)).json();
        assert_eq!(list["total"], todo["count"], "{todo}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_counted_is_what_the_lists_show_and_sql_finds() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "s");
        server.stop();
        let (now, zone) = (now(), Zone::named("Asia/Shanghai").unwrap());
        let path = file(&home, "orders.csv", &orders(now));
        let (cx, ..) = import(&home, "s", "orders", &[path]).await.unwrap();
        let server = Server::start(&home);
        until(|| server.look(&owner, "/api/v1/customers").json()["total"] == 60);
        let today = zone.date(now);
        let ago = |days: i64| base::Date(today.0 - i32::try_from(days).unwrap()).to_string();
        todos(&server, &owner, ago);

        let (from, to) = (ago(89), ago(0));
        let kpi = server.look(&owner, &format!("/api/v1/kpi?from={from}&to={to}")).json();
        let bounds = format!(
            "coalesce(paid_at, placed_at) + interval '8 hours' >= '{from}'
             and coalesce(paid_at, placed_at) + interval '8 hours' < cast('{to}' as date) + 1"
        );
        let sql = format!(
            "select sum(paid_minor), count(*), count(distinct customer_id) from orders
             where paid_minor > 0 and kind = 'order' and {bounds}"
        );
        let found = &rows(&cx.at(now), &home, &sql).await[0];
        let figures = &kpi["figures"];
        let told = ["paid_minor", "orders", "buyers"].map(|name| figures[name].to_string());
        assert_eq!(&told.join(","), found, "{} {kpi}", home.kind);
        let new = format!(
            "select count(*) from (select customer_id, min(coalesce(paid_at, placed_at)) as first
             from orders where paid_minor > 0 and kind = 'order' group by 1)
             where first + interval '8 hours' >= '{from}'"
        );
        assert_eq!(figures["new_buyers"].to_string(), rows(&cx, &home, &new).await[0], "{kpi}");
        let days = kpi["days"].as_array().unwrap();
        let sum: i64 = days.iter().map(|day| day["paid_minor"].as_i64().unwrap()).sum();
        assert_eq!((days.len(), figures["paid_minor"].as_i64()), (90, Some(sum)));
    }
}

/// Every entry of a timeline, page by page of so many.
fn pages(server: &Server, owner: &Person, (path, limit): (&str, usize)) -> Vec<Value> {
    let (mut entries, mut after) = (Vec::new(), String::new());
    loop {
        let page = server.look(owner, &format!("{path}?limit={limit}{after}")).json();
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= limit, "{page}");
        entries.extend(data.iter().cloned());
        let Some(next) = page["next"].as_str() else { return entries };
        assert_eq!(data.len(), limit, "only the last page is not full");
        after = format!("&after={next}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_of_many_sources_is_the_same_page_by_page() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "s");
        server.stop();
        let mut lines =
            "order_id,customer_id,sku,title,quantity,price,placed_at,status\n".to_owned();
        for n in 0..12 {
            // Two at each instant: what happens at once has an order, too.
            let (day, status) = (1 + n / 2, if n % 3 == 0 { "refunded" } else { "paid" });
            lines += &format!("A{n},c1,s{n},Silk,1,10.00,2025-03-{day:02} 08:00:00,{status}\n");
        }
        let path = file(&home, "orders.csv", &lines);
        let (cx, ..) = import(&home, "s", "orders", &[path]).await.unwrap();
        let source = perceive::source::create(&cx, "web").await.unwrap().number;
        let events = ["Product Viewed", "Product Reviewed", "chat.said", "Page Viewed"];
        let said: Vec<String> = (0..20)
            .map(|n| {
                let (name, day) = (events[n % events.len()], 1 + n / 4);
                format!(
                    r#"{{"type":"track","messageId":"m{n}","userId":"c1","event":"{name}",
                    "timestamp":"2025-03-{day:02}T00:00:00Z","properties":{{"product_id":"s1",
                    "text":"hm","review_id":"r{n}","rating":4,"review_body":"hm"}}}}"#
                )
            })
            .collect();
        send(&cx, source, &said).await;
        let server = Server::start(&home);
        // While that is being folded: both write of the same person.
        let note = serde_json::json!({ "text": "calls on Mondays" });
        for _ in 0..3 {
            assert_eq!(server.send(&owner, "POST /api/v1/customers/1/notes", &note).status, 200);
        }
        let path = "/api/v1/customers/1/timeline";
        let whole = || pages(&server, &owner, (path, 500));
        until(|| {
            whole().iter().filter(|one| events.contains(&one["event"].as_str().unwrap())).count()
                == 20
        });
        let whole = whole();
        let kinds: std::collections::BTreeSet<&str> =
            whole.iter().map(|one| one["kind"].as_str().unwrap()).collect();
        assert!(kinds.len() >= 5, "{}: {kinds:?}", home.kind);
        assert!(whole.is_sorted_by(|a, b| a["at"].as_str() >= b["at"].as_str()));
        for limit in [1, 2, 7] {
            assert_eq!(pages(&server, &owner, (path, limit)), whole, "{} {limit}", home.kind);
        }
    }
}
