//! When failures lock an account.

use base::Time;

/// Failures in a row before the first wait.
const FREE: i64 = 5;
/// The first wait, in microseconds; each failure after it doubles the next.
const WAIT_MICROS: i64 = 60 * 1_000_000;
/// Doublings at the most: about an hour.
const DOUBLINGS_MAX: u32 = 6;

/// Until when nobody gets in after so many failures in a row.
pub(crate) fn locked_until(failures: i64, now: Time) -> Option<Time> {
    let beyond = u32::try_from(failures - FREE).ok()?;
    Some(now.plus(WAIT_MICROS << beyond.min(DOUBLINGS_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_an_hour() {
        let now = Time::from_micros(0);
        let minutes = |failures| locked_until(failures, now).map(|at| at.micros() / 60_000_000);
        assert_eq!(
            [1, 4, 5, 6, 8, 11, 99].map(minutes),
            [None, None, Some(1), Some(2), Some(8), Some(64), Some(64)]
        );
    }
}
