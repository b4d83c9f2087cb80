//! Signing in and out, and the sessions of whoever asks.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{Error, Result};
use serde::{Deserialize, Serialize};
use store::Cx;
use store::audit::{self, Deed};
use utoipa::ToSchema;

use super::{Answer, ErrorBody, micros};
use crate::auth::session::{self, Session};
use crate::auth::staff::{self, Place};
use crate::auth::user::{self, Shown, User};
use crate::http::App;
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::who::{Anybody, COOKIE, Person};

/// Seconds that a browser keeps the cookie; the session may end before.
pub(super) const COOKIE_SECONDS: u32 = 30 * 24 * 3600;

/// Who has signed in, and what they may do where.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SignedIn {
    /// Who.
    user: Me,
    /// Where they work.
    shops: Vec<OwnShop>,
    /// What to send as `X-CSRF-Token` with every request that is more than a look.
    csrf: String,
}

/// Somebody who has signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    /// Their id.
    #[schema(example = "usr_019ab3c4d5e67f8091a2b3c4d5e6f708")]
    user_id: String,
    /// Where they are reached.
    email: String,
    /// What they are called.
    name: String,
    /// `zh-CN` or `en`.
    language: String,
    /// Whether a second factor is asked for.
    second_factor: bool,
}

impl From<&User> for Me {
    fn from(user: &User) -> Self {
        Self {
            user_id: user.id.to_string(),
            email: user.email.clone(),
            name: user.name.clone(),
            language: user.language.clone(),
            second_factor: user.second_factor,
        }
    }
}

/// A shop in which somebody works.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OwnShop {
    /// Its number; what to send as `X-Shop`.
    #[schema(example = "1")]
    shop_id: String,
    /// Its name.
    name: String,
    /// The currency of its figures (ISO 4217).
    currency: String,
    /// The zone whose days are its days.
    time_zone: String,
    /// `zh-CN` or `en`.
    language: String,
    /// The role there.
    role: String,
    /// What the role allows.
    permissions: Vec<&'static str>,
}

impl From<Place> for OwnShop {
    fn from(Place { shop, role, permissions }: Place) -> Self {
        Self {
            shop_id: shop.id.to_string(),
            name: shop.name,
            currency: shop.currency.to_string(),
            time_zone: shop.zone.name().to_owned(),
            language: shop.language,
            role,
            permissions: permissions.names().collect(),
        }
    }
}

/// What somebody shows who signs in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    /// Where they are reached.
    email: String,
    /// Their password.
    password: String,
    /// The six digits of the second factor, or a recovery code, where one is asked for.
    code: Option<String>,
}

/// What `user` is told of themselves and of where they work.
pub(super) async fn signed_in(cx: &Cx, user: &User, token: &str) -> Result<SignedIn> {
    let places = staff::places(cx, user.id).await?;
    let shops = places.into_iter().map(OwnShop::from).collect();
    Ok(SignedIn { user: Me::from(user), shops, csrf: session::csrf(token) })
}

/// Begins a session of `user` and answers with its cookie.
pub(super) async fn enter(app: &App, cx: &Cx, user: &User, agent: &HeaderMap) -> Result<Response> {
    let token = token_for(cx, user, agent).await?;
    let body = Json(signed_in(cx, user, &token).await?);
    Ok((set(&cookie(app, &token, COOKIE_SECONDS))?, body).into_response())
}

/// Begins a session of `user`: its token.
pub(super) async fn token_for(cx: &Cx, user: &User, agent: &HeaderMap) -> Result<String> {
    let agent = agent.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    Ok(session::begin(cx, user.id, agent.unwrap_or_default()).await?.1)
}

/// What a browser is told to keep.
pub(super) fn cookie(app: &App, token: &str, seconds: u32) -> String {
    let secure = if app.setup.is_secure() { "; Secure" } else { "" };
    format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

fn set(cookie: &str) -> Result<[(header::HeaderName, HeaderValue); 1]> {
    let value = HeaderValue::from_str(cookie)
        .map_err(|cause| Error::internal("a cookie could not be written", cause))?;
    Ok([(header::SET_COOKIE, value)])
}

/// Sign in
///
/// Answers with a cookie. After some failures in a row nobody gets in for a while.
#[utoipa::path(post, path = "/api/v1/session", operation_id = "sign_in", tag = "session",
    security(()), request_body = SignIn, responses(
    (status = 200, description = "Who has signed in", body = SignedIn), Refusals))]
