//! 关系: who introduced whom, who lives together, who sends gifts to whom.
//!
//! Nothing here is stated as such but introductions. Who lives together and who is given gifts
//! follows from where orders went ([`rule`]); phones, names and places of recipients are compared
//! by their blind index and never opened. All of it is worked out from what is stored when it is
//! asked for, so that merging people, undoing imports and erasing need no care of their own.

pub mod rule;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::Result;
use store::Tx;
use store::key::Sealer;

use crate::clean::{email, number, phone, text};
use crate::identity::{self, Key, rule::trust};
use crate::order::{self, Recipient};
use crate::profile;
use crate::record::{Contact, Identifier};
pub use rule::Kind;
use rule::{Hash, Person, sort};

/// People whose own ties are looked at in one step: the rest is counted by nobody.
pub const PEOPLE_MAX: usize = 200;
/// Deliveries to somebody's places and phones that are looked at.
const DELIVERIES_MAX: i64 = 1_000;
/// People whom those of one step introduced that are looked at.
const INTRODUCED_MAX: i64 = 1_000;
/// Steps from a customer that are gone.
pub const STEPS: usize = 2;
/// The trait that says who introduced somebody; with a namespace after it, as in
/// `introduced_by_card`, of which kind the identifier is.
pub const TRAIT: &str = "introduced_by";
/// The country whose phones need no code.
const COUNTRY: &str = "CN";

/// A customer who is tied to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tie {
    /// How many steps away: 1, or 2.
    pub step: usize,
    /// What they are to the one they are tied to.
    pub kind: Kind,
    /// The customer.
    pub person: i64,
    /// Whom they are tied to: the customer in question, or somebody one step away.
    pub to: i64,
}

/// What is around a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    /// Ties, the nearest first; everybody is named once for each kind, where they are nearest.
    pub ties: Vec<Tie>,
    /// Recipients of gifts, customers or not.
    pub receivers: usize,
    /// Those of them who are no customers.
    pub strangers: usize,
    /// Whether there was more than is looked at.
    pub cut: bool,
}

/// Whether a platform has hidden a part of it: `张*` and `广州市天河区****` are many people's.
fn is_hidden(said: &str) -> bool {
    said.contains(['*', '＊'])
}

/// Whom a contact is; none when it says nothing.
#[must_use]
pub fn recipient(sealer: &Sealer, contact: &Contact) -> Option<Recipient> {
    let seen = |said: &'_ Option<String>| said.clone().filter(|said| !is_hidden(said));
    let place = seen(&contact.address).map(|address| text::key(&address));
    let place = place.filter(|place| place.chars().count() >= rule::PLACE_CHARS_MIN);
    let to = Recipient {
        phone: seen(&contact.phone).map(|phone| sealer.blind("phone", &phone)),
        name: seen(&contact.name).map(|name| profile::name_index(sealer, &name)),
        place: place.map(|place| sealer.blind("place", &place)),
    };
    (to != Recipient::default()).then_some(to)
}

/// Who introduced somebody, as traits say it: what looks like a phone or an email is one; anything
/// else is an account where the person's own, of `identifiers`, is. What names nobody is passed
/// over.
#[must_use]
pub fn introducer(traits: &[(String, String)], identifiers: &[Identifier]) -> Option<Identifier> {
    traits.iter().find_map(|(name, value)| {
        let rest = name.strip_prefix(TRAIT)?;
        let value = text::given(value)?.into_owned();
        let one = |namespace: &str, value: String| {
            Some(Identifier { namespace: namespace.to_owned(), value })
        };
        let phone = || phone::phone(&value, COUNTRY).ok();
        let email = || email::email(&value).ok();
        let account = |namespace: &str| one(namespace, number::id(&value).ok()?.to_owned());
        match rest.strip_prefix('_') {
            Some("phone") => one("phone", phone()?),
            Some("email") => one("email", email()?),
            Some(named) => identity::namespaces().find(|known| *known == named).and_then(account),
            None if !rest.is_empty() => None,
            None => {
                if let Some(phone) = phone() {
                    return one("phone", phone);
                }
                if let Some(email) = email() {
                    return one("email", email);
                }
                let own = identifiers.iter().find(|own| trust(&own.namespace).account);
                account(own.map_or("external", |own| own.namespace.as_str()))
            }
        }
    })
}

