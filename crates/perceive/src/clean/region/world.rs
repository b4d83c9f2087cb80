//! Countries by ISO 3166-1: codes, English and Chinese names, and spellings met in exports.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::folded;

static COUNTRIES: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut countries = HashMap::new();
    for line in include_str!("world.txt").lines() {
        let Some((code, rest)) = line.split_once(' ') else { continue };
        let Some((code3, names)) = rest.split_once(' ') else { continue };
        for name in names.split('|').chain([code, code3]) {
            countries.insert(folded(name), code);
        }
    }
    countries
});

/// The ISO 3166-1 alpha-2 code of a country by code or name, in English or Chinese.
#[must_use]
pub fn country(name: &str) -> Option<&'static str> {
    COUNTRIES.get(&folded(name)).copied()
}
