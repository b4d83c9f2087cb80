//! The command line.

mod server;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use perceive::collect::pace::PER_SECOND_MAX;
use serde::{Deserialize, Serialize};

pub(crate) use server::{Demo, Logs, Oidc, Serve};

/// Shuke: a customer engine for online shops
#[derive(Debug, Parser)]
#[command(name = "shuke", version, about, disable_help_subcommand = true)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// What is written down of the work.
    #[command(flatten)]
    pub(crate) logs: Logs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Import a shop's files, list imports, or undo one
    Import(Box<Import>),
    /// Sort customers by how recently, how often and how much they buy
    Rfm(Rfm),
    /// Show who was merged with whom, and decide who is one person and who is not
    Identity(Identity),
    /// Find the customers that conditions mean
    Segment(Segment),
    /// Query the data in SQL, read-only
    Query(Query),
    /// Show or make a shop's keys, to write events and to read
    Key(Key),
    /// Show who signs in, or make a link for a new password
    User(User),
    /// Follow the audit log's chains and say whether they hold
    Audit(Audit),
    /// Show or change what a shop expects of its events
    Plan(Plan),
    /// Take events in, keep figures fresh, and do what other commands ask
    Serve(Serve),
    /// Make up a shop with two years of customers and orders, and serve it
    Demo(Demo),
    /// Copy everything into a folder, also while the shop is served
    Backup(Backup),
    /// Make a data folder out of a backup
    Restore(Restore),
    /// Have new keys take the place of old ones, also while the shop is served
    Rotate(Rotate),
    /// Show or set how much a shop may have
    Quota(Quota),
    /// Upgrade the data to this version of Shuke
    Migrate(Migrate),
    /// Check the data for problems
    Doctor(Doctor),
    /// Print the description of the HTTP API
    #[command(hide = true)]
    Openapi,
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
    /// File of the master key; else the folder's master.key
    #[arg(long, value_name = "FILE", env = "SHUKE_KEY_FILE", hide_env = true)]
    pub(crate) key_file: Option<PathBuf>,
}

/// A shop that there is.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct OfShop {
    /// Where the data is.
    #[command(flatten)]
    pub(crate) data: Data,
    /// Name of the shop
    #[arg(long, value_name = "NAME")]
    pub(crate) shop: String,
}

/// `shuke import`; a mapping is proposed without any data.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
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
    /// Currency of a new shop; what the mapping or the file's first rows say if left out, else CNY
    #[arg(long, value_name = "CODE")]
    pub(crate) currency: Option<String>,
    /// Time zone of a new shop; the mapping's if left out, else Asia/Shanghai
    #[arg(long, value_name = "ZONE")]
    pub(crate) time_zone: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// `shuke rfm`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Rfm {
    /// Which shop.
    #[command(flatten)]
    pub(crate) of: OfShop,
    /// Count up to the end of this day, shop's time; ignore anything later
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<String>,
    /// Rules of this run.
    #[command(flatten)]
    pub(crate) rules: Rules,
    /// Save this run, to compare later runs with; its rules become the shop's
    #[arg(long)]
    pub(crate) save: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// Rules of an RFM run that differ from the shop's.
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Rules {
    /// What recency counts from: the last paid order, its payment, or the last visit
    #[arg(long, value_name = "order|payment|visit", hide_possible_values = true,
        value_parser = ["order", "payment", "visit"])]
    pub(crate) recency: Option<String>,
    /// What counts as high: a score of 4 or 5, or above the mean
    #[arg(long, value_name = "score|mean", hide_possible_values = true,
        value_parser = ["score", "mean"])]
    pub(crate) high: Option<String>,
    /// Count only the last so many days; 0 for all time
    #[arg(long, value_name = "DAYS")]
    pub(crate) window: Option<u32>,
    /// Four cut-offs of recency in days, such as 30,90,180,365; with --f-cuts and --m-cuts
    #[arg(long, value_name = "DAYS", value_delimiter = ',', requires_all = ["f_cuts", "m_cuts"])]
    pub(crate) r_cuts: Option<Vec<i64>>,
    /// Four cut-offs of paid orders, such as 1,2,3,6
    #[arg(long, value_name = "ORDERS", value_delimiter = ',', requires = "r_cuts")]
    pub(crate) f_cuts: Option<Vec<i64>>,
    /// Four cut-offs of net money in the shop's currency, such as 100,300,600,1000
    #[arg(
        long,
        value_name = "MONEY",
        value_delimiter = ',',
        requires = "r_cuts",
        allow_hyphen_values = true
    )]
    pub(crate) m_cuts: Option<Vec<String>>,
    /// Cut by quantiles again, where the shop has set cut-offs
    #[arg(long, conflicts_with = "r_cuts")]
    pub(crate) quantiles: bool,
}

