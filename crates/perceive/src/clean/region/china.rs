//! China's divisions at province and prefecture level, by GB/T 2260.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::folded;

/// A division of the first level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Province {
    /// First two digits of its GB/T 2260 code.
    pub code: &'static str,
    /// Two letters of GB/T 2260.
    pub letters: &'static str,
    /// Short Chinese name, the canonical one.
    pub name: &'static str,
    /// Full Chinese name.
    pub full: &'static str,
}

impl Province {
    /// Whether it has no prefectures: a municipality, or Hong Kong and Macau.
    #[must_use]
    pub fn is_city(&self) -> bool {
        matches!(self.code, "11" | "12" | "31" | "50" | "81" | "82")
    }

    /// ISO 3166-1 alpha-2; Hong Kong, Macau and Taiwan have codes of their own.
    #[must_use]
    pub fn country(&self) -> &'static str {
        match self.code {
            "71" => "TW",
            "81" => "HK",
            "82" => "MO",
            _ => "CN",
        }
    }
}

/// A division of the second level, or a county directly under a province.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct City {
    /// Two digits of its province.
    pub province: &'static str,
    /// Two digits of its own.
    pub code: &'static str,
    /// Short Chinese name, the canonical one.
    pub name: &'static str,
}

/// What an address begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) province: &'static Province,
    pub(super) city: Option<&'static City>,
}

struct Table {
    provinces: Vec<Province>,
    cities: Vec<City>,
    province_by_name: HashMap<String, usize>,
    /// One romanised name can be several cities: Suzhou is 苏州 and 宿州.
    city_by_name: HashMap<String, Vec<usize>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        provinces: Vec::new(),
        cities: Vec::new(),
        province_by_name: HashMap::new(),
        city_by_name: HashMap::new(),
    };
    for line in include_str!("china.txt").lines() {
        match line.strip_prefix("= ") {
            Some(line) => table.add_province(line),
            None => line.split(',').for_each(|entry| table.add_city(entry)),
        }
    }
    table
});

impl Table {
    fn add_province(&mut self, line: &'static str) {
        let mut words = line.split(' ');
        let mut next = || words.next().unwrap_or_default();
        let (code, letters, name, full) = (next(), next(), next(), next());
        let place = self.provinces.len();
        self.provinces.push(Province { code, letters, name, full });
        let coded = [format!("{code}0000"), format!("CN-{letters}"), format!("CN-{code}")];
        for alias in [code, letters, name, full].into_iter().chain(words) {
            self.province_by_name.insert(folded(alias), place);
        }
        for alias in coded {
            self.province_by_name.insert(folded(&alias), place);
        }
    }

    fn add_city(&mut self, entry: &'static str) {
        let Some(province) = self.provinces.last().map(|province| province.code) else { return };
        let mut words = entry.split(' ');
        let (code, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let place = self.cities.len();
        self.cities.push(City { province, code, name });
        let mut add = |alias: &str| {
            self.city_by_name.entry(folded(alias)).or_default().push(place);
        };
        add(&format!("{province}{code}00"));
        add(name);
        words.for_each(add);
    }
}

/// The province of a name, code or spelling.
#[must_use]
pub fn province(name: &str) -> Option<&'static Province> {
    let key = folded(name);
    let table = &*TABLE;
    let find = |key: &str| table.province_by_name.get(key).and_then(|i| table.provinces.get(*i));
    find(&key)
        .or_else(|| find(bare(&key, &["province", "sheng", "municipality", "shi", "sar"])))
        .or_else(|| {
            let (found, rest) = province_prefix(name.trim())?;
            rest.is_empty().then_some(found)
        })
}

/// The city of a name, code or spelling; a name that several cities share needs its province.
#[must_use]
pub fn city(name: &str, province: Option<&Province>) -> Option<&'static City> {
    let key = folded(name);
    let short = bare(&key, &["市", "地区", "盟", "林区", "city", "shi"]);
    [key.as_str(), short].iter().find_map(|key| lookup(key, province)).or_else(|| {
        // 延边朝鲜族自治州: the short name and the peoples it is named after.
        let table = &*TABLE;
        let found = table.cities.iter().find(|city| {
            (key.ends_with('州') || key.ends_with('县') || key.ends_with('区'))
                && key.starts_with(city.name)
                && province.is_none_or(|province| province.code == city.province)
        });
        found.filter(|_| key.contains("自治") || key.ends_with('州'))
    })
}

/// The province of a city.
pub(super) fn province_of(city: &City) -> Option<&'static Province> {
    TABLE.provinces.iter().find(|province| province.code == city.province)
}

/// What an address such as `广东省 广州市 天河区 …` begins with.
pub(super) fn address(text: &str) -> Option<Found> {
    let start = text.trim_start();
    let start = start.strip_prefix("中国").unwrap_or(start).trim_start();
    if let Some((province, rest)) = province_prefix(start) {
        let inner = !province.is_city();
        let city = inner.then(|| city_prefix(rest.trim_start(), Some(province))).flatten();
        return Some(Found { province, city });
    }
    if let Some(city) = city_prefix(start, None) {
        return Some(Found { province: province_of(city)?, city: Some(city) });
    }
    romanised(start)
}

/// `Guangdong` or `Guangdong, Guangzhou`, and nothing else: streets bear such names, too.
fn romanised(text: &str) -> Option<Found> {
    let mut words = text.split([',', '/', ' ']).map(str::trim).filter(|word| !word.is_empty());
    let province = province(words.next()?)?;
    let city = match words.next() {
        Some(word) => Some(city(word, Some(province))?),
        None => None,
    };
    words.next().is_none().then_some(Found { province, city })
}

fn lookup(key: &str, province: Option<&Province>) -> Option<&'static City> {
    let table = &*TABLE;
    let places = table.city_by_name.get(key)?;
    let mut fits = places
        .iter()
        .filter_map(|place| table.cities.get(*place))
        .filter(|city| province.is_none_or(|province| province.code == city.province));
    let first = fits.next()?;
    fits.next().is_none().then_some(first)
}

fn bare<'t>(key: &'t str, suffixes: &[&str]) -> &'t str {
    suffixes.iter().find_map(|suffix| key.strip_suffix(suffix)).unwrap_or(key)
}

fn province_prefix(text: &str) -> Option<(&'static Province, &str)> {
    let table = &*TABLE;
    table.provinces.iter().find_map(|province| {
        let rest = text.strip_prefix(province.name)?;
        // 吉林市 is a city of 吉林省.
        if !province.is_city() && rest.starts_with('市') {
            return None;
        }
        let full = text.strip_prefix(province.full);
        let rest = full.unwrap_or_else(|| {
            ["省", "市", "自治区"].iter().find_map(|s| rest.strip_prefix(s)).unwrap_or(rest)
        });
        Some((province, rest))
    })
}

/// A city that a text begins with. Without a province its suffix is needed: 中山路 is a street.
fn city_prefix(text: &str, province: Option<&Province>) -> Option<&'static City> {
    let word = text.split_whitespace().next().unwrap_or_default();
    TABLE.cities.iter().find(|city| {
        let inside = province.is_none_or(|province| province.code == city.province);
        let Some(rest) = text.strip_prefix(city.name).filter(|_| inside) else { return false };
        province.is_some()
            || word == city.name
            || ["市", "地区", "盟", "林区"].iter().any(|suffix| rest.starts_with(suffix))
            || rest.split_once("自治州").is_some_and(|(people, _)| people.chars().count() <= 12)
    })
}
