//! A copy of the lake as it stands, and whether a lake is whole.

use std::fs::{self, File};
use std::path::Path;

use base::{Error, Result};
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::delta::DataFile;
use crate::error::Context;
use crate::{Lake, TABLES, disk};

/// The folder of a table's log.
const LOG: &str = "_delta_log";
/// What lies beside the tables: the lake's id, and what outside readers need.
const BESIDE: [&str; 2] = ["id", "redirect"];

/// What a lake holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// Files of rows.
    pub files: usize,
    /// Rows.
    pub rows: usize,
}

impl Lake {
    /// Copies the lake into the new folder `to`, the logs first: whatever is written meanwhile is
    /// not in them. Every file is durable when this returns.
    ///
    /// # Errors
    /// `missing` or `damaged` when a file of the lake is not as its log says; what the file system
    /// reports.
    pub async fn copy(&self, to: &Path) -> Result<Held> {
        let from = self.tables().root();
        for name in BESIDE {
            copy_all(&from.join(name), &to.join(name))?;
        }
        for table in TABLES {
            let log = Path::new(table.name).join(LOG);
            copy_all(&from.join(&log), &to.join(&log))?;
        }
        let copied = Self::open(to, self.options().clone())?;
        let to = copied.tables().root();
        for file in copied.listed().await? {
            let place = file.path.strip_prefix(to).context("a file lies outside the lake")?;
            copy_file(&from.join(place), &file.path)?;
        }
        copied.check().await
    }

    /// Looks whether every file that the tables' logs list is there, and ends as it should.
    ///
    /// # Errors
    /// `damaged` with the first file that is not.
    pub async fn check(&self) -> Result<Held> {
        let mut held = Held::default();
        for file in self.listed().await? {
            let wrong = || Error::damaged(format!("the file {} is not as it was", file.name));
            let reader = File::open(&file.path).map_err(|cause| wrong().because(cause))?;
            if reader.metadata()?.len() != file.size {
                return Err(wrong());
            }
            let reader = SerializedFileReader::new(reader);
            let reader = reader.map_err(|cause| wrong().because(cause))?;
            let rows = reader.metadata().file_metadata().num_rows();
            if usize::try_from(rows) != Ok(file.rows) {
                return Err(wrong());
            }
            held.files += 1;
            held.rows += file.rows;
        }
        Ok(held)
    }

    /// The files of every table as of now.
    async fn listed(&self) -> Result<Vec<DataFile>> {
        let mut all = Vec::new();
        for table in TABLES {
            if let Some(delta) = self.tables().latest(table).await? {
                all.extend(self.tables().files(table, &delta)?.iter().cloned());
            }
        }
        Ok(all)
    }
}

/// Copies a file, or a folder's files; nothing where there is none.
fn copy_all(from: &Path, to: &Path) -> Result<()> {
    if from.is_file() {
        return copy_file(from, to);
    }
    let Ok(entries) = fs::read_dir(from) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        // A name that is not finished begins with a dot or a mark.
        let unfinished = name.to_string_lossy().starts_with(['.', '#']);
        if entry.file_type()?.is_file() && !unfinished {
            copy_file(&entry.path(), &to.join(name))?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().unwrap_or_else(|| Path::new("."));
    disk::make_folder(folder)?;
    fs::copy(from, to)?;
    disk::sync_file(to)?;
    disk::sync_folder(folder)
}
