//! Reading tables: CSV, TSV, XLSX and Parquet, plain or compressed, in any encoding.
//!
//! A file is what its first bytes say, not what it is called. CSV and TSV stream in flat memory;
//! a workbook is bounded. What is no table is refused whole, with a sentence that says what it
//! looks like and what to do.

mod columns;
mod delimited;
mod encoding;
mod parquet;
mod refuse;
mod row;
mod source;
mod xlsx;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base::Result;

pub use columns::{Batch, Cells, Columns};
pub use row::RawRow;

/// Columns that a table may have.
pub const COLUMNS_MAX: usize = 4_096;
/// Bytes that a record may have; more is a quote that is never closed.
pub const RECORD_BYTES_MAX: usize = 1 << 20;

/// How a file is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text with fields between delimiters.
    Delimited(u8),
    /// An Office Open XML workbook.
    Xlsx,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// The name that people use: `csv`, `tsv`, `xlsx`, `parquet`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Delimited(b'\t') => "tsv",
            Self::Delimited(_) => "csv",
            Self::Xlsx => "xlsx",
            Self::Parquet => "parquet",
        }
    }
}

/// What the caller knows better than the file's first bytes.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Encoding by its WHATWG label, e.g. `gb18030`, `utf-16le`.
    pub encoding: Option<String>,
    /// Delimiter of a text file.
    pub delimiter: Option<u8>,
    /// Sheet of a workbook; the first one with rows otherwise.
    pub sheet: Option<String>,
}

/// A table that is being read.
pub struct Table {
    header: Vec<String>,
    encoding: &'static str,
    format: Format,
    rows: Rows,
    done: Arc<AtomicU64>,
    total: u64,
}

enum Rows {
    Delimited(Box<delimited::Delimited>),
    Xlsx(xlsx::Sheet),
    Columns(columns::Columns),
}

/// Opens a table and reads its header.
///
/// # Errors
/// `unsupported` when the file is no table, `too_large` when it breaks a limit, and what the
/// operating system says.
pub fn open(path: &Path, options: &ReadOptions) -> Result<Table> {
    open_inner(path, options).map_err(|error| match &error.field {
        Some(_) => error,
        None => error.field(path.display().to_string()),
    })
}

fn open_inner(path: &Path, options: &ReadOptions) -> Result<Table> {
    let done = Arc::new(AtomicU64::new(0));
    let opened = source::open(path, &done)?;
    let total = opened.total;
    match refuse::looks_like(&opened.head)? {
        refuse::Shape::Workbook => {
            let sheet = xlsx::read(opened, options.sheet.as_deref())?;
            done.store(total, Ordering::Relaxed);
            let header = sheet.header.clone();
            let rows = Rows::Xlsx(sheet);
            table(Table { header, encoding: "utf-8", format: Format::Xlsx, rows, done, total })
        }
        refuse::Shape::Parquet => {
            let columns = parquet::read(path, opened)?;
            Ok(Table { total, ..Table::from_columns(columns)? })
        }
        refuse::Shape::Text => {
            let text = encoding::decode(opened, options.encoding.as_deref())?;
            let encoding = text.encoding_name();
            let mut rows = Box::new(delimited::Delimited::new(text, options.delimiter)?);
            let header = rows.header()?;
            let format = Format::Delimited(rows.delimiter());
            let rows = Rows::Delimited(rows);
            table(Table { header, encoding, format, rows, done, total })
        }
    }
}

/// Checks and trims the header.
fn table(mut table: Table) -> Result<Table> {
    for cell in &mut table.header {
        let clean = crate::clean::text::cell(cell).into_owned();
        *cell = clean;
    }
    refuse::check_header(&table.header)?;
    Ok(table)
}

impl Table {
    /// A table whose cells somebody else has read, e.g. from Parquet.
    ///
    /// # Errors
    /// `unsupported` when the header cannot be one.
    pub fn from_columns(columns: Columns) -> Result<Self> {
        let total = columns.rows;
        let done = Arc::new(AtomicU64::new(0));
        let header = columns.header.clone();
        let rows = Rows::Columns(columns);
        table(Self { header, encoding: "utf-8", format: Format::Parquet, rows, done, total })
    }

    /// The names of the columns, trimmed.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The encoding by its WHATWG name in lower case.
    #[must_use]
    pub fn encoding(&self) -> &'static str {
        self.encoding
    }

    /// How the file is laid out.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Bytes of the file that were read, and all of them; rows for a table of columns.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        (self.done.load(Ordering::Relaxed).min(self.total), self.total)
    }

    /// Reads the next record into `row`; `false` at the end.
    ///
    /// # Errors
    /// `too_large` when a record breaks a limit, `bad_input` when a compressed file is cut short.
    pub fn read(&mut self, row: &mut RawRow) -> Result<bool> {
        match &mut self.rows {
            Rows::Delimited(rows) => rows.read(row),
            Rows::Xlsx(sheet) => Ok(sheet.read(row)),
            Rows::Columns(columns) => {
                let more = columns.read(row)?;
                let share = u128::from(columns.read_rows()) * u128::from(self.total)
                    / u128::from(columns.rows.max(1));
                self.done.store(u64::try_from(share).unwrap_or(u64::MAX), Ordering::Relaxed);
                Ok(more)
            }
        }
    }
}

#[cfg(test)]
mod tests;
