//! What an offer says: what it does, to which goods, for whom, when, and beside what. Coupons and
//! promotions say it in the same words. Pure.

use base::{Error, Result};
use jiff::civil;
use serde::{Deserialize, Serialize};

use super::effect::few;
pub use super::effect::{
    Amount, Effect, Gifts, Limit, MONEY_MAX, PARTS_MAX, PIECES_MAX, Part, STEPS_MAX, Share, Step,
    Threshold, WHOLE,
};

/// Names or numbers of a list within an offer at the most.
pub const LIST_MAX: usize = 1_000;
/// Characters of a name within an offer at the most.
pub const NAME_CHARS_MAX: usize = 100;
/// Spans of a day at the most.
pub const SPANS_MAX: usize = 10;
/// Minutes of a day.
pub const DAY_MINUTES: u16 = 1_440;
/// The last place in the order in which offers of a kind are applied.
pub const PLACE_MAX: i64 = 10_000;

/// What an offer says beside its name and how long it is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// What it does.
    pub effect: Effect,
    /// To what, and for whom.
    pub scope: Scope,
    /// At which hours.
    #[serde(default)]
    pub hours: Hours,
    /// Beside what.
    #[serde(default)]
    pub stack: Stack,
}

/// Which goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Goods {
    /// 全店: all.
    All {},
    /// These.
    Only {
        /// The goods that are meant.
        of: Named,
    },
    /// All but these.
    Except {
        /// The goods that are not meant.
        of: Named,
    },
}

/// Goods by what they are; one that fits any of the lists is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Named {
    /// Those of these categories.
    pub categories: Vec<String>,
    /// Those of these brands.
    pub brands: Vec<String>,
    /// These products, by number.
    pub products: Vec<i64>,
}

/// To what an offer applies, and for whom. An empty list means everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// The goods.
    pub goods: Goods,
    /// 仅限正价: only goods that cost what they are listed at.
    #[serde(default)]
    pub full_price_only: bool,
    /// The channels of the order.
    #[serde(default)]
    pub channels: Vec<String>,
    /// The stores of the order, for one that is made in a store.
    #[serde(default)]
    pub stores: Vec<String>,
    /// The levels of the buyer, by number.
    #[serde(default)]
    pub tiers: Vec<i64>,
    /// The segments of the buyer, by number: they are in one of them.
    #[serde(default)]
    pub segments: Vec<i64>,
    /// 首单: only for the buyer's first order.
    #[serde(default)]
    pub first_order: bool,
}

/// At which local hours something holds; an empty list means always.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hours {
    /// On these days of each week: 1 for Monday to 7 for Sunday.
    pub weekdays: Vec<i8>,
    /// On these days of each month: 1 to 31; the last day stands for those that a short month has
    /// not.
    pub month_days: Vec<i8>,
    /// In these spans of a day.
    pub spans: Vec<Span>,
}

/// A span of a day, in minutes since midnight. One that ends before it begins, or when it does,
/// goes on over midnight, and belongs to the day on which it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The first minute, 0 to 1439.
    pub from_minute: u16,
    /// The minute before which it ends, 1 to 1440.
    pub to_minute: u16,
}

/// Beside what an offer applies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stack {
    /// 互斥组: of the offers of a group, whatever their kind, one applies.
    pub group: Option<String>,
    /// 不与任何优惠同享: it applies beside no other offer.
    pub alone: bool,
    /// Its place among offers of its stage: the lower, the earlier; 0 to [`PLACE_MAX`]. Of the same
    /// place the one for fewer lines of the cart is the earlier.
    pub place: i64,
}

impl Terms {
    /// 会员价: so many thousandths off the price of every piece.
    #[must_use]
    pub fn member_price(share: u32) -> Self {
        Self {
            effect: Effect::PiecePercentOff { share, pieces: Limit::Unlimited {} },
            scope: Scope::all(),
            hours: Hours::default(),
            stack: Stack::default(),
        }
    }

    /// 会员包邮: no postage.
    #[must_use]
    pub fn member_shipping() -> Self {
        let effect =
            Effect::FreeShipping { from: Threshold::Nothing {}, most: Limit::Unlimited {} };
        Self { effect, ..Self::member_price(0) }
    }

    /// Refuses what will not do.
    ///
    /// # Errors
    /// `bad_input` that says which part.
    pub fn check(&self) -> Result<()> {
        self.effect.check().map_err(|error| beneath(error, "effect"))?;
        self.scope.check().map_err(|error| beneath(error, "scope"))?;
        self.hours.check().map_err(|error| beneath(error, "hours"))?;
        self.stack.check().map_err(|error| beneath(error, "stack"))
    }
}

/// The same with its field told as it stands in what holds it.
#[must_use]
pub fn beneath(error: Error, outer: &str) -> Error {
    let field = match error.field.as_deref() {
        Some(inner) => format!("{outer}.{inner}"),
        None => outer.to_owned(),
    };
    error.field(field)
}

impl Named {
    /// Whether a product is meant.
    #[must_use]
    pub fn holds(&self, product: i64, category: Option<&str>, brand: Option<&str>) -> bool {
        let named = |names: &[String], own: Option<&str>| {
            own.is_some_and(|own| names.iter().any(|name| name == own))
        };
        self.products.contains(&product)
            || named(&self.categories, category)
            || named(&self.brands, brand)
    }

