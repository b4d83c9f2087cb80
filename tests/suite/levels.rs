//! Levels and activities: what gives them, what is left when it ends, and who moved, on both
//! databases; and through the API, from an agent's one tag on.

use base::time::DAY_MICROS;
use base::{Code, Time};
use benefit::tier::{self, NewGrant, Way};
use benefit::{activity, tier::Keeper};
use perceive::identity::Verdict;
use roaring::RoaringBitmap;
use serde_json::{Value, json};
use shuke_tests::{Home, Person, Server, file, import, until};
use store::Cx;
use stratify::tag;

const PEOPLE: &str = "客户编号,姓名\nc1,王一\nc2,李二\nc3,赵三\nc4,孙四\n";

fn of(numbers: &[u32]) -> RoaringBitmap {
    numbers.iter().copied().collect()
}

async fn have(cx: &Cx, number: i64) -> Vec<u32> {
    tier::members(cx, number).await.unwrap().into_iter().collect()
}

async fn level(cx: &Cx, name: &str) -> i64 {
    let wish = tier::Wish { name: Some(name.to_owned()), ..tier::Wish::default() };
    tier::make(cx, wish).await.unwrap().number
}

async fn carrying(cx: &Cx, name: &str, (tier, activity): (Option<i64>, Option<i64>)) -> i64 {
    let wish = tag::Wish {
        name: Some(name.to_owned()),
        days: Some(None),
        tier: Some(tier),
        activity: Some(activity),
        ..tag::Wish::default()
    };
    tag::make(cx, wish, None).await.unwrap().number
}

fn to(people: &[u32], exact: bool, ends_at: Option<Time>) -> NewGrant {
    let reason = "周年庆".to_owned();
    NewGrant { people: of(people), how: "hand", exact, reason, ends_at }
}

/// An activity of three days.
fn running(cx: &Cx) -> activity::Wish {
    activity::Wish {
        name: "七夕".to_owned(),
        note: String::new(),
        starts_at: cx.now,
        ends_at: cx.now.plus(3 * DAY_MICROS),
        tier: None,
        tier_until: None,
    }
}

