//! SQL for the tables `tag` and `tag_batch`.

use base::{Result, Time};
use store::{Tx, V, binds, list as numbers_list};

use super::{Batch, Carried, Tag};
use crate::roster::rule::{bytes, numbers, only};

#[derive(sqlx::FromRow)]
struct Row {
    tag_no: i64,
    name: String,
    family: String,
    colour: String,
    note: String,
    owner: String,
    days: Option<i64>,
    segment_no: Option<i64>,
    tier_no: Option<i64>,
    activity_no: Option<i64>,
    created_at: i64,
}

impl From<Row> for Tag {
    fn from(row: Row) -> Self {
        Self {
            number: row.tag_no,
            name: row.name,
            family: row.family,
            colour: row.colour,
            note: row.note,
            owner: row.owner,
            days: row.days,
            segment: row.segment_no,
            carried: Carried { tier: row.tier_no, activity: row.activity_no },
            created_at: Time::from_micros(row.created_at),
        }
    }
}

pub(super) async fn list(tx: &mut Tx) -> Result<Vec<Tag>> {
    let sql = "select tag_no, name, family, colour, note, owner, days, segment_no, tier_no,
        activity_no, created_at from tag where shop_id = $1 order by family, name";
    let rows: Vec<Row> = tx.all(sql, binds![tx.shop()]).await?;
    Ok(rows.into_iter().map(Tag::from).collect())
}

pub(super) async fn named(tx: &mut Tx, name: &str) -> Result<Option<i64>> {
    let sql = "select tag_no from tag where shop_id = $1 and name = $2";
    let row: Option<(i64,)> = tx.opt(sql, binds![tx.shop(), name]).await?;
    Ok(row.map(|(number,)| number))
}

pub(super) async fn put(tx: &mut Tx, tag: &Tag) -> Result<()> {
    let sql = "insert into tag
        (shop_id, tag_no, name, family, colour, note, owner, days, segment_no, tier_no,
        activity_no, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict (shop_id, tag_no) do update set name = excluded.name,
        family = excluded.family, colour = excluded.colour, note = excluded.note,
        days = excluded.days, tier_no = excluded.tier_no,
        activity_no = excluded.activity_no";
    let values = binds![
        tx.shop(),
        tag.number,
        &tag.name,
        &tag.family,
        &tag.colour,
        &tag.note,
        &tag.owner,
        tag.days,
        tag.segment,
        tag.carried.tier,
        tag.carried.activity,
        tag.created_at,
    ];
    tx.exec(sql, values).await.map(drop)
}

pub(super) async fn remove(tx: &mut Tx, number: i64) -> Result<()> {
    let own = || binds![tx.shop(), number];
    let (tag, batches) = (own(), own());
    tx.exec("delete from tag where shop_id = $1 and tag_no = $2", tag).await?;
    tx.exec("delete from tag_batch where shop_id = $1 and tag_no = $2", batches).await.map(drop)
}

#[derive(sqlx::FromRow)]
struct Stored {
    batch_no: i64,
    tag_no: i64,
    added: bool,
    how: String,
    people: Vec<u8>,
    fresh: Vec<u8>,
    actor: String,
    made_at: i64,
    expires_at: Option<i64>,
    undone_at: Option<i64>,
}

impl Stored {
    fn into_batch(self) -> Result<Batch> {
        Ok(Batch {
            number: self.batch_no,
            tag: self.tag_no,
            added: self.added,
            how: self.how,
            people: numbers(&self.people)?,
            fresh: numbers(&self.fresh)?,
            actor: self.actor,
            at: Time::from_micros(self.made_at),
            expires_at: self.expires_at.map(Time::from_micros),
            undone_at: self.undone_at.map(Time::from_micros),
        })
    }
}

pub(super) async fn insert(tx: &mut Tx, batch: &Batch) -> Result<()> {
    let sql = "insert into tag_batch (shop_id, batch_no, tag_no, added, how, customer_no, people,
        fresh, actor, made_at, expires_at, undone_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let values = binds![
        tx.shop(),
        batch.number,
        batch.tag,
        batch.added,
        &batch.how,
        only(&batch.people),
        bytes(&batch.people)?,
        bytes(&batch.fresh)?,
        &batch.actor,
        batch.at,
        batch.expires_at,
        batch.undone_at,
    ];
    tx.exec(sql, values).await.map(drop)
}

const COLUMNS: &str = "select batch_no, tag_no, added, how, people, fresh, actor, made_at, \
    expires_at, undone_at from tag_batch where shop_id = $1";

async fn batches(tx: &mut Tx, which: &str, values: Vec<V>) -> Result<Vec<Batch>> {
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} {which}"));
    let rows: Vec<Stored> = tx.all(sql, values).await?;
    rows.into_iter().map(Stored::into_batch).collect()
}

pub(super) async fn batch(tx: &mut Tx, number: i64) -> Result<Option<Batch>> {
    let values = binds![tx.shop(), number];
    Ok(batches(tx, "and batch_no = $2", values).await?.into_iter().next())
}

/// What was done with a tag, the latest first.
pub(super) async fn of_tag(tx: &mut Tx, number: i64, limit: i64) -> Result<Vec<Batch>> {
    let values = binds![tx.shop(), number, limit];
    batches(tx, "and tag_no = $2 order by batch_no desc limit $3", values).await
}

/// What was done with a tag and has not ended, in its order.
pub(super) async fn holding(tx: &mut Tx, tag: i64) -> Result<Vec<Batch>> {
    let values = binds![tx.shop(), tag];
    batches(tx, "and tag_no = $2 and undone_at is null order by batch_no", values).await
}

/// What was done to some people alone, and to many at once.
pub(super) async fn of_people(tx: &mut Tx, labels: &[i64], limit: i64) -> Result<Vec<Batch>> {
    let values = binds![tx.shop(), numbers_list(labels.iter().copied()), limit];
    let which = "and (customer_no is null or customer_no in list($2))
        order by batch_no desc limit $3";
    batches(tx, which, values).await
}

/// Taggings whose time is over.
pub(super) async fn due(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<Batch>> {
    let values = binds![tx.shop(), now, limit];
    let which = "and expires_at <= $2 and undone_at is null order by batch_no limit $3";
    batches(tx, which, values).await
}

pub(super) async fn end(tx: &mut Tx, number: i64, now: Time) -> Result<()> {
    let sql = "update tag_batch set undone_at = $3 where shop_id = $1 and batch_no = $2";
    tx.exec(sql, binds![tx.shop(), number, now]).await.map(drop)
}
