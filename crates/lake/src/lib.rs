//! A shop's history as Delta tables of Parquet files, and the engine that queries it.
//!
//! - A row that was appended is durable; an append and its cursor are one commit.
//! - A query sees one shop's rows and nothing else, and is bounded in time, memory and rows.
//! - Files are never changed, only replaced by a commit and removed by vacuum later.
//!
//! This crate is the only one that knows the query engine and the file format. It speaks
//! [`Columns`] outwards and re-exports what the mirror and the nouns' queries need.

mod append;
pub mod bought;
mod cell;
mod checkpoint;
mod columns;
mod compact;
mod copy;
mod delta;
mod disk;
mod error;
mod file;
mod fresh;
pub mod mask;
pub mod plan;
mod provider;
pub mod query;
pub mod recent;
mod redirect;
mod scan;
mod sort;
mod source;
pub mod table;
mod write;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::Result;
use datafusion::execution::cache::cache_manager::FileMetadataCache;
use datafusion::execution::cache::default_cache::DefaultCache;

pub use append::{APPEND_ROWS_MAX, Appended, Cursor};
pub use checkpoint::{Checkpoint, read_checkpoint, write_checkpoint};
pub use columns::{Column, Columns, Nullable, TEXT_BYTES_MAX, Text, Words};
pub use compact::{Compacted, Superseded};
pub use copy::Held;
pub use file::{FileBatch, FileCells, FileLimits, FileReader};
pub use fresh::{Fresh, Moment, Since, Tail, is_stale};
pub use provider::LakeTable;
pub use query::{Answer, Limits, Query, View};
pub use scan::{SCAN_ROWS, Scan, Slices, Validity};
pub use source::{Rows, SourceField, TableSource};
pub use table::{BOT_EVENTS, EVENTS, Kind, ORDER_LINES, TABLES, Table, bucket};

pub use arrow::array::RecordBatch;
pub use datafusion::prelude::{DataFrame, Expr};

use delta::Tables;

/// How a lake may use the machine.
#[derive(Debug, Clone)]
pub struct LakeOptions {
    /// Memory that one query takes at most, in bytes, whatever its own limit says.
    pub memory_bytes: usize,
    /// Threads of a query, an append or a scan.
    pub threads: usize,
    /// Folder for what does not fit into memory; emptied of a query's files when it ends.
    pub scratch: PathBuf,
}

/// The history of all shops. Cheap to clone; idle it holds file names, no contents.
#[derive(Debug, Clone)]
pub struct Lake(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    options: LakeOptions,
    tables: Tables,
    footers: Footers,
}

/// Footers of files that were read lately.
struct Footers(Arc<FileMetadataCache>);

impl fmt::Debug for Footers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Footers")
    }
}

impl Lake {
    /// The lake in the folder `dir`, which is made when it is not there. Tables are made when
    /// they are first written to.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(dir: &Path, options: LakeOptions) -> Result<Self> {
        disk::make_folder(dir)?;
        let tables = Tables::new(dir.canonicalize()?);
        let footers = Footers(Arc::new(DefaultCache::new(query::FOOTER_BYTES_MAX)));
        Ok(Self(Arc::new(Inner { options, tables, footers })))
    }

    /// The folders with what a bucket of shops keeps, whether they are there or not.
    #[must_use]
    pub fn folders(&self, bucket: i64) -> Vec<PathBuf> {
        let place = format!("bucket={bucket}");
        TABLES.iter().map(|table| self.tables().folder(table).join(&place)).collect()
    }

    pub(crate) fn options(&self) -> &LakeOptions {
        &self.0.options
    }

    pub(crate) fn tables(&self) -> &Tables {
        &self.0.tables
    }
}

#[cfg(test)]
mod tests;
