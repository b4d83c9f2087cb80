//! Finding a mapping: by name, by file, by header.

use std::path::Path;

use base::{Code, Error, Result};
use sha2::{Digest, Sha256};

use super::{Columns, Field, Mapping, Source, spec::FileSpec};
use crate::clean::text;

/// The mappings that come with the program.
const BUILTINS: &[(&str, &str)] = &[
    ("online-retail", include_str!("../../../mappings/online-retail.toml")),
    ("taobao-orders", include_str!("../../../mappings/taobao-orders.toml")),
    ("shopify-orders", include_str!("../../../mappings/shopify-orders.toml")),
    ("olist", include_str!("../../../mappings/olist.toml")),
    ("complete-journey", include_str!("../../../mappings/complete-journey.toml")),
    ("orders", include_str!("../../../mappings/orders.toml")),
    ("customers", include_str!("../../../mappings/customers.toml")),
    ("products", include_str!("../../../mappings/products.toml")),
    ("reviews", include_str!("../../../mappings/reviews.toml")),
    ("favourites", include_str!("../../../mappings/favourites.toml")),
    ("chats", include_str!("../../../mappings/chats.toml")),
    ("complaints", include_str!("../../../mappings/complaints.toml")),
];

/// How well a mapping fits a header.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// Name of the mapping.
    pub mapping: &'static str,
    /// Which of its files.
    pub role: String,
    /// How many of the header's columns it understands.
    pub columns: usize,
    /// Whether it is made for exactly this source, not for any.
    pub exact: bool,
}

/// Names of the mappings that come with the program.
pub fn builtins() -> impl Iterator<Item = &'static str> {
    BUILTINS.iter().map(|(name, _)| *name)
}

/// A mapping that comes with the program.
///
/// # Errors
/// `not_found` with the names there are.
pub fn builtin(name: &str) -> Result<Mapping> {
    let text = builtin_text(name).ok_or_else(|| {
        Error::missing(format!("there is no mapping {name:?}")).field("mapping").hint(format!(
            "use one of: {}; or a TOML file",
            builtins().collect::<Vec<_>>().join(", ")
        ))
    })?;
    Mapping::parse(text)
}

/// The text of a mapping that comes with the program.
#[must_use]
pub fn builtin_text(name: &str) -> Option<&'static str> {
    BUILTINS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// A mapping by name, or from a file.
///
/// # Errors
/// As [`builtin`] and [`Mapping::parse`].
pub fn load(name: &str) -> Result<Mapping> {
    let path = Path::new(name);
    if BUILTINS.iter().any(|(known, _)| *known == name) || !path.is_file() {
        return builtin(name);
    }
    if path.metadata()?.len() > super::MAPPING_BYTES_MAX as u64 {
        return Err(Error::new(Code::TooLarge, "the mapping is longer than 256 KB").field(name));
    }
    let text = std::fs::read_to_string(path)?;
    let mapping = Mapping::parse(&text).map_err(|error| error.field(name))?;
    Ok(Mapping { own: Some(Sha256::digest(&text).to_vec()), ..mapping })
}

/// The mappings whose required columns a header has, the best first.
#[must_use]
pub fn detect(header: &[String]) -> Vec<Match> {
    let keys = keys(header);
    let mut matches = Vec::new();
    for (name, text) in BUILTINS {
        let Ok(mapping) = Mapping::parse(text) else { continue };
        for file in mapping.files.iter().filter(|file| fits(file, &keys)) {
            matches.push(Match {
                mapping: name,
                role: file.role.clone(),
                columns: understood(file, &keys),
                exact: !file.header.is_empty(),
            });
        }
    }
    matches.sort_by_key(|found| std::cmp::Reverse((found.exact, found.columns)));
    matches
}

/// Header cells as they are compared.
pub(super) fn keys(header: &[String]) -> Vec<String> {
    header.iter().map(|name| text::key(name)).collect()
}

/// The place of a column in a header.
pub(super) fn place(name: &str, keys: &[String]) -> Option<usize> {
    let key = text::key(name);
    keys.iter().position(|known| *known == key && !key.is_empty())
}

