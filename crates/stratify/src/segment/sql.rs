//! SQL for the tables `segment`, `segment_version`, `segment_move` and
//! `segment_day`.

use std::collections::BTreeSet;

use base::{Date, Result, Time};
use store::{Tx, binds};

use super::rule::{Kind, State};
use super::{Day, Segment, Version};

#[derive(sqlx::FromRow)]
struct Row {
    segment_no: i64,
    name: String,
    note: String,
    kind: String,
    state: String,
    version: i64,
    expr: String,
    origin: Option<i64>,
    owner: String,
    created_at: i64,
    edited_at: i64,
    size: Option<i64>,
    counted_at: Option<i64>,
    counted_version: Option<i64>,
}

impl Row {
    fn into_segment(self) -> Result<Segment> {
        Ok(Segment {
            number: self.segment_no,
            name: self.name,
            note: self.note,
            kind: Kind::parse(&self.kind)?,
            state: State::parse(&self.state)?,
            version: self.version,
            expr: self.expr,
            origin: self.origin,
            owner: self.owner,
            created_at: Time::from_micros(self.created_at),
            edited_at: Time::from_micros(self.edited_at),
            size: self.size,
            counted_at: self.counted_at.map(Time::from_micros),
            counted_version: self.counted_version,
            private: false,
        })
    }
}

pub(super) async fn list(tx: &mut Tx) -> Result<Vec<Segment>> {
    let sql = "select segment_no, name, note, kind, state, version, expr, origin, owner,
        created_at, edited_at, size, counted_at, counted_version
        from segment where shop_id = $1 order by segment_no";
    let rows: Vec<Row> = tx.all(sql, binds![tx.shop()]).await?;
    rows.into_iter().map(Row::into_segment).collect()
}

pub(super) async fn get(tx: &mut Tx, number: i64) -> Result<Option<Segment>> {
    let sql = "select segment_no, name, note, kind, state, version, expr, origin, owner,
        created_at, edited_at, size, counted_at, counted_version
        from segment where shop_id = $1 and segment_no = $2";
    let row: Option<Row> = tx.opt(sql, binds![tx.shop(), number]).await?;
    row.map(Row::into_segment).transpose()
}

/// The segment of a name.
pub(super) async fn named(tx: &mut Tx, name: &str) -> Result<Option<i64>> {
    let sql = "select segment_no from segment where shop_id = $1 and name = $2";
    let row: Option<(i64,)> = tx.opt(sql, binds![tx.shop(), name]).await?;
    Ok(row.map(|(number,)| number))
}

pub(super) async fn count(tx: &mut Tx) -> Result<i64> {
    let sql = "select count(*) from segment where shop_id = $1";
    let (count,): (i64,) = tx.one(sql, binds![tx.shop()]).await?;
    Ok(count)
}

pub(super) async fn insert(tx: &mut Tx, segment: &Segment) -> Result<()> {
    let sql = "insert into segment (shop_id, segment_no, name, note, kind, state, version, expr,
        origin, owner, created_at, edited_at, size, counted_at, counted_version)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    let values = binds![
        tx.shop(),
        segment.number,
        &segment.name,
        &segment.note,
        segment.kind.name(),
        segment.state.name(),
        segment.version,
        &segment.expr,
        segment.origin,
        &segment.owner,
        segment.created_at,
        segment.edited_at,
        segment.size,
        segment.counted_at,
        segment.counted_version,
    ];
    tx.exec(sql, values).await.map(drop)
}

pub(super) async fn update(tx: &mut Tx, segment: &Segment) -> Result<()> {
    let sql = "update segment set name = $3, note = $4, state = $5, version = $6, expr = $7,
        edited_at = $8 where shop_id = $1 and segment_no = $2";
    let values = binds![
        tx.shop(),
        segment.number,
        &segment.name,
        &segment.note,
        segment.state.name(),
        segment.version,
        &segment.expr,
        segment.edited_at,
    ];
    tx.exec(sql, values).await.map(drop)
}

/// Writes down how many were counted, unless the segment is another by now.
pub(super) async fn counted(
    tx: &mut Tx,
    (number, version): (i64, i64),
    (size, now): (i64, Time),
) -> Result<bool> {
    let sql = "update segment set size = $4, counted_at = $5, counted_version = $3
        where shop_id = $1 and segment_no = $2 and version = $3 and state = $6";
    let values = binds![tx.shop(), number, version, size, now, State::Active.name()];
    Ok(tx.exec(sql, values).await? > 0)
}

pub(super) async fn remove(tx: &mut Tx, number: i64) -> Result<()> {
    let own = || binds![tx.shop(), number];
    let (segment, version, moves, days) = (own(), own(), own(), own());
    let mark = own();
    tx.exec("delete from segment where shop_id = $1 and segment_no = $2", segment).await?;
    let sql = "delete from segment_private where shop_id = $1 and segment_no = $2";
    tx.exec(sql, mark).await?;
    let sql = "delete from segment_version where shop_id = $1 and segment_no = $2";
    tx.exec(sql, version).await?;
    tx.exec("delete from segment_move where shop_id = $1 and segment_no = $2", moves).await?;
    tx.exec("delete from segment_day where shop_id = $1 and segment_no = $2", days).await.map(drop)
}

/// Segments that stay private whatever becomes of their conditions.
pub(super) async fn marked(tx: &mut Tx) -> Result<BTreeSet<i64>> {
    let sql = "select segment_no from segment_private where shop_id = $1";
    let rows: Vec<(i64,)> = tx.all(sql, binds![tx.shop()]).await?;
    Ok(rows.into_iter().map(|(number,)| number).collect())
}

