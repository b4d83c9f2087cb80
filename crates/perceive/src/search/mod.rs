//! 查找: the customers that a whole value names: a phone or its last four digits, an email, a nick or
//! another account, an order's number, a name. Sealed values are found by their blind index.

use base::Result;
use store::Cx;
use store::key::{Sealer, blind_tail};

use crate::clean::{email, phone, text};
use crate::identity::{self, Key};
use crate::profile::name_index;
use crate::record::Identifier;
use crate::{order, profile};

/// Customers that one search gives at the most.
pub const FOUND_MAX: i64 = 1_000;
/// Characters of a search at the most.
const CHARS_MAX: usize = 200;
/// Digits of the end of a phone.
const TAIL_DIGITS: usize = 4;
/// The country whose phones need no code.
const COUNTRY: &str = "CN";

/// The customers whom `said` names, by number, at most [`FOUND_MAX`].
///
/// # Errors
/// What the database reports.
pub async fn customers(cx: &Cx, said: &str) -> Result<Vec<i64>> {
    let said = text::narrow(said.trim()).into_owned();
    if said.is_empty() || said.chars().count() > CHARS_MAX {
        return Ok(Vec::new());
    }
    let mut tx = cx.read().await?;
    let sealer = Sealer::open(&mut tx, cx, &[], false).await?;
    let mut found = identity::found(&mut tx, keys(&sealer, &said)).await?;
    if said.len() == TAIL_DIGITS
        && let Some(tail) = blind_tail(&said)
    {
        let tail = sealer.blind(identity::PHONE_TAIL, tail);
        found.extend(identity::of_tail(&mut tx, tail, FOUND_MAX).await?);
    }
    found.extend(order::buyer_of(&mut tx, &said).await?);
    let index = name_index(&sealer, &said);
    found.extend(profile::of_name(&mut tx, index, FOUND_MAX).await?);
    found.retain(|number| *number > 0);
    found.sort_unstable();
    found.dedup();
    found.truncate(usize::try_from(FOUND_MAX).unwrap_or(usize::MAX));
    Ok(found)
}

/// What is sealed and can be searched for by its whole value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// A name.
    Name,
    /// A phone, in any spelling.
    Phone,
    /// An email.
    Email,
}

/// The customers who have one of some sealed values, by number. What is no such value names nobody.
///
/// # Errors
/// What the database reports.
pub async fn by<'a>(
    cx: &Cx,
    kind: Sealed,
    values: impl Iterator<Item = &'a str>,
) -> Result<Vec<i64>> {
    let mut tx = cx.read().await?;
    let sealer = Sealer::open(&mut tx, cx, &[], false).await?;
    let identifier = |namespace: &str, value: String| {
        identity::key(&sealer, &Identifier { namespace: namespace.to_owned(), value })
    };
    let values = values.map(|value| text::narrow(value.trim()).into_owned());
    let mut found = Vec::new();
    match kind {
        Sealed::Name => {
            for name in values {
                let index = name_index(&sealer, &name);
                found.extend(profile::of_name(&mut tx, index, FOUND_MAX).await?);
            }
        }
        Sealed::Phone => {
            let phones = values.filter_map(|value| phone::phone(&value, COUNTRY).ok());
            let keys = phones.map(|phone| identifier("phone", phone)).collect();
            found = identity::found(&mut tx, keys).await?;
        }
        Sealed::Email => {
            let emails = values.filter_map(|value| email::email(&value).ok());
            let keys = emails.map(|email| identifier("email", email)).collect();
            found = identity::found(&mut tx, keys).await?;
        }
    }
    found.retain(|number| *number > 0);
    Ok(found)
}

/// Where identifiers of that value are kept, whatever kind it is of.
fn keys(sealer: &Sealer, said: &str) -> Vec<Key> {
    let mut values: Vec<(&str, String)> = identity::namespaces()
        .filter(|namespace| !matches!(*namespace, "phone" | "email"))
        .map(|namespace| (namespace, said.to_owned()))
        .collect();
    values.extend(phone::phone(said, COUNTRY).ok().map(|phone| ("phone", phone)));
    values.extend(email::email(said).ok().map(|email| ("email", email)));
    let key = |(namespace, value): (&str, String)| {
        identity::key(sealer, &Identifier { namespace: namespace.to_owned(), value })
    };
    values.into_iter().map(key).collect()
}
