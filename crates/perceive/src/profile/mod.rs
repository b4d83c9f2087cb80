//! 画像: what is known of a customer, and the figures of what the customer bought.
//!
//! A row per person. Figures of orders are moved by differences as orders change, and built anew
//! from the orders where a difference does not suffice; both ways agree (a property test). What
//! customer lists say is kept as parts, and a person's attributes are a function of their set.

mod habit;
mod index;
mod personal;
pub mod rule;
mod sql;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::{Result, Time};
use serde::{Deserialize, Serialize};
use store::audit::{self, Deed};
use store::key::{Sealer, split_key_id};
use store::{Cx, Tx, counter, log};

use crate::consent::Consents;
use crate::identity::Verdict;
use crate::print::print;
use crate::record::{CustomerRow, Identifier, Region};
use crate::{identity, interaction, order, relation, visit};
pub use habit::refresh as refresh_habits;
use index::month_day;
pub use index::{
    birthday_index, introduced, introducers, name_index, name_indexes, named, of_name,
};
pub use personal::{Personal, personal};
use rule::{Contribution, Totals};

/// People whose rows are worked on at once.
const CHUNK: usize = 2_000;

/// What a customer list says about a person, as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attributes {
    /// Name. Personal.
    pub name: Option<String>,
    /// Address. Personal.
    pub address: Option<String>,
    /// Birthday. Personal.
    pub birthday: Option<String>,
    /// Traits. Personal until declared.
    pub traits: Vec<(String, String)>,
    /// An identifier of whoever introduced them. Personal, as it may be a phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduced_by: Option<Identifier>,
    /// When this was stated, where its source does not tell when it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated_at: Option<Time>,
    /// By which channels they want to hear from the shop: what all statements come to.
    #[serde(skip)]
    pub consents: Consents,
    /// Gender.
    pub gender: Option<String>,
    /// Age band.
    pub age_band: Option<String>,
    /// Where the person lives.
    pub region: Region,
    /// When the person became known to the shop.
    pub registered_at: Option<Time>,
    /// When this was last changed at its source.
    pub updated_at: Option<Time>,
}

impl From<&CustomerRow> for Attributes {
    fn from(row: &CustomerRow) -> Self {
        Self {
            name: row.name.clone(),
            address: row.address.clone(),
            birthday: row.birthday.clone(),
            traits: row.traits.clone(),
            introduced_by: relation::introducer(&row.traits, &row.identifiers),
            stated_at: None,
            consents: Consents::new(),
            gender: row.gender.clone(),
            age_band: row.age_band.clone(),
            region: row.region.clone(),
            registered_at: row.registered_at,
            updated_at: row.updated_at,
        }
    }
}

/// What an order contributed to its buyer before, and what it does after.
type Move = (Option<Contribution>, Option<Contribution>);

/// What happened to people in a batch.
#[derive(Debug, Default)]
pub struct Touched {
    /// Orders that came, changed or went, with the person and the order before and after.
    pub orders: Vec<(i64, Option<Contribution>, Option<Contribution>)>,
    /// People of whom something besides orders was said or who were there under a label that had
    /// not been there before, once for each time.
    pub documents: Vec<i64>,
    /// People whose orders went to somebody who is named, or did before.
    pub sent: BTreeSet<i64>,
    /// New people.
    pub fresh: BTreeSet<i64>,
    /// People whose rows must be built anew from everything that is stored.
    pub rebuild: BTreeSet<i64>,
    /// Numbers that lead to other people now.
    pub moves: identity::Moves,
}

impl Touched {
    /// Takes in who is new, who changed and whose numbers moved.
    pub fn take(&mut self, resolved: identity::Resolved) {
        self.fresh.extend(resolved.fresh);
        self.rebuild.extend(resolved.changed);
        self.moves.extend(resolved.moves);
    }
}

/// A stored row; see the table `customer`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// The customer number.
    pub number: i64,
    /// Set when this person has become part of another.
    pub merged_into: Option<i64>,
    /// The most trusted identifier that is not personal.
    pub external_id: Option<String>,
    /// A phone is known.
    pub has_phone: bool,
    /// An email is known.
    pub has_email: bool,
    /// Figures of orders.
    pub totals: Totals,
    /// Attributes from customer lists, without what is personal.
    pub attributes: Attributes,
    /// Sealed name, birthday, address and traits.
    pub sealed: [Option<Vec<u8>>; 4],
    /// Where the name is found again.
    pub name_index: Option<Vec<u8>>,
    /// Where month and day of birth are found again.
    pub birthday_index: Option<String>,
    /// Keyed hash of the identifier of whoever introduced them.
    pub introduced_by: Option<Vec<u8>>,
    /// Recipients of gifts.
    pub gift_receivers: i64,
    /// An open id of WeChat is known.
    pub has_wechat: bool,
    /// Time of the latest event that told a region.
    pub region_at: Option<Time>,
    /// Documents that mention this person besides orders; visits under one label are one.
    pub documents: i64,
}

