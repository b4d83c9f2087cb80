use std::collections::BTreeSet;
use std::sync::Arc;

use base::time::DAY_MICROS;
use base::{Code as Kind, Time, Zone};
use proptest::prelude::*;
use serde_json::json;

use super::call::{Back, Call, Deed, LineOff, Move, Named, Spend};
use super::code::{Code, Count, Stage, Stand};
use super::register::{Numbers, Register};
use super::rule::{Cost, Most, Period, Terms};
use super::text::{Cipher, word};
use super::{How, Origin};

/// The start of a Monday in Shanghai.
const MONDAY: &str = "2026-03-01T16:00:00Z";
const MINUTE: i64 = 60_000_000;

fn now() -> Time {
    MONDAY.parse().unwrap()
}

fn zone() -> Zone {
    Zone::named("Asia/Shanghai").unwrap()
}

/// 满100减10 with these limits.
fn terms(stock: Most, budget: Most, each: Most) -> Terms {
    let from = json!({ "kind": "money", "minor": 10_000 });
    let steps = json!([{ "from": from, "gives": { "minor": 1_000 } }]);
    serde_json::from_value(json!({
        "offer": {
            "effect": { "kind": "amount_off", "steps": steps },
            "scope": { "goods": { "kind": "all" } },
        },
        "validity": { "kind": "days", "days": 7 },
        "limits": { "stock": stock, "budget": budget, "each": each },
        "uses_per_code": "unlimited",
    }))
    .unwrap()
}

/// A register with a coupon, of which code 1 is shared by many and codes 2 to 4 are people's.
fn register(terms: Terms) -> Register {
    let first = Numbers { uses: 1, codes: 10, batches: 10 };
    let mut register = Register::new(now(), zone(), first);
    let count = Count { taken: 3, ..Count::default() };
    register.load_coupon(Stand { number: 1, in_force: 1, ended: false, count });
    register.load_terms((1, 1), Arc::new(terms));
    for number in 1..=4 {
        let shared = number == 1;
        register.words.insert(format!("C0DE{number}"), number);
        register.load_code(Code {
            number,
            coupon: 1,
            version: 1,
            batch: number,
            how: if shared { How::Shared } else { How::One },
            holder: (!shared).then_some(number),
            day: zone().date(now()).0,
            from: now(),
            until: now().plus(7 * DAY_MICROS),
            uses_max: (!shared).then_some(1),
            used: 0,
            open: 0,
            void: false,
        });
    }
    register
}

fn named(code: i64) -> Named {
    Named::new(&format!("code{code}"))
}

fn spend(code: i64, amount: Option<i64>) -> Spend {
    Spend { code: named(code), amount, lines: Vec::new(), order: String::new() }
}

fn call(cause: &str, customer: Option<i64>, deed: Deed) -> Call {
    Call::new((cause.to_owned(), "till".to_owned()), customer, deed).unwrap()
}

fn lock(cause: &str, code: i64, amount: Option<i64>) -> Call {
    call(cause, None, Deed::Lock(spend(code, amount), 10 * MINUTE))
}

fn redeem(cause: &str, code: i64, of: Option<&str>) -> Call {
    call(cause, None, Deed::Redeem(spend(code, None), of.map(str::to_owned)))
}

fn back(cause: &str, code: i64, (of, amount): (&str, Option<i64>)) -> Call {
    let back = Back { code: named(code), of: of.to_owned(), amount, lines: Vec::new() };
    call(cause, None, Deed::Back(back))
}

fn refused(register: &mut Register, call: &Call) -> (Kind, String) {
    let refused = register.call(call).unwrap_err();
    (refused.code, refused.field.unwrap_or_default())
}

fn conflict(field: &str) -> (Kind, String) {
    (Kind::Conflict, field.to_owned())
}

