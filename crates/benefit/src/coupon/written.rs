//! Codes that are written as somebody chose: of a form, from a list, or one for many.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use base::{Entropy, Error, Result};
use store::{Cx, Tx};

use super::issue::{Batch, Places, made};
use super::sql::register as codes;
use super::text::{Cipher, LETTERS, word};

/// Codes that a form can have for each that is made of it, at least: so many guesses find one.
const FORM_ROOM: u128 = 100_000;
/// How often a code is made anew that there is already.
const TRIES_MAX: usize = 20;

pub(super) fn no_code(field: &str) -> Error {
    Error::bad("is no code")
        .field(field.to_owned())
        .hint("4 to 40 letters and digits; spaces and dashes do not count")
}

pub(super) fn check_form(form: &str, count: i64) -> Result<()> {
    word(&form.replace(['#', '*'], "0")).ok_or_else(|| no_code("pattern"))?;
    let room = form.chars().fold(1_u128, |room, letter| match letter {
        '#' => room.saturating_mul(10),
        '*' => room.saturating_mul(32),
        _ => room,
    });
    let count = u128::try_from(count).unwrap_or(0);
    match room >= count.saturating_mul(FORM_ROOM) {
        true => Ok(()),
        false => Err(Error::bad("has too few different codes")
            .field("pattern")
            .hint("each * or # more makes them harder to guess")),
    }
}

/// A code of a form.
fn formed(form: &str, entropy: &Entropy) -> String {
    let letter = |letter: char| {
        let digits = match letter {
            '#' => LETTERS.get(..10),
            '*' => LETTERS.get(..),
            _ => None,
        };
        let Some(digits) = digits else { return letter };
        let at = usize::from(u16::from_le_bytes(entropy.bytes::<2>())) % digits.len();
        digits.get(at).map_or(letter, |digit| char::from(*digit))
    };
    form.chars().map(letter).collect()
}

/// The next codes of a batch that are written as somebody chose, without those that there are.
pub(super) async fn written(
    tx: &mut Tx,
    cx: &Cx,
    (own, listed): (&Batch, &[String]),
    end: i64,
) -> Result<Places> {
    let made = made(own)?;
    let cipher = super::cipher(tx, cx).await?;
    let at = |place: i64| usize::try_from(place).unwrap_or(usize::MAX);
    if let Some(form) = &made.form {
        return fresh(tx, cx, (form, cipher), own.next..end).await;
    }
    let texts: Vec<&str> = match &made.shared {
        Some(text) => vec![text.as_str()],
        None => {
            listed.get(at(own.next)..at(end)).into_iter().flatten().map(String::as_str).collect()
        }
    };
    let mut words: BTreeMap<String, (i64, &str)> = BTreeMap::new();
    for (place, text) in (own.next..).zip(texts) {
        if let Some(word) = word(text).filter(|word| cipher.number(word).is_none()) {
            words.entry(word).or_insert((place, text));
        }
    }
    for (known, _) in codes::of_words(tx, &words.keys().map(String::as_str).collect()).await? {
        words.remove(&known);
    }
    if made.shared.is_some() && words.is_empty() {
        return Err(Error::conflict("there is such a code already").field("shared"));
    }
    let mut places: Places = words
        .into_iter()
        .map(|(word, (place, text))| (place, None, Some((word, text.trim().to_owned()))))
        .collect();
    places.sort_unstable_by_key(|own| own.0);
    Ok(places)
}

/// New codes of a form.
async fn fresh(
    tx: &mut Tx,
    cx: &Cx,
    (form, cipher): (&str, Cipher),
    mut places: Range<i64>,
) -> Result<Places> {
    let (mut found, mut words): (Places, BTreeSet<String>) = (Vec::new(), BTreeSet::new());
    for _ in 0..TRIES_MAX {
        if places.is_empty() {
            break;
        }
        let mut new: BTreeMap<String, String> = BTreeMap::new();
        for _ in places.clone() {
            let text = formed(form, &cx.entropy);
            let own = word(&text).filter(|own| cipher.number(own).is_none());
            if let Some(own) = own.filter(|own| !words.contains(own)) {
                new.insert(own, text);
            }
        }
        for (known, _) in codes::of_words(tx, &new.keys().map(String::as_str).collect()).await? {
            new.remove(&known);
        }
        for ((own, text), place) in new.into_iter().zip(&mut places) {
            words.insert(own.clone());
            found.push((place, None, Some((own, text))));
        }
    }
    Ok(found)
}
