//! How parts and batches are written: a version, then postcard.

use base::{Code, Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Format of stored parts. A newer one is refused.
const VERSION: u8 = 1;

/// The bytes of a value.
///
/// # Errors
/// `internal` when the value cannot be written.
pub(crate) fn write<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    write_over(Vec::new(), value)
}

/// As [`write`], in place of what `bytes` held: their room serves again.
pub(crate) fn write_over<T: Serialize>(mut bytes: Vec<u8>, value: &T) -> Result<Vec<u8>> {
    bytes.clear();
    bytes.push(VERSION);
    postcard::to_io(value, &mut bytes)
        .map_err(|cause| Error::internal("a part could not be written", cause))?;
    Ok(bytes)
}

/// The value of stored bytes.
///
/// # Errors
/// `unsupported` for a newer format, `damaged` when the bytes are not as they were written.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let damaged = || Error::damaged("a stored part is not as it was written");
    let (&version, rest) = bytes.split_first().ok_or_else(damaged)?;
    if version != VERSION {
        let text = format!("a stored part has the unknown format {version}");
        return Err(Error::new(Code::Unsupported, text).hint("use a newer Shuke"));
    }
    postcard::from_bytes(rest).map_err(|cause| damaged().because(cause))
}
