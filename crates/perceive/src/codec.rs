//! How parts and batches are written: a version, then postcard.

use base::{Code, Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Format of stored parts. A newer one is refused.
const VERSION: u8 = 1;
/// Format of stored parts with a list at their end that the format before had not.
const GROWN: u8 = 2;
/// An empty list in postcard: its length.
const EMPTY_LIST: u8 = 0;

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
    let (version, rest) = split(bytes)?;
    if version != VERSION {
        return Err(unknown(version));
    }
    postcard::from_bytes(rest).map_err(|cause| damaged().because(cause))
}

/// The bytes of a value whose type has got a list at its end since [`VERSION`].
///
/// # Errors
/// As [`write`].
pub(crate) fn write_grown<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    let mut bytes = write(value)?;
    if let Some(version) = bytes.first_mut() {
        *version = GROWN;
    }
    Ok(bytes)
}

/// The value of bytes that [`write_grown`] wrote, or [`write`] before: then the list is empty.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_grown<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let (version, rest) = split(bytes)?;
    match version {
        VERSION => {
            let mut rest = rest.to_vec();
            rest.push(EMPTY_LIST);
            postcard::from_bytes(&rest)
        }
        GROWN => postcard::from_bytes(rest),
        _ => return Err(unknown(version)),
    }
    .map_err(|cause| damaged().because(cause))
}

fn split(bytes: &[u8]) -> Result<(u8, &[u8])> {
    let (&version, rest) = bytes.split_first().ok_or_else(damaged)?;
    Ok((version, rest))
}

fn damaged() -> Error {
    Error::damaged("a stored part is not as it was written")
}

fn unknown(version: u8) -> Error {
    let text = format!("a stored part has the unknown format {version}");
    Error::new(Code::Unsupported, text).hint("use a newer Shuke")
}
