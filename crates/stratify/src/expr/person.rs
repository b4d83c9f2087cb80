//! What is known of one customer: a row of the mirror, and the rows of what the customer did.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use base::{Error, Result, Time};
use lake::mask::{Rows, number_of, property};
use lake::{EVENTS, ORDER_LINES, RecordBatch};
use perceive::record::ProductRow;
use perceive::relay;

use super::behaviour::{Behaviour, Measure, Measured, Steps, Then, history, tally};
use super::field::{DISCOUNT, LIFECYCLE, OF_DISCOUNT, PROPERTY, random_name};
use super::one::{self, Reason, Subject, Values};
use super::whole::{SCORES, Shop};
use super::{At, Collection, Expr, share, veil, when};
use crate::gauge::Gauges;
use crate::lifecycle::Stage;
use crate::mirror;
use crate::rfm::rule::Scored;
use crate::row;

/// One customer.
pub struct Person<'a> {
    rows: Rows<'a>,
    row: usize,
    scored: Option<Scored>,
    stage: Option<Stage>,
    history: History,
    at: At<'a>,
    apart: HashMap<String, Option<bool>>,
    gauges: &'a Gauges,
    number: i64,
}

/// The rows of what one customer did, by collection.
#[derive(Debug, Default)]
pub struct History {
    /// Of each collection, with the columns that its fields name.
    pub batches: HashMap<Collection, Vec<RecordBatch>>,
    /// What is known of products.
    pub products: HashMap<i64, ProductRow>,
    /// Private kinds of events, which only conditions see that name them.
    pub hidden: Vec<String>,
}

/// Whether an expression holds for one customer, and why.
///
/// # Errors
/// `not_found` when there is no such customer; what the store or the lake reports.
pub async fn explain(shop: &Shop<'_>, expr: &Expr, number: i64) -> Result<Reason> {
    let missing = || Error::missing("the shop has no such customer").field("customer_id");
    let (rows, row) = shop.mirror.row(number).ok_or_else(missing)?;
    let mut leaves = Vec::new();
    expr.each_leaf(&mut |leaf| leaves.push(leaf));
    let mut apart = HashMap::new();
    let mut did = Vec::new();
    for leaf in leaves {
        match leaf {
            Expr::Rule(rule) if one::is_apart(rule) => {
                apart.insert(rule.at.clone(), shop.apart(leaf, number).await?);
            }
            Expr::Did(behaviour) => {
                if behaviour.top().is_some() {
                    apart.insert(behaviour.at.clone(), shop.apart(leaf, number).await?);
                }
                did.push(behaviour.as_ref());
            }
            _ => {}
        }
    }
    let history =
        if did.is_empty() { History::default() } else { read(shop, &did, number).await? };
    let (scored, stage) = (shop.scored(number), shop.stage(number));
    let (at, gauges) = (shop.at(), &shop.sets.gauges);
    let person = Person { rows, row, scored, stage, history, at, apart, gauges, number };
    one::explain(expr, &person, shop.at())
}

/// Reads what one customer did.
async fn read(shop: &Shop<'_>, did: &[&Behaviour], number: i64) -> Result<History> {
    let mut wanted: Vec<Collection> = Vec::new();
    for behaviour in did {
        let mut steps = Some(&behaviour.steps);
        while let Some(own) = steps {
            wanted.push(own.of);
            steps = own.then.as_ref().map(|then| &then.steps);
        }
    }
    let hidden = shop.sets.privacy.events.clone();
    let mut history = History { hidden, ..History::default() };
    for of in wanted {
        if history.batches.contains_key(&of) {
            continue;
        }
        let batches = match of {
            Collection::Orders | Collection::Refunds => history::orders(shop.sales, of, number)?,
            Collection::Cart => shop.carts.of_person(number).into_iter().collect(),
            Collection::Events | Collection::Purchases => {
                let lines = of == Collection::Purchases;
                let table = if lines { &ORDER_LINES } else { &EVENTS };
                relay::pinned(shop.cx, |moment| async move {
                    let fresh = if lines { moment.lines } else { moment.events };
                    shop.lake.rows_of((shop.cx.shop, table), fresh, number).await
                })
                .await?
            }
        };
        history.batches.insert(of, batches);
    }
    if let Some(lines) = history.batches.get_mut(&Collection::Purchases) {
        history::only_paid(lines, shop.sales)?;
        history.products = row::products(shop.cx, lines).await?;
    }
    Ok(history)
}

impl Values for Person<'_> {
    fn number(&self, name: &str) -> Option<i64> {
        match SCORES.iter().position(|own| *own == name) {
            Some(which @ 0..3) => self.scored?.scores.get(which).copied().map(i64::from),
            Some(_) => None,
            None => match self.gauges.of(name, self.number) {
                None => self.rows.number(mirror::place(name)?, self.row),
                own => own,
            },
        }
    }

    fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        let text = match name {
            "stratum" => Some(self.scored?.stratum.names().0),
            LIFECYCLE => Some(self.stage?.name()),
            name => self.rows.text(mirror::place(name)?, self.row),
        };
        text.map(Cow::Borrowed)
    }

    fn truth(&self, name: &str) -> Option<bool> {
        self.rows.truth(mirror::place(name)?, self.row)
    }

    fn fraction(&self, name: &str) -> Option<f64> {
        let number = self.rows.number(mirror::place("customer_id")?, self.row)?;
        Some(share(random_name(name)?, number))
    }
}

