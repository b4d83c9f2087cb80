//! What waits in the log for the relay, as rows that queries read beside the lake's files.
//!
//! A row of the log never changes, so it is opened once and remembered while it waits: whoever asks
//! next opens only what came meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{Result, ShopId};
use lake::{BOT_EVENTS, EVENTS, ORDER_LINES, Tail};
use store::log::{self, Cursor, Entry, Position, topic};
use store::{Cx, Remembered, Tx};

use crate::history::{Pending, Told};

/// Bytes that are remembered of all shops at the most.
const REMEMBERED_BYTES_MAX: usize = 64 << 20;

/// What each row of a shop's log holds, by its place.
type Parts = BTreeMap<Position, Arc<Told<Tail>>>;

fn bytes(part: &Told<Tail>) -> usize {
    part.lines.bytes() + part.events.bytes() + part.bots.bytes()
}

/// What waits after the relay's cursor, and how many rows of it are in the batch that the relay has
/// announced; all of them where it has announced none.
///
/// # Errors
/// What the database reports; `damaged` for a row that is not as it was written.
pub(crate) async fn of(tx: &mut Tx, cx: &Cx, cursor: Cursor) -> Result<(Told<Tail>, Told<usize>)> {
    let places = log::places(tx, cursor.position, topic::HISTORY).await?;
    let memo = tx.memo::<Remembered<ShopId, Parts>>().unwrap_or_default();
    let mut known = memo.get(&cx.shop).unwrap_or_default();
    let missing: Vec<Position> =
        places.iter().filter(|place| !known.contains_key(place)).copied().collect();
    let step = usize::try_from(log::ROWS_PER_READ_MAX).unwrap_or(1);
    for some in missing.chunks(step) {
        for entry in log::at(tx, cx, some).await? {
            known.insert(entry.position, Arc::new(part(cx.shop, &entry)?));
        }
    }
    let (mut tail, mut next, mut parts) = (Told::<Tail>::default(), None, Parts::new());
    for place in places {
        let Some(part) = known.remove(&place) else { continue };
        if place > cursor.intent {
            next = next.or_else(|| Some(rows(&tail)));
        }
        tail.lines.extend(&part.lines);
        tail.events.extend(&part.events);
        tail.bots.extend(&part.bots);
        parts.insert(place, part);
    }
    let size = |parts: &Parts| parts.values().map(|part| bytes(part)).sum();
    memo.keep(cx.shop, parts, (REMEMBERED_BYTES_MAX, size));
    let next = next.unwrap_or_else(|| rows(&tail));
    Ok((tail, next))
}

fn rows(tail: &Told<Tail>) -> Told<usize> {
    Told { lines: tail.lines.rows(), events: tail.events.rows(), bots: tail.bots.rows() }
}

fn part(shop: ShopId, entry: &Entry) -> Result<Told<Tail>> {
    let mut pending = Pending::new(shop.0);
    for fact in &entry.facts {
        pending.add(fact)?;
    }
    let Told { lines, events, bots } = pending.into_columns()?;
    Ok(Told {
        lines: Tail::of(&ORDER_LINES, shop, lines)?,
        events: Tail::of(&EVENTS, shop, events)?,
        bots: Tail::of(&BOT_EVENTS, shop, bots)?,
    })
}
