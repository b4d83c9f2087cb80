//! Shuke's side of `cargo xtask bench`.
//!
//! `lines` and `orders` make what is measured, from nothing but their numbers, so that every run
//! makes the same. `rfm` and `mirror` are engines: for each line on standard input they do the
//! work once and answer with one JSON line whose `value` is the time in milliseconds. `accept` is
//! one too: it sends events to a server, to `shuke serve` or to `parse`, which drops them. `flood`
//! measures once how long a shop waits beside another that floods.

mod behaviour;
mod engine;
mod eye;
mod ground;
mod history;
mod lines;
mod load;
mod look;
mod orders;
mod parse;
mod quote;
mod redeem;
mod review;
mod segment;
mod strata;
mod stream;
mod watch;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use base::{Result, ShopId, Time};
use clap::Parser;
use lake::{Lake, LakeOptions};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The only shop.
const SHOP: ShopId = ShopId(1);
/// The first instant of what is made: 2024-01-01 in UTC.
const START: Time = Time::from_micros(1_704_067_200_000_000);
/// Days over which it is spread.
const DAYS: u64 = 730;

/// What is asked for.
#[derive(Debug, Parser)]
enum Work {
    /// Order lines as the lake writes them
    Lines {
        #[arg(long)]
        dir: PathBuf,
        #[arg(long)]
        rows: u64,
        #[arg(long)]
        buyers: u64,
    },
    /// Orders as a shop exports them, one line each
    Orders {
        #[arg(long)]
        file: PathBuf,
        #[arg(long)]
        customers: u64,
    },
    /// RFM from the files
    Rfm {
        #[arg(long)]
        dir: PathBuf,
    },
    /// RFM from the mirror in memory
    Mirror {
        #[arg(long)]
        dir: PathBuf,
    },
    /// Conditions on the profiles of a large shop
    Segment {
        #[arg(long)]
        dir: PathBuf,
        #[arg(long)]
        customers: i64,
    },
    /// A condition on what the customers of a shop did
    Behaviour {
        #[arg(long)]
        dir: PathBuf,
        #[arg(long)]
        customers: u64,
        #[arg(long)]
        events: u64,
    },
    /// Events of a shop that is there already, until now, straight into its lake
    History {
        #[arg(long)]
        dir: PathBuf,
        #[arg(long)]
        customers: u64,
        #[arg(long)]
        events: u64,
    },
    /// The best combination of 200 offers for carts of 20 lines
    Quote {
        #[arg(long, default_value_t = 1_000)]
        carts: u64,
    },
    /// Segments that follow the profiles that change
    Watch {
        #[arg(long)]
        dir: PathBuf,
        #[arg(long)]
        customers: u64,
    },
    /// Levels of a large shop that everybody reaches or loses
    Review {
        #[arg(long)]
        dir: PathBuf,
        #[arg(long)]
        members: u64,
    },
    /// Segments as people use them
    Strata {
        #[command(flatten)]
        target: load::Target,
        /// The token with which the owner begins
        #[arg(long)]
        token: String,
        /// Customers of the shop
        #[arg(long)]
        customers: u64,
    },
    /// Coupons that are locked and redeemed by many clients, beside a loop of bare commits
    Redeem {
        #[arg(long)]
        dir: PathBuf,
        /// PostgreSQL instead of SQLite
        #[arg(long)]
        database: Option<String>,
        #[command(flatten)]
        size: redeem::Size,
    },
    /// Events sent to a server by 64 clients
    Accept {
        #[command(flatten)]
        target: load::Target,
        /// Batches that each client sends
        #[arg(long, default_value_t = 40)]
        batches: u64,
    },
    /// A server that parses events and drops them
    Parse,
    /// Events from the log to store and lake, at a steady pace
    Stream {
        #[arg(long)]
        dir: PathBuf,
        /// A PostgreSQL database in place of SQLite
        #[arg(long)]
        database: Option<String>,
        #[command(flatten)]
        size: stream::Size,
    },
    /// How long the console's pages wait, one look after the other and many while events come in
    Look {
        #[command(flatten)]
        target: load::Target,
        /// A secret key of the same shop
        #[arg(long)]
        secret: String,
        /// Customers of the shop
        #[arg(long)]
        customers: u64,
        /// How long many look at once
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// How long a shop waits for its answers beside another that floods
    Flood {
        #[command(flatten)]
        target: load::Target,
        /// The write key of the shop that floods
        #[arg(long)]
        flood: String,
        /// How long to measure each, alone and beside
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// The shop that floods does not wait when it is told to
        #[arg(long)]
        rude: bool,
    },
}

/// As in the program itself.
const BLOCKING_MAX: usize = 8;

/// As in the server: clients that have much to send hide the answers to others no longer.
const POLLS_MAX: u32 = 4;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .event_interval(POLLS_MAX)
        .max_blocking_threads(BLOCKING_MAX)
        .build();
    let done = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run(Work::parse())));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when standard error is gone.
            let _ = writeln!(std::io::stderr(), "shuke-bench: {}", error.chain());
            ExitCode::FAILURE
        }
    }
}

async fn run(work: Work) -> Result<()> {
    match work {
        Work::Lines { dir, rows, buyers } => lines::write(&open(&dir)?, rows, buyers).await,
        Work::Orders { file, customers } => orders::write(&file, customers),
        Work::Rfm { dir } => engine::files(&open(&dir)?).await,
        Work::Mirror { dir } => engine::mirror(&open(&dir)?).await,
        Work::Segment { dir, customers } => segment::count(&dir, customers).await,
        Work::Behaviour { dir, customers, events } => {
            behaviour::count(&dir, customers, events).await
        }
        Work::History { dir, customers, events } => {
            history::write(&open(&dir)?, SHOP, (customers, events), ground::present()).await
        }
        Work::Quote { carts } => quote::measure(carts),
        Work::Watch { dir, customers } => watch::watch(&dir, customers).await,
        Work::Review { dir, members } => review::review(&dir, members).await,
        Work::Strata { target, token, customers } => {
            strata::measure(&target, (&token, customers)).await
        }
        Work::Accept { target, batches } => load::accept(&target, batches).await,
        Work::Redeem { dir, database, size } => {
            redeem::measure(&dir, database.as_deref(), &size).await
        }
        Work::Parse => parse::serve().await,
        Work::Stream { dir, database, size } => stream::run(&dir, database.as_deref(), &size).await,
        Work::Look { target, secret, customers, seconds } => {
            look::look(&target, (&secret, customers), seconds).await
        }
        Work::Flood { target, flood, seconds, rude } => {
            load::flood(&target, &flood, seconds, rude).await
        }
    }
}

fn open(dir: &Path) -> Result<Lake> {
    let options =
        LakeOptions { memory_bytes: 1 << 30, threads: threads(), scratch: dir.join("tmp") };
    Lake::open(&dir.join("lake"), options)
}

/// One line about what was measured; `check` is what all engines must agree on.
fn answer(work: &str, (figure, value, unit): (&str, f64, &str), check: &Value) -> Result<()> {
    let line =
        json!({ "work": work, "figure": figure, "value": value, "unit": unit, "check": check });
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

/// Says that what was to be made is there.
fn ready() -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready")?;
    Ok(out.flush()?)
}

/// The value that so many of a hundred do not exceed; infinite where there are none.
fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() * percent / 100).or(values.last()).copied().unwrap_or(f64::INFINITY)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A number that looks random and depends on nothing but its arguments (SplitMix64, Steele and
/// others, 2014).
fn scatter(seed: u64, salt: u64) -> u64 {
    let mut z = seed.wrapping_add(salt.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
