//! `cargo xtask bench`: Shuke beside its peers, in one run, on one machine.
//!
//! Shuke's side is the program `shuke-bench` of the crate in `bench/`, and `shuke` itself:
//!
//! - `shuke-bench lines --dir D --rows N --buyers M` writes order lines as the lake writes them.
//! - `shuke-bench rfm --dir D` and `shuke-bench mirror --dir D` are engines (see [`engine`]):
//!   from the files, and from the mirror in memory.
//! - `shuke-bench segment --dir D --customers N` is an engine, too: conditions on profiles; and so
//!   is `behaviour --dir D --customers N --events M`: a condition on what people did.
//! - `shuke-bench watch`, `history` and `strata` are for segments that are kept up to date and
//!   looked at (see [`segment`]).
//! - `shuke-bench quote` is for what a cart gets (see [`quote`]).
//! - `shuke-bench orders --file F --customers N` makes a shop's export, which `shuke import` takes
//!   and on which `shuke serve` starts.
//! - `shuke-bench accept`, `parse` and `flood` are for taking events in (see [`accept`]), and
//!   `shuke-bench stream` for what happens to them then (see [`stream`]).
//! - `shuke-bench look` is for how long people wait for what they look at (see [`look`]).
//!
//! Every line that an engine prints is a JSON object with `work`, `figure`, `value`, `unit` and
//! `check`. The peers live in `bench/peers` and answer in the same way.

mod accept;
mod engine;
mod look;
mod machine;
mod memory;
mod page;
mod quote;
pub(crate) mod report;
mod segment;
mod stream;

use crate::proc::{self, About, Fail, Outcome, Places};
use crate::{setup, test};
use clap::ValueEnum;
use engine::Engine;
use memory::Watched;
use report::{Bound, Report};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What `cargo xtask bench` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only this work; the page is written only by a full run of the default size
    #[arg(long)]
    only: Vec<Work>,
    /// Order lines for RFM
    #[arg(long, default_value_t = ROWS)]
    rows: u64,
    /// Customers who bought them
    #[arg(long, default_value_t = BUYERS)]
    buyers: u64,
    /// Measured rounds in which the engines take turns
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Work {
    Rfm,
    Segment,
    Behaviour,
    Watch,
    Strata,
    Quote,
    Import,
    Start,
    Accept,
    Flood,
    Look,
    Page,
    Stream,
}

const ROWS: u64 = 10_000_000;
const BUYERS: u64 = 750_000;
const SHOP_CUSTOMERS: u64 = 1_000_000;

/// Rounds of the import, into a new folder each; the median counts, and the highest peak.
const IMPORTS: usize = 5;
/// Copies of Online Retail in the long import.
const COPIES: &str = "20";

struct Bench<'a> {
    places: Places,
    python: PathBuf,
    folder: PathBuf,
    options: &'a Options,
    report: Report,
}

type Measure<'a> = fn(&mut Bench<'a>) -> Outcome;

