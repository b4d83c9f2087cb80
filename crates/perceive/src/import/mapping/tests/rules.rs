//! What a mapping can state, and what it refuses.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::import::read::{Batch, Cells, Columns};
use crate::record::{OrderKind, Status};

const SHOPIFY: &str = "Name,Email,Financial Status,Paid at,Fulfilled at,Currency,Shipping,Total,\
    Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Shipping Name,\
    Shipping Street,Shipping City,Shipping Province,Shipping Country,Shipping Phone,Cancelled at,\
    Refunded Amount,Outstanding Balance,Lineitem discount,Phone,Billing Phone";

/// One row of a Shopify export from what differs from an empty one.
fn shopify(cells: &[(&str, &str)]) -> RawRow {
    let cells: BTreeMap<&str, &str> = cells.iter().copied().collect();
    let header: Vec<&str> = SHOPIFY.split(',').map(str::trim).collect();
    assert!(cells.keys().all(|name| header.contains(name)));
    raw(&header.iter().map(|name| cells.get(name).copied().unwrap_or("")).collect::<Vec<_>>())
}

fn head(number: &'static str, currency: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("Name", number),
        ("Email", "Anna@Example.com"),
        ("Phone", "'+15552013456"),
        ("Shipping Phone", "(555) 999-0000"),
        ("Billing Phone", "(555) 999-1111"),
        ("Financial Status", "partially_refunded"),
        ("Paid at", "2014-07-15 13:58:28 -0400"),
        ("Fulfilled at", "2014-07-16 10:00:00 -0400"),
        ("Created at", "2014-07-15 13:58:00 -0400"),
        ("Currency", currency),
        ("Total", "38.50"),
        ("Shipping", "5.00"),
        ("Refunded Amount", "10.00"),
        ("Outstanding Balance", "0.00"),
        ("Shipping Country", "US"),
        ("Shipping Province", "NY"),
        ("Lineitem quantity", "2"),
        ("Lineitem name", "Tea"),
        ("Lineitem sku", "T-1"),
        ("Lineitem price", "12.00"),
        ("Lineitem discount", "0.50"),
    ]
}

fn shopify_bound() -> Bound {
    let header: Vec<String> = SHOPIFY.split(',').map(|name| name.trim().to_owned()).collect();
    let setting = Setting {
        currency: Some("USD".parse().unwrap()),
        country: Some("US".to_owned()),
        ..Setting::default()
    };
    builtin("shopify-orders").unwrap().bind(&header, &setting).unwrap()
}

