//! SQL for the tables `identifier`, `identity_link`, `identity_pin` and `identity_merge`.

use std::collections::{BTreeSet, HashMap, HashSet};

use base::{Result, Time};
use sqlx::AssertSqlSafe;
use store::dialect::delete_first;
use store::{Tx, binds, hashes as hashes_list, list};

use super::rule::{Graph, Node, is_shared};
use super::{GRAPH_NODES_MAX, Key, Merge, Verdict};

/// Hashes that one statement looks up: those of a batch, because without statistics PostgreSQL
/// reads all of a shop's rows for each statement.
const LOOKUP_MAX: usize = 50_000;

#[derive(sqlx::FromRow)]
struct Stored {
    namespace: String,
    hash: Vec<u8>,
    number: Option<i64>,
    person: Option<i64>,
}

impl From<Stored> for Node {
    fn from(row: Stored) -> Self {
        let key = Key { namespace: row.namespace, hash: row.hash };
        Self { key, number: row.number, person: row.person }
    }
}

/// A new identifier.
pub(super) struct Insert {
    pub key: Key,
    pub value: Option<String>,
    pub sealed: Option<Vec<u8>>,
    pub tail: Option<Vec<u8>>,
    pub number: Option<i64>,
    pub person: Option<i64>,
}

/// Chunks of at most [`LOOKUP_MAX`] hashes of one namespace.
fn by_namespace(keys: Vec<Key>) -> Vec<(String, Vec<Vec<u8>>)> {
    let mut spaces: HashMap<String, Vec<Vec<u8>>> = HashMap::new();
    for key in keys {
        spaces.entry(key.namespace).or_default().push(key.hash);
    }
    let mut chunks = Vec::new();
    for (namespace, mut hashes) in spaces {
        hashes.sort_unstable();
        for chunk in hashes.chunks(LOOKUP_MAX) {
            chunks.push((namespace.clone(), chunk.to_vec()));
        }
    }
    chunks
}

/// An identifier as it is stored.
#[derive(sqlx::FromRow)]
pub(super) struct Kept {
    pub namespace: String,
    pub hash: Vec<u8>,
    pub value: Option<String>,
    pub sealed: Option<Vec<u8>>,
}

/// The identifiers that lead to a person; claims of several are none.
pub(super) async fn identifiers(tx: &mut Tx, person: i64) -> Result<Vec<Kept>> {
    let sql = "select namespace, hash, value, sealed from identifier
        where shop_id = $1 and person = $2 and namespace <> $3
        order by namespace, hash limit $4";
    tx.all(sql, binds![tx.shop(), person, super::CLAIM, GRAPH_NODES_MAX as i64]).await
}

/// The sources that linked an identifier to another.
pub(super) async fn sources_of(tx: &mut Tx, (namespace, hash): (&str, &[u8])) -> Result<Vec<i64>> {
    let sql = "select distinct source_no from identity_link where shop_id = $1
        and ((namespace_a = $2 and hash_a = $3) or (namespace_b = $2 and hash_b = $3))
        order by source_no limit 20";
    let rows: Vec<(i64,)> = tx.all(sql, binds![tx.shop(), namespace, hash]).await?;
    Ok(rows.into_iter().map(|(source,)| source).collect())
}

pub(super) async fn of_tail(tx: &mut Tx, tail: Vec<u8>, limit: i64) -> Result<Vec<i64>> {
    let sql = "select distinct person from identifier where shop_id = $1 and tail = $2
        and person is not null order by person limit $3";
    let rows: Vec<(i64,)> = tx.all(sql, binds![tx.shop(), tail, limit]).await?;
    Ok(rows.into_iter().map(|(person,)| person).collect())
}

pub(super) async fn load(tx: &mut Tx, keys: Vec<Key>) -> Result<Vec<Node>> {
    let mut nodes = Vec::with_capacity(keys.len());
    for (namespace, hashes) in by_namespace(keys) {
        let sql = "select namespace, hash, number, person from identifier
            where shop_id = $1 and namespace = $2 and hash in list($3)";
        let values = binds![tx.shop(), namespace, hashes_list(hashes)];
        let rows: Vec<Stored> = tx.all(sql, values).await?;
        nodes.extend(rows.into_iter().map(Node::from));
    }
    Ok(nodes)
}

