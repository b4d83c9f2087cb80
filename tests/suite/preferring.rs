//! What customers like, what is to be said to them, and what stays private, on both databases.

use base::Time;
use perceive::fold::Fold;
use perceive::privacy::{self, Privacy};
use perceive::{order, relay, source};
use serde_json::{Value, json};
use shuke_tests::{Home, Server, file, import, send, until};
use store::shop::Shop;
use store::{Cx, setting};
use stratify::carts::Carts;
use stratify::expr::whole::Shop as Whole;
use stratify::expr::{self, Sets};
use stratify::mirror::Mirror;
use stratify::preference::{self, Liking, Preferences, Taste};
use stratify::rfm;
use stratify::sales::Sales;

const PRODUCTS: &str = "商品编码,商品名称,类目,品牌\n\
    s1,凉茶面膜,清凉,甲\ns2,隔离霜,保湿,乙\ns3,口红,彩妆,甲\n";

/// Forty buyers of 广东 and of 北京 each: all buy the lipstick, most what is bought there.
fn orders() -> String {
    let mut all =
        "订单号,客户编号,商品编码,数量,单价,优惠,下单时间,订单状态,省份,渠道\n".to_owned();
    for (province, own) in [("广东", "s1"), ("北京", "s2")] {
        for buyer in 0..40 {
            let who = format!("{own}-{buyer:02}");
            let sku = if buyer % 4 > 0 { own } else { "s3" };
            let off = if buyer < 10 { "5.00" } else { "0" };
            let rest = "2025-11-01 21:00:00,已付款";
            for (order, sku, off) in [("A", "s3", "0"), ("B", sku, off)] {
                all += &format!("{who}{order},{who},{sku},1,20.00,{off},{rest},{province},App\n");
            }
        }
    }
    all
}

const VIEWED: &str = r#"{"type":"track","messageId":"v1","userId":"s1-01",
    "context":{"device":{"type":"ios"}},"event":"Product Viewed","timestamp":"2025-12-01T02:00:00Z",
    "properties":{"product_id":"s2","category":"保湿","brand":"乙"}}"#;
const ADDED: &str = r#"{"type":"track","messageId":"v2","userId":"s1-01",
    "event":"Product Added","timestamp":"2025-12-01T02:00:00Z",
    "properties":{"product_id":"s2","category":"保湿","brand":"乙","price":20}}"#;

/// What customer number `number` likes, what is true of all, and how many ever got a discount.
async fn liked(home: &Home, (cx, shop): (&Cx, &Shop), number: i64) -> (Preferences, Taste, u64) {
    let (mut mirror, mut sales) = (Mirror::empty(cx.shop), Sales::default());
    mirror.refresh(cx).await.unwrap();
    sales.refresh(cx).await.unwrap();
    let scores = rfm::scores(cx, &mirror, &shop.zone).await.unwrap();
    let whole = Whole {
        cx,
        zone: &shop.zone,
        lake: &home.lake,
        mirror: &mirror,
        scores: &scores,
        stages: &[],
        sets: &Sets::default(),
        sales: &sales,
        carts: &Carts::default(),
        threads: 2,
    };
    let taste = preference::taste(&whole).await.unwrap();
    let off = json!({"field": "discount_minor", "operator": "=", "value": 500});
    let rows = json!({"combinator": "and", "rules": [off]});
    let sum = json!({"of": "sum", "field": "discount_minor", "operator": ">=", "value": 500});
    let rule = json!({"field": "purchases", "value": rows, "measure": sum});
    let expr = expr::read(&json!({"combinator": "and", "rules": [rule]})).unwrap();
    let cheap = whole.count(&expr).await.unwrap();
    (preference::of(&whole, &taste, number).await.unwrap(), taste, cheap)
}

