//! A value as exact text, of whatever type the file or the engine gave it.
//!
//! Instants are ISO-8601 with Z, times without a zone without it, decimals with all their digits,
//! fractions in the shortest form that reads back as the same number.

use std::fmt::Write;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryViewArray, BooleanArray, LargeStringArray, PrimitiveArray,
    RecordBatch, StringArray, StringViewArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use arrow::temporal_conversions::timestamp_us_to_datetime;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use base::{Error, Result};

use crate::error::Context;

/// The cells of a batch.
pub(crate) struct Cells<'a>(Vec<Cell<'a>>);

enum Cell<'a> {
    I64(PrimitiveArray<Int64Type>),
    F64(PrimitiveArray<Float64Type>),
    /// Microseconds, and whether they are an instant.
    Time(PrimitiveArray<TimestampMicrosecondType>, bool),
    Bool(&'a BooleanArray),
    Text(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
    Bytes(&'a BinaryViewArray),
    /// The words of a dictionary and each row's.
    Words(Box<Cell<'a>>, Vec<Option<usize>>),
    Other(&'a ArrayRef, ArrayFormatter<'a>),
}

static FORMAT: FormatOptions<'static> = FormatOptions::new();

impl<'a> Cells<'a> {
    pub(crate) fn new(batch: &'a RecordBatch) -> Result<Self> {
        batch.columns().iter().map(Cell::new).collect::<Result<_>>().map(Self)
    }

    /// Appends the value's text; false when it is missing.
    pub(crate) fn text(&self, row: usize, column: usize, out: &mut String) -> Result<bool> {
        let cell = self.0.get(column);
        cell.ok_or_else(|| Error::damaged("there is no such column"))?.write(row, out)
    }
}

impl<'a> Cell<'a> {
    fn new(array: &'a ArrayRef) -> Result<Self> {
        let as_type = |kind: &DataType| cast(array, kind).context("a value cannot be shown");
        Ok(match array.data_type() {
            DataType::Boolean => Self::Bool(array.as_boolean()),
            DataType::Utf8 => Self::Text(array.as_string()),
            DataType::LargeUtf8 => Self::Large(array.as_string()),
            DataType::Utf8View => Self::View(array.as_string_view()),
            DataType::BinaryView => Self::Bytes(array.as_binary_view()),
            DataType::Float64 | DataType::Float32 => {
                if *array.data_type() == DataType::Float32 {
                    return Self::other(array);
                }
                Self::F64(array.as_primitive().clone())
            }
            DataType::UInt64 => return Self::other(array),
            kind if kind.is_integer() => {
                Self::I64(as_type(&DataType::Int64)?.as_primitive().clone())
            }
            DataType::Timestamp(unit, zone) if *unit != TimeUnit::Nanosecond => {
                let micros = DataType::Timestamp(TimeUnit::Microsecond, zone.clone());
                Self::Time(as_type(&micros)?.as_primitive().clone(), zone.is_some())
            }
            DataType::Dictionary(_, _) => {
                let Some(words) = array.as_any_dictionary_opt() else { return Self::other(array) };
                let keys = words.normalized_keys();
                let nulls = words.keys().nulls();
                let valid = |row: usize| nulls.is_none_or(|nulls| nulls.is_valid(row));
                let rows = keys.into_iter().enumerate();
                let rows = rows.map(|(row, key)| valid(row).then_some(key)).collect();
                Self::Words(Box::new(Self::new(words.values())?), rows)
            }
            _ => return Self::other(array),
        })
    }

    fn other(array: &'a ArrayRef) -> Result<Self> {
        let format = ArrayFormatter::try_new(array.as_ref(), &FORMAT);
        Ok(Self::Other(array, format.context("a value cannot be shown")?))
    }

    fn write(&self, row: usize, out: &mut String) -> Result<bool> {
        if self.is_null(row) {
            return Ok(false);
        }
        let written = match self {
            Self::I64(array) => write!(out, "{}", array.value(row)),
            Self::F64(array) => write!(out, "{}", array.value(row)),
            Self::Time(array, instant) => write_time(array.value(row), *instant, out),
            Self::Bool(array) => out.write_str(if array.value(row) { "true" } else { "false" }),
            Self::Text(array) => out.write_str(array.value(row)),
            Self::Large(array) => out.write_str(array.value(row)),
            Self::View(array) => out.write_str(array.value(row)),
            Self::Bytes(array) => {
                let text = std::str::from_utf8(array.value(row));
                let no_text = |_| Error::bad("the value is bytes that are no text");
                out.write_str(text.map_err(no_text)?)
            }
            Self::Words(words, rows) => {
                return match rows.get(row).copied().flatten() {
                    Some(word) => words.write(word, out),
                    None => Ok(false),
                };
            }
            Self::Other(_, format) => format.value(row).write(out).map_err(|_| std::fmt::Error),
        };
        written.context("a value cannot be shown")?;
        Ok(true)
    }

    fn is_null(&self, row: usize) -> bool {
        let array: &dyn Array = match self {
            Self::I64(array) => array,
            Self::F64(array) => array,
            Self::Time(array, _) => array,
            Self::Bool(array) => *array,
            Self::Text(array) => *array,
            Self::Large(array) => *array,
            Self::View(array) => *array,
            Self::Bytes(array) => *array,
            Self::Words(..) => return false,
            Self::Other(array, _) => array,
        };
        // A column that is null throughout has no marks of its own.
        row >= array.len() || array.is_null(row) || *array.data_type() == DataType::Null
    }
}

fn write_time(micros: i64, instant: bool, out: &mut String) -> std::fmt::Result {
    let Some(time) = timestamp_us_to_datetime(micros) else { return write!(out, "{micros}µs") };
    let end = if instant { "Z" } else { "" };
    write!(out, "{}{end}", time.format("%Y-%m-%dT%H:%M:%S%.f"))
}

/// How many columns of a terminal a text takes: wide letters count twice.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
}

/// The text without control characters, so that it cannot act on a terminal.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The beginning of a text that is at most `most` columns wide.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut taken = 0;
    let mut cut: String = text
        .chars()
        .take_while(|c| {
            taken += if is_wide(*c) { 2 } else { 1 };
            taken < most
        })
        .collect();
    cut.push('…');
    cut
}
