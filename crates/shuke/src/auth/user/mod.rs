//! 用户: people who sign in. One person may work in several shops; see [`super::staff`].

pub(crate) mod rule;
mod second;
mod sql;

use base::{Code, Error, Id, Result, Time, id};
use perceive::clean::email::email as clean_email;
use store::{Cx, Tx, sys};

use super::password;

pub(crate) use second::{ask_second, begin_second, confirm_second, drop_second};

/// Users are `usr_…`.
#[derive(Debug)]
pub(crate) struct UserKind;

impl id::Kind for UserKind {
    const PREFIX: &'static str = "usr";
}

/// A user's id.
pub(crate) type UserId = Id<UserKind>;

/// Characters of a name at the most.
pub(crate) const NAME_CHARS_MAX: usize = 100;
/// Users that are listed at the most.
const USERS_MAX: i64 = 10_000;
/// The languages that the console speaks.
pub(crate) const LANGUAGES: [&str; 2] = ["zh-CN", "en"];

/// Somebody who signs in.
#[derive(Debug, Clone)]
pub(crate) struct User {
    /// Their id.
    pub(crate) id: UserId,
    /// Where they are reached, in lower case; unique in the installation.
    pub(crate) email: String,
    /// What they are called.
    pub(crate) name: String,
    /// `zh-CN` or `en`.
    pub(crate) language: String,
    /// Whether a second factor is asked for.
    pub(crate) second_factor: bool,
    /// When they were last there.
    pub(crate) seen_at: Option<Time>,
}

/// What a new user needs.
#[derive(Debug, Clone)]
pub(crate) struct NewUser {
    /// Where they are reached.
    pub(crate) email: String,
    /// What they are called.
    pub(crate) name: String,
    /// `zh-CN` or `en`.
    pub(crate) language: String,
    /// Their password; none when somebody else vouches for them.
    pub(crate) password: Option<String>,
}

/// Whether there is any user.
///
/// # Errors
/// What the database reports.
pub(crate) async fn any(cx: &Cx) -> Result<bool> {
    sql::any(&mut sys::read(cx).await?).await
}

/// Every user, by address, at most [`USERS_MAX`].
///
/// # Errors
/// What the database reports.
pub(crate) async fn list(cx: &Cx) -> Result<Vec<User>> {
    sql::list(&mut sys::read(cx).await?, USERS_MAX).await
}

/// A user, checked and with the password hashed, ready to be stored.
///
/// # Errors
/// `bad_input` that names what is wrong.
pub(crate) async fn prepare(cx: &Cx, new: NewUser) -> Result<Prepared> {
    let email = address(&new.email)?;
    let name = name(&new.name)?;
    let language = language(&new.language)?;
    let password = match &new.password {
        None => None,
        Some(password) => {
            password::check(password, &email)?;
            Some(password::hash(password, &cx.entropy).await?)
        }
    };
    let user = User { id: cx.id(), email, name, language, second_factor: false, seen_at: None };
    Ok(Prepared { user, password })
}

/// See [`prepare`].
#[derive(Debug)]
pub(crate) struct Prepared {
    user: User,
    password: Option<String>,
}

/// Stores a prepared user.
///
/// # Errors
/// `conflict` when somebody has that address already.
pub(crate) async fn insert(tx: &mut Tx, cx: &Cx, new: Prepared) -> Result<User> {
    let Prepared { user, password } = new;
    if sql::by_email(tx, &user.email).await?.is_some() {
        return Err(Error::conflict("somebody has this address already").field("email"));
    }
    sql::insert(tx, &user, password, cx.now).await?;
    Ok(user)
}

/// The user of that id.
///
/// # Errors
/// `not_found` when there is none.
pub(crate) async fn get(tx: &mut Tx, id: UserId) -> Result<User> {
    let found = sql::by_id(tx, id).await?;
    found.map(|stored| stored.user).ok_or_else(|| Error::missing("there is no such user"))
}

/// The user of that address.
///
/// # Errors
/// What the database reports.
pub(crate) async fn by_email(tx: &mut Tx, email: &str) -> Result<Option<User>> {
    Ok(sql::by_email(tx, email).await?.map(|stored| stored.user))
}

