//! Coupons: what is handed out, locked, redeemed and rolled back, on both databases: many at once,
//! a server that is killed, people who turn out to be one, who is told to nobody; and through the
//! API, as a till calls it.

mod killed;

use std::collections::BTreeSet;

use base::{Code, Zone};
use benefit::coupon::call::{Back, Call, Deed, Move, Named, Spend};
use benefit::coupon::issue::{self, State, To};
use benefit::coupon::rule::Terms;
use benefit::coupon::till::{Till, WRONG_MAX, till};
use benefit::coupon::{self, How, Origin, held};
use perceive::identity::Verdict;
use roaring::RoaringBitmap;
use serde_json::{Value, json};
use shuke_tests::{Home, Person, Server, file, import, until};
use store::{Cx, binds};

const PEOPLE: &str = "客户编号,姓名\nc1,王一\nc2,李二\nc3,赵三\n";
const MINUTE: i64 = 60_000_000;
/// Clients that redeem at once.
const CLIENTS: u64 = 64;

/// 5 off anything, with changes to it.
fn saying(change: &Value) -> Value {
    let steps = json!([{ "from": { "kind": "none" }, "gives": { "minor": 500 } }]);
    let mut terms = json!({
        "offer": {
            "effect": { "kind": "amount_off", "steps": steps },
            "scope": { "goods": { "kind": "all" } },
        },
        "validity": { "kind": "between", "from": "2020-01-01", "to": "2099-12-31" },
        "limits": { "stock": "unlimited", "budget": "unlimited", "each": "unlimited" },
        "uses_per_code": "unlimited",
    });
    terms.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    terms
}

fn stock(stock: i64) -> Value {
    json!({ "limits": { "stock": stock, "budget": "unlimited", "each": "unlimited" } })
}

async fn made(cx: &Cx, name: &str, change: Value) -> i64 {
    let terms: Terms = serde_json::from_value(saying(&change)).unwrap();
    let wish = coupon::Wish { name: name.to_owned(), note: String::new(), terms };
    coupon::make(cx, wish).await.unwrap().number
}

async fn issued(cx: &Cx, coupon: i64, (cause, to): (&str, To)) -> base::Result<issue::Batch> {
    let (origin, reason, cause) = (Origin::SHOP, String::new(), cause.to_owned());
    let wish = issue::Wish { coupon, to, origin, reason, cause };
    issue::begin(cx, &zone(), wish).await
}

fn zone() -> Zone {
    Zone::named("Asia/Shanghai").unwrap()
}

fn people(numbers: impl IntoIterator<Item = u32>, private: bool) -> To {
    let people: RoaringBitmap = numbers.into_iter().collect();
    let how = if private { How::Segment } else { How::List };
    To::People { people, how, private, segment: private.then_some(1) }
}

/// A till over a context, which answers until the test ends.
fn tilling(cx: &Cx) -> Till {
    let (line, end) = till();
    let cx = cx.clone();
    tokio::spawn(end.run(move || cx.clone()));
    line
}

fn spend(code: &str) -> Spend {
    Spend { code: Named::new(code), amount: None, lines: Vec::new(), order: String::new() }
}

async fn ask(till: &Till, cx: &Cx, (cause, deed): (&str, Deed)) -> base::Result<Move> {
    let call = Call::new((cause.to_owned(), "till".to_owned()), None, deed)?;
    till.ask(cx, &zone(), call).await
}

async fn shop(home: &Home) -> Cx {
    let path = file(home, "people.csv", PEOPLE);
    let (cx, ..) = import(home, "s", "customers", &[path]).await.unwrap();
    cx.at("2026-03-01T00:00:00Z".parse().unwrap())
}

