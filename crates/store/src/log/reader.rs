//! Running a reader: effects and cursor in one transaction, poison set aside.

use base::{Code, Error, Result};

use super::{Cursor, Entry, Fact, about, codec, cursor, read, sql};
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

/// Gives the facts of the next rows of `topics` to `take`, a row a transaction, and moves the
/// cursor of `reader` in it. Returns after at most `limit` rows, or none when all are taken.
///
/// # Errors
/// What `take` reports when it is not the facts' fault: a full disk, a busy or lost database.
pub async fn run<F>(cx: &Cx, reader: &str, topics: i64, limit: i64, mut take: F) -> Result<Step>
where
    F: AsyncFnMut(&mut Tx, &Cx, &Entry, &[Fact]) -> Result<()>,
{
    let mut place = cursor(&mut crate::sys::read(cx).await?, reader).await?;
    let mut done = Step::default();
    for entry in read(cx, place.position, topics, limit).await? {
        let own = cx.of(entry.shop);
        let mut attempt = 1;
        place = loop {
            match whole(&own, reader, place, &entry, &mut take).await {
                Ok(next) => break next,
                Err(error) if passing(&error) => return Err(error),
                Err(_) if attempt < ATTEMPTS_MAX => attempt += 1,
                Err(_) => {
                    let (next, dead) = singly(&own, reader, place, &entry, &mut take).await?;
                    done.dead += dead;
                    break next;
                }
            }
        };
        done.rows += 1;
    }
    Ok(done)
}

/// Whether an error has to do with the surroundings, so that trying later can help.
fn passing(error: &Error) -> bool {
    matches!(error.code, Code::DiskFull | Code::Busy | Code::Timeout)
}

async fn whole<F>(
    cx: &Cx,
    reader: &str,
    place: Cursor,
    entry: &Entry,
    take: &mut F,
) -> Result<Cursor>
where
    F: AsyncFnMut(&mut Tx, &Cx, &Entry, &[Fact]) -> Result<()>,
{
    let mut tx = cx.write().await?;
    take(&mut tx, cx, entry, &entry.facts).await?;
    tx.settle().await?;
    let next = super::advance(&mut tx, reader, place, entry.position).await?;
    tx.commit().await?;
    Ok(next)
}

async fn singly<F>(
    cx: &Cx,
    reader: &str,
    place: Cursor,
    entry: &Entry,
    take: &mut F,
) -> Result<(Cursor, usize)>
where
    F: AsyncFnMut(&mut Tx, &Cx, &Entry, &[Fact]) -> Result<()>,
{
    let mut tx = cx.write().await?;
    let mut dead = 0;
    for (ordinal, fact) in entry.facts.iter().enumerate() {
        tx.savepoint().await?;
        let taken = take(&mut tx, cx, entry, std::slice::from_ref(fact)).await;
        let settled = tx.settle().await;
        let Err(error) = taken.and(settled) else {
            tx.keep().await?;
            continue;
        };
        if passing(&error) {
            return Err(error);
        }
        tx.undo().await?;
        tracing::warn!(reader, seq = entry.position.seq, ordinal, kind = %fact.kind,
            error = %error.chain(), "a fact was set aside");
        set_aside(&mut tx, cx, reader, (entry, ordinal, fact), &error).await?;
        dead += 1;
    }
    let next = super::advance(&mut tx, reader, place, entry.position).await?;
    tx.commit().await?;
    Ok((next, dead))
}

/// Sets a fact aside that `reader` cannot take: it is shown with its reason, and can be put back.
///
/// # Errors
/// What the database reports.
pub async fn set_aside(
    tx: &mut Tx,
    cx: &Cx,
    reader: &str,
    (entry, ordinal, fact): (&Entry, usize, &Fact),
    error: &Error,
) -> Result<()> {
    let day = cx.now.utc_day().0;
    let key = key::log_key(tx, cx, day).await?;
    let facts = std::slice::from_ref(fact);
    let packed = codec::pack(facts)?;
    let payload = codec::seal(&key, &about(tx.shop(), day), &packed, &cx.entropy)?;
    let reason: String = error.chain().chars().take(REASON_CHARS_MAX).collect();
    let id = cx.entropy.bytes::<16>().to_vec();
    let ordinal = i64::try_from(ordinal).unwrap_or_default();
    let place = (entry, ordinal, fact);
    sql::bury(tx, reader, place, (id, &reason, cx.now, day), payload).await
}
