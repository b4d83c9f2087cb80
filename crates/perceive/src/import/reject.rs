//! The rejects file: rows that could not be understood, with what is wrong and where.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base::{Error, Result, Time};

use super::mapping::Reject;
use super::session;

/// Bytes of a rejects file; further rows are counted and not listed.
const BYTES_MAX: i64 = 256 << 20;

/// Removes rejects files that were last written before `before`.
pub(super) fn expire(dir: &Path, before: Time) -> Result<()> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(cause.into()),
    };
    for entry in entries {
        let entry = entry?;
        let changed = entry.metadata()?.modified()?;
        let since = changed.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let rejects = entry.file_name().to_string_lossy().ends_with("-rejects.csv");
        if rejects && i64::try_from(since.as_micros()).is_ok_and(|at| at < before.micros()) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A row that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectRow {
    /// The file.
    pub file: String,
    /// The line on which it begins.
    pub line: u64,
    /// What is wrong with it.
    pub reject: Reject,
}

/// Where the rejects of an import are listed, in the shop's folder `dir`.
#[must_use]
pub fn rejects_path(dir: &Path, import: i64) -> PathBuf {
    dir.join(format!("import-{import}-rejects.csv"))
}

/// The rejects of an import after the first `after`, at most `limit`; none when there is no list.
///
/// # Errors
/// What the file system reports.
pub async fn rejected(
    dir: &Path,
    import: i64,
    (after, limit): (u64, usize),
) -> Result<Vec<RejectRow>> {
    let path = rejects_path(dir, import);
    session::blocking(move || {
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(cause.into()),
        };
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        let mut rows = Vec::new();
        for record in csv::Reader::from_reader(file).records().skip(after).take(limit) {
            let record =
                record.map_err(|cause| Error::damaged("a list of rejects").because(cause))?;
            let cell = |place: usize| record.get(place).unwrap_or_default().to_owned();
            let reject = Reject { column: cell(2), value: cell(3), reason: cell(4) };
            let line = cell(1).parse().unwrap_or_default();
            rows.push(RejectRow { file: cell(0), line, reject });
        }
        Ok(rows)
    })
    .await
}

/// The rejects of an import, in a file that only its owner can read.
#[derive(Debug)]
pub(super) struct Rejects {
    path: PathBuf,
    file: Option<File>,
    bytes: i64,
}

impl Rejects {
    /// The rejects file of an import in `dir`, cut back to the bytes that are accounted for.
    pub(super) fn open(dir: &Path, import: i64, bytes: i64) -> Result<Self> {
        let path = rejects_path(dir, import);
        let mut rejects = Self { path, file: None, bytes };
        if bytes > 0 {
            rejects.file()?;
        }
        Ok(rejects)
    }

    fn file(&mut self) -> Result<&mut File> {
        if self.file.is_none() {
            if let Some(dir) = self.path.parent() {
                std::fs::create_dir_all(dir)?;
            }
            let mut file = OpenOptions::new()
                .create(true)
                .write(true)
                .truncate(false)
                .mode(0o600)
                .open(&self.path)?;
            file.set_len(u64::try_from(self.bytes).unwrap_or(0))?;
            file.seek(SeekFrom::End(0))?;
            if self.bytes == 0 {
                let header = b"file,line,column,value,reason\n";
                file.write_all(header)?;
                self.bytes = i64::try_from(header.len()).unwrap_or(0);
            }
            self.file = Some(file);
        }
        self.file.as_mut().ok_or_else(|| Error::missing("the rejects file"))
    }

    /// Adds rows and makes them durable; how long the file is now.
    pub(super) fn add(&mut self, name: &str, rows: &[(u64, Reject)]) -> Result<i64> {
        if rows.is_empty() || self.bytes > BYTES_MAX {
            return Ok(self.bytes);
        }
        let failed = |cause: String| Error::internal("the rejects file cannot be written", cause);
        let mut text = csv::Writer::from_writer(Vec::new());
        for (line, reject) in rows {
            let line = line.to_string();
            let fields = [name, &line, &reject.column, &reject.value, &reject.reason];
            text.write_record(fields).map_err(|cause| failed(cause.to_string()))?;
        }
        let text = text.into_inner().map_err(|cause| failed(cause.to_string()))?;
        let file = self.file()?;
        file.write_all(&text)?;
        file.sync_data()?;
        self.bytes += i64::try_from(text.len()).unwrap_or(0);
        Ok(self.bytes)
    }

    /// Where the file is, when there is one.
    pub(super) fn path(&self) -> Option<String> {
        (self.bytes > 0).then(|| self.path.display().to_string())
    }
}