/// `shuke identity`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// Which shop.
    #[command(flatten)]
    pub(crate) of: OfShop,
    /// Show this customer's merges only
    #[arg(long, value_name = "NUMBER")]
    pub(crate) customer: Option<i64>,
    /// These two customers are one person
    #[arg(long, value_name = "NUMBER", num_args = 2, conflicts_with = "customer")]
    pub(crate) together: Option<Vec<i64>>,
    /// These two customers are not one person; a merge of them is undone
    #[arg(long, value_name = "NUMBER", num_args = 2, conflicts_with_all = ["customer", "together"])]
    pub(crate) apart: Option<Vec<i64>>,
    /// Print an array of JSON objects
    #[arg(long)]
    pub(crate) json: bool,
}

impl Identity {
    /// Whether it decides something.
    pub(crate) fn decides(&self) -> bool {
        self.together.is_some() || self.apart.is_some()
    }
}

/// What is asked of conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SegmentAction {
    Count,
    List,
    Explain,
}

/// `shuke segment`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Segment {
    /// Which shop.
    #[command(flatten)]
    pub(crate) of: OfShop,
    /// Count the customers, list them, or explain one of them
    #[arg(value_enum, value_name = "ACTION")]
    pub(crate) action: SegmentAction,
    /// The conditions, as JSON, in a file; - reads standard input
    #[arg(long, value_name = "FILE", required_unless_present = "say")]
    pub(crate) expr: Option<PathBuf>,
    /// The conditions in words, such as 'women who bought in the last 90 days'
    #[arg(long, value_name = "WORDS", conflicts_with = "expr")]
    pub(crate) say: Option<String>,
    /// The conditions themselves.
    #[arg(skip)]
    pub(crate) text: Option<String>,
    /// Explain this customer: the customer_id of SQL
    #[arg(long, value_name = "ID", required_if_eq("action", "explain"))]
    pub(crate) customer: Option<i64>,
    /// Most customers to list
    #[arg(long, value_name = "ROWS", default_value_t = 100)]
    pub(crate) limit: usize,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `shuke query`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Query {
    /// Which shop.
    #[command(flatten)]
    pub(crate) of: OfShop,
    /// Print an array of JSON objects
    #[arg(long, conflicts_with = "csv")]
    pub(crate) json: bool,
    /// Print CSV with a header line
    #[arg(long)]
    pub(crate) csv: bool,
    /// Print columns and rows as the console reads them
    #[arg(long, hide = true, conflicts_with_all = ["json", "csv"])]
    pub(crate) columns: bool,
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

/// `shuke key`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Key {
    /// Which shop; made if missing.
    #[command(flatten)]
    pub(crate) of: OfShop,
    /// Show write keys, the default
    #[arg(long, conflicts_with = "secret")]
    pub(crate) write: bool,
    /// Show secret keys; a new one is shown this once
    #[arg(long)]
    pub(crate) secret: bool,
    /// Make a key of this name, if there is none
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Take back the key of this name
    #[arg(long, value_name = "NAME", conflicts_with = "name")]
    pub(crate) revoke: Option<String>,
    /// Currency of a new shop; CNY if left out
    #[arg(long, value_name = "CODE")]
    pub(crate) currency: Option<String>,
    /// Time zone of a new shop; Asia/Shanghai if left out
    #[arg(long, value_name = "ZONE")]
    pub(crate) time_zone: Option<String>,
    /// Take at most so many events a second from this shop; 0 for as many as come
    #[arg(long, value_name = "EVENTS",
        value_parser = clap::value_parser!(u32).range(0..=i64::from(PER_SECOND_MAX)))]
    pub(crate) pace: Option<u32>,
    /// Print an array of JSON objects
    #[arg(long)]
    pub(crate) json: bool,
}

/// `shuke user`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct User {
    /// Where the data is.
    #[command(flatten)]
    pub(crate) data: Data,
    /// Make the link with which the first user begins
    #[arg(long, conflicts_with = "reset")]
    pub(crate) begin: bool,
    /// Make a link with which this person sets a new password
    #[arg(long, value_name = "EMAIL")]
    pub(crate) reset: Option<String>,
    /// The same, and ask them for no second factor any more
    #[arg(long, requires = "reset")]
    pub(crate) drop_second_factor: bool,
    /// Print an array of JSON objects
    #[arg(long)]
    pub(crate) json: bool,
}