impl Subject for Person<'_> {
    fn measure(&self, behaviour: &Behaviour) -> Result<Option<Measured>> {
        measure(&self.history, behaviour, self.at)
    }

    fn apart(&self, at: &str) -> Option<bool> {
        self.apart.get(at).copied().flatten()
    }
}

/// A row of what somebody did.
struct Row<'a> {
    history: &'a History,
    own: row::Row<'a>,
    at: At<'a>,
}

impl Row<'_> {
    fn property(&self, name: &str) -> Option<serde_json::Value> {
        let key = name.strip_prefix(PROPERTY)?;
        property(&self.own.text("properties")?, key)
    }
}

impl Values for Row<'_> {
    fn number(&self, name: &str) -> Option<i64> {
        match name {
            DISCOUNT => {
                let [amount, pieces, price] = OF_DISCOUNT.map(|name| self.own.number(name));
                lake::mask::discount([amount?, pieces?, price?])
            }
            name if name.starts_with(PROPERTY) => {
                when::instant(self.property(name)?.as_str()?, self.at.zone)
            }
            name => self.own.number(name),
        }
    }

    fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        if let Some(value) = self.property(name) {
            return said(value).map(Cow::Owned);
        }
        let own = self.own.text(name);
        let of_product = || {
            let product = self.history.products.get(&self.number("product_id")?)?;
            match name {
                "category" => product.category.clone(),
                "brand" => product.brand.clone(),
                _ => None,
            }
        };
        own.or_else(of_product).map(Cow::Owned)
    }

    fn truth(&self, name: &str) -> Option<bool> {
        self.property(name)?.as_bool()
    }

    fn fraction(&self, name: &str) -> Option<f64> {
        number_of(&self.property(name)?)
    }
}

/// The measure of what one customer did.
///
/// # Errors
/// `bad_input` for times out of range.
pub fn measure(history: &History, behaviour: &Behaviour, at: At<'_>) -> Result<Option<Measured>> {
    let rows = passing(history, &behaviour.steps, at)?;
    let times = || rows.iter().filter_map(|row| row.number(behaviour.steps.of.time()));
    let field = behaviour.measure.field().map(|field| field.name.as_ref()).unwrap_or_default();
    let measure = &behaviour.measure;
    let values = || rows.iter().filter_map(|row| value(row, field, measure.is_fine()));
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let told = |value: Option<i64>| value.map(|value| measure.told(value, count(values().count())));
    Ok(match measure {
        Measure::Count => Some(Measured::Whole(count(rows.len()))),
        Measure::Recent(days) => {
            let weights = times().map(|time| tally::weight(at.now.micros() - time, *days));
            Some(Measured::Fraction(tally::fraction(weights.sum())))
        }
        Measure::Distinct(_) => {
            let all: BTreeSet<i64> = values().collect();
            Some(Measured::Whole(count(all.len())))
        }
        Measure::Sum(_) | Measure::Average(_) => told(values().reduce(i64::saturating_add)),
        Measure::Least(_) => told(values().min()),
        Measure::Most(_) => told(values().max()),
        Measure::First => times().min().map(Measured::Whole),
        Measure::Last => times().max().map(Measured::Whole),
    })
}

/// A value to measure.
fn value(row: &Row<'_>, field: &str, fine: bool) -> Option<i64> {
    if fine {
        return row.fraction(field).map(tally::millionths);
    }
    let is_property = field.starts_with(PROPERTY);
    let number = if is_property { None } else { row.number(field) };
    number.or_else(|| row.text(field).map(|text| hashed(&text)))
}

/// What stands for a text where different ones are counted.
pub(super) fn hashed(text: &str) -> i64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish().cast_signed()
}

/// A property of an event as a text, where it is one or a number.
pub(super) fn said(value: serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The rows that pass, and are followed as they must be.
fn passing<'a>(history: &'a History, steps: &Steps, at: At<'a>) -> Result<Vec<Row<'a>>> {
    let mut rows = Vec::new();
    let veiled = match steps.of {
        Collection::Events => veil::veiled(&steps.rows, &history.hidden),
        _ => Vec::new(),
    };
    let seen = |row: &Row<'_>| {
        veiled.is_empty()
            || row.text("event").is_none_or(|kind| !veiled.iter().any(|own| *own == *kind))
    };
    let batches = history.batches.get(&steps.of).map(Vec::as_slice).unwrap_or_default();
    for own in row::rows(batches) {
        let row = Row { history, own, at };
        if seen(&row) && one::row(&steps.rows, &row, at)? == Some(true) {
            rows.push(row);
        }
    }
    let Some(then) = &steps.then else { return Ok(rows) };
    let mut after = Vec::new();
    for row in passing(history, &then.steps, at)? {
        after.extend(row.number(then.steps.of.time()));
    }
    let mut kept = Vec::new();
    for row in rows {
        let from = row.number(steps.of.time()).unwrap_or_default();
        let until = until(from, then, at)?;
        let follows = after.iter().any(|time| from < *time && *time <= until);
        let over = then.within.is_none() || until <= at.now.micros();
        if follows == then.follows && (then.follows || over) {
            kept.push(row);
        }
    }
    Ok(kept)
}

/// Until when what has to follow a row may do so.
pub(super) fn until(from: i64, then: &Then, at: At<'_>) -> Result<i64> {
    let Some((count, unit)) = then.within else { return Ok(i64::MAX) };
    match unit.micros() {
        Some(micros) => Ok(from.saturating_add(micros.saturating_mul(i64::from(count)))),
        None => {
            let day = at.zone.date(Time::from_micros(from));
            Ok(at.zone.end_of(when::away(day, when::signed(count), unit)?)?.micros())
        }
    }
}
