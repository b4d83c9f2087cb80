//! What an event states beside its order: who receives it, and traits of whoever it is about.

use base::Time;

use super::commerce::Setting;
use super::field::id;
use super::object::{Json, Object};
use crate::clean;
use crate::record::{Contact, CustomerRow, Identifier};
use crate::{consent, relation};

/// Events that state traits, and what the names of these begin with.
pub(super) const STATED: [(&str, &str); 2] =
    [("referral.made", relation::TRAIT), ("consent.changed", consent::TRAIT)];

/// Where phones are from that name no country.
pub(super) fn home<'a>(setting: &Setting<'a>) -> &'a str {
    setting.country.unwrap_or("CN")
}

/// Who receives an order. Where the recipient lives is not taken for where the buyer does: what is
/// sent elsewhere may be a gift.
pub(super) fn contact(object: &Object<'_>, home: &str) -> Contact {
    let to = ["shipping_address", "shippingAddress"].into_iter().find_map(|name| object.get(name));
    let Some(to) = to.and_then(Json::as_object) else { return Contact::default() };
    let parts = [
        "province", "state", "city", "district", "county", "area", "town", "street", "address",
        "address1", "address2", "line1", "line2", "detail",
    ];
    let address: String = parts.iter().filter_map(|name| id(to, &[name])).collect();
    let phone = id(to, &["phone", "mobile"]);
    Contact {
        name: id(to, &["name", "full_name"]),
        phone: phone.and_then(|raw| clean::phone::phone(&raw, home).ok()),
        address: (!address.is_empty()).then_some(address),
    }
}

/// What an event states of somebody, as a customer list has it.
pub(super) fn stated(
    object: &Object<'_>,
    prefix: &str,
    (identifiers, at): (Vec<Identifier>, Time),
) -> CustomerRow {
    let traits = object.iter().filter(|(name, _)| name.starts_with(prefix));
    let said = |value: &Json<'_>| match value {
        Json::Bool(_) | Json::Number(_) | Json::Text(_) => Some(value.text().into_owned()),
        _ => None,
    };
    let traits = traits.filter_map(|(name, value)| Some((name.to_owned(), said(value)?))).collect();
    CustomerRow { identifiers, updated_at: Some(at), traits, ..CustomerRow::default() }
}
