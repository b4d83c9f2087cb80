//! What a rule gives for something: its parts, and how much. Pure.

use base::{Date, Error, Result};
use jiff::civil;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ledger::AMOUNT_MAX;

/// What a multiplier of 1 is written as.
pub const ONCE: u32 = 1_000;
/// The largest multiplier, and the largest product of several: a hundred times.
pub const TIMES_MAX: u32 = 100 * ONCE;
/// Multipliers of a rule at the most.
pub const BOOSTS_MAX: usize = 20;
/// Names or numbers of a list within a rule at the most.
pub const LIST_MAX: usize = 1_000;
/// Days that something earned is expected before it is there at the most.
pub const WAIT_DAYS_MAX: u16 = 366;
/// Days in a row that a streak may ask for.
pub const STREAK_DAYS_MAX: u16 = 366;
/// Characters of a name, and of an event's.
pub const NAME_CHARS_MAX: usize = 100;

/// When a rule gives something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Trigger {
    /// 付款: an order is paid.
    OrderPaid,
    /// 确认收货: an order is received.
    OrderReceived,
    /// 评价: a product is reviewed.
    Review,
    /// Something happens, by the event's name.
    Event {
        /// The event.
        event: String,
    },
    /// 连续签到: something happens on so many days in a row; then again after as many more.
    Streak {
        /// The event.
        event: String,
        /// The days.
        days: u16,
    },
    /// 生日: it is their birthday, once a year.
    Birthday,
    /// 完善资料: phone, birthday and gender are known, once.
    Profile,
    /// Somebody is in a segment, once.
    Segment {
        /// The segment's number.
        segment: i64,
    },
}

impl Trigger {
    /// Whether it is about an order.
    #[must_use]
    pub fn of_order(&self) -> bool {
        matches!(self, Self::OrderPaid | Self::OrderReceived)
    }

    /// The event that it is about.
    #[must_use]
    pub fn event(&self) -> Option<&str> {
        match self {
            Self::Review => Some("Product Reviewed"),
            Self::Event { event } | Self::Streak { event, .. } => Some(event),
            _ => None,
        }
    }
}

/// How much a rule gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Formula {
    /// So much for each so many minor units of money.
    PerMoney {
        /// How much.
        amount: i64,
        /// For how many minor units.
        per_minor: i64,
    },
    /// So much for each piece.
    PerItem {
        /// How much.
        amount: i64,
    },
    /// So much.
    Fixed {
        /// How much.
        amount: i64,
    },
}

/// Which lines of an order count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// Those of these categories.
    pub categories: Vec<String>,
    /// Those of these brands.
    pub brands: Vec<String>,
    /// Those of these products, by number.
    pub products: Vec<i64>,
    /// All others instead.
    pub except: bool,
}

/// When a multiplier counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum When {
    /// The customer has one of these levels.
    Tier {
        /// Their numbers.
        tiers: Vec<i64>,
    },
    /// 会员日: on these days of each month.
    MonthDay {
        /// 1 to 31.
        days: Vec<i8>,
    },
    /// On these days of each week.
    Weekday {
        /// 1 for Monday to 7 for Sunday.
        days: Vec<i8>,
    },
    /// From one local day to another, both included.
    Window {
        /// The first.
        #[serde(with = "day")]
        from: Date,
        /// The last.
        #[serde(with = "day")]
        to: Date,
    },
    /// For lines of these categories.
    Category {
        /// Their names.
        categories: Vec<String>,
    },
}

/// A multiplier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boost {
    /// When it counts.
    pub when: When,
    /// How many times, in thousandths.
    pub times: u32,
}

/// What one customer gets by a rule at the most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Caps {
    /// At once.
    pub at_once: Option<i64>,
    /// In a local day.
    pub a_day: Option<i64>,
    /// In a local month.
    pub a_month: Option<i64>,
}

/// What a rule says beside its name and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// When it gives something.
    pub trigger: Trigger,
    /// To whom: conditions on customers.
    #[serde(default)]
    pub condition: Option<Value>,
    /// How much.
    pub formula: Formula,
    /// Which lines of an order count.
    #[serde(default)]
    pub scope: Scope,
    /// Multipliers; those that count at the same time multiply each other.
    #[serde(default)]
    pub boosts: Vec<Boost>,
    /// The most that one customer gets.
    #[serde(default)]
    pub caps: Caps,
    /// Days that it is expected before it is there: while goods can still come back.
    #[serde(default)]
    pub wait_days: u16,
    /// The first local day.
    #[serde(with = "day")]
    pub from: Date,
    /// The last local day; none for as long as it is active.
    #[serde(default, with = "last_day")]
    pub to: Option<Date>,
}

