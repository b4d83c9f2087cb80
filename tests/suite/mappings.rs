//! Every built-in mapping that has no real data set, through the program: what goes in, what is
//! rejected and why, and what can be asked afterwards.

use std::path::Path;

use serde_json::Value;
use shuke_tests::{json, run};

use crate::formats::{pack, workbook};

struct Case {
    mapping: &'static str,
    text: &'static str,
    /// Rows read, accepted, rejected, known already.
    rows: [i64; 4],
    /// Line, column and reason of rejected rows.
    rejects: &'static [&'static str],
    sql: &'static str,
    answer: &'static str,
}

const PEOPLE: &str =
    "select external_id, province, city, gender, has_phone, has_email, registered_at
    from customers order by customer_id";
const ORDERS: &str = "select external_id, status, paid_minor, refunded_minor, items, channel
    from orders order by external_id";
const PRODUCTS: &str = "select sku, title, category, brand, price_minor, cost_minor, stock
    from products order by sku";
const EVENTS: &str =
    "select c.external_id, e.event, e.event_time, p.sku, e.properties from events e
    left join customers c on c.customer_id = e.customer_id
    left join products p on p.product_id = e.product_id order by e.event_time, e.properties";

const CASES: &[Case] = &[
    Case {
        mapping: "customers",
        text: "客户编号,姓名,手机号,邮箱,性别,生日,省份,城市,注册时间,会员等级
c1,张三,13812341234,San@Example.com,男,1990-05-17,广东省,深圳市,2024-01-02 10:00:00,金卡
c2,李四,'13900000002,,女,,北京,北京市,2024/3/5,银卡
c3,王五,139000,,,,,,2024-03-05,
,,,,,,,,,
,赵六,,,,,,,,
",
        rows: [4, 2, 2, 0],
        rejects: &["4,手机号,****,", "6,客户编号,,the row has nothing that says who"],
        sql: PEOPLE,
        answer: "c1,广东,深圳,male,true,true,2024-01-02T02:00:00Z
c2,北京,北京,female,true,false,2024-03-04T16:00:00Z
",
    },
    Case {
        mapping: "customers",
        text: "First Name,Last Name,Email,Phone,City,Province,Country,Tags,Total Spent
Anna,Lee,anna@example.com,+12125550123,New York,New York,United States,vip,38.50
Bob,Ray,no-address,,,,,,0.00
",
        rows: [2, 1, 1, 0],
        rejects: &["3,Email,****,is not an email address"],
        sql: "select external_id, country_code, city, has_phone, has_email from customers",
        answer: ",US,New York,true,true\n",
    },
    Case {
        mapping: "products",
        text: "商品编码,商品名称,一级类目,二级类目,品牌,价格,成本,库存,上架时间
s1,真丝连衣裙,女装,连衣裙,锦绣,399.00,120.5,30,2024-01-01
s2,补水面膜,美妆,,水润,¥59.9,,-3,2024-02-01
s3,护手霜,美妆,,水润,abc,,5,2024-02-01
,无编码,,,,1,,,
s1,真丝连衣裙,女装,连衣裙,锦绣,399.00,120.5,30,2024-01-01
",
        rows: [5, 2, 2, 1],
        rejects: &["4,价格,abc,is not a number", "5,商品编码,,is empty"],
        sql: PRODUCTS,
        answer: "s1,真丝连衣裙,女装 > 连衣裙,锦绣,39900,12050,30
s2,补水面膜,美妆,水润,5990,,-3
",
    },
    Case {
        mapping: "products",
        text: "SKU,Product Name,Category,Brand,Price,Cost,Stock
t1,Tea,Food,Leaf,\"1,234.50\",3,7
t2,Cup,Home,,9.99,,x
",
        rows: [2, 1, 1, 0],
        rejects: &["3,Stock,x,is not a number"],
        sql: PRODUCTS,
        answer: "t1,Tea,Food,Leaf,123450,300,7\n",
    },
    Case {
        mapping: "reviews",
        text: "评价ID,订单编号,客户编号,商品编码,评分,评价内容,评价时间
r1,O1,c1,s1,5,很好看，面料舒服,2025-01-10 10:00:00
r2,O1,c1,s2,好评,不错,2025-01-10 10:01:00
r3,O2,c2,s2,9,越界,2025-02-10 10:01:00
r4,O2,c2,s2,★★★☆☆,一般,昨天
r5,O2,c2,s2,3星,一般,2025-02-10 10:02:00
r5,O2,c2,s2,3星,一般,2025-02-10 10:02:00
",
        rows: [6, 3, 2, 1],
        rejects: &["4,评分,9,is not a rating of 1 to 5", "5,评价时间,昨天,is not a date"],
        sql: EVENTS,
        answer: "c1,Product Reviewed,2025-01-10T02:00:00Z,s1,\"{\"\"rating\"\":5}\"
c1,Product Reviewed,2025-01-10T02:01:00Z,s2,\"{\"\"rating\"\":5}\"
c2,Product Reviewed,2025-02-10T02:02:00Z,s2,\"{\"\"rating\"\":3}\"
",
    },
    Case {
        mapping: "reviews",
        text: "Order ID,Customer ID,SKU,Rating,Review,Created At
O1,c1,s1,4 stars,\"Nice, soft\",2025-01-11T10:00:00Z
O1,c1,s1,2/5,Meh,2025-01-12T10:00:00Z
O1,c1,s1,great,Yes,2025-01-13T10:00:00Z
",
        rows: [3, 2, 1, 0],
        rejects: &["4,Rating,great,is not a rating"],
        sql: "select count(*), min(properties), max(properties) from events",
        answer: r#"2,"{""rating"":2}","{""rating"":4}"
"#,
    },
    Case {
        mapping: "favourites",
        text: "收藏时间,买家会员名,宝贝标题,宝贝ID
2025-01-01 08:00:00,小红88,真丝连衣裙,s1
2025-13-01 08:00:00,小红88,真丝连衣裙,s1
2025-01-02 08:00:00,,补水面膜,s2
",
        rows: [3, 2, 1, 0],
        rejects: &["3,收藏时间,2025-13-01 08:00:00,is not a possible date"],
        sql: "select c.external_id, e.event, p.sku from events e
            left join customers c on c.customer_id = e.customer_id
            join products p on p.product_id = e.product_id order by 3",
        answer: "小红88,Product Added to Wishlist,s1\n,Product Added to Wishlist,s2\n",
    },
    Case {
        mapping: "chats",
        text: "会话ID,时间,买家会员名,客服,发送方,消息内容,订单编号
m1,2025-01-01 09:00:00,c1,小二,买家,有货吗？我电话13812341234,
m1,2025-01-01 09:01:00,c1,小二,客服,\"有的，亲
今天发\",O1
m1,明天,c1,小二,买家,谢谢,
m1,2025-01-01 09:03:00,c1,小二,路人,嗯,
",
        rows: [4, 2, 2, 0],
        rejects: &["5,时间,明天,is not a date", "6,发送方,路人,is neither the buyer nor"],
        sql: "select c.external_id, e.event, e.event_time from events e
            join customers c on c.customer_id = e.customer_id order by 3",
        answer: "c1,chat.said,2025-01-01T01:00:00Z\nc1,chat.said,2025-01-01T01:01:00Z\n",
    },
    Case {
        mapping: "chats",
        text: "Time,Customer ID,Sender,Message
2025-01-01 09:00:00,c1,customer,Is it in stock?
2025-01-01 09:01:00,c1,agent,Yes
2025-01-01 09:02:00,c1,agent,
",
        rows: [3, 2, 1, 0],
        rejects: &["4,Message,,is empty"],
        sql: "select count(*) from events where event = 'chat.said'",
        answer: "2\n",
    },
    Case {
        mapping: "complaints",
        text: "投诉编号,投诉时间,客户编号,订单编号,投诉类型,投诉内容,处理人
T1,2025-02-01 10:00:00,c1,O1,质量问题,开线了,小王
T2,,c1,O1,物流,慢,小王
T1,2025-02-01 10:00:00,c1,O1,质量问题,开线了,小王
",
        rows: [3, 1, 1, 1],
        rejects: &["3,投诉时间,,is empty"],
        sql: EVENTS,
        answer: "c1,complaint.filed,2025-02-01T02:00:00Z,,\
            \"{\"\"rating\"\":null}\"\n",
    },
    Case {
        mapping: "orders",
        text: "订单号,客户编号,手机号,商品编码,商品名称,数量,单价,下单时间,订单状态,退款金额,渠道
O1,c1,13812341234,s1,真丝连衣裙,1,399.00,2025-01-01 10:00:00,交易成功,,手机淘宝
O1,c1,13812341234,s2,补水面膜,2,59.90,2025-01-01 10:00:00,交易成功,,手机淘宝
O2,c2,,s2,补水面膜,1,59.90,2025年2月3日 09:00,等待买家付款,,
O3,,,s3,护手霜,3,20元,2025/2/4 9:00,已发货,,
O4,c2,,s1,真丝连衣裙,1,399.00,2025-02-30 10:00:00,已付款,,
O5,c2,,s1,真丝连衣裙,半,399.00,2025-02-28 10:00:00,已付款,,
O6,c1,,s1,真丝连衣裙,1,399.00,2025-03-01 10:00:00,退款成功,399.00,
O7,c1,,s1,真丝连衣裙,1,399.00,2025-03-01 10:00:00,神秘,,
",
        rows: [8, 5, 3, 0],
        rejects: &[
            "6,下单时间,2025-02-30 10:00:00,is not a possible date",
            "7,数量,半,is not a number",
            "9,订单状态,神秘,is not a status",
        ],
        sql: ORDERS,
        answer: "O1,received,51880,0,3,手机淘宝
O2,placed,0,0,1,
O3,shipped,6000,0,3,
O6,closed,39900,39900,1,
",
    },
    Case {
        mapping: "orders",
        text: "Order ID,Customer ID,SKU,Product Name,Quantity,Unit Price,Discount,Order Date,Status
E1,k1,t1,Tea,2,12.50,1.00,2025-01-05 10:00,Delivered
E2,k1,t2,Cup,1,$9.99,,01/15/2025 09:00,Processing
E3,k2,t2,Cup,1,9.99,,2025-01-16T09:00:00Z,Refunded
E4,k2,t2,Cup,1,9.99,,2025-01-16,Cancelled
",
        rows: [4, 3, 1, 0],
        rejects: &["3,Order Date,01/15/2025 09:00,does not say which is the day"],
        sql: ORDERS,
        answer: "E1,received,2400,0,2,\nE3,closed,0,0,1,\nE4,closed,0,0,1,\n",
    },
    Case {
        mapping: "shopify-orders",
        text:
            "Name,Email,Financial Status,Paid at,Fulfilled at,Currency,Shipping,Total,Created at,\
Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Refunded Amount,Outstanding Balance,\
Source,Device ID,Phone
#1001,anna@example.com,paid,2025-07-15 13:58:28 -0400,2025-07-16 10:00:00 -0400,USD,5.00,39.00,\
2025-07-15 13:58:00 -0400,2,Tea,12.00,T-1,0.00,0.00,web,,
#1001,anna@example.com,,,,,,,,1,Cup,10.00,,,,,,
#1002,bob@example.com,pending,,,USD,0.00,10.00,2025-07-16 09:00:00 -0400,1,Cup,10.00,,0.00,10.00,\
pos,till-1,
#1003,cat@example.com,paid,,,EUR,0.00,10.00,2025-07-16 09:00:00 -0400,1,Cup,10.00,,,,web,,
#1004,dan@example.com,paid,,,USD,0.00,30.00,2025-07-16 09:00:00 -0400,three,Cup,10.00,,,,web,,
#1005,anna@example.com,partially_refunded,2025-07-17 09:00:00 -0400,,USD,0.00,30.00,\
2025-07-17 09:00:00 -0400,3,Cup,10.00,,10.00,0.00,pos,till-1,'+12125550123
",
        rows: [6, 4, 2, 0],
        rejects: &["5,Currency,EUR,the shop counts in USD", "6,Lineitem quantity,three,is not a"],
        sql: ORDERS,
        answer: "#1001,shipped,3900,0,3,web\n#1002,placed,0,0,1,pos\n#1005,paid,3000,1000,3,pos\n",
    },
];

