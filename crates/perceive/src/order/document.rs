//! Orders with their lines and with what was given back of them, many at once.

use std::collections::{BTreeSet, HashMap};

use base::Result;
use store::Tx;

use super::{Line, Row, rule, sql};

/// An order with what was given back of it.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// Its row.
    pub row: Row,
    /// Its lines in a fixed order, each with how often it occurs.
    pub lines: Vec<(Line, u32)>,
    /// Postage that is in what was paid, minor units: none where that is the sum of the lines.
    pub shipping_minor: i64,
    /// What was given back in all, minor units: by the order's own word, and by refunds and
    /// corrections that are documents of their own.
    pub given_back: i64,
    /// The lines of refunds that say which of its products came back.
    pub refunds: Vec<Vec<(Line, u32)>>,
}

/// The orders of those numbers; test orders and what is no order are none.
///
/// # Errors
/// `damaged` when something is not as it was written; what the database reports.
pub async fn documents(tx: &mut Tx, numbers: &[i64]) -> Result<Vec<Document>> {
    let mut rows = sql::of_numbers(tx, numbers).await?;
    rows.retain(|row| row.kind == 0);
    let names: Vec<&str> = rows.iter().map(|row| row.external_id.as_str()).collect();
    let followers = sql::followers(tx, &names).await?;
    let followers: Vec<i64> = followers.into_iter().map(|(number, ..)| number).collect();
    let followers = sql::of_numbers(tx, &followers).await?;
    let wanted = rows.iter().chain(&followers).map(|row| row.order_no);
    let mut parts = sql::parts(tx, &wanted.collect::<Vec<_>>()).await?;
    let mut state = |number: i64| {
        let parts = parts.remove(&number).unwrap_or_default();
        let paid = parts.iter().any(|part| !part.part.payments.is_empty());
        (rule::state(&parts).unwrap_or_default(), paid)
    };
    let mut of: HashMap<&str, Vec<&Row>> = HashMap::new();
    for follower in &followers {
        if let Some(name) = follower.of_order.as_deref() {
            of.entry(name).or_default().push(follower);
        }
    }
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let (own, paid) = state(row.order_no);
        let told = paid || own.head.paid_minor.is_some();
        let mut document = Document {
            lines: own.lines,
            shipping_minor: own.head.shipping_minor.filter(|_| told).unwrap_or(0),
            given_back: row.refunded_minor - row.adjusted_minor,
            row: row.clone(),
            refunds: Vec::new(),
        };
        for follower in of.get(row.external_id.as_str()).into_iter().flatten() {
            document.given_back += follower.refunded_minor - follower.adjusted_minor;
            if follower.refunded_minor > 0 {
                document.refunds.push(state(follower.order_no).0.lines);
            }
        }
        found.push(document);
    }
    Ok(found)
}

/// The orders that those of some documents belong to which are refunds or corrections.
///
/// # Errors
/// What the database reports.
pub async fn parents(tx: &mut Tx, numbers: &[i64]) -> Result<Vec<i64>> {
    let rows = sql::of_numbers(tx, numbers).await?;
    let of = rows.iter().filter(|row| row.kind != 0).filter_map(|row| row.of_order.as_deref());
    let names: BTreeSet<&str> = of.collect();
    sql::numbers_of(tx, &names.into_iter().collect::<Vec<_>>()).await
}
