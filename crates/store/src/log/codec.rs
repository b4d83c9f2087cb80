//! How a batch is written: version, length before compression, zstd, sealed as a whole.

use std::cell::RefCell;
use std::io::Cursor;

use base::{Code, Entropy, Error, Result, Time};
use serde::Serialize;
use zstd::bulk::Compressor;

use super::{BATCH_BYTES_MAX, Fact};
use crate::key::DataKey;

/// Format of a batch. A newer one is refused.
const VERSION: u8 = 1;
/// Bytes before what is compressed: the version, and how long it is unpacked.
const HEAD: usize = 5;
/// A fast level of zstd: half again as large as level 1 makes it, in half the time.
const LEVEL: i32 = -3;

thread_local! {
    /// What compresses on this thread: making one costs as much as a small batch.
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

/// Facts as they are written, before they are sealed.
#[derive(Debug, Clone)]
pub struct Packed {
    bytes: Vec<u8>,
    /// How many facts.
    pub(super) count: usize,
}

/// Facts on their way into a batch, in the bytes that they have there: cheap to put together, so
/// that many can be made at once and written in one row.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    bytes: Vec<u8>,
    count: usize,
}

/// A [`Fact`] that is somebody else's.
#[derive(Serialize)]
struct Lent<'a> {
    kind: &'a str,
    at: Time,
    #[serde(with = "serde_bytes")]
    body: &'a [u8],
}

impl Bundle {
    /// Adds a fact.
    ///
    /// # Errors
    /// `internal` when it cannot be written.
    pub fn push(&mut self, kind: &str, at: Time, body: &[u8]) -> Result<()> {
        let lent = Lent { kind, at, body };
        postcard::to_io(&lent, &mut self.bytes).map_err(unwritten)?;
        self.count += 1;
        Ok(())
    }

    /// Bytes before compression.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// How many facts.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }
}

/// Packs bundles into one batch; see [`pack`].
///
/// # Errors
/// `too_large` above [`BATCH_BYTES_MAX`].
pub fn bind(bundles: &[Bundle]) -> Result<Packed> {
    let count: usize = bundles.iter().map(|bundle| bundle.count).sum();
    let mut plain = Vec::with_capacity(bundles.iter().map(Bundle::bytes).sum::<usize>() + 10);
    // As many as there are, then each: how a list of them is written.
    postcard::to_io(&count, &mut plain).map_err(unwritten)?;
    bundles.iter().for_each(|bundle| plain.extend_from_slice(&bundle.bytes));
    squeeze(&plain, count)
}

/// Packs facts; what takes time, so that it can be done elsewhere than in a transaction.
///
/// # Errors
/// `too_large` above [`BATCH_BYTES_MAX`].
pub fn pack(facts: &[Fact]) -> Result<Packed> {
    let mut plain = Vec::new();
    postcard::to_io(facts, &mut plain).map_err(unwritten)?;
    squeeze(&plain, facts.len())
}

fn squeeze(plain: &[u8], count: usize) -> Result<Packed> {
    if plain.len() > BATCH_BYTES_MAX {
        let text = format!("a batch has {} bytes, more than {BATCH_BYTES_MAX}", plain.len());
        return Err(Error::new(Code::TooLarge, text));
    }
    let length = u32::try_from(plain.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(HEAD + zstd::zstd_safe::compress_bound(plain.len()));
    bytes.push(VERSION);
    bytes.extend(length.to_le_bytes());
    let mut rest = Cursor::new(bytes);
    rest.set_position(HEAD as u64);
    PACKER.with_borrow_mut(|packer| {
        let packer = match packer {
            Some(packer) => packer,
            none => none.insert(Compressor::new(LEVEL)?),
        };
        packer.compress_to_buffer(plain, &mut rest)
    })?;
    Ok(Packed { bytes: rest.into_inner(), count })
}

fn unwritten(cause: postcard::Error) -> Error {
    Error::internal("a batch could not be written", cause)
}

pub(super) fn seal(
    key: &DataKey,
    about: &str,
    packed: &Packed,
    entropy: &Entropy,
) -> Result<Vec<u8>> {
    key.seal(about, &packed.bytes, entropy)
}

pub(super) fn open(key: &DataKey, about: &str, payload: &[u8]) -> Result<Vec<Fact>> {
    let damaged = || Error::damaged("a row of the log is not as it was written");
    let bytes = key.open(about, payload)?;
    let (&version, rest) = bytes.split_first().ok_or_else(damaged)?;
    if version != VERSION {
        let text = format!("a row of the log has the unknown format {version}");
        return Err(Error::new(Code::Unsupported, text).hint("use a newer Shuke"));
    }
    let (length, packed) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > BATCH_BYTES_MAX {
        return Err(damaged());
    }
    let plain = zstd::bulk::decompress(packed, length)?;
    postcard::from_bytes(&plain).map_err(|cause| damaged().because(cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundles_are_written_as_one_list_of_facts() {
        let facts: Vec<Fact> = (0..300)
            .map(|n| Fact { kind: format!("k{n}"), at: Time::from_micros(n), body: vec![7; 3] })
            .collect();
        let bundles: Vec<Bundle> = facts
            .chunks(77)
            .map(|facts| {
                let mut own = Bundle::default();
                for Fact { kind, at, body } in facts {
                    own.push(kind, *at, body).expect("a fact");
                }
                own
            })
            .collect();
        assert_eq!(bundles.iter().map(Bundle::count).sum::<usize>(), 300);
        let (one, other) = (bind(&bundles).expect("a batch"), pack(&facts).expect("a batch"));
        assert_eq!((one.count, one.bytes), (other.count, other.bytes));
    }
}
