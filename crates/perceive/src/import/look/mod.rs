//! A file before it is imported: what it is, what its columns are taken for, and its first rows as
//! they would be read.

mod cells;

use std::borrow::Cow;
use std::path::Path;

use base::{Code, Error, Result};
use sha2::{Digest, Sha256};

use super::mapping::{Field, Mapping, Reject, Scratch, Setting};
use super::read::{self, Format, RawRow, ReadOptions};
use super::suggest::{self, Guess, Suggestion};
use super::{reader, session};
use crate::clean::{mask, text};
use crate::identity::shown;
use crate::record::Record;

pub use cells::Cell;

/// Values of a column that are shown.
const SAMPLES: usize = 3;
/// Characters of such a value.
const SAMPLE_CHARS_MAX: usize = 60;
/// Bytes of a mapping's hash that stand in its name.
const NAME_BYTES: usize = 4;
/// Rows that a preview shows at the most.
pub const PREVIEW_ROWS_MAX: usize = 100;

/// What a file is.
#[derive(Debug, Clone)]
pub struct Looked {
    /// How it is laid out.
    pub format: Format,
    /// The encoding by its WHATWG name in lower case.
    pub encoding: &'static str,
    /// Each column with what it is taken for and some of its values, personal ones hidden.
    pub columns: Vec<(Guess, Vec<String>)>,
    /// The built-in mapping that was made for it, when there is one.
    pub mapping: Option<&'static str>,
    /// What is missing or doubtful.
    pub warnings: Vec<String>,
}

/// A row as it would be read.
#[derive(Debug, Clone)]
pub struct ReadRow {
    /// The line on which it begins.
    pub line: u64,
    /// What it says, field by field, personal values hidden; nothing for an empty row or one that
    /// cannot be understood.
    pub cells: Vec<Cell>,
    /// Why it cannot be understood.
    pub reject: Option<Reject>,
}

/// Header and first rows of a file.
fn start(path: &Path, options: &ReadOptions) -> Result<(read::Table, Vec<RawRow>)> {
    let mut table = read::open(path, options)?;
    let mut rows = Vec::new();
    while rows.len() < suggest::SAMPLE_ROWS_MAX {
        let mut row = RawRow::new();
        if !table.read(&mut row)? {
            break;
        }
        rows.push(row);
    }
    Ok((table, rows))
}

/// Looks at a file.
///
/// # Errors
/// What is wrong with the file.
pub async fn look(path: &Path, options: &ReadOptions) -> Result<Looked> {
    let (path, options) = (path.to_path_buf(), options.clone());
    session::blocking(move || {
        let (table, rows) = start(&path, &options)?;
        let found = suggest::suggest(table.header(), &rows);
        let guesses = match &found {
            Some(found) => found.columns.clone(),
            None => table.header().iter().map(|column| Guess::unknown(column)).collect(),
        };
        let masked = masked(&guesses, &rows);
        let columns = guesses.into_iter().enumerate();
        Ok(Looked {
            format: table.format(),
            encoding: table.encoding(),
            columns: columns
                .map(|(place, guess)| {
                    let samples = samples(&rows, place, hiding(&guess));
                    (guess, samples)
                })
                .collect(),
            mapping: found.as_ref().and_then(|found| found.builtin),
            warnings: found.into_iter().flat_map(|found| found.warnings).chain(masked).collect(),
        })
    })
    .await
}

/// Values of a list at the most.
pub const VALUES_MAX: usize = 1_000_000;

/// The values of a column of a file, by its header; of the first one where none is named.
///
/// # Errors
/// What is wrong with the file; `bad_input` when it has no such column, `too_large` beyond
/// [`VALUES_MAX`].
pub async fn values(path: &Path, column: Option<&str>) -> Result<Vec<String>> {
    let (path, column) = (path.to_path_buf(), column.map(str::to_owned));
    session::blocking(move || {
        let mut table = read::open(&path, &ReadOptions::default())?;
        let place = match &column {
            None => 0,
            Some(name) => table.header().iter().position(|own| own == name).ok_or_else(|| {
                let known = table.header().join(", ");
                let error = Error::bad(format!("the file has no column {name:?}"));
                error.field("column").hint(format!("there are: {known}"))
            })?,
        };
        let (mut values, mut row) = (Vec::new(), RawRow::new());
        while table.read(&mut row)? {
            values.extend(row.get(place).and_then(text::given).map(Cow::into_owned));
            if values.len() > VALUES_MAX {
                let text = format!("a list has at most {VALUES_MAX} values");
                return Err(Error::new(Code::TooLarge, text).field("column"));
            }
        }
        Ok(values)
    })
    .await
}

