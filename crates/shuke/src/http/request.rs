//! What every request has: an id, a time limit, its line in the figures, and a line in the log when
//! it fails by our fault.

use std::convert::Infallible;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::{Code, Error};
use tracing::Instrument;

use super::App;
use super::error::{self, Failure, Refusal};
use crate::lang::Lang;
use crate::logs;

/// How long a request may take.
const REQUEST_MAX: Duration = Duration::from_secs(30);
/// How long a request may take that sends a whole file.
const UPLOAD_MAX: Duration = Duration::from_secs(3_600);
/// Where files are sent to.
const UPLOADS: &str = "/api/v1/uploads";
/// The header that names a request, in both directions.
const ID: HeaderName = HeaderName::from_static("x-request-id");
/// The header in which a proxy says for whom it asks.
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Characters of a request's id at the most.
const ID_CHARS_MAX: usize = 64;
/// Random bytes of an id of ours.
const ID_BYTES: usize = 8;
/// What stands for the address of a request that leads nowhere.
const NOWHERE: &str = "nowhere";

/// What is known of who sends a request before anybody is asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Client {
    /// What logs and answers call the request.
    pub(super) request: String,
    /// From where it comes.
    pub(super) address: String,
}

/// The language of whoever reads the answer: English when they do not say.
pub(super) struct Reader(pub(super) Lang);

impl<S: Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(wished(&parts.headers).unwrap_or(Lang::English)))
    }
}

fn wished(headers: &HeaderMap) -> Option<Lang> {
    Lang::accepted(headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?)
}

/// From where a connection comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// Goes with a request from its head to its answer.
pub(super) async fn accompany(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = instant();
    let id = asked_id(request.headers())
        .unwrap_or_else(|| base::hex(&app.place.cx().entropy.bytes::<ID_BYTES>()));
    let peer = request.extensions().get::<Peer>().copied();
    let address = from(peer, request.headers());
    request.extensions_mut().insert(Client { request: id.clone(), address });
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| NOWHERE.to_owned(), |path| path.as_str().to_owned());
    let method = known(request.method());
    let wished = wished(request.headers());
    let limit = if route == UPLOADS { UPLOAD_MAX } else { REQUEST_MAX };
    let late = || {
        let text = format!("it took longer than {} s", limit.as_secs());
        Refusal(Error::new(Code::Timeout, text)).into_response()
    };
    let span = logs::request((method, &route), &id, request.headers());
    let answered = tokio::time::timeout(limit, next.run(request).instrument(span.clone())).await;
    let mut response = answered.unwrap_or_else(|_| late());
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        let cause = response.extensions_mut().remove::<Failure>();
        let cause = cause.as_ref().map_or("", |cause| &cause.0);
        tracing::error!(
            request = id,
            method,
            route,
            status = status.as_u16(),
            error = cause,
            "a request failed"
        );
    }
    if let Some(lang) = wished {
        response = error::translate(lang, response);
    }
    app.meters.answered((method, route), status.as_u16(), started.elapsed());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(ID, value);
    }
    response
}

/// From where a request comes: a proxy on this machine says for whom it asks.
fn from(peer: Option<Peer>, headers: &HeaderMap) -> String {
    let Some(Peer(peer)) = peer else { return String::new() };
    let told = headers.get(FORWARDED).filter(|_| peer.is_loopback());
    let told = told.and_then(|told| told.to_str().ok()).and_then(|told| told.rsplit(',').next());
    let told = told.and_then(|told| told.trim().parse::<IpAddr>().ok());
    told.unwrap_or(peer).to_string()
}

fn instant() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "how long an answer takes is measured here")]
    Instant::now()
}

/// The id that the caller gives, when it is one that a log can hold.
fn asked_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(ID)?.to_str().ok()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let fits = (1..=ID_CHARS_MAX).contains(&text.len()) && text.chars().all(plain);
    fits.then(|| text.to_owned())
}

/// A method's name; callers could make up any number of others.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}
