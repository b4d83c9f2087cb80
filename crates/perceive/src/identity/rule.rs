//! Who is one person, as a pure function of links and pins.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::Time;

use super::{Key, Verdict};

/// How far a namespace is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trust {
    /// 0 is the most trusted; facts are labelled by the most trusted identifier they carry.
    pub rank: u8,
    /// How many more trusted identifiers it may be linked to before it counts as shared.
    pub limit: usize,
    /// Its values are personal whatever they look like.
    pub personal: bool,
    /// It names a device or browser, not a person: it joins one person and never merges two.
    pub anonymous: bool,
    /// It names an account at the shop or a platform, and labels facts whatever else is known.
    pub account: bool,
}

/// The table of trust. A namespace that a mapping invents is an alias: believed after the known
/// ones, and for one person only.
pub const TRUST: &[(&str, Trust)] = &[
    ("external", Trust { rank: 0, limit: 0, account: true, ..PLAIN }),
    ("unionid", Trust { rank: 1, limit: 1, account: true, ..PLAIN }),
    ("openid", Trust { rank: 2, limit: 1, account: true, ..PLAIN }),
    ("taobao", Trust { rank: 3, limit: 1, account: true, ..PLAIN }),
    ("card", Trust { rank: 4, limit: 1, personal: true, ..PLAIN }),
    ("phone", Trust { rank: 5, limit: 3, personal: true, ..PLAIN }),
    ("email", Trust { rank: 6, limit: 3, personal: true, ..PLAIN }),
    (super::CLAIM, Trust { rank: 8, limit: usize::MAX, ..PLAIN }),
    ("anonymous", Trust { rank: 9, limit: usize::MAX, anonymous: true, ..PLAIN }),
];

const PLAIN: Trust = Trust { rank: 7, limit: 1, personal: false, anonymous: false, account: false };
const ALIAS: Trust = PLAIN;

/// Phones, say, that one person's more trusted identifier may be linked to.
const WEAKER_MAX: usize = 10;

/// How far `namespace` is believed.
#[must_use]
pub fn trust(namespace: &str) -> Trust {
    TRUST.iter().find(|(name, _)| *name == namespace).map_or(ALIAS, |(_, trust)| *trust)
}

/// Digits of a phone number with its country's code, at least.
const PHONE_DIGITS_MIN: usize = 8;

/// Whether a value must be sealed: its namespace says so, or it looks like an email address, a
/// phone number or a person's name, which some shops take for the name of an account.
#[must_use]
pub fn personal(key: &Key, value: &str) -> bool {
    let digits = value.strip_prefix("+86").unwrap_or(value);
    let mobile = digits.len() == 11
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(digits.as_bytes(), [b'1', b'3'..=b'9', ..]);
    trust(&key.namespace).personal || mobile || value.contains('@') || abroad(value) || named(value)
}

/// A phone number with its country's code: `+1 212 555 0100`.
fn abroad(value: &str) -> bool {
    let Some(rest) = value.strip_prefix('+') else { return false };
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    digits >= PHONE_DIGITS_MIN && rest.chars().all(|c| c.is_ascii_digit() || " -()".contains(c))
}

/// Words of letters alone, as in `John Smith`: no system numbers its accounts so.
fn named(value: &str) -> bool {
    let word = |word: &str| word.chars().all(|c| c.is_alphabetic() || ".'-’·".contains(c));
    value.split_whitespace().count() > 1 && value.split_whitespace().all(word)
}

/// An identifier in a graph.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where it is stored.
    pub key: Key,
    /// The number that labels its own facts, once it has labelled one.
    pub number: Option<i64>,
    /// The person it led to so far.
    pub person: Option<i64>,
}

/// Everything that is connected to some identifiers.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// The identifiers.
    pub nodes: Vec<Node>,
    /// Which are said to be one person (indexes into `nodes`), and since when.
    pub links: Vec<(usize, usize, Time)>,
    /// What people decided.
    pub pins: Vec<(usize, usize, Verdict)>,
    /// Identifiers that the caller asked about.
    pub fresh: HashSet<usize>,
    /// Identifiers that are known to be shared; not all of their links need be here.
    pub shared: HashSet<usize>,
    /// Whether the graph was too large to be loaded whole.
    pub cut: bool,
}

impl Graph {
    pub(super) fn settled(&self) -> bool {
        self.nodes.iter().all(|node| node.person == node.number)
    }
}

struct Union(Vec<usize>);

impl Union {
    fn find(&mut self, mut node: usize) -> usize {
        while let Some(&parent) = self.0.get(node) {
            if parent == node {
                break;
            }
            let above = self.0.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.0.get_mut(node) {
                *slot = above;
            }
            node = above;
        }
        node
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        if let Some(slot) = self.0.get_mut(a.max(b)) {
            *slot = a.min(b);
        }
    }
}

