//! Products.

use axum::Json;
use base::{Currency, Result, Time};
use perceive::catalog::{self, Product as Known};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{Answer, Paged, paged, time};
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