/// The laws of the tables: what a coupon has given is what its uses say.
async fn check(home: &Home, cx: &Cx) {
    let mut tx = cx.read().await.unwrap();
    let torn = "select n.coupon_no, n.open, n.used, n.spent from coupon_count n
        where n.shop_id = $1 and (
            n.open <> (select count(*) from coupon_use u where u.shop_id = n.shop_id
                and u.coupon_no = n.coupon_no and u.state = 1)
            or n.used <> (select count(*) from coupon_use u where u.shop_id = n.shop_id
                and u.coupon_no = n.coupon_no and u.state = 2)
            or n.spent <> (select coalesce(sum(u.amount - u.back), 0) from coupon_use u
                where u.shop_id = n.shop_id and u.coupon_no = n.coupon_no))";
    let torn: Vec<(i64, i64, i64, i64)> = tx.all(torn, binds![cx.shop]).await.unwrap();
    assert!(torn.is_empty(), "{} {torn:?}", home.kind);
    let torn = "select c.code_no, c.open, c.used from coupon_code c
        where c.shop_id = $1 and (c.uses_max is not null and c.open + c.used > c.uses_max
            or c.open <> (select count(*) from coupon_use u where u.shop_id = c.shop_id
                and u.code_no = c.code_no and u.state = 1))";
    let torn: Vec<(i64, i64, i64)> = tx.all(torn, binds![cx.shop]).await.unwrap();
    assert!(torn.is_empty(), "{} {torn:?}", home.kind);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_is_never_exceeded_however_many_redeem_at_once() {
    for home in Home::each().await {
        let cx = shop(&home).await;
        let till = tilling(&cx);
        let coupon = made(&cx, "few", stock(40)).await;
        issued(&cx, coupon, ("w", To::Shared("SPRING26".to_owned()))).await.unwrap();
        let other = issued(&cx, coupon, ("w2", To::Shared("spring-26".to_owned()))).await;
        assert_eq!(other.unwrap_err().code, Code::Conflict, "there is one");
        // Each twice, of which forty find something.
        let tries = (0..2 * CLIENTS).map(|n| {
            let (till, cx) = (till.clone(), cx.clone());
            tokio::spawn(async move {
                let deed = Deed::Redeem(spend("Spring 26"), None);
                ask(&till, &cx, (&format!("r{}", n / 2), deed)).await
            })
        });
        let (mut uses, mut taken, mut none) = (BTreeSet::new(), 0, 0);
        for one in tries.collect::<Vec<_>>() {
            match one.await.unwrap() {
                Ok(moved) => {
                    taken += 1;
                    uses.insert(moved.usage);
                }
                Err(refused) => {
                    assert_eq!(refused.message, "there are none left", "{}", home.kind);
                    none += 1;
                }
            }
        }
        assert_eq!((uses.len(), taken, none), (40, 80, 48), "{}", home.kind);
        check(&home, &cx).await;
        let count = coupon::get(&cx, coupon).await.unwrap().count;
        assert_eq!((count.taken, count.used, count.spent), (40, 40, 20_000), "{}", home.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_is_free_again_when_its_time_is_over() {
    for home in Home::each().await {
        let cx = shop(&home).await;
        let coupon = made(&cx, "one", stock(1)).await;
        issued(&cx, coupon, ("w", To::Shared("ONLYONE".to_owned()))).await.unwrap();
        let now = tilling(&cx);
        let lock = || Deed::Lock(spend("onlyone"), 10 * MINUTE);
        let locked = ask(&now, &cx, ("l1", lock())).await.unwrap();
        let full = ask(&now, &cx, ("l2", lock())).await.unwrap_err();
        assert_eq!(full.message, "there are none left", "{}", home.kind);
        let late = cx.at(cx.now.plus(11 * MINUTE));
        let then = tilling(&late);
        let over = Deed::Redeem(spend("onlyone"), Some("l1".to_owned()));
        let over = ask(&then, &late, ("r1", over)).await.unwrap_err();
        assert_eq!(over.field.as_deref(), Some("of"), "{over:?}");
        assert_eq!(ask(&then, &late, ("l1", lock())).await.unwrap(), locked, "the first answer");
        ask(&then, &late, ("l2", lock())).await.unwrap();
        let used = Deed::Redeem(spend("onlyone"), Some("l2".to_owned()));
        ask(&then, &late, ("r2", used)).await.unwrap();
        check(&home, &cx).await;
        let back = Back {
            code: Named::new("onlyone"),
            of: "r2".to_owned(),
            amount: Some(200),
            lines: Vec::new(),
        };
        let part = ask(&then, &late, ("b1", Deed::Back(back.clone()))).await.unwrap();
        assert_eq!((part.amount, part.rest), (500, 300), "{}", home.kind);
        let back = Back { amount: None, ..back };
        ask(&then, &late, ("b2", Deed::Back(back))).await.unwrap();
        let count = coupon::get(&cx, coupon).await.unwrap().count;
        assert_eq!((count.taken, count.used, count.spent), (0, 0, 0), "{}", home.kind);
        check(&home, &cx).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn coupons_stay_where_they_are_when_people_are_one_and_two_again() {
    for home in Home::each().await {
        let cx = shop(&home).await;
        let each = json!({ "limits": { "stock": "unlimited", "budget": "unlimited", "each": 1 } });
        let coupon = made(&cx, "each", each).await;
        issued(&cx, coupon, ("one", people([1], false))).await.unwrap();
        issued(&cx, coupon, ("two", people([2], false))).await.unwrap();
        let of = async |person| held::of_customer(&cx, person, (None, 10)).await.unwrap();
        let code = of(1).await.remove(0).shown;
        perceive::profile::decide(&cx, (1, 2), Verdict::Together).await.unwrap();
        assert_eq!(of(1).await.len(), 2, "{}", home.kind);
        let both = issued(&cx, coupon, ("both", people([1, 2, 3], false))).await.unwrap();
        assert_eq!((both.total, both.given, both.state), (3, 1, State::Done), "one person has two");
        let till = tilling(&cx);
        let theirs = |person| {
            let deed = Deed::Redeem(spend(&code), None);
            Call::new((format!("r{person}"), String::new()), Some(person), deed).unwrap()
        };
        let other = till.ask(&cx, &zone(), theirs(3)).await.unwrap_err();
        assert_eq!(other.field.as_deref(), Some("customer"), "{other:?}");
        till.ask(&cx, &zone(), theirs(2)).await.unwrap();
        perceive::profile::decide(&cx, (1, 2), Verdict::Apart).await.unwrap();
        let states = async |person| -> Vec<&str> {
            of(person).await.iter().map(|own| own.standing.name()).collect()
        };
        assert_eq!((states(1).await, states(2).await), (vec!["redeemed"], vec!["held"]));
        check(&home, &cx).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_a_private_segment_is_told_when_they_use_what_they_got() {
    for home in Home::each().await {
        let cx = shop(&home).await;
        let few = made(&cx, "few", stock(10)).await;
        let told = issued(&cx, few, ("f", people([1, 2], true))).await.unwrap_err();
        assert_eq!((told.code, told.field.as_deref()), (Code::Forbidden, Some("segment_id")));
        let coupon = made(&cx, "all", json!({})).await;
        let batch = issued(&cx, coupon, ("all", people([1, 2], true))).await.unwrap();
        let done = issue::step(&cx, &zone(), batch.number, &[]).await.unwrap();
        assert_eq!((done.state, done.given), (State::Done, 2), "{}", home.kind);
        assert!(held::of_customer(&cx, 1, (None, 10)).await.unwrap().is_empty());
        assert!(coupon::get(&cx, coupon).await.unwrap().private);
        let hidden = held::of_batch(&cx, batch.number, (None, 10)).await.unwrap_err();
        assert_eq!(hidden.code, Code::Forbidden);
        // As the buyer has it, who was sent it.
        let mut tx = cx.read().await.unwrap();
        let code = coupon::cipher(&mut tx, &cx).await.unwrap().code(batch.first);
        drop(tx);
        let till = tilling(&cx);
        ask(&till, &cx, ("r", Deed::Redeem(spend(&code), None))).await.unwrap();
        let own = held::of_customer(&cx, 1, (None, 10)).await.unwrap();
        assert_eq!((own.len(), own[0].standing.name()), (1, "redeemed"), "{}", home.kind);
        assert!(held::of_customer(&cx, 2, (None, 10)).await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_of_a_form_or_from_a_list_once() {
    for home in Home::each().await {
        let cx = shop(&home).await;
        let coupon = made(&cx, "codes", stock(40)).await;
        let few = issued(&cx, coupon, ("few", To::Form("VIP-##".to_owned(), 9))).await;
        assert_eq!(few.unwrap_err().field.as_deref(), Some("pattern"), "too easy to guess");
        let formed = To::Form("VIP-####-****".to_owned(), 30);
        let formed = issued(&cx, coupon, ("formed", formed)).await.unwrap();
        assert_eq!((formed.given, formed.state), (30, State::Done), "{}", home.kind);
        let codes = held::of_batch(&cx, formed.number, (None, 50)).await.unwrap();
        let words: BTreeSet<&str> = codes.iter().map(|own| own.shown.as_str()).collect();
        assert_eq!((words.len(), codes[0].shown.len()), (30, 13), "{words:?}");
        let listed: Vec<String> =
            ["abcd 1", "ABCD-I", "x", "Other77", &codes[0].shown, "abcde"].map(String::from).into();
        let count = i64::try_from(listed.len()).unwrap();
        let upload = To::Import { upload: "f".to_owned(), column: None, count };
        let batch = issued(&cx, coupon, ("import", upload)).await.unwrap();
        let done = issue::step(&cx, &zone(), batch.number, &listed).await.unwrap();
        assert_eq!((done.next, done.given, done.state), (6, 3, State::Done), "{}", home.kind);
        let found = held::find(&cx, "other-77").await.unwrap();
        assert_eq!(found.held.shown, "Other77");
        held::withdraw(&cx, "OTHER77").await.unwrap();
        let till = tilling(&cx);
        let gone = ask(&till, &cx, ("r", Deed::Redeem(spend("other77"), None))).await.unwrap_err();
        assert_eq!(gone.message, "this code was withdrawn");
        let codes = issued(&cx, coupon, ("rest", To::Codes(30))).await.unwrap();
        assert_eq!(codes.given, 8, "40 in all, of which one was withdrawn");
    }
}

/// What makes no sense, or is not for whoever asks.
fn what_is_refused(server: &Server, owner: &Person, coupon: &str) {
    let send = |line: &str, body: Value| {
        server.send(owner, &format!("{line}\nIdempotency-Key: x"), &body).json()
    };
    let batches = format!("POST /api/v1/coupons/{coupon}/batches");
    for (line, body, field) in [
        (batches.as_str(), json!({}), "customer_ids"),
        (&batches, json!({ "count": 1, "shared": "ABCD" }), "customer_ids"),
        (&batches, json!({ "count": 0 }), "count"),
        (&batches, json!({ "shared": "a" }), "shared"),
        (&batches, json!({ "customer_ids": ["99"] }), "customer_ids"),
        (&batches, json!({ "segment_id": "99" }), "segment_id"),
        (&batches, json!({ "count": 1, "origin": { "source": "luck" } }), "origin.source"),
        ("POST /api/v1/coupons/AB12CD34/redeem", json!({}), "code"),
        ("POST /api/v1/coupons/x/lock", json!({ "ttl_seconds": 0 }), "ttl_seconds"),
        ("POST /api/v1/coupons/x/redeem", json!({ "amount_minor": -1 }), "amount_minor"),
        ("POST /api/v1/coupons", json!({ "name": " ", "terms": saying(&json!({})) }), "name"),
        ("PUT /api/v1/coupon_policy", json!({ "approval_above": -1 }), "approval_above"),
    ] {
        let refused = send(line, body.clone());
        assert_eq!(refused["error"]["field"], field, "{line} {body}: {refused}");
    }
    let bare = server.send(owner, "POST /api/v1/coupons/AB12/redeem", &json!({})).json();
    assert_eq!(bare["error"]["field"], "Idempotency-Key", "{bare}");
}

/// A coupon that can cost more than one person decides, which its maker cannot approve.
fn four_eyes(server: &Server, owner: &Person) {
    let operator = server.join(owner, "operator");
    let policy = json!({ "approval_above": 100_000 });
    assert_eq!(server.send(owner, "PUT /api/v1/coupon_policy", &policy).status, 200);
    let free = json!({ "name": "free", "terms": saying(&json!({})) });
    let own = server.send(&operator, "POST /api/v1/coupons", &free).json();
    assert_eq!((&own["waits"], &own["cost"]["total_minor"]), (&json!(true), &Value::Null));
    let path = format!("POST /api/v1/coupons/{}", own["coupon_id"].as_str().unwrap());
    let issue = format!("{path}/batches\nIdempotency-Key: early");
    assert_eq!(server.send(owner, &issue, &json!({ "count": 1 })).status, 409, "it waits");
    let yes = json!({ "approve": true });
    let decide = format!("{path}/decision");
    assert_eq!(server.send(&operator, &decide, &yes).status, 403, "not by whoever made it");
    assert_eq!(server.send(owner, &decide, &yes).json()["version_in_force"], 1);
    assert_eq!(server.send(owner, &decide, &yes).status, 409, "once");
    assert_eq!(server.send(owner, &issue, &json!({ "count": 1 })).status, 200);
    let few = json!({ "name": "free", "terms": saying(&stock(200)) });
    let edit = path.replace("POST", "PUT");
    let less = server.send(&operator, &edit, &few).json();
    assert_eq!((&less["waits"], &less["cost"]["total_minor"]), (&json!(false), &json!(100_000)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_locks_redeems_and_rolls_back() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "s");
        server.stop();
        let path = file(&home, "people.csv", PEOPLE);
        import(&home, "s", "customers", &[path]).await.unwrap();
        let server = Server::start(&home);
        until(|| server.look(&owner, "/api/v1/customers").json()["total"] == 3);
        let send = |line: &str, key: &str, body: Value| {
            let done = server.send(&owner, &format!("{line}\nIdempotency-Key: {key}"), &body);
            (done.status, done.json())
        };
        let terms = saying(&json!({ "claimable": true, "limits":
            { "stock": 9, "budget": 5_000, "each": 1 } }));
        let (_, cost) = send("POST /api/v1/coupons/cost", "x", json!({ "terms": terms }));
        assert_eq!((&cost["per_use_minor"], &cost["total_minor"]), (&json!(500), &json!(4_500)));
        let form = json!({ "name": "welcome", "terms": terms });
        let (status, made) = send("POST /api/v1/coupons", "x", form);
        assert_eq!((status, &made["cost"]), (200, &cost), "{made}");
        let coupon = made["coupon_id"].as_str().unwrap().to_owned();
        what_is_refused(&server, &owner, &coupon);

        let claims = format!("POST /api/v1/coupons/{coupon}/claims");
        let who = json!({ "customer": { "external_id": "c1" } });
        let (status, claimed) = send(&claims, "c1", who.clone());
        assert_eq!((status, &claimed["kind"]), (200, &json!("claim")), "{claimed}");
        assert_eq!(send(&claims, "c1", who.clone()), (200, claimed.clone()), "once");
        assert_eq!(send(&claims, "c1b", who.clone()).0, 409, "as many as one gets");
        let code = claimed["code"].as_str().unwrap().to_owned();
        let at = |what: &str| format!("POST /api/v1/coupons/{}/{what}", code.to_lowercase());
        let (status, would) = send(&at("validate"), "x", json!({}));
        assert_eq!((status, &would["amount_minor"]), (200, &json!(500)), "{would}");
        let (status, locked) = send(&at("lock"), "l", json!({ "order": "O1" }));
        assert_eq!((status, &locked["order"]), (200, &json!("O1")), "{locked}");
        assert_eq!(send(&at("validate"), "x", json!({})).0, 409, "it is locked");
        let lines =
            json!([{ "line": "1", "amount_minor": 300 }, { "line": "2", "amount_minor": 150 }]);
        let redeem = json!({ "of": "l", "amount_minor": 450, "lines": lines });
        let (status, used) = send(&at("redeem"), "r", redeem.clone());
        assert_eq!((status, &used["amount_minor"]), (200, &json!(450)), "{used}");
        assert_eq!(send(&at("redeem"), "r", redeem), (200, used), "the first answer");
        assert_eq!(send(&at("redeem"), "r", json!({ "of": "l" })).0, 409, "another request");
        let one = json!({ "of": "r", "lines": [{ "line": "2", "amount_minor": 150 }] });
        assert_eq!(send(&at("rollback"), "b", one).1["rest_minor"], 300);
        let (_, found) = send(&format!("GET /api/v1/coupons/codes/{code}"), "x", Value::Null);
        let moves = found["moves"].as_array().unwrap().len();
        assert_eq!((moves, &found["uses"][0]["back_minor"]), (4, &json!(150)), "{found}");
        let held = server.look(&owner, "/api/v1/customers/1/coupons").json();
        assert_eq!(held["data"][0]["state"], "redeemed", "{held}");
        let own = server.look(&owner, &format!("/api/v1/coupons/{coupon}")).json();
        assert_eq!((&own["redeemed"], &own["spent_minor"]), (&json!(1), &json!(300)), "{own}");
        assert_eq!(send(&at("rollback"), "b2", json!({ "of": "r" })).1["rest_minor"], 0);
        assert_eq!(send(&at("validate"), "x", json!({})).0, 200, "again");

        // Whoever guesses is told nothing, and then told to wait, also with a right one.
        let guess = |n: u32, code: &str| {
            let who = json!({ "customer": { "external_id": "c2" } });
            send(&format!("POST /api/v1/coupons/{code}/redeem"), &format!("g{n}"), who).0
        };
        assert!((0..WRONG_MAX).all(|n| guess(n, &format!("GUESS{n}")) == 404));
        assert_eq!((guess(98, "GUESS98"), guess(99, &code)), (429, 429), "{}", home.kind);
        assert_eq!(send(&format!("POST /api/v1/coupons/{coupon}/end"), "x", Value::Null).0, 200);
        assert_eq!(send(&claims, "c2", json!({ "customer": { "external_id": "c3" } })).0, 409);
        assert_eq!(send(&at("lock"), "l9", json!({})).0, 200, "what somebody has stays valid");
        four_eyes(&server, &owner);
    }
}
