//! What is just out of reach: ¥12 more for 满300减40. Pure.

use serde::{Deserialize, Serialize};

use super::apply::{Draft, Ground, Ready, State};
use super::cart::Key;
use super::rule::Turn;
use super::search::are_apart;
use super::share::share;
use super::stack::{Stacking, Stage};
use super::terms::{Effect, Part, Share, Step, Threshold};

/// What is told at the most.
pub const MISSES_MAX: usize = 3;

/// What is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Lacks {
    /// Money to be spent on goods that the offer is for.
    Money {
        /// Minor units.
        minor: i64,
    },
    /// Pieces of them.
    Pieces {
        /// How many.
        pieces: i64,
    },
    /// The rest of a set.
    Parts {
        /// Which products.
        parts: Vec<Part>,
    },
}

/// An offer that would do more for a little more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Miss {
    /// Which.
    pub key: Key,
    /// The step that would be reached, from 0; none for an offer without steps.
    pub step: Option<usize>,
    /// What is missing.
    pub lacks: Lacks,
    /// What that costs at the least, as far as is known.
    pub spend_minor: i64,
    /// By how much more the cart would get, what makes way for it taken off.
    pub gain_minor: i64,
}

/// The same before it is known what makes way for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Near {
    step: Option<usize>,
    lacks: Lacks,
    spend: i64,
    gain: i64,
}

/// What is missing for an offer to do more for a cart as it stands, if it is no more than half of
/// what it asks for.
pub(super) fn near(
    (ground, own): (&Ground<'_>, &Ready<'_>),
    state: &State,
    draft: &Draft,
) -> Option<Near> {
    let each = ground.cheapest(own)?;
    let next = draft.step.map_or(0, |step| step + 1);
    let of = |step: Option<usize>, from: Threshold, gain: &dyn Fn(i64) -> i64| {
        let (lacks, spend) = lack(from, draft.measured, each)?;
        Some(Near { step, lacks, spend, gain: gain(spend) })
    };
    let by_share = |steps: &[Step<Share>], most: i64| {
        let step = steps.get(next)?;
        let base = draft.measured.0;
        of(Some(next), step.from, &|spend| {
            share(base + spend, step.gives.share).min(most) - draft.total
        })
    };
    let again = |group: i64, most: i64, gain: &dyn Fn(i64, i64) -> i64| {
        let over = draft.measured.1 % group;
        let lacks = group - over;
        (lacks * 2 <= group && draft.times < most).then(|| Near {
            step: None,
            lacks: Lacks::Pieces { pieces: lacks },
            spend: lacks * each,
            gain: gain(over, lacks),
        })
    };
    let near = match &own.offer.terms.effect {
        Effect::AmountOff { steps } => {
            let step = steps.get(next)?;
            of(Some(next), step.from, &|_| step.gives.minor - draft.total)
        }
        Effect::PercentOff { steps, most } | Effect::CashBack { steps, most } => {
            by_share(steps, most.most())
        }
        Effect::Gift { steps } => {
            let step = steps.get(next)?;
            let gain = ground.worth_of(&step.gives.gifts) - draft.worth;
            of(Some(next), step.from, &|_| gain)
        }
        Effect::AmountOffEach { each: from, off_minor, times } if draft.times < times.most() => {
            of(None, whole(*from, draft.times + 1), &|_| *off_minor)
        }
        Effect::FreeShipping { from, most } if draft.postage == 0 => {
            of(None, *from, &|_| state.postage.min(most.most()))
        }
        Effect::Exchange { from, .. } => {
            let off = ground.exchanged(own, state).0.iter().map(|bit| bit.most).sum();
            of(None, *from, &|_| off)
        }
        Effect::BundlePrice { pieces, price_minor, times } => {
            again(*pieces, times.most(), &|over, lacks| {
                ground.last(own, state, over) + lacks * each - price_minor
            })
        }
        Effect::BuyGet { buy, get, share: off, times } => {
            again(buy + get, times.most(), &|_, _| get * share(each, *off))
        }
        Effect::SetPrice { parts, price_minor, .. } if draft.times == 0 => {
            set(ground, own, (parts, *price_minor))
        }
        _ => None,
    };
    near.filter(|near| near.gain > 0)
}

/// So many times a threshold.
fn whole(from: Threshold, times: i64) -> Threshold {
    match from {
        Threshold::Nothing {} => from,
        Threshold::Money { minor } => Threshold::Money { minor: minor.saturating_mul(times) },
        Threshold::Pieces { pieces } => Threshold::Pieces { pieces: pieces.saturating_mul(times) },
    }
}

