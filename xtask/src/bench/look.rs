//! How long the pages of the console wait for their answers in a shop of a million customers: one
//! look after the other, and 200 a second while 20,000 events a second come in.

use std::path::PathBuf;

use super::report::{Bound, told};
use super::{Bench, SHOP_CUSTOMERS, Watched};
use crate::proc::{About, Fail, Outcome, read};
use serde_json::Value;

/// What is measured: its figure, its name on the page, and what it must be at the most.
const FIGURES: [(&str, &str, f64); 13] = [
    ("customers, p95", "a page of the customers' table, p95", 300.0),
    ("profile, p95", "a customer's profile, p95", 100.0),
    ("timeline, p95", "a page of a customer's timeline, p95", 100.0),
    ("overview, p95", "the overview's figures, p95", 200.0),
    ("period, p95", "the same of a period that nobody asked for before, p95", 200.0),
    ("orders, p95", "a page of the orders' table, p95", 300.0),
    ("search, p95", "customers by an account's name, p95", 300.0),
    ("products, p95", "a page of the products' table, p95", 300.0),
    ("RFM, p95", "the RFM page, p95", 200.0),
    ("to do, p95", "what is worth doing, p95", 200.0),
    ("state, p95", "how things stand, p95", 200.0),
    ("facets, p95", "what customers can be filtered by, p95", 200.0),
    ("p99", "200 looks/s of all kinds while 20,000 events/s come in, p99", 500.0),
];

impl Bench<'_> {
    pub(super) fn look(&mut self) -> Outcome {
        let (data, key) = self.shop("look")?;
        let secret = self.secret(&data)?;
        let (_server, address) = self.serve(&data, &[])?;
        println!("looking at a shop of {SHOP_CUSTOMERS} customers");
        let mut look = self.release("shuke-bench");
        look.args(["look", "--address", &address, "--key", &key, "--secret", &secret]);
        look.args(["--customers", &SHOP_CUSTOMERS.to_string()]);
        let watched = Watched::run(&mut look)?;
        let told = told(&watched.output)?;
        let of = |name: &str| told.of(name);
        let work = "with 1 million customers";
        for (figure, name, most) in FIGURES {
            let bound = Bound::at_most(of(figure)?, most, "ms");
            self.report.figure(&format!("{work}: {name}"), bound);
        }
        let events = Bound::at_least(of("events")?, 19_900.0, "events/s");
        self.report.figure(&format!("{work}: events that came in meanwhile"), events);
        let errors = Bound::at_most(of("errors")?, 0.0, "");
        self.report.figure(&format!("{work}: errors meanwhile"), errors);
        Ok(())
    }

    /// The folder of a shop of [`SHOP_CUSTOMERS`] with their orders, and its write key.
    pub(super) fn shop(&mut self, name: &str) -> Outcome<(PathBuf, String)> {
        let data = self.folder.join(name);
        let file = data.with_extension("csv");
        let mut orders = self.release("shuke-bench");
        orders.arg("orders").arg("--file").arg(&file);
        read(orders.args(["--customers", &SHOP_CUSTOMERS.to_string()]))?;
        self.one_import(&data, "orders", &file)?;
        let key = self.key(&data, "bench", &[])?;
        Ok((data, key))
    }

    /// A secret key of the shop, which reads.
    fn secret(&self, data: &std::path::Path) -> Outcome<String> {
        let mut key = self.release("shuke");
        key.args(["key", "--secret", "--json", "--shop", "bench", "--data"]).arg(data);
        let answer: Value = serde_json::from_str(&read(&mut key)?).about("shuke key")?;
        let secret = answer.pointer("/0/secret").and_then(Value::as_str);
        secret.map(str::to_owned).ok_or_else(|| Fail::new("shuke key shows no secret key"))
    }
}