/// Builds, measures, and writes `docs/benchmarks.md` after a full run.
pub(crate) fn run(options: &Options) -> Outcome {
    let places = Places::find()?;
    if !places.root.join("bench/Cargo.toml").is_file() {
        let missing = "the crate bench/ (package shuke-bench), Shuke's side of the measurement, \
                       is not in this checkout";
        return Err(Fail::new(format!("{missing}: there is nothing to measure")));
    }
    let python = setup::python(&places, setup::PEERS)?;
    let build =
        ["build", "--release", "--locked", "--package", "shuke", "--package", "shuke-bench"];
    proc::run(&mut places.cargo(&build))?;
    let folder = places.target.join("bench");
    proc::remove_folder(&folder)?;
    std::fs::create_dir_all(&folder).about(folder.display())?;
    let report = Report::new(machine::facts(&places, &python)?);
    let mut bench = Bench { places, python, folder, options, report };
    for (work, measure) in [
        (Work::Rfm, Bench::rfm as Measure<'_>),
        (Work::Segment, Bench::segment),
        (Work::Behaviour, Bench::behaviour),
        (Work::Watch, Bench::watch),
        (Work::Strata, Bench::strata),
        (Work::Quote, Bench::quote),
        (Work::Import, Bench::import),
        (Work::Start, Bench::start),
        (Work::Accept, Bench::accept),
        (Work::Flood, Bench::flood),
        (Work::Look, Bench::look),
        (Work::Page, Bench::page),
        (Work::Stream, Bench::stream),
    ] {
        if options.only.is_empty() || options.only.contains(&work) {
            measure(&mut bench)?;
        }
    }
    bench.finish()
}

impl Bench<'_> {
    fn finish(&self) -> Outcome {
        let page = self.report.page();
        println!("\n{page}");
        let whole = self.options.only.is_empty()
            && (self.options.rows, self.options.buyers) == (ROWS, BUYERS);
        if whole {
            let path = self.places.root.join("docs/benchmarks.md");
            std::fs::write(&path, page).about(path.display())?;
            println!("written to {}", path.display());
        }
        proc::remove_folder(&self.folder)
    }

    fn release(&self, name: &str) -> Command {
        Command::new(self.places.target.join("release").join(name))
    }

    fn peer(&self, script: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(self.places.root.join("bench/peers").join(script));
        command
    }

    fn rfm(&mut self) -> Outcome {
        let dir = self.folder.join("lines");
        let (rows, buyers) = (self.options.rows, self.options.buyers);
        let mut lines = self.release("shuke-bench");
        lines.arg("lines").arg("--dir").arg(&dir);
        lines.args(["--rows", &rows.to_string(), "--buyers", &buyers.to_string()]);
        println!("writing {rows} order lines of {buyers} customers");
        proc::read(&mut lines)?;
        let mut engines = Vec::new();
        for kind in ["rfm", "mirror"] {
            let mut command = self.release("shuke-bench");
            engines.push(Engine::start(kind, command.arg(kind).arg("--dir").arg(&dir))?);
        }
        for kind in ["duckdb", "polars"] {
            let mut command = self.peer("rfm.py");
            engines.push(Engine::start(
                kind,
                command.args(["--engine", kind]).arg("--dir").arg(&dir),
            )?);
        }
        println!("RFM: {} rounds in turn", self.options.rounds);
        let times = engine::take_turns(&mut engines, self.options.rounds)?;
        let [files, mirror, duckdb, polars] = times.as_slice() else {
            return Err(Fail::new("four engines must give four columns"));
        };
        let work = format!("RFM over {rows} order lines of {buyers} customers");
        self.report.ratio(&format!("{work}, from files"), files, ("DuckDB", duckdb), 0.5);
        self.report.ratio(&format!("{work}, from files"), files, ("Polars", polars), 0.6);
        let middle = Bound::at_most(mirror.median(), 60.0, "ms");
        self.report.figure(&format!("{work}, from the mirror"), middle);
        for peer in engines.iter().filter(|engine| engine.query.is_some()) {
            let query = peer.query.as_deref().unwrap_or_default();
            self.report.note(format!("{}'s fastest query: {query}.", peer.name));
        }
        Ok(())
    }

    fn import(&mut self) -> Outcome {
        let data = test::shared_data(&self.places.root)?;
        let data = data.ok_or_else(|| Fail::new("the import needs the shared data sets"))?;
        let file = data.join("online_retail/online_retail.csv.zst");
        let long = self.folder.join("repeated.csv.zst");
        proc::run(self.peer("repeat.py").arg(&file).arg(&long).arg(COPIES))?;
        let (mut rates, mut peak) = (Vec::new(), 0.0_f64);
        for round in 0..IMPORTS {
            let once = self.folder.join(format!("once-{round}"));
            let (rate, most) = self.one_import(&once, "online-retail", &file)?;
            rates.push(rate);
            peak = peak.max(most);
        }
        rates.sort_by(f64::total_cmp);
        let rate = rates.get(IMPORTS / 2).copied().unwrap_or_default();
        let best = rates.last().copied().unwrap_or_default();
        self.report.note(format!("Import of Online Retail: best of {IMPORTS} {best:.0} rows/s."));
        self.report.figure("import of Online Retail", Bound::at_least(rate, 200_000.0, "rows/s"));
        self.report.figure("import of Online Retail, peak", Bound::at_most(peak, 400.0, "MB"));
        let data = self.folder.join("long");
        let (rate, peak) = self.one_import(&data, "online-retail", &long)?;
        let name = format!("import of Online Retail {COPIES} times over");
        self.report.figure(&name, Bound::none(rate, "rows/s"));
        self.report.figure(&format!("{name}, peak"), Bound::at_most(peak, 600.0, "MB"));
        Ok(())
    }

    /// Imports into an empty folder; rows per second of wall time and peak memory in MB.
    fn one_import(&self, data: &Path, mapping: &str, file: &Path) -> Outcome<(f64, f64)> {
        println!("importing {}", file.display());
        let mut import = self.release("shuke");
        import.arg("import").arg("--data").arg(data).args(["--shop", "bench"]);
        import.args(["--mapping", mapping, "--json"]).arg(file);
        let watched = Watched::run(&mut import)?;
        let answer: Value = serde_json::from_str(&watched.output).about("the import's answer")?;
        let rows = answer.get("rows_read").and_then(Value::as_f64);
        let rows = rows.ok_or_else(|| Fail::new("the import's answer has no rows_read"))?;
        Ok((rows / watched.elapsed.as_secs_f64(), watched.peak_mb))
    }

    fn start(&mut self) -> Outcome {
        for (customers, name, ready_max, memory_max) in [
            (SHOP_CUSTOMERS, "1 million customers", Some(3.0), 700.0),
            (0, "an empty shop", None, 120.0),
        ] {
            let data = self.folder.join(format!("shop-{customers}"));
            let file = data.with_extension("csv");
            println!("making {name}");
            let mut orders = self.release("shuke-bench");
            orders.arg("orders").arg("--file").arg(&file);
            proc::read(orders.args(["--customers", &customers.to_string()]))?;
            let (rate, _) = self.one_import(&data, "orders", &file)?;
            println!("imported at {rate:.0} rows/s");
            let mut serve = self.release("shuke");
            let mut server = Engine::start(
                "serve",
                serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data),
            )?;
            server.ready()?;
            let ready = server.since_start().as_secs_f64();
            // What start-up leaves running may still grow for a moment.
            std::thread::sleep(Duration::from_secs(1));
            let peak = memory::peak_mb(server.id()).unwrap_or_default();
            let ready = match ready_max {
                Some(most) => Bound::at_most(ready, most, "s"),
                None => Bound::none(ready, "s"),
            };
            self.report.figure(&format!("start with {name}"), ready);
            let memory = Bound::at_most(peak, memory_max, "MB");
            self.report.figure(&format!("start with {name}, peak"), memory);
        }
        Ok(())
    }
}
