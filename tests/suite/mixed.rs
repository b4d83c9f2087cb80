//! A small shop with files of every kind, in any language, that speak of each other: both databases
//! tell the same of it, and every import of it can be taken back.

use std::fmt::Write;
use std::path::PathBuf;

use perceive::import;
use shuke_tests::{Home, data, file, import as import_files, same, state};
use store::Cx;

/// A mapping and the files of one import.
pub(crate) type Step = (&'static str, Vec<PathBuf>);

/// People, orders and days of the generated files.
const PEOPLE: usize = 40;

/// Names that sort and compare differently where a database minds the language.
const WORDS: [&str; 8] = [
    "真丝 连衣裙",
    "Éclair",
    "eclair",
    "ÉCLAIR",
    "tea, \"green\"",
    "护手霜😀",
    "a\u{a0}b",
    "Zebra",
];

fn orders(from: usize, to: usize) -> String {
    let mut text = String::from(
        "订单号,单据类型,原订单号,客户编号,手机号,商品编码,商品名称,数量,单价,下单时间,订单状态,退款金额,渠道,\
        收货人,收货地址,联系手机,运费,门店\n",
    );
    for n in from..to {
        let (who, sku) = (n * 7 % PEOPLE, n % WORDS.len());
        let title = WORDS[sku].replace('"', "\"\"");
        let status = ["待付款", "已付款", "已发货", "交易成功", "交易关闭"][n % 5];
        let _ = writeln!(
            text,
            "O{n},订单,,c{who},1380000{who:04},s{sku},\"{title}\",{},{}.05,2025-0{}-1{} 10:00:00,\
            {status},{},{},收件人{who},浙江省杭州市西湖区路{who}号,1390000{n:04},{},店{}",
            1 + n % 3,
            10 + n,
            1 + n % 6,
            n % 9,
            if n % 11 == 3 { "1.00" } else { "" },
            WORDS[(n + 3) % WORDS.len()].replace([',', '"'], ""),
            n % 4,
            n % 2,
        );
        if n % 6 == 3 {
            let _ = writeln!(
                text,
                "O{n}-R,退货,O{n},,,s{sku},\"{title}\",1,{}.05,2025-07-1{} 10:00:00,,,,,,,,",
                10 + n,
                n % 9,
            );
        }
    }
    text
}

fn customers(from: usize, to: usize, year: usize) -> String {
    let mut text = String::from(
        "客户编号,姓名,手机号,邮箱,性别,生日,地址,省份,城市,注册时间,更新时间,会员等级,标签,会员卡号\n",
    );
    for n in from..to {
        let place = [("广东省", "深圳市"), ("北京", "北京市"), ("", ""), ("浙江", "杭州")][n % 4];
        // Every ninth gives the phone of somebody else.
        let phone = if n % 9 == 8 { n - 1 } else { n };
        let _ = writeln!(
            text,
            "c{n},\"{}{year}\",1380000{phone:04},p{n}@example.com,{},19{}-05-1{},街{}号,{},{},\
            202{}-01-02 10:00:00,{},{},{},K{n}",
            WORDS[n % WORDS.len()].replace('"', "\"\""),
            ["男", "女", ""][n % 3],
            60 + n % 40,
            n % 9,
            n + year,
            place.0,
            place.1,
            n % 5,
            if n % 3 == 0 { String::new() } else { format!("{year}-02-0{} 10:00:00", 1 + n % 8) },
            ["金卡", "银卡", ""][(n + year) % 3],
            if n % 2 == 0 { "老客 vip" } else { "" },
        );
    }
    text
}

fn products(skus: std::ops::Range<usize>, year: usize) -> String {
    let mut text = String::from(
        "商品编码,商品名称,一级类目,二级类目,品牌,价格,成本,库存,上架时间,开售时间,更新时间\n",
    );
    for n in skus {
        let _ = writeln!(
            text,
            "s{n},\"{} {year}\",女装,{},{},{}.9,{},{},{year}-01-0{} 08:00:00,{year}-02-0{},{}",
            WORDS[n % WORDS.len()].replace('"', "\"\""),
            ["连衣裙", "", "Éclair", "eclair"][n % 4],
            ["锦绣", "Zara", "zara", ""][(n + year) % 4],
            90 + n,
            40 + n,
            n * 10,
            1 + n,
            1 + n,
            if n % 2 == 0 { format!("{year}-03-01") } else { String::new() },
        );
    }
    text
}

fn said(kind: &str, from: usize, to: usize) -> String {
    let mut text = String::from(match kind {
        "reviews" => "评价ID,订单编号,客户编号,商品编码,评分,评价内容,评价时间\n",
        "favourites" => "收藏时间,客户编号,访客ID,商品编码\n",
        "chats" => "时间,客户编号,手机号,发送方,客服,消息内容,订单编号\n",
        _ => "投诉编号,投诉时间,客户编号,订单编号,投诉内容,处理人\n",
    });
    for n in from..to {
        let (who, at) =
            (n * 5 % PEOPLE, format!("2025-0{}-2{} 0{}:00:00", 1 + n % 6, n % 8, n % 10));
        let word = WORDS[n % WORDS.len()].replace('"', "\"\"");
        let buyer = if n % 4 == 1 { String::new() } else { format!("c{who}") };
        let _ = match kind {
            "reviews" => {
                writeln!(text, "R{n},O{n},{buyer},s{},{},\"{word}\n{n}\",{at}", n % 8, 1 + n % 5)
            }
            "favourites" => writeln!(text, "{at},{buyer},web-{},s{}", n % 7, n % 8),
            "chats" => {
                let speaker = ["买家", "客服"][n % 2];
                writeln!(
                    text,
                    "{at},{buyer},1380000{who:04},{speaker},小二{},\"{word}\",O{n}",
                    n % 3
                )
            }
            _ => writeln!(text, "T{n},{at},{buyer},O{n},\"{word} {n}\",小王"),
        };
    }
    text
}

/// The files of the first or second half of the year; they overlap.
fn half(home: &Home, second: bool) -> Vec<Step> {
    let (from, to, year) = if second { (25, 70, 2025) } else { (0, 45, 2024) };
    let texts = [
        ("orders", orders(from, to)),
        ("customers", customers(from / 3, from / 3 + 30, year)),
        ("products", products(from / 12..from / 12 + 6, year)),
        ("reviews", said("reviews", from, to)),
        ("favourites", said("favourites", from, to)),
        ("chats", said("chats", from, to)),
        ("complaints", said("complaints", from, to)),
    ];
    let path = |name: &str, text: &str| file(home, &format!("{name}-{year}.csv"), text);
    texts.iter().map(|(name, text)| (*name, vec![path(name, text)])).collect()
}

/// Imports step by step; the numbers of the imports.
async fn take(home: &Home, shop: &str, steps: &[Step]) -> (Cx, Vec<i64>) {
    let (mut cx, mut imports) = (None, Vec::new());
    for (mapping, files) in steps {
        let (own, _, report) = import_files(home, shop, mapping, files).await.unwrap();
        assert_eq!(report.rows_rejected, 0, "{shop}: {mapping}: {:?}", report.rejects_file);
        imports.push(report.import);
        cx = Some(own);
    }
    (cx.unwrap(), imports)
}

async fn told(cx: &Cx, home: &Home) -> String {
    state(cx, &home.lake).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_tell_the_same_of_every_kind_of_file() {
    let mut states = Vec::new();
    for home in Home::each().await {
        let all = [half(&home, false), half(&home, true)].concat();
        let (cx, _) = take(&home, "mixed", &all).await;
        states.push(told(&cx, &home).await);
        // And of the same files in another order.
        let back: Vec<Step> = all.into_iter().rev().collect();
        let (cx, _) = take(&home, "back", &back).await;
        states.push(told(&cx, &home).await);
    }
    assert!(states[0].contains("|收件人") || states[0].contains("收件人"), "contacts are told");
    assert!(states[0].contains("老客 vip") && states[0].contains("1960-05-1"), "{}", states[0]);
    same(&states, "databases and orders");
}

/// Takes back the second of two things, then the first of them: each time what is left is the
/// state that the other one makes alone.
async fn undo_either(home: &Home, name: &str, (first, second): (&[Step], &[Step])) {
    let what = format!("{}: {name}", home.kind);
    let undo = async |cx: &Cx, imports: Vec<i64>| {
        for number in imports {
            import::undo(cx, &home.lake, number).await.unwrap();
        }
    };
    let (cx, one) = take(home, name, first).await;
    let alone = told(&cx, home).await;
    let (_, two) = take(home, name, second).await;
    let both = told(&cx, home).await;
    assert_ne!(alone, both, "{what}");
    undo(&cx, two).await;
    same(&[alone, told(&cx, home).await], &format!("{what}: without the second"));
    take(home, name, second).await;
    same(&[both, told(&cx, home).await], &format!("{what}: with both again"));
    undo(&cx, one).await;
    let (other, _) = take(home, &format!("{name}, the second alone"), second).await;
    let alone = told(&other, home).await;
    same(&[alone, told(&cx, home).await], &format!("{what}: without the first"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_list_can_be_taken_back_in_either_order() {
    for home in Home::each().await {
        let (first, second) = (half(&home, false), half(&home, true));
        for place in 1..3 {
            let name = first[place].0;
            undo_either(&home, name, (&first[place..=place], &second[place..=place])).await;
            // Beside orders of the same people and products.
            let beside = [&first[..1], &first[place..=place]].concat();
            let name = format!("{name} beside orders");
            undo_either(&home, &name, (&beside, &second[place..=place])).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_half_year_can_be_taken_back_in_either_order() {
    for home in Home::each().await {
        let (first, second) = (half(&home, false), half(&home, true));
        undo_either(&home, "everything", (&first, &second)).await;
    }
}

/// Files of Olist with only some of its orders: what speaks of no other is left out.
fn olist(home: &Home, orders: std::ops::Range<usize>) -> Option<Vec<PathBuf>> {
    let read = |name: &str| {
        let path = data(&format!("olist/olist_{name}_dataset.csv.zst"))?;
        let bytes = zstd::decode_all(std::fs::File::open(path).unwrap()).unwrap();
        Some(String::from_utf8(bytes).unwrap())
    };
    let key = |line: &str, place: usize| line.split(',').nth(place).unwrap_or_default().to_owned();
    let all = read("orders")?;
    let own: Vec<&str> = all.lines().skip(1 + orders.start).take(orders.len()).collect();
    let mut keys: std::collections::HashSet<String> = own.iter().map(|line| key(line, 0)).collect();
    keys.extend(own.iter().map(|line| key(line, 1)));
    let mut files = Vec::new();
    for name in ["orders", "order_items", "order_payments", "customers"] {
        let text = read(name)?;
        let (head, rows) = text.split_once('\n').unwrap();
        let rows: Vec<&str> = rows.lines().filter(|line| keys.contains(&key(line, 0))).collect();
        let text = format!("{head}\n{}\n", rows.join("\n"));
        files.push(file(home, &format!("{name}-{}.csv", orders.start), &text));
    }
    Some(files)
}

/// Files in the shape of Complete Journey.
fn journey(home: &Home, baskets: std::ops::Range<usize>) -> Vec<PathBuf> {
    let mut sold = String::from(
        "household_id,store_id,basket_id,product_id,quantity,sales_value,retail_disc,coupon_disc,\
        coupon_match_disc,week,transaction_timestamp\n",
    );
    let mut products = String::from(
        "product_id,manufacturer_id,department,brand,product_category,product_type,package_size\n",
    );
    let mut people = String::from(
        "household_id,age,income,home_ownership,marital_status,household_size,household_comp,\
        kids_count\n",
    );
    for n in baskets.clone() {
        for line in 0..1 + n % 3 {
            let (who, sku) = (n * 3 % 11, (n + line * 5) % 17);
            let _ = writeln!(
                sold,
                "{who},{},{},{sku},{},{}.{:02},0.10,0.00,0.00,1,2017-0{}-1{} 11:53:2{line}",
                300 + n % 4,
                9000 + n,
                1 + line,
                n % 9,
                n * 7 % 100,
                1 + n % 9,
                n % 9,
            );
        }
    }
    for n in baskets.start % 17..17 {
        let (kind, size) = (["MILK", "BREAD"][n % 2], baskets.end);
        let _ = writeln!(products, "{n},69,GROCERY,National,DAIRY {},{kind},{size} OZ", n % 4);
    }
    for n in baskets.start % 5..8 {
        let _ = writeln!(
            people,
            "{n},{},{}-49K,Homeowner,Married,2,2 Adults No Kids,0",
            ["19-24", "65+", "35-44"][n % 3],
            baskets.start + 25,
        );
    }
    let name = |name| format!("{name}-{}.csv", baskets.start);
    [("transactions", sold), ("products", products), ("demographics", people)]
        .map(|(kind, text)| file(home, &name(kind), &text))
        .to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_of_several_files_can_be_taken_back_in_either_order() {
    for home in Home::each().await {
        let step = |mapping, files| [(mapping, files)];
        let (one, two) = (journey(&home, 0..60), journey(&home, 41..90));
        let steps = (step("complete-journey", one), step("complete-journey", two));
        undo_either(&home, "journey", (&steps.0, &steps.1)).await;
        let Some(one) = olist(&home, 0..150) else { return };
        let Some(two) = olist(&home, 100..220) else { return };
        let steps = (step("olist", one), step("olist", two));
        undo_either(&home, "olist", (&steps.0, &steps.1)).await;
    }
}
