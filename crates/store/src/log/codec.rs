//! How a batch is written: version, length before compression, zstd, sealed as a whole.

use base::{Code, Entropy, Error, Result};

use super::{BATCH_BYTES_MAX, Fact};
use crate::key::DataKey;

/// Format of a batch. A newer one is refused.
const VERSION: u8 = 1;
/// zstd's fastest level: it hides behind the write to disk.
const LEVEL: i32 = 1;

/// Facts as they are written, before they are sealed.
#[derive(Debug, Clone)]
pub struct Packed {
    bytes: Vec<u8>,
    /// How many facts.
    pub(super) count: usize,
}

/// Packs facts; what takes time, so that it can be done elsewhere than in a transaction.
///
/// # Errors
/// `too_large` above [`BATCH_BYTES_MAX`].
pub fn pack(facts: &[Fact]) -> Result<Packed> {
    let plain = postcard::to_stdvec(facts)
        .map_err(|cause| Error::internal("a batch could not be written", cause))?;
    if plain.len() > BATCH_BYTES_MAX {
        let text = format!("a batch has {} bytes, more than {BATCH_BYTES_MAX}", plain.len());
        return Err(Error::new(Code::TooLarge, text));
    }
    let length = u32::try_from(plain.len()).unwrap_or(u32::MAX);
    let packed = zstd::bulk::compress(&plain, LEVEL)?;
    let mut bytes = Vec::with_capacity(packed.len() + 5);
    bytes.push(VERSION);
    bytes.extend(length.to_le_bytes());
    bytes.extend(packed);
    Ok(Packed { bytes, count: facts.len() })
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