pub(super) fn insert(tx: &mut Tx, rows: Vec<Insert>) {
    let shop = tx.shop();
    let rows = rows.into_iter().map(|row| {
        let Key { namespace, hash } = row.key;
        binds![shop, namespace, hash, row.value, row.sealed, row.tail, row.number, row.person]
    });
    let head = "insert into identifier
        (shop_id, namespace, hash, value, sealed, tail, number, person)";
    tx.insert(head, rows.collect(), "");
}

/// Gives stored identifiers other numbers and persons.
pub(super) fn update(tx: &mut Tx, rows: Vec<(Key, Option<i64>, Option<i64>)>) {
    let shop = tx.shop();
    let rows = rows
        .into_iter()
        .map(|(key, number, person)| binds![shop, key.namespace, key.hash, number, person]);
    let head = "insert into identifier (shop_id, namespace, hash, number, person)";
    let tail = " on conflict (shop_id, namespace, hash)
        do update set number = excluded.number, person = excluded.person";
    tx.insert(head, rows.collect(), tail);
}

/// Stores links of a source; those that are new from it, or older than it knew.
pub(super) async fn link(
    tx: &mut Tx,
    source: i64,
    links: Vec<((Key, Key), Time)>,
) -> Result<Vec<(Key, Key)>> {
    let shop = tx.shop();
    let rows = links
        .into_iter()
        .map(|((a, b), at)| binds![shop, a.namespace, a.hash, b.namespace, b.hash, source, at]);
    let head = "insert into identity_link
        (shop_id, namespace_a, hash_a, namespace_b, hash_b, source_no, linked_at)";
    let tail = " on conflict (shop_id, namespace_a, hash_a, namespace_b, hash_b, source_no)
        do update set linked_at = excluded.linked_at
        where excluded.linked_at < identity_link.linked_at
        returning namespace_a, hash_a, namespace_b, hash_b, linked_at as at,
            cast(null as text) as verdict";
    let new: Vec<Pair> = tx.insert_all(head, rows.collect(), tail).await?;
    Ok(new.iter().map(Pair::keys).collect())
}

#[derive(sqlx::FromRow)]
struct Pair {
    namespace_a: String,
    hash_a: Vec<u8>,
    namespace_b: String,
    hash_b: Vec<u8>,
    at: i64,
    verdict: Option<String>,
}

impl Pair {
    fn keys(&self) -> (Key, Key) {
        (
            Key { namespace: self.namespace_a.clone(), hash: self.hash_a.clone() },
            Key { namespace: self.namespace_b.clone(), hash: self.hash_b.clone() },
        )
    }
}

/// The statements about `hashes` of one namespace, from either end.
async fn around(tx: &mut Tx, namespace: &str, hashes: &[Vec<u8>]) -> Result<Vec<Pair>> {
    let mut found = Vec::new();
    for side in ["a", "b"] {
        for (table, at, verdict) in
            [("identity_link", "linked_at", "null"), ("identity_pin", "pinned_at", "verdict")]
        {
            let sql = format!(
                "select namespace_a, hash_a, namespace_b, hash_b, {at} as at,
                    cast({verdict} as text) as verdict
                from {table} where shop_id = $1 and namespace_{side} = $2
                    and hash_{side} in list($3)"
            );
            let values = binds![tx.shop(), namespace, hashes_list(hashes.iter().cloned())];
            found.extend(tx.all::<Pair>(AssertSqlSafe(sql), values).await?);
        }
    }
    Ok(found)
}

