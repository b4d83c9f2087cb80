//! How a set of customers is stored.

use std::collections::BTreeSet;

use base::{Error, Result};
use roaring::RoaringBitmap;

/// Customers of a stored part: those whose numbers have the same first 16 bits.
const PART: u32 = 1 << 16;

/// A set as bytes.
///
/// # Errors
/// `internal` when it cannot be written.
pub fn bytes(set: &RoaringBitmap) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(set.serialized_size());
    set.serialize_into(&mut bytes)?;
    Ok(bytes)
}

/// A set from its bytes.
///
/// # Errors
/// `damaged` when they are none.
pub fn numbers(bytes: &[u8]) -> Result<RoaringBitmap> {
    RoaringBitmap::deserialize_from(bytes).map_err(|cause| {
        Error::damaged("a set of customers is not as it was written").because(cause)
    })
}

/// The parts of a set that another one has otherwise, each with the members that it has now.
#[must_use]
pub fn parts(now: &RoaringBitmap, changed: &RoaringBitmap) -> Vec<(i64, RoaringBitmap)> {
    let mut parts: BTreeSet<u32> = BTreeSet::new();
    let mut next = changed.min();
    while let Some(number) = next {
        let part = number / PART;
        parts.insert(part);
        let after = part.checked_add(1).and_then(|part| part.checked_mul(PART));
        next = after.and_then(|after| changed.range(after..).next());
    }
    let own = |part: u32| {
        let first = part * PART;
        now.range(first..=first + (PART - 1)).collect::<RoaringBitmap>()
    };
    parts.into_iter().map(|part| (i64::from(part), own(part))).collect()
}

/// The customer that a set consists of; none where it has more or nobody.
#[must_use]
pub fn only(set: &RoaringBitmap) -> Option<i64> {
    set.min().filter(|_| set.len() == 1).map(i64::from)
}