impl Profile {
    /// Whether anything still mentions this person.
    #[must_use]
    pub fn known(&self) -> bool {
        self.merged_into.is_none() && self.documents + self.totals.documents > 0
    }
}

/// Stores what customer lists say; for each row whether it said something new.
///
/// # Errors
/// What the database reports.
pub async fn state(
    tx: &mut Tx,
    cx: &Cx,
    source: i64,
    rows: &[(i64, &CustomerRow)],
) -> Result<Vec<bool>> {
    let labels: BTreeSet<i64> = rows.iter().map(|(label, _)| *label).collect();
    let labels: Vec<i64> = labels.into_iter().collect();
    let sealer = Sealer::open(tx, cx, &labels, true).await?;
    let mut parts = Vec::with_capacity(rows.len());
    for (label, row) in rows {
        let body = sealer.seal("customer", *label, &told(row, cx.now)?)?;
        parts.push((*label, hash(&sealer, row), body));
    }
    sql::add_parts(tx, source, parts).await
}

fn told(row: &CustomerRow, now: Time) -> Result<String> {
    let stated_at = row.updated_at.is_none().then_some(now);
    serde_json::to_string(&Attributes { stated_at, ..Attributes::from(row) })
        .map_err(|cause| base::Error::internal("a profile could not be written", cause))
}

/// What tells a row of a customer list from others of the same person.
#[must_use]
pub fn hash(sealer: &Sealer, row: &CustomerRow) -> Vec<u8> {
    sealer.blind("customer", &print(row))
}

/// Which of `hashes` a source has stated already.
///
/// # Errors
/// What the database reports.
pub async fn known_hashes(tx: &mut Tx, hashes: &[Vec<u8>]) -> Result<HashSet<Vec<u8>>> {
    crate::lookup::hashes(tx, "customer_part", hashes).await
}

/// Brings the rows of everyone in `touched` up to date.
///
/// # Errors
/// What the database reports.
pub async fn apply(tx: &mut Tx, cx: &Cx, mut touched: Touched) -> Result<()> {
    let mut moved: BTreeMap<i64, Vec<Move>> = BTreeMap::new();
    for (person, old, new) in touched.orders {
        moved.entry(person).or_default().push((old, new));
    }
    let ids: BTreeSet<i64> = moved
        .keys()
        .chain(&touched.fresh)
        .copied()
        .chain(touched.documents.iter().copied())
        .filter(|person| !touched.rebuild.contains(person))
        .collect();
    let mut profiles = sql::load(tx, &ids).await?;
    let known = identity::of_persons(tx, &touched.fresh).await?;
    for &person in &ids {
        let profile = profiles
            .entry(person)
            .or_insert_with(|| Profile { number: person, ..Profile::default() });
        if let Some(known) = known.get(&person) {
            introduce(profile, known);
        }
        for (old, new) in moved.remove(&person).unwrap_or_default() {
            if !rule::shift(profile, old.as_ref(), new.as_ref()) {
                touched.rebuild.insert(person);
            }
        }
    }
    for person in touched.documents {
        if let Some(profile) = profiles.get_mut(&person) {
            profile.documents += 1;
        }
    }
    profiles.retain(|person, _| !touched.rebuild.contains(person));
    let mut givers = touched.sent;
    givers.extend(
        touched.fresh.iter().filter(|person| {
            profiles.get(person).is_some_and(|profile| profile.totals.documents > 0)
        }),
    );
    givers.retain(|person| profiles.contains_key(person));
    gifts(tx, &givers, &mut profiles).await?;
    let version = counter::take(tx, "version", 1).await?;
    sql::store(tx, version, profiles.into_values().collect());
    rebuild(tx, cx, &touched.rebuild).await
}

fn introduce(profile: &mut Profile, known: &identity::Known) {
    profile.external_id = known.external.as_ref().map(|(_, _, value)| value.clone());
    profile.has_phone = known.has_phone;
    profile.has_email = known.has_email;
    profile.has_wechat = known.has_wechat;
}

/// Counts the recipients of gifts of those of `givers` who have any.
async fn gifts(
    tx: &mut Tx,
    givers: &BTreeSet<i64>,
    profiles: &mut HashMap<i64, Profile>,
) -> Result<()> {
    if givers.is_empty() {
        return Ok(());
    }
    let name = |person: &i64| Some((*person, profiles.get(person)?.name_index.clone()?));
    let names = givers.iter().filter_map(name).collect();
    let counts = relation::receivers(tx, givers, &names).await?;
    for person in givers {
        if let Some(profile) = profiles.get_mut(person) {
            profile.gift_receivers = counts.get(person).copied().unwrap_or(0);
        }
    }
    Ok(())
}

