//! Reading files ahead of the store, on a thread of its own.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use base::{Code, Error, Result};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::batch::{Batch, Builder};
use super::mapping::{Bound, Mapping, Reject, Scratch, Setting};
use super::pace::Steps;
use super::read::{self, RawRow, ReadOptions, Table};

/// Chunks that wait for the store at most.
pub(super) const AHEAD_MAX: usize = 2;
/// Bytes of text of the rows of one chunk at the most, well below what a batch of the log may have.
const CHUNK_BYTES_MAX: usize = 8 << 20;
/// Rejected rows that one chunk carries at most; a chunk ends early when it has so many.
const REJECTS_PER_CHUNK_MAX: usize = 5_000;

/// A file that is ready to be read.
pub(super) struct Opened {
    pub path: PathBuf,
    pub table: Table,
    pub bound: Bound,
    pub import: i64,
    pub source: i64,
    /// Rows to pass over, because they are in the log already.
    pub skip: u64,
    pub part: i64,
}

/// Some rows of a file.
pub(super) struct Chunk<T> {
    /// Which of the files.
    pub file: usize,
    /// Its batch, as the receiver wants it.
    pub batch: T,
    /// Rows that were empty.
    pub blank: u32,
    /// Rows read, understood or not.
    pub rows: u64,
    pub rejects: Vec<(u64, Reject)>,
    pub bytes_done: u64,
    pub last: bool,
}

fn named(path: &Path, error: Error) -> Error {
    if error.field.is_some() { error } else { error.field(path.display().to_string()) }
}

/// Opens a file and fits the mapping to it.
pub(super) fn open(
    path: &Path,
    (mapping, setting): (&Mapping, &Setting),
    options: &ReadOptions,
) -> Result<(Table, Bound)> {
    let table = read::open(path, options)?;
    let bound = mapping.bind(table.header(), setting).map_err(|error| named(path, error))?;
    Ok((table, bound))
}

/// SHA-256 of a file's bytes.
pub(super) fn fingerprint(path: &Path) -> Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let (mut hasher, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(hasher.finalize().to_vec());
        }
        hasher.update(buffer.get(..count).unwrap_or_default());
    }
}

/// Reads every file to its end and sends it in chunks of as many rows as `steps` says, their
/// batches in the form that `form` gives them; stops when nobody listens.
///
/// # Errors
/// What a file's own errors are: damaged in the middle, or a record beyond the limits.
pub(super) fn read_all<T>(
    files: Vec<Opened>,
    steps: &Steps,
    form: impl Fn(Batch) -> Result<T>,
    out: &mpsc::Sender<Chunk<T>>,
) -> Result<()> {
    for (index, file) in files.into_iter().enumerate() {
        let path = file.path.clone();
        let read = read_one(index, file, steps, &form, out);
        if !read.map_err(|error| named(&path, error))? {
            return Ok(());
        }
    }
    Ok(())
}

fn read_one<T>(
    index: usize,
    mut file: Opened,
    steps: &Steps,
    form: &impl Fn(Batch) -> Result<T>,
    out: &mpsc::Sender<Chunk<T>>,
) -> Result<bool> {
    let (mut row, mut scratch) = (RawRow::new(), Scratch::default());
    for _ in 0..file.skip {
        if !file.table.read(&mut row)? {
            return Err(Error::new(Code::Conflict, "a file is shorter than when it was begun"));
        }
        // What is remembered from row to row must be as if the row had been imported.
        let _ = file.bound.record(&row, &mut scratch);
    }
    loop {
        let mut builder = Builder::new(file.import, file.source, file.part);
        let (mut rejects, mut rows, mut last, mut bytes) = (Vec::new(), 0_u64, false, 0);
        let rows_max = steps.rows();
        while builder.rows() < rows_max
            && rejects.len() < REJECTS_PER_CHUNK_MAX
            && bytes < CHUNK_BYTES_MAX
        {
            if !file.table.read(&mut row)? {
                last = true;
                break;
            }
            rows += 1;
            bytes += row.bytes();
            match file.bound.record(&row, &mut scratch) {
                Ok(Some(record)) => builder.push(record),
                Ok(None) => builder.blank(),
                Err(reject) => rejects.push((row.line, reject)),
            }
        }
        let bytes_done = file.table.progress().0;
        let batch = builder.finish();
        let (blank, batch) = (batch.blank, form(batch)?);
        file.part += 1;
        let chunk = Chunk { file: index, batch, blank, rows, rejects, bytes_done, last };
        if out.blocking_send(chunk).is_err() {
            return Ok(false);
        }
        if last {
            return Ok(true);
        }
    }
}
