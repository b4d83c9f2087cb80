//! How much each shop has, measured now and then, so that what is asked of a shop at its limit is
//! refused before it costs the others anything.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use base::{Result, ShopId};
use perceive::quota::{self, Over, Usage};
use store::{log, shop};

use crate::http::Mirrors;
use crate::place::Place;

/// How deep folders are looked through.
const DEPTH_MAX: usize = 8;
/// Files and folders that are looked at.
const ENTRIES_MAX: usize = 200_000;

/// Measurements of customers for one of bytes, which reads through folders and the whole log.
const PASSES: u32 = 10;

/// Shops that have as much as they may.
#[derive(Debug, Default)]
pub(crate) struct Full {
    over: Mutex<HashMap<ShopId, Over>>,
    bytes: Mutex<HashMap<ShopId, u64>>,
    passes: AtomicU32,
}

impl Full {
    /// Refuses more of what the shop has as much of as it may.
    ///
    /// # Errors
    /// `over_quota`.
    pub(crate) fn admit(&self, shop: ShopId) -> Result<()> {
        let over = held(&self.over).get(&shop).copied();
        over.map_or(Ok(()), |over| Err(over.error()))
    }

    /// Measures the shops that have a quota.
    ///
    /// # Errors
    /// What the database reports.
    pub(crate) async fn measure(&self, place: &Place, mirrors: &Mirrors) -> Result<()> {
        let cx = place.cx();
        let mut limited = Vec::new();
        for shop in shop::list(&cx).await? {
            let quota = quota::get(&cx.of(shop.id)).await?;
            if quota.customers.or(quota.storage).is_some() {
                limited.push((shop.id, quota));
            }
        }
        let stored: Vec<ShopId> =
            limited.iter().filter(|(_, quota)| quota.storage.is_some()).map(|one| one.0).collect();
        if self.passes.fetch_add(1, Ordering::Relaxed).is_multiple_of(PASSES) {
            let bytes =
                if stored.is_empty() { HashMap::new() } else { storages(place, &stored).await? };
            *held(&self.bytes) = bytes;
        }
        let mut full = HashMap::new();
        for (shop, quota) in limited {
            let storage = held(&self.bytes).get(&shop).copied().unwrap_or(0);
            let usage = Usage { customers: people(mirrors, shop).await, storage };
            full.extend(quota.over(&usage).map(|over| (shop, over)));
        }
        *held(&self.over) = full;
        Ok(())
    }
}

fn held<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Customers that a shop knows.
pub(crate) async fn people(mirrors: &Mirrors, shop: ShopId) -> u64 {
    let mirror = mirrors.lock().await.get(&shop).cloned();
    mirror.map_or(0, |mirror| u64::try_from(mirror.people()).unwrap_or(0))
}

/// Bytes of each of these shops: their files, what came in and is kept, and their part of the
/// history. Shops share folders of the history by their number; such a one is divided evenly.
///
/// # Errors
/// What the database reports.
pub(crate) async fn storages(place: &Place, wanted: &[ShopId]) -> Result<HashMap<ShopId, u64>> {
    let cx = place.cx();
    let mut sharing: HashMap<i64, u64> = HashMap::new();
    for shop in shop::list(&cx).await? {
        *sharing.entry(lake::bucket(shop.id)).or_default() += 1;
    }
    let mut folders = Vec::new();
    for &shop in wanted {
        let bucket = lake::bucket(shop);
        let sharing = sharing.get(&bucket).copied().unwrap_or(1).max(1);
        folders.push((shop, place.folders(shop), place.lake.folders(bucket), sharing));
    }
    let files = base::aside("disk", move || {
        let all = |folders: &[PathBuf]| folders.iter().map(|dir| size(dir)).sum::<u64>();
        let sized = folders.iter().map(|(shop, own, history, sharing)| {
            (*shop, all(own).saturating_add(all(history) / sharing))
        });
        sized.collect::<HashMap<_, _>>()
    })?;
    let logged = log::bytes(&cx).await?;
    let mut bytes = files.done().await?;
    for (shop, bytes) in &mut bytes {
        *bytes = bytes.saturating_add(logged.get(shop).copied().unwrap_or(0));
    }
    Ok(bytes)
}

/// The same of one shop.
///
/// # Errors
/// What the database reports.
pub(crate) async fn storage(place: &Place, shop: ShopId) -> Result<u64> {
    Ok(storages(place, &[shop]).await?.get(&shop).copied().unwrap_or(0))
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
