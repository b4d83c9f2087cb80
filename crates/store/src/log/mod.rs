//! The one append-only log: everything that happens, in batches, sealed.
//!
//! A row holds a batch of facts of one shop, compressed and sealed under the key of that shop and
//! day. Readers own a named cursor and commit it with their effects, so that every effect happens
//! exactly once, whatever crashes. A fact that fails three times moves to `log_dead` and the
//! reader goes on.
//!
//! On SQLite what collectors receive lies in a file of its own, so that it is acknowledged without
//! waiting for whoever writes the state; a reader has a place in each of the two.
//!
//! PostgreSQL commits out of order, so a position is `(xid, seq)` and a reader takes only rows of
//! transactions older than every running one; on SQLite `xid` is always 0.

mod ahead;
mod codec;
mod dead;
mod reader;
mod size;
mod sql;

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::time::Duration;

use base::{Code, Error, Result, ShopId, Time};
use serde::{Deserialize, Serialize};

pub use ahead::Ahead;
pub use codec::{Bundle, Packed, bind, pack};
pub use dead::{dead, dead_of_shop};
pub use reader::{ATTEMPTS_MAX, Refused, Step, plain, run, set_aside};
pub use size::bytes;

use crate::db::Shelf;
use crate::dialect::Dialect;
use crate::{Cx, Tx, key};

/// How long the log keeps its rows, in microseconds: 30 days.
pub const KEEP_MICROS: i64 = 30 * base::time::DAY_MICROS;
/// Bytes of a batch before compression at the most.
pub const BATCH_BYTES_MAX: usize = 32 << 20;
/// Rows that one transaction removes at the most: a row can be large.
const PRUNE_ROWS_MAX: i64 = 200;
/// Rows that one read takes at the most.
pub const ROWS_PER_READ_MAX: i64 = 64;
/// Facts of collectors that a reader takes in one transaction, in rows that follow each other.
/// Whatever is written for each person or product is then written once for many facts; so many
/// still leave a transaction well below a second.
pub const JOINED_FACTS_MAX: i64 = 20_000;

/// Kinds of batches, as bits, so that a reader skips what it never wants without opening it.
pub mod topic {
    /// Rows of imports.
    pub const IMPORT: i64 = 1;
    /// Events from collectors.
    pub const EVENT: i64 = 2;
    /// Lines and events on their way to the lake.
    pub const HISTORY: i64 = 4;
    /// What Shuke's own nouns did.
    pub const DOMAIN: i64 = 8;
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// `noun.verb`, or the name of an event.
    pub kind: String,
    /// When it happened, which may be long before it was received.
    pub at: Time,
    /// Its content in the kind's own encoding.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}

/// Where a row stands in the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The transaction that wrote it; 0 on SQLite.
    pub xid: i64,
    /// Its number.
    pub seq: i64,
}

/// A row of the log, opened.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where it stands.
    pub position: Position,
    /// Whose it is.
    pub shop: ShopId,
    /// Its kind: a bit of [`topic`].
    pub topic: i64,
    /// When it was received.
    pub received_at: Time,
    /// The place in the row of the first of `facts`.
    pub first: usize,
    /// What happened, in order.
    pub facts: Vec<Fact>,
}

/// A reader's place in the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Everything up to here has had its effects.
    pub position: Position,
    /// Batches that a reader with effects outside the store has committed there.
    pub batch: i64,
    /// How far the next such batch will reach; see [`intend`].
    pub intent: Position,
}

/// Appends a batch of the transaction's shop. It is durable when the transaction commits.
///
/// # Errors
/// `too_large` above [`BATCH_BYTES_MAX`]; what the database reports.
pub async fn append(tx: &mut Tx, cx: &Cx, topic: i64, facts: &[Fact]) -> Result<()> {
    append_packed(tx, cx, topic, &pack(facts)?).await
}

/// As [`append`], of facts that are packed already.
///
/// # Errors
/// What the database reports.
pub async fn append_packed(tx: &mut Tx, cx: &Cx, topic: i64, packed: &Packed) -> Result<()> {
    if packed.count == 0 {
        return Ok(());
    }
    let day = cx.now.utc_day().0;
    let key = key::log_key(tx, cx, day).await?;
    let payload = codec::seal(&key, &about(tx.shop(), day), packed, &cx.entropy)?;
    let count = i64::try_from(packed.count).unwrap_or(i64::MAX);
    sql::insert(tx, topic, (cx.now, day, count), payload);
    Ok(())
}

