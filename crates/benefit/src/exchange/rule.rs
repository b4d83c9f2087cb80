//! What a reward says, and whether somebody can have it. Pure.

use base::{Error, Result, Time};
use serde::{Deserialize, Serialize};

use super::Reward;
use crate::offer::terms::{LIST_MAX, MONEY_MAX, PIECES_MAX};
use crate::promotion::Limits;

/// Points that a reward costs at the most.
pub const POINTS_MAX: i64 = 1_000_000_000;
/// Hours for which a reward is held at the most until it is handed over.
pub const HOLD_HOURS_MAX: u16 = 24 * 90;

/// What is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Gives {
    /// Pieces of a product, which somebody hands over.
    Product {
        /// The product's number.
        product: i64,
        /// How many pieces.
        pieces: i64,
    },
    /// A code of a coupon, which is there at once.
    Coupon {
        /// The coupon's number.
        coupon: i64,
    },
}

/// What a reward gives, for what, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// What it gives.
    pub gives: Gives,
    /// Points.
    pub points: i64,
    /// 换购: money besides, minor units.
    #[serde(default)]
    pub cash_minor: i64,
    /// How many there are, and how many one person gets.
    pub limits: Limits,
    /// The levels of those who can have it, by number; everybody where none is named.
    #[serde(default)]
    pub tiers: Vec<i64>,
    /// Hours for which it is held until it is handed over.
    pub hold_hours: u16,
}

impl Terms {
    /// Refuses what will not do.
    ///
    /// # Errors
    /// `bad_input` that says which part.
    pub(super) fn check(&self) -> Result<()> {
        let within = |value: i64, least: i64, most: i64, field: &str| {
            let text = || format!("is {least} to {most}");
            match (least..=most).contains(&value) {
                true => Ok(()),
                false => Err(Error::bad(text()).field(field.to_owned())),
            }
        };
        within(self.points, 1, POINTS_MAX, "points")?;
        within(self.cash_minor, 0, MONEY_MAX, "cash_minor")?;
        within(i64::from(self.hold_hours), 1, i64::from(HOLD_HOURS_MAX), "hold_hours")?;
        if let Gives::Product { pieces, .. } = self.gives {
            within(pieces, 1, PIECES_MAX, "gives.pieces")?;
        }
        if self.tiers.len() > LIST_MAX {
            return Err(Error::bad(format!("has at most {LIST_MAX}")).field("tier_ids"));
        }
        let error = self.limits.check();
        error.map_err(|error| crate::offer::terms::beneath(error, "limits"))
    }
}

/// Why somebody cannot have a reward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It is switched off, has not begun or is over.
    Closed,
    /// It is for other levels.
    Tier,
    /// There are not so many left.
    Stock,
    /// They have had their share.
    Each,
}

impl Refused {
    /// What is told.
    #[must_use]
    pub fn error(self) -> Error {
        match self {
            Self::Closed => Error::conflict("this reward cannot be had now"),
            Self::Tier => Error::conflict("this reward is for other levels"),
            Self::Stock => Error::conflict("there are not so many left of this reward"),
            Self::Each => Error::conflict("one person gets no more of this reward"),
        }
    }
}

impl Reward {
    /// Whether it can be had at a time.
    #[must_use]
    pub fn is_open(&self, now: Time) -> bool {
        self.active && self.starts_at <= now && self.ends_at.is_none_or(|at| at > now)
    }

    /// Whether somebody of a level, who has had so many of it, can have some more.
    ///
    /// # Errors
    /// Why not.
    pub fn allows(
        &self,
        now: Time,
        (tier, had): (Option<i64>, i64),
        pieces: i64,
    ) -> std::result::Result<(), Refused> {
        let Terms { limits, tiers, .. } = &self.terms;
        if !self.is_open(now) {
            return Err(Refused::Closed);
        }
        if !tiers.is_empty() && tier.is_none_or(|tier| !tiers.contains(&tier)) {
            return Err(Refused::Tier);
        }
        if !limits.stock.allows(self.taken.saturating_add(pieces)) {
            return Err(Refused::Stock);
        }
        match limits.each.allows(had.saturating_add(pieces)) {
            true => Ok(()),
            false => Err(Refused::Each),
        }
    }
}
