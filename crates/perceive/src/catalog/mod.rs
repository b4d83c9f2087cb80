//! 商品: products, from what product lists say and what orders mention.
//!
//! A product is a function of the set of rows about it: of product rows the latest wins field by
//! field; a product that only orders mention has the title that was introduced last.

pub mod rule;
mod sql;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::{Result, Time};
use serde::{Deserialize, Serialize};
use store::key::Sealer;
use store::{Cx, Tx, counter};

use crate::print::print;
use crate::record::ProductRow;

/// Products whose numbers a fold remembers between batches.
const CACHE_MAX: usize = 500_000;

/// An article as order lines mention it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// Article number, case-sensitive.
    pub sku: String,
    /// Title, when a line names one.
    pub title: Option<String>,
    /// The earliest time at which the title is named.
    pub at: Time,
}

/// A product as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Product {
    /// Its number.
    pub number: i64,
    /// Its article number.
    pub sku: String,
    /// Whether anything still mentions it.
    pub known: bool,
    /// What is known of it; `sku` and `updated_at` are not used here.
    pub row: ProductRow,
}

/// What the fold remembers between batches. Thrown away after any error.
#[derive(Debug, Default)]
pub struct Cache {
    numbers: HashMap<String, i64>,
    titles: HashMap<(i64, i64, String), Time>,
}

/// The numbers of `articles`, in their order; new ones are stored.
///
/// # Errors
/// What the database reports.
pub async fn resolve(
    tx: &mut Tx,
    cache: &mut Cache,
    source: i64,
    articles: &[Article],
) -> Result<Vec<i64>> {
    if cache.numbers.len() + cache.titles.len() > CACHE_MAX {
        *cache = Cache::default();
    }
    let skus: BTreeSet<&str> = articles.iter().map(|article| article.sku.as_str()).collect();
    number(tx, cache, &skus).await?;
    let numbers: Vec<i64> = articles
        .iter()
        .map(|article| cache.numbers.get(&article.sku).copied().unwrap_or_default())
        .collect();
    let mut titles: BTreeMap<(i64, String), Time> = BTreeMap::new();
    for (article, &number) in articles.iter().zip(&numbers) {
        let title = article.title.clone().unwrap_or_default();
        let key = (number, source, title);
        if cache.titles.get(&key).is_some_and(|known| *known <= article.at) {
            continue;
        }
        let said = titles.entry((number, key.2.clone())).or_insert(article.at);
        *said = (*said).min(article.at);
        cache.titles.insert(key, article.at);
    }
    if !titles.is_empty() {
        sql::say(tx, source, &titles);
        refresh(tx, &titles.keys().map(|(number, _)| *number).collect()).await?;
    }
    Ok(numbers)
}

async fn number(tx: &mut Tx, cache: &mut Cache, skus: &BTreeSet<&str>) -> Result<()> {
    let unknown: Vec<&str> =
        skus.iter().copied().filter(|sku| !cache.numbers.contains_key(*sku)).collect();
    for (sku, number) in sql::numbers(tx, &unknown).await? {
        cache.numbers.insert(sku, number);
    }
    let new: Vec<&str> =
        unknown.into_iter().filter(|sku| !cache.numbers.contains_key(*sku)).collect();
    if new.is_empty() {
        return Ok(());
    }
    let count = i64::try_from(new.len()).unwrap_or(i64::MAX);
    let first = counter::take(tx, "product", count).await?;
    let version = counter::take(tx, "version", 1).await?;
    let rows: Vec<(i64, &str)> = (first..).zip(new).collect();
    sql::insert(tx, &rows, version);
    cache.numbers.extend(rows.into_iter().map(|(number, sku)| (sku.to_owned(), number)));
    Ok(())
}

