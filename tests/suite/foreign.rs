//! What is another shop's is not there: every operation that names something, with the number of
//! something that there is in another shop.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shuke_tests::{Home, Person, Server, file, import, until};

const ORDERS: &str = "订单号,客户编号,商品编码,数量,单价,下单时间,订单状态\n\
    O1,c1,s1,1,10.00,2025-03-01 10:00:00,已付款\nO2,c2,s1,x,10.00,2025-03-01 10:00:00,已付款\n";

/// What names something of no shop, or of whoever asks.
const OTHERS: [&str; 5] = ["token", "session_id", "name", "write_key", "unit"];

/// A rule by which customers earn, as it is sent.
fn rule() -> Value {
    json!({
        "name": "a point a yuan", "unit": "points", "active": true,
        "terms": {
            "trigger": { "kind": "order_paid" },
            "formula": { "kind": "per_money", "amount": 1, "per_minor": 100 },
            "from": "2099-01-01",
        },
    })
}

/// An activity.
fn held() -> Value {
    json!({ "name": "fair", "first_day": "2026-01-01", "last_day": "2026-01-31" })
}

/// A coupon.
fn coupon() -> Value {
    let steps = json!([{ "from": { "kind": "none" }, "gives": { "minor": 500 } }]);
    let effect = json!({ "kind": "amount_off", "steps": steps });
    json!({
        "name": "five off",
        "terms": {
            "offer": { "effect": effect, "scope": { "goods": { "kind": "all" } } },
            "validity": { "kind": "days", "days": 30 },
            "limits": { "stock": "unlimited", "budget": "unlimited", "each": "unlimited" },
            "uses_per_code": "unlimited",
            "claimable": true,
        },
    })
}

/// A promotion.
fn promotion() -> Value {
    let steps =
        json!([{ "from": { "kind": "money", "minor": 10_000 }, "gives": { "minor": 500 } }]);
    let effect = json!({ "kind": "amount_off", "steps": steps });
    json!({
        "name": "five off a hundred",
        "active": true,
        "terms": { "effect": effect, "scope": { "goods": { "kind": "all" } } },
        "starts_at": "2099-01-01T00:00:00Z",
    })
}

/// A reward.
fn reward(coupon: &str) -> Value {
    json!({
        "name": "five off for ten points",
        "active": true,
        "gives": { "kind": "coupon", "coupon_id": coupon },
        "points": 10,
        "cash_minor": 100,
        "hold_hours": 24,
        "starts_at": "2020-01-01T00:00:00Z",
    })
}

