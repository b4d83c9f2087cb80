//! The console: the built pages of `web/`, which the binary carries.
//!
//! Files under `assets/` have their content's hash in their names and never change; everything else
//! is asked for anew, with an `ETag`. An address that is no file and no part of the API is one of
//! the console's own pages: it gets `index.html`, with a fresh nonce for the styles that the pages
//! make themselves. Without a built console there is a page that says how to build it.

use std::borrow::Cow;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rust_embed::{EmbeddedFile, RustEmbed};

use super::App;
use super::error;

/// What `npm run build` left in `web/dist`, or nothing.
#[derive(RustEmbed)]
#[folder = "$OUT_DIR/console"]
struct Files;

const INDEX: &str = "index.html";
/// Where files lie whose names change with their content.
const ASSETS: &str = "assets/";
/// What stands for the nonce in `index.html`.
const NONCE: &str = "__NONCE__";
/// Random bytes of a nonce.
const NONCE_BYTES: usize = 16;
/// A year, for what never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public,max-age=31536000,immutable");
const ANEW: HeaderValue = HeaderValue::from_static("no-cache");
/// What is shown in place of a console that was not built.
const NOT_BUILT: &str = include_str!("console.html");
/// Encodings in which files are kept, best first, with the endings of their names.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// From where a page may take what; styles of files and of whoever knows the nonce where nothing
/// stands.
const POLICY: [(&str, Option<&str>); 11] = [
    ("default-src", Some("'self'")),
    ("script-src", Some("'self'")),
    ("style-src-elem", None),
    ("style-src-attr", Some("'unsafe-inline'")),
    ("img-src", Some("'self' data: blob:")),
    ("connect-src", Some("'self'")),
    ("font-src", Some("'self'")),
    ("object-src", Some("'none'")),
    ("base-uri", Some("'none'")),
    ("form-action", Some("'self'")),
    ("frame-ancestors", Some("'none'")),
];

/// Whatever the API does not answer.
pub(super) async fn show(
    State(app): State<App>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path().trim_start_matches('/');
    let inner = ["api/", "v1/"].iter().any(|prefix| path.starts_with(prefix));
    if inner || !matches!(method, Method::GET | Method::HEAD) {
        return error::nothing().await.into_response();
    }
    if path != INDEX
        && let Some(file) = Files::get(path)
    {
        return plain(path, &file, &headers);
    }
    if path.starts_with(ASSETS) || path.rsplit('/').next().is_some_and(|name| name.contains('.')) {
        return error::nothing().await.into_response();
    }
    page(&app)
}

/// A file as it is, compressed where the browser takes that.
fn plain(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", base::hex(&file.metadata.sha256_hash()));
    let cache = if path.starts_with(ASSETS) { FOR_EVER } else { ANEW };
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let head = [
        (header::CACHE_CONTROL, cache),
        (header::ETAG, HeaderValue::from_str(&tag).unwrap_or(ANEW)),
        (header::VARY, HeaderValue::from_static("Accept-Encoding")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    if known.is_some_and(|known| known.split(',').any(|own| own.trim() == tag)) {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(kind(path)))];
    let taken = headers.get(header::ACCEPT_ENCODING).and_then(|taken| taken.to_str().ok());
    let takes = |name: &str| {
        taken.is_some_and(|taken| taken.split([',', ';']).any(|own| own.trim() == name))
    };
    for (name, ending) in ENCODINGS {
        if takes(name)
            && let Some(smaller) = Files::get(&format!("{path}{ending}"))
        {
            let encoding = [(header::CONTENT_ENCODING, HeaderValue::from_static(name))];
            return (head, kind, encoding, smaller.data).into_response();
        }
    }
    let data: Cow<'static, [u8]> = file.data.clone();
    (head, kind, data).into_response()
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" => "text/javascript;charset=utf-8",
        "css" => "text/css;charset=utf-8",
        "html" => "text/html;charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain;charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// `index.html`, which begins every page.
fn page(app: &App) -> Response {
    let nonce = STANDARD.encode(app.place.cx().entropy.bytes::<NONCE_BYTES>());
    let index = Files::get(INDEX);
    let text = index.as_ref().and_then(|file| std::str::from_utf8(&file.data).ok());
    let html = text.map_or(Cow::Borrowed(NOT_BUILT), |text| text.replace(NONCE, &nonce).into());
    let head = [
        (header::CONTENT_SECURITY_POLICY, policy(&nonce)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    ];
    (head, Html(html.into_owned())).into_response()
}

/// What a browser may do with a page: its own scripts and none in the page, styles of files and of
/// whoever knows the nonce. Charts set styles of single elements.
fn policy(nonce: &str) -> HeaderValue {
    let own = format!("'self' 'nonce-{nonce}'");
    let rules = POLICY.map(|(name, from)| format!("{name} {}", from.unwrap_or(&own)));
    let text = rules.join(";");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}
