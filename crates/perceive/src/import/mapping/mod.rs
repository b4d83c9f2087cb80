//! Mappings: what the columns of a source mean, as data.
//!
//! A [`Mapping`] is a TOML text. [`Mapping::bind`] fits it to one file's header and gives a
//! [`Bound`], which turns raw rows into records and knows nothing of files. A row that cannot be
//! understood is a [`Reject`] that names column, value and reason; personal values in it are
//! masked. Amounts are exact decimals until the one rounding to minor units.

mod bind;
mod build;
mod field;
mod find;
mod order;
mod spec;
mod value;

use base::{Code, Currency, Date, Error, Result, Zone};

pub use bind::{Bound, Scratch};
pub use field::{Field, Kind};
pub use find::{Match, builtin, builtin_text, builtins, detect, load};
pub use spec::{
    Check, CheckKind, Columns, Condition, DecimalSign, FileSpec, IdentifierSpec, Mapping,
    RefundSign, Refusal, Source, SourceSpec,
};

/// Bytes that the text of a mapping may have.
pub const MAPPING_BYTES_MAX: usize = 256 * 1024;

/// What the shop knows that a mapping may leave open.
#[derive(Debug, Clone, Default)]
pub struct Setting {
    /// The shop's zone; a mapping's own comes first.
    pub time_zone: Option<Zone>,
    /// The shop's currency; a mapping's own comes first.
    pub currency: Option<Currency>,
    /// The shop's country, ISO 3166 alpha-2; a mapping's own comes first.
    pub country: Option<String>,
    /// The day that age bands are reckoned on.
    pub as_of: Option<Date>,
}

/// Why a row did not go in. The caller adds file and line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The column by its header cell; empty when it is the row as a whole.
    pub column: String,
    /// The value as it may be shown.
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// `bad_input` with the place in the text when it is no mapping, or one that contradicts
    /// itself.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > MAPPING_BYTES_MAX {
            return Err(Error::new(Code::TooLarge, "the mapping is longer than 256 KB"));
        }
        let mapping: Self = toml::from_str(text).map_err(|cause| {
            let before = cause.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.lines().last().map_or(0, |own| own.chars().count()) + 1;
            let column = if before.ends_with('\n') { 1 } else { column };
            let said = cause.message();
            Error::bad(format!("is not a mapping: line {line}, column {column}: {said}"))
                .field("mapping")
                .hint("`shuke import --suggest FILE` writes one to start from")
        })?;
        mapping.check()?;
        Ok(mapping)
    }

    fn check(&self) -> Result<()> {
        let wrong = |message: String| Err(Error::bad(message).field("mapping"));
        if self.name.trim().is_empty() || self.files.is_empty() {
            return wrong("needs a `name` and at least one [[file]]".to_owned());
        }
        for file in &self.files {
            let known = file.record.fields();
            let used = file.fields.keys().chain(&file.required);
            if let Some(field) = used.into_iter().find(|field| !known.contains(field)) {
                return wrong(format!(
                    "[[file]] {:?}: a {} has no field `{}`",
                    file.role,
                    file.record.name(),
                    field.name()
                ));
            }
            if let Some(field) = file.required.iter().find(|field| !file.fields.contains_key(field))
            {
                return wrong(format!(
                    "[[file]] {:?}: `{}` is required but has no column",
                    file.role,
                    field.name()
                ));
            }
            let person = matches!(file.record, Kind::Customer | Kind::IdentityLink);
            if person && file.identifiers.is_empty() {
                return wrong(format!("[[file]] {:?}: needs [[file.identifiers]]", file.role));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
