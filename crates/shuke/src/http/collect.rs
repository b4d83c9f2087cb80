//! Where a shop's clients write: Segment's HTTP API, for the clients that shops already have.

use std::io::Read as _;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::options;
use base::{Code, Error, Result};
use perceive::collect::Kind;
use perceive::collect::intake;
use perceive::collect::wire::{self, BODY_BYTES_MAX, Envelope, Received};
use serde::Serialize;
use store::log::Bundle;
use utoipa::{IntoResponses, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::{CollectError, refusal};
use super::writer::{Writer, too_fast};
use super::{App, key};
use crate::place::now;

/// Calls that carry several messages.
const BATCHES: [&str; 3] = ["batch", "b", "import"];
/// Where browsers' clients report on themselves; nobody here wants to know.
const SELF_REPORT: &str = "m";
/// How long a browser may keep its settings, which no cache between may.
const SETTINGS_KEPT: &str = "private,max-age=300";
/// How long a browser need not ask again whether it may write, in seconds.
const PREFLIGHT_SECONDS: &str = "86400";
/// Bytes of a body that is read where it arrives; a larger one is read aside.
const SMALL_BYTES: usize = 64 << 10;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(take))
        .routes(routes!(settings))
        .route("/v1/{call}", options(preflight))
        .route("/v1/projects/{write_key}/settings", options(preflight))
}

/// A call.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
pub(super) enum Call {
    Track,
    T,
    Page,
    P,
    Screen,
    S,
    Identify,
    I,
    Group,
    G,
    Alias,
    A,
    Batch,
    B,
    Import,
    M,
}

/// A message of Segment's, or a batch of them in `batch`. What is not named here may be there, too.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
pub(super) struct Message {
    /// The write key, where it is not in the header.
    write_key: Option<String>,
    /// The messages of a batch, each with its `type`.
    #[schema(value_type = Option<Vec<Object>>, max_items = 10_000)]
    batch: Option<Vec<()>>,
    /// Its sender's id of it; one that comes again counts once.
    message_id: Option<String>,
    /// The account; a message needs this or `anonymousId`.
    user_id: Option<String>,
    /// The browser or device.
    anonymous_id: Option<String>,
    /// For `track`: what happened.
    event: Option<String>,
    /// When it happened, in ISO 8601.
    timestamp: Option<String>,
    /// When it was sent, by the sender's clock.
    sent_at: Option<String>,
    /// What else there is to say of the event.
    #[schema(value_type = Option<Object>)]
    properties: Option<()>,
    /// For `identify` and `group`: what is known of them.
    #[schema(value_type = Option<Object>)]
    traits: Option<()>,
    /// Page, campaign, device and browser.
    #[schema(value_type = Option<Object>)]
    context: Option<()>,
}

/// The messages are safe.
#[derive(Serialize, ToSchema)]
struct Taken {
    /// Always.
    success: bool,
    /// Messages of a batch that could not be understood, and were not taken.
    refused: usize,
}

/// What a call may answer besides that it was taken.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum Unwritten {
    /// The body or its only message cannot be understood
    #[response(status = 400)]
    Bad(CollectError),
    /// The write key is missing or wrong
    #[response(status = 401)]
    Unauthorized(CollectError),
    /// There is no such call
    #[response(status = 404)]
    Nothing(CollectError),
    /// The body, a message or a batch is too large
    #[response(status = 413)]
    TooLarge(CollectError),
    /// The body is packed in another way than gzip
    #[response(status = 415)]
    Unsupported(CollectError),
    /// Too much is going on; try again after the seconds in `Retry-After`
    #[response(status = 429)]
    Busy(CollectError),
    /// Something went wrong here
    #[response(status = 500)]
    Internal(CollectError),
    /// No space is left; nothing was taken
    #[response(status = 507)]
    Full(CollectError),
}

/// Take messages in
///
/// What is answered with 200 is durable and reaches orders, customers and history within seconds.
#[utoipa::path(post, path = "/v1/{call}", operation_id = "collect",
    tag = "collect",
    params(("call" = Call, Path, description = "The call, or its first letter")),
    request_body(content((Message = "application/json"), (Message = "text/plain"))),
    security(("write_key" = []), ()),
    responses((status = 200, description = "The messages are safe", body = Taken), Unwritten))]
async fn take(
    State(app): State<App>,
    Path(call): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let answer = match received(&app, &call, &headers, body).await {
        Ok(Became::Taken(refused)) => axum::Json(Taken { success: true, refused }).into_response(),
        Ok(Became::Later(seconds)) => {
            let mut answer = refusal(&too_fast());
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            answer
        }
        Err(error) => refusal(&error),
    };
    allowed(&headers, answer)
}