/// Everything connected to `keys`, through links and pins, to the limit of a graph. A shared
/// identifier leads on only to those who are the same person as it so far: they are to be parted.
pub(super) async fn graph(tx: &mut Tx, keys: &[Key]) -> Result<Graph> {
    let mut seen: HashSet<Key> = keys.iter().cloned().collect();
    let mut front: Vec<Key> = seen.iter().cloned().collect();
    let budget = seen.len() + GRAPH_NODES_MAX;
    let (mut pairs, mut shared) = (Vec::new(), HashSet::new());
    while !front.is_empty() && seen.len() < budget {
        let mut found: Vec<Step> = Vec::new();
        let here: HashSet<&Key> = front.iter().collect();
        for (namespace, hashes) in by_namespace(front.clone()) {
            for pair in around(tx, &namespace, &hashes).await? {
                let ((a, b), pinned) = (pair.keys(), pair.verdict.is_some());
                let there = Step { from: a.clone(), to: b.clone(), pinned };
                let back = Step { from: b, to: a, pinned };
                found.extend([there, back].into_iter().filter(|step| here.contains(&step.from)));
                pairs.push(pair);
            }
        }
        let next = onward(tx, found, &mut shared).await?;
        front = next.into_iter().filter(|key| seen.insert(key.clone())).collect();
    }
    let mut nodes = load(tx, seen.into_iter().collect()).await?;
    nodes.sort_by(|a, b| a.key.cmp(&b.key));
    let mut graph = Graph { nodes, cut: !front.is_empty(), ..Graph::default() };
    connect(&mut graph, (keys, &shared), &pairs);
    Ok(graph)
}

/// From an identifier to one that a link or a pin names beside it.
struct Step {
    from: Key,
    to: Key,
    pinned: bool,
}

/// Where steps lead on to; which identifiers are shared is noted.
async fn onward(tx: &mut Tx, found: Vec<Step>, shared: &mut HashSet<Key>) -> Result<Vec<Key>> {
    let mut near: HashMap<&Key, BTreeSet<&Key>> = HashMap::new();
    for step in found.iter().filter(|step| !step.pinned) {
        near.entry(&step.from).or_default().insert(&step.to);
    }
    let many = near.iter().filter(|(key, near)| is_shared(key, *near)).map(|(key, _)| *key);
    let many: HashSet<&Key> = many.collect();
    let wanted = many.iter().flat_map(|key| near.get(*key).into_iter().flatten().chain([key]));
    let wanted: HashSet<Key> = wanted.map(|key| (*key).clone()).collect();
    let person: HashMap<Key, Option<i64>> = load(tx, wanted.into_iter().collect())
        .await?
        .into_iter()
        .map(|node| (node.key, node.person))
        .collect();
    let of = |key: &Key| person.get(key).copied().flatten();
    let on = |Step { from, to, pinned }: &&Step| {
        let same = of(from).is_some_and(|person| of(to) == Some(person));
        *pinned || same || !many.contains(from)
    };
    let next = found.iter().filter(on).map(|step| step.to.clone()).collect();
    shared.extend(many.into_iter().cloned());
    Ok(next)
}

/// Brings links, pins and marks into a graph that has its nodes.
fn connect(graph: &mut Graph, (keys, shared): (&[Key], &HashSet<Key>), pairs: &[Pair]) {
    let nodes = graph.nodes.iter().enumerate();
    let index: HashMap<Key, usize> = nodes.map(|(index, node)| (node.key.clone(), index)).collect();
    graph.fresh = keys.iter().filter_map(|key| index.get(key).copied()).collect();
    graph.shared = shared.iter().filter_map(|key| index.get(key).copied()).collect();
    let mut links: HashMap<(usize, usize), i64> = HashMap::new();
    for pair in pairs {
        let (a, b) = pair.keys();
        let (Some(&a), Some(&b)) = (index.get(&a), index.get(&b)) else { continue };
        match pair.verdict.as_deref() {
            None => {
                let at = links.entry((a, b)).or_insert(pair.at);
                *at = (*at).min(pair.at);
            }
            Some("apart") => graph.pins.push((a, b, Verdict::Apart)),
            Some(_) => graph.pins.push((a, b, Verdict::Together)),
        }
    }
    graph.links = links.into_iter().map(|((a, b), at)| (a, b, Time::from_micros(at))).collect();
}

/// Writes merges down under numbers from `first` on: who became part of whom, and why.
pub(super) fn record(
    tx: &mut Tx,
    first: i64,
    merges: Vec<(i64, i64, String)>,
    (actor, at): (&str, Time),
) {
    let shop = tx.shop();
    let rows = (first..)
        .zip(merges)
        .map(|(number, (from, into, reason))| binds![shop, number, from, into, reason, actor, at]);
    let head = "insert into identity_merge
        (shop_id, merge_no, from_no, into_no, reason, actor, merged_at)";
    tx.insert(head, rows.collect(), "");
}

