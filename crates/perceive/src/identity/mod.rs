//! 账号标识: who is who.
//!
//! An identifier is a namespace and a value; rows that carry several say that these are one
//! person. Who is one person is a function of the *set* of such links and of the pins that people
//! set, never of the order in which they came ([`rule`]).
//!
//! Every fact is labelled for ever with the number of the account that it carried, or else of its
//! weaker identifiers together ([`label`]).
//! A person's customer number is the smallest number among the person's identifiers; a merge or
//! its undoing only changes which person a number leads to, so history splits back by itself.

mod batch;
mod cache;
mod known;
mod redirect;
pub mod rule;
pub(crate) mod shown;
mod sql;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};

use base::{Error, Result, Time};
use store::key::Sealer;
use store::{Cx, Tx, counter};

use crate::record::Identifier;
use batch::Batch;
pub use cache::Moves;
pub(crate) use cache::{Asked, Cache};
pub use known::{Known, of_persons};
pub use redirect::redirect;
use rule::{Node, trust};
pub use shown::{KnownBy, identifiers};

/// The number series of customers.
const SERIES: &str = "customer";
/// The number series of anonymous visitors, whose numbers are stored negative.
const ANONYMOUS_SERIES: &str = "anonymous";
/// Counts how often numbers were moved to other people, or taken away.
const SERIES_OF_MOVES: &str = "identity";
/// The namespace of what stands for several identifiers of a row together; see [`label`].
const CLAIM: &str = "claim";
/// Identifiers that one person's graph may hold; beyond it nothing more is joined to it.
pub const GRAPH_NODES_MAX: usize = 10_000;

/// Where an identifier is stored: its namespace and blind index.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The namespace.
    pub namespace: String,
    /// Blind index of the value, 16 bytes.
    pub hash: Vec<u8>,
}

/// Identifiers that one row states to be one person.
#[derive(Debug, Clone)]
pub struct Claim {
    /// At least one, any order.
    pub identifiers: Vec<Identifier>,
    /// When the row says so.
    pub at: Time,
}

/// What came of a batch of claims.
#[derive(Debug, Default)]
pub struct Resolved {
    /// For every claim the number that its facts carry; `None` for a claim without identifiers.
    pub labels: Vec<Option<i64>>,
    /// Which person each of those numbers leads to.
    pub persons: HashMap<i64, i64>,
    /// People who are new and have no history yet.
    pub fresh: BTreeSet<i64>,
    /// People whose set of numbers changed, or who exist no more.
    pub changed: BTreeSet<i64>,
    /// Numbers that lead to another person now.
    pub moves: Moves,
}

/// What regrouping around some identifiers did.
#[derive(Debug, Default)]
struct Regrouped {
    fresh: BTreeSet<i64>,
    changed: BTreeSet<i64>,
    moved: bool,
    moves: Moves,
}

/// Stores the identifiers and links of `claims`, merges whom they show to be one, and gives the
/// number under which each claim's facts are kept.
///
/// # Errors
/// What the database reports.
pub async fn resolve(
    tx: &mut Tx,
    cx: &Cx,
    sealer: &Sealer,
    source: i64,
    claims: &[Claim],
) -> Result<Resolved> {
    let mut batch = Batch::collect(sealer, claims);
    batch.load(tx).await?;
    batch.number(tx).await?;
    batch.store(tx, cx, sealer, source).await?;
    let mut regrouped = regroup(tx, cx, &batch.touched).await?;
    let moves = &mut regrouped.moves;
    if !batch.led.is_empty() && moves.times == 0 {
        moves.times = 1;
        counter::take(tx, SERIES_OF_MOVES, 1).await?;
    }
    moves.list.splice(0..0, std::mem::take(&mut batch.led));
    batch.finish(tx, regrouped).await
}

