//! The rejects file: rows that could not be understood, with what is wrong and where.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base::Result;

use super::mapping::Reject;

/// Rejected rows that a file lists; the others are only counted.
pub const ROWS_MAX: i64 = 1_000_000;

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
        let path = dir.join(format!("import-{import}-rejects.csv"));
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
        self.file.as_mut().ok_or_else(|| base::Error::missing("the rejects file"))
    }

    /// Adds rows and makes them durable; how long the file is now.
    pub(super) fn add(&mut self, name: &str, rows: &[(u64, Reject)]) -> Result<i64> {
        if rows.is_empty() {
            return Ok(self.bytes);
        }
        let mut text = csv::Writer::from_writer(Vec::new());
        for (line, reject) in rows {
            let line = line.to_string();
            let fields = [name, &line, &reject.column, &reject.value, &reject.reason];
            text.write_record(fields)
                .map_err(|cause| base::Error::internal("the rejects file", cause))?;
        }
        let text =
            text.into_inner().map_err(|cause| base::Error::internal("the rejects file", cause.to_string()))?;
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
