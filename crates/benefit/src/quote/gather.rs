//! What the catalog knows of the goods of a cart, and of goods that are given.

use std::collections::{BTreeMap, BTreeSet};

use base::{Error, Result};
use perceive::catalog;
use perceive::record::ProductRow;
use store::Tx;

use super::{Found, Line};
use crate::offer::cart::{Line as Bought, OnSale};
use crate::promotion;

/// What the catalog knows of products.
#[derive(Debug, Default)]
pub(super) struct Products {
    /// By article number.
    numbers: BTreeMap<String, i64>,
    rows: BTreeMap<i64, ProductRow>,
}

/// The products of a cart and those that offers name.
pub(super) async fn products(tx: &mut Tx, lines: &[Line], found: &[Found]) -> Result<Products> {
    let skus: Vec<&str> = lines.iter().map(|line| line.sku.as_str()).collect();
    let numbers: BTreeMap<String, i64> = catalog::numbers(tx, &skus).await?.into_iter().collect();
    let mut named: BTreeSet<i64> = numbers.values().copied().collect();
    named.extend(found.iter().flat_map(|own| promotion::gifts(&own.terms)));
    let named: Vec<i64> = named.into_iter().collect();
    let rows = catalog::of_numbers(tx, &named).await?.into_iter();
    Ok(Products { numbers, rows: rows.map(|own| (own.number, own.row)).collect() })
}

impl Products {
    /// A line with what is known of its product. One that the catalog does not know is of no
    /// category, no brand and no product that an offer could name.
    pub(super) fn line(&self, line: &Line, early: Option<(i64, i64)>) -> Result<Bought> {
        let product = self.numbers.get(&line.sku).copied();
        let row = product.and_then(|product| self.rows.get(&product));
        let price = row.and_then(|row| row.price_minor);
        let unit_minor = line.unit_minor.or(price).ok_or_else(|| match product {
            Some(_) => Error::bad("is needed: the catalog knows no price of it"),
            None => Error::bad("is needed: the catalog does not know this sku"),
        })?;
        let sale = row.and_then(|row| row.on_sale_at);
        let on_sale = sale.into_iter().flat_map(|at| {
            let own = early.map(|(tier, micros)| OnSale { tier: Some(tier), at: at.plus(-micros) });
            [Some(OnSale { tier: None, at }), own].into_iter().flatten()
        });
        Ok(Bought {
            product: product.unwrap_or(0),
            category: row.and_then(|row| row.category.clone()),
            brand: row.and_then(|row| row.brand.clone()),
            pieces: line.pieces,
            unit_minor,
            list_minor: line.list_minor.or(price),
            cost_minor: row.and_then(|row| row.cost_minor),
            on_sale: on_sale.collect(),
        })
    }

    /// What a piece of each product is sold at.
    pub(super) fn worth(&self) -> BTreeMap<i64, i64> {
        let priced = self.rows.iter().filter_map(|(own, row)| Some((*own, row.price_minor?)));
        priced.collect()
    }

    /// The article number and the title of each.
    pub(super) fn called(&self) -> Vec<(i64, (String, Option<String>))> {
        let own = self.rows.iter().map(|(own, row)| (*own, (row.sku.clone(), row.title.clone())));
        own.collect()
    }
}
