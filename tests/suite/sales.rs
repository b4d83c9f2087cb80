//! What counts as a sale: small exports with answers worked out by hand, on both databases.

use shuke_tests::{Home, ask, file, import, run, text};

const SUMS: &str = "select o.external_id, o.paid_minor, o.refunded_minor from orders o order by 1";
const NETS: &str = "select external_id, net_minor from customers order by 1";

struct Case {
    what: &'static str,
    mapping: &'static str,
    text: &'static str,
    sql: &'static str,
    answer: &'static str,
}

const CASES: [Case; 4] = [
    Case {
        what: "the total of an order is a sale once it is paid, unless it was closed",
        mapping: "orders",
        text: "order_id,customer_id,订单状态,订单金额,退款金额,placed_at
P,a,待付款,100,,2025-03-01 10:00:00
Q,a,交易关闭,100,,2025-03-01 10:00:00
R,a,已退款,100,100,2025-03-01 10:00:00
S,a,交易成功,100,,2025-03-01 10:00:00
T,a,,100,,2025-03-01 10:00:00
",
        sql: SUMS,
        answer: "P,0,0\nQ,0,0\nR,10000,10000\nS,10000,0\nT,10000,0\n",
    },
    Case {
        what: "a refund's own document takes away whatever its sign is",
        mapping: "orders",
        text: "order_id,customer_id,kind,sku,quantity,price,placed_at
A,ann,order,s1,2,10.00,2025-03-01 10:00:00
B,ann,refund,s1,1,10.00,2025-03-05 10:00:00
C,bob,order,s1,2,10.00,2025-03-01 10:00:00
D,bob,refund,s1,-1,10.00,2025-03-05 10:00:00
",
        sql: NETS,
        answer: "ann,1000\nbob,1000\n",
    },
    Case {
        what: "so does one without lines",
        mapping: "orders",
        text: "order_id,customer_id,单据类型,金额,placed_at
A,ann,订单,20,2025-03-01 10:00:00
B,ann,退货,-10,2025-03-05 10:00:00
C,bob,订单,20,2025-03-01 10:00:00
D,bob,退款,10,2025-03-05 10:00:00
",
        sql: NETS,
        answer: "ann,1000\nbob,1000\n",
    },
    Case {
        what: "a nick is the same person in every file",
        mapping: "reviews",
        text: "评价ID,买家会员名,商品编码,评分,评价内容,评价时间
R1,小鱼,s1,5,好,2025-03-05 10:00:00
",
        sql: "select count(*) from customers",
        answer: "1\n",
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn sales_are_told_from_what_is_none() {
    for home in Home::each().await {
        for (number, case) in (1..).zip(&CASES) {
            let path = file(&home, &format!("case-{number}.csv"), case.text);
            let shop = format!("shop {number}");
            let (cx, ..) = import(&home, &shop, case.mapping, &[path]).await.unwrap();
            let answer = ask(&cx, &home.lake, case.sql).await.unwrap();
            let rows = answer.split_once('\n').unwrap().1;
            assert_eq!(rows, case.answer, "{}: {}", home.kind, case.what);
        }
    }
}

const FIRST: &str = "order_id,customer_id,sku,quantity,price,placed_at,paid_at,status
A,ann,s1,1,100.00,2025-03-01 10:00:00,2025-03-01 10:00:00,paid
";

/// Prices were mended after the first export; nothing else tells which of the two is later.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_exports_that_differ_alone_in_amounts_the_same_one_holds_in_every_shop() {
    let head = "order_id,customer_id,placed_at,status,实付金额\n";
    let row = |paid| format!("{head}A,ann,2025-03-01 10:00:00,paid,{paid}\n");
    for home in Home::each().await {
        let (high, low) = (file(&home, "high.csv", &row(100)), file(&home, "low.csv", &row(90)));
        for shop in ["x", "y", "z"] {
            let (cx, ..) =
                import(&home, shop, "orders", std::slice::from_ref(&high)).await.unwrap();
            import(&home, shop, "orders", std::slice::from_ref(&low)).await.unwrap();
            assert_eq!(
                ask(&cx, &home.lake, NETS).await.unwrap(),
                "external_id,net_minor\nann,10000\n"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_amount_that_differs_from_line_to_line_is_rejected() {
    let text = FIRST.replace("status\n", "status,实付金额\n").replace("paid\n", "paid,100\n")
        + "A,ann,s2,1,20.00,2025-03-01 10:00:00,2025-03-01 10:00:00,paid,20\n";
    let home = Home::sqlite().await;
    let path = file(&home, "lines.csv", &text);
    let (_, _, report) = import(&home, "s", "orders", &[path]).await.unwrap();
    assert_eq!((report.rows_accepted, report.rows_rejected), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn rfm_counts_what_has_happened_and_tells_who_moved() {
    use stratify::mirror::Mirror;
    use stratify::rfm::{Setting, report, save};
    let text = FIRST.to_owned()
        + "B,bob,s1,1,50.00,2025-03-01 10:00:00,2025-03-09 10:00:00,paid
C,cat,s1,1,70.00,2031-01-01 10:00:00,2031-01-01 10:00:00,paid
D,dan,s1,1,70.00,,,paid
";
    let more = FIRST.replace("A,", "E,").replace("ann", "eve").replace("100.00", "900.00");
    for home in Home::each().await {
        let path = file(&home, "orders.csv", &text);
        let (cx, shop, _) = import(&home, "s", "orders", &[path]).await.unwrap();
        let mut mirror = Mirror::empty(cx.shop);
        mirror.refresh(&cx).await.unwrap();
        let wish = Setting::default();
        let run = async |mirror: &Mirror, day: Option<&str>| {
            let day = day.map(|day| day.parse().unwrap());
            report(&cx, mirror, &shop.zone, (day, &wish)).await.unwrap()
        };
        let customers = async |day| run(&mirror, day).await.report.customers;
        assert_eq!(customers(Some("2025-03-02")).await, 1, "bob has not paid yet");
        assert_eq!(customers(Some("2025-03-09")).await, 2);
        assert_eq!(
            customers(None).await,
            2,
            "an order of 2031 is none yet, one without a time has no R"
        );
        save(&cx, &run(&mirror, None).await, false).await.unwrap();
        let more = file(&home, "more.csv", &more);
        import(&home, "s", "orders", &[more]).await.unwrap();
        mirror.refresh(&cx).await.unwrap();
        let entered =
            |run: &stratify::rfm::Report| run.strata.iter().map(|row| row.entered).sum::<i64>();
        let after = run(&mirror, None).await;
        let moved = entered(&after.report);
        assert!(moved >= 1, "eve is new");
        save(&cx, &after, false).await.unwrap();
        let again = run(&mirror, None).await;
        assert_eq!(entered(&again.report), moved, "the stored run is the same as now");
    }
}

const DOLLARS: &str = "order_id,phone,sku,quantity,price,currency,placed_at
A,(212) 555-0100,s1,1,10.00,USD,2025-03-01 10:00:00
B,+1 212 555 0100,s1,1,10.00,USD,2025-03-05 10:00:00
";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_shop_counts_in_the_currency_of_its_first_file_and_keeps_it() {
    let home = Home::sqlite().await;
    let path = file(&home, "orders.csv", DOLLARS);
    let path = path.to_str().unwrap();
    let said = |more: &[&str]| {
        let args = [&["import", "--shop", "us", path], more].concat();
        text(&run(home.dir.path(), &args))
    };
    let (code, out, _) = said(&[]);
    assert!(code == Some(0) && out.contains("paid 20.00 USD"), "{out}");
    let sql = "select orders from customers";
    let people = text(&run(home.dir.path(), &["query", "--shop", "us", "--csv", sql]));
    assert_eq!(people.1, "orders\n2\n", "where dollars are spent, a number is American");
    for (more, words) in [
        (["--currency", "CNY"], "keeps its figures in USD, not CNY"),
        (["--time-zone", "Europe/Paris"], "keeps the time of Asia/Shanghai"),
    ] {
        for dry in [&[][..], &["--dry-run"]] {
            let (code, _, err) = said(&[&more, dry].concat());
            assert!(code == Some(1) && err.contains(words), "{err}");
        }
    }
}