/// Whoever shows this address and password, and a code where a second factor is asked for.
/// Failures are counted; after some in a row nobody gets in for a while.
///
/// # Errors
/// `unauthorized` when they do not match, `second_factor` when a code is missing or wrong, `busy`
/// while the account is locked.
pub(crate) async fn sign_in(cx: &Cx, shown: &Shown<'_>) -> Result<User> {
    let email = address(shown.email).unwrap_or_default();
    let stored = sql::by_email(&mut sys::read(cx).await?, &email).await?;
    if let Some(until) = stored.as_ref().and_then(|stored| stored.locked_until)
        && until > cx.now
    {
        return Err(Error::new(Code::Busy, "too many attempts failed")
            .hint("wait some minutes, or have the owner make a link for a new password"));
    }
    let password = stored.as_ref().and_then(|stored| stored.password.clone());
    let right = password::verify(shown.password, password).await?;
    let Some(stored) = stored else { return Err(wrong()) };
    let done = if right { second::ask(cx, &stored, shown.code).await } else { Err(wrong()) };
    let mut tx = sys::write(cx).await?;
    match &done {
        Ok(()) => sql::came(&mut tx, stored.user.id, cx.now).await?,
        // Who was not asked yet has not failed.
        Err(error) if error.code == Code::SecondFactor && shown.code.is_none() => {}
        Err(_) => {
            let failures = sql::failed(&mut tx, stored.user.id).await?;
            let until = rule::locked_until(failures, cx.now);
            sql::lock(&mut tx, stored.user.id, until).await?;
        }
    }
    tx.commit().await?;
    done.map(|()| stored.user)
}

/// What somebody shows who wants to sign in.
#[derive(Debug)]
pub(crate) struct Shown<'a> {
    /// Where they are reached.
    pub(crate) email: &'a str,
    /// Their password.
    pub(crate) password: &'a str,
    /// A code of the second factor, or one for recovery.
    pub(crate) code: Option<&'a str>,
}

/// Whether `password` is this user's; for what needs more than a session.
///
/// # Errors
/// `forbidden` when it is not.
pub(crate) async fn confirm(cx: &Cx, id: UserId, password: &str) -> Result<()> {
    let stored = sql::by_id(&mut sys::read(cx).await?, id).await?;
    let right = password::verify(password, stored.and_then(|stored| stored.password)).await?;
    let error = || Error::new(Code::Forbidden, "is not your password").field("password");
    right.then_some(()).ok_or_else(error)
}

/// Gives a user another password; whatever locked them out is forgotten.
///
/// # Errors
/// `bad_input` for one that will not do.
pub(crate) async fn set_password(cx: &Cx, user: &User, password: &str) -> Result<()> {
    password::check(password, &user.email)?;
    let hash = password::hash(password, &cx.entropy).await?;
    let mut tx = sys::write(cx).await?;
    sql::set_password(&mut tx, user.id, hash).await?;
    tx.commit().await
}

/// Has a user come through a provider alone from now on: no password and no second factor of theirs
/// opens the account any more.
///
/// # Errors
/// What the database reports.
pub(crate) async fn trust_provider(tx: &mut Tx, id: UserId) -> Result<()> {
    sql::forget_password(tx, id).await?;
    sql::set_totp(tx, id, None).await?;
    sql::set_recovery(tx, id, &[]).await
}

/// Changes what a user is called and which language they read.
///
/// # Errors
/// `bad_input` that names what is wrong.
pub(crate) async fn edit(cx: &Cx, user: &User, change: (&str, &str)) -> Result<User> {
    let user = User { name: name(change.0)?, language: language(change.1)?, ..user.clone() };
    let mut tx = sys::write(cx).await?;
    sql::edit(&mut tx, &user).await?;
    tx.commit().await?;
    Ok(user)
}

fn wrong() -> Error {
    Error::new(Code::Unauthorized, "address and password do not match")
}

/// An address as it is stored.
pub(crate) fn address(text: &str) -> Result<String> {
    clean_email(text).map_err(|reason| Error::bad(reason).field("email"))
}

fn name(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > NAME_CHARS_MAX {
        return Err(Error::bad(format!("needs 1 to {NAME_CHARS_MAX} characters")).field("name"));
    }
    Ok(text.to_owned())
}

/// A language that the console speaks.
pub(crate) fn language(text: &str) -> Result<String> {
    let known = LANGUAGES.iter().find(|known| **known == text);
    known.map(|known| (*known).to_owned()).ok_or_else(|| {
        Error::bad("is no language of the console").field("language").hint("zh-CN or en")
    })
}
