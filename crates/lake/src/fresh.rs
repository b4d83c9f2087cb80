//! What a query must know beside the files: rows that are not in the lake yet, customers who
//! were merged since, and orders that were read anew.
//!
//! It is of one moment of the store, and a snapshot is of one moment of the lake. They are put
//! together only when every row is in exactly one of them.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use base::{Code, Error, Result, ShopId};
use datafusion::catalog::MemTable;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::logical_expr::{JoinType, when};
use datafusion::prelude::{DataFrame, Expr, SessionContext, ident, lit};
use deltalake::DeltaTable;

use crate::Lake;
use crate::append::cursor_of;
use crate::columns::{Column, Columns};
use crate::delta::DataFile;
use crate::error::Context;
use crate::provider::{LakeTable, own_rows};
use crate::table::{BOT_EVENTS, EVENTS, ORDER_LINES, Table};

/// The state of a shop's table beyond its files. The default is: nothing.
#[derive(Debug, Clone, Default)]
pub struct Fresh {
    /// Rows that the lake does not hold yet.
    pub tail: Tail,
    /// The moment that all of this is of, when rows move into the lake meanwhile.
    pub since: Option<Since>,
    /// Customer numbers of files and the number that each now goes by. Not followed further, so
    /// the second must be final.
    pub redirect: Arc<[(i64, i64)]>,
    /// Orders whose buyer is meant where a row names nobody, each with that customer; for tables
    /// that have a column of orders.
    pub buyers: Vec<(i64, i64)>,
    /// What the table's epochs are of, such as an order, and the least epoch of which its rows
    /// still exist.
    pub superseded: Vec<(i64, i32)>,
    /// Whether numbers below zero occur: visitors, whom queries do not see as customers.
    pub visitors: bool,
    /// Kinds of events that nobody sees; of tables that have no events none.
    pub hidden: Arc<[String]>,
}

/// Rows of one shop, in the order in which they will move into the lake. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Tail {
    parts: Vec<RecordBatch>,
    rows: usize,
}

impl Tail {
    /// Rows of `table` in its own columns, of which those of `shop` count.
    ///
    /// # Errors
    /// [`Code::Internal`] when they are not as the table has them.
    pub fn of(table: &Table, shop: ShopId, rows: Columns) -> Result<Self> {
        if rows.rows() == 0 {
            return Ok(Self::default());
        }
        let rows = own_rows(table, shop, &rows.into_batch()?, &table.query_schema())?;
        Ok(Self { rows: rows.num_rows(), parts: vec![rows] })
    }

    /// Adds what comes after.
    pub fn extend(&mut self, more: &Self) {
        self.parts.extend_from_slice(&more.parts);
        self.rows += more.rows;
    }

    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes of memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.parts.iter().map(RecordBatch::get_array_memory_size).sum()
    }

    /// Without the first rows.
    fn after(self, mut count: usize) -> Vec<RecordBatch> {
        let mut left = Vec::with_capacity(self.parts.len());
        for part in self.parts {
            let gone = count.min(part.num_rows());
            count -= gone;
            if gone < part.num_rows() {
                left.push(part.slice(gone, part.num_rows() - gone));
            }
        }
        left
    }
}

/// What every table of a shop has beyond its files, all of one moment.
#[derive(Debug, Clone, Default)]
pub struct Moment {
    /// Of `order_lines`.
    pub lines: Fresh,
    /// Of `events`.
    pub events: Fresh,
    /// Of `bot_events`.
    pub bots: Fresh,
}

impl Moment {
    /// Each table with its own.
    pub(crate) fn tables(self) -> [(&'static Table, Fresh); 3] {
        [(&ORDER_LINES, self.lines), (&EVENTS, self.events), (&BOT_EVENTS, self.bots)]
    }
}

/// A moment at which a tail was taken, so that the lake can tell whether a snapshot goes with it.
#[derive(Debug, Clone)]
pub struct Since {
    /// The reader that moves the rows: [`Cursor::app`](crate::Cursor).
    pub app: String,
    /// The reader's last append whose rows the tail leaves out.
    pub version: i64,
    /// How many rows at the tail's beginning are those of the append after it; none when that
    /// append was not yet decided on.
    pub next: Option<usize>,
    /// The version of the shop's state that says what is superseded.
    pub state: i64,
}

/// The cause of an error that says: what was pinned belongs to a later moment than the tail.
#[derive(Debug)]
struct Stale;

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows moved into the lake while they were being read")
    }
}

