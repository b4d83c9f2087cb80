//! A row of what somebody did, by the names of its columns.

use std::collections::{BTreeSet, HashMap};

use base::Result;
use lake::RecordBatch;
use lake::mask::Rows;
use perceive::catalog;
use perceive::record::ProductRow;
use store::Cx;

/// A row of a batch.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    batch: &'a RecordBatch,
    row: usize,
}

/// Every row of some batches.
pub(crate) fn rows(batches: &[RecordBatch]) -> impl Iterator<Item = Row<'_>> {
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| Row { batch, row }))
}

impl Row<'_> {
    fn of<T>(&self, name: &str, get: impl Fn(&Rows<'_>, usize) -> Option<T>) -> Option<T> {
        let place = [self.batch.schema().index_of(name).ok()?];
        get(&Rows { batch: self.batch, places: &place, first: 0 }, self.row)
    }

    /// The value of a column of whole numbers or times.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.of(name, |rows, row| rows.number(0, row))
    }

    /// The value of a column of texts.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.of(name, |rows, row| rows.text(0, row).map(str::to_owned))
    }
}

/// What is known of the products of some rows.
pub(crate) async fn products(cx: &Cx, batches: &[RecordBatch]) -> Result<HashMap<i64, ProductRow>> {
    let numbers: BTreeSet<i64> = rows(batches).filter_map(|row| row.number("product_id")).collect();
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let found = catalog::of_numbers(&mut cx.read().await?, &numbers).await?;
    Ok(found.into_iter().map(|product| (product.number, product.row)).collect())
}
