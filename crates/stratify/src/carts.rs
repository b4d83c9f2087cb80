//! 购物车: what lies in the open carts of all customers, as conditions see it.

use std::collections::HashMap;

use base::{Code, Error, Result};
use lake::{Column, Columns, Nullable, RecordBatch, Words};
use perceive::cart::{self, Line};
use perceive::catalog::{self, Product};
use store::Cx;

/// The columns, in their order.
pub(crate) const COLUMNS: [&str; 9] = [
    "product_id",
    "sku",
    "category",
    "brand",
    "quantity",
    "unit_price_minor",
    "amount_minor",
    "added_at",
    "touched_at",
];
/// Labels whose carts one read of the store takes.
const LABELS_AT_ONCE: i64 = 5_000;
/// Products that one read of the store takes.
const PRODUCTS_AT_ONCE: i64 = 50_000;
/// Lines of all carts at the most.
const LINES_MAX: usize = 5_000_000;

/// Everybody's open cart: lines by customer.
#[derive(Debug, Clone, Default)]
pub struct Carts {
    /// The customer of each line, ascending.
    persons: Vec<i64>,
    /// The lines; none where there are none.
    batch: Option<RecordBatch>,
}

impl Carts {
    /// The open carts of the context's shop, as they are now.
    ///
    /// # Errors
    /// What the store reports; `too_large` when there are too many lines.
    pub async fn load(cx: &Cx) -> Result<Self> {
        let (mut lines, mut after) = (Vec::new(), i64::MIN);
        while let Some((some, last)) =
            cart::lines(&mut cx.read().await?, cx.now, (after, LABELS_AT_ONCE)).await?
        {
            lines.extend(some.into_iter().filter(|line| line.person > 0));
            if lines.len() > LINES_MAX {
                let text = format!("open carts have more than {LINES_MAX} lines");
                return Err(Error::new(Code::TooLarge, text));
            }
            after = last;
        }
        Self::of(lines, &products(cx).await?)
    }

    /// Carts of these lines.
    ///
    /// # Errors
    /// None that a caller could do something about.
    pub(crate) fn of(mut lines: Vec<Line>, products: &[Product]) -> Result<Self> {
        if lines.is_empty() {
            return Ok(Self::default());
        }
        lines.sort_unstable_by_key(|line| (line.person, line.cart.product));
        let products: HashMap<i64, &Product> =
            products.iter().map(|product| (product.number, product)).collect();
        let words = |get: fn(&Product) -> Option<&str>| -> Words {
            let of = |line: &Line| products.get(&line.cart.product).and_then(|own| get(own));
            lines.iter().map(of).collect()
        };
        let numbers = |get: fn(&Line) -> i64| Column::I64(lines.iter().map(get).collect());
        let known =
            |get: fn(&Line) -> Option<i64>| -> Nullable<i64> { lines.iter().map(get).collect() };
        let times = |get: fn(&Line) -> i64| Column::Time(lines.iter().map(get).collect());
        let amount = |line: &Line| Some(line.cart.price_minor?.saturating_mul(line.cart.quantity));
        let columns = Columns::new()
            .with("product_id", numbers(|line| line.cart.product))?
            .with("sku", Column::Words(words(|product| Some(&product.sku))))?
            .with("category", Column::Words(words(|product| product.row.category.as_deref())))?
            .with("brand", Column::Words(words(|product| product.row.brand.as_deref())))?
            .with("quantity", numbers(|line| line.cart.quantity))?
            .with("unit_price_minor", Column::OptI64(known(|line| line.cart.price_minor)))?
            .with("amount_minor", Column::OptI64(known(amount)))?
            .with("added_at", times(|line| line.cart.added_at.micros()))?
            .with("touched_at", times(|line| line.cart.touched_at.micros()))?;
        let batch = Some(columns.into_batch()?);
        Ok(Self { persons: lines.iter().map(|line| line.person).collect(), batch })
    }

    /// All lines, and whose each is.
    pub(crate) fn all(&self) -> Option<(&RecordBatch, &[i64])> {
        Some((self.batch.as_ref()?, &self.persons))
    }

    /// The lines of one customer.
    pub(crate) fn of_person(&self, number: i64) -> Option<RecordBatch> {
        let first = self.persons.partition_point(|person| *person < number);
        let end = self.persons.partition_point(|person| *person <= number);
        Some(self.batch.as_ref()?.slice(first, end - first))
    }
}

/// Every product of the context's shop.
pub(crate) async fn products(cx: &Cx) -> Result<Vec<Product>> {
    let mut all: Vec<Product> = Vec::new();
    loop {
        let after = all.last().map_or(0, |product| product.number);
        let page = catalog::list(cx, after, PRODUCTS_AT_ONCE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}
