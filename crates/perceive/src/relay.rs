//! The relay: from facts in the log to files in the lake, each row once.
//!
//! The lake cannot share a transaction with the store. So the relay first announces in the store
//! how far its next batch reaches, then commits the batch to the lake under that batch's number,
//! then moves its cursor. After a crash the number in the lake tells whether the announced batch
//! is there; if it is not, exactly the same batch is written again.
//!
//! The same numbers tell a reader which rows of the log the lake holds already, for each table by
//! itself: [`pinned`].

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use base::{Result, ShopId};
use lake::{
    BOT_EVENTS, Cursor as LakeCursor, EVENTS, Fresh, Lake, Moment, ORDER_LINES, Since, Table,
};
use store::log::{self, Cursor, Entry, Position, topic};
use store::{Cx, Tx, counter, sys};

use crate::history::{Pending, Told};
use crate::{identity, import, interaction, order, privacy, tail};

/// The reader's name, here and in the lake.
pub const READER: &str = "relay";
/// Rows of a batch: files of this size are worth sorting and still fit into memory easily.
const BATCH_ROWS_MAX: usize = 600_000;
/// Bytes of facts of a batch: events are many times as large as lines, and a batch is held several
/// times over while it is sorted and written.
const BATCH_BYTES_MAX: usize = 16 << 20;
/// How long the relay rests between batches.
const REST: Duration = Duration::from_secs(1);
/// Rows of a batch that make a file worth its while, whatever comes next.
const BUSY_ROWS: usize = 10_000;
/// How long it rests after such a batch.
const REST_WHEN_BUSY: Duration = Duration::from_millis(100);
/// Tails that a reader takes before it gives up.
const TAILS_MAX: u32 = 20;

/// What a step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    /// Rows that it moved.
    pub rows: Told<usize>,
    /// Whether more may wait than one batch holds.
    pub more: bool,
}

impl Moved {
    /// How long what comes may wait for more before the next step: a file for each event would be
    /// too small, and queries see what waits in the log anyway.
    #[must_use]
    pub fn rest(self) -> Duration {
        match self {
            Self { more: true, .. } => Duration::ZERO,
            Self { rows, .. } if rows.sum() >= BUSY_ROWS => REST_WHEN_BUSY,
            Self { .. } => REST,
        }
    }
}

/// Moves what waits into the lake, batch by batch.
#[derive(Debug)]
pub struct Relay {
    /// Rows of a batch at the most.
    rows_max: usize,
    /// Rows that are announced as soon as they wait when a batch is done.
    busy_rows: usize,
    /// What is announced and goes next.
    next: Option<Batch>,
}

impl Default for Relay {
    fn default() -> Self {
        Self::of(BATCH_ROWS_MAX, BUSY_ROWS)
    }
}

/// Rows that go into the lake together.
#[derive(Debug)]
struct Batch {
    shops: BTreeMap<i64, Pending>,
    cursor: Cursor,
    /// Whether more may wait than it holds.
    more: bool,
}

impl Relay {
    /// One whose batches have so many rows at the most, and that goes on at once where so many
    /// wait.
    #[must_use]
    pub fn of(rows_max: usize, busy_rows: usize) -> Self {
        Self { rows_max, busy_rows, next: None }
    }

    /// Forgets what was announced: whoever goes on reads it again.
    pub fn pause(&mut self) -> Moved {
        self.next = None;
        Moved::default()
    }

    /// Moves the next batch into the lake.
    ///
    /// # Errors
    /// What the store or the lake reports; what was not moved stays where it is.
    pub async fn step(&mut self, cx: &Cx, lake: &Lake) -> Result<Moved> {
        let Some(Batch { shops, cursor, more }) = self.begin(cx).await? else {
            return Ok(Moved::default());
        };
        let rows = rows(&shops);
        write(lake, shops, cursor).await?;
        // Whoever writes to the store waits for the fold, so what follows at once is announced
        // with what is done.
        let (shops, reach, after) = collect(cx, cursor.intent, Err(self.rows_max)).await?;
        let mut tx = sys::write(cx).await?;
        let mut cursor = log::settle(&mut tx, READER, cursor).await?;
        let busy = self::rows(&shops).sum() >= self.busy_rows;
        if busy {
            cursor = log::intend(&mut tx, READER, cursor, reach).await?;
        }
        tx.commit().await?;
        self.next = busy.then_some(Batch { shops, cursor, more: after });
        Ok(Moved { rows, more: more || busy })
    }

