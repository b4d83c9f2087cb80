//! Plain columns: how rows come into the lake and leave it, without a type of Arrow in sight.
//!
//! Every column of a [`Columns`] has the same number of rows. Conversion to Arrow copies no
//! values.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int32Array, Int64Array,
    RecordBatch, RecordBatchOptions, StringArray, TimestampMicrosecondArray,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{Field, Int32Type, Schema};
use base::{Code, Error, Result};
use serde::{Deserialize, Serialize};

use crate::error::Context;

/// Bytes of text that one column holds at most; offsets are 32 bits.
pub const TEXT_BYTES_MAX: usize = i32::MAX as usize;

/// Values of which some may be missing.
#[derive(Debug, Clone, Default)]
pub struct Nullable<T> {
    values: Vec<T>,
    valid: Vec<bool>,
}

impl<T: Copy + Default> Nullable<T> {
    /// Empty, with room for `rows`.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        Self { values: Vec::with_capacity(rows), valid: Vec::with_capacity(rows) }
    }

    /// Adds one value or a missing one.
    pub fn push(&mut self, value: Option<T>) {
        self.values.push(value.unwrap_or_default());
        self.valid.push(value.is_some());
    }

    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn parts(self) -> (Vec<T>, Option<NullBuffer>) {
        (self.values, nulls(self.valid))
    }
}

impl<T: Copy + Default> FromIterator<Option<T>> for Nullable<T> {
    fn from_iter<I: IntoIterator<Item = Option<T>>>(items: I) -> Self {
        let mut column = Self::default();
        items.into_iter().for_each(|item| column.push(item));
        column
    }
}

/// Text that mostly differs from row to row: one buffer of bytes and where each row ends.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Text {
    bytes: String,
    ends: Vec<usize>,
    valid: Vec<bool>,
}

impl Text {
    /// Adds a row.
    pub fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
        self.valid.push(true);
    }

    /// Adds a missing row.
    pub fn push_null(&mut self) {
        self.ends.push(self.bytes.len());
        self.valid.push(false);
    }

    /// Adds a row or a missing one.
    pub fn push_option(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.push(text),
            None => self.push_null(),
        }
    }

    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds the rows of another.
    pub fn append(&mut self, more: &Self) {
        let before = self.bytes.len();
        self.bytes.push_str(&more.bytes);
        self.ends.extend(more.ends.iter().map(|end| before + end));
        self.valid.extend_from_slice(&more.valid);
    }

    /// Its rows; missing ones are empty.
    fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(&0).chain(&self.ends);
        let rows = starts.zip(&self.ends);
        rows.map(|(start, end)| self.bytes.get(*start..*end).unwrap_or_default())
    }

    fn array(self) -> Result<StringArray> {
        let mut offsets = Vec::with_capacity(self.ends.len() + 1);
        offsets.push(0_i32);
        for end in self.ends {
            offsets.push(i32::try_from(end).map_err(|_| too_long())?);
        }
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let bytes = Buffer::from_vec(self.bytes.into_bytes());
        StringArray::try_new(offsets, bytes, nulls(self.valid)).context("a text column is damaged")
    }
}

impl<'a> FromIterator<Option<&'a str>> for Text {
    fn from_iter<I: IntoIterator<Item = Option<&'a str>>>(items: I) -> Self {
        let mut column = Self::default();
        items.into_iter().for_each(|item| column.push_option(item));
        column
    }
}

/// Text of which few different values occur: each row is the number of its word.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Words {
    codes: Vec<i32>,
    valid: Vec<bool>,
    words: Text,
    /// Not written: words are added to what was read by [`Words::append`] only.
    #[serde(skip)]
    known: HashMap<Box<str>, i32>,
}

impl Words {
    /// Adds a row.
    pub fn push(&mut self, word: &str) {
        let code = self.code(word);
        self.push_code(Some(code));
    }

    /// Adds a row or a missing one.
    pub fn push_option(&mut self, word: Option<&str>) {
        let code = word.map(|word| self.code(word));
        self.push_code(code);
    }

    /// The number of a word, which is made when it is new. For [`Words::push_code`].
    pub fn code(&mut self, word: &str) -> i32 {
        if let Some(&code) = self.known.get(word) {
            return code;
        }
        let code = i32::try_from(self.words.len()).unwrap_or(i32::MAX);
        self.words.push(word);
        self.known.insert(word.into(), code);
        code
    }

    /// Adds the rows of another.
    ///
    /// # Errors
    /// [`Code::Damaged`] when a row of the other has no word.
    pub fn append(&mut self, more: &Self) -> Result<()> {
        let words: Vec<i32> = more.words.iter().map(|word| self.code(word)).collect();
        for (code, valid) in more.codes.iter().zip(&more.valid) {
            let word = usize::try_from(*code).ok().and_then(|code| words.get(code)).copied();
            if *valid && word.is_none() {
                return Err(Error::damaged("a row names an unknown word"));
            }
            self.push_code(word.filter(|_| *valid));
        }
        Ok(())
    }

    /// Adds a row by the number of its word, as [`Words::code`] gave it.
    pub fn push_code(&mut self, code: Option<i32>) {
        self.codes.push(code.unwrap_or_default());
        self.valid.push(code.is_some());
    }

    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    fn array(self) -> Result<DictionaryArray<Int32Type>> {
        let mut words = self.words;
        if words.is_empty() && !self.codes.is_empty() {
            words.push("");
        }
        let codes = Int32Array::new(self.codes.into(), nulls(self.valid));
        DictionaryArray::try_new(codes, Arc::new(words.array()?))
            .context("a column of words is damaged")
    }
}