/// Makes something of every kind in the owner's shop: numbers by the names of parameters.
fn furnish(server: &Server, owner: &Person) -> BTreeMap<&'static str, String> {
    let make = |line: &str, body: Value, id: &str| {
        let made = server.send(owner, line, &body);
        assert_eq!(made.status, 200, "{line}: {made:?}");
        made.json()[id].as_str().expect("an id").to_owned()
    };
    let expr = json!({ "combinator": "and", "rules": [] });
    let segment = json!({ "name": "all", "expr": expr, "active": true });
    let view = json!({ "page": "orders", "name": "v", "query": "sort=net_minor", "shared": true });
    let invite = json!({ "email": "x@shop.example", "role": "agent" });
    let made = server.send(owner, "POST /api/v1/staff/invites", &invite);
    assert_eq!(made.status, 200, "{made:?}");
    let staff = server.look(owner, "/api/v1/staff").json();
    let notes = "POST /api/v1/customers/1/notes";
    let job = make("POST /api/v1/exports", json!({ "kind": "orders" }), "job_id");
    let tag = make("POST /api/v1/tags", json!({ "name": "vip" }), "tag_id");
    let on = json!({ "add": true, "customer_ids": ["1"] });
    let batch = make(&format!("POST /api/v1/tags/{tag}/people"), on, "batch_id");
    let tier = make("POST /api/v1/tiers", json!({ "name": "gold" }), "tier_id");
    let given = json!({ "customer_ids": ["1"], "reason": "for long" });
    let given = server.send(owner, &format!("POST /api/v1/tiers/{tier}/people"), &given).json();
    let grant = given["grant"]["grant_id"].as_str().expect("an id").to_owned();
    let much = json!({ "unit": "points", "amount": 10_001, "reason": "waits" });
    let much = make("POST /api/v1/customers/1/adjustments", much, "adjustment_id");
    let off = make("POST /api/v1/coupons", coupon(), "coupon_id");
    let shared = format!("POST /api/v1/coupons/{off}/batches\nIdempotency-Key: shared");
    let shared = make(&shared, json!({ "shared": "OURS2026" }), "coupon_batch_id");
    let reward_id = make("POST /api/v1/rewards", reward(&off), "reward_id");
    let some = json!({ "unit": "points", "amount": 10, "reason": "to take something" });
    assert_eq!(server.send(owner, "POST /api/v1/customers/1/adjustments", &some).status, 200);
    let take = format!("POST /api/v1/rewards/{reward_id}/exchanges\nIdempotency-Key: take");
    let ann = json!({ "customer": { "customer_id": "1" } });
    let exchange_id = make(&take, ann, "exchange_id");
    let cart = "POST /api/v1/checkouts\nIdempotency-Key: cart";
    let line = json!({ "sku": "coat", "pieces": 1, "unit_minor": 10_000 });
    let held_cart = json!({ "cart": { "lines": [line] } });
    let made = [
        ("coupon_id", off),
        ("coupon_batch_id", shared),
        ("code", "OURS2026".to_owned()),
        ("checkout_id", make(cart, held_cart, "checkout_id")),
        ("reward_id", reward_id),
        ("exchange_id", exchange_id),
        ("promotion_id", make("POST /api/v1/promotions", promotion(), "promotion_id")),
        ("rule_id", make("POST /api/v1/earn_rules", rule(), "rule_id")),
        ("adjustment_id", much),
        ("tier_id", tier),
        ("grant_id", grant),
        ("activity_id", make("POST /api/v1/activities", held(), "activity_id")),
        ("tag_id", tag),
        ("batch_id", batch),
        ("customer_id", "1".to_owned()),
        ("channel", "sms".to_owned()),
        ("order_id", "1".to_owned()),
        ("product_id", "1".to_owned()),
        ("import_id", "1".to_owned()),
        ("note_id", make(notes, json!({ "text": "calls on Mondays" }), "note_id")),
        ("segment_id", make("POST /api/v1/segments", segment, "segment_id")),
        ("view_id", make("POST /api/v1/views", view, "view_id")),
        ("source_id", make("POST /api/v1/sources", json!({ "name": "web" }), "source_id")),
        ("key_id", make("POST /api/v1/keys", json!({ "name": "k", "permissions": [] }), "key_id")),
        ("job_id", job),
        ("invite_id", staff["invites"][0]["invite_id"].as_str().expect("an id").to_owned()),
        ("user_id", server.join(owner, "analyst").id),
    ];
    BTreeMap::from(made)
}

/// Every operation that names something, with a real number in each place.
fn named(server: &Server, ids: &BTreeMap<&str, String>) -> Vec<String> {
    let document = server.get("/api/openapi.json", "").json();
    let mut lines = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let names: Vec<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        if names.is_empty()
            || !path.starts_with("/api/")
            || names.iter().any(|n| OTHERS.contains(n))
        {
            continue;
        }
        let part = |part: &str| match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
            Some(name) => ids.get(name).expect("something of every kind").clone(),
            None => part.to_owned(),
        };
        let filled: Vec<String> = path.split('/').map(part).collect();
        let filled = filled.join("/");
        let filled = if filled.ends_with("movers") { filled + "?day=2026-11-11" } else { filled };
        let filled = if filled.ends_with("merge") { filled + "?with=2" } else { filled };
        let methods = item.as_object().unwrap().iter().filter(|(_, one)| one.is_object());
        lines.extend(methods.map(|(method, _)| format!("{} {filled}", method.to_uppercase())));
    }
    lines
}

