//! A shop's own pace: how fast its clients may write, so that one that floods is told to wait
//! before it costs the others anything.
//!
//! A shop has credit that grows with time. Whoever has any may write a batch of whatever size and
//! is in debt until time has paid for it: so it is decided before a body is read, and no batch is
//! too large for a slow pace.

use base::{Result, Time};
use serde::{Deserialize, Serialize};
use store::{Cx, setting};

/// The setting's name.
const NAME: &str = "pace";
/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// The fastest pace that can be set, in messages a second.
pub const PER_SECOND_MAX: u32 = 10_000_000;

/// How fast a shop may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// Messages a second, at least 1.
    pub per_second: u32,
    /// Messages that may come at once after a rest.
    pub burst: u32,
}

/// What a shop may still write, as of a moment.
#[derive(Debug, Clone, Copy)]
pub struct Credit {
    /// Microseconds of its pace; negative in debt.
    left: i64,
    at: Time,
}

impl Pace {
    /// What that many messages cost, in microseconds.
    fn cost(self, messages: usize) -> i64 {
        let messages = i64::try_from(messages).unwrap_or(i64::MAX);
        messages.saturating_mul(SECOND) / i64::from(self.per_second.max(1))
    }

    /// The credit of a shop that has rested.
    #[must_use]
    pub fn rested(self, now: Time) -> Credit {
        Credit { left: self.cost(self.burst.max(1) as usize), at: now }
    }
}

impl Credit {
    /// Whether the shop may write now; else the microseconds until it may.
    ///
    /// # Errors
    /// The microseconds to wait.
    pub fn ask(&mut self, pace: Pace, now: Time) -> Result<(), i64> {
        let passed = (now.micros() - self.at.micros()).max(0);
        let most = pace.rested(now).left;
        *self = Self { left: self.left.saturating_add(passed).min(most), at: now };
        if self.left > 0 { Ok(()) } else { Err(1 - self.left) }
    }

    /// Pays for messages that were written.
    pub fn pay(&mut self, pace: Pace, messages: usize) {
        self.left = self.left.saturating_sub(pace.cost(messages));
    }
}

/// A shop's pace; none when it may write as fast as it can.
///
/// # Errors
/// What the database reports.
pub async fn get(cx: &Cx) -> Result<Option<Pace>> {
    setting::get(&mut cx.read().await?, NAME).await
}

/// Sets a shop's pace.
///
/// # Errors
/// What the database reports.
pub async fn set(cx: &Cx, pace: Option<Pace>) -> Result<()> {
    let mut tx = cx.write().await?;
    setting::set(&mut tx, NAME, &pace).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Time {
        Time::from_micros(millis * 1_000)
    }

    #[test]
    fn a_shop_in_debt_waits_until_time_has_paid() {
        let pace = Pace { per_second: 100, burst: 50 };
        let mut credit = pace.rested(at(0));
        assert_eq!(credit.ask(pace, at(0)), Ok(()));
        // Half a second of credit, a second and a half of messages.
        credit.pay(pace, 150);
        assert_eq!(credit.ask(pace, at(0)), Err(1_000_001));
        assert_eq!(credit.ask(pace, at(999)), Err(1_001));
        assert_eq!(credit.ask(pace, at(1_001)), Ok(()));
        // A long rest gives no more than a burst.
        credit.pay(pace, 0);
        assert_eq!(credit.ask(pace, at(3_600_000)), Ok(()));
        credit.pay(pace, 50);
        assert_eq!(credit.ask(pace, at(3_600_000)), Err(1));
        // A clock that is set back takes nothing away.
        assert!(credit.ask(pace, at(0)).is_err());
    }

    #[test]
    fn on_average_no_more_is_written_than_the_pace_allows() {
        let pace = Pace { per_second: 1_000, burst: 1_000 };
        let mut credit = pace.rested(at(0));
        let written: usize = (0..10_000)
            .map(|millis| {
                let may = credit.ask(pace, at(millis)).is_ok();
                if may {
                    credit.pay(pace, 70);
                }
                if may { 70 } else { 0 }
            })
            .sum();
        // Ten seconds, a burst before them, and at most one batch too many.
        assert!((10_900..=11_070).contains(&written), "{written}");
    }
}
