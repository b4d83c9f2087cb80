//! The lines of orders that have one product.

use base::{Code, Error, Result, ShopId};
use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::prelude::{ident, lit};

use crate::error::Context;
use crate::{Fresh, Lake, ORDER_LINES};

/// Bytes of memory that such a look takes at the most.
const MEMORY_BYTES_MAX: usize = 256 << 20;
/// Lines of a product that are looked at, at the most.
const LINES_MAX: usize = 5_000_000;

/// A line of an order, refund or correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bought {
    /// Whose line it is.
    pub order_no: i64,
    /// Pieces; below zero where they came back.
    pub quantity: i64,
    /// Their price, in minor units.
    pub amount_minor: i64,
}

impl Lake {
    /// The lines of a shop that have a product, in no order; tests and unpaid orders among them.
    ///
    /// # Errors
    /// `too_large` when there are more than five million; when the table cannot be read; one that
    /// [`is_stale`](crate::is_stale) when `fresh` is too old.
    pub async fn bought(
        &self,
        (shop, fresh): (ShopId, Fresh),
        product_no: i64,
    ) -> Result<Vec<Bought>> {
        const BROKEN: &str = "a product's lines cannot be planned";
        let context = self.session(MEMORY_BYTES_MAX)?;
        let rows = self.scoped(&context, shop, &ORDER_LINES, fresh).await?;
        let rows = rows
            .filter(ident("product_id").eq(lit(product_no)))
            .and_then(|rows| rows.select_columns(&["order_id", "quantity", "amount_minor"]))
            .and_then(|rows| rows.limit(0, Some(LINES_MAX + 1)))
            .context(BROKEN)?;
        let mut found = Vec::new();
        for batch in rows.collect().await.context("a product's lines cannot be read")? {
            let column = |at: usize| batch.column(at).as_primitive::<Int64Type>().values();
            let both = column(1).iter().zip(column(2));
            found.extend(column(0).iter().zip(both).map(
                |(&order_no, (&quantity, &amount_minor))| Bought {
                    order_no,
                    quantity,
                    amount_minor,
                },
            ));
        }
        if found.len() > LINES_MAX {
            let text = format!("a product with more than {LINES_MAX} lines cannot be summed up");
            return Err(Error::new(Code::TooLarge, text).field("product_id"));
        }
        Ok(found)
    }
}
