//! 密钥: secret keys, with which a program reads a shop.
//!
//! A key is shown once, when it is made; the store keeps its SHA-256, which suffices because a key
//! is random throughout. It names its shop, so that finding it needs no look into other shops.

mod sql;
#[cfg(test)]
mod tests;

use base::{Code, Error, Result, ShopId, Time};
use sha2::{Digest, Sha256};
use store::{Cx, Tx, counter};

use super::permission::Permissions;

/// How a secret key begins.
const PREFIX: &str = "sk";
/// Random bytes of a secret key.
const KEY_BYTES: usize = 32;
/// Characters of a name at the most.
const NAME_CHARS_MAX: usize = 100;
/// How often it is written down that a key is in use, in microseconds.
const USED_MICROS: i64 = 60 * 1_000_000;
/// What a key may do of which nobody said it: read what the API read before there were permissions.
const READS: [&str; 6] =
    ["customers.read", "orders.read", "products.read", "events.read", "rfm.read", "kpi.read"];

/// See [`READS`].
pub(crate) fn reads() -> Permissions {
    Permissions::named(READS).unwrap_or_default()
}

/// What is known of a secret key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiKey {
    /// Its number.
    pub(crate) number: i64,
    /// Its name.
    pub(crate) name: String,
    /// When it was made.
    pub(crate) created_at: Time,
    /// What it may do.
    pub(crate) permissions: Permissions,
    /// When it ends; never, where nothing is said.
    pub(crate) expires_at: Option<Time>,
    /// When it was last used, to the minute.
    pub(crate) used_at: Option<Time>,
    /// When it was taken back.
    pub(crate) revoked_at: Option<Time>,
}

/// What a new key needs.
#[derive(Debug, Clone)]
pub(crate) struct NewKey {
    /// Its name.
    pub(crate) name: String,
    /// What it may do.
    pub(crate) permissions: Permissions,
    /// When it ends; never, where nothing is said.
    pub(crate) expires_at: Option<Time>,
}

/// Makes a secret key; the second value is the key itself, which nothing can tell again.
///
/// # Errors
/// `bad_input` for a name that is empty or too long, or an end that has passed; what the database
/// reports.
pub(crate) async fn create(tx: &mut Tx, cx: &Cx, new: NewKey) -> Result<(ApiKey, String)> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        let text = format!("needs 1 to {NAME_CHARS_MAX} characters");
        return Err(Error::bad(text).field("name"));
    }
    if new.expires_at.is_some_and(|at| at <= cx.now) {
        return Err(Error::bad("has passed").field("expires_at"));
    }
    let secret = secret(cx);
    let key = ApiKey {
        number: counter::take(tx, "secret", 1).await?,
        name: name.to_owned(),
        created_at: cx.now,
        permissions: new.permissions,
        expires_at: new.expires_at,
        used_at: None,
        revoked_at: None,
    };
    sql::insert(tx, &key, hash(&secret)).await?;
    Ok((key, secret))
}

fn secret(cx: &Cx) -> String {
    format!("{PREFIX}_{}_{}", cx.shop, base::hex(&cx.entropy.bytes::<KEY_BYTES>()))
}

/// Gives a key another secret; the one before is good no longer.
///
/// # Errors
/// `not_found` when no key of that number is in use.
pub(crate) async fn rotate(tx: &mut Tx, cx: &Cx, number: i64) -> Result<String> {
    let secret = secret(cx);
    let changed = sql::set_hash(tx, number, hash(&secret)).await?;
    (changed > 0).then_some(secret).ok_or_else(missing)
}

/// Takes a key back.
///
/// # Errors
/// `not_found` when no key of that number is in use.
pub(crate) async fn remove(tx: &mut Tx, cx: &Cx, number: i64) -> Result<()> {
    let changed = sql::revoke_one(tx, number, cx.now).await?;
    (changed > 0).then_some(()).ok_or_else(missing)
}

fn missing() -> Error {
    Error::missing("no such key is in use").field("key_id")
}

/// A shop's secret keys, oldest first.
///
/// # Errors
/// What the database reports.
pub(crate) async fn list(cx: &Cx) -> Result<Vec<ApiKey>> {
    sql::list(&mut cx.read().await?).await
}

/// Takes back the secret keys of that name.
///
/// # Errors
/// `not_found` when no key of that name is in use.
pub(crate) async fn revoke(cx: &Cx, name: &str) -> Result<()> {
    let mut tx = cx.write().await?;
    if sql::revoke(&mut tx, name, cx.now).await? == 0 {
        return Err(Error::missing(format!("no key {name:?} is in use")).field("name"));
    }
    tx.commit().await
}

/// The shop that a secret key opens, and the key.
///
/// # Errors
/// `unauthorized` for a key that is none, was taken back or has ended.
pub(crate) async fn open(cx: &Cx, secret: &str) -> Result<(ShopId, ApiKey)> {
    let shop = shop_of(secret).ok_or_else(wrong)?;
    let cx = cx.of(shop);
    let found = sql::by_hash(&mut cx.read().await?, hash(secret)).await?;
    let key = found.ok_or_else(wrong)?;
    if key.expires_at.is_some_and(|at| at <= cx.now) {
        return Err(wrong());
    }
    if key.used_at.is_none_or(|at| at.plus(USED_MICROS) < cx.now) {
        let mut tx = cx.write().await?;
        sql::used(&mut tx, key.number, cx.now).await?;
        tx.commit().await?;
    }
    Ok((shop, key))
}

fn wrong() -> Error {
    Error::new(Code::Unauthorized, "is not a secret key")
        .field("Authorization")
        .hint("`shuke key --secret` makes one")
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

fn shop_of(secret: &str) -> Option<ShopId> {
    let mut parts = secret.split('_');
    (parts.next()? == PREFIX).then_some(())?;
    parts.next()?.parse().ok().map(ShopId)
}
