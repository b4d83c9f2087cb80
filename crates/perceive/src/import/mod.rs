//! 导入: from files that people have to records in the log, and back.
//!
//! An import is a recorded unit. Its rows go through the log like everything else; what they come
//! to is decided by the fold. It can be interrupted anywhere and goes on where it was; the same
//! file again changes nothing; undoing it leaves the state without it.

pub mod batch;
mod look;
pub mod mapping;
mod pace;
mod preview;
pub mod read;
mod reader;
mod reject;
mod session;
mod sql;
pub mod suggest;
mod undo;

use std::path::PathBuf;

use base::{Error, Result, Stop, Time};
use serde::{Deserialize, Serialize};
use store::{Cx, Tx};

pub use look::{Cell, Looked, PREVIEW_ROWS_MAX, ReadRow, VALUES_MAX, chosen, look, rows, values};
pub use pace::{Pace, ROWS_MAX};
pub use preview::preview;
pub use reject::{RejectRow, rejected, rejects_path};
pub use session::{begin, run};
pub use sql::FileRow;
pub use undo::{resume_undo, undo};

use crate::order::Figures;

/// Files that one import takes.
pub const FILES_MAX: usize = 64;
/// How long rejects files are kept, in microseconds: 30 days.
pub const REJECTS_KEEP_MICROS: i64 = 30 * base::time::DAY_MICROS;

/// What to import.
#[derive(Debug, Clone)]
pub struct Request {
    /// How the files are to be understood.
    pub mapping: mapping::Mapping,
    /// The files.
    pub files: Vec<PathBuf>,
    /// What the caller knows better than the files' first bytes.
    pub options: read::ReadOptions,
    /// What the shop knows that the mapping may leave open.
    pub setting: mapping::Setting,
    /// Folder for rejects files.
    pub rejects: PathBuf,
    /// How rows are cut into batches.
    pub pace: Pace,
    /// Whether somebody wants it to stop.
    pub stop: Stop,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Rows read, of all files so far.
    pub rows: u64,
    /// Bytes read of all files.
    pub bytes_done: u64,
    /// Bytes of all files.
    pub bytes_total: u64,
}

/// What came of an import; all figures are of its files alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its number; 0 for a preview.
    pub import: i64,
    /// Data rows of all files.
    pub rows_read: i64,
    /// Rows that said something new.
    pub rows_accepted: i64,
    /// Rows that could not be understood.
    pub rows_rejected: i64,
    /// Rows that said nothing new.
    pub rows_duplicate: i64,
    /// People that the files mention.
    pub customers: i64,
    /// Money and documents.
    pub figures: Figures,
    /// Where the rejected rows are listed, when there are any.
    pub rejects_file: Option<String>,
}

impl Report {
    /// Received less given back, with corrections.
    #[must_use]
    pub fn net_minor(&self) -> i64 {
        let figures = &self.figures;
        figures.gross_minor - figures.refunded_minor + figures.adjusted_minor
    }
}

/// How an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Under way, or interrupted: the same command goes on with it.
    Running,
    /// Everything is in.
    Done,
    /// Being undone, or interrupted at it.
    Undoing,
    /// The state is without it.
    Undone,
}

impl State {
    /// The word in the table and in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }

    fn parse(name: &str) -> Result<Self> {
        [Self::Running, Self::Done, Self::Undoing, Self::Undone]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| Error::damaged("an import has an unknown state"))
    }
}

/// An import as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its number.
    pub number: i64,
    /// The mapping's name.
    pub mapping: String,
    /// The mapping's version.
    pub mapping_version: i64,
    /// SHA-256 of the mapping's text, where it is the shop's own.
    pub mapping_print: Option<Vec<u8>>,
    /// How it stands.
    pub state: State,
    /// Who asked for it.
    pub actor: String,
    /// When it began.
    pub started_at: Time,
    /// When it was done or undone.
    pub ended_at: Option<Time>,
    /// Rows read so far.
    pub rows_read: i64,
    /// Rows that said something new.
    pub rows_accepted: i64,
    /// Rows that could not be understood.
    pub rows_rejected: i64,
    /// Rows that said nothing new.
    pub rows_duplicate: i64,
    /// What came of it, once it is done.
    pub report: Option<Report>,
    /// Its files.
    pub files: Vec<FileRow>,
}

/// Opens every file and fits the mapping to it, without reading rows.
///
/// # Errors
/// What is wrong with the first file that cannot be imported.
pub fn check(request: &Request) -> Result<()> {
    for path in &request.files {
        let how = (&request.mapping, &request.setting);
        reader::open(path, how, &request.options)?;
    }
    Ok(())
}