#[test]
fn a_code_is_a_number_that_nobody_guesses() {
    let cipher = Cipher::new([7; 16]);
    for number in [1, 2, 3, 1_000_000, (1 << 40) - 1] {
        let code = cipher.code(number);
        assert_eq!(code.len(), 19, "{code}");
        assert_eq!(cipher.number(&word(&code).unwrap()), Some(number));
        assert_eq!(Cipher::new([8; 16]).number(&word(&code).unwrap()), None, "another shop's");
        let misread = code.to_lowercase().replace('0', "o").replace('1', "l").replace('-', " ");
        assert_eq!(cipher.number(&word(&misread).unwrap()), Some(number), "{misread}");
        for place in 0..16 {
            let mut wrong = word(&code).unwrap().into_bytes();
            wrong[place] = if wrong[place] == b'7' { b'8' } else { b'7' };
            assert_eq!(cipher.number(std::str::from_utf8(&wrong).unwrap()), None);
        }
    }
    assert_eq!(word("Spring-1o").as_deref(), Some("SPR1NG10"));
    assert_eq!(word("双十一 减20").as_deref(), Some("双十一减20"));
    assert_eq!([word("abc"), word("a;b;c;d"), word(&"x".repeat(41))], [None, None, None]);
}

#[test]
fn a_cost_is_none_where_nothing_limits_it() {
    let cost = |stock, budget| terms(stock, budget, Most::Unlimited).cost().total;
    assert_eq!(cost(Most::Of(50), Most::Unlimited), Some(50_000));
    assert_eq!(cost(Most::Of(50), Most::Of(20_000)), Some(20_000));
    assert_eq!(cost(Most::Unlimited, Most::Of(20_000)), Some(20_000));
    assert_eq!(cost(Most::Unlimited, Most::Unlimited), None);
    assert!(Cost { per_use: None, uses: None, total: None }.above(i64::MAX));
    let wrong = |change: serde_json::Value| {
        let own = terms(Most::Unlimited, Most::Unlimited, Most::Unlimited);
        let mut own = serde_json::to_value(own).unwrap();
        own.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let read = serde_json::from_value::<Terms>(own).map_err(|error| error.to_string())?;
        read.check().map_err(|error| error.field.unwrap_or_default())
    };
    let limits = |stock: serde_json::Value| {
        let limits = json!({ "stock": stock, "budget": 1, "each": "unlimited" });
        json!({ "limits": limits })
    };
    assert_eq!(wrong(json!({})), Ok(()));
    assert_eq!(wrong(limits(json!(0))), Err("terms.limits.stock".to_owned()));
    assert_eq!(wrong(limits(json!("many"))), Err("is a number or \"unlimited\"".to_owned()));
    let days = json!({ "kind": "between", "from": "2026-03-02", "to": "2026-03-01" });
    assert_eq!(wrong(json!({ "validity": days })), Err("terms.validity.to".to_owned()));
    let hours = json!({ "kind": "hours", "hours": 0 });
    assert_eq!(wrong(json!({ "validity": hours })), Err("terms.validity.hours".to_owned()));
}

#[test]
fn a_code_is_valid_by_the_shops_own_days() {
    let of = |validity: serde_json::Value, at: &str| {
        let own: super::rule::Validity = serde_json::from_value(validity).unwrap();
        own.of(&zone(), at.parse().unwrap()).map(|(from, until)| (from.to_string(), until))
    };
    let at = "2026-03-02T04:00:00Z";
    let (from, until) = of(json!({ "kind": "days", "days": 0 }), at).unwrap();
    assert_eq!((from.as_str(), zone().date(until).to_string()), (at, "2026-03-02".to_owned()));
    let later = json!({ "kind": "days", "days": 2, "after_days": 1 });
    let (from, until) = of(later, at).unwrap();
    assert_eq!(from, "2026-03-02T16:00:00Z");
    assert_eq!(zone().date(until).to_string(), "2026-03-05");
    let (_, until) = of(json!({ "kind": "hours", "hours": 3 }), at).unwrap();
    assert_eq!(until.to_string(), "2026-03-02T07:00:00Z");
    let over = json!({ "kind": "between", "from": "2026-02-01", "to": "2026-03-01" });
    assert_eq!(of(over, at).unwrap_err().code, Kind::Conflict);
    let first = |period: Period| period.first("2026-03-04".parse().unwrap()).to_string();
    let firsts = [Period::Day, Period::Week, Period::Month].map(first);
    assert_eq!(firsts, ["2026-03-04", "2026-03-02", "2026-03-01"]);
}

