//! Checkouts: what a quote takes is held, used and given back, all or nothing, once.

use serde_json::{Value, json};
use shuke_tests::{Home, until};

use super::quoting::{Shop, all, five_off, forty_off, line, price, promotion};

impl Shop {
    fn once(&self, key: &str, line: &str, body: &Value) -> (u16, Value) {
        self.send(&format!("POST /api/v1/checkouts{line}\nIdempotency-Key: {key}"), body)
    }

    fn done(&self, key: &str, line: &str, body: &Value) -> Value {
        let (status, told) = self.once(key, line, body);
        assert_eq!(status, 200, "{line} {body}: {told}");
        told
    }

    fn points(&self) -> i64 {
        let wallet = self.server.look(&self.owner, "/api/v1/customers/1/wallet").json();
        wallet[0]["spendable"].as_i64().expect("points")
    }

    fn code(&self, customer: &str) -> Value {
        let held = format!("/api/v1/customers/{customer}/coupons");
        self.server.look(&self.owner, &held).json()["data"][0].clone()
    }
}

/// A shop with forty off from 300 on, points that pay, and a coupon and points that ann holds.
async fn shop(home: &Home) -> Shop {
    let shop = Shop::open(home).await;
    let forty = promotion("forty off", &forty_off(), &all());
    assert_eq!(shop.send("POST /api/v1/promotions", &forty).0, 200);
    let cash = json!({ "points": 1, "minor": 1, "share_most": 500, "beside_coupons": true });
    let (status, told) = shop.send("PUT /api/v1/stacking", &json!({ "cash": cash }));
    assert_eq!(status, 200, "{told}");
    let id = five_off(&shop, false);
    let line = format!("POST /api/v1/coupons/{id}/batches\nIdempotency-Key: ann");
    let ann = json!({ "customer_ids": ["1"], "reason": "welcome" });
    assert_eq!(shop.send(&line, &ann).0, 200);
    until(|| !shop.code("1").is_null());
    let gift = json!({ "unit": "points", "amount": 1_000, "reason": "welcome" });
    assert_eq!(shop.send("POST /api/v1/customers/1/adjustments", &gift).0, 200);
    shop
}

