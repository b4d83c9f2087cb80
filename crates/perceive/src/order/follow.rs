//! Refunds and corrections that name an order instead of a buyer: they are that order's buyer's.
//!
//! Their parts say nothing of a buyer, so whose they are changes with the order that they name,
//! whichever of the two comes first and whatever takes the order's buyer away again.

use std::collections::{BTreeSet, HashMap};

use base::Result;
use store::{Tx, V, counter};

use super::rule::{self, Draft};
use super::{Change, State, WRITE_MAX, sql};

/// An order's buyer before and after.
type Moved = (Option<i64>, Option<i64>);

/// Changed orders on their way to the database, a piece at a time.
pub(super) struct Writing {
    version: i64,
    rows: Vec<Vec<V>>,
    /// The changes that are written.
    pub(super) changes: Vec<Change>,
    /// Orders whose buyer changed, where anything follows an order at all.
    moved: Option<HashMap<String, Moved>>,
    waiting: Vec<Draft>,
}

impl Writing {
    /// Begins; `follow` says that one of the coming orders may follow another.
    pub(super) async fn begin(tx: &mut Tx, follow: bool) -> Result<Self> {
        let follow = follow || sql::any_follows(tx).await?;
        let version = counter::take(tx, "version", 1).await?;
        let moved = follow.then(HashMap::new);
        Ok(Self { version, rows: Vec::new(), changes: Vec::new(), moved, waiting: Vec::new() })
    }

    /// Takes a changed order; whether enough of them wait for [`Writing::flush`].
    pub(super) fn take(&mut self, tx: &Tx, draft: Draft) -> bool {
        if let Some(moved) = &mut self.moved {
            if draft.follows() {
                self.waiting.push(draft);
                return false;
            }
            let (was, is) = draft.buyers();
            if was != is {
                moved.insert(draft.name.clone(), (was, is));
            }
        }
        self.write(tx, draft);
        self.rows.len() >= WRITE_MAX
    }

    fn write(&mut self, tx: &Tx, draft: Draft) {
        let Draft { number, epoch, name, old, new, duplicates, fresh } = draft;
        let again = old.as_ref().is_some_and(|old| !rule::grows(old, new.as_ref()));
        let change = Change { number, epoch: epoch + i64::from(again), old, new, duplicates };
        if fresh || change.old != change.new {
            self.rows.push(sql::row(tx.shop(), self.version, name, &change));
        }
        self.changes.push(change);
    }

    /// Sends what waits to the database.
    pub(super) fn flush(&mut self, tx: &mut Tx) {
        sql::upsert(tx, std::mem::take(&mut self.rows));
    }

    /// Gives what follows an order its buyer, among the taken and among the stored; all changes.
    pub(super) async fn finish(mut self, tx: &mut Tx) -> Result<Vec<Change>> {
        self.flush(tx);
        let Some(moved) = self.moved.take() else { return Ok(self.changes) };
        let mut followers = std::mem::take(&mut self.waiting);
        followers.extend(stored(tx, &moved, &followers).await?);
        let unmoved: BTreeSet<&str> = followers
            .iter()
            .flat_map(|draft| draft.states().filter_map(|state| state.of_order.as_deref()))
            .filter(|name| !moved.contains_key(*name))
            .collect();
        let unmoved: Vec<&str> = unmoved.into_iter().collect();
        let buyers = sql::buyers(tx, &unmoved).await?;
        for mut draft in followers {
            let buyer = |state: &State| {
                let name = state.of_order.as_deref()?;
                let still = || buyers.get(name).map_or((None, None), |buyer| (*buyer, *buyer));
                Some(moved.get(name).copied().unwrap_or_else(still))
            };
            if let Some(old) = draft.old.as_mut().filter(|old| old.follows()) {
                old.label = buyer(old).and_then(|(was, _)| was);
            }
            if let Some(new) = draft.new.as_mut().filter(|new| new.follows()) {
                new.label = buyer(new).and_then(|(_, is)| is);
            }
            self.write(tx, draft);
        }
        self.flush(tx);
        Ok(self.changes)
    }
}

/// Stored followers of the orders whose buyer changed, without those that are taken already.
async fn stored(
    tx: &mut Tx,
    moved: &HashMap<String, Moved>,
    taken: &[Draft],
) -> Result<Vec<Draft>> {
    let names: Vec<&str> = moved.keys().map(String::as_str).collect();
    let mut found = sql::followers(tx, &names).await?;
    let taken: BTreeSet<i64> = taken.iter().map(|draft| draft.number).collect();
    found.retain(|(number, ..)| !taken.contains(number));
    let numbers: Vec<i64> = found.iter().map(|(number, ..)| *number).collect();
    let parts = sql::parts(tx, &numbers).await?;
    let drafts = found.into_iter().filter_map(|(number, name, epoch)| {
        let state = rule::state(parts.get(&number)?);
        let (old, new) = (state.clone(), state);
        let draft = Draft { number, epoch, name, old, new, duplicates: 0, fresh: false };
        draft.follows().then_some(draft)
    });
    Ok(drafts.collect())
}
