//! The page of a measurement: what it was made on, one table, and notes.

use super::engine::Times;
use super::machine::Facts;
use crate::proc::{About, Fail, Outcome};
use serde_json::Value;
use std::fmt::Write;

/// How the page begins.
pub(crate) const HEAD: &str = "# Benchmarks\n\nMeasured by `cargo xtask bench`, which writes this \
    page. Ratios are medians over rounds in which the engines take turns on the same files; all \
    engines must report the same sums. Expect other machines to differ in milliseconds more than \
    in ratios.\n\n| fact | value |\n|---|---|\n";
/// How its table begins.
pub(crate) const COLUMNS: &str =
    "\n| work | measured | ratio | must reach | held |\n|---|---|---|---|---|\n";

/// A value and what it must reach.
#[derive(Clone, Copy)]
pub(crate) struct Bound {
    value: f64,
    unit: &'static str,
    must: Option<(f64, bool)>,
}

impl Bound {
    pub(crate) fn at_most(value: f64, most: f64, unit: &'static str) -> Self {
        Self { value, unit, must: Some((most, false)) }
    }

    pub(crate) fn at_least(value: f64, least: f64, unit: &'static str) -> Self {
        Self { value, unit, must: Some((least, true)) }
    }

    pub(crate) fn none(value: f64, unit: &'static str) -> Self {
        Self { value, unit, must: None }
    }

    /// What must be reached and whether it was.
    fn verdict(&self) -> (String, &'static str) {
        match self.must {
            None => (String::new(), ""),
            Some((bound, at_least)) => {
                let held = if at_least { self.value >= bound } else { self.value <= bound };
                let sign = if at_least { '≥' } else { '≤' };
                let text = format!("{sign} {} {}", number(bound), self.unit);
                (text.trim_end().to_owned(), if held { "yes" } else { "**no**" })
            }
        }
    }
}

/// Collects rows; [`Report::page`] writes them.
pub(crate) struct Report {
    facts: Facts,
    rows: Vec<[String; 5]>,
    notes: Vec<String>,
}

impl Report {
    pub(crate) fn new(facts: Facts) -> Self {
        Self { facts, rows: Vec::new(), notes: Vec::new() }
    }

    /// A figure by itself.
    pub(crate) fn figure(&mut self, work: &str, bound: Bound) {
        let (must, held) = bound.verdict();
        let measured = format!("{} {}", number(bound.value), bound.unit);
        self.rows.push([work.to_owned(), measured, String::new(), must, held.to_owned()]);
    }

    /// Our times over a peer's; the median of the rounds' ratios is what counts.
    pub(crate) fn ratio(&mut self, work: &str, ours: &Times, peer: (&str, &Times), most: f64) {
        let (name, theirs) = peer;
        let ratio = ours.over(theirs).median();
        let (must, held) = Bound::at_most(ratio, most, "").verdict();
        let measured = format!(
            "{} ms, {name} {} ms (best); ratio of the best {}",
            number(ours.best()),
            number(theirs.best()),
            number(ours.best() / theirs.best()),
        );
        let ratio = format!("{} × {name}", number(ratio));
        self.rows.push([work.to_owned(), measured, ratio, must, held.to_owned()]);
    }

    pub(crate) fn note(&mut self, text: String) {
        self.notes.push(text);
    }

    /// Markdown.
    pub(crate) fn page(&self) -> String {
        let mut page = String::from(HEAD);
        for (name, value) in &self.facts {
            // Writing to a String cannot fail.
            let _ok = writeln!(page, "| {name} | {value} |");
        }
        page.push_str(COLUMNS);
        for row in &self.rows {
            let _ok = writeln!(page, "| {} |", row.join(" | "));
        }
        if !self.notes.is_empty() {
            let _ok = writeln!(page, "\n{}", self.notes.join("\n"));
        }
        page
    }
}

/// Figures that a program told, a JSON line each.
pub(crate) struct Told(Vec<(String, f64)>);

impl Told {
    /// The figure of this name.
    pub(crate) fn of(&self, name: &str) -> Outcome<f64> {
        let found = self.0.iter().find(|(figure, _)| figure == name);
        found.map(|(_, value)| *value).ok_or_else(|| Fail::new(format!("no figure {name}")))
    }
}

/// What a program told.
pub(crate) fn told(output: &str) -> Outcome<Told> {
    let mut figures = Vec::new();
    for line in output.lines() {
        let said: Value = serde_json::from_str(line).about("a figure")?;
        let figure = said.get("figure").and_then(Value::as_str).map(str::to_owned);
        figures.extend(figure.zip(said.get("value").and_then(Value::as_f64)));
    }
    Ok(Told(figures))
}

/// Three significant digits or the whole part, with thousands apart.
fn number(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.decimals$}");
    let whole = text.split('.').next().unwrap_or_default().len();
    let mut grouped = String::new();
    for (at, c) in text.chars().enumerate() {
        if at > 0 && at < whole && (whole - at) % 3 == 0 && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(c);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (0.4249, "0.42"),
            (12.34, "12.3"),
            (312.6, "313"),
            (212_345.6, "212,346"),
            (-1234.0, "-1,234"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn the_page_says_what_was_reached() {
        let mut report = Report::new(vec![("date", "2026-11-22".to_owned())]);
        let (ours, theirs) = (Times(vec![40.0, 50.0, 60.0]), Times(vec![100.0, 100.0, 100.0]));
        report.ratio("RFM", &ours, ("DuckDB", &theirs), 0.4);
        report.figure("import", Bound::at_least(250_000.0, 200_000.0, "rows/s"));
        report.figure("time", Bound::none(3.0, "s"));
        let page = report.page();
        for line in [
            "| date | 2026-11-22 |",
            "| RFM | 40.0 ms, DuckDB 100 ms (best); ratio of the best 0.40 | 0.50 × DuckDB |",
            "| ≤ 0.40 | **no** |",
            "| import | 250,000 rows/s |  | ≥ 200,000 rows/s | yes |",
            "| time | 3.00 s |  |  |  |",
        ] {
            assert!(page.contains(line), "{line}\n{page}");
        }
    }
}
