//! What deeds say of a liking, and whether a liking is one of a region.

use std::collections::BTreeMap;

use base::Time;
use serde::Serialize;

/// Days after which a deed says half as much.
pub const HALF_LIFE_DAYS: f64 = 90.0;
/// Microseconds in a day.
const DAY: f64 = 86_400e6;
/// Buyers of a region that its likings are told of at the least.
pub const BUYERS_MIN: i64 = 30;
/// The quantile of the normal distribution whose interval holds 99.9 % of it: some thousand pairs
/// of region and category are looked at, and hardly any may be there by chance.
const QUANTILE: f64 = 3.29;

/// Something that says what somebody likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// A line of a paid order.
    Bought,
    /// Put into the cart or among the favourites, or reviewed.
    Picked,
    /// Looked at.
    Looked,
}

impl Deed {
    /// What an event is; the lines of orders stand for themselves.
    #[must_use]
    pub fn of_event(event: &str) -> Option<Self> {
        Some(match event {
            "Product Viewed" | "Product Clicked" => Self::Looked,
            "Product Added" | "Product Added to Wishlist" | "Product Reviewed" => Self::Picked,
            _ => return None,
        })
    }

    fn weight(self) -> f64 {
        match self {
            Self::Bought => 5.0,
            Self::Picked => 3.0,
            Self::Looked => 1.0,
        }
    }
}

/// A value that somebody likes, and what says so.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Liking {
    /// The value.
    pub value: String,
    /// Its share of all that was done, from 0 to 1: each deed weighs by its kind, and half as much
    /// with every [`HALF_LIFE_DAYS`] that have passed.
    pub share: f64,
    /// Lines of paid orders.
    pub bought: i64,
    /// Other deeds.
    pub looked: i64,
    /// The last of all.
    #[serde(serialize_with = "as_text")]
    pub last_at: Time,
}

fn as_text<S: serde::Serializer>(at: &Time, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(at)
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    weight: f64,
    bought: i64,
    looked: i64,
    last: i64,
}

/// Deeds by value.
#[derive(Debug, Clone, Default)]
pub struct Tally(BTreeMap<String, Sum>);

impl Tally {
    /// Adds what was done with a value; a time that is yet to come counts as now.
    pub fn add(&mut self, value: &str, deed: Deed, (at, now): (Time, Time)) {
        let sum = match self.0.get_mut(value) {
            Some(sum) => sum,
            None => self.0.entry(value.to_owned()).or_default(),
        };
        #[expect(clippy::cast_precision_loss, reason = "a weight is not exact")]
        let days = now.micros().saturating_sub(at.micros()).max(0) as f64 / DAY;
        sum.weight += deed.weight() * (-days / HALF_LIFE_DAYS).exp2();
        match deed {
            Deed::Bought => sum.bought += 1,
            Deed::Picked | Deed::Looked => sum.looked += 1,
        }
        sum.last = sum.last.max(at.micros());
    }

    /// The values, the most liked first, at most so many.
    #[must_use]
    pub fn ranked(self, most: usize) -> Vec<Liking> {
        let all: f64 = self.0.values().map(|sum| sum.weight).sum();
        let mut sums: Vec<(String, Sum)> = self.0.into_iter().collect();
        sums.sort_by(|(_, a), (_, b)| b.weight.total_cmp(&a.weight));
        let share = |weight: f64| if all > 0.0 { weight / all } else { 0.0 };
        let liking = |(value, sum): (String, Sum)| Liking {
            value,
            share: share(sum.weight),
            bought: sum.bought,
            looked: sum.looked,
            last_at: Time::from_micros(sum.last),
        };
        sums.into_iter().take(most).map(liking).collect()
    }
}

/// Halvings by which the end of an interval is found: beyond what a number of 64 bits tells apart.
const HALVINGS: usize = 60;

/// How many times as large a share is as another one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Times {
    /// By what was seen; none where the other share is one of nobody.
    pub times: Option<f64>,
    /// At the least: the lower end of the interval in which it lies with 99.9 %.
    pub least: f64,
}

/// How many times as large the share of people `here` is as that `elsewhere`, each as those of whom
/// something is true and all; none where nobody is here or elsewhere, or it is true of nobody here.
/// The interval is that of the score method (Koopman, Biometrics 40, 1984), which holds for a share
/// of nobody elsewhere, too.
#[must_use]
pub fn times(here: (i64, i64), elsewhere: (i64, i64)) -> Option<Times> {
    if here.0 < 1 || elsewhere.0 < 0 || here.1 < here.0 || elsewhere.1 < elsewhere.0.max(1) {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a share is not exact")]
    let part = |(some, all): (i64, i64)| (some as f64, all as f64);
    let (here, elsewhere) = (part(here), part(elsewhere));
    let times = (elsewhere.0 > 0.0).then(|| (here.0 / here.1) / (elsewhere.0 / elsewhere.1));
    let (mut low, mut high) = (0.0, times.unwrap_or(here.0 / here.1 * (elsewhere.1 + 1.0)));
    while times.is_none() && score(here, elsewhere, high) > QUANTILE {
        high *= 2.0;
    }
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if score(here, elsewhere, middle) > QUANTILE { low = middle } else { high = middle }
    }
    Some(Times { times, least: low })
}

/// By how many standard deviations two shares differ from being `ratio` to one.
fn score((a, n): (f64, f64), (b, m): (f64, f64), ratio: f64) -> f64 {
    // The shares that are most likely to give these counts when the one is `ratio` times the other.
    let (square, linear) = ((n + m) * ratio, n * ratio + a + m + b * ratio);
    let root = (linear * linear - 4.0 * square * (a + b)).max(0.0).sqrt();
    let other = if square > 0.0 { (linear - root) / (2.0 * square) } else { (a + b) / linear };
    let own = (other * ratio).min(1.0);
    let variance = own * (1.0 - own) / n + ratio * ratio * other * (1.0 - other) / m;
    let apart = a / n - ratio * b / m;
    if variance > 0.0 { apart / variance.sqrt() } else { apart.signum() * f64::MAX }
}