    fn check(&self, field: &str) -> Result<()> {
        let Self { categories, brands, products } = self;
        let longest = categories.len().max(brands.len()).max(products.len());
        few(longest, LIST_MAX, field)?;
        names(categories, &format!("{field}.categories"))?;
        names(brands, &format!("{field}.brands"))
    }
}

impl Goods {
    /// Whether a product is meant.
    #[must_use]
    pub fn holds(&self, product: i64, category: Option<&str>, brand: Option<&str>) -> bool {
        match self {
            Self::All {} => true,
            Self::Only { of } => of.holds(product, category, brand),
            Self::Except { of } => !of.holds(product, category, brand),
        }
    }
}

impl Scope {
    /// The whole shop, for everybody.
    #[must_use]
    pub fn all() -> Self {
        Self {
            goods: Goods::All {},
            full_price_only: false,
            channels: Vec::new(),
            stores: Vec::new(),
            tiers: Vec::new(),
            segments: Vec::new(),
            first_order: false,
        }
    }

    /// Refuses what will not do.
    ///
    /// # Errors
    /// `bad_input` that says which part.
    pub fn check(&self) -> Result<()> {
        match &self.goods {
            Goods::All {} => {}
            Goods::Only { of } | Goods::Except { of } => of.check("goods.of")?,
        }
        names(&self.channels, "channels")?;
        names(&self.stores, "stores")?;
        for (list, field) in [(&self.tiers, "tiers"), (&self.segments, "segments")] {
            if list.len() > LIST_MAX {
                return Err(Error::bad(format!("has at most {LIST_MAX}")).field(field));
            }
        }
        Ok(())
    }
}

impl Hours {
    /// Whether a local time is within.
    #[must_use]
    pub fn hold(&self, at: civil::DateTime) -> bool {
        let minute = minutes(at.time());
        let on = |day: civil::Date| {
            let of_week = day.weekday().to_monday_one_offset();
            let last = day.days_in_month();
            let of_month = |own: &i8| *own == day.day() || day.day() == last && *own > last;
            (self.weekdays.is_empty() || self.weekdays.contains(&of_week))
                && (self.month_days.is_empty() || self.month_days.iter().any(of_month))
        };
        let today = on(at.date());
        if self.spans.is_empty() {
            return today;
        }
        let yesterday = at.date().yesterday().is_ok_and(on);
        self.spans.iter().any(|span| match span.from_minute < span.to_minute {
            true => today && (span.from_minute..span.to_minute).contains(&minute),
            false => today && minute >= span.from_minute || yesterday && minute < span.to_minute,
        })
    }

    /// Refuses what will not do.
    ///
    /// # Errors
    /// `bad_input` that says which part.
    pub fn check(&self) -> Result<()> {
        let out = |days: &[i8], last: i8| days.iter().any(|day| !(1..=last).contains(day));
        if out(&self.weekdays, 7) {
            return Err(Error::bad("are 1 for Monday to 7").field("weekdays"));
        }
        if out(&self.month_days, 31) {
            return Err(Error::bad("are 1 to 31").field("month_days"));
        }
        if self.spans.len() > SPANS_MAX {
            return Err(Error::bad(format!("has at most {SPANS_MAX}")).field("spans"));
        }
        for (place, span) in self.spans.iter().enumerate() {
            if span.from_minute >= DAY_MINUTES {
                let text = format!("is 0 to {}", DAY_MINUTES - 1);
                return Err(Error::bad(text).field(format!("spans[{place}].from_minute")));
            }
            if !(1..=DAY_MINUTES).contains(&span.to_minute) {
                let text = format!("is 1 to {DAY_MINUTES}");
                return Err(Error::bad(text).field(format!("spans[{place}].to_minute")));
            }
        }
        Ok(())
    }
}

fn minutes(time: civil::Time) -> u16 {
    let of = |part: i8| u16::try_from(part).unwrap_or(0);
    of(time.hour()) * 60 + of(time.minute())
}

impl Stack {
    /// Refuses what will not do.
    ///
    /// # Errors
    /// `bad_input` that says which part.
    pub fn check(&self) -> Result<()> {
        if let Some(group) = &self.group {
            name(group, "group")?;
        }
        if self.alone && self.group.is_some() {
            return Err(Error::bad("goes without a group")
                .field("alone")
                .hint("what applies beside nothing needs no group"));
        }
        match (0..=PLACE_MAX).contains(&self.place) {
            true => Ok(()),
            false => Err(Error::bad(format!("is 0 to {PLACE_MAX}")).field("place")),
        }
    }
}

fn name(own: &str, field: &str) -> Result<()> {
    match (1..=NAME_CHARS_MAX).contains(&own.trim().chars().count()) {
        true => Ok(()),
        false => Err(Error::bad(format!("needs 1 to {NAME_CHARS_MAX} characters")).field(field)),
    }
}

fn names(list: &[String], field: &str) -> Result<()> {
    if list.len() > LIST_MAX {
        return Err(Error::bad(format!("has at most {LIST_MAX}")).field(field));
    }
    let wrong = list
        .iter()
        .enumerate()
        .find_map(|(place, own)| name(own, &format!("{field}[{place}]")).err());
    wrong.map_or(Ok(()), Err)
}
