//! The ledger: what customers get, spend and get back, on both databases: many at once, people who
//! turn out to be one, what happens by itself; and through the API, as a till calls it.

use base::time::DAY_MICROS;
use base::{Code, Time, Zone};
use benefit::ledger::expiry::{Expiry, Policy, Round, Span};
use benefit::ledger::{self, Deal, Matter, Unit};
use perceive::identity::Verdict;
use serde_json::{Value, json};
use shuke_tests::{Home, Person, Server, file, import, until};
use sqlx::AssertSqlSafe;
use store::Cx;

const PEOPLE: &str = "客户编号,姓名\nc1,王一\nc2,李二\nc3,赵三\n";

async fn shop(home: &Home) -> (Cx, Zone) {
    let path = file(home, "people.csv", PEOPLE);
    let (cx, ..) = import(home, "s", "customers", &[path]).await.unwrap();
    (cx.at("2026-03-01T00:00:00Z".parse().unwrap()), Zone::named("Asia/Shanghai").unwrap())
}

fn deal(person: i64, amount: i64, cause: &str) -> Deal {
    let source = (Matter::Call, person);
    let (cause, reason) = (cause.to_owned(), String::new());
    Deal { person, unit: Unit::Points, amount, cause, source, reason }
}

async fn earn(place: (&Cx, &Zone), deal: Deal) -> base::Result<i64> {
    let mut tx = place.0.write().await?;
    let booked = ledger::earn(&mut tx, place, deal, None).await?;
    tx.commit().await?;
    Ok(booked.amount)
}

async fn spend(place: (&Cx, &Zone), deal: Deal, hold: Option<i64>) -> base::Result<bool> {
    let mut tx = place.0.write().await?;
    let hold = hold.map(|micros| Some(place.0.now.plus(micros)));
    let booked = ledger::spend(&mut tx, place, deal, hold).await?;
    tx.commit().await?;
    Ok(booked.again)
}

async fn refund(place: (&Cx, &Zone), deal: Deal, of: &str) -> base::Result<i64> {
    let mut tx = place.0.write().await?;
    let booked = ledger::give_back(&mut tx, place, deal, of.to_owned()).await?;
    tx.commit().await?;
    Ok(booked.amount)
}

/// What somebody has of points: the balance, and what can be spent.
async fn has(cx: &Cx, person: i64) -> (i64, i64) {
    let mut tx = cx.read().await.unwrap();
    let own = &ledger::wallet(&mut tx, cx.now, person, &[Unit::Points]).await.unwrap()[0];
    (own.balance, own.spendable)
}