/// Stores product rows; for each whether it said something new.
///
/// # Errors
/// What the database reports.
pub async fn state(
    tx: &mut Tx,
    (cache, sealer): (&mut Cache, &Sealer),
    source: i64,
    rows: &[ProductRow],
) -> Result<Vec<bool>> {
    let skus: BTreeSet<&str> = rows.iter().map(|row| row.sku.as_str()).collect();
    number(tx, cache, &skus).await?;
    let mut parts = Vec::with_capacity(rows.len());
    for row in rows {
        let number = cache.numbers.get(&row.sku).copied().unwrap_or_default();
        let body = crate::codec::write(row)?;
        parts.push((number, hash(sealer, row), body));
    }
    let new = sql::add_parts(tx, source, &parts).await?;
    refresh(tx, &parts.iter().map(|(number, ..)| *number).collect()).await?;
    Ok(new)
}

/// What tells a product row from others.
#[must_use]
pub fn hash(sealer: &Sealer, row: &ProductRow) -> Vec<u8> {
    sealer.blind("product", &print(row))
}

/// Which of `hashes` a source has stated already.
///
/// # Errors
/// What the database reports.
pub async fn known_hashes(tx: &mut Tx, hashes: &[Vec<u8>]) -> Result<HashSet<Vec<u8>>> {
    crate::lookup::hashes(tx, "product_part", hashes).await
}

/// The numbers of articles that are known.
///
/// # Errors
/// What the database reports.
pub async fn numbers(tx: &mut Tx, skus: &[&str]) -> Result<Vec<(String, i64)>> {
    sql::numbers(tx, skus).await
}

/// Works out again what is known of `products`.
async fn refresh(tx: &mut Tx, products: &BTreeSet<i64>) -> Result<()> {
    if products.is_empty() {
        return Ok(());
    }
    let mut said = sql::titles(tx, products).await?;
    let mut parts = sql::parts(tx, products).await?;
    let version = counter::take(tx, "version", 1).await?;
    let mut rows = Vec::with_capacity(products.len());
    for &number in products {
        let titles = said.remove(&number).unwrap_or_default();
        let parts = parts.remove(&number).unwrap_or_default();
        rows.push((number, rule::state(&titles, &parts)));
    }
    sql::update(tx, rows, version);
    Ok(())
}

/// Forgets what a source said about products.
///
/// # Errors
/// What the database reports.
pub async fn forget(tx: &mut Tx, source: i64, limit: i64) -> Result<bool> {
    let products = sql::forget(tx, source, limit).await?;
    refresh(tx, &products).await?;
    Ok(!products.is_empty())
}

/// The article numbers of products.
///
/// # Errors
/// What the database reports.
pub async fn names(tx: &mut Tx, products: &[i64]) -> Result<Vec<(i64, String)>> {
    sql::names(tx, products).await
}

/// What products are called; those of which nobody says it are left out.
///
/// # Errors
/// What the database reports.
pub async fn titles(tx: &mut Tx, products: &[i64]) -> Result<Vec<(i64, String)>> {
    sql::title_of(tx, products).await
}

/// Products after number `after`, by number, at most `limit`.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx, after: i64, limit: i64) -> Result<Vec<Product>> {
    sql::list(&mut cx.read().await?, after, limit).await
}

/// The products of these numbers, in no order; those that there are not are left out.
///
/// # Errors
/// What the database reports.
pub async fn of_numbers(tx: &mut Tx, products: &[i64]) -> Result<Vec<Product>> {
    sql::of_numbers(tx, products).await
}

/// Products that something still mentions after number `after`, by number, at most `limit`: all of
/// them, or those whose title has `part` in it or whose article number it is.
///
/// # Errors
/// What the database reports.
pub async fn page(
    tx: &mut Tx,
    part: Option<&str>,
    (after, limit): (i64, i64),
) -> Result<Vec<Product>> {
    sql::page(tx, part, (after, limit)).await
}

/// The categories and the brands of products that something still mentions, at most `limit` of
/// each.
///
/// # Errors
/// What the database reports.
pub async fn kinds(tx: &mut Tx, limit: usize) -> Result<(Vec<String>, Vec<String>)> {
    sql::kinds(tx, i64::try_from(limit).unwrap_or(i64::MAX)).await
}

/// How many products something still mentions.
///
/// # Errors
/// What the database reports.
pub async fn count(tx: &mut Tx) -> Result<i64> {
    sql::count(tx).await
}
