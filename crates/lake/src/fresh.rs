//! What a query must know beside the files: rows that are not in the lake yet, customers who
//! were merged since, and orders that were read anew.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use base::{Result, ShopId};
use datafusion::catalog::MemTable;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::logical_expr::{JoinType, when};
use datafusion::prelude::{DataFrame, Expr, SessionContext, ident, lit};

use crate::Lake;
use crate::columns::{Column, Columns};
use crate::error::Context;
use crate::provider::LakeTable;
use crate::table::Table;

/// The state of a shop's table beyond its files. The default is: nothing.
#[derive(Debug, Clone, Default)]
pub struct Fresh {
    /// Rows that the lake does not hold yet, in the table's own columns.
    pub tail: Columns,
    /// Customer numbers of files and the number that each now goes by. Not followed further, so
    /// the second must be final.
    pub redirect: Vec<(i64, i64)>,
    /// Orders whose lines of an epoch below the given one do not exist any more.
    pub superseded: Vec<(i64, i32)>,
    /// Whether numbers below zero occur: visitors, whom queries do not see as customers.
    pub visitors: bool,
}

impl Fresh {
    /// Each superseded order once, with its highest epoch.
    pub(crate) fn epochs(&self) -> HashMap<i64, i32> {
        let mut epochs = HashMap::with_capacity(self.superseded.len());
        for (order, epoch) in &self.superseded {
            let least = epochs.entry(*order).or_insert(*epoch);
            *least = (*least).max(*epoch);
        }
        epochs
    }
}

impl Lake {
    /// The shop's rows of a table as a plan to build upon, with the columns that queries see.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn frame(
        &self,
        shop: ShopId,
        table: &'static Table,
        fresh: Fresh,
    ) -> Result<DataFrame> {
        let context = self.session(self.options().memory_bytes)?;
        self.scoped(&context, shop, table, fresh).await
    }

    /// The shop's rows of a table within `context`.
    pub(crate) async fn scoped(
        &self,
        context: &SessionContext,
        shop: ShopId,
        table: &'static Table,
        fresh: Fresh,
    ) -> Result<DataFrame> {
        let files = match self.tables().latest(table).await? {
            Some(delta) => self.tables().files(table, &delta)?,
            None => Arc::default(),
        };
        let epochs = fresh.epochs();
        let Fresh { tail, redirect, visitors, .. } = fresh;
        let tail = (!tail.is_empty()).then(|| tail.into_batch()).transpose()?;
        let rows = LakeTable::new(table, shop, &files, tail)?;
        let mut frame = context
            .read_table(Arc::new(rows))
            .and_then(|frame| frame.alias("rows"))
            .context("the lake's rows cannot be planned")?;
        if let Some((order, epoch)) = table.epoch.filter(|_| !epochs.is_empty()) {
            frame = without_superseded(context, frame, (order, epoch), epochs)?;
        }
        let moved: HashMap<i64, i64> = redirect.into_iter().collect();
        let customer = if moved.is_empty() {
            ident("customer_no")
        } else {
            frame = with_redirect(context, frame, moved)?;
            coalesce(vec![ident("redirect_to"), ident("customer_no")])
        };
        let customer = if visitors {
            let known = when(customer.clone().gt(lit(0_i64)), customer).end();
            known.context("visitors cannot be told from customers")?
        } else {
            customer
        };
        let shown = table.shown().filter_map(|(name, _)| {
            let field = table.field_shown_as(name)?;
            let column = match field.name {
                "customer_no" => customer.clone(),
                other => ident(other),
            };
            Some(column.alias(name))
        });
        let shown: Vec<Expr> = shown.collect();
        frame.select(shown).context("the lake's rows cannot be planned")
    }
}

/// A small table in memory, as the building side of a join.
fn small(context: &SessionContext, name: &str, columns: Columns) -> Result<DataFrame> {
    let batch: RecordBatch = columns.into_batch()?;
    let table = MemTable::try_new(batch.schema(), vec![vec![batch]]);
    table
        .and_then(|table| context.read_table(Arc::new(table)))
        .and_then(|frame| frame.alias(name))
        .context("a small table cannot be planned")
}

fn without_superseded(
    context: &SessionContext,
    frame: DataFrame,
    (order, epoch): (&str, &str),
    epochs: HashMap<i64, i32>,
) -> Result<DataFrame> {
    let (orders, least) = epochs.into_iter().unzip();
    let columns = Columns::new()
        .with("superseded_order", Column::I64(orders))?
        .with("least_epoch", Column::I32(least))?;
    let gone = [ident("superseded_order").eq(ident(order)), ident("least_epoch").gt(ident(epoch))];
    small(context, "superseded", columns)?
        .join_on(frame, JoinType::RightAnti, gone)
        .context("superseded orders cannot be left out")
}

fn with_redirect(
    context: &SessionContext,
    frame: DataFrame,
    moved: HashMap<i64, i64>,
) -> Result<DataFrame> {
    let (from, to) = moved.into_iter().unzip();
    let columns = Columns::new()
        .with("redirect_from", Column::I64(from))?
        .with("redirect_to", Column::I64(to))?;
    small(context, "redirect", columns)?
        .join(frame, JoinType::Right, &["redirect_from"], &["customer_no"], None)
        .context("merged customers cannot be mapped")
}
