//! Which stage somebody is at, from when they paid.

use base::{Error, Result};
use serde::{Deserialize, Serialize};

/// Days that a limit may have: a century.
const DAYS_MAX: i64 = 36_525;
/// Intervals between orders that days are learned from at the least.
pub const INTERVALS_MIN: usize = 100;
/// Shares of the intervals that are shorter than each of the learned limits.
const SHARES: [f64; 3] = [0.75, 0.9, 0.975];

/// 生命周期: the stage of a customer's life with the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 访客: nothing is known but visits.
    Visitor,
    /// 潜客: known by name, phone, email, sign-up or an order that is not paid; has not paid yet.
    Prospect,
    /// 新客: the first paid order is fresh, and there is no second.
    New,
    /// 活跃: bought lately.
    Active,
    /// 忠诚: bought lately, and often.
    Loyal,
    /// 流失预警: longer without an order than most who come back.
    AtRisk,
    /// 沉睡: longer yet.
    Dormant,
    /// 流失: so long that hardly anybody came back.
    Lost,
    /// 回流: slept, and has bought again lately.
    WonBack,
}

impl Stage {
    /// All, in the order of a life.
    pub const ALL: [Self; 9] = [
        Self::Visitor,
        Self::Prospect,
        Self::New,
        Self::Active,
        Self::Loyal,
        Self::AtRisk,
        Self::Dormant,
        Self::Lost,
        Self::WonBack,
    ];

    /// The stage's word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Prospect => "prospect",
            Self::New => "new",
            Self::Active => "active",
            Self::Loyal => "loyal",
            Self::AtRisk => "at_risk",
            Self::Dormant => "dormant",
            Self::Lost => "lost",
            Self::WonBack => "won_back",
        }
    }
}

/// The days and orders that part the stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setting {
    /// Days after the first paid order for which somebody is new.
    pub new_days: i64,
    /// Days after the last paid order after which somebody is at risk.
    pub at_risk_days: i64,
    /// Days after which somebody sleeps.
    pub dormant_days: i64,
    /// Days after which somebody is lost.
    pub lost_days: i64,
    /// Paid orders that make somebody loyal.
    pub loyal_orders: i64,
    /// Whether the last three limits of days are learned from the shop's own orders where there
    /// are enough of them.
    pub learned: bool,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            new_days: 30,
            at_risk_days: 90,
            dormant_days: 180,
            lost_days: 365,
            loyal_orders: 3,
            learned: false,
        }
    }
}

impl Setting {
    /// Checks what the shop wishes.
    ///
    /// # Errors
    /// `bad_input` when days do not increase, or a number is out of range.
    pub fn check(&self) -> Result<()> {
        let days = [
            ("new_days", self.new_days),
            ("at_risk_days", self.at_risk_days),
            ("dormant_days", self.dormant_days),
            ("lost_days", self.lost_days),
        ];
        for (name, days) in days {
            if !(1..=DAYS_MAX).contains(&days) {
                return Err(Error::bad(format!("is 1 to {DAYS_MAX} days")).field(name));
            }
        }
        for [(_, before), (name, after)] in days.array_windows() {
            if before > after {
                return Err(Error::bad("must not be less than the stage before it").field(*name));
            }
        }
        if !(2..=1_000).contains(&self.loyal_orders) {
            return Err(Error::bad("is 2 to 1000 orders").field("loyal_orders"));
        }
        Ok(())
    }

    /// The same with days that are learned, where that is wished for and can be done.
    #[must_use]
    pub fn with(self, learned: Option<Learned>) -> Self {
        let Some(learned) = learned.filter(|_| self.learned) else { return self };
        let at_risk_days = learned.at_risk_days.max(self.new_days);
        let dormant_days = learned.dormant_days.max(at_risk_days);
        let lost_days = learned.lost_days.max(dormant_days);
        Self { at_risk_days, dormant_days, lost_days, ..self }
    }
}

/// Days that a shop's own orders say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Learned {
    /// How many intervals between paid orders they are from.
    pub intervals: i64,
    /// Three of four came back within so many days.
    pub at_risk_days: i64,
    /// Nine of ten did.
    pub dormant_days: i64,
    /// All but one of forty did.
    pub lost_days: i64,
}

/// What the days between orders of those who came back say; nothing where there are too few.
///
/// The k-th limit is the interval at rank ⌈n·share⌉, as RFM's cut points are.
#[must_use]
pub fn learn(mut intervals: Vec<i64>) -> Option<Learned> {
    if intervals.len() < INTERVALS_MIN {
        return None;
    }
    intervals.sort_unstable();
    let count = intervals.len();
    let limit = |share: f64| {
        #[expect(clippy::cast_precision_loss, reason = "intervals are fewer than 2^53")]
        #[expect(clippy::cast_possible_truncation, reason = "a rank is no larger than the count")]
        #[expect(clippy::cast_sign_loss, reason = "a rank is above zero")]
        let rank = (count as f64 * share).ceil() as usize;
        intervals.get(rank.saturating_sub(1)).copied().unwrap_or(1).max(1)
    };
    let [at_risk_days, dormant_days, lost_days] = SHARES.map(limit);
    let intervals = i64::try_from(count).unwrap_or(i64::MAX);
    Some(Learned { intervals, at_risk_days, dormant_days, lost_days })
}

/// What is known of somebody's buying up to a day; days are local.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bought {
    /// Paid orders.
    pub orders: i64,
    /// Days since the last.
    pub since_last: i64,
    /// Days from the one before to the last.
    pub gap: Option<i64>,
}

/// The stage of somebody, who may be known by more than visits.
#[must_use]
pub fn stage(bought: Bought, known: bool, setting: &Setting) -> Stage {
    match bought {
        Bought { orders: 0, .. } if known => Stage::Prospect,
        Bought { orders: 0, .. } => Stage::Visitor,
        Bought { since_last, .. } if since_last > setting.lost_days => Stage::Lost,
        Bought { since_last, .. } if since_last > setting.dormant_days => Stage::Dormant,
        Bought { since_last, .. } if since_last > setting.at_risk_days => Stage::AtRisk,
        Bought { orders: 1, since_last, .. } if since_last <= setting.new_days => Stage::New,
        Bought { gap: Some(gap), .. } if gap > setting.dormant_days => Stage::WonBack,
        Bought { orders, .. } if orders >= setting.loyal_orders => Stage::Loyal,
        Bought { .. } => Stage::Active,
    }
}
