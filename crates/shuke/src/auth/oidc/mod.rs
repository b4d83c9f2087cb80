//! Signing in with an OpenID Connect provider: the authorisation code flow with PKCE (OpenID
//! Connect Core 1.0, section 3.1; RFC 7636). The provider says who somebody is; what they may do is
//! decided here, as for everybody else.

mod provider;
mod sql;

use base::{Actor, Code, Error, Result};
use serde::{Deserialize, Serialize};
use store::audit::{self, Deed};
use store::{Cx, Tx, key, sys};

use super::link::{self, Link, Purpose};
use super::user::{self, NewUser, User};
use super::{session, staff};

pub(crate) use provider::Provider;

/// What a journey is sealed for.
const ABOUT: &str = "oidc";
/// How long a journey may take, in microseconds: ten minutes.
const JOURNEY_MICROS: i64 = 10 * 60 * 1_000_000;

/// Somebody's way to the provider and back. A cookie holds it, sealed.
#[derive(Debug, Serialize, Deserialize)]
struct Journey {
    /// What the provider sends back.
    state: String,
    /// What the provider puts into its token.
    nonce: String,
    /// What shows that who comes back has set out.
    verifier: String,
    /// Where to go afterwards: a page of the console.
    back: String,
    /// When it began, in microseconds.
    began: i64,
}

/// Who somebody is, as the provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claims {
    /// The provider.
    pub(super) issuer: String,
    /// Its own name of them, which never changes.
    pub(super) subject: String,
    /// Where they are reached, in lower case, when the provider has verified it.
    pub(super) email: Option<String>,
    /// What they are called.
    pub(super) name: Option<String>,
}

/// Sets out: the provider's address, and the sealed journey.
///
/// # Errors
/// `busy` when the provider does not answer.
pub(crate) async fn begin(
    cx: &Cx,
    provider: &Provider,
    (url, back): (&str, &str),
) -> Result<(String, String)> {
    let journey = Journey {
        state: random(cx),
        nonce: random(cx),
        verifier: random(cx),
        back: back.to_owned(),
        began: cx.now.micros(),
    };
    let address = provider.address(url, &journey).await?;
    let text = serde_json::to_vec(&journey)
        .map_err(|cause| Error::internal("a journey could not be written", cause))?;
    let mut tx = sys::write(cx).await?;
    let sealed = key::seal_own(&mut tx, cx, (ABOUT, &text)).await?;
    tx.commit().await?;
    Ok((address, base::hex(&sealed)))
}

/// 32 random bytes in hexadecimal.
fn random(cx: &Cx) -> String {
    base::hex(&cx.entropy.bytes::<32>())
}

/// Comes back: who it is, and where to go.
///
/// # Errors
/// `unauthorized` when who comes back has not set out, or took too long, or the provider's answer
/// does not hold; `forbidden` for somebody who has no account here and no invitation.
pub(crate) async fn end(
    cx: &Cx,
    provider: &Provider,
    (url, sealed): (&str, &str),
    (code, state): (&str, &str),
) -> Result<(User, String)> {
    let journey = opened(cx, sealed).await?;
    if journey.state != state {
        return Err(strayed());
    }
    let claims = provider.claims(url, &journey, code).await?;
    Ok((recognise(cx, &claims).await?, journey.back))
}

async fn opened(cx: &Cx, sealed: &str) -> Result<Journey> {
    let bytes = base::unhex(sealed).ok_or_else(strayed)?;
    let mut tx = sys::read(cx).await?;
    let text = key::known_own(&mut tx, cx, (ABOUT, &bytes)).await.map_err(|_| strayed())?;
    let journey: Journey = serde_json::from_slice(&text).map_err(|_| strayed())?;
    let fresh = cx.now.micros().saturating_sub(journey.began) < JOURNEY_MICROS;
    fresh.then_some(journey).ok_or_else(strayed)
}

fn strayed() -> Error {
    Error::new(Code::Unauthorized, "this sign-in was not begun here, or took too long")
        .hint("begin again")
}

/// The user whom the provider means: known to it by its own name of them, or by their address,
/// which then counts as theirs, or invited under that address. Invitations to an address that the
/// provider has verified are accepted.
async fn recognise(cx: &Cx, claims: &Claims) -> Result<User> {
    let user = match known(cx, claims).await {
        // Somebody else may have met them at the same moment.
        Err(error) if error.code == Code::Internal => known(cx, claims).await?,
        done => done?,
    };
    let Some(email) = &claims.email else { return Ok(user) };
    for link in link::invitations_of(cx, email).await? {
        if let Err(error) = join(cx, &link, &user).await {
            // The role may be gone, or the invitation taken back; the rest is as good as ever.
            tracing::warn!(error = %error.chain(), "an invitation was not accepted");
        }
    }
    Ok(user)
}

async fn known(cx: &Cx, claims: &Claims) -> Result<User> {
    let mut tx = sys::write(cx).await?;
    if let Some(id) = sql::user_of(&mut tx, claims).await? {
        return user::get(&mut tx, id).await;
    }
    let user = met(&mut tx, cx, claims).await?;
    let (target, after) = (user.id.to_string(), Some(format!("{:?}", claims.issuer)));
    let own = cx.clone().acting(Actor::User(target.clone()));
    let deed = Deed { action: "user.link", target: &target, after, ..Deed::default() };
    audit::commit(tx, &own, deed).await?;
    Ok(user)
}

/// Somebody whom the provider has not sent before.
async fn met(tx: &mut Tx, cx: &Cx, claims: &Claims) -> Result<User> {
    let Some(email) = &claims.email else {
        return Err(
            Error::new(Code::Forbidden, "the provider has not verified an address").field("email")
        );
    };
    let user = match user::by_email(tx, email).await? {
        Some(user) if sql::has_subject(tx, claims, user.id).await? => {
            return Err(Error::new(Code::Forbidden, "this address belonged to somebody else")
                .field("email")
                .hint("have the machine's operator look into it"));
        }
        Some(user) => {
            // Nobody has shown before that the address is theirs: whoever set the password may be
            // another than the provider means.
            user::trust_provider(tx, user.id).await?;
            session::end_all(tx, user.id).await?;
            user
        }
        None if link::invitations_of(cx, email).await?.is_empty() => {
            return Err(Error::new(
                Code::Forbidden,
                "nobody with this address has an account here",
            )
            .field("email")
            .hint("have the owner of the shop invite you"));
        }
        None => {
            let name = claims.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
            let name = name.unwrap_or(email).chars().take(user::NAME_CHARS_MAX).collect();
            let language = user::LANGUAGES[0].to_owned();
            let new = NewUser { email: email.to_owned(), name, language, password: None };
            user::insert(tx, cx, user::prepare(cx, new).await?).await?
        }
    };
    sql::insert(tx, claims, (user.id, cx.now)).await?;
    Ok(user)
}

/// Has somebody work in the shop that they were invited into.
async fn join(cx: &Cx, link: &Link, user: &User) -> Result<()> {
    let Purpose::Invite { role, .. } = &link.purpose else { return Ok(()) };
    let own = cx.of(link.shop).acting(Actor::User(user.id.to_string()));
    let mut tx = own.write().await?;
    link::spend(&mut tx, link).await?;
    staff::join(tx, &own, (user.id, role)).await
}
