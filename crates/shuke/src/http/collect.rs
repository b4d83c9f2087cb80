//! Where a shop's clients write: Segment's HTTP API, for the clients that shops already have.

use std::io::Read;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base::{Code, Error, Result};
use base64::Engine;
use perceive::collect::Kind;
use perceive::collect::wire::{self, BODY_BYTES_MAX, Envelope, Received};
use serde::Deserialize;

use super::{App, refusal};
use crate::place::now;

/// Calls that carry several messages.
const BATCHES: [&str; 3] = ["batch", "b", "import"];
/// Where browsers' clients report on themselves; nobody here wants to know.
const SELF_REPORT: &str = "m";
/// How long a browser need not ask again whether it may write, in seconds.
const PREFLIGHT_SECONDS: &str = "86400";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/{call}", post(take).options(preflight))
        .route("/v1/projects/{key}/settings", get(settings).options(preflight))
}

async fn take(
    State(app): State<App>,
    Path(call): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = match received(&app, &call, &headers, &body).await {
        Ok(refused) => {
            axum::Json(serde_json::json!({ "success": true, "refused": refused })).into_response()
        }
        Err(error) if error.code == Code::Forbidden => {
            (StatusCode::UNAUTHORIZED, refusal(&error).into_body()).into_response()
        }
        Err(error) => refusal(&error),
    };
    allowed(&headers, answer)
}

/// Writes what a request says; how many of its messages could not be understood.
async fn received(app: &App, call: &str, headers: &HeaderMap, body: &Bytes) -> Result<usize> {
    let kind = Kind::named(call);
    if call == SELF_REPORT {
        return Ok(0);
    }
    if kind.is_none() && !BATCHES.contains(&call) {
        return Err(Error::missing("there is no such call").field(call.to_owned()));
    }
    let body = unpacked(headers, body)?;
    let (shop, source) = app.writer(&write_key(headers, &body)?).await?;
    if unwanted(headers) {
        return Ok(0);
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let purpose = header("sec-purpose").or(header("purpose"));
    let envelope = Envelope {
        source,
        kind,
        received: now(),
        agent: header("user-agent").unwrap_or_default(),
        prefetch: purpose.is_some_and(|purpose| purpose.contains("prefetch")),
    };
    let Received { messages, refused } = wire::read(&body, &envelope)?;
    for (place, error) in &refused {
        tracing::warn!(shop = shop.0, source, place, error = %error, "a message was refused");
    }
    let facts = messages.iter().map(perceive::collect::Message::fact).collect::<Result<_>>()?;
    app.intake.hand_in(shop, facts).await?;
    Ok(refused.len())
}

/// Who asks not to be followed is not.
fn unwanted(headers: &HeaderMap) -> bool {
    ["dnt", "sec-gpc"]
        .iter()
        .any(|name| headers.get(*name).is_some_and(|value| value.as_bytes() == b"1"))
}

/// A body as it was before gzip.
fn unpacked(headers: &HeaderMap, body: &Bytes) -> Result<Bytes> {
    let encoding = headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
    match encoding {
        None | Some(b"" | b"identity") => Ok(body.clone()),
        Some(b"gzip") => {
            let mut plain = Vec::new();
            let limit = u64::try_from(BODY_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
            let mut packed = flate2::read::GzDecoder::new(body.as_ref()).take(limit);
            packed
                .read_to_end(&mut plain)
                .map_err(|cause| Error::bad("the body is not what gzip makes").because(cause))?;
            Ok(plain.into())
        }
        Some(_) => Err(Error::new(Code::Unsupported, "the body is packed in an unknown way")
            .field("Content-Encoding")
            .hint("use gzip, or none")),
    }
}

#[derive(Deserialize)]
struct Keyed {
    #[serde(rename = "writeKey")]
    write_key: Option<String>,
}

/// The write key: of Basic authorisation, or of the body.
fn write_key(headers: &HeaderMap, body: &[u8]) -> Result<String> {
    let wrong = || Error::new(Code::Forbidden, "is not a write key").field("writeKey");
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let text = value.to_str().map_err(|_| wrong())?;
        let packed = text.strip_prefix("Basic ").ok_or_else(wrong)?;
        let plain = base64::engine::general_purpose::STANDARD.decode(packed.trim());
        let plain = String::from_utf8(plain.map_err(|_| wrong())?).map_err(|_| wrong())?;
        return Ok(plain.split(':').next().unwrap_or_default().to_owned());
    }
    let keyed: Option<Keyed> = serde_json::from_slice(body).ok();
    keyed.and_then(|keyed| keyed.write_key).ok_or_else(wrong)
}

/// What a browser's client asks for before it writes.
async fn settings(State(app): State<App>, Path(key): Path<String>, headers: HeaderMap) -> Response {
    let answer = match app.writer(&key).await {
        Ok(_) => {
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
            let host = format!("{}/v1", host.unwrap_or_default());
            let own = serde_json::json!({ "apiKey": key, "apiHost": host, "protocol": "http" });
            axum::Json(serde_json::json!({ "integrations": { "Segment.io": own } })).into_response()
        }
        Err(error) => refusal(&error),
    };
    allowed(&headers, answer)
}

async fn preflight(headers: HeaderMap) -> Response {
    let mut answer = allowed(&headers, StatusCode::NO_CONTENT.into_response());
    let own = answer.headers_mut();
    own.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, OPTIONS"),
    );
    own.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("authorization,content-type,content-encoding"),
    );
    own.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_SECONDS));
    answer
}

/// A shop's pages stand on other addresses than this: whoever has a write key may write from
/// anywhere. No cookie is ever looked at.
fn allowed(headers: &HeaderMap, mut answer: Response) -> Response {
    let origin = headers.get(header::ORIGIN).cloned();
    if let Some(origin) = origin {
        answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        answer.headers_mut().insert(header::VARY, HeaderValue::from_static("Origin"));
    }
    answer
}
