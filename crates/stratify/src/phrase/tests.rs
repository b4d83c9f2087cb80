//! What people say, and what is read.

use base::Date;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::vocabulary::Vocabulary;
use super::{Reading, Why, lexicon, read};
use crate::expr;

fn today() -> Date {
    "2026-11-28".parse().unwrap()
}

fn shop() -> Vocabulary {
    let mut all = Vocabulary::new(2);
    ["广东", "北京", "浙江"].iter().for_each(|name| all.value("province", name));
    ["深圳", "杭州市"].iter().for_each(|name| all.value("city", name));
    ["18-24", "25-34", "35-44", "65+"].iter().for_each(|band| all.value("age_band", band));
    all.value("channel", "小程序");
    ["美妆 > 面膜", "美妆 > 精华", "女装 > 连衣裙"].iter().for_each(|name| all.category(name));
    all.brand("云朵");
    all.products("耳环", &[7, 9]);
    all.set("tag", 3, "爱聊天");
    all.set("segment", 5, "年货大户");
    all
}

fn said(text: &str) -> Reading {
    let reading = read(text, &shop(), today()).unwrap();
    let expr = expr::read(&reading.expr);
    assert!(expr.is_ok(), "{text}: {expr:?} {}", reading.expr);
    reading
}

fn rules(text: &str) -> Vec<Value> {
    let reading = said(text);
    assert_eq!(reading.unknown, [], "{text}");
    reading.expr["rules"].as_array().unwrap().clone()
}

fn rule(field: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({"field": field, "operator": operator, "value": value.into()})
}

/// A behaviour with a `match` or a `measure`.
fn did(field: &str, (key, how): (&str, Value), rows: &[Value]) -> Value {
    json!({"field": field, "operator": "=", key: how,
        "value": {"combinator": "and", "rules": rows}})
}

fn last(field: &str, count: u32, unit: &str) -> Value {
    rule(field, "within", json!({"last": count, "unit": unit}))
}

fn some() -> (&'static str, Value) {
    ("match", json!({"mode": "some"}))
}

fn none() -> (&'static str, Value) {
    ("match", json!({"mode": "none"}))
}

fn mask() -> Value {
    rule("category", "=", json!("美妆 > 面膜"))
}

#[test]
fn what_the_issue_asks_is_read_and_what_is_not_known_is_said() {
    let reading = said("广东 近90天买过面膜 没用过券 的女性");
    let want = [
        rule("province", "=", json!("广东")),
        did("purchases", some(), &[mask(), last("placed_at", 90, "day")]),
        rule("gender", "=", json!("female")),
    ];
    assert_eq!(reading.expr["rules"], json!(want));
    assert_eq!(reading.understood, ["广东", "近90天买过面膜", "女性"]);
    let unknown = &reading.unknown[0];
    assert_eq!((unknown.text.as_str(), unknown.why), ("没用过券", Why::Unknown));
    let english = "women in Guangdong who bought 面膜 in the last 90 days and never used a coupon";
    let reading = said(english);
    assert_eq!(reading.expr["rules"], json!([want[2], want[0], want[1]]));
    let texts: Vec<&str> = reading.unknown.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(texts, ["never used", "coupon"]);
}

#[test]
fn who_people_are() {
    let bands = rule("age_band", "in", json!(["25-34", "35-44"]));
    let not_here = json!({"combinator": "or", "rules": [rule("province", "!=", json!("广东")),
        rule("province", "null", Value::Null)]});
    let cases: [(&str, Vec<Value>); 13] = [
        (
            "广东、北京的男性",
            vec![
                rule("province", "in", json!(["广东", "北京"])),
                rule("gender", "=", json!("male")),
            ],
        ),
        ("广东或浙江", vec![rule("province", "in", json!(["广东", "浙江"]))]),
        ("Beijing or Zhejiang", vec![rule("province", "in", json!(["北京", "浙江"]))]),
        (
            "广东省深圳市",
            vec![rule("province", "=", json!("广东")), rule("city", "=", json!("深圳"))],
        ),
        ("不是广东人", vec![not_here]),
        ("25到44岁", vec![bands.clone()]),
        ("aged 25-44 years old", vec![bands]),
        ("65岁以上", vec![rule("age_band", "in", json!(["65+"]))]),
        (
            "沉睡的老客",
            vec![rule("lifecycle", "=", json!("dormant")), rule("paid_orders", ">=", json!(2))],
        ),
        ("没有手机号", vec![rule("has_phone", "=", json!(false))]),
        (
            "爱聊天，不是年货大户",
            vec![rule("tag", "=", json!("3")), rule("segment", "!=", json!("5"))],
        ),
        (
            "喜欢云朵的新客",
            vec![rule("favourite_brand", "=", json!("云朵")), rule("lifecycle", "=", json!("new"))],
        ),
        (
            "重要挽留客户 或者 流失预警",
            vec![json!({"combinator": "or", "rules": [
                rule("stratum", "=", json!("key_rescue")),
                rule("lifecycle", "=", json!("at_risk")),
            ]})],
        ),
    ];
    for (text, want) in cases {
        assert_eq!(rules(text), want, "{text}");
    }
}

