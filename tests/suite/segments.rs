//! Segments: who enters and leaves, when, why, and exactly once, on both databases.

use std::collections::BTreeMap;
use std::time::Duration;

use base::time::DAY_MICROS;
use base::{Date, Time};
use roaring::RoaringBitmap;
use serde_json::{Value, json};
use shuke_tests::{Home, Person, Server, file, import, until};
use store::Cx;
use store::log::{self, Position, topic};
use store::shop::Shop;
use stratify::carts::Carts;
use stratify::expr::Sets;
use stratify::expr::whole::Shop as Whole;
use stratify::mirror::Mirror;
use stratify::sales::Sales;
use stratify::segment::{self, Cause, Change, ENTERED_FACT, LEFT_FACT, Patch, State, Told, Watch};
use stratify::{lifecycle, rfm};

/// A shop with what conditions ask for.
struct Held {
    mirror: Mirror,
    sales: Sales,
}

impl Held {
    fn new(cx: &Cx) -> Self {
        Self { mirror: Mirror::empty(cx.shop), sales: Sales::default() }
    }

    /// Brings everything up to date, and the segments.
    async fn turn(&mut self, home: &Home, (cx, shop): (&Cx, &Shop), watch: &mut Watch) -> usize {
        let mut next = self.mirror.hand_over();
        next.refresh(cx).await.unwrap();
        self.mirror = next;
        self.sales.refresh(cx).await.unwrap();
        let scores = rfm::scores(cx, &self.mirror, &shop.zone).await.unwrap();
        let wish = lifecycle::setting(cx).await.unwrap();
        let today = (&shop.zone, shop.zone.date(cx.now));
        let stages = lifecycle::stages(&self.mirror, &self.sales, today, &wish);
        let whole = Whole {
            cx,
            zone: &shop.zone,
            lake: &home.lake,
            mirror: &self.mirror,
            scores: &scores,
            stages: &stages,
            sales: &self.sales,
            carts: &Carts::load(cx).await.unwrap(),
            sets: &Sets::default(),
            threads: 2,
        };
        assert!(watch.refresh(cx).await.unwrap());
        watch.turn(&whole).await.unwrap().moved
    }
}

fn rule(field: &str, operator: &str, value: &Value) -> Value {
    json!({"combinator": "and", "rules": [{"field": field, "operator": operator, "value": value}]})
}

async fn make(cx: &Cx, name: &str, expr: &Value) -> i64 {
    let (name, note) = (name.to_owned(), String::new());
    let new = Change { name, note, frozen: false, active: true, expr: expr.clone() };
    segment::make(cx, new).await.unwrap().number
}

async fn size(cx: &Cx, number: i64) -> i64 {
    segment::get(cx, number).await.unwrap().size.unwrap_or(-1)
}

/// Who entered and left by the facts in the log, in their order, by segment.
async fn told(cx: &Cx) -> BTreeMap<i64, Vec<(bool, Vec<u32>)>> {
    let mut all: BTreeMap<i64, Vec<(bool, Vec<u32>)>> = BTreeMap::new();
    let entries = log::read(cx, "test", (Position::default(), topic::DOMAIN, 64)).await.unwrap();
    let facts = entries.into_iter().filter(|entry| entry.shop == cx.shop);
    for fact in facts.flat_map(|entry| entry.facts) {
        let told: Told = postcard::from_bytes(&fact.body).unwrap();
        let members = RoaringBitmap::deserialize_from(&told.members[..]).unwrap();
        assert!([ENTERED_FACT, LEFT_FACT].contains(&fact.kind.as_str()));
        let entered = fact.kind == ENTERED_FACT;
        all.entry(told.segment).or_default().push((entered, members.iter().collect()));
    }
    all
}

const HEAD: &str = "order_id,customer_id,sku,title,quantity,price,placed_at,status\n";

fn orders(rows: &[(u32, u32, &str)]) -> String {
    let line = |(order, customer, day): &(u32, u32, &str)| {
        format!("A{order},c{customer},s1,Silk,1,10.00,{day} 12:00:00,paid\n")
    };
    HEAD.to_owned() + &rows.iter().map(line).collect::<String>()
}

