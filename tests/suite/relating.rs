//! Who is around a customer, whose birthday is near, and who gives gifts, on both databases.

use base::Time;
use perceive::fold::Fold;
use perceive::profile;
use perceive::record::Identifier;
use perceive::relation::{self, Kind};
use perceive::{erase, identity, relay, source};
use serde_json::{Value, json};
use shuke_tests::{Home, Server, send};
use store::Cx;
use store::key::Sealer;
use store::shop::Shop;
use stratify::carts::Carts;
use stratify::expr::whole::Shop as Whole;
use stratify::expr::{self, Sets};
use stratify::mirror::Mirror;
use stratify::sales::Sales;

/// Who somebody is, as they tell it.
fn registered(who: &str, name: &str, phone: &str, birthday: &str) -> String {
    json!({"type": "identify", "messageId": format!("i{who}"), "userId": who,
        "timestamp": "2025-11-01T00:00:00Z",
        "traits": {"name": name, "phone": phone, "birthday": birthday}})
    .to_string()
}

/// A paid order that goes to somebody somewhere.
fn ordered(who: &str, order: &str, (name, phone, street): (&str, &str, &str)) -> String {
    json!({"type": "track", "messageId": format!("o{order}"), "userId": who,
        "event": "Order Completed", "timestamp": "2025-11-02T00:00:00Z",
        "properties": {"order_id": order, "total": 100,
            "products": [{"product_id": "s1", "price": 100, "quantity": 1}],
            "shipping_address": {"name": name, "phone": phone, "province": "广东", "city": "广州",
                "street": street}}})
    .to_string()
}

fn introduced(who: &str, by: &Value) -> String {
    json!({"type": "track", "messageId": format!("r{who}"), "userId": who,
        "event": "referral.made", "timestamp": "2025-11-03T00:00:00Z", "properties": by})
    .to_string()
}

fn consented(who: &str, at: &str, answer: &Value) -> String {
    json!({"type": "track", "messageId": format!("c{who}{at}"), "userId": who,
        "event": "consent.changed", "timestamp": at, "properties": {"consent_sms": answer}})
    .to_string()
}

const PHONES: [&str; 5] =
    ["13812340001", "13812340002", "13812340003", "13812340004", "13812340005"];

/// An: introduced by Di; lives with Bo; sends a gift to Cy and one to somebody who is no customer.
/// Cy introduced Ed.
fn messages() -> Vec<String> {
    let [an, bo, cy, di, ed] = PHONES;
    vec![
        introduced("an", &json!({"introduced_by_phone": di})),
        registered("an", "安安", an, "1990-12-02"),
        registered("bo", "波波", bo, "1991-02-03"),
        registered("cy", "晨晨", cy, "12-31"),
        registered("di", "弟弟", di, "1988-02-29"),
        registered("ed", "恩恩", ed, ""),
        ordered("an", "1", ("安安", an, "人民路1号3栋502室")),
        ordered("an", "2", ("晨晨", cy, "中山路9号")),
        ordered("an", "3", ("客人", "13900000009", "中山路77号")),
        ordered("bo", "4", ("波波", bo, "人民路１号 3栋 502室")),
        ordered("bo", "5", ("安安", an, "人民路1号3栋502室")),
        ordered("cy", "6", ("晨晨", cy, "中山路9号88室")),
        introduced("ed", &json!({"introduced_by": "cy"})),
        consented("an", "2025-11-05T00:00:00Z", &json!(false)),
        consented("an", "2025-11-04T00:00:00Z", &json!("yes")),
        consented("bo", "2025-11-04T00:00:00Z", &json!("同意")),
    ]
}

async fn number(cx: &Cx, who: &str) -> i64 {
    let mut tx = cx.read().await.unwrap();
    let sealer = Sealer::open(&mut tx, cx, &[], false).await.unwrap();
    let one = Identifier { namespace: "external".to_owned(), value: who.to_owned() };
    identity::found(&mut tx, vec![identity::key(&sealer, &one)]).await.unwrap()[0]
}