fn measured(of: &str, field: &str, operator: &str, value: i64) -> (&'static str, Value) {
    let how = json!({"of": of, "field": field, "operator": operator, "value": value});
    ("measure", how)
}

fn event(name: &str) -> Value {
    rule("event", "=", name)
}

fn season(from: &str, to: &str, year: i64, lunar: bool) -> Value {
    let season = json!({"from": from, "to": to, "year": year, "lunar": lunar});
    rule("placed_at", "within", json!({"season": season}))
}

#[test]
fn what_people_did() {
    let unvisited = json!({"combinator": "or", "rules": [
        rule("last_visit_at", "notWithin", json!({"last": 30, "unit": "day"})),
        rule("last_visit_at", "null", Value::Null)]});
    let cases = [
        ("90天没买", vec![did("purchases", none(), &[last("placed_at", 90, "day")])]),
        ("超过90天没下单", vec![did("orders", none(), &[last("placed_at", 90, "day")])]),
        ("30天没来过", vec![unvisited]),
        (
            "近7天看过没买",
            vec![
                did("events", some(), &[event("Product Viewed"), last("event_time", 7, "day")]),
                did("purchases", none(), &[last("placed_at", 7, "day")]),
            ],
        ),
        (
            "近三个月买过面膜2次以上",
            vec![did(
                "purchases",
                measured("distinct", "order_id", ">=", 2),
                &[mask(), last("placed_at", 3, "month")],
            )],
        ),
        (
            "买过面膜但没买过精华",
            vec![
                did("purchases", some(), &[mask()]),
                did("purchases", none(), &[rule("category", "=", json!("美妆 > 精华"))]),
            ],
        ),
        (
            "买过面膜或精华",
            vec![did(
                "purchases",
                some(),
                &[rule("category", "in", json!(["美妆 > 面膜", "美妆 > 精华"]))],
            )],
        ),
        (
            "买过面膜和云朵",
            vec![json!({"combinator": "and", "rules": [
                did("purchases", some(), &[mask()]),
                did("purchases", some(), &[rule("brand", "=", json!("云朵"))]),
            ]})],
        ),
        (
            "买过美妆",
            vec![did("purchases", some(), &[rule("category", "beginsWith", json!("美妆"))])],
        ),
        (
            "浏览过耳环",
            vec![did(
                "events",
                some(),
                &[event("Product Viewed"), rule("product_id", "in", json!([7, 9]))],
            )],
        ),
    ];
    for (text, want) in cases {
        assert_eq!(rules(text), want, "{text}");
    }
}

#[test]
fn when_and_for_how_much() {
    let between = rule("placed_at", "within", json!({"from": "2026-02-01", "to": "2026-03-15"}));
    let cases = [
        ("消费满1,000元", vec![rule("net_minor", ">=", json!(100_000))]),
        ("spent more than 99.50", vec![rule("net_minor", ">", json!(9_950))]),
        (
            "去年消费超过2万元",
            vec![did(
                "purchases",
                measured("sum", "amount_minor", ">", 2_000_000),
                &[rule("placed_at", "within", json!({"previous": "year"}))],
            )],
        ),
        ("去年双11买过", vec![did("purchases", some(), &[season("11-01", "11-11", -1, false)])]),
        ("双12下过单", vec![did("orders", some(), &[season("12-10", "12-12", -1, false)])]),
        ("去年腊月买过", vec![did("purchases", some(), &[season("12-01", "12-29", -1, true)])]),
        ("3月买过", vec![did("purchases", some(), &[season("03-01", "03-31", 0, false)])]),
        ("2026年2月1日到2026-03-15买过", vec![did("purchases", some(), &[between])]),
        ("退过货", vec![did("orders", some(), &[rule("refunded_minor", ">", json!(0))])]),
        (
            "购物车里有连衣裙",
            vec![did("cart", some(), &[rule("category", "=", json!("女装 > 连衣裙"))])],
        ),
        ("never bought", vec![did("purchases", none(), &[])]),
    ];
    for (text, want) in cases {
        assert_eq!(rules(text), want, "{text}");
    }
}

