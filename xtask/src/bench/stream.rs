//! Events from the log to store and lake: how many a second, how late, and in how much memory.

use super::report::{Bound, told};
use super::{Bench, Watched};
use crate::postgres::Cluster;
use crate::proc::Outcome;

/// How late an event may be, in milliseconds.
const LATE_MOST: f64 = 2_000.0;
/// Memory while a shop of a million customers takes them, in MB.
const MEMORY_MOST: f64 = 900.0;

impl Bench<'_> {
    pub(super) fn stream(&mut self) -> Outcome {
        self.stream_on("SQLite", None, (80_600, 80_000.0))?;
        let cluster = Cluster::start()?;
        self.stream_on("PostgreSQL", Some(cluster.url()), (40_300, 40_000.0))
    }

    fn stream_on(&mut self, name: &str, url: Option<String>, (rate, least): (u64, f64)) -> Outcome {
        let dir = self.folder.join(format!("stream-{name}"));
        let mut stream = self.release("shuke-bench");
        stream.arg("stream").arg("--dir").arg(&dir).args(["--rate", &rate.to_string()]);
        if let Some(url) = url {
            stream.args(["--database", &url]);
        }
        println!("events from the log to store and lake, {name}");
        let watched = Watched::run(&mut stream)?;
        let told = told(&watched.output)?;
        let of = |name: &str| told.of(name);
        let work = format!("events from the log to store and lake, {name}");
        let most = of("taken as fast as it goes")?;
        self.report.figure(&format!("{work}, all it can"), Bound::none(most, "events/s"));
        let steady = Bound::at_least(of("taken")?, least, "events/s");
        self.report.figure(&format!("{work}, 60 s of {rate} events/s"), steady);
        for place in ["store", "lake"] {
            let late = Bound::at_most(of(&format!("late in the {place}, p95"))?, LATE_MOST, "ms");
            self.report.figure(&format!("{work}, late in the {place}, p95"), late);
        }
        let memory = Bound::at_most(watched.peak_mb, MEMORY_MOST, "MB");
        self.report.figure(&format!("{work}, peak with 1 million customers"), memory);
        Ok(())
    }
}
