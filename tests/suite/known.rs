//! Real data with its known answers, on both databases.

use std::collections::HashMap;

use shuke_tests::{Home, ask, data, figures, import, same, state};
use store::{Cx, binds};
use stratify::mirror::Mirror;
use stratify::rfm;

use crate::segmenting;

fn rows(csv: &str) -> Vec<&str> {
    csv.lines().skip(1).collect()
}

/// Asks every question and compares the rows of its answer.
async fn answers(cx: &Cx, home: &Home, expected: &[(&str, &[&str])]) {
    for (sql, answer) in expected {
        let found = ask(cx, &home.lake, sql).await.unwrap();
        assert_eq!(rows(&found), *answer, "{}: {sql}", home.kind);
    }
}

/// Everything that is known of Online Retail's lines and documents. The sum of quantity × price is
/// 9,747,747.934: four lines of 0.001 come to nothing in whole pence, and no other line is rounded.
const ONLINE_RETAIL: &[(&str, &[&str])] = &[
    (
        "select kind, count(*), sum(net_minor) from orders group by 1 order by 1",
        &["correction,3,-1106206", "order,22061,1065562248", "refund,3836,-89681249"],
    ),
    ("select count(*), count(distinct country) from orders", &["25900,38"]),
    ("select count(*), count(distinct sku) from products", &["4070,4070"]),
    (
        "select count(*), sum(amount_minor), count(distinct sku),
            sum(case when customer_id is null then 1 else 0 end) from order_lines",
        &["541909,974774793,4070,135080"],
    ),
    (
        "select min(placed_at), max(placed_at) from order_lines",
        &["2010-12-01T08:26:00Z,2011-12-09T12:50:00Z"],
    ),
    (
        "select count(*), count(distinct order_id) from order_lines join orders using (order_id)
        where kind = 'refund'",
        &["9288,3836"],
    ),
    // 5,268 rows repeat another one whole; two more do so but for the title.
    (
        "select count(*), sum(n) - count(*) from (
            select count(*) as n from order_lines
            group by order_id, customer_id, sku, quantity, unit_price_minor, placed_at)",
        &["536639,5270"],
    ),
    (
        "select count(*), sum(l.amount_minor), count(distinct l.customer_id)
        from order_lines l join orders o using (order_id) where o.country = 'United Kingdom'",
        &["495478,818780636,3950"],
    ),
    (
        "select sum(case when n > 1 then 1 else 0 end) from (
            select count(distinct country) as n from orders
            where customer_id is not null group by customer_id)",
        &["8"],
    ),
    (
        "select orders, paid_orders, paid_minor, net_minor from customers
        where external_id = '14646'",
        &["74,73,28020602,27948902"],
    ),
    ("select count(*) from orders where kind = 'order' and customer_id is null", &["3525"]),
    (
        "select sku, sum(quantity) from order_lines where quantity > 0 group by 1
        order by 2 desc limit 1",
        &["23843,80995"],
    ),
    (
        "select sku, sum(quantity) from order_lines group by 1 order by 2 desc limit 1",
        &["22197,56450"],
    ),
];

/// Lines with a customer, above zero in quantity and price, not cancelled. Three pads and a charge
/// of a tenth of a penny are above zero and none in whole pence.
const CLEAN: &str = "with clean as (
        select l.order_id, l.placed_at, l.amount_minor, l.customer_id, c.external_id
        from order_lines l join orders o on o.order_id = l.order_id
        join customers c on c.customer_id = l.customer_id
        where o.kind = 'order' and l.quantity > 0 and (l.unit_price_minor > 0
            or (o.external_id, l.sku) in (('550193', 'PADS'), ('561226', 'PADS'),
                ('568200', 'PADS'), ('568375', 'BANK CHARGES')))),
    people as (
        select external_id, count(distinct order_id) as invoices, sum(amount_minor) as money
        from clean group by 1),
    ranked as (
        select money, row_number() over (order by money desc, external_id) as place,
            sum(money) over (order by money desc, external_id) as so_far,
            sum(money) over () as total from people) ";

