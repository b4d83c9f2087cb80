//! Products.

use axum::Json;
use axum::extract::{Path, State};
use base::{Currency, Error, Result, Time};
use evaluate::sold;
use perceive::catalog::{self, Product as Known};
use perceive::relay;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{Answer, Paged, micros, paged, time};
use crate::http::App;
use crate::http::asked::{Asked, Said, Wish};
use crate::http::error::Refusals;
use crate::http::who::{Access, ReadsProducts};

/// A product, as the SQL table `products` has it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Product {
    /// Its number within the shop.
    #[schema(example = "33")]
    product_id: String,
    /// Its article number; upper and lower case differ.
    sku: String,
    /// Its title.
    title: Option<String>,
    /// Its category.
    category: Option<String>,
    /// Its brand.
    brand: Option<String>,
    /// Its price.
    price_minor: Option<i64>,
    /// What it costs the shop.
    cost_minor: Option<i64>,
    /// Pieces in stock.
    stock: Option<i64>,
    /// When it was listed.
    #[schema(format = DateTime)]
    listed_at: Option<String>,
    /// When its sale began.
    #[schema(format = DateTime)]
    on_sale_at: Option<String>,
    /// Currency of the amounts, whose minor units they count (ISO 4217).
    #[schema(value_type = String, example = "CNY")]
    currency: Currency,
}

impl Product {
    fn new(known: Known, currency: Currency) -> Self {
        let Known { number, sku, row, .. } = known;
        Self {
            product_id: number.to_string(),
            sku,
            title: row.title,
            category: row.category,
            brand: row.brand,
            price_minor: row.price_minor,
            cost_minor: row.cost_minor,
            stock: row.stock,
            listed_at: time(row.listed_at.map(Time::micros)),
            on_sale_at: time(row.on_sale_at.map(Time::micros)),
            currency,
        }
    }
}

/// Which products.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Products {
    /// Part of a title, or a whole number at its source
    q: Option<String>,
    /// Rows of the page
    #[param(required = false, minimum = 1, maximum = 500, default = 50)]
    pub(super) limit: u32,
    /// `next` of the page before
    #[param(value_type = Option<String>)]
    after: Option<i64>,
}

impl Wish for Products {
    fn read(said: &mut Said) -> Result<Self> {
        let q = said.text("q")?;
        let (limit, after) = said.page()?;
        Ok(Self { q, limit, after })
    }
}

/// Products, by number
#[utoipa::path(get, path = "/api/v1/products", operation_id = "products",
    tag = "products", params(Products), responses(
    (status = 200, description = "A page of products", body = Paged<Product>), Refusals))]
pub(super) async fn list(
    reads: ReadsProducts,
    Asked(asked): Asked<Products>,
) -> Answer<Paged<Product>> {
    Ok(Json(page(&reads, &asked).await?))
}

/// A page of the list.
pub(super) async fn page(reads: &Access, asked: &Products) -> Result<Paged<Product>> {
    let after = asked.after.unwrap_or_default();
    let mut tx = reads.cx.read().await?;
    let rows =
        catalog::page(&mut tx, asked.q.as_deref(), (after, i64::from(asked.limit) + 1)).await?;
    let show = |known: Known| Product::new(known, reads.shop.currency);
    paged(rows, asked.limit, |known| known.number, show)
}

/// A product and how it sells. Amounts are minor units of the shop's currency.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProductWhole {
    /// The product.
    product: Product,
    /// Paid orders with it.
    orders: i64,
    /// People with such an order.
    buyers: i64,
    /// Pieces in them.
    items: i64,
    /// The price of these pieces.
    amount_minor: i64,
    /// Pieces that came back by refunds of their own.
    returned_items: i64,
    /// When it was last in an order that was paid.
    #[schema(format = DateTime, required = true)]
    last_sold_at: Option<String>,
    /// The last 90 days, or those until it was last sold where that was earlier.
    days: Vec<ProductDay>,
}

/// How a product sold on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProductDay {
    /// The day by the shop's clock.
    #[schema(format = Date)]
    date: String,
    /// Pieces.
    items: i64,
    /// Their price.
    amount_minor: i64,
}

impl ProductWhole {
    fn new(product: Product, sold: sold::Sold) -> Self {
        let day = |day: sold::Day| ProductDay {
            date: day.date.to_string(),
            items: day.items,
            amount_minor: day.amount_minor,
        };
        Self {
            product,
            orders: sold.orders,
            buyers: sold.buyers,
            items: sold.items,
            amount_minor: sold.amount_minor,
            returned_items: sold.returned_items,
            last_sold_at: sold.last_sold_at.map(micros),
            days: sold.days.into_iter().map(day).collect(),
        }
    }
}

/// A product and how it sells
///
/// By its lines in orders that were paid; test orders count nowhere.
#[utoipa::path(get, path = "/api/v1/products/{product_id}", operation_id = "product",
    tag = "products",
    params(("product_id" = String, Path, description = "Its number within the shop")),
    responses((status = 200, description = "The product", body = ProductWhole), Refusals))]
pub(super) async fn one(
    State(app): State<App>,
    reads: ReadsProducts,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<ProductWhole> {
    let cx = &reads.cx;
    let missing = || Error::missing("there is no such product").field("product_id");
    let number: i64 = id.parse().ok().filter(|number| *number > 0).ok_or_else(missing)?;
    let mut found = catalog::list(cx, number - 1, 1).await?.into_iter();
    let known = found.find(|known| known.known && known.number == number);
    let product = Product::new(known.ok_or_else(missing)?, reads.shop.currency);
    let _turn = app.scans.take(reads.cx.shop).await?;
    let lake = &app.place.lake;
    let lines = relay::pinned(cx, |moment| lake.bought((cx.shop, moment.lines), number)).await?;
    let sales = app.sales(&reads).await?;
    let told = sold::report(&sales, &lines, (&reads.shop.zone, cx.now))?;
    Ok(Json(ProductWhole::new(product, told)))
}
