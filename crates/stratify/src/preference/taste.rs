//! What is true of all customers of a shop together, and is needed to tell what one of them likes.

use std::collections::{BTreeMap, HashMap};

use base::Result;
use lake::{ORDER_LINES, Slices};
use perceive::relay;
use roaring::RoaringBitmap;
use serde::Serialize;

use super::Piece;
use super::rule::{self, BUYERS_MIN};
use crate::carts;
use crate::expr::whole::Shop;
use crate::rfm::rule::{Scored, Stratum, ratio};
use crate::sales::{Sale, Sales};

/// Regions that are told at the most: those with the most buyers.
const REGIONS_MAX: usize = 50;
/// Categories that are told of each region at the most.
const MARKED_MAX: usize = 5;
/// How many times as often as elsewhere something is bought at the least, to be told.
const TIMES_MIN: f64 = 1.2;

/// What is true of all customers.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Taste {
    /// What the customers of each province like more than others, those with most buyers first.
    pub regions: Vec<Region>,
    /// Where the fifths of the prices of pieces that were sold end, in minor units; the last has no
    /// end.
    pub price_cuts_minor: Vec<i64>,
    /// Paid orders, and those of them at a discount, by stratum.
    #[serde(skip)]
    strata: BTreeMap<Stratum, (i64, i64)>,
}

/// What the customers of a province like more than others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Region {
    /// The province.
    pub province: String,
    /// Its customers with a paid order.
    pub buyers: i64,
    /// The categories, the surest first.
    pub likes: Vec<Marked>,
}

/// A category that is bought by a larger share of a province's buyers than elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Marked {
    /// The category.
    pub category: String,
    /// How many of the province's buyers bought it.
    pub buyers: i64,
    /// Their share of its buyers.
    pub share: f64,
    /// The share of the buyers elsewhere.
    pub elsewhere_share: f64,
    /// How many times as large the one is as the other; none where nobody elsewhere bought it.
    pub times: Option<f64>,
    /// At the least, with 99.9 %.
    pub times_at_least: f64,
}

impl Taste {
    /// The fifth of prices, 1 to 5, in which a piece lies.
    pub(super) fn band(&self, paid_minor: i64) -> Option<usize> {
        let cuts = &self.price_cuts_minor;
        (!cuts.is_empty()).then(|| 1 + cuts.iter().filter(|cut| paid_minor > **cut).count())
    }

    /// The share of a stratum's paid orders that were bought at a discount.
    pub(super) fn discounted(&self, stratum: Stratum) -> Option<f64> {
        let (orders, discounted) = self.strata.get(&stratum)?;
        (*orders > 0).then(|| ratio(i128::from(*discounted), i128::from(*orders)))
    }

    /// What the customers of a province like more than others.
    #[must_use]
    pub fn of(&self, province: &str) -> &[Marked] {
        let region = self.regions.iter().find(|region| region.province == province);
        region.map(|region| region.likes.as_slice()).unwrap_or_default()
    }
}

/// Works out what is true of all customers. Blocks on threads of a scan; call it where that may be.
///
/// # Errors
/// What the store or the lake reports.
pub async fn taste(shop: &Shop<'_>) -> Result<Taste> {
    let mut categories = Categories::default();
    for product in carts::products(shop.cx).await? {
        categories.add(product.number, product.row.category);
    }
    let columns = ["order_no", "product_no", "quantity", "unit_price_minor", "amount_minor"];
    let (number, lake) = (shop.cx.shop, shop.lake);
    let scan = relay::pinned(shop.cx, |moment| async move {
        lake.scan(&ORDER_LINES, number, &columns, moment.lines).await
    });
    let scan = scan.await?;
    let parts = scan.run(shop.threads, Seen::default, |seen, rows| {
        seen.add(rows, (&categories, shop.sales));
        Ok(())
    })?;
    let seen = parts.into_iter().fold(Seen::default(), Seen::and);
    Ok(Taste {
        price_cuts_minor: fifths(&seen.prices),
        strata: by_stratum(shop, &seen.discounted),
        regions: regions(shop, &categories, &seen)?,
    })
}

/// The categories of products, as codes.
#[derive(Default)]
struct Categories {
    of: HashMap<i64, usize>,
    names: Vec<String>,
    codes: HashMap<String, usize>,
}

impl Categories {
    fn add(&mut self, product: i64, category: Option<String>) {
        let Some(category) = category else { return };
        let next = self.names.len();
        let code = *self.codes.entry(category).or_insert_with_key(|name| {
            self.names.push(name.clone());
            next
        });
        self.of.insert(product, code);
    }
}

/// What was seen in the lines of paid orders.
#[derive(Default)]
struct Seen {
    /// Places of those who bought anything.
    buyers: RoaringBitmap,
    /// The same of each category.
    by_category: Vec<RoaringBitmap>,
    /// Lines by what was paid for a piece.
    prices: BTreeMap<i64, u64>,
    /// Orders in which a line cost less than its pieces.
    discounted: RoaringBitmap,
}

