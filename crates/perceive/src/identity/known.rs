//! What a customer's identifiers tell without being opened.

use std::collections::{BTreeSet, HashMap};

use base::Result;
use store::Tx;

use super::rule::trust;
use super::sql;

/// What a customer's identifiers tell about it.
///
/// # Errors
/// What the database reports.
pub async fn of_persons(tx: &mut Tx, persons: &BTreeSet<i64>) -> Result<HashMap<i64, Known>> {
    let mut known: HashMap<i64, Known> = HashMap::new();
    for (person, namespace, value) in sql::of_persons(tx, persons).await? {
        let entry = known.entry(person).or_default();
        match namespace.as_str() {
            "phone" => entry.has_phone = true,
            "email" => entry.has_email = true,
            "openid" | "unionid" => entry.has_wechat = true,
            _ => {}
        }
        if let Some(value) = value {
            let candidate = (trust(&namespace).rank, namespace, value);
            if entry.external.as_ref().is_none_or(|best| candidate < *best) {
                entry.external = Some(candidate);
            }
        }
    }
    Ok(known)
}

/// What identifiers tell about a customer without opening sealed values.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// A phone is known.
    pub has_phone: bool,
    /// An email is known.
    pub has_email: bool,
    /// An open id of WeChat is known.
    pub has_wechat: bool,
    /// The most trusted identifier that is not personal: rank, namespace, value.
    pub external: Option<(u8, String, String)>,
}
