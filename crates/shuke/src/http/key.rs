//! Who asks: the key that comes with a request.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base::{Actor, Code, Error, Result};
use base64::Engine;
use store::Cx;
use store::shop::{self, Shop};

use super::App;
use super::error::Refusal;
use super::request::RequestId;
use crate::auth::apikey;

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

/// The permission to read a shop: the request came with a secret key of it.
pub(super) struct Reads {
    /// A context of the shop, acting for the key.
    pub(super) cx: Cx,
    /// The shop.
    pub(super) shop: Shop,
}

impl FromRequestParts<App> for Reads {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let missing = || {
            Error::new(Code::Unauthorized, "needs a secret key")
                .field("Authorization")
                .hint("send `Authorization: Bearer KEY`; `shuke key --secret` makes one")
        };
        let secret = shown(&parts.headers)?.ok_or_else(missing)?;
        let mut cx = app.place.cx();
        cx.request = parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
        let (shop, number) = apikey::open(&cx, &secret).await?;
        let cx = cx.of(shop).acting(Actor::Key(number.to_string()));
        app.place.holds_history(&cx).await?;
        let shop = shop::get(&cx).await?;
        Ok(Self { cx, shop })
    }
}
