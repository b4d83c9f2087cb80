//! The claims of a batch on their way into the store.

use std::collections::{BTreeSet, HashMap, HashSet};

use base::{Result, Time};
use store::key::{Sealer, blind_tail};
use store::{Cx, Tx, counter};

use super::rule::{self, trust};
use super::{ANONYMOUS_SERIES, CLAIM, Claim, Key, Keyed, Regrouped, Resolved, SERIES, key, sql};
use crate::record::Identifier;

/// One identifier of a batch.
#[derive(Debug, Default)]
struct Entry {
    value: String,
    number: Option<i64>,
    person: Option<i64>,
    stored: bool,
    dirty: bool,
}

/// The identifiers that claims carry, as they are stored and will be.
#[derive(Debug, Default)]
pub(super) struct Batch {
    entries: HashMap<Key, Entry>,
    claims: Vec<(Keyed, Time)>,
    /// Identifiers whose links changed.
    pub(super) touched: Vec<Key>,
    /// New numbers that lead to somebody else from the first: what is known of a visitor only by
    /// an account has none before it does something itself.
    pub(super) led: Vec<(i64, i64)>,
}

impl Batch {
    pub(super) fn collect(sealer: &Sealer, claims: &[Claim]) -> Self {
        let mut batch = Self::default();
        let mut seen: HashMap<&Identifier, Key> = HashMap::new();
        for claim in claims {
            let keyed = Keyed::new(sealer, &claim.identifiers, |identifier| {
                let key = seen.entry(identifier).or_insert_with(|| key(sealer, identifier));
                let entry = batch.entries.entry(key.clone()).or_default();
                entry.value.clone_from(&identifier.value);
                key.clone()
            });
            if let Some(label) = &keyed.label {
                batch.entries.entry(label.clone()).or_default();
            }
            batch.claims.push((keyed, claim.at));
        }
        batch
    }

    pub(super) async fn load(&mut self, tx: &mut Tx) -> Result<()> {
        let keys: Vec<Key> = self.entries.keys().cloned().collect();
        for node in sql::load(tx, keys).await? {
            if let Some(entry) = self.entries.get_mut(&node.key) {
                entry.number = node.number;
                entry.person = node.person;
                entry.stored = true;
            }
        }
        Ok(())
    }

    /// Gives a number to every identifier that labels facts and has none.
    pub(super) async fn number(&mut self, tx: &mut Tx) -> Result<()> {
        let mut wanted: Vec<Key> = Vec::new();
        let mut seen = HashSet::new();
        for key in self.claims.iter().filter_map(|(claim, _)| claim.label.as_ref()) {
            let bare = self.entries.get(key).is_some_and(|entry| entry.number.is_none());
            if bare && seen.insert(key.clone()) {
                wanted.push(key.clone());
            }
        }
        let (hidden, open): (Vec<Key>, Vec<Key>) =
            wanted.into_iter().partition(|key| trust(&key.namespace).anonymous);
        self.take(tx, SERIES, &open, 1).await?;
        self.take(tx, ANONYMOUS_SERIES, &hidden, -1).await
    }

    async fn take(&mut self, tx: &mut Tx, series: &str, keys: &[Key], sign: i64) -> Result<()> {
        let count = i64::try_from(keys.len()).unwrap_or(i64::MAX);
        if count == 0 {
            return Ok(());
        }
        let first = counter::take(tx, series, count).await?;
        for (key, number) in keys.iter().zip(first..) {
            if let Some(entry) = self.entries.get_mut(key) {
                entry.number = Some(number * sign);
                entry.dirty = true;
                match entry.person {
                    Some(person) => self.led.push((number * sign, person)),
                    None => {
                        entry.person = Some(number * sign);
                        self.touched.push(key.clone());
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) async fn store(
        &mut self,
        tx: &mut Tx,
        cx: &Cx,
        sealer: &Sealer,
        source: i64,
    ) -> Result<()> {
        let (mut rows, mut numbered) = (Vec::new(), Vec::new());
        // Sealed under the key of the label number; a bare identifier shares its claim's.
        let mut owner: HashMap<&Key, i64> = HashMap::new();
        for (Keyed { keys, label }, _) in &self.claims {
            let label = label.as_ref().and_then(|key| self.entries.get(key)?.number);
            for key in keys {
                owner.entry(key).or_insert(label.unwrap_or_default());
            }
        }
        let secret: Vec<i64> = self
            .entries
            .iter()
            .filter(|(key, entry)| !entry.stored && rule::personal(key, &entry.value))
            .filter_map(|(key, _)| owner.get(key).copied())
            .collect::<BTreeSet<i64>>()
            .into_iter()
            .collect();
        let keys = Sealer::open(tx, cx, &secret, true).await?;
        for (key, entry) in &self.entries {
            let owner = owner.get(key).copied().unwrap_or_default();
            if !entry.stored {
                rows.push(stored(key, entry, owner, sealer, &keys)?);
            } else if entry.dirty {
                numbered.push((key.clone(), entry.number, entry.person));
            }
        }
        rows.sort_by(|a, b| a.key.cmp(&b.key));
        sql::insert(tx, rows);
        sql::update(tx, numbered);
        self.link(tx, source).await
    }

    async fn link(&mut self, tx: &mut Tx, source: i64) -> Result<()> {
        let mut links: HashMap<(Key, Key), Time> = HashMap::new();
        for (claim, at) in &self.claims {
            for (a, b) in claim.links() {
                let known = links.entry((a.clone(), b.clone())).or_insert(*at);
                *known = (*known).min(*at);
            }
        }
        let mut links: Vec<_> = links.into_iter().collect();
        links.sort_by(|a, b| a.0.cmp(&b.0));
        for (a, b) in sql::link(tx, source, links).await? {
            self.touched.extend([a, b]);
        }
        Ok(())
    }

    pub(super) async fn finish(self, tx: &mut Tx, regrouped: Regrouped) -> Result<Resolved> {
        let mut persons = HashMap::new();
        let now = if regrouped.moved {
            sql::load(tx, self.entries.keys().cloned().collect()).await?
        } else {
            vec![]
        };
        let now: HashMap<Key, Option<i64>> =
            now.into_iter().map(|node| (node.key, node.person)).collect();
        for (key, entry) in &self.entries {
            let person = now.get(key).copied().unwrap_or(entry.person);
            if let (Some(number), Some(person)) = (entry.number, person) {
                persons.insert(number, person);
            }
        }
        let labels = self
            .claims
            .iter()
            .map(|(claim, _)| claim.label.as_ref().and_then(|key| self.entries.get(key)?.number))
            .collect();
        let Regrouped { fresh, changed, moves, .. } = regrouped;
        Ok(Resolved { labels, persons, fresh, changed, moves })
    }
}

fn stored(
    key: &Key,
    entry: &Entry,
    owner: i64,
    sealer: &Sealer,
    keys: &Sealer,
) -> Result<sql::Insert> {
    let personal = rule::personal(key, &entry.value);
    let tail = blind_tail(&entry.value).filter(|_| key.namespace == "phone");
    Ok(sql::Insert {
        key: key.clone(),
        value: (!personal && key.namespace != CLAIM).then(|| entry.value.clone()),
        sealed: if personal { Some(keys.seal(&key.namespace, owner, &entry.value)?) } else { None },
        tail: tail.map(|tail| sealer.blind(super::PHONE_TAIL, tail)),
        number: entry.number,
        person: entry.person,
    })
}