/// Appends what collectors received, of many shops, as [`topic::EVENT`]; durable when this returns.
/// On SQLite it waits for nobody who writes the state.
///
/// # Errors
/// What the database reports; then nothing was appended.
pub async fn receive(cx: &Cx, batches: &[(ShopId, Packed)]) -> Result<()> {
    let day = cx.now.utc_day().0;
    let mut sealed = Vec::with_capacity(batches.len());
    for (shop, packed) in batches {
        let key = key::stored_log_key(&cx.of(*shop), day).await?;
        let payload = codec::seal(&key, &about(*shop, day), packed, &cx.entropy)?;
        sealed.push((*shop, i64::try_from(packed.count).unwrap_or(i64::MAX), payload));
    }
    let mut tx = cx.db().write(Shelf::Intake, crate::sys::NO_SHOP).await?;
    for (shop, count, payload) in sealed {
        tx.set_shop(shop);
        sql::insert(&mut tx, topic::EVENT, (cx.now, day, count), payload);
    }
    tx.commit().await
}

/// Where rows of `topics` lie.
fn shelves(cx: &Cx, topics: i64) -> &'static [Shelf] {
    match cx.db().dialect() {
        Dialect::Sqlite if topics & topic::EVENT != 0 => &[Shelf::State, Shelf::Intake],
        Dialect::Sqlite | Dialect::Postgres => &[Shelf::State],
    }
}

/// A reader's name for its place among the rows of a shelf.
fn place_name(reader: &str, shelf: Shelf) -> Cow<'_, str> {
    match shelf {
        Shelf::State => reader.into(),
        Shelf::Intake => format!("{reader}:intake").into(),
    }
}

/// Rows of `topics` after `after` for `reader`, oldest first: at most [`ROWS_PER_READ_MAX`] and
/// `limit`. Only of those that lie with the state; what collectors received is for readers that
/// [`run`]. Rows that cannot be opened are set aside.
///
/// # Errors
/// What the database reports.
pub async fn read(
    cx: &Cx,
    reader: &str,
    (after, topics, limit): (Position, i64, i64),
) -> Result<Vec<Entry>> {
    let mut tx = crate::sys::read(cx).await?;
    let rows = sql::after(&mut tx, after, topics, limit.min(ROWS_PER_READ_MAX)).await?;
    let keys = keys(&mut tx, cx, &rows).await?;
    drop(tx);
    let (entries, damaged) = opened(rows, &keys);
    reader::bury(cx, reader, damaged).await?;
    Ok(entries)
}

/// Places of the shop's rows after `after`, safe for a reader to pass or not, in their order.
///
/// # Errors
/// What the database reports.
pub async fn places(tx: &mut Tx, after: Position, topics: i64) -> Result<Vec<Position>> {
    sql::places(tx, after, topics).await
}

/// Rows at some places, at most [`ROWS_PER_READ_MAX`]; those that cannot be opened are left out.
///
/// # Errors
/// What the database reports.
pub async fn at(tx: &mut Tx, cx: &Cx, places: &[Position]) -> Result<Vec<Entry>> {
    let rows = sql::at(tx, places).await?;
    let keys = keys(tx, cx, &rows).await?;
    Ok(opened(rows, &keys).0)
}

/// Keys of rows, by shop and day.
type Keys = HashMap<(i64, i64), Option<key::DataKey>>;

async fn keys(tx: &mut Tx, cx: &Cx, rows: &[sql::Stored]) -> Result<Keys> {
    let mut keys = Keys::new();
    for row in rows {
        if let Slot::Vacant(slot) = keys.entry((row.shop_id, row.day)) {
            tx.set_shop(ShopId(row.shop_id));
            slot.insert(key::known_log_key(tx, cx, day_of(row)).await?);
        }
    }
    Ok(keys)
}

fn day_of(row: &sql::Stored) -> i32 {
    i32::try_from(row.day).unwrap_or_default()
}

/// A row that cannot be opened, and why.
#[derive(Debug)]
struct Damaged {
    row: sql::Stored,
    why: Error,
}

/// The rows, opened, and those that cannot be.
fn opened(rows: Vec<sql::Stored>, keys: &Keys) -> (Vec<Entry>, Vec<Damaged>) {
    let (mut entries, mut damaged) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        let (shop, day) = (ShopId(row.shop_id), day_of(&row));
        let key = keys.get(&(row.shop_id, row.day)).and_then(Option::as_ref);
        let key = key.ok_or_else(|| Error::damaged("a row of the log has no key"));
        match key.and_then(|key| codec::open(key, &about(shop, day), &row.payload)) {
            Ok(facts) => entries.push(Entry {
                position: row.position(),
                shop,
                topic: row.topic,
                received_at: Time::from_micros(row.received_at),
                first: 0,
                facts,
            }),
            Err(why) => damaged.push(Damaged { row, why }),
        }
    }
    (entries, damaged)
}

