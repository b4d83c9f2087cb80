//! What is planted in the shop, for later estimates to find again.
//!
//! The generator obeys these figures, the file of truths states them, and the tests measure them
//! in the messages.

use serde::Serialize;

/// Share of the buyers of an 11 November who paid an order in the 30 days before it.
pub(crate) const ELEVEN_WITHIN_30_DAYS: f64 = 0.8;

/// Share of them who paid an order in the 90 days before it.
pub(crate) const ELEVEN_WITHIN_90_DAYS: f64 = 0.9;

/// Of a buyer's orders in a year, those of so many ordinary days are paid on 11 November.
pub(crate) const ELEVEN_DAYS: f64 = 25.0;

/// Nobody takes part in 双11 with a higher probability than this.
pub(crate) const ELEVEN_MOST: f64 = 0.6;

/// Days of ordinary buying that 11 November and what is added before it take from the year.
pub(crate) const ELEVEN_YEAR_DAYS: f64 = 40.0;

/// Share of customers who never mean to buy.
pub(crate) const NEVER_BUY: f64 = 0.29;

/// Average of the buyers' rates of paid orders per day, and the shape of their gamma distribution.
pub(crate) const RATE: (f64, f64) = (0.0128, 0.8);

/// Average of the buyers' rates of dropping out per day, and the shape of their gamma distribution.
pub(crate) const DROPOUT: (f64, f64) = (0.004, 2.0);

/// Customers who knew the shop before its record begins.
pub(crate) const KNOWN_BEFORE: f64 = 0.08;

/// How much faster customers arrive from month to month, in thousandths.
pub(crate) const GROWTH_PERMILLE: u64 = 30;

/// Share of registered customers whom somebody introduced, where anybody could.
pub(crate) const INTRODUCED: f64 = 0.15;

/// Share of orders that are sent to somebody else as a gift.
pub(crate) const GIFTED: f64 = 0.07;

/// Share of those who are given something who are customers, too.
pub(crate) const FRIENDS_ARE_CUSTOMERS: f64 = 0.5;

/// Share of neighbours in the list who live together, of those who live in one province.
pub(crate) const TOGETHER: f64 = 0.8;

/// Share of people whose first device is a phone.
pub(crate) const MOBILE: f64 = 0.86;

/// Share of orders that are never paid.
pub(crate) const UNPAID: f64 = 0.12;

/// Share of carts from which no order comes.
pub(crate) const ABANDONED: f64 = 0.6;

/// Share of received orders that are reviewed.
pub(crate) const REVIEWED: f64 = 0.3;

/// Share of paid orders about which their buyer asks something.
pub(crate) const ASKED: f64 = 0.1;

/// Share of paid orders about which their buyer complains.
pub(crate) const COMPLAINED: f64 = 0.006;

/// How much is bought on 18 June, compared with an ordinary day, in thousandths.
pub(crate) const PULL_618: u32 = 7000;

/// The same in the three weeks before the Spring Festival.
pub(crate) const PULL_BEFORE_FESTIVAL: u32 = 1800;

/// The same in the week of the Spring Festival.
pub(crate) const PULL_FESTIVAL: u32 = 280;

/// How the buying hours of a day compare, in thousandths, from midnight on.
pub(crate) const HOURS: [u32; 24] =
    [22, 10, 5, 3, 3, 5, 12, 24, 36, 50, 60, 54, 56, 58, 48, 44, 44, 46, 50, 62, 84, 98, 82, 44];

/// How the days of a week compare, in hundredths, from Monday on.
pub(crate) const WEEK: [u32; 7] = [96, 92, 94, 96, 98, 110, 114];

/// A province that likes one category more than others do.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Liking {
    /// The province.
    pub(crate) province: &'static str,
    /// The category.
    pub(crate) category: &'static str,
    /// How many times as often people there choose it, in hundredths.
    #[serde(skip)]
    pub(crate) percent: u32,
    /// Its share of their order lines is at least so many times that of all other provinces.
    pub(crate) times_at_least: f64,
}

/// Regional taste.
pub(crate) const LIKINGS: [Liking; 2] = [
    Liking {
        province: "广东", category: "美妆 > 清凉去火", percent: 320, times_at_least: 2.5
    },
    Liking {
        province: "北京", category: "美妆 > 保湿隔离", percent: 320, times_at_least: 2.5
    },
];