/// As [`resolve`], of claims most of which were made before: those that `cache` knows cost nothing.
///
/// # Errors
/// What the database reports.
pub(crate) async fn resolve_again(
    tx: &mut Tx,
    cx: &Cx,
    (sealer, cache): (&Sealer, &mut Cache),
    source: i64,
    claims: &[&Asked],
) -> Result<Resolved> {
    let mut labels: Vec<Option<i64>> = claims.iter().map(|asked| cache.label(asked)).collect();
    let unknown = labels.iter().zip(claims).enumerate();
    let unknown = unknown
        .filter(|(_, (label, asked))| label.is_none() && !asked.claim.identifiers.is_empty());
    let unknown: Vec<(usize, &Asked)> =
        unknown.map(|(place, (_, asked))| (place, *asked)).collect();
    let mut resolved = Resolved::default();
    if !unknown.is_empty() {
        let rest: Vec<Claim> = unknown.iter().map(|(_, asked)| asked.claim.clone()).collect();
        resolved = resolve(tx, cx, sealer, source, &rest).await?;
        cache.apply(&resolved.moves);
        for ((place, asked), label) in unknown.into_iter().zip(&resolved.labels) {
            if let (Some(slot), Some(label)) = (labels.get_mut(place), label) {
                *slot = Some(*label);
                cache.keep(asked, *label);
            }
        }
    }
    resolved.fill(cache, labels);
    Ok(resolved)
}

/// Where the identifiers of a row are stored, and what labels its facts.
#[derive(Debug)]
pub(crate) struct Keyed {
    /// The identifiers, the most trusted first, each once.
    pub keys: Vec<Key>,
    /// The identifier under whose number the facts are kept; none for a row without identifiers.
    pub label: Option<Key>,
}

impl Keyed {
    /// The keys of `identifiers`; `known` gives that of one.
    pub(crate) fn new<'i>(
        sealer: &Sealer,
        identifiers: &'i [Identifier],
        mut known: impl FnMut(&'i Identifier) -> Key,
    ) -> Self {
        let mut keys: Vec<Key> = Vec::with_capacity(identifiers.len());
        for identifier in identifiers {
            let key = known(identifier);
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys.sort_by_key(|key| trust(&key.namespace).rank);
        let label = label(sealer, &keys);
        Self { keys, label }
    }

    /// Which of them are one person by this row: the first with each other, and all with a label
    /// that stands for them together.
    pub(crate) fn links(&self) -> impl Iterator<Item = (&Key, &Key)> {
        let first = self.keys.first();
        let rest = self.keys.iter().skip(1).filter_map(move |other| Some((first?, other)));
        let own = self.label.iter().filter(|label| label.namespace == CLAIM);
        rest.chain(own.flat_map(|label| self.keys.iter().map(move |key| (key, label))))
    }
}

/// An account is a person's. A card, phone or address may turn out to be many people's, so what
/// comes under several of these is labelled by all of them together: as long as one of them is not
/// shared, it says who it was.
fn label(sealer: &Sealer, keys: &[Key]) -> Option<Key> {
    let first = keys.first()?;
    let named = keys.iter().filter(|key| !trust(&key.namespace).anonymous);
    let parts: Vec<String> =
        named.map(|key| format!("{}={}", key.namespace, base::hex(&key.hash))).collect();
    if parts.len() < 2 || trust(&first.namespace).account {
        return Some(first.clone());
    }
    let hash = sealer.blind(CLAIM, &parts.join(" "));
    Some(Key { namespace: CLAIM.to_owned(), hash })
}

/// Where an identifier is stored.
#[must_use]
pub fn key(sealer: &Sealer, identifier: &Identifier) -> Key {
    let Identifier { namespace, value } = identifier;
    Key { namespace: namespace.clone(), hash: sealer.blind(namespace, value) }
}

/// Under which name the last four digits of a phone are indexed.
pub const PHONE_TAIL: &str = "phone.tail";

/// The namespaces that are known by name and name a person.
pub fn namespaces() -> impl Iterator<Item = &'static str> {
    let named = rule::TRUST.iter().filter(|(name, trust)| !trust.anonymous && *name != CLAIM);
    named.map(|(name, _)| *name)
}

/// The people that these identifiers lead to.
///
/// # Errors
/// What the database reports.
pub async fn found(tx: &mut Tx, keys: Vec<Key>) -> Result<Vec<i64>> {
    Ok(sql::load(tx, keys).await?.into_iter().filter_map(|node| node.person).collect())
}

/// The people who have a phone with this end, at most `limit`.
///
/// # Errors
/// What the database reports.
pub async fn of_tail(tx: &mut Tx, tail: Vec<u8>, limit: i64) -> Result<Vec<i64>> {
    sql::of_tail(tx, tail, limit).await
}