pub(super) async fn mark_undone(tx: &mut Tx, (a, b): (i64, i64), at: Time) -> Result<()> {
    let sql = "update identity_merge set undone_at = $1
        where shop_id = $2 and undone_at is null
            and ((from_no = $3 and into_no = $4) or (from_no = $4 and into_no = $3))";
    tx.exec(sql, binds![at, tx.shop(), a, b]).await.map(drop)
}

#[derive(sqlx::FromRow)]
struct StoredMerge {
    merge_no: i64,
    from_no: i64,
    into_no: i64,
    reason: String,
    actor: String,
    merged_at: i64,
    undone_at: Option<i64>,
}

/// At most `limit` merges, newest first: those into or out of a customer, or all.
pub(super) async fn merges(tx: &mut Tx, customer: Option<i64>, limit: i64) -> Result<Vec<Merge>> {
    let sql = "select merge_no, from_no, into_no, reason, actor, merged_at, undone_at
        from identity_merge where shop_id = $1 and ($2 = 0 or from_no = $2 or into_no = $2)
        order by merge_no desc limit $3";
    let values = binds![tx.shop(), customer.unwrap_or_default(), limit];
    let rows: Vec<StoredMerge> = tx.all(sql, values).await?;
    let merge = |row: StoredMerge| Merge {
        number: row.merge_no,
        from: row.from_no,
        into: row.into_no,
        reason: row.reason,
        actor: row.actor,
        at: Time::from_micros(row.merged_at),
        undone_at: row.undone_at.map(Time::from_micros),
    };
    Ok(rows.into_iter().map(merge).collect())
}

/// The identifier that owns a number.
pub(super) async fn by_number(tx: &mut Tx, number: i64) -> Result<Option<Key>> {
    let sql = "select namespace, hash from identifier
        where shop_id = $1 and person = (select person from identifier
            where shop_id = $1 and number = $2) and number = $2";
    let row: Option<(String, Vec<u8>)> = tx.opt(sql, binds![tx.shop(), number]).await?;
    Ok(row.map(|(namespace, hash)| Key { namespace, hash }))
}

pub(super) async fn pin(
    tx: &mut Tx,
    number: i64,
    verdict: Verdict,
    (a, b): (&Key, &Key),
    (actor, at): (&str, Time),
) -> Result<()> {
    let shop = tx.shop();
    let clear = "delete from identity_pin where shop_id = $1
        and ((namespace_a = $2 and hash_a = $3 and namespace_b = $4 and hash_b = $5)
            or (namespace_a = $4 and hash_a = $5 and namespace_b = $2 and hash_b = $3))";
    let (left, right) = (a.hash.clone(), b.hash.clone());
    tx.exec(clear, binds![shop, &a.namespace, left, &b.namespace, right]).await?;
    let sql = "insert into identity_pin (shop_id, pin_no, verdict, namespace_a, hash_a,
            namespace_b, hash_b, actor, pinned_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let (left, right) = (a.hash.clone(), b.hash.clone());
    let values =
        binds![shop, number, verdict.name(), &a.namespace, left, &b.namespace, right, actor, at];
    tx.exec(sql, values).await.map(drop)
}

pub(super) async fn unlink(tx: &mut Tx, source: i64, limit: i64) -> Result<Vec<Key>> {
    let table = ("identity_link", "namespace_a, hash_a, namespace_b, hash_b");
    let of_source = "shop_id = $1 and source_no = $2";
    let sql = delete_first(tx.dialect(), table, of_source, "$3")
        + " returning namespace_a, hash_a, namespace_b, hash_b, linked_at as at,
            cast(null as text) as verdict";
    let values = binds![tx.shop(), source, limit];
    let pairs: Vec<Pair> = tx.all(AssertSqlSafe(sql), values).await?;
    let keys: BTreeSet<Key> = pairs
        .iter()
        .flat_map(|pair| {
            let (a, b) = pair.keys();
            [a, b]
        })
        .collect();
    Ok(keys.into_iter().collect())
}

