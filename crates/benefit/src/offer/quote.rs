//! What a cart gets, as it is answered and kept.

use serde::{Deserialize, Serialize};

use super::cart::{Key, Why};
use super::miss::Miss;
use super::stack::Stage;
use super::terms::Part;

/// What a cart gets. Whatever comes back later is worked out of it, see [`super::refund`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// What is to be paid for each line.
    pub lines: Vec<Priced>,
    /// What is to be paid for postage.
    pub postage: Postage,
    /// The offers that apply, in their order.
    pub steps: Vec<Applied>,
    /// What points pay; none where they pay nothing.
    pub points: Option<Points>,
    /// What the goods cost without any offer, minor units.
    pub original_minor: i64,
    /// What offers take off the goods.
    pub off_minor: i64,
    /// What is to be paid in all, with postage and without what points pay.
    pub pay_minor: i64,
    /// What comes back as stored value.
    pub back_minor: i64,
    /// How good the combination is.
    pub proof: Proof,
    /// The offers that do nothing, each with the reason.
    pub unused: Vec<Unused>,
    /// What is just out of reach, the most for the least first.
    pub misses: Vec<Miss>,
}

/// A line with what is to be paid for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priced {
    /// The product's number.
    pub product: i64,
    /// Pieces.
    pub pieces: i64,
    /// What it costs without any offer.
    pub original_minor: i64,
    /// What offers take off.
    pub off_minor: i64,
    /// What points pay.
    pub points_minor: i64,
    /// What is to be paid.
    pub pay_minor: i64,
}

/// Postage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Postage {
    /// Without any offer.
    pub original_minor: i64,
    /// What offers take off.
    pub off_minor: i64,
    /// What is to be paid.
    pub pay_minor: i64,
}

/// An offer that applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Which.
    pub key: Key,
    /// When it is applied.
    pub stage: Stage,
    /// What was measured to tell whether it does.
    pub measured: Measured,
    /// The lines whose money changes by it.
    pub lines: Vec<Bearing>,
    /// What it takes off the goods in all.
    pub off_minor: i64,
    /// What it takes off the postage.
    pub postage_minor: i64,
    /// What comes back as stored value.
    pub back_minor: i64,
    /// What is given besides.
    pub gifts: Vec<Part>,
    /// What that is worth.
    pub worth_minor: i64,
}

/// What was measured of the goods that an offer is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Their lines, by place in the cart.
    pub lines: Vec<usize>,
    /// Their money.
    pub minor: i64,
    /// Their pieces.
    pub pieces: i64,
    /// The step that is reached, from 0; none for an offer without steps.
    pub step: Option<usize>,
    /// How often it applies.
    pub times: i64,
}

/// What an offer does to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bearing {
    /// The line's place in the cart.
    pub line: usize,
    /// What was to be paid before.
    pub before_minor: i64,
    /// What is taken off.
    pub off_minor: i64,
    /// What is to be paid after.
    pub after_minor: i64,
    /// What comes back as stored value.
    pub back_minor: i64,
}

/// What points pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Points {
    /// How many are spent.
    pub points: i64,
    /// What they pay.
    pub minor: i64,
    /// For which lines.
    pub lines: Vec<PointsOf>,
}

/// What points pay for a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsOf {
    /// The line's place in the cart.
    pub line: usize,
    /// How many.
    pub points: i64,
    /// What they pay.
    pub minor: i64,
}

/// How good a combination is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Whether none is better.
    pub exact: bool,
    /// What it is worth to the buyer: money off, gifts, and what comes back.
    pub value_minor: i64,
    /// What none exceeds.
    pub bound_minor: i64,
}

/// An offer that does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unused {
    /// Which.
    pub key: Key,
    /// Why.
    pub why: Why,
}

impl Applied {
    /// What it is worth to the buyer.
    #[must_use]
    pub fn value(&self) -> i64 {
        self.off_minor + self.postage_minor + self.back_minor + self.worth_minor
    }
}