/// Groups the identifiers into people: every index once, groups and members in a fixed order.
///
/// - An identifier that is linked to more than its limit of others is shared, and says nothing
///   about anyone.
/// - Links join in order of trust; one that would join two whom a pin holds apart is passed over.
/// - An anonymous identifier joins the person it was linked to first.
#[must_use]
pub fn group(graph: &Graph) -> Vec<Vec<usize>> {
    let order = canonical(graph);
    let place = |index: usize| order.get(index).copied().unwrap_or(index);
    let rank = |index: usize| graph.nodes.get(index).map_or(ALIAS, |n| trust(&n.key.namespace));
    let shared = shared(graph);
    let mut union = Union((0..graph.nodes.len()).collect());
    let mut apart: Vec<(usize, usize)> = Vec::new();
    for &(a, b, verdict) in &graph.pins {
        match verdict {
            Verdict::Together => union.join(a, b),
            Verdict::Apart => apart.push((a, b)),
        }
    }
    if graph.cut {
        as_before(graph, &mut union);
    }
    let mut links: Vec<(usize, usize, Time)> = graph
        .links
        .iter()
        .copied()
        .filter(|(a, b, _)| !shared.contains(a) && !shared.contains(b))
        .collect();
    links.sort_by_key(|&(a, b, at)| {
        let (near, far) = (rank(a).rank.min(rank(b).rank), rank(a).rank.max(rank(b).rank));
        let (first, second) = (place(a).min(place(b)), place(a).max(place(b)));
        let visit = rank(a).anonymous || rank(b).anonymous;
        (visit, if visit { at } else { Time::from_micros(0) }, far, near, first, second)
    });
    let mut settled: HashSet<usize> = HashSet::new();
    for (a, b, _) in links {
        let visitor = [a, b].into_iter().find(|&index| rank(index).anonymous);
        if visitor.is_some_and(|visitor| !settled.insert(visitor)) {
            continue;
        }
        if !parted(&mut union, &apart, a, b) {
            union.join(a, b);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..graph.nodes.len() {
        let root = union.find(index);
        groups.entry(root).or_default().push(index);
    }
    groups.into_values().collect()
}

/// What is not loaded cannot be a reason to part anyone.
fn as_before(graph: &Graph, union: &mut Union) {
    let mut first: HashMap<i64, usize> = HashMap::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        if let Some(person) = node.person {
            union.join(*first.entry(person).or_insert(index), index);
        }
    }
}

/// Whether joining `a` and `b` would bring together a pair that is held apart.
fn parted(union: &mut Union, apart: &[(usize, usize)], a: usize, b: usize) -> bool {
    let (a, b) = (union.find(a), union.find(b));
    a != b
        && apart.iter().any(|&(left, right)| {
            let sides = (union.find(left), union.find(right));
            sides == (a, b) || sides == (b, a)
        })
}

/// For each node its rank by key, so that nothing depends on the order in which it was loaded.
fn canonical(graph: &Graph) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..graph.nodes.len()).collect();
    sorted.sort_by_key(|&index| graph.nodes.get(index).map(|node| &node.key));
    let mut place = vec![0; sorted.len()];
    for (rank, index) in sorted.into_iter().enumerate() {
        if let Some(slot) = place.get_mut(index) {
            *slot = rank;
        }
    }
    place
}

/// Identifiers that are shared, as far as the graph has their links, or as it was told.
fn shared(graph: &Graph) -> HashSet<usize> {
    let mut near: HashMap<usize, BTreeSet<&Key>> = HashMap::new();
    for &(a, b, _) in &graph.links {
        for (this, other) in [(a, b), (b, a)] {
            near.entry(this).or_default().extend(graph.nodes.get(other).map(|node| &node.key));
        }
    }
    let over = |(index, near): &(usize, BTreeSet<&Key>)| {
        graph.nodes.get(*index).is_some_and(|node| is_shared(&node.key, near))
    };
    let found = near.into_iter().filter(over).map(|(index, _)| index);
    found.chain(graph.shared.iter().copied()).collect()
}

/// Whether an identifier that is linked to all of `near` is many people's: it has more of the more
/// trusted ones than its limit, or more than [`WEAKER_MAX`] of one less trusted namespace, such as
/// the phones of all who paid with the shop's own card. Devices and aliases do not count there: one
/// person may have many.
pub(super) fn is_shared<'k>(key: &Key, near: impl IntoIterator<Item = &'k &'k Key>) -> bool {
    let own = trust(&key.namespace);
    let (mut stronger, mut weaker) = (0, BTreeMap::<&str, usize>::new());
    for other in near {
        let rank = trust(&other.namespace).rank;
        if rank < own.rank {
            stronger += 1;
        } else if rank > own.rank && rank < ALIAS.rank {
            *weaker.entry(other.namespace.as_str()).or_default() += 1;
        }
    }
    stronger > own.limit || weaker.values().any(|count| *count > WEAKER_MAX)
}
