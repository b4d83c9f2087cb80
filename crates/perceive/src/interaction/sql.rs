//! SQL for the table `interaction`.

use std::collections::{BTreeSet, HashMap};

use base::{Error, Result, Time};
use sqlx::AssertSqlSafe;
use store::dialect::delete_first;
use store::{Tx, binds, hashes as hashes_list, list as numbers_list};

use super::{Interaction, Named};
use crate::record::InteractionKind;

/// Hashes that one statement looks up.
const LOOKUP_MAX: usize = 20_000;

/// How many of each hash each source has.
pub(super) async fn known(tx: &mut Tx, hashes: &[Vec<u8>]) -> Result<HashMap<(i64, Vec<u8>), i64>> {
    let distinct: BTreeSet<&Vec<u8>> = hashes.iter().collect();
    let distinct: Vec<&Vec<u8>> = distinct.into_iter().collect();
    let mut found = HashMap::new();
    for chunk in distinct.chunks(LOOKUP_MAX) {
        let sql = "select source_no, hash, count(*) from interaction
            where shop_id = $1 and hash in list($2) group by source_no, hash";
        let values = binds![tx.shop(), hashes_list(chunk.iter().copied().cloned())];
        let rows: Vec<(i64, Vec<u8>, i64)> = tx.all(sql, values).await?;
        found.extend(rows.into_iter().map(|(source, hash, count)| ((source, hash), count)));
    }
    Ok(found)
}

/// What was said and its subject, sealed.
pub(super) type Sealed = (Option<Vec<u8>>, Option<Vec<u8>>);

pub(super) fn insert(
    tx: &mut Tx,
    source: i64,
    done: &[Interaction],
    said: &[Named<'_>],
    texts: Vec<Sealed>,
) {
    let shop = tx.shop();
    let mut seen = std::collections::HashSet::new();
    let rows = done.iter().zip(said).zip(texts).filter_map(|((one, Named { row, .. }), words)| {
        let (text, topic) = words;
        seen.insert((&one.hash, one.ordinal)).then(|| {
            binds![
                shop,
                one.hash.clone(),
                one.ordinal,
                source,
                one.kind as i32,
                row.external_id.clone(),
                one.label,
                one.at,
                row.order.clone(),
                one.order,
                one.product,
                one.rating,
                text,
                row.speaker.clone(),
                row.agent.clone(),
                topic,
                one.received_at,
                one.told
            ]
        })
    });
    let head = "insert into interaction (shop_id, hash, ordinal, source_no, kind, external_id,
        customer_no, happened_at, order_id, order_no, product_no, rating, text, speaker, agent,
        topic, received_at, told)";
    let tail = " on conflict (shop_id, hash, ordinal, source_no) do nothing";
    tx.insert(head, rows.collect(), tail);
}

pub(super) async fn counts(tx: &mut Tx, labels: &[i64]) -> Result<Vec<(i64, i64)>> {
    let sql = "select customer_no, count(*) from (select distinct customer_no, hash, ordinal
            from interaction where shop_id = $1
            and customer_no in list($2)) as own
        group by customer_no";
    tx.all(sql, binds![tx.shop(), numbers_list(labels.iter().copied())]).await
}

pub(super) async fn buyers(tx: &mut Tx) -> Result<Vec<(i64, i64)>> {
    let sql = "select distinct orders.order_no, orders.customer_no
        from interaction join orders on orders.shop_id = interaction.shop_id
            and orders.order_no = interaction.order_no
        where interaction.shop_id = $1 and interaction.customer_no is null
            and interaction.order_no is not null and orders.customer_no is not null";
    tx.all(sql, binds![tx.shop()]).await
}

#[derive(sqlx::FromRow)]
struct Stored {
    source_no: i64,
    hash: Vec<u8>,
    ordinal: i64,
    kind: i64,
    customer_no: Option<i64>,
    happened_at: Option<i64>,
    order_no: Option<i64>,
    product_no: Option<i64>,
    rating: Option<i64>,
    received_at: i64,
}

impl Stored {
    fn open(self) -> Result<Interaction> {
        Ok(Interaction {
            source: self.source_no,
            hash: self.hash,
            ordinal: self.ordinal,
            kind: kind(self.kind)?,
            label: self.customer_no,
            at: self.happened_at.map(Time::from_micros),
            product: self.product_no,
            order: self.order_no,
            rating: self.rating,
            received_at: Time::from_micros(self.received_at),
            told: true,
        })
    }
}

fn kind(code: i64) -> Result<InteractionKind> {
    use InteractionKind::{Chat, Complaint, Favourite, Review};
    [Review, Favourite, Chat, Complaint]
        .into_iter()
        .find(|kind| i64::from(*kind as i32) == code)
        .ok_or_else(|| Error::damaged("an interaction has an unknown kind"))
}

/// Of what a source tells and others say, too, among its first `limit` interactions: each is told
/// by the oldest of those from now on.
pub(super) async fn take_over(tx: &mut Tx, source: i64, limit: i64) -> Result<Vec<Interaction>> {
    let sql = "update interaction set told = $1
        where shop_id = $2 and (hash, ordinal, source_no) in (
            select other.hash, other.ordinal, min(other.source_no)
            from (select shop_id, source_no, hash, ordinal, told from interaction
                where shop_id = $2 and source_no = $3
                order by hash, ordinal limit $4) as own
            join interaction other
                on other.shop_id = own.shop_id and other.hash = own.hash
                and other.ordinal = own.ordinal and other.source_no <> own.source_no
            where own.told = $1
            group by other.hash, other.ordinal)
        returning source_no, hash, ordinal, kind, customer_no, happened_at, order_no,
            product_no, rating, received_at";
    let rows: Vec<Stored> = tx.all(sql, binds![true, tx.shop(), source, limit]).await?;
    rows.into_iter().map(Stored::open).collect()
}

/// Removes a source's first `limit` interactions; whom each was of.
pub(super) async fn forget(tx: &mut Tx, source: i64, limit: i64) -> Result<Vec<Option<i64>>> {
    let of_source = "shop_id = $1 and source_no = $2";
    let table = ("interaction", "hash, ordinal");
    let sql = delete_first(tx.dialect(), table, of_source, "$3") + " returning customer_no";
    let values = binds![tx.shop(), source, limit];
    let rows: Vec<(Option<i64>,)> = tx.all(AssertSqlSafe(sql), values).await?;
    Ok(rows.into_iter().map(|(label,)| label).collect())
}

pub(super) async fn labels(tx: &mut Tx) -> Result<Vec<i64>> {
    let sql = "select distinct customer_no from interaction
        where shop_id = $1 and customer_no is not null";
    let rows: Vec<(i64,)> = tx.all(sql, binds![tx.shop()]).await?;
    Ok(rows.into_iter().map(|(label,)| label).collect())
}
