//! The lake read by an outside reader: the Python package `deltalake`.

use std::process::Command;

use lake::ORDER_LINES;
use shuke_tests::{Home, ask, data, file, import, python};

const SCRIPT: &str = "
import json, sys
from deltalake import DeltaTable
import pyarrow.compute as pc
table = DeltaTable(sys.argv[1])
rows = table.to_pyarrow_table()
print(json.dumps({
    'rows': rows.num_rows,
    'amount': pc.sum(rows['amount_minor']).as_py(),
    'orders': len(pc.unique(rows['order_no'])),
    'customers': len(pc.unique(rows['customer_no'].drop_null())),
    'cursor': table.transaction_version(sys.argv[2]),
}))
";

/// Ends a script at once: the reader's own threads sometimes abort Python while it winds up.
const END: &str = "
import os
sys.stdout.flush()
os._exit(0)
";

#[tokio::test(flavor = "multi_thread")]
async fn deltalake_for_python_reads_what_we_wrote() {
    let Some(python) = python() else { return };
    let Some(file) = data("online_retail/online_retail.csv.zst") else { return };
    let home = Home::sqlite().await;
    let (cx, ..) = import(&home, "uk", "online-retail", &[file]).await.unwrap();
    for compacted in [false, true] {
        if compacted {
            home.lake.compact(&ORDER_LINES, &[], cx.now).await.unwrap();
        }
        let folder = home.dir.path().join("lake").join(ORDER_LINES.name);
        let output = Command::new(&python)
            .args(["-c", &format!("{SCRIPT}{END}")])
            .arg(folder)
            .arg(format!("relay:{}", cx.shop))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(told["rows"], 541_909);
        assert_eq!(told["amount"], 974_774_793_i64);
        assert_eq!((&told["orders"], &told["customers"]), (&25_900.into(), &4_372.into()));
        assert!(told["cursor"].as_i64().unwrap() > 0);
    }
}

/// What a person is by the redirect table: the table's rules, told anew in another language.
const REDIRECTED: &str = "
import json, sys
from deltalake import DeltaTable
import pyarrow.parquet as pq
lake, shop = sys.argv[1], sys.argv[2]
known = {}
for row in pq.read_table(f'{lake}/redirect/{shop}.parquet').to_pylist():
    known.setdefault(row['what'], {})[row['number']] = row['value']
customer, buyer = known.get('customer', {}), known.get('buyer', {})
lines, events = known.get('order_lines', {}), known.get('events', {})
rows = lambda name: DeltaTable(f'{lake}/{name}').to_pyarrow_table().to_pylist()
who = lambda number: customer.get(number, number)
said = [[row['order_no'], who(row['customer_no'])
         or buyer.get(row['order_no'])] for row in rows('events')
        if row['epoch'] >= events.get(row['source_no'], 0)]
sold = [[row['order_no'], who(row['customer_no']), row['amount_minor']]
        for row in rows('order_lines')
        if row['epoch'] >= lines.get(row['order_no'], 0)]
key = lambda row: [-1 if value is None else value for value in row]
print(json.dumps({'sold': sorted(sold, key=key), 'said': sorted(said, key=key)}))
";

const ORDERS: &str = "order_id,customer_id,phone,kind,原订单号,sku,quantity,price,placed_at
R,,,refund,A,s1,1,10.00,2025-03-05 10:00:00
A,ann,13800000001,order,,s1,2,10.00,2025-03-01 10:00:00
B,,13800000001,order,,s1,1,10.00,2025-03-02 10:00:00
C,,13800000001,order,,s1,3,10.00,2025-03-02 11:00:00
";
const OTHERS: &str = "order_id,customer_id,phone,kind,原订单号,sku,quantity,price,placed_at
C,cat,13800000003,order,,s2,1,10.00,2025-03-02 11:00:00
D,dan,,order,,s2,1,10.00,2025-03-02 11:00:00
";
const REVIEWS: &str = "评价ID,订单编号,会员号,评分,评价时间
V1,A,,5,2025-03-06 10:00:00
V2,D,,4,2025-03-06 10:00:00
V3,,dan,4,2025-03-06 10:00:00
";

#[tokio::test(flavor = "multi_thread")]
async fn an_outside_reader_sees_the_same_people_by_the_redirect_table() {
    let Some(python) = python() else { return };
    let home = Home::sqlite().await;
    let path = |name, text| [file(&home, name, text)];
    let first = ORDERS.lines().take(2).map(|line| line.to_owned() + "\n").collect::<String>();
    import(&home, "s", "orders", &path("first.csv", &first)).await.unwrap();
    let (cx, ..) = import(&home, "s", "orders", &path("orders.csv", ORDERS)).await.unwrap();
    import(&home, "s", "reviews", &path("reviews.csv", REVIEWS)).await.unwrap();
    let (.., others) = import(&home, "s", "orders", &path("others.csv", OTHERS)).await.unwrap();
    let twice = path("twice.csv", &REVIEWS.replace("V", "W"));
    let (.., again) = import(&home, "s", "reviews", &twice).await.unwrap();
    for undone in [None, Some(again.import), Some(others.import)] {
        if let Some(number) = undone {
            perceive::import::undo(&cx, &home.lake, number).await.unwrap();
            perceive::relay::flush(&cx, &home.lake).await.unwrap();
        }
        perceive::relay::publish(&cx, &home.lake).await.unwrap();
        let (lake, shop) = (home.dir.path().join("lake"), cx.shop.to_string());
        let output = Command::new(&python)
            .args(["-c", &format!("{REDIRECTED}{END}")])
            .arg(lake)
            .arg(shop)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let rows = |what: &str| {
            let rows = told[what].as_array().unwrap().iter().map(|row| {
                let cells = row.as_array().unwrap().iter();
                cells.map(|cell| cell.to_string().replace("null", "")).collect::<Vec<_>>().join(",")
            });
            rows.collect::<Vec<String>>()
        };
        let sold = "select order_id, customer_id, amount_minor from order_lines";
        let said = "select order_id, customer_id from events";
        for (sql, mut outside) in [(sold, rows("sold")), (said, rows("said"))] {
            let answer = ask(&cx, &home.lake, sql).await.unwrap();
            let mut inside: Vec<&str> = answer.lines().skip(1).collect();
            inside.sort_unstable();
            outside.sort_unstable();
            assert_eq!(inside, outside, "after undoing {undone:?}");
        }
    }
}
