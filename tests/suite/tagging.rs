//! Tags: who has one, who put it on, how long it holds, and what undoing leaves, on both databases.

use base::time::DAY_MICROS;
use base::{ShopId, Time};
use roaring::RoaringBitmap;
use serde_json::{Value, json};
use shuke_tests::{Home, Person, Server, file, import, until};
use store::Cx;
use stratify::tag::{self, Wish};

const ORDERS: &str = "订单号,客户编号,商品编码,数量,单价,下单时间,订单状态\n\
    O1,c1,s1,1,10.00,2025-03-01 10:00:00,已付款\nO2,c2,s1,1,10.00,2025-03-01 10:00:00,已付款\n\
    O3,c3,s1,1,10.00,2025-03-01 10:00:00,已付款\nO4,c3,s1,1,10.00,2025-03-02 10:00:00,已付款\n";

fn of(numbers: &[u32]) -> RoaringBitmap {
    numbers.iter().copied().collect()
}

async fn have(cx: &Cx, number: i64) -> Vec<u32> {
    tag::members(cx, &tag::get(cx, number).await.unwrap()).await.unwrap().into_iter().collect()
}

fn named(name: &str, days: Option<i64>) -> Wish {
    Wish { name: Some(name.to_owned()), days: Some(days), ..Wish::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_ends_or_is_undone_without_what_others_did() {
    for home in Home::each().await {
        let path = file(&home, "orders.csv", ORDERS);
        let (cx, ..) = import(&home, "s", "orders", &[path]).await.unwrap();
        let now: Time = "2026-03-01T00:00:00Z".parse().unwrap();
        let cx = cx.at(now);
        let vip = tag::make(&cx, named("vip", None), None).await.unwrap().number;
        let first = tag::apply(&cx, vip, (of(&[1, 2]), true, "hand")).await.unwrap();
        assert_eq!((first.fresh.len(), have(&cx, vip).await), (2, vec![1, 2]), "{}", home.kind);
        let again = tag::apply(&cx, vip, (of(&[2, 3]), true, "segment")).await.unwrap();
        assert_eq!((again.fresh.len(), again.people.len()), (1, 2));
        tag::undo(&cx, first.number).await.unwrap();
        assert_eq!(have(&cx, vip).await, [2, 3], "somebody else tagged the second, too");
        assert_eq!(tag::undo(&cx, first.number).await.unwrap_err().code, base::Code::Conflict);
        let off = tag::apply(&cx, vip, (of(&[1, 3]), false, "hand")).await.unwrap();
        assert_eq!((off.fresh.len(), have(&cx, vip).await), (1, vec![2]));
        tag::undo(&cx, off.number).await.unwrap();
        assert_eq!(have(&cx, vip).await, [2, 3]);

        // For ten days; whoever is tagged again in between has ten more.
        let soon = tag::make(&cx, named("soon", Some(10)), None).await.unwrap().number;
        tag::apply(&cx, soon, (of(&[1, 2]), true, "hand")).await.unwrap();
        let later = cx.at(now.plus(5 * DAY_MICROS));
        tag::apply(&later, soon, (of(&[2]), true, "hand")).await.unwrap();
        for (days, who) in [(9, vec![1, 2]), (10, vec![2]), (14, vec![2]), (15, vec![])] {
            let then = cx.at(now.plus(days * DAY_MICROS));
            while tag::expire(&then).await.unwrap() > 0 {}
            assert_eq!(have(&then, soon).await, who, "{} after {days} days", home.kind);
        }
        // A removal that was undone ends when the tagging does, and a renewal takes nobody along.
        let short = tag::make(&cx, named("short", Some(10)), None).await.unwrap().number;
        tag::apply(&cx, short, (of(&[1]), true, "hand")).await.unwrap();
        let off = tag::apply(&cx, short, (of(&[1]), false, "hand")).await.unwrap();
        tag::undo(&cx, off.number).await.unwrap();
        let renewed = tag::apply(&later, short, (of(&[1]), true, "hand")).await.unwrap();
        let then = cx.at(now.plus(10 * DAY_MICROS));
        while tag::expire(&then).await.unwrap() > 0 {}
        assert_eq!(have(&then, short).await, [1], "{}", home.kind);
        tag::undo(&then, renewed.number).await.unwrap();
        assert_eq!(have(&then, short).await, [] as [u32; 0], "{}", home.kind);
        assert!(tag::make(&cx, named("vip", None), None).await.is_err(), "the name is taken");
        for wrong in [named("", None), named(&"x".repeat(31), None), named("d", Some(0))] {
            assert!(tag::make(&cx, wrong.clone(), None).await.is_err(), "{wrong:?}");
        }
        let tags = tag::of_person(&cx, 3).await.unwrap();
        assert_eq!(tags.iter().map(|one| one.tag.name.as_str()).collect::<Vec<_>>(), ["vip"]);
    }
}

/// What a merge does to tags, and a parting back.
#[tokio::test(flavor = "multi_thread")]
async fn tags_go_where_people_go() {
    use perceive::identity::Verdict;
    for home in Home::each().await {
        let path = file(&home, "orders.csv", ORDERS);
        let (cx, ..) = import(&home, "s", "orders", &[path]).await.unwrap();
        let vip = tag::make(&cx, named("vip", None), None).await.unwrap().number;
        tag::apply(&cx, vip, (of(&[2]), true, "hand")).await.unwrap();
        perceive::profile::decide(&cx, (1, 2), Verdict::Together).await.unwrap();
        assert_eq!(have(&cx, vip).await, [1], "{}", home.kind);
        assert_eq!(tag::of_person(&cx, 1).await.unwrap().len(), 1);
        tag::apply(&cx, vip, (of(&[3]), true, "hand")).await.unwrap();
        perceive::profile::decide(&cx, (1, 2), Verdict::Apart).await.unwrap();
        assert_eq!(have(&cx, vip).await, [2, 3], "{}", home.kind);

        // Taken from the one, it is taken from both; and that undone, each has what they had.
        perceive::profile::decide(&cx, (1, 2), Verdict::Together).await.unwrap();
        let off = tag::apply(&cx, vip, (of(&[1]), false, "hand")).await.unwrap();
        assert_eq!(have(&cx, vip).await, [3], "{}", home.kind);
        tag::undo(&cx, off.number).await.unwrap();
        assert_eq!(have(&cx, vip).await, [1, 3]);
        perceive::profile::decide(&cx, (1, 2), Verdict::Apart).await.unwrap();
        assert_eq!(have(&cx, vip).await, [2, 3], "{}", home.kind);
    }
}

/// Whom a tagging concerned, page by page, and what one customer's tags were.
fn one_by_one(server: &Server, owner: &Person, batch: &str) {
    let whom = format!("/api/v1/tags/batches/{batch}/people?changed=true&limit=1");
    let page = server.look(owner, &whom).json();
    assert_eq!(page["data"][0]["customer_id"], "1", "{page}");
    let next = format!("{whom}&after={}", page["next"].as_str().unwrap());
    let page = server.look(owner, &next).json();
    assert_eq!((&page["data"][0]["customer_id"], &page["next"]), (&json!("2"), &Value::Null));
    let none = server.look(owner, "/api/v1/tags/batches/999/people");
    assert_eq!(none.status, 404, "{none:?}");
    let past = server.look(owner, "/api/v1/customers/1/tags/history").json();
    let told: Vec<(&Value, &Value, bool)> = past
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["how"], &one["added"], one["undone_at"].is_null()))
        .collect();
    let (undo, hand) = (json!("undo"), json!("hand"));
    let (on, off) = (json!(true), json!(false));
    assert_eq!(told[..2], [(&undo, &off, false), (&hand, &on, false)], "{past}");
    assert!(told.contains(&(&hand, &off, true)), "an agent took it off: {past}");
}