/// Builds rows anew from identifiers, orders, customer lists and interactions.
///
/// # Errors
/// What the database reports.
pub async fn rebuild(tx: &mut Tx, cx: &Cx, persons: &BTreeSet<i64>) -> Result<()> {
    let persons: Vec<i64> = persons.iter().copied().collect();
    for chunk in persons.chunks(CHUNK) {
        let chunk: BTreeSet<i64> = chunk.iter().copied().collect();
        let mut profiles = skeletons(tx, &chunk).await?;
        let numbers: HashMap<i64, i64> = identity::numbers(tx, &chunk).await?.into_iter().collect();
        let labels: Vec<i64> = numbers.keys().copied().collect();
        for row in order::of_labels(tx, &labels).await? {
            let person = row.customer_no.and_then(|label| numbers.get(&label));
            if let Some(profile) = person.and_then(|person| profiles.get_mut(person)) {
                // Adding never needs to build anew.
                rule::shift(profile, None, Some(&Contribution::from(&row)));
            }
        }
        for (label, count) in interaction::counts(tx, &labels).await? {
            if let Some(profile) = numbers.get(&label).and_then(|id| profiles.get_mut(id)) {
                profile.documents += count;
            }
        }
        for label in visit::visited(tx, &labels).await? {
            if let Some(profile) = numbers.get(&label).and_then(|id| profiles.get_mut(id)) {
                profile.documents += 1;
            }
        }
        attributes(tx, cx, &numbers, &mut profiles).await?;
        gifts(tx, &chunk, &mut profiles).await?;
        let version = counter::take(tx, "version", 1).await?;
        sql::store(tx, version, profiles.into_values().collect());
    }
    Ok(())
}

/// Writes down what a person decides about two customers and brings everyone it concerns up to
/// date. Undoing a merge is deciding that its two numbers are apart.
///
/// # Errors
/// `not_found` when the shop has no customer of that number; what the database reports.
pub async fn decide(cx: &Cx, pair: (i64, i64), verdict: Verdict) -> Result<()> {
    let mut tx = cx.write().await?;
    let changed = identity::pin(&mut tx, cx, pair, verdict).await?;
    rebuild(&mut tx, cx, &changed).await?;
    let (target, after) = (pair.0.to_string(), Some(pair.1.to_string()));
    let action = match verdict {
        Verdict::Together => "customer.merge",
        Verdict::Apart => "customer.unmerge",
    };
    audit::write(&mut tx, cx, Deed { action, target: &target, before: None, after }).await?;
    let told = serde_json::json!({ "customers": [pair.0, pair.1], "verdict": verdict.name() });
    let body = told.to_string().into_bytes();
    let fact = log::Fact { kind: "identity.pinned".to_owned(), at: cx.now, body };
    log::append(&mut tx, cx, log::topic::DOMAIN, &[fact]).await?;
    tx.commit().await
}

/// What two customers would be after a decision: their rows, in order of their numbers, and what is
/// personal of each. Nothing is decided.
///
/// # Errors
/// As [`decide`].
pub async fn if_decided(
    cx: &Cx,
    pair: (i64, i64),
    verdict: Verdict,
) -> Result<Vec<(Row, Personal)>> {
    let mut tx = cx.write().await?;
    let changed = identity::pin(&mut tx, cx, pair, verdict).await?;
    rebuild(&mut tx, cx, &changed).await?;
    let mut found = Vec::new();
    for row in of_numbers(&mut tx, &[pair.0, pair.1]).await? {
        let personal = personal(&mut tx, cx, row.customer_no).await?;
        found.push((row, personal));
    }
    tx.rollback().await?;
    found.sort_by_key(|(row, _)| row.customer_no);
    Ok(found)
}

/// Rows with identifiers only; people who became part of another point there.
async fn skeletons(tx: &mut Tx, persons: &BTreeSet<i64>) -> Result<HashMap<i64, Profile>> {
    let known = identity::of_persons(tx, persons).await?;
    let moved: HashMap<i64, i64> = sql::moved(tx, persons).await?.into_iter().collect();
    let skeleton = |&number: &i64| {
        let merged_into = moved.get(&number).copied();
        let mut profile = Profile { number, merged_into, ..Profile::default() };
        if let Some(known) = known.get(&number) {
            introduce(&mut profile, known);
        }
        (number, profile)
    };
    Ok(persons.iter().map(skeleton).collect())
}

