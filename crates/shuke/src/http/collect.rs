//! Where a shop's clients write: Segment's HTTP API, for the clients that shops already have.

use std::io::Read as _;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base::{Code, Error, Result};
use base64::Engine;
use perceive::collect::Kind;
use perceive::collect::intake;
use perceive::collect::wire::{self, BODY_BYTES_MAX, Envelope, Received};
use store::log::Bundle;

use super::writer::{Writer, too_fast};
use super::{App, refusal};
use crate::place::now;

/// Calls that carry several messages.
const BATCHES: [&str; 3] = ["batch", "b", "import"];
/// Where browsers' clients report on themselves; nobody here wants to know.
const SELF_REPORT: &str = "m";
/// How long a browser need not ask again whether it may write, in seconds.
const PREFLIGHT_SECONDS: &str = "86400";
/// Bytes of a body that is read where it arrives; a larger one is read aside.
const SMALL_BYTES: usize = 16 << 10;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/{call}", post(take).options(preflight))
        .route("/v1/projects/{key}/settings", get(settings).options(preflight))
}

async fn take(
    State(app): State<App>,
    Path(call): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let answer = match received(&app, &call, &headers, body).await {
        Ok(Taken::All(refused)) => {
            axum::Json(serde_json::json!({ "success": true, "refused": refused })).into_response()
        }
        Ok(Taken::Later(seconds)) => {
            let mut answer = refusal(&too_fast());
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            answer
        }
        Err(error) => denial(&error),
    };
    allowed(&headers, answer)
}

/// An error as an answer: who has no key is not known, rather than not allowed.
fn denial(error: &Error) -> Response {
    let mut answer = refusal(error);
    if error.code == Code::Forbidden {
        *answer.status_mut() = StatusCode::UNAUTHORIZED;
    }
    answer
}

/// What became of a request.
enum Taken {
    /// It was written, all but so many of its messages that could not be understood.
    All(usize),
    /// The shop writes too fast and may come again after so many seconds.
    Later(i64),
}

/// Writes what a request says.
async fn received(
    app: &App,
    call: &str,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Taken> {
    let kind = Kind::named(call);
    if call == SELF_REPORT {
        return Ok(Taken::All(0));
    }
    if kind.is_none() && !BATCHES.contains(&call) {
        return Err(Error::missing("there is no such call").field(call.to_owned()));
    }
    let body = body.map_err(|cause| match cause.status() {
        StatusCode::PAYLOAD_TOO_LARGE => wire::too_large().because(cause),
        _ => Error::bad("the body did not arrive whole").because(cause),
    })?;
    let body = unpacked(headers, body)?;
    let writer = match basic_key(headers)? {
        Some(key) => app.writers.of(&app.place, &key).await?,
        None => {
            let key = wire::open(&body, kind)?.write_key().map(str::to_owned);
            app.writers.of(&app.place, &key.ok_or_else(no_key)?).await?
        }
    };
    if unwanted(headers) {
        return Ok(Taken::All(0));
    }
    if let Err(seconds) = writer.ask() {
        return Ok(Taken::Later(seconds));
    }
    let arrived = Arrived::new(kind, headers, body, &writer);
    let Read { facts, refused } = if arrived.body.len() <= SMALL_BYTES {
        arrived.read()?
    } else {
        writer.aside(move || arrived.read()).await?
    };
    for (place, error) in &refused {
        let Writer { shop, source, .. } = &writer;
        tracing::warn!(shop = shop.0, source, place, error = %error, "a message was refused");
    }
    writer.pay(facts.count() + refused.len());
    app.intake.hand_in(writer.shop, facts).await?;
    Ok(Taken::All(refused.len()))
}

/// A request whose sender is known.
struct Arrived {
    body: Bytes,
    kind: Option<Kind>,
    source: i64,
    agent: String,
    prefetch: bool,
    received: base::Time,
}

/// What it says.
struct Read {
    facts: Bundle,
    refused: Vec<(usize, Error)>,
}

impl Arrived {
    fn new(kind: Option<Kind>, headers: &HeaderMap, body: Bytes, writer: &Writer) -> Self {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let purpose = header("sec-purpose").or(header("purpose"));
        Self {
            body,
            kind,
            source: writer.source,
            agent: header("user-agent").unwrap_or_default().to_owned(),
            prefetch: purpose.is_some_and(|purpose| purpose.contains("prefetch")),
            received: now(),
        }
    }

    fn read(self) -> Result<Read> {
        let Self { body, kind, source, agent, prefetch, received } = self;
        let envelope = Envelope { source, kind, received, agent: &agent, prefetch };
        let Received { messages, refused } = wire::read(&body, &envelope)?;
        Ok(Read { facts: intake::bundle(&messages)?, refused })
    }
}

/// Who asks not to be followed is not.
fn unwanted(headers: &HeaderMap) -> bool {
    ["dnt", "sec-gpc"]
        .iter()
        .any(|name| headers.get(*name).is_some_and(|value| value.as_bytes() == b"1"))
}

/// A body as it was before gzip.
fn unpacked(headers: &HeaderMap, body: Bytes) -> Result<Bytes> {
    let encoding = headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
    match encoding {
        None | Some(b"" | b"identity") => Ok(body),
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

fn no_key() -> Error {
    Error::new(Code::Forbidden, "is not a write key").field("writeKey")
}

/// The write key of Basic authorisation; none when the body has to carry it.
fn basic_key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().map_err(|_| no_key())?;
    let (scheme, packed) = text.split_once(' ').ok_or_else(no_key)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(no_key());
    }
    let plain = base64::engine::general_purpose::STANDARD.decode(packed.trim());
    let plain = String::from_utf8(plain.map_err(|_| no_key())?).map_err(|_| no_key())?;
    Ok(plain.split(':').next().map(str::to_owned))
}

/// What a browser's client asks for before it writes: where to, and that it is to report to
/// nobody how it fares.
async fn settings(State(app): State<App>, Path(key): Path<String>, headers: HeaderMap) -> Response {
    let answer = match app.writers.of(&app.place, &key).await {
        Ok(_) => {
            let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
            let host = header("x-forwarded-host").or(header("host")).unwrap_or_default();
            let safe = header("x-forwarded-proto") == Some("https");
            let own = serde_json::json!({
                "apiKey": key,
                "apiHost": format!("{host}/v1"),
                "protocol": if safe { "https" } else { "http" },
            });
            axum::Json(serde_json::json!({
                "integrations": { "Segment.io": own },
                "remotePlugins": [],
                "metrics": { "sampleRate": 0 },
            }))
            .into_response()
        }
        Err(error) => denial(&error),
    };
    allowed(&headers, answer)
}

/// May a page write? It may, with whatever headers its client has: some name how often they have
/// tried.
async fn preflight(headers: HeaderMap) -> Response {
    let mut answer = allowed(&headers, StatusCode::NO_CONTENT.into_response());
    let own = answer.headers_mut();
    let asked = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    own.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, OPTIONS"),
    );
    own.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        asked.unwrap_or(HeaderValue::from_static("authorization,content-type,content-encoding")),
    );
    own.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_SECONDS));
    answer
}

/// A shop's pages stand on other addresses than this: whoever has a write key may write from
/// anywhere, and learns when to come again. No cookie is ever looked at.
fn allowed(headers: &HeaderMap, mut answer: Response) -> Response {
    let origin = headers.get(header::ORIGIN).cloned();
    if let Some(origin) = origin {
        let own = answer.headers_mut();
        own.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        own.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Retry-After"));
        own.insert(header::VARY, HeaderValue::from_static("Origin"));
    }
    answer
}
