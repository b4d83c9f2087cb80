//! The rows of a collection that pass, of everybody or of one person.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use base::{Result, ShopId};
use lake::mask::{Bits, Masker, Node, Rows, Test, Texts, number_of, property};
use lake::{
    Column, Columns, EVENTS, Lake, Moment, Nullable, ORDER_LINES, RecordBatch, Table, Words,
};
use perceive::record::ProductRow;

use super::super::field::{DISCOUNT, OF_DISCOUNT, PROPERTY};
use super::super::{At, Field, Rule, one, person, plan, veil};
use super::tally::{Passed, Tally, millionths};
use super::{Behaviour, Collection, Steps, Then};
use crate::carts::{COLUMNS as CART_COLUMNS, Carts};
use crate::people::People;
use crate::sales::{ORDER, Sale, Sales};

/// Orders that are judged at once.
const ORDERS_AT_ONCE: usize = 65_536;
/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// 订单状态, by code.
const STATUS: [&str; 5] = ["placed", "paid", "shipped", "received", "closed"];

/// Where rows come from.
pub struct Source<'a> {
    /// Whose.
    pub shop: ShopId,
    /// Their history.
    pub lake: &'a Lake,
    /// What the store knows beside the files.
    pub moment: Moment,
    /// Orders.
    pub sales: &'a Sales,
    /// Open carts.
    pub carts: &'a Carts,
    /// Private kinds of events, which only conditions see that name them.
    pub hidden: &'a [String],
    /// What is known of products: number, category, brand.
    pub products: &'a [(i64, ProductRow)],
    /// When the question is asked.
    pub at: At<'a>,
    /// Threads of a scan.
    pub threads: usize,
    /// Numbers of paid orders, when they were asked for.
    pub paid: OnceCell<Arc<Bits>>,
}

/// Everybody's measure. Blocks on the scan's threads; call it where that may be.
///
/// # Errors
/// What the lake reports; `bad_input` for times out of range.
pub(crate) async fn gather(source: &Source<'_>, behaviour: &Behaviour) -> Result<Tally> {
    let Behaviour { steps, measure, .. } = behaviour;
    let (measured, fine) = (measure.field(), measure.is_fine());
    let wanted = Wanted { measured, fine, time: measure.asks_when() };
    let now = source.at.now;
    let parts = match &steps.then {
        None => source.run(steps, wanted, || Tally::new(measure, now), Tally::add).await?,
        Some(_) => {
            let mut tally = Tally::new(measure, now);
            source.passed(steps, wanted).await?.into_iter().for_each(|row| tally.add(row));
            vec![tally]
        }
    };
    Ok(Tally::join(parts, measure, now))
}

/// What is asked of a row that passes, beside whose it is.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    measured: Option<&'a Field>,
    /// Whether millionths of it are.
    fine: bool,
    /// When it was: a column that is not read where nobody asks.
    time: bool,
}

