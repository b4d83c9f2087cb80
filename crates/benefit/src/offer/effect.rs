//! What an offer does to a cart, in the words of a shop. Pure.
//!
//! Nothing here has a default that costs money: a threshold that is none (无门槛) and a limit that is
//! none (不限) are said in so many words.

use base::{Error, Result};
use serde::{Deserialize, Serialize};

/// The whole, in thousandths.
pub const WHOLE: u32 = 1_000;
/// The most money that an offer names, in minor units.
pub const MONEY_MAX: i64 = 1_000_000_000_000;
/// The most pieces, and the most times, that an offer names.
pub const PIECES_MAX: i64 = 10_000;
/// Steps of an offer at the most.
pub const STEPS_MAX: usize = 10;
/// Products of a set, of a gift or of an exchange at the most.
pub const PARTS_MAX: usize = 20;

/// From what on something holds: measured on the goods that the offer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Threshold {
    /// 无门槛: from one piece on.
    #[serde(rename = "none")]
    Nothing {},
    /// 满 so much money.
    Money {
        /// Minor units.
        minor: i64,
    },
    /// 满 so many pieces.
    Pieces {
        /// How many.
        pieces: i64,
    },
}

/// How much, or how often, something is done at the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Limit {
    /// 不限.
    Unlimited {},
    /// So much: minor units, times or pieces, by what it limits.
    AtMost {
        /// How much.
        most: i64,
    },
}

/// A step: what holds from a threshold on, until the next step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step<T> {
    /// From what on.
    pub from: Threshold,
    /// What it gives.
    pub gives: T,
}

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// Minor units.
    pub minor: i64,
}

/// A share of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Thousandths: 200 for 8 折.
    pub share: u32,
}

/// Pieces of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The product's number.
    pub product: i64,
    /// How many pieces.
    pub pieces: i64,
}

/// Products that are given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gifts {
    /// Each with its pieces.
    pub gifts: Vec<Part>,
}

/// What an offer does. Goods are those of its scope; money is counted in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// 满减, 阶梯满减: an amount off, by the highest step that is reached.
    AmountOff {
        /// The steps, the lowest first.
        steps: Vec<Step<Amount>>,
    },
    /// 每满减: an amount off for each time that the threshold is met.
    AmountOffEach {
        /// The threshold; not none.
        each: Threshold,
        /// How much off each time.
        off_minor: i64,
        /// How often at the most.
        times: Limit,
    },
    /// 满折: a share off the sum of the goods, by the highest step that is reached.
    PercentOff {
        /// The steps, the lowest first.
        steps: Vec<Step<Share>>,
        /// How much off at the most, minor units.
        most: Limit,
    },
    /// 单品折扣: a share off the price of each piece, rounded by the piece.
    PiecePercentOff {
        /// Thousandths.
        share: u32,
        /// Of how many pieces at the most, the dearest first.
        pieces: Limit,
    },
    /// 限时特价: each piece costs so much, unless it costs less anyway.
    FixedPrice {
        /// The price of one piece.
        price_minor: i64,
        /// How many pieces at the most, those that save most first.
        pieces: Limit,
    },
    /// 打包一口价: any so many pieces cost so much together, the dearest first.
    BundlePrice {
        /// How many pieces.
        pieces: i64,
        /// What they cost together.
        price_minor: i64,
        /// How often at the most.
        times: Limit,
    },
    /// 套餐价: these products cost so much together.
    SetPrice {
        /// What belongs to the set, each product once.
        parts: Vec<Part>,
        /// What a set costs.
        price_minor: i64,
        /// How often at the most.
        times: Limit,
    },
    /// 第二件半价, 买赠: of each `buy + get` pieces, the dearest first, the last `get` are cheaper.
    BuyGet {
        /// Pieces at their price.
        buy: i64,
        /// Pieces that are cheaper.
        get: i64,
        /// By how much, in thousandths; the whole for nothing to pay.
        share: u32,
        /// How often at the most.
        times: Limit,
    },
    /// 满赠: products for nothing, by the highest step that is reached.
    Gift {
        /// The steps, the lowest first.
        steps: Vec<Step<Gifts>>,
    },
    /// 满额包邮: no postage.
    FreeShipping {
        /// From what on.
        from: Threshold,
        /// How much of the postage at the most, minor units.
        most: Limit,
    },
    /// 兑换, 换购: pieces of one of these products cost so much, if what is bought besides meets a
    /// threshold.
    Exchange {
        /// The products, by number.
        products: Vec<i64>,
        /// How many pieces in all, the dearest first.
        pieces: i64,
        /// What each piece costs; 0 for nothing.
        price_minor: i64,
        /// What is to be bought besides.
        from: Threshold,
    },
    /// 返现: a share of what is paid comes back as stored value, by the highest step that is reached.
    CashBack {
        /// The steps, the lowest first.
        steps: Vec<Step<Share>>,
        /// How much at the most, minor units.
        most: Limit,
    },
}

