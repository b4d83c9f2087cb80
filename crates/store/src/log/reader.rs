//! Running a reader: effects and cursor in one transaction, poison set aside.

use base::{Code, Error, Result, ShopId};
use tokio::task::{JoinHandle, spawn_blocking};

use super::sql::Stored;
use super::{Cursor, Entry, about, codec, cursor, sql, topic};
use crate::{Cx, Tx, key};

/// How often a fact is tried before it is set aside.
pub const ATTEMPTS_MAX: u32 = 3;
/// Characters of a reason that `log_dead` keeps.
const REASON_CHARS_MAX: usize = 500;

/// What one run of a reader did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    /// Rows of the log that were taken.
    pub rows: usize,
    /// Facts that were set aside.
    pub dead: usize,
}

/// Gives the facts of the next rows of `topics` to `take` and moves the cursor of `reader` in the
/// same transaction. Returns after at most `limit` rows of each of the log's files, or none when
/// all are taken. Rows of one shop's collectors that follow each other are taken together, up to
/// [`JOINED_FACTS_MAX`](super::JOINED_FACTS_MAX) facts; every other row has a transaction of its
/// own.
///
/// What can be worked out without the database is worked out on a thread of its own, while the rows
/// before are taken: `ready` gives the work for the facts of a shop, and `take` gets what came of
/// it. [`plain`] is for readers that need none.
///
/// # Errors
/// What `take` reports when it is not the facts' fault: a full disk, a busy or lost database.
pub async fn run<R, W, P, F>(
    cx: &Cx,
    (reader, topics, limit): (&str, i64, i64),
    ready: R,
    take: F,
) -> Result<Step>
where
    R: AsyncFnMut(&Cx) -> Result<W>,
    W: FnOnce(&[Entry]) -> P + Send + 'static,
    P: Send + 'static,
    F: AsyncFnMut(&mut Tx, &Cx, &[Entry], P) -> Result<()>,
{
    let mut done = Step::default();
    let limit = limit.min(super::ROWS_PER_READ_MAX);
    let mut work = Work { ready, take };
    for &shelf in super::shelves(cx, topics) {
        let reader = Reader { name: reader, place: &super::place_name(reader, shelf) };
        let mut place = cursor(&mut crate::sys::read(cx).await?, reader.place).await?;
        let mut tx = cx.db().read(shelf, crate::sys::NO_SHOP).await?;
        let rows = sql::after(&mut tx, place.position, topics, limit).await?;
        drop(tx);
        let mut groups = joined(rows).into_iter();
        let mut next = work.begin(cx, groups.next()).await?;
        while let Some(begun) = next {
            let (entries, prepared) = begun.await.map_err(stopped)??;
            next = work.begin(cx, groups.next()).await?;
            let Some(shop) = entries.first().map(|entry| entry.shop) else { continue };
            done.rows += entries.len();
            let dead;
            (place, dead) = work.together(&cx.of(shop), reader, place, (entries, prepared)).await?;
            done.dead += dead;
        }
    }
    Ok(done)
}

/// For readers that take facts as they are.
///
/// # Errors
/// None.
pub async fn plain(_: &Cx) -> Result<fn(&[Entry])> {
    Ok(|_| ())
}

fn stopped(cause: tokio::task::JoinError) -> Error {
    Error::internal("a worker stopped", cause)
}

/// Who reads, and the name of its place among the rows of a shelf.
#[derive(Debug, Clone, Copy)]
struct Reader<'a> {
    name: &'a str,
    place: &'a str,
}

/// Rows that one transaction takes, in their order.
fn joined(rows: Vec<Stored>) -> Vec<Vec<Stored>> {
    let mut groups: Vec<Vec<Stored>> = Vec::new();
    let mut facts = 0;
    for row in rows {
        let same = |last: &Stored| {
            row.topic == topic::EVENT
                && (last.topic, last.shop_id) == (row.topic, row.shop_id)
                && facts + row.count <= super::JOINED_FACTS_MAX
        };
        match groups.last_mut() {
            Some(group) if group.last().is_some_and(same) => {
                facts += row.count;
                group.push(row);
            }
            _ => {
                facts = row.count;
                groups.push(vec![row]);
            }
        }
    }
    groups
}

/// Whether an error has to do with the surroundings, so that trying later can help.
fn passing(error: &Error) -> bool {
    matches!(error.code, Code::DiskFull | Code::Busy | Code::Timeout)
}

/// What a reader does with facts.
struct Work<R, F> {
    ready: R,
    take: F,
}

