//! What an import must not pass over: misspelt columns, changed mappings, test orders, long texts,
//! files that unpack to anything, and what an undone import alone knew.

use std::fmt::Write as _;
use std::path::PathBuf;

use perceive::import;
use shuke_tests::{Home, ask, file, import as load, state};
use store::Cx;

/// A mapping of a shop's own for files of orders.
fn mapping(version: u32, buyer: &str, status: &str) -> String {
    format!(
        "name = \"my-shop\"
version = {version}

[[file]]
role = \"orders\"
record = \"order_line\"
required = [\"order\", \"sku\", \"unit_price\"]
paid_when = {{ column = \"{status}\", is = [\"paid\"] }}

[file.fields]
order = \"No\"
sku = \"Article\"
unit_price = \"Price\"
quantity = {{ constant = \"1\" }}
placed_at = \"Day\"

[[file.identifiers]]
namespace = \"external\"
column = \"{buyer}\"
"
    )
}

const ORDERS: &str = "No,Buyer,State,Article,Price,Day
A1,ann,paid,s1,10.00,2025-03-01
A2,bob,open,s2,20.00,2025-03-02
";
const MORE: &str = "No,Buyer,State,Article,Price,Day
B1,cat,paid,s1,30.00,2025-03-03
";

async fn rows(cx: &Cx, home: &Home, sql: &str) -> Vec<String> {
    let text = ask(cx, &home.lake, sql).await.unwrap();
    text.lines().skip(1).map(str::to_owned).collect()
}

fn own(home: &Home, name: &str, text: &str) -> String {
    file(home, name, text).to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misspelt_column_refuses_the_file() {
    let home = Home::sqlite().await;
    let orders = [file(&home, "orders.csv", ORDERS)];
    for (buyer, status, word) in [
        ("Buyer", "Stauts", "paid_when (Stauts)"),
        ("Bayer", "State", "external (Bayer)"),
        ("Nobody", "Nothing", "paid_when (Nothing), external (Nobody)"),
    ] {
        let own = own(&home, "own.toml", &mapping(1, buyer, status));
        let error = load(&home, "s", &own, &orders).await.unwrap_err();
        assert!(error.message.contains(word), "{error}");
        assert!(error.hint.is_some());
    }
    let own = own(&home, "own.toml", &mapping(1, "Buyer", "State"));
    let (_, _, report) = load(&home, "s", &own, &orders).await.unwrap();
    assert_eq!((report.customers, report.figures.gross_minor), (2, 1_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_takes_the_place_of_the_same_files_only() {
    for home in Home::each().await {
        let [a, b] =
            [("a.csv", ORDERS), ("b.csv", MORE)].map(|(name, text)| file(&home, name, text));
        let first = own(&home, "own.toml", &mapping(1, "Buyer", "State"));
        load(&home, "s", &first, &[a.clone(), b.clone()]).await.unwrap();
        // Everything is a sale from now on.
        let text = mapping(1, "Buyer", "State").replace("[\"paid\"]", "[\"paid\", \"open\"]");
        let silent = own(&home, "own.toml", &text);
        let error = load(&home, "s", &silent, std::slice::from_ref(&a)).await.unwrap_err();
        assert!(error.hint.is_some_and(|hint| hint.contains("version = 2")), "{}", home.kind);

        let second = own(&home, "own.toml", &text.replace("version = 1", "version = 2"));
        let (cx, _, report) = load(&home, "s", &second, std::slice::from_ref(&a)).await.unwrap();
        assert_eq!((report.rows_read, report.figures.gross_minor), (2, 3_000));
        let sql = "select external_id, paid_minor from orders order by 1";
        assert_eq!(rows(&cx, &home, sql).await, ["A1,1000", "A2,2000", "B1,3000"], "{}", home.kind);
        let sql = "select count(*), sum(amount_minor) from order_lines";
        assert_eq!(rows(&cx, &home, sql).await, ["3,6000"], "{}", home.kind);

        let third = own(&home, "own.toml", &text.replace("version = 1", "version = 3"));
        load(&home, "s", &third, &[b, a]).await.unwrap();
        assert_eq!(rows(&cx, &home, sql).await, ["3,6000"], "{}", home.kind);
        let states: Vec<_> =
            import::list(&cx).await.unwrap().into_iter().map(|one| one.state).collect();
        assert_eq!(states, [import::State::Done, import::State::Undone, import::State::Undone]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_made_to_try_the_shop_out_counts_nowhere() {
    let text = "order_id,customer_id,测试订单,sku,quantity,price,placed_at
A,ann,,s1,1,10.00,2025-03-01 10:00:00
B,ann,是,s1,5,10.00,2025-03-02 10:00:00
C,bob,yes,s1,7,10.00,2025-03-03 10:00:00
";
    for home in Home::each().await {
        let orders = [file(&home, "orders.csv", text)];
        let (cx, _, report) = load(&home, "s", "orders", &orders).await.unwrap();
        assert_eq!((report.figures.orders, report.figures.gross_minor), (1, 1_000));
        for (sql, answer) in [
            ("select external_id, orders, net_minor from customers where orders > 0", "ann,1,1000"),
            ("select count(*), sum(paid_minor) from orders", "1,1000"),
            ("select count(*), sum(quantity) from order_lines", "1,1"),
        ] {
            assert_eq!(rows(&cx, &home, sql).await, [answer], "{}: {sql}", home.kind);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_texts_are_cut_into_batches_that_the_log_takes() {
    let home = Home::sqlite().await;
    let long = "好".repeat(20_000);
    let mut text = "评价ID,会员名,评价内容,评价时间\n".to_owned();
    for number in 0..600 {
        let _ = writeln!(text, "R{number},m{number},{long},2025-03-05 10:00:00");
    }
    let reviews = [file(&home, "reviews.csv", &text)];
    let (cx, _, report) = load(&home, "s", "reviews", &reviews).await.unwrap();
    assert_eq!((report.rows_accepted, report.rows_rejected), (600, 0));
    assert_eq!(rows(&cx, &home, "select count(*) from events").await, ["600"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_unpacks_to_anything_is_refused() {
    let home = Home::sqlite().await;
    let mut bomb = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    let lines = vec![b'\n'; 1 << 20];
    std::io::Write::write_all(&mut bomb, b"order_id,customer_id,sku,price\n").unwrap();
    for _ in 0..300 {
        std::io::Write::write_all(&mut bomb, &lines).unwrap();
    }
    let path: PathBuf = home.dir.path().join("orders.csv.zst");
    std::fs::write(&path, bomb.finish().unwrap()).unwrap();
    let error = load(&home, "s", "orders", &[path]).await.unwrap_err();
    assert!(error.message.contains("1000 times its size"), "{error}");
}

/// How many identifiers and keys of customers the store holds.
async fn identifiers(cx: &Cx) -> i64 {
    let mut tx = cx.read().await.unwrap();
    let sql = "select count(*) from identifier where shop_id = $1";
    let (count,): (i64,) = tx.one(sql, store::binds![tx.shop()]).await.unwrap();
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undone_import_leaves_no_identifier_that_it_alone_named() {
    let people = "客户编号,手机号,邮箱,姓名\na,13800000001,a@x.cn,甲\nb,13800000002,b@x.cn,乙\n";
    let orders = "order_id,customer_id,sku,price,placed_at\nA,a,s1,10.00,2025-03-01 10:00:00\n";
    for home in Home::each().await {
        let orders = [file(&home, "orders.csv", orders)];
        let (cx, ..) = load(&home, "s", "orders", &orders).await.unwrap();
        let (before, count) = (state(&cx, &home.lake).await.unwrap(), identifiers(&cx).await);
        assert_eq!(count, 1);
        let people = [file(&home, "people.csv", people)];
        let (_, _, report) = load(&home, "s", "customers", &people).await.unwrap();
        assert_eq!(identifiers(&cx).await, 6);
        import::undo(&cx, &home.lake, report.import).await.unwrap();
        assert_eq!(identifiers(&cx).await, 1, "{}", home.kind);
        assert_eq!(state(&cx, &home.lake).await.unwrap(), before, "{}", home.kind);
        // And it can be imported again.
        load(&home, "s", "customers", &people).await.unwrap();
        assert_eq!(identifiers(&cx).await, 6, "{}", home.kind);
    }
}
