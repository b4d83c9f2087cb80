//! What people did, in the columns of files and in those of queries.

use lake::{Column, Columns, Nullable, Text, Words};
use perceive::cart::{self, rule::CartLine};
use perceive::catalog::Product;
use perceive::order::Changed;
use perceive::record::ProductRow;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{HOUR, SHOP, now};
use crate::carts::Carts;
use crate::sales::Sales;

/// What somebody did: an event, by label.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) label: Option<i64>,
    pub(super) event: &'static str,
    pub(super) at: i64,
    pub(super) category: Option<&'static str>,
    pub(super) quantity: Option<i64>,
    pub(super) properties: Option<Value>,
    pub(super) order: Option<i64>,
}

pub(super) fn event() -> impl Strategy<Value = Event> {
    let label = prop::sample::select(vec![None, Some(1), Some(2), Some(3), Some(-1), Some(-2)]);
    let name = prop::sample::select(vec!["Product Viewed", "Product Added"]);
    let category = prop::sample::select(vec![None, Some("面膜"), Some("广东")]);
    let property = prop::sample::select(vec![
        None,
        Some(json!({"n": 2.5})),
        Some(json!({"n": "2", "t": "2026-02-27"})),
        Some(json!({"n": 0.25, "t": "2026-02-28T23:30:00Z"})),
        Some(json!({"n": true, "t": "2026-02-28T10:00"})),
        Some(json!({"other": 1})),
    ]);
    let order = prop::sample::select(vec![None, Some(1), Some(2)]);
    (label, name, -80_i64..2, category, prop::option::of(0_i64..4), property, order).prop_map(
        |(label, event, hours, category, quantity, properties, order)| Event {
            label,
            event,
            at: now().micros() + hours * HOUR,
            category,
            quantity,
            properties,
            order,
        },
    )
}

/// The numbers that lead to others, and who is meant by orders.
pub(super) const REDIRECT: [(i64, i64); 2] = [(2, 3), (-1, 1)];
pub(super) const BUYERS: [(i64, i64); 1] = [(1, 3)];
pub(super) const PEOPLE: [i64; 3] = [1, 3, 4];

pub(super) fn person_of(label: Option<i64>, order: Option<i64>) -> Option<i64> {
    match label {
        Some(2) => Some(3),
        Some(-1) => Some(1),
        Some(label) => Some(label).filter(|label| *label > 0),
        None => order.filter(|order| *order == 1).map(|_| 3),
    }
}

pub(super) fn events(rows: &[&Event], shown: bool) -> Columns {
    let name = |file: &'static str, query: &'static str| if shown { query } else { file };
    let words = |get: fn(&Event) -> Option<&'static str>| -> Words {
        rows.iter().map(|row| get(row)).collect()
    };
    let numbers = |get: fn(&Event) -> Option<i64>| -> Nullable<i64> {
        rows.iter().map(|row| get(row)).collect()
    };
    let nothing = || Column::OptI64(rows.iter().map(|_| None).collect());
    let none = || Column::Words(rows.iter().map(|_| None).collect());
    let zero = |value| Column::I64(vec![value; rows.len()]);
    let texts: Vec<Option<String>> =
        rows.iter().map(|row| row.properties.as_ref().map(Value::to_string)).collect();
    let texts: Text = texts.iter().map(Option::as_deref).collect();
    let ids: Text = rows.iter().map(|_| Some("id")).collect();
    let times = || Column::Time(rows.iter().map(|row| row.at).collect());
    [
        ("shop_id", zero(SHOP.0)),
        (name("customer_no", "customer_id"), Column::OptI64(numbers(|row| row.label))),
        ("source_no", zero(0)),
        ("epoch", Column::I32(vec![0; rows.len()])),
        ("event", Column::Words(words(|row| Some(row.event)))),
        ("event_time", times()),
        ("received_time", times()),
        ("message_id", Column::Text(ids)),
        (name("product_no", "product_id"), nothing()),
        ("category", Column::Words(words(|row| row.category))),
        ("brand", none()),
        ("quantity", Column::OptI64(numbers(|row| row.quantity))),
        ("value_minor", nothing()),
        (name("order_no", "order_id"), Column::OptI64(numbers(|row| row.order))),
        ("channel", none()),
        ("utm_source", none()),
        ("utm_medium", none()),
        ("utm_campaign", none()),
        ("referrer", none()),
        ("properties", Column::Text(texts)),
    ]
    .into_iter()
    .fold(Columns::new(), |all, (name, column)| all.with(name, column).unwrap())
}

