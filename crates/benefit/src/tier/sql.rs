//! SQL for the tables `tier`, `tier_grant` and `tier_move`.

use base::{Result, Time};
use roaring::RoaringBitmap;
use store::{Tx, V, binds, list as numbers_list};
use stratify::roster::rule::{bytes, numbers, only};

use super::{Grant, Moved, Tier};

pub(super) async fn list(tx: &mut Tx) -> Result<Vec<Tier>> {
    let sql = "select tier_no, name, colour, note, created_at from tier
        where shop_id = $1 order by place, tier_no";
    let rows: Vec<(i64, String, String, String, i64)> = tx.all(sql, binds![tx.shop()]).await?;
    let tier = |(number, name, colour, note, at)| {
        let created_at = Time::from_micros(at);
        Tier { number, name, colour, note, created_at }
    };
    Ok(rows.into_iter().map(tier).collect())
}

/// Writes the plan, the lowest level first.
pub(super) async fn put(tx: &mut Tx, plan: &[Tier]) -> Result<()> {
    let sql = "insert into tier (shop_id, tier_no, name, place, colour, note, created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (shop_id, tier_no) do update set name = excluded.name,
        place = excluded.place, colour = excluded.colour, note = excluded.note";
    for (place, tier) in (1_i64..).zip(plan) {
        let Tier { number, name, colour, note, created_at } = tier;
        let values = binds![tx.shop(), *number, name, place, colour, note, *created_at];
        tx.exec(sql, values).await?;
    }
    Ok(())
}

pub(super) async fn remove(tx: &mut Tx, number: i64) -> Result<()> {
    let own = || binds![tx.shop(), number];
    let (tier, grants) = (own(), own());
    tx.exec("delete from tier where shop_id = $1 and tier_no = $2", tier).await?;
    tx.exec("delete from tier_grant where shop_id = $1 and tier_no = $2", grants).await.map(drop)
}

#[derive(sqlx::FromRow)]
struct Row {
    grant_no: i64,
    tier_no: i64,
    exact: bool,
    how: String,
    people: Vec<u8>,
    reason: String,
    actor: String,
    made_at: i64,
    ends_at: Option<i64>,
    ended_at: Option<i64>,
}

impl Row {
    fn into_grant(self) -> Result<Grant> {
        Ok(Grant {
            number: self.grant_no,
            tier: self.tier_no,
            exact: self.exact,
            how: self.how,
            people: numbers(&self.people)?,
            reason: self.reason,
            actor: self.actor,
            at: Time::from_micros(self.made_at),
            ends_at: self.ends_at.map(Time::from_micros),
            ended_at: self.ended_at.map(Time::from_micros),
        })
    }
}

pub(super) async fn insert(tx: &mut Tx, grant: &Grant) -> Result<()> {
    let sql = "insert into tier_grant (shop_id, grant_no, tier_no, exact, how, customer_no, people,
        reason, actor, made_at, ends_at, ended_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let values = binds![
        tx.shop(),
        grant.number,
        grant.tier,
        grant.exact,
        &grant.how,
        only(&grant.people),
        bytes(&grant.people)?,
        &grant.reason,
        &grant.actor,
        grant.at,
        grant.ends_at,
        grant.ended_at,
    ];
    tx.exec(sql, values).await.map(drop)
}

async fn grants(tx: &mut Tx, which: &str, values: Vec<V>) -> Result<Vec<Grant>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "select grant_no, tier_no, exact, how, people, reason, actor, made_at, ends_at, ended_at
            from tier_grant where shop_id = $1 {which}"
    ));
    let rows: Vec<Row> = tx.all(sql, values).await?;
    rows.into_iter().map(Row::into_grant).collect()
}

pub(super) async fn grant(tx: &mut Tx, number: i64) -> Result<Option<Grant>> {
    let values = binds![tx.shop(), number];
    Ok(grants(tx, "and grant_no = $2", values).await?.into_iter().next())
}

/// Grants of a level, the latest first.
pub(super) async fn of_tier(tx: &mut Tx, tier: i64, limit: i64) -> Result<Vec<Grant>> {
    let values = binds![tx.shop(), tier, limit];
    grants(tx, "and tier_no = $2 order by grant_no desc limit $3", values).await
}