/// Identifiers after `after` that no link and no pin speaks of, in their order.
pub(super) async fn alone(tx: &mut Tx, after: Option<&Key>, limit: i64) -> Result<Vec<Node>> {
    let sql = "select namespace, hash, number, person from identifier
        where shop_id = $1 and (namespace, hash) > ($2, $3)
            and not exists (select 1 from identity_link link where link.shop_id = $1
                and link.namespace_a = identifier.namespace and link.hash_a = identifier.hash)
            and not exists (select 1 from identity_link link where link.shop_id = $1
                and link.namespace_b = identifier.namespace and link.hash_b = identifier.hash)
            and not exists (select 1 from identity_pin pin where pin.shop_id = $1
                and pin.namespace_a = identifier.namespace and pin.hash_a = identifier.hash)
            and not exists (select 1 from identity_pin pin where pin.shop_id = $1
                and pin.namespace_b = identifier.namespace and pin.hash_b = identifier.hash)
        order by namespace, hash limit $4";
    let (namespace, hash) =
        after.map_or((String::new(), Vec::new()), |key| (key.namespace.clone(), key.hash.clone()));
    let rows: Vec<Stored> = tx.all(sql, binds![tx.shop(), namespace, hash, limit]).await?;
    Ok(rows.into_iter().map(Node::from).collect())
}

pub(super) async fn remove(tx: &mut Tx, keys: Vec<Key>) -> Result<()> {
    for (namespace, hashes) in by_namespace(keys) {
        let sql = "delete from identifier
            where shop_id = $1 and namespace = $2 and hash in list($3)";
        tx.exec(sql, binds![tx.shop(), namespace, hashes_list(hashes)]).await?;
    }
    Ok(())
}

pub(super) async fn persons(tx: &mut Tx, labels: &[i64]) -> Result<HashMap<i64, i64>> {
    let sql = "select number, person from identifier where shop_id = $1 and person is not null
        and number in list($2)";
    let rows: Vec<(i64, i64)> =
        tx.all(sql, binds![tx.shop(), list(labels.iter().copied())]).await?;
    Ok(rows.into_iter().collect())
}

pub(super) async fn numbers(tx: &mut Tx, persons: &BTreeSet<i64>) -> Result<Vec<(i64, i64)>> {
    let sql = "select number, person from identifier where shop_id = $1 and number is not null
        and person in list($2)";
    tx.all(sql, binds![tx.shop(), list(persons.iter().copied())]).await
}

pub(super) async fn redirect(tx: &mut Tx) -> Result<Vec<(i64, i64)>> {
    let sql = "select number, person from identifier
        where shop_id = $1 and number <> person order by number";
    tx.all(sql, binds![tx.shop()]).await
}

pub(super) async fn of_persons(
    tx: &mut Tx,
    persons: &BTreeSet<i64>,
) -> Result<Vec<(i64, String, Option<String>)>> {
    // One that was erased tells nothing any more.
    let sql = "select person, namespace, value from identifier where shop_id = $1
        and person in list($2) and (value is not null or sealed is not null)";
    tx.all(sql, binds![tx.shop(), list(persons.iter().copied())]).await
}

pub(super) async fn keys(tx: &mut Tx, persons: &BTreeSet<i64>) -> Result<Vec<(i64, Key)>> {
    let sql = "select person, namespace, hash from identifier where shop_id = $1
        and person in list($2) and (value is not null or sealed is not null)";
    let rows: Vec<(i64, String, Vec<u8>)> =
        tx.all(sql, binds![tx.shop(), list(persons.iter().copied())]).await?;
    Ok(rows
        .into_iter()
        .map(|(person, namespace, hash)| (person, Key { namespace, hash }))
        .collect())
}

/// Whom identifiers lead to that were not erased, by their hash.
pub(super) async fn living(tx: &mut Tx, keys: Vec<Key>) -> Result<Vec<(Vec<u8>, i64)>> {
    let mut found = Vec::new();
    for (namespace, hashes) in by_namespace(keys) {
        let sql = "select hash, person from identifier where shop_id = $1 and namespace = $2
            and hash in list($3) and person is not null
            and (value is not null or sealed is not null)";
        let values = binds![tx.shop(), namespace, hashes_list(hashes)];
        found.extend(tx.all::<(Vec<u8>, i64)>(sql, values).await?);
    }
    Ok(found)
}