#[test]
fn how_much_of_what() {
    let ago = |count: u32| json!({"to": {"ago": count, "unit": "day"}});
    let cases = [
        ("支付订单数至少3", rule("paid_orders", ">=", json!(3))),
        ("net spend between 500 and 1000", rule("net_minor", "between", json!([50_000, 100_000]))),
        ("积分超过500", rule("points", ">", json!(500))),
        ("储值余额至少50元", rule("stored_minor", ">=", json!(5_000))),
        ("笔单价不到两百元", rule("order_value_minor", "<", json!(20_000))),
        ("消费金额前10%", rule("net_minor", "top", json!({"share": 0.1}))),
        ("前100名消费", rule("net_minor", "top", json!(100))),
        ("注册超过90天", rule("registered_at", "within", ago(90))),
        ("注册不到30天", last("registered_at", 30, "day")),
        ("首次下单在本月", rule("first_order_at", "within", json!({"this": "month"}))),
        (
            "signed up in 2025",
            rule("registered_at", "within", json!({"from": "2025-01-01", "to": "2025-12-31"})),
        ),
        ("r分大于3", rule("r", ">", json!(3))),
        ("随机10%", rule("random", "<", json!(0.1))),
        ("渠道是小程序", rule("channel", "=", json!("小程序"))),
    ];
    for (text, want) in cases {
        assert_eq!(rules(text), [want], "{text}");
    }
}

#[test]
fn what_makes_no_condition_is_told() {
    let cases = [
        ("买过口红", "买过口红", Why::NoThing),
        ("近90天", "近90天", Why::NoDeed),
        ("面膜", "面膜", Why::NoDeed),
        ("支付订单数", "支付订单数", Why::NoAmount),
        ("30岁以上", "30岁以上", Why::AgeBands),
        ("500元", "500元", Why::NoAmount),
        ("会员", "会员", Why::Unknown),
    ];
    for (text, words, why) in cases {
        let reading = said(text);
        assert_eq!(reading.expr["rules"], json!([]), "{text}");
        let told: Vec<_> = reading.unknown.iter().map(|one| (one.text.as_str(), one.why)).collect();
        assert_eq!(told, [(words, why)], "{text}");
    }
    assert_eq!(said("买过口红").unknown[0].thing.as_deref(), Some("口红"));
    assert_eq!(said(" ，的 ").unknown, []);
    assert!(read(&"广".repeat(501), &shop(), today()).is_err());
}

proptest! {
    /// Whatever is said in words of the grammar, what is read is an expression, and no word of the
    /// text is lost: it is understood, not understood, or says nothing.
    #[test]
    fn whatever_is_said_is_read(places in prop::collection::vec((0..2_000_usize, 0..3_u8), 0..12)) {
        let mut words: Vec<&String> = lexicon::all().words.keys().collect();
        words.sort_unstable();
        prop_assert!(words.len() > 300, "the words were not read");
        let own = ["广东", "面膜", "云朵", "90天", "近30天", "2026年3月", "500", "口红", "7"];
        let mut text = String::new();
        for (place, gap) in places {
            let place = place % (words.len() + own.len());
            let word = words.get(place).map(|word| word.as_str());
            text += word.unwrap_or_else(|| own[place - words.len()]);
            text += ["", " ", "，"][usize::from(gap)];
        }
        let reading = read(&text, &shop(), today()).unwrap();
        let expr = expr::read(&reading.expr);
        prop_assert!(expr.is_ok(), "{}: {:?} {}", text, expr, reading.expr);
        let text = perceive::clean::text::narrow(&text);
        for part in reading.understood.iter().chain(reading.unknown.iter().map(|one| &one.text)) {
            prop_assert!(text.contains(part.as_str()), "{}: {}", text, part);
        }
    }
}
