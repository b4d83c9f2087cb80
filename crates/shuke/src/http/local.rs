//! What is shown to this machine alone.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use base::{Code, Error};

use super::App;
use super::error::Refusal;

/// The permission to see what is shown to this machine alone: whoever asks has addressed it by a
/// name of its own. A page from elsewhere that has made its name lead here is refused.
pub(super) struct Local;

impl FromRequestParts<App> for Local {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        let through = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];
        if let Some(name) = through.into_iter().find(|name| parts.headers.contains_key(*name)) {
            let error = Error::new(Code::Forbidden, "comes through a proxy");
            return Err(error.field(name).hint("open it on this machine itself").into());
        }
        let host = parts.headers.get(header::HOST).map_or(Some(""), |host| host.to_str().ok());
        if host.is_some_and(|host| host.is_empty() || is_local(host)) {
            return Ok(Self);
        }
        let error = Error::new(Code::Forbidden, "is not a name of this machine");
        Err(error.field("Host").hint("use 127.0.0.1; a proxy must say so, too").into())
    }
}

fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => host.split(':').next(),
    };
    let name = name.unwrap_or_default();
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
