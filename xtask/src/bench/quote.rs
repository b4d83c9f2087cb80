//! How long it takes to find what a cart gets: the best combination of 200 offers for 20 lines.

use super::report::{Bound, told};
use super::{Bench, Watched};
use crate::proc::Outcome;

/// What is measured: its figure, its name on the page, what it must be at the most, and its unit.
const FIGURES: [(&str, &str, f64, &str); 2] = [
    ("p99", "a quote of 20 lines against 200 offers, p99", 5.0, "ms"),
    ("gap", "by how much a better combination could exceed the one found, at the most", 1.0, "%"),
];

impl Bench<'_> {
    pub(super) fn quote(&mut self) -> Outcome {
        println!("quoting carts of 20 lines against 200 offers");
        let mut quote = self.release("shuke-bench");
        let told = told(&Watched::run(quote.arg("quote"))?.output)?;
        for (figure, name, most, unit) in FIGURES {
            self.report.figure(name, Bound::at_most(told.of(figure)?, most, unit));
        }
        Ok(())
    }
}