/// What is around somebody, by their names.
async fn around(cx: &Cx, who: &str) -> Vec<(usize, Kind, String, String)> {
    let mut tx = cx.read().await.unwrap();
    let found = relation::around(&mut tx, number(cx, who).await).await.unwrap();
    let mut told = Vec::new();
    for tie in found.ties {
        let rows = profile::of_numbers(&mut tx, &[tie.person, tie.to]).await.unwrap();
        let name = |number| {
            let row = rows.iter().find(|row| row.customer_no == number);
            row.and_then(|row| row.external_id.clone()).unwrap_or_default()
        };
        told.push((tie.step, tie.kind, name(tie.person), name(tie.to)));
    }
    told.sort();
    told
}

/// Whom a condition means.
async fn meant(home: &Home, (cx, shop): (&Cx, &Shop), rule: Value) -> Vec<String> {
    let (mut mirror, mut sales) = (Mirror::empty(cx.shop), Sales::default());
    mirror.refresh(cx).await.unwrap();
    sales.refresh(cx).await.unwrap();
    let whole = Whole {
        cx,
        zone: &shop.zone,
        lake: &home.lake,
        mirror: &mirror,
        scores: &[],
        stages: &[],
        sets: &Sets::default(),
        sales: &sales,
        carts: &Carts::default(),
        threads: 2,
    };
    let expr = expr::read(&json!({"combinator": "and", "rules": [rule]})).unwrap();
    let members: Vec<i64> = whole.members(&expr).await.unwrap().iter().map(i64::from).collect();
    let rows = profile::of_numbers(&mut cx.read().await.unwrap(), &members).await.unwrap();
    for number in 1..=5 {
        let one = expr::person::explain(&whole, &expr, number).await.unwrap();
        let held = members.contains(&number);
        assert_eq!(one.held == Some(true), held, "{rule}: one customer and the shop agree");
    }
    let mut names: Vec<String> = rows.into_iter().filter_map(|row| row.external_id).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_around_somebody_is_found_in_whatever_order_it_is_said() {
    let seen = |step, kind, who: &str, to: &str| (step, kind, who.to_owned(), to.to_owned());
    for home in Home::each().await {
        for reversed in [false, true] {
            let name = format!("s{reversed}");
            let (cx, shop) = home.shop(&name, "CNY", "Asia/Shanghai").await;
            let cx = cx.at("2025-12-02T00:00:00Z".parse::<Time>().unwrap());
            let source = source::create(&cx, "site").await.unwrap();
            let mut messages = messages();
            if reversed {
                messages.reverse();
            }
            for message in &messages {
                send(&cx, source.number, &[message]).await;
            }
            Fold::default().drain(&cx).await.unwrap();
            relay::flush(&cx, &home.lake).await.unwrap();
            let at = format!("{} {reversed}", home.kind);
            let near = [
                seen(1, Kind::Introducer, "di", "an"),
                seen(1, Kind::Household, "bo", "an"),
                seen(1, Kind::Receiver, "cy", "an"),
                seen(2, Kind::Introduced, "ed", "cy"),
            ];
            assert_eq!(around(&cx, "an").await, near, "{at}");
            let from = [
                seen(1, Kind::Introduced, "ed", "cy"),
                seen(1, Kind::Giver, "an", "cy"),
                seen(2, Kind::Introducer, "di", "an"),
                seen(2, Kind::Household, "bo", "an"),
            ];
            assert_eq!(around(&cx, "cy").await, from, "{at}");
            let found = {
                let an = number(&cx, "an").await;
                relation::around(&mut cx.read().await.unwrap(), an).await.unwrap()
            };
            assert_eq!((found.receivers, found.cut), (2, false), "{at}");
            conditions(&home, (&cx, &shop), &at).await;

            let erased = number(&cx, "cy").await;
            let mut tx = cx.write().await.unwrap();
            erase::erase(&mut tx, &cx, (erased, "asked for")).await.unwrap();
            tx.commit().await.unwrap();
            let left: Vec<String> =
                around(&cx, "an").await.into_iter().map(|(_, _, who, _)| who).collect();
            assert!(!left.contains(&"cy".to_owned()), "{at}: {left:?}");
            assert_eq!(around(&cx, "ed").await, [], "{at}");
        }
    }
}

async fn conditions(home: &Home, shop: (&Cx, &Shop), at: &str) {
    let rule = |field: &str, operator: &str, value: Value| -> Value {
        json!({"field": field, "operator": operator, "value": value})
    };
    for (rule, wanted) in [
        (rule("gift_receivers", ">=", json!(2)), vec!["an"]),
        (rule("introduced", "=", json!(true)), vec!["an", "ed"]),
        (rule("birthday", "anniversary", json!({"this": "month"})), vec!["an", "cy"]),
        (rule("birthday", "anniversary", json!({"next": 7, "unit": "day"})), vec!["an"]),
        (rule("birthday", "=", json!("12-31")), vec!["cy"]),
        (rule("birthday", "notIn", json!(["12-31", "02-29"])), vec!["an", "bo"]),
        (rule("birthday", "null", json!(null)), vec!["ed"]),
        (rule("consent_sms", "=", json!(true)), vec!["bo"]),
        (rule("consent_sms", "null", json!(null)), vec!["cy", "di", "ed"]),
        (rule("reachable_sms", "=", json!(true)), vec!["bo", "cy", "di", "ed"]),
        (rule("reachable_sms", "!=", json!(true)), vec!["an"]),
        (rule("reachable_email", "=", json!(true)), vec![]),
        (rule("reachable_email", "null", json!(null)), vec![]),
    ] {
        assert_eq!(meant(home, shop, rule.clone()).await, wanted, "{at}: {rule}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_shows_who_is_around() {
    let home = Home::sqlite().await;
    let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
    let source = source::create(&cx, "site").await.unwrap();
    send(&cx, source.number, &messages()).await;
    Fold::default().drain(&cx).await.unwrap();
    let server = Server::start(&home);
    let owner = server.begin(&home, "s");
    let an = number(&cx, "an").await;
    let shown = server.look(&owner, &format!("/api/v1/customers/{an}/relations")).json();
    assert_eq!((&shown["gift_receivers"], &shown["gift_strangers"]), (&json!(2), &json!(1)));
    assert_eq!(shown["steps"][0]["people"], 3);
    assert_eq!(shown["steps"][0]["net_minor"], 30_000, "Bo ordered twice, Cy once");
    assert_eq!(
        (&shown["steps"][1]["people"], &shown["steps"][1]["net_minor"]),
        (&json!(1), &json!(0))
    );
    let kinds = shown["steps"][0]["kinds"].as_array().unwrap();
    let kinds: Vec<&str> = kinds.iter().map(|sum| sum["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["introducer", "household", "receiver"]);
    assert_eq!(server.look(&owner, "/api/v1/customers/999/relations").status, 404);
    let sms = |of: &Value| of["consents"][0].clone();
    let profile = || server.look(&owner, &format!("/api/v1/customers/{an}/profile")).json();
    let withdrawn = json!({"channel": "sms", "address": true, "given": false, "reachable": false});
    assert_eq!(sms(&profile()), withdrawn);
    let given = json!({"given": true});
    let set = server.send(&owner, &format!("PUT /api/v1/customers/{an}/consents/sms"), &given);
    assert_eq!((set.status, &set.json()[0]["reachable"]), (200, &json!(true)));
    assert_eq!(sms(&profile())["given"], true, "the last statement holds");
    let unknown = server.send(&owner, &format!("PUT /api/v1/customers/{an}/consents/fax"), &given);
    assert_eq!(unknown.status, 404);
    let wrong = json!({"expr": {"combinator": "and", "rules": [
        {"field": "birthday", "operator": "=", "value": "13-01"}]}});
    let refused = server.send(&owner, "POST /api/v1/segments/preview", &wrong);
    assert_eq!(
        (refused.status, refused.json()["error"]["field"].as_str()),
        (400, Some("rules[0]"))
    );
}
