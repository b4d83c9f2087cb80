//! Open carts, sessions, visits and the tracking plan, from events in any order, on both databases.

use base::Time;
use base::time::DAY_MICROS;
use perceive::fold::Fold;
use perceive::{cart, plan, relay, source};
use shuke_tests::{Home, rows, scatter, send};
use store::log;

/// A visitor fills a cart, signs in, takes something out, orders a part, and comes again.
const STORY: &[&str] = &[
    r#"{"type":"track","messageId":"c1","anonymousId":"w1","event":"Product Added",
        "timestamp":"2025-11-01T01:00:00Z","context":{"campaign":{"source":"wechat"}},
        "properties":{"product_id":"s1","price":300,"quantity":2}}"#,
    r#"{"type":"track","messageId":"c2","anonymousId":"w1","event":"Product Added",
        "timestamp":"2025-11-01T01:01:00Z","properties":{"product_id":"s2","price":50}}"#,
    r#"{"type":"identify","messageId":"c3","anonymousId":"w1","userId":"ann",
        "timestamp":"2025-11-01T01:02:00Z"}"#,
    r#"{"type":"track","messageId":"c4","userId":"ann","event":"Product Removed",
        "timestamp":"2025-11-01T01:10:00Z","properties":{"product_id":"s1","quantity":1}}"#,
    r#"{"type":"track","messageId":"c5","userId":"ann","event":"Order Completed",
        "timestamp":"2025-11-01T01:20:00Z","properties":{"order_id":"A","total":50,
        "products":[{"product_id":"s2","price":50,"quantity":1}]}}"#,
    r#"{"type":"track","messageId":"c6","userId":"ann","event":"Order Shipped",
        "timestamp":"2025-11-03T01:20:00Z","properties":{"order_id":"A"}}"#,
    r#"{"type":"track","messageId":"c7","userId":"ann","event":"Checkout Started",
        "timestamp":"2025-11-01T02:00:00Z",
        "properties":{"products":[{"product_id":"s1","price":280}]}}"#,
    r#"{"type":"track","messageId":"c8","anonymousId":"w9","event":"Product Added",
        "timestamp":"2025-11-01T02:00:00Z","properties":{"product_id":"s3","price":9.9}}"#,
];

const CARTS: &str = "select c.external_id, p.sku, l.quantity, l.unit_price_minor, l.added_at,
        l.touched_at
    from cart_lines l join products p on p.product_id = l.product_id
    left join customers c on c.customer_id = l.customer_id order by 2";
const SESSIONS: &str = "select c.external_id, s.started_at, s.ended_at, s.events, s.utm_source
    from sessions s left join customers c on c.customer_id = s.customer_id order by 2, 4 desc, 1";
const VISITS: &str = "select c.external_id, sum(v.events), min(v.first_at), max(v.last_at),
        max(v.first_utm_source)
    from visits v left join customers c on c.customer_id = v.customer_id group by 1 order by 2";

