//! The combination of offers that is worth most to the buyer. Pure.
//!
//! Offers are applied in one order, so a combination is a set. Sets are gone through depth first,
//! those with an offer before those without it, and a branch is left when [`Ceiling`] says that
//! nothing in it is better than the best so far. That is exact. Where offers are many, [`split`]
//! says first what no set exceeds, and how a good one looks; a branch is left after some work when
//! it is better by no more than a hundredth, and after more anyhow. How much better the best could
//! be at the most is always told.

use std::rc::Rc;

use super::apply::{Draft, Ground, Ready, State};
use super::ceiling::Ceiling;
use super::set::{PLACES_MAX, Set};
use super::split::split;
use super::stack::{Stacking, Stage};
use super::terms::Effect;

/// Up to so many offers that apply, the best combination is found, however long it takes.
pub const EXACT_MAX: usize = 16;
/// The share of the best that is not looked for any more after [`Work::near`]: a hundredth.
const NEAR: i64 = 100;
/// What is worked out for a cart.
const WORK: Work = Work { near: 2_000, all: 4_000, exact: false };

/// How much is worked out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work {
    /// Offers looked at until a branch is left when it is better by no more than [`NEAR`].
    pub near: usize,
    /// Offers looked at until every branch is left.
    pub all: usize,
    /// Whether no branch is left before it is known that nothing in it is better.
    pub exact: bool,
}

/// What is to be searched.
pub(super) struct Field<'a> {
    pub ground: &'a Ground<'a>,
    pub start: &'a State,
    /// In the order in which they are applied; at most [`PLACES_MAX`].
    pub offers: &'a [Ready<'a>],
    /// For each, those that do not go with it.
    clash: Vec<Set>,
    /// For each, the first that says the same.
    twin: Vec<usize>,
    /// For each, the first of those that keep each other out.
    group: Vec<Option<usize>>,
}

/// What was found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub chosen: Set,
    pub value: i64,
    /// What no combination exceeds.
    pub bound: i64,
}

/// A set whose offers were applied.
struct Node {
    /// The first that is not decided.
    from: usize,
    state: State,
    chosen: Set,
    /// Promotions and coupons.
    counts: (i64, i64),
    /// What each that is not decided would do now.
    drafts: Vec<Rc<Draft>>,
}

struct Search<'a> {
    field: &'a Field<'a>,
    found: Found,
    /// What no set exceeds.
    limit: i64,
    work: Work,
    /// How many offers were looked at.
    done: usize,
}

fn tally(stage: Stage) -> (i64, i64) {
    match stage {
        Stage::Price | Stage::Promotion => (1, 0),
        Stage::Coupon => (0, 1),
        Stage::MemberPrice => (0, 0),
    }
}

/// Whether two offers belong to one group.
fn same_group(one: &Ready<'_>, other: &Ready<'_>) -> bool {
    let group = &one.offer.terms.stack.group;
    group.is_some() && *group == other.offer.terms.stack.group
}

/// Whether the first of two offers that applies leaves no line to the other: all that are open to
/// both take part.
fn same_goods(rules: &Stacking, one: &Ready<'_>, other: &Ready<'_>) -> bool {
    let shares = |own: &Ready<'_>| {
        use Effect::{AmountOff, AmountOffEach, BundlePrice, BuyGet, PercentOff, SetPrice};
        matches!(
            own.offer.terms.effect,
            AmountOff { .. }
                | AmountOffEach { .. }
                | PercentOff { .. }
                | BundlePrice { .. }
                | SetPrice { .. }
                | BuyGet { .. }
        )
    };
    rules.barred(one.stage) & one.stage.bit() != 0
        && (one.stage, one.barred) == (other.stage, other.barred)
        && one.goods == other.goods
        && shares(one)
        && shares(other)
}

/// Whether two offers do not go together.
pub(super) fn are_apart(rules: &Stacking, one: &Ready<'_>, other: &Ready<'_>) -> bool {
    let alone = one.offer.terms.stack.alone || other.offer.terms.stack.alone;
    alone || same_group(one, other) || rules.are_apart(one.stage, other.stage)
}

