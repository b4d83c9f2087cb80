//! Both evaluators on random expressions and random histories.

mod did;
mod refused;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use base::{ShopId, Time, Zone};
use jsonschema::Validator;
use lake::{EVENTS, Fresh, Lake, LakeOptions, Moment, ORDER_LINES, Tail};
use perceive::profile::Row;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::ahead::Known;
use super::behaviour::tally::Tally;
use super::behaviour::{Behaviour, Measure, Source, gather, history};
use super::person::{History, measure};
use super::{At, Collection, Expr, one, profile_node, read, schema};
use crate::mirror::Mirror;

use did::{
    BUYERS, Event, Line, PEOPLE, REDIRECT, carts, event, events, lines, person_of, products, sales,
};

const SHOP: ShopId = ShopId(1);
const HOUR: i64 = 3_600_000_000;

fn now() -> Time {
    "2026-03-01T04:30:00Z".parse().unwrap()
}

fn zone() -> Zone {
    Zone::named("Asia/Shanghai").unwrap()
}

fn options(folder: &std::path::Path) -> LakeOptions {
    LakeOptions { memory_bytes: 64 << 20, threads: 1, scratch: folder.join("scratch") }
}

fn moment() -> impl Strategy<Value = Value> {
    let days = vec!["2026-02-28", "2026-03-01", "2025-03-01", "2026-02-27T23:00", "today", "now"];
    let days = prop::sample::select(days).prop_map(Value::from);
    let unit = prop::sample::select(vec!["hour", "day", "week", "month"]);
    prop_oneof![
        3 => days,
        1 => Just(Value::from("2026-02-28T10:00:00Z")),
        2 => (0_u32..40, unit).prop_map(|(ago, unit)| json!({"ago": ago, "unit": unit})),
    ]
}

fn window() -> impl Strategy<Value = Value> {
    let unit = || prop::sample::select(vec!["hour", "day", "week", "month", "year"]);
    let calendar = prop::sample::select(vec!["day", "week", "month", "quarter", "year"]);
    prop_oneof![
        (0_u32..40, unit()).prop_map(|(last, unit)| json!({"last": last, "unit": unit})),
        (0_u32..40, unit()).prop_map(|(next, unit)| json!({"next": next, "unit": unit})),
        (calendar, 0_u32..3).prop_map(|(of, count)| json!({"previous": of, "count": count})),
        (moment(), moment()).prop_map(|(from, to)| json!({"from": from, "to": to})),
        (-1_i32..1, any::<bool>()).prop_map(|(year, lunar)| json!(
            {"season": {"from": "12-20", "to": "01-15", "year": year, "lunar": lunar}}
        )),
    ]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => (-2_i64..6).prop_map(Value::from),
        1 => Just(json!(1.5)),
        1 => Just(json!("2")),
        1 => Just(Value::Null),
    ]
}

fn made((field, operator, value): (&str, &str, Value)) -> Value {
    json!({"field": field, "operator": operator, "value": value})
}

/// A rule on a field of numbers, texts, times or truth values among these.
fn rule(
    numbers: &'static [&'static str],
    texts: &'static [&'static str],
    times: &'static [&'static str],
) -> impl Strategy<Value = Value> {
    let compare = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]);
    let of_number = (prop::sample::select(numbers), compare.clone(), number()).prop_map(made);
    let pair = prop::sample::select(vec!["between", "notBetween"]);
    let both = (number(), number()).prop_map(|(a, b)| json!([a, b]));
    let between = (prop::sample::select(numbers), pair, both).prop_map(made);
    let list = prop::sample::select(vec!["in", "notIn"]);
    let among = prop::collection::vec(number(), 0..4).prop_map(Value::from);
    let among = (prop::sample::select(numbers), list.clone(), among).prop_map(made);
    let words =
        || prop::sample::select(vec!["广东", "北京", "东", "", "面膜"]).prop_map(Value::from);
    let about = prop::sample::select(vec![
        "=",
        "!=",
        "contains",
        "doesNotContain",
        "beginsWith",
        "doesNotEndWith",
        "notLike",
    ]);
    let of_text = (prop::sample::select(texts), about, words()).prop_map(made);
    let some = prop::collection::vec(words(), 0..3).prop_map(Value::from);
    let of_texts = (prop::sample::select(texts), list, some).prop_map(made);
    let of_time = (prop::sample::select(times), compare, moment()).prop_map(made);
    let within = prop::sample::select(vec!["within", "notWithin", "anniversary"]);
    let within = (prop::sample::select(times), within, window()).prop_map(made);
    let every: Vec<&str> = [numbers, texts, times].concat();
    let null = prop::sample::select(vec!["null", "notNull"]);
    let null = (prop::sample::select(every), null, Just(Value::Null)).prop_map(made);
    prop_oneof![of_number, between, among, of_text, of_texts, of_time, within, null]
}