/// A segment may put a tag on by itself, and then nobody else does.
fn by_a_segment(server: &Server, owner: &Person, twice: &Value) {
    let send = |line: &str, body: Value| server.send(owner, line, &body);
    let by = json!({ "name": "买过两次", "segment_id": twice });
    let by = send("POST /api/v1/tags", by).json()["tag_id"].clone();
    let by = by.as_str().unwrap();
    let found = server.look(owner, &format!("/api/v1/customers?tag={by}")).json();
    assert_eq!(found["total"], 1, "{found}");
    let on = json!({ "add": true, "customer_ids": ["1"] });
    assert_eq!(send(&format!("POST /api/v1/tags/{by}/people"), on).status, 409);
    let own = server.look(owner, "/api/v1/customers/3/tags").json();
    assert_eq!(own.as_array().unwrap().len(), 2, "{own}");
}

/// What a private segment may not do, and what makes no sense.
fn what_is_refused(server: &Server, owner: &Person, people: &str) {
    let send = |line: &str, body: Value| server.send(owner, line, &body);
    let cart = json!({ "field": "cart", "match": { "mode": "some" },
        "value": { "combinator": "and", "rules": [] } });
    let expr = json!({ "combinator": "and", "rules": [cart] });
    let form = json!({ "name": "carts", "expr": expr, "active": true });
    let private = send("POST /api/v1/segments", form).json()["segment_id"].clone();
    let by = json!({ "name": "cart", "segment_id": private });
    assert_eq!(send("POST /api/v1/tags", by).status, 403, "a tag would tell who is in it");
    let on = json!({ "add": true, "segment_id": private });
    assert_eq!(send(people, on).status, 403);
    for (wrong, field) in [
        (json!({ "add": true }), "customer_ids"),
        (json!({ "add": true, "customer_ids": ["99"] }), "customer_ids"),
        (json!({ "add": true, "segment_id": "99" }), "segment_id"),
    ] {
        let refused = send(people, wrong.clone()).json();
        assert_eq!(refused["error"]["field"], field, "{wrong}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_tagged_and_found_by_it() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "s");
        server.stop();
        let path = file(&home, "orders.csv", ORDERS);
        import(&home, "s", "orders", &[path]).await.unwrap();
        let server = Server::start(&home);
        until(|| server.look(&owner, "/api/v1/customers").json()["total"] == 3);
        let send = |line: &str, body: Value| server.send(&owner, line, &body);
        let made = send("POST /api/v1/tags", json!({ "name": "常客", "family": "来往" })).json();
        let id = made["tag_id"].as_str().unwrap();
        let expr = |field: &str, operator: &str, value: Value| {
            let rule = json!({ "field": field, "operator": operator, "value": value });
            json!({ "combinator": "and", "rules": [rule] })
        };
        let twice = expr("paid_orders", ">=", json!(2));
        let segment = json!({ "name": "twice", "expr": twice, "active": true });
        let twice = send("POST /api/v1/segments", segment).json()["segment_id"].clone();
        let one = format!("/api/v1/segments/{}", twice.as_str().unwrap());
        until(|| server.look(&owner, &one).json()["size"] == 1);
        let people = format!("POST /api/v1/tags/{id}/people");
        let done = send(&people, json!({ "add": true, "segment_id": twice })).json();
        assert_eq!((&done["changed"], &done["how"]), (&json!(1), &json!("segment")), "{done}");
        let list = json!({ "by": "external_id", "values": ["c1", "nobody"] });
        let done = send(&people, json!({ "add": true, "list": list })).json();
        assert_eq!((&done["people"], &done["how"]), (&json!(1), &json!("list")), "{done}");
        let found = server.look(&owner, &format!("/api/v1/customers?tag={id}")).json();
        assert_eq!(found["total"], 2, "{} {found}", home.kind);
        let agent = server.join(&owner, "agent");
        let take = json!({ "add": false, "customer_ids": ["1"] });
        assert_eq!(server.send(&agent, &people, &take).status, 200, "an agent may");
        let own = server.look(&agent, "/api/v1/customers/3/tags").json();
        assert_eq!(
            (&own[0]["name"], &own[0]["actor"]),
            (&json!("常客"), &json!(owner.id)),
            "{own}"
        );

        // A segment that names the tag follows it.
        let tagged = expr("tag", "=", json!(id));
        let form = json!({ "name": "tagged", "expr": tagged, "active": true });
        let follows = send("POST /api/v1/segments", form).json()["segment_id"].clone();
        let follows = format!("/api/v1/segments/{}", follows.as_str().unwrap());
        until(|| server.look(&owner, &follows).json()["size"] == 1);
        send(&people, json!({ "add": true, "customer_ids": ["1", "2"] }));
        until(|| server.look(&owner, &follows).json()["size"] == 3);
        assert_eq!(send(&format!("DELETE /api/v1/tags/{id}"), Value::Null).status, 409);
        let batches = server.look(&owner, &format!("/api/v1/tags/{id}/batches")).json();
        let last = batches[0]["batch_id"].as_str().unwrap();
        let undone = send(&format!("POST /api/v1/tags/batches/{last}/undo"), Value::Null).json();
        assert_eq!((&undone["how"], &undone["changed"]), (&json!("undo"), &json!(2)), "{undone}");
        until(|| server.look(&owner, &follows).json()["size"] == 1);
        one_by_one(&server, &owner, last);

        by_a_segment(&server, &owner, &twice);
        what_is_refused(&server, &owner, &people);
        let cx = home.cx.of(ShopId(1));
        assert_eq!(tag::list(&cx).await.unwrap().len(), 2);
    }
}