fn short(likings: &[Liking]) -> Vec<(&str, i64, i64)> {
    likings.iter().map(|one| (one.value.as_str(), one.bought, one.looked)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_planted_is_liked_and_what_is_private_is_not_looked_at() {
    for home in Home::each().await {
        let products = file(&home, "products.csv", PRODUCTS);
        import(&home, "s", "products", &[products]).await.unwrap();
        let path = file(&home, "orders.csv", &orders());
        let (cx, shop, _) = import(&home, "s", "orders", &[path]).await.unwrap();
        let now: Time = "2025-12-02T00:00:00Z".parse().unwrap();
        let cx = cx.at(now);
        let source = source::create(&cx, "site").await.unwrap();
        send(&cx, source.number, &[VIEWED, ADDED]).await;
        Fold::default().drain(&cx).await.unwrap();
        let number =
            order::buyer_of(&mut cx.read().await.unwrap(), "s1-01B").await.unwrap().unwrap();
        for relayed in [false, true] {
            if relayed {
                relay::flush(&cx, &home.lake).await.unwrap();
            }
            let (own, taste, cheap) = liked(&home, (&cx, &shop), number).await;
            let at = format!("{} {relayed}", home.kind);
            let categories = [("清凉", 1, 0), ("彩妆", 1, 0), ("保湿", 0, 1)];
            let mut found = short(&own.categories);
            found.sort_by_key(|(name, ..)| categories.iter().position(|(own, ..)| own == name));
            assert_eq!(found, categories, "{at}: the cart is private");
            assert_eq!(cheap, 20, "{at}");
            assert_eq!(short(&own.brands)[0], ("甲", 2, 0), "{at}");
            assert_eq!(short(&own.hours), [("21", 2, 0), ("10", 0, 1)], "{at}");
            assert_eq!(short(&own.channels), [("App", 2, 0), ("app", 0, 1)], "{at}");
            let discount = own.discount;
            assert_eq!((discount.orders, discount.discounted, discount.share), (2, 1, Some(0.5)));
            assert_eq!(discount.peers_share, Some(0.125), "{at}: all are in one stratum");
            assert_eq!(taste.price_cuts_minor, [2_000; 4], "{at}");
            assert_eq!(short(&own.price_bands), [("1", 2, 0)], "{at}");
            for (province, category) in [("广东", "清凉"), ("北京", "保湿")] {
                let likes = taste.of(province);
                let names: Vec<&str> = likes.iter().map(|one| one.category.as_str()).collect();
                assert_eq!(names, [category], "{at} {province}");
                assert_eq!((likes[0].buyers, likes[0].share), (30, 0.75), "{at}");
            }
        }
        // Once the cart is no secret any more it counts.
        let mut tx = cx.write().await.unwrap();
        setting::set(&mut tx, privacy::SETTING, &Privacy::open()).await.unwrap();
        tx.commit().await.unwrap();
        let (own, ..) = liked(&home, (&cx, &shop), number).await;
        assert!(short(&own.categories).contains(&("保湿", 0, 2)), "{}: {own:?}", home.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_shop_wants_said_comes_first() {
    let home = Home::sqlite().await;
    let products = file(&home, "products.csv", PRODUCTS);
    import(&home, "s", "products", &[products]).await.unwrap();
    import(&home, "s", "orders", &[file(&home, "orders.csv", &orders())]).await.unwrap();
    let server = Server::start(&home);
    let owner = server.begin(&home, "s");
    let tag = server.send(&owner, "POST /api/v1/tags", &json!({"name": "vip"})).json();
    let tag = tag["tag_id"].as_str().unwrap().to_owned();
    let people = json!({"add": true, "customer_ids": ["1"]});
    let tagged = server.send(&owner, &format!("POST /api/v1/tags/{tag}/people"), &people);
    assert_eq!(tagged.status, 200, "{tagged:?}");
    let line = |on: &str, value: &str, text: &str| json!({"on": on, "value": value, "text": text});
    let set = |lines: Value| {
        server.send(&owner, "PUT /api/v1/preferences/guidance", &json!({"lines": lines}))
    };
    let lines = [line("province", " 广东 ", "先讲清凉"), line("tag", &tag, "送小样")];
    let kept = set(json!(lines));
    assert_eq!((kept.status, &kept.json()["lines"][0]["value"]), (200, &json!("广东")));
    for (wrong, field) in [
        (json!([line("tag", "99", "x")]), "lines[0].value"),
        (json!([line("province", "", "x")]), "lines[0].value"),
        (json!([line("province", "a", ""), line("province", "b", "")]), "lines[0].text"),
        (json!([line("province", "a", "x"), line("province", "a", "y")]), "lines[1].value"),
    ] {
        let refused = set(wrong);
        assert_eq!((refused.status, &refused.json()["error"]["field"]), (400, &json!(field)));
    }
    let look = || server.look(&owner, "/api/v1/customers/1/preferences").json();
    // The server may not have read its customers yet, and keeps what it said of them for a moment.
    until(|| look()["region"]["likes"][0]["category"] == "清凉");
    let shown = look();
    let said: Vec<&str> =
        shown["lines"].as_array().unwrap().iter().map(|l| l["text"].as_str().unwrap()).collect();
    assert_eq!(said, ["送小样", "先讲清凉"]);
    let all = server.look(&owner, "/api/v1/preferences").json();
    assert_eq!(all["lines"].as_array().map(Vec::len), Some(2));
    assert_eq!(all["regions"].as_array().map(Vec::len), Some(2));
    assert_eq!(server.look(&owner, "/api/v1/customers/999/preferences").status, 404);
}
