//! Habits: what a customer buys most, how dear, and where.
//!
//! Unlike figures of orders these need every line a customer ever bought with what the catalogue
//! says of it today, so they are worked out over the lake when an import ends and once a day, not
//! with each order. Favourite category and brand are where most money went (then the first in
//! text); the price band is the fifth of customers by price of a piece, 1 to 5; the channel is
//! the one of most orders.

use std::collections::{BTreeMap, HashMap, HashSet};

use base::Result;
use lake::{Lake, ORDER_LINES, Slices};
use store::{Cx, counter};

use super::sql::{self, Habits};
use crate::{catalog, identity, order, relay};

/// Products that one read takes.
const PAGE_PRODUCTS: i64 = 20_000;
/// Rows that one transaction changes.
const CHUNK: usize = 5_000;
/// Threads of the scan.
const THREADS: usize = 2;

/// Money by customer number and code.
type Spent = HashMap<(i64, u32), i64>;

/// Category and brand of products as codes, and the words that they stand for.
#[derive(Default)]
struct Words {
    of: HashMap<i64, [Option<u32>; 2]>,
    words: Vec<String>,
    codes: HashMap<String, u32>,
}

impl Words {
    fn code(&mut self, word: Option<String>) -> Option<u32> {
        let word = word?;
        if let Some(&code) = self.codes.get(&word) {
            return Some(code);
        }
        let code = u32::try_from(self.words.len()).ok()?;
        self.words.push(word.clone());
        self.codes.insert(word, code);
        Some(code)
    }
}

/// Works out everyone's habits and stores those that changed; how many.
///
/// # Errors
/// What the store or the lake reports.
pub async fn refresh(cx: &Cx, lake: &Lake) -> Result<usize> {
    let words = words(cx).await?;
    let spent = if words.of.is_empty() {
        [Spent::new(), Spent::new()]
    } else {
        spent(cx, lake, &words).await?
    };
    let [categories, brands] = spent.map(|spent| favourites(&spent, &words.words));
    let mut tx = cx.read().await?;
    let moved: HashMap<i64, i64> = identity::redirect(&mut tx).await?.iter().copied().collect();
    let channels = channels(order::channels(&mut tx).await?, &moved);
    let bands = bands(&prices(order::sold(&mut tx).await?, &moved));
    let mut changed = Vec::new();
    for (number, old) in sql::habits(&mut tx).await? {
        let of = |map: &HashMap<i64, String>| map.get(&number).cloned();
        let band = bands.get(&number).copied();
        let new: Habits = (of(&categories), of(&brands), band, of(&channels));
        if new != old {
            changed.push((number, new));
        }
    }
    drop(tx);
    let count = changed.len();
    changed.sort_unstable_by_key(|(number, _)| *number);
    for chunk in changed.chunks(CHUNK) {
        let mut tx = cx.write().await?;
        let version = counter::take(&mut tx, "version", 1).await?;
        sql::store_habits(&mut tx, version, chunk.to_vec());
        tx.commit().await?;
    }
    Ok(count)
}

async fn words(cx: &Cx) -> Result<Words> {
    let (mut words, mut after) = (Words::default(), 0);
    loop {
        let page = catalog::list(cx, after, PAGE_PRODUCTS).await?;
        let Some(last) = page.last() else { return Ok(words) };
        after = last.number;
        for product in page {
            let (category, brand) = (product.row.category, product.row.brand);
            let codes = [words.code(category), words.code(brand)];
            if codes != [None, None] {
                words.of.insert(product.number, codes);
            }
        }
    }
}

