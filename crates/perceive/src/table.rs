//! The SQL tables `orders` and `products`, read from the store as a query asks for them.

use std::sync::Arc;

use base::Result;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use lake::{Column, Columns, Kind, Nullable, Rows, SourceField, TableSource, Text, Words};
use store::Cx;

use crate::catalog::{self, Product};
use crate::order::{self, Row};

/// Rows that one read of the store takes.
const PAGE_ROWS: i64 = 20_000;

/// How a column is read from a row of `T`.
enum Read<T> {
    Number(fn(&T) -> Option<i64>),
    Time(fn(&T) -> Option<i64>),
    /// Text that mostly differs from row to row.
    Text(fn(&T) -> Option<&str>),
    /// Text of few different values.
    Word(fn(&T) -> Option<&str>),
}

type Shown<T> = (&'static str, Read<T>);

const ORDERS: &[Shown<(Row, Option<i64>)>] = &[
    ("order_id", Read::Number(|(row, _)| Some(row.order_no))),
    ("external_id", Read::Text(|(row, _)| Some(&row.external_id))),
    ("kind", Read::Word(|(row, _)| Some(kind(row.kind)))),
    ("of_order", Read::Text(|(row, _)| row.of_order.as_deref())),
    ("customer_id", Read::Number(|(_, person)| *person)),
    ("status", Read::Word(|(row, _)| Some(status(row.status)))),
    ("placed_at", Read::Time(|(row, _)| row.placed_at)),
    ("paid_at", Read::Time(|(row, _)| row.paid_at)),
    ("shipped_at", Read::Time(|(row, _)| row.shipped_at)),
    ("received_at", Read::Time(|(row, _)| row.received_at)),
    ("closed_at", Read::Time(|(row, _)| row.closed_at)),
    ("paid_minor", Read::Number(|(row, _)| Some(row.paid_minor))),
    ("refunded_minor", Read::Number(|(row, _)| Some(row.refunded_minor))),
    ("adjusted_minor", Read::Number(|(row, _)| Some(row.adjusted_minor))),
    (
        "net_minor",
        Read::Number(|(row, _)| Some(row.paid_minor - row.refunded_minor + row.adjusted_minor)),
    ),
    ("items", Read::Number(|(row, _)| Some(row.items))),
    ("channel", Read::Word(|(row, _)| row.channel.as_deref())),
    ("store", Read::Word(|(row, _)| row.store.as_deref())),
    ("country", Read::Word(|(row, _)| row.country.as_deref())),
    ("country_code", Read::Word(|(row, _)| row.country_code.as_deref())),
    ("province", Read::Word(|(row, _)| row.province.as_deref())),
    ("city", Read::Word(|(row, _)| row.city.as_deref())),
];

const PRODUCTS: &[Shown<Product>] = &[
    ("product_id", Read::Number(|product| Some(product.number))),
    ("sku", Read::Text(|product| Some(&product.sku))),
    ("title", Read::Text(|product| product.row.title.as_deref())),
    ("category", Read::Word(|product| product.row.category.as_deref())),
    ("brand", Read::Word(|product| product.row.brand.as_deref())),
    ("price_minor", Read::Number(|product| product.row.price_minor)),
    ("cost_minor", Read::Number(|product| product.row.cost_minor)),
    ("stock", Read::Number(|product| product.row.stock)),
    ("listed_at", Read::Time(|product| product.row.listed_at.map(base::Time::micros))),
    ("on_sale_at", Read::Time(|product| product.row.on_sale_at.map(base::Time::micros))),
];

/// The word of an order's kind.
#[must_use]
pub fn kind(code: i64) -> &'static str {
    match code {
        0 => "order",
        1 => "refund",
        _ => "correction",
    }
}

/// The word of an order's status.
#[must_use]
pub fn status(code: i64) -> &'static str {
    match code {
        0 => "placed",
        1 => "paid",
        2 => "shipped",
        3 => "received",
        _ => "closed",
    }
}