/// How many recipients of gifts each of `persons` has; `names` are where their names are found.
///
/// # Errors
/// What the database reports.
pub(crate) async fn receivers(
    tx: &mut Tx,
    persons: &BTreeSet<i64>,
    names: &HashMap<i64, Vec<u8>>,
) -> Result<HashMap<i64, i64>> {
    let people = people(tx, persons, names).await?;
    let count = |person: Person| (person.number, i64::try_from(person.gifts.len()).unwrap_or(0));
    Ok(people.into_values().map(count).collect())
}

/// What is around a customer, two steps out.
///
/// # Errors
/// What the database reports.
pub async fn around(tx: &mut Tx, person: i64) -> Result<Around> {
    let mut around = Around::default();
    let mut reached = BTreeSet::from([person]);
    let mut last = reached.clone();
    for step in 1..=STEPS {
        let mut next = BTreeSet::new();
        let Ties { mut ties, cut } = ties(tx, &last).await?;
        around.cut |= cut;
        ties.sort_unstable_by_key(|(from, kind, person)| (*kind, *person, *from));
        if step == 1 {
            let name = profile::name_indexes(tx, &last).await?;
            let own = people(tx, &last, &name).await?;
            around.receivers = own.values().map(|own| own.gifts.len()).sum();
            around.strangers = strangers(tx, own.values()).await?;
        }
        let mut told = HashSet::new();
        for (from, kind, person) in ties {
            if reached.contains(&person) || !told.insert((kind, person)) {
                continue;
            }
            if next.len() >= PEOPLE_MAX && !next.contains(&person) {
                around.cut = true;
                continue;
            }
            next.insert(person);
            around.ties.push(Tie { step, kind, person, to: from });
        }
        reached.extend(&next);
        last = next;
    }
    Ok(around)
}

/// What orders and identifiers say of `persons`.
async fn people(
    tx: &mut Tx,
    persons: &BTreeSet<i64>,
    names: &HashMap<i64, Vec<u8>>,
) -> Result<BTreeMap<i64, Person>> {
    let numbers: HashMap<i64, i64> = identity::numbers(tx, persons).await?.into_iter().collect();
    let labels: Vec<i64> = numbers.keys().copied().collect();
    let deliveries = order::deliveries(tx, &labels).await?;
    let mut people: BTreeMap<i64, Person> = BTreeMap::new();
    if deliveries.is_empty() {
        return Ok(people);
    }
    let mut keys: HashMap<i64, Vec<Key>> = HashMap::new();
    for (person, key) in identity::keys(tx, persons).await? {
        keys.entry(person).or_default().push(key);
    }
    let mut went: HashMap<i64, Vec<Recipient>> = HashMap::new();
    for (label, to) in deliveries {
        if let Some(person) = numbers.get(&label) {
            went.entry(*person).or_default().push(to);
        }
    }
    for (number, went) in went {
        let own = keys.remove(&number).unwrap_or_default();
        let phones = own.into_iter().filter(|key| key.namespace == "phone").map(|key| key.hash);
        people.insert(number, sort(number, phones.collect(), names.get(&number), went));
    }
    Ok(people)
}

/// Recipients of gifts of whom the shop knows nobody.
async fn strangers(tx: &mut Tx, own: impl Iterator<Item = &Person>) -> Result<usize> {
    let (mut phones, mut without) = (Vec::new(), 0);
    for gift in own.flat_map(|own| &own.gifts) {
        match &gift.phone {
            Some(hash) => phones.push(hash.clone()),
            None => without += 1,
        }
    }
    let known = identity::of_hashes(tx, &phones).await?;
    let known: HashSet<Hash> =
        known.into_iter().filter(|(_, person)| *person > 0).map(|(hash, _)| hash).collect();
    Ok(without + phones.iter().filter(|phone| !known.contains(*phone)).count())
}

