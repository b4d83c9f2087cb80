//! Runs: the visits of one batch of the fold, a row of some bytes for each number. Blocks take
//! many of them in at once, since a batch of a large shop touches nearly every block.

use std::collections::BTreeMap;

use base::Result;

/// The first and the last of some events, microseconds, and how many they are.
pub(super) type Span = (i64, i64, i64);

/// As a run is stored: for each number in order its distance from the one before, the distance of
/// its first event from that of the one before, how long its events lasted, and how many they are.
pub(super) fn write(spans: &BTreeMap<i64, Span>) -> Result<Vec<u8>> {
    let mut list: Vec<(i64, i64, i64, i64)> = Vec::with_capacity(spans.len());
    let (mut before, mut time) = (0_i64, 0_i64);
    for (&label, &(first_at, last_at, events)) in spans {
        let lasted = last_at.wrapping_sub(first_at);
        list.push((label.wrapping_sub(before), first_at.wrapping_sub(time), lasted, events));
        (before, time) = (label, first_at);
    }
    crate::codec::write(&list)
}

/// The run that [`write`] wrote, in the order of its numbers.
///
/// # Errors
/// `damaged` when it did not.
pub(super) fn read(body: &[u8]) -> Result<impl Iterator<Item = (i64, Span)>> {
    let list: Vec<(i64, i64, i64, i64)> = crate::codec::read(body)?;
    let (mut label, mut time) = (0_i64, 0_i64);
    Ok(list.into_iter().map(move |(step, later, lasted, events)| {
        (label, time) = (label.wrapping_add(step), time.wrapping_add(later));
        (label, (time, time.wrapping_add(lasted), events))
    }))
}