#[test]
fn a_code_is_locked_redeemed_and_rolled_back() {
    let mut own = register(terms(Most::Of(5), Most::Of(2_500), Most::Unlimited));
    let locked = own.call(&lock("l", 2, None)).unwrap();
    assert_eq!((locked.amount, locked.until), (1_000, Some(now().plus(10 * MINUTE))));
    assert_eq!(refused(&mut own, &lock("l2", 2, None)), conflict("code"));
    assert_eq!(refused(&mut own, &redeem("r2", 2, None)), conflict("code"), "it is locked");
    let less = Spend { amount: Some(900), ..spend(2, None) };
    let paid = call("r", None, Deed::Redeem(less, Some("l".to_owned())));
    assert_eq!(own.call(&paid).unwrap().amount, 900);
    assert_eq!(own.coupons[&1].count, Count { taken: 3, open: 0, used: 1, spent: 900 });
    assert_eq!(refused(&mut own, &redeem("r2", 2, Some("l"))), conflict("of"), "once");
    assert_eq!(own.call(&paid).unwrap().amount, 900, "the first answer");
    let other = call("r", None, Deed::Redeem(spend(2, Some(901)), Some("l".to_owned())));
    assert_eq!(refused(&mut own, &other), conflict("Idempotency-Key"));
    assert_eq!(own.call(&back("b", 2, ("r", Some(300)))).unwrap().rest, 600);
    assert_eq!(refused(&mut own, &back("b2", 2, ("r", Some(601)))), conflict("amount_minor"));
    assert_eq!(refused(&mut own, &lock("l3", 2, None)), conflict("code"), "still used");
    assert_eq!(own.call(&back("b3", 2, ("r", None))).unwrap().rest, 0);
    assert_eq!(own.coupons[&1].count, Count { taken: 3, open: 0, used: 0, spent: 0 });
    own.call(&lock("l4", 2, None)).unwrap();
    assert_eq!(refused(&mut own, &back("b4", 3, ("l4", None))).0, Kind::NotFound, "another code");
    own.call(&back("b5", 2, ("l4", None))).unwrap();
    assert_eq!(refused(&mut own, &redeem("r5", 2, Some("l4"))), conflict("of"), "let go of");
    // Money is taken by locks, too: of 2500 two have 1000 each.
    own.call(&lock("m2", 2, None)).unwrap();
    own.call(&lock("m3", 3, None)).unwrap();
    assert_eq!(refused(&mut own, &lock("m4", 4, None)), conflict("amount_minor"));
    own.call(&lock("m4", 4, Some(500))).unwrap();
    assert_eq!(refused(&mut own, &lock("x", 9, None)), (Kind::NotFound, "code".to_owned()));
    assert_eq!(refused(&mut own, &lock("x", 3, Some(1_001))), conflict("code"));
}

#[test]
fn lines_are_rolled_back_one_by_one() {
    let mut own = register(terms(Most::Unlimited, Most::Unlimited, Most::Unlimited));
    let line = |line: &str, amount_minor| LineOff { line: line.to_owned(), amount_minor };
    let lines = vec![line("a", 400), line("b", 500)];
    let both = Spend { lines: lines.clone(), amount: Some(900), ..spend(2, None) };
    own.call(&call("r", None, Deed::Redeem(both, None))).unwrap();
    let of = |cause: &str, lines: Vec<LineOff>| {
        let back = Back { code: named(2), of: "r".to_owned(), amount: None, lines };
        call(cause, None, Deed::Back(back))
    };
    assert_eq!(own.call(&of("b1", vec![line("b", 200)])).unwrap().rest, 700);
    assert_eq!(refused(&mut own, &of("b2", vec![line("b", 301)])), conflict("lines"));
    assert_eq!(refused(&mut own, &of("b3", vec![line("c", 1)])).0, Kind::NotFound);
    assert_eq!(own.call(&of("b4", vec![line("b", 300), line("a", 1)])).unwrap().rest, 399);
    assert_eq!(own.call(&of("b5", vec![])).unwrap().rest, 0);
    assert_eq!(own.uses[&1].stage, Stage::Back);
    let wrong = Spend { lines, amount: Some(901), ..spend(3, None) };
    let wrong = Call::new((String::from("w"), String::new()), None, Deed::Redeem(wrong, None));
    assert_eq!(wrong.unwrap_err().field.as_deref(), Some("lines"));
}