/// Where the rows of `topics` end now, in each place where they lie.
///
/// # Errors
/// What the database reports.
pub async fn ends(cx: &Cx, topics: i64) -> Result<Vec<Position>> {
    let mut ends = Vec::new();
    for &shelf in shelves(cx, topics) {
        let mut tx = cx.db().read(shelf, crate::sys::NO_SHOP).await?;
        ends.push(sql::end(&mut tx, topics).await?);
    }
    Ok(ends)
}

/// Whether a reader of `topics` has passed `ends`, which [`ends`] gave.
///
/// # Errors
/// What the database reports.
pub async fn reached(cx: &Cx, reader: &str, topics: i64, ends: &[Position]) -> Result<bool> {
    for (&shelf, end) in shelves(cx, topics).iter().zip(ends) {
        let mut tx = crate::sys::read(cx).await?;
        if sql::cursor(&mut tx, &place_name(reader, shelf)).await?.position < *end {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How long a reader waits for rows that PostgreSQL holds back, in looks of [`LOOK`].
const LOOKS_MAX: usize = 3_000;
/// How long to wait between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// Waits until rows that are written but not yet safe to read have become so; `false` when there
/// are none. On PostgreSQL a row is safe once every older transaction of the server has ended.
///
/// # Errors
/// `busy` when one stays open for a minute.
pub async fn wait(cx: &Cx, reader: &str, topics: i64) -> Result<bool> {
    for shelf in shelves(cx, topics).iter().filter(|shelf| **shelf != Shelf::State) {
        let mut tx = crate::sys::read(cx).await?;
        let place = sql::cursor(&mut tx, &place_name(reader, *shelf)).await?.position;
        let mut rows = cx.db().read(*shelf, crate::sys::NO_SHOP).await?;
        if sql::written_after(&mut rows, place, topics).await? {
            return Ok(true);
        }
    }
    for _ in 0..LOOKS_MAX {
        let mut tx = crate::sys::read(cx).await?;
        let place = sql::cursor(&mut tx, reader).await?.position;
        if !sql::written_after(&mut tx, place, topics).await? {
            return Ok(false);
        }
        if !sql::after(&mut tx, place, topics, 1).await?.is_empty() {
            return Ok(true);
        }
        drop(tx);
        tokio::time::sleep(LOOK).await;
    }
    Err(Error::new(Code::Busy, "an old transaction on the database server holds the log back")
        .hint("end it (see pg_stat_activity) and run the same command again"))
}

fn about(shop: ShopId, day: i32) -> String {
    format!("log:{shop}:{day}")
}

/// The place of a reader; the beginning of the log for a new one.
///
/// # Errors
/// What the database reports.
pub async fn cursor(tx: &mut Tx, reader: &str) -> Result<Cursor> {
    sql::cursor(tx, reader).await
}

/// Moves a reader on, in the transaction of its effects.
///
/// # Errors
/// `conflict` when the reader is no longer where the caller thinks: another process runs it.
pub async fn advance(tx: &mut Tx, reader: &str, from: Cursor, to: Position) -> Result<Cursor> {
    let next = Cursor { position: to, batch: from.batch, intent: to };
    step(tx, reader, from, next).await
}

/// Announces how far the next batch outside the store will reach, before it is committed there
/// under the number `batch + 1`. After a crash the reader compares that number with what stands
/// outside, and either repeats exactly this batch or only moves on.
///
/// # Errors
/// `conflict` when another process runs the reader.
pub async fn intend(tx: &mut Tx, reader: &str, from: Cursor, to: Position) -> Result<Cursor> {
    step(tx, reader, from, Cursor { intent: to, ..from }).await
}

/// Moves a reader to its intent, after the batch was committed outside.
///
/// # Errors
/// `conflict` when another process runs the reader.
pub async fn settle(tx: &mut Tx, reader: &str, from: Cursor) -> Result<Cursor> {
    let next = Cursor { position: from.intent, batch: from.batch + 1, intent: from.intent };
    step(tx, reader, from, next).await
}

async fn step(tx: &mut Tx, reader: &str, from: Cursor, to: Cursor) -> Result<Cursor> {
    if sql::step(tx, reader, from, to).await? {
        return Ok(to);
    }
    Err(Error::conflict(format!("the reader {reader} is run by another process")))
}

/// A fact that a reader could not take.
#[derive(Debug, Clone)]
pub struct Dead {
    /// Number to name it by.
    pub id: Vec<u8>,
    /// Whose it is.
    pub shop: ShopId,
    /// The reader that gave up.
    pub reader: String,
    /// The log row it came in.
    pub seq: i64,
    /// Its place in that row.
    pub ordinal: i64,
    /// Its kind.
    pub kind: String,
    /// Why.
    pub reason: String,
    /// When.
    pub died_at: Time,
}

/// Rows that [`waiting`] counts at the most.
pub const WAITING_MAX: i64 = 100_000;

/// What a reader has before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Rows, at most [`WAITING_MAX`].
    pub rows: i64,
    /// When the oldest of them was received.
    pub oldest: Option<Time>,
}

/// The rows of `topics` that a reader has before it.
///
/// # Errors
/// What the database reports.
pub async fn waiting(cx: &Cx, reader: &str, topics: i64) -> Result<Waiting> {
    let mut all = Waiting { rows: 0, oldest: None };
    for &shelf in shelves(cx, topics) {
        let place =
            sql::cursor(&mut crate::sys::read(cx).await?, &place_name(reader, shelf)).await?;
        let mut tx = cx.db().read(shelf, crate::sys::NO_SHOP).await?;
        let (rows, oldest) = sql::waiting(&mut tx, place.position, topics, WAITING_MAX).await?;
        all.rows = WAITING_MAX.min(all.rows + rows);
        all.oldest = all.oldest.into_iter().chain(oldest.map(Time::from_micros)).min();
    }
    Ok(all)
}

/// How many facts readers could not take: of every shop, and of the context's.
///
/// # Errors
/// What the database reports.
pub async fn dead_count(cx: &Cx) -> Result<(i64, i64)> {
    sql::dead_count(&mut cx.read().await?).await
}

/// Puts a dead fact at the end of the log again, for every reader of its topic; whether there was
/// such a fact.
///
/// # Errors
/// What the database reports; `damaged` when the fact cannot be opened.
pub async fn replay(cx: &Cx, id: &[u8]) -> Result<bool> {
    let mut tx = crate::sys::write(cx).await?;
    let Some((shop, topic, day, payload)) = sql::take_dead(&mut tx, id).await? else {
        return Ok(false);
    };
    tx.set_shop(shop);
    let key = key::log_key(&mut tx, cx, day).await?;
    let facts = codec::open(&key, &about(shop, day), &payload)?;
    append(&mut tx, cx, topic, &facts).await?;
    tx.commit().await?;
    Ok(true)
}

/// Removes rows that every one of `readers`, each with its topics, has passed and that are older
/// than 30 days, with their keys, and what was set aside so long ago; the number of both.
///
/// # Errors
/// What the database reports.
pub async fn prune(cx: &Cx, readers: &[(&str, i64)]) -> Result<u64> {
    let before = cx.now.plus(-KEEP_MICROS);
    let mut gone = 0;
    for &shelf in shelves(cx, topic::EVENT) {
        let mut tx = crate::sys::read(cx).await?;
        let mut safe: Option<Position> = None;
        for (reader, topics) in readers {
            if shelves(cx, *topics).contains(&shelf) {
                let place = sql::cursor(&mut tx, &place_name(reader, shelf)).await?.position;
                safe = Some(safe.map_or(place, |least| least.min(place)));
            }
        }
        drop(tx);
        gone += prune_shelf(cx, shelf, (safe.unwrap_or_default(), before)).await?;
    }
    gone += prune_dead(cx, before).await?;
    let mut oldest = before.utc_day().0;
    for &shelf in shelves(cx, topic::EVENT) {
        let mut tx = cx.db().read(shelf, crate::sys::NO_SHOP).await?;
        oldest = sql::oldest_day(&mut tx).await?.map_or(oldest, |day| oldest.min(day));
    }
    let mut tx = crate::sys::write(cx).await?;
    sql::prune_keys(&mut tx, oldest).await?;
    tx.commit().await?;
    Ok(gone)
}

async fn prune_dead(cx: &Cx, before: Time) -> Result<u64> {
    let mut gone = 0;
    loop {
        let mut tx = crate::sys::write(cx).await?;
        let some = sql::prune_dead(&mut tx, before, PRUNE_ROWS_MAX).await?;
        tx.commit().await?;
        gone += some;
        if some == 0 {
            return Ok(gone);
        }
    }
}

async fn prune_shelf(cx: &Cx, shelf: Shelf, bounds: (Position, Time)) -> Result<u64> {
    let mut gone = 0;
    loop {
        let mut tx = cx.db().write(shelf, crate::sys::NO_SHOP).await?;
        let some = sql::prune(&mut tx, bounds, PRUNE_ROWS_MAX).await?;
        tx.commit().await?;
        gone += some;
        if some == 0 {
            return Ok(gone);
        }
    }
}