async fn attributes(
    tx: &mut Tx,
    cx: &Cx,
    numbers: &HashMap<i64, i64>,
    profiles: &mut HashMap<i64, Profile>,
) -> Result<()> {
    let labels: Vec<i64> = numbers.keys().copied().collect();
    let parts = sql::parts(tx, &labels).await?;
    if parts.is_empty() {
        return Ok(());
    }
    let mut keys: BTreeSet<i64> = parts.iter().filter_map(|p| numbers.get(&p.0).copied()).collect();
    for (_, body) in &parts {
        keys.insert(split_key_id(body)?.0);
    }
    let keys: Vec<i64> = keys.into_iter().collect();
    let sealer = Sealer::open(tx, cx, &keys, true).await?;
    let mut said: HashMap<i64, Vec<Attributes>> = HashMap::new();
    for (label, body) in parts {
        let Some(&person) = numbers.get(&label) else { continue };
        // A destroyed key leaves nothing to say.
        let Some(text) = sealer.reveal("customer", &body)? else { continue };
        let attributes = serde_json::from_str(&text)
            .map_err(|cause| base::Error::damaged("a profile cannot be read").because(cause))?;
        said.entry(person).or_default().push(attributes);
    }
    for (person, said) in said {
        let Some(profile) = profiles.get_mut(&person) else { continue };
        profile.documents += i64::try_from(said.len()).unwrap_or(i64::MAX);
        let all = rule::attributes(profile, &said);
        profile.sealed = seal(&sealer, person, &all)?;
        profile.name_index = all.name.as_deref().map(|name| name_index(&sealer, name));
        let day = all.birthday.as_deref().and_then(month_day);
        profile.birthday_index = day.map(|day| birthday_index(&sealer, day));
        let by = all.introduced_by.as_ref().map(|by| identity::key(&sealer, by));
        profile.introduced_by = by.map(|key| key.hash);
        profile.attributes = all;
    }
    Ok(())
}

fn seal(sealer: &Sealer, person: i64, all: &Attributes) -> Result<[Option<Vec<u8>>; 4]> {
    let one = |field: &str, value: Option<&str>| {
        value.map(|value| sealer.seal(field, person, value)).transpose()
    };
    let traits = (!all.traits.is_empty())
        .then(|| serde_json::to_string(&all.traits))
        .transpose()
        .map_err(|cause| base::Error::internal("traits could not be written", cause))?;
    Ok([
        one("name", all.name.as_deref())?,
        one("birthday", all.birthday.as_deref())?,
        one("address", all.address.as_deref())?,
        one("traits", traits.as_deref())?,
    ])
}

/// A row as the mirror reads it: nothing personal.
pub use sql::Row;

/// Rows whose version is above `version`, in its order, at most `limit`; without last visits, which
/// change with every event.
///
/// # Errors
/// What the database reports.
pub async fn since(tx: &mut Tx, version: i64, limit: i64) -> Result<Vec<Row>> {
    sql::since(tx, version, limit).await
}

/// Customers after number `after`, by number, at most `limit`; visitors are none.
///
/// # Errors
/// What the database reports.
pub async fn page(tx: &mut Tx, after: i64, limit: i64) -> Result<Vec<Row>> {
    let rows = sql::page(tx, after.max(0), limit).await?;
    with_visits(tx, rows).await
}

/// The customers of these numbers, by number; numbers that nobody goes by are passed over.
///
/// # Errors
/// What the database reports.
pub async fn of_numbers(tx: &mut Tx, numbers: &[i64]) -> Result<Vec<Row>> {
    let rows = sql::of_numbers(tx, numbers).await?;
    with_visits(tx, rows).await
}

async fn with_visits(tx: &mut Tx, mut rows: Vec<Row>) -> Result<Vec<Row>> {
    let persons = rows.iter().map(|row| row.customer_no).collect();
    let numbers = identity::numbers(tx, &persons).await?;
    let last = visit::last(tx, &numbers).await?;
    for row in &mut rows {
        row.last_visit_at = last.get(&row.customer_no).map(|at| at.micros());
    }
    Ok(rows)
}

/// Takes away up to `limit` rows of a source's customer lists; whom they were of, empty when no
/// row is left.
///
/// # Errors
/// What the database reports.
pub async fn forget(tx: &mut Tx, source: i64, limit: i64) -> Result<BTreeSet<i64>> {
    sql::forget(tx, source, limit).await
}

/// Everyone of whom a customer list speaks.
///
/// # Errors
/// What the database reports.
pub async fn labels(tx: &mut Tx) -> Result<Vec<i64>> {
    sql::labels(tx).await
}

/// How many people the shop knows.
///
/// # Errors
/// What the database reports.
pub async fn count(tx: &mut Tx) -> Result<i64> {
    sql::count(tx).await
}