impl<R, W, P, F> Work<R, F>
where
    R: AsyncFnMut(&Cx) -> Result<W>,
    W: FnOnce(&[Entry]) -> P + Send + 'static,
    P: Send + 'static,
    F: AsyncFnMut(&mut Tx, &Cx, &[Entry], P) -> Result<()>,
{
    /// Opens rows and works out what can be on a thread of its own.
    async fn begin(
        &mut self,
        cx: &Cx,
        rows: Option<Vec<Stored>>,
    ) -> Result<Option<JoinHandle<Result<(Vec<Entry>, P)>>>> {
        let Some(rows) = rows else { return Ok(None) };
        let Some(shop) = rows.first().map(|row| ShopId(row.shop_id)) else { return Ok(None) };
        let keys = super::keys(&mut crate::sys::read(cx).await?, cx, &rows).await?;
        let work = (self.ready)(&cx.of(shop)).await?;
        Ok(Some(spawn_blocking(move || {
            let entries = super::opened(rows, &keys)?;
            let prepared = work(&entries);
            Ok((entries, prepared))
        })))
    }

    /// Takes entries in one transaction; or, when that cannot be, row by row, and what is in a row
    /// that cannot be taken, fact by fact. Also how many were set aside.
    async fn together(
        &mut self,
        cx: &Cx,
        reader: Reader<'_>,
        mut place: Cursor,
        (entries, prepared): (Vec<Entry>, P),
    ) -> Result<(Cursor, usize)> {
        let mut prepared = Some(prepared);
        for _ in 0..ATTEMPTS_MAX {
            match self.whole(cx, reader, place, (&entries, prepared.take())).await {
                Ok(next) => return Ok((next, 0)),
                Err(error) if passing(&error) => return Err(error),
                Err(_) => {}
            }
        }
        let (mut dead, alone) = (0, entries.len() == 1);
        for entry in entries {
            let own = if alone {
                None
            } else {
                let own = std::slice::from_ref(&entry);
                let own = self.whole(cx, reader, place, (own, None)).await;
                own.map(Some)
                    .or_else(|error| if passing(&error) { Err(error) } else { Ok(None) })?
            };
            place = match own {
                Some(next) => next,
                None => {
                    let (next, more) = self.singly(cx, reader, place, entry).await?;
                    dead += more;
                    next
                }
            };
        }
        Ok((place, dead))
    }

    async fn whole(
        &mut self,
        cx: &Cx,
        reader: Reader<'_>,
        place: Cursor,
        (entries, prepared): (&[Entry], Option<P>),
    ) -> Result<Cursor> {
        let Some(reach) = entries.last().map(|entry| entry.position) else { return Ok(place) };
        let prepared = match prepared {
            Some(prepared) => prepared,
            None => (self.ready)(cx).await?(entries),
        };
        let mut tx = cx.write().await?;
        (self.take)(&mut tx, cx, entries, prepared).await?;
        tx.settle().await?;
        let next = super::advance(&mut tx, reader.place, place, reach).await?;
        tx.commit().await?;
        Ok(next)
    }

    async fn singly(
        &mut self,
        cx: &Cx,
        reader: Reader<'_>,
        place: Cursor,
        entry: Entry,
    ) -> Result<(Cursor, usize)> {
        let mut tx = cx.write().await?;
        let mut dead = 0;
        let Entry { position, facts, .. } = entry;
        for (ordinal, fact) in facts.into_iter().enumerate() {
            let one = Entry { first: ordinal, facts: vec![fact], ..entry };
            let own = std::slice::from_ref(&one);
            let prepared = (self.ready)(cx).await?(own);
            tx.savepoint().await?;
            let taken = (self.take)(&mut tx, cx, own, prepared).await;
            let settled = tx.settle().await;
            let Err(error) = taken.and(settled) else {
                tx.keep().await?;
                continue;
            };
            if passing(&error) {
                return Err(error);
            }
            tx.undo().await?;
            let Some(fact) = one.facts.first() else { continue };
            tracing::warn!(reader = reader.name, seq = position.seq, ordinal, kind = %fact.kind,
                error = %error.chain(), "a fact was set aside");
            set_aside(&mut tx, cx, reader.name, (&one, 0), &error).await?;
            dead += 1;
        }
        let next = super::advance(&mut tx, reader.place, place, position).await?;
        tx.commit().await?;
        Ok((next, dead))
    }
}

/// Sets the fact at `index` of an entry aside, which `reader` cannot take: it is shown with its
/// reason, and can be put back.
///
/// # Errors
/// What the database reports.
pub async fn set_aside(
    tx: &mut Tx,
    cx: &Cx,
    reader: &str,
    (entry, index): (&Entry, usize),
    error: &Error,
) -> Result<()> {
    let Some(fact) = entry.facts.get(index) else { return Ok(()) };
    let day = cx.now.utc_day().0;
    let key = key::log_key(tx, cx, day).await?;
    let facts = std::slice::from_ref(fact);
    let packed = codec::pack(facts)?;
    let payload = codec::seal(&key, &about(tx.shop(), day), &packed, &cx.entropy)?;
    let reason: String = error.chain().chars().take(REASON_CHARS_MAX).collect();
    let id = cx.entropy.bytes::<16>().to_vec();
    let ordinal = i64::try_from(entry.first + index).unwrap_or_default();
    let place = (entry, ordinal, fact);
    sql::bury(tx, reader, place, (id, &reason, cx.now, day), payload).await
}
