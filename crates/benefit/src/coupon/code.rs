//! Codes, their uses and what coupons have given, as they are stored.

use base::Time;

use super::How;
use super::call::LineOff;

/// A code as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Its number within the shop.
    pub number: i64,
    /// The coupon.
    pub coupon: i64,
    /// By which of its terms.
    pub version: i64,
    /// What it was handed out with.
    pub batch: i64,
    /// How.
    pub how: How,
    /// Who has it, by a number that they go or went by; none for a code that nobody has.
    pub holder: Option<i64>,
    /// The local day on which it was handed out.
    pub day: i32,
    /// From when on it is valid.
    pub from: Time,
    /// Until when, included.
    pub until: Time,
    /// Uses at the most; none for a code that any number may use.
    pub uses_max: Option<i64>,
    /// Uses that have happened and were not rolled back.
    pub used: i64,
    /// Uses that are locked.
    pub open: i64,
    /// Whether the shop has withdrawn it.
    pub void: bool,
}

impl Code {
    /// Whether each use is taken from the stock when it happens.
    #[must_use]
    pub fn takes(&self) -> bool {
        self.how == How::Shared
    }
}

/// How a use stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Somebody has it until a time.
    Locked,
    /// It has happened.
    Redeemed,
    /// All of it was rolled back.
    Back,
    /// Nobody has it any more: it was let go of, or its time was over.
    Free,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Locked, Self::Redeemed, Self::Back, Self::Free];

    /// Its number in the database.
    #[must_use]
    pub fn code(self) -> i64 {
        match self {
            Self::Locked => 1,
            Self::Redeemed => 2,
            Self::Back => 3,
            Self::Free => 4,
        }
    }
}

/// A use of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Its number within the shop.
    pub number: i64,
    /// The code.
    pub code: i64,
    /// The coupon.
    pub coupon: i64,
    /// Who uses it, where that is known.
    pub customer: Option<i64>,
    /// Whether it was taken from the stock.
    pub takes: bool,
    /// The local day on which it began.
    pub day: i32,
    /// How it stands.
    pub stage: Stage,
    /// What it takes off in minor units; of a lock, the most that it will.
    pub amount: i64,
    /// What of that was rolled back.
    pub back: i64,
    /// What it takes off line by line, with what of that was rolled back.
    pub lines: Vec<(LineOff, i64)>,
    /// The order that it is for, by its number at the shop.
    pub order: String,
    /// When it began.
    pub at: Time,
    /// Until when it is locked.
    pub until: Option<Time>,
}

/// What a coupon has given so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Uses that were taken from the stock.
    pub taken: i64,
    /// Uses that are locked.
    pub open: i64,
    /// Uses that have happened and were not rolled back.
    pub used: i64,
    /// Minor units that were taken from the budget.
    pub spent: i64,
}

/// A coupon as calls see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    /// Its number.
    pub number: i64,
    /// The version of its terms that is in force; 0 before somebody approved one.
    pub in_force: i64,
    /// Whether it was ended.
    pub ended: bool,
    /// What it has given.
    pub count: Count,
}
