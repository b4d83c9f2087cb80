//! SQL for the tables `log`, `log_dead` and `cursor`.

use base::{Result, ShopId, Time};
use sqlx::AssertSqlSafe;

use super::{Cursor, Dead, Position};
use crate::dialect::Dialect;
use crate::{Tx, binds, list};

#[derive(Debug, sqlx::FromRow)]
pub(super) struct Stored {
    pub xid: i64,
    pub seq: i64,
    pub shop_id: i64,
    pub topic: i64,
    pub received_at: i64,
    pub day: i64,
    pub count: i64,
    pub payload: Vec<u8>,
}

impl Stored {
    pub(super) fn position(&self) -> Position {
        Position { xid: self.xid, seq: self.seq }
    }
}

pub(super) fn insert(
    tx: &mut Tx,
    topic: i64,
    (received, day, count): (Time, i32, i64),
    payload: Vec<u8>,
) {
    let head = "insert into log (shop_id, topic, received_at, day, count, payload)";
    let row = binds![tx.shop(), topic, received, day, count, payload];
    tx.insert(head, vec![row], "");
}

pub(super) async fn after(
    tx: &mut Tx,
    after: Position,
    topics: i64,
    limit: i64,
) -> Result<Vec<Stored>> {
    match tx.dialect() {
        Dialect::Sqlite => {
            let sql = "select xid, seq, shop_id, topic, received_at, day, count, payload from log
                where seq > $1 and topic & $2 <> 0 order by seq limit $3";
            tx.all(sql, binds![after.seq, topics, limit]).await
        }
        Dialect::Postgres => {
            let sql = "select cast(cast(xid as text) as bigint) as xid, seq, shop_id, topic,
                    received_at, day, count, payload from log
                where xid < pg_snapshot_xmin(pg_current_snapshot())
                    and (xid, seq) > (cast($1 as text)::xid8, $2) and topic & $3 <> 0
                order by xid, seq limit $4";
            tx.all(sql, binds![after.xid.to_string(), after.seq, topics, limit]).await
        }
    }
}

/// Places of rows of the transaction's shop, safe for a reader to pass or not.
pub(super) async fn places(tx: &mut Tx, after: Position, topics: i64) -> Result<Vec<Position>> {
    let shop = tx.shop();
    let rows: Vec<(i64, i64)> = match tx.dialect() {
        Dialect::Sqlite => {
            let sql = "select xid, seq from log
                where seq > $1 and shop_id = $2 and topic & $3 <> 0 order by seq";
            tx.all(sql, binds![after.seq, shop, topics]).await?
        }
        Dialect::Postgres => {
            let sql = "select cast(cast(xid as text) as bigint) as xid, seq from log
                where (xid, seq) > (cast($1 as text)::xid8, $2) and shop_id = $3
                    and topic & $4 <> 0
                order by xid, seq";
            tx.all(sql, binds![after.xid.to_string(), after.seq, shop, topics]).await?
        }
    };
    Ok(rows.into_iter().map(|(xid, seq)| Position { xid, seq }).collect())
}

/// Rows of the transaction's shop by their places.
pub(super) async fn at(tx: &mut Tx, places: &[Position]) -> Result<Vec<Stored>> {
    let xid = match tx.dialect() {
        Dialect::Sqlite => "xid",
        Dialect::Postgres => "cast(cast(xid as text) as bigint) as xid",
    };
    let sql = format!(
        "select {xid}, seq, shop_id, topic, received_at, day, count, payload from log
            where shop_id = $1 and seq in list($2) order by seq"
    );
    let numbers = list(places.iter().map(|place| place.seq));
    tx.all(AssertSqlSafe(sql), binds![tx.shop(), numbers]).await
}

/// The place of the last row, safe to read or not.
pub(super) async fn end(tx: &mut Tx, topics: i64) -> Result<Position> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => {
            "select xid, seq from log where topic & $1 <> 0 order by seq desc limit 1"
        }
        Dialect::Postgres => {
            "select cast(cast(xid as text) as bigint) as xid, seq from log
                where topic & $1 <> 0 order by xid desc, seq desc limit 1"
        }
    };
    let row: Option<(i64, i64)> = tx.opt(sql, binds![topics]).await?;
    Ok(row.map_or_else(Position::default, |(xid, seq)| Position { xid, seq }))
}

