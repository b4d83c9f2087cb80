//! An answer: rows with names and kinds, written as JSON, CSV or a table for people.

use std::io::{self, Write};

use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use base::Result;

use crate::cell::{self, Cells};
use crate::columns::Columns;

/// Rows that a person's table looks at before it fixes the widths of its columns.
const WIDTH_ROWS: usize = 1_000;
/// Characters that a person's table shows of one value.
const WIDTH_MAX: usize = 60;

/// The rows that a query gave.
#[derive(Debug, Clone)]
pub struct Answer {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    rows: usize,
    memory_bytes: usize,
}

impl Answer {
    pub(crate) fn new(schema: SchemaRef) -> Self {
        Self { schema, batches: Vec::new(), rows: 0, memory_bytes: 0 }
    }

    pub(super) fn of(columns: Columns) -> Result<Self> {
        let batch = columns.into_batch()?;
        let mut answer = Self::new(batch.schema());
        answer.push(batch);
        Ok(answer)
    }

    pub(crate) fn push(&mut self, batch: RecordBatch) {
        self.rows += batch.num_rows();
        self.memory_bytes += batch.get_array_memory_size();
        self.batches.push(batch);
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns: name and kind (`integer`, `number`, `text`, `boolean`, `timestamp`, `date`,
    /// `decimal`, `list`).
    pub fn columns(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.schema.fields().iter().map(|field| (field.name().as_str(), kind(field.data_type())))
    }

    /// The rows as Arrow batches.
    #[must_use]
    pub fn batches(&self) -> &[RecordBatch] {
        &self.batches
    }

    /// Calls `each` with every row's values as text; a missing value is none.
    ///
    /// # Errors
    /// What `each` gives.
    pub fn each_row(&self, mut each: impl FnMut(&[Option<String>]) -> Result<()>) -> Result<()> {
        for batch in &self.batches {
            let cells = Cells::new(batch)?;
            for row in 0..batch.num_rows() {
                let mut values = Vec::with_capacity(batch.num_columns());
                for column in 0..batch.num_columns() {
                    let mut text = String::new();
                    let there = cells.text(row, column, &mut text)?;
                    values.push(there.then_some(text));
                }
                each(&values)?;
            }
        }
        Ok(())
    }

    /// Writes an array of objects. Times are ISO-8601 with Z, columns whose name ends in `_id`
    /// are text, other whole numbers are numbers.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write_json(&self, out: &mut impl Write) -> Result<()> {
        let keys: Result<Vec<String>> =
            self.schema.fields().iter().map(|field| json_text(field.name())).collect();
        let (keys, mut text) = (keys?, String::new());
        out.write_all(b"[")?;
        let mut first = true;
        for batch in &self.batches {
            let cells = Cells::new(batch)?;
            for row in 0..batch.num_rows() {
                out.write_all(if first { b"\n{" } else { b",\n{" })?;
                first = false;
                for (column, key) in keys.iter().enumerate() {
                    let comma = if column == 0 { "" } else { "," };
                    write!(out, "{comma}{key}:")?;
                    self.write_value(
                        out,
                        (batch.column(column), &cells),
                        (row, column),
                        &mut text,
                    )?;
                }
                out.write_all(b"}")?;
            }
        }
        out.write_all(if first { b"]\n" } else { b"\n]\n" })?;
        Ok(())
    }

    fn write_value(
        &self,
        out: &mut impl Write,
        (array, cells): (&ArrayRef, &Cells<'_>),
        (row, column): (usize, usize),
        text: &mut String,
    ) -> Result<()> {
        text.clear();
        if !cells.text(row, column, text)? {
            out.write_all(b"null")?;
            return Ok(());
        }
        let named_id = self.schema.fields().get(column).is_some_and(|f| f.name().ends_with("_id"));
        let bare = match array.data_type() {
            DataType::Boolean => true,
            DataType::Float16 | DataType::Float32 | DataType::Float64 => {
                if text.parse::<f64>().is_ok_and(f64::is_finite) {
                    true
                } else {
                    out.write_all(b"null")?;
                    return Ok(());
                }
            }
            other => is_number(other) && !named_id,
        };
        if bare {
            out.write_all(text.as_bytes())?;
        } else {
            serde_json::to_writer(out, text.as_str()).map_err(io::Error::from)?;
        }
        Ok(())
    }

    /// Writes comma-separated values with a header line; a missing value is an empty field.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write_csv(&self, out: &mut impl Write) -> Result<()> {
        for (column, field) in self.schema.fields().iter().enumerate() {
            write_csv_field(out, column, field.name(), true)?;
        }
        out.write_all(b"\n")?;
        let mut text = String::new();
        for batch in &self.batches {
            let cells = Cells::new(batch)?;
            for row in 0..batch.num_rows() {
                for column in 0..batch.num_columns() {
                    text.clear();
                    let there = cells.text(row, column, &mut text)?;
                    write_csv_field(out, column, &text, there)?;
                }
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    /// Writes aligned text for people.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write_table(&self, out: &mut impl Write) -> Result<()> {
        let names: Vec<&str> = self.columns().map(|(name, _)| name).collect();
        let right: Vec<bool> =
            self.schema.fields().iter().map(|field| is_number(field.data_type())).collect();
        let mut widths: Vec<usize> = names.iter().map(|name| cell::width(name)).collect();
        let mut seen = 0;
        self.each_row(|values| {
            seen += 1;
            if seen <= WIDTH_ROWS {
                for (width, value) in widths.iter_mut().zip(values) {
                    let value = value.as_deref().map(cell::one_line).unwrap_or_default();
                    *width = (*width).max(cell::width(&value).min(WIDTH_MAX));
                }
            }
            Ok(())
        })?;
        let header: Vec<Option<String>> = names.iter().map(|n| Some((*n).to_owned())).collect();
        write_line(out, &header, (&widths, &right))?;
        let rules: Vec<Option<String>> = widths.iter().map(|w| Some("-".repeat(*w))).collect();
        write_line(out, &rules, (&widths, &right))?;
        self.each_row(|values| write_line(out, values, (&widths, &right)))
    }
}

fn write_line(
    out: &mut impl Write,
    values: &[Option<String>],
    (widths, right): (&[usize], &[bool]),
) -> Result<()> {
    let mut line = String::new();
    for (column, value) in values.iter().enumerate() {
        let value = cell::one_line(value.as_deref().unwrap_or_default());
        let value = cell::cut(&value, WIDTH_MAX);
        let width = widths.get(column).copied().unwrap_or_default();
        let blank = " ".repeat(width.saturating_sub(cell::width(&value)));
        if column > 0 {
            line.push_str("  ");
        }
        if right.get(column).copied().unwrap_or_default() {
            line.push_str(&blank);
            line.push_str(&value);
        } else {
            line.push_str(&value);
            line.push_str(&blank);
        }
    }
    writeln!(out, "{}", line.trim_end())?;
    Ok(())
}

fn write_csv_field(out: &mut impl Write, column: usize, text: &str, there: bool) -> Result<()> {
    if column > 0 {
        out.write_all(b",")?;
    }
    // An empty text is told from a missing value by its quotes.
    let quoted = text.contains([',', '"', '\n', '\r']) || (there && text.is_empty());
    if quoted {
        write!(out, "\"{}\"", text.replace('"', "\"\""))?;
    } else {
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

fn json_text(text: &str) -> Result<String> {
    Ok(serde_json::to_string(text).map_err(io::Error::from)?)
}

fn is_number(kind: &DataType) -> bool {
    kind.is_numeric()
}

fn kind(kind: &DataType) -> &'static str {
    match kind {
        DataType::Boolean => "boolean",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Timestamp(..) => "timestamp",
        kind if kind.is_floating() => "number",
        kind if kind.is_integer() => "integer",
        kind if kind.is_decimal() => "decimal",
        kind if kind.is_nested() => "list",
        _ => "text",
    }
}