fn rows(report: &Value) -> [i64; 4] {
    ["rows_read", "rows_accepted", "rows_rejected", "rows_duplicate"]
        .map(|name| report[name].as_i64().unwrap())
}

fn import(dir: &Path, shop: &str, path: &Path, more: &[&str]) -> Value {
    let path = path.to_str().unwrap();
    let zone = ["--currency", "USD", "--time-zone", "America/New_York"];
    let zone: &[&str] = if shop.starts_with("shopify") { &zone } else { &[] };
    let args = [&["import", "--json", "--shop", shop], zone, more, &[path]].concat();
    json(&run(&dir.join("data"), &args))
}

fn ask(dir: &Path, shop: &str, sql: &str) -> String {
    let output = run(&dir.join("data"), &["query", "--shop", shop, "--csv", sql]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    text.split_once('\n').unwrap().1.to_owned()
}

#[test]
fn every_kind_of_file_goes_in_and_can_be_asked() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    for (case, number) in CASES.iter().zip(1..) {
        let shop = format!("{}-{number}", case.mapping);
        let path = dir.join(format!("{shop}.csv"));
        std::fs::write(&path, case.text).unwrap();
        let dry = import(dir, &shop, &path, &["--dry-run"]);
        assert_eq!(rows(&dry), case.rows, "{shop}: a preview");
        let done = import(dir, &shop, &path, &[]);
        assert_eq!(rows(&done), case.rows, "{shop}: {done}");
        let rejects = std::fs::read_to_string(done["rejects_file"].as_str().unwrap()).unwrap();
        for reject in case.rejects {
            assert!(rejects.contains(reject), "{shop}: {rejects}");
        }
        assert_eq!(ask(dir, &shop, case.sql), case.answer, "{shop}");
        let again = import(dir, &shop, &path, &[]);
        let [read, accepted, rejected, known] = case.rows;
        assert_eq!(rows(&again), [read, 0, rejected, accepted + known], "{shop}: again");
        let list = json(&run(&dir.join("data"), &["import", "--json", "--shop", &shop, "--list"]));
        assert_eq!(list[0]["mapping"], case.mapping, "{shop}: the mapping is found by the header");
    }
}