/// Works out again who is who around `touched`.
async fn regroup(tx: &mut Tx, cx: &Cx, touched: &[Key]) -> Result<Regrouped> {
    let mut done = Regrouped::default();
    if touched.is_empty() {
        return Ok(done);
    }
    let graph = sql::graph(tx, touched).await?;
    if graph.links.is_empty() && graph.pins.is_empty() && graph.settled() {
        // Identifiers that are linked to nobody are people of their own already.
        done.fresh = graph.nodes.iter().filter_map(|node| node.person).collect();
        return Ok(done);
    }
    done.moved = true;
    let (mut moves, mut merges) = (Vec::new(), Vec::new());
    for group in rule::group(&graph) {
        let numbers = group.iter().filter_map(|&index| graph.nodes.get(index)?.number);
        // Known people have positive numbers, so a visitor who signs in becomes the known one.
        let person = numbers.min_by_key(|number| (number.is_negative(), number.abs()));
        for &index in &group {
            let Some(node) = graph.nodes.get(index) else { continue };
            if node.person != person {
                done.changed.extend(node.person.into_iter().chain(person));
                let pinned = graph.pins.iter().any(|&(a, b, _)| a == index || b == index);
                merges.extend(merge(node, person, pinned));
                done.moves.list.extend(node.number.zip(person));
                moves.push((node.key.clone(), node.number, person));
            } else if graph.fresh.contains(&index) {
                done.changed.extend(person);
            }
        }
    }
    if !moves.is_empty() {
        done.moves.times = 1;
        counter::take(tx, SERIES_OF_MOVES, 1).await?;
    }
    sql::update(tx, moves);
    if !merges.is_empty() {
        let count = i64::try_from(merges.len()).unwrap_or(i64::MAX);
        let first = counter::take(tx, "merge", count).await?;
        sql::record(tx, first, merges, (&cx.actor.to_string(), cx.now));
    }
    Ok(done)
}

/// What is written down when an identifier's own person becomes part of another: from, into, why.
fn merge(node: &Node, person: Option<i64>, pinned: bool) -> Option<(i64, i64, String)> {
    let (from, into) = (node.person?, person?);
    let reason = match node.key.namespace.as_str() {
        _ if pinned => "pin".to_owned(),
        CLAIM => "link".to_owned(),
        namespace => format!("link:{namespace}"),
    };
    (node.number == Some(from) && from != into).then_some((from, into, reason))
}

/// A merge as it was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// Its number.
    pub number: i64,
    /// The customer that became part of another.
    pub from: i64,
    /// The customer that it became part of.
    pub into: i64,
    /// Why: `link:phone`; `link` for identifiers together; `pin` when a person decided.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// When.
    pub at: Time,
    /// When it was undone.
    pub undone_at: Option<Time>,
}

/// Merges that are told at once.
const MERGES_MAX: i64 = 200;

/// The newest merges, of a customer or of all.
///
/// # Errors
/// What the database reports.
pub async fn merges(cx: &Cx, customer: Option<i64>) -> Result<Vec<Merge>> {
    sql::merges(&mut cx.read().await?, customer, MERGES_MAX).await
}

/// What a person decides about two customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They are one.
    Together,
    /// They are two, whatever links say.
    Apart,
}

impl Verdict {
    /// The word in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Together => "together",
            Self::Apart => "apart",
        }
    }
}

/// Pins that two numbers are, or are not, one person, and regroups; the people who changed.
/// For a merge that is undone, give its `from` and `into`: each side keeps the history that was
/// labelled with its own numbers.
///
/// # Errors
/// `not_found` when the shop has no customer of that number; `bad_input` for the same number.
pub async fn pin(
    tx: &mut Tx,
    cx: &Cx,
    (a, b): (i64, i64),
    verdict: Verdict,
) -> Result<BTreeSet<i64>> {
    if a == b {
        return Err(Error::bad("a customer cannot be decided about with itself"));
    }
    let missing = |number: i64| Error::missing(format!("there is no customer {number}"));
    let left = sql::by_number(tx, a).await?.ok_or_else(|| missing(a))?;
    let right = sql::by_number(tx, b).await?.ok_or_else(|| missing(b))?;
    let number = counter::take(tx, "pin", 1).await?;
    let who = (cx.actor.to_string(), cx.now);
    sql::pin(tx, number, verdict, (&left, &right), (&who.0, who.1)).await?;
    if verdict == Verdict::Apart {
        sql::mark_undone(tx, (a, b), cx.now).await?;
    }
    Ok(regroup(tx, cx, &[left, right]).await?.changed)
}

