//! The description of the API says what the answers are.

use benefit::coupon::{self, issue, issue::To};
use benefit::ledger::Unit;
use benefit::{adjustment, checkout, exchange, promotion, quote};
use serde_json::{Value, json};
use shuke_tests::{Home, Server};

use super::api::{happen, shop};

#[tokio::test(flavor = "multi_thread")]
async fn the_description_is_true() {
    let home = Home::sqlite().await;
    let server = Server::start(&home);
    let owner = server.begin(&home, "s");
    let form = json!({ "name": "benefits", "permissions": ["benefits.read"] });
    let key = server.send(&owner, "POST /api/v1/keys", &form).json();
    let benefits = key["secret"].as_str().unwrap();
    server.stop();
    let (writer, reader) = shop(&home).await;
    book(&home).await;
    let server = Server::start(&home);
    happen(&server, &writer, &reader, 3).await;
    let described = server.ask("GET /api/openapi.json", "").json();
    assert_eq!(described["openapi"].as_str().unwrap().split('.').take(2).last(), Some("1"));
    let (mut lists, schemas) = (0, &described["components"]["schemas"]);
    for (path, item) in described["paths"].as_object().unwrap() {
        let Some(get) = item.get("get").filter(|_| path.starts_with("/api/")) else { continue };
        for parameter in get["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] != "query" {
                continue;
            }
            let name = parameter["name"].as_str().unwrap();
            let answer = server.get(&format!("{path}?{name}="), &reader);
            assert!(!answer.body.contains("is not a parameter"), "{path} {name}");
        }
        let path = path.replace("{customer_id}", "1").replace("{order_id}", "1");
        let path = path.replace("{product_id}", "1");
        let answer = match server.get(&path, &reader) {
            answer if answer.status == 403 => server.get(&path, benefits),
            answer => answer,
        };
        if matches!(answer.status, 400 | 401 | 403 | 404) {
            // What the key may not read, and what is about something that there is not.
            continue;
        }
        let body = answer.json();
        let schema = &get["responses"]["200"]["content"]["application/json"]["schema"];
        agrees(&body, schema, schemas, &path);
        lists += 1;
    }
    assert_eq!(lists, 43);
}

/// Gives the first customer points and a coupon by hand, so that there is something to look at.
async fn book(home: &Home) {
    let own = store::shop::list(&home.cx).await.unwrap().remove(0);
    let cx = home.cx.of(own.id);
    let (unit, reason) = (Unit::Points, "to look at".to_owned());
    let wish = adjustment::Wish { person: 1, unit, amount: 5, reason, key: None };
    adjustment::make(&cx, &own.zone, wish).await.unwrap();
    let unlimited = json!("unlimited");
    let steps = json!([{ "from": { "kind": "none" }, "gives": { "minor": 500 } }]);
    let terms = json!({
        "offer": {
            "effect": { "kind": "amount_off", "steps": steps },
            "scope": { "goods": { "kind": "all" } },
        },
        "validity": { "kind": "days", "days": 30 },
        "limits": { "stock": unlimited, "budget": unlimited, "each": unlimited },
        "uses_per_code": unlimited,
    });
    let terms = serde_json::from_value(terms).unwrap();
    let wish = coupon::Wish { name: "five off".to_owned(), note: String::new(), terms };
    let coupon = coupon::make(&cx, wish).await.unwrap().number;
    let (people, how) = ([1].into_iter().collect(), coupon::How::One);
    let to = To::People { people, how, private: false, segment: None };
    let (origin, reason) = (coupon::Origin::SHOP, String::new());
    let wish = issue::Wish { coupon, to, origin, reason, cause: "given".to_owned() };
    issue::begin(&cx, &own.zone, wish).await.unwrap();
    offer(&cx, &own.zone).await;
}

/// A promotion, and a cart that is held.
async fn offer(cx: &store::Cx, zone: &base::Zone) {
    let steps = json!([{ "from": { "kind": "money", "minor": 100 }, "gives": { "minor": 50 } }]);
    let effect = json!({ "kind": "amount_off", "steps": steps });
    let terms = json!({ "effect": effect, "scope": { "goods": { "kind": "all" } } });
    let wish = promotion::Wish {
        name: "half off".to_owned(),
        note: String::new(),
        active: true,
        terms: serde_json::from_value(terms).unwrap(),
        starts_at: cx.now,
        ends_at: None,
        limits: promotion::Limits::default(),
    };
    promotion::make(cx, wish).await.unwrap();
    let (sku, unit_minor) = ("anything".to_owned(), Some(100));
    let line = quote::Line { sku, pieces: 1, unit_minor, list_minor: None };
    let asked = quote::Asked { lines: vec![line], ..quote::Asked::default() };
    let wish = checkout::Wish { asked, order: String::new(), pay_minor: Some(50), micros: 1_000 };
    checkout::lock(cx, zone, "cart", &wish).await.unwrap();
    let terms = exchange::Terms {
        gives: exchange::Gives::Coupon { coupon: 1 },
        points: 1,
        cash_minor: 0,
        limits: promotion::Limits::default(),
        tiers: Vec::new(),
        hold_hours: 1,
    };
    let wish = exchange::Wish {
        name: "five off for a point".to_owned(),
        note: String::new(),
        active: true,
        terms,
        starts_at: cx.now,
        ends_at: None,
    };
    let reward = exchange::make(cx, wish).await.unwrap().number;
    let take = exchange::Take { reward, person: 1, pieces: 1, order: String::new(), done: false };
    exchange::take((cx, zone), "taken", &take).await.unwrap();
}

/// Every key of a value is one of its schema's, and every key that the schema requires is there.
fn agrees(value: &Value, schema: &Value, schemas: &Value, at: &str) {
    let name = schema["$ref"].as_str().map(|path| path.rsplit('/').next().unwrap());
    let schema = name.map_or(schema, |name| &schemas[name]);
    if let Some(choices) = schema["oneOf"].as_array() {
        // Of several kinds of things the one that the value says it is.
        let kind = |choice: &&Value| {
            let kinds = choice["properties"]["kind"]["enum"].as_array();
            kinds.is_none_or(|kinds| kinds.contains(&value["kind"]))
        };
        let some = choices.iter().filter(|choice| choice["type"] != "null");
        let one = some.clone().find(kind).or_else(|| some.clone().next()).unwrap();
        if !value.is_null() {
            agrees(value, one, schemas, at);
        }
        return;
    }
    match value {
        Value::Object(object) if schema.get("properties").is_some() => {
            for (key, value) in object {
                let own = &schema["properties"][key];
                assert!(!own.is_null(), "{at}: {key} is not described");
                agrees(value, own, schemas, &format!("{at}.{key}"));
            }
            for key in schema["required"].as_array().into_iter().flatten() {
                assert!(object.contains_key(key.as_str().unwrap()), "{at} lacks {key}");
            }
        }
        Value::Array(values) => {
            assert!(!values.is_empty() || !at.ends_with(".data"), "{at} has nothing to compare");
            for value in values {
                agrees(value, &schema["items"], schemas, at);
            }
        }
        _ => {}
    }
}
