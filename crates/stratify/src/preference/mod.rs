//! 偏好: what each customer likes by what they did, what the customers of a region like more than
//! others, and what the shop wants said to them.

pub mod guidance;
pub mod rule;
pub mod taste;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use base::{Result, Time, Zone};
use lake::mask::discount;
use lake::{EVENTS, ORDER_LINES, RecordBatch};
use perceive::collect::NO_VISITS;
use perceive::{identity, order, relay};
use serde::Serialize;
use store::Cx;

use crate::expr::whole::Shop;
use crate::rfm::rule::ratio;
use crate::row::{products, rows};
use crate::sales::Sale;
pub use guidance::{Guidance, Line, On};
pub use rule::Liking;
use rule::{Deed, Tally};
pub use taste::{Marked, Region, Taste, taste};

/// The channel of the shop's own systems, where no customer is.
const SYSTEMS: &str = "server";
/// Values that are told of each kind.
const VALUES: usize = 5;

/// What one customer likes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preferences {
    /// Categories.
    pub categories: Vec<Liking>,
    /// Brands.
    pub brands: Vec<Liking>,
    /// Fifths of the prices of pieces that the shop sells, 1 to 5.
    pub price_bands: Vec<Liking>,
    /// Local hours of the day, 0 to 23.
    pub hours: Vec<Liking>,
    /// Where they buy and look.
    pub channels: Vec<Liking>,
    /// How much they buy at a discount.
    pub discount: Discount,
}

/// How much somebody buys at a discount.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Discount {
    /// Paid orders.
    pub orders: i64,
    /// Those of them in which a line cost less than its pieces.
    pub discounted: i64,
    /// Their share.
    pub share: Option<f64>,
    /// The same of all orders of customers in the same stratum.
    pub peers_share: Option<f64>,
}

/// What was done, by what it was done with.
#[derive(Default)]
struct Tallies {
    categories: Tally,
    brands: Tally,
    price_bands: Tally,
    hours: Tally,
    channels: Tally,
}

/// What one customer likes.
///
/// # Errors
/// What the store or the lake reports.
pub async fn of(shop: &Shop<'_>, taste: &Taste, number: i64) -> Result<Preferences> {
    let Shop { cx, lake, .. } = *shop;
    let read = |lines: bool| {
        relay::pinned(cx, move |moment| async move {
            let (table, fresh) =
                if lines { (&ORDER_LINES, moment.lines) } else { (&EVENTS, moment.events) };
            lake.seen_of((cx.shop, table), fresh, number).await
        })
    };
    let (lines, events) = (read(true).await?, read(false).await?);
    let mut all = Tallies::default();
    let discount = all.lines(shop, taste, (&lines, number)).await?;
    all.events(shop, &events);
    all.orders(shop, number).await?;
    Ok(Preferences {
        categories: all.categories.ranked(VALUES),
        brands: all.brands.ranked(VALUES),
        price_bands: all.price_bands.ranked(VALUES),
        hours: all.hours.ranked(VALUES),
        channels: all.channels.ranked(VALUES),
        discount,
    })
}