fn columns<T>(shown: &[Shown<T>], projection: &[usize], rows: &[T]) -> Result<Columns> {
    let mut columns = Columns::new();
    for (name, read) in projection.iter().filter_map(|place| shown.get(*place)) {
        let column = match read {
            Read::Number(get) => Column::OptI64(rows.iter().map(get).collect::<Nullable<i64>>()),
            Read::Time(get) => Column::OptTime(rows.iter().map(get).collect::<Nullable<i64>>()),
            Read::Text(get) => Column::Text(rows.iter().map(get).collect::<Text>()),
            Read::Word(get) => Column::Words(rows.iter().map(get).collect::<Words>()),
        };
        columns = columns.with(*name, column)?;
    }
    Ok(columns)
}

fn fields<T>(shown: &[Shown<T>]) -> Vec<SourceField> {
    let field = |(name, read): &Shown<T>| {
        let kind = match read {
            Read::Number(_) => Kind::I64,
            Read::Time(_) => Kind::Time,
            Read::Text(_) | Read::Word(_) => Kind::Text,
        };
        SourceField { name: (*name).to_owned(), kind, nullable: true }
    };
    shown.iter().map(field).collect()
}

/// A shop's orders.
pub struct Orders {
    cx: Cx,
    moved: Arc<std::collections::HashMap<i64, i64>>,
}

impl Orders {
    /// The orders of the context's shop; `redirect` as [`crate::identity::redirect`] gives it.
    #[must_use]
    pub fn new(cx: &Cx, redirect: &[(i64, i64)]) -> Self {
        Self { cx: cx.clone(), moved: Arc::new(redirect.iter().copied().collect()) }
    }
}

impl TableSource for Orders {
    fn name(&self) -> &'static str {
        "orders"
    }

    fn fields(&self) -> Vec<SourceField> {
        fields(ORDERS)
    }

    fn read(&self, projection: &[usize], _: Option<usize>) -> BoxStream<'static, Result<Rows>> {
        let (cx, moved, projection) =
            (self.cx.clone(), Arc::clone(&self.moved), projection.to_vec());
        let pages = stream::try_unfold(0, move |after| {
            let (cx, moved, projection) = (cx.clone(), Arc::clone(&moved), projection.clone());
            async move {
                let mut tx = cx.read().await?;
                let page = order::list(&mut tx, after, PAGE_ROWS).await?;
                let Some(last) = page.last().map(|row| row.order_no) else { return Ok(None) };
                // A visitor, whose number is below zero, is no customer.
                let person = |row: &Row| {
                    let label = row.customer_no?;
                    Some(moved.get(&label).copied().unwrap_or(label)).filter(|no| *no > 0)
                };
                let rows: Vec<_> = page.into_iter().map(|row| (person(&row), row)).collect();
                let rows: Vec<_> = rows.into_iter().map(|(person, row)| (row, person)).collect();
                Ok(Some((Rows::Plain(columns(ORDERS, &projection, &rows)?), last)))
            }
        });
        pages.boxed()
    }
}

/// A shop's products.
pub struct Products {
    cx: Cx,
}

impl Products {
    /// The products of the context's shop.
    #[must_use]
    pub fn new(cx: &Cx) -> Self {
        Self { cx: cx.clone() }
    }
}

impl TableSource for Products {
    fn name(&self) -> &'static str {
        "products"
    }

    fn fields(&self) -> Vec<SourceField> {
        fields(PRODUCTS)
    }

    fn read(&self, projection: &[usize], _: Option<usize>) -> BoxStream<'static, Result<Rows>> {
        let (cx, projection) = (self.cx.clone(), projection.to_vec());
        let pages = stream::try_unfold(0, move |after| {
            let (cx, projection) = (cx.clone(), projection.clone());
            async move {
                let page = catalog::list(&cx, after, PAGE_ROWS).await?;
                let Some(last) = page.last().map(|product| product.number) else {
                    return Ok(None);
                };
                let rows: Vec<Product> = page.into_iter().filter(|one| one.known).collect();
                Ok(Some((Rows::Plain(columns(PRODUCTS, &projection, &rows)?), last)))
            }
        });
        pages.boxed()
    }
}
