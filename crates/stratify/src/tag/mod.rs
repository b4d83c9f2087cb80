//! 标签: words that a shop's people put on customers, one by one or many at once, for as long as they
//! hold; or that a segment puts on its members.
//!
//! Who has a tag is stored as a segment's members are. Each tagging is kept with who did it, when
//! and to whom, so that it can end or be undone without taking back what others did since.

mod doing;
pub mod rule;
mod sql;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use base::{Code, Error, Result, Time};
use perceive::identity;
use roaring::RoaringBitmap;
use store::audit::{self, Deed};
use store::{Cx, Tx, counter};

use crate::expr::{Expr, Needs};
use crate::roster::{self, Kind};
use crate::segment;
pub use doing::{apply, batch, batches, expire, undo};

/// Tags of a shop at the most.
pub const TAGS_MAX: usize = 1_000;
/// Characters of a name, and of the name of a family, at the most.
pub const NAME_CHARS_MAX: usize = 30;
/// Characters of a note at the most.
pub const NOTE_CHARS_MAX: usize = 500;
/// Days that a tag may hold at the most.
pub const DAYS_MAX: i64 = 3_650;
/// Taggings that are listed at the most.
const LISTED_MAX: i64 = 500;
/// Taggings of one customer that are listed at the most.
const LISTED_AT_ONCE_MAX: usize = 500;
/// Taggings of many people that one customer's are looked for in.
const LOOKED_MAX: i64 = 5_000;
/// Taggings that end in one turn at the most.
const DUE_MAX: i64 = 100;
/// Colours that tags may have, by the names that the console knows.
pub const COLOURS: [&str; 8] =
    ["grey", "green", "blue", "purple", "red", "orange", "yellow", "teal"];

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its number within the shop.
    pub number: i64,
    /// Its name, which no other tag has.
    pub name: String,
    /// Tags of one kind, such as skin or interest; empty for none.
    pub family: String,
    /// One of [`COLOURS`].
    pub colour: String,
    /// What it means.
    pub note: String,
    /// Who made it.
    pub owner: String,
    /// For how many days it holds; for ever where that is not said.
    pub days: Option<i64>,
    /// The segment whose members have it, where nobody puts it on by hand.
    pub segment: Option<i64>,
    /// What whoever has it gets by it.
    pub carried: Carried,
    /// When it was made.
    pub created_at: Time,
}

/// What a tag carries: by it, somebody who has never bought anything becomes a member, or takes
/// part. The numbers are those of a later step of the loop, which acts on them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Carried {
    /// The level that whoever has the tag has at least.
    pub tier: Option<i64>,
    /// The activity that whoever has it takes part in.
    pub activity: Option<i64>,
}

/// What a tag is to be; what is left out stays or is empty.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Its name.
    pub name: Option<String>,
    /// Its family.
    pub family: Option<String>,
    /// Its colour.
    pub colour: Option<String>,
    /// What it means.
    pub note: Option<String>,
    /// For how many days it holds; `Some(None)` for ever.
    pub days: Option<Option<i64>>,
    /// The level that it carries; `Some(None)` for none.
    pub tier: Option<Option<i64>>,
    /// The activity that it carries; `Some(None)` for none.
    pub activity: Option<Option<i64>>,
}

/// Somebody tagged people, or took the tag from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Its number within the shop.
    pub number: i64,
    /// The tag.
    pub tag: i64,
    /// Whether they were tagged.
    pub added: bool,
    /// How: `hand`, `segment`, `list` or `undo`.
    pub how: String,
    /// The people.
    pub people: RoaringBitmap,
    /// Those of them for whom that changed something.
    pub fresh: RoaringBitmap,
    /// Who.
    pub actor: String,
    /// When.
    pub at: Time,
    /// When it ends by itself.
    pub expires_at: Option<Time>,
    /// When it ended or was undone.
    pub undone_at: Option<Time>,
}

/// A tag that somebody has.
#[derive(Debug, Clone, PartialEq)]
pub struct Tagged {
    /// The tag.
    pub tag: Tag,
    /// Who put it on; none where a segment does.
    pub actor: Option<String>,
    /// Since when.
    pub since: Option<Time>,
    /// Until when.
    pub expires_at: Option<Time>,
}

impl Tag {
    /// Whether whoever has it gets something by it.
    #[must_use]
    pub fn carries(&self) -> bool {
        self.carried != Carried::default()
    }
}

fn missing() -> Error {
    Error::missing("there is no such tag").field("tag_id")
}

/// The tags of the context's shop, by family and name.
///
/// # Errors
/// What the store reports.
pub async fn list(cx: &Cx) -> Result<Vec<Tag>> {
    all(&mut cx.read().await?).await
}

/// The same, within a transaction.
///
/// # Errors
/// What the store reports.
pub async fn all(tx: &mut Tx) -> Result<Vec<Tag>> {
    sql::list(tx).await
}

