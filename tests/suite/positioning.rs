//! The people a shop is made for, and who stands next to them, on both databases.

use serde_json::{Value, json};
use shuke_tests::{Home, Server, file, import, until};
use store::Cx;
use store::shop::Shop;
use stratify::carts::Carts;
use stratify::expr::Needs;
use stratify::expr::whole::Shop as Whole;
use stratify::mirror::Mirror;
use stratify::positioning::{self, Positioning, Report};
use stratify::sales::Sales;
use stratify::segment;

const PRODUCTS: &str = "商品编码,商品名称,一级类目,价格,成本\ns1,面膜,护肤,50.00,20.00\n";

/// Women and men of 广东 and 湖南, forty each; of ten more nobody knows where they live.
fn customers() -> String {
    let mut all = "客户编号,性别,省份\n".to_owned();
    for (group, gender, province) in GROUPS {
        for at in 0..40 {
            all += &format!("{group}{at},{gender},{province}\n");
        }
    }
    (0..10).for_each(|at| all += &format!("x{at},女,\n"));
    all
}

const GROUPS: [(&str, &str, &str); 4] =
    [("gf", "女", "广东"), ("gm", "男", "广东"), ("hf", "女", "湖南"), ("hm", "男", "湖南")];
/// Buyers of each group; each pays for one piece.
const BUYERS: [(&str, i64); 4] = [("gf", 20), ("gm", 5), ("hf", 10), ("hm", 5)];

fn orders() -> String {
    let mut all = "订单号,客户编号,商品编码,数量,单价,下单时间,订单状态\n".to_owned();
    for (group, buyers) in BUYERS {
        for at in 0..buyers {
            let rest = "s1,1,50.00,2025-11-01 10:00:00,已付款";
            all += &format!("o{group}{at},{group}{at},{rest}\n");
        }
    }
    all
}

async fn report(home: &Home, (cx, shop): (&Cx, &Shop), wish: &Positioning) -> Report {
    let (mut mirror, mut sales) = (Mirror::empty(cx.shop), Sales::default());
    mirror.refresh(cx).await.unwrap();
    sales.refresh(cx).await.unwrap();
    let needs: Needs = wish.needs(cx).await.unwrap();
    let whole = Whole {
        cx,
        zone: &shop.zone,
        lake: &home.lake,
        mirror: &mirror,
        scores: &[],
        stages: &[],
        sets: &segment::sets(cx, &needs).await.unwrap(),
        sales: &sales,
        carts: &Carts::default(),
        threads: 2,
    };
    positioning::report(&whole, wish).await.unwrap()
}

fn wish(of: &[(&str, &[&str])]) -> Positioning {
    let all =
        of.iter().map(|(attribute, values)| json!({"attribute": attribute, "values": values}));
    serde_json::from_value(json!({"attributes": all.collect::<Vec<_>>()})).unwrap()
}

async fn filled(home: &Home) -> (Cx, Shop) {
    let products = file(home, "products.csv", PRODUCTS);
    import(home, "s", "products", &[products]).await.unwrap();
    import(home, "s", "customers", &[file(home, "customers.csv", &customers())]).await.unwrap();
    let path = file(home, "orders.csv", &orders());
    let (cx, shop, _) = import(home, "s", "orders", &[path]).await.unwrap();
    (cx, shop)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_inside_and_who_stands_next_to_them() {
    for home in Home::each().await {
        let (cx, shop) = filled(&home).await;
        let wish = wish(&[("gender", &["female"]), ("region", &["广东"])]);
        let found = report(&home, (&cx, &shop), &wish).await;
        let at = home.kind;
        assert_eq!((found.customers, found.known.customers), (170, 160), "{at}");
        let inside = found.inside;
        assert_eq!((inside.customers, inside.buyers, inside.net_minor), (40, 20, 100_000), "{at}");
        assert_eq!(inside.margin_minor, Some(60_000), "{at}: 30 of each piece");
        let shares = [found.share.buyers, found.share.net, found.share.margin];
        assert_eq!(shares, [Some(0.5); 3], "{at}");
        assert_eq!(found.cost_share, Some(1.0), "{at}");
        let indexes: Vec<_> =
            found.attributes.iter().map(|one| (one.buyers_index, one.value_index)).collect();
        // 30 of 40 buyers are women, and 90 of 170 customers; 25 are of 广东, and 80 of 160.
        let women = 100.0 * ((30.0 * 170.0) / (40.0 * 90.0));
        assert_eq!(indexes, [(Some(women), Some(100.0)), (Some(125.0), Some(100.0))], "{at}");
        let next: Vec<_> = found
            .adjacent
            .iter()
            .map(|one| (one.value.as_str(), one.group.customers, one.prize_minor))
            .collect();
        assert_eq!(next, [("male", 40, 75_000), ("湖南", 40, 50_000)], "{at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_declared_is_checked_and_kept() {
    let home = Home::sqlite().await;
    filled(&home).await;
    let server = Server::start(&home);
    let owner = server.begin(&home, "s");
    let shown = || server.look(&owner, "/api/v1/positioning").json();
    assert_eq!(shown(), json!({"declared": {"attributes": []}, "report": null}));
    let tag = json!({"name": "teacher", "family": "occupation"});
    let tag = server.send(&owner, "POST /api/v1/tags", &tag).json();
    let tag = tag["tag_id"].as_str().unwrap().to_owned();
    let ids: Vec<String> = (1..=30).map(|id| id.to_string()).collect();
    let on = json!({"add": true, "customer_ids": ids});
    let tagged = server.send(&owner, &format!("POST /api/v1/tags/{tag}/people"), &on);
    assert_eq!(tagged.status, 200, "{tagged:?}");
    let set =
        |all: Value| server.send(&owner, "PUT /api/v1/positioning", &json!({"attributes": all}));
    let one = |attribute: &str, values: Value| json!({"attribute": attribute, "values": values});
    for (wrong, field) in [
        (json!([one("gender", json!(["women"]))]), "attributes[0].values"),
        (json!([one("gender", json!([]))]), "attributes[0].values"),
        (json!([one("price_band", json!(["6"]))]), "attributes[0].values"),
        (json!([one("style", json!(["99"]))]), "attributes[0].values"),
        (json!([one("age", json!(["a"])), one("age", json!(["b"]))]), "attributes[1].attribute"),
    ] {
        let refused = set(wrong);
        assert_eq!((refused.status, &refused.json()["error"]["field"]), (400, &json!(field)));
    }
    let kept = set(json!([one("occupation", json!([tag, tag])), one("gender", json!(["female"]))]));
    assert_eq!((kept.status, &kept.json()["attributes"][0]["values"]), (200, &json!([tag])));
    // The server may not have read its customers yet.
    until(|| shown()["report"]["customers"] == 170);
    let occupation = &shown()["report"]["attributes"][0];
    assert_eq!(
        (&occupation["attribute"], &occupation["known"]["customers"]),
        (&json!("occupation"), &json!(30))
    );
}
