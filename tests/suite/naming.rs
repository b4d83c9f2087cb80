//! What names an order instead of a person is of whoever bought that, on both databases.

use shuke_tests::{Home, ask, file, import};

const ORDERS: &str = "订单号,会员名,商品编码,数量,单价,下单时间
A,安安,s1,2,10.00,2025-03-01 10:00:00
B,贝贝,s1,1,10.00,2025-03-01 11:00:00
";
const REFUNDS: &str = "单号,单据类型,原订单号,商品编码,数量,单价,下单时间
A-1,退货,A,s1,1,10.00,2025-03-05 10:00:00
C-1,退货,C,s1,1,10.00,2025-03-05 10:00:00
";
const REVIEWS: &str = "评价ID,订单编号,商品编码,评分,评价时间
R1,A,s1,5,2025-03-06 10:00:00
R2,C,s1,1,2025-03-06 11:00:00
";
const PEOPLE: &str =
    "select external_id, orders, refunded_minor, net_minor from customers order by 1";
const LINES: &str = "select o.external_id as document, c.external_id as customer, l.quantity
    from order_lines l join orders o using (order_id)
    left join customers c on c.customer_id = l.customer_id order by 1";
const SAID: &str = "select e.message_id is not null as there, o.external_id as document,
        c.external_id as customer
    from events e left join orders o using (order_id)
    left join customers c on c.customer_id = e.customer_id order by e.event_time";

const ALL_PEOPLE: &str = "external_id,orders,refunded_minor,net_minor
安安,1,1000,1000
贝贝,1,0,1000
";
const ALL_LINES: &str = "document,customer,quantity
A,安安,2
A-1,安安,-1
B,贝贝,1
C-1,,-1
";
const ALL_SAID: &str = "there,document,customer
true,A,安安
true,,
";

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_and_a_review_find_the_buyer_of_their_order_in_any_order() {
    let files = [("orders", ORDERS), ("orders", REFUNDS), ("reviews", REVIEWS)];
    for home in Home::each().await {
        for turn in [[0, 1, 2], [1, 2, 0], [2, 0, 1], [1, 0, 2]] {
            let shop = format!("{turn:?}");
            for (mapping, text) in turn.map(|index: usize| files[index]) {
                let path = file(&home, &format!("{shop}{mapping}{}.csv", text.len()), text);
                import(&home, &shop, mapping, &[path]).await.unwrap();
            }
            let cx = home.cx.of(store::shop::by_name(&home.cx, &shop).await.unwrap().id);
            for (sql, answer) in [(PEOPLE, ALL_PEOPLE), (LINES, ALL_LINES), (SAID, ALL_SAID)] {
                let found = ask(&cx, &home.lake, sql).await.unwrap();
                assert_eq!(found, answer, "{} {turn:?}", home.kind);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn they_lose_the_buyer_with_the_order() {
    for home in Home::each().await {
        let path = |name, text| [file(&home, name, text)];
        let (cx, _, orders) =
            import(&home, "s", "orders", &path("orders.csv", ORDERS)).await.unwrap();
        import(&home, "s", "orders", &path("refunds.csv", REFUNDS)).await.unwrap();
        import(&home, "s", "reviews", &path("reviews.csv", REVIEWS)).await.unwrap();
        perceive::import::undo(&cx, &home.lake, orders.import).await.unwrap();
        let found = ask(&cx, &home.lake, LINES).await.unwrap();
        assert_eq!(found, "document,customer,quantity\nA-1,,-1\nC-1,,-1\n", "{}", home.kind);
        let said = "select count(*), count(customer_id) from events";
        let found = ask(&cx, &home.lake, said).await.unwrap();
        assert_eq!(found.lines().nth(1), Some("2,0"), "{}", home.kind);
        import(&home, "s", "orders", &path("again.csv", ORDERS)).await.unwrap();
        for (sql, answer) in [(PEOPLE, ALL_PEOPLE), (LINES, ALL_LINES), (SAID, ALL_SAID)] {
            assert_eq!(ask(&cx, &home.lake, sql).await.unwrap(), answer, "{}", home.kind);
        }
    }
}
