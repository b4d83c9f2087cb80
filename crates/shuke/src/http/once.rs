//! The id that a caller gives a request, so that it happens once however often it is sent.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base::{Error, Result};
use store::idempotency::KEY_CHARS_MAX;

use super::App;
use super::error::Refusal;

/// The header.
const HEADER: &str = "Idempotency-Key";

/// The id, where the caller gives one.
pub(super) struct Once(pub(super) Option<String>);

impl Once {
    /// The id, which must be there.
    ///
    /// # Errors
    /// `bad_input` where it is not.
    pub(super) fn needed(self) -> Result<String> {
        let missing = || {
            Error::bad("is missing")
                .field("Idempotency-Key")
                .hint("send an id of your own, such as the number of the order and of the step")
        };
        self.0.ok_or_else(missing)
    }
}

impl FromRequestParts<App> for Once {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        let Some(value) = parts.headers.get(HEADER) else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default().trim();
        if text.is_empty() || text.len() > KEY_CHARS_MAX {
            let wrong = format!("must have 1 to {KEY_CHARS_MAX} characters");
            return Err(Error::bad(wrong).field("Idempotency-Key").into());
        }
        Ok(Self(Some(text.to_owned())))
    }
}