fn group(leaf: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    leaf.boxed().prop_recursive(3, 10, 3, |inner| {
        let combinator = prop::sample::select(vec!["and", "or"]);
        (prop::collection::vec(inner, 0..4), combinator, any::<bool>()).prop_map(
            |(rules, combinator, not)| {
                json!({"combinator": combinator, "not": not, "rules": rules})
            },
        )
    })
}

fn person() -> impl Strategy<Value = Row> {
    let text = prop::sample::select(vec![None, Some("广东"), Some("北京"), Some("")]);
    let at = prop::option::of(-60_i64 * 24..48);
    (any::<bool>(), text, at.clone(), at, 0_i64..4, -2_i64..5).prop_map(
        |(has_phone, province, last, registered, paid_orders, paid_minor)| Row {
            known: true,
            province: province.map(str::to_owned),
            external_id: province.map(|text| format!("{text}东")),
            last_order_at: last.map(|hours| now().micros() + hours * HOUR),
            registered_at: registered.map(|hours| now().micros() + hours * HOUR),
            paid_orders,
            paid_minor,
            has_phone,
            ..Row::default()
        },
    )
}

fn of_profile() -> impl Strategy<Value = Value> {
    let fields = rule(
        &["paid_orders", "net_minor", "order_value_minor"],
        &["province", "external_id"],
        &["last_order_at", "registered_at"],
    );
    let truth = any::<bool>()
        .prop_map(|truth| json!({"field": "has_phone", "operator": "!=", "value": truth}));
    let compare = prop::sample::select(vec!["<", "=", "!=", ">="]).prop_map(|operator| {
        json!({
            "field": "last_order_at", "operator": operator, "value": "registered_at",
            "valueSource": "field"
        })
    });
    prop_oneof![8 => fields, 1 => truth, 1 => compare]
}

/// What is measured of a collection; what has names, where different ones are counted.
fn measured(of: &str, (named, fine): (bool, bool)) -> &'static str {
    match of {
        "orders" | "refunds" => "paid_minor",
        "events" if named => "properties.n",
        "events" if fine => "properties.n",
        "purchases" | "cart" if named => "category",
        _ => "quantity",
    }
}

/// A rule on a property of an event: as a number, a text, a time or a truth value, or on whether
/// it is there.
fn of_property() -> impl Strategy<Value = Value> {
    let property = || prop::sample::select(vec!["properties.n", "properties.t"]);
    let compare = || prop::sample::select(vec!["<", "=", "!=", ">="]);
    let number = (property(), compare(), (1..4).prop_map(Value::from)).prop_map(made);
    let list = prop::sample::select(vec!["in", "notIn"]);
    let numbers = prop::collection::vec(prop::sample::select(vec![2.0, 2.5]), 1..3);
    let among = (property(), list, numbers.prop_map(Value::from)).prop_map(made);
    let time = (property(), prop::sample::select(vec!["<", ">="]), moment()).prop_map(made);
    let within = prop::sample::select(vec!["within", "notWithin"]);
    let within = (property(), within, window()).prop_map(made);
    let null = prop::sample::select(vec!["null", "notNull"]);
    let null = (property(), null, Just(Value::Null)).prop_map(made);
    prop_oneof![number, among, time, within, null]
}

