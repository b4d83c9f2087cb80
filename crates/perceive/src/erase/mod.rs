//! 删除个人信息: taking everything personal of somebody away for good, with a certificate.
//!
//! The keys of the person's numbers are destroyed, so that whatever is sealed under them is lost,
//! wherever a copy of it lies; what is found by a value is blanked; figures of orders stay. Hashes
//! of the person's identifiers stay, too: what is said of them later, by an old file that is
//! imported again or by an event that waits in the log, reaches the same number, and is lost.
//!
//! A backup carries wrapped keys. So every erasure has an [`Entry`] for a list that is kept outside
//! backups, and [`again`] applies it to what was restored.

mod sql;

use std::collections::BTreeSet;

use base::{Error, Result, Time, hex};
use serde::{Deserialize, Serialize};
use store::{Cx, Tx, counter, key, log};

use crate::{identity, import, order, profile};

/// Certificates that a page shows at the most.
pub const SHOWN_MAX: i64 = 200;
/// Erasures of which entries are read at once.
const PAGE_ROWS: i64 = 1_000;

/// What was taken away, and when the rest will be gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The shop.
    pub shop_id: String,
    /// Its number of this erasure.
    pub erasure_id: String,
    /// The customer's number, which stays.
    pub customer_id: String,
    /// Why.
    pub reason: String,
    /// Who did it.
    pub actor: String,
    /// When, in microseconds.
    pub erased_at: i64,
    /// Keys that were destroyed.
    pub keys: u64,
    /// Identifiers whose value was blanked.
    pub identifiers: u64,
    /// Rows of customer lists.
    pub statements: u64,
    /// Orders whose recipient was blanked.
    pub contacts: u64,
    /// Reviews, chats and complaints whose words were blanked.
    pub words: u64,
    /// Notes of the shop's people.
    pub notes: u64,
    /// When the log and the files of rejects are gone that may still hold something, in
    /// microseconds.
    pub gone_by: i64,
}

/// What a list outside backups keeps of an erasure: nothing that tells who it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The shop.
    pub shop: i64,
    /// Namespace and hash of the identifiers.
    pub identifiers: Vec<(String, String)>,
    /// The certificate.
    pub certificate: Certificate,
}

/// An erasure that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Its certificate.
    pub certificate: Certificate,
    /// Its entry for the list outside backups.
    pub entry: Entry,
}

/// Takes everything personal of the customer `person` away, whose row the caller has seen.
///
/// # Errors
/// `conflict` when nothing of them is left to erase; what the database reports.
pub async fn erase(tx: &mut Tx, cx: &Cx, (person, reason): (i64, &str)) -> Result<Erasure> {
    if of_person(tx, person).await?.is_some() && sql::personal(tx, person).await? == 0 {
        return Err(Error::conflict("this person was erased before").field("customer_id"));
    }
    let identifiers = sql::identifiers(tx, person).await?;
    let taken = take(tx, cx, person).await?;
    let number = counter::take(tx, "erasure", 1).await?;
    let kept = log::KEEP_MICROS.max(import::REJECTS_KEEP_MICROS);
    let certificate = Certificate {
        shop_id: cx.shop.to_string(),
        erasure_id: number.to_string(),
        customer_id: person.to_string(),
        reason: reason.to_owned(),
        actor: cx.actor.to_string(),
        erased_at: cx.now.micros(),
        gone_by: cx.now.plus(kept).micros(),
        ..taken
    };
    let entry = Entry {
        shop: cx.shop.0,
        identifiers: identifiers.into_iter().map(|(space, hash)| (space, hex(&hash))).collect(),
        certificate: certificate.clone(),
    };
    let erasure = Erasure { certificate, entry };
    sql::insert(tx, (number, person), cx.now, written(&erasure)?).await?;
    Ok(erasure)
}

