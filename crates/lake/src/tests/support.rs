//! Lakes and rows for tests.

use base::{Result, ShopId};
use tempfile::TempDir;

use crate::{
    Answer, Column, Columns, Cursor, Fresh, Lake, LakeOptions, Limits, Moment, Nullable,
    ORDER_LINES, Query, Table, Tail, Words,
};

pub(super) const LIMITS: Limits = Limits { rows: 10_000, seconds: 30, memory_bytes: 256 << 20 };
pub(super) const DAY: i64 = 86_400_000_000;

pub(super) struct Ground {
    pub(super) folder: TempDir,
    pub(super) lake: Lake,
}

pub(super) fn ground() -> Ground {
    let folder = TempDir::new().unwrap();
    let lake = open(&folder);
    Ground { folder, lake }
}

pub(super) fn open(folder: &TempDir) -> Lake {
    let scratch = folder.path().join("scratch");
    let options = LakeOptions { memory_bytes: 256 << 20, threads: 2, scratch };
    Lake::open(&folder.path().join("lake"), options).unwrap()
}

/// One order line; amounts are quantity times price.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) shop: i64,
    pub(super) customer: Option<i64>,
    pub(super) order: i64,
    pub(super) epoch: i32,
    pub(super) line: i32,
    pub(super) sku: String,
    pub(super) quantity: i64,
    pub(super) price: i64,
    pub(super) day: i64,
}

pub(super) fn line(shop: i64, customer: Option<i64>, order: i64) -> Line {
    let (quantity, price) = (order % 7 + 1, 100 + order);
    let sku = format!("sku-{}", order % 5);
    Line { shop, customer, order, epoch: 0, line: 1, sku, quantity, price, day: order % 400 }
}

pub(super) fn columns(lines: &[Line]) -> Columns {
    let whole = |of: fn(&Line) -> i64| lines.iter().map(of).collect::<Vec<_>>();
    let small = |of: fn(&Line) -> i32| lines.iter().map(of).collect::<Vec<_>>();
    let customers: Nullable<i64> = lines.iter().map(|line| line.customer).collect();
    let products: Nullable<i64> = lines.iter().map(|line| Some(line.order % 5)).collect();
    let skus: Words = lines.iter().map(|line| Some(line.sku.as_str())).collect();
    Columns::new()
        .with("shop_id", Column::I64(whole(|line| line.shop)))
        .and_then(|c| c.with("customer_no", Column::OptI64(customers)))
        .and_then(|c| c.with("order_no", Column::I64(whole(|line| line.order))))
        .and_then(|c| c.with("epoch", Column::I32(small(|line| line.epoch))))
        .and_then(|c| c.with("line_no", Column::I32(small(|line| line.line))))
        .and_then(|c| c.with("kind", Column::I32(small(|_| 0))))
        .and_then(|c| c.with("product_no", Column::OptI64(products)))
        .and_then(|c| c.with("sku", Column::Words(skus)))
        .and_then(|c| c.with("quantity", Column::I64(whole(|line| line.quantity))))
        .and_then(|c| c.with("unit_price_minor", Column::I64(whole(|line| line.price))))
        .and_then(|c| c.with("amount_minor", Column::I64(whole(|l| l.quantity * l.price))))
        .and_then(|c| c.with("placed_at", Column::Time(whole(|line| line.day * DAY + 1))))
        .unwrap()
}

/// What shop 7 has of `rows`, not in the lake yet.
pub(super) fn tail(table: &Table, rows: Columns) -> Tail {
    Tail::of(table, ShopId(7), rows).unwrap()
}

pub(super) async fn append(lake: &Lake, lines: &[Line], version: i64) {
    let cursor = Cursor { app: "relay", version };
    lake.append(&ORDER_LINES, columns(lines), cursor).await.unwrap();
}

pub(super) fn query<'a>(shop: i64, sql: &'a str, lines: Fresh) -> Query<'a> {
    let shop = ShopId(shop);
    let moment = Moment { lines, ..Moment::default() };
    Query { shop, sql, limits: LIMITS, sources: Vec::new(), views: &[], moment }
}

pub(super) async fn ask(lake: &Lake, shop: i64, sql: &str) -> Result<Answer> {
    lake.query(query(shop, sql, Fresh::default())).await
}

/// The answer as lines of comma-separated values, without the header.
pub(super) async fn rows(lake: &Lake, shop: i64, sql: &str) -> Vec<String> {
    rows_of(&ask(lake, shop, sql).await.unwrap())
}

pub(super) fn rows_of(answer: &Answer) -> Vec<String> {
    let mut out = Vec::new();
    answer.write_csv(&mut out).unwrap();
    String::from_utf8(out).unwrap().lines().skip(1).map(str::to_owned).collect()
}

/// Every data file in the folder of a table.
pub(super) fn data_files(ground: &Ground, table: &Table) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![ground.folder.path().join("lake").join(table.name)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("_delta_log") {
                    folders.push(path);
                }
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