impl Tallies {
    /// Adds the lines of paid orders; how many of these were bought at a discount.
    async fn lines(
        &mut self,
        shop: &Shop<'_>,
        taste: &Taste,
        (batches, number): (&[RecordBatch], i64),
    ) -> Result<Discount> {
        let known = products(shop.cx, batches).await?;
        let (mut orders, mut discounted) = (HashSet::new(), HashSet::new());
        for row in rows(batches) {
            let order = row.number("order_id").unwrap_or_default();
            let Some(sale) = shop.sales.at(order).filter(Sale::is_paid) else { continue };
            let at = Time::from_micros(i64::from(sale.sold) * 1_000_000);
            let (deed, when) = (Deed::Bought, (at, shop.cx.now));
            orders.insert(order);
            self.hours.add(&hour(shop.zone, at), deed, when);
            if let Some(product) = row.number("product_id").and_then(|no| known.get(&no)) {
                self.product((product.category.as_deref(), product.brand.as_deref()), deed, when);
            }
            let of = |name: &str| row.number(name).unwrap_or_default();
            let piece = Piece::of(of("quantity"), of("unit_price_minor"), of("amount_minor"));
            if let Some(band) = piece.and_then(|piece| taste.band(piece.paid)) {
                self.price_bands.add(&band.to_string(), deed, when);
            }
            if piece.is_some_and(Piece::is_discounted) {
                discounted.insert(order);
            }
        }
        let count = |set: &HashSet<i64>| i64::try_from(set.len()).unwrap_or(i64::MAX);
        let (orders, discounted) = (count(&orders), count(&discounted));
        let share = (orders > 0).then(|| ratio(i128::from(discounted), i128::from(orders)));
        let place = usize::try_from(number - 1).ok();
        let scored = place.and_then(|place| shop.scores.get(place).copied().flatten());
        let peers_share = scored.and_then(|scored| taste.discounted(scored.stratum));
        Ok(Discount { orders, discounted, share, peers_share })
    }

    fn product(
        &mut self,
        (category, brand): (Option<&str>, Option<&str>),
        deed: Deed,
        when: (Time, Time),
    ) {
        if let Some(category) = category {
            self.categories.add(category, deed, when);
        }
        if let Some(brand) = brand {
            self.brands.add(brand, deed, when);
        }
    }

    /// Adds events; what is private was not read.
    fn events(&mut self, shop: &Shop<'_>, batches: &[RecordBatch]) {
        for row in rows(batches) {
            let Some(at) = row.number("event_time").map(Time::from_micros) else { continue };
            let event = row.text("event").unwrap_or_default();
            let when = (at, shop.cx.now);
            if let Some(deed) = Deed::of_event(&event) {
                let (category, brand) = (row.text("category"), row.text("brand"));
                self.product((category.as_deref(), brand.as_deref()), deed, when);
            }
            let channel = row.text("channel").filter(|channel| channel != SYSTEMS);
            if NO_VISITS.contains(&event.as_str()) || channel.is_none() {
                continue;
            }
            self.hours.add(&hour(shop.zone, at), Deed::Looked, when);
            self.channels.add(&channel.unwrap_or_default(), Deed::Looked, when);
        }
    }

    /// Adds the channels of paid orders.
    async fn orders(&mut self, shop: &Shop<'_>, number: i64) -> Result<()> {
        let mut tx = shop.cx.read().await?;
        let labels = identity::labels(&mut tx, number).await?;
        for row in order::of_labels(&mut tx, &labels).await? {
            let Some(sale) = shop.sales.at(row.order_no).filter(Sale::is_paid) else {
                continue;
            };
            let at = Time::from_micros(i64::from(sale.sold) * 1_000_000);
            if let Some(channel) = &row.channel {
                self.channels.add(channel, Deed::Bought, (at, shop.cx.now));
            }
        }
        Ok(())
    }
}

/// The numbers of the tags that a customer has.
///
/// # Errors
/// What the store reports.
pub async fn tags_of(cx: &Cx, number: i64) -> Result<Vec<i64>> {
    let tags = crate::tag::of_person(cx, number).await?;
    Ok(tags.into_iter().map(|tagged| tagged.tag.number).collect())
}

/// The pieces of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    /// What was paid for one, rounded down.
    pub(crate) paid: i64,
    /// By how much less they were sold than they cost.
    discount: i64,
}

impl Piece {
    /// Of a line; none where nothing was sold.
    pub(crate) fn of(quantity: i64, price: i64, amount: i64) -> Option<Self> {
        let discount = discount([amount, quantity, price])?;
        Some(Self { paid: amount / quantity, discount })
    }

    /// Whether the line cost less than its pieces.
    pub(crate) fn is_discounted(self) -> bool {
        self.discount > 0
    }
}

fn hour(zone: &Zone, at: Time) -> String {
    zone.local(at).hour().to_string()
}
