//! The key that comes with a request.

use axum::http::{HeaderMap, header};
use base::{Code, Error, Result};
use base64::Engine;

/// The key in `Authorization`, bare or as the user of Basic authorisation; none without the
/// header.
///
/// # Errors
/// `unauthorized` when the header cannot be understood.
pub(super) fn shown(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let wrong = || {
        Error::new(Code::Unauthorized, "cannot be understood")
            .field("Authorization")
            .hint("send `Authorization: Bearer KEY`, or Basic with the key as the user")
    };
    let (scheme, rest) = value.to_str().ok().and_then(|v| v.split_once(' ')).ok_or_else(wrong)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Some(rest.trim().to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(wrong());
    }
    let plain = base64::engine::general_purpose::STANDARD.decode(rest.trim());
    let plain = plain.ok().and_then(|plain| String::from_utf8(plain).ok()).ok_or_else(wrong)?;
    Ok(Some(plain.split(':').next().unwrap_or_default().to_owned()))
}
