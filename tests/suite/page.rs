//! What people see first, and what a monitor reads.

use shuke_tests::{Home, Server, file, import};

/// A name that a page must not take for its own words.
const NAME: &str = r#"<b>花&"店'"#;

async fn shops(home: &Home) {
    let mut rows =
        "order_id,customer_id,phone,sku,title,quantity,price,placed_at,status\n".to_owned();
    for n in 0..60 {
        let (customer, month, day) = (n % 23, 1 + n % 12, 1 + n % 28);
        rows += &format!(
            "A{n},buyer{customer},1390000{customer:04},s1,Silk,1,{}000.00,\
             2025-{month:02}-{day:02} 10:00:00,paid\n",
            1 + n % 9
        );
    }
    let path = file(home, "orders.csv", &rows);
    import(home, NAME, "orders", &[path]).await.expect("an import");
    home.shop("empty", "USD", "UTC").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_a_shop_in_both_languages() {
    for home in Home::each().await {
        shops(&home).await;
        let server = Server::start(&home);
        let page = |path: &str, lang: &str| {
            server.ask(&format!("GET {path}\nAccept-Language: {lang}"), "")
        };
        let chinese = page("/", "zh-CN,zh;q=0.9,en;q=0.8");
        assert_eq!(chinese.status, 200);
        for word in ["<html lang=\"zh-CN\">", "重要价值客户", "客户", "净额占比", "万", "23 位买家"]
        {
            assert!(chinese.body.contains(word), "{}: {word}", home.kind);
        }
        let english = page("/", "en");
        for word in ["<html lang=\"en\">", "Champions", "Share of revenue", "23 buyers"] {
            assert!(english.body.contains(word), "{}: {word}", home.kind);
        }
        assert!(page("/?lang=zh-CN", "en").body.contains("<html lang=\"zh-CN\">"));
        let name = "&lt;b&gt;花&amp;&quot;店'";
        for page in [&chinese, &english] {
            assert!(page.body.contains(name) && !page.body.contains("<b>花"));
            for other in ["<script", "buyer1", "1390000", "http://", "https://", "style="] {
                assert!(!page.body.contains(other), "{}: {other}", home.kind);
            }
            let policy = page.header("content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
            assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        }
        let empty = page("/?shop=empty", "en");
        assert!(empty.body.contains("shuke import --data DIR --shop empty"), "{}", empty.body);
        let unknown = page("/?shop=%3Cb%3E", "en");
        assert_eq!(unknown.status, 404);
        assert!(unknown.body.contains("There is no shop “&lt;b&gt;”"), "{}", unknown.body);
        assert_eq!(server.ask("GET /\nHost: shop.example", "").status, 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_shop_the_page_says_what_to_do() {
    let home = Home::sqlite().await;
    let server = Server::start(&home);
    for (lang, word) in [("zh-CN", "还没有店铺"), ("en", "No shop yet")] {
        let page = server.ask(&format!("GET /?lang={lang}"), "");
        assert_eq!(page.status, 200);
        assert!(page.body.contains(word) && page.body.contains("shuke import --data"), "{lang}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_monitor_reads_figures_without_anybody_in_them() {
    for home in Home::each().await {
        shops(&home).await;
        let server = Server::start(&home);
        for path in ["/", "/nowhere/1", "/nowhere/2", "/v1/track", "/api/v1/customers/17"] {
            let _ = server.ask(&format!("GET {path}"), "");
        }
        let _ = server.ask("BREW /", "");
        let figures = server.ask("GET /metrics", "");
        assert_eq!(figures.status, 200);
        for line in [
            "shuke_http_requests_total{method=\"GET\",route=\"/\",status=\"200\"} 1",
            "shuke_http_requests_total{method=\"GET\",route=\"nowhere\",status=\"404\"} 2",
            "shuke_http_requests_total{method=\"GET\",route=\"/v1/{call}\",status=\"405\"} 1",
            "shuke_http_requests_total{method=\"other\",route=\"/\",status=\"405\"} 1",
            "shuke_http_request_seconds_count{route=\"/\"} 2",
            "shuke_log_waiting_rows{reader=\"fold\"} 0",
            "shuke_log_lag_seconds{reader=\"relay\"} 0.0",
            "shuke_log_dead_facts 0",
            "shuke_mirror_customers 23",
            "shuke_build_info{version=",
            "process_resident_memory_bytes ",
        ] {
            assert!(figures.body.contains(line), "{}: {line}\n{}", home.kind, figures.body);
        }
        for other in ["花", "empty", "buyer", "customers/17"] {
            assert!(!figures.body.contains(other), "{}: {other}", home.kind);
        }
        assert_eq!(server.ask("GET /metrics\nHost: shop.example", "").status, 403);
        assert_eq!((server.ask("GET /healthz", "").body, "ok\n".to_owned()).0, "ok\n");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_database_is_gone_is_not_ready() {
    let Some(home) = Home::postgres().await else { return };
    let server = Server::start(&home);
    assert_eq!(server.ask("GET /readyz", "").status, 200);
    let mut tx = home.cx.write().await.unwrap();
    tx.exec("alter table shop rename to no_shop", vec![]).await.unwrap();
    tx.commit().await.unwrap();
    let answer = server.ask("GET /readyz", "");
    assert_eq!((answer.status, answer.body.as_str()), (503, "no database\n"));
    let failed = server.ask("GET /", "");
    let error = &failed.json()["error"];
    assert_eq!((failed.status, &error["message"]), (500, &"something went wrong".into()));
}
