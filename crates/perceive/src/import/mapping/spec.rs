//! The text of a mapping: TOML, unknown keys refused with their place.

use std::collections::BTreeMap;
use std::fmt;

use base::{Currency, Zone};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::field::{Field, Kind};
use crate::clean::when::Style;
use crate::record::OrderKind;

/// How the files of a source become records.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Name; part of the identity of each imported line.
    pub name: String,
    /// Version; a higher one reads the same file anew.
    pub version: u32,
    /// One sentence for people.
    #[serde(default)]
    pub title: String,
    /// Zone of times without an offset.
    pub time_zone: Option<Zone>,
    /// Currency of all amounts.
    pub currency: Option<Currency>,
    /// ISO 3166 alpha-2 of phones and places that name no country.
    pub country: Option<String>,
    /// The decimal sign: `.` or `,`.
    #[serde(default)]
    pub decimal: DecimalSign,
    /// The kinds of file that the source has.
    #[serde(rename = "file")]
    pub files: Vec<FileSpec>,
    /// Files of the source that hold nothing for an import.
    #[serde(default)]
    pub refuse: Vec<Refusal>,
    /// SHA-256 of the text of a mapping that is somebody's own; none for one of ours.
    #[serde(skip)]
    pub own: Option<Vec<u8>>,
}

/// The decimal sign of a source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum DecimalSign {
    /// `1,234.50`
    #[default]
    #[serde(rename = ".")]
    Point,
    /// `1.234,50`
    #[serde(rename = ",")]
    Comma,
}

/// One kind of file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    /// Name within the mapping.
    pub role: String,
    /// What a row is.
    pub record: Kind,
    /// Columns that a file must have to be of this kind, besides those of `required`.
    #[serde(default)]
    pub header: Vec<String>,
    /// Fields that must have a column, and a value in every row.
    #[serde(default)]
    pub required: Vec<Field>,
    /// Groups of fields of which one at least must have a column.
    #[serde(default)]
    pub any: Vec<Vec<Field>>,
    /// Where each field comes from.
    #[serde(default)]
    pub fields: BTreeMap<Field, Source>,
    /// Identifiers of the person, most trusted first.
    #[serde(default)]
    pub identifiers: Vec<IdentifierSpec>,
    /// Traits of a person: name and column.
    #[serde(default)]
    pub traits: BTreeMap<String, Columns>,
    /// Columns that are personal, besides those whose field is.
    #[serde(default)]
    pub personal: Vec<String>,
    /// Columns that are checked and not kept: a row that fails here is damaged elsewhere too.
    #[serde(default)]
    pub check: Vec<Check>,
    /// What a document is, by the beginning of its number.
    #[serde(default)]
    pub prefix: BTreeMap<String, OrderKind>,
    /// How a refund's quantities and amounts are signed in the source.
    #[serde(default)]
    pub refunds: RefundSign,
    /// When the paid amount counts; at other times nothing has been paid.
    pub paid_when: Option<Condition>,
    /// Whether a time of payment, sending or receipt moves the status on.
    #[serde(default)]
    pub status_from_times: bool,
    /// Whether one row is a whole order: another row about it replaces its line.
    #[serde(default)]
    pub whole: bool,
    /// Whether only the first row of an order carries what belongs to the whole order.
    #[serde(default)]
    pub first_row_head: bool,
}

/// Where a field comes from.
#[derive(Debug, Clone, Default)]
pub struct Source(pub SourceSpec);

/// The long form of a [`Source`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSpec {
    /// Columns; the first with a value counts, or all of them with `join`.
    #[serde(default)]
    pub column: Columns,
    /// What stands between the values of several columns that make one.
    pub join: Option<String>,
    /// The source's words and what they mean.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// The value of every row.
    pub constant: Option<String>,
    /// The value of rows that have none.
    pub default: Option<String>,
    /// How times are written.
    #[serde(default)]
    pub style: Style,
    /// Zone of these times, where it is not the mapping's.
    pub zone: Option<Zone>,
    /// Amounts to take off.
    #[serde(default)]
    pub minus: Columns,
    /// Amounts to add.
    #[serde(default)]
    pub plus: Columns,
    /// Whether a value that cannot be read counts as none instead of refusing the row.
    #[serde(default)]
    pub lenient: bool,
}

/// One column or several, by the text of their header cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns(pub Vec<String>);

/// An identifier of the person.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentifierSpec {
    /// Namespace; `phone` and `email` are cleaned as such.
    pub namespace: String,
    /// Columns; the first with a value counts.
    pub column: Columns,
    /// Whether a value that cannot be read counts as none instead of refusing the row.
    #[serde(default)]
    pub lenient: bool,
}

/// A column that is checked and not kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The column.
    pub column: String,
    /// What it must be, where it is not empty.
    pub is: CheckKind,
}

/// What a checked column must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// An amount.
    Money,
    /// A time.
    Time,
    /// A whole number.
    Whole,
}

/// A condition on a column.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The column.
    pub column: Columns,
    /// The values that it may have.
    pub is: Vec<String>,
}

/// How a refund's quantities and amounts are signed in the source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundSign {
    /// Below zero already.
    #[default]
    Negative,
    /// Above zero: they are turned.
    Positive,
    /// As each row has it: those above zero are turned.
    Either,
}

/// A file of the source that holds nothing for an import.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// Columns that it is known by: exactly these.
    pub header: Vec<String>,
    /// Why, and what to do.
    pub reason: String,
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Columns;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column's name or a list of names")
            }

            fn visit_str<E>(self, name: &str) -> Result<Columns, E> {
                Ok(Columns(vec![name.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Columns, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Columns)
            }
        }
        deserializer.deserialize_any(Names)
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Source;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column's name, a list of names, or a table")
            }

            fn visit_str<E>(self, name: &str) -> Result<Source, E> {
                let column = Columns(vec![name.to_owned()]);
                Ok(Source(SourceSpec { column, ..SourceSpec::default() }))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Source, A::Error> {
                let names = Vec::deserialize(SeqAccessDeserializer::new(seq))?;
                Ok(Source(SourceSpec { column: Columns(names), ..SourceSpec::default() }))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Source, A::Error> {
                SourceSpec::deserialize(MapAccessDeserializer::new(map)).map(Source)
            }
        }
        deserializer.deserialize_any(Either)
    }
}