pub(super) async fn mark(tx: &mut Tx, number: i64) -> Result<()> {
    let sql = "insert into segment_private (shop_id, segment_no) values ($1, $2)
        on conflict (shop_id, segment_no) do nothing";
    tx.exec(sql, binds![tx.shop(), number]).await.map(drop)
}

pub(super) async fn add_version(tx: &mut Tx, number: i64, version: &Version) -> Result<()> {
    let sql = "insert into segment_version (shop_id, segment_no, version, expr, author, made_at)
        values ($1, $2, $3, $4, $5, $6)";
    let Version { version, expr, author, at } = version;
    tx.exec(sql, binds![tx.shop(), number, *version, expr, author, *at]).await.map(drop)
}

pub(super) async fn versions(tx: &mut Tx, number: i64, limit: i64) -> Result<Vec<Version>> {
    let sql = "select version, expr, author, made_at from segment_version
        where shop_id = $1 and segment_no = $2 order by version desc limit $3";
    let rows: Vec<(i64, String, String, i64)> =
        tx.all(sql, binds![tx.shop(), number, limit]).await?;
    let version = |(version, expr, author, at)| {
        let at = Time::from_micros(at);
        Version { version, expr, author, at }
    };
    Ok(rows.into_iter().map(version).collect())
}

/// Moves of one moment, as they are stored.
#[derive(sqlx::FromRow)]
pub(super) struct Moved {
    pub move_no: i64,
    pub day: i64,
    pub moved_at: i64,
    pub version: i64,
    pub moves: Vec<u8>,
}

pub(super) async fn add_move(tx: &mut Tx, number: i64, moved: Moved) -> Result<()> {
    let sql = "insert into segment_move (shop_id, segment_no, move_no, day, moved_at, version,
        moves) values ($1, $2, $3, $4, $5, $6, $7)";
    let Moved { move_no, day, moved_at, version, moves } = moved;
    let values = binds![tx.shop(), number, move_no, day, moved_at, version, moves];
    tx.exec(sql, values).await.map(drop)
}

/// Moves before a number, the latest first.
pub(super) async fn moves(
    tx: &mut Tx,
    number: i64,
    (days, before, limit): ((i64, i64), i64, i64),
) -> Result<Vec<Moved>> {
    let sql = "select move_no, day, moved_at, version, moves from segment_move
        where shop_id = $1 and segment_no = $2 and day >= $3 and day <= $4 and move_no < $5
        order by move_no desc limit $6";
    tx.all(sql, binds![tx.shop(), number, days.0, days.1, before, limit]).await
}

pub(super) async fn remove_moves(tx: &mut Tx, number: i64, moves: &[i64]) -> Result<u64> {
    let sql = "delete from segment_move where shop_id = $1 and segment_no = $2
        and move_no in list($3)";
    tx.exec(sql, binds![tx.shop(), number, store::list(moves.iter().copied())]).await
}

/// Days before `before` that have more than one row of moves: segment and day.
pub(super) async fn crowded(tx: &mut Tx, before: Date, limit: i64) -> Result<Vec<(i64, i64)>> {
    let sql = "select segment_no, day from segment_move where shop_id = $1 and day < $2
        group by segment_no, day having count(*) > 1 order by segment_no, day limit $3";
    tx.all(sql, binds![tx.shop(), before.0, limit]).await
}

pub(super) async fn add_to_day(tx: &mut Tx, number: i64, day: &Day) -> Result<()> {
    let sql = "insert into segment_day (shop_id, segment_no, day, entered, gone, size)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (shop_id, segment_no, day) do update set
        entered = segment_day.entered + excluded.entered,
        gone = segment_day.gone + excluded.gone, size = excluded.size";
    let Day { day, entered, left, size } = day;
    let values = binds![tx.shop(), number, day.0, *entered, *left, *size];
    tx.exec(sql, values).await.map(drop)
}

/// Days with the members that each ended with, in their order: those from `first` on, and the last
/// one before it.
pub(super) async fn days(tx: &mut Tx, number: i64, first: Date) -> Result<Vec<Day>> {
    let sql = "select day, entered, gone, size from segment_day
        where shop_id = $1 and segment_no = $2 and day >= coalesce((select max(day)
        from segment_day where shop_id = $1 and segment_no = $2 and day < $3), $3)
        order by day";
    let rows: Vec<(i64, i64, i64, i64)> = tx.all(sql, binds![tx.shop(), number, first.0]).await?;
    Ok(rows.into_iter().map(day).collect())
}

fn day((day, entered, left, size): (i64, i64, i64, i64)) -> Day {
    Day { day: Date(i32::try_from(day).unwrap_or_default()), entered, left, size }
}

/// The sizes of every segment on days from `first` on, by segment and day.
pub(super) async fn recent(tx: &mut Tx, first: Date) -> Result<Vec<(i64, Day)>> {
    let sql = "select segment_no, day, entered, gone, size from segment_day
        where shop_id = $1 and day >= $2 order by segment_no, day";
    let rows: Vec<(i64, i64, i64, i64, i64)> = tx.all(sql, binds![tx.shop(), first.0]).await?;
    let row = |(number, of, entered, left, size)| (number, day((of, entered, left, size)));
    Ok(rows.into_iter().map(row).collect())
}
