//! What is known of visits under one label, whatever the order in which they came.

use base::{Error, Result, Time};
use serde::{Deserialize, Serialize};

use crate::collect::Touch;
use crate::labelled::Kept;

/// When somebody was there, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(i64, u64, u64)", into = "(i64, u64, u64)")]
pub(super) struct Span {
    /// The first event.
    pub(super) first_at: Time,
    /// The last event.
    pub(super) last_at: Time,
    /// Events.
    pub(super) events: u64,
}

/// As it is stored: the first event, microseconds, how long it was to the last, and the events.
impl From<(i64, u64, u64)> for Span {
    fn from((first, lasted, events): (i64, u64, u64)) -> Self {
        let last_at = Time::from_micros(first.saturating_add_unsigned(lasted));
        Self { first_at: Time::from_micros(first), last_at, events }
    }
}

impl From<Span> for (i64, u64, u64) {
    fn from(span: Span) -> Self {
        let (first, last) = (span.first_at.micros(), span.last_at.micros());
        (first, last.abs_diff(first), span.events)
    }
}

impl Span {
    pub(super) fn of(at: Time) -> Self {
        Self { first_at: at, last_at: at, events: 1 }
    }
}

impl Kept for Span {
    const SERIES: &'static str = "visit";

    fn join(&mut self, other: Self) {
        self.first_at = self.first_at.min(other.first_at);
        self.last_at = self.last_at.max(other.last_at);
        self.events = self.events.saturating_add(other.events);
    }
}

/// The first and the last touch that say where a visit came from, each as its time and text. Of
/// touches at the same time the lesser text is the first, and the greater the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Touches {
    first: (Time, String),
    /// None when it is the first.
    last: Option<(Time, String)>,
}

impl Touches {
    pub(super) fn of(at: Time, touch: &Touch) -> Result<Self> {
        let text = serde_json::to_string(touch)
            .map_err(|cause| Error::internal("a touch could not be written", cause))?;
        Ok(Self { first: (at, text), last: None })
    }

    /// The first and the last.
    ///
    /// # Errors
    /// `damaged` when they are not as they were written.
    pub(super) fn read(&self) -> Result<(Touch, Touch)> {
        let read = |text: &str| {
            serde_json::from_str(text)
                .map_err(|cause| Error::damaged("a touch cannot be read").because(cause))
        };
        let last = self.last.as_ref().unwrap_or(&self.first);
        Ok((read(&self.first.1)?, read(&last.1)?))
    }
}

impl Kept for Touches {
    const SERIES: &'static str = "touch";

    fn join(&mut self, other: Self) {
        let all = [Some(&self.first), self.last.as_ref(), Some(&other.first), other.last.as_ref()];
        let all = all.into_iter().flatten();
        let last = all.clone().max().cloned();
        let Some(first) = all.min().cloned() else { return };
        self.last = last.filter(|last| *last != first);
        self.first = first;
    }
}