/// `shuke audit`
#[derive(Debug, Clone, Args)]
pub(crate) struct Audit {
    /// Where the data is.
    #[command(flatten)]
    pub(crate) data: Data,
    /// What to do
    #[command(subcommand)]
    pub(crate) what: AuditWork,
}

/// What `shuke audit` does.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum AuditWork {
    /// Look for rows that were changed, removed or put in between
    Verify,
}

/// `shuke plan`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Which shop.
    #[command(flatten)]
    pub(crate) of: OfShop,
    /// The event that --schema or --remove is about
    #[arg(long, value_name = "EVENT")]
    pub(crate) event: Option<String>,
    /// A JSON Schema that the event's properties must fit; events that do not are set aside
    #[arg(long, value_name = "FILE", requires = "event")]
    pub(crate) schema: Option<PathBuf>,
    /// Expect nothing of the event any more
    #[arg(long, requires = "event", conflicts_with = "schema")]
    pub(crate) remove: bool,
    /// Print an array of JSON objects
    #[arg(long)]
    pub(crate) json: bool,
    /// What the file says.
    #[arg(skip)]
    pub(crate) text: Option<String>,
}

/// `shuke migrate`
#[derive(Debug, Clone, Args)]
pub(crate) struct Migrate {
    /// Where the data is.
    #[command(flatten)]
    pub(crate) data: Data,
}

/// `shuke backup`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Backup {
    /// Where the data is.
    #[command(flatten)]
    pub(crate) data: Data,
    /// A new folder for the backup; the master key is not put into it
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
}

/// `shuke restore`
#[derive(Debug, Clone, Args)]
pub(crate) struct Restore {
    /// Where the data is.
    #[command(flatten)]
    pub(crate) data: Data,
    /// The folder of the backup
    #[arg(long, value_name = "DIR")]
    pub(crate) from: PathBuf,
    /// The list erased.jsonl of the data folder that was backed up, as it is now
    #[arg(long, value_name = "FILE", conflicts_with = "nobody_erased")]
    pub(crate) erased: Option<PathBuf>,
    /// Nobody was erased since, or the list is lost
    #[arg(long)]
    pub(crate) nobody_erased: bool,
}

/// `shuke rotate`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["master", "shop"]))]
pub(crate) struct Rotate {
    /// Where the data is.
    #[command(flatten)]
    pub(crate) data: Data,
    /// A new master key; the one before is kept in a file of its own
    #[arg(long)]
    pub(crate) master: bool,
    /// A new key of this shop
    #[arg(long, value_name = "NAME")]
    pub(crate) shop: Option<String>,
    /// File with the new master key; made if left out
    #[arg(long, value_name = "FILE", requires = "master")]
    pub(crate) new_key_file: Option<PathBuf>,
}

/// `shuke quota`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Quota {
    /// Which shop.
    #[command(flatten)]
    pub(crate) of: OfShop,
    /// Take at most so many events a second; 0 for as many as come
    #[arg(long, value_name = "EVENTS",
        value_parser = clap::value_parser!(u32).range(0..=i64::from(PER_SECOND_MAX)))]
    pub(crate) events: Option<u32>,
    /// Know at most so many customers; 0 for as many as come
    #[arg(long, value_name = "COUNT")]
    pub(crate) customers: Option<u64>,
    /// Keep at most so many megabytes of files and of what came in; 0 for as much as comes
    #[arg(long, value_name = "MEGABYTES")]
    pub(crate) storage: Option<u64>,
    /// Answer at most so many queries in SQL at once; 0 for the default, 1
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(0..=2))]
    pub(crate) queries: Option<u32>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

impl Quota {
    /// Whether it sets something.
    pub(crate) fn sets(&self) -> bool {
        let counts = [self.customers, self.storage];
        counts.iter().any(Option::is_some) || self.events.is_some() || self.queries.is_some()
    }
}

/// `shuke doctor`
#[derive(Debug, Clone, Args, Serialize, Deserialize)]
pub(crate) struct Doctor {
    /// Where the data is.
    #[command(flatten)]
    pub(crate) data: Data,
    /// Try again to take in what was set aside
    #[arg(long)]
    pub(crate) replay: bool,
}