/// A line: label, order, product, quantity and hours ago.
pub(super) type Line = (i64, i64, i64, i64, i64);

pub(super) fn lines(rows: &[Line], shown: bool) -> Columns {
    let name = |file: &'static str, query: &'static str| if shown { query } else { file };
    let of = |get: fn(&Line) -> i64| Column::I64(rows.iter().map(get).collect());
    let small = |value| Column::I32(vec![value; rows.len()]);
    let skus: Words = rows.iter().map(|_| Some("sku")).collect();
    let people: Nullable<i64> = rows.iter().map(|row| Some(row.0)).collect();
    let products: Nullable<i64> = rows.iter().map(|row| Some(row.2)).collect();
    let times = rows.iter().map(|row| now().micros() - row.4 * HOUR).collect();
    [
        ("shop_id", Column::I64(vec![SHOP.0; rows.len()])),
        (name("customer_no", "customer_id"), Column::OptI64(people)),
        (name("order_no", "order_id"), of(|row| row.1)),
        ("epoch", small(0)),
        ("line_no", small(0)),
        ("kind", small(0)),
        (name("product_no", "product_id"), Column::OptI64(products)),
        ("sku", Column::Words(skus)),
        ("quantity", of(|row| row.3)),
        ("unit_price_minor", of(|_| 100)),
        // The second product is sold at a discount of 2.
        ("amount_minor", of(|row| row.3 * 100 - if row.2 == 2 { 2 } else { 0 })),
        ("placed_at", Column::Time(times)),
    ]
    .into_iter()
    .fold(Columns::new(), |all, (name, column)| all.with(name, column).unwrap())
}

pub(super) fn products() -> Vec<(i64, ProductRow)> {
    let product = |category: Option<&str>| ProductRow {
        category: category.map(str::to_owned),
        ..ProductRow::default()
    };
    vec![(1, product(Some("面膜"))), (2, product(Some("广东"))), (3, product(None))]
}

/// Carts of lines: customer, product, quantity and hours ago.
pub(super) fn carts(lines: &[(i64, i64, i64, i64)], products: &[(i64, ProductRow)]) -> Carts {
    let line = |(person, product, quantity, hours): &(i64, i64, i64, i64)| {
        let at = now().plus(-hours * HOUR);
        let price_minor = (product % 2 == 0).then_some(100);
        let cart = CartLine {
            product: *product,
            quantity: *quantity,
            price_minor,
            added_at: at,
            touched_at: at.plus(HOUR),
        };
        cart::Line { person: *person, cart }
    };
    let product = |(number, row): &(i64, ProductRow)| Product {
        number: *number,
        sku: "sku".to_owned(),
        known: true,
        row: row.clone(),
    };
    let products: Vec<Product> = products.iter().map(product).collect();
    Carts::of(lines.iter().map(line).collect(), &products).unwrap()
}

pub(super) fn sales() -> Sales {
    let order = |order_no: i64, customer_no: i64, kind: i64, paid_minor: i64| Changed {
        order_no,
        version: 1,
        known: true,
        test: false,
        kind,
        status: i64::from(paid_minor > 0),
        customer_no: Some(customer_no),
        placed_at: Some(now().micros() - order_no * 5 * HOUR),
        paid_at: None,
        paid_minor,
        refunded_minor: order_no,
        adjusted_minor: 0,
    };
    Sales::of(&[order(1, 3, 0, 3), order(2, 1, 0, 0), order(3, 1, 0, 4), order(4, 3, 1, 0)])
}