impl<'a> Field<'a> {
    pub(super) fn new(ground: &'a Ground<'a>, start: &'a State, offers: &'a [Ready<'a>]) -> Self {
        let clash = offers.iter().enumerate().map(|(own, one)| {
            let others = offers.iter().enumerate();
            others
                .filter(|(at, other)| *at != own && are_apart(ground.rules, one, other))
                .map(|(at, _)| at)
                .collect()
        });
        let twins = |one: &Ready<'_>, other: &Ready<'_>| {
            one.stage == other.stage
                && one.offer.left == other.offer.left
                && one.offer.terms == other.offer.terms
        };
        let twin = offers
            .iter()
            .enumerate()
            .map(|(own, one)| offers.iter().position(|other| twins(one, other)).unwrap_or(own));
        let keeps_out = |one: &Ready<'_>, other: &Ready<'_>| match &one.offer.terms.stack.group {
            Some(_) => same_group(one, other),
            None => other.offer.terms.stack.group.is_none() && same_goods(ground.rules, one, other),
        };
        let group = offers.iter().map(|one| offers.iter().position(|other| keeps_out(one, other)));
        Self {
            ground,
            start,
            offers,
            clash: clash.collect(),
            twin: twin.collect(),
            group: group.collect(),
        }
    }

    /// The first of those that an offer keeps out, and is kept out by.
    pub(super) fn group(&self, at: usize) -> Option<usize> {
        self.group.get(at).copied().flatten()
    }

    /// Those that do not go with an offer.
    fn clash(&self, at: usize) -> Set {
        self.clash.get(at).copied().unwrap_or_default()
    }

    /// Whether an offer goes with those that are chosen, of which there are so many promotions and
    /// coupons.
    fn goes(&self, at: usize, (chosen, counts): (&Set, (i64, i64))) -> bool {
        !self.clash(at).meets(chosen) && self.has_place(at, counts)
    }

    /// Whether the cart takes one more of its kind.
    fn has_place(&self, at: usize, (promotions, coupons): (i64, i64)) -> bool {
        let Some(own) = self.offers.get(at) else { return false };
        let (promotion, coupon) = tally(own.stage);
        promotions + promotion <= self.ground.rules.promotions.most()
            && coupons + coupon <= self.ground.rules.coupons.most()
    }

    /// Promotions and coupons of a set.
    pub(super) fn counts(&self, chosen: &Set) -> (i64, i64) {
        let own = self.offers.iter().enumerate().filter(|(at, _)| chosen.has(*at));
        own.fold((0, 0), |(promotions, coupons), (_, own)| {
            let (promotion, coupon) = tally(own.stage);
            (promotions + promotion, coupons + coupon)
        })
    }

    /// What a set is worth; none where its offers do not go together or one of them does nothing.
    pub(super) fn worth(&self, chosen: &Set) -> Option<i64> {
        let mut state = self.start.clone();
        let mut before = (Set::default(), (0, 0));
        for (at, own) in self.offers.iter().enumerate().filter(|(at, _)| chosen.has(*at)) {
            if !self.goes(at, (&before.0, before.1)) {
                return None;
            }
            let draft = self.ground.draft(own, &state);
            let value = state.value;
            state.apply(own.stage, &draft);
            if state.value == value {
                return None;
            }
            before.0.put(at);
            before.1 = self.counts(&before.0);
        }
        Some(state.value)
    }

    /// The best set.
    pub(super) fn best(&self) -> Found {
        if self.offers.len() <= EXACT_MAX {
            return self.searched(Work { exact: true, ..WORK });
        }
        let drafts = self.drafts();
        let mut found = self.greedy(&drafts);
        let (limit, sets) = split(self, &drafts);
        for set in &sets {
            found = self.better(found, set);
        }
        for at in 0..self.offers.len() {
            let mut other = found.chosen;
            match other.has(at) {
                true => other.cut(at),
                false => other.put(at),
            }
            if found.value < limit {
                found = self.better(found, &other);
            }
        }
        self.beyond((found, limit), drafts, WORK)
    }

    /// The best set that so much work finds.
    pub(super) fn searched(&self, work: Work) -> Found {
        let drafts = self.drafts();
        self.beyond((self.greedy(&drafts), i64::MAX), drafts, work)
    }

    /// The best set that is found beyond one, when it is known what none exceeds.
    fn beyond(&self, (found, limit): (Found, i64), drafts: Vec<Rc<Draft>>, work: Work) -> Found {
        let mut search = Search { field: self, found, limit, work, done: 0 };
        let (state, chosen) = (self.start.clone(), Set::default());
        search.visit(&Node { from: 0, state, chosen, counts: (0, 0), drafts });
        let mut found = search.found;
        found.bound = found.bound.max(found.value);
        self.spare(&mut found);
        found
    }

    fn drafts(&self) -> Vec<Rc<Draft>> {
        let own = self.offers.iter().map(|own| self.ground.draft(own, self.start));
        own.map(Rc::new).collect()
    }

    /// What is left of a set without those that do not go with others or do nothing, if it is worth
    /// more than what was found.
    fn better(&self, found: Found, set: &Set) -> Found {
        let (mut state, mut chosen) = (self.start.clone(), Set::default());
        for (at, own) in self.offers.iter().enumerate().filter(|(at, _)| set.has(*at)) {
            if !self.goes(at, (&chosen, self.counts(&chosen))) {
                continue;
            }
            let value = state.value;
            state.apply(own.stage, &self.ground.draft(own, &state));
            if state.value > value {
                chosen.put(at);
            }
        }
        match state.value > found.value {
            true => Found { chosen, value: state.value, ..found },
            false => found,
        }
    }

    /// A good set to begin with: the best first, each that makes it better.
    fn greedy(&self, drafts: &[Rc<Draft>]) -> Found {
        let mut order: Vec<(i64, usize)> =
            drafts.iter().enumerate().map(|(at, draft)| (-draft.value(), at)).collect();
        order.sort_unstable();
        let mut found = Found { chosen: Set::default(), value: 0, bound: 0 };
        for (_, at) in order {
            let mut chosen = found.chosen;
            chosen.put(at);
            if let Some(value) = self.worth(&chosen).filter(|value| *value > found.value) {
                found = Found { chosen, value, bound: 0 };
            }
        }
        found
    }

    /// Leaves out what is not needed for the same worth, the last first.
    fn spare(&self, found: &mut Found) {
        let chosen: Vec<usize> = found.chosen.iter().collect();
        for at in chosen.into_iter().rev() {
            let mut fewer = found.chosen;
            fewer.cut(at);
            if let Some(value) = self.worth(&fewer).filter(|value| *value >= found.value) {
                found.chosen = fewer;
                found.value = value;
            }
        }
    }
}

impl Search<'_> {
    fn visit(&mut self, node: &Node) {
        self.done += node.drafts.len();
        let uppers = self.uppers(node);
        let mut skipped = Set::default();
        for (at, upper) in (node.from..).zip(uppers) {
            if self.leaves(upper) {
                return;
            }
            let twin = self.field.twin.get(at).copied().unwrap_or(at);
            let own = node.drafts.get(at - node.from).filter(|draft| draft.value() > 0);
            let goes = self.field.goes(at, (&node.chosen, node.counts)) && !skipped.has(twin);
            let Some(draft) = own.filter(|_| goes) else { continue };
            let child = self.with(node, at, draft);
            if child.state.value > self.found.value {
                self.found.value = child.state.value;
                self.found.chosen = child.chosen;
            }
            if child.state.value > node.state.value {
                self.visit(&child);
            }
            skipped.put(twin);
        }
    }