fn behaviour() -> impl Strategy<Value = Value> {
    let of_events = rule(&["quantity"], &["event", "category"], &["event_time"]);
    let kinds = || prop::sample::select(vec!["Product Viewed", "Product Added"]);
    let named = (prop::sample::select(vec!["=", "!="]), kinds().prop_map(Value::from))
        .prop_map(|(operator, kind)| made(("event", operator, kind)));
    let of_events = prop_oneof![6 => of_events, 3 => named, 3 => of_property()];
    let in_cart = rule(
        &["quantity", "product_id", "amount_minor"],
        &["category", "sku"],
        &["added_at", "touched_at"],
    );
    let of_lines =
        rule(&["quantity", "product_id", "discount_minor"], &["category", "sku"], &["placed_at"]);
    let of_orders = rule(&["paid_minor", "refunded_minor"], &["status"], &["placed_at", "paid_at"]);
    let rows = prop_oneof![
        3 => group(of_events).prop_map(|rows| ("events", rows)),
        2 => group(of_lines).prop_map(|rows| ("purchases", rows)),
        1 => group(of_orders.boxed()).prop_map(|rows| ("orders", rows)),
        1 => Just(("refunds", json!({"combinator": "and", "rules": []}))),
        2 => group(in_cart.boxed()).prop_map(|rows| ("cart", rows)),
    ]
    .boxed();
    let mode = prop::sample::select(vec!["some", "none", "atLeast", "atMost", "exactly"]);
    let counted =
        (mode, 0_i64..3).prop_map(|(mode, n)| ("match", json!({"mode": mode, "threshold": n})));
    let compare = || prop::sample::select(vec!["=", "!=", "<", ">="]);
    let whole = prop::sample::select(vec!["sum", "least", "most", "distinct", "average"]);
    let summed = (whole, compare(), number()).prop_map(|(of, operator, value)| {
        ("measure", json!({"of": of, "operator": operator, "value": value}))
    });
    let recent = (compare(), number(), 1_u32..60).prop_map(|(operator, value, days)| {
        (
            "measure",
            json!({"of": "recent", "half_life": days, "operator": operator, "value": value}),
        )
    });
    let timed = (prop::sample::select(vec!["first", "last"]), compare(), moment()).prop_map(
        |(of, operator, value)| {
            ("measure", json!({"of": of, "operator": operator, "value": value}))
        },
    );
    let mode = prop::sample::select(vec!["some", "none"]);
    let within = prop::option::of((1_u32..30, prop::sample::select(vec!["hour", "day"])));
    let then = prop::option::of((rows.clone(), mode, within));
    let fine = any::<(bool, bool)>();
    (rows, prop_oneof![counted, summed, timed, recent], then, fine).prop_map(
        move |((of, rows), (key, wish), then, (named, fine))| {
            let mut rule = json!({"field": of, "value": rows, key: wish});
            if key == "measure"
                && !matches!(rule[key]["of"].as_str(), Some("first" | "last" | "recent"))
            {
                let named = named && rule[key]["of"] == "distinct";
                rule[key]["field"] = measured(of, (named, fine)).into();
            }
            if let Some(((of, rows), mode, within)) = then {
                let within = within.map(|(count, unit)| json!({"count": count, "unit": unit}));
                rule["then"] =
                    json!({"field": of, "value": rows, "match": {"mode": mode}, "within": within});
            }
            rule
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_shop_and_one_customer_agree_on_fields(
        people in prop::collection::vec(person(), 1..12),
        wish in group(of_profile()),
    ) {
        fits(&wish);
        let expr = read(&wish).unwrap();
        let zone = zone();
        let at = At { now: now(), zone: &zone };
        let rows = (1..).zip(people).map(|(customer_no, row)| Row { customer_no, ..row });
        let rows: Vec<Row> = rows.collect();
        let mut mirror = Mirror::empty(SHOP);
        mirror.put(rows.clone()).unwrap();
        let node = profile_node(&expr, at).unwrap();
        let meant: Vec<i64> = mirror.members(&node, 1).iter().map(i64::from).collect();
        for row in &rows {
            let held = one::row(&expr, &Fields(row), at).unwrap();
            prop_assert_eq!(held == Some(true), meant.contains(&row.customer_no), "{:?}", row);
        }
    }

    #[test]
    fn a_shop_and_one_customer_agree_on_behaviour(
        rows in prop::collection::vec(event(), 0..25),
        bought in prop::collection::vec(
            (1_i64..4, 1_i64..4, 1_i64..4, 0_i64..4, -1_i64..60), 0..15,
        ),
        carted in prop::collection::vec((1_i64..5, 1_i64..4, 1_i64..4, -1_i64..60), 0..10),
        private in any::<bool>(),
        wish in behaviour(),
    ) {
        fits(&wish);
        let Expr::Did(behaviour) = read(&wish).unwrap() else { panic!("{wish}") };
        let zone = zone();
        let at = At { now: now(), zone: &zone };
        let (products, sales) = (products(), sales());
        let carts = carts(&carted, &products);
        let hidden = if private { vec!["Product Added".to_owned()] } else { Vec::new() };
        let all: Vec<&Event> = rows.iter().collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let options = options(folder.path());
        let tally = runtime.block_on(async {
            let fresh = |tail| Fresh {
                tail,
                redirect: REDIRECT.into(),
                buyers: BUYERS.to_vec(),
                ..Fresh::default()
            };
            let source = Source {
                shop: SHOP,
                lake: &Lake::open(&folder.path().join("lake"), options).unwrap(),
                moment: Moment {
                    events: fresh(Tail::of(&EVENTS, SHOP, events(&all, false)).unwrap()),
                    lines: fresh(Tail::of(&ORDER_LINES, SHOP, lines(&bought, false)).unwrap()),
                    ..Moment::default()
                },
                sales: &sales,
                carts: &carts,
                hidden: &hidden,
                products: &products,
                at,
                threads: 1,
                paid: OnceCell::new(),
            };
            gather(&source, &behaviour).await.unwrap()
        });
        for person in PEOPLE {
            let own: Vec<&Event> = rows.iter()
                .filter(|row| person_of(row.label, row.order) == Some(person)).collect();
            let lines_of: Vec<Line> = bought.iter()
                .filter(|line| person_of(Some(line.0), None) == Some(person)).copied().collect();
            let mut lines = vec![lines(&lines_of, true).into_batch().unwrap()];
            history::only_paid(&mut lines, &sales).unwrap();
            let orders = |of| (of, history::orders(&sales, of, person).unwrap());
            let history = History {
                batches: HashMap::from([
                    (Collection::Events, vec![events(&own, true).into_batch().unwrap()]),
                    (Collection::Purchases, lines),
                    orders(Collection::Orders),
                    orders(Collection::Refunds),
                    (Collection::Cart, carts.of_person(person).into_iter().collect()),
                ]),
                hidden: hidden.clone(),
                products: products.iter().cloned().collect(),
            };
            let one = measure(&history, &behaviour, at).unwrap();
            let place = usize::try_from(person - 1).unwrap();
            prop_assert_eq!(tally.of(place), one, "{}", person);
        }
        ranks(&tally, &behaviour.measure, at);
    }
}

/// Checks who is the first by a measure, of those who did anything.
fn ranks(tally: &Tally, measure: &Measure, at: At<'_>) {
    let first = json!({"of": "count", "operator": "top", "value": 1});
    let Expr::Did(first) = read(&json!({"field": "orders", "measure": first})).unwrap() else {
        panic!("no behaviour")
    };
    let first = Behaviour { measure: measure.clone(), ..*first };
    let known = Known::of(tally, &first, at).unwrap();
    let had: Vec<usize> = (0..tally.places()).filter(|place| tally.has(*place)).collect();
    let best = had.iter().copied().reduce(|best, place| {
        let (a, b) = (tally.of(best).unwrap(), tally.of(place).unwrap());
        if b.in_order(&a).is_gt() { place } else { best }
    });
    assert_eq!((0..9).find(|place| known.yes.contains(*place)), best);
    let told = |place: &usize| known.yes.contains(*place) != known.no.contains(*place);
    assert!(had.iter().all(told));
}

/// Checks that conditions are as the schema says.
fn fits(wish: &Value) {
    static SCHEMA: LazyLock<Validator> =
        LazyLock::new(|| jsonschema::validator_for(&schema()).unwrap());
    let told = SCHEMA.validate(wish).map_err(|error| format!("{error} in {wish}"));
    assert_eq!(told, Ok(()));
}

/// A row of the store as fields, written out.
struct Fields<'a>(&'a Row);

impl one::Values for Fields<'_> {
    fn number(&self, name: &str) -> Option<i64> {
        match name {
            "paid_orders" => Some(self.0.paid_orders),
            "net_minor" => Some(self.0.paid_minor),
            "order_value_minor" => crate::mirror::order_value(self.0),
            "last_order_at" => self.0.last_order_at,
            "registered_at" => self.0.registered_at,
            _ => None,
        }
    }
    fn text(&self, name: &str) -> Option<std::borrow::Cow<'_, str>> {
        let text = if name == "province" { &self.0.province } else { &self.0.external_id };
        let text = text.as_deref().filter(|_| matches!(name, "province" | "external_id"));
        text.map(std::borrow::Cow::Borrowed)
    }
    fn truth(&self, name: &str) -> Option<bool> {
        (name == "has_phone").then_some(self.0.has_phone)
    }
    fn fraction(&self, _: &str) -> Option<f64> {
        None
    }
}
