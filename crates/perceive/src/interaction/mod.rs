//! What people say and do besides buying: reviews, favourites, chats, complaints.
//!
//! A row's identity is its source's own id, or its content with its ordinal among equals in the
//! file, so overlapping files add nothing twice. What was said is sealed. Of the sources that say
//! the same, exactly one tells it to the lake.

mod sql;

use std::collections::{BTreeSet, HashMap, HashSet};

use base::{Result, Time};
use store::key::{ANONYMOUS_KEY, Sealer};
use store::{Cx, Tx};

use crate::print::print;
use crate::record::{InteractionKind, InteractionRow};

/// The event that an interaction is in the lake.
#[must_use]
pub fn event(kind: InteractionKind) -> &'static str {
    match kind {
        InteractionKind::Review => "Product Reviewed",
        InteractionKind::Favourite => "Product Added to Wishlist",
        InteractionKind::Chat => "chat.said",
        InteractionKind::Complaint => "complaint.filed",
    }
}

/// A stored interaction, without its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interaction {
    /// The source that says it.
    pub source: i64,
    /// Keyed hash of its identity.
    pub hash: Vec<u8>,
    /// Its place among equals.
    pub ordinal: i64,
    /// What it is.
    pub kind: InteractionKind,
    /// Label of the person.
    pub label: Option<i64>,
    /// When.
    pub at: Option<Time>,
    /// Product it is about.
    pub product: Option<i64>,
    /// Order it is about; whoever bought that said it, where nobody is named.
    pub order: Option<i64>,
    /// 1 to 5.
    pub rating: Option<i64>,
    /// When it was received.
    pub received_at: Time,
    /// Whether this source tells it to the lake: the first one, or one that took its place.
    pub told: bool,
}

/// A new interaction, with the numbers of what it names.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// Label of the person.
    pub label: Option<i64>,
    /// The product.
    pub product: Option<i64>,
    /// The order.
    pub order: Option<i64>,
    /// What its source states.
    pub row: &'a InteractionRow,
}

/// What tells an interaction from others: its source's own id, or its content.
#[must_use]
pub fn hash(sealer: &Sealer, row: &InteractionRow) -> Vec<u8> {
    sealer.blind("interaction", &print(row))
}

/// Which of `hashes` a source has stated already.
///
/// # Errors
/// What the database reports.
pub async fn known_hashes(tx: &mut Tx, hashes: &[Vec<u8>]) -> Result<HashSet<Vec<u8>>> {
    crate::lookup::hashes(tx, "interaction", hashes).await
}

/// Stores interactions of a source; in the order of `rows`.
///
/// # Errors
/// What the database reports.
pub async fn add(
    tx: &mut Tx,
    cx: &Cx,
    source: i64,
    rows: &[Named<'_>],
) -> Result<Vec<Interaction>> {
    let keys: BTreeSet<i64> = rows.iter().map(|one| one.label.unwrap_or(ANONYMOUS_KEY)).collect();
    let keys: Vec<i64> = keys.into_iter().collect();
    let sealer = Sealer::open(tx, cx, &keys, true).await?;
    let mut done: Vec<Interaction> = Vec::with_capacity(rows.len());
    for &Named { label, product, order, row } in rows {
        done.push(Interaction {
            source,
            hash: hash(&sealer, row),
            ordinal: 0,
            kind: row.kind,
            label,
            at: row.at,
            product,
            order,
            rating: row.rating,
            received_at: cx.now,
            told: true,
        });
    }
    let hashes: Vec<Vec<u8>> = done.iter().map(|one| one.hash.clone()).collect();
    let known = sql::known(tx, &hashes).await?;
    let mut most: HashMap<&Vec<u8>, i64> = HashMap::new();
    for ((_, hash), count) in &known {
        let largest = most.entry(hash).or_default();
        *largest = (*largest).max(*count);
    }
    let mut next: HashMap<Vec<u8>, i64> = HashMap::new();
    for (one, Named { row, .. }) in done.iter_mut().zip(rows) {
        let own = known.get(&(source, one.hash.clone())).copied().unwrap_or(0);
        let place = next.entry(one.hash.clone()).or_insert(own);
        // A source's own id names one thing; equal rows without one are several.
        one.ordinal = if row.external_id.is_some() { 0 } else { *place };
        let beyond = one.ordinal >= most.get(&one.hash).copied().unwrap_or(0);
        one.told = beyond && (*place == own || one.ordinal > 0);
        *place += 1;
    }
    let mut texts = Vec::with_capacity(rows.len());
    for Named { label, row, .. } in rows {
        let key = label.unwrap_or(ANONYMOUS_KEY);
        let one = |field, said: &Option<String>| {
            said.as_deref().map(|said| sealer.seal(field, key, said)).transpose()
        };
        texts.push((one("text", &row.text)?, one("topic", &row.topic)?));
    }
    sql::insert(tx, source, &done, rows, texts);
    Ok(done)
}

/// How many interactions each of `labels` has, each counted once however many sources say it.
///
/// # Errors
/// What the database reports.
pub async fn counts(tx: &mut Tx, labels: &[i64]) -> Result<Vec<(i64, i64)>> {
    sql::counts(tx, labels).await
}

/// Orders about which something was said without naming who, each with the label of its buyer.
///
/// # Errors
/// What the database reports.
pub async fn buyers(tx: &mut Tx) -> Result<Vec<(i64, i64)>> {
    sql::buyers(tx).await
}

/// What is forgotten of a source.
#[derive(Debug, Default)]
pub struct Forgotten {
    /// How many interactions; none when nothing was left.
    pub count: usize,
    /// Whom they were of.
    pub labels: BTreeSet<i64>,
    /// What another source tells from now on in its place.
    pub told: Vec<Interaction>,
}

/// Takes away up to `limit` interactions that a source states.
///
/// # Errors
/// What the database reports.
pub async fn forget(tx: &mut Tx, source: i64, limit: i64) -> Result<Forgotten> {
    let told = sql::take_over(tx, source, limit).await?;
    let labels = sql::forget(tx, source, limit).await?;
    Ok(Forgotten { count: labels.len(), labels: labels.into_iter().flatten().collect(), told })
}

/// Everyone of whom there is an interaction.
///
/// # Errors
/// What the database reports.
pub async fn labels(tx: &mut Tx) -> Result<Vec<i64>> {
    sql::labels(tx).await
}