impl Seen {
    fn add(&mut self, rows: &Slices<'_>, (categories, sales): (&Categories, &Sales)) {
        let known = rows.validity(1);
        let columns = rows.i64(0).iter().zip(rows.i64(1)).zip(rows.i64(2));
        let columns = columns.zip(rows.i64(3)).zip(rows.i64(4)).enumerate();
        for (row, ((((order, product), quantity), price), amount)) in columns {
            let Some(sale) = sales.at(*order).filter(Sale::is_paid) else { continue };
            let Some(piece) = Piece::of(*quantity, *price, *amount) else { continue };
            *self.prices.entry(piece.paid).or_default() += 1;
            if piece.is_discounted() {
                self.discounted.extend(u32::try_from(*order).ok());
            }
            let Some(place) = sale.person.checked_sub(1) else { continue };
            self.buyers.insert(place);
            let Some(code) = categories.of.get(product).filter(|_| known.is_valid(row)) else {
                continue;
            };
            if self.by_category.len() <= *code {
                self.by_category.resize(*code + 1, RoaringBitmap::new());
            }
            if let Some(buyers) = self.by_category.get_mut(*code) {
                buyers.insert(place);
            }
        }
    }

    fn and(mut self, other: Self) -> Self {
        self.buyers |= other.buyers;
        self.discounted |= other.discounted;
        let all = self.by_category.len().max(other.by_category.len());
        self.by_category.resize(all, RoaringBitmap::new());
        self.by_category.iter_mut().zip(other.by_category).for_each(|(own, more)| *own |= more);
        for (price, lines) in other.prices {
            *self.prices.entry(price).or_default() += lines;
        }
        self
    }
}

/// Where the fifths of some prices end.
pub(super) fn fifths(prices: &BTreeMap<i64, u64>) -> Vec<i64> {
    let all: u64 = prices.values().sum();
    let (mut cuts, mut seen) = (Vec::new(), 0);
    for (price, lines) in prices {
        seen += lines;
        while cuts.len() < 4 && seen * 5 >= all * (cuts.len() as u64 + 1) {
            cuts.push(*price);
        }
    }
    cuts
}

fn by_stratum(shop: &Shop<'_>, discounted: &RoaringBitmap) -> BTreeMap<Stratum, (i64, i64)> {
    let mut strata: BTreeMap<Stratum, (i64, i64)> = BTreeMap::new();
    let stratum = |person: u32| {
        let scored = shop.scores.get(usize::try_from(person.checked_sub(1)?).ok()?);
        scored.copied().flatten().map(|scored: Scored| scored.stratum)
    };
    for (number, sale) in shop.sales.numbered().filter(|(_, sale)| sale.is_paid()) {
        let Some(stratum) = stratum(sale.person) else { continue };
        let (orders, cheap) = strata.entry(stratum).or_default();
        *orders += 1;
        *cheap += i64::from(u32::try_from(number).is_ok_and(|number| discounted.contains(number)));
    }
    strata
}

fn regions(shop: &Shop<'_>, categories: &Categories, seen: &Seen) -> Result<Vec<Region>> {
    let mut codes: Vec<Option<usize>> = Vec::new();
    shop.mirror.each_code("province", |place, code| {
        codes.resize(codes.len().max(place + 1), None);
        if let Some(slot) = codes.get_mut(place) {
            *slot = Some(code);
        }
    })?;
    let names = shop.mirror.texts_by_code("province")?;
    let by_province = |people: &RoaringBitmap| {
        let mut counts = vec![0_i64; names.len()];
        for place in people {
            let code = codes.get(place as usize).copied().flatten();
            if let Some(count) = code.and_then(|code| counts.get_mut(code)) {
                *count += 1;
            }
        }
        counts
    };
    let buyers = by_province(&seen.buyers);
    let bought: Vec<Vec<i64>> = seen.by_category.iter().map(by_province).collect();
    let all: i64 = buyers.iter().sum();
    let mut regions = Vec::new();
    for (code, (province, own)) in names.into_iter().zip(&buyers).enumerate() {
        if *own < BUYERS_MIN {
            continue;
        }
        let marked = bought.iter().zip(&categories.names).filter_map(|(by, category)| {
            let (here, total) = (by.get(code).copied()?, by.iter().sum::<i64>());
            marked(category, (here, *own), (total - here, all - own))
        });
        let mut likes: Vec<Marked> = marked.collect();
        likes.sort_by(|a, b| b.times_at_least.total_cmp(&a.times_at_least));
        likes.truncate(MARKED_MAX);
        regions.push(Region { province, buyers: *own, likes });
    }
    regions.sort_by(|a, b| b.buyers.cmp(&a.buyers).then_with(|| a.province.cmp(&b.province)));
    regions.truncate(REGIONS_MAX);
    Ok(regions)
}

/// A category, where a province's buyers like it more than others for sure.
fn marked(category: &str, here: (i64, i64), elsewhere: (i64, i64)) -> Option<Marked> {
    let found = rule::times(here, elsewhere)?;
    let share = |(some, all): (i64, i64)| ratio(i128::from(some), i128::from(all));
    (found.least > 1.0 && found.times.is_none_or(|times| times >= TIMES_MIN)).then(|| Marked {
        category: category.to_owned(),
        buyers: here.0,
        share: share(here),
        elsewhere_share: share(elsewhere),
        times: found.times,
        times_at_least: found.least,
    })
}
