//! What a visitor did before signing in belongs to the person who signed in, whatever came first.

use std::path::PathBuf;

use perceive::fold::Fold;
use perceive::identity::{self, Verdict};
use perceive::{profile, source, visit};
use shuke_tests::{Home, file, import, rows, send, state};
use store::Cx;
use stratify::mirror::Mirror;
use stratify::rfm;

/// Bought without an account, from a browser.
const VISIT: &str = "order_id,anonymous_id,customer_id,sku,title,quantity,price,placed_at,status
A1,web-1,,s1,Silk dress,1,300.00,2025-03-01 10:00:00,paid
A2,web-1,,s2,Face mask,2,50.00,2025-03-02 10:00:00,paid
A3,web-2,,s1,Silk dress,1,310.00,2025-03-03 11:00:00,paid
";
/// Asked something from the same browser, and put a product on a list.
const CHATS: &str = "时间,访客ID,客户编号,发送方,消息内容
2025-03-01 09:00:00,web-1,,买家,有货吗
2025-03-01 09:01:00,web-1,,客服,有的
";
const FAVOURITES: &str = "收藏时间,访客ID,商品编码
2025-03-01 08:00:00,web-1,s2
";
/// Signed in there, later in another browser's place too; and orders under the account.
const SIGNED_IN: &str =
    "order_id,anonymous_id,customer_id,phone,sku,quantity,price,placed_at,status
B1,web-1,ann,13800000001,s3,1,20.00,2025-03-05 10:00:00,paid
B2,web-1,bob,,s3,1,30.00,2025-03-06 10:00:00,paid
B3,,ann,,s3,1,40.00,2025-03-07 10:00:00,paid
";

const PEOPLE: &str = "select external_id, orders, paid_orders, net_minor, items
    from customers order by 1";
const ORDERS: &str = "select o.external_id, c.external_id as customer from orders o
    left join customers c on c.customer_id = o.customer_id order by 1";
const EVENTS: &str = "select e.event, c.external_id as customer, count(*) from events e
    left join customers c on c.customer_id = e.customer_id group by 1, 2 order by 1, 2";
const LINES: &str = "select c.external_id, count(*), sum(l.amount_minor) from order_lines l
    left join customers c on c.customer_id = l.customer_id group by 1 order by 1";

fn files(home: &Home) -> Vec<(&'static str, PathBuf)> {
    [
        ("orders", "visit.csv", VISIT),
        ("chats", "chats.csv", CHATS),
        ("favourites", "favourites.csv", FAVOURITES),
        ("orders", "signed_in.csv", SIGNED_IN),
    ]
    .map(|(mapping, name, text)| (mapping, file(home, name, text)))
    .to_vec()
}

async fn joined(cx: &Cx, home: &Home) {
    let kind = home.kind;
    assert_eq!(rows(cx, home, PEOPLE).await, ["ann,4,4,46000,5", "bob,1,1,3000,1"], "{kind}");
    let orders = rows(cx, home, ORDERS).await;
    assert_eq!(orders, ["A1,ann", "A2,ann", "A3,", "B1,ann", "B2,bob", "B3,ann"], "{kind}");
    let events = rows(cx, home, EVENTS).await;
    assert_eq!(events, ["Product Added to Wishlist,ann,1", "chat.said,ann,2"], "{kind}");
    let lines = rows(cx, home, LINES).await;
    assert_eq!(lines, ["ann,4,46000", "bob,1,3000", ",1,31000"], "{kind}");
    let text = rows(cx, home, "select count(*) from orders where customer_id is null").await;
    assert_eq!(text, ["1"], "a visitor is no customer");
    assert_eq!(money(cx, home).await, [46_000, 3_000], "{kind}");
}

/// Everyone's money as RFM sees it: from the mirror, from the orders, and from the lake's lines.
async fn money(cx: &Cx, home: &Home) -> Vec<i64> {
    let shop = store::shop::get(cx).await.unwrap();
    let mut mirror = Mirror::empty(cx.shop);
    mirror.refresh(cx).await.unwrap();
    let now = rfm::now(&mirror, &shop.zone, rfm::Recency::Order).money;
    let day = ("2025-12-31".parse().unwrap(), 0);
    let past = rfm::as_of(cx, &shop.zone, day, &rfm::Setting::default()).await.unwrap();
    assert_eq!(past.0.money, now, "{}", home.kind);
    let whole = rfm::lines::Assortment::Whole;
    let lines = rfm::lines::measures(cx, &home.lake, &shop.zone, &whole, 2).await.unwrap();
    assert_eq!(lines.money, now, "{}", home.kind);
    now
}

#[tokio::test(flavor = "multi_thread")]
async fn history_joins_at_sign_in_in_any_order_and_splits_back() {
    for home in Home::each().await {
        let files = files(&home);
        let mut states = Vec::new();
        for (name, order) in
            [("straight", [0, 1, 2, 3]), ("sign-in first", [3, 2, 1, 0]), ("mixed", [1, 3, 0, 2])]
        {
            let mut shop = None;
            for place in order {
                let (mapping, path) = &files[place];
                let done = import(&home, name, mapping, std::slice::from_ref(path)).await.unwrap();
                shop = Some(done.0);
            }
            let cx = shop.unwrap();
            joined(&cx, &home).await;
            states.push(state(&cx, &home.lake).await.unwrap());
            if name == "straight" {
                splits(&cx, &home).await;
            }
        }
        assert_eq!(states[0], states[1], "{}", home.kind);
        assert_eq!(states[0], states[2], "{}", home.kind);
    }
}