    /// What was announced, or else what waits now.
    async fn begin(&mut self, cx: &Cx) -> Result<Option<Batch>> {
        if let Some(next) = self.next.take() {
            return Ok(Some(next));
        }
        let cursor = log::cursor(&mut sys::read(cx).await?, READER).await?;
        if cursor.intent != cursor.position {
            let (shops, ..) = collect(cx, cursor.position, Ok(cursor.intent)).await?;
            return Ok(Some(Batch { shops, cursor, more: true }));
        }
        let (shops, reach, more) = collect(cx, cursor.position, Err(self.rows_max)).await?;
        if reach == cursor.position {
            return Ok(None);
        }
        let mut tx = sys::write(cx).await?;
        let cursor = log::intend(&mut tx, READER, cursor, reach).await?;
        tx.commit().await?;
        Ok(Some(Batch { shops, cursor, more }))
    }
}

fn rows(shops: &BTreeMap<i64, Pending>) -> Told<usize> {
    shops.values().map(Pending::rows).sum()
}

/// Moves everything that waits into the lake; the number of rows.
///
/// # Errors
/// What the store or the lake reports; what was not moved stays where it is.
pub async fn flush(cx: &Cx, lake: &Lake) -> Result<usize> {
    let (mut relay, mut rows) = (Relay::default(), 0);
    loop {
        let moved = relay.step(cx, lake).await?;
        rows += moved.rows.sum();
        if moved == Moved::default() && !log::wait(cx, READER, topic::HISTORY).await? {
            return Ok(rows);
        }
    }
}

/// The rows after `after`: up to a place, or as many as make a batch; how far they reach, and
/// whether more may wait.
async fn collect(
    cx: &Cx,
    after: Position,
    until: Result<Position, usize>,
) -> Result<(BTreeMap<i64, Pending>, Position, bool)> {
    let mut shops: BTreeMap<i64, Pending> = BTreeMap::new();
    let (mut reach, mut rows, mut bytes) = (after, 0, 0);
    loop {
        let next = (reach, topic::HISTORY, log::ROWS_PER_READ_MAX);
        let entries = log::read(cx, READER, next).await?;
        if entries.is_empty() {
            return Ok((shops, reach, false));
        }
        for entry in entries {
            if until.is_ok_and(|until| entry.position > until) {
                return Ok((shops, reach, true));
            }
            rows += add(&mut shops, &entry)?;
            bytes += entry.facts.iter().map(|fact| fact.body.len()).sum::<usize>();
            reach = entry.position;
            if until.is_err_and(|most| rows >= most || bytes >= BATCH_BYTES_MAX) {
                return Ok((shops, reach, true));
            }
        }
    }
}

fn add(shops: &mut BTreeMap<i64, Pending>, entry: &Entry) -> Result<usize> {
    let pending = shops.entry(entry.shop.0).or_insert_with(|| Pending::new(entry.shop.0));
    let before = pending.rows().sum();
    for fact in &entry.facts {
        pending.add(fact)?;
    }
    Ok(pending.rows().sum() - before)
}

async fn write(lake: &Lake, shops: BTreeMap<i64, Pending>, cursor: Cursor) -> Result<()> {
    for (shop, pending) in shops {
        let app = app(ShopId(shop));
        let at = LakeCursor { app: &app, version: cursor.batch + 1 };
        let Told { lines, events, bots } = pending.into_columns()?;
        for (table, rows) in [(&ORDER_LINES, lines), (&EVENTS, events), (&BOT_EVENTS, bots)] {
            if rows.rows() > 0 {
                lake.append(table, rows, at).await?;
            }
        }
    }
    Ok(())
}

