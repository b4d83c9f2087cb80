//! What a shop calls things.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::lexicon::Test;

/// What stands between the levels of a category's name.
const LEVELS: &str = " > ";
/// Endings that a place may be named with or without.
const ENDINGS: [&str; 4] = ["省", "市", "人", "地区"];

/// Letters of a place in Latin letters: shorter ones are words of English.
const SPELLED_MIN: usize = 4;

/// What a name of the shop may mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Means {
    /// A value of a customer's field.
    Customer(Test),
    /// Something that is bought or looked at: a value of a field of what customers have many of.
    Thing(Test),
}

/// A shop's own names, with what they mean.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    names: HashMap<String, Vec<Means>>,
    longest: usize,
    /// Digits after the point of the shop's currency.
    exponent: u32,
    /// Age bands that customers have.
    bands: Vec<String>,
}

impl Vocabulary {
    /// One without names; amounts have so many digits after the point.
    #[must_use]
    pub fn new(exponent: u32) -> Self {
        Self { exponent, ..Self::default() }
    }

    /// Names a value of a text field of customers.
    pub fn value(&mut self, field: &str, value: &str) {
        if field == "age_band" {
            self.bands.push(value.to_owned());
            return;
        }
        let test = Test { field: field.to_owned(), operator: "=".to_owned(), value: json!(value) };
        let means = Means::Customer(test);
        if matches!(field, "province" | "city") {
            let short = ENDINGS.iter().find_map(|ending| value.strip_suffix(ending));
            let short = short.filter(|short| short.chars().count() > 1).unwrap_or(value);
            ENDINGS.iter().for_each(|end| self.add(&format!("{short}{end}"), means.clone()));
            self.add(short, means.clone());
        }
        self.add(value, means);
    }

    /// Names a set of customers: a segment or a tag, by number.
    pub fn set(&mut self, field: &str, number: i64, name: &str) {
        let value = json!(number.to_string());
        let test = Test { field: field.to_owned(), operator: "=".to_owned(), value };
        self.add(name, Means::Customer(test));
    }

    /// Names a category, its last level and those above.
    pub fn category(&mut self, name: &str) {
        let of = |operator: &str, value: &str| {
            let value = json!(value);
            Test { field: "category".to_owned(), operator: operator.to_owned(), value }
        };
        self.thing(name, of("=", name));
        let mut above = name;
        if let Some((_, last)) = name.rsplit_once(LEVELS) {
            self.thing(last, of("=", name));
        }
        while let Some((upper, _)) = above.rsplit_once(LEVELS) {
            let last = upper.rsplit_once(LEVELS).map_or(upper, |(_, last)| last);
            self.thing(last, of("beginsWith", upper));
            above = upper;
        }
    }

    /// Names a brand.
    pub fn brand(&mut self, name: &str) {
        let test = Test { field: "brand".to_owned(), operator: "=".to_owned(), value: json!(name) };
        self.thing(name, test);
    }

    /// Names products, by number.
    pub fn products(&mut self, name: &str, numbers: &[i64]) {
        let (field, operator) = ("product_id".to_owned(), "in".to_owned());
        self.thing(name, Test { field, operator, value: json!(numbers) });
    }

    fn thing(&mut self, name: &str, test: Test) {
        self.add(name, Means::Thing(test));
    }

    fn add(&mut self, name: &str, means: Means) {
        let name = perceive::clean::text::narrow(name).trim().to_lowercase();
        if name.is_empty() {
            return;
        }
        self.longest = self.longest.max(name.chars().count());
        let all = self.names.entry(name).or_default();
        if !all.contains(&means) {
            all.push(means);
        }
    }

    /// What a name means, in small letters.
    pub(super) fn find(&self, name: &str) -> Option<&[Means]> {
        let own = self.names.get(name);
        let own = own.or_else(|| {
            // 广东 is Guangdong, too.
            let spelled = name.len() >= SPELLED_MIN
                && name.chars().all(|c| c.is_ascii_alphabetic() || c == ' ');
            let place = if spelled { perceive::clean::region::province(name) } else { None };
            place.and_then(|place| self.names.get(place.name))
        });
        own.map(Vec::as_slice)
    }

    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// An amount of `digits`, of which `after` stand behind the point, in minor units.
    pub(super) fn minor(&self, digits: i64, after: u32) -> Option<i64> {
        scaled(digits, i64::from(self.exponent) - i64::from(after))
    }

    /// The age bands that are exactly the ages from one to another.
    pub(super) fn bands(&self, from: i64, to: Option<i64>) -> Option<Value> {
        let mut found = Vec::new();
        let (mut first, mut last) = (i64::MAX, Some(-1));
        for band in &self.bands {
            let Some((low, high)) = ends(band) else { continue };
            let inside = low >= from && to.is_none_or(|to| high.is_some_and(|high| high <= to));
            if inside {
                first = first.min(low);
                last = last.zip(high).map(|(last, high)| last.max(high));
                found.push(band);
            }
        }
        found.sort_unstable();
        (!found.is_empty() && first == from && last == to).then(|| json!(found))
    }
}

/// The ages of a band; the last one is open.
fn ends(band: &str) -> Option<(i64, Option<i64>)> {
    if let Some(low) = band.strip_suffix('+') {
        return Some((low.parse().ok()?, None));
    }
    let (low, high) = band.split_once('-')?;
    Some((low.parse().ok()?, Some(high.parse().ok()?)))
}

/// A number with its point moved so many digits to the right; none where that leaves a fraction.
pub(super) fn scaled(digits: i64, by: i64) -> Option<i64> {
    let factor = 10_i64.checked_pow(u32::try_from(by.abs()).ok()?)?;
    match by {
        0.. => digits.checked_mul(factor),
        _ => (digits % factor == 0).then_some(digits / factor),
    }
}
