//! The most that offers could still be worth together. Pure.
//!
//! Each is worth at most what it is worth to the cart as it stands, for no draft grows. So many of
//! a stage apply at the most, of a group one, and where a line takes one offer of a stage, what
//! lines bear for themselves is at most the best of each. All of these are bounds; the least holds.

use super::apply::Draft;
use super::stack::Stage;

/// A ceiling over offers that are added one after the other.
#[derive(Debug, Clone)]
pub(super) struct Ceiling {
    /// What can still be taken off the goods.
    room: i64,
    /// What can still be taken off the postage.
    postage: i64,
    /// What gifts are worth, and what comes back.
    besides: i64,
    /// Whether anything is.
    some_postage: bool,
    stages: [Level; Stage::ALL.len()],
}

/// What is known of a stage.
#[derive(Debug, Clone, Default)]
struct Level {
    /// Offers at the most.
    most: usize,
    /// What each is worth, the best first, with its group.
    values: Vec<(i64, Option<usize>)>,
    /// Whether a line takes one offer.
    once: bool,
    /// The best that each line bears for itself.
    lines: Vec<i64>,
    /// Their sum, and what does not go by line.
    shared: i64,
}

impl Ceiling {
    /// Over nothing: what can be taken off, and for each stage how many apply at the most and
    /// whether a line takes one.
    pub(super) fn new(
        (room, postage): (i64, i64),
        lines: usize,
        of: impl Fn(Stage) -> (i64, bool),
    ) -> Self {
        let level = |stage: Stage| {
            let (most, once) = of(stage);
            Level {
                most: usize::try_from(most).unwrap_or(usize::MAX),
                once,
                lines: vec![0; if once { lines } else { 0 }],
                ..Level::default()
            }
        };
        let stages = Stage::ALL.map(level);
        Self { room, postage, besides: 0, some_postage: false, stages }
    }

    /// One more could apply.
    pub(super) fn add(&mut self, stage: Stage, group: Option<usize>, draft: &Draft) {
        self.some_postage |= draft.postage > 0;
        self.besides += draft.worth + if draft.back { draft.open } else { 0 };
        if let Some(level) = self.stages.get_mut(stage as usize) {
            level.add(group, draft);
        }
    }

    /// The most that they are worth together.
    pub(super) fn total(&self) -> i64 {
        let postage = if self.some_postage { self.postage } else { 0 };
        let by_stage = self.stages.iter().map(Level::total).sum::<i64>();
        by_stage.min(self.room.saturating_add(postage).saturating_add(self.besides))
    }
}

impl Level {
    fn add(&mut self, group: Option<usize>, draft: &Draft) {
        self.rank(draft.ceiling(), group);
        if !self.once {
            return;
        }
        if !draft.by_line {
            self.shared += draft.ceiling();
            return;
        }
        for bit in draft.bits.iter().filter(|bit| bit.weight > 0) {
            let Some(line) = self.lines.get_mut(bit.line) else { continue };
            self.shared += (bit.most - *line).max(0);
            *line = bit.most.max(*line);
        }
    }

    fn rank(&mut self, value: i64, group: Option<usize>) {
        let same = self.values.iter().position(|(_, own)| group.is_some() && *own == group);
        if let Some(at) = same {
            if self.values.get(at).is_some_and(|(own, _)| *own >= value) {
                return;
            }
            self.values.remove(at);
        }
        let at = self.values.partition_point(|(own, _)| *own >= value);
        self.values.insert(at, (value, group));
    }

    fn total(&self) -> i64 {
        let best = self.values.iter().take(self.most).map(|(value, _)| value).sum();
        if self.once { self.shared.min(best) } else { best }
    }
}