/// Forgets up to `limit` links of a source; the people who changed, none when no link is left.
///
/// # Errors
/// What the database reports.
pub async fn forget(
    tx: &mut Tx,
    cx: &Cx,
    source: i64,
    limit: i64,
) -> Result<Option<BTreeSet<i64>>> {
    let touched = sql::unlink(tx, source, limit).await?;
    if touched.is_empty() {
        return Ok(None);
    }
    Ok(Some(regroup(tx, cx, &touched).await?.changed))
}

/// Removes identifiers that nothing speaks of any more: no link, no pin, and no fact under their
/// number, as `used` tells. Looks at up to `limit` that have neither link nor pin, after `after`;
/// where to go on, and whose rows must be built anew.
///
/// # Errors
/// What the database reports.
pub async fn purge(
    tx: &mut Tx,
    after: Option<&Key>,
    limit: i64,
    used: &HashSet<i64>,
) -> Result<(Option<Key>, BTreeSet<i64>)> {
    let alone = sql::alone(tx, after, limit).await?;
    let next = alone.last().map(|node| node.key.clone());
    let unused = |node: &Node| node.number.is_none_or(|number| !used.contains(&number));
    let gone: Vec<Node> = alone.into_iter().filter(unused).collect();
    let persons = gone.iter().flat_map(|node| node.person.into_iter().chain(node.number));
    let persons = persons.collect();
    if !gone.is_empty() {
        counter::take(tx, SERIES_OF_MOVES, 1).await?;
    }
    sql::remove(tx, gone.into_iter().map(|node| node.key).collect()).await?;
    Ok((next, persons))
}

/// The people that `labels` lead to.
///
/// # Errors
/// What the database reports.
pub async fn persons(tx: &mut Tx, labels: &[i64]) -> Result<HashMap<i64, i64>> {
    sql::persons(tx, labels).await
}

/// Every number that leads to one of `persons`, with the person.
///
/// # Errors
/// What the database reports.
pub async fn numbers(tx: &mut Tx, persons: &BTreeSet<i64>) -> Result<Vec<(i64, i64)>> {
    sql::numbers(tx, persons).await
}

/// Every number that somebody goes or went by, their present one among them.
///
/// # Errors
/// What the database reports.
pub async fn labels(tx: &mut Tx, person: i64) -> Result<Vec<i64>> {
    let mut labels = BTreeSet::from([person]);
    let numbers = sql::numbers(tx, &labels).await?;
    labels.extend(numbers.into_iter().map(|(label, _)| label));
    Ok(labels.into_iter().collect())
}

/// Where the identifiers of `persons` are kept, those of erased ones left out.
///
/// # Errors
/// What the database reports.
pub async fn keys(tx: &mut Tx, persons: &BTreeSet<i64>) -> Result<Vec<(i64, Key)>> {
    sql::keys(tx, persons).await
}

/// Whom hashes lead to, of whichever known namespace they are; nobody who was erased.
///
/// # Errors
/// What the database reports.
pub async fn of_hashes(tx: &mut Tx, hashes: &[Vec<u8>]) -> Result<Vec<(Vec<u8>, i64)>> {
    let keys = namespaces().flat_map(|namespace| {
        hashes.iter().map(move |hash| Key { namespace: namespace.to_owned(), hash: hash.clone() })
    });
    sql::living(tx, keys.collect()).await
}

/// How often numbers have been moved to other people.
///
/// # Errors
/// What the database reports.
pub async fn moves(tx: &mut Tx) -> Result<i64> {
    counter::last(tx, SERIES_OF_MOVES).await
}

/// Whether the shop has had visitors who were known by an anonymous identifier only.
///
/// # Errors
/// What the database reports.
pub async fn visitors(tx: &mut Tx) -> Result<bool> {
    Ok(counter::last(tx, ANONYMOUS_SERIES).await? > 0)
}
