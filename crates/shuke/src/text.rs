//! What the commands print for people, and the JSON that contract and documents promise.

use std::fmt::Write;

use base::{Currency, Money};
use perceive::import::{Import, Report};
use serde_json::{Value, json};
use stratify::rfm;

/// An import's report as `import --json` prints it.
pub(crate) fn report_json(report: &Report, currency: Currency, elapsed_ms: i64) -> Value {
    let figures = &report.figures;
    json!({
        "import": report.import,
        "rows_read": report.rows_read,
        "rows_accepted": report.rows_accepted,
        "rows_rejected": report.rows_rejected,
        "rows_duplicate": report.rows_duplicate,
        "customers": report.customers,
        "orders": figures.orders,
        "cancellations": figures.cancellations,
        "gross_minor": figures.gross_minor,
        "refunded_minor": figures.refunded_minor,
        "adjusted_minor": figures.adjusted_minor,
        "net_minor": report.net_minor(),
        "currency": currency,
        "rejects_file": report.rejects_file,
        "elapsed_ms": elapsed_ms,
    })
}

/// An import as `import --list --json` prints it.
pub(crate) fn import_json(import: &Import) -> Value {
    json!({
        "import": import.number,
        "mapping": import.mapping,
        "mapping_version": import.mapping_version,
        "state": import.state.name(),
        "started_at": import.started_at.to_string(),
        "ended_at": import.ended_at.map(|at| at.to_string()),
        "files": import.files.iter().map(|file| &file.name).collect::<Vec<_>>(),
        "rows_read": import.rows_read,
        "rows_accepted": import.rows_accepted,
        "rows_rejected": import.rows_rejected,
        "rows_duplicate": import.rows_duplicate,
    })
}

/// A shop's imports for people.
pub(crate) fn imports(list: &[Import]) -> String {
    let mut text = String::new();
    for import in list {
        let files: Vec<&str> = import.files.iter().map(|file| file.name.as_str()).collect();
        let _ = writeln!(
            text,
            "{:>4}  {:<8} {}  {:<18} {:>10} rows  {}",
            import.number,
            import.state.name(),
            import.started_at,
            import.mapping,
            count(import.rows_read),
            files.join(", ")
        );
    }
    if text.is_empty() {
        text.push_str("no imports yet\n");
    }
    text
}

fn count(number: i64) -> String {
    base::money::thousands(number.unsigned_abs())
}

/// An import's report for people.
pub(crate) fn report(
    report: &Report,
    currency: Currency,
    elapsed_ms: i64,
    preview: bool,
) -> String {
    let figures = &report.figures;
    let money = |minor| Money { minor, currency }.to_string();
    let head = if preview { "Preview, nothing was changed" } else { "Imported" };
    let mut text = format!(
        "{head}: {} rows in {} ms — {} new, {} known already, {} rejected\n",
        count(report.rows_read),
        count(elapsed_ms),
        count(report.rows_accepted),
        count(report.rows_duplicate),
        count(report.rows_rejected),
    );
    let _ = writeln!(
        text,
        "  客户 customers {}   订单 orders {}   退单 cancellations {}",
        count(report.customers),
        count(figures.orders),
        count(figures.cancellations)
    );
    let _ = writeln!(
        text,
        "  支付金额 paid {}   退款 refunded {}   调整 adjusted {}   净额 net {}",
        money(figures.gross_minor),
        money(figures.refunded_minor),
        money(figures.adjusted_minor),
        money(report.net_minor())
    );
    if let Some(file) = &report.rejects_file {
        let _ = writeln!(text, "  rejected rows are listed in {file}");
    }
    if report.import > 0 {
        let _ = writeln!(text, "  undo it with --undo {}", report.import);
    }
    text
}

/// RFM for people.
pub(crate) fn rfm(report: &rfm::Report, currency: Currency) -> String {
    let money = |minor| Money { minor, currency }.to_string();
    let mut text = format!("RFM as of {}: {} customers\n", report.as_of, count(report.customers));
    let _ = writeln!(text, "  cuts R {}", report.cuts.r.join("  "));
    let _ = writeln!(text, "       F {:?}   M {:?}\n", report.cuts.f, report.cuts.m);
    for row in &report.strata {
        let _ = writeln!(
            text,
            "  {}  {:>8}  {:>5.1} %  {:>20}  {:>5.1} %  +{} −{}  {}",
            row.name_zh,
            count(row.customers),
            row.customer_share * 100.0,
            money(row.net_minor),
            row.revenue_share * 100.0,
            row.entered,
            row.left,
            row.name_en
        );
    }
    for top in &report.top {
        let (share, revenue) = (top.share * 100.0, top.revenue_share * 100.0);
        let _ = writeln!(text, "  the best {share:.0} % of customers bring {revenue:.1} %");
    }
    if let Some(told) = &report.foretold {
        let _ = writeln!(
            text,
            "  90 days ago {} foretold best who would buy again (R {:.3}  F {:.3}  M {:.3})",
            told.best.to_uppercase(),
            told.r,
            told.f,
            told.m
        );
    }
    text
}
