//! 一次性链接: what a link lets its holder do once: begin with an installation, come into a shop, or
//! set a new password. The link is handed over by whoever made it; the store keeps its SHA-256.

mod sql;

use base::{Error, Id, Result, ShopId, Time, id};
use sha2::{Digest, Sha256};
use store::{Cx, Tx, sys};

use super::user::UserId;

/// Links are `lnk_…`.
#[derive(Debug)]
pub(crate) struct LinkKind;

impl id::Kind for LinkKind {
    const PREFIX: &'static str = "lnk";
}

/// A link's id.
pub(crate) type LinkId = Id<LinkKind>;

/// Random bytes of a link.
const TOKEN_BYTES: usize = 24;
/// How long a link is good, in microseconds: invitations a week, others a day.
const INVITE_MICROS: i64 = 7 * base::time::DAY_MICROS;
const OTHER_MICROS: i64 = base::time::DAY_MICROS;
/// Links of a kind that wait in a shop at the most.
pub(crate) const LINKS_MAX: i64 = 200;

/// What a link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To make the first user and the first shop.
    Start,
    /// To come into a shop.
    Invite {
        /// Who is invited, in lower case.
        email: String,
        /// The role that they will have.
        role: String,
    },
    /// To set a new password.
    Reset(UserId),
}

impl Purpose {
    fn name(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Invite { .. } => INVITE,
            Self::Reset(_) => "reset",
        }
    }
}

/// The kind of invitations.
const INVITE: &str = "invite";

/// A link that was not used yet.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    /// Its id.
    pub(crate) id: LinkId,
    /// The shop that it leads into.
    pub(crate) shop: ShopId,
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// Until when it is good.
    pub(crate) expires_at: Time,
}

/// Makes a link; the second value is its token, which nothing can tell again. A link of the same
/// purpose for the same person is good no longer.
///
/// # Errors
/// `conflict` when too many wait already.
pub(crate) async fn create(tx: &mut Tx, cx: &Cx, purpose: Purpose) -> Result<(Link, String)> {
    let token = base::hex(&cx.entropy.bytes::<TOKEN_BYTES>());
    let lasts = if purpose.name() == INVITE { INVITE_MICROS } else { OTHER_MICROS };
    let link = Link { id: cx.id(), shop: tx.shop(), purpose, expires_at: cx.now.plus(lasts) };
    sql::prune(tx, cx.now).await?;
    sql::replace(tx, &link.purpose).await?;
    if sql::count(tx, link.purpose.name()).await? >= LINKS_MAX {
        return Err(
            Error::conflict(format!("{LINKS_MAX} links wait already")).hint("take some back first")
        );
    }
    sql::insert(tx, (&link, hash(&token)), (&cx.actor.to_string(), cx.now)).await?;
    Ok((link, token))
}

/// The link of a token.
///
/// # Errors
/// `not_found` when there is none, or it was used or is too old.
pub(crate) async fn find(cx: &Cx, token: &str) -> Result<Link> {
    let found = sql::by_hash(&mut sys::read(cx).await?, hash(token)).await?;
    found.filter(|link| link.expires_at > cx.now).ok_or_else(gone)
}

/// Uses a link up, in the transaction of what it allows.
///
/// # Errors
/// `not_found` when somebody else was first.
pub(crate) async fn spend(tx: &mut Tx, link: &Link) -> Result<()> {
    (sql::delete(tx, link.id).await? > 0).then_some(()).ok_or_else(gone)
}

/// Takes back a link of the transaction's shop; whether there was such a one.
///
/// # Errors
/// What the database reports.
pub(crate) async fn take_back(tx: &mut Tx, id: LinkId) -> Result<bool> {
    Ok(sql::take_back(tx, id).await? > 0)
}

/// Invitations into the context's shop that wait, the newest first.
///
/// # Errors
/// What the database reports.
pub(crate) async fn invitations(cx: &Cx) -> Result<Vec<Link>> {
    sql::of_kind(&mut cx.read().await?, INVITE, (cx.now, LINKS_MAX)).await
}

/// Invitations of an address into any shop that wait, for somebody who has shown that it is theirs.
///
/// # Errors
/// What the database reports.
pub(crate) async fn invitations_of(cx: &Cx, email: &str) -> Result<Vec<Link>> {
    sql::of_email(&mut sys::read(cx).await?, (INVITE, email), (cx.now, LINKS_MAX)).await
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

fn gone() -> Error {
    Error::missing("this link was used, or is too old").hint("ask for a new one")
}
