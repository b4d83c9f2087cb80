//! 会话: a browser that has signed in. Its token is a cookie; the store keeps the token's SHA-256.

mod sql;

use base::{Id, Result, Time, id};
use sha2::{Digest, Sha256};
use store::{Cx, Tx, sys};

use super::user::{User, UserId};

/// Sessions are `ses_…`.
#[derive(Debug)]
pub(crate) struct SessionKind;

impl id::Kind for SessionKind {
    const PREFIX: &'static str = "ses";
}

/// A session's id.
pub(crate) type SessionId = Id<SessionKind>;

/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;
/// Hexadecimal digits of what a request shows beside its cookie.
const CSRF_DIGITS: usize = 32;
/// How long a session lasts at the most, in microseconds: 30 days.
const LASTS_MICROS: i64 = 30 * base::time::DAY_MICROS;
/// How long one lasts that nobody uses, in microseconds: a week.
const IDLE_MICROS: i64 = 7 * base::time::DAY_MICROS;
/// How often it is written down that a session is in use, in microseconds.
const SEEN_MICROS: i64 = 60 * 1_000_000;
/// Characters that are kept of what a browser calls itself.
const AGENT_CHARS_MAX: usize = 200;

/// A browser that has signed in.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// Its id.
    pub(crate) id: SessionId,
    /// Whose it is.
    pub(crate) user: UserId,
    /// Since when.
    pub(crate) created_at: Time,
    /// When it was last used, to the minute.
    pub(crate) seen_at: Time,
    /// When it ends in any case.
    pub(crate) expires_at: Time,
    /// From where it was last used.
    pub(crate) address: String,
    /// What the browser calls itself.
    pub(crate) agent: String,
}

/// Begins a session; the second value is its token.
///
/// # Errors
/// What the database reports.
pub(crate) async fn begin(cx: &Cx, user: UserId, agent: &str) -> Result<(Session, String)> {
    let token = base::hex(&cx.entropy.bytes::<TOKEN_BYTES>());
    let session = Session {
        id: cx.id(),
        user,
        created_at: cx.now,
        seen_at: cx.now,
        expires_at: cx.now.plus(LASTS_MICROS),
        address: cx.address.clone(),
        agent: agent.chars().take(AGENT_CHARS_MAX).collect(),
    };
    let mut tx = sys::write(cx).await?;
    sql::insert(&mut tx, &session, hash(&token)).await?;
    sql::prune(&mut tx, cx.now, cx.now.plus(-IDLE_MICROS)).await?;
    tx.commit().await?;
    Ok((session, token))
}

/// The session of a token, with its user; none when it has ended.
///
/// # Errors
/// What the database reports.
pub(crate) async fn find(cx: &Cx, token: &str) -> Result<Option<(Session, User)>> {
    let mut tx = sys::read(cx).await?;
    let found = sql::by_hash(&mut tx, hash(token)).await?;
    let fresh = |session: &Session| {
        session.expires_at > cx.now && session.seen_at.plus(IDLE_MICROS) > cx.now
    };
    let Some(session) = found.filter(fresh) else { return Ok(None) };
    let user = super::user::get(&mut tx, session.user).await?;
    drop(tx);
    if session.seen_at.plus(SEEN_MICROS) < cx.now {
        let mut tx = sys::write(cx).await?;
        sql::seen(&mut tx, session.id, (cx.now, &cx.address)).await?;
        tx.commit().await?;
    }
    Ok(Some((session, user)))
}

/// What a request of a session must show that is more than a look, beside the cookie that a browser
/// sends by itself: nobody who cannot read the session's answers knows it.
pub(crate) fn csrf(token: &str) -> String {
    let digest = base::hex(&Sha256::digest(format!("csrf:{token}")));
    digest.chars().take(CSRF_DIGITS).collect()
}

/// A user's sessions, the one used last first.
///
/// # Errors
/// What the database reports.
pub(crate) async fn list(cx: &Cx, user: UserId) -> Result<Vec<Session>> {
    let since = cx.now.plus(-IDLE_MICROS);
    sql::list(&mut sys::read(cx).await?, user, (cx.now, since)).await
}

/// Ends one of a user's sessions; whether there was such a one.
///
/// # Errors
/// What the database reports.
pub(crate) async fn end(cx: &Cx, user: UserId, id: SessionId) -> Result<bool> {
    let mut tx = sys::write(cx).await?;
    let ended = sql::end(&mut tx, user, id).await?;
    tx.commit().await?;
    Ok(ended > 0)
}

/// Ends all of a user's sessions but `kept`.
///
/// # Errors
/// What the database reports.
pub(crate) async fn end_others(cx: &Cx, user: UserId, kept: Option<SessionId>) -> Result<()> {
    let mut tx = sys::write(cx).await?;
    sql::end_others(&mut tx, user, kept).await?;
    tx.commit().await
}

/// Ends all of a user's sessions, in the transaction of what makes that needed.
///
/// # Errors
/// What the database reports.
pub(crate) async fn end_all(tx: &mut Tx, user: UserId) -> Result<()> {
    sql::end_others(tx, user, None).await.map(drop)
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
