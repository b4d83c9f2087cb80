//! 商品: the catalogue, what an article costs on a day, and which article somebody chooses.

use std::sync::Arc;

use base::Time;
use base::entropy::splitmix;
use serde::Serialize;

use crate::calendar::{AHEAD, Calendar, DAY};
use crate::draw::{Draw, Purpose};
use crate::wares::{BEAUTY_BRANDS, CATEGORIES, Category, FASHION_BRANDS, SKU_BASE, is_beauty};

/// Products of each category.
const SHELF: usize = 10;

/// A product of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Product {
    /// Article number.
    pub sku: String,
    /// Title.
    pub title: String,
    /// Category as a path.
    pub category: String,
    /// Brand.
    pub brand: String,
    /// List price in fen; sales are below it.
    pub price_minor: i64,
    /// What it costs the shop, in fen.
    pub cost_minor: i64,
    /// Pieces in stock on the last day.
    pub stock: i64,
    /// When it was put up (上架).
    pub listed_at: Time,
    /// From when on it can be bought (开售).
    pub on_sale_at: Time,
}

/// A product with what choosing it needs.
#[derive(Debug)]
pub(crate) struct Ware {
    /// As others see it.
    pub(crate) product: Product,
    /// Lines of it that are sent back, in thousandths.
    pub(crate) returned: u32,
    /// The first whole day on which it can be bought.
    first_day: i32,
    /// How well known it is.
    fame: u32,
    /// 0 for the cheaper ones of its category to 2 for the dearer ones.
    tier: u32,
    /// What decides when it is on sale.
    salt: u64,
}

/// A category and its products, cheapest first.
#[derive(Debug)]
struct Shelf {
    wares: Vec<Arc<Ware>>,
}

/// All the shop sells.
#[derive(Debug)]
pub(crate) struct Catalogue {
    shelves: Vec<Shelf>,
}

/// How much somebody likes each category, by season.
pub(crate) type Likes = [[u32; CATEGORIES.len()]; 4];

impl Catalogue {
    /// The catalogue of the shop with this seed.
    pub(crate) fn of(seed: u64, calendar: &Calendar) -> Self {
        let shelves = CATEGORIES.iter().enumerate().map(|(at, category)| {
            let mut draw = Draw::of(seed, at as u64, Purpose::Catalogue);
            let wares = (0..SHELF).map(|place| {
                let number = SKU_BASE + at * SHELF + place + 1;
                Arc::new(ware(category, (number, place), calendar, &mut draw))
            });
            Shelf { wares: wares.collect() }
        });
        Self { shelves: shelves.collect() }
    }

    /// Every product, in the order of article numbers.
    pub(crate) fn products(&self) -> impl Iterator<Item = &Product> {
        self.shelves.iter().flat_map(|shelf| &shelf.wares).map(|ware| &ware.product)
    }

    /// What somebody of this price sensitivity chooses on `day`.
    pub(crate) fn choose(
        &self,
        (likes, sensitivity): (&Likes, f64),
        (calendar, day): (&Calendar, i32),
        draw: &mut Draw,
    ) -> Option<Arc<Ware>> {
        let weights = likes.get(calendar.day(day).season)?;
        let shelf = self.shelves.get(draw.weighted(weights.iter().copied()))?;
        let sensitive = (sensitivity * 100.0) as u32;
        let wanted = shelf.wares.iter().map(|ware| {
            if ware.first_day > day {
                return 0;
            }
            let tier = match ware.tier {
                0 => 40 + sensitive,
                1 => 75,
                _ => 125 - sensitive,
            };
            let price = ware.price_on(calendar, day);
            let reduced = price < ware.product.price_minor;
            ware.fame * tier * if reduced { 100 + 3 * sensitive } else { 100 }
        });
        shelf.wares.get(draw.weighted(wanted)).map(Arc::clone)
    }
}

impl Ware {
    /// The price on `day` in fen: 双11 and 618 are for most of the catalogue, and each month a
    /// sixth of it is reduced. Prices end on whole 0.1 yuan.
    pub(crate) fn price_on(&self, calendar: &Calendar, day: i32) -> i64 {
        let day = calendar.day(day);
        let mut salt = self.salt ^ u64::from(day.month).wrapping_mul(0x9E37_79B9);
        let lot = splitmix(&mut salt) % 60;
        let percent = match (day.of_year, day.date) {
            (11, 1..=11) if lot < 48 => 75,
            (6, 1..=18) if lot < 42 => 80,
            _ if lot < 10 => 85,
            _ => 100,
        };
        self.product.price_minor * percent / 1000 * 10
    }
}

fn ware(
    category: &'static Category,
    (number, place): (usize, usize),
    calendar: &Calendar,
    draw: &mut Draw,
) -> Ware {
    let beauty = is_beauty(category.name);
    let brand = if beauty { draw.pick(&BEAUTY_BRANDS) } else { draw.pick(&FASHION_BRANDS) };
    let look = category.looks.get(place % 5).copied().unwrap_or_default();
    let kind = category.kinds.get((place + place / 5) % 4).copied().unwrap_or_default();
    let (low, high) = category.prices;
    // Evenly from the lowest to the highest, ending in 9 yuan as prices do.
    let yuan = low + (high - low) * place as i64 / (SHELF as i64 - 1);
    let price_minor = (yuan / 10 * 10 + 9) * 100;
    let share = draw.between(if beauty { 18 } else { 32 }, if beauty { 35 } else { 52 });
    // Three in ten come while the record runs, the others were there before.
    let new = place % 10 >= 4 && place % 10 <= 6;
    let days = i64::from(calendar.until - calendar.opening);
    let since = if new { draw.between(30, days - 60) } else { -draw.between(20, 400) };
    let listed = (i64::from(calendar.opening) + since) * DAY + draw.between(9, 17) * 3600;
    let waits = if draw.chance(0.4) { draw.between(1, 14) } else { 0 };
    let on_sale = listed + waits * DAY;
    Ware {
        product: Product {
            sku: format!("SK{number}"),
            title: format!("{brand} {look}{kind}{}", category.noun),
            category: category.name.to_owned(),
            brand: brand.to_owned(),
            price_minor,
            cost_minor: price_minor * share / 100,
            stock: draw.between(0, 60) * draw.between(0, 20),
            listed_at: utc(listed),
            on_sale_at: utc(on_sale),
        },
        returned: category.returned,
        first_day: (on_sale.div_euclid(DAY) + 1) as i32,
        fame: 1200 / (draw.below(SHELF as u64) as u32 + 1),
        tier: (place * 3 / SHELF) as u32,
        salt: draw.bits(),
    }
}

/// The instant of a moment of the shop's clock.
pub(crate) fn utc(moment: i64) -> Time {
    Time::from_micros((moment - AHEAD) * 1_000_000)
}
