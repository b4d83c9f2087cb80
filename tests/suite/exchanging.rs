//! Rewards: taken for points, handed over, cancelled, and never more than there are.

use serde_json::{Value, json};
use shuke_tests::{Home, until};

use super::quoting::{Shop, five_off};

impl Shop {
    fn gift(&self, amount: i64) {
        let gift = json!({ "unit": "points", "amount": amount, "reason": "welcome" });
        assert_eq!(self.send("POST /api/v1/customers/1/adjustments", &gift).0, 200);
    }

    fn make(&self, form: &Value) -> String {
        let (status, made) = self.send("POST /api/v1/rewards", form);
        assert_eq!(status, 200, "{made}");
        made["reward_id"].as_str().unwrap().to_owned()
    }

    fn take(&self, reward: &str, key: &str, body: &Value) -> (u16, Value) {
        let line = format!("POST /api/v1/rewards/{reward}/exchanges\nIdempotency-Key: {key}");
        self.send(&line, body)
    }

    fn taken(&self, reward: &str) -> Value {
        let all = self.server.look(&self.owner, "/api/v1/rewards").json();
        let own = all.as_array().unwrap().iter().find(|own| own["reward_id"] == reward);
        own.expect("the reward")["taken"].clone()
    }

    fn has(&self) -> Value {
        let wallet = self.server.look(&self.owner, "/api/v1/customers/1/wallet").json();
        json!([wallet[0]["spendable"], wallet[0]["held"]])
    }
}

fn mug() -> Value {
    json!({
        "name": "a hat for points",
        "active": true,
        "gives": { "kind": "product", "product_id": "2", "pieces": 1 },
        "points": 300,
        "cash_minor": 990,
        "limits": { "stock": 5, "each": 2 },
        "hold_hours": 72,
        "starts_at": "2020-01-01T00:00:00Z",
    })
}

fn ann() -> Value {
    json!({ "customer": { "customer_id": "1" } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reward_is_held_handed_over_and_taken_back() {
    for home in Home::each().await {
        let shop = Shop::open(&home).await;
        shop.gift(1_000);
        let id = shop.make(&mug());
        let (status, held) = shop.take(&id, "a", &ann());
        assert_eq!((status, &held["state"]), (200, &json!("open")), "{held}");
        assert_eq!((&held["points"], &held["cash_minor"]), (&json!(300), &json!(990)));
        assert_eq!((shop.has(), shop.taken(&id)), (json!([700, 300]), json!(1)));
        let (status, again) = shop.take(&id, "a", &ann());
        assert_eq!((status, &again["exchange_id"]), (200, &held["exchange_id"]), "once");
        let other = json!({ "customer": { "customer_id": "1" }, "pieces": 2 });
        assert_eq!(shop.take(&id, "a", &other).0, 409, "the id was used for something else");
        let (status, told) = shop.take(&id, "b", &other);
        assert_eq!((status, &told["error"]["field"]), (409, &json!("reward_id")), "{told}");

        let path = |own: &Value, deed: &str| {
            format!("POST /api/v1/exchanges/{}/{deed}", own["exchange_id"].as_str().unwrap())
        };
        for _ in 0..2 {
            let (status, done) = shop.send(&path(&held, "done"), &json!({}));
            assert_eq!((status, &done["state"]), (200, &json!("done")), "{done}");
        }
        assert_eq!(shop.has(), json!([700, 0]));
        for _ in 0..2 {
            let (status, back) = shop.send(&path(&held, "cancel"), &json!({}));
            assert_eq!((status, &back["state"]), (200, &json!("cancelled")), "{back}");
        }
        assert_eq!((shop.has(), shop.taken(&id)), (json!([1_000, 0]), json!(0)));
        assert_eq!(shop.send(&path(&held, "done"), &json!({})).0, 409, "it was cancelled");

        let (_, open) = shop.take(&id, "c", &ann());
        assert_eq!(shop.send(&path(&open, "cancel"), &json!({})).0, 200);
        assert_eq!((shop.has(), shop.taken(&id)), (json!([1_000, 0]), json!(0)));
        let at_once = json!({ "customer": { "customer_id": "1" }, "pieces": 2, "done": true });
        let (status, done) = shop.take(&id, "d", &at_once);
        assert_eq!((status, &done["state"]), (200, &json!("done")), "{done}");
        assert_eq!((shop.has(), shop.taken(&id)), (json!([400, 0]), json!(2)));
        let all = shop.server.look(&shop.owner, "/api/v1/customers/1/exchanges").json();
        assert_eq!(all["data"].as_array().unwrap().len(), 3, "{all}");
        let (status, told) = shop.send(&format!("DELETE /api/v1/rewards/{id}"), &Value::Null);
        assert_eq!(status, 409, "somebody took it: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_for_points_is_there_at_once() {
    for home in Home::each().await {
        let shop = Shop::open(&home).await;
        shop.gift(500);
        let coupon = five_off(&shop, false);
        let mut form = mug();
        form["name"] = json!("five off for points");
        form["gives"] = json!({ "kind": "coupon", "coupon_id": coupon });
        form["cash_minor"] = json!(0);
        let id = shop.make(&form);
        let (status, got) = shop.take(&id, "a", &ann());
        assert_eq!((status, &got["state"]), (200, &json!("done")), "{got}");
        let code = got["code"].as_str().expect("a code").to_owned();
        let held = || {
            let path = "/api/v1/customers/1/coupons";
            shop.server.look(&shop.owner, path).json()["data"][0]["state"].clone()
        };
        assert_eq!((held(), shop.has()), (json!("held"), json!([200, 0])));
        let (status, told) = shop.take(&id, "b", &ann());
        assert_eq!(status, 409, "too few points: {told}");
        let used = shop
            .send(&format!("POST /api/v1/coupons/{code}/redeem\nIdempotency-Key: u"), &json!({}));
        assert_eq!(used.0, 200, "{}", used.1);
        let cancel =
            format!("POST /api/v1/exchanges/{}/cancel", got["exchange_id"].as_str().unwrap());
        assert_eq!(shop.send(&cancel, &json!({})).0, 409, "the code was used");
        assert_eq!(shop.has(), json!([200, 0]), "nothing half-done");
        let undo = json!({ "of": "u" });
        let back =
            shop.send(&format!("POST /api/v1/coupons/{code}/rollback\nIdempotency-Key: v"), &undo);
        assert_eq!(back.0, 200, "{}", back.1);
        assert_eq!(shop.send(&cancel, &json!({})).0, 200);
        assert_eq!((held(), shop.has()), (json!("void"), json!([500, 0])));
        until(|| shop.taken(&id) == 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_at_once_take_no_more_than_there_are() {
    for home in Home::each().await {
        let shop = Shop::open(&home).await;
        shop.gift(10_000);
        let mut form = mug();
        form["limits"] = json!({ "stock": 3 });
        let id = shop.make(&form);
        let (shop, id) = (&shop, &id);
        let told: Vec<u16> = std::thread::scope(|scope| {
            let one = |key: usize| scope.spawn(move || shop.take(id, &format!("t{key}"), &ann()).0);
            let all: Vec<_> = (0..8).map(one).collect();
            all.into_iter().map(|own| own.join().unwrap()).collect()
        });
        let got = told.iter().filter(|status| **status == 200).count();
        assert_eq!(got, 3, "{} {told:?}", home.kind);
        assert_eq!((shop.has(), shop.taken(id)), (json!([9_100, 900]), json!(3)));
    }
}
