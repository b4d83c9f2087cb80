//! A made-up Chinese shop for fashion and cosmetics, told in the messages that its pages and
//! systems would send over two years.
//!
//! The same plan gives the same bytes, on every machine. Each customer lives by hidden parameters
//! that [`write_truths`] writes down, so that what is estimated from the messages can be compared
//! with what is true. A life depends on the seed, the last day and the customer's place, and not
//! on how many others there are; only introductions, gifts, homes and 双11 look at
//! those who stand before or beside.

mod buying;
mod calendar;
mod catalogue;
mod delivery;
mod draw;
mod event;
mod facts;
mod life;
mod message;
mod person;
mod properties;
mod region;
mod settle;
mod shop;
mod stream;
mod talking;
#[cfg(test)]
mod tests;
mod truth;
mod wares;
mod words;

use base::{Date, Error, Result, Time};

pub use catalogue::Product;

/// The shop's name.
pub const SHOP: &str = "熟客示例店";

/// The currency that it counts in.
pub const CURRENCY: &str = "CNY";

/// The zone of its days.
pub const TIME_ZONE: &str = "Asia/Shanghai";

/// Customers of a shop.
const CUSTOMERS_MAX: u32 = 1_000_000;

/// What shop to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How many people come to it, from 1 to a million. About seven in ten buy.
    pub customers: u32,
    /// What everything that is drawn depends on.
    pub seed: u64,
    /// Its last day.
    pub until: Date,
}

impl Plan {
    /// A shop of so many customers that ends on `until`.
    ///
    /// # Errors
    /// `bad_input` when there are too few or too many customers, or when the lunar calendar of the
    /// two years before `until` is not known.
    pub fn new(customers: u32, seed: u64, until: Date) -> Result<Self> {
        if !(1..=CUSTOMERS_MAX).contains(&customers) {
            return Err(Error::bad(format!("a demo shop cannot have {customers} customers"))
                .field("customers")
                .hint(format!("choose a number from 1 to {CUSTOMERS_MAX}")));
        }
        calendar::covered(until)?;
        Ok(Self { customers, seed, until })
    }
}

/// A message to the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// When the collector receives it.
    pub at: Time,
    /// A message of Segment's HTTP API.
    pub json: String,
}

/// The shop's messages in the order in which they are received.
pub fn messages(plan: &Plan) -> impl Iterator<Item = Message> + Send + use<> {
    stream::Stream::of(plan)
}

/// The shop's products, by article number.
#[must_use]
pub fn products(plan: &Plan) -> Vec<Product> {
    let calendar = calendar::Calendar::of(plan);
    catalogue::Catalogue::of(plan.seed, &calendar).products().cloned().collect()
}

/// Writes what is true of the shop as JSON Lines: what is planted in it, then a line for each who
/// bought.
///
/// # Errors
/// What `out` reports.
pub fn write_truths(plan: &Plan, out: &mut impl std::io::Write) -> Result<()> {
    truth::write(&shop::Shop::of(plan), out)
}
