//! The lake read by an outside reader: the Python package `deltalake`.

use std::process::Command;

use lake::ORDER_LINES;
use shuke_tests::{Home, data, import, python};

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
            .args(["-c", SCRIPT])
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
