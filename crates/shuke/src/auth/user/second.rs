//! A user's second factor: a secret that an authenticator holds, and recovery codes.

use base::{Code, Error, Result};
use store::{Cx, sys};

use super::sql::{self, Stored};
use super::{User, UserId};
use crate::auth::totp;

/// What the secret is sealed for.
fn about(id: UserId) -> String {
    format!("totp:{id}")
}

/// Checks the code of somebody whose password was right.
pub(super) async fn ask(cx: &Cx, stored: &Stored, code: Option<&str>) -> Result<()> {
    if !stored.user.second_factor {
        return Ok(());
    }
    let missing = || Error::new(Code::SecondFactor, "needs the code of the second factor");
    let code = code.ok_or_else(missing)?;
    let id = stored.user.id;
    let mut tx = sys::write(cx).await?;
    let Some(stored) = sql::by_id(&mut tx, id).await? else { return Err(missing()) };
    let sealed = stored.totp.unwrap_or_default();
    let secret = store::key::open_own(&mut tx, cx, (&about(id), &sealed)).await?;
    if let Some(step) = totp::step(&secret, code, cx.now, stored.totp_step)?
        && sql::use_step(&mut tx, id, step).await?
    {
        return tx.commit().await;
    }
    let hash = totp::recovery_hash(code);
    let mut left = stored.recovery.clone();
    left.retain(|own| *own != hash);
    if left.len() < stored.recovery.len() {
        sql::set_recovery(&mut tx, id, &left).await?;
        return tx.commit().await;
    }
    Err(Error::new(Code::SecondFactor, "is not the code of the moment").field("code"))
}

/// Checks the code of somebody who has shown what else there is to show.
///
/// # Errors
/// `second_factor` when one is asked for and the code is missing or wrong.
pub(crate) async fn ask_second(cx: &Cx, id: UserId, code: Option<&str>) -> Result<()> {
    let stored = sql::by_id(&mut sys::read(cx).await?, id).await?;
    let stored = stored.ok_or_else(|| Error::missing("there is no such user"))?;
    ask(cx, &stored, code).await
}

/// Begins with a second factor: its secret as text and as an address for an authenticator. It is
/// asked for once [`confirm_second`] has seen a code.
///
/// # Errors
/// `conflict` when there is one already.
pub(crate) async fn begin_second(cx: &Cx, user: &User) -> Result<(String, String)> {
    if user.second_factor {
        return Err(Error::conflict("a second factor is in use").hint("take it away first"));
    }
    let secret = totp::secret(&cx.entropy);
    let mut tx = sys::write(cx).await?;
    let sealed = store::key::seal_own(&mut tx, cx, (&about(user.id), &secret)).await?;
    sql::set_totp(&mut tx, user.id, Some(sealed)).await?;
    tx.commit().await?;
    totp::shown(&secret, &user.email)
}

/// Has the second factor asked for from now on; the recovery codes, which nothing can tell again.
///
/// # Errors
/// `bad_input` when `code` is not the one of the moment.
pub(crate) async fn confirm_second(cx: &Cx, user: &User, code: &str) -> Result<Vec<String>> {
    let mut tx = sys::write(cx).await?;
    let stored = sql::by_id(&mut tx, user.id).await?.filter(|stored| !stored.user.second_factor);
    let sealed = stored.and_then(|stored| stored.totp);
    let sealed = sealed.ok_or_else(|| Error::conflict("no second factor was begun"))?;
    let secret = store::key::open_own(&mut tx, cx, (&about(user.id), &sealed)).await?;
    let wrong = || Error::bad("is not the code of the moment").field("code");
    let step = totp::step(&secret, code, cx.now, None)?.ok_or_else(wrong)?;
    let codes = totp::recovery(&cx.entropy);
    let hashes: Vec<String> = codes.iter().map(|code| totp::recovery_hash(code)).collect();
    sql::confirm_totp(&mut tx, user.id, step).await?;
    sql::set_recovery(&mut tx, user.id, &hashes).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Asks for no second factor any more.
///
/// # Errors
/// What the database reports.
pub(crate) async fn drop_second(cx: &Cx, user: &User) -> Result<()> {
    let mut tx = sys::write(cx).await?;
    sql::set_totp(&mut tx, user.id, None).await?;
    sql::set_recovery(&mut tx, user.id, &[]).await?;
    tx.commit().await
}