/// A day as text.
mod day {
    use base::Date;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(day: &Date, to: S) -> Result<S::Ok, S::Error> {
        day.to_string().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| D::Error::custom(format!("{text:?} is no day such as 2026-11-11")))
    }
}

/// A day as text, or none.
mod last_day {
    use base::Date;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
    pub(super) fn serialize<S: Serializer>(day: &Option<Date>, to: S) -> Result<S::Ok, S::Error> {
        day.map(|day| day.to_string()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Date>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let day = text
            .parse()
            .map_err(|_| D::Error::custom(format!("{text:?} is no day such as 2026-11-11")))?;
        Ok(Some(day))
    }
}

/// A line of an order as far as money was received for it and not given back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The product's number.
    pub product: i64,
    /// Its category.
    pub category: Option<String>,
    /// Its brand.
    pub brand: Option<String>,
    /// Pieces that stay.
    pub pieces: i64,
    /// Money that stays, minor units.
    pub money: i64,
}

/// What is known of a moment and a customer when a multiplier is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    /// The local day.
    pub day: Date,
    /// The customer's level.
    pub tier: Option<i64>,
}

fn within(amount: i64, field: &str) -> Result<()> {
    match (1..=AMOUNT_MAX).contains(&amount) {
        true => Ok(()),
        false => Err(Error::bad(format!("is 1 to {AMOUNT_MAX}")).field(field)),
    }
}

fn few(count: usize, field: &str) -> Result<()> {
    match (1..=LIST_MAX).contains(&count) {
        true => Ok(()),
        false => Err(Error::bad(format!("needs 1 to {LIST_MAX}")).field(field)),
    }
}

impl Terms {
    /// Refuses what will not do; its conditions are read elsewhere.
    ///
    /// # Errors
    /// `bad_input` that says which part.
    pub fn check(&self) -> Result<()> {
        if let Some(event) = self.trigger.event()
            && (event.is_empty() || event.chars().count() > NAME_CHARS_MAX)
        {
            let text = format!("needs 1 to {NAME_CHARS_MAX} characters");
            return Err(Error::bad(text).field("trigger.event"));
        }
        if let Trigger::Streak { days, .. } = self.trigger
            && !(2..=STREAK_DAYS_MAX).contains(&days)
        {
            let text = format!("is 2 to {STREAK_DAYS_MAX}");
            return Err(Error::bad(text).field("trigger.days"));
        }
        match self.formula {
            Formula::Fixed { amount } | Formula::PerItem { amount } => {
                within(amount, "formula.amount")?;
            }
            Formula::PerMoney { amount, per_minor } => {
                within(amount, "formula.amount")?;
                within(per_minor, "formula.per_minor")?;
            }
        }
        if !self.trigger.of_order() && !matches!(self.formula, Formula::Fixed { .. }) {
            return Err(Error::bad("goes with orders only")
                .field("formula.kind")
                .hint("anything else gives a fixed amount"));
        }
        if !self.trigger.of_order() && self.scope != Scope::default() {
            return Err(Error::bad("goes with orders only").field("scope"));
        }
        let Scope { categories, brands, products, .. } = &self.scope;
        if categories.len().max(brands.len()).max(products.len()) > LIST_MAX {
            return Err(Error::bad(format!("has at most {LIST_MAX} of each")).field("scope"));
        }
        self.check_boosts()?;
        let Caps { at_once, a_day, a_month } = self.caps;
        for (cap, field) in [(at_once, "at_once"), (a_day, "a_day"), (a_month, "a_month")] {
            cap.map_or(Ok(()), |cap| within(cap, &format!("caps.{field}")))?;
        }
        if self.wait_days > WAIT_DAYS_MAX {
            return Err(Error::bad(format!("is at most {WAIT_DAYS_MAX}")).field("wait_days"));
        }
        if self.to.is_some_and(|to| to < self.from) {
            return Err(Error::bad("is before the first day").field("to"));
        }
        Ok(())
    }

