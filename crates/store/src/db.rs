//! Opening a database.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use base::{Code, Error, Result, ShopId};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, PgPool, SqlitePool};

use crate::dialect::{self, Dialect};
use crate::memo::Memo;
use crate::tx::{Inner, Tx};

/// Connections that read SQLite at once.
const READERS_MAX: u32 = 4;
/// Connections to PostgreSQL.
const CONNECTIONS_MAX: u32 = 16;
/// How long a statement waits for another process that writes the same SQLite file.
pub(crate) const BUSY_WAIT: Duration = Duration::from_secs(10);
/// How long to wait for a free connection.
const CONNECT_WAIT: Duration = Duration::from_secs(30);
/// Page cache of the writing connection, in KiB; readers have an eighth of it.
const CACHE_KIB: u32 = 32 * 1024;
/// Bytes of a page, of files that are made anew.
const PAGE_BYTES: u32 = 4 << 10;
/// The same of the file for what collectors received: its rows are large, and each page of them is
/// a write of its own.
const INTAKE_PAGE_BYTES: u32 = 16 << 10;
/// The page cache of that file's writing connection, in KiB.
const INTAKE_CACHE_KIB: u32 = 2 * 1024;

/// Rows that the thread of a connection reads ahead of who asked for them: enough that the two do
/// not wait for each other row by row.
const ROWS_AHEAD: usize = 4_096;
/// Bytes of SQLite's log after which it is folded into the file: a page that an import changes
/// again and again is then written to the file once.
const LOG_BYTES: u32 = 64 << 20;
/// The same where somebody else folds it; see [`Db::leave_log`].
const LOG_BYTES_MAX: u32 = 512 << 20;
/// Statements that a connection keeps prepared.
const STATEMENTS_MAX: usize = 256;

/// Name of the file, beside SQLite's own, for what collectors received.
const INTAKE: &str = "intake.db";

/// Where a database is.
#[derive(Debug, Clone)]
pub enum Place {
    /// A SQLite file, with another beside it; see [`Place::files`].
    File(PathBuf),
    /// A `postgres://` address.
    Address(String),
}

impl Place {
    /// The files of a SQLite database: the state, and what collectors received.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        match self {
            Self::File(path) => vec![path.clone(), path.with_file_name(INTAKE)],
            Self::Address(_) => Vec::new(),
        }
    }
}

/// A SQLite file: one connection writes, others read.
#[derive(Debug, Clone)]
pub(crate) struct Lite {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

/// A database with its connections, and what is remembered of it. Clones share both.
#[derive(Debug, Clone)]
pub struct Db {
    pub(crate) pools: Pools,
    memo: Arc<Memo>,
}

/// The connections to a database.
#[derive(Debug, Clone)]
pub(crate) enum Pools {
    /// SQLite. What collectors receive has a file of its own, so that writing it down never waits
    /// for whoever writes the state.
    Sqlite {
        /// Everything else.
        state: Lite,
        /// What collectors received.
        intake: Lite,
    },
    /// PostgreSQL.
    Postgres(PgPool),
}

/// Where rows of the log lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shelf {
    /// With the state.
    State,
    /// In the file for what collectors receive; on PostgreSQL with the state.
    Intake,
}

impl Shelf {
    fn of<'a>(self, state: &'a Lite, intake: &'a Lite) -> &'a Lite {
        match self {
            Self::State => state,
            Self::Intake => intake,
        }
    }
}

impl Db {
    /// Opens `place`, creating a SQLite file that is not there. Migrations are not run.
    ///
    /// # Errors
    /// `bad_input` for an address that cannot be read, `not_found` when no server answers, and
    /// what the database reports.
    pub async fn open(place: &Place) -> Result<Self> {
        match place {
            Place::File(path) => {
                let state = file(path, (PAGE_BYTES, CACHE_KIB, READERS_MAX));
                // A file that cannot be opened is refused here, not at the first statement.
                drop(state.writer.acquire().await.map_err(dialect::error)?);
                // Rows are written at its end and read from there once.
                let intake =
                    file(&path.with_file_name(INTAKE), (INTAKE_PAGE_BYTES, INTAKE_CACHE_KIB, 1));
                Ok(Self::of(Pools::Sqlite { state, intake }))
            }
            Place::Address(address) => open_address(address).await,
        }
    }

    fn of(pools: Pools) -> Self {
        Self { pools, memo: Arc::default() }
    }