/// Grants that have not been ended, in the order in which they were made.
pub(super) async fn live(tx: &mut Tx) -> Result<Vec<Grant>> {
    grants(tx, "and ended_at is null order by grant_no", binds![tx.shop()]).await
}

/// How many grants have not been ended, of one level or of all.
pub(super) async fn count(tx: &mut Tx, tier: Option<i64>) -> Result<i64> {
    let sql = "select count(*) from tier_grant where shop_id = $1 and ended_at is null
        and tier_no = coalesce($2, tier_no)";
    let (count,): (i64,) = tx.one(sql, binds![tx.shop(), tier]).await?;
    Ok(count)
}

/// Ends the grants whose last day is over.
pub(super) async fn end_due(tx: &mut Tx, now: Time) -> Result<()> {
    let sql = "update tier_grant set ended_at = ends_at
        where shop_id = $1 and ended_at is null and ends_at <= $2";
    tx.exec(sql, binds![tx.shop(), now]).await.map(drop)
}

/// When the next of the grants ends by itself.
pub(super) async fn next_end(tx: &mut Tx) -> Result<Option<Time>> {
    let sql = "select min(ends_at) from tier_grant where shop_id = $1 and ended_at is null";
    let (at,): (Option<i64>,) = tx.one(sql, binds![tx.shop()]).await?;
    Ok(at.map(Time::from_micros))
}

/// Grants that have not been ended: of some people alone, and of many at once, the latest first.
pub(super) async fn of_people(tx: &mut Tx, labels: &[i64], limit: i64) -> Result<Vec<Grant>> {
    let values = binds![tx.shop(), numbers_list(labels.iter().copied()), limit];
    let alone = "and ended_at is null and customer_no in list($2)
        order by grant_no desc limit $3";
    let mut all = grants(tx, alone, values).await?;
    let many = "and ended_at is null and customer_no is null order by grant_no desc limit $2";
    all.extend(grants(tx, many, binds![tx.shop(), limit]).await?);
    all.sort_by_key(|grant| std::cmp::Reverse(grant.number));
    Ok(all)
}

pub(super) async fn end(tx: &mut Tx, number: i64, now: Time) -> Result<()> {
    let sql = "update tier_grant set ended_at = $3 where shop_id = $1 and grant_no = $2";
    tx.exec(sql, binds![tx.shop(), number, now]).await.map(drop)
}

pub(super) async fn add_move(tx: &mut Tx, number: i64, moved: &Moved) -> Result<()> {
    let sql = "insert into tier_move (shop_id, move_no, from_no, to_no, customer_no, people,
        moved_at) values ($1, $2, $3, $4, $5, $6, $7)";
    let Moved { from, to, people, at } = moved;
    let values = binds![tx.shop(), number, *from, *to, only(people), bytes(people)?, *at];
    tx.exec(sql, values).await.map(drop)
}

/// Its number, from where, to where, who and when.
type StoredMove = (i64, Option<i64>, Option<i64>, Vec<u8>, i64);

/// Moves of some people alone, and of many at once, the latest first.
pub(super) async fn moves(tx: &mut Tx, labels: &[i64], limit: i64) -> Result<Vec<Moved>> {
    let alone = "select move_no, from_no, to_no, people, moved_at from tier_move
        where shop_id = $1 and customer_no in list($2) order by move_no desc limit $3";
    let values = binds![tx.shop(), numbers_list(labels.iter().copied()), limit];
    let mut rows: Vec<StoredMove> = tx.all(alone, values).await?;
    let many = "select move_no, from_no, to_no, people, moved_at from tier_move
        where shop_id = $1 and customer_no is null order by move_no desc limit $2";
    let more: Vec<StoredMove> = tx.all(many, binds![tx.shop(), limit]).await?;
    rows.extend(more);
    rows.sort_by_key(|row| std::cmp::Reverse(row.0));
    let moved = |(_, from, to, people, at): StoredMove| {
        let people: RoaringBitmap = numbers(&people)?;
        Ok(Moved { from, to, people, at: Time::from_micros(at) })
    };
    rows.into_iter().map(moved).collect()
}
