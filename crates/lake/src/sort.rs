//! The order in which rows are written: an index sorted by radix, never the rows themselves.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Int32Type, Int64Type, TimestampMicrosecondType};
use base::{Code, Error, Result};

/// Bits that one pass sorts by.
const DIGIT_BITS: u32 = 11;

/// A column as sort key: values made unsigned, order kept, missing ones first.
#[derive(Debug)]
pub(crate) struct Key {
    values: Vec<u64>,
    /// Bits that the largest value needs.
    bits: u32,
}

impl Key {
    /// From signed numbers.
    pub(crate) fn of(values: impl Iterator<Item = Option<i64>> + Clone) -> Self {
        let least = values.clone().flatten().min().unwrap_or(0);
        let mut largest = 0_u64;
        let values = values.map(|value| {
            // The distance to the least value fits 64 bits; only the full range would not.
            let key = value.map_or(0, |value| value.abs_diff(least).saturating_add(1));
            largest = largest.max(key);
            key
        });
        let values: Vec<u64> = values.collect();
        Self { values, bits: u64::BITS - largest.leading_zeros() }
    }

    /// From a column of whole numbers or times.
    pub(crate) fn of_array(array: &ArrayRef) -> Result<Self> {
        Ok(match array.data_type() {
            DataType::Int32 => {
                Self::of(array.as_primitive::<Int32Type>().iter().map(|v| v.map(i64::from)))
            }
            DataType::Int64 => Self::of(array.as_primitive::<Int64Type>().iter()),
            DataType::Timestamp(..) => {
                Self::of(array.as_primitive::<TimestampMicrosecondType>().iter())
            }
            other => {
                return Err(Error::new(Code::Internal, format!("{other} is no sort key")));
            }
        })
    }
}

/// The row numbers in the order of `keys`, the first being the most significant. Stable.
pub(crate) fn order(rows: u32, keys: &[Key]) -> Vec<u32> {
    let mut index: Vec<u32> = (0..rows).collect();
    let mut next = vec![0_u32; index.len()];
    for key in keys.iter().rev() {
        let mut shift = 0;
        while shift < key.bits {
            if pass(&key.values, shift, &index, &mut next) {
                std::mem::swap(&mut index, &mut next);
            }
            shift += DIGIT_BITS;
        }
    }
    index
}

/// One pass of a least-significant-digit radix sort; false when the rows already are in order.
fn pass(values: &[u64], shift: u32, index: &[u32], next: &mut [u32]) -> bool {
    let digit = |row: u32| {
        let value = values.get(row as usize).copied().unwrap_or_default();
        usize::try_from((value >> shift) & ((1 << DIGIT_BITS) - 1)).unwrap_or_default()
    };
    let mut counts = [0_u32; 1 << DIGIT_BITS];
    let mut sorted = true;
    let mut last = 0;
    for &row in index {
        let digit = digit(row);
        sorted &= last <= digit;
        last = digit;
        if let Some(count) = counts.get_mut(digit) {
            *count += 1;
        }
    }
    if sorted {
        return false;
    }
    let mut start = 0;
    for count in &mut counts {
        let here = *count;
        *count = start;
        start += here;
    }
    for &row in index {
        if let Some(place) = counts.get_mut(digit(row)) {
            if let Some(slot) = next.get_mut(*place as usize) {
                *slot = row;
            }
            *place += 1;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_order_is_that_of_the_tuples(
            rows in prop::collection::vec(
                (
                    prop_oneof![Just(3_i64), any::<i64>()],
                    prop::option::of(-5_i64..5),
                    -90_000_i64..90_000,
                ),
                0..200,
            )
        ) {
            let keys = [
                Key::of(rows.iter().map(|row| Some(row.0))),
                Key::of(rows.iter().map(|row| row.1)),
                Key::of(rows.iter().map(|row| Some(row.2))),
            ];
            let found = order(u32::try_from(rows.len()).unwrap(), &keys);
            let mut expected: Vec<u32> = (0..u32::try_from(rows.len()).unwrap()).collect();
            expected.sort_by_key(|row| rows[*row as usize]);
            prop_assert_eq!(found, expected);
        }
    }
}
