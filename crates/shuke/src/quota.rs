//! How much each shop has, measured now and then, so that what is asked of a shop at its limit is
//! refused before it costs the others anything.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base::{Result, ShopId};
use perceive::quota::{self, Over, Usage};
use store::{Cx, log, shop};

use crate::http::Mirrors;
use crate::place::Place;

/// How deep folders are looked through.
const DEPTH_MAX: usize = 8;
/// Files and folders that are looked at.
const ENTRIES_MAX: usize = 200_000;

/// Shops that have as much as they may.
#[derive(Debug, Default)]
pub(crate) struct Full(Mutex<HashMap<ShopId, Over>>);

impl Full {
    /// What the shop has as much of as it may.
    pub(crate) fn over(&self, shop: ShopId) -> Option<Over> {
        self.held().get(&shop).copied()
    }

    /// Refuses more of what the shop has as much of as it may.
    ///
    /// # Errors
    /// `over_quota`.
    pub(crate) fn admit(&self, shop: ShopId) -> Result<()> {
        self.over(shop).map_or(Ok(()), |over| Err(over.error()))
    }

    /// Measures the shops that have a quota.
    ///
    /// # Errors
    /// What the database reports.
    pub(crate) async fn measure(&self, place: &Place, mirrors: &Mirrors) -> Result<()> {
        let cx = place.cx();
        let mut full = HashMap::new();
        for shop in shop::list(&cx).await? {
            let own = cx.of(shop.id);
            let quota = quota::get(&own).await?;
            if quota.customers.or(quota.storage).is_none() {
                continue;
            }
            let usage = Usage {
                customers: people(mirrors, shop.id).await,
                storage: if quota.storage.is_some() { storage(place, &own).await? } else { 0 },
            };
            if let Some(over) = quota.over(&usage) {
                full.insert(shop.id, over);
            }
        }
        *self.held() = full;
        Ok(())
    }

    fn held(&self) -> MutexGuard<'_, HashMap<ShopId, Over>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Customers that a shop knows.
pub(crate) async fn people(mirrors: &Mirrors, shop: ShopId) -> u64 {
    let mirror = mirrors.lock().await.get(&shop).cloned();
    mirror.map_or(0, |mirror| u64::try_from(mirror.people()).unwrap_or(0))
}

/// Bytes of the context's shop: its files, what came in and is kept, and its part of the history.
/// Shops share folders of the history by their number; such a one is divided evenly.
///
/// # Errors
/// What the database reports.
pub(crate) async fn storage(place: &Place, cx: &Cx) -> Result<u64> {
    let bucket = lake::bucket(cx.shop);
    let shops = shop::list(cx).await?;
    let sharing = shops.iter().filter(|shop| lake::bucket(shop.id) == bucket).count().max(1);
    let own = place.folders(cx.shop);
    let history = place.lake.folders(bucket);
    let files = base::aside("disk", move || {
        let all = |folders: &[PathBuf]| folders.iter().map(|dir| size(dir)).sum::<u64>();
        let sharing = u64::try_from(sharing).unwrap_or(u64::MAX);
        all(&own).saturating_add(all(&history) / sharing)
    })?;
    Ok(files.done().await?.saturating_add(log::bytes(cx).await?))
}

/// Bytes of a folder's files, as far as it is looked through.
pub(crate) fn size(dir: &Path) -> u64 {
    let (mut bytes, mut left) = (0_u64, ENTRIES_MAX);
    let mut folders = vec![(dir.to_path_buf(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for entry in entries.flatten().take(left) {
            left -= 1;
            let Ok(meta) = entry.metadata() else { continue };
            if meta.is_dir() && depth < DEPTH_MAX {
                folders.push((entry.path(), depth + 1));
            } else if meta.is_file() {
                bytes = bytes.saturating_add(meta.len());
            }
        }
    }
    bytes
}
