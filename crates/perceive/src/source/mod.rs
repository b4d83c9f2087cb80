//! 数据源: what collects for a shop, each with a write key.
//!
//! A write key can only write, and anybody who looks at a shop's page can read it. It names its
//! shop, so that finding its source needs no look into other shops.

mod sql;

use base::{Code, Error, Result, ShopId, Time};
use store::{Cx, Tx, counter};

/// How a write key begins.
const PREFIX: &str = "wk";
/// Random bytes of a write key.
const KEY_BYTES: usize = 16;
/// Characters of a name at the most.
const NAME_CHARS_MAX: usize = 100;

/// What collects for a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its number, of the series that files have theirs from.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// What it shows when it writes.
    pub write_key: String,
    /// When it was made.
    pub created_at: Time,
    /// When its key was taken back.
    pub revoked_at: Option<Time>,
}

/// Makes a source with a new write key.
///
/// # Errors
/// `bad_input` for a name that is empty or too long; what the database reports.
pub async fn create(cx: &Cx, name: &str) -> Result<Source> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        let text = format!("needs 1 to {NAME_CHARS_MAX} characters");
        return Err(Error::bad(text).field("name"));
    }
    let mut tx = cx.write().await?;
    let number = counter::take(&mut tx, "source", 1).await?;
    let secret = base::hex(&cx.entropy.bytes::<KEY_BYTES>());
    let source = Source {
        number,
        name: name.to_owned(),
        write_key: format!("{PREFIX}_{}_{secret}", cx.shop),
        created_at: cx.now,
        revoked_at: None,
    };
    sql::insert(&mut tx, &source).await?;
    tx.commit().await?;
    Ok(source)
}

/// What sources of these numbers are called; files are none.
///
/// # Errors
/// What the database reports.
pub async fn names(tx: &mut Tx, numbers: &[i64]) -> Result<Vec<(i64, String)>> {
    sql::names(tx, numbers).await
}

/// A shop's sources, oldest first.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx) -> Result<Vec<Source>> {
    sql::list(&mut cx.read().await?).await
}

/// The shop and source that a write key belongs to.
///
/// # Errors
/// `unauthorized` for a key that is none, or was taken back.
pub async fn by_key(cx: &Cx, key: &str) -> Result<(ShopId, Source)> {
    let wrong = || Error::new(Code::Unauthorized, "is not a write key").field("writeKey");
    let shop = shop_of(key).ok_or_else(wrong)?;
    let found = sql::by_key(&mut cx.of(shop).read().await?, key).await?;
    let source = found.filter(|source| source.revoked_at.is_none()).ok_or_else(wrong)?;
    Ok((shop, source))
}

/// Takes back the write keys of that name.
///
/// # Errors
/// `not_found` when no key of that name is in use.
pub async fn revoke(cx: &Cx, name: &str) -> Result<()> {
    let mut tx = cx.write().await?;
    if sql::revoke(&mut tx, name, cx.now).await? == 0 {
        return Err(Error::missing(format!("no key {name:?} is in use")).field("name"));
    }
    tx.commit().await
}

fn shop_of(key: &str) -> Option<ShopId> {
    let mut parts = key.split('_');
    (parts.next()? == PREFIX).then_some(())?;
    parts.next()?.parse().ok().map(ShopId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_shop() {
        assert_eq!(shop_of("wk_12_00ff"), Some(ShopId(12)));
        for wrong in ["", "wk", "wk_", "wk_x_1", "sk_1_2", "12"] {
            assert_eq!(shop_of(wrong), None, "{wrong}");
        }
    }
}
