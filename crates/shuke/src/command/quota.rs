//! `shuke quota`

use base::{Error, Result};
use perceive::collect::pace::{self, Pace};
use perceive::profile;
use perceive::quota::{self as limits, MB, Quota as Limits, Usage};
use serde_json::json;
use store::audit::{self, Deed};

use crate::cli::Quota;
use crate::console::Console;
use crate::place::Place;
use crate::{quota, text};

/// Shows how much a shop has and may have; sets what is named first.
pub(crate) async fn run(place: Place, asked: Quota, console: Console) -> Result<()> {
    let (cx, _) = place.shop(&asked.of.shop).await?;
    let before = limits::get(&cx).await?;
    let named = |asked: Option<u64>, is: Option<u64>| match asked {
        None => is,
        Some(most) => (most > 0).then_some(most),
    };
    let storage = asked.storage.map(|megabytes| megabytes.saturating_mul(MB));
    let queries = asked.queries.map(u64::from);
    let limit = Limits {
        customers: named(asked.customers, before.customers),
        storage: named(storage, before.storage),
        queries: named(queries, before.queries.map(u64::from)).and_then(|n| n.try_into().ok()),
    };
    if let Some(per_second) = asked.events {
        let pace = Pace { per_second, burst: per_second };
        pace::set(&cx, (per_second > 0).then_some(pace)).await?;
    }
    if asked.sets() {
        let mut tx = cx.write().await?;
        limits::set(&mut tx, &limit).await?;
        let told = |limit: &Limits| serde_json::to_string(limit).ok();
        let (before, after) = (told(&before), told(&limit));
        audit::commit(tx, &cx, Deed { action: "shop.quota", before, after, ..Deed::default() })
            .await?;
    }
    let pace = pace::get(&cx).await?.map(|pace| pace.per_second);
    let known = profile::count(&mut cx.read().await?).await?;
    let storage = quota::storage(&place, cx.shop).await?;
    let usage = Usage { customers: u64::try_from(known).unwrap_or(0), storage };
    if asked.json {
        let json = json!({
            "events_per_second": { "most": pace },
            "customers": { "is": usage.customers, "most": limit.customers },
            "storage_bytes": { "is": usage.storage, "most": limit.storage },
            "queries": { "most": limit.queries },
        });
        let line = serde_json::to_string(&json)
            .map_err(|cause| Error::internal("a quota could not be written", cause))?;
        console.answer(line + "\n").await;
    } else {
        console.answer(text::quota(console.lang(), (&usage, &limit), pace)).await;
    }
    Ok(())
}
