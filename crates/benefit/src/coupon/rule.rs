//! What a coupon says beside its name: what it gives, when, to how many, and what that can cost at
//! the most. Pure.

use std::fmt;

use base::{Date, Error, Result, Time, Zone};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ledger::AMOUNT_MAX;
use crate::offer::terms::{Terms as Offer, beneath};

/// Uses, and codes, of a coupon at the most.
pub const USES_MAX: i64 = 100_000_000;
/// Uses of one person that a limit may name.
pub const EACH_MAX: i64 = 10_000;
/// Days for which a code may be valid after it was received.
pub const VALID_DAYS_MAX: u16 = 3_660;
/// Hours for which it may be.
pub const VALID_HOURS_MAX: u16 = 24 * 366;
/// How "no limit" is written.
const UNLIMITED: &str = "unlimited";
/// Microseconds of an hour.
const HOUR_MICROS: i64 = 3_600_000_000;

/// A limit that must be named, if only as "unlimited".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum Most {
    /// 不限: as much as anybody wants.
    Unlimited,
    /// So much and no more.
    Of(i64),
}

impl Most {
    /// The limit; none where there is none.
    #[must_use]
    pub fn limit(self) -> Option<i64> {
        match self {
            Self::Unlimited => None,
            Self::Of(most) => Some(most),
        }
    }

    /// Whether so much is not too much.
    #[must_use]
    pub fn allows(self, sum: i64) -> bool {
        self.limit().is_none_or(|most| sum <= most)
    }
}

impl From<Most> for Value {
    fn from(most: Most) -> Self {
        most.limit().map_or_else(|| UNLIMITED.into(), Self::from)
    }
}

/// Why a limit is none.
#[derive(Debug)]
pub struct NoLimit;

impl fmt::Display for NoLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is a number or \"unlimited\"")
    }
}

impl TryFrom<Value> for Most {
    type Error = NoLimit;

    fn try_from(value: Value) -> Result<Self, NoLimit> {
        match (value.as_i64(), value.as_str()) {
            (Some(most), _) => Ok(Self::Of(most)),
            (None, Some(UNLIMITED)) => Ok(Self::Unlimited),
            _ => Err(NoLimit),
        }
    }
}

/// A stretch of the shop's own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A day.
    Day,
    /// A week, from Monday on.
    Week,
    /// A month.
    Month,
}

impl Period {
    /// The first day of the one in which a day is.
    #[must_use]
    pub fn first(self, day: Date) -> Date {
        let civil = day.civil();
        let before = match self {
            Self::Day => 0,
            Self::Week => civil.weekday().to_monday_zero_offset(),
            Self::Month => civil.day() - 1,
        };
        Date(day.0 - i32::from(before))
    }
}

/// What one person gets in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EachIn {
    /// How many.
    pub uses: i64,
    /// In how long.
    pub period: Period,
}

/// How many uses there are, and of how much money.
///
/// A use is taken once: by a code that somebody gets when they get it, by a code that many share
/// when it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// 发行量: uses in all.
    pub stock: Most,
    /// 预算: minor units that it takes off in all.
    pub budget: Most,
    /// 每人限: uses that one person gets.
    pub each: Most,
    /// What one person gets in a period.
    #[serde(default)]
    pub each_in: Option<EachIn>,
}

/// When a code is valid. It is the code's own, whatever it was handed out by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Validity {
    /// From one local day to another, both included.
    Between {
        /// The first.
        from: String,
        /// The last.
        to: String,
    },
    /// For so many local days after it was received, the last one to its end.
    Days {
        /// How many; 0 for the rest of the day.
        days: u16,
        /// Days after which it begins.
        #[serde(default)]
        after_days: u16,
    },
    /// For so many hours after it was received.
    Hours {
        /// How many.
        hours: u16,
    },
}

impl Validity {
    /// From when until when a code is valid that was received at a time, both included.
    ///
    /// # Errors
    /// `conflict` when what is received then would be over already.
    pub fn of(&self, zone: &Zone, at: Time) -> Result<(Time, Time)> {
        let today = zone.date(at);
        let later = |days: u16| Date(today.0.saturating_add(i32::from(days)));
        let (from, until) = match self {
            Self::Between { from, to } => {
                (zone.start_of(from.parse()?)?, zone.end_of(to.parse()?)?)
            }
            Self::Days { days, after_days: 0 } => (at, zone.end_of(later(*days))?),
            Self::Days { days, after_days } => {
                let last = later(after_days.saturating_add(*days));
                (zone.start_of(later(*after_days))?, zone.end_of(last)?)
            }
            Self::Hours { hours } => (at, at.plus(i64::from(*hours) * HOUR_MICROS)),
        };
        match until < at {
            true => Err(Error::conflict("its last day is over").field("coupon_id")),
            false => Ok((from, until)),
        }
    }