    /// Whether what cannot exceed a bound is left aside.
    fn leaves(&mut self, upper: i64) -> bool {
        let (best, upper) = (self.found.value, upper.min(self.limit));
        if upper <= best {
            return true;
        }
        let near = self.done > self.work.near && upper <= best.saturating_add(best / NEAR);
        let left = !self.work.exact && (near || self.done > self.work.all);
        if left {
            self.found.bound = self.found.bound.max(upper);
        }
        left
    }

    /// For each that is not decided, what no set exceeds that has none of those before it.
    fn uppers(&self, node: &Node) -> Vec<i64> {
        let Field { ground, offers, .. } = self.field;
        let rules = ground.rules;
        let room: i64 = node.state.lines.iter().map(|line| line.room).sum();
        let (promotions, coupons) = node.counts;
        let left = (room.min(node.state.budget), node.state.postage);
        let mut ceiling = Ceiling::new(rules, left, ground.lines.len(), |stage| match stage {
            Stage::Price | Stage::Promotion => rules.promotions.most() - promotions,
            Stage::Coupon => rules.coupons.most() - coupons,
            Stage::MemberPrice => i64::MAX,
        });
        let mut uppers = Vec::with_capacity(node.drafts.len());
        for (after, draft) in node.drafts.iter().enumerate().rev() {
            let at = node.from + after;
            if let Some(own) = offers.get(at)
                && draft.ceiling() > 0
                && self.field.goes(at, (&node.chosen, node.counts))
            {
                ceiling.add(own.stage, self.field.group(at), draft);
            }
            uppers.push(node.state.value + ceiling.total());
        }
        uppers.reverse();
        uppers
    }

    /// The set with one more.
    fn with(&self, node: &Node, at: usize, draft: &Draft) -> Node {
        let field = self.field;
        let mut chosen = node.chosen;
        chosen.put(at);
        let mut state = node.state.clone();
        let stage = field.offers.get(at).map_or(Stage::Coupon, |own| own.stage);
        state.apply(stage, draft);
        let touched: Set = draft.lines().collect();
        let mut drafts = Vec::with_capacity(node.drafts.len());
        let counts = field.counts(&chosen);
        for (place, before) in (node.from..).zip(&node.drafts).skip(at + 1 - node.from) {
            let Some(own) = field.offers.get(place) else { continue };
            let meant = before.ceiling() > 0 && field.goes(place, (&chosen, counts));
            let postage = matches!(own.offer.terms.effect, Effect::FreeShipping { .. });
            let moved = postage || own.goods.iter().chain(&own.lines).any(|at| touched.has(*at));
            drafts.push(match meant && moved {
                true => Rc::new(field.ground.draft(own, &state)),
                false => Rc::clone(before),
            });
        }
        Node { from: at + 1, state, chosen, counts, drafts }
    }
}

/// The places of the offers that can do something for a cart, at most [`PLACES_MAX`] of
/// them; and what the others are worth together at the most.
pub(super) fn able(
    (ground, start): (&Ground<'_>, &State),
    offers: &[Ready<'_>],
) -> (Vec<usize>, i64) {
    let worth = |own: &Ready<'_>| ground.draft(own, start).ceiling();
    let mut all: Vec<(i64, usize)> =
        offers.iter().enumerate().map(|(at, own)| (-worth(own), at)).collect();
    all.retain(|(value, _)| *value < 0);
    all.sort_unstable();
    let others = all.split_off(all.len().min(PLACES_MAX));
    let mut places: Vec<usize> = all.into_iter().map(|(_, at)| at).collect();
    places.sort_unstable();
    (places, others.iter().map(|(value, _)| -value).sum())
}
