//! The identifiers of a customer, for people to see.

use base::Result;
use store::key::{Sealer, split_key_id};
use store::{Cx, Tx};

use super::{rule, sql};
use crate::clean::mask::{Kind, mask};

/// An identifier by which the shop knows somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownBy {
    /// What kind it is of.
    pub namespace: String,
    /// Its value; none when it was erased.
    pub value: Option<String>,
    /// Whether its value is personal.
    pub personal: bool,
    /// The sources that linked it to another.
    pub sources: Vec<i64>,
}

/// How identifiers of a namespace are hidden.
pub(crate) fn kind(namespace: &str, personal: bool) -> Kind {
    match namespace {
        "phone" => Kind::Phone,
        "email" => Kind::Email,
        _ if personal => Kind::Other,
        _ => Kind::Account,
    }
}

impl KnownBy {
    /// The same as anybody may see it.
    #[must_use]
    pub fn masked(&self) -> Self {
        let kind = kind(&self.namespace, self.personal);
        Self { value: self.value.as_deref().map(|value| mask(kind, value)), ..self.clone() }
    }
}

/// The identifiers of a customer, the most trusted first.
///
/// # Errors
/// What the database reports.
pub async fn identifiers(tx: &mut Tx, cx: &Cx, person: i64) -> Result<Vec<KnownBy>> {
    let rows = sql::identifiers(tx, person).await?;
    let mut keys = Vec::new();
    for row in &rows {
        if let Some(sealed) = &row.sealed {
            keys.push(split_key_id(sealed)?.0);
        }
    }
    keys.sort_unstable();
    keys.dedup();
    let sealer = Sealer::open(tx, cx, &keys, false).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let personal = row.sealed.is_some();
        let value = match &row.sealed {
            Some(sealed) => sealer.reveal(&row.namespace, sealed)?,
            None => row.value,
        };
        let sources = sql::sources_of(tx, (&row.namespace, &row.hash)).await?;
        found.push(KnownBy { namespace: row.namespace, value, personal, sources });
    }
    found.sort_by_key(|identifier| rule::trust(&identifier.namespace).rank);
    Ok(found)
}