    fn check_boosts(&self) -> Result<()> {
        if self.boosts.len() > BOOSTS_MAX {
            return Err(Error::bad(format!("has at most {BOOSTS_MAX}")).field("boosts"));
        }
        for (place, Boost { when, times }) in self.boosts.iter().enumerate() {
            let at = |part: &str| format!("boosts[{place}].{part}");
            if !(1..=TIMES_MAX).contains(times) {
                let text = format!("is 1 to {TIMES_MAX} thousandths");
                return Err(Error::bad(text).field(at("times")));
            }
            let out = |days: &[i8], last: i8| days.iter().any(|day| !(1..=last).contains(day));
            match when {
                When::Tier { tiers } => few(tiers.len(), &at("when.tiers"))?,
                When::Category { categories } => few(categories.len(), &at("when.categories"))?,
                When::MonthDay { days } if days.is_empty() || out(days, 31) => {
                    return Err(Error::bad("are 1 to 31").field(at("when.days")));
                }
                When::Weekday { days } if days.is_empty() || out(days, 7) => {
                    return Err(Error::bad("are 1 for Monday to 7").field(at("when.days")));
                }
                When::Window { from, to } if to < from => {
                    return Err(Error::bad("is before the first day").field(at("when.to")));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether something that happens on a day is meant.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    /// By how much what a customer gets is multiplied, in thousandths; what goes by lines aside.
    #[must_use]
    pub fn times(&self, of: Circumstances) -> u32 {
        let own = self.boosts.iter().filter(|boost| boost.when.holds(of));
        product(own.map(|boost| boost.times))
    }

    fn counts(&self, line: &Line) -> bool {
        let Scope { categories, brands, products, except } = &self.scope;
        if categories.is_empty() && brands.is_empty() && products.is_empty() {
            return true;
        }
        let named = |names: &[String], name: &Option<String>| {
            name.as_ref().is_some_and(|name| names.contains(name))
        };
        let found = named(categories, &line.category)
            || named(brands, &line.brand)
            || products.contains(&line.product);
        found != *except
    }

    /// By how much a line counts, in thousandths.
    fn weight(&self, line: &Line) -> i128 {
        let of = |boost: &&Boost| match (&boost.when, &line.category) {
            (When::Category { categories }, Some(name)) => categories.contains(name),
            _ => false,
        };
        let own = self.boosts.iter().filter(of);
        i128::from(product(own.map(|boost| boost.times)))
    }

    /// How much lines are worth, multiplied by `times` thousandths, rounded down; at most what one
    /// customer gets at once.
    #[must_use]
    pub fn amount(&self, lines: &[Line], times: u32) -> i64 {
        let own = lines.iter().filter(|line| self.counts(line));
        let sum = |of: fn(&Line) -> i64| -> i128 {
            own.clone().map(|line| i128::from(of(line)) * self.weight(line)).sum()
        };
        let (once, times) = (i128::from(ONCE), i128::from(times));
        let amount = match self.formula {
            Formula::PerMoney { amount, per_minor } => {
                let all = sum(|line| line.money).max(0) * i128::from(amount) * times;
                all / (i128::from(per_minor) * once * once)
            }
            Formula::PerItem { amount } => {
                sum(|line| line.pieces).max(0) * i128::from(amount) * times / (once * once)
            }
            Formula::Fixed { amount } if own.clone().any(|line| line.money > 0) => {
                i128::from(amount) * times / once
            }
            Formula::Fixed { .. } => 0,
        };
        self.capped(i64::try_from(amount).unwrap_or(AMOUNT_MAX))
    }

    /// How much something that is no order is worth.
    #[must_use]
    pub fn fixed(&self, times: u32) -> i64 {
        match self.formula {
            Formula::Fixed { amount } => {
                let all = i128::from(amount) * i128::from(times) / i128::from(ONCE);
                self.capped(i64::try_from(all).unwrap_or(AMOUNT_MAX))
            }
            _ => 0,
        }
    }

    fn capped(&self, amount: i64) -> i64 {
        amount.min(self.caps.at_once.unwrap_or(AMOUNT_MAX)).min(AMOUNT_MAX)
    }
}

impl When {
    fn holds(&self, Circumstances { day, tier }: Circumstances) -> bool {
        let civil = day.civil();
        match self {
            Self::Tier { tiers } => tier.is_some_and(|own| tiers.contains(&own)),
            Self::MonthDay { days } => on(days, civil),
            Self::Weekday { days } => days.contains(&civil.weekday().to_monday_one_offset()),
            Self::Window { from, to } => *from <= day && day <= *to,
            Self::Category { .. } => false,
        }
    }
}

/// Whether a day is one of some days of a month: the last day stands for those that a short month
/// has not.
fn on(days: &[i8], day: civil::Date) -> bool {
    let last = day.days_in_month();
    days.iter().any(|own| *own == day.day() || day.day() == last && *own > last)
}

/// Several multipliers as one, in thousandths, a hundred times at the most.
pub(super) fn product(times: impl Iterator<Item = u32>) -> u32 {
    let all = times.fold(u64::from(ONCE), |all, own| {
        (all * u64::from(own) / u64::from(ONCE)).min(u64::from(TIMES_MAX))
    });
    u32::try_from(all).unwrap_or(TIMES_MAX)
}
