//! Properties of a message by what they are: amounts, and what things are called.

use base::{Currency, Decimal, Error, Result};

use super::commerce::Setting;
use super::object::{Json, Object};
use crate::clean::number;

/// Minor units of an amount at the most: a hundred billion yuan.
pub(super) const MINOR_MAX: u64 = 10_u64.pow(13);

/// Refuses money in another currency than the shop's.
pub(super) fn currency(object: &Object<'_>, setting: &Setting<'_>) -> Result<()> {
    let Some(code) = id(object, &["currency"]) else { return Ok(()) };
    let named: Currency = code.parse()?;
    if named == setting.currency {
        return Ok(());
    }
    let ours = setting.currency;
    Err(Error::bad(format!("the shop keeps its figures in {ours}, not {named}")).field("currency"))
}

/// The first of these properties that is an amount, in minor units.
pub(super) fn money(
    object: &Object<'_>,
    names: &[&'static str],
    setting: &Setting<'_>,
) -> Result<Option<i64>> {
    for name in names {
        let Some(value) = object.get(name) else { continue };
        let text = value.text();
        let amount = number::amount(&text, false).map_err(|why| Error::bad(why.into_owned()));
        let minor = amount.and_then(|amount: Decimal| setting.currency.minor(amount));
        let minor = minor.and_then(|minor| match minor.unsigned_abs() > MINOR_MAX {
            true => Err(Error::bad("is larger than an amount of a shop can be")),
            false => Ok(minor),
        });
        return minor.map(Some).map_err(|error| error.field(*name));
    }
    Ok(None)
}

/// As [`id`], of what something is found by again.
pub(super) fn key(object: &Object<'_>, names: &[&'static str]) -> Result<Option<String>> {
    let value = id(object, names);
    if value.as_ref().is_some_and(|value| value.len() > number::ID_BYTES_MAX) {
        let text = format!("has more than {} bytes", number::ID_BYTES_MAX);
        let name = names.iter().find(|name| object.get(name).is_some());
        return Err(Error::bad(text).field(name.copied().unwrap_or_default()));
    }
    Ok(value)
}

/// The first of these properties that is a text or a number.
pub(super) fn id(object: &Object<'_>, names: &[&str]) -> Option<String> {
    let value = names.iter().find_map(|name| object.get(name))?;
    match value {
        Json::Text(_) | Json::Number(_) => {
            let text = value.text();
            let text = text.trim();
            (!text.is_empty()).then(|| text.replace('\0', ""))
        }
        _ => None,
    }
}