fn cart(pieces: i64) -> Value {
    json!({
        "customer": { "customer_id": "1" },
        "lines": [line("coat", pieces), line("hat", 1)],
        "postage_minor": 800,
        "points": 700,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_order_holds_is_used_and_comes_back() {
    for home in Home::each().await {
        let shop = shop(&home).await;
        let quoted = shop.quote(&cart(2));
        // 600 + 50 less 40 and 5 and 7 of points, and 8 of postage.
        assert_eq!(quoted["pay_minor"], 65_000 - 4_000 - 500 - 700 + 800, "{quoted}");
        let pay = &quoted["pay_minor"];
        let wrong = json!({ "cart": cart(2), "pay_minor": 1 });
        let (status, told) = shop.once("a", "", &wrong);
        assert_eq!((status, &told["error"]["field"]), (409, &json!("pay_minor")), "{told}");
        let form = json!({ "cart": cart(2), "order": "O-1", "pay_minor": pay });
        let held = shop.done("a", "", &form);
        assert_eq!((&held["state"], &held["pay_minor"]), (&json!("locked"), pay), "{held}");
        assert_eq!(shop.points(), 300, "points are held");
        assert_eq!(shop.code("1")["state"], "locked");
        let again = shop.done("a", "", &form);
        assert_eq!(again["checkout_id"], held["checkout_id"], "once");
        let (status, told) = shop.once("a", "", &json!({ "cart": cart(1) }));
        assert_eq!((status, &told["error"]["field"]), (409, &json!("Idempotency-Key")), "{told}");
        let less = shop.quote(&cart(2));
        assert_eq!(less["points"]["points"], 300, "what is held is not there for another: {less}");
        assert!(!less["steps"].to_string().contains("five off"), "{less}");

        let id = held["checkout_id"].as_str().unwrap();
        let path = |deed: &str| format!("/{id}/{deed}");
        let early = json!({ "lines": [{ "line": 0, "pieces": 1 }] });
        assert_eq!(shop.once("r", &path("refund"), &early).0, 409, "nothing was used");
        for _ in 0..2 {
            let used = shop.done("b", &path("redeem"), &json!({}));
            assert_eq!(used["state"], "redeemed", "{used}");
        }
        assert_eq!(shop.once("c", &path("redeem"), &json!({})).0, 409, "only once");
        assert_eq!(shop.once("d", &path("rollback"), &json!({})).0, 409, "it was redeemed");
        assert_eq!(shop.code("1")["state"], "redeemed", "{}", shop.code("1"));
        comes_back(&shop, id, pay.as_i64().unwrap());
        let all = shop.server.look(&shop.owner, "/api/v1/checkouts?order=O-1").json();
        assert_eq!(all["data"][0]["state"], "refunded", "{all}");
        assert_eq!(all["data"][0]["returned"], json!([2, 1]), "{all}");
    }
}

/// Any parts end where the whole does, each once.
fn comes_back(shop: &Shop, id: &str, pay: i64) {
    let piece = |line: usize| json!({ "lines": [{ "line": line, "pieces": 1 }] });
    let (path, look) = (format!("/{id}/refund"), format!("/{id}/refund/preview"));
    let too_many = json!({ "lines": [{ "line": 1, "pieces": 2 }] });
    let (status, told) = shop.once("x", &path, &too_many);
    assert_eq!((status, &told["error"]["field"]), (400, &json!("lines[0].pieces")), "{told}");
    let sum =
        |told: &Value| told["minor"].as_i64().unwrap() + told["postage_minor"].as_i64().unwrap();
    let (mut money, mut points) = (0, 0);
    for (key, line) in [("1", 0), ("2", 1), ("3", 0)] {
        let would = shop.done("look", &look, &piece(line));
        let told = shop.done(key, &path, &piece(line));
        assert_eq!((&would["minor"], &would["points"]), (&told["minor"], &told["points"]));
        assert_eq!(shop.done(key, &path, &piece(line)), told, "once");
        money += sum(&told);
        points += told["points"].as_i64().unwrap();
        assert_eq!(shop.points(), 300 + points, "{told}");
        let whole = key == "3";
        let state = if whole { "refunded" } else { "redeemed" };
        assert_eq!(told["state"], state, "{told}");
        assert_eq!(shop.code("1")["state"], if whole { "held" } else { "redeemed" }, "{told}");
    }
    assert_eq!((money, points), (pay, 700), "all of it came back");
    assert_eq!(shop.once("4", &path, &piece(0)).0, 409, "nothing is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_or_over_is_there_again() {
    for home in Home::each().await {
        let shop = shop(&home).await;
        let held = shop.done("a", "", &json!({ "cart": cart(1) }));
        let id = held["checkout_id"].as_str().unwrap();
        let free = shop.done("b", &format!("/{id}/rollback"), &json!({}));
        assert_eq!((&free["state"], shop.points()), (&json!("free"), 1_000), "{free}");
        assert_eq!(shop.code("1")["state"], "held");
        assert_eq!(shop.once("c", &format!("/{id}/redeem"), &json!({})).0, 409);

        let short = shop.done("d", "", &json!({ "cart": cart(1), "ttl_seconds": 1 }));
        let id = short["checkout_id"].as_str().unwrap();
        until(|| shop.points() == 1_000);
        assert_eq!(shop.once("e", &format!("/{id}/redeem"), &json!({})).0, 409, "its time is over");
        until(|| shop.quote(&cart(1))["steps"].to_string().contains("five off"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_gives_away_no_more_than_it_has() {
    for home in Home::each().await {
        let shop = Shop::open(&home).await;
        let hats = json!({ "kind": "only", "of": { "categories": ["hats"] } });
        let mut form = promotion("hats", &price(2_000), &hats);
        form["limits"] = json!({ "stock": 3, "each": 2 });
        let (status, made) = shop.send("POST /api/v1/promotions", &form);
        assert_eq!(status, 200, "{made}");
        let stacking = json!({ "below_cost": true });
        assert_eq!(shop.send("PUT /api/v1/stacking", &stacking).0, 200);
        let of = |customer: &str, pieces: i64| {
            let customer = json!({ "customer_id": customer });
            json!({ "customer": customer, "lines": [line("hat", pieces)] })
        };
        let nobody = shop.quote(&json!({ "lines": [line("hat", 1)] }));
        assert_eq!(nobody["unused"][0]["why"], "buyer", "{nobody}");
        let three = shop.quote(&of("1", 3));
        assert_eq!(three["off_minor"], 6_000, "two of three hats: {three}");
        let held = shop.done("a", "", &json!({ "cart": of("1", 3) }));
        let more = shop.quote(&of("1", 1));
        assert_eq!(more["unused"][0]["why"], "used_up", "{more}");
        let last = shop.quote(&of("2", 2));
        assert_eq!(last["off_minor"], 3_000, "one is left: {last}");
        shop.done("b", "", &json!({ "cart": of("2", 2) }));
        let id = made["promotion_id"].as_str().unwrap().to_owned();
        let look = || shop.server.look(&shop.owner, &format!("/api/v1/promotions/{id}")).json();
        assert_eq!(look()["taken"], 3, "{}", look());
        let free = format!("/{}/rollback", held["checkout_id"].as_str().unwrap());
        shop.done("c", &free, &json!({}));
        assert_eq!(look()["taken"], 1, "{}", look());
        assert_eq!(shop.quote(&of("1", 3))["off_minor"], 6_000);
        form["limits"] = json!({ "stock": 1 });
        let (status, edited) = shop.send(&format!("PUT /api/v1/promotions/{id}"), &form);
        assert_eq!(status, 200, "{edited}");
        assert_eq!(look()["limits"], json!({ "stock": 1, "each": null }), "{}", look());
        assert_eq!(shop.quote(&of("1", 3))["off_minor"], 0, "all of it is taken");
        form["starts_at"] = json!("2099-01-01T00:00:00Z");
        assert_eq!(shop.send(&format!("PUT /api/v1/promotions/{id}"), &form).0, 200);
        let (status, told) = shop.send(&format!("DELETE /api/v1/promotions/{id}"), &Value::Null);
        assert_eq!(status, 409, "somebody bought by it: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_tills_at_once_give_away_three() {
    for home in Home::each().await {
        let shop = Shop::open(&home).await;
        let hats = json!({ "kind": "only", "of": { "categories": ["hats"] } });
        let mut form = promotion("hats", &price(2_000), &hats);
        form["limits"] = json!({ "stock": 3 });
        let (status, made) = shop.send("POST /api/v1/promotions", &form);
        assert_eq!(status, 200, "{made}");
        assert_eq!(shop.send("PUT /api/v1/stacking", &json!({ "below_cost": true })).0, 200);
        let hat = json!({ "cart": { "lines": [line("hat", 1)] }, "pay_minor": 2_000 });
        let (shop, hat) = (&shop, &hat);
        let told: Vec<u16> = std::thread::scope(|scope| {
            let till = |key: usize| scope.spawn(move || shop.once(&format!("t{key}"), "", hat).0);
            let tills: Vec<_> = (0..8).map(till).collect();
            tills.into_iter().map(|till| till.join().unwrap()).collect()
        });
        let got = told.iter().filter(|status| **status == 200).count();
        let refused = told.iter().filter(|status| **status == 409).count();
        assert_eq!((got, refused), (3, 5), "{} {told:?}", home.kind);
        let id = made["promotion_id"].as_str().unwrap();
        let look = shop.server.look(&shop.owner, &format!("/api/v1/promotions/{id}")).json();
        assert_eq!(look["taken"], 3, "{look}");
    }
}

/// What a budget has no more money for is not offered, and ids of checkouts are nobody else's.
#[tokio::test(flavor = "multi_thread")]
async fn a_budget_that_is_spent_and_codes_that_are_guessed() {
    for home in Home::each().await {
        let shop = shop(&home).await;
        let id = "1";
        let coupon = shop.server.look(&shop.owner, &format!("/api/v1/coupons/{id}")).json();
        let mut terms = coupon["terms"].clone();
        terms["limits"]["budget"] = json!(499);
        let form = json!({ "name": "five off", "terms": terms });
        let (status, told) = shop.send(&format!("PUT /api/v1/coupons/{id}"), &form);
        assert_eq!(status, 200, "{told}");
        let quoted = shop.quote(&cart(1));
        assert!(!quoted["steps"].to_string().contains("five off"), "{quoted}");
        assert!(quoted["unused"].to_string().contains("used_up"), "{quoted}");
        let held =
            shop.done("a", "", &json!({ "cart": cart(1), "pay_minor": quoted["pay_minor"] }));
        assert_eq!(held["state"], "locked", "{held}");
        let code = shop.code("1")["code"].as_str().unwrap().to_owned();
        let line = format!("POST /api/v1/coupons/{code}/rollback\nIdempotency-Key: k");
        let (status, told) = shop.send(&line, &json!({ "of": "checkout/1/1" }));
        assert_eq!((status, &told["error"]["field"]), (400, &json!("of")), "{told}");
        let mut guess = cart(1);
        let mut ask = |n: usize| {
            guess["codes"] = json!([format!("WRONGCODE{n}")]);
            shop.send("POST /api/v1/quotes", &guess).0
        };
        let told: Vec<u16> = (0..31).map(&mut ask).collect();
        assert_eq!((told[0], told[30]), (404, 429), "{told:?}");
    }
}
