//! What a request sends as JSON, with an error that names the field that is wrong.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use base::{Code, Error, Result};
use serde::de::DeserializeOwned;

use super::App;
use super::error::Refusal;

/// Bytes of such a body at the most.
const BYTES_MAX: usize = 256 << 10;

/// What the library puts before a place.
const AT: &str = " at line ";

/// What a request sends.
pub(super) struct Sent<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for Sent<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        json(request.headers())?;
        let bytes = Bytes::from_request(request, app).await.map_err(|cause| {
            Error::new(Code::TooLarge, "the body could not be taken").because(cause)
        })?;
        Ok(Self(read(&bytes)?))
    }
}

/// A page of another site can have a browser send other kinds without being asked.
fn json(headers: &HeaderMap) -> Result<()> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    if kind.trim().eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Error::new(Code::Unsupported, "is not application/json").field("Content-Type"))
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    if bytes.len() > BYTES_MAX {
        return Err(Error::new(Code::TooLarge, format!("a body has at most {BYTES_MAX} bytes")));
    }
    let deserializer = &mut serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        let wrong = Error::bad(plain(&error.into_inner().to_string()));
        if path == "." { wrong.hint("send a JSON object") } else { wrong.field(path) }
    })
}

/// The library's words without the place in the text, which a program's caller does not know.
fn plain(text: &str) -> String {
    text.split(AT).next().unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it can be read is looked at")]
    struct Two {
        name: String,
        inner: Vec<u8>,
    }

    #[test]
    fn what_is_wrong_is_named() {
        let field = |text: &str| read::<Two>(text.as_bytes()).unwrap_err().field;
        assert!(read::<Two>(br#"{"name":"a","inner":[1]}"#).is_ok());
        assert_eq!(field(r#"{"name":"a","inner":[1,"x"]}"#).as_deref(), Some("inner[1]"));
        assert_eq!(field(r#"{"name":7}"#).as_deref(), Some("name"));
        assert_eq!(field(r#"{"name":"a","inner":[],"more":1}"#).as_deref(), Some("more"));
        assert_eq!(field("[").as_deref(), None);
        let large = format!("\"{}\"", "x".repeat(BYTES_MAX));
        assert_eq!(read::<Two>(large.as_bytes()).unwrap_err().code, Code::TooLarge);
    }
}