impl Threshold {
    /// Whether goods of so much money and so many pieces reach it.
    #[must_use]
    pub fn reached(self, minor: i64, pieces: i64) -> bool {
        match self {
            Self::Nothing {} => pieces > 0,
            Self::Money { minor: own } => minor >= own,
            Self::Pieces { pieces: own } => pieces >= own,
        }
    }

    /// How often goods of so much money and so many pieces meet it.
    #[must_use]
    pub fn times(self, minor: i64, pieces: i64) -> i64 {
        match self {
            Self::Nothing {} => i64::from(pieces > 0),
            Self::Money { minor: own } => minor / own.max(1),
            Self::Pieces { pieces: own } => pieces / own.max(1),
        }
    }

    fn check(self, field: &str) -> Result<()> {
        match self {
            Self::Nothing {} => Ok(()),
            Self::Money { minor } => within(minor, MONEY_MAX, &format!("{field}.minor")),
            Self::Pieces { pieces } => within(pieces, PIECES_MAX, &format!("{field}.pieces")),
        }
    }

    /// Whether it is higher than another of its kind; nothing is below everything.
    fn above(self, other: Self) -> bool {
        match (self, other) {
            (Self::Money { .. } | Self::Pieces { .. }, Self::Nothing {}) => true,
            (Self::Money { minor }, Self::Money { minor: other }) => minor > other,
            (Self::Pieces { pieces }, Self::Pieces { pieces: other }) => pieces > other,
            _ => false,
        }
    }
}

impl Limit {
    /// The limit as a number.
    #[must_use]
    pub fn most(self) -> i64 {
        match self {
            Self::Unlimited {} => i64::MAX,
            Self::AtMost { most } => most,
        }
    }

    fn check(self, most: i64, field: &str) -> Result<()> {
        match self {
            Self::Unlimited {} => Ok(()),
            Self::AtMost { most: own } => within(own, most, &format!("{field}.most")),
        }
    }
}

impl<T> Step<T> {
    /// The place of the highest step that goods of so much money and so many pieces reach.
    #[must_use]
    pub fn highest(steps: &[Self], minor: i64, pieces: i64) -> Option<usize> {
        steps.iter().rposition(|step| step.from.reached(minor, pieces))
    }
}

impl Effect {
    /// Refuses what will not do.
    ///
    /// # Errors
    /// `bad_input` that says which part.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::AmountOff { steps } => rising(steps, |Amount { minor }, field| {
                within(*minor, MONEY_MAX, &format!("{field}.minor"))
            })
            .and_then(|()| growing(steps, |step| step.minor, "minor"))
            .and_then(|()| covered(steps)),
            Self::AmountOffEach { each, off_minor, times } => {
                each.check("each")?;
                if matches!(each, Threshold::Nothing {}) {
                    return Err(Error::bad("needs money or pieces").field("each.kind"));
                }
                within(*off_minor, MONEY_MAX, "off_minor")?;
                if matches!(each, Threshold::Money { minor } if minor < off_minor) {
                    return Err(more_off_than_asked("off_minor"));
                }
                times.check(PIECES_MAX, "times")
            }
            Self::PercentOff { steps, most } | Self::CashBack { steps, most } => {
                rising(steps, |Share { share: own }, field| {
                    share(*own, &format!("{field}.share"))
                })?;
                growing(steps, |step| i64::from(step.share), "share")?;
                most.check(MONEY_MAX, "most")
            }
            Self::PiecePercentOff { share: own, pieces } => {
                share(*own, "share")?;
                pieces.check(PIECES_MAX, "pieces")
            }
            Self::FixedPrice { price_minor, pieces } => {
                price(*price_minor)?;
                pieces.check(PIECES_MAX, "pieces")
            }
            Self::BundlePrice { pieces, price_minor, times } => {
                if !(2..=PIECES_MAX).contains(pieces) {
                    return Err(Error::bad(format!("is 2 to {PIECES_MAX}")).field("pieces"));
                }
                price(*price_minor)?;
                times.check(PIECES_MAX, "times")
            }
            Self::SetPrice { parts, price_minor, times } => {
                products(parts, "parts")?;
                if parts.iter().map(|part| part.pieces).sum::<i64>() < 2 {
                    let error = Error::bad("needs two pieces or more").field("parts");
                    return Err(error.hint("one piece has a fixed price"));
                }
                price(*price_minor)?;
                times.check(PIECES_MAX, "times")
            }
            Self::BuyGet { buy, get, share: own, times } => {
                within(*buy, PIECES_MAX, "buy")?;
                within(*get, PIECES_MAX, "get")?;
                share(*own, "share")?;
                times.check(PIECES_MAX, "times")
            }
            Self::Gift { steps } => {
                rising(steps, |Gifts { gifts }, field| products(gifts, &format!("{field}.gifts")))
            }
            Self::FreeShipping { from, most } => {
                from.check("from")?;
                most.check(MONEY_MAX, "most")
            }
            Self::Exchange { products, pieces, price_minor, from } => {
                few(products.len(), PARTS_MAX, "products")?;
                within(*pieces, PIECES_MAX, "pieces")?;
                price(*price_minor)?;
                from.check("from")
            }
        }
    }

    /// The most money that one use can cost the shop; none where that hangs on the cart, on the
    /// worth of gifts or on postage. What comes back as cash counts.
    #[must_use]
    pub fn most_minor(&self) -> Option<i64> {
        let bound = |limit: &Limit| match limit {
            Limit::Unlimited {} => None,
            Limit::AtMost { most } => Some(*most),
        };
        match self {
            Self::AmountOff { steps } => steps.last().map(|step| step.gives.minor),
            Self::AmountOffEach { off_minor, times, .. } => {
                bound(times).map(|times| times.saturating_mul(*off_minor))
            }
            Self::PercentOff { most, .. }
            | Self::FreeShipping { most, .. }
            | Self::CashBack { most, .. } => bound(most),
            _ => None,
        }
    }

    /// Whether one use of it can take all that a cart costs, at any size: no threshold and no
    /// limit.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let first = |from: Option<Threshold>| matches!(from, Some(Threshold::Nothing {}));
        let open = |limit: &Limit| matches!(limit, Limit::Unlimited {});
        match self {
            Self::PercentOff { steps, most } | Self::CashBack { steps, most } => {
                first(steps.first().map(|step| step.from)) && open(most)
            }
            Self::PiecePercentOff { pieces, .. } | Self::FixedPrice { pieces, .. } => open(pieces),
            _ => false,
        }
    }
}

