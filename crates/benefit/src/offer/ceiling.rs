//! The most that offers could still be worth together. Pure.
//!
//! Each is worth at most its draft's ceiling for the cart as it stands. So many of a stage apply at
//! the most, and of those that keep each other out one; where a line takes one offer of some
//! stages, what lines bear for themselves is at most the best of each. All of these are bounds; the
//! least holds.

use super::apply::Draft;
use super::stack::{Stacking, Stage};

/// A ceiling over offers that are added one after the other.
#[derive(Debug, Clone)]
pub(super) struct Ceiling<'a> {
    rules: &'a Stacking,
    /// What can still be taken off the goods.
    room: i64,
    /// What can still be taken off the postage, and whether anything is.
    postage: (i64, bool),
    /// What gifts are worth, and what comes back.
    besides: i64,
    /// By stage: offers at the most, and what they are worth.
    stages: [(usize, Ranked); Stage::ALL.len()],
    /// By set of stages of whose offers a line takes one.
    sets: Vec<Once>,
}

/// What offers are worth, the best first; of those that keep each other out the best.
#[derive(Debug, Clone, Default)]
struct Ranked(Vec<(i64, Option<usize>)>);

/// What offers are worth of which a line takes one.
#[derive(Debug, Clone)]
struct Once {
    /// The best that each line bears for itself, and their sum.
    lines: Vec<i64>,
    sum: i64,
    /// What does not go by line.
    others: Ranked,
}

impl<'a> Ceiling<'a> {
    /// Over nothing: what can be taken off goods and postage, of a cart of so many lines, and how
    /// many of a stage apply at the most.
    pub(super) fn new(
        rules: &'a Stacking,
        (room, postage): (i64, i64),
        lines: usize,
        most: impl Fn(Stage) -> i64,
    ) -> Self {
        let most = |stage| usize::try_from(most(stage)).unwrap_or(usize::MAX);
        let none = Once { lines: vec![0; lines], sum: 0, others: Ranked::default() };
        Self {
            rules,
            room,
            postage: (postage, false),
            besides: 0,
            stages: Stage::ALL.map(|stage| (most(stage), Ranked::default())),
            sets: vec![none; rules.once.len()],
        }
    }

    /// One more could apply; `group` tells which keep each other out.
    pub(super) fn add(&mut self, stage: Stage, group: Option<usize>, draft: &Draft) {
        self.postage.1 |= draft.postage > 0;
        self.besides += draft.besides() - draft.postage;
        if let Some((_, ranked)) = self.stages.get_mut(stage as usize) {
            ranked.add(draft.ceiling(), group);
        }
        if let Some(set) = self.rules.set_of(stage).and_then(|set| self.sets.get_mut(set)) {
            set.add(draft, group);
        }
    }

    /// The most that they are worth together.
    pub(super) fn total(&self) -> i64 {
        let best = |stage: Stage| {
            self.stages.get(stage as usize).map_or(0, |(most, ranked)| ranked.sum(*most))
        };
        let of = |set: Option<usize>| {
            let stages = Stage::ALL.iter().filter(|stage| self.rules.set_of(**stage) == set);
            stages.map(|stage| best(*stage)).sum::<i64>()
        };
        let sets = self.sets.iter().enumerate();
        let in_sets: i64 = sets.map(|(at, set)| of(Some(at)).min(set.total())).sum();
        let (postage, some) = self.postage;
        let money = self.room + if some { postage } else { 0 } + self.besides;
        (in_sets + of(None)).min(money)
    }
}

impl Ranked {
    fn add(&mut self, value: i64, group: Option<usize>) {
        let same = self.0.iter().position(|(_, own)| group.is_some() && *own == group);
        if let Some(at) = same {
            if self.0.get(at).is_some_and(|(own, _)| *own >= value) {
                return;
            }
            self.0.remove(at);
        }
        let at = self.0.partition_point(|(own, _)| *own >= value);
        self.0.insert(at, (value, group));
    }

    fn sum(&self, most: usize) -> i64 {
        self.0.iter().take(most).map(|(value, _)| value).sum()
    }
}

impl Once {
    fn add(&mut self, draft: &Draft, group: Option<usize>) {
        if !draft.by_line {
            self.others.add(draft.ceiling(), group);
            return;
        }
        for bit in draft.bits.iter().filter(|bit| bit.weight > 0) {
            let Some(line) = self.lines.get_mut(bit.line) else { continue };
            self.sum += (bit.most - *line).max(0);
            *line = bit.most.max(*line);
        }
    }

    fn total(&self) -> i64 {
        self.sum + self.others.sum(usize::MAX)
    }
}