impl Source<'_> {
    /// Rows that pass and are followed as they must be, by person and time.
    async fn passed(&self, steps: &Steps, wanted: Wanted<'_>) -> Result<Vec<Passed>> {
        let wanted = Wanted { time: true, ..wanted };
        let parts = self.run(steps, wanted, Vec::new, Vec::push).await?;
        let mut rows: Vec<Passed> = parts.into_iter().flatten().collect();
        rows.sort_unstable();
        let Some(then) = &steps.then else { return Ok(rows) };
        let after = Wanted { measured: None, fine: false, time: true };
        let after = Box::pin(self.passed(&then.steps, after)).await?;
        followed(rows, &after, then, self.at)
    }

    /// Gives every row that passes to `take`, with a state for each thread.
    async fn run<S: Send>(
        &self,
        steps: &Steps,
        wanted: Wanted<'_>,
        start: impl Fn() -> S + Sync,
        take: impl Fn(&mut S, Passed) + Sync,
    ) -> Result<Vec<S>> {
        match steps.of {
            Collection::Events => {
                let reading = Reading::new(self, steps, wanted, &EVENTS)?;
                self.scan(&EVENTS, reading, start, take).await
            }
            Collection::Purchases => {
                let reading = Reading::new(self, steps, wanted, &ORDER_LINES)?;
                self.scan(&ORDER_LINES, reading, start, take).await
            }
            Collection::Orders | Collection::Refunds => {
                let mut state = start();
                self.orders(steps, wanted.measured, |row| take(&mut state, row))?;
                Ok(vec![state])
            }
            Collection::Cart => {
                let mut state = start();
                self.in_carts(steps, wanted.measured, |row| take(&mut state, row))?;
                Ok(vec![state])
            }
        }
    }

    async fn scan<S: Send>(
        &self,
        table: &'static Table,
        reading: Reading,
        start: impl Fn() -> S + Sync,
        take: impl Fn(&mut S, Passed) + Sync,
    ) -> Result<Vec<S>> {
        let fresh =
            if table.name == EVENTS.name { &self.moment.events } else { &self.moment.lines };
        let people = People::new(&fresh.redirect, &fresh.buyers);
        let scan = self.lake.scan(table, self.shop, &reading.columns, fresh.clone()).await?;
        let states = scan.within(reading.span).run(
            self.threads,
            || (start(), Masker::new(&reading.node), Vec::new()),
            |(state, masker, mask), slices| {
                let rows = slices.judged();
                mask.clear();
                mask.resize(slices.rows(), 1);
                if masker.narrow(&rows, mask) > 0 {
                    reading.each(&rows, mask, &people, |row| take(state, row));
                }
                Ok(())
            },
        )?;
        Ok(states.into_iter().map(|(state, ..)| state).collect())
    }

    fn orders(
        &self,
        steps: &Steps,
        measured: Option<&Field>,
        mut take: impl FnMut(Passed),
    ) -> Result<()> {
        let of_kind = |sale: &Sale| match steps.of {
            Collection::Refunds => sale.is_refund(),
            _ => sale.kind == ORDER,
        };
        let judge = Judge::new(&ORDER_COLUMNS, (steps, measured), self.at)?;
        let mut sales = self.sales.numbered().filter(|(_, sale)| of_kind(sale) && sale.person > 0);
        loop {
            let some: Vec<(i64, Sale)> = sales.by_ref().take(ORDERS_AT_ONCE).collect();
            if some.is_empty() {
                return Ok(());
            }
            let whose = |row: usize| {
                let (_, sale) = some.get(row)?;
                Some((i64::from(sale.person), i64::from(sale.placed) * SECOND))
            };
            judge.each(&columns_of(&some)?.into_batch()?, whose, &mut take);
        }
    }

    fn in_carts(
        &self,
        steps: &Steps,
        measured: Option<&Field>,
        mut take: impl FnMut(Passed),
    ) -> Result<()> {
        let Some((lines, persons)) = self.carts.all() else { return Ok(()) };
        let judge = Judge::new(&CART_COLUMNS, (steps, measured), self.at)?;
        let time = CART_COLUMNS.iter().position(|own| *own == steps.of.time());
        let rows = judge.rows(lines);
        let whose = |row: usize| Some((*persons.get(row)?, rows.number(time?, row)?));
        judge.each(lines, whose, &mut take);
        Ok(())
    }

    /// The numbers of orders that money came in for.
    fn paid(&self) -> Arc<Bits> {
        let paid = || {
            let paid = self.sales.numbered().filter(|(_, sale)| sale.is_paid());
            Arc::new(paid.filter_map(|(number, _)| usize::try_from(number).ok()).collect())
        };
        Arc::clone(self.paid.get_or_init(paid))
    }

    /// What stands for the category, or the brand, of each product that has one.
    fn known_as(&self, which: &str) -> HashMap<i64, i64> {
        let known = self.products.iter().filter_map(|(number, row)| {
            let name = if which == "category" { &row.category } else { &row.brand };
            Some((*number, person::hashed(name.as_deref()?)))
        });
        known.collect()
    }

    /// Products of which a condition on a category or a brand is true, or false.
    fn products(&self, rule: &Rule, not: bool) -> Arc<Bits> {
        let passes = |(_, row): &&(i64, ProductRow)| {
            let text = match rule.field.name.as_ref() {
                "category" => row.category.as_deref(),
                _ => row.brand.as_deref(),
            };
            one::text_passes(&rule.check, text) == Some(!not)
        };
        let numbers = self.products.iter().filter(passes).map(|(number, _)| *number);
        Arc::new(numbers.filter_map(|number| usize::try_from(number).ok()).collect())
    }
}

/// Conditions on rows that are in memory.
struct Judge {
    node: Node,
    measured: Option<usize>,
    places: Vec<usize>,
}