fn more_off_than_asked(field: &str) -> Error {
    Error::bad("is more than what is to be spent for it")
        .field(field)
        .hint("what is left is given by a fixed price or an exchange")
}

pub(super) fn within(own: i64, most: i64, field: &str) -> Result<()> {
    match (1..=most).contains(&own) {
        true => Ok(()),
        false => Err(Error::bad(format!("is 1 to {most}")).field(field)),
    }
}

pub(super) fn few(count: usize, most: usize, field: &str) -> Result<()> {
    match (1..=most).contains(&count) {
        true => Ok(()),
        false => Err(Error::bad(format!("needs 1 to {most}")).field(field)),
    }
}

fn share(own: u32, field: &str) -> Result<()> {
    match (1..=WHOLE).contains(&own) {
        true => Ok(()),
        false => Err(Error::bad(format!("is 1 to {WHOLE} thousandths")).field(field)),
    }
}

fn price(minor: i64) -> Result<()> {
    match (0..=MONEY_MAX).contains(&minor) {
        true => Ok(()),
        false => Err(Error::bad(format!("is 0 to {MONEY_MAX}")).field("price_minor")),
    }
}

fn products(parts: &[Part], field: &str) -> Result<()> {
    few(parts.len(), PARTS_MAX, field)?;
    for (place, part) in parts.iter().enumerate() {
        within(part.pieces, PIECES_MAX, &format!("{field}[{place}].pieces"))?;
        if parts.iter().take(place).any(|other| other.product == part.product) {
            let error = Error::bad("is named before").field(format!("{field}[{place}].product"));
            return Err(error.hint("name each product once, with its pieces"));
        }
    }
    Ok(())
}

/// Steps whose thresholds are of one kind and rise.
fn rising<T>(steps: &[Step<T>], check: impl Fn(&T, &str) -> Result<()>) -> Result<()> {
    few(steps.len(), STEPS_MAX, "steps")?;
    for (place, step) in steps.iter().enumerate() {
        step.from.check(&format!("steps[{place}].from"))?;
        check(&step.gives, &format!("steps[{place}].gives"))?;
    }
    let above = steps.windows(2).position(|pair| match pair {
        [low, high] => !high.from.above(low.from),
        _ => false,
    });
    above.map_or(Ok(()), |place| {
        Err(Error::bad("is not above the step before it")
            .field(format!("steps[{}].from", place + 1))
            .hint("name the lowest first, all by money or all by pieces"))
    })
}

/// Steps that give more the higher they are.
fn growing<T>(steps: &[Step<T>], of: impl Fn(&T) -> i64, part: &str) -> Result<()> {
    let less = steps.windows(2).position(|pair| match pair {
        [low, high] => of(&high.gives) <= of(&low.gives),
        _ => false,
    });
    less.map_or(Ok(()), |place| {
        let field = format!("steps[{}].gives.{part}", place + 1);
        Err(Error::bad("is no more than the step before it gives").field(field))
    })
}

/// Steps by money that take no more off than is spent.
fn covered(steps: &[Step<Amount>]) -> Result<()> {
    let over = steps.iter().position(
        |step| matches!(step.from, Threshold::Money { minor } if minor < step.gives.minor),
    );
    over.map_or(Ok(()), |place| Err(more_off_than_asked(&format!("steps[{place}].gives.minor"))))
}
