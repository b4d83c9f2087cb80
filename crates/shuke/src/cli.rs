//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use serde::{Deserialize, Serialize};

/// Shuke: a customer engine for online shops
#[derive(Debug, Parser)]
#[command(name = "shuke", version, about, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Import a shop's files, list imports, or undo one
    Import(Box<Import>),
    /// Sort customers by how recently, how often and how much they buy
    Rfm(Rfm),
    /// Query the data in SQL, read-only
    Query(Query),
    /// Keep figures up to date, and do what other commands ask for
    Serve(Serve),
    /// Upgrade the data to this version of Shuke
    Migrate(Migrate),
    /// Check the data for problems
    Doctor(Doctor),
}

/// Where the data is.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Data {
    /// Data folder; created if missing
    #[arg(long = "data", value_name = "DIR", env = "SHUKE_DATA_DIR", hide_env_values = true)]
    pub(crate) dir: PathBuf,
    /// A PostgreSQL database in place of SQLite: postgres://user@host:5432/name
    #[arg(long, value_name = "URL", env = "SHUKE_DATABASE", hide_env_values = true)]
    pub(crate) database: Option<String>,
}

/// `shuke import`; a mapping is proposed without any data.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
#[command(mut_arg("dir", |dir| dir
    .required(false)
    .required_unless_present("suggest")
    .default_value_if("suggest", clap::builder::ArgPredicate::IsPresent, ".")))]
pub(crate) struct Import {
    /// Where the data is.
    #[command(flatten)]
    pub(crate) data: Data,
    /// Name of the shop; its first import creates it
    #[arg(long, value_name = "NAME", required_unless_present = "suggest")]
    pub(crate) shop: Option<String>,
    /// A built-in mapping or a TOML file; chosen by the header if left out
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) mapping: Option<String>,
    /// Files to import: CSV, TSV, XLSX or Parquet, also .gz and .zst
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Preview the import without changing anything
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Draft a mapping for this file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "dry_run"])]
    pub(crate) suggest: Option<PathBuf>,
    /// List the shop's imports
    #[arg(long, conflicts_with_all = ["files", "suggest"])]
    pub(crate) list: bool,
    /// Undo the import of this number
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["files", "suggest", "list"])]
    pub(crate) undo: Option<i64>,
    /// Encoding of text files, such as gb18030 or utf-16le; detected if left out
    #[arg(long, value_name = "LABEL")]
    pub(crate) encoding: Option<String>,
    /// Sheet of a workbook; the first one with rows if left out
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// Currency of a new shop, if the mapping names none
    #[arg(long, value_name = "CODE", default_value = "CNY")]
    pub(crate) currency: String,
    /// Time zone of a new shop, if the mapping names none
    #[arg(long, value_name = "ZONE", default_value = "Asia/Shanghai")]
    pub(crate) time_zone: String,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `shuke rfm`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Rfm {
    /// Where the data is.
    #[command(flatten)]
    pub(crate) data: Data,
    /// Name of the shop
    #[arg(long, value_name = "NAME")]
    pub(crate) shop: String,
    /// Count up to the end of this day, shop's time; ignore anything later
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<String>,
    /// Save this run, to compare later runs with
    #[arg(long)]
    pub(crate) save: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `shuke query`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Query {
    /// Where the data is.
    #[command(flatten)]
    pub(crate) data: Data,
    /// Name of the shop
    #[arg(long, value_name = "NAME")]
    pub(crate) shop: String,
    /// Print an array of JSON objects
    #[arg(long, conflicts_with = "csv")]
    pub(crate) json: bool,
    /// Print CSV with a header line
    #[arg(long)]
    pub(crate) csv: bool,
    /// Stop the query after this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) seconds: u64,
    /// Most rows the answer may have
    #[arg(long, value_name = "ROWS", default_value_t = 1_000_000)]
    pub(crate) rows: usize,
    /// The query
    #[arg(value_name = "SQL")]
    pub(crate) sql: String,
}

/// `shuke serve`
#[derive(Debug, Clone, Args)]
pub(crate) struct Serve {
    /// Where the data is.
    #[command(flatten)]
    pub(crate) data: Data,
}

/// `shuke migrate`
#[derive(Debug, Clone, Args)]
pub(crate) struct Migrate {
    /// Where the data is.
    #[command(flatten)]
    pub(crate) data: Data,
}

/// `shuke doctor`
#[derive(Debug, Clone, Args)]
pub(crate) struct Doctor {
    /// Where the data is.
    #[command(flatten)]
    pub(crate) data: Data,
    /// Try again to take in what was set aside
    #[arg(long)]
    pub(crate) replay: bool,
}