fn written(erasure: &Erasure) -> Result<(String, String)> {
    let failed = |cause| Error::internal("an erasure could not be written", cause);
    let certificate = serde_json::to_string(&erasure.certificate).map_err(failed)?;
    Ok((certificate, serde_json::to_string(&erasure.entry).map_err(failed)?))
}

/// Takes away, and says what.
async fn take(tx: &mut Tx, cx: &Cx, person: i64) -> Result<Certificate> {
    let mut labels: BTreeSet<i64> = BTreeSet::from([person]);
    let numbers = identity::numbers(tx, &labels).await?;
    labels.extend(numbers.into_iter().map(|(number, _)| number));
    let labels: Vec<i64> = labels.into_iter().collect();
    let keys = key::destroy(tx, cx, &labels).await?;
    let taken = Certificate {
        keys: u64::try_from(keys).unwrap_or(u64::MAX),
        identifiers: sql::blank_identifiers(tx, person).await?,
        statements: sql::remove_statements(tx, &labels).await?,
        contacts: sql::blank_contacts(tx, &labels).await?,
        words: sql::blank_words(tx, &labels).await?,
        notes: sql::remove_notes(tx, &labels).await?,
        shop_id: String::new(),
        erasure_id: String::new(),
        customer_id: String::new(),
        reason: String::new(),
        actor: String::new(),
        erased_at: 0,
        gone_by: 0,
    };
    sql::remove_marks(tx, &labels).await?;
    order::forget_recipients(tx, &labels).await?;
    profile::rebuild(tx, cx, &BTreeSet::from([person])).await?;
    Ok(taken)
}

/// Applies an erasure to what was restored from a backup of an earlier time; how many people it
/// concerned.
///
/// # Errors
/// `damaged` when the entry cannot be understood; what the database reports.
pub async fn again(cx: &Cx, entry: &Entry) -> Result<usize> {
    let mut tx = cx.write().await?;
    let mut people = BTreeSet::new();
    for (namespace, hash) in &entry.identifiers {
        let hash = base::unhex(hash).ok_or_else(|| Error::damaged("an entry's hash is not one"))?;
        people.extend(sql::person_of(&mut tx, namespace, hash).await?);
    }
    for person in &people {
        take(&mut tx, cx, *person).await?;
    }
    let certificate = entry.certificate.clone();
    let at = Time::from_micros(certificate.erased_at);
    let person = certificate.customer_id.parse().unwrap_or_default();
    if !sql::is_known(&mut tx, person, at).await? {
        let number = counter::take(&mut tx, "erasure", 1).await?;
        let erasure = Erasure { certificate, entry: entry.clone() };
        sql::insert(&mut tx, (number, person), at, written(&erasure)?).await?;
    }
    tx.commit().await?;
    Ok(people.len())
}

/// When a customer was erased.
///
/// # Errors
/// What the database reports.
pub async fn of_person(tx: &mut Tx, person: i64) -> Result<Option<Time>> {
    sql::of_person(tx, person).await
}

/// The certificates of a shop, the latest first, and how many there are.
///
/// # Errors
/// `damaged` when one cannot be read; what the database reports.
pub async fn list(tx: &mut Tx) -> Result<(Vec<Certificate>, i64)> {
    let texts = sql::certificates(tx, SHOWN_MAX).await?;
    let read = texts.iter().map(|text| serde_json::from_str(text).map_err(unreadable));
    Ok((read.collect::<Result<_>>()?, sql::count(tx).await?))
}

/// The entries of a shop's erasures for the list outside backups.
///
/// # Errors
/// `damaged` when one cannot be read; what the database reports.
pub async fn entries(cx: &Cx) -> Result<Vec<Entry>> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let page = sql::entries(&mut cx.read().await?, after, PAGE_ROWS).await?;
        let Some((last, _)) = page.last() else { return Ok(all) };
        after = *last;
        for (_, text) in &page {
            all.push(serde_json::from_str(text).map_err(unreadable)?);
        }
    }
}

fn unreadable(cause: serde_json::Error) -> Error {
    Error::damaged("an erasure cannot be read").because(cause)
}
