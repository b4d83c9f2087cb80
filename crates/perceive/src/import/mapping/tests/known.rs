//! Known answers of real files, summed over records.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::import::read::{ReadOptions, open};
use crate::record::{OrderKind, Status};

fn distinct<'a>(values: impl Iterator<Item = &'a str>) -> usize {
    values.collect::<BTreeSet<_>>().len()
}

#[test]
fn online_retail_comes_out_to_the_penny() {
    let Some(path) = data("online_retail/online_retail.csv.zst") else { return };
    let (records, rejects) = import("online-retail", open(&path, &ReadOptions::default()).unwrap());
    assert_eq!(rejects, []);
    let rows = orders(records);
    assert_eq!(rows.len(), 541_909);
    let mut sums: BTreeMap<OrderKind, i64> = BTreeMap::new();
    let mut documents: BTreeMap<OrderKind, BTreeSet<&str>> = BTreeMap::new();
    for row in &rows {
        *sums.entry(row.kind).or_default() += row.line.as_ref().unwrap().amount_minor;
        documents.entry(row.kind).or_default().insert(&row.order);
    }
    let kinds = [OrderKind::Order, OrderKind::Refund, OrderKind::Correction];
    assert_eq!(kinds.map(|kind| sums[&kind]), [1_065_562_248, -89_681_249, -1_106_206]);
    assert_eq!(kinds.map(|kind| documents[&kind].len()), [22_061, 3_836, 3]);
    let buyers = rows.iter().flat_map(|row| &row.said.buyer).map(|id| id.value.as_str());
    assert_eq!(distinct(buyers), 4_372);
    assert_eq!(rows.iter().filter(|row| row.said.buyer.is_empty()).count(), 135_080);
    let regions = rows.iter().map(|row| row.said.head.region.country.as_deref().unwrap());
    assert_eq!(distinct(regions), 38);
    assert_eq!(distinct(rows.iter().map(|row| row.line.as_ref().unwrap().sku.as_str())), 4_070);
    let uncoded = rows.iter().filter(|row| row.said.head.region.country_code.is_none());
    let uncoded: BTreeSet<_> =
        uncoded.map(|row| row.said.head.region.country.as_deref().unwrap()).collect();
    assert_eq!(
        uncoded.into_iter().collect::<Vec<_>>(),
        ["Channel Islands", "European Community", "Unspecified"]
    );
    let times = rows.iter().map(|row| row.line.as_ref().unwrap().at.unwrap());
    assert_eq!(times.clone().min().unwrap().to_string(), "2010-12-01T08:26:00Z");
    assert_eq!(times.max().unwrap().to_string(), "2011-12-09T12:50:00Z");
}

#[test]
fn a_taobao_report_comes_out_as_expected() {
    let Some(path) = data("taobao_export/ExportOrderList_synthetic.csv") else { return };
    let table = open(&path, &ReadOptions::default()).unwrap();
    assert_eq!((table.encoding(), table.format().name()), ("gb18030", "csv"));
    let (records, rejects) = import("taobao-orders", table);
    let rows = orders(records);
    assert_eq!((rows.len() + rejects.len(), rejects.len()), (6_015, 13));
    let by_column = |column: &str| rejects.iter().filter(|(_, r)| r.column == column).count();
    assert_eq!((by_column("订单创建时间"), by_column("总金额")), (7, 6));
    let expected = data("taobao_export/expected.json").unwrap();
    let expected: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(expected).unwrap()).unwrap();
    let unique: BTreeMap<&str, &OrderRow> = rows.iter().map(|r| (r.order.as_str(), r)).collect();
    assert_eq!(unique.len(), 5_987);
    assert_eq!(rows.len() - unique.len(), expected["duplicate_rows"].as_u64().unwrap() as usize);
    for row in &rows {
        assert_eq!(row, unique[row.order.as_str()], "rows of one order are equal");
        assert!(row.whole);
    }
    let buyers = rows.iter().flat_map(|row| &row.said.buyer);
    assert!(buyers.clone().all(|id| id.namespace == "taobao"));
    assert_eq!(distinct(buyers.map(|id| id.value.as_str())), 1_632);
    let received = unique.values().filter(|row| row.said.head.status == Some(Status::Received));
    assert_eq!(received.count() as u64, expected["orders_succeeded"].as_u64().unwrap());
    let paid: i64 = unique.values().map(|row| row.said.head.paid_minor.unwrap()).sum();
    assert_eq!(paid, expected["paid_total_cents"].as_i64().unwrap());
    let row = unique["2100000000000014291"];
    assert_eq!(row.said.head.placed_at.unwrap().to_string(), "2025-05-29T10:47:00Z");
    assert_eq!(row.said.head.status, Some(Status::Placed));
    assert_eq!(row.said.head.region.province.as_deref(), Some("浙江"));
    assert_eq!(row.said.head.region.city.as_deref(), Some("杭州"));
    assert_eq!(row.said.head.contact.phone.as_deref(), Some("+8619924959099"));
    assert_eq!(row.said.head.channel.as_deref(), Some("mobile"));
}