/// Undoing the merge gives the browser its history back; deciding again joins it again.
async fn splits(cx: &Cx, home: &Home) {
    let moved = identity::redirect(&mut cx.read().await.unwrap()).await.unwrap();
    let (visitor, ann) = moved[0];
    assert!(moved.len() == 1 && visitor < 0 && ann > 0, "{moved:?}");
    let merges = identity::merges(cx, Some(ann)).await.unwrap();
    assert_eq!((merges.len(), merges[0].reason.as_str()), (1, "link:anonymous"));
    profile::decide(cx, (ann, visitor), Verdict::Apart).await.unwrap();
    assert_eq!(rows(cx, home, PEOPLE).await, ["ann,2,2,6000,2", "bob,1,1,3000,1"]);
    let events = rows(cx, home, EVENTS).await;
    assert_eq!(events, ["Product Added to Wishlist,,1", "chat.said,,2"], "{}", home.kind);
    assert_eq!(rows(cx, home, LINES).await, ["ann,2,6000", "bob,1,3000", ",3,71000"]);
    assert_eq!(money(cx, home).await, [6_000, 3_000], "{}", home.kind);
    assert!(identity::merges(cx, Some(ann)).await.unwrap()[0].undone_at.is_some());
    profile::decide(cx, (ann, visitor), Verdict::Together).await.unwrap();
    joined(cx, home).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_is_found_through_a_phone_or_a_customer_list_too() {
    let list = "客户编号,访客ID,手机号,姓名\nann,web-1,13800000001,安\n";
    let phone = "order_id,anonymous_id,phone,sku,quantity,price,placed_at,status
C1,web-2,13800000001,s3,1,20.00,2025-03-05 10:00:00,paid
";
    for home in Home::each().await {
        let visit = file(&home, "visit.csv", VISIT);
        let (cx, _, report) = import(&home, "s", "orders", &[visit]).await.unwrap();
        assert_eq!((report.customers, report.figures.orders), (0, 3), "{}", home.kind);
        assert_eq!(rows(&cx, &home, PEOPLE).await, Vec::<String>::new());
        let list = file(&home, "list.csv", list);
        let (.., report) = import(&home, "s", "customers", &[list]).await.unwrap();
        assert_eq!(report.customers, 1);
        assert_eq!(rows(&cx, &home, PEOPLE).await, ["ann,2,2,40000,3"], "{}", home.kind);
        let phone = file(&home, "phone.csv", phone);
        let (.., report) = import(&home, "s", "orders", &[phone]).await.unwrap();
        assert_eq!(rows(&cx, &home, PEOPLE).await, ["ann,4,4,73000,5"], "{}", home.kind);
        // Without the import that linked the second browser it is a stranger's again.
        perceive::import::undo(&cx, &home.lake, report.import).await.unwrap();
        assert_eq!(rows(&cx, &home, PEOPLE).await, ["ann,2,2,40000,3"], "{}", home.kind);
    }
}

/// A browser that is known by an account before it does anything has no number of its own until
/// then; whoever remembers where numbers lead learns of that one, too.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_browser_does_after_signing_in_is_the_account_s_from_the_first() {
    for home in Home::each().await {
        let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
        let source = source::create(&cx, "site").await.unwrap();
        let mut fold = Fold::default();
        let signs_in = r#"{"type":"identify","messageId":"i","anonymousId":"w1","userId":"ann"}"#;
        send(&cx, source.number, &[signs_in]).await;
        fold.drain(&cx).await.unwrap();
        for count in 1..4 {
            assert_eq!(rows(&cx, &home, ORDERS).await.len(), count - 1, "as it is remembered");
            let order = format!(
                r#"{{"type":"track","messageId":"o{count}","anonymousId":"w1",
                    "event":"Order Completed","timestamp":"2025-11-01T01:00:00Z",
                    "properties":{{"order_id":"R{count}","currency":"CNY","total":10,
                    "products":[{{"product_id":"s1","quantity":1,"price":10}}]}}}}"#
            );
            send(&cx, source.number, &[order]).await;
            fold.drain(&cx).await.unwrap();
            let orders: Vec<String> = (1..=count).map(|n| format!("R{n},ann")).collect();
            assert_eq!(rows(&cx, &home, ORDERS).await, orders, "{}", home.kind);
            let people = format!("ann,{count},{count},{},{count}", count * 1_000);
            assert_eq!(rows(&cx, &home, PEOPLE).await, [people], "{}", home.kind);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_nobody_knows_is_counted_until_they_sign_in() {
    for home in Home::each().await {
        let (cx, _) = home.shop("s", "CNY", "Asia/Shanghai").await;
        let source = source::create(&cx, "site").await.unwrap();
        let mut fold = Fold::default();
        let page = |who: &str, at: &str| {
            format!(
                r#"{{"type":"page","messageId":"{who}{at}","anonymousId":"{who}",
                "timestamp":"{at}"}}"#
            )
        };
        let (early, late) = ("2025-10-01T01:00:00Z", "2025-11-01T01:00:00Z");
        send(&cx, source.number, &[page("w1", early), page("w2", early), page("w2", late)]).await;
        fold.drain(&cx).await.unwrap();
        let count = async |since: &str| {
            let mut tx = cx.read().await.unwrap();
            visit::anonymous(&mut tx, since.parse().unwrap()).await.unwrap()
        };
        assert_eq!((count(early).await, count(late).await), (2, 1), "{}", home.kind);
        let signs_in = r#"{"type":"identify","messageId":"i","anonymousId":"w1","userId":"ann"}"#;
        send(&cx, source.number, &[signs_in]).await;
        fold.drain(&cx).await.unwrap();
        assert_eq!((count(early).await, count(late).await), (1, 1), "{}", home.kind);
    }
}
