//! Regions: countries by ISO 3166, China's provinces and cities by GB/T 2260.
//!
//! Every spelling of a division becomes its short Chinese name, so that `广东省`, `Guangdong`,
//! `44` and `GD` are one. Divisions of other countries keep the source's text.

mod china;
mod world;

use crate::record::Region;

use super::text;

pub use china::{City, Province, city, province};
pub use world::country;

/// What a row says about a place, each part as the source has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts<'t> {
    /// Country.
    pub country: Option<&'t str>,
    /// First-level division.
    pub province: Option<&'t str>,
    /// Second-level division.
    pub city: Option<&'t str>,
    /// An address that begins with its divisions.
    pub address: Option<&'t str>,
}

/// The place in canonical names. `home` (ISO 3166 alpha-2) is the country of rows that name none.
#[must_use]
pub fn region(parts: Parts<'_>, home: Option<&str>) -> Region {
    let named = parts.country.and_then(country);
    let mut place = Region {
        country: parts.country.map(str::to_owned),
        country_code: named.map(str::to_owned),
        ..Region::default()
    };
    let chinese = match (parts.country, named) {
        (None, _) => home.is_none_or(|home| home == "CN"),
        (Some(_), code) => matches!(code, Some("CN" | "HK" | "MO" | "TW")),
    };
    if !chinese {
        place.province = parts.province.map(str::to_owned);
        place.city = parts.city.map(str::to_owned);
        if parts.country.is_none() && (place.province.is_some() || place.city.is_some()) {
            place.country_code = home.map(str::to_owned);
        }
        return place;
    }
    // A column of provinces may hold cities, too: `广东省 广州市`.
    let both = parts.province.filter(|name| province(name).is_none()).and_then(china::address);
    let read = both.or_else(|| parts.address.and_then(china::address));
    let province = parts.province.and_then(province).or(read.map(|found| found.province));
    let city = parts.city.and_then(|name| city(name, province)).or_else(|| {
        let found = read.and_then(|found| found.city);
        found.filter(|found| province.is_none_or(|province| province.code == found.province))
    });
    let province = province.or_else(|| city.and_then(china::province_of));
    place.province = province
        .map(|province| province.name.to_owned())
        .or_else(|| parts.province.map(str::to_owned));
    place.city = city
        .map(|city| city.name.to_owned())
        .or_else(|| province.filter(|p| p.is_city()).map(|p| p.name.to_owned()))
        .or_else(|| parts.city.map(|name| name.trim_end_matches('市').to_owned()));
    if let Some(province) = province {
        place.country_code = Some(province.country().to_owned());
    } else if place.country_code.is_none() && (place.province.is_some() || place.city.is_some()) {
        place.country_code = home.map(str::to_owned);
    }
    place
}

/// A name to compare by: without blanks, marks and case.
fn folded(name: &str) -> String {
    text::key(name)
}