    /// Which database it is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.pools {
            Pools::Sqlite { .. } => Dialect::Sqlite,
            Pools::Postgres(_) => Dialect::Postgres,
        }
    }

    pub(crate) async fn read(&self, shelf: Shelf, shop: ShopId) -> Result<Tx> {
        let inner = match &self.pools {
            Pools::Sqlite { state, intake } => {
                shelf.of(state, intake).readers.begin().await.map(Inner::Sqlite)
            }
            Pools::Postgres(pool) => pool
                .begin_with("begin isolation level repeatable read read only")
                .await
                .map(Inner::Postgres),
        };
        inner
            .map(|inner| Tx::new(inner, shop).remembering(Arc::clone(&self.memo)))
            .map_err(dialect::error)
    }

    pub(crate) async fn write(&self, shelf: Shelf, shop: ShopId) -> Result<Tx> {
        let inner = match &self.pools {
            // A deferred transaction that reads and then writes fails at once when another
            // process wrote in between; an immediate one waits its turn.
            Pools::Sqlite { state, intake } => {
                let writer = &shelf.of(state, intake).writer;
                writer.begin_with("begin immediate").await.map(Inner::Sqlite)
            }
            Pools::Postgres(pool) => pool.begin().await.map(Inner::Postgres),
        };
        inner.map(|inner| Tx::new(inner, shop)).map_err(dialect::error)
    }

    /// Has the log of a SQLite file folded into it by [`Db::fold_log`] and no more by whoever
    /// writes: that is a random write for each page, and nobody else writes meanwhile.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn leave_log(&self) -> Result<()> {
        let Pools::Sqlite { state, .. } = &self.pools else { return Ok(()) };
        let sql = format!("pragma wal_autocheckpoint = {}", LOG_BYTES_MAX / PAGE_BYTES);
        let done = sqlx::query(AssertSqlSafe(sql)).execute(&state.writer).await;
        done.map(drop).map_err(dialect::error)
    }

    /// Folds SQLite's log into its file as far as it goes beside whoever writes.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn fold_log(&self) -> Result<()> {
        let Pools::Sqlite { state, .. } = &self.pools else { return Ok(()) };
        let done = sqlx::query("pragma wal_checkpoint(passive)").execute(&state.readers).await;
        done.map(drop).map_err(dialect::error)
    }

    /// Closes every connection, after SQLite's log was folded into its file.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { state, intake } => {
                for file in [state, intake] {
                    file.readers.close().await;
                    file.writer.close().await;
                }
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// A file with the bytes of a page, the size of its writer's cache in KiB, and how many read it.
fn file(path: &Path, (page, cache, readers): (u32, u32, u32)) -> Lite {
    // The program's own spans say what took long; statements here have thousands of binds.
    let options = SqliteConnectOptions::new()
        .disable_statement_logging()
        .filename(path)
        .create_if_missing(true)
        .page_size(page)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_WAIT)
        .row_buffer_size(ROWS_AHEAD)
        .statement_cache_capacity(STATEMENTS_MAX)
        .pragma("wal_autocheckpoint", (LOG_BYTES / page).to_string())
        .pragma("temp_store", "memory")
        .pragma("journal_size_limit", "67108864");
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(CONNECT_WAIT)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(options.clone().pragma("cache_size", format!("-{cache}")));
    let readers = SqlitePoolOptions::new()
        .max_connections(readers)
        .acquire_timeout(CONNECT_WAIT)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(
            options.pragma("cache_size", format!("-{}", cache / 8)).pragma("query_only", "on"),
        );
    Lite { writer, readers }
}

async fn open_address(address: &str) -> Result<Db> {
    let wrong = || {
        Error::bad("is not a PostgreSQL address")
            .field("database")
            .hint("write it as postgres://user@host:5432/name")
    };
    let scheme = address.split_once("://").map_or("", |(scheme, _)| scheme);
    if !matches!(scheme, "postgres" | "postgresql") {
        return Err(wrong());
    }
    // A plan for any list is made for a short one: it compares the rows it reads with a long list
    // one by one. A plan for this list costs less than a millisecond.
    let options = PgConnectOptions::from_str(address)
        .map_err(|cause| wrong().because(cause))?
        .disable_statement_logging()
        .options([("plan_cache_mode", "force_custom_plan")]);
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS_MAX)
        .acquire_timeout(CONNECT_WAIT)
        .connect_with(options)
        .await
        .map_err(|cause| {
            Error::new(Code::NotFound, "no PostgreSQL server answers at that address")
                .field("database")
                .hint("check that the server runs, and the user, host, port and name")
                .because(cause)
        })?;
    Ok(Db::of(Pools::Postgres(pool)))
}