impl Judge {
    /// Those of `steps` on columns of these names, and where the measured one stands.
    fn new(
        names: &[&str],
        (steps, measured): (&Steps, Option<&Field>),
        at: At<'_>,
    ) -> Result<Self> {
        let place = |field: &Field| names.iter().position(|own| *own == field.name);
        let mut leaf = |rule: &Rule, not| plan::rule_node(rule, not, at, &mut |f| place(f));
        let node = plan::node(&steps.rows, false, &mut leaf)?;
        Ok(Self { node, measured: measured.and_then(place), places: (0..names.len()).collect() })
    }

    fn rows<'a>(&'a self, batch: &'a RecordBatch) -> Rows<'a> {
        Rows { batch, places: &self.places, first: 0 }
    }

    /// Gives every row that passes to `take`; `whose` knows the customer's number and the time.
    fn each(
        &self,
        batch: &RecordBatch,
        whose: impl Fn(usize) -> Option<(i64, i64)>,
        take: &mut impl FnMut(Passed),
    ) {
        let rows = self.rows(batch);
        let mut mask = vec![1; batch.num_rows()];
        Masker::new(&self.node).narrow(&rows, &mut mask);
        for (row, _) in mask.iter().enumerate().filter(|(_, slot)| **slot == 1) {
            let Some((person, at)) = whose(row) else { continue };
            let place = usize::try_from(person - 1).unwrap_or(usize::MAX);
            let value = self.measured.and_then(|column| value_of(&rows, column, row));
            take(Passed { place, at, value });
        }
    }
}

/// How the rows of a table of the lake are read and judged.
struct Reading {
    /// Names of columns in files: customer, and what else is asked for.
    columns: Vec<&'static str>,
    time: Option<usize>,
    node: Node,
    span: (i64, i64),
    measured: Option<Value>,
    order: Option<usize>,
}

/// What is measured of a row.
enum Value {
    /// A column.
    Column(usize),
    /// The discount of a line.
    Discount([usize; 3]),
    /// What stands for a property of an event, by its name, in a column of all of them.
    Property(usize, String),
    /// The millionths of a property that is a number.
    Number(usize, String),
    /// What stands for the category or brand of a product, by its number in a column.
    Product(usize, HashMap<i64, i64>),
}

impl Value {
    fn of(&self, rows: &Rows<'_>, row: usize) -> Option<i64> {
        match self {
            Self::Column(column) => value_of(rows, *column, row),
            Self::Discount(places) => rows.discount(*places, row),
            Self::Property(column, name) => {
                let said = person::said(property(rows.text(*column, row)?, name)?)?;
                Some(person::hashed(&said))
            }
            Self::Number(column, name) => {
                number_of(&property(rows.text(*column, row)?, name)?).map(millionths)
            }
            Self::Product(column, names) => names.get(&rows.number(*column, row)?).copied(),
        }
    }
}

impl Reading {
    fn new(
        source: &Source<'_>,
        steps: &Steps,
        wanted: Wanted<'_>,
        table: &'static Table,
    ) -> Result<Self> {
        let mut columns: Vec<&'static str> = vec!["customer_no"];
        let mut place = |name: &str| {
            let file = match table.field_shown_as(name) {
                Some(field) => field.name,
                None => "properties",
            };
            columns.iter().position(|own| *own == file).unwrap_or_else(|| {
                columns.push(file);
                columns.len() - 1
            })
        };
        let lines = table.name == ORDER_LINES.name;
        let node = plan::node(&steps.rows, false, &mut |rule: &Rule, not| {
            if lines && matches!(rule.field.name.as_ref(), "category" | "brand") {
                let bits = source.products(rule, not);
                return Ok(Node::Column(place("product_id"), Test::Bits { bits, outside: false }));
            }
            if rule.field.name == DISCOUNT {
                let test = plan::test(rule, not, source.at)?;
                let of = OF_DISCOUNT.map(&mut place);
                return Ok(test.map_or_else(Node::never, |test| Node::Discount(of, test)));
            }
            plan::rule_node(rule, not, source.at, &mut |field| Some(place(&field.name)))
        })?;
        let veiled = if lines { Vec::new() } else { veil::veiled(&steps.rows, source.hidden) };
        let node = if veiled.is_empty() {
            node
        } else {
            let kinds = veiled.into_iter().map(String::into_boxed_str).collect();
            let texts = Texts::Among(Arc::new(kinds));
            let seen = Node::Column(place("event"), Test::Text { texts, outside: true });
            Node::All(vec![node, seen])
        };
        let time = wanted.time.then(|| place(steps.of.time()));
        let measured = wanted.measured.map(|field| match field.name.as_ref() {
            DISCOUNT => Value::Discount(OF_DISCOUNT.map(&mut place)),
            name @ ("category" | "brand") if lines => {
                Value::Product(place("product_id"), source.known_as(name))
            }
            name => match name.strip_prefix(PROPERTY) {
                Some(own) if wanted.fine => Value::Number(place(name), own.to_owned()),
                Some(own) => Value::Property(place(name), own.to_owned()),
                None => Value::Column(place(name)),
            },
        });
        let asks = lines || !source.moment.events.buyers.is_empty();
        let order = asks.then(|| place("order_id"));
        let node = match order {
            Some(order) if lines => {
                let bits = source.paid();
                Node::All(vec![node, Node::Column(order, Test::Bits { bits, outside: false })])
            }
            _ => node,
        };
        let span = plan::span(&steps.rows, steps.of.time(), source.at)?;
        Ok(Self { columns, time, node, span, measured, order })
    }