#[tokio::test(flavor = "multi_thread")]
async fn carts_sessions_and_visits_are_the_same_in_any_order() {
    for home in Home::each().await {
        for seed in 0..4_u64 {
            let (cx, _) = home.shop(&format!("s{seed}"), "CNY", "Asia/Shanghai").await;
            let source = source::create(&cx, "site").await.unwrap();
            let turn = |place| if seed == 0 { place } else { scatter(seed, place) };
            let mut story: Vec<(u64, &str)> =
                (0_u64..).zip(STORY).map(|(place, message)| (turn(place), *message)).collect();
            story.sort_unstable();
            let mut fold = Fold::default();
            for (_, message) in story {
                send(&cx, source.number, &[message, message]).await;
                assert_eq!(fold.drain(&cx).await.unwrap(), 0, "{}", home.kind);
            }
            for relayed in [false, true] {
                if relayed {
                    relay::flush(&cx, &home.lake).await.unwrap();
                }
                let at = format!("{} {seed} {relayed}", home.kind);
                let carts = [
                    "ann,s1,1,28000,2025-11-01T01:00:00Z,2025-11-01T02:00:00Z",
                    ",s3,1,990,2025-11-01T02:00:00Z,2025-11-01T02:00:00Z",
                ];
                assert_eq!(rows(&cx, &home, CARTS).await, carts, "{at}");
                let sessions = [
                    "ann,2025-11-01T01:00:00Z,2025-11-01T01:20:00Z,4,wechat",
                    "ann,2025-11-01T02:00:00Z,2025-11-01T02:00:00Z,1,",
                    ",2025-11-01T02:00:00Z,2025-11-01T02:00:00Z,1,",
                ];
                assert_eq!(rows(&cx, &home, SESSIONS).await, sessions, "{at}");
                let visits = [
                    ",1,2025-11-01T02:00:00Z,2025-11-01T02:00:00Z,",
                    "ann,5,2025-11-01T01:00:00Z,2025-11-01T02:00:00Z,wechat",
                ];
                assert_eq!(rows(&cx, &home, VISITS).await, visits, "{at}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_the_plan_is_set_aside_until_the_plan_is_mended() {
    for home in Home::each().await {
        let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
        let source = source::create(&cx, "site").await.unwrap();
        let mut fold = Fold::default();
        let schema = r#"{"required":["quantity"],"properties":{"quantity":{"minimum":1}}}"#;
        plan::state(&cx, "Product Added", schema).await.unwrap();
        assert!(plan::state(&cx, "Product Added", "{\"type\":1}").await.is_err());
        send(&cx, source.number, STORY).await;
        assert_eq!(fold.drain(&cx).await.unwrap(), 0);
        let dead = log::dead(&cx, 10).await.unwrap();
        assert_eq!(dead.len(), 2, "{dead:?}");
        for fact in &dead {
            assert!(fact.reason.contains("does not fit the plan of Product Added: / breaks"));
            assert!(!fact.reason.contains("s2"), "no value is told: {}", fact.reason);
        }
        assert_eq!(rows(&cx, &home, "select count(*) from cart_lines").await, ["1"]);
        plan::remove(&cx, "Product Added").await.unwrap();
        assert!(plan::list(&cx).await.unwrap().is_empty());
        for fact in &dead {
            assert!(log::replay(&cx, &fact.id).await.unwrap());
        }
        fold.drain(&cx).await.unwrap();
        assert!(log::dead(&cx, 10).await.unwrap().is_empty());
        assert_eq!(rows(&cx, &home, "select count(*) from cart_lines").await, ["2"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cart_to_which_nothing_happens_for_long_is_gone() {
    for home in Home::each().await {
        let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
        let source = source::create(&cx, "site").await.unwrap();
        send(&cx, source.number, STORY).await;
        Fold::default().drain(&cx).await.unwrap();
        let count = "select count(distinct visitor_id) from cart_lines";
        // 2025-11-01T02:00:00Z, the time of the last.
        let last = Time::from_micros(1_761_962_400_000_000);
        for (micros, left) in [(0, "2"), (1, "0")] {
            cart::expire(&cx.at(last.plus(90 * DAY_MICROS + micros))).await.unwrap();
            assert_eq!(rows(&cx, &home, count).await, [left], "{} {micros}", home.kind);
        }
        // Who comes again begins a cart anew.
        let again = STORY[0].replace("\"c1\"", "\"c10\"").replace("2025-11-01", "2026-03-01");
        send(&cx, source.number, &[again]).await;
        Fold::default().drain(&cx).await.unwrap();
        assert_eq!(rows(&cx, &home, count).await, ["1"], "{}", home.kind);
    }
}

/// A browser's part of a cart is as old as the cart.
#[tokio::test(flavor = "multi_thread")]
async fn a_cart_is_as_old_as_what_its_owner_last_did_to_it() {
    const PARTS: &[&str] = &[
        r#"{"type":"track","messageId":"p1","anonymousId":"w1","event":"Product Added",
            "timestamp":"2025-01-01T00:00:00Z","properties":{"product_id":"s1","quantity":3}}"#,
        r#"{"type":"identify","messageId":"p2","anonymousId":"w1","userId":"ann",
            "timestamp":"2025-01-01T00:00:00Z"}"#,
        r#"{"type":"track","messageId":"p3","userId":"ann","event":"Product Added",
            "timestamp":"2025-03-20T00:00:00Z","properties":{"product_id":"s2"}}"#,
        r#"{"type":"track","messageId":"p4","anonymousId":"w1","event":"Product Removed",
            "timestamp":"2025-03-21T00:00:00Z","properties":{"product_id":"s2"}}"#,
    ];
    for home in Home::each().await {
        let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
        let source = source::create(&cx, "site").await.unwrap();
        send(&cx, source.number, PARTS).await;
        Fold::default().drain(&cx).await.unwrap();
        let sql = "select p.sku, l.quantity from cart_lines l
            join products p on p.product_id = l.product_id";
        // 2025-03-21T00:00:00Z.
        let last = Time::from_micros(1_742_515_200_000_000);
        for (days, left) in [(0, 1), (60, 1), (90, 1), (91, 0)] {
            let cx = cx.at(last.plus(days * DAY_MICROS));
            assert_eq!(rows(&cx, &home, sql).await.len(), left, "{} {days}", home.kind);
            cart::expire(&cx).await.unwrap();
            assert_eq!(rows(&cx, &home, sql).await.len(), left, "{} {days}", home.kind);
        }
    }
}
