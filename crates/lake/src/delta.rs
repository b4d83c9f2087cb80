//! The tables' logs: opening, making, pinning a snapshot, committing.
//!
//! A commit is durable when [`Tables::commit`] returns: the library does not sync, so the log's
//! entry and its folder are synced here. An entry that a power cut left without its end was
//! never acknowledged, and is removed when the table is opened.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::{Code, Error, Result};
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake::kernel::{Action, DataType, PrimitiveType, StructField, Transaction};
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::{DeltaTable, DeltaTableBuilder};
use object_store::path::Path as StorePath;
use tokio::sync::Mutex;
use url::Url;

use crate::disk;
use crate::error::{Context, broken};
use crate::table::{Kind, LAKE_VERSION, PARTITIONS, TABLES, Table, VERSION_PROPERTY};
use crate::write::BOUNDED;

/// Commits after which the log is summed up. Whoever opens a table reads those after the last such
/// sum at once, with some 2 MB of room for each: so few of them.
const CHECKPOINT_EVERY: u64 = 10;

/// How often an append is tried on top of commits that came in between.
const APPEND_RETRIES_MAX: usize = 100;

/// A data file of a pinned snapshot.
#[derive(Debug, Clone)]
pub(crate) struct DataFile {
    /// Where it is on this machine.
    pub(crate) path: PathBuf,
    /// As it stands in the table's log.
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) rows: usize,
    pub(crate) bucket: i64,
    pub(crate) month: String,
    /// The least and the largest shop in it.
    pub(crate) shops: Option<(i64, i64)>,
    /// The least and the largest of what its epochs are of, when the table has epochs.
    pub(crate) keys: Option<(i64, i64)>,
    /// The time of its last change in milliseconds.
    pub(crate) modified: i64,
}

impl DataFile {
    /// Its address in the local object store.
    pub(crate) fn location(&self) -> Result<StorePath> {
        StorePath::from_absolute_path(&self.path).context("a data file has no address")
    }
}

/// The tables under one folder.
#[derive(Debug)]
pub(crate) struct Tables {
    root: PathBuf,
    open: HashMap<&'static str, Mutex<Option<DeltaTable>>>,
}

impl Tables {
    pub(crate) fn new(root: PathBuf) -> Self {
        let open = TABLES.iter().map(|table| (table.name, Mutex::default())).collect();
        Self { root, open }
    }

    /// The folder of all tables.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A table's folder.
    pub(crate) fn folder(&self, table: &Table) -> PathBuf {
        self.root.join(table.name)
    }

    fn slot(&self, table: &Table) -> Result<&Mutex<Option<DeltaTable>>> {
        let slot = self.open.get(table.name);
        slot.ok_or_else(|| Error::missing(format!("the lake has no table {}", table.name)))
    }

    /// The table as of now; none when nothing was ever written to it.
    pub(crate) async fn latest(&self, table: &Table) -> Result<Option<DeltaTable>> {
        let mut slot = self.slot(table)?.lock().await;
        match slot.as_mut() {
            Some(delta) => {
                delta.update_state().await.map_err(|cause| unreadable(table, cause))?;
                check_version(table, delta)?;
            }
            None => *slot = self.load(table).await?,
        }
        Ok(slot.clone())
    }

    /// The table as of now, made when it is not there.
    pub(crate) async fn latest_or_new(&self, table: &Table) -> Result<DeltaTable> {
        if let Some(delta) = self.latest(table).await? {
            return Ok(delta);
        }
        let mut slot = self.slot(table)?.lock().await;
        if slot.is_none() {
            *slot = self.create(table).await?;
        }
        slot.clone().ok_or_else(|| Error::damaged(format!("{} cannot be made", table.name)))
    }

    async fn load(&self, table: &Table) -> Result<Option<DeltaTable>> {
        let folder = self.folder(table);
        let log = folder.join("_delta_log");
        if !log.is_dir() {
            return Ok(None);
        }
        remove_unfinished(&log)?;
        if last_entry(&log)?.is_none() {
            return Ok(None);
        }
        let mut delta = self.builder(table)?;
        delta.load().await.map_err(|cause| unreadable(table, cause))?;
        check_version(table, &delta)?;
        Ok(Some(delta))
    }