/// Whether a header has every column that a kind of file must have.
pub(super) fn fits(file: &FileSpec, keys: &[String]) -> bool {
    missing(file, keys).is_empty()
}

/// The columns that a header lacks.
pub(super) fn missing(file: &FileSpec, keys: &[String]) -> Vec<String> {
    let mut lacking: Vec<String> =
        file.header.iter().filter(|name| place(name, keys).is_none()).cloned().collect();
    let found = |field: &Field| {
        file.fields.get(field).is_some_and(|Source(source)| {
            source.constant.is_some()
                || source.default.is_some()
                || source.column.0.iter().any(|name| place(name, keys).is_some())
        })
    };
    let named = |field: &Field| {
        let names = file.fields.get(field).map(|Source(source)| source.column.0.join(" / "));
        format!("{} ({})", field.name(), names.unwrap_or_default())
    };
    lacking.extend(file.required.iter().filter(|field| !found(field)).map(named));
    let groups = file.any.iter().filter(|group| !group.iter().any(found));
    lacking.extend(groups.map(|group| group.iter().map(named).collect::<Vec<_>>().join(" | ")));
    let known = |name: &String| place(name, keys).is_some();
    let identified = file.identifiers.iter().any(|id| id.column.0.iter().any(known));
    let needs = matches!(file.record, super::Kind::Customer | super::Kind::IdentityLink);
    if needs && !identified {
        let names: Vec<&str> =
            file.identifiers.iter().flat_map(|id| &id.column.0).map(String::as_str).collect();
        lacking.push(format!("an identifier ({})", names.join(" / ")));
    }
    lacking
}

/// Columns that a kind of file speaks of and a header does not have under any of their names. One
/// that is known by its header is of a source whose files have some of their columns only; what
/// decides about sales and buyers must be there all the same.
pub(super) fn absent(file: &FileSpec, keys: &[String]) -> Vec<String> {
    let any = |columns: &Columns| columns.0.iter().any(|name| place(name, keys).is_some());
    let some = !file.header.is_empty();
    let mut lacking = Vec::new();
    let mut want = |what: &str, columns: &Columns| {
        if !columns.0.is_empty() && !any(columns) {
            lacking.push(format!("{what} ({})", columns.0.join(" / ")));
        }
    };
    if let Some(when) = &file.paid_when {
        want("paid_when", &when.column);
    }
    let named = file.identifiers.iter().any(|identifier| any(&identifier.column));
    for identifier in file.identifiers.iter().filter(|_| !(some && named)) {
        want(&identifier.namespace, &identifier.column);
    }
    if some {
        return lacking;
    }
    for (field, Source(source)) in &file.fields {
        want(field.name(), &source.column);
        for name in source.minus.0.iter().chain(&source.plus.0) {
            want(field.name(), &Columns(vec![name.clone()]));
        }
    }
    for (name, columns) in &file.traits {
        want(name, columns);
    }
    for name in file.check.iter().map(|check| &check.column) {
        want("check", &Columns(vec![name.clone()]));
    }
    for name in &file.personal {
        want("personal", &Columns(vec![name.clone()]));
    }
    lacking
}

/// How many of a header's columns a kind of file understands.
pub(super) fn understood(file: &FileSpec, keys: &[String]) -> usize {
    let fields = file.fields.values().flat_map(|Source(source)| {
        source.column.0.iter().chain(&source.plus.0).chain(&source.minus.0)
    });
    let identifiers = file.identifiers.iter().flat_map(|id| &id.column.0);
    let traits = file.traits.values().flat_map(|columns| &columns.0);
    let checks = file.check.iter().map(|check| &check.column);
    let mut places: Vec<usize> = fields
        .chain(identifiers)
        .chain(traits)
        .chain(checks)
        .chain(&file.header)
        .filter_map(|name| place(name, keys))
        .collect();
    places.sort_unstable();
    places.dedup();
    places.len()
}
