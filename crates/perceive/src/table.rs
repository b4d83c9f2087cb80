//! The SQL tables `orders`, `products`, `cart_lines` and `visits`, read from the store as a query
//! asks for them.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use base::Result;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use lake::{Column, Columns, Kind, Nullable, Rows, SourceField, TableSource, Text, Words};
use store::Cx;

use crate::cart;
use crate::catalog::{self, Product};
use crate::order::{self, Row};
use crate::privacy;
use crate::visit::{self, Visits};

/// Rows that one read of the store takes.
const PAGE_ROWS: i64 = 20_000;
/// Labels of a page of carts.
const CARTS_PER_PAGE: i64 = 5_000;
/// Labels of a page of visits: each page reads the latest runs again.
const VISITS_PER_PAGE: i64 = 65_536;

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

const CART_LINES: &[Shown<cart::Line>] = &[
    ("visitor_id", Read::Number(|line| Some(line.person))),
    ("customer_id", Read::Number(|line| customer(line.person))),
    ("product_id", Read::Number(|line| Some(line.cart.product))),
    ("quantity", Read::Number(|line| Some(line.cart.quantity))),
    ("unit_price_minor", Read::Number(|line| line.cart.price_minor)),
    ("added_at", Read::Time(|line| Some(line.cart.added_at.micros()))),
    ("touched_at", Read::Time(|line| Some(line.cart.touched_at.micros()))),
];

/// An account or browser of somebody who was there.
struct Visitor {
    person: i64,
    visits: Visits,
    /// Whether the number of events may be told.
    counted: bool,
}

const VISITS: &[Shown<Visitor>] = &[
    ("visitor_id", Read::Number(|row| Some(row.person))),
    ("customer_id", Read::Number(|row| customer(row.person))),
    ("first_at", Read::Time(|row| Some(row.visits.first_at.micros()))),
    ("last_at", Read::Time(|row| Some(row.visits.last_at.micros()))),
    ("events", Read::Number(|row| Some(row.visits.events).filter(|_| row.counted))),
    ("first_utm_source", Read::Word(|row| row.visits.first_touch.source.as_deref())),
    ("first_utm_medium", Read::Word(|row| row.visits.first_touch.medium.as_deref())),
    ("first_utm_campaign", Read::Word(|row| row.visits.first_touch.campaign.as_deref())),
    ("first_referrer", Read::Word(|row| row.visits.first_touch.referrer.as_deref())),
    ("last_utm_source", Read::Word(|row| row.visits.last_touch.source.as_deref())),
    ("last_utm_medium", Read::Word(|row| row.visits.last_touch.medium.as_deref())),
    ("last_utm_campaign", Read::Word(|row| row.visits.last_touch.campaign.as_deref())),
    ("last_referrer", Read::Word(|row| row.visits.last_touch.referrer.as_deref())),
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

/// How rows of the store are to be shown.
#[derive(Debug)]
struct Shows {
    /// Customer numbers that lead to another one, as [`crate::identity::redirect`] gives them.
    moved: HashMap<i64, i64>,
    /// Whether kinds of events are private: how many events there were is not told then, because
    /// it would tell how many of them are not shown.
    private: bool,
}

impl Shows {
    fn person(&self, label: i64) -> i64 {
        self.moved.get(&label).copied().unwrap_or(label)
    }
}

/// A visitor, whose number is below zero, is no customer.
fn customer(person: i64) -> Option<i64> {
    Some(person).filter(|number| *number > 0)
}

/// Rows, and where they end; none after the last.
type Page<R, P> = Option<(Vec<R>, P)>;

/// A table of the store that is read page by page.
trait Paged: 'static {
    type Row: Send;
    /// Where a page ends.
    type Place: Default + Send;
    const NAME: &'static str;
    const SHOWN: &'static [Shown<Self::Row>];

    /// The rows after a place, and where they end; none when there are none.
    fn page(
        cx: &Cx,
        shows: &Shows,
        after: Self::Place,
    ) -> impl Future<Output = Result<Page<Self::Row, Self::Place>>> + Send;
}

/// A [`Paged`] table as queries read it.
struct Source<P> {
    cx: Cx,
    shows: Arc<Shows>,
    of: PhantomData<fn() -> P>,
}

impl<P: Paged> Source<P> {
    fn boxed(cx: &Cx, shows: &Arc<Shows>) -> Arc<dyn TableSource> {
        Arc::new(Self { cx: cx.clone(), shows: Arc::clone(shows), of: PhantomData })
    }
}

