//! The relay: from facts in the log to files in the lake, each row once.
//!
//! The lake cannot share a transaction with the store. So the relay first announces in the store
//! how far its next batch reaches, then commits the batch to the lake under that batch's number,
//! then moves its cursor. After a crash the number in the lake tells whether the announced batch
//! is there; if it is not, exactly the same batch is written again.

use std::collections::BTreeMap;

use base::{Result, ShopId};
use lake::{Cursor as LakeCursor, EVENTS, Fresh, Lake, ORDER_LINES, Table};
use store::log::{self, Cursor, Entry, Position, topic};
use store::{Cx, sys};

use crate::history::Pending;
use crate::{identity, order};

/// The reader's name, here and in the lake.
pub const READER: &str = "relay";
/// Rows of a batch: files of this size are worth sorting and still fit into memory easily.
pub const BATCH_ROWS_MAX: usize = 600_000;

/// Moves everything that waits into the lake; the number of rows.
///
/// # Errors
/// What the store or the lake reports; what was not moved stays where it is.
pub async fn flush(cx: &Cx, lake: &Lake) -> Result<usize> {
    let mut rows = 0;
    loop {
        let moved = step(cx, lake).await?;
        rows += moved;
        if moved == 0 && !log::wait(cx, READER, topic::HISTORY).await? {
            return Ok(rows);
        }
    }
}

/// Moves the next batch into the lake; the number of rows, 0 when nothing waits.
///
/// # Errors
/// What the store or the lake reports.
pub async fn step(cx: &Cx, lake: &Lake) -> Result<usize> {
    let cursor = log::cursor(&mut sys::read(cx).await?, READER).await?;
    let (shops, cursor) = if cursor.intent == cursor.position {
        let (shops, reach) = collect(cx, cursor.position, None).await?;
        if reach == cursor.position {
            return Ok(0);
        }
        let mut tx = sys::write(cx).await?;
        let cursor = log::intend(&mut tx, READER, cursor, reach).await?;
        tx.commit().await?;
        (shops, cursor)
    } else {
        (collect(cx, cursor.position, Some(cursor.intent)).await?.0, cursor)
    };
    let rows = shops.values().map(Pending::rows).sum();
    write(lake, shops, cursor).await?;
    let mut tx = sys::write(cx).await?;
    log::settle(&mut tx, READER, cursor).await?;
    tx.commit().await?;
    Ok(rows)
}

/// The rows after `after`: up to `until`, or as many as make a batch; and how far they reach.
async fn collect(
    cx: &Cx,
    after: Position,
    until: Option<Position>,
) -> Result<(BTreeMap<i64, Pending>, Position)> {
    let mut shops: BTreeMap<i64, Pending> = BTreeMap::new();
    let (mut reach, mut rows) = (after, 0);
    'all: loop {
        let entries = log::read(cx, reach, topic::HISTORY, log::ROWS_PER_READ_MAX).await?;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            if until.is_some_and(|until| entry.position > until) {
                break 'all;
            }
            rows += add(&mut shops, &entry)?;
            reach = entry.position;
            if until.is_none() && rows >= BATCH_ROWS_MAX {
                break 'all;
            }
        }
    }
    Ok((shops, reach))
}

fn add(shops: &mut BTreeMap<i64, Pending>, entry: &Entry) -> Result<usize> {
    let pending = shops.entry(entry.shop.0).or_insert_with(|| Pending::new(entry.shop.0));
    let before = pending.rows();
    for fact in &entry.facts {
        pending.add(fact)?;
    }
    Ok(pending.rows() - before)
}

async fn write(lake: &Lake, shops: BTreeMap<i64, Pending>, cursor: Cursor) -> Result<()> {
    for (shop, pending) in shops {
        let app = format!("{READER}:{shop}");
        let at = LakeCursor { app: &app, version: cursor.batch + 1 };
        let (lines, events) = pending.into_columns()?;
        if lines.rows() > 0 {
            lake.append(&ORDER_LINES, lines, at).await?;
        }
        if events.rows() > 0 {
            lake.append(&EVENTS, events, at).await?;
        }
    }
    Ok(())
}

/// What a query of the context's shop must know beside the lake's files, for `order_lines` and
/// `events`.
///
/// # Errors
/// What the store reports.
pub async fn fresh(cx: &Cx, lake: &Lake) -> Result<(Fresh, Fresh)> {
    let cursor = log::cursor(&mut sys::read(cx).await?, READER).await?;
    let after = settled(cx.shop, lake, cursor).await?;
    let mut tail = Pending::new(cx.shop.0);
    let mut reach = after;
    loop {
        let entries = log::read(cx, reach, topic::HISTORY, log::ROWS_PER_READ_MAX).await?;
        let Some(last) = entries.last() else { break };
        reach = last.position;
        for entry in entries.iter().filter(|entry| entry.shop == cx.shop) {
            for fact in &entry.facts {
                tail.add(fact)?;
            }
        }
    }
    let mut tx = cx.read().await?;
    let redirect = identity::redirect(&mut tx).await?;
    let superseded = order::superseded(&mut tx).await?;
    let visitors = identity::visitors(&mut tx).await?;
    let epoch = |(order, epoch): (i64, i64)| (order, i32::try_from(epoch).unwrap_or(i32::MAX));
    let superseded = superseded.into_iter().map(epoch).collect();
    let (lines, events) = tail.into_columns()?;
    Ok((
        Fresh { tail: lines, redirect: redirect.clone(), superseded, visitors },
        Fresh { tail: events, redirect, superseded: vec![], visitors },
    ))
}

/// How far the shop's rows are in the lake: a batch that is there but not yet settled counts.
async fn settled(shop: ShopId, lake: &Lake, cursor: Cursor) -> Result<Position> {
    let app = format!("{READER}:{shop}");
    let tables: [&'static Table; 2] = [&ORDER_LINES, &EVENTS];
    for table in tables {
        if lake.cursor(table, &app).await?.is_some_and(|batch| batch > cursor.batch) {
            return Ok(cursor.intent);
        }
    }
    Ok(cursor.position)
}
