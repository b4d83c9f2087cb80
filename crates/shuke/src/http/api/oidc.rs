//! Signing in with an OpenID Connect provider. A browser is sent there and comes back, so both
//! answers lead on to another page.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{Code, Error, Result};
use utoipa::IntoParams;

use super::ErrorBody;
use super::session::{COOKIE_SECONDS, cookie, note, token_for};
use crate::auth::oidc::{self, Provider};
use crate::http::App;
use crate::http::asked::{Asked, Said, Wish};
use crate::http::error::{Refusal, Refusals};
use crate::http::who::{Passing, cookie_named};

/// The cookie with the journey to the provider and back.
const JOURNEY: &str = "shuke_oidc";
/// Where that cookie is sent to.
const PATH: &str = "/api/v1/oidc";
/// Seconds that it is kept.
const JOURNEY_SECONDS: u32 = 600;
/// Characters of a page's address at the most.
const BACK_CHARS_MAX: usize = 1_000;

/// Where to go afterwards.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Setting {
    /// A page of the console; the overview if left out
    back: Option<String>,
}

impl Wish for Setting {
    fn read(said: &mut Said) -> Result<Self> {
        Ok(Self { back: said.text("back")? })
    }
}

/// What the provider sends back.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Back {
    /// What the provider gives for a token
    code: Option<String>,
    /// What it was sent with
    state: Option<String>,
    /// What went wrong there
    error: Option<String>,
    /// The same for people
    error_description: Option<String>,
    /// The provider's own address
    iss: Option<String>,
}

impl Wish for Back {
    fn read(said: &mut Said) -> Result<Self> {
        let back = Self {
            code: said.text("code")?,
            state: said.text("state")?,
            error: said.text("error")?,
            error_description: said.text("error_description")?,
            iss: said.text("iss")?,
        };
        // What else a provider sends is not for us (RFC 6749, section 4.1.2).
        said.ignore_rest();
        Ok(back)
    }
}

fn provider(app: &App) -> Result<&Provider> {
    let none = || {
        Error::missing("no OpenID Connect provider is configured")
            .hint("`shuke serve --oidc-issuer` names one")
    };
    app.setup.oidc.as_ref().ok_or_else(none)
}

/// Sign in with the provider
///
/// Leads to the provider, which sends the browser back.
#[utoipa::path(get, path = "/api/v1/oidc", operation_id = "oidc", tag = "session",
    security(()), params(Setting), responses(
    (status = 303, description = "The provider"),
    (status = 404, description = "No provider is configured", body = ErrorBody), Refusals))]
pub(super) async fn begin(
    State(app): State<App>,
    Passing(cx): Passing,
    Asked(asked): Asked<Setting>,
) -> Result<Response, Refusal> {
    let provider = provider(&app)?;
    let back = asked.back.filter(|back| is_inside(back)).unwrap_or_else(|| "/".to_owned());
    let (address, sealed) = oidc::begin(&cx, provider, (&app.setup.url, &back)).await?;
    Ok(lead(&address, &[journey(&app, &sealed, JOURNEY_SECONDS)])?)
}

/// Whether an address is one of a page of the console, and leads nowhere else.
fn is_inside(back: &str) -> bool {
    back.starts_with('/')
        && !back.starts_with("//")
        && !back.contains('\\')
        && back.bytes().all(|byte| byte.is_ascii_graphic())
        && back.len() <= BACK_CHARS_MAX
}

/// Come back from the provider
///
/// Leads to the console, signed in or with what went wrong.
#[utoipa::path(get, path = "/api/v1/oidc/back", operation_id = "oidc_back", tag = "session",
    security(()), params(Back), responses(
    (status = 303, description = "The console"),
    (status = 404, description = "No provider is configured", body = ErrorBody), Refusals))]
pub(super) async fn back(
    State(app): State<App>,
    Passing(cx): Passing,
    headers: HeaderMap,
    Asked(asked): Asked<Back>,
) -> Result<Response, Refusal> {
    let provider = provider(&app)?;
    let gone = journey(&app, "", 0);
    let Back { code, state, error, error_description, iss } = asked;
    let (Some(code), Some(state)) = (code, state) else {
        tracing::warn!(error, error_description, "a provider let nobody in");
        return Ok(lead("/sign-in?failed=refused", &[gone])?);
    };
    // An answer of another provider than the one that was asked (RFC 9207).
    if iss.is_some_and(|iss| iss != provider.issuer()) {
        return Ok(lead("/sign-in?failed=strayed", &[gone])?);
    }
    let sealed = cookie_named(&headers, JOURNEY).unwrap_or_default();
    let way = (app.setup.url.as_str(), sealed.as_str());
    match oidc::end(&cx, provider, way, (&code, &state)).await {
        Ok((user, back)) => {
            let cx = cx.acting(base::Actor::User(user.id.to_string()));
            note(&cx, "session.begin").await?;
            let token = token_for(&cx, &user, &headers).await?;
            let own = cookie(&app, &token, COOKIE_SECONDS);
            Ok(lead(&back, &[own, gone])?)
        }
        Err(error) => {
            let why = match error.code {
                Code::Forbidden => "unknown",
                Code::Unauthorized => "strayed",
                Code::Busy => "silent",
                _ => "broken",
            };
            tracing::warn!(error = %error.chain(), "nobody came in through the provider");
            Ok(lead(&format!("/sign-in?failed={why}"), &[gone])?)
        }
    }
}

fn journey(app: &App, sealed: &str, seconds: u32) -> String {
    let secure = if app.setup.is_secure() { "; Secure" } else { "" };
    format!("{JOURNEY}={sealed}; Path={PATH}; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

/// Leads on to another page, with cookies.
fn lead(to: &str, cookies: &[String]) -> Result<Response> {
    let value = |text: &str| {
        HeaderValue::from_str(text)
            .map_err(|cause| Error::internal("a header could not be written", cause))
    };
    let mut answer = StatusCode::SEE_OTHER.into_response();
    let headers = answer.headers_mut();
    headers.insert(header::LOCATION, value(to)?);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in cookies {
        headers.append(header::SET_COOKIE, value(cookie)?);
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::is_inside;

    #[test]
    fn the_way_back_leads_into_the_console_alone() {
        for inside in ["/", "/customers?after=3", "/rfm#r5"] {
            assert!(is_inside(inside), "{inside}");
        }
        for outside in [
            "",
            "customers",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\nb",
            "/商品",
        ] {
            assert!(!is_inside(outside), "{outside}");
        }
    }
}