impl<P: Paged> TableSource for Source<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn fields(&self) -> Vec<SourceField> {
        fields(P::SHOWN)
    }

    fn read(&self, projection: &[usize], _: Option<usize>) -> BoxStream<'static, Result<Rows>> {
        let (cx, shows, projection) =
            (self.cx.clone(), Arc::clone(&self.shows), projection.to_vec());
        let pages = stream::try_unfold(P::Place::default(), move |after| {
            let (cx, shows, projection) = (cx.clone(), Arc::clone(&shows), projection.clone());
            async move {
                let Some((rows, last)) = P::page(&cx, &shows, after).await? else {
                    return Ok(None);
                };
                Ok(Some((Rows::Plain(columns(P::SHOWN, &projection, &rows)?), last)))
            }
        });
        pages.boxed()
    }
}

struct Orders;

impl Paged for Orders {
    type Row = (Row, Option<i64>);
    type Place = i64;
    const NAME: &'static str = "orders";
    const SHOWN: &'static [Shown<Self::Row>] = ORDERS;

    async fn page(cx: &Cx, shows: &Shows, after: i64) -> Result<Option<(Vec<Self::Row>, i64)>> {
        let page = order::list(&mut cx.read().await?, after, PAGE_ROWS).await?;
        let Some(last) = page.last().map(|row| row.order_no) else { return Ok(None) };
        let buyer = |row: &Row| customer(shows.person(row.customer_no?));
        let rows = page.into_iter().map(|row| (buyer(&row), row));
        Ok(Some((rows.map(|(buyer, row)| (row, buyer)).collect(), last)))
    }
}

struct Products;

impl Paged for Products {
    type Row = Product;
    type Place = i64;
    const NAME: &'static str = "products";
    const SHOWN: &'static [Shown<Product>] = PRODUCTS;

    async fn page(cx: &Cx, _: &Shows, after: i64) -> Result<Option<(Vec<Product>, i64)>> {
        let page = catalog::list(cx, after, PAGE_ROWS).await?;
        let Some(last) = page.last().map(|product| product.number) else { return Ok(None) };
        Ok(Some((page.into_iter().filter(|one| one.known).collect(), last)))
    }
}

struct CartLines;

impl Paged for CartLines {
    type Row = cart::Line;
    type Place = Option<i64>;
    const NAME: &'static str = "cart_lines";
    const SHOWN: &'static [Shown<cart::Line>] = CART_LINES;

    async fn page(
        cx: &Cx,
        _: &Shows,
        after: Self::Place,
    ) -> Result<Option<(Vec<cart::Line>, Self::Place)>> {
        let after = after.unwrap_or(i64::MIN);
        let page = cart::lines(&mut cx.read().await?, cx.now, (after, CARTS_PER_PAGE)).await?;
        Ok(page.map(|(lines, last)| (lines, Some(last))))
    }
}

struct VisitsTable;

impl Paged for VisitsTable {
    type Row = Visitor;
    type Place = Option<i64>;
    const NAME: &'static str = "visits";
    const SHOWN: &'static [Shown<Visitor>] = VISITS;

    async fn page(
        cx: &Cx,
        shows: &Shows,
        after: Self::Place,
    ) -> Result<Option<(Vec<Visitor>, Self::Place)>> {
        let after = after.unwrap_or(i64::MIN);
        let page = visit::list(&mut cx.read().await?, after, VISITS_PER_PAGE).await?;
        let counted = !shows.private;
        let visitor = |(label, visits)| Visitor { person: shows.person(label), visits, counted };
        Ok(page.map(|(rows, last)| (rows.into_iter().map(visitor).collect(), Some(last))))
    }
}

/// The tables of the context's shop that its store offers to queries; `redirect` as
/// [`crate::identity::redirect`] gives it, `hidden` the kinds of events that nobody sees: where
/// those say what is in carts, there is no table of them.
#[must_use]
pub fn sources(cx: &Cx, redirect: &[(i64, i64)], hidden: &[String]) -> Vec<Arc<dyn TableSource>> {
    let moved = redirect.iter().copied().collect();
    let shows = Arc::new(Shows { moved, private: !hidden.is_empty() });
    let mut all = vec![
        Source::<Orders>::boxed(cx, &shows),
        Source::<Products>::boxed(cx, &shows),
        Source::<VisitsTable>::boxed(cx, &shows),
    ];
    if !privacy::hides_carts(hidden) {
        all.push(Source::<CartLines>::boxed(cx, &shows));
    }
    all
}