/// Gives `work` what is newer than the lake's files; and again, newer still, when the relay moved
/// on before `work` had pinned the lake. The only way to read the lake of a shop: every row is seen
/// once, whatever is moved meanwhile.
///
/// # Errors
/// What `work` or the store reports; `busy` when rows move faster than they can be read.
pub async fn pinned<T, W>(cx: &Cx, mut work: impl FnMut(Moment) -> W) -> Result<T>
where
    W: Future<Output = Result<T>>,
{
    let mut tails = 1;
    loop {
        match work(moment(cx).await?).await {
            Err(error) if lake::is_stale(&error) && tails < TAILS_MAX => tails += 1,
            done => return done,
        }
    }
}

/// Writes down for outside readers of the lake what the store knows beside its files.
///
/// # Errors
/// What the store or the file system reports.
pub async fn publish(cx: &Cx, lake: &Lake) -> Result<()> {
    lake.publish(cx.shop, &moment(cx).await?)
}

/// What the store knows beside the lake's files, of one moment.
async fn moment(cx: &Cx) -> Result<Moment> {
    let mut tx = cx.read().await?;
    let cursor = log::cursor(&mut tx, READER).await?;
    let (tail, next) = tail::of(&mut tx, cx, cursor).await?;
    let announced = cursor.intent != cursor.position;
    let (app, state) = (app(cx.shop), state(&mut tx).await?);
    let since = |next| {
        let next = announced.then_some(next);
        Some(Since { app: app.clone(), version: cursor.batch, next, state })
    };
    let redirect = identity::redirect(&mut tx).await?;
    let visitors = identity::visitors(&mut tx).await?;
    let gone = superseded(&mut tx, &ORDER_LINES).await?;
    let forgotten = superseded(&mut tx, &EVENTS).await?;
    let moved: HashMap<i64, i64> = redirect.iter().copied().collect();
    let person = |(order, label)| (order, moved.get(&label).copied().unwrap_or(label));
    let buyers = interaction::buyers(&mut tx).await?.into_iter().map(person).collect();
    let hidden: Arc<[String]> = privacy::get(&mut tx).await?.events.into();
    let Told { lines, events, bots } = tail;
    let fresh = |tail, next| Fresh {
        tail,
        since: since(next),
        redirect: Arc::clone(&redirect),
        visitors,
        hidden: Arc::clone(&hidden),
        ..Fresh::default()
    };
    Ok(Moment {
        lines: Fresh { superseded: gone, ..fresh(lines, next.lines) },
        events: Fresh { superseded: forgotten, buyers, ..fresh(events, next.events) },
        bots: Fresh { redirect: Arc::default(), ..fresh(bots, next.bots) },
    })
}

/// The relay's name for a shop's rows in the lake.
fn app(shop: ShopId) -> String {
    format!("{READER}:{shop}")
}

/// The version of the shop's state. Whatever supersedes rows takes a new one.
pub(crate) async fn state(tx: &mut Tx) -> Result<i64> {
    counter::last(tx, "version").await
}

/// What a table's epochs are of, and the least epoch of which rows still exist: orders whose lines
/// were told anew, and sources that were undone.
pub(crate) async fn superseded(tx: &mut Tx, table: &Table) -> Result<Vec<(i64, i32)>> {
    if table.name == BOT_EVENTS.name {
        return Ok(Vec::new());
    }
    if table.name == EVENTS.name {
        let sources = import::forgotten(tx).await?;
        return Ok(sources.into_iter().map(|source| (source, 1)).collect());
    }
    let epoch = |(order, epoch): (i64, i64)| (order, i32::try_from(epoch).unwrap_or(i32::MAX));
    Ok(order::superseded(tx).await?.into_iter().map(epoch).collect())
}