    fn check(&self) -> Result<()> {
        match self {
            Self::Between { from, to } => {
                let day = |text: &str, field: &str| {
                    text.parse::<Date>().map_err(|error| error.field(field.to_owned()))
                };
                let days = (day(from, "terms.validity.from")?, day(to, "terms.validity.to")?);
                if days.0 > days.1 {
                    return Err(Error::bad("is before the first day").field("terms.validity.to"));
                }
                Ok(())
            }
            Self::Days { days, after_days } => {
                if days.max(after_days) > &VALID_DAYS_MAX {
                    let text = format!("is at most {VALID_DAYS_MAX}");
                    return Err(Error::bad(text).field("terms.validity.days"));
                }
                Ok(())
            }
            Self::Hours { hours } => {
                if !(1..=VALID_HOURS_MAX).contains(hours) {
                    let text = format!("is 1 to {VALID_HOURS_MAX}");
                    return Err(Error::bad(text).field("terms.validity.hours"));
                }
                Ok(())
            }
        }
    }
}

fn yes() -> bool {
    true
}

/// What a coupon says beside its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// What it does, to what and for whom, at which hours, and beside what.
    pub offer: Offer,
    /// When a code is valid.
    pub validity: Validity,
    /// To how many.
    pub limits: Limits,
    /// Uses of one code that many share.
    pub uses_per_code: Most,
    /// Whether buyers may claim it by themselves.
    #[serde(default)]
    pub claimable: bool,
    /// Whether somebody else than who got a code may use it.
    #[serde(default)]
    pub transferable: bool,
    /// Whether a code whose use was rolled back as a whole may be used again.
    #[serde(default = "yes")]
    pub again: bool,
}

impl Terms {
    /// Refuses what makes no sense.
    ///
    /// # Errors
    /// `bad_input` that names the part.
    pub fn check(&self) -> Result<()> {
        self.offer.check().map_err(|error| beneath(error, "terms.offer"))?;
        self.validity.check()?;
        let Limits { stock, budget, each, each_in } = &self.limits;
        for (most, largest, field) in [
            (stock, USES_MAX, "limits.stock"),
            (budget, AMOUNT_MAX, "limits.budget"),
            (each, EACH_MAX, "limits.each"),
            (&self.uses_per_code, USES_MAX, "uses_per_code"),
        ] {
            if most.limit().is_some_and(|limit| !(1..=largest).contains(&limit)) {
                let text = format!("is 1 to {largest}, or \"unlimited\"");
                return Err(Error::bad(text).field(format!("terms.{field}")));
            }
        }
        match each_in {
            Some(own) if !(1..=EACH_MAX).contains(&own.uses) => {
                let text = format!("is 1 to {EACH_MAX}");
                Err(Error::bad(text).field("terms.limits.each_in.uses"))
            }
            _ => Ok(()),
        }
    }

    /// Whether one person gets so many only.
    #[must_use]
    pub fn counts_people(&self) -> bool {
        self.limits.each != Most::Unlimited || self.limits.each_in.is_some()
    }

    /// What it can cost the shop at the most.
    #[must_use]
    pub fn cost(&self) -> Cost {
        let (per_use, uses) = (self.offer.effect.most_minor(), self.limits.stock.limit());
        let product = per_use.zip(uses).map(|(each, uses)| each.saturating_mul(uses));
        let budget = self.limits.budget.limit();
        let total = match (product, budget) {
            (Some(product), Some(budget)) => Some(product.min(budget)),
            (product, budget) => product.or(budget),
        };
        Cost { per_use, uses, total }
    }
}

/// What something can cost at the most, in minor units; none where nothing limits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// One use.
    pub per_use: Option<i64>,
    /// How many uses there are.
    pub uses: Option<i64>,
    /// All of them, or the budget where that is less.
    pub total: Option<i64>,
}

impl Cost {
    /// Whether it can be more than so much.
    #[must_use]
    pub fn above(&self, limit: i64) -> bool {
        self.total.is_none_or(|total| total > limit)
    }
}