/// Whether anything stands after `after`, safe to read or not.
pub(super) async fn written_after(tx: &mut Tx, after: Position, topics: i64) -> Result<bool> {
    let values = match tx.dialect() {
        Dialect::Sqlite => binds![after.seq, topics],
        Dialect::Postgres => binds![after.seq, topics, after.xid.to_string()],
    };
    let place = match tx.dialect() {
        Dialect::Sqlite => "seq > $1",
        Dialect::Postgres => "(xid, seq) > (cast($3 as text)::xid8, $1)",
    };
    let sql =
        format!("select exists (select 1 from log where {place} and topic & $2 <> 0) as there");
    let (there,): (bool,) = tx.one(AssertSqlSafe(sql), values).await?;
    Ok(there)
}

/// How many rows stand after `after`, at most `limit`, and the earliest receipt of them.
pub(super) async fn waiting(
    tx: &mut Tx,
    after: Position,
    topics: i64,
    limit: i64,
) -> Result<(i64, Option<i64>)> {
    match tx.dialect() {
        Dialect::Sqlite => {
            let sql = "select count(*), min(received_at) from (select received_at from log
                where seq > $1 and topic & $2 <> 0 order by seq limit $3) as before";
            tx.one(sql, binds![after.seq, topics, limit]).await
        }
        Dialect::Postgres => {
            let sql = "select count(*), min(received_at) from (select received_at from log
                where (xid, seq) > (cast($1 as text)::xid8, $2) and topic & $3 <> 0
                order by xid, seq limit $4) as before";
            tx.one(sql, binds![after.xid.to_string(), after.seq, topics, limit]).await
        }
    }
}

#[derive(sqlx::FromRow)]
struct StoredCursor {
    xid: i64,
    seq: i64,
    batch: i64,
    intent_xid: i64,
    intent_seq: i64,
}

pub(super) async fn cursor(tx: &mut Tx, reader: &str) -> Result<Cursor> {
    let sql = "select xid, seq, batch, intent_xid, intent_seq from cursor where reader = $1";
    let row: Option<StoredCursor> = tx.opt(sql, binds![reader]).await?;
    Ok(row.map_or_else(Cursor::default, |row| Cursor {
        position: Position { xid: row.xid, seq: row.seq },
        batch: row.batch,
        intent: Position { xid: row.intent_xid, seq: row.intent_seq },
    }))
}

pub(super) async fn step(tx: &mut Tx, reader: &str, from: Cursor, to: Cursor) -> Result<bool> {
    let sql = "insert into cursor (reader, xid, seq, batch, intent_xid, intent_seq)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (reader) do update set xid = excluded.xid, seq = excluded.seq,
            batch = excluded.batch, intent_xid = excluded.intent_xid,
            intent_seq = excluded.intent_seq
        where cursor.xid = $7 and cursor.seq = $8 and cursor.batch = $9";
    let (at, next, was) = (to.position, to.intent, from.position);
    let values =
        binds![reader, at.xid, at.seq, to.batch, next.xid, next.seq, was.xid, was.seq, from.batch];
    Ok(tx.exec(sql, values).await? == 1)
}

/// What is set aside, as it is stored.
pub(super) struct Buried {
    pub(super) id: Vec<u8>,
    pub(super) topic: i64,
    pub(super) seq: i64,
    pub(super) ordinal: i64,
    pub(super) kind: String,
    pub(super) reason: String,
    pub(super) day: i32,
    pub(super) payload: Vec<u8>,
}

pub(super) fn bury(tx: &mut Tx, (reader, now): (&str, Time), rows: Vec<Buried>) {
    let shop = tx.shop();
    let row = |row: Buried| {
        let Buried { id, topic, seq, ordinal, kind, reason, day, payload } = row;
        binds![id, shop, reader, topic, seq, ordinal, kind, reason, now, day, payload]
    };
    let head = "insert into log_dead
        (dead_id, shop_id, reader, topic, seq, ordinal, kind, reason, died_at, day, payload)";
    tx.insert(head, rows.into_iter().map(row).collect(), " on conflict (dead_id) do nothing");
}

#[derive(sqlx::FromRow)]
struct StoredDead {
    dead_id: Vec<u8>,
    shop_id: i64,
    reader: String,
    seq: i64,
    ordinal: i64,
    kind: String,
    reason: String,
    died_at: i64,
}