    fn builder(&self, table: &Table) -> Result<DeltaTable> {
        let folder = self.folder(table);
        let url = Url::from_directory_path(&folder)
            .map_err(|()| Error::bad(format!("{} is no absolute folder", folder.display())))?;
        DeltaTableBuilder::from_url(url)
            .and_then(DeltaTableBuilder::build)
            .context("the lake's folder cannot be opened")
    }

    async fn create(&self, table: &Table) -> Result<Option<DeltaTable>> {
        disk::make_folder(&self.folder(table).join("_delta_log"))?;
        let fields = table.fields.iter().map(|f| (f.name, delta_type(f.kind), f.nullable));
        let partitions = [("bucket", PrimitiveType::Integer), ("month", PrimitiveType::String)];
        let partitions = partitions.map(|(name, kind)| (name, kind, true));
        let columns = fields.chain(partitions).map(|(name, kind, nullable)| {
            StructField::new(name, DataType::Primitive(kind), nullable)
        });
        let bounded: Vec<&str> =
            BOUNDED.into_iter().filter(|name| table.field(name).is_some()).collect();
        let settings = [
            (VERSION_PROPERTY, LAKE_VERSION.to_string()),
            ("delta.dataSkippingStatsColumns", bounded.join(",")),
        ];
        self.builder(table)?
            .create()
            .with_columns(columns)
            .with_partition_columns(PARTITIONS)
            .with_raise_if_key_not_exists(false)
            .with_configuration(settings.map(|(key, value)| (key, Some(value))))
            .with_save_mode(SaveMode::Ignore)
            .with_table_name(table.name)
            .await
            .map_err(|cause| broken(format!("the table {} cannot be made", table.name), cause))?;
        self.sync_entry(table, 0)?;
        self.load(table).await
    }

    fn sync_entry(&self, table: &Table, version: u64) -> Result<()> {
        let log = self.folder(table).join("_delta_log");
        disk::sync_file(&log.join(format!("{version:020}.json")))?;
        disk::sync_folder(&log)
    }

    /// Commits to the table as `delta` saw it. Later appends of others are no conflict.
    pub(crate) async fn commit(
        &self,
        table: &Table,
        delta: &DeltaTable,
        actions: Vec<Action>,
        work: Work<'_>,
    ) -> Result<u64> {
        // The library lets two rewrites of the same files pass, which would double their rows. So
        // a rewrite commits onto exactly the snapshot that it was checked against, or not at all.
        let (operation, retries, transactions) = match work {
            Work::Append { app, version } => (
                DeltaOperation::Write {
                    mode: SaveMode::Append,
                    partition_by: Some(PARTITIONS.map(str::to_owned).to_vec()),
                    predicate: None,
                },
                APPEND_RETRIES_MAX,
                vec![Transaction::new(app, version)],
            ),
            Work::Rewrite { dropped } => {
                let transactions = dropped.iter().map(|(app, at)| Transaction::new(app, *at));
                let operation = DeltaOperation::Optimize { predicate: None, target_size: 0 };
                (operation, 0, transactions.collect())
            }
        };
        let properties = CommitProperties::default()
            .with_max_retries(retries)
            .with_create_checkpoint(false)
            .with_cleanup_expired_logs(Some(false))
            .with_application_transactions(transactions);
        let state = delta.snapshot().context("the table is not loaded")?;
        let done = CommitBuilder::from(properties)
            .with_actions(actions)
            .build(Some(state), delta.log_store(), operation)
            .await
            .map_err(not_committed)?;
        self.sync_entry(table, done.version)?;
        if done.version.is_multiple_of(CHECKPOINT_EVERY) {
            self.sum_up(table).await;
        }
        Ok(done.version)
    }

    /// Writes a checkpoint of the log. Its failure loses nothing, so it only warns.
    async fn sum_up(&self, table: &Table) {
        let Ok(Some(delta)) = self.latest(table).await else { return };
        if let Err(error) = deltalake::checkpoints::create_checkpoint(&delta, None).await {
            tracing::warn!(table = table.name, %error, "the lake's log could not be summed up");
        }
    }

