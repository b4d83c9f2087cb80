//! Rules by which customers earn, on both databases: what is given for orders as they change and
//! are refunded, and for what is no order.

use std::collections::BTreeMap;

use base::Time;
use base::time::DAY_MICROS;
use benefit::earn::{self, Cart, Item, Keeper, Wish};
use benefit::ledger::expiry::Policy;
use benefit::ledger::{self, Deal, Matter, Unit};
use perceive::fold::Fold;
use perceive::{relay, source};
use serde_json::{Value, json};
use shuke_tests::{Home, NOW, send};
use store::Cx;
use store::shop::Shop;
use stratify::carts::Carts;
use stratify::expr::Sets;
use stratify::expr::whole::Shop as Whole;
use stratify::mirror::Mirror;
use stratify::sales::Sales;

/// A shop with a collector, and what keeps what its customers earn.
struct Place<'a> {
    home: &'a Home,
    shop: Shop,
    source: i64,
    fold: Fold,
    mirror: Mirror,
    keeper: Keeper,
    sent: usize,
}

impl<'a> Place<'a> {
    async fn new(home: &'a Home) -> (Cx, Self) {
        let (cx, shop) = home.shop("s", "CNY", "Asia/Shanghai").await;
        let source = source::create(&cx, "site").await.unwrap().number;
        let (fold, mirror, keeper) = (Fold::default(), Mirror::empty(cx.shop), Keeper::default());
        (cx.at(NOW), Self { home, shop, source, fold, mirror, keeper, sent: 0 })
    }

    /// Something that ann, or somebody else, did.
    async fn says(&mut self, cx: &Cx, who: &str, event: &str, (at, told): (&str, Value)) {
        self.sent += 1;
        let kind = if event == "identify" { "identify" } else { "track" };
        let about = if event == "identify" { "traits" } else { "properties" };
        let message = json!({
            "type": kind, "event": event, "messageId": format!("m{}", self.sent), "userId": who,
            "timestamp": at, about: told,
        });
        send(cx, self.source, &[message.to_string()]).await;
        self.fold.drain(cx).await.unwrap();
    }

    /// Books what is missing; how many things changed.
    async fn turn(&mut self, cx: &Cx) -> usize {
        relay::flush(cx, &self.home.lake).await.unwrap();
        ledger::settle_due(cx, &self.shop.zone).await.unwrap();
        let mut next = self.mirror.hand_over();
        next.refresh(cx).await.unwrap();
        self.mirror = next;
        if self.keeper.refresh(cx).await.unwrap().is_none() {
            return 0;
        }
        let mut sales = Sales::default();
        sales.refresh(cx).await.unwrap();
        let whole = Whole {
            cx,
            zone: &self.shop.zone,
            lake: &self.home.lake,
            mirror: &self.mirror,
            scores: &[],
            stages: &[],
            sales: &sales,
            carts: &Carts::load(cx).await.unwrap(),
            sets: &Sets::default(),
            threads: 2,
        };
        let changed = self.keeper.turn(&whole).await.unwrap();
        let cart = Cart {
            items: vec![Item { sku: "s1".to_owned(), quantity: 1, amount_minor: 12_345 }],
            paid_minor: 12_345,
        };
        earn::would(&whole, &cart, Some(1)).await.unwrap();
        changed
    }
}

fn wish(name: &str, terms: Value) -> Wish {
    let (name, note) = (name.to_owned(), String::new());
    let terms = serde_json::from_value(terms).unwrap();
    Wish { name, note, unit: Unit::Points, active: true, terms }
}

async fn make(cx: &Cx, name: &str, terms: Value) -> i64 {
    earn::make(cx, wish(name, terms)).await.unwrap().number
}

/// Points for each yuan, once goods can come back no more.
fn by_money(amount: i64) -> Value {
    json!({
        "trigger": {"kind": "order_paid"}, "wait_days": 7, "from": "2025-12-01",
        "formula": {"kind": "per_money", "amount": amount, "per_minor": 100},
    })
}

/// What somebody has of points, what is expected, and what they owe.
async fn has(cx: &Cx, person: i64) -> (i64, i64, i64) {
    let mut tx = cx.read().await.unwrap();
    let own = &ledger::wallet(&mut tx, cx.now, person, &[Unit::Points]).await.unwrap()[0];
    (own.balance, own.pending, own.owed)
}

