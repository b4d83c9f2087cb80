//! Taking events in over HTTP: how fast, and how fair.
//!
//! - `shuke serve --only-accept` writes events down and does nothing else; `shuke-bench parse`
//!   parses the same requests and drops them. `shuke-bench accept` sends to either, in turns.
//! - `shuke-bench flood` measures how long one shop waits for its answers, alone and beside another
//!   that floods and has a pace set.

use super::engine::{self, Engine};
use super::report::Bound;
use super::{Bench, Watched};
use crate::proc::{self, About, Fail, Outcome};
use serde_json::Value;
use std::path::Path;

/// Share of the rate of an endpoint that parses and drops, in percent, that must be reached.
const SHARE_LEAST: f64 = 60.0;
/// How much longer a shop may wait beside one that floods.
const WAIT_MOST: f64 = 2.0;
/// Events a second of the shop that floods.
const PACE: &str = "20000";

impl Bench<'_> {
    pub(super) fn accept(&mut self) -> Outcome {
        let data = self.folder.join("accept");
        let key = self.key(&data, "busy", &[])?;
        let (_server, server) = self.serve(&data, &["--only-accept"])?;
        let mut parse = Engine::start("parse", self.release("shuke-bench").arg("parse"))?;
        parse.ready()?;
        let peer = address(&mut parse)?;
        let mut engines = Vec::new();
        for (name, address) in [("shuke", server), ("parse", peer)] {
            let mut command = self.release("shuke-bench");
            command.args(["accept", "--address", &address, "--key", &key]);
            engines.push(Engine::start(name, &mut command)?);
        }
        println!("accept over HTTP: {} rounds in turn", self.options.rounds);
        let times = engine::take_turns(&mut engines, self.options.rounds)?;
        let [ours, theirs] = times.as_slice() else {
            return Err(Fail::new("two engines must give two columns"));
        };
        let work = "accept over HTTP, batches of 100 events from 64 connections, synchronous=FULL";
        let events = engines.first().and_then(|engine| engine.check.get("events")?.as_f64());
        let rate = events.unwrap_or_default() / ours.median() * 1e3;
        self.report.figure(work, Bound::none(rate, "events/s"));
        let share = Bound::at_least(theirs.over(ours).median() * 100.0, SHARE_LEAST, "%");
        self.report.figure("accept over HTTP, share of the rate of parsing and dropping", share);
        Ok(())
    }

    pub(super) fn flood(&mut self) -> Outcome {
        let data = self.folder.join("flood");
        let quiet = self.key(&data, "quiet", &[])?;
        let loud = self.key(&data, "loud", &["--pace", PACE])?;
        let (_server, server) = self.serve(&data, &[])?;
        println!("a shop beside another that floods");
        let mut flood = self.release("shuke-bench");
        flood.args(["flood", "--address", &server, "--key", &quiet, "--flood", &loud]);
        let watched = Watched::run(&mut flood)?;
        let answer: Value = serde_json::from_str(&watched.output).about("the flood's answer")?;
        let figure = |value: Option<&Value>| value.and_then(Value::as_f64);
        let ratio = figure(answer.get("value")).ok_or_else(|| Fail::new("no ratio"))?;
        let alone = figure(answer.pointer("/check/alone")).unwrap_or_default();
        self.report.figure("an event of a quiet shop is taken, p99", Bound::none(alone, "ms"));
        let name = format!("the same beside a shop that floods at a pace of {PACE} events/s");
        self.report.figure(&name, Bound::at_most(ratio, WAIT_MOST, "×"));
        Ok(())
    }

    /// The write key of a shop, made if there is none.
    pub(super) fn key(&self, data: &Path, shop: &str, more: &[&str]) -> Outcome<String> {
        let mut key = self.release("shuke");
        key.args(["key", "--json", "--shop", shop, "--data"]).arg(data).args(more);
        let answer: Value = serde_json::from_str(&proc::read(&mut key)?).about("shuke key")?;
        let key = answer.pointer("/0/write_key").and_then(Value::as_str);
        key.map(str::to_owned).ok_or_else(|| Fail::new("shuke key shows no key"))
    }

    /// A server and its address.
    pub(super) fn serve(&self, data: &Path, more: &[&str]) -> Outcome<(Engine, String)> {
        let mut serve = self.release("shuke");
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).args(more);
        let mut server = Engine::start("serve", &mut serve)?;
        server.ready()?;
        let address = address(&mut server)?;
        Ok((server, address))
    }
}

/// Where an engine that is ready says that it listens.
fn address(engine: &mut Engine) -> Outcome<String> {
    let line = engine.text()?;
    let address = line.trim().strip_prefix("http://");
    address.map(str::to_owned).ok_or_else(|| Fail::new(format!("no address in {line:?}")))
}