/// Says which columns that should tell people apart do not.
fn masked(guesses: &[Guess], rows: &[RawRow]) -> Vec<String> {
    let identifies =
        |guess: &Guess| guess.field.as_deref().is_some_and(|f| f.starts_with(suggest::IDENTIFIER));
    let columns = guesses.iter().enumerate().filter(|(_, guess)| identifies(guess));
    let hidden = columns
        .filter(|(place, _)| rows.iter().filter_map(|row| row.get(*place)).any(mask::is_masked));
    hidden
        .map(|(_, guess)| {
            format!(
                "values of {:?} are partly hidden, and rows with them stay anonymous",
                guess.column
            )
        })
        .collect()
}

/// How values of a column are hidden. Of one that nobody knows what looks like a phone number or an
/// address of mail is.
fn hiding(guess: &Guess) -> mask::Kind {
    let Some(field) = guess.field.as_deref() else { return mask::Kind::Account };
    if let Some(namespace) = field.strip_prefix(suggest::IDENTIFIER) {
        return shown::kind(namespace, false);
    }
    let known = Field::ALL.iter().find(|known| known.name() == field);
    known.map_or(mask::Kind::Account, |known| known.mask())
}

/// Different values of a column, as people may see them.
fn samples(rows: &[RawRow], place: usize, kind: mask::Kind) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for value in rows.iter().filter_map(|row| row.get(place)) {
        let value: String = mask::mask(kind, value.trim()).chars().take(SAMPLE_CHARS_MAX).collect();
        if !value.is_empty() && !values.contains(&value) {
            values.push(value);
        }
        if values.len() >= SAMPLES {
            break;
        }
    }
    values
}

/// A mapping by which the columns of a file are what somebody says they are: each with the name of
/// a field, with `identifier:` and a namespace, or with nothing. Its name tells one such choice
/// from another.
///
/// # Errors
/// `bad_input` when a column or a field is unknown, or what is needed is missing.
pub async fn chosen(path: &Path, columns: &[(String, Option<String>)]) -> Result<Mapping> {
    let (path, columns) = (path.to_path_buf(), columns.to_vec());
    session::blocking(move || {
        let (table, rows) = start(&path, &ReadOptions::default())?;
        let found: Suggestion = suggest::chosen(table.header(), &rows, &columns)?;
        let print = Sha256::digest(&found.toml);
        let name = format!(
            "{}-{}",
            found.kind.name(),
            base::hex(print.get(..NAME_BYTES).unwrap_or_default())
        );
        Ok(Mapping { name, own: Some(print.to_vec()), ..Mapping::parse(&found.toml)? })
    })
    .await
}

/// The first rows of a file as they would be read, at most [`PREVIEW_ROWS_MAX`].
///
/// # Errors
/// What is wrong with the file, or that the mapping does not fit it.
pub async fn rows(
    path: &Path,
    (mapping, setting): (&Mapping, &Setting),
    limit: usize,
) -> Result<Vec<ReadRow>> {
    let (path, mapping, setting) = (path.to_path_buf(), mapping.clone(), setting.clone());
    session::blocking(move || {
        let how = (&mapping, &setting);
        let (mut table, bound) = reader::open(&path, how, &ReadOptions::default())?;
        let (mut found, mut row) = (Vec::new(), RawRow::new());
        let mut scratch = Scratch::default();
        let (currency, zone) = (bound.currency(), bound.zone());
        let shown = |record: Option<&Record>| {
            record.map(|record| cells::cells(record, currency, zone)).unwrap_or_default()
        };
        while found.len() < limit.min(PREVIEW_ROWS_MAX) && table.read(&mut row)? {
            let line = row.line;
            found.push(match bound.record(&row, &mut scratch) {
                Ok(record) => ReadRow { line, cells: shown(record.as_ref()), reject: None },
                Err(reject) => ReadRow { line, cells: Vec::new(), reject: Some(reject) },
            });
        }
        Ok(found)
    })
    .await
}

impl Guess {
    fn unknown(column: &str) -> Self {
        Self { column: column.to_owned(), field: None, confidence: 0 }
    }
}
