//! One order with everything that is stored about it.

use base::{Error, Result};
use store::key::{Sealer, split_key_id};
use store::{Cx, Tx};

use super::{Line, Row, rule, sql};
use crate::clean::mask::{Kind, mask};
use crate::record::Contact;

/// One order, whole.
#[derive(Debug, Clone)]
pub struct Whole {
    /// Its row.
    pub row: Row,
    /// Its lines in a fixed order, each with how often it occurs.
    pub lines: Vec<(Line, u32)>,
    /// Whom it goes to, masked; none where nobody says it or it was erased.
    pub contact: Option<Contact>,
    /// Refunds and corrections that belong to it.
    pub followers: Vec<Row>,
    /// The sources that speak of it.
    pub sources: Vec<i64>,
}

/// The order of that number; a test order is none.
///
/// # Errors
/// `damaged` when something is not as it was written; what the database reports.
pub async fn whole(tx: &mut Tx, cx: &Cx, number: i64) -> Result<Option<Whole>> {
    let Some(row) = sql::by_number(tx, number).await? else { return Ok(None) };
    let parts = sql::parts(tx, &[number]).await?.remove(&number).unwrap_or_default();
    let mut sources: Vec<i64> = parts.iter().map(|part| part.source).collect();
    sources.sort_unstable();
    sources.dedup();
    let state = rule::state(&parts).unwrap_or_default();
    let contact = match &state.contact {
        Some(sealed) => contact(tx, cx, sealed).await?,
        None => None,
    };
    let followers = sql::followers(tx, &[row.external_id.as_str()]).await?;
    let numbers: Vec<i64> = followers.into_iter().map(|(number, ..)| number).collect();
    let followers = sql::of_numbers(tx, &numbers).await?;
    Ok(Some(Whole { row, lines: state.lines, contact, followers, sources }))
}

async fn contact(tx: &mut Tx, cx: &Cx, sealed: &[u8]) -> Result<Option<Contact>> {
    let (key, _) = split_key_id(sealed)?;
    let sealer = Sealer::open(tx, cx, &[key], false).await?;
    let Some(text) = sealer.reveal("contact", sealed)? else { return Ok(None) };
    let contact: Contact = serde_json::from_str(&text)
        .map_err(|cause| Error::damaged("a contact cannot be read").because(cause))?;
    let masked = |kind: Kind, value: &Option<String>| value.as_deref().map(|text| mask(kind, text));
    Ok(Some(Contact {
        name: masked(Kind::Name, &contact.name),
        phone: masked(Kind::Phone, &contact.phone),
        address: masked(Kind::Other, &contact.address),
    }))
}