/// A tag.
///
/// # Errors
/// `not_found` when there is none.
pub async fn get(cx: &Cx, number: i64) -> Result<Tag> {
    list(cx).await?.into_iter().find(|tag| tag.number == number).ok_or_else(missing)
}

/// Makes a tag; with a segment, one that its members have.
///
/// # Errors
/// `bad_input` that says what will not do, `conflict` for a name that is taken, `forbidden` for a
/// private segment, `too_large` when there are too many.
pub async fn make(cx: &Cx, wish: Wish, of: Option<i64>) -> Result<Tag> {
    if let Some(number) = of {
        segment::open(cx, number).await?;
    }
    let mut tx = locked(cx).await?;
    if sql::list(&mut tx).await?.len() >= TAGS_MAX {
        let text = format!("a shop has at most {TAGS_MAX} tags");
        return Err(Error::new(Code::TooLarge, text));
    }
    let tag = Tag {
        number: counter::take(&mut tx, "tag", 1).await?,
        name: String::new(),
        family: String::new(),
        colour: COLOURS.first().copied().unwrap_or_default().to_owned(),
        note: String::new(),
        owner: cx.actor.to_string(),
        days: None,
        segment: of,
        carried: Carried::default(),
        created_at: cx.now,
    };
    put(tx, cx, (None, wished(tag, wish)?)).await
}

/// Changes a tag. What was put on before ends when it would have.
///
/// # Errors
/// As [`make`]; `not_found` when there is none.
pub async fn edit(cx: &Cx, number: i64, wish: Wish) -> Result<Tag> {
    let mut tx = locked(cx).await?;
    let before = found(&mut tx, number).await?;
    put(tx, cx, (Some(&before), wished(before.clone(), wish)?)).await
}

async fn put(mut tx: Tx, cx: &Cx, (before, tag): (Option<&Tag>, Tag)) -> Result<Tag> {
    if sql::named(&mut tx, &tag.name).await?.is_some_and(|other| other != tag.number) {
        return Err(Error::conflict("another tag has this name").field("name"));
    }
    sql::put(&mut tx, &tag).await?;
    let shown = |tag: &Tag| {
        serde_json::json!({
            "name": tag.name, "family": tag.family, "colour": tag.colour, "note": tag.note,
            "days": tag.days, "segment": tag.segment, "tier": tag.carried.tier,
            "activity": tag.carried.activity,
        })
        .to_string()
    };
    let (before, after) = (before.map(shown), Some(shown(&tag)));
    let action = if before.is_some() { "tag.edit" } else { "tag.make" };
    let target = tag.number.to_string();
    audit::commit(tx, cx, Deed { action, target: &target, before, after }).await?;
    Ok(tag)
}

fn wished(mut tag: Tag, wish: Wish) -> Result<Tag> {
    let trimmed =
        |text: Option<String>, own: String| text.map_or(own, |text| text.trim().to_owned());
    tag.name = trimmed(wish.name, tag.name);
    tag.family = trimmed(wish.family, tag.family);
    tag.note = trimmed(wish.note, tag.note);
    tag.colour = trimmed(wish.colour, tag.colour);
    tag.days = wish.days.unwrap_or(tag.days);
    tag.carried.tier = wish.tier.unwrap_or(tag.carried.tier);
    tag.carried.activity = wish.activity.unwrap_or(tag.carried.activity);
    if tag.segment.is_some() && tag.carries() {
        return Err(Error::bad("is for tags that people put on").field("tier_id"));
    }
    let long = |text: &str, most: usize| text.chars().count() > most;
    if tag.name.is_empty() || long(&tag.name, NAME_CHARS_MAX) {
        return Err(Error::bad(format!("needs 1 to {NAME_CHARS_MAX} characters")).field("name"));
    }
    if long(&tag.family, NAME_CHARS_MAX) {
        let text = format!("has at most {NAME_CHARS_MAX} characters");
        return Err(Error::bad(text).field("family"));
    }
    if long(&tag.note, NOTE_CHARS_MAX) {
        return Err(Error::bad(format!("has at most {NOTE_CHARS_MAX} characters")).field("note"));
    }
    check_colour(&tag.colour)?;
    if tag.days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
        return Err(Error::bad(format!("is 1 to {DAYS_MAX}")).field("days"));
    }
    Ok(tag)
}

/// Refuses a colour that the console does not know.
///
/// # Errors
/// `bad_input` with those that it knows.
pub fn check_colour(colour: &str) -> Result<()> {
    if COLOURS.contains(&colour) {
        return Ok(());
    }
    Err(Error::bad("is none of the colours").field("colour").hint(COLOURS.join(", ")))
}