async fn shop(home: &Home) -> Cx {
    let path = file(home, "people.csv", PEOPLE);
    let (cx, ..) = import(home, "s", "customers", &[path]).await.unwrap();
    cx.at("2026-03-01T00:00:00Z".parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_leaves_what_was_before() {
    for home in Home::each().await {
        let cx = shop(&home).await;
        let (low, mid, top) =
            (level(&cx, "普通").await, level(&cx, "铜牌").await, level(&cx, "钻石").await);
        let (_, effect) = tier::grant(&cx, low, to(&[1, 2, 3, 4], false, None)).await.unwrap();
        assert_eq!((effect.up, have(&cx, low).await), (4, vec![1, 2, 3, 4]), "{}", home.kind);
        let soon = cx.now.plus(10 * DAY_MICROS);
        tier::grant(&cx, mid, to(&[1, 2], false, Some(soon))).await.unwrap();
        let (down, effect) = tier::grant(&cx, low, to(&[2], true, None)).await.unwrap();
        assert_eq!((effect.up, effect.down), (0, 1), "who is fixed falls");
        let vip = carrying(&cx, "聊过", (Some(top), None)).await;
        let batch = tag::apply(&cx, vip, (of(&[1, 2, 4]), true, "hand")).await.unwrap();
        assert_eq!(tier::refresh(&cx).await.unwrap(), 2, "and does not rise by a tag");
        assert_eq!(have(&cx, top).await, [1, 4], "{}", home.kind);

        // Undone and ended in any order: what is left decides.
        tag::undo(&cx, batch.number).await.unwrap();
        tier::refresh(&cx).await.unwrap();
        assert_eq!((have(&cx, low).await, have(&cx, mid).await), (vec![2, 3, 4], vec![1]));
        tier::end(&cx, down.number).await.unwrap();
        assert_eq!((have(&cx, low).await, have(&cx, mid).await), (vec![3, 4], vec![1, 2]));
        assert_eq!(tier::end(&cx, down.number).await.unwrap_err().code, Code::Conflict);
        let mut keeper = Keeper::default();
        assert_eq!(keeper.turn(&cx).await.unwrap(), 0);
        assert_eq!(keeper.turn(&cx.at(soon.plus(-1))).await.unwrap(), 0);
        assert_eq!(keeper.turn(&cx.at(soon)).await.unwrap(), 2, "its last day is over");
        assert_eq!(have(&cx, low).await, [1, 2, 3, 4]);

        let standing = tier::of_person(&cx.at(soon), 1).await.unwrap();
        assert_eq!(standing.because.len(), 1, "{standing:?}");
        assert_eq!(standing.because[0].way, Way::Grant(1, "周年庆".to_owned()));
        let moves: Vec<_> = standing.moves.iter().rev().map(|(from, to, _)| (*from, *to)).collect();
        let (low, mid, top) = (Some(low), Some(mid), Some(top));
        assert_eq!(moves, [(None, low), (low, mid), (mid, top), (top, mid), (mid, low)]);
        let mut tx = cx.read().await.unwrap();
        assert_eq!(store::counter::last(&mut tx, "tier_move").await.unwrap(), 9);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn levels_go_where_people_go() {
    for home in Home::each().await {
        let cx = shop(&home).await;
        let (low, top) = (level(&cx, "普通").await, level(&cx, "钻石").await);
        tier::grant(&cx, low, to(&[1], false, None)).await.unwrap();
        tier::grant(&cx, top, to(&[2], false, None)).await.unwrap();
        let mut keeper = Keeper::default();
        keeper.turn(&cx).await.unwrap();
        let held = activity::make(&cx, running(&cx)).await.unwrap().number;
        let joined = carrying(&cx, "报名", (None, Some(held))).await;
        tag::apply(&cx, joined, (of(&[2]), true, "hand")).await.unwrap();
        keeper.turn(&cx).await.unwrap();
        let over = cx.at(cx.now.plus(5 * DAY_MICROS));
        keeper.turn(&over).await.unwrap();
        perceive::profile::decide(&cx, (1, 2), Verdict::Together).await.unwrap();
        keeper.turn(&over).await.unwrap();
        assert_eq!(activity::members(&cx, held).await.unwrap(), of(&[1]));
        assert_eq!(
            (have(&cx, low).await, have(&cx, top).await),
            (vec![], vec![1]),
            "{}",
            home.kind
        );
        assert_eq!(tier::of_person(&cx, 1).await.unwrap().because.len(), 2);
        perceive::profile::decide(&cx, (1, 2), Verdict::Apart).await.unwrap();
        keeper.turn(&over).await.unwrap();
        assert_eq!(activity::members(&cx, held).await.unwrap(), of(&[2]), "{}", home.kind);
        assert_eq!((have(&cx, low).await, have(&cx, top).await), (vec![1], vec![2]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_take_part_by_a_tag_while_an_activity_runs() {
    for home in Home::each().await {
        let cx = shop(&home).await;
        let low = level(&cx, "普通").await;
        let day = |days: i64| cx.now.plus(days * DAY_MICROS);
        let (tier, tier_until) = (Some(low), Some(day(10)));
        let wish = activity::Wish { starts_at: day(1), tier, tier_until, ..running(&cx) };
        let held = activity::make(&cx, wish.clone()).await.unwrap().number;
        let joined = carrying(&cx, "报名七夕", (None, Some(held))).await;
        let mut keeper = Keeper::default();
        for (now, tagged, inside, members) in [
            (day(0), Some(1), vec![], vec![]),
            (day(1), None, vec![1], vec![1]),
            (day(2), Some(2), vec![1, 2], vec![1, 2]),
            (day(3), Some(3), vec![1, 2], vec![1, 2]),
            (day(10), None, vec![1, 2], vec![]),
        ] {
            let cx = cx.at(now);
            if let Some(person) = tagged {
                tag::apply(&cx, joined, (of(&[person]), true, "hand")).await.unwrap();
            }
            keeper.turn(&cx).await.unwrap();
            let all: Vec<u32> = activity::members(&cx, held).await.unwrap().into_iter().collect();
            assert_eq!((all, have(&cx, low).await), (inside, members), "{} {now}", home.kind);
        }
        for (wrong, field) in [
            (activity::Wish { ends_at: day(1), ..wish.clone() }, "ends_at"),
            (activity::Wish { tier: Some(99), ..wish.clone() }, "tier_id"),
            (activity::Wish { tier: None, ..wish.clone() }, "tier_until"),
            (activity::Wish { name: " ".to_owned(), ..wish.clone() }, "name"),
        ] {
            let refused = activity::make(&cx, wrong).await.unwrap_err();
            assert_eq!(refused.field.as_deref(), Some(field), "{refused:?}");
        }
        assert_eq!(activity::make(&cx, wish).await.unwrap_err().code, Code::Conflict);
        assert_eq!(activity::remove(&cx, held).await.unwrap_err().code, Code::Conflict);
        assert_eq!(tier::remove(&cx, low).await.unwrap_err().code, Code::Conflict);
    }
}

/// What makes no sense, or is not for whoever asks.
fn what_is_refused(
    server: &Server,
    (owner, agent): (&Person, &Person),
    (people, tier): (&str, &str),
) {
    let send = |line: &str, body: Value| server.send(owner, line, &body);
    let on = |more: Value| {
        let mut body = json!({ "customer_ids": ["1"], "reason": "why" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (wrong, field) in [
        (on(json!({ "reason": " " })), "reason"),
        (on(json!({ "last_day": "2020-01-01" })), "ends_at"),
        (on(json!({ "last_day": "soon" })), "last_day"),
        (on(json!({ "segment_id": "1" })), "customer_ids"),
        (on(json!({ "customer_ids": ["99"] })), "customer_ids"),
    ] {
        let refused = send(people, wrong.clone()).json();
        assert_eq!(refused["error"]["field"], field, "{wrong}: {refused}");
    }
    for (line, body, field) in [
        ("POST /api/v1/tiers", json!({ "name": "" }), "name"),
        ("POST /api/v1/tiers", json!({ "name": "x", "place": 9 }), "place"),
        ("POST /api/v1/tiers", json!({ "name": "x", "colour": "gold" }), "colour"),
        ("POST /api/v1/tags", json!({ "name": "x", "tier_id": "99" }), "tier_id"),
        ("POST /api/v1/tags", json!({ "name": "x", "activity_id": "99" }), "activity_id"),
    ] {
        let refused = send(line, body.clone()).json();
        assert_eq!(refused["error"]["field"], field, "{body}: {refused}");
    }
    assert_eq!(send("POST /api/v1/tiers", json!({ "name": "普通会员" })).status, 409);
    assert_eq!(send(&format!("DELETE /api/v1/tiers/{tier}"), Value::Null).status, 409);
    let rule = json!({ "field": "tier", "operator": "=", "value": "99" });
    let expr = json!({ "combinator": "and", "rules": [rule] });
    let refused = send("POST /api/v1/segments", json!({ "name": "x", "expr": expr })).json();
    assert_eq!(refused["error"]["field"], "expr", "{refused}");
    let analyst = server.join(owner, "analyst");
    let tag = json!({ "name": "mine", "tier_id": tier });
    assert_eq!(server.send(&analyst, "POST /api/v1/tags", &tag).status, 403, "levels are others'");
    let carries = server.look(owner, "/api/v1/tags").json()[0]["tag_id"].clone();
    let carries = format!("/api/v1/tags/{}", carries.as_str().unwrap());
    let none = json!({ "tier_id": "" });
    assert_eq!(server.send(&analyst, &format!("PATCH {carries}"), &none).status, 403);
    assert_eq!(server.send(&analyst, &format!("DELETE {carries}"), &Value::Null).status, 403);
    let list = json!({ "add": true, "list": { "by": "external_id", "values": ["c1"] } });
    let many = server.send(agent, &format!("POST {carries}/people"), &list);
    assert_eq!(many.status, 403, "an agent does it one by one: {many:?}");
}

/// A level for everybody in a segment: first what it would do, then done, then ended.
fn in_bulk(
    server: &Server,
    (owner, agent): (&Person, &Person),
    segment: &str,
    (low, top): (&str, &str),
) {
    let send = |line: &str, body: Value| server.send(owner, line, &body);
    let size = || server.look(owner, segment).json()["size"].clone();
    let people = format!("POST /api/v1/tiers/{top}/people");
    let number = segment.rsplit('/').next().unwrap();
    let mut bulk = json!({ "segment_id": number, "preview": true, "last_day": "2099-12-31" });
    let told = send(&people, bulk.clone()).json();
    assert_eq!((&told["up"], &told["grant"]), (&json!(1), &Value::Null), "{told}");
    let found = server.look(owner, &format!("/api/v1/customers?tier={top}")).json();
    assert_eq!(found["total"], 0, "only asked for");
    bulk["preview"] = json!(false);
    bulk["reason"] = json!("年度回馈");
    assert_eq!(server.send(agent, &people, &bulk).status, 403, "an agent may not");
    let told = send(&people, bulk).json();
    assert_eq!(told["grant"]["last_day"], "2099-12-31", "{told}");
    let own = server.look(owner, "/api/v1/customers/2/tier").json();
    let name = &own["because"][0]["name"];
    assert_eq!((&own["tier_id"], name), (&json!(top), &json!("年度回馈")), "{own}");
    until(|| size() == 0);
    what_is_refused(server, (owner, agent), (&people, low));
    let grant = told["grant"]["grant_id"].as_str().unwrap();
    let ended = send(&format!("POST /api/v1/tiers/grants/{grant}/end"), Value::Null).json();
    assert!(ended["ended_at"].is_string(), "{ended}");
    until(|| size() == 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_one_tag_recruits_somebody_who_never_bought() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "s");
        server.stop();
        let path = file(&home, "people.csv", PEOPLE);
        import(&home, "s", "customers", &[path]).await.unwrap();
        let server = Server::start(&home);
        until(|| server.look(&owner, "/api/v1/customers").json()["total"] == 4);
        let send = |line: &str, body: Value| server.send(&owner, line, &body);
        let make = |name: &str| {
            let made = send("POST /api/v1/tiers", json!({ "name": name })).json();
            made["tier_id"].as_str().unwrap().to_owned()
        };
        let (low, top) = (make("普通会员"), make("钻石会员"));
        let tag = json!({ "name": "入会", "tier_id": low });
        let tag = send("POST /api/v1/tags", tag).json()["tag_id"].as_str().unwrap().to_owned();
        let rule = json!({ "field": "tier", "operator": "=", "value": low });
        let expr = json!({ "combinator": "and", "rules": [rule] });
        let form = json!({ "name": "members", "expr": expr, "active": true });
        let segment = send("POST /api/v1/segments", form).json()["segment_id"].clone();
        let segment = format!("/api/v1/segments/{}", segment.as_str().unwrap());

        // In a chat, an agent puts one tag on; nobody waits for the level.
        let agent = server.join(&owner, "agent");
        let (tag_people, on) = (
            format!("POST /api/v1/tags/{tag}/people"),
            json!({ "add": true, "customer_ids": ["2"] }),
        );
        let done = server.send(&agent, &tag_people, &on).json();
        let own = server.look(&agent, "/api/v1/customers/2/tier").json();
        assert_eq!(
            (&own["tier_id"], &own["because"][0]["by"]),
            (&json!(low), &json!("tag")),
            "{own}"
        );
        assert_eq!(own["because"][0]["actor"], json!(agent.id), "{own}");
        until(|| server.look(&owner, &segment).json()["size"] == 1);
        let phrase = json!({ "text": "普通会员" });
        let read = send("POST /api/v1/segments/read", phrase).json();
        assert_eq!(read["expr"]["rules"][0]["field"], "tier", "{read}");

        in_bulk(&server, (&owner, &agent), &segment, (&low, &top));

        // The tag undone: they are as they were.
        let batch = done["batch_id"].as_str().unwrap();
        let undo = format!("POST /api/v1/tags/batches/{batch}/undo");
        assert_eq!(server.send(&agent, &undo, &Value::Null).status, 200);
        let own = server.look(&owner, "/api/v1/customers/2/tier").json();
        assert_eq!((&own["tier_id"], &own["because"]), (&Value::Null, &json!([])), "{own}");
        assert_eq!(own["moves"].as_array().unwrap().len(), 4, "{own}");
        let grants = server.look(&owner, &format!("/api/v1/tiers/{top}/grants")).json();
        assert_eq!(grants.as_array().unwrap().len(), 1, "{grants}");
    }
}
