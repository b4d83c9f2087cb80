//! What people do with tags: putting them on, taking them off, undoing either, and what ends by
//! itself.

use std::collections::BTreeMap;

use base::time::DAY_MICROS;
use base::{Error, Result, Time};
use roaring::RoaringBitmap;
use store::audit::{self, Deed};
use store::{Cx, Tx, counter};

use super::rule::{self, Step};
use super::{Batch, DUE_MAX, LISTED_MAX, found, get, locked, sql};
use crate::roster::{self, Kind};

/// Tags people, or takes the tag from them.
///
/// # Errors
/// `not_found` when there is no such tag, `conflict` when a segment puts it on.
pub async fn apply(
    cx: &Cx,
    number: i64,
    (people, added, how): (RoaringBitmap, bool, &str),
) -> Result<Batch> {
    let mut tx = locked(cx).await?;
    let tag = found(&mut tx, number).await?;
    if tag.segment.is_some() {
        return Err(Error::conflict("the members of its segment have this tag")
            .field("tag_id")
            .hint("change the segment, or make another tag"));
    }
    let now = roster::renumbering(&mut tx).await?;
    let stored = roster::stored(&mut tx, (Kind::Tag, number)).await?;
    let step = rule::step(&now.of(stored.clone()), people, added);
    let after = match added {
        true => &stored | &step.fresh,
        false => &stored - now.labels(&stored, &step.fresh),
    };
    roster::put(&mut tx, (Kind::Tag, number), (&after, &(&stored ^ &after))).await?;
    let expires_at = tag.days.filter(|_| added).map(|days| cx.now.plus(days * DAY_MICROS));
    let batch = written(&mut tx, cx, number, (step, how), (expires_at, None)).await?;
    let told = serde_json::json!({ "added": added, "how": how, "people": batch.people.len() });
    let (target, after) = (number.to_string(), Some(told.to_string()));
    let deed = Deed { action: "tag.apply", target: &target, before: None, after };
    audit::commit(tx, cx, deed).await?;
    Ok(batch)
}

/// Writes a step down.
async fn written(
    tx: &mut Tx,
    cx: &Cx,
    tag: i64,
    (step, how): (Step, &str),
    (expires_at, undone_at): (Option<Time>, Option<Time>),
) -> Result<Batch> {
    let batch = Batch {
        number: counter::take(tx, "tag_batch", 1).await?,
        tag,
        added: step.added,
        how: how.to_owned(),
        people: step.people,
        fresh: step.fresh,
        actor: cx.actor.to_string(),
        at: cx.now,
        expires_at,
        undone_at,
    };
    sql::insert(tx, &batch).await?;
    Ok(batch)
}

/// Undoes what was done: whoever it concerned has the tag or not as what was done before and since
/// says.
///
/// # Errors
/// `not_found` when there is no such tagging, `conflict` when it has ended already.
pub async fn undo(cx: &Cx, number: i64) -> Result<Batch> {
    let mut tx = locked(cx).await?;
    let none = || Error::missing("there is no such tagging").field("batch_id");
    let batch = sql::batch(&mut tx, number).await?.ok_or_else(none)?;
    if batch.undone_at.is_some() {
        return Err(Error::conflict("this has ended already").field("batch_id"));
    }
    let tag = found(&mut tx, batch.tag).await?.number;
    sql::end(&mut tx, number, cx.now).await?;
    let moved = recounted(&mut tx, tag, batch.people).await?;
    let step = Step { added: !batch.added, people: moved.clone(), fresh: moved };
    // It is told, but nothing holds by it.
    let done = written(&mut tx, cx, tag, (step, "undo"), (None, Some(cx.now))).await?;
    let target = tag.to_string();
    let after = Some(serde_json::json!({ "batch": number }).to_string());
    let deed = Deed { action: "tag.undo", target: &target, before: None, after };
    audit::commit(tx, cx, deed).await?;
    Ok(done)
}

/// Works out anew which of some people have a tag, from all that was done with it and still holds;
/// for whom that is otherwise than before.
async fn recounted(tx: &mut Tx, tag: i64, people: RoaringBitmap) -> Result<RoaringBitmap> {
    let now = roster::renumbering(tx).await?;
    let people = now.of(people);
    let batches = sql::holding(tx, tag).await?;
    let steps = batches.iter().map(|batch| (batch.added, now.of(batch.people.clone())));
    let has = rule::held(&people, steps);
    let stored = roster::stored(tx, (Kind::Tag, tag)).await?;
    let added = batches.iter().filter(|batch| batch.added);
    let labels = added.fold(RoaringBitmap::new(), |all, batch| all | &batch.people);
    let own = now.labels(&stored, &people);
    let after = (&stored - own) | now.labels(&labels, &has);
    roster::put(tx, (Kind::Tag, tag), (&after, &(&stored ^ &after))).await?;
    Ok((now.of(stored) & people) ^ has)
}

/// Ends the taggings of the context's shop whose time is over; how many ended.
///
/// # Errors
/// What the store reports.
pub async fn expire(cx: &Cx) -> Result<usize> {
    if sql::due(&mut cx.read().await?, cx.now, DUE_MAX).await?.is_empty() {
        return Ok(0);
    }
    let mut tx = locked(cx).await?;
    let due = sql::due(&mut tx, cx.now, DUE_MAX).await?;
    let mut ended: BTreeMap<i64, RoaringBitmap> = BTreeMap::new();
    for batch in &due {
        sql::end(&mut tx, batch.number, cx.now).await?;
        *ended.entry(batch.tag).or_default() |= &batch.people;
    }
    for (tag, people) in ended {
        recounted(&mut tx, tag, people).await?;
    }
    tx.commit().await?;
    Ok(due.len())
}

/// Something that was done with a tag.
///
/// # Errors
/// `not_found` when nothing was.
pub async fn batch(cx: &Cx, number: i64) -> Result<Batch> {
    let none = || Error::missing("there is no such tagging").field("batch_id");
    sql::batch(&mut cx.read().await?, number).await?.ok_or_else(none)
}

/// What was done with a tag, the latest first.
///
/// # Errors
/// `not_found` when there is no such tag.
pub async fn batches(cx: &Cx, number: i64) -> Result<Vec<Batch>> {
    get(cx, number).await?;
    sql::of_tag(&mut cx.read().await?, number, LISTED_MAX).await
}