/// Money by customer and category, and by customer and brand.
async fn spent(cx: &Cx, lake: &Lake, words: &Words) -> Result<[Spent; 2]> {
    let columns = ["customer_no", "product_no", "amount_minor", "order_no"];
    let unsold: HashSet<i64> = order::unsold(&mut cx.read().await?).await?.into_iter().collect();
    let pinned = relay::pinned(cx, |moment| async move {
        let lines = moment.lines;
        let moved: HashMap<i64, i64> = lines.redirect.iter().copied().collect();
        Ok((lake.scan(&ORDER_LINES, cx.shop, &columns, lines).await?, moved))
    });
    let (scan, moved) = pinned.await?;
    let parts = tokio::task::block_in_place(|| {
        scan.run(THREADS, Default::default, |spent: &mut [Spent; 2], rows| {
            add(spent, rows, (words, &unsold));
            Ok(())
        })
    })?;
    let mut all: [Spent; 2] = Default::default();
    for part in parts {
        for (all, part) in all.iter_mut().zip(part) {
            for ((label, code), amount) in part {
                let person = moved.get(&label).copied().unwrap_or(label);
                *all.entry((person, code)).or_default() += amount;
            }
        }
    }
    Ok(all)
}

fn add(spent: &mut [Spent; 2], rows: &Slices<'_>, (words, unsold): (&Words, &HashSet<i64>)) {
    let known = rows.validity(0);
    let columns = rows.i64(0).iter().zip(rows.i64(1)).zip(rows.i64(2)).zip(rows.i64(3));
    for (row, (((customer, product), amount), order)) in columns.enumerate() {
        let Some(codes) = words.of.get(product).filter(|_| known.is_valid(row)) else { continue };
        if unsold.contains(order) {
            continue;
        }
        for (spent, code) in spent.iter_mut().zip(codes) {
            if let Some(code) = code {
                *spent.entry((*customer, *code)).or_default() += amount;
            }
        }
    }
}

fn favourites(spent: &Spent, words: &[String]) -> HashMap<i64, String> {
    let mut best: HashMap<i64, (i64, &str)> = HashMap::new();
    for ((customer, code), amount) in spent {
        let Some(word) = words.get(*code as usize).filter(|_| *amount > 0) else { continue };
        let held = best.entry(*customer).or_insert((*amount, word));
        if *amount > held.0 || (*amount == held.0 && word.as_str() < held.1) {
            *held = (*amount, word);
        }
    }
    best.into_iter().map(|(customer, (_, word))| (customer, word.to_owned())).collect()
}

fn channels(counts: Vec<(i64, String, i64)>, moved: &HashMap<i64, i64>) -> HashMap<i64, String> {
    let mut sums: BTreeMap<(i64, String), i64> = BTreeMap::new();
    for (label, channel, count) in counts {
        let person = moved.get(&label).copied().unwrap_or(label);
        *sums.entry((person, channel)).or_default() += count;
    }
    let mut best: HashMap<i64, (i64, String)> = HashMap::new();
    for ((person, channel), count) in sums {
        let held = best.entry(person).or_insert((0, String::new()));
        if count > held.0 {
            *held = (count, channel);
        }
    }
    best.into_iter().map(|(person, (_, channel))| (person, channel)).collect()
}

/// What each customer paid for a piece, in minor units.
fn prices(sold: Vec<(i64, i64, i64)>, moved: &HashMap<i64, i64>) -> Vec<(i64, i64)> {
    let mut sums: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for (label, paid, items) in sold {
        let person = moved.get(&label).copied().unwrap_or(label);
        let sum = sums.entry(person).or_default();
        *sum = (sum.0 + paid, sum.1 + items);
    }
    let price =
        |(person, (paid, items)): (i64, (i64, i64))| (items > 0).then(|| (person, paid / items));
    sums.into_iter().filter_map(price).collect()
}

/// The fifth in which each customer's price of a piece lies, by value cut points.
fn bands(prices: &[(i64, i64)]) -> HashMap<i64, i64> {
    let mut sorted: Vec<i64> = prices.iter().map(|(_, price)| *price).collect();
    sorted.sort_unstable();
    let cut = |k: usize| sorted.get((sorted.len() * k).div_ceil(5).saturating_sub(1)).copied();
    let cuts: Vec<i64> = (1..5).filter_map(cut).collect();
    let band = |price: i64| 1 + cuts.iter().map(|cut| i64::from(price > *cut)).sum::<i64>();
    prices.iter().map(|(customer, price)| (*customer, band(*price))).collect()
}