    fn each(&self, rows: &Rows<'_>, mask: &[u8], people: &People, mut take: impl FnMut(Passed)) {
        for (row, _) in mask.iter().enumerate().filter(|(_, slot)| **slot == 1) {
            let order = || rows.number(self.order?, row);
            let Some(place) = people.place(rows.number(0, row), order) else { continue };
            let value = self.measured.as_ref().and_then(|value| value.of(rows, row));
            let at = self.time.and_then(|time| rows.number(time, row)).unwrap_or_default();
            take(Passed { place, at, value });
        }
    }
}

/// A value to measure: a number, an instant, or what stands for a text.
fn value_of(rows: &Rows<'_>, column: usize, row: usize) -> Option<i64> {
    rows.number(column, row).or_else(|| rows.text(column, row).map(person::hashed))
}

/// The rows after which something happens that must, or does not that must not. Both are by person
/// and time.
fn followed(rows: Vec<Passed>, after: &[Passed], then: &Then, at: At<'_>) -> Result<Vec<Passed>> {
    let mut kept = Vec::with_capacity(rows.len());
    for row in rows {
        let until = person::until(row.at, then, at)?;
        let next = after.partition_point(|other| (other.place, other.at) <= (row.place, row.at));
        let next = after.get(next).filter(|next| next.place == row.place);
        let follows = next.is_some_and(|next| next.at <= until);
        let over = then.within.is_some() && until <= at.now.micros();
        if follows == then.follows && (then.follows || over || then.within.is_none()) {
            kept.push(row);
        }
    }
    Ok(kept)
}

pub(super) const ORDER_COLUMNS: [&str; 8] = [
    "order_id",
    "status",
    "placed_at",
    "paid_at",
    "paid_minor",
    "refunded_minor",
    "adjusted_minor",
    "net_minor",
];

/// Orders as columns, as conditions on orders see them.
pub(super) fn columns_of(sales: &[(i64, Sale)]) -> Result<Columns> {
    let money =
        |get: fn(&Sale) -> i64| Column::I64(sales.iter().map(|(_, sale)| get(sale)).collect());
    let time = |get: fn(&Sale) -> u32| -> Nullable<i64> {
        let seconds = sales.iter().map(|(_, sale)| get(sale));
        seconds.map(|at| (at > 0).then(|| i64::from(at) * SECOND)).collect()
    };
    let status: Words =
        sales.iter().map(|(_, sale)| STATUS.get(usize::from(sale.status)).copied()).collect();
    let paid_at = |sale: &Sale| if sale.is_paid() { sale.sold } else { 0 };
    Columns::new()
        .with("order_id", Column::I64(sales.iter().map(|(number, _)| *number).collect()))?
        .with("status", Column::Words(status))?
        .with("placed_at", Column::OptTime(time(|sale| sale.placed)))?
        .with("paid_at", Column::OptTime(time(paid_at)))?
        .with("paid_minor", money(|sale| sale.paid_minor))?
        .with("refunded_minor", money(|sale| sale.refunded_minor))?
        .with("adjusted_minor", money(|sale| sale.adjusted_minor))?
        .with("net_minor", money(Sale::net_minor))
}