/// Whoever moved on a day is told, each with the reason, page by page.
async fn one_by_one(cx: &Cx, often: i64, today: Date) {
    let moved = segment::movers(cx, often, (today, None), (0, 1)).await.unwrap();
    let rest = segment::movers(cx, often, (today, None), (moved[0].0, 5)).await.unwrap();
    assert_eq!((moved.len(), rest.len()), (1, 1));
    let causes: Vec<Cause> = moved.iter().chain(&rest).map(|(_, moves)| moves[0].cause).collect();
    assert!(causes.contains(&Cause::Begun) && causes.contains(&Cause::Changed), "{causes:?}");
    let left = segment::movers(cx, often, (today, Some(false)), (0, 5)).await.unwrap();
    assert_eq!(left, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_enter_and_leave_once_and_one_knows_why() {
    for home in Home::each().await {
        let (cx, shop) = home.shop("s", "CNY", "Asia/Shanghai").await;
        let now: Time = "2025-03-10T04:00:00Z".parse().unwrap();
        let cx = cx.at(now);
        let first = [(1, 1, "2025-03-01"), (2, 1, "2025-03-02"), (3, 2, "2025-03-03")];
        let path = file(&home, "first.csv", &orders(&first));
        import(&home, "s", "orders", &[path]).await.unwrap();
        let often = make(&cx, "often", &rule("paid_orders", ">=", &json!(2))).await;
        let last = json!({"last": 10, "unit": "day"});
        let lately = make(&cx, "lately", &rule("last_order_at", "within", &last)).await;
        let one_of = rule("segment", "in", &json!([often.to_string(), lately]));
        let either = make(&cx, "either", &one_of).await;
        let (mut held, mut watch) = (Held::new(&cx), Watch::default());
        assert_eq!(held.turn(&home, (&cx, &shop), &mut watch).await, 3, "{}", home.kind);
        assert_eq!((size(&cx, often).await, size(&cx, lately).await), (1, 2));
        assert_eq!(size(&cx, either).await, 2);
        assert_eq!(held.turn(&home, (&cx, &shop), &mut watch).await, 0, "nobody moved");

        // Somebody buys again, and somebody new comes.
        let more = [(4, 2, "2025-03-09"), (5, 3, "2025-03-09")];
        let path = file(&home, "more.csv", &orders(&more));
        import(&home, "s", "orders", &[path]).await.unwrap();
        assert_eq!(held.turn(&home, (&cx, &shop), &mut watch).await, 3);
        let days = (shop.zone.date(now), shop.zone.date(now));
        let moves = segment::moves(&cx, often, (days, i64::MAX, 10)).await.unwrap();
        let group = &moves[0].groups[0];
        assert_eq!(
            (group.cause, &group.conditions),
            (Cause::Changed, &vec!["rules[0]".to_owned()])
        );
        assert!(group.entered && group.members.len() == 1);
        one_by_one(&cx, often, shop.zone.date(now)).await;

        // Time goes by; nothing else does.
        let later = cx.at(now.plus(4 * DAY_MICROS));
        assert_eq!(held.turn(&home, (&later, &shop), &mut watch).await, 1);
        assert_eq!((size(&cx, lately).await, size(&cx, either).await), (2, 3));
        let after = shop.zone.date(later.now);
        let moves = segment::moves(&cx, lately, ((after, after), i64::MAX, 10)).await.unwrap();
        assert_eq!(moves.len(), 1);
        assert_eq!((moves[0].groups[0].cause, moves[0].groups[0].entered), (Cause::Time, false));

        // Whoever starts again finds everything as it was.
        let (mut held, mut watch) = (Held::new(&cx), Watch::default());
        assert_eq!(held.turn(&home, (&later, &shop), &mut watch).await, 0);
        let mut now_in: BTreeMap<i64, RoaringBitmap> = BTreeMap::new();
        for (number, moves) in told(&cx).await {
            let members = now_in.entry(number).or_default();
            for (entered, customers) in moves {
                for customer in customers {
                    let is_new =
                        if entered { members.insert(customer) } else { members.remove(customer) };
                    assert!(is_new, "{customer} moves once: {number}");
                }
            }
        }
        for number in [often, lately, either] {
            assert_eq!(now_in[&number], segment::members(&cx, number).await.unwrap());
        }
        let growth = segment::growth(&cx, often, (days.0, after)).await.unwrap();
        let sizes: Vec<i64> = growth.iter().map(|day| day.size).collect();
        assert_eq!((sizes, growth[0].entered), (vec![2, 2, 2, 2, 2], 2));
        segment::forget_moves(&cx, base::Date(after.0 + 1)).await.unwrap();
        let moves = segment::moves(&cx, often, (days, i64::MAX, 10)).await.unwrap();
        assert_eq!((moves.len(), moves[0].groups.len()), (1, 2), "a day is one row");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_change_in_ways_that_make_sense() {
    for home in Home::each().await {
        let (cx, shop) = home.shop("s", "CNY", "Asia/Shanghai").await;
        let rows = [(1, 1, "2025-03-01"), (2, 1, "2025-03-02"), (3, 2, "2025-03-03")];
        let path = file(&home, "first.csv", &orders(&rows));
        import(&home, "s", "orders", &[path]).await.unwrap();
        let a = make(&cx, "a", &rule("paid_orders", ">=", &json!(1))).await;
        let b = make(&cx, "b", &rule("segment", "=", &json!(a))).await;
        let (mut held, mut watch) = (Held::new(&cx), Watch::default());
        held.turn(&home, (&cx, &shop), &mut watch).await;
        assert_eq!((size(&cx, a).await, size(&cx, b).await), (2, 2));

        let patch = |expr: Value| Patch { expr: Some(expr), ..Patch::default() };
        let circle = patch(rule("segment", "!=", &json!(b)));
        let error = segment::edit(&cx, a, circle).await.unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("a → b → a"), "{}", home.kind);
        let own = patch(rule("segment", "=", &json!(a)));
        assert!(segment::edit(&cx, a, own).await.is_err());
        let nobody = patch(rule("segment", "=", &json!(99)));
        assert_eq!(segment::edit(&cx, a, nobody).await.unwrap_err().field.unwrap(), "expr");
        let stale = Patch { version: Some(7), ..patch(rule("paid_orders", ">", &json!(1))) };
        assert_eq!(segment::edit(&cx, a, stale).await.unwrap_err().code, base::Code::Conflict);
        let taken = Patch { name: Some("b".to_owned()), ..Patch::default() };
        assert_eq!(segment::edit(&cx, a, taken).await.unwrap_err().field.unwrap(), "name");
        assert!(segment::set_state(&cx, a, State::Archived).await.is_err(), "b counts on it");
        assert!(segment::set_state(&cx, a, State::Draft).await.is_err());
        assert!(segment::remove(&cx, b).await.is_err(), "it is active");

        let kept =
            segment::snapshot(&cx, ("kept", ""), (Err(a), cx.now.utc_day())).await.unwrap().number;
        let edited = segment::edit(&cx, a, patch(rule("paid_orders", ">", &json!(1)))).await;
        assert_eq!(edited.unwrap().version, 2);
        held.turn(&home, (&cx, &shop), &mut watch).await;
        let sizes = (size(&cx, a).await, size(&cx, b).await, size(&cx, kept).await);
        assert_eq!(sizes, (1, 1, 2), "what is kept stays");
        let today = shop.zone.date(cx.now);
        let moves = segment::moves(&cx, a, ((today, today), i64::MAX, 10)).await.unwrap();
        assert_eq!(moves[0].groups[0].cause, Cause::Edited);
        let moves = segment::moves(&cx, b, ((today, today), i64::MAX, 10)).await.unwrap();
        assert_eq!(moves[0].groups[0].cause, Cause::Others);
        assert_eq!(segment::versions(&cx, a).await.unwrap().len(), 2);
        let fixed = segment::edit(&cx, kept, patch(rule("paid_orders", ">", &json!(9)))).await;
        assert_eq!(fixed.unwrap_err().code, base::Code::Conflict);

        segment::set_state(&cx, b, State::Archived).await.unwrap();
        segment::set_state(&cx, a, State::Archived).await.unwrap();
        let path = file(&home, "more.csv", &orders(&[(4, 2, "2025-03-09")]));
        import(&home, "s", "orders", &[path]).await.unwrap();
        watch.refresh(&cx).await.unwrap();
        assert_eq!(size(&cx, a).await, 1, "it is as it was when it was put away");
        assert!(segment::remove(&cx, a).await.is_err(), "b names it");
        segment::remove(&cx, b).await.unwrap();
        segment::remove(&cx, a).await.unwrap();
        assert_eq!(segment::list(&cx).await.unwrap().len(), 1);
    }
}

/// Looks at an address until what it says will do.
fn look_until(
    server: &Server,
    who: &Person,
    path: &str,
    will_do: impl Fn(&Value) -> bool,
) -> Value {
    let mut last = Value::Null;
    until(|| {
        last = server.look(who, path).json();
        let done = will_do(&last);
        if !done {
            std::thread::sleep(Duration::from_millis(50));
        }
        done
    });
    last
}

fn beside_each_other(server: &Server, owner: &Person) {
    let all = json!({"name": "all", "expr": rule("orders", ">", &json!(0)), "active": true});
    assert_eq!(server.send(owner, "POST /api/v1/segments", &all).status, 200);
    look_until(server, owner, "/api/v1/segments/2", |one| one["size"] == 2);
    let overlap = server.look(owner, "/api/v1/segments/overlap?ids=1,2").json();
    let want = json!([{"of": [1], "customers": 1}, {"of": [0, 1], "customers": 1}]);
    assert_eq!(overlap, want);
    let path = "/api/v1/segments/compare?ids=1,2&field=net_minor";
    let told = server.look(owner, path).json();
    assert_eq!((&told["sides"][0]["sum"], &told["sides"][1]["known"]), (&json!(2000), &json!(2)));
    let path = "/api/v1/segments/compare?ids=1,2&field=lifecycle";
    assert_eq!(server.look(owner, path).json()["kind"], "text");
    for (path, status) in [
        ("/api/v1/segments/9", 404),
        ("/api/v1/segments/x", 404),
        ("/api/v1/segments/1/why/99", 404),
        ("/api/v1/segments/overlap", 400),
        ("/api/v1/segments/compare?ids=1&field=phone", 400),
        ("/api/v1/segments/1/growth?from=2025-02-01&to=2025-01-01", 400),
        ("/api/v1/customers?segment=77", 404),
    ] {
        assert_eq!(server.look(owner, path).status, status, "{path}");
    }
}

fn lists(server: &Server, owner: &Person) {
    let file = "name,nick\na,c1\nb,nobody\nc,\n";
    let head = format!("POST /api/v1/uploads?name=list.csv\n{}", owner.headers());
    let id = server.ask(&head, file).json()["upload_id"].clone();
    let form = |more: Value| {
        let mut form = json!({"name": "vips", "by": "external_id"});
        form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        server.send(owner, "POST /api/v1/segments/lists", &form)
    };
    let made = form(json!({"upload_id": id, "column": "nick"})).json();
    assert_eq!((&made["values"], &made["found"]), (&json!(2), &json!(1)), "{made}");
    assert_eq!((&made["segment"]["kind"], &made["segment"]["size"]), (&json!("list"), &json!(1)));
    let second = form(json!({"name": "two", "values": ["c1", "c2", " "]})).json();
    assert_eq!(second["found"], 2, "{second}");
    for (wrong, field) in [
        (json!({"upload_id": id, "column": "phone"}), "column"),
        (json!({"upload_id": "x"}), "upload_id"),
        (json!({}), "values"),
        (json!({"values": ["c1"]}), "name"),
    ] {
        let answer = form(wrong.clone());
        assert_eq!(answer.json()["error"]["field"], field, "{wrong}: {answer:?}");
    }
    let expr = rule("segment", "=", &made["segment"]["segment_id"]);
    let told = server.send(owner, "POST /api/v1/segments/preview", &json!({"expr": expr}));
    assert_eq!(told.json()["count"], 1, "conditions may name a list");
}

/// Conditions in words, with the shop's own names.
fn phrases(home: &Home, server: &Server, owner: &Person) {
    let read = |text: &str| {
        let sent = server.send(owner, "POST /api/v1/segments/read", &json!({"text": text}));
        assert_eq!(sent.status, 200, "{sent:?}");
        sent.json()
    };
    let told = read("买过silk 2次以上 用过券");
    assert_eq!(told["understood"], json!(["买过silk 2次以上"]), "{told}");
    assert_eq!(told["unknown"], json!([{"text": "用过券", "why": "unknown"}]), "{told}");
    let rows = &told["expr"]["rules"][0]["value"]["rules"];
    assert_eq!((&rows[0]["field"], &rows[0]["operator"]), (&json!("product_id"), &json!("in")));
    let form = json!({"expr": told["expr"]});
    let meant = server.send(owner, "POST /api/v1/segments/preview", &form).json();
    assert_eq!(meant["count"], 1, "{meant}");
    let told = read("bought 口红");
    assert_eq!(
        (&told["expr"]["rules"], &told["unknown"][0]["why"]),
        (&json!([]), &json!("no_thing"))
    );
    let long = json!({"text": "买".repeat(501)});
    let long = server.send(owner, "POST /api/v1/segments/read", &long);
    assert_eq!((long.status, &long.json()["error"]["field"]), (400, &json!("text")));
    let say = |words: &str| {
        let mut command = shuke_tests::shuke_at(home);
        command.args(["segment", "count", "--json", "--shop", "s", "--say", words, "--data"]);
        command.arg(home.dir.path()).output().unwrap()
    };
    let count = say("often的客户");
    let text = String::from_utf8_lossy(&count.stdout).into_owned();
    assert!(text.starts_with(r#"{"count":1,"#), "{count:?}");
    let lost = say("often 用过券");
    assert_eq!(lost.status.code(), Some(1), "{lost:?}");
    assert!(String::from_utf8_lossy(&lost.stderr).contains("用过券"), "{lost:?}");
}

fn lives(server: &Server, owner: &Person) {
    let life = server.look(owner, "/api/v1/lifecycle?months=2").json();
    let lost = &life["stages"][7];
    assert_eq!((&lost["stage"], &lost["customers"]), (&json!("lost"), &json!(2)), "{life}");
    assert_eq!(life["months"].as_array().unwrap().len(), 3);
    for stage in life["stages"].as_array().unwrap() {
        let name = stage["stage"].as_str().unwrap();
        let list = server.look(owner, &format!("/api/v1/customers?lifecycle={name}")).json();
        assert_eq!(list["total"], stage["customers"], "{name}: {list}");
    }
    let days = |lost: i64| json!({"lost_days": lost, "dormant_days": 20_000});
    let set = server.send(owner, "PUT /api/v1/lifecycle/setting", &days(30_000)).json();
    assert_eq!(set["stages"][5]["customers"], 2, "they are at risk: {set}");
    assert_eq!(server.send(owner, "PUT /api/v1/lifecycle/setting", &days(9)).status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_keeps_segments_and_shows_them() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "s");
        let rows = [(1, 1, "2025-03-01"), (2, 1, "2025-03-02"), (3, 2, "2025-03-03")];
        let path = file(&home, "first.csv", &orders(&rows));
        let import = shuke_tests::shuke_at(&home)
            .args(["import", "--shop", "s", "--mapping", "orders", "--data"])
            .arg(home.dir.path())
            .arg(path)
            .output()
            .unwrap();
        assert!(import.status.success(), "{import:?}");
        let expr = rule("paid_orders", ">=", &json!(2));
        let preview =
            || server.send(&owner, "POST /api/v1/segments/preview", &json!({"expr": expr}));
        until(|| preview().json()["customers"] == 2);
        let told = preview().json();
        assert_eq!((&told["count"], &told["examples"][0]["paid_orders"]), (&json!(1), &json!(2)));
        let wrong = json!({"expr": rule("paid_order", ">=", &json!(2))});
        let wrong = server.send(&owner, "POST /api/v1/segments/preview", &wrong);
        assert_eq!((wrong.status, &wrong.json()["error"]["field"]), (400, &json!("rules[0]")));
        let form = json!({"name": "often", "expr": expr, "active": true});
        let made = server.send(&owner, "POST /api/v1/segments", &form).json();
        assert_eq!(
            (&made["segment_id"], &made["state"]),
            (&json!("1"), &json!("active")),
            "{made}"
        );
        let one = look_until(&server, &owner, "/api/v1/segments/1", |one| one["size"] == 1);
        assert_eq!((&one["trend"], &one["fresh"]), (&json!([1]), &json!(true)), "{}", home.kind);
        let why = server.look(&owner, "/api/v1/segments/1/why/1").json();
        assert_eq!((&why["held"], &why["parts"][0]["found"]), (&json!(true), &json!(2)), "{why}");
        let list = server.look(&owner, "/api/v1/customers?segment=1").json();
        assert_eq!((&list["total"], &list["data"][0]["external_id"]), (&json!(1), &json!("c1")));
        beside_each_other(&server, &owner);
        phrases(&home, &server, &owner);
        lives(&server, &owner);
        let moves = server.look(&owner, "/api/v1/segments/1/moves").json();
        assert_eq!(moves["data"][0]["groups"][0]["cause"], "begun");
        let reader = server.join(&owner, "readonly");
        let answer = server.send(&reader, "POST /api/v1/segments", &form);
        assert_eq!(answer.status, 403);
        let words = server.look(&reader, "/api/v1/segments/fields").json();
        let fields = words["fields"].as_array().unwrap();
        assert!(fields.iter().any(|field| field["name"] == "lifecycle"));
        let ready = server.look(&reader, "/api/v1/segments/ready").json();
        let spenders = ready.as_array().unwrap().iter().find(|one| one["code"] == "top_spenders");
        assert_eq!(spenders.unwrap()["count"], 1, "a tenth of two, rounded up");
        lists(&server, &owner);
        let archived = json!({"state": "archived"});
        let state = server.send(&owner, "POST /api/v1/segments/1/state", &archived);
        assert_eq!(state.json()["state"], "archived");
        assert_eq!(server.send(&owner, "DELETE /api/v1/segments/1", &Value::Null).status, 204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_there_or_not_and_are_compared_whole() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "s");
        server.stop();
        let people = "客户编号,姓名\nc1,王一\nc2,李二\nc3,\nc4,王一\n";
        let path = file(&home, "people.csv", people);
        import(&home, "s", "customers", &[path]).await.unwrap();
        let server = Server::start(&home);
        until(|| server.look(&owner, "/api/v1/customers").json()["total"] == 4);
        for (operator, value, meant) in [
            ("=", json!("王一"), [true, false, false, true]),
            ("!=", json!("王一"), [false, true, false, false]),
            ("notIn", json!(["王一", "李二"]), [false; 4]),
            ("null", Value::Null, [false, false, true, false]),
            ("notNull", Value::Null, [true, true, false, true]),
        ] {
            let expr = rule("name", operator, &value);
            let told = server.send(&owner, "POST /api/v1/segments/preview", &json!({"expr": expr}));
            let count = meant.iter().filter(|held| **held).count();
            assert_eq!(told.json()["count"], count, "{} {operator} {value}", home.kind);
            for (customer, meant) in (1..).zip(meant) {
                let asked = json!({"expr": expr, "customer_id": customer.to_string()});
                let why = server.send(&owner, "POST /api/v1/segments/explain", &asked).json();
                assert_eq!(why["held"] == true, meant, "{operator} {value} {customer}: {why}");
            }
        }
        let score = json!({"expr": rule("f", "top", &json!(1))});
        let refused = server.send(&owner, "POST /api/v1/segments/preview", &score);
        assert_eq!(refused.status, 400, "a score has no top: {refused:?}");
    }
}
