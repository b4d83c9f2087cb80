//! Running a reader: effects and cursor in one transaction, poison set aside.

use base::{Code, Error, Result, ShopId};

use super::ahead::Ahead;
use super::{Cursor, Damaged, Entry, about, codec, sql};
use crate::{Cx, Tx, key};

/// How often a fact is tried before it is set aside.
pub const ATTEMPTS_MAX: u32 = 3;
/// Characters of a reason that `log_dead` keeps.
const REASON_CHARS_MAX: usize = 500;
/// The kind under which a row that cannot be opened is set aside.
const ROW: &str = "log.row";

/// What one run of a reader did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    /// Rows of the log that were taken.
    pub rows: usize,
    /// Facts in them.
    pub facts: usize,
    /// Facts that were set aside.
    pub dead: usize,
}

/// As [`Ahead::step`], until `limit` rows or a few more are taken, or none is left.
///
/// # Errors
/// As [`Ahead::step`].
pub async fn run<R, W, P, F>(
    cx: &Cx,
    (reader, topics, limit): (&str, i64, i64),
    mut ready: R,
    mut take: F,
) -> Result<Step>
where
    R: AsyncFnMut(&Cx) -> Result<W>,
    W: FnOnce(&[Entry]) -> P + Send + 'static,
    P: Send + 'static,
    F: AsyncFnMut(&mut Tx, &Cx, &[Entry], P) -> Result<()>,
{
    let (mut done, mut ahead) = (Step::default(), Ahead::default());
    let most = usize::try_from(limit).unwrap_or_default();
    loop {
        let step = ahead.step(cx, (reader, topics, limit), &mut ready, &mut take).await?;
        done.rows += step.rows;
        done.facts += step.facts;
        done.dead += step.dead;
        if step.rows == 0 || done.rows >= most {
            return Ok(done);
        }
    }
}

/// For readers that take facts as they are.
///
/// # Errors
/// None.
pub async fn plain(_: &Cx) -> Result<fn(&[Entry])> {
    Ok(|_| ())
}

/// Who reads, and the name of its place among the rows of a shelf.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) name: &'a str,
    pub(super) place: &'a str,
}

/// Whether an error has to do with the surroundings, so that trying later can help.
fn passing(error: &Error) -> bool {
    matches!(error.code, Code::DiskFull | Code::Busy | Code::Timeout)
}

/// What a reader does with facts.
pub(super) struct Work<R, F> {
    pub(super) ready: R,
    pub(super) take: F,
}

impl<R, W, P, F> Work<R, F>
where
    R: AsyncFnMut(&Cx) -> Result<W>,
    W: FnOnce(&[Entry]) -> P + Send + 'static,
    P: Send + 'static,
    F: AsyncFnMut(&mut Tx, &Cx, &[Entry], P) -> Result<()>,
{
    /// Takes entries in one transaction; or, when that cannot be, row by row, and what is in a row
    /// that cannot be taken, fact by fact. Also how many were set aside.
    pub(super) async fn together(
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
            set_aside(&mut tx, cx, reader.name, &[(&one, 0, &error)]).await?;
            dead += 1;
        }
        let next = super::advance(&mut tx, reader.place, place, position).await?;
        tx.commit().await?;
        Ok((next, dead))
    }
}

/// A fact that a reader cannot take: its entry, its place there, and why.
pub type Refused<'a> = (&'a Entry, usize, &'a Error);

/// Sets facts aside that `reader` cannot take: each is shown with its reason, and can be put back.
///
/// # Errors
/// What the database reports.
pub async fn set_aside(tx: &mut Tx, cx: &Cx, reader: &str, refused: &[Refused<'_>]) -> Result<()> {
    if refused.is_empty() {
        return Ok(());
    }
    let day = cx.now.utc_day().0;
    let key = key::log_key(tx, cx, day).await?;
    let about = about(tx.shop(), day);
    let mut rows = Vec::with_capacity(refused.len());
    for (entry, index, error) in refused {
        let Some(fact) = entry.facts.get(*index) else { continue };
        let packed = codec::pack(std::slice::from_ref(fact))?;
        rows.push(sql::Buried {
            id: cx.entropy.bytes::<16>().to_vec(),
            topic: entry.topic,
            seq: entry.position.seq,
            ordinal: i64::try_from(entry.first + index).unwrap_or_default(),
            kind: fact.kind.clone(),
            reason: reason(error),
            day,
            payload: codec::seal(&key, &about, &packed, &cx.entropy)?,
        });
    }
    sql::bury(tx, (reader, cx.now), rows);
    Ok(())
}

fn reason(error: &Error) -> String {
    error.chain().chars().take(REASON_CHARS_MAX).collect()
}

/// Sets rows aside that cannot be opened, as they are: they must not hold up the others. Doing it
/// again changes nothing.
///
/// # Errors
/// What the database reports.
pub(super) async fn bury(cx: &Cx, reader: &str, damaged: Vec<Damaged>) -> Result<()> {
    for Damaged { row, why } in damaged {
        tracing::error!(reader, seq = row.seq, shop = row.shop_id, error = %why.chain(),
            "a row of the log cannot be opened and was set aside");
        // Who reads and the row's number, so that the same row is the same.
        let name = reader.bytes().chain(std::iter::repeat(0)).take(8);
        let buried = sql::Buried {
            id: row.seq.to_be_bytes().into_iter().chain(name).collect(),
            topic: row.topic,
            seq: row.seq,
            ordinal: 0,
            kind: ROW.to_owned(),
            reason: reason(&why),
            day: super::day_of(&row),
            payload: row.payload,
        };
        let mut tx = cx.of(ShopId(row.shop_id)).write().await?;
        sql::bury(&mut tx, (reader, cx.now), vec![buried]);
        tx.commit().await?;
    }
    Ok(())
}
