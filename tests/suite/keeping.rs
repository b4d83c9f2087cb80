//! What a shop keeps to itself stays there: every way in which somebody could look at whom private
//! events are of, by whoever may do everything.

use std::path::PathBuf;
use std::process::Output;

use serde_json::{Value, json};
use shuke_tests::{Home, Person, Server, shuke_at, text, until};

/// People of the shop, and how many of them have something in their cart.
const PEOPLE: usize = 120;
const CARTED: usize = 75;

/// A served shop of these.
fn shop(home: &Home) -> (Server, Person) {
    let server = Server::start(home);
    let owner = server.begin(home, "s");
    let made = server.send(&owner, "POST /api/v1/sources", &json!({ "name": "web" })).json();
    let mut batch = Vec::new();
    for n in 0..PEOPLE {
        let gender = if n % 2 == 0 { "female" } else { "male" };
        let id = format!("u{n}");
        batch.push(json!({ "type": "identify", "userId": id, "messageId": format!("i{n}"),
            "traits": { "gender": gender } }));
        batch.push(json!({ "type": "track", "event": "Product Viewed", "userId": id,
            "messageId": format!("v{n}"), "properties": { "product_id": "s1" } }));
        if n < CARTED {
            batch.push(json!({ "type": "track", "event": "Product Added", "userId": id,
                "messageId": format!("a{n}"),
                "properties": { "product_id": "s1", "price": 9.9, "quantity": 2 } }));
        }
    }
    for part in batch.chunks(90) {
        let body = json!({ "writeKey": made["write_key"], "batch": part }).to_string();
        assert_eq!(server.ask("POST /v1/batch", &body).status, 200);
    }
    until(|| server.look(&owner, "/api/v1/customers").json()["total"] == PEOPLE);
    until(|| {
        server.look(&owner, "/api/v1/events").json()["data"]
            .as_array()
            .is_some_and(|all| all.len() == 50)
    });
    (server, owner)
}

fn in_cart(mode: &str) -> Value {
    let value = json!({ "combinator": "and", "rules": [] });
    json!({ "field": "cart", "match": { "mode": mode }, "value": value })
}

fn all_of(rules: &[Value]) -> Value {
    json!({ "combinator": "and", "rules": rules })
}

fn rule(field: &str, operator: &str, value: impl Into<Value>) -> Value {
    let value: Value = value.into();
    json!({ "field": field, "operator": operator, "value": value })
}

fn sql(server: &Server, owner: &Person, sql: &str) -> Value {
    server.send(owner, "POST /api/v1/query", &json!({ "sql": sql })).json()
}

/// Nothing that people or programs look at tells of private events.
fn nobody_sees_events(server: &Server, owner: &Person, home: &Home) {
    let count = "select count(*) from events where event = 'Product Added'";
    assert_eq!(sql(server, owner, count)["rows"], json!([["0"]]), "{}", home.kind);
    let events = "select event, count(*) from events where product_id is not null group by 1";
    assert_eq!(sql(server, owner, events)["rows"], json!([["Product Viewed", "120"]]));
    let carts = sql(server, owner, "select * from cart_lines");
    assert_eq!(carts["error"]["code"], "bad_input", "{carts}");
    let visits = sql(server, owner, "select count(*), count(events) from visits");
    assert_eq!(visits["rows"], json!([["120", "0"]]), "numbers would tell how many are not shown");
    let sessions = sql(server, owner, "select max(events) from sessions");
    assert_eq!(sessions["rows"], json!([["1"]]));
    let schema = server.look(owner, "/api/v1/query/schema").body;
    assert!(schema.contains("\"visits\"") && !schema.contains("cart_lines"), "{schema}");
    let mut command = shuke_at(home);
    command.args(["query", "--csv", "--shop", "s", "--data"]).arg(home.dir.path()).arg(count);
    assert_eq!(text(&command.output().unwrap()).1.lines().nth(1), Some("0"));

    for path in [
        "/api/v1/events?event=Product%20Added",
        "/api/v1/events?limit=500",
        "/api/v1/customers/1/timeline?kind=cart",
        "/api/v1/customers/1/timeline",
        "/api/v1/sources/tail",
    ] {
        let said = server.look(owner, path);
        assert_eq!(said.status, 200, "{path}: {said:?}");
        assert!(!said.body.contains("Product Added"), "{path}: {said:?}");
    }
    let profile = server.look(owner, "/api/v1/customers/1/profile").json();
    assert_eq!((&profile["cart"], &profile["visits"]["events"]), (&Value::Null, &Value::Null));
}

