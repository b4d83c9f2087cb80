//! The first start, and what links are for: the first owner and shop, invitations, new passwords.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base::{Actor, Error, Result, Zone};
use serde::{Deserialize, Serialize};
use store::audit::{self, Deed};
use store::shop::{self, NewShop};
use store::{Cx, sys};
use utoipa::ToSchema;

use super::session::{SignedIn, enter};
use super::{Answer, ErrorBody};
use crate::auth::link::{self, Link, Purpose};
use crate::auth::permission::OWNER;
use crate::auth::user::{self, NewUser, User};
use crate::auth::{session, staff};
use crate::http::App;
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::who::Anybody;

/// Whether somebody must begin.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Start {
    /// Whether there is no user yet.
    needed: bool,
    /// The server's version.
    version: &'static str,
    /// What people call the OpenID Connect provider with which they may sign in, if there is one.
    #[schema(required = true)]
    oidc: Option<String>,
}

/// The first user and the first shop.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    /// The token that the server printed.
    token: String,
    /// The owner.
    user: BeginUser,
    /// The shop.
    shop: ShopForm,
}

/// The owner.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BeginUser {
    /// Where they are reached.
    email: String,
    /// What they are called.
    name: String,
    /// Their password.
    password: String,
}

/// A shop to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ShopForm {
    /// Its name, unique in the installation.
    name: String,
    /// The currency of its figures (ISO 4217).
    #[schema(example = "CNY")]
    currency: String,
    /// The zone whose days are its days.
    #[schema(example = "Asia/Shanghai")]
    time_zone: String,
    /// `zh-CN` or `en`.
    language: String,
}

impl ShopForm {
    /// The shop, if it can be made.
    pub(super) fn open(self) -> Result<NewShop> {
        let currency = self.currency.parse().map_err(|error: Error| error.field("currency"))?;
        Ok(NewShop {
            name: self.name.trim().to_owned(),
            currency,
            zone: Zone::named(&self.time_zone)?,
            language: user::language(&self.language)?,
        })
    }
}

/// Makes a shop that is not there yet, with `owner` in it.
pub(super) async fn found(app: &App, cx: &Cx, new: &NewShop, owner: &User) -> Result<shop::Shop> {
    let shop = shop::create(cx, new).await?;
    let cx = cx.of(shop.id);
    app.place.hold_history(&cx).await?;
    let mut tx = cx.write().await?;
    staff::put(&mut tx, owner.id, OWNER, cx.now).await?;
    let target = shop.name.clone();
    let deed = Deed { action: "shop.create", target: &target, ..Deed::default() };
    audit::commit(tx, &cx, deed).await?;
    Ok(shop)
}

/// Whether the installation waits for its first user
#[utoipa::path(get, path = "/api/v1/start", operation_id = "start", tag = "start",
    security(()), responses(
    (status = 200, description = "Whether it does", body = Start), Refusals))]
pub(super) async fn show(State(app): State<App>, Anybody(cx): Anybody) -> Answer<Start> {
    let needed = !user::any(&cx).await?;
    let oidc = app.setup.oidc.as_ref().map(|provider| provider.name().to_owned());
    Ok(Json(Start { needed, version: env!("CARGO_PKG_VERSION"), oidc }))
}

/// Begin
///
/// Makes the first user and the first shop. Where there are shops already, imported at the command
/// line, the user owns them, too.
#[utoipa::path(post, path = "/api/v1/start", operation_id = "begin", tag = "start",
    security(()), request_body = Begin, responses(
    (status = 200, description = "Who has signed in", body = SignedIn),
    (status = 404, description = "The token is not good", body = ErrorBody),
    (status = 409, description = "There are users already", body = ErrorBody), Refusals))]
pub(super) async fn begin(
    State(app): State<App>,
    Anybody(cx): Anybody,
    headers: HeaderMap,
    Sent(sent): Sent<Begin>,
) -> Result<Response, Refusal> {
    let token = link::find(&cx, &sent.token).await.map_err(|error| error.field("token"))?;
    if token.purpose != Purpose::Start {
        return Err(Error::missing("is not the token of a first start").field("token").into());
    }
    let shop = sent.shop.open()?;
    let BeginUser { email, name, password } = sent.user;
    let language = shop.language.clone();
    let new = NewUser { email, name, language, password: Some(password) };
    let new = user::prepare(&cx, new).await?;
    let mut tx = sys::write(&cx).await?;
    link::spend(&mut tx, &token).await?;
    let owner = user::insert(&mut tx, &cx, new).await?;
    let cx = cx.acting(Actor::User(owner.id.to_string()));
    audit::commit(tx, &cx, Deed { action: "user.begin", ..Deed::default() }).await?;
    for known in shop::list(&cx).await? {
        let mut tx = cx.of(known.id).write().await?;
        staff::put(&mut tx, owner.id, OWNER, cx.now).await?;
        tx.commit().await?;
    }
    if shop::by_name(&cx, &shop.name).await.is_err() {
        found(&app, &cx, &shop, &owner).await?;
    }
    Ok(enter(&app, &cx, &owner, &headers).await?)
}