    /// The files of the table as `delta` sees it.
    pub(crate) fn files(&self, table: &Table, delta: &DeltaTable) -> Result<Arc<[DataFile]>> {
        let root = self.folder(table);
        let state = delta.snapshot().context("the table is not loaded")?;
        state
            .log_data()
            .iter()
            .map(|file| {
                let name = file.path().into_owned();
                let wrong = || Error::damaged(format!("{name} has no partition"));
                let mut values = file.partition_values_map();
                let mut value = |key: &str| values.remove(key).flatten().ok_or_else(wrong);
                let bounds = file.stats().map(|text| Stats::read(&text)).unwrap_or_default();
                Ok(DataFile {
                    path: root.join(&name),
                    size: u64::try_from(file.size()).unwrap_or_default(),
                    rows: file.num_records().unwrap_or_default(),
                    bucket: value("bucket")?.parse().map_err(|_| wrong())?,
                    month: value("month")?,
                    shops: bounds.of("shop_id"),
                    keys: table.epoch.and_then(|(key, _)| bounds.of(key)),
                    modified: file.modification_time(),
                    name,
                })
            })
            .collect()
    }
}

/// What a commit does.
#[derive(Debug)]
pub(crate) enum Work<'a> {
    /// New rows, with the reader's cursor.
    Append { app: &'a str, version: i64 },
    /// The same rows in other files, but for superseded ones: of which shops, by the name under
    /// which that is said, and as of which state.
    Rewrite { dropped: Vec<(String, i64)> },
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Stats {
    min_values: HashMap<String, serde_json::Value>,
    max_values: HashMap<String, serde_json::Value>,
}

impl Stats {
    fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    fn of(&self, column: &str) -> Option<(i64, i64)> {
        let bound = |values: &HashMap<String, serde_json::Value>| values.get(column)?.as_i64();
        Some((bound(&self.min_values)?, bound(&self.max_values)?))
    }
}

fn delta_type(kind: Kind) -> PrimitiveType {
    match kind {
        Kind::I64 => PrimitiveType::Long,
        Kind::I32 => PrimitiveType::Integer,
        Kind::F64 => PrimitiveType::Double,
        Kind::Bool => PrimitiveType::Boolean,
        Kind::Time => PrimitiveType::Timestamp,
        Kind::Date => PrimitiveType::Date,
        Kind::Text => PrimitiveType::String,
    }
}

fn check_version(table: &Table, delta: &DeltaTable) -> Result<()> {
    let state = delta.snapshot().context("the table is not loaded")?;
    let found = state.metadata().configuration().get(VERSION_PROPERTY);
    let version: Option<u32> = found.and_then(|text| text.parse().ok());
    match version {
        Some(version) if version <= LAKE_VERSION => Ok(()),
        Some(version) => {
            let name = table.name;
            let message = format!(
                "the table {name} is of version {version}, this program reads {LAKE_VERSION}"
            );
            Err(Error::new(Code::Unsupported, message)
                .hint("use the release of Shuke that wrote it, or a newer one"))
        }
        None => Err(Error::damaged(format!("the table {} does not say its version", table.name))),
    }
}

fn unreadable(table: &Table, cause: deltalake::DeltaTableError) -> Error {
    broken(format!("the table {} cannot be read", table.name), cause)
}

fn not_committed(cause: deltalake::DeltaTableError) -> Error {
    use deltalake::DeltaTableError::Transaction;
    use deltalake::kernel::transaction::TransactionError::{CommitConflict, MaxCommitAttempts};
    match &cause {
        Transaction { source: CommitConflict(_) | MaxCommitAttempts(_) } => {
            Error::new(Code::Busy, "the table was changed by another writer at the same time")
                .hint("try again")
                .because(cause)
        }
        _ => broken("the commit to the lake failed", cause),
    }
}

/// The newest entry of a log.
fn last_entry(log: &Path) -> Result<Option<PathBuf>> {
    let mut last: Option<PathBuf> = None;
    for entry in fs::read_dir(log)? {
        let path = entry?.path();
        let digits = |stem: &str| stem.len() == 20 && stem.bytes().all(|b| b.is_ascii_digit());
        let numbered = path.file_stem().and_then(|stem| stem.to_str()).is_some_and(digits);
        if numbered && path.extension().is_some_and(|end| end == "json") {
            last = last.max(Some(path));
        }
    }
    Ok(last)
}

/// Removes the newest entry when a power cut left it without its end.
fn remove_unfinished(log: &Path) -> Result<()> {
    let Some(path) = last_entry(log)? else { return Ok(()) };
    let bytes = fs::read(&path)?;
    if bytes.trim_ascii_end().ends_with(b"}") {
        return Ok(());
    }
    tracing::warn!(entry = %path.display(), "an unfinished entry of the lake's log is removed");
    fs::remove_file(&path)?;
    disk::sync_folder(log)
}