fn preview(server: &Server, owner: &Person, rules: &[Value]) -> Value {
    let form = json!({ "expr": all_of(rules), "beside": ["1"] });
    let said = server.send(owner, "POST /api/v1/segments/preview", &form);
    assert_eq!(said.status, 200, "{said:?}");
    said.json()
}

/// Counting tells of many, or of nobody.
fn counts_tell_of_many(server: &Server, owner: &Person) {
    let told = preview(server, owner, &[in_cart("some")]);
    let shown = (&told["private"], &told["count"], &told["examples"], &told["beside"]);
    assert_eq!(shown, (&json!(true), &json!(70), &json!([]), &json!([])), "{told}");
    let again = preview(server, owner, &[in_cart("some")]);
    assert_eq!(again["count"], 70, "the same question has the same answer");
    let added = || rule("event", "=", json!("Product Added"));
    let did = json!({ "field": "events", "value": all_of(&[added()]) });
    let few = all_of(&[rule("customer_id", "<", json!(30))]);
    for (rules, why) in [
        (vec![did.clone()], "another way to ask the same"),
        (vec![in_cart("some"), rule("customer_id", "!=", json!(1))], "a person taken out"),
        (vec![in_cart("some"), rule("customer_id", "=", json!(1))], "a single person"),
        (vec![in_cart("some"), few], "a list of few"),
        (vec![in_cart("some"), rule("customer_id", "<=", json!(80))], "few of them are left out"),
        (
            vec![json!({ "combinator": "or", "rules": [in_cart("some"),
            rule("customer_id", "=", json!(119))] })],
            "a person put in",
        ),
        (vec![in_cart("none"), rule("customer_id", ">", json!(110))], "few have none"),
    ] {
        let told = preview(server, owner, &rules);
        assert_eq!((&told["private"], &told["count"]), (&json!(true), &Value::Null), "{why}");
        assert_eq!(told["examples"], json!([]), "{why}");
    }
    let often = json!({ "field": "events", "match": { "mode": "atLeast", "threshold": 3 } });
    let told = preview(server, owner, &[often]);
    assert_eq!(
        (&told["private"], &told["count"]),
        (&json!(false), &json!(0)),
        "who does not name a private kind does not count it"
    );
    for expr in [in_cart("some"), did] {
        let form = json!({ "expr": all_of(&[expr]), "customer_id": "1" });
        assert_eq!(server.send(owner, "POST /api/v1/segments/explain", &form).status, 403);
    }
}

/// A private segment shows its size, and nothing else, and so does what counts on it.
fn segments_show_their_size(server: &Server, owner: &Person) {
    let make = |name: &str, rules: &[Value]| {
        let form = json!({ "name": name, "expr": all_of(rules), "active": true });
        let made = server.send(owner, "POST /api/v1/segments", &form).json();
        made["segment_id"].as_str().unwrap().to_owned()
    };
    let carts = make("carts", &[in_cart("some")]);
    let through = make("through", &[rule("segment", "=", json!(carts))]);
    let one = |id: &str| server.look(owner, &format!("/api/v1/segments/{id}")).json();
    until(|| one(&through)["fresh"] == true);
    assert!(one(&through)["counted_at"].is_null(), "when somebody moved would tell who");
    let own = one(&carts);
    assert_eq!(
        (&own["private"], &own["size"], &own["trend"]),
        (&json!(true), &json!(70), &json!([]))
    );
    let named = one(&through);
    assert_eq!((&named["private"], &named["size"]), (&json!(true), &Value::Null), "{named}");
    let snapshot = format!("POST /api/v1/segments/{carts}/snapshot");
    let kept = server.send(owner, &snapshot, &json!({ "name": "kept" })).json();
    assert_eq!((&kept["private"], &kept["size"]), (&json!(true), &json!(70)), "{kept}");
    let kept = kept["segment_id"].as_str().unwrap();
    let open = make("all", &[]);
    until(|| one(&open)["size"] == PEOPLE);
    for id in [&carts, &through, kept] {
        for path in [
            format!("customers?segment={id}"),
            format!("segments/{id}/growth"),
            format!("segments/{id}/moves"),
            format!("segments/{id}/movers?day=2026-11-11"),
            format!("segments/{id}/why/1"),
            format!("segments/overlap?ids={open},{id}"),
            format!("segments/compare?ids={open},{id}&field=net_minor"),
        ] {
            let said = server.look(owner, &format!("/api/v1/{path}"));
            assert_eq!(said.status, 403, "{path}: {said:?}");
        }
        let export = json!({ "kind": "customers", "query": format!("segment={id}") });
        assert_eq!(server.send(owner, "POST /api/v1/exports", &export).status, 403);
    }
    let fields = server.look(owner, &format!("/api/v1/segments/{carts}/breakdown")).json();
    let cells =
        json!([{ "value": "female", "customers": 30 }, { "value": "male", "customers": 30 }]);
    assert_eq!((&fields[0]["cells"], &fields[2]["cells"]), (&cells, &Value::Null), "{fields}");
    let ready = server.look(owner, "/api/v1/segments/ready").json();
    let day = ready.as_array().unwrap().iter().find(|one| one["code"] == "cart_day").unwrap();
    assert_eq!(day["private"], true, "{day}");

    // Whoever was in it is not seen because it asks something else now.
    let edit = json!({ "expr": all_of(&[rule("customer_id", "<", json!(100))]) });
    let path = format!("PATCH /api/v1/segments/{carts}");
    let edited = server.send(owner, &path, &edit).json();
    assert_eq!(edited["private"], true, "{edited}");
}