pub(super) async fn begin(
    State(app): State<App>,
    Anybody(cx): Anybody,
    headers: HeaderMap,
    Sent(sent): Sent<SignIn>,
) -> Result<Response, Refusal> {
    let SignIn { email, password, code } = &sent;
    let shown = Shown { email, password, code: code.as_deref().filter(|code| !code.is_empty()) };
    let user = user::sign_in(&cx, &shown).await?;
    let cx = cx.acting(base::Actor::User(user.id.to_string()));
    note(&cx, "session.begin").await?;
    Ok(enter(&app, &cx, &user, &headers).await?)
}

/// Writes down that somebody did something of no shop.
pub(super) async fn note(cx: &Cx, action: &str) -> Result<()> {
    let tx = store::sys::write(cx).await?;
    audit::commit(tx, cx, Deed { action, ..Deed::default() }).await
}

/// Who has signed in
#[utoipa::path(get, path = "/api/v1/session", operation_id = "session", tag = "session",
    security(("session" = [])), responses(
    (status = 200, description = "Who has signed in", body = SignedIn), Refusals))]
pub(super) async fn show(person: Person) -> Answer<SignedIn> {
    Ok(Json(signed_in(&person.cx, &person.user, &person.token).await?))
}

/// Sign out
#[utoipa::path(delete, path = "/api/v1/session", operation_id = "sign_out", tag = "session",
    security(("session" = [])), responses(
    (status = 204, description = "The session has ended"), Refusals))]
pub(super) async fn end(State(app): State<App>, person: Person) -> Result<Response, Refusal> {
    session::end(&person.cx, person.user.id, person.session.id).await?;
    note(&person.cx, "session.end").await?;
    Ok((StatusCode::NO_CONTENT, set(&cookie(&app, "", 0))?).into_response())
}

/// A browser that has signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OwnSession {
    /// Its id.
    session_id: String,
    /// Whether it is the one that asks.
    current: bool,
    /// Since when.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last used, to the minute.
    #[schema(format = DateTime)]
    seen_at: String,
    /// From where.
    address: String,
    /// What the browser calls itself.
    agent: String,
}

/// Sessions of whoever asks
#[utoipa::path(get, path = "/api/v1/sessions", operation_id = "sessions", tag = "session",
    security(("session" = [])), responses(
    (status = 200, description = "The sessions, the one used last first", body = Vec<OwnSession>),
    Refusals))]
pub(super) async fn list(person: Person) -> Answer<Vec<OwnSession>> {
    let own = |session: Session| OwnSession {
        session_id: session.id.to_string(),
        current: session.id == person.session.id,
        created_at: micros(session.created_at),
        seen_at: micros(session.seen_at),
        address: session.address,
        agent: session.agent,
    };
    let sessions = session::list(&person.cx, person.user.id).await?;
    Ok(Json(sessions.into_iter().map(own).collect()))
}

/// End a session
#[utoipa::path(delete, path = "/api/v1/sessions/{session_id}", operation_id = "end_session",
    tag = "session", security(("session" = [])),
    params(("session_id" = String, Path, description = "The session")), responses(
    (status = 204, description = "It has ended"),
    (status = 404, description = "There is no such session", body = ErrorBody), Refusals))]
pub(super) async fn end_one(person: Person, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    let missing = || Error::missing("there is no such session").field("session_id");
    let id = id.parse().map_err(|_| missing())?;
    let ended = session::end(&person.cx, person.user.id, id).await?;
    ended.then_some(StatusCode::NO_CONTENT).ok_or_else(|| missing().into())
}

/// Sign out everywhere else
#[utoipa::path(delete, path = "/api/v1/sessions", operation_id = "end_sessions", tag = "session",
    security(("session" = [])), responses(
    (status = 204, description = "All other sessions have ended"), Refusals))]
pub(super) async fn end_others(person: Person) -> Result<StatusCode, Refusal> {
    session::end_others(&person.cx, person.user.id, Some(person.session.id)).await?;
    note(&person.cx, "session.end_others").await?;
    Ok(StatusCode::NO_CONTENT)
}
