//! 备注: what people of the shop write down about a customer. Sealed under the customer's key.

mod sql;

use std::collections::BTreeSet;

use base::{Error, Result, Time};
use store::key::{Sealer, split_key_id};
use store::{Cx, Tx, counter};

use crate::identity;

/// Characters of a note at the most.
const TEXT_CHARS_MAX: usize = 2_000;
/// Notes about one customer at the most.
pub const NOTES_MAX: i64 = 500;

/// What somebody wrote down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its number within the shop.
    pub number: i64,
    /// What it says; none when it was erased.
    pub text: Option<String>,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub at: Time,
}

/// Writes something down about a customer.
///
/// # Errors
/// `bad_input` for a text that is empty or too long, `conflict` when there are too many.
pub async fn add(tx: &mut Tx, cx: &Cx, (person, text): (i64, &str)) -> Result<Note> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > TEXT_CHARS_MAX {
        return Err(Error::bad(format!("needs 1 to {TEXT_CHARS_MAX} characters")).field("text"));
    }
    if sql::of(tx, &[person]).await?.len() >= usize::try_from(NOTES_MAX).unwrap_or(usize::MAX) {
        return Err(Error::conflict(format!("a customer has at most {NOTES_MAX} notes")));
    }
    let sealer = Sealer::open(tx, cx, &[person], true).await?;
    let sealed = sealer.seal("note", person, text)?;
    let number = counter::take(tx, "note", 1).await?;
    let author = cx.actor.to_string();
    sql::insert(tx, (number, person), (&author, sealed), cx.now).await?;
    Ok(Note { number, text: Some(text.to_owned()), author, at: cx.now })
}

/// What is written down about a customer, under whichever number, the latest first.
///
/// # Errors
/// `damaged` when a note is not as it was written; what the database reports.
pub async fn list(tx: &mut Tx, cx: &Cx, person: i64) -> Result<Vec<Note>> {
    let numbers = identity::labels(tx, person).await?;
    let rows = sql::of(tx, &numbers).await?;
    let keys = rows.iter().map(|row| Ok(split_key_id(&row.text)?.0));
    let keys: BTreeSet<i64> = keys.collect::<Result<_>>()?;
    let keys: Vec<i64> = keys.into_iter().collect();
    let sealer = Sealer::open(tx, cx, &keys, false).await?;
    let note = |row: sql::Stored| {
        Ok(Note {
            number: row.note_no,
            text: sealer.reveal("note", &row.text)?,
            author: row.author,
            at: Time::from_micros(row.noted_at),
        })
    };
    rows.into_iter().map(note).collect()
}

/// Takes a note back; whether the customer had such a one.
///
/// # Errors
/// What the database reports.
pub async fn remove(tx: &mut Tx, (person, number): (i64, i64)) -> Result<bool> {
    let numbers = identity::labels(tx, person).await?;
    Ok(sql::remove(tx, &numbers, number).await? > 0)
}
