//! Who is what to whom, as a pure function of where their orders went.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::order::Recipient;

/// A keyed hash.
pub type Hash = Vec<u8>;

/// People who order to one place at the most before it is taken for an office or a locker, where
/// nobody lives.
pub const HOUSEHOLD_MAX: usize = 8;
/// Characters of an address at the least: `自提` is no place.
pub const PLACE_CHARS_MIN: usize = 6;

/// What somebody is to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// 推荐人: who introduced them.
    Introducer,
    /// 推荐的人: whom they introduced.
    Introduced,
    /// 同住: who lives where they live.
    Household,
    /// 收礼人: whom they send gifts to.
    Receiver,
    /// 送礼人: who sends gifts to them.
    Giver,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Introducer, Self::Introduced, Self::Household, Self::Receiver, Self::Giver];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Introducer => "introducer",
            Self::Introduced => "introduced",
            Self::Household => "household",
            Self::Receiver => "receiver",
            Self::Giver => "giver",
        }
    }

    /// What one who is that to somebody has them as.
    #[must_use]
    pub fn other_way(self) -> Self {
        match self {
            Self::Introducer => Self::Introduced,
            Self::Introduced => Self::Introducer,
            Self::Household => Self::Household,
            Self::Receiver => Self::Giver,
            Self::Giver => Self::Receiver,
        }
    }
}

/// What is known of somebody's orders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The customer number.
    pub number: i64,
    /// Their phones.
    pub phones: HashSet<Hash>,
    /// Where they receive what they order.
    pub homes: BTreeSet<Hash>,
    /// Who else receives it there.
    pub family: Vec<Recipient>,
    /// Who else receives it elsewhere, each once.
    pub gifts: Vec<Recipient>,
}

impl Person {
    /// Somebody of whom nothing is known.
    #[must_use]
    pub fn new(number: i64) -> Self {
        Self { number, ..Self::default() }
    }

    /// Phones of those whom they had something sent to.
    pub fn sent_to(&self) -> impl Iterator<Item = &Hash> {
        self.family.iter().chain(&self.gifts).filter_map(|to| to.phone.as_ref())
    }
}

/// Sorts where somebody's orders went: to themselves, to others who live there, or elsewhere.
/// A recipient is somebody else when what can be compared of phone and name is another in all of
/// it; of whom nothing can be compared, nothing is said.
#[must_use]
pub fn sort(
    number: i64,
    phones: HashSet<Hash>,
    name: Option<&Hash>,
    went: Vec<Recipient>,
) -> Person {
    let own = |to: &Recipient| {
        let phone = to.phone.as_ref().filter(|_| !phones.is_empty());
        let phone = phone.map(|phone| phones.contains(phone));
        let name = to.name.as_ref().zip(name).map(|(to, own)| to == own);
        match (phone, name) {
            (None, None) => None,
            (phone, name) => Some(phone == Some(true) || name == Some(true)),
        }
    };
    let (mine, others): (Vec<_>, Vec<_>) =
        went.into_iter().filter_map(|to| Some((own(&to)?, to))).partition(|(own, _)| *own);
    let homes: BTreeSet<Hash> = mine.into_iter().filter_map(|(_, to)| to.place).collect();
    let mut person = Person { number, phones, homes, ..Person::default() };
    let mut seen: HashSet<(Option<Hash>, Option<Hash>)> = HashSet::new();
    let mut others: Vec<Recipient> = others.into_iter().map(|(_, to)| to).collect();
    others.sort();
    for to in others {
        // Whoever has a phone is known by it, wherever it goes.
        let who = match &to.phone {
            Some(phone) => (Some(phone.clone()), None),
            None => (to.name.clone(), to.place.clone()),
        };
        if to.place.as_ref().is_some_and(|place| person.homes.contains(place)) {
            person.family.push(to);
        } else if seen.insert(who) {
            person.gifts.push(to);
        }
    }
    let family: HashSet<&Hash> = person.family.iter().filter_map(|to| to.phone.as_ref()).collect();
    person.gifts.retain(|to| to.phone.as_ref().is_none_or(|phone| !family.contains(phone)));
    person
}

/// Places to which more people order for themselves than live together.
#[must_use]
pub fn crowded<'a>(people: impl Iterator<Item = &'a Person>) -> HashSet<Hash> {
    let mut residents: HashMap<&Hash, BTreeSet<i64>> = HashMap::new();
    for person in people {
        for home in &person.homes {
            residents.entry(home).or_default().insert(person.number);
        }
    }
    let many = residents.into_iter().filter(|(_, people)| people.len() > HOUSEHOLD_MAX);
    many.map(|(place, _)| place.clone()).collect()
}

/// What `other` is to `mine` by where their orders went; nothing, mostly.
#[must_use]
pub fn tie(mine: &Person, other: &Person, crowded: &HashSet<Hash>) -> Option<Kind> {
    if mine.number == other.number {
        return None;
    }
    let reaches = |list: &[Recipient], person: &Person| {
        list.iter().filter_map(|to| to.phone.as_ref()).any(|phone| person.phones.contains(phone))
    };
    let together = mine.homes.intersection(&other.homes).any(|place| !crowded.contains(place));
    if together || reaches(&mine.family, other) || reaches(&other.family, mine) {
        return Some(Kind::Household);
    }
    match (reaches(&mine.gifts, other), reaches(&other.gifts, mine)) {
        (true, _) => Some(Kind::Receiver),
        (false, true) => Some(Kind::Giver),
        _ => None,
    }
}
