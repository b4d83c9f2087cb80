//! 密钥: secret keys, with which a program reads a shop.
//!
//! A key is shown once, when it is made; the store keeps its SHA-256, which suffices because a key
//! is random throughout. It names its shop, so that finding it needs no look into other shops.

mod sql;
#[cfg(test)]
mod tests;

use base::{Code, Error, Result, ShopId, Time};
use sha2::{Digest, Sha256};
use store::{Cx, counter};

/// How a secret key begins.
const PREFIX: &str = "sk";
/// Random bytes of a secret key.
const KEY_BYTES: usize = 32;
/// Characters of a name at the most.
const NAME_CHARS_MAX: usize = 100;

/// What is known of a secret key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiKey {
    /// Its number.
    pub(crate) number: i64,
    /// Its name.
    pub(crate) name: String,
    /// When it was made.
    pub(crate) created_at: Time,
    /// When it was taken back.
    pub(crate) revoked_at: Option<Time>,
}

/// Makes a secret key; the second value is the key itself, which nothing can tell again.
///
/// # Errors
/// `bad_input` for a name that is empty or too long; what the database reports.
pub(crate) async fn create(cx: &Cx, name: &str) -> Result<(ApiKey, String)> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        let text = format!("needs 1 to {NAME_CHARS_MAX} characters");
        return Err(Error::bad(text).field("name"));
    }
    let secret = format!("{PREFIX}_{}_{}", cx.shop, base::hex(&cx.entropy.bytes::<KEY_BYTES>()));
    let mut tx = cx.write().await?;
    let number = counter::take(&mut tx, "secret", 1).await?;
    let key = ApiKey { number, name: name.to_owned(), created_at: cx.now, revoked_at: None };
    sql::insert(&mut tx, &key, hash(&secret)).await?;
    tx.commit().await?;
    Ok((key, secret))
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

/// The shop that a secret key opens, and the key's number.
///
/// # Errors
/// `unauthorized` for a key that is none, or was taken back.
pub(crate) async fn open(cx: &Cx, secret: &str) -> Result<(ShopId, i64)> {
    let shop = shop_of(secret).ok_or_else(wrong)?;
    let found = sql::by_hash(&mut cx.of(shop).read().await?, hash(secret)).await?;
    Ok((shop, found.ok_or_else(wrong)?))
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