/// A body that each of them would take.
fn body(line: &str) -> Value {
    let fits = [
        ("/reveal", json!({ "reason": "he called" })),
        ("/erase", json!({ "reason": "he asked for it", "confirm": "1" })),
        ("/notes", json!({ "text": "seen" })),
        ("/state", json!({ "state": "archived" })),
        ("/snapshot", json!({ "name": "kept" })),
        ("merge?with=2", json!({ "customer_id": "2" })),
        ("PATCH /api/v1/segments", json!({ "note": "seen" })),
        ("PATCH /api/v1/staff", json!({ "role": "agent" })),
        ("PATCH /api/v1/tags", json!({ "note": "seen" })),
        ("/consents", json!({ "given": true })),
        ("PATCH /api/v1/tiers", json!({ "note": "seen" })),
        ("PUT /api/v1/activities", held()),
        ("PUT /api/v1/earn_rules", rule()),
        ("PUT /api/v1/coupons", coupon()),
        ("PUT /api/v1/promotions", promotion()),
        ("PUT /api/v1/rewards", reward("1")),
        ("/exchanges", json!({ "customer": { "customer_id": "1" } })),
        ("/decision", json!({ "approve": false })),
        ("/batches", json!({ "count": 1 })),
        ("/claims", json!({ "customer": { "customer_id": "1" } })),
        ("/rollback", json!({ "of": "none" })),
        ("/refund", json!({ "lines": [{ "line": 0, "pieces": 1 }] })),
        ("/validate", json!({})),
        ("/lock", json!({})),
        ("/redeem", json!({})),
        ("/adjustments/", json!({ "approve": false })),
        ("/adjustments", json!({ "unit": "points", "amount": 1, "reason": "seen" })),
        ("/tiers/", json!({ "customer_ids": ["1"], "reason": "why" })),
        ("/people", json!({ "add": true, "customer_ids": ["1"] })),
    ];
    let found = fits.into_iter().find(|(part, _)| line.contains(part));
    match found {
        Some((_, body)) if !line.starts_with("GET") && !line.starts_with("DELETE") => body,
        _ => Value::Null,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_another_shop_is_there() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "ours");
        server.stop();
        let path = file(&home, "orders.csv", ORDERS);
        import(&home, "ours", "orders", &[path]).await.unwrap();
        let server = Server::start(&home);
        until(|| server.look(&owner, "/api/v1/customers").json()["total"] == 1);
        let ids = furnish(&server, &owner);
        let segment = format!("/api/v1/segments/{}", ids["segment_id"]);
        until(|| server.look(&owner, &segment).json()["size"] == 1);
        let done = format!("/api/v1/exports/{}", ids["job_id"]);
        until(|| server.look(&owner, &done).status == 200);
        let theirs = json!({
            "name": "theirs", "currency": "CNY", "time_zone": "Asia/Shanghai", "language": "en",
        });
        let made = server.send(&owner, "POST /api/v1/shops", &theirs).json();
        let theirs = Person { shop: made["shop_id"].as_str().unwrap().to_owned(), ..owner.clone() };
        let stranger = server.join(&theirs, "owner");
        let lines = named(&server, &ids);
        assert!(lines.len() > 35, "{lines:?}");
        let looks = |when: &str| {
            for line in lines.iter().filter(|line| line.starts_with("GET")) {
                let said = server.send(&owner, line, &Value::Null);
                // Customer 2 is nobody, and who is one cannot be taken apart. The file of rejects
                // lies where the import ran.
                let there =
                    said.status == 200 || line.contains("merge") || line.contains("/rejects/file");
                assert!(there, "{when} {line}: {said:?}");
            }
        };
        looks("before");
        for line in &lines {
            let said = server.send(&stranger, &format!("{line}\nIdempotency-Key: k"), &body(line));
            assert_eq!(said.status, 404, "{} {line}: {said:?}", home.kind);
        }
        looks("after");
    }
}