/// Rows at a file's start in which a currency is looked for.
const CURRENCY_ROWS: usize = 100;

/// The currency that the first rows of the files state.
///
/// # Errors
/// As [`check`].
pub fn stated_currency(request: &Request) -> Result<Option<base::Currency>> {
    for path in &request.files {
        let how = (&request.mapping, &request.setting);
        let (mut table, bound) = reader::open(path, how, &request.options)?;
        let mut row = read::RawRow::new();
        for _ in 0..CURRENCY_ROWS {
            if !table.read(&mut row)? {
                break;
            }
            if let Some(currency) = bound.stated_currency(&row) {
                return Ok(Some(currency));
            }
        }
    }
    Ok(None)
}

/// The built-in mapping that fits the header of the first file.
///
/// # Errors
/// `bad_input` when none fits, with what to do.
pub fn find_mapping(files: &[PathBuf], options: &read::ReadOptions) -> Result<mapping::Mapping> {
    let Some(path) = files.first() else {
        return Err(Error::new(base::Code::WrongUse, "no file was named"));
    };
    let table = read::open(path, options)?;
    match mapping::detect(table.header()).first() {
        Some(found) => mapping::builtin(found.mapping),
        None => Err(Error::bad("no built-in mapping fits its header")
            .field(path.display().to_string())
            .hint(
                "write one with `shuke import --suggest FILE > my.toml`, then --mapping my.toml",
            )),
    }
}

/// A mapping to start from, as TOML with what is doubtful as comments, for a file's header and
/// first rows.
///
/// # Errors
/// What is wrong with the file; `bad_input` when nothing in it is known.
pub fn suggest_for(path: &std::path::Path, options: &read::ReadOptions) -> Result<String> {
    let mut table = read::open(path, options)?;
    let mut rows = Vec::new();
    while rows.len() < suggest::SAMPLE_ROWS_MAX {
        let mut row = read::RawRow::new();
        if !table.read(&mut row)? {
            break;
        }
        rows.push(row);
    }
    let found = suggest::suggest(table.header(), &rows).ok_or_else(|| {
        Error::bad("none of its columns is known")
            .field(path.display().to_string())
            .hint("check that the first row is the header")
    })?;
    Ok(found.toml)
}

/// Sources that were undone.
///
/// # Errors
/// What the database reports.
pub(crate) async fn forgotten(tx: &mut Tx) -> Result<Vec<i64>> {
    sql::forgotten(tx).await
}

/// Removes rejects files that are older than 30 days.
///
/// # Errors
/// What the file system reports.
pub fn expire_rejects(dir: &std::path::Path, now: Time) -> Result<()> {
    reject::expire(dir, now.plus(-REJECTS_KEEP_MICROS))
}

/// The imports of a shop, newest first.
///
/// # Errors
/// What the database reports.
pub async fn list(cx: &Cx) -> Result<Vec<Import>> {
    sql::list(&mut cx.read().await?, None).await
}

/// One import.
///
/// # Errors
/// `not_found` when the shop has no import of that number.
pub async fn get(cx: &Cx, number: i64) -> Result<Import> {
    let found = sql::list(&mut cx.read().await?, Some(number)).await?;
    found.into_iter().next().ok_or_else(|| {
        Error::missing(format!("there is no import {number}"))
            .hint("`shuke import --list` shows what there is")
    })
}

/// What files of these numbers are called; other sources are none.
///
/// # Errors
/// What the database reports.
pub async fn file_names(tx: &mut Tx, numbers: &[i64]) -> Result<Vec<(i64, String)>> {
    sql::file_names(tx, numbers).await
}

/// The sources of an import whose rows are still to be folded; none when it is being undone.
pub(crate) async fn sources(tx: &mut Tx, import: i64) -> Result<Vec<i64>> {
    sql::sources(tx, import).await
}

/// What came of folded rows.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Rows that said something new.
    pub accepted: i64,
    /// Rows that said nothing new.
    pub duplicate: i64,
    /// What the import says of orders and money beyond what it had said before.
    pub figures: Figures,
}

impl Counted {
    /// Counts rows, each new or not.
    pub(crate) fn add(&mut self, fresh: &[bool]) {
        let new = fresh.iter().filter(|fresh| **fresh).count();
        self.accepted += i64::try_from(new).unwrap_or(0);
        self.duplicate += i64::try_from(fresh.len() - new).unwrap_or(0);
    }
}

/// Counts folded rows, in the transaction that folds them.
pub(crate) async fn count(tx: &mut Tx, import: i64, counted: &Counted) -> Result<()> {
    sql::count(tx, import, counted).await
}