pub(super) async fn dead(tx: &mut Tx, limit: i64) -> Result<Vec<Dead>> {
    let sql = "select dead_id, shop_id, reader, seq, ordinal, kind, reason, died_at
        from log_dead order by died_at desc, dead_id limit $1";
    let rows: Vec<StoredDead> = tx.all(sql, binds![limit]).await?;
    Ok(rows.into_iter().map(Dead::from).collect())
}

pub(super) async fn dead_of_shop(tx: &mut Tx, since: i64, limit: i64) -> Result<Vec<Dead>> {
    let sql = "select dead_id, shop_id, reader, seq, ordinal, kind, reason, died_at
        from log_dead where shop_id = $1 and died_at > $2 order by died_at desc, dead_id limit $3";
    let rows: Vec<StoredDead> = tx.all(sql, binds![tx.shop(), since, limit]).await?;
    Ok(rows.into_iter().map(Dead::from).collect())
}

impl From<StoredDead> for Dead {
    fn from(row: StoredDead) -> Self {
        Self {
            id: row.dead_id,
            shop: ShopId(row.shop_id),
            reader: row.reader,
            seq: row.seq,
            ordinal: row.ordinal,
            kind: row.kind,
            reason: row.reason,
            died_at: Time::from_micros(row.died_at),
        }
    }
}

pub(super) async fn dead_count(tx: &mut Tx) -> Result<(i64, i64)> {
    let sql = "select count(*), count(case when shop_id = $1 then 1 end) from log_dead";
    tx.one(sql, binds![tx.shop()]).await
}

/// A dead fact that is taken away: its shop, topic, day and payload.
pub(super) type Taken = (ShopId, i64, i32, Vec<u8>);

pub(super) async fn take_dead(tx: &mut Tx, id: &[u8]) -> Result<Option<Taken>> {
    let sql = "delete from log_dead where dead_id = $1 returning shop_id, topic, day, payload";
    let row: Option<(i64, i64, i64, Vec<u8>)> = tx.opt(sql, binds![id]).await?;
    Ok(row.map(|(shop, topic, day, payload)| {
        (ShopId(shop), topic, i32::try_from(day).unwrap_or_default(), payload)
    }))
}

pub(super) async fn prune(
    tx: &mut Tx,
    (safe, before): (Position, Time),
    limit: i64,
) -> Result<u64> {
    let passed = match tx.dialect() {
        Dialect::Sqlite => "xid <= $1 and seq <= $2",
        Dialect::Postgres => "(xid, seq) <= (cast(cast($1 as text) as xid8), $2)",
    };
    let sql = format!(
        "delete from log where seq in (select seq from log
            where {passed} and received_at < $3 order by seq limit $4)"
    );
    tx.exec(AssertSqlSafe(sql), binds![safe.xid, safe.seq, before, limit]).await
}

/// Removes what was set aside before a time; how many facts.
pub(super) async fn prune_dead(tx: &mut Tx, before: Time, limit: i64) -> Result<u64> {
    let sql = "delete from log_dead where dead_id in (select dead_id from log_dead
        where died_at < $1 limit $2)";
    tx.exec(sql, binds![before, limit]).await
}

/// The earliest day of which there are rows.
pub(super) async fn oldest_day(tx: &mut Tx) -> Result<Option<i32>> {
    let (day,): (Option<i64>,) = tx.one("select min(day) from log", vec![]).await?;
    Ok(day.and_then(|day| i32::try_from(day).ok()))
}

/// Removes the keys of days before `oldest` of which nothing was set aside either.
pub(super) async fn prune_keys(tx: &mut Tx, oldest: i32) -> Result<()> {
    let sql = "delete from log_key where day < $1
        and not exists (select 1 from log_dead where log_dead.shop_id = log_key.shop_id
            and log_dead.day = log_key.day)";
    tx.exec(sql, binds![oldest]).await.map(drop)
}

/// Shops with the bytes of their rows.
pub(super) async fn bytes(tx: &mut Tx) -> Result<Vec<(i64, i64)>> {
    let sql = "select shop_id, cast(sum(length(payload)) as bigint) from log group by shop_id";
    tx.all(sql, vec![]).await
}
