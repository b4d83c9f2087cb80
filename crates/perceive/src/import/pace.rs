//! How many rows a batch has: as many as are folded well within a second.
//!
//! A transaction that stays open holds every reader of PostgreSQL's log back, and rows cost very
//! different times on different machines and in different files. What comes of an import does not
//! depend on how its rows are cut into batches.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base::Time;

/// Rows of a batch at the most: large enough to share what orders have in common.
pub const ROWS_MAX: usize = 20_000;
/// Rows of a batch at the least.
const ROWS_MIN: usize = 500;
/// Rows of the first batch, while nothing has been measured.
const ROWS_FIRST: usize = 5_000;
/// How long folding a batch should take, in microseconds: the next file's rows may cost twice as
/// much as this one's.
const FOLD_MICROS: i64 = 400_000;

/// How an import chooses the size of its batches.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// Always so many rows.
    Fixed(usize),
    /// By how long the last batch took on this clock.
    Timed(fn() -> Time),
}

/// The size of the next batch, shared by who reads and who folds.
#[derive(Debug, Clone)]
pub(super) struct Steps {
    pace: Pace,
    rows: Arc<AtomicUsize>,
}

impl Steps {
    pub(super) fn new(pace: Pace) -> Self {
        let rows = match pace {
            Pace::Fixed(rows) => rows.clamp(1, ROWS_MAX),
            Pace::Timed(_) => ROWS_FIRST,
        };
        Self { pace, rows: Arc::new(AtomicUsize::new(rows)) }
    }

    /// Rows of the next batch.
    pub(super) fn rows(&self) -> usize {
        self.rows.load(Ordering::Relaxed)
    }

    /// The time, where batches are timed.
    pub(super) fn now(&self) -> Option<Time> {
        match self.pace {
            Pace::Fixed(_) => None,
            Pace::Timed(clock) => Some(clock()),
        }
    }

    /// Learns that a batch of `rows` was folded since `began`.
    pub(super) fn folded(&self, rows: u64, began: Option<Time>) {
        if let (Some(began), Some(now)) = (began, self.now()) {
            let rows = usize::try_from(rows).unwrap_or(usize::MAX);
            let next = next(self.rows(), rows, now.micros() - began.micros());
            self.rows.store(next, Ordering::Relaxed);
        }
    }
}

/// Rows of the next batch, when batches have `current` rows and one of `rows` took `micros`.
fn next(current: usize, rows: usize, micros: i64) -> usize {
    // What a few rows take says nothing about many.
    if rows < ROWS_MIN {
        return current;
    }
    let wide = |number: usize| i128::try_from(number).unwrap_or(i128::MAX);
    let fitting = wide(rows) * i128::from(FOLD_MICROS) / i128::from(micros.max(1));
    let fitting = usize::try_from(fitting).unwrap_or(ROWS_MAX);
    fitting.min(current.saturating_mul(2)).clamp(ROWS_MIN, ROWS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_by_steps_and_shrink_at_once() {
        for (current, rows, micros, expected) in [
            (5_000, 5_000, 100_000, 10_000),
            (10_000, 10_000, 200_000, 20_000),
            (20_000, 20_000, 50_000, ROWS_MAX),
            (20_000, 20_000, 800_000, 10_000),
            (20_000, 20_000, 60_000_000, ROWS_MIN),
            (5_000, 10, 1_000_000, 5_000),
            (5_000, 5_000, 0, 10_000),
            (5_000, 5_000, -7, 10_000),
        ] {
            assert_eq!(next(current, rows, micros), expected, "{current} {rows} {micros}");
        }
        let steps = Steps::new(Pace::Fixed(0));
        steps.folded(1, steps.now());
        assert_eq!(steps.rows(), 1);
    }
}
