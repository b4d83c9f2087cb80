//! Which runs speak of a label. A run never changes, so the labels that it has are remembered while
//! it waits for blocks to take it in: whoever asks for a few labels reads only runs that have them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::{Result, ShopId};
use store::{Remembered, Tx};

use super::sql::{self, Run};
use super::{Kept, read, version};

/// Labels that are remembered of all shops at the most.
const REMEMBERED_MAX: usize = 4_000_000;

/// The labels of each of a series' runs, in their order.
type Labels = BTreeMap<i64, Arc<[i64]>>;

/// Of each shop's series.
type Runs = Remembered<(ShopId, &'static str), Labels>;

/// Runs after `held` that have any of `wanted`, and perhaps others.
///
/// # Errors
/// What the database reports.
pub(super) async fn about<T: Kept>(
    tx: &mut Tx,
    held: i64,
    wanted: &BTreeSet<i64>,
) -> Result<Vec<Run>> {
    let Some(memo) = tx.memo::<Runs>() else {
        return sql::runs(tx, T::SERIES, (held, i64::MAX)).await;
    };
    let series = (tx.shop(), T::SERIES);
    let mut labels = memo.get(&series).unwrap_or_default().split_off(&held.saturating_add(1));
    let last = version::<T>(tx).await?;
    let unknown = |version: &i64| !labels.contains_key(version);
    let unknown: Vec<i64> = (held.saturating_add(1)..=last).filter(unknown).collect();
    let hit = |own: &Arc<[i64]>| wanted.iter().any(|label| own.binary_search(label).is_ok());
    let hits = labels.range(..=last).filter(|(_, own)| hit(own)).map(|(version, _)| *version);
    let mut runs = sql::some_runs(tx, T::SERIES, &hits.collect::<Vec<_>>()).await?;
    if !unknown.is_empty() {
        for (version, body) in sql::some_runs(tx, T::SERIES, &unknown).await? {
            let own = read::<T>(&body)?.map(|(label, _)| label).collect();
            labels.insert(version, own);
            runs.push((version, body));
        }
        let size = |labels: &Labels| labels.values().map(|own| own.len()).sum();
        memo.keep(series, labels, (REMEMBERED_MAX, size));
    }
    Ok(runs)
}
