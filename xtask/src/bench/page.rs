//! How Lighthouse judges the overview of the console.

use super::report::Bound;
use super::{Bench, engine::Engine};
use crate::proc::{About, Fail, Outcome, read};
use crate::setup;
use serde_json::Value;

/// Customers of the demo shop that the overview shows.
const CUSTOMERS: &str = "5000";
/// What is judged, and the score that must be reached.
const FIGURES: [(&str, f64); 2] = [("accessibility", 95.0), ("performance", 90.0)];

impl Bench<'_> {
    pub(super) fn page(&mut self) -> Outcome {
        let python = setup::python(&self.places, setup::NODE)?;
        let node = setup::lighthouse(&self.places, &python)?;
        let chromium = setup::chromium()?;
        let data = self.folder.join("page");
        let mut demo = self.release("shuke");
        demo.args(["demo", "--once", "--customers", CUSTOMERS, "--data"]).arg(&data);
        println!("making a demo shop to look at");
        read(&mut demo)?;
        let mut serve = self.release("shuke");
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
        let mut server = Engine::start("serve", &mut serve)?;
        server.ready()?;
        let address = server.text()?.trim().to_owned();
        let start = server.text()?;
        let token = start.trim().rsplit('#').next().unwrap_or_default();
        let mut judge = std::process::Command::new(&node.program);
        judge.env("NODE_PATH", node.packages.join("node_modules"));
        judge.arg(self.places.root.join("bench/peers/page.cjs")).arg(&chromium);
        println!("Lighthouse looks at the overview");
        let said = read(judge.arg(&address).arg(token))?;
        for (figure, least) in FIGURES {
            let told = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            let mut own =
                told.filter(|told| told.get("figure").and_then(Value::as_str) == Some(figure));
            let value = own.next().and_then(|told| told.get("value")?.as_f64());
            let value = value.ok_or_else(|| Fail::new(format!("no figure {figure}")));
            let bound = Bound::at_least(value.about("Lighthouse")?, least, "");
            self.report.figure(&format!("the overview by Lighthouse: {figure}"), bound);
        }
        Ok(())
    }
}