/// Removes a tag with everything that was done with it.
///
/// # Errors
/// `not_found` when there is none; `conflict` while a segment names it.
pub async fn remove(cx: &Cx, number: i64) -> Result<()> {
    let tag = get(cx, number).await?;
    roster::check_unnamed(cx, (Kind::Tag, number)).await?;
    let mut tx = cx.write().await?;
    sql::remove(&mut tx, number).await?;
    roster::remove(&mut tx, (Kind::Tag, number)).await?;
    let target = number.to_string();
    let deed = Deed { action: "tag.remove", target: &target, ..Deed::default() };
    audit::commit(tx, cx, Deed { before: Some(tag.name), ..deed }).await
}

/// A transaction in which nobody else changes who has which tag.
async fn locked(cx: &Cx) -> Result<Tx> {
    let mut tx = cx.write().await?;
    // The counter's row is locked until the end.
    roster::touch(&mut tx).await?;
    Ok(tx)
}

async fn found(tx: &mut Tx, number: i64) -> Result<Tag> {
    all(tx).await?.into_iter().find(|tag| tag.number == number).ok_or_else(missing)
}

/// Who has a tag that people put on, under the numbers that people go by now.
async fn held(tx: &mut Tx, number: i64) -> Result<RoaringBitmap> {
    roster::members(tx, (Kind::Tag, number)).await
}

/// Who has a tag, under the numbers that people go by now, for whoever may see them.
///
/// # Errors
/// `not_found` when there is no such tag; `forbidden` when its segment is private by now.
pub async fn members(cx: &Cx, tag: &Tag) -> Result<RoaringBitmap> {
    match tag.segment {
        Some(segment) => segment::members(cx, segment).await,
        None => held(&mut cx.read().await?, tag.number).await,
    }
}

/// The tags that a customer has, in the order of the library.
///
/// # Errors
/// What the store reports.
pub async fn of_person(cx: &Cx, person: i64) -> Result<Vec<Tagged>> {
    let Ok(number) = u32::try_from(person) else { return Ok(Vec::new()) };
    let mut tx = cx.read().await?;
    let labels = identity::labels(&mut tx, person).await?;
    let done = sql::of_people(&mut tx, &labels, LOOKED_MAX).await?;
    drop(tx);
    let of = |set: &RoaringBitmap| {
        labels.iter().any(|label| u32::try_from(*label).is_ok_and(|label| set.contains(label)))
    };
    let mut found = Vec::new();
    for tag in list(cx).await? {
        let members = members(cx, &tag).await;
        // A segment that is not counted, or private by now, tags nobody.
        if !members.is_ok_and(|members| members.contains(number)) {
            continue;
        }
        let by = done.iter().find(|batch| {
            let holds = batch.added && batch.undone_at.is_none();
            batch.tag == tag.number && holds && of(&batch.people)
        });
        found.push(Tagged {
            actor: by.map(|batch| batch.actor.clone()),
            since: by.map(|batch| batch.at),
            expires_at: by.and_then(|batch| batch.expires_at),
            tag,
        });
    }
    Ok(found)
}

/// What was done to a customer with tags that people put on, the latest first.
///
/// # Errors
/// What the store reports.
pub async fn history(cx: &Cx, person: i64) -> Result<Vec<(Tag, Batch)>> {
    let mut tx = cx.read().await?;
    let labels = identity::labels(&mut tx, person).await?;
    let done = sql::of_people(&mut tx, &labels, LOOKED_MAX).await?;
    let tags: BTreeMap<i64, Tag> =
        all(&mut tx).await?.into_iter().map(|tag| (tag.number, tag)).collect();
    drop(tx);
    let labels: Vec<u32> = labels.iter().filter_map(|label| u32::try_from(*label).ok()).collect();
    let of = |batch: &Batch| labels.iter().any(|label| batch.people.contains(*label));
    let own = done.into_iter().filter(of);
    let told = own.filter_map(|batch| Some((tags.get(&batch.tag)?.clone(), batch)));
    Ok(told.take(LISTED_AT_ONCE_MAX).collect())
}

/// Refuses conditions that name a tag which there is not, or which a segment puts on.
///
/// # Errors
/// `bad_input` that says which.
pub(crate) async fn check_names(cx: &Cx, expr: &Expr) -> Result<()> {
    let mut named = Needs::of(expr).rosters;
    named.retain(|(kind, _)| *kind == Kind::Tag);
    if named.is_empty() {
        return Ok(());
    }
    let all = list(cx).await?;
    for (_, number) in &named {
        match all.iter().find(|tag| tag.number == *number) {
            None => return Err(Error::bad(format!("there is no tag {number}")).field("expr")),
            Some(tag) if tag.segment.is_some() => {
                let text = format!("the members of a segment have the tag {:?}", tag.name);
                return Err(Error::bad(text).field("expr").hint("name the segment itself"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}
