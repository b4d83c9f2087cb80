//! New keys in the place of old ones, while everything goes on. A key that wraps others is replaced
//! by wrapping those again; what they seal is not touched.

use base::{Error, Result, ShopId};

use super::ring::ShopKey;
use super::{DataKey, MasterKey, is_destroyed, of_customer, of_day, shop_key, sql};
use crate::audit::{self, Deed};
use crate::{Cx, Tx, sys};

/// Customers' keys that are wrapped again in one transaction.
const CHUNK_KEYS: i64 = 2_000;
/// Shops whose keys are wrapped again in one transaction.
const SHOPS_MAX: i64 = 1_000_000;

/// Has `next` wrap the keys of all shops. It opens beside the key before until the process ends, so
/// that nobody who has begun to read is left without. How many keys there were.
///
/// `next` must be kept where it is found again before this is called.
///
/// # Errors
/// What the database reports; then nothing is changed.
pub async fn rotate_master(cx: &Cx, next: MasterKey) -> Result<usize> {
    let before = cx.keys.master()?;
    if before.print() == next.print() {
        // As after a rotation whose end nobody has seen.
        return wrap_again(sys::write(cx).await?, cx).await;
    }
    cx.keys.lead(next);
    let done = wrap_again(sys::write(cx).await?, cx).await;
    if done.is_err() {
        cx.keys.lead(before);
    }
    // A shop that was being made meanwhile is wrapped by the key before.
    done?;
    wrap_again(sys::write(cx).await?, cx).await
}

/// Whether `master` wraps the keys of any shop.
///
/// # Errors
/// What the database reports.
pub async fn wraps_any(cx: &Cx, master: &MasterKey) -> Result<bool> {
    let rows = sql::shop_keys(&mut sys::read(cx).await?, SHOPS_MAX).await?;
    Ok(rows.iter().any(|(shop, wrapped)| master.opens(ShopId(*shop), wrapped)))
}

async fn wrap_again(mut tx: Tx, cx: &Cx) -> Result<usize> {
    let rows = sql::shop_keys(&mut tx, SHOPS_MAX).await?;
    let count = rows.len();
    let master = cx.keys.master()?;
    let mut stale = 0_usize;
    for (shop, wrapped) in rows {
        let shop = ShopId(shop);
        if master.opens(shop, &wrapped) {
            continue;
        }
        let key = cx.keys.shop_plain(shop, &wrapped)?;
        let next = cx.keys.wrap(shop, &key, &cx.entropy)?;
        sql::set_shop_key(&mut tx, shop, (wrapped, next)).await?;
        stale += 1;
    }
    if stale > 0 {
        audit::write(&mut tx, cx, Deed { action: "key.rotate_master", ..Deed::default() }).await?;
    }
    tx.commit().await?;
    Ok(count)
}

/// Makes another key for the context's shop and has it wrap the keys of the shop's customers and
/// days. The key before still opens what was wrapped by it meanwhile. The key that finds whole
/// values stays. How many keys were wrapped again.
///
/// A rotation that was interrupted is brought to its end first.
///
/// # Errors
/// What the database reports; what is wrapped again by then stays so.
pub async fn rotate_shop(cx: &Cx) -> Result<usize> {
    let key = shop_key(&mut cx.read().await?, cx).await?;
    if key.before.is_some() {
        wrap_all(cx).await?;
    }
    let mut tx = cx.write().await?;
    let stored = sql::shop_key(&mut tx, cx.shop).await?;
    let before = stored.ok_or_else(|| Error::damaged("a shop has no key"))?;
    let old = cx.keys.shop(cx.shop, &before)?;
    let seals = DataKey::new(cx.entropy.bytes());
    let next = ShopKey { seals, blind: old.blind, before: Some(old.seals) };
    let wrapped = cx.keys.wrap(cx.shop, &next.bytes(), &cx.entropy)?;
    sql::set_shop_key(&mut tx, cx.shop, (before, wrapped)).await?;
    let target = cx.shop.to_string();
    let deed = Deed { action: "key.rotate_shop", target: &target, ..Deed::default() };
    audit::commit(tx, cx, deed).await?;
    wrap_all(cx).await
}

/// Has the shop's key wrap whatever the key before wraps.
async fn wrap_all(cx: &Cx) -> Result<usize> {
    let mut count = wrap_days(cx).await?;
    let mut after = i64::MIN;
    loop {
        let mut tx = cx.write().await?;
        let key = shop_key(&mut tx, cx).await?;
        let rows = sql::customer_keys_after(&mut tx, cx.shop, (after, CHUNK_KEYS)).await?;
        let Some((last, _)) = rows.last() else { return Ok(count) };
        after = *last;
        for (id, wrapped) in rows {
            let about = of_customer(cx.shop, id);
            // One that was destroyed stays so.
            if is_destroyed(&wrapped) {
                continue;
            }
            if let Some(next) = again(cx, &key, (&wrapped, &about))? {
                sql::set_customer_key(&mut tx, cx.shop, (id, wrapped, next)).await?;
                count += 1;
            }
        }
        tx.commit().await?;
    }
}

async fn wrap_days(cx: &Cx) -> Result<usize> {
    let mut tx = cx.write().await?;
    let key = shop_key(&mut tx, cx).await?;
    let mut count = 0;
    for (day, wrapped) in sql::log_keys(&mut tx, cx.shop).await? {
        let about = i32::try_from(day).map(|day| of_day(cx.shop, day)).unwrap_or_default();
        if let Some(next) = again(cx, &key, (&wrapped, &about))? {
            sql::set_log_key(&mut tx, cx.shop, (day, next)).await?;
            count += 1;
        }
    }
    tx.commit().await?;
    Ok(count)
}

/// A key as the shop's own wraps it; none where it does so already.
fn again(cx: &Cx, by: &ShopKey, (wrapped, about): (&[u8], &str)) -> Result<Option<Vec<u8>>> {
    if by.seals.open(about, wrapped).is_ok() {
        return Ok(None);
    }
    let key = cx.keys.open(by, wrapped, about)?;
    by.seals.seal(about, key.bytes(), &cx.entropy).map(Some)
}
