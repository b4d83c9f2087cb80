//! Conditions and segments: on profiles and on what people did beside DuckDB, after a batch of the
//! fold, and as people see them who type and who order.

use super::engine::{self, Engine};
use super::report::{Bound, told};
use super::{Bench, SHOP_CUSTOMERS, Watched};
use crate::proc::{About, Fail, Outcome, read};
use serde_json::Value;
use std::fmt::Write;

/// Customers among whom conditions find whom they mean, beside the peer.
const PROFILES: u64 = 10_000_000;
/// The same without the peer: how the time grows.
const GROWTH: [u64; 2] = [1_000_000, 30_000_000];
/// Events in which a condition finds who did something.
const EVENTS: u64 = 100_000_000;
/// Rounds over as many events: each takes seconds.
const ROUNDS: u32 = 5;
/// Events of the shop that people look at.
const SHOP_EVENTS: u64 = 20_000_000;
/// What is measured of segments that people use: its figure, its name on the page, and what it
/// must be at the most.
const FIGURES: [(&str, &str, f64); 3] = [
    (
        "preview, p95",
        "how many somebody means who types, with what was done in 90 days, p95",
        150.0,
    ),
    ("explain, p95", "why one customer is meant, or is not, p95", 50.0),
    ("entered, p95", "an order is taken until its buyer is in one of 201 segments, p95", 2_000.0),
];

impl Bench<'_> {
    pub(super) fn segment(&mut self) -> Outcome {
        let mut grown = Vec::new();
        for profiles in GROWTH {
            let (mut ours, _) = self.profiles(profiles)?;
            let times = engine::take_turns(std::slice::from_mut(&mut ours), self.options.rounds)?;
            grown.extend(times.first().map(|times| (profiles, times.median())));
        }
        let (ours, memory) = self.profiles(PROFILES)?;
        let mut peer = self.peer("segment.py");
        let peer = Engine::start("duckdb", peer.arg("--dir").arg(self.folder_of(PROFILES)))?;
        let mut engines = [ours, peer];
        let times = engine::take_turns(&mut engines, self.options.rounds)?;
        let [own, duckdb] = times.as_slice() else {
            return Err(Fail::new("two engines must give two columns"));
        };
        grown.push((PROFILES, own.median()));
        let work = format!("count by six conditions on {PROFILES} profiles");
        self.report.ratio(&work, own, ("DuckDB in memory", duckdb), 0.7);
        let memory = Bound::at_most(memory, 250.0, "bytes");
        self.report.figure("a profile in memory", memory);
        grown.sort_by_key(|(profiles, _)| *profiles);
        for (profiles, time) in &grown {
            let work = format!("count by six conditions on {profiles} profiles, median");
            self.report.figure(&work, Bound::none(*time, "ms"));
        }
        self.report.note(plot(&grown));
        Ok(())
    }

    fn folder_of(&self, profiles: u64) -> std::path::PathBuf {
        self.folder.join(format!("profiles-{profiles}"))
    }

    /// An engine with so many profiles, and the bytes that each takes.
    fn profiles(&self, profiles: u64) -> Outcome<(Engine, f64)> {
        println!("making {profiles} profiles");
        let mut ours = self.release("shuke-bench");
        ours.arg("segment").arg("--dir").arg(self.folder_of(profiles));
        let mut ours = Engine::start("segment", ours.args(["--customers", &profiles.to_string()]))?;
        ours.ready()?;
        let memory: Value = serde_json::from_str(&ours.text()?).about("the mirror's memory")?;
        let memory = memory.get("value").and_then(Value::as_f64).unwrap_or(f64::NAN);
        Ok((ours, memory))
    }

    pub(super) fn behaviour(&mut self) -> Outcome {
        let dir = self.folder.join("behaviour");
        println!("making {EVENTS} events of {SHOP_CUSTOMERS} customers");
        let mut ours = self.release("shuke-bench");
        ours.arg("behaviour").arg("--dir").arg(&dir);
        ours.args(["--customers", &SHOP_CUSTOMERS.to_string(), "--events", &EVENTS.to_string()]);
        let mut ours = Engine::start("behaviour", &mut ours)?;
        ours.ready()?;
        let mut peer = self.peer("behaviour.py");
        let peer = Engine::start("duckdb", peer.arg("--dir").arg(dir.join("lake/events")))?;
        let times = engine::take_turns(&mut [ours, peer], ROUNDS)?;
        let [own, duckdb] = times.as_slice() else {
            return Err(Fail::new("two engines must give two columns"));
        };
        let work = format!("who did something nine times, in {EVENTS} events");
        self.report.ratio(&work, own, ("DuckDB over the files", duckdb), 1.0);
        Ok(())
    }

    pub(super) fn watch(&mut self) -> Outcome {
        let mut watch = self.release("shuke-bench");
        watch.arg("watch").arg("--dir").arg(self.folder.join("watch"));
        println!("200 segments and batches of 10,000 profiles");
        let watched = Watched::run(watch.args(["--customers", &SHOP_CUSTOMERS.to_string()]))?;
        let figures = told(&watched.output)?;
        let first = Bound::none(figures.of("first")?, "ms");
        self.report.figure("200 segments of 1 million customers, counted at first", first);
        let batch = Bound::at_most(figures.of("batch")?, 1_000.0, "ms");
        self.report.figure("the same after a batch of 10,000 profiles, median", batch);
        Ok(())
    }

    pub(super) fn strata(&mut self) -> Outcome {
        let (data, key) = self.shop("strata")?;
        println!("adding {SHOP_EVENTS} events");
        let mut history = self.release("shuke-bench");
        history.arg("history").arg("--dir").arg(&data);
        history.args(["--customers", &SHOP_CUSTOMERS.to_string()]);
        read(history.args(["--events", &SHOP_EVENTS.to_string()]))?;
        let (mut server, address) = self.serve(&data, &[])?;
        let start = server.text()?;
        let token = start.trim().rsplit('#').next().unwrap_or_default();
        println!("segments of a shop of {SHOP_CUSTOMERS} customers");
        let mut strata = self.release("shuke-bench");
        strata.args(["strata", "--address", &address, "--key", &key, "--token", token]);
        strata.args(["--customers", &SHOP_CUSTOMERS.to_string()]);
        let figures = told(&Watched::run(&mut strata)?.output)?;
        for (figure, name, most) in FIGURES {
            let bound = Bound::at_most(figures.of(figure)?, most, "ms");
            self.report.figure(&format!("with 1 million customers: {name}"), bound);
        }
        Ok(())
    }
}

/// How the time grows with the profiles, as a drawing in Markdown.
fn plot(grown: &[(u64, f64)]) -> String {
    let millions: Vec<String> =
        grown.iter().map(|(profiles, _)| format!("\"{} million\"", profiles / 1_000_000)).collect();
    let times: Vec<String> = grown.iter().map(|(_, time)| format!("{time:.1}")).collect();
    let mut text = String::from("\n```mermaid\nxychart-beta\n");
    // Writing to a String cannot fail.
    let _ok = write!(
        text,
        "    title \"Count by six conditions, median\"\n    x-axis \"profiles\" [{}]\n    \
         y-axis \"ms\"\n    bar [{}]\n```\n",
        millions.join(", "),
        times.join(", "),
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_has_its_bars_in_order() {
        let plot = plot(&[(1_000_000, 3.04), (10_000_000, 30.0)]);
        assert!(plot.contains("[\"1 million\", \"10 million\"]"), "{plot}");
        assert!(plot.contains("bar [3.0, 30.0]"), "{plot}");
    }
}