impl std::error::Error for Stale {}

/// Whether an error says that a [`Fresh`] was too old for the lake, so that a newer one can help.
#[must_use]
pub fn is_stale(error: &Error) -> bool {
    error.cause.as_ref().is_some_and(|cause| cause.is::<Stale>())
}

impl Since {
    /// How many rows at the tail's beginning stand in a snapshot already.
    async fn held(&self, shop: ShopId, delta: &DeltaTable) -> Result<usize> {
        let stale = || {
            Error::new(Code::Busy, "rows move into the lake faster than they can be read")
                .hint("try again in a moment")
                .because(Stale)
        };
        let dropped = cursor_of(delta, &dropper(shop)).await?;
        if dropped.is_some_and(|state| state > self.state) {
            return Err(stale());
        }
        let there = cursor_of(delta, &self.app).await?;
        match there.map_or(0, |there| there.saturating_sub(self.version)) {
            ..=0 => Ok(0),
            1 => self.next.ok_or_else(stale),
            _ => Err(stale()),
        }
    }
}

/// The name under which a table says as of which state superseded rows of a shop were dropped.
pub(crate) fn dropper(shop: ShopId) -> String {
    format!("dropped:{shop}")
}

/// A snapshot's files and the rows that are not in them.
pub(crate) struct Pinned {
    pub(crate) files: Arc<[DataFile]>,
    pub(crate) tail: Vec<RecordBatch>,
}

impl Fresh {
    /// Everything superseded once, with its highest epoch.
    pub(crate) fn epochs(&self) -> HashMap<i64, i32> {
        let mut epochs = HashMap::with_capacity(self.superseded.len());
        for (key, epoch) in &self.superseded {
            let least = epochs.entry(*key).or_insert(*epoch);
            *least = (*least).max(*epoch);
        }
        epochs
    }
}

impl Lake {
    /// Pins the newest snapshot of a table and cuts the tail to what it does not hold.
    pub(crate) async fn pin(
        &self,
        shop: ShopId,
        table: &Table,
        tail: Tail,
        since: Option<&Since>,
    ) -> Result<Pinned> {
        let (mut files, mut held): (Arc<[DataFile]>, usize) = Default::default();
        if let Some(delta) = self.tables().latest(table).await? {
            if let Some(since) = since {
                held = since.held(shop, &delta).await?;
            }
            files = self.tables().files(table, &delta)?;
        }
        Ok(Pinned { files, tail: tail.after(held) })
    }

