//! Real data with its known answers, on both databases.

use shuke_tests::{Home, ask, data, import};
use stratify::mirror::Mirror;
use stratify::rfm;

fn rows(csv: &str) -> Vec<&str> {
    csv.lines().skip(1).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn online_retail_is_known_to_the_penny() {
    let Some(file) = data("online_retail/online_retail.csv.zst") else { return };
    for home in Home::each().await {
        let (cx, shop, report) =
            import(&home, "uk", "online-retail", std::slice::from_ref(&file)).await.unwrap();
        let figures = &report.figures;
        assert_eq!(
            (report.rows_read, report.rows_accepted, report.rows_rejected, report.rows_duplicate),
            (541_909, 541_909, 0, 0),
            "{}",
            home.kind
        );
        assert_eq!(
            (report.customers, figures.orders, figures.cancellations),
            (4_372, 22_061, 3_836)
        );
        assert_eq!(figures.gross_minor, 1_065_562_248);
        assert_eq!(figures.refunded_minor, 89_681_249);
        assert_eq!(figures.adjusted_minor, -1_106_206);
        assert_eq!(report.net_minor(), 974_774_793);

        let sql = "select orders, paid_orders, paid_minor, net_minor from customers
            where external_id = '14646'";
        let best = ask(&cx, &home.lake, sql).await.unwrap();
        assert_eq!(rows(&best), ["74,73,28020602,27948902"]);
        let sql = "select count(*), sum(amount_minor), count(distinct sku),
            sum(case when customer_id is null then 1 else 0 end) from order_lines";
        let lines = ask(&cx, &home.lake, sql).await.unwrap();
        assert_eq!(rows(&lines), ["541909,974774793,4070,135080"]);
        let sql = "select count(*) from orders where kind = 'order' and customer_id is null";
        assert_eq!(rows(&ask(&cx, &home.lake, sql).await.unwrap()), ["3525"]);
        let sql = "select sum(net_minor) from orders";
        assert_eq!(rows(&ask(&cx, &home.lake, sql).await.unwrap()), ["974774793"]);
        online_retail_strata(&cx, &shop).await;

        // The same file again changes nothing.
        let (_, _, again) =
            import(&home, "uk", "online-retail", std::slice::from_ref(&file)).await.unwrap();
        assert_eq!(
            (again.rows_read, again.rows_accepted, again.rows_duplicate),
            (541_909, 0, 541_909)
        );
        assert_eq!((&again.figures, again.customers), (figures, report.customers));
        let sql = "select count(*), sum(amount_minor) from order_lines";
        assert_eq!(rows(&ask(&cx, &home.lake, sql).await.unwrap()), ["541909,974774793"]);
    }
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
        assert_eq!(rows(&ask(&cx, &home.lake, sql).await.unwrap()), ["4445,320175430"]);
        let rejects = std::fs::read_to_string(report.rejects_file.unwrap()).unwrap();
        assert_eq!(rejects.lines().count(), 14);
        assert!(rejects.contains("2024-13-45 99:00:00"), "{rejects}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn olist_is_joined_from_its_files_in_any_order() {
    let names = ["orders", "order_items", "order_payments", "customers"];
    let path = |name: &&str| data(&format!("olist/olist_{name}_dataset.csv.zst"));
    let Some(files) = names.iter().map(path).collect::<Option<Vec<_>>>() else { return };
    for (home, turn) in Home::each().await.into_iter().zip([0, 3]) {
        let mut files = files.clone();
        files.rotate_left(turn);
        let (cx, _, report) = import(&home, "olist", "olist", &files).await.unwrap();
        assert_eq!((report.figures.orders, report.customers), (10_000, 9_957), "{}", home.kind);
        assert_eq!(report.figures.gross_minor, 162_064_963);
        let sql = "select count(*), sum(amount_minor) from order_lines";
        assert_eq!(rows(&ask(&cx, &home.lake, sql).await.unwrap()), ["11513,138960203"]);
        let sql = "select count(*) from customers where orders > 0";
        assert_eq!(rows(&ask(&cx, &home.lake, sql).await.unwrap()), ["9957"]);
    }
}

/// The largest set: 1.5 million lines, on SQLite only, so it takes longer than the others.
#[tokio::test(flavor = "multi_thread")]
async fn complete_journey_is_known_to_the_cent() {
    let names = ["transactions", "products", "demographics"];
    let path = |name: &&str| data(&format!("complete_journey/{name}.parquet"));
    let Some(files) = names.iter().map(path).collect::<Option<Vec<_>>>() else { return };
    let home = Home::sqlite().await;
    let (cx, _, report) = import(&home, "cj", "complete-journey", &files).await.unwrap();
    assert_eq!((report.figures.orders, report.customers), (155_848, 2_469));
    assert_eq!(report.figures.gross_minor, 459_603_958);
    let sql = "select count(*), count(distinct product_id), sum(amount_minor) from order_lines";
    assert_eq!(rows(&ask(&cx, &home.lake, sql).await.unwrap()), ["1469307,68509,459603958"]);
    let sql = "select count(*) from orders where paid_minor = 0";
    assert_eq!(rows(&ask(&cx, &home.lake, sql).await.unwrap()), ["478"]);
    let sql = "select min(placed_at), max(placed_at) from order_lines";
    let times = ask(&cx, &home.lake, sql).await.unwrap();
    assert!(
        times.contains("2017-01-01T11:53:26") && times.contains("2018-01-01T04:01:20"),
        "{times}"
    );
}
