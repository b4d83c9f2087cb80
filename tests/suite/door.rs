//! The door: what a browser gets before anybody has signed in, and what keeps everyone else out.

use std::time::{SystemTime, UNIX_EPOCH};

use base::Time;
use serde_json::{Value, json};
use shuke_tests::server::Answer;
use shuke_tests::{Home, PASSWORD, Person, Server, dump, file, import, rows, until};

/// The part of a page's policy that says from where something may come.
fn policy<'a>(page: &'a Answer, name: &str) -> &'a str {
    let all = page.header("content-security-policy").unwrap();
    all.split(';').find_map(|rule| rule.strip_prefix(name)).unwrap().trim()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_s_files_are_kept_by_browsers_and_its_pages_are_safe() {
    let home = Home::sqlite().await;
    let server = Server::start(&home);
    let page = server.ask("GET /", "");
    assert_eq!(page.status, 200);
    assert_eq!(policy(&page, "script-src"), "'self'", "no script in a page runs");
    assert_eq!(policy(&page, "frame-ancestors"), "'none'");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let again = server.ask("GET /", "");
    let styles = |page: &Answer| policy(page, "style-src-elem").to_owned();
    assert_ne!(styles(&page), styles(&again), "a nonce is used once");
    for script in page.body.split("<script").skip(1) {
        let (head, rest) = script.split_once('>').unwrap();
        assert!(head.contains(" src=") && rest.starts_with("</script>"), "{script}");
    }

    let deep = server.ask("GET /customers/5?tab=1", "");
    assert_eq!((deep.status, deep.body.len()), (200, page.body.len()), "it is the console's");
    for nothing in ["/assets/none.js", "/none.png", "/api/v1/none"] {
        assert_eq!(server.ask(&format!("GET {nothing}"), "").status, 404, "{nothing}");
    }
    let script =
        page.body.split('"').find(|text| text.contains("assets/") && text.ends_with(".js"));
    let script = script.expect("the console is built before the tests run");
    let asked = |headers: &str| server.ask(&format!("GET {script}\n{headers}"), "");
    let whole = asked("Accept: */*");
    assert_eq!(whole.header("cache-control"), Some("public,max-age=31536000,immutable"));
    assert!(whole.header("content-type").unwrap().starts_with("text/javascript"));
    let tag = whole.header("etag").unwrap();
    let known = asked(&format!("If-None-Match: \"x\", {tag}"));
    assert_eq!((known.status, known.body.as_str()), (304, ""));
    assert_eq!(asked("If-None-Match: \"x\"").status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_sees_how_the_server_is() {
    for home in Home::each().await {
        let server = Server::start(&home);
        for path in ["/healthz", "/readyz"] {
            assert_eq!(server.ask(&format!("GET {path}"), "").status, 200, "{} {path}", home.kind);
        }
        let told = server.ask("GET /metrics", "");
        assert_eq!(told.status, 200, "{told:?}");
        let value = |name: &str| -> f64 {
            let line = told.body.lines().find(|line| line.starts_with(name));
            line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(-1.0)
        };
        let asked = "shuke_http_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"}";
        assert!(value(asked) >= 1.0, "{}", told.body);
        assert!(value("process_resident_memory_bytes") > 1e6, "{}", told.body);
        assert!(value("shuke_log_lag_seconds{reader=\"fold\"}") >= 0.0, "{}", told.body);
        assert!(value("shuke_log_dead_facts") >= 0.0, "{}", told.body);
    }
}

fn now() -> Time {
    #[expect(clippy::disallowed_methods, reason = "the server goes by this clock")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Time::from_micros(i64::try_from(since.as_micros()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_its_time_and_a_password_can_be_set_anew() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "s");
        let soon = now().plus(3_000_000).to_string();
        let form = json!({ "name": "soon", "permissions": ["orders.read"], "expires_at": soon });
        let made = server.send(&owner, "POST /api/v1/keys", &form).json();
        let secret = made["secret"].as_str().unwrap();
        assert_eq!(server.get("/api/v1/orders", secret).status, 200, "{} {made}", home.kind);
        until(|| server.get("/api/v1/orders", secret).status == 401);

        let agent = server.join(&owner, "agent");
        let link =
            server.send(&owner, &format!("POST /api/v1/staff/{}/reset", agent.id), &Value::Null);
        let token = link.json()["token"].as_str().unwrap().to_owned();
        let email = format!("agent-{}@shop.example", owner.shop);
        let another = "another horse battery";
        let path = format!("/api/v1/links/{token}");
        assert_eq!(server.post(&path, &json!({ "password": "short" })).status, 400);
        assert_eq!(server.post(&path, &json!({ "password": another })).status, 200);
        assert_eq!(server.post(&path, &json!({ "password": another })).status, 404, "once");
        assert_eq!(server.look(&agent, "/api/v1/customers").status, 401, "sessions end with it");
        assert_eq!(server.sign_in(&email, PASSWORD).status, 401);
        assert_eq!(server.sign_in(&email, another).status, 200);
    }
}

