//! What is personal of a customer, opened for somebody who may see it.

use std::collections::BTreeSet;

use base::{Error, Result};
use store::key::{Sealer, split_key_id};
use store::{Cx, Tx};

use super::sql;
use crate::clean::mask::{Kind, mask};
use crate::identity::{self, KnownBy};

/// What is personal of a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Personal {
    /// Name.
    pub name: Option<String>,
    /// Birthday.
    pub birthday: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// Traits.
    pub traits: Vec<(String, String)>,
    /// The identifiers by which the shop knows them, the most trusted first.
    pub identifiers: Vec<KnownBy>,
}

/// Opens what is personal of a customer; what was sealed under a key that is gone is left out.
///
/// # Errors
/// `damaged` when something is not as it was written; what the database reports.
pub async fn personal(tx: &mut Tx, cx: &Cx, person: i64) -> Result<Personal> {
    let Some(profile) = sql::load(tx, &BTreeSet::from([person])).await?.remove(&person) else {
        return Ok(Personal::default());
    };
    let mut keys = BTreeSet::new();
    for sealed in profile.sealed.iter().flatten() {
        keys.insert(split_key_id(sealed)?.0);
    }
    let keys: Vec<i64> = keys.into_iter().collect();
    let sealer = Sealer::open(tx, cx, &keys, false).await?;
    let [name, birthday, address, traits] = &profile.sealed;
    let open = |field: &str, sealed: &Option<Vec<u8>>| match sealed {
        Some(sealed) => sealer.reveal(field, sealed),
        None => Ok(None),
    };
    let traits = match open("traits", traits)? {
        None => Vec::new(),
        Some(text) => serde_json::from_str(&text)
            .map_err(|cause| Error::damaged("traits cannot be read").because(cause))?,
    };
    Ok(Personal {
        name: open("name", name)?,
        birthday: open("birthday", birthday)?,
        address: open("address", address)?,
        traits,
        identifiers: identity::identifiers(tx, cx, person).await?,
    })
}

impl Personal {
    /// The same as anybody may see it: `138****1234`, `张*`.
    #[must_use]
    pub fn masked(&self) -> Self {
        let other = |value: &Option<String>| value.as_deref().map(|value| mask(Kind::Other, value));
        let traits = self.traits.iter();
        Self {
            name: self.name.as_deref().map(|name| mask(Kind::Name, name)),
            birthday: other(&self.birthday),
            address: other(&self.address),
            traits: traits.map(|(name, value)| (name.clone(), mask(Kind::Other, value))).collect(),
            identifiers: self.identifiers.iter().map(KnownBy::masked).collect(),
        }
    }
}