fn order(id: &str, lines: &[(&str, &str, i64)], shipping: i64) -> Value {
    let total: i64 = lines.iter().map(|line| line.2).sum();
    let products: Vec<Value> = lines
        .iter()
        .map(|(sku, category, price)| {
            json!({"product_id": sku, "category": category, "price": price, "quantity": 1})
        })
        .collect();
    json!({"order_id": id, "total": total + shipping, "shipping": shipping, "currency": "CNY",
        "products": products})
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_earns_what_stays_of_it() {
    for home in Home::each().await {
        let (cx, mut place) = Place::new(&home).await;
        make(&cx, "a point a yuan", by_money(1)).await;
        let masks = make(
            &cx,
            "masks",
            json!({
                "trigger": {"kind": "order_received"}, "from": "2025-12-01",
                "formula": {"kind": "per_item", "amount": 50}, "scope": {"categories": ["mask"]},
            }),
        )
        .await;
        let bought = order("A", &[("s1", "dress", 300), ("s2", "mask", 100)], 10);
        place.says(&cx, "ann", "Order Completed", ("2025-12-30T02:00:00Z", bought)).await;
        let before = order("B", &[("s1", "dress", 300)], 0);
        place.says(&cx, "ann", "Order Completed", ("2025-11-30T02:00:00Z", before)).await;
        assert_eq!(place.turn(&cx).await, 1, "what was before the rule's first day is not meant");
        assert_eq!(has(&cx, 1).await, (0, 400, 0), "{}: postage earns nothing", home.kind);
        assert_eq!(place.turn(&cx).await, 0);

        // What is said anew is for what comes from now on.
        earn::edit(&cx, 1, wish("two points", by_money(2))).await.unwrap();
        // The mask comes back: its share goes, and nothing is given for it when goods arrive.
        let back = json!({"order_id": "A", "total": 100,
            "products": [{"product_id": "s2", "price": 100, "quantity": 1}]});
        place.says(&cx, "ann", "Order Refunded", ("2025-12-31T02:00:00Z", back)).await;
        assert_eq!(place.turn(&cx).await, 1);
        assert_eq!(has(&cx, 1).await, (0, 300, 0), "{}", home.kind);
        let arrived = json!({"order_id": "A"});
        place.says(&cx, "ann", "Order Received", ("2025-12-31T04:00:00Z", arrived)).await;
        place.turn(&cx).await;
        assert_eq!(has(&cx, 1).await, (0, 300, 0), "{}", home.kind);

        comes_back_late(&cx, place, masks).await;
    }
}

/// What comes back when the points for it are there, and spent.
async fn comes_back_late(cx: &Cx, mut place: Place<'_>, masks: i64) {
    let home = place.home;
    // When goods can come back no more, it is there; what does so all the same is taken.
    let later = cx.at(NOW.plus(8 * DAY_MICROS));
    place.turn(&later).await;
    assert_eq!(has(&later, 1).await, (300, 0, 0), "{}", home.kind);
    let deal = Deal {
        person: 1,
        unit: Unit::Points,
        amount: 250,
        cause: "till/1".to_owned(),
        source: (Matter::Call, 1),
        reason: String::new(),
    };
    let mut tx = later.write().await.unwrap();
    ledger::spend(&mut tx, (&later, &place.shop.zone), deal, None).await.unwrap();
    tx.commit().await.unwrap();
    let back = json!({"order_id": "A", "total": 100.5});
    place.says(&later, "ann", "Order Refunded", ("2026-01-07T02:00:00Z", back)).await;
    place.turn(&later).await;
    assert_eq!(has(&later, 1).await, (-51, 0, 51), "{}: it was spent, so it is owed", home.kind);

    // What the shop lets go of instead.
    let kind = Policy { debt: false, ..Policy::usual(Unit::Points) };
    ledger::set_policy(&later, Unit::Points, &kind).await.unwrap();
    let back = json!({"order_id": "A", "total": 99.5});
    place.says(&later, "ann", "Order Refunded", ("2026-01-07T03:00:00Z", back)).await;
    place.turn(&later).await;
    assert_eq!(has(&later, 1).await, (-51, 0, 51), "{}", home.kind);
    let given: BTreeMap<i64, i64> = earn::list(&later)
        .await
        .unwrap()
        .into_iter()
        .map(|(rule, total)| (rule.number, total.amount))
        .collect();
    assert_eq!(given, BTreeMap::from([(1, 100), (masks, 0)]), "{}", home.kind);
    assert!(earn::remove(&later, 1).await.is_err());
    earn::remove(&later, masks).await.unwrap_err();
}

/// Rules that are about no order.
async fn beside_orders(cx: &Cx) {
    let from = "2025-12-01";
    make(
        cx,
        "reviews",
        json!({
            "trigger": {"kind": "review"}, "from": from, "caps": {"a_day": 15},
            "formula": {"kind": "fixed", "amount": 10},
        }),
    )
    .await;
    make(
        cx,
        "three days in a row",
        json!({
            "trigger": {"kind": "streak", "event": "Signed In", "days": 3}, "from": from,
            "formula": {"kind": "fixed", "amount": 100},
        }),
    )
    .await;
    make(
        cx,
        "birthday",
        json!({
            "trigger": {"kind": "birthday"}, "from": from,
            "formula": {"kind": "fixed", "amount": 1_000},
        }),
    )
    .await;
    make(
        cx,
        "profile",
        json!({
            "trigger": {"kind": "profile"}, "from": from,
            "condition": {"combinator": "and", "rules": [
                {"field": "province", "operator": "=", "value": "广东"},
            ]},
            "formula": {"kind": "fixed", "amount": 10_000},
        }),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_order_earns_once() {
    for home in Home::each().await {
        let (cx, mut place) = Place::new(&home).await;
        beside_orders(&cx).await;
        let reviewed = |id: &str| json!({"review_id": id, "product_id": "s1", "rating": 5});
        for (at, id) in [("01", "r1"), ("02", "r2"), ("03", "r3")] {
            let at = format!("2025-12-30T{at}:00:00Z");
            place.says(&cx, "ann", "Product Reviewed", (&at, reviewed(id))).await;
        }
        let next = "2025-12-31T01:00:00Z";
        place.says(&cx, "ann", "Product Reviewed", (next, reviewed("r4"))).await;
        for at in ["27T01", "28T02", "28T09", "29T03", "30T04", "31T05"] {
            let at = format!("2025-12-{at}:00:00Z");
            place.says(&cx, "ann", "Signed In", (&at, json!({}))).await;
        }
        place.turn(&cx).await;
        assert_eq!(has(&cx, 1).await.0, 15 + 10 + 100, "{}", home.kind);

        // NOW is the first of January, in the shop's zone as well.
        let traits = json!({"phone": "13800000001", "birthday": "1990-01-01", "gender": "女",
            "province": "广东省"});
        place.says(&cx, "ann", "identify", ("2025-12-31T06:00:00Z", traits.clone())).await;
        let elsewhere = json!({"phone": "13800000002", "birthday": "1990-02-01", "gender": "女",
            "province": "北京"});
        place.says(&cx, "bob", "identify", ("2025-12-31T06:00:00Z", elsewhere)).await;
        for minute in 1..4 {
            place.turn(&cx.at(NOW.plus(minute * 60 * 1_000_000))).await;
        }
        assert_eq!(has(&cx, 1).await.0, 125 + 1_000 + 10_000, "{}", home.kind);
        assert_eq!(has(&cx, 2).await.0, 0, "{}", home.kind);
        let a_year = "2027-01-01T04:00:00Z".parse::<Time>().unwrap();
        place.turn(&cx.at(a_year)).await;
        let mut tx = cx.read().await.unwrap();
        let own = ledger::wallet(&mut tx, NOW, 1, &[Unit::Points]).await.unwrap();
        assert!(own[0].balance > 11_125, "{}: again the year after: {own:?}", home.kind);
    }
}

/// Postage is taken off where it is in what was paid, and only there.
#[tokio::test(flavor = "multi_thread")]
async fn postage_earns_nothing_and_takes_nothing() {
    for home in Home::each().await {
        let (cx, mut place) = Place::new(&home).await;
        make(&cx, "a point a yuan", by_money(1)).await;
        let told = order("A", &[("s1", "dress", 300)], 10);
        place.says(&cx, "ann", "Order Completed", ("2025-12-30T02:00:00Z", told)).await;
        let summed = json!({"order_id": "B", "shipping": 10, "currency": "CNY",
            "products": [{"product_id": "s1", "price": 300, "quantity": 1}]});
        place.says(&cx, "bob", "Order Completed", ("2025-12-30T03:00:00Z", summed)).await;
        place.turn(&cx).await;
        assert_eq!(has(&cx, 1).await, (0, 300, 0), "{}: of what was paid", home.kind);
        assert_eq!(has(&cx, 2).await, (0, 300, 0), "{}: of the sum of lines", home.kind);
    }
}
