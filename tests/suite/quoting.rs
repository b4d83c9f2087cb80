//! What a cart gets of all that a shop offers, on both databases and through the API: promotions
//! that are refused when they set one price twice, levels, coupons that are held or named, points,
//! and goods that are not on sale yet.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use shuke_tests::{Home, Person, Server, file, import, until};

const ORDERS: &str = "order_id,customer_id,sku,quantity,price,订单状态,placed_at\n\
    A,ann,coat,1,1200.00,交易成功,2025-03-10 10:00:00\n\
    B,bob,coat,1,300.00,待付款,2025-06-01 10:00:00\n";
const PRODUCTS: &str = "sku,title,category,brand,price,cost,on_sale_at\n\
    coat,大衣,coats,north,300.00,100.00,\n\
    hat,帽子,hats,north,50.00,45.00,\n\
    new,新品,coats,south,200.00,,2099-01-01 00:00:00\n";

pub(super) fn promotion(name: &str, effect: &Value, goods: &Value) -> Value {
    json!({
        "name": name,
        "active": true,
        "terms": { "effect": effect, "scope": { "goods": goods } },
        "starts_at": "2020-01-01T00:00:00+08:00",
    })
}

pub(super) fn all() -> Value {
    json!({ "kind": "all" })
}

/// 满300减40.
pub(super) fn forty_off() -> Value {
    let steps =
        json!([{ "from": { "kind": "money", "minor": 30_000 }, "gives": { "minor": 4_000 } }]);
    json!({ "kind": "amount_off", "steps": steps })
}

pub(super) fn price(minor: i64) -> Value {
    json!({ "kind": "fixed_price", "price_minor": minor, "pieces": { "kind": "unlimited" } })
}

pub(super) fn line(sku: &str, pieces: i64) -> Value {
    json!({ "sku": sku, "pieces": pieces })
}

pub(super) struct Shop {
    pub(super) server: Server,
    pub(super) owner: Person,
}

