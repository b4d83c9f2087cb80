//! 叠加规则: what a shop's offers do beside each other. Pure.

use base::{Error, Result};
use serde::{Deserialize, Serialize};

use super::effect::within;
use super::terms::{Effect, Limit, MONEY_MAX, PIECES_MAX, WHOLE};

/// Pairs of stages, and sets of them, at the most.
const PAIRS_MAX: usize = 10;

/// Where an offer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 会员价: the buyer's level.
    MemberPrice,
    /// 会员包邮: the buyer's level, too.
    MemberShipping,
    /// 促销活动: a promotion.
    Promotion,
    /// 优惠券: a coupon that the buyer holds.
    Coupon,
}

/// When an offer is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 单品级: promotions that set the price of pieces.
    Price,
    /// 会员价.
    MemberPrice,
    /// 店铺级: all other promotions.
    Promotion,
    /// 优惠券.
    Coupon,
}

impl Stage {
    /// All, in the order in which they are applied unless a shop says otherwise.
    pub const ALL: [Self; 4] = [Self::Price, Self::MemberPrice, Self::Promotion, Self::Coupon];

    /// The stage of an offer.
    #[must_use]
    pub fn of(kind: Kind, effect: &Effect) -> Self {
        match (kind, effect) {
            (Kind::MemberPrice | Kind::MemberShipping, _) => Self::MemberPrice,
            (Kind::Coupon, _) => Self::Coupon,
            (
                Kind::Promotion,
                Effect::FixedPrice { .. }
                | Effect::PiecePercentOff { .. }
                | Effect::Exchange { .. },
            ) => Self::Price,
            (Kind::Promotion, _) => Self::Promotion,
        }
    }

    pub(super) fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What becomes of a promotion that would set the price of goods whose price another one sets at
/// the same time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// It is refused.
    #[default]
    Refused,
    /// Each cart gets the better of them.
    Best,
}

/// On what amounts thresholds are measured and shares taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// On what is left after the offers before.
    #[default]
    Reduced,
    /// On what the goods cost without any offer.
    Original,
}

/// What points are worth at the till.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cash {
    /// So many points, and whole multiples of them,
    pub points: i64,
    /// pay so many minor units.
    pub minor: i64,
    /// How much of the goods they pay at the most, in thousandths.
    pub share_most: u32,
    /// Whether they pay beside coupons.
    pub beside_coupons: bool,
}

/// A shop's rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stacking {
    /// The order of stages, each once.
    pub order: Vec<Stage>,
    /// On what thresholds and shares are measured.
    pub base: Base,
    /// Stages that do not go together in one cart.
    pub apart: Vec<[Stage; 2]>,
    /// Of the offers of each of these sets of stages, a line takes one.
    pub once: Vec<Vec<Stage>>,
    /// Promotions in one cart at the most, of both stages.
    pub promotions: Limit,
    /// Coupons in one cart at the most.
    pub coupons: Limit,
    /// How much of the goods offers take off in all at the most, in thousandths.
    pub share_most: u32,
    /// Whether goods may cost less than they cost the shop.
    pub below_cost: bool,
    /// What points are worth; none where they do not pay.
    pub cash: Option<Cash>,
    /// What becomes of two promotions that set one price.
    pub overlap: Overlap,
}

impl Default for Stacking {
    /// A line takes its special price or its member price, one promotion besides, and a cart one
    /// coupon.
    fn default() -> Self {
        Self {
            order: Stage::ALL.to_vec(),
            base: Base::Reduced,
            apart: Vec::new(),
            once: vec![vec![Stage::Price, Stage::MemberPrice], vec![Stage::Promotion]],
            promotions: Limit::Unlimited {},
            coupons: Limit::AtMost { most: 1 },
            share_most: WHOLE,
            below_cost: false,
            cash: None,
            overlap: Overlap::Refused,
        }
    }
}

impl Stacking {
    /// Refuses what will not do.
    ///
    /// # Errors
    /// `bad_input` that says which part.
    pub fn check(&self) -> Result<()> {
        let missing = Stage::ALL.iter().any(|stage| !self.order.contains(stage));
        if missing || self.order.len() != Stage::ALL.len() {
            let error = Error::bad("names each stage once").field("order");
            return Err(error.hint("the stages are price, member_price, promotion and coupon"));
        }
        if self.apart.len().max(self.once.len()) > PAIRS_MAX {
            let field = if self.apart.len() > PAIRS_MAX { "apart" } else { "once" };
            return Err(Error::bad(format!("has at most {PAIRS_MAX}")).field(field));
        }
        if let Some(place) = self.apart.iter().position(|[one, other]| one == other) {
            return Err(Error::bad("names two stages")
                .field(format!("apart[{place}]"))
                .hint("how many of one there may be is said by promotions and coupons"));
        }
        if let Some(place) = self.once.iter().position(Vec::is_empty) {
            return Err(Error::bad("needs a stage").field(format!("once[{place}]")));
        }
        for (limit, field) in [(self.promotions, "promotions"), (self.coupons, "coupons")] {
            if let Limit::AtMost { most } = limit {
                within(most, PIECES_MAX, &format!("{field}.most"))?;
            }
        }
        let share = |own: u32, field: &str| within(i64::from(own), i64::from(WHOLE), field);
        share(self.share_most, "share_most")?;
        if let Some(cash) = &self.cash {
            within(cash.points, MONEY_MAX, "cash.points")?;
            within(cash.minor, MONEY_MAX, "cash.minor")?;
            share(cash.share_most, "cash.share_most")?;
        }
        Ok(())
    }

    /// The place of a stage in the order.
    pub(super) fn place(&self, stage: Stage) -> usize {
        self.order.iter().position(|own| *own == stage).unwrap_or(usize::MAX)
    }

    /// The stages one of which keeps a line from offers of this one.
    pub(super) fn barred(&self, stage: Stage) -> u8 {
        let own = self.once.iter().filter(|set| set.contains(&stage));
        own.flatten().fold(0, |all, stage| all | stage.bit())
    }

    /// The first set of stages of whose offers a line takes one, that a stage belongs to.
    pub(super) fn set_of(&self, stage: Stage) -> Option<usize> {
        self.once.iter().position(|set| set.contains(&stage))
    }

    /// Whether two stages do not go together.
    pub(super) fn are_apart(&self, one: Stage, other: Stage) -> bool {
        self.apart.iter().any(|pair| *pair == [one, other] || *pair == [other, one])
    }
}
