//! 隐私: kinds of events that a shop keeps to itself.
//!
//! What is private is kept, and conditions may ask for it; but nobody sees of whom it is, the owner
//! included: it is absent from SQL, timelines, the live tail, exports and the API.

#[cfg(test)]
mod tests;

use base::{Error, Result};
use serde::{Deserialize, Serialize};
use store::{Tx, setting};

/// The setting's name.
pub const SETTING: &str = "privacy";
/// Events that say what is in somebody's cart.
pub const CART_EVENTS: [&str; 5] = [
    "Product Added",
    "Wishlist Product Added to Cart",
    "Product Removed",
    "Cart Viewed",
    "Checkout Started",
];
/// Kinds of events at the most.
const EVENTS_MAX: usize = 200;
/// Characters of a kind's name at the most.
const NAME_CHARS_MAX: usize = 200;
/// People whom a figure of a private audience must at least be about.
const THRESHOLDS: std::ops::RangeInclusive<u32> = 10..=1_000;

/// What a shop keeps to itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// The private kinds of events, by name, in ascending order.
    pub events: Vec<String>,
    /// The least number of people that a figure of a private audience is shown of.
    pub threshold: u32,
}

impl Default for Privacy {
    fn default() -> Self {
        let mut events = CART_EVENTS.map(str::to_owned).to_vec();
        events.sort_unstable();
        Self { events, threshold: 20 }
    }
}

impl Privacy {
    /// Nothing is private.
    #[must_use]
    pub fn open() -> Self {
        Self { events: Vec::new(), ..Self::default() }
    }

    /// Whether a kind of events is private.
    #[must_use]
    pub fn hides(&self, event: &str) -> bool {
        self.events.iter().any(|own| own == event)
    }

    /// Whether what lies in somebody's open cart is private.
    #[must_use]
    pub fn hides_carts(&self) -> bool {
        hides_carts(&self.events)
    }

    /// The same in order, each kind once.
    ///
    /// # Errors
    /// `bad_input` that says what will not do.
    pub fn checked(mut self) -> Result<Self> {
        self.events.iter_mut().for_each(|name| *name = name.trim().to_owned());
        self.events.sort_unstable();
        self.events.dedup();
        if self.events.len() > EVENTS_MAX {
            return Err(Error::bad(format!("has at most {EVENTS_MAX} kinds")).field("events"));
        }
        let fits = |name: &String| (1..=NAME_CHARS_MAX).contains(&name.chars().count());
        if !self.events.iter().all(fits) {
            let text = format!("each kind needs 1 to {NAME_CHARS_MAX} characters");
            return Err(Error::bad(text).field("events"));
        }
        if !THRESHOLDS.contains(&self.threshold) {
            let text = format!("is {} to {}", THRESHOLDS.start(), THRESHOLDS.end());
            return Err(Error::bad(text).field("threshold"));
        }
        Ok(self)
    }
}

/// Whether carts are private where these kinds of events are.
#[must_use]
pub fn hides_carts(hidden: &[String]) -> bool {
    hidden.iter().any(|kind| CART_EVENTS.contains(&kind.as_str()))
}

/// What the shop keeps to itself.
///
/// # Errors
/// `damaged` when the stored setting cannot be read.
pub async fn get(tx: &mut Tx) -> Result<Privacy> {
    setting::get(tx, SETTING).await
}