impl Shop {
    pub(super) async fn open(home: &Home) -> Self {
        let server = Server::start(home);
        let owner = server.begin(home, "s");
        server.stop();
        let orders = file(home, "orders.csv", ORDERS);
        import(home, "s", "orders", &[orders]).await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "the server goes by this clock")]
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = base::Time::from_micros(i64::try_from(since.as_micros()).unwrap());
        let soon = now.plus(2 * base::time::DAY_MICROS);
        let products = format!("{PRODUCTS}soon,快来,coats,south,100.00,,{soon}\n");
        let products = file(home, "products.csv", &products);
        import(home, "s", "products", &[products]).await.unwrap();
        let server = Server::start(home);
        until(|| server.look(&owner, "/api/v1/customers").json()["total"] == 2);
        Self { server, owner }
    }

    pub(super) fn send(&self, line: &str, body: &Value) -> (u16, Value) {
        let answer = self.server.send(&self.owner, line, body);
        (answer.status, answer.json())
    }

    pub(super) fn quote(&self, body: &Value) -> Value {
        let (status, told) = self.send("POST /api/v1/quotes", body);
        assert_eq!(status, 200, "{body}: {told}");
        told
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_gets_the_best_of_what_a_shop_offers() {
    for home in Home::each().await {
        let shop = Shop::open(&home).await;
        let made =
            shop.send("POST /api/v1/promotions", &promotion("forty off", &forty_off(), &all()));
        assert_eq!((made.0, &made.1["state"]), (200, &json!("running")), "{}", made.1);

        let near = shop.quote(&json!({ "lines": [line("hat", 5)] }));
        assert_eq!((&near["off_minor"], &near["pay_minor"]), (&json!(0), &json!(25_000)));
        let miss = &near["misses"][0];
        assert_eq!(miss["lacks"], json!({ "kind": "money", "minor": 5_000 }), "{near}");
        // A hat that is sold at what it costs plus 5 bears no more than 5 of it.
        assert_eq!(near["unused"][0]["why"], "not_reached", "{near}");

        let got = shop.quote(&json!({ "lines": [line("coat", 1)], "postage_minor": 800 }));
        assert_eq!(got["steps"][0]["offer"]["name"], "forty off", "{got}");
        assert_eq!((&got["off_minor"], &got["pay_minor"]), (&json!(4_000), &json!(26_800)));
        assert_eq!(
            (&got["lines"][0]["title"], &got["proof"]["exact"]),
            (&json!("大衣"), &json!(true))
        );

        coupons(&shop);
        early(&shop);
        refused(&shop);
    }
}

/// A coupon of five off, as often as anybody wants; its number.
pub(super) fn five_off(shop: &Shop, first_order: bool) -> String {
    let steps = json!([{ "from": { "kind": "none" }, "gives": { "minor": 500 } }]);
    let offer = json!({
        "effect": { "kind": "amount_off", "steps": steps },
        "scope": { "goods": all(), "first_order": first_order },
    });
    let form = json!({
        "name": "five off",
        "terms": {
            "offer": offer,
            "validity": { "kind": "days", "days": 30 },
            "limits": { "stock": "unlimited", "budget": "unlimited", "each": "unlimited" },
            "uses_per_code": 1,
        },
    });
    let (status, coupon) = shop.send("POST /api/v1/coupons", &form);
    assert_eq!(status, 200, "{coupon}");
    coupon["coupon_id"].as_str().unwrap().to_owned()
}

/// What somebody holds counts, what somebody else holds does not.
fn coupons(shop: &Shop) {
    let id = five_off(shop, true);
    let everybody = json!({ "customer_ids": ["1", "2"], "reason": "welcome" });
    let line_of = format!("POST /api/v1/coupons/{id}/batches\nIdempotency-Key: both");
    assert_eq!(shop.send(&line_of, &everybody).0, 200);
    let held = |customer: &str| {
        let held = format!("/api/v1/customers/{customer}/coupons");
        shop.server.look(&shop.owner, &held).json()["data"].as_array().unwrap().clone()
    };
    until(|| !held("2").is_empty());
    let cart = |customer: &str| {
        let customer = json!({ "customer_id": customer });
        json!({ "customer": customer, "lines": [line("coat", 1)] })
    };
    let first = shop.quote(&cart("2"));
    assert_eq!(first["pay_minor"], 25_500, "bob never paid: {first}");
    let later = shop.quote(&cart("1"));
    assert_eq!(later["pay_minor"], 26_000, "ann did: {later}");
    assert_eq!(later["unused"][0]["why"], "first_order", "{later}");
    let code = held("2")[0]["code"].as_str().unwrap().to_owned();
    let mut named = cart("1");
    named["codes"] = json!([code]);
    let (status, told) = shop.send("POST /api/v1/quotes", &named);
    assert_eq!((status, &told["error"]["field"]), (409, &json!("codes[0]")), "it is bob's: {told}");
    named["codes"] = json!(["NOSUCHCODE"]);
    assert_eq!(shop.send("POST /api/v1/quotes", &named).0, 404);
}

/// Goods are on sale for a level earlier than for others.
fn early(shop: &Shop) {
    let cart = json!({ "lines": [line("new", 1)] });
    let (status, told) = shop.send("POST /api/v1/quotes", &cart);
    assert_eq!((status, &told["error"]["field"]), (409, &json!("lines[0]")), "{told}");
    assert!(told["error"]["message"].as_str().unwrap().contains("2098-12-31"), "{told}");
    for name in ["普通会员", "铜牌会员", "钻石会员"] {
        assert_eq!(shop.send("POST /api/v1/tiers", &json!({ "name": name })).0, 200);
    }
    let mut plan = shop.server.look(&shop.owner, "/api/v1/tiers/plan/usual").json();
    plan["window"] = json!({ "kind": "ever" });
    plan["active"] = json!(true);
    for level in plan["levels"].as_array_mut().unwrap() {
        level["benefits"]["early_hours"] = json!(72);
        level["benefits"]["discount"] = json!(0);
    }
    assert_eq!(shop.send("PUT /api/v1/tiers/plan", &plan).0, 200);
    let soon = |customer: &Value| {
        shop.send(
            "POST /api/v1/quotes",
            &json!({ "customer": customer, "lines": [line("soon", 1)] }),
        )
    };
    until(|| soon(&json!({ "customer_id": "1" })).0 == 200);
    let (status, told) = soon(&Value::Null);
    assert_eq!((status, &told["error"]["field"]), (409, &json!("lines[0]")), "{told}");
}

/// What will not do says where.
fn refused(shop: &Shop) {
    let only = |named: Value| json!({ "kind": "only", "of": named });
    let coats = promotion("coats", &price(20_000), &only(json!({ "categories": ["coats"] })));
    let (status, own) = shop.send("POST /api/v1/promotions", &coats);
    assert_eq!(status, 200, "{own}");
    let coat = only(json!({ "products": [1] }));
    let (status, told) =
        shop.send("POST /api/v1/promotions", &promotion("one coat", &price(19_000), &coat));
    assert_eq!(
        (status, &told["error"]["field"]),
        (409, &json!("terms.scope.goods")),
        "two prices of one coat: {told}"
    );
    let best = json!({ "overlap": "best" });
    assert_eq!(shop.send("PUT /api/v1/stacking", &best).0, 200);
    let (status, told) =
        shop.send("POST /api/v1/promotions", &promotion("one coat", &price(19_000), &coat));
    assert_eq!(status, 200, "{told}");
    let got = shop.quote(&json!({ "lines": [line("coat", 1)] }));
    assert_eq!(got["pay_minor"], 19_000, "the better of two: {got}");
    let id = own["promotion_id"].as_str().unwrap();
    let (status, told) = shop.send(&format!("POST /api/v1/promotions/{id}/end"), &json!({}));
    assert_eq!((status, &told["state"]), (200, &json!("over")), "{told}");
    let unpriced = json!({ "lines": [line("nobody knows it", 1)] });
    let (status, told) = shop.send("POST /api/v1/quotes", &unpriced);
    assert_eq!((status, &told["error"]["field"]), (400, &json!("lines[0].unit_minor")), "{told}");
    let empty = json!({ "lines": [] });
    assert_eq!(shop.send("POST /api/v1/quotes", &empty).0, 400);
    let agent = shop.server.join(&shop.owner, "agent");
    assert_eq!(shop.server.send(&agent, "POST /api/v1/promotions", &coats).status, 403);
}