impl<'a> FromIterator<Option<&'a str>> for Words {
    fn from_iter<I: IntoIterator<Item = Option<&'a str>>>(items: I) -> Self {
        let mut column = Self::default();
        items.into_iter().for_each(|item| column.push_option(item));
        column
    }
}

/// The values of one column.
#[derive(Debug, Clone)]
pub enum Column {
    /// Whole numbers.
    I64(Vec<i64>),
    /// Whole numbers, some missing.
    OptI64(Nullable<i64>),
    /// Small whole numbers.
    I32(Vec<i32>),
    /// Small whole numbers, some missing.
    OptI32(Nullable<i32>),
    /// Fractions; never money.
    F64(Vec<f64>),
    /// Fractions, some missing.
    OptF64(Nullable<f64>),
    /// Yes or no.
    Bool(Vec<bool>),
    /// Yes or no, some missing.
    OptBool(Nullable<bool>),
    /// Instants: microseconds since 1970 in UTC.
    Time(Vec<i64>),
    /// Instants, some missing.
    OptTime(Nullable<i64>),
    /// Days since 1970.
    Date(Vec<i32>),
    /// Days, some missing.
    OptDate(Nullable<i32>),
    /// Text that mostly differs.
    Text(Text),
    /// Text of few different values.
    Words(Words),
}

impl Column {
    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::I64(v) | Self::Time(v) => v.len(),
            Self::OptI64(v) | Self::OptTime(v) => v.len(),
            Self::I32(v) | Self::Date(v) => v.len(),
            Self::OptI32(v) | Self::OptDate(v) => v.len(),
            Self::F64(v) => v.len(),
            Self::OptF64(v) => v.len(),
            Self::Bool(v) => v.len(),
            Self::OptBool(v) => v.len(),
            Self::Text(v) => v.len(),
            Self::Words(v) => v.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn array(self) -> Result<ArrayRef> {
        Ok(match self {
            Self::I64(v) => Arc::new(Int64Array::from(v)),
            Self::OptI64(v) => {
                let (values, nulls) = v.parts();
                Arc::new(Int64Array::new(values.into(), nulls))
            }
            Self::I32(v) => Arc::new(Int32Array::from(v)),
            Self::OptI32(v) => {
                let (values, nulls) = v.parts();
                Arc::new(Int32Array::new(values.into(), nulls))
            }
            Self::F64(v) => Arc::new(Float64Array::from(v)),
            Self::OptF64(v) => {
                let (values, nulls) = v.parts();
                Arc::new(Float64Array::new(values.into(), nulls))
            }
            Self::Bool(v) => Arc::new(BooleanArray::from(v)),
            Self::OptBool(v) => {
                let (values, nulls) = v.parts();
                Arc::new(BooleanArray::new(values.into(), nulls))
            }
            Self::Time(v) => Arc::new(TimestampMicrosecondArray::from(v).with_timezone("UTC")),
            Self::OptTime(v) => {
                let (values, nulls) = v.parts();
                let times = TimestampMicrosecondArray::new(values.into(), nulls);
                Arc::new(times.with_timezone("UTC"))
            }
            Self::Date(v) => Arc::new(Date32Array::from(v)),
            Self::OptDate(v) => {
                let (values, nulls) = v.parts();
                Arc::new(Date32Array::new(values.into(), nulls))
            }
            Self::Text(v) => Arc::new(v.array()?),
            Self::Words(v) => Arc::new(v.array()?),
        })
    }
}

/// Named columns of equal length.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    rows: usize,
    columns: Vec<(Cow<'static, str>, Column)>,
}

impl Columns {
    /// No column yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column.
    ///
    /// # Errors
    /// [`Code::Internal`] when its length is not that of the others.
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, column: Column) -> Result<Self> {
        let name = name.into();
        if !self.columns.is_empty() && self.rows != column.len() {
            let (rows, expected) = (column.len(), self.rows);
            let message = format!("the column has {rows} rows, the others have {expected}");
            return Err(Error::new(Code::Internal, message).field(name));
        }
        self.rows = column.len();
        self.columns.push((name, column));
        Ok(self)
    }

    /// Rows of each column.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The same rows as an Arrow batch.
    ///
    /// # Errors
    /// [`Code::TooLarge`] when a column holds more than [`TEXT_BYTES_MAX`] bytes of text.
    pub fn into_batch(self) -> Result<RecordBatch> {
        let mut fields = Vec::with_capacity(self.columns.len());
        let mut arrays = Vec::with_capacity(self.columns.len());
        for (name, column) in self.columns {
            let array = column.array().map_err(|error| error.field(name.clone()))?;
            let nullable = array.logical_nulls().is_some();
            fields.push(Field::new(name, array.data_type().clone(), nullable));
            arrays.push(array);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
            .context("the columns make no batch")
    }
}

fn nulls(valid: Vec<bool>) -> Option<NullBuffer> {
    valid.contains(&false).then(|| NullBuffer::from(valid))
}

fn too_long() -> Error {
    Error::new(Code::TooLarge, format!("a column holds more than {TEXT_BYTES_MAX} bytes of text"))
        .hint("hand the rows over in smaller batches")
}