#[test]
fn a_person_gets_so_many_whoever_they_were() {
    let mut own = register(terms(Most::Of(6), Most::Unlimited, Most::Of(2)));
    own.persons.extend([(7, 5), (5, 5)]);
    let by = |cause: &str, customer| call(cause, customer, Deed::Redeem(spend(1, None), None));
    assert_eq!(refused(&mut own, &by("a", None)), (Kind::BadInput, "customer".to_owned()));
    own.call(&by("a", Some(5))).unwrap();
    own.call(&by("b", Some(7))).unwrap();
    assert_eq!(refused(&mut own, &by("c", Some(5))), conflict("customer"));
    own.call(&back("d", 1, ("a", None))).unwrap();
    own.call(&by("e", Some(5))).unwrap();
    assert_eq!(refused(&mut own, &by("f", Some(7))), conflict("customer"));
    own.call(&by("g", Some(8))).unwrap();
    assert_eq!(refused(&mut own, &by("h", Some(9))), conflict("coupon_id"), "6 in all");
    let theirs = call("i", Some(9), Deed::Redeem(spend(2, None), None));
    assert_eq!(refused(&mut own, &theirs), conflict("customer"), "it is another's");
    let claim = |cause: &str, customer, by_buyer| {
        let deed = Deed::Claim { coupon: 1, origin: Origin::SHOP, by_buyer };
        call(cause, Some(customer), deed)
    };
    assert_eq!(refused(&mut own, &claim("k", 9, false)), conflict("coupon_id"));
    own.call(&back("l", 1, ("g", None))).unwrap();
    assert_eq!(refused(&mut own, &claim("k", 9, true)), conflict("coupon_id"), "by hand only");
    let got = own.call(&claim("k", 9, false)).unwrap();
    assert_eq!((got.code, own.codes[&10].holder), (10, Some(9)));
    assert_eq!(own.call(&claim("k", 9, false)).unwrap(), got, "once");
}

#[test]
fn what_is_not_valid_is_not_used() {
    let mut own = register(terms(Most::Unlimited, Most::Unlimited, Most::Unlimited));
    own.now = now().plus(-1);
    assert_eq!(refused(&mut own, &redeem("a", 2, None)), conflict("code"), "too early");
    own.now = now();
    own.call(&lock("l", 2, None)).unwrap();
    own.now = now().plus(8 * DAY_MICROS);
    assert_eq!(refused(&mut own, &redeem("a", 3, None)), conflict("code"), "too late");
    assert_eq!(own.lapse(), 1);
    assert_eq!(refused(&mut own, &redeem("a", 2, Some("l"))), conflict("of"));
    let mut night = terms(Most::Unlimited, Most::Unlimited, Most::Unlimited);
    night.offer.hours = serde_json::from_value(json!({ "weekdays": [2] })).unwrap();
    let mut own = register(night);
    assert_eq!(refused(&mut own, &redeem("a", 2, None)), conflict("code"), "a Monday");
    own.now = now().plus(DAY_MICROS);
    own.call(&redeem("a", 2, None)).unwrap();
}