#[test]
fn a_proposed_mapping_imports_the_file_it_was_made_for() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    for (case, number) in CASES.iter().zip(1..).filter(|(case, _)| case.mapping != "complaints") {
        let path = dir.join("file.csv");
        std::fs::write(&path, case.text).unwrap();
        let mut suggest = shuke_tests::shuke();
        let output = suggest.args(["import", "--suggest"]).arg(&path).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let toml = dir.join("own.toml");
        std::fs::write(&toml, &output.stdout).unwrap();
        let shop = format!("{}-{number}", case.mapping);
        let own = ["--dry-run", "--mapping", toml.to_str().unwrap()];
        assert_eq!(rows(&import(dir, &shop, &path, &own)), case.rows, "{shop}");
    }
}

#[test]
fn a_taobao_workbook_is_imported_asked_scored_and_undone() {
    let header = [
        "订单编号",
        "买家会员名",
        "买家应付货款",
        "总金额",
        "买家实际支付金额",
        "订单状态",
        "收货人姓名",
        "收货地址 ",
        "联系手机",
        "订单创建时间",
        "订单付款时间 ",
        "宝贝标题 ",
        "宝贝总数量",
        "是否手机订单",
    ];
    let row = |order, nick, paid, status, at, title| {
        let place = "浙江省 杭州市 西湖区 某路1号";
        let phone = "'13700000000";
        [
            order,
            nick,
            paid,
            paid,
            paid,
            status,
            "李雷",
            place,
            phone,
            at,
            at,
            title,
            "1",
            "手机订单",
        ]
    };
    let received = "交易成功";
    let rows_in = [
        header,
        row("=\"2100000000000000001\"", "小红88", "100.00", received, "2025-01-01 10:00:00", "裙"),
        row("=\"2100000000000000002\"", "小红88", "50.00", received, "2025/2/1 10:00", "面膜"),
        row("=\"2100000000000000003\"", "tb明", "80.00", "交易关闭", "2025-02-02 10:00:00", "裙"),
        row("=\"2100000000000000004\"", "tb明", "80.00", received, "2025-02-31 10:00:00", "裙"),
        row("=\"2100000000000000005\"", "tb明", "abc", received, "2025-02-03 10:00:00", "裙"),
    ];
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let path = dir.join("report.xlsx.gz");
    std::fs::write(&path, pack(&workbook(&rows_in), ".gz")).unwrap();
    let done = import(dir, "店", &path, &[]);
    assert_eq!(rows(&done), [5, 3, 2, 0], "{done}");
    assert_eq!((&done["gross_minor"], &done["customers"]), (&15_000.into(), &2.into()));
    assert_eq!(
        ask(dir, "店", ORDERS),
        "2100000000000000001,received,10000,0,1,mobile
2100000000000000002,received,5000,0,1,mobile
2100000000000000003,closed,0,0,1,mobile
"
    );
    let rfm =
        json(&run(&dir.join("data"), &["rfm", "--shop", "店", "--json", "--as-of", "2025-01-15"]));
    assert_eq!((&rfm["customers"], &rfm["cuts"]["m"][0]), (&1.into(), &10_000.into()));
    let undone =
        json(&run(&dir.join("data"), &["import", "--json", "--shop", "店", "--undo", "1"]));
    assert_eq!(undone[0]["state"], "undone");
    assert_eq!(ask(dir, "店", "select count(*) from orders"), "0\n");
}

#[test]
fn a_wrong_encoding_is_refused_and_the_right_one_can_be_named() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let text = CASES.iter().find(|case| case.mapping == "favourites").unwrap().text;
    let gbk = encoding_rs::GBK.encode(text).0.into_owned();
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes, more) in [
        ("gbk", gbk.clone(), &[][..]),
        ("named", gbk, &["--encoding", "gbk"]),
        ("utf-16", [b"\xFF\xFE".to_vec(), wide].concat(), &[]),
    ] {
        let path = dir.join(format!("{name}.csv"));
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(rows(&import(dir, name, &path, more)), [3, 2, 1, 0], "{name}");
        assert!(ask(dir, name, "select external_id from customers").contains("小红88"), "{name}");
    }
    let path = dir.join("utf8.csv");
    std::fs::write(&path, text).unwrap();
    for (label, word) in [("gbk", "encoding"), ("klingon", "is not an encoding")] {
        let args = ["import", "--shop", "s", "--encoding", label, path.to_str().unwrap()];
        let output = run(&dir.join("data"), &args);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains(word) && error.contains('→'), "{error}");
    }
}
