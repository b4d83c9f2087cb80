//! What one customer did, as far as it is not read from the lake.

use base::Result;
use lake::RecordBatch;
use lake::mask::{Rows, only};

use super::gather::columns_of;
use crate::expr::Collection;
use crate::sales::{ORDER, Sales};

/// A customer's orders or refunds.
pub(in crate::expr) fn orders(
    sales: &Sales,
    of: Collection,
    number: i64,
) -> Result<Vec<RecordBatch>> {
    let own = sales.numbered().filter(|(_, sale)| {
        let kind = match of {
            Collection::Refunds => sale.is_refund(),
            _ => sale.kind == ORDER,
        };
        kind && i64::from(sale.person) == number
    });
    Ok(vec![columns_of(&own.collect::<Vec<_>>())?.into_batch()?])
}

/// Leaves out the lines of orders that no money came in for.
pub(in crate::expr) fn only_paid(batches: &mut [RecordBatch], sales: &Sales) -> Result<()> {
    for batch in batches.iter_mut() {
        let Ok(column) = batch.schema().index_of("order_id") else { continue };
        let places = [column];
        let rows = Rows { batch, places: &places, first: 0 };
        let paid = |row: usize| {
            let number = rows.number(0, row);
            number.and_then(|number| sales.at(number)).is_some_and(|sale| sale.is_paid())
        };
        let mask: Vec<bool> = (0..batch.num_rows()).map(paid).collect();
        *batch = only(batch, &mask)?;
    }
    Ok(())
}
