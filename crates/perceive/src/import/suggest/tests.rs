//! Proposals load again and understand what they were made from.

use super::*;
use crate::import::mapping::{Scratch, Setting};
use crate::record::Record;

fn header(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn rows(rows: &[&[&str]]) -> Vec<RawRow> {
    let row = |(place, fields): (usize, &&[&str])| {
        let mut row = RawRow::new();
        fields.iter().for_each(|field| row.push(field));
        row.line = place as u64 + 2;
        row
    };
    rows.iter().enumerate().map(row).collect()
}

fn loads(suggestion: &Suggestion, header: &[String], rows: &[RawRow]) -> Vec<Record> {
    let mapping = Mapping::parse(&suggestion.toml)
        .unwrap_or_else(|error| panic!("{error}\n{}", suggestion.toml));
    let bound = mapping.bind(header, &Setting::default()).unwrap();
    let mut scratch = Scratch::default();
    rows.iter().filter_map(|row| bound.record(row, &mut scratch).unwrap()).collect()
}

#[test]
fn a_built_in_mapping_is_proposed_for_its_own_file() {
    let header = header(&[
        "InvoiceNo",
        "StockCode",
        "Description",
        "Quantity",
        "InvoiceDate",
        "UnitPrice",
        "CustomerID",
        "Country",
    ]);
    let found = suggest(&header, &[]).unwrap();
    assert_eq!(found.builtin, Some("online-retail"));
    assert!(found.columns.iter().all(|guess| guess.field.is_some()));
}

#[test]
fn names_and_values_make_a_mapping_that_loads() {
    let header =
        header(&["订单号", "下单日期", "神秘列", "商品名称", "数量", "实付", "备\"注", "x"]);
    let rows = rows(&[
        &["A1", "31/12/2025", "anna@example.com", "茶", "2", "10.50", "hi there", ""],
        &["A2", "30/12/2025", "bob@example.com", "咖啡", "1", "8.00", "ok then", ""],
    ]);
    let found = suggest(&header, &rows).unwrap();
    assert_eq!((found.builtin, found.kind), (None, Kind::OrderLine), "{}", found.toml);
    let field = |place: usize| found.columns[place].field.as_deref();
    assert_eq!(field(0), Some("order"));
    assert_eq!(field(2), Some("identifier:email"));
    assert_eq!(field(6), None);
    assert!(found.toml.contains("# unknown: "), "{}", found.toml);
    assert!(found.warnings.iter().any(|warning| warning.contains("which is the day")));
    assert!(Mapping::parse(&found.toml).is_ok(), "{}", found.toml);
}

#[test]
fn customers_are_recognised_and_understood() {
    let header = header(&["会员名称", "手机", "性别", "生日", "注册时间"]);
    let rows = rows(&[&["张三", "19990419975", "女", "1990-05-17", "2024-01-01 10:00:00"]]);
    let found = suggest(&header, &rows).unwrap();
    assert_eq!(found.kind, Kind::Customer, "{}", found.toml);
    let records = loads(&found, &header, &rows);
    let Some(Record::Customer(row)) = records.first() else { panic!("no customer") };
    assert_eq!(row.identifiers[0].value, "+8619990419975");
    assert_eq!(row.gender.as_deref(), Some("female"));
}

#[test]
fn hostile_names_do_not_break_the_text() {
    let header = header(&["订单号", "a\"]\nname = \"b", "'''", "\u{7}", "金额", "商品"]);
    let rows = rows(&[&["1", "x y z", "", "", "5.00", "茶"]]);
    let found = suggest(&header, &rows).unwrap();
    assert!(Mapping::parse(&found.toml).is_ok(), "{}", found.toml);
}
