//! Segments beside each other: whom they share, and how their members differ.

use std::collections::BTreeMap;

use base::{Error, Result};
use roaring::RoaringBitmap;
use serde::Serialize;

use crate::expr::whole::Shop;
use crate::expr::{Kind, profile_fields};

/// Segments whose overlap is shown at the most.
pub const OVERLAP_MAX: usize = 5;
/// Texts of a field that are told apart at the most, the most frequent of all.
const TEXTS_MAX: usize = 20;

/// Customers who are in exactly some of several segments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Region {
    /// The places of those segments among the ones that were asked for.
    pub of: Vec<usize>,
    /// How many are in all of these and in no other.
    pub customers: i64,
}

/// For every choice among some sets, those who are in exactly these; choices that nobody is in are
/// left out, and the largest come first.
#[must_use]
pub fn overlap(sets: &[RoaringBitmap]) -> Vec<Region> {
    let mut regions = Vec::new();
    for choice in 1_u32..1 << sets.len().min(OVERLAP_MAX) {
        let chosen = |place: usize| choice >> place & 1 == 1;
        let of: Vec<usize> = (0..sets.len()).filter(|place| chosen(*place)).collect();
        let mut inside = of.iter().filter_map(|place| sets.get(*place)).cloned();
        let Some(first) = inside.next() else { continue };
        let mut own = inside.fold(first, |all, set| all & set);
        for (_, other) in sets.iter().enumerate().filter(|(place, _)| !chosen(*place)) {
            own -= other;
        }
        if !own.is_empty() {
            regions.push(Region { of, customers: count(own.len()) });
        }
    }
    regions.sort_by_key(|region| (-region.customers, region.of.len()));
    regions
}

fn count(people: u64) -> i64 {
    i64::try_from(people).unwrap_or(i64::MAX)
}

/// A field's values among the members of a segment.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Side {
    /// Members.
    pub customers: i64,
    /// Members who have a value.
    pub known: i64,
    /// Their sum, of numbers.
    pub sum: Option<i64>,
    /// Their mean, of numbers.
    pub mean: Option<f64>,
    /// Least, first quartile, median, third quartile and largest, of numbers and times; the k-th
    /// is the value at rank ⌈n·k/4⌉. Times are in microseconds.
    pub quartiles: Option<[i64; 5]>,
    /// How many have each text, of texts and truth values; those beyond the most frequent left out.
    pub texts: Vec<(String, i64)>,
}

/// A field of the members of two segments.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Of which kind the values are: `number`, `time` or `text`.
    pub kind: &'static str,
    /// Each segment's, in the order in which they were asked for.
    pub sides: Vec<Side>,
}

/// Compares the members of some sets by a field of customers.
///
/// # Errors
/// `bad_input` for a field that there is not, or whose values are nobody's to see.
pub fn compare(shop: &Shop<'_>, field: &str, sets: &[RoaringBitmap]) -> Result<Comparison> {
    let kind = profile_fields().find(|(name, _)| *name == field).map(|(_, kind)| kind);
    let numbers = matches!(kind, Some(Kind::Number | Kind::Time));
    let texts = matches!(kind, Some(Kind::Text | Kind::Truth));
    // Who is within reach follows from two fields, each of which can be compared.
    let apart = matches!(field, "external_id" | "customer_id") || field.starts_with("reachable_");
    if !numbers && !texts || apart {
        return Err(Error::bad("is no field to compare by").field("field"));
    }
    let mut sides = Vec::with_capacity(sets.len());
    for set in sets {
        let customers = count(set.len());
        let own = if numbers { of_numbers(shop, field, set) } else { of_texts(shop, field, set) };
        let money = kind == Some(Kind::Number);
        let (sum, mean) = if money { (own.sum, own.mean) } else { (None, None) };
        sides.push(Side { customers, sum, mean, ..own });
    }
    if texts {
        same_texts(&mut sides);
    }
    let kind = match kind {
        Some(Kind::Time) => "time",
        Some(Kind::Number) => "number",
        _ => "text",
    };
    Ok(Comparison { kind, sides })
}

#[expect(clippy::cast_precision_loss, reason = "a mean is a fraction")]
fn of_numbers(shop: &Shop<'_>, field: &str, set: &RoaringBitmap) -> Side {
    let mut values: Vec<i64> =
        set.iter().filter_map(|number| shop.number(field, i64::from(number))).collect();
    values.sort_unstable();
    let sum: i128 = values.iter().map(|value| i128::from(*value)).sum();
    let quartile = |k: usize| {
        let rank = (values.len() * k).div_ceil(4).max(1);
        values.get(rank - 1).copied().unwrap_or_default()
    };
    let some = !values.is_empty();
    Side {
        known: i64::try_from(values.len()).unwrap_or(i64::MAX),
        sum: i64::try_from(sum).ok(),
        mean: some.then(|| sum as f64 / values.len() as f64),
        quartiles: some.then(|| [0, 1, 2, 3, 4].map(quartile)),
        ..Side::default()
    }
}

fn of_texts(shop: &Shop<'_>, field: &str, set: &RoaringBitmap) -> Side {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    let mut known = 0;
    for text in set.iter().filter_map(|number| shop.text(field, i64::from(number))) {
        known += 1;
        match counts.get_mut(text) {
            Some(count) => *count += 1,
            None => drop(counts.insert(text.to_owned(), 1)),
        }
    }
    Side { known, texts: counts.into_iter().collect(), ..Side::default() }
}

/// Leaves the same texts on all sides: those that most have, in that order.
fn same_texts(sides: &mut [Side]) {
    let mut all: BTreeMap<String, i64> = BTreeMap::new();
    for (text, count) in sides.iter().flat_map(|side| &side.texts) {
        *all.entry(text.clone()).or_default() += count;
    }
    let mut order: Vec<(String, i64)> = all.into_iter().collect();
    order.sort_by_key(|(_, count)| -count);
    order.truncate(TEXTS_MAX);
    for side in sides {
        let own: BTreeMap<String, i64> = std::mem::take(&mut side.texts).into_iter().collect();
        let count = |text: &String| own.get(text).copied().unwrap_or_default();
        side.texts = order.iter().map(|(text, _)| (text.clone(), count(text))).collect();
    }
}