/// What is known of the clean set: 8,911,407.904 less four tenths of a penny; 65.583 % of its
/// customers come back; 82.8 % of the money from the first 30 % of customers, 70 % from 15.9 %.
const CLEAN_ANSWERS: &[(&str, &[&str])] = &[
    (
        "select count(*), count(distinct order_id), count(distinct customer_id), sum(amount_minor)
        from clean",
        &["397884,18532,4338,891140790"],
    ),
    (
        "select round(avg(case when invoices > 1 then 1.0 else 0.0 end), 5) from people",
        &["0.65583"],
    ),
    (
        "select external_id, money, invoices from people order by money desc limit 3",
        &["14646,28020602,73", "18102,25965730,60", "17450,19455079,46"],
    ),
    (
        "select round(sum(case when place <= ceil(0.3 * 4338) then money else 0 end) * 1.0
            / max(total), 3),
        round(sum(case when (so_far - money) * 10 < total * 7 then 1 else 0 end) / 4338.0, 3)
        from ranked",
        &["0.828,0.159"],
    ),
    (
        "select round(sum(amount_minor) / 100.0 / count(distinct order_id), 2),
            round(sum(amount_minor) / 100.0 / count(distinct customer_id), 2)
        from clean where placed_at >= '2011-11-01' and placed_at < '2011-12-01'",
        &["437.27,698.21"],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn online_retail_is_known_to_the_penny() {
    let Some(file) = data("online_retail/online_retail.csv.zst") else { return };
    let mut told = Vec::new();
    for home in Home::each().await {
        let (cx, shop, report) =
            import(&home, "uk", "online-retail", std::slice::from_ref(&file)).await.unwrap();
        let money = &report.figures;
        assert_eq!(
            (report.rows_read, report.rows_accepted, report.rows_rejected, report.rows_duplicate),
            (541_909, 541_909, 0, 0),
            "{}",
            home.kind
        );
        assert_eq!((report.customers, money.orders, money.cancellations), (4_372, 22_061, 3_836));
        assert_eq!(money.gross_minor, 1_065_562_248);
        assert_eq!(money.refunded_minor, 89_681_249);
        assert_eq!(money.adjusted_minor, -1_106_206);
        assert_eq!(report.net_minor(), 974_774_793);

        answers(&cx, &home, ONLINE_RETAIL).await;
        for (sql, answer) in CLEAN_ANSWERS {
            answers(&cx, &home, &[(&format!("{CLEAN}{sql}"), answer)]).await;
        }
        online_retail_strata(&cx, &shop).await;
        segmenting::agrees(&cx, &home, &shop, (&segmenting::ONLINE_RETAIL, &file)).await;

        // The same file again changes nothing.
        let (_, _, again) =
            import(&home, "uk", "online-retail", std::slice::from_ref(&file)).await.unwrap();
        assert_eq!(
            (again.rows_read, again.rows_accepted, again.rows_duplicate),
            (541_909, 0, 541_909)
        );
        assert_eq!((&again.figures, again.customers), (money, report.customers));
        let sql = "select count(*), sum(amount_minor) from order_lines";
        answers(&cx, &home, &[(sql, &["541909,974774793"])]).await;
        told.push(figures(&cx, &home.lake).await.unwrap());
    }
    same(&told, "the databases tell the same");
}

async fn online_retail_strata(cx: &store::Cx, shop: &store::shop::Shop) {
    let mut mirror = Mirror::empty(cx.shop);
    mirror.refresh(cx).await.unwrap();
    let wish = rfm::Setting::default();
    let report = rfm::report(cx, &mirror, &shop.zone, (None, &wish)).await.unwrap().report;
    assert_eq!(report.customers, 4_338);
    assert_eq!(report.cuts.f, [1, 2, 3, 6]);
    assert_eq!(report.cuts.m, [24_322, 47_528, 91_493, 201_891]);
    let sizes: Vec<i64> = report.strata.iter().map(|row| row.customers).collect();
    assert_eq!(sizes, [898, 148, 380, 309, 112, 556, 112, 1_823]);
    // Shares of net money, which returns have lowered.
    let top: Vec<String> =
        report.top.iter().map(|top| format!("{} {:.5}", top.share, top.revenue_share)).collect();
    assert_eq!(top, ["0.1 0.59805", "0.2 0.73586", "0.3 0.82116"]);
    // From the orders, as of a day when everything has happened, the same comes out.
    let day = "2025-12-31".parse().unwrap();
    let past = rfm::report(cx, &mirror, &shop.zone, (Some(day), &wish)).await.unwrap().report;
    assert_eq!(
        serde_json::to_value(&past.matrix).unwrap(),
        serde_json::to_value(&report.matrix).unwrap()
    );
    let then = "2011-09-10".parse().unwrap();
    let told = rfm::report(cx, &mirror, &shop.zone, (Some(then), &wish)).await.unwrap().report;
    assert!(told.customers < 4_338);
    let day = "2011-12-09".parse().unwrap();
    let foretold =
        rfm::report(cx, &mirror, &shop.zone, (Some(day), &wish)).await.unwrap().report.foretold;
    let foretold = foretold.expect("a year of orders foretells 90 days");
    assert!(foretold.f > 0.5 && foretold.came_back > 1_000, "{foretold:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_taobao_report_is_read_as_expected() {
    let Some(file) = data("taobao_export/ExportOrderList_synthetic.csv") else { return };
    let mut told = Vec::new();
    for home in Home::each().await {
        let (cx, _, report) =
            import(&home, "熟客示例店", "taobao-orders", std::slice::from_ref(&file))
                .await
                .unwrap();
        assert_eq!(
            (report.rows_read, report.rows_accepted, report.rows_rejected, report.rows_duplicate),
            (6_015, 5_987, 13, 15),
            "{}",
            home.kind
        );
        assert_eq!((report.customers, report.figures.orders), (1_632, 5_987));
        assert_eq!(report.figures.gross_minor, 320_175_430);
        let sql = "select count(*), sum(paid_minor) from orders where paid_minor > 0";
        answers(&cx, &home, &[(sql, &["4445,320175430"])]).await;
        let rejects = std::fs::read_to_string(report.rejects_file.unwrap()).unwrap();
        assert_eq!(rejects.lines().count(), 14);
        assert!(rejects.contains("2024-13-45 99:00:00"), "{rejects}");
        told.push(state(&cx, &home.lake).await.unwrap());
    }
    same(&told, "the databases tell the same");
}

const OLIST: &[(&str, &[&str])] = &[
    (
        "select kind, status, count(*), sum(paid_minor), count(distinct customer_id),
            min(placed_at), max(placed_at) from orders group by 1, 2",
        // São Paulo is three hours behind.
        &["order,received,10000,162064963,9957,2016-10-04T13:41:17Z,2018-08-29T14:06:11Z"],
    ),
    (
        "select count(*), sum(amount_minor), count(distinct sku) from order_lines",
        &["11513,138960203,6694"],
    ),
    ("select orders, count(*) from customers group by 1 order by 1", &["1,9915", "2,41", "3,1"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn olist_is_joined_from_its_files_in_any_order() {
    let names = ["orders", "order_items", "order_payments", "customers"];
    let path = |name: &&str| data(&format!("olist/olist_{name}_dataset.csv.zst"));
    let Some(files) = names.iter().map(path).collect::<Option<Vec<_>>>() else { return };
    let mut told = Vec::new();
    for (home, turn) in Home::each().await.into_iter().zip([0, 3]) {
        let mut files = files.clone();
        files.rotate_left(turn);
        let (cx, _, report) = import(&home, "olist", "olist", &files).await.unwrap();
        let all = 10_000 + 11_513 + 10_415 + 10_000;
        assert_eq!((report.rows_read, report.rows_accepted), (all, all), "{}", home.kind);
        assert_eq!((report.figures.orders, report.customers), (10_000, 9_957), "{}", home.kind);
        assert_eq!(report.figures.gross_minor, 162_064_963);
        answers(&cx, &home, OLIST).await;
        olist_is_paid_as_payments_say(&cx, &home).await;
        told.push(state(&cx, &home.lake).await.unwrap());
    }
    same(&told, "the databases tell the same");
}

/// Payments differ from price and freight in 66 orders, by 129.44 in all.
async fn olist_is_paid_as_payments_say(cx: &Cx, home: &Home) {
    let sql = "select external_id, paid_minor, shipping_minor from orders where shop_id = $1";
    let mut tx = cx.read().await.unwrap();
    let orders: Vec<(String, i64, Option<i64>)> = tx.all(sql, binds![cx.shop]).await.unwrap();
    let orders = orders.into_iter().map(|(id, paid, freight)| (id, paid, freight.unwrap_or(0)));
    let orders: Vec<_> = orders.collect();
    assert_eq!(orders.iter().map(|(.., freight)| freight).sum::<i64>(), 23_091_816);
    let sql = "select o.external_id, sum(l.amount_minor) from order_lines l
        join orders o using (order_id) group by 1";
    let lines = ask(cx, &home.lake, sql).await.unwrap();
    let lines = rows(&lines).into_iter().map(|row| row.split_once(',').unwrap());
    let lines: HashMap<&str, i64> = lines.map(|(id, sum)| (id, sum.parse().unwrap())).collect();
    let beyond = orders.iter().map(|(id, paid, freight)| paid - freight - lines[id.as_str()]);
    let beyond: Vec<i64> = beyond.filter(|beyond| *beyond != 0).collect();
    assert_eq!((beyond.len(), beyond.iter().sum::<i64>()), (66, 12_944), "{}", home.kind);
}

const COMPLETE_JOURNEY: &[(&str, &[&str])] = &[
    (
        "select count(*), count(distinct product_id), sum(amount_minor),
            sum(case when amount_minor = 0 then 1 else 0 end), min(placed_at), max(placed_at)
        from order_lines",
        // 11,226 lines are at zero; another 20, such as 4.4e-16, come to nothing in whole cents.
        &["1469307,68509,459603958,11246,2017-01-01T11:53:26Z,2018-01-01T04:01:20Z"],
    ),
    (
        "select count(*), count(distinct customer_id), sum(paid_minor), sum(net_minor),
            sum(case when paid_minor = 0 then 1 else 0 end) from orders where kind = 'order'",
        &["155848,2469,459603958,459603958,478"],
    ),
    ("select count(*) from customers", &["2469"]),
    // What is sold is known as a product, listed or not: 92,331 and 17. Every listed one has a
    // department.
    (
        "select count(*), sum(case when category is null then 1 else 0 end) from products",
        &["92348,17"],
    ),
    (
        "select round(sum(case when place <= ceil(0.3 * 2469) then net_minor else 0 end) * 1.0
            / sum(net_minor), 3)
        from (select net_minor, row_number() over (order by net_minor desc) as place
            from customers)",
        &["0.683"],
    ),
];

/// The largest set: 1.5 million lines, so it takes longer than the others.
#[tokio::test(flavor = "multi_thread")]
async fn complete_journey_is_known_to_the_cent() {
    let names = ["transactions", "products", "demographics"];
    let path = |name: &&str| data(&format!("complete_journey/{name}.parquet"));
    let Some(files) = names.iter().map(path).collect::<Option<Vec<_>>>() else { return };
    let mut told = Vec::new();
    for home in Home::each().await {
        let (cx, shop, report) = import(&home, "cj", "complete-journey", &files).await.unwrap();
        assert_eq!((report.figures.orders, report.customers), (155_848, 2_469), "{}", home.kind);
        assert_eq!(report.figures.gross_minor, 459_603_958);
        answers(&cx, &home, COMPLETE_JOURNEY).await;
        let folder = files[0].parent().unwrap();
        segmenting::agrees(&cx, &home, &shop, (&segmenting::COMPLETE_JOURNEY, folder)).await;
        told.push(figures(&cx, &home.lake).await.unwrap());
    }
    same(&told, "the databases tell the same");
}