/// What the command line says of conditions in a file.
fn segment(home: &Home, action: &[&str], expr: &PathBuf) -> Output {
    let mut command = shuke_at(home);
    command.args(["segment", "--json", "--shop", "s", "--data"]).arg(home.dir.path());
    command.arg("--expr").arg(expr).args(action).output().unwrap()
}

fn the_command_line_tells_no_more(home: &Home) {
    let path = home.dir.path().join("expr.json");
    std::fs::write(&path, all_of(&[in_cart("some")]).to_string()).unwrap();
    let told = shuke_tests::json(&segment(home, &["count"], &path));
    assert_eq!((&told["private"], &told["count"]), (&json!(true), &json!(70)), "{told}");
    for action in [&["list"][..], &["explain", "--customer", "1"]] {
        let (code, out, err) = text(&segment(home, action, &path));
        assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
        assert!(err.contains("private"), "{err}");
    }
}

/// The owner decides what is private, and that is written down.
fn the_shop_decides(server: &Server, owner: &Person) {
    let path = "PUT /api/v1/privacy/setting";
    let few = json!({ "events": [], "threshold": 5 });
    let refused = server.send(owner, path, &few);
    assert_eq!((refused.status, &refused.json()["error"]["field"]), (400, &json!("threshold")));
    let strict = json!({ "events": ["Product Added", "Product Viewed"], "threshold": 80 });
    assert_eq!(server.send(owner, path, &strict).status, 200);
    let told = preview(server, owner, &[in_cart("some"), rule("customer_id", ">", json!(0))]);
    assert_eq!(told["count"], Value::Null, "fewer than 80");
    let seen = sql(server, owner, "select count(*) from events where product_id is not null");
    assert_eq!(seen["rows"], json!([["0"]]));
    let open = json!({ "events": [], "threshold": 20 });
    let set = server.send(owner, path, &open).json();
    assert_eq!(set["carts"], false, "{set}");
    let lines = sql(server, owner, "select count(*), sum(quantity) from cart_lines");
    assert_eq!(lines["rows"], json!([["75", "150"]]));
    let told = preview(server, owner, &[in_cart("some"), rule("customer_id", "<", json!(30))]);
    assert_eq!(told["private"], false, "{told}");
    assert_eq!(told["examples"].as_array().unwrap().len(), 10);
    let profile = server.look(owner, "/api/v1/customers/1/profile").json();
    assert_eq!(profile["cart"].as_array().map(Vec::len), Some(1), "{profile}");
    let audit = server.look(owner, "/api/v1/audit?action=privacy.set").json();
    let row = &audit["data"][1];
    assert!(row["before"].as_str().unwrap().contains("Cart Viewed"), "{row}");
    assert!(row["after"].as_str().unwrap().contains("Product Viewed"), "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_looks_into_what_a_shop_keeps_to_itself() {
    for home in Home::each().await {
        let (server, owner) = shop(&home);
        nobody_sees_events(&server, &owner, &home);
        let all = json!({ "name": "everybody", "expr": all_of(&[]), "active": true });
        assert_eq!(server.send(&owner, "POST /api/v1/segments", &all).status, 200);
        until(|| server.look(&owner, "/api/v1/segments/1").json()["size"] == PEOPLE);
        counts_tell_of_many(&server, &owner);
        segments_show_their_size(&server, &owner);
        the_command_line_tells_no_more(&home);
        the_shop_decides(&server, &owner);
    }
}