    /// The shop's rows of a table as a plan to build upon, with the columns that queries see.
    ///
    /// # Errors
    /// When the table cannot be read; one that [`is_stale`] when `fresh` is too old.
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
        mut fresh: Fresh,
    ) -> Result<DataFrame> {
        let rows = self.table_of((shop, table), &mut fresh).await?;
        let mut frame = own(context, rows, (table, &fresh))?;
        let moved: HashMap<i64, i64> = fresh.redirect.iter().copied().collect();
        let customer = if moved.is_empty() {
            ident("customer_no")
        } else {
            frame = joined(context, frame, moved, ("redirect", "customer_no"))?;
            coalesce(vec![ident("redirect_to"), ident("customer_no")])
        };
        let buyers: HashMap<i64, i64> = fresh.buyers.into_iter().collect();
        let customer = if buyers.is_empty() {
            customer
        } else {
            frame = joined(context, frame, buyers, ("buyer", "order_no"))?;
            coalesce(vec![customer, ident("buyer_to")])
        };
        shown(table, frame, &customer, fresh.visitors)
    }

    /// As [`Lake::scoped`], only rows of one customer: what is of others is not looked up.
    pub(crate) async fn scoped_to(
        &self,
        context: &SessionContext,
        (shop, table): (ShopId, &'static Table),
        mut fresh: Fresh,
        person: i64,
    ) -> Result<DataFrame> {
        let rows = self.table_of((shop, table), &mut fresh).await?.few();
        let frame = own(context, rows, (table, &fresh))?;
        let of = |pairs: &[(i64, i64)]| -> Vec<Expr> {
            let own = pairs.iter().filter(|(_, other)| *other == person);
            own.map(|(number, _)| lit(*number)).collect()
        };
        let mut labels = of(&fresh.redirect);
        if !fresh.redirect.iter().any(|(from, _)| *from == person) {
            labels.push(lit(person));
        }
        let mut own = ident("customer_no").in_list(labels, false);
        let orders = of(&fresh.buyers);
        if !orders.is_empty() {
            let bought = ident("order_no").in_list(orders, false);
            own = own.or(ident("customer_no").is_null().and(bought));
        }
        let frame = frame.filter(own).context("the lake's rows cannot be planned")?;
        shown(table, frame, &lit(person), fresh.visitors)
    }

    /// The shop's rows of a table, those that `fresh` has beside the files included.
    async fn table_of(
        &self,
        (shop, table): (ShopId, &'static Table),
        fresh: &mut Fresh,
    ) -> Result<LakeTable> {
        let tail = std::mem::take(&mut fresh.tail);
        let Pinned { files, tail } = self.pin(shop, table, tail, fresh.since.as_ref()).await?;
        Ok(LakeTable::new(table, shop, &files, tail))
    }
}

/// The rows that exist and may be seen, in the table's own columns, as `rows`.
fn own(
    context: &SessionContext,
    rows: LakeTable,
    (table, fresh): (&Table, &Fresh),
) -> Result<DataFrame> {
    let epochs = fresh.epochs();
    let frame = context
        .read_table(Arc::new(rows))
        .and_then(|frame| frame.alias("rows"))
        .context("the lake's rows cannot be planned")?;
    let frame = if fresh.hidden.is_empty() || table.field("event").is_none() {
        frame
    } else {
        let hidden = fresh.hidden.iter().map(|kind| lit(kind.as_str())).collect();
        let seen = frame.filter(ident("event").in_list(hidden, true));
        seen.context("the lake's rows cannot be planned")?
    };
    match table.epoch.filter(|_| !epochs.is_empty()) {
        Some(columns) => without_superseded(context, frame, columns, epochs),
        None => Ok(frame),
    }
}

/// The columns that queries see; numbers below zero are those of `visitors`.
fn shown(table: &Table, frame: DataFrame, visitor: &Expr, visitors: bool) -> Result<DataFrame> {
    let customer = if visitors {
        let known = when(visitor.clone().gt(lit(0_i64)), visitor.clone()).end();
        known.context("visitors cannot be told from customers")?
    } else {
        visitor.clone()
    };
    let shown = table.shown().filter_map(|(name, _)| {
        if table.visitor == Some(name) {
            return Some(visitor.clone().alias(name));
        }
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
    (key, epoch): (&str, &str),
    epochs: HashMap<i64, i32>,
) -> Result<DataFrame> {
    let (keys, least) = epochs.into_iter().unzip();
    let columns = Columns::new()
        .with("superseded_key", Column::I64(keys))?
        .with("least_epoch", Column::I32(least))?;
    let gone = [ident("superseded_key").eq(ident(key)), ident("least_epoch").gt(ident(epoch))];
    small(context, "superseded", columns)?
        .join_on(frame, JoinType::RightAnti, gone)
        .context("superseded rows cannot be left out")
}

/// `frame` with a column `{name}_to`: what `known` has for the value in `column`.
fn joined(
    context: &SessionContext,
    frame: DataFrame,
    known: HashMap<i64, i64>,
    (name, column): (&str, &str),
) -> Result<DataFrame> {
    let (from, to) = known.into_iter().unzip();
    let key = format!("{name}_from");
    let columns = Columns::new()
        .with(key.clone(), Column::I64(from))?
        .with(format!("{name}_to"), Column::I64(to))?;
    small(context, name, columns)?
        .join(frame, JoinType::Right, &[&key], &[column], None)
        .context("numbers cannot be mapped")
}