#[test]
fn the_files_of_olist_fit_together() {
    let read = |name: &str| {
        let path = data(&format!("olist/olist_{name}_dataset.csv.zst"))?;
        let (records, rejects) = import("olist", open(&path, &ReadOptions::default()).unwrap());
        assert_eq!(rejects, [], "{name}");
        Some(records)
    };
    let Some(people) = read("customers") else { return };
    let (heads, items, payments) =
        (read("orders").unwrap(), read("order_items").unwrap(), read("order_payments").unwrap());
    let people: Vec<_> = people
        .iter()
        .map(|record| match record {
            Record::Customer(row) => row,
            other => panic!("{other:?}"),
        })
        .collect();
    let value = |place: usize| {
        distinct(people.iter().map(move |row| row.identifiers[place].value.as_str()))
    };
    assert_eq!((people.len(), value(0), value(1)), (10_000, 9_957, 10_000));
    let (heads, items, payments) = (orders(heads), orders(items), orders(payments));
    assert_eq!(distinct(heads.iter().map(|row| row.order.as_str())), 10_000);
    assert!(heads.iter().all(|row| row.said.buyer[0].namespace == "olist_customer"));
    let lines: Vec<_> = items.iter().map(|row| row.line.as_ref().unwrap()).collect();
    assert_eq!(lines.len(), 11_513);
    assert_eq!(lines.iter().map(|line| line.amount_minor).sum::<i64>(), 138_960_203);
    assert_eq!(lines.iter().map(|line| line.shipping_minor).sum::<i64>(), 23_091_816);
    let paid = payments.iter().map(|row| row.payment_minor.unwrap());
    assert_eq!((payments.len(), paid.sum::<i64>()), (10_415, 162_064_963));
}

#[test]
fn complete_journey_comes_out_to_the_cent() {
    let table = |name: &str| {
        let path = data(&format!("complete_journey/{name}.parquet"))?;
        Some(open(&path, &ReadOptions::default()).unwrap())
    };
    let Some(transactions) = table("transactions") else { return };
    assert_eq!(transactions.format().name(), "parquet");
    let (mut rows, mut sum, mut zero, mut times) = (0, 0, 0, (None, None));
    let mut names = [(); 3].map(|()| std::collections::HashSet::new());
    let rejects = each("complete-journey", transactions, |record| {
        let Record::Order(row) = record else { panic!("{record:?}") };
        let line = row.line.unwrap();
        (rows, sum) = (rows + 1, sum + line.amount_minor);
        zero += u32::from(line.amount_minor == 0);
        times = (times.0.min(line.at).or(line.at), times.1.max(line.at));
        for (names, name) in
            names.iter_mut().zip([row.order, row.said.buyer[0].value.clone(), line.sku])
        {
            names.insert(name);
        }
    });
    assert_eq!((rows, sum, rejects), (1_469_307, 459_603_958, vec![]));
    // 11,226 at zero, and 20 at less than 0.000000000000002: what sums of binary fractions leave.
    assert_eq!(zero, 11_226 + 20);
    assert_eq!(names.map(|names| names.len()), [155_848, 2_469, 68_509]);
    assert_eq!(times.0.unwrap().to_string(), "2017-01-01T11:53:26Z");
    assert_eq!(times.1.unwrap().to_string(), "2018-01-01T04:01:20Z");
    for (name, count) in [("products", 92_331), ("demographics", 801)] {
        let (records, rejects) = import("complete-journey", table(name).unwrap());
        assert_eq!((records.len(), rejects), (count, vec![]), "{name}");
    }
    let mapping = builtin("complete-journey").unwrap();
    let error = mapping.bind(table("campaigns").unwrap().header(), &Setting::default());
    assert!(error.unwrap_err().message.contains("campaigns are not imported"));
}
