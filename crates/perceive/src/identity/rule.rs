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
}

/// The table of trust. A namespace that a mapping invents is an alias: believed after the known
/// ones, and for one person only.
pub const TRUST: &[(&str, Trust)] = &[
    ("external", Trust { rank: 0, limit: 0, personal: false, anonymous: false }),
    ("unionid", Trust { rank: 1, limit: 1, personal: false, anonymous: false }),
    ("openid", Trust { rank: 2, limit: 1, personal: false, anonymous: false }),
    ("taobao", Trust { rank: 3, limit: 1, personal: false, anonymous: false }),
    ("card", Trust { rank: 4, limit: 1, personal: true, anonymous: false }),
    ("phone", Trust { rank: 5, limit: 3, personal: true, anonymous: false }),
    ("email", Trust { rank: 6, limit: 3, personal: true, anonymous: false }),
    ("anonymous", Trust { rank: 9, limit: usize::MAX, personal: false, anonymous: true }),
];

const ALIAS: Trust = Trust { rank: 7, limit: 1, personal: false, anonymous: false };

/// How far `namespace` is believed.
#[must_use]
pub fn trust(namespace: &str) -> Trust {
    TRUST.iter().find(|(name, _)| *name == namespace).map_or(ALIAS, |(_, trust)| *trust)
}

/// Whether a value must be sealed: its namespace says so, or it looks like an email address.
#[must_use]
pub fn personal(key: &Key, value: &str) -> bool {
    trust(&key.namespace).personal || value.contains('@')
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
/// - An identifier that is linked to more than its limit of more trusted ones is shared, and
///   says nothing about anyone.
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

fn shared(graph: &Graph) -> HashSet<usize> {
    let mut stronger: HashMap<usize, BTreeSet<usize>> = HashMap::new();
    let of = |index: usize| graph.nodes.get(index).map_or(ALIAS, |n| trust(&n.key.namespace));
    for &(a, b, _) in &graph.links {
        for (this, other) in [(a, b), (b, a)] {
            if of(other).rank < of(this).rank {
                stronger.entry(this).or_default().insert(other);
            }
        }
    }
    let over = |(index, near): &(usize, BTreeSet<usize>)| near.len() > of(*index).limit;
    stronger.into_iter().filter(over).map(|(index, _)| index).collect()
}