fn lack(from: Threshold, (minor, pieces): (i64, i64), each: i64) -> Option<(Lacks, i64)> {
    match from {
        Threshold::Money { minor: asked } if asked > minor && (asked - minor) * 2 <= asked => {
            Some((Lacks::Money { minor: asked - minor }, asked - minor))
        }
        Threshold::Pieces { pieces: asked } if asked > pieces && (asked - pieces) * 2 <= asked => {
            let lacks = asked - pieces;
            Some((Lacks::Pieces { pieces: lacks }, lacks.saturating_mul(each)))
        }
        _ => None,
    }
}

/// The rest of a set of which half of the products are there, where it is known what they cost.
fn set(ground: &Ground<'_>, own: &Ready<'_>, (parts, price): (&[Part], i64)) -> Option<Near> {
    let (mut missing, mut spend, mut there) = (Vec::new(), 0, 0);
    for part in parts {
        let (each, pieces) = ground.of_product(own, part.product);
        let lacks = (part.pieces - pieces).max(0);
        let each = each.or_else(|| ground.worth.get(&part.product).copied())?;
        there += each * (part.pieces - lacks);
        if lacks > 0 {
            spend += each * lacks;
            missing.push(Part { pieces: lacks, ..*part });
        }
    }
    let near = missing.len() * 2 <= parts.len() && !missing.is_empty();
    let gain = there + spend - price;
    near.then_some(Near { step: None, lacks: Lacks::Parts { parts: missing }, spend, gain })
}

/// Whether a cart takes no more offers of a stage.
pub(super) fn is_full(rules: &Stacking, stage: Stage, turns: &[Turn<'_>]) -> bool {
    let count = |of: &[Stage]| {
        let own = turns.iter().filter(|turn| turn.applied.is_some());
        i64::try_from(own.filter(|turn| of.contains(&turn.own.stage)).count()).unwrap_or(i64::MAX)
    };
    match stage {
        Stage::MemberPrice => false,
        Stage::Coupon => count(&[stage]) >= rules.coupons.most(),
        Stage::Price | Stage::Promotion => {
            count(&[Stage::Price, Stage::Promotion]) >= rules.promotions.most()
        }
    }
}

/// What is told: the most for the least first.
pub(super) fn listed(rules: &Stacking, turns: &[Turn<'_>]) -> Vec<Miss> {
    let mut misses: Vec<Miss> = turns
        .iter()
        .filter_map(|turn| {
            let near = turn.near.as_ref()?;
            let gain_minor = near.gain - makes_way(rules, turn, turns);
            (gain_minor > 0).then(|| Miss {
                key: turn.own.offer.key,
                step: near.step,
                lacks: near.lacks.clone(),
                spend_minor: near.spend,
                gain_minor,
            })
        })
        .collect();
    // Gain by what is to be spent, without dividing.
    let worth = |one: &Miss, other: &Miss| {
        i128::from(one.gain_minor) * i128::from(other.spend_minor.max(1))
    };
    misses.sort_by(|one, other| {
        worth(other, one).cmp(&worth(one, other)).then(one.key.cmp(&other.key))
    });
    misses.truncate(MISSES_MAX);
    misses
}

/// What applies now and would not beside an offer.
fn makes_way(rules: &Stacking, own: &Turn<'_>, turns: &[Turn<'_>]) -> i64 {
    if own.applied.is_some() {
        return 0;
    }
    let applied = || turns.iter().filter_map(|turn| Some((turn, turn.applied.as_ref()?)));
    let (apart, beside): (Vec<_>, Vec<_>) =
        applied().partition(|(turn, _)| are_apart(rules, &own.own, &turn.own));
    let all: i64 = apart.iter().map(|(_, applied)| applied.value()).sum();
    if !apart.is_empty() || !is_full(rules, own.own.stage, turns) {
        return all;
    }
    let same = |turn: &Turn<'_>| match own.own.stage {
        Stage::Price | Stage::Promotion => {
            matches!(turn.own.stage, Stage::Price | Stage::Promotion)
        }
        stage => turn.own.stage == stage,
    };
    let least = beside.iter().filter(|(turn, _)| same(turn)).map(|(_, applied)| applied.value());
    least.min().unwrap_or(0)
}
