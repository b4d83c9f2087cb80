//! Rows on their way to a reader.

use std::collections::VecDeque;

use base::{Aside, Result, ShopId, aside};

use super::reader::{Reader, Step, Work};
use super::sql::{self, Stored};
use super::{Cursor, Damaged, Entry, Position, cursor, reader, topic};
use crate::db::Shelf;
use crate::{Cx, Tx};

/// Entries with what was worked out from them.
type Begun<P> = Aside<(Vec<Entry>, Vec<Damaged>, P)>;

/// What a reader takes next is read, opened and worked out on another thread while it takes what
/// came before. Whoever keeps it between steps never waits for the first.
#[derive(Debug)]
pub struct Ahead<P> {
    /// Of each of the log's files.
    lines: Vec<Line<P>>,
}

impl<P> Default for Ahead<P> {
    fn default() -> Self {
        Self { lines: Vec::new() }
    }
}

/// The rows of a file.
#[derive(Debug)]
struct Line<P> {
    /// Where the reader is when all went well; none when it must be asked.
    taken: Option<Position>,
    /// How far rows are read.
    read: Position,
    rows: VecDeque<Stored>,
    begun: Option<Begun<P>>,
}

impl<P> Line<P> {
    fn after(place: Position) -> Self {
        Self { taken: Some(place), read: place, rows: VecDeque::new(), begun: None }
    }
}

impl<P: Send + 'static> Ahead<P> {
    /// Gives the facts of the next rows of `topics` to `take` and moves the cursor of `reader` in
    /// the same transaction, once for each of the log's files. Rows of one shop's collectors that
    /// follow each other are taken together, up to
    /// [`JOINED_FACTS_MAX`](super::JOINED_FACTS_MAX) facts; every other row by itself. `limit` rows
    /// are read at once.
    ///
    /// What can be worked out without the database is worked out while the rows before are taken:
    /// `ready` gives the work for the facts of a shop, and `take` gets what came of it.
    /// [`plain`](super::plain) is for readers that need none.
    ///
    /// # Errors
    /// What `take` reports when it is not the facts' fault: a full disk, a busy or lost database.
    pub async fn step<R, W, F>(
        &mut self,
        cx: &Cx,
        (reader, topics, limit): (&str, i64, i64),
        ready: R,
        take: F,
    ) -> Result<Step>
    where
        R: AsyncFnMut(&Cx) -> Result<W>,
        W: FnOnce(&[Entry]) -> P + Send + 'static,
        F: AsyncFnMut(&mut Tx, &Cx, &[Entry], P) -> Result<()>,
    {
        let mut done = Step::default();
        let mut work = Work { ready, take };
        for (index, &shelf) in super::shelves(cx, topics).iter().enumerate() {
            let reader = Reader { name: reader, place: &super::place_name(reader, shelf) };
            let place = cursor(&mut crate::sys::read(cx).await?, reader.place).await?;
            if self.lines.len() <= index {
                self.lines.push(Line::after(place.position));
            }
            let Some(line) = self.lines.get_mut(index) else { continue };
            if line.taken.take() != Some(place.position) {
                *line = Line::after(place.position);
            }
            let source = (shelf, topics, limit.min(super::ROWS_PER_READ_MAX));
            line.begin(cx, source, &mut work).await?;
            if let Some(begun) = line.begun.take() {
                let (entries, damaged, prepared) = begun.done().await?;
                line.begin(cx, source, &mut work).await?;
                done.rows += entries.len() + damaged.len();
                done.facts += entries.iter().map(|entry| entry.facts.len()).sum::<usize>();
                done.dead += damaged.len();
                let last = damaged.last().map(|one| one.row.position());
                reader::bury(cx, reader.place, damaged).await?;
                let mut next = place;
                if let Some(shop) = entries.first().map(|entry| entry.shop) {
                    let all = (entries, prepared);
                    let taken = work.together(&cx.of(shop), reader, place, all).await?;
                    (next, done.dead) = (taken.0, done.dead + taken.1);
                }
                if let Some(last) = last.filter(|last| *last > next.position) {
                    next = passed(cx, reader, next, last).await?;
                }
                line.taken = Some(next.position);
            } else {
                line.taken = Some(place.position);
            }
        }
        Ok(done)
    }
}

impl<P: Send + 'static> Line<P> {
    /// Begins with the next rows, unless some are begun or there are none.
    async fn begin<R, W, F>(
        &mut self,
        cx: &Cx,
        (shelf, topics, limit): (Shelf, i64, i64),
        work: &mut Work<R, F>,
    ) -> Result<()>
    where
        R: AsyncFnMut(&Cx) -> Result<W>,
        W: FnOnce(&[Entry]) -> P + Send + 'static,
    {
        if self.begun.is_some() {
            return Ok(());
        }
        if self.rows.iter().map(|row| row.count).sum::<i64>() < super::JOINED_FACTS_MAX {
            let mut tx = cx.db().read(shelf, crate::sys::NO_SHOP).await?;
            let more = sql::after(&mut tx, self.read, topics, limit).await?;
            self.read = more.last().map_or(self.read, Stored::position);
            self.rows.extend(more);
        }
        let rows = joined(&mut self.rows);
        let Some(shop) = rows.first().map(|row| ShopId(row.shop_id)) else { return Ok(()) };
        let keys = super::keys(&mut crate::sys::read(cx).await?, cx, &rows).await?;
        let prepare = (work.ready)(&cx.of(shop)).await?;
        // A thread of its own each time: what it makes is dropped by others, and an allocator's
        // heap from which others free slows down.
        let begun = aside("ahead", move || {
            let (entries, damaged) = super::opened(rows, &keys);
            let prepared = prepare(&entries);
            (entries, damaged, prepared)
        });
        self.begun = Some(begun?);
        Ok(())
    }
}

/// Moves a reader past rows that were set aside.
async fn passed(cx: &Cx, reader: Reader<'_>, place: Cursor, last: Position) -> Result<Cursor> {
    let mut tx = crate::sys::write(cx).await?;
    let next = super::advance(&mut tx, reader.place, place, last).await?;
    tx.commit().await?;
    Ok(next)
}

/// Takes out the first rows that one transaction takes, in their order.
fn joined(rows: &mut VecDeque<Stored>) -> Vec<Stored> {
    let Some(first) = rows.pop_front() else { return Vec::new() };
    let mut facts = first.count;
    let mut own = vec![first];
    while let (Some(last), Some(row)) = (own.last(), rows.front()) {
        facts += row.count;
        let same = row.topic == topic::EVENT
            && (last.topic, last.shop_id) == (row.topic, row.shop_id)
            && facts <= super::JOINED_FACTS_MAX;
        if !same {
            break;
        }
        own.extend(rows.pop_front());
    }
    own
}
