//! Programs that measure the same work in turns.
//!
//! An engine stays alive between runs, so that what it keeps warm stays warm and nothing but the
//! work is measured. For each line on its standard input it does the work once and answers with
//! one JSON line; `value` is the time in milliseconds, `check` is what all engines must agree on.

use super::memory;
use crate::proc::{self, About, Fail, Outcome};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Runs before the measured ones.
const WARM_UPS: u32 = 2;

/// A running engine; dropping it ends the program.
pub(crate) struct Engine {
    pub(crate) name: String,
    /// Which of its queries a peer found fastest.
    pub(crate) query: Option<String>,
    /// What it checked in its last run.
    pub(crate) check: Value,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    started: Instant,
}

impl Engine {
    /// Starts the program; it is idle until its first turn.
    pub(crate) fn start(name: &str, command: &mut Command) -> Outcome<Self> {
        let started = Instant::now();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .about(proc::shown(command))?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or_else(|| Fail::new("no output to read from"))?;
        let output = BufReader::new(output);
        let (name, check) = (name.to_owned(), Value::Null);
        Ok(Self { name, query: None, check, child, input, output, started })
    }

    /// One run.
    fn turn(&mut self) -> Outcome<(f64, Value)> {
        let input = self.input.as_mut().ok_or_else(|| Fail::new("no input to write to"))?;
        writeln!(input, "run").about(&self.name)?;
        let answer = self.line()?;
        self.query = answer.get("query").and_then(Value::as_str).map(str::to_owned);
        let value = answer.get("value").and_then(Value::as_f64);
        let value =
            value.ok_or_else(|| Fail::new(format!("{}: no value in {answer}", self.name)))?;
        self.check = answer.get("check").cloned().unwrap_or_default();
        Ok((value, self.check.clone()))
    }

    /// Waits until the program says that it is ready.
    pub(crate) fn ready(&mut self) -> Outcome {
        let line = self.text()?;
        if line.trim() == "ready" {
            return Ok(());
        }
        Err(Fail::new(format!("{} said {:?} in place of ready", self.name, line.trim())))
    }

    /// The next line of output, as it is.
    pub(crate) fn text(&mut self) -> Outcome<String> {
        let mut line = String::new();
        self.output.read_line(&mut line).about(&self.name)?;
        proc::check_stop()?;
        Ok(line)
    }

    /// The next line of output.
    fn line(&mut self) -> Outcome<Value> {
        let line = self.text()?;
        serde_json::from_str(&line).about(format!(
            "{}: its answer {:?} is not one JSON line",
            self.name,
            line.trim()
        ))
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn since_start(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // The end of its input is an engine's sign to leave.
        drop(self.input.take());
        let left = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            self.child.try_wait().is_ok_and(|status| status.is_some())
        });
        if !left {
            let _ended_meanwhile = self.child.kill();
            let _reaped = self.child.wait();
        }
    }
}

/// The times of one engine, milliseconds, in the order of the rounds.
pub(crate) struct Times(pub(crate) Vec<f64>);

impl Times {
    pub(crate) fn best(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// This engine's time over another's, round by round.
    pub(crate) fn over(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(mine, theirs)| mine / theirs).collect())
    }

    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        if sorted.len() % 2 == 1 { at(middle) } else { (at(middle - 1) + at(middle)) / 2.0 }
    }
}

/// Lets every engine run once a round, A B C A B C, after warming up; fails if they disagree.
pub(crate) fn take_turns(engines: &mut [Engine], rounds: u32) -> Outcome<Vec<Times>> {
    let mut times: Vec<Times> = engines.iter().map(|_| Times(Vec::new())).collect();
    let mut agreed: Option<(String, Value)> = None;
    for round in 0..WARM_UPS + rounds {
        for (engine, times) in engines.iter_mut().zip(&mut times) {
            let (elapsed, check) = engine.turn()?;
            match &agreed {
                None => agreed = Some((engine.name.clone(), check)),
                Some((name, expected)) if *expected != check => {
                    let (one, other) = (expected.to_string(), check.to_string());
                    return Err(Fail::new(format!(
                        "{name} and {} did not do the same work:\n{one}\n{other}",
                        engine.name
                    )));
                }
                Some(_) => {}
            }
            if round >= WARM_UPS {
                times.0.push(elapsed);
            }
        }
    }
    for engine in engines.iter() {
        let peak = memory::peak_mb(engine.id()).unwrap_or_default();
        println!("{}: peak memory {peak:.0} MB", engine.name);
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fake(name: &str, value: u32, check: u32) -> Engine {
        let answer = format!("{{\"value\": {value}, \"check\": {check}}}");
        let script = format!("while read -r line; do echo '{answer}'; done");
        Engine::start(name, Command::new("sh").args(["-c", &script])).expect("shell")
    }

    #[test]
    fn engines_take_turns_and_must_agree() {
        let times = take_turns(&mut [fake("a", 3, 1), fake("b", 6, 1)], 4).expect("times");
        let [a, b] = times.as_slice() else { panic!("two engines") };
        assert_eq!(a.0, [3.0; 4]);
        assert!((a.best() - 3.0).abs() < 1e-9 && (a.over(b).median() - 0.5).abs() < 1e-9);
        let fail = take_turns(&mut [fake("a", 3, 1), fake("b", 6, 2)], 1).err();
        assert!(fail.expect("disagreement").to_string().contains("same work"));
    }

    #[test]
    fn an_engine_that_ends_early_is_an_error() {
        let engine = Engine::start("a", &mut Command::new("true")).expect("true");
        assert!(take_turns(&mut [engine], 1).is_err());
    }

    #[test]
    fn the_median_is_the_middle() {
        for (times, median) in [(vec![3.0, 1.0, 2.0], 2.0), (vec![4.0, 1.0, 2.0, 3.0], 2.5)] {
            assert!((Times(times).median() - median).abs() < 1e-9);
        }
    }
}