/// What a link is for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LinkShown {
    /// `invite` or `reset`.
    kind: &'static str,
    /// Who it is for.
    email: String,
    /// The shop that it leads into.
    #[schema(required = true)]
    shop: Option<String>,
    /// The role there.
    #[schema(required = true)]
    role: Option<String>,
    /// Whether whoever it is for has an account already.
    known: bool,
}

/// What somebody sends who follows a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Follow {
    /// What they are called; of an invitation.
    name: Option<String>,
    /// `zh-CN` or `en`; of an invitation.
    language: Option<String>,
    /// Their password: the new one, or the one they have.
    password: String,
    /// The code of their second factor, where one is asked for.
    code: Option<String>,
}

async fn opened(cx: &Cx, token: &str) -> Result<(Link, Option<User>, String)> {
    let link = link::find(cx, token).await?;
    let mut tx = sys::read(cx).await?;
    let (user, email) = match &link.purpose {
        Purpose::Start => return Err(Error::missing("this link is for a first start")),
        Purpose::Invite { email, .. } => (user::by_email(&mut tx, email).await?, email.clone()),
        Purpose::Reset(id) => {
            let user = user::get(&mut tx, *id).await?;
            let email = user.email.clone();
            (Some(user), email)
        }
    };
    Ok((link, user, email))
}

/// What a link is for
#[utoipa::path(get, path = "/api/v1/links/{token}", operation_id = "link", tag = "start",
    security(()), params(("token" = String, Path, description = "The link's token")), responses(
    (status = 200, description = "What it is for", body = LinkShown),
    (status = 404, description = "It was used, or is too old", body = ErrorBody), Refusals))]
pub(super) async fn link(Anybody(cx): Anybody, Path(token): Path<String>) -> Answer<LinkShown> {
    let (link, user, email) = opened(&cx, &token).await?;
    let (kind, shop, role) = match link.purpose {
        Purpose::Invite { role, .. } => {
            ("invite", Some(shop::get(&cx.of(link.shop)).await?.name), Some(role))
        }
        Purpose::Start | Purpose::Reset(_) => ("reset", None, None),
    };
    Ok(Json(LinkShown { kind, email, shop, role, known: user.is_some() }))
}

/// Follow a link
///
/// An invitation of somebody who has an account asks for its password; everybody else's sets one.
#[utoipa::path(post, path = "/api/v1/links/{token}", operation_id = "follow_link", tag = "start",
    security(()), params(("token" = String, Path, description = "The link's token")),
    request_body = Follow, responses(
    (status = 200, description = "Who has signed in", body = SignedIn),
    (status = 404, description = "It was used, or is too old", body = ErrorBody), Refusals))]
pub(super) async fn follow(
    State(app): State<App>,
    Anybody(cx): Anybody,
    Path(token): Path<String>,
    headers: HeaderMap,
    Sent(sent): Sent<Follow>,
) -> Result<Response, Refusal> {
    let (link, known, email) = opened(&cx, &token).await?;
    let user = match &link.purpose {
        Purpose::Invite { role, .. } => invited(&cx, (&link, role), (known, email), sent).await?,
        Purpose::Start | Purpose::Reset(_) => {
            let user = known.ok_or_else(|| Error::missing("there is no such user"))?;
            user::ask_second(&cx, user.id, sent.code.as_deref()).await?;
            user::set_password(&cx, &user, &sent.password).await?;
            let mut tx = sys::write(&cx).await?;
            link::spend(&mut tx, &link).await?;
            let target = user.id.to_string();
            let deed = Deed { action: "user.reset", target: &target, ..Deed::default() };
            audit::commit(tx, &cx, deed).await?;
            session::end_others(&cx, user.id, None).await?;
            user
        }
    };
    let cx = cx.acting(Actor::User(user.id.to_string()));
    Ok(enter(&app, &cx, &user, &headers).await?)
}

async fn invited(
    cx: &Cx,
    (link, role): (&Link, &str),
    (known, email): (Option<User>, String),
    sent: Follow,
) -> Result<User> {
    let new = match &known {
        Some(user) => {
            user::confirm(cx, user.id, &sent.password).await?;
            user::ask_second(cx, user.id, sent.code.as_deref()).await?;
            None
        }
        None => {
            let name = sent.name.unwrap_or_default();
            let language = sent.language.unwrap_or_else(|| user::LANGUAGES[0].to_owned());
            let password = Some(sent.password);
            Some(user::prepare(cx, NewUser { email, name, language, password }).await?)
        }
    };
    let mut tx = cx.of(link.shop).write().await?;
    link::spend(&mut tx, link).await?;
    let user = match (known, new) {
        (Some(user), _) => user,
        (None, Some(new)) => user::insert(&mut tx, cx, new).await?,
        (None, None) => return Err(Error::missing("there is no such user")),
    };
    let own = cx.of(link.shop).acting(Actor::User(user.id.to_string()));
    staff::join(tx, &own, (user.id, role)).await?;
    Ok(user)
}