fn order(bound: &Bound, row: &RawRow, scratch: &mut Scratch) -> Result<OrderRow, Reject> {
    match bound.record(row, scratch)? {
        Some(Record::Order(row)) => Ok(*row),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_shopify_order_says_what_is_its_own_in_its_first_row() {
    let (bound, mut scratch) = (shopify_bound(), Scratch::default());
    let first = order(&bound, &shopify(&head("#1", "USD")), &mut scratch).unwrap();
    assert_eq!(
        (first.said.head.paid_minor, first.said.head.refunded_minor),
        (Some(3850), Some(1000))
    );
    assert_eq!(first.said.head.status, Some(Status::Shipped));
    assert_eq!(first.line.as_ref().unwrap().amount_minor, 2350);
    let buyer: Vec<_> = first.said.buyer.iter().map(|id| id.value.as_str()).collect();
    assert_eq!(buyer, ["anna@example.com", "+15552013456"], "no contact is an identifier");
    assert_eq!(first.said.head.contact.phone.as_deref(), Some("+15559990000"));
    let second = shopify(&[
        ("Name", "#1"),
        ("Lineitem quantity", "1"),
        ("Lineitem name", "Cup"),
        ("Lineitem price", "10.00"),
    ]);
    let second = order(&bound, &second, &mut scratch).unwrap();
    assert_eq!((second.said.head.paid_minor, second.said.head.status), (None, None));
    assert_eq!(second.line.unwrap().sku, "Cup", "a title stands in for a missing number");
    let mut cancelled = head("#2", "USD");
    cancelled.push(("Cancelled at", "2014-07-17 10:00:00 -0400"));
    let cancelled = order(&bound, &shopify(&cancelled), &mut scratch).unwrap();
    assert_eq!(cancelled.said.head.status, Some(Status::Closed));
    let mut pending = head("#3", "USD");
    pending.push(("Financial Status", "pending"));
    let pending = order(&bound, &shopify(&pending), &mut scratch).unwrap();
    assert_eq!(pending.said.head.paid_minor, Some(0));
}

#[test]
fn another_currency_is_refused_with_all_rows_of_its_order() {
    let (bound, mut scratch) = (shopify_bound(), Scratch::default());
    let reject = order(&bound, &shopify(&head("#1", "EUR")), &mut scratch).unwrap_err();
    assert_eq!((reject.column.as_str(), reject.value.as_str()), ("Currency", "EUR"));
    let line = [
        ("Name", "#1"),
        ("Lineitem quantity", "1"),
        ("Lineitem name", "Cup"),
        ("Lineitem price", "10.00"),
    ];
    assert!(order(&bound, &shopify(&line), &mut scratch).is_err());
    let next = [
        ("Name", "#2"),
        ("Lineitem quantity", "1"),
        ("Lineitem name", "Cup"),
        ("Lineitem price", "10.00"),
    ];
    assert!(order(&bound, &shopify(&next), &mut scratch).is_ok());
}

#[test]
fn every_built_in_mapping_loads_and_bears_its_name() {
    for name in builtins() {
        let mapping = builtin(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(mapping.name, name);
        assert!(!mapping.title.is_empty(), "{name}");
    }
    assert!(builtin("nothing").unwrap_err().hint.unwrap().contains("taobao-orders"));
}

#[test]
fn a_mapping_that_is_wrong_says_where() {
    let good = builtin_text("online-retail").unwrap();
    for (from, to, word) in [
        ("version = 1", "version = 1\nvresion = 2", "vresion"),
        ("sku = \"StockCode\"", "skuu = \"StockCode\"", "skuu"),
        ("order = \"InvoiceNo\"", "order = { colum = \"InvoiceNo\" }", "colum"),
        ("quantity = \"Quantity\"", "rating = \"Quantity\"", "rating"),
        ("Europe/London", "Europe/Londn", "time zone"),
        ("\"GBP\"", "\"POUNDS\"", "is not the code of a currency"),
    ] {
        let error = Mapping::parse(&good.replacen(from, to, 1)).unwrap_err();
        assert!(error.message.contains(word), "{word}: {error}");
    }
    let error = Mapping::parse(&good.replacen("version = 1", "vresion = 1", 1)).unwrap_err();
    assert!(error.message.contains("line 2"), "{error}");
}

#[test]
fn a_header_that_does_not_fit_names_what_is_missing_and_what_is_near() {
    let mapping = builtin("online-retail").unwrap();
    let header = names(&[
        "Invoice No",
        "StockCodes",
        "Description",
        "Quantity",
        "InvoiceDate",
        "UnitPrice",
        "CustomerID",
        "Country",
    ]);
    let error = mapping.bind(&header, &Setting::default()).unwrap_err();
    assert!(error.message.contains("StockCode") && !error.message.contains("InvoiceNo"));
    assert!(error.hint.unwrap().contains("StockCodes"));
    let campaigns = names(&["campaign_id", "household_id"]);
    let error = builtin("complete-journey").unwrap().bind(&campaigns, &Setting::default());
    assert!(error.unwrap_err().message.contains("campaigns are not imported"));
}

#[test]
fn headers_are_recognised() {
    let best =
        |header: &[&str]| detect(&names(header)).first().map(|found| (found.mapping, found.exact));
    assert_eq!(
        best(&["order_id", "customer_id", "order_status", "order_purchase_timestamp"]),
        Some(("olist", true))
    );
    assert_eq!(
        best(&["First Name", "Last Name", "Email", "Phone", "City", "Tags"]),
        Some(("customers", false))
    );
    assert_eq!(
        best(&["订单号", "商品名称", "数量", "单价", "下单时间", "手机号"]),
        Some(("orders", false))
    );
    assert_eq!(best(&["订单号", "评分", "评价内容", "评价时间"]), Some(("reviews", false)));
    assert_eq!(best(&["x", "y"]), None);
}

#[test]
fn rejects_name_the_column_and_hide_what_is_personal() {
    let bound = builtin("customers").unwrap();
    let header = names(&["姓名", "手机号", "生日"]);
    let bound = bound.bind(&header, &Setting::default()).unwrap();
    let reject = |fields: &[&str]| bound.record(&raw(fields), &mut Scratch::default()).unwrap_err();
    let wrong = reject(&["张三", "138123412345", ""]);
    assert_eq!((wrong.column.as_str(), wrong.value.as_str()), ("手机号", "1381****2345"));
    let wrong = reject(&["张三", "13812341234", "1990-13-45"]);
    assert_eq!((wrong.column.as_str(), wrong.value.as_str()), ("生日", "****"));
    assert!(reject(&["张三", "", ""]).reason.contains("who the person is"));
    assert!(reject(&["张三", "13812341234"]).reason.contains("2 fields"));
    assert_eq!(bound.record(&raw(&["", " ", ""]), &mut Scratch::default()), Ok(None));
    let longer = raw(&["张三", "13812341234", "", "", ""]);
    assert!(bound.record(&longer, &mut Scratch::default()).is_ok());
    let setting = Setting { as_of: Some("2026-05-16".parse().unwrap()), ..Setting::default() };
    let bound = builtin("customers").unwrap().bind(&header, &setting).unwrap();
    let row = raw(&["张三", "13812341234", "1991-05-17"]);
    match bound.record(&row, &mut Scratch::default()) {
        Ok(Some(Record::Customer(row))) => assert_eq!(row.age_band.as_deref(), Some("25-34")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn refunds_can_be_signed_the_other_way() {
    let text = "name = \"t\"\nversion = 1\n[[file]]\nrole = \"r\"\nrecord = \"order_line\"\n\
        refunds = \"positive\"\nrequired = [\"order\", \"sku\"]\n[file.prefix]\nR = \"refund\"\n\
        [file.fields]\norder = \"o\"\nsku = \"s\"\nquantity = \"q\"\namount = \"a\"\n";
    let bound = Mapping::parse(text).unwrap();
    let bound = bound.bind(&names(&["o", "s", "q", "a"]), &Setting::default()).unwrap();
    let row = order(&bound, &raw(&["R1", "x", "3", "10.00"]), &mut Scratch::default()).unwrap();
    let line = row.line.unwrap();
    assert_eq!((row.kind, line.quantity, line.amount_minor), (OrderKind::Refund, -3, -1000));
    assert_eq!(line.unit_price_minor, 333);
}

#[test]
fn columns_of_cells_are_a_table() {
    let cells = |values: &[&str]| {
        let mut cells = Cells::default();
        values.iter().for_each(|value| cells.push(value));
        cells
    };
    let header = [
        "household_id",
        "store_id",
        "basket_id",
        "product_id",
        "quantity",
        "sales_value",
        "transaction_timestamp",
    ];
    let batch: Batch = vec![
        cells(&["1", "1"]),
        cells(&["2", "2"]),
        cells(&["9", "9"]),
        cells(&["7", "8"]),
        cells(&["3", "0"]),
        cells(&["1.39", "0"]),
        cells(&["2017-01-01T11:53:26", "2017-01-01T11:53:26Z"]),
    ];
    let columns = Columns::new(names(&header), 2, std::iter::once(Ok(batch)));
    let (records, rejects) = import("complete-journey", Table::from_columns(columns).unwrap());
    assert_eq!(rejects, []);
    let rows = orders(records);
    let line = rows[0].line.as_ref().unwrap();
    assert_eq!(line.at.unwrap().to_string(), "2017-01-01T11:53:26Z");
    assert_eq!((line.amount_minor, line.unit_price_minor), (139, 46));
    assert_eq!(rows[1].line.as_ref().unwrap().at, line.at);
}

proptest! {
    #[test]
    fn any_row_gives_a_record_or_a_reject(
        mapping in 0..12_usize,
        cells in proptest::collection::vec("\\PC{0,12}|[0-9./:-]{1,14}|[0-9]{11}|C[0-9]{4}", 60),
    ) {
        let name = builtins().nth(mapping).unwrap();
        let spec = builtin(name).unwrap();
        let mut scratch = Scratch::default();
        for file in &spec.files {
            let mut header: Vec<String> = file.header.clone();
            for Source(source) in file.fields.values() {
                header.extend(source.column.0.iter().take(1).cloned());
            }
            let identifiers = file.identifiers.iter();
            header.extend(identifiers.flat_map(|id| id.column.0.iter().take(1).cloned()));
            header.sort();
            header.dedup();
            let bound = spec.bind(&header, &Setting::default()).unwrap();
            let cells: Vec<&str> = cells.iter().map(String::as_str).take(header.len()).collect();
            let mut row = raw(&cells);
            while row.len() < header.len() {
                row.push("1");
            }
            if let Err(reject) = bound.record(&row, &mut scratch) {
                prop_assert!(!reject.reason.is_empty() && header.contains(&reject.column));
            }
        }
    }
}