/// What became of a request.
enum Became {
    /// It was written, all but so many of its messages that could not be understood.
    Taken(usize),
    /// The shop writes too fast and may come again after so many seconds.
    Later(i64),
}

/// Writes what a request says.
async fn received(
    app: &App,
    call: &str,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Became> {
    let kind = Kind::named(call);
    if call == SELF_REPORT {
        return Ok(Became::Taken(0));
    }
    if kind.is_none() && !BATCHES.contains(&call) {
        return Err(Error::missing("there is no such call").field(call.to_owned()));
    }
    let body = body.map_err(|cause| match cause.status() {
        StatusCode::PAYLOAD_TOO_LARGE => wire::too_large().because(cause),
        _ => Error::bad("the body did not arrive whole").because(cause),
    })?;
    // Whoever must wait costs no unpacking, if the key is in a header.
    let (writer, plain) = match key::shown(headers)? {
        Some(key) => (app.writers.of(&app.place, &key).await?, None),
        None => {
            let plain = unpacked(headers, body.clone())?;
            let key = wire::open(&plain, kind)?.write_key().map(str::to_owned);
            (app.writers.of(&app.place, &key.ok_or_else(no_key)?).await?, Some(plain))
        }
    };
    if unwanted(headers) {
        app.meters.messages("unwanted", 1);
        return Ok(Became::Taken(0));
    }
    app.setup.full.admit(writer.shop)?;
    let turn = match writer.turn().await {
        Ok(turn) => turn,
        Err(seconds) => return Ok(Became::Later(seconds)),
    };
    let plain = plain.map_or_else(|| unpacked(headers, body), Ok)?;
    let arrived = Arrived::new(kind, headers, plain, &writer);
    let Read { facts, refused } = if arrived.body.len() <= SMALL_BYTES {
        arrived.read()?
    } else {
        writer.aside(move || arrived.read()).await?
    };
    for (place, error) in &refused {
        let Writer { shop, source, .. } = &writer;
        tracing::warn!(shop = shop.0, source, place, error = %error, "a message was refused");
    }
    let count = facts.count();
    writer.pay(count + refused.len());
    drop(turn);
    app.meters.messages("refused", refused.len());
    app.intake.hand_in(writer.shop, facts).await?;
    app.meters.messages("accepted", count);
    Ok(Became::Taken(refused.len()))
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
    Error::new(Code::Unauthorized, "is not a write key").field("writeKey")
}

/// What a browser's client is to do.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Settings {
    /// For each destination, its settings.
    integrations: Integrations,
    /// None.
    #[schema(value_type = Vec<String>)]
    remote_plugins: [String; 0],
    /// How the client is to report on itself.
    metrics: Reporting,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Reporting {
    /// The share of reports that is sent: none.
    sample_rate: u32,
}

#[derive(Serialize, ToSchema)]
struct Integrations {
    /// The only destination: here.
    #[serde(rename = "Segment.io")]
    segment: Destination,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Destination {
    /// The write key.
    api_key: String,
    /// Where to write.
    api_host: String,
    /// By which protocol.
    protocol: &'static str,
}

/// What a browser's client asks for before it writes
///
/// Where to write, and that it is to report to nobody how it fares.
#[utoipa::path(get, path = "/v1/projects/{write_key}/settings", operation_id = "settings",
    tag = "collect",
    params(("write_key" = String, Path, description = "The write key")), security(()),
    responses((status = 200, description = "Where to write", body = Settings), Unwritten))]
async fn settings(State(app): State<App>, Path(key): Path<String>, headers: HeaderMap) -> Response {
    let answer = match app.writers.of(&app.place, &key).await {
        Ok(_) => {
            let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
            let host = header("x-forwarded-host").or(header("host")).unwrap_or_default();
            let safe = header("x-forwarded-proto") == Some("https");
            let api_host = format!("{host}/v1");
            let protocol = if safe { "https" } else { "http" };
            let segment = Destination { api_key: key, api_host, protocol };
            let integrations = Integrations { segment };
            let metrics = Reporting { sample_rate: 0 };
            let settings = axum::Json(Settings { integrations, remote_plugins: [], metrics });
            // It names the host that was asked for, which only who asked can vouch for.
            let mut answer = settings.into_response();
            let kept = HeaderValue::from_static(SETTINGS_KEPT);
            answer.headers_mut().insert(header::CACHE_CONTROL, kept);
            answer
        }
        Err(error) => refusal(&error),
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