/// Something that a till may do.
#[derive(Debug, Clone)]
enum Act {
    Lock(i64, Option<i64>, Option<i64>),
    Redeem(i64, Option<usize>),
    Back(usize, Option<i64>),
    Wait(i64),
    Again(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let amount = || proptest::option::of(0..=1_000_i64);
    let customer = proptest::option::of(1..=4_i64);
    let act = prop_oneof![
        3 => (1..=4_i64, amount(), customer).prop_map(|(c, a, who)| Act::Lock(c, a, who)),
        3 => (1..=4_i64, proptest::option::of(0..40_usize)).prop_map(|(c, of)| Act::Redeem(c, of)),
        3 => (0..40_usize, amount()).prop_map(|(of, amount)| Act::Back(of, amount)),
        1 => (0..=12 * MINUTE).prop_map(Act::Wait),
        1 => (0..40_usize).prop_map(Act::Again),
    ];
    proptest::collection::vec(act, 1..80)
}

/// The laws that hold whatever happens.
fn check_laws(own: &Register, (stock, budget): (i64, i64)) {
    let count = own.coupons[&1].count;
    let of = |stage: Stage| own.uses.values().filter(move |own| own.stage == stage);
    let number = |stage| i64::try_from(of(stage).count()).unwrap();
    assert_eq!((count.open, count.used), (number(Stage::Locked), number(Stage::Redeemed)));
    let spent: i64 = own.uses.values().map(|own| own.amount - own.back).sum();
    assert_eq!(count.spent, spent, "the budget is what uses take");
    assert!((0..=budget).contains(&count.spent), "{count:?}");
    assert!(count.taken <= stock, "{count:?}");
    let shared = |own: &&super::code::Use| own.takes;
    let taken =
        of(Stage::Locked).filter(shared).count() + of(Stage::Redeemed).filter(shared).count();
    assert_eq!(count.taken, 3 + i64::try_from(taken).unwrap());
    for code in own.codes.values() {
        assert!(code.used >= 0 && code.open >= 0, "{code:?}");
        assert!(code.uses_max.is_none_or(|most| code.used + code.open <= most), "{code:?}");
    }
    for own in own.uses.values() {
        assert!((0..=own.amount).contains(&own.back), "{own:?}");
    }
}

proptest! {
    #[test]
    fn nothing_is_used_beyond_its_limit_and_asking_again_changes_nothing(
        acts in acts(), stock in 3..8_i64, budget in 1..6_000_i64,
    ) {
        let mut own = register(terms(Most::Of(stock), Most::Of(budget), Most::Unlimited));
        let mut asked: Vec<(Call, Move)> = Vec::new();
        for (place, act) in acts.into_iter().enumerate() {
            let (cause, at) = (format!("c{place}"), |n: usize| asked.get(n % asked.len().max(1)));
            let call = match act {
                Act::Lock(code, amount, customer) => {
                    call(&cause, customer, Deed::Lock(spend(code, amount), 10 * MINUTE))
                }
                Act::Redeem(code, of) => {
                    let of = of.and_then(at).map(|(call, moved)| (call.cause.clone(), moved.code));
                    let code = of.as_ref().map_or(code, |own| own.1);
                    redeem(&cause, code, of.as_ref().map(|own| own.0.as_str()))
                }
                Act::Back(of, amount) => match at(of) {
                    Some((call, moved)) => back(&cause, moved.code, (&call.cause, amount)),
                    None => continue,
                },
                Act::Wait(micros) => {
                    own.now = own.now.plus(micros);
                    own.lapse();
                    check_laws(&own, (stock, budget));
                    continue;
                }
                Act::Again(of) => match at(of).cloned() {
                    Some((call, first)) => {
                        let before = (own.coupons.clone(), own.uses.clone(), own.codes.clone());
                        prop_assert_eq!(own.call(&call).unwrap(), first);
                        let after = (own.coupons.clone(), own.uses.clone(), own.codes.clone());
                        prop_assert_eq!(before, after);
                        continue;
                    }
                    None => continue,
                },
            };
            let before = (own.coupons.clone(), own.uses.clone(), own.codes.clone());
            match own.call(&call) {
                Ok(moved) => asked.push((call, moved)),
                Err(_) => {
                    let after = (own.coupons.clone(), own.uses.clone(), own.codes.clone());
                    prop_assert_eq!(before, after, "a refusal changes nothing");
                }
            }
            check_laws(&own, (stock, budget));
        }
        // What is rolled back as a whole was never there.
        let open: BTreeSet<(i64, i64)> = own
            .uses
            .values()
            .filter(|own| matches!(own.stage, Stage::Locked | Stage::Redeemed))
            .map(|own| (own.number, own.code))
            .collect();
        for (number, code) in open {
            let begun = asked.iter().find(|(_, moved)| moved.usage == Some(number));
            let of = begun.map(|(call, _)| call.cause.clone()).unwrap();
            own.call(&back(&format!("z{number}"), code, (&of, None))).unwrap();
            check_laws(&own, (stock, budget));
        }
        prop_assert_eq!(own.coupons[&1].count, Count { taken: 3, ..Count::default() });
        prop_assert!(own.codes.values().all(|code| code.used == 0 && code.open == 0));
    }
}