/// Two customers with everything that is personal.
const PEOPLE: &str = "客户编号,姓名,手机号,邮箱\n\
    c1,张三丰,13912345678,zhang@example.com\nc2,李四光,13800138000,li@example.com\n";
const ORDERS: &str = "订单号,客户编号,商品编码,数量,单价,下单时间,订单状态\n\
    O-77,c1,s1,1,10.00,2025-03-01 10:00:00,已付款\n";

/// A served shop of these, and its owner.
async fn with_people(home: &Home) -> (Server, Person) {
    let server = Server::start(home);
    let owner = server.begin(home, "s");
    server.terminate();
    drop(server);
    for (mapping, text) in [("customers", PEOPLE), ("orders", ORDERS)] {
        let path = file(home, &format!("{mapping}.csv"), text);
        import(home, "s", mapping, &[path]).await.unwrap();
    }
    let server = Server::start(home);
    until(|| server.look(&owner, "/api/v1/customers").json()["total"] == 2);
    (server, owner)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_personal_is_masked_until_somebody_says_why() {
    for home in Home::each().await {
        let (server, owner) = with_people(&home).await;
        let found = |q: &str| {
            let list = server.look(&owner, &format!("/api/v1/customers?q={q}")).json();
            let rows = list["data"].as_array().unwrap();
            let ids = rows.iter().map(|row| row["external_id"].as_str().unwrap().to_owned());
            ids.collect::<Vec<_>>()
        };
        let whole = [
            "%E5%BC%A0%E4%B8%89%E4%B8%B0",
            "13912345678",
            "+86%20139-1234-5678",
            "5678",
            "zhang@example.com",
            "c1",
            "O-77",
        ];
        for q in whole {
            assert_eq!(found(q), ["c1"], "{} {q}", home.kind);
        }
        for part in ["%E5%BC%A0", "1391234", "678", "zhang", "O-7"] {
            assert!(found(part).is_empty(), "a part names nobody: {part}");
        }
        let list = server.look(&owner, "/api/v1/customers?q=c1").json();
        let id = list["data"][0]["customer_id"].as_str().unwrap();
        let profile = server.look(&owner, &format!("/api/v1/customers/{id}/profile"));
        assert!(profile.body.contains("139****5678"), "{}", profile.body);
        for secret in ["张三丰", "13912345678", "zhang@example.com"] {
            assert!(!profile.body.contains(secret), "{secret}: {}", profile.body);
            assert!(!server.look(&owner, "/api/v1/customers").body.contains(secret));
        }
        let reveal = format!("POST /api/v1/customers/{id}/reveal");
        assert_eq!(server.send(&owner, &reveal, &json!({ "reason": " " })).status, 400);
        let reader = server.join(&owner, "readonly");
        let why = json!({ "reason": "he called" });
        assert_eq!(server.send(&reader, &reveal, &why).status, 403);
        let shown = server.send(&owner, &reveal, &why);
        assert!(shown.body.contains("张三丰") && shown.body.contains("13912345678"), "{shown:?}");
        let audit = server.look(&owner, "/api/v1/audit?action=customer.reveal").json();
        let row = &audit["data"][0];
        assert_eq!(audit["data"].as_array().unwrap().len(), 1, "who is refused saw nothing");
        assert_eq!((&row["actor"], &row["target"]), (&json!(owner.id), &json!(id)), "{row}");
        assert_eq!(
            (&row["after"], &row["address"]),
            (&json!("\"he called\""), &json!("127.0.0.1"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_searched_for_is_kept_nowhere() {
    for home in Home::each().await {
        let (server, owner) = with_people(&home).await;
        let form = json!({ "kind": "customers", "query": "q=13912345678&has_phone=true" });
        let begun = server.send(&owner, "POST /api/v1/exports", &form).json();
        let path = format!("/api/v1/exports/{}", begun["job_id"].as_str().unwrap());
        until(|| server.look(&owner, &path).status == 200);
        let text = server.look(&owner, &path).body;
        assert_eq!(text.lines().count(), 1 + 1, "{} {text}", home.kind);
        assert!(text.contains(",c1,"), "{text}");
        let view = json!({
            "page": "customers", "name": "him", "query": "q=13912345678&has_phone=true",
            "shared": true,
        });
        let made = server.send(&owner, "POST /api/v1/views", &view).json();
        assert_eq!(made["query"], "has_phone=true", "{made}");
        let audit = server.look(&owner, "/api/v1/audit?action=export");
        assert!(audit.json()["data"][0]["after"].as_str().unwrap().contains("has_phone"));
        assert!(!audit.body.contains("13912345678"), "{audit:?}");

        // Whoever else sees the view cannot take it away.
        let reader = server.join(&owner, "readonly");
        let seen = server.look(&reader, "/api/v1/views?page=customers").json();
        assert_eq!((&seen[0]["name"], &seen[0]["own"]), (&json!("him"), &json!(false)));
        let path = format!("DELETE /api/v1/views/{}", made["view_id"].as_str().unwrap());
        assert_eq!(server.send(&reader, &path, &Value::Null).status, 404);
        assert_eq!(server.send(&owner, &path, &Value::Null).status, 204);
        server.stop();
        let raw = dump(&home.cx).await.unwrap();
        assert!(!String::from_utf8_lossy(&raw).contains("13912345678"), "{}", home.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_became_one_part_as_it_was_shown_before() {
    for home in Home::each().await {
        let (server, owner) = with_people(&home).await;
        let both = |with: &str| format!("/api/v1/customers/1/{with}?with=2");
        let preview = server.look(&owner, &both("merge")).json();
        assert_eq!(
            (&preview["into"]["orders"], &preview["from"]["orders"]),
            (&json!(1), &json!(0))
        );
        let other = json!({ "customer_id": "2" });
        assert_eq!(server.send(&owner, "POST /api/v1/customers/1/merge", &other).status, 204);
        let before =
            rows(&home.cx.of(base::ShopId(1)), &home, "select count(*) from customers").await;
        let told = server.look(&owner, &both("unmerge")).json();
        let after: Vec<_> = told["after"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["customer"]["external_id"].clone(), one["customer"]["orders"].clone()))
            .collect();
        assert_eq!(after, [(json!("c1"), json!(1)), (json!("c2"), json!(0))], "{told}");
        assert!(told["after"][1]["personal"].to_string().contains("138****8000"), "{told}");
        let nobody = server.look(&owner, "/api/v1/customers/1/unmerge?with=99");
        assert_eq!(nobody.status, 404, "{nobody:?}");
        let still =
            rows(&home.cx.of(base::ShopId(1)), &home, "select count(*) from customers").await;
        assert_eq!((&before, &still), (&vec!["1".to_owned()], &before), "a look changes nothing");
        assert_eq!(server.send(&owner, "POST /api/v1/customers/1/unmerge", &other).status, 204);
        for (id, external) in [("1", "c1"), ("2", "c2")] {
            let one = server.look(&owner, &format!("/api/v1/customers/{id}/profile")).json();
            assert_eq!(one["customer"]["external_id"], external, "{one}");
        }
        let audit = server.look(&owner, "/api/v1/audit?action=customer.").json();
        let deeds = audit["data"].as_array().unwrap().iter().map(|row| row["action"].clone());
        let deeds: Vec<_> = deeds.collect();
        assert_eq!(deeds, ["customer.unmerge", "customer.merge"], "{}", home.kind);
    }
}