/// The laws of the books, asked of the tables: debits are credits in every unit, and every account
/// is what its lots say.
async fn check_books(home: &Home, cx: &Cx) {
    let mut tx = cx.read().await.unwrap();
    let sides = "select unit, cast(sum(debits) as bigint), cast(sum(credits) as bigint)
        from ledger_account where shop_id = $1 group by unit";
    let sides: Vec<(i64, i64, i64)> = tx.all(sides, store::binds![cx.shop]).await.unwrap();
    assert!(sides.iter().all(|(_, debits, credits)| debits == credits), "{} {sides:?}", home.kind);
    let torn = "select a.account_no, a.credits - a.debits - a.held + a.owed,
        cast(coalesce(sum(l.remaining), 0) as bigint) from ledger_account a
        left join ledger_lot l on l.shop_id = a.shop_id and l.account_no = a.account_no
        where a.shop_id = $1 and a.role = 0
        group by a.account_no, a.credits, a.debits, a.held, a.owed
        having a.credits - a.debits - a.held + a.owed <> coalesce(sum(l.remaining), 0)";
    let torn: Vec<(i64, i64, i64)> = tx.all(torn, store::binds![cx.shop]).await.unwrap();
    assert!(torn.is_empty(), "{} {torn:?}", home.kind);
    let ends =
        "select e.unit, e.expires_at from ledger_end e where e.shop_id = $1 and e.remaining <>
        (select coalesce(sum(l.remaining), 0) from ledger_lot l
        join ledger_account a on a.shop_id = l.shop_id and a.account_no = l.account_no
        where l.shop_id = e.shop_id and a.unit = e.unit and l.expires_at = e.expires_at)";
    let ends: Vec<(i64, i64)> = tx.all(ends, store::binds![cx.shop]).await.unwrap();
    assert!(ends.is_empty(), "{} {ends:?}", home.kind);
    for (side, column) in [("debits", "debit_no"), ("credits", "credit_no")] {
        let sql = AssertSqlSafe(format!(
            "select a.account_no from ledger_account a where a.shop_id = $1 and a.{side} <>
                (select coalesce(sum(t.amount), 0) from ledger_transfer t
                where t.shop_id = a.shop_id and t.{column} = a.account_no and t.kind in (0, 2, 4))"
        ));
        let torn: Vec<(i64,)> = tx.all(sql, store::binds![cx.shop]).await.unwrap();
        assert!(torn.is_empty(), "{} {side} {torn:?}", home.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_spends_what_is_not_there_however_many_try() {
    for home in Home::each().await {
        let (cx, zone) = shop(&home).await;
        let place = (&cx, &zone);
        assert_eq!(earn(place, deal(1, 100, "e")).await.unwrap(), 100);
        assert_eq!(earn(place, deal(1, 100, "e")).await.unwrap(), 100, "once");
        assert_eq!(has(&cx, 1).await, (100, 100), "{}", home.kind);
        let other = earn(place, deal(1, 101, "e")).await.unwrap_err();
        assert_eq!((other.code, other.field.as_deref()), (Code::Conflict, Some("cause")));

        let spent = spend(place, deal(1, 100, "e"), None).await.unwrap_err();
        assert_eq!((spent.code, has(&cx, 1).await), (Code::Conflict, (100, 100)), "that was given");

        // Thirty-two at once, each twice, of which ten find something.
        let tries = (0..64_i64).map(|n| {
            let (cx, zone) = (cx.clone(), zone.clone());
            let own = deal(1, 10, &format!("s{}", n / 2));
            tokio::spawn(async move { spend((&cx, &zone), own, None).await })
        });
        let tries: Vec<_> = tries.collect();
        let (mut new, mut again, mut short) = (0, 0, 0);
        for one in tries {
            match one.await.unwrap() {
                Ok(false) => new += 1,
                Ok(true) => again += 1,
                Err(refused) if refused.code == Code::Conflict => short += 1,
                Err(other) => panic!("{} {other:?}", home.kind),
            }
        }
        assert_eq!((new, again, short), (10, 10, 44), "{}", home.kind);
        assert_eq!(has(&cx, 1).await, (0, 0), "{}", home.kind);
        check_books(&home, &cx).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn value_stays_where_it_is_when_people_are_one_and_two_again() {
    for home in Home::each().await {
        let (cx, zone) = shop(&home).await;
        let place = (&cx, &zone);
        earn(place, deal(1, 60, "a")).await.unwrap();
        earn(place, deal(2, 40, "b")).await.unwrap();
        perceive::profile::decide(&cx, (1, 2), Verdict::Together).await.unwrap();
        assert_eq!(has(&cx, 1).await, (100, 100), "{}", home.kind);
        assert!(!spend(place, deal(1, 90, "s"), None).await.unwrap());
        assert_eq!(refund(place, deal(1, 50, "r"), "s").await.unwrap(), 50);
        assert_eq!(has(&cx, 1).await, (60, 60), "{}", home.kind);
        assert!(
            spend(place, deal(2, 90, "s"), None).await.unwrap(),
            "asked again by the old number"
        );
        let other = refund(place, deal(3, 1, "r9"), "s").await.unwrap_err();
        assert_eq!((other.code, other.field.as_deref()), (Code::NotFound, Some("of")));
        check_books(&home, &cx).await;
        perceive::profile::decide(&cx, (1, 2), Verdict::Apart).await.unwrap();
        let (one, two) = (has(&cx, 1).await.0, has(&cx, 2).await.0);
        assert_eq!(one + two, 60, "{}", home.kind);
        assert!(one >= 0 && two >= 0, "{one} {two}");
        let past = ledger::statement(&cx, 1, None, (None, 10)).await.unwrap();
        assert_eq!(past.iter().map(|line| line.change).sum::<i64>(), one);
        assert_eq!(refund(place, deal(1, 40, "r2"), "s").await.unwrap(), 40);
        assert_eq!((has(&cx, 1).await.0, has(&cx, 2).await.0), (60, 40), "{}", home.kind);
        check_books(&home, &cx).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_happens_by_itself() {
    for home in Home::each().await {
        let (cx, zone) = shop(&home).await;
        let place = (&cx, &zone);
        let policy = Policy {
            expiry: Expiry::Rolling { count: 10, span: Span::Day, round: Round::Day },
            spent_at_once: Some(50),
            spent_a_day: Some(80),
            ..Policy::default()
        };
        ledger::set_policy(&cx, Unit::Points, &policy).await.unwrap();
        earn(place, deal(1, 100, "e")).await.unwrap();
        let much = spend(place, deal(1, 51, "s"), None).await.unwrap_err();
        assert_eq!(much.message, "one customer spends at most 50 at once");
        spend(place, deal(1, 50, "h"), Some(DAY_MICROS)).await.unwrap();
        let much = spend(place, deal(1, 40, "s"), None).await.unwrap_err();
        assert_eq!(much.message, "one customer spends at most 80 a day", "what is held counts");
        let mut tx = cx.write().await.unwrap();
        let until = Some(Some(cx.now.plus(2 * DAY_MICROS)));
        ledger::earn(&mut tx, place, deal(1, 30, "p"), until).await.unwrap();
        tx.commit().await.unwrap();

        // A day later what is held is free; two days later what was expected is there; on the
        // eleventh day the first has run out, and ten days after it came the other.
        let at = |days: i64| cx.at(cx.now.plus(days * DAY_MICROS));
        assert_eq!(ledger::settle_due(&cx, &zone).await.unwrap(), 0);
        for (days, done, left) in [
            (0, 0, (100, 50)),
            (1, 1, (100, 100)),
            (2, 1, (130, 130)),
            (11, 1, (30, 30)),
            (13, 1, (0, 0)),
        ] {
            let cx = at(days);
            assert_eq!(ledger::settle_due(&cx, &zone).await.unwrap(), done, "day {days}");
            assert_eq!(ledger::settle_due(&cx, &zone).await.unwrap(), 0, "day {days}");
            assert_eq!(has(&cx, 1).await, left, "{} day {days}", home.kind);
            check_books(&home, &cx).await;
        }
        let late = &ledger::liability(&at(13), &zone).await.unwrap()[0];
        assert_eq!((late.outstanding, late.breakage), (0, Some(1.0)), "{late:?}");
        let wrong =
            Policy { expiry: Expiry::Calendar { days: vec!["13-40".to_owned()] }, ..policy };
        let wrong = ledger::set_policy(&cx, Unit::Points, &wrong).await.unwrap_err();
        assert_eq!(wrong.field.as_deref(), Some("expiry.days"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_touches_runs_out() {
    let home = Home::sqlite().await;
    let (cx, zone) = shop(&home).await;
    let expiry = Expiry::Inactivity { count: 30, span: Span::Day };
    let policy = Policy { expiry, ..Policy::default() };
    ledger::set_policy(&cx, Unit::Points, &policy).await.unwrap();
    let at = |days: i64| cx.at(cx.now.plus(days * DAY_MICROS));
    earn((&cx, &zone), deal(1, 100, "e")).await.unwrap();
    spend((&at(20), &zone), deal(1, 10, "s"), None).await.unwrap();
    assert_eq!(ledger::settle_due(&at(40), &zone).await.unwrap(), 0, "it was touched since");
    assert_eq!(has(&at(40), 1).await, (90, 90));
    assert_eq!(ledger::settle_due(&at(51), &zone).await.unwrap(), 1);
    assert_eq!(has(&at(51), 1).await, (0, 0));
    check_books(&home, &cx).await;
}

/// What makes no sense, or is not for whoever asks.
fn what_is_refused(server: &Server, owner: &Person) {
    let call = |path: &str, key: &str, body: Value| {
        server.send(owner, &format!("POST /api/v1/points/{path}\nIdempotency-Key: {key}"), &body)
    };
    let of = |more: Value| {
        let mut body = json!({ "customer": { "external_id": "c1" }, "amount": 1 });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let bare = server.send(owner, "POST /api/v1/points/earn", &of(json!({}))).json();
    assert_eq!(bare["error"]["field"], "Idempotency-Key", "{bare}");
    for (path, body, field) in [
        ("earn", of(json!({ "amount": 0 })), "amount"),
        ("earn", of(json!({ "amount": -5 })), "amount"),
        ("earn", of(json!({ "customer": {} })), "customer"),
        ("earn", of(json!({ "customer": { "external_id": "c9" } })), "customer"),
        ("earn", of(json!({ "customer": { "customer_id": "99" } })), "customer.customer_id"),
        ("earn", of(json!({ "pending_days": 400 })), "pending_days"),
        ("earn", of(json!({ "order": "none" })), "order"),
        ("spend", of(json!({ "hold_minutes": 0 })), "hold_minutes"),
        ("spend", of(json!({ "amount": 1_000_000 })), "amount"),
        ("refund", of(json!({ "of": "nothing" })), "of"),
        ("earn", of(json!({ "unit": "gold" })), "unit"),
    ] {
        let refused = call(path, "x", body.clone()).json();
        assert_eq!(refused["error"]["field"], field, "{path} {body}: {refused}");
    }
    let rules = server.look(owner, "/api/v1/ledger").json()[0]["policy"].clone();
    for (change, field) in [
        (json!({ "expiry": { "kind": "rolling", "count": 0, "span": "day" } }), "expiry.count"),
        (json!({ "expiry": { "kind": "rolling", "span": "day" } }), "expiry"),
        (json!({ "expiry": { "kind": "calendar", "days": ["02-30"] } }), "expiry.days"),
        (json!({ "spent_a_day": -1 }), "spent_a_day"),
    ] {
        let mut body = rules.clone();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refused = server.send(owner, "PUT /api/v1/ledger/points/policy", &body).json();
        assert_eq!(refused["error"]["field"], field, "{change}: {refused}");
    }
}

/// A change by hand above the limit, which its maker cannot approve.
fn four_eyes(server: &Server, owner: &Person) {
    let operator = server.join(owner, "operator");
    let line = "POST /api/v1/customers/2/adjustments";
    let much = json!({ "unit": "points", "amount": 10_001, "reason": "补发" });
    let own = server.send(&operator, &format!("{line}\nIdempotency-Key: k"), &much).json();
    let again = server.send(&operator, &format!("{line}\nIdempotency-Key: k"), &much).json();
    assert_eq!((&own["state"], &own), (&json!("waiting"), &again));
    let held = |path: &str| server.look(owner, path).json();
    assert_eq!(held("/api/v1/customers/2/wallet")[0]["balance"], 0);
    let decide =
        format!("POST /api/v1/adjustments/{}/decision", own["adjustment_id"].as_str().unwrap());
    let yes = json!({ "approve": true });
    assert_eq!(server.send(&operator, &decide, &yes).status, 403, "not by whoever asked");
    assert_eq!(server.send(owner, &decide, &yes).json()["state"], "booked");
    assert_eq!(server.send(owner, &decide, &yes).status, 409, "once");
    assert_eq!(held("/api/v1/customers/2/wallet")[0]["balance"], 10_001);
    let less = json!({ "unit": "points", "amount": -2, "reason": "扣错了" });
    assert_eq!(server.send(&operator, line, &less).json()["state"], "booked");
    let none = json!({ "unit": "stored", "amount": -2, "reason": "没有" });
    assert_eq!(server.send(&operator, line, &none).status, 409);
    for (body, field) in [
        (json!({ "unit": "points", "amount": 0, "reason": "x" }), "amount"),
        (json!({ "unit": "points", "amount": 1, "reason": " " }), "reason"),
    ] {
        let refused = server.send(&operator, line, &body).json();
        assert_eq!(refused["error"]["field"], field, "{refused}");
    }
    let all = held("/api/v1/adjustments")["data"].clone();
    assert_eq!(all.as_array().unwrap().len(), 2, "what was refused is not there: {all}");
    assert_eq!(held("/api/v1/adjustments?state=waiting")["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_till_earns_spends_and_gives_back() {
    for home in Home::each().await {
        let server = Server::start(&home);
        let owner = server.begin(&home, "s");
        server.stop();
        let path = file(&home, "people.csv", PEOPLE);
        import(&home, "s", "customers", &[path]).await.unwrap();
        let server = Server::start(&home);
        until(|| server.look(&owner, "/api/v1/customers").json()["total"] == 3);
        let call = |path: &str, key: &str, body: Value| {
            let line = format!("POST /api/v1/points/{path}\nIdempotency-Key: {key}");
            let done = server.send(&owner, &line, &body);
            (done.status, done.json())
        };
        let who = json!({ "external_id": "c1" });
        let with = |amount: i64| json!({ "customer": who, "amount": amount });
        let (status, done) = call("earn", "o1", with(120));
        assert_eq!((status, &done["holding"]["spendable"]), (200, &json!(120)), "{done}");
        let last = done["holding"]["lots"][0]["last_day"].as_str().unwrap().to_owned();
        assert!(last.ends_with("-12-31"), "the usual rule: {last}");
        let (_, again) = call("earn", "o1", with(120));
        assert_eq!(
            (&again["again"], &again["transfer_ids"]),
            (&json!(true), &done["transfer_ids"])
        );
        assert_eq!(call("earn", "o1", with(121)).0, 409);

        let hold = json!({ "customer": who, "amount": 100, "hold_minutes": 30 });
        let (_, held) = call("spend", "h1", hold);
        let (held_now, free) = (&held["holding"]["held"], &held["holding"]["spendable"]);
        assert_eq!((held_now, free), (&json!(100), &json!(20)));
        assert_eq!(call("spend", "s1", with(21)).0, 409);
        let settle = json!({ "customer": who, "of": "h1", "post": true });
        let (status, paid) = call("settle", "p1", settle.clone());
        assert_eq!((status, &paid["holding"]["balance"]), (200, &json!(20)), "{paid}");
        assert_eq!(call("settle", "p2", settle.clone()).0, 409, "once");
        let others = json!({ "customer": { "external_id": "c2" }, "of": "h1", "post": true });
        assert_eq!(call("settle", "p3", others).0, 404, "it is not theirs");
        let many = json!({ "customer": who, "amount": 10_001 });
        assert_eq!(call("earn", "o9", many).0, 403, "a person alone gives no more than the limit");
        let grown = json!({ "customer": who, "amount": 1, "unit": "growth" });
        assert_eq!(call("spend", "s9", grown).1["error"]["field"], "unit");
        assert_eq!(call("settle", "p1", settle).1["again"], true);
        let back = |amount: i64| json!({ "customer": who, "amount": amount, "of": "h1" });
        assert_eq!(call("refund", "r1", back(60)).1["holding"]["balance"], 80);
        assert_eq!(call("refund", "r2", back(41)).0, 409, "not more than was spent");
        let (_, whole) = call("refund", "r3", back(40));
        assert_eq!(whole["holding"]["lots"], json!([{ "remaining": 120, "last_day": last }]));

        let past = server.look(&owner, "/api/v1/customers/1/transfers?limit=2").json();
        let changes: Vec<&Value> =
            past["data"].as_array().unwrap().iter().map(|one| &one["change"]).collect();
        assert_eq!(changes, [&json!(40), &json!(60)], "{past}");
        let next = past["next"].as_str().unwrap();
        let path = format!("/api/v1/customers/1/transfers?limit=9&after={next}");
        assert_eq!(server.look(&owner, &path).json()["data"].as_array().unwrap().len(), 3);
        four_eyes(&server, &owner);
        what_is_refused(&server, &owner);
        let promised = server.look(&owner, "/api/v1/ledger").json();
        assert_eq!(
            (&promised[0]["outstanding"], &promised[0]["holders"]),
            (&json!(10_119), &json!(2))
        );
        server.stop();
        let cx = home.cx.clone();
        check_books(&home, &cx.at(Time::from_micros(0))).await;
    }
}