/// Ties of some people.
struct Ties {
    /// From whom, of which kind, to whom.
    ties: Vec<(i64, Kind, i64)>,
    /// Whether there are more.
    cut: bool,
}

/// The ties of `persons`.
async fn ties(tx: &mut Tx, persons: &BTreeSet<i64>) -> Result<Ties> {
    let (mut found, mut cut) = introductions(tx, persons).await?;
    let names = profile::name_indexes(tx, persons).await?;
    let mut own = people(tx, persons, &names).await?;
    for (person, key) in identity::keys(tx, persons).await? {
        if key.namespace == "phone" {
            let person = own.entry(person).or_insert_with(|| Person::new(person));
            person.phones.insert(key.hash);
        }
    }
    let (mut places, mut phones, mut to): (BTreeSet<Hash>, BTreeSet<Hash>, BTreeSet<Hash>) =
        Default::default();
    for person in own.values() {
        places.extend(person.homes.iter().cloned());
        phones.extend(person.phones.iter().cloned());
        to.extend(person.sent_to().cloned());
    }
    let places: Vec<Hash> = places.into_iter().collect();
    let phones: Vec<Hash> = phones.into_iter().collect();
    let near = order::delivered_to(tx, (&places, &phones), DELIVERIES_MAX).await?;
    cut |= near.len() >= usize::try_from(DELIVERIES_MAX).unwrap_or(usize::MAX);
    let labels: Vec<i64> = near.iter().map(|(label, _)| *label).collect();
    let mut others: BTreeSet<i64> = identity::persons(tx, &labels).await?.into_values().collect();
    let to = to.into_iter().map(|hash| Key { namespace: "phone".to_owned(), hash });
    let known: BTreeSet<i64> = identity::found(tx, to.collect()).await?.into_iter().collect();
    others.extend(&known);
    others.retain(|number| *number > 0);
    let names = profile::name_indexes(tx, &others).await?;
    let mut near = people(tx, &others, &names).await?;
    for (person, key) in identity::keys(tx, &known).await? {
        if key.namespace == "phone" && person > 0 {
            let person = near.entry(person).or_insert_with(|| Person::new(person));
            person.phones.insert(key.hash);
        }
    }
    let crowded = rule::crowded(own.values().chain(near.values()));
    for mine in own.values() {
        let ties = near.values().filter_map(|other| {
            Some((mine.number, rule::tie(mine, other, &crowded)?, other.number))
        });
        found.extend(ties);
    }
    Ok(Ties { ties: found, cut })
}

/// Who introduced `persons`, and whom they introduced.
async fn introductions(
    tx: &mut Tx,
    persons: &BTreeSet<i64>,
) -> Result<(Vec<(i64, Kind, i64)>, bool)> {
    let mut found = Vec::new();
    let said = profile::introducers(tx, persons).await?;
    let hashes: Vec<Hash> = said.iter().map(|(_, hash)| hash.clone()).collect();
    let by: HashMap<Hash, i64> = identity::of_hashes(tx, &hashes).await?.into_iter().collect();
    for (person, hash) in said {
        if let Some(by) = by.get(&hash).filter(|by| **by != person && **by > 0) {
            found.push((person, Kind::Introducer, *by));
        }
    }
    let own = identity::keys(tx, persons).await?;
    let hashes: Vec<Hash> = own.iter().map(|(_, key)| key.hash.clone()).collect();
    let of: HashMap<Hash, i64> = own.into_iter().map(|(person, key)| (key.hash, person)).collect();
    let introduced = profile::introduced(tx, &hashes, INTRODUCED_MAX).await?;
    let cut = introduced.len() >= usize::try_from(INTRODUCED_MAX).unwrap_or(usize::MAX);
    for (person, hash) in introduced {
        if let Some(by) = of.get(&hash).filter(|by| **by != person) {
            found.push((*by, Kind::Introduced, person));
        }
    }
    Ok((found, cut))
}
