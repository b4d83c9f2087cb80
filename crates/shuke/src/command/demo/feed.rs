//! The way of the made-up messages: written as a client would, read as a collector does, into the
//! log together with how far they are, and folded and relayed as they come.

use base::{Code, Error, Result, Time};
use demo::{Message, Plan};
use perceive::collect::wire::{self, Envelope};
use perceive::fold::Fold;
use perceive::import::Progress;
use perceive::relay::{self, Relay};
use store::log::{self, Packed, topic};
use store::{Cx, setting};
use tokio::sync::mpsc;

use super::{DEMO, Made, stored};
use crate::console::Console;
use crate::place::{self, Place};

/// Messages of one row of the log, and so of one transaction of the fold.
const ROW_MESSAGES: usize = 4_000;
/// Rows that wait for the log at the most.
const AHEAD_MAX: usize = 2;
/// Messages after which history is given what waits for it.
const RELAY_MESSAGES: u64 = 200_000;

/// Messages on their way to the log.
struct Chunk {
    packed: Packed,
    count: u64,
    /// When the last of them was received.
    last: Time,
    /// When the next one comes.
    next: Option<Time>,
}

/// Takes in every message that has come by `now`, after those that are there; how many there are.
///
/// # Errors
/// What the store and the lake report; the same call goes on where it was.
pub(super) async fn run(
    place: &Place,
    cx: &Cx,
    (mut made, source, now): (Made, i64, Time),
    console: &Console,
) -> Result<u64> {
    let plan = made.plan()?;
    let (sender, mut chunks) = mpsc::channel(AHEAD_MAX);
    let skip = made.messages;
    let telling = tokio::task::spawn_blocking(move || tell(&plan, (skip, source, now), &sender));
    let mut fold = Fold::default();
    let (mut relay, mut first, mut relayed) = (Relay::default(), None, made.messages);
    while let Some(chunk) = chunks.recv().await {
        made.messages += chunk.count;
        (made.next, made.settled) = (chunk.next, false);
        append(&place.cx().of(cx.shop), &made, &chunk.packed).await?;
        drain(&mut fold, cx).await?;
        if made.messages >= relayed + RELAY_MESSAGES {
            relayed = made.messages;
            relay.step(cx, &place.lake).await?;
        }
        let first = *first.get_or_insert(chunk.last);
        let since = |at: Time| u64::try_from(at.micros() - first.micros()).unwrap_or(0);
        let (bytes_done, bytes_total) = (since(chunk.last), since(now));
        console.messages(Progress { rows: made.messages - skip, bytes_done, bytes_total });
    }
    telling.await.map_err(|cause| Error::internal("a worker stopped", cause))??;
    // What an interrupted run had put into the log may still wait.
    drain(&mut fold, cx).await?;
    relay::flush(cx, &place.lake).await?;
    Ok(made.messages)
}

/// Writes down that everything in the log has had its effects.
pub(super) async fn settle(cx: &Cx) -> Result<()> {
    if let Some(made) = stored(cx).await? {
        let mut tx = cx.write().await?;
        setting::set(&mut tx, DEMO, &Some(Made { settled: true, ..made })).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn append(cx: &Cx, made: &Made, packed: &Packed) -> Result<()> {
    let mut tx = cx.write().await?;
    log::append_packed(&mut tx, cx, topic::EVENT, packed).await?;
    setting::set(&mut tx, DEMO, &Some(made)).await?;
    tx.commit().await
}

/// Folds everything that waits.
async fn drain(fold: &mut Fold, cx: &Cx) -> Result<()> {
    if fold.drain(cx).await? == 0 {
        return Ok(());
    }
    let text = "a part of the demo shop could not be taken in and was set aside";
    Err(Error::new(Code::Internal, text)
        .hint("`shuke doctor` shows why, and puts it back with --replay"))
}

/// Sends the messages after the first `skip` that have come by `now`, until nobody listens.
fn tell(
    plan: &Plan,
    (skip, source, now): (u64, i64, Time),
    out: &mpsc::Sender<Chunk>,
) -> Result<()> {
    let skip = usize::try_from(skip).unwrap_or(usize::MAX);
    let mut messages = demo::messages(plan).skip(skip).peekable();
    loop {
        let mut some: Vec<Message> = Vec::with_capacity(ROW_MESSAGES);
        while some.len() < ROW_MESSAGES
            && let Some(message) = messages.next_if(|message| message.at <= now)
        {
            some.push(message);
        }
        let ends = some.len() < ROW_MESSAGES;
        let chunk = Chunk {
            packed: pack(&some, source)?,
            count: u64::try_from(some.len()).unwrap_or(u64::MAX),
            last: some.last().map_or(now, |message| message.at),
            next: messages.peek().map(|message| message.at),
        };
        if out.blocking_send(chunk).is_err() || ends {
            return Ok(());
        }
    }
}

/// The messages as a client sends them and as the collector puts them into the log.
fn pack(messages: &[Message], source: i64) -> Result<Packed> {
    let texts: Vec<&str> = messages.iter().map(|message| message.json.as_str()).collect();
    let body = format!("{{\"batch\":[{}]}}", texts.join(","));
    let received = place::now();
    let envelope = Envelope { source, kind: None, received, agent: "", prefetch: false };
    let read = wire::read(body.as_bytes(), &envelope)?;
    if let Some((place, error)) = read.refused.into_iter().next() {
        return Err(Error::internal(format!("message {place} is refused"), error));
    }
    let facts =
        read.messages.iter().map(perceive::collect::Message::fact).collect::<Result<Vec<_>>>()?;
    log::pack(&facts)
}
