//! What the commands print for people, in their language, and the JSON that contract and documents
//! promise, which has none.

mod backup;
pub(crate) mod catalogue;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod key;
mod quota;
pub(crate) mod segment;

use std::fmt::Write;

use base::{Code, Currency, Error, Money, ShopId, Time, Zone};
use perceive::identity::Merge;
use perceive::import::{Import, Progress, Report, State};
use perceive::plan::Rule;
use perceive::source::Source;
use serde_json::{Value, json};
use store::job::Job;
use store::log::Dead;
use store::shop::Shop;
use stratify::rfm::rule::High;
use stratify::rfm::{self, Recency};

use crate::lang::Lang;

pub(crate) use backup::{backed_up, new_master, new_shop_key, open_key, restored};
pub(crate) use quota::quota;

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

/// A shop's imports for people, at the time of day of the shop.
pub(crate) fn imports(lang: Lang, list: &[Import], zone: &Zone) -> String {
    if list.is_empty() {
        return lang.pick("还没有导入过\n", "no imports yet\n").to_owned();
    }
    let mut text = String::new();
    for import in list {
        let files: Vec<&str> = import.files.iter().map(|file| file.name.as_str()).collect();
        let _ = writeln!(
            text,
            "{:>4}  {:<8} {}  {:<18} {:>10} {}  {}",
            import.number,
            state(lang, import.state),
            zone.local(import.started_at).strftime("%Y-%m-%d %H:%M"),
            import.mapping,
            count(import.rows_read),
            lang.pick("行", "rows"),
            files.join(", ")
        );
    }
    text
}

fn state(lang: Lang, state: State) -> &'static str {
    let chinese = match state {
        State::Running => "进行中",
        State::Done => "已完成",
        State::Undoing => "撤销中",
        State::Undone => "已撤销",
    };
    lang.pick(chinese, state.name())
}

fn count(number: i64) -> String {
    base::money::thousands(number.unsigned_abs())
}

/// How fast an import goes, beside its bar.
pub(crate) fn progress(lang: Lang, progress: &Progress, rows_per_second: u64) -> String {
    let rows = base::money::thousands(progress.rows);
    let rate = base::money::thousands(rows_per_second);
    lang.pick(format!("{rows} 行  每秒 {rate} 行"), format!("{rows} rows  {rate} rows/s"))
}

/// An import's report for people.
pub(crate) fn report(
    lang: Lang,
    report: &Report,
    (currency, elapsed_ms): (Currency, i64),
    preview: bool,
) -> String {
    let head = match (lang, preview) {
        (Lang::Chinese, true) => "预览，没有改动任何数据",
        (Lang::Chinese, false) => "已导入",
        (Lang::English, true) => "Preview, nothing was changed",
        (Lang::English, false) => "Imported",
    };
    let (read, elapsed) = (count(report.rows_read), count(elapsed_ms));
    let new = count(report.rows_accepted);
    let known = count(report.rows_duplicate);
    let rejected = count(report.rows_rejected);
    let mut text = lang.pick(
        format!(
            "{head}：共 {read} 行，用时 {elapsed} 毫秒；\
             新增 {new} 行，重复 {known} 行，有误 {rejected} 行\n"
        ),
        format!(
            "{head}: {read} rows in {elapsed} ms — \
             {new} new, {known} known already, {rejected} rejected\n"
        ),
    );
    figures(&mut text, lang, report, currency);
    if report.customers == 0 && report.figures.orders > 0 {
        let words = lang.pick(
            "没有一行写明买家：请检查映射中 [[file.identifiers]] 的列名",
            "no row names a buyer: check the columns of [[file.identifiers]] in the mapping",
        );
        let _ = writeln!(text, "  {words}");
    }
    if let Some(file) = &report.rejects_file {
        let words = lang.pick("有误的行没有导入，详见", "rejected rows are listed in");
        let _ = writeln!(text, "  {words} {file}");
    }
    if report.import > 0 {
        let words = lang.pick("如需撤销，请用", "undo it with");
        let _ = writeln!(text, "  {words} --undo {}", report.import);
    }
    text
}

fn figures(text: &mut String, lang: Lang, report: &Report, currency: Currency) {
    let figures = &report.figures;
    let money = |minor| Money { minor, currency }.to_string();
    let counts = [
        (lang.pick("客户", "customers"), count(report.customers)),
        (lang.pick("订单", "orders"), count(figures.orders)),
        (lang.pick("退单", "cancellations"), count(figures.cancellations)),
    ];
    let amounts = [
        (lang.pick("支付金额", "paid"), money(figures.gross_minor)),
        (lang.pick("退款", "refunded"), money(figures.refunded_minor)),
        (lang.pick("调整", "adjusted"), money(figures.adjusted_minor)),
        (lang.pick("净额", "net"), money(report.net_minor())),
    ];
    for line in [&counts[..], &amounts[..]] {
        let words: Vec<String> =
            line.iter().map(|(name, value)| format!("{name} {value}")).collect();
        let _ = writeln!(text, "  {}", words.join("   "));
    }
}

/// RFM for people.
pub(crate) fn rfm(lang: Lang, report: &rfm::Report, currency: Currency) -> String {
    let money = |minor| Money { minor, currency }.to_string();
    let (day, customers) = (&report.as_of, count(report.customers));
    let mut text = lang.pick(
        format!("RFM，截至 {day}：{customers} 位客户\n"),
        format!("RFM as of {day}: {customers} customers\n"),
    );
    text += &rules(lang, &report.setting);
    let _ = writeln!(text, "  {} R {}", lang.pick("分界", "cuts"), report.cuts.r.join("  "));
    let orders: Vec<String> = report.cuts.f.iter().map(|&orders| count(orders)).collect();
    let amounts: Vec<String> = report.cuts.m.iter().map(|&minor| money(minor)).collect();
    let _ = writeln!(text, "       F {}", orders.join("  "));
    let _ = writeln!(text, "       M {}\n", amounts.join("  "));
    for row in &report.strata {
        let name = lang.pick(row.name_zh.clone(), format!("{:<24}", row.name_en));
        let _ = writeln!(
            text,
            "  {name}  {:>8}  {:>5.1} %  {:>20}  {:>5.1} %  +{} −{}",
            count(row.customers),
            row.customer_share * 100.0,
            money(row.net_minor),
            row.revenue_share * 100.0,
            row.entered,
            row.left,
        );
    }
    for top in &report.top {
        let (share, revenue) = (top.share * 100.0, top.revenue_share * 100.0);
        text += &lang.pick(
            format!("  最好的 {share:.0} % 客户带来 {revenue:.1} % 的净额\n"),
            format!("  the best {share:.0} % of customers bring {revenue:.1} %\n"),
        );
    }
    if let Some(told) = &report.foretold {
        let best = told.best.to_uppercase();
        let scores = format!("R {:.3}  F {:.3}  M {:.3}", told.r, told.f, told.m);
        text += &lang.pick(
            format!("  用 90 天前的数据看谁会再买，{best} 最准（{scores}）\n"),
            format!("  90 days ago {best} foretold best who would buy again ({scores})\n"),
        );
    }
    text
}

/// By which rules, as far as they are not the usual ones.
fn rules(lang: Lang, setting: &rfm::Setting) -> String {
    let mut told = Vec::new();
    if let Some(days) = setting.window_days {
        let days = count(i64::from(days));
        told.push(lang.pick(format!("只计最近 {days} 天"), format!("the last {days} days count")));
    }
    let recency = match setting.recency {
        Recency::Order => None,
        Recency::Payment => Some(lang.pick("R 按付款时间计", "recency is by payment")),
        Recency::Visit => Some(lang.pick("R 按来访时间计", "recency is by visit")),
    };
    told.extend(recency.map(str::to_owned));
    if setting.high == High::Mean {
        told.push(lang.pick("高于平均值为高", "above the mean is high").to_owned());
    }
    if setting.fixed.is_some() {
        told.push(lang.pick("分界由店铺设定", "cuts are the shop's own").to_owned());
    }
    if told.is_empty() {
        return String::new();
    }
    let rules = told.join(lang.pick("；", "; "));
    lang.pick(format!("  口径：{rules}\n"), format!("  rules: {rules}\n"))
}

/// A merge as `identity --json` prints it.
pub(crate) fn merge_json(merge: &Merge) -> Value {
    json!({
        "merge": merge.number,
        "from": merge.from.to_string(),
        "into": merge.into.to_string(),
        "reason": merge.reason,
        "actor": merge.actor,
        "merged_at": merge.at.to_string(),
        "undone_at": merge.undone_at.map(|at| at.to_string()),
    })
}

/// Merges for people, at the time of day of the shop.
pub(crate) fn merges(lang: Lang, merges: &[Merge], zone: &Zone) -> String {
    if merges.is_empty() {
        return lang.pick("没有合并过客户\n", "no customers were merged\n").to_owned();
    }
    let time = |at| zone.local(at).strftime("%Y-%m-%d %H:%M").to_string();
    let line = |merge: &Merge| {
        let why = match (merge.reason.strip_prefix("link:"), merge.reason.as_str()) {
            (Some(name), _) => lang.pick(format!("{name} 相同"), format!("the same {name}")),
            (None, "link") => lang.pick("账号标识相同", "the same identifiers").to_owned(),
            (None, _) => lang.pick("人工决定", "a person decided").to_owned(),
        };
        // Numbers below zero are visitors'.
        let name = |number: i64| match number {
            ..0 => lang.pick(format!("访客 {}", -number), format!("visitor {}", -number)),
            _ => number.to_string(),
        };
        let (number, from, into, at) = (merge.number, name(merge.from), name(merge.into), merge.at);
        let undone = merge.undone_at.map_or_else(String::new, |at| {
            lang.pick(format!("  已于 {} 撤销", time(at)), format!("  undone {}", time(at)))
        });
        format!("{number:>4}  {}  {from} → {into}  {why}{undone}\n", time(at))
    };
    merges.iter().map(line).collect()
}

/// A source as `key --json` prints it.
pub(crate) fn source_json(source: &Source) -> Value {
    json!({
        "source": source.number,
        "name": source.name,
        "write_key": source.write_key,
        "created_at": source.created_at.to_string(),
        "revoked_at": source.revoked_at.map(|at| at.to_string()),
    })
}

/// A shop's write keys for people, and how many events a second it may send at most.
pub(crate) fn sources(lang: Lang, sources: &[Source], pace: Option<u32>) -> String {
    let line = |source: &Source| {
        let revoked =
            if source.revoked_at.is_some() { lang.pick("  已停用", "  revoked") } else { "" };
        format!("{}  {}{revoked}\n", source.write_key, source.name)
    };
    let mut text: String = sources.iter().map(line).collect();
    if let Some(pace) = pace {
        let most = lang.pick(
            format!("每秒最多接收 {pace} 条事件\n"),
            format!("at most {pace} events a second\n"),
        );
        text.push_str(&most);
    }
    text
}

/// What is expected of an event.
pub(crate) fn rule_json(rule: &Rule) -> Value {
    let schema: Value = serde_json::from_str(&rule.schema).unwrap_or_default();
    json!({ "event": rule.event, "schema": schema, "stated_at": rule.stated_at.to_string() })
}

/// A shop's tracking plan for people.
pub(crate) fn plan(lang: Lang, rules: &[Rule]) -> String {
    if rules.is_empty() {
        let none = ("还没有埋点方案，所有事件照收\n", "no plan: every event is taken as it is\n");
        return lang.pick(none.0, none.1).to_owned();
    }
    let line = |rule: &Rule| format!("{}  {}\n", rule.event, rule.schema.trim());
    rules.iter().map(line).collect()
}

/// How many rows a query has answered, below its table.
pub(crate) fn rows(lang: Lang, rows: usize) -> String {
    let noun = if rows == 1 { "row" } else { "rows" };
    lang.pick(format!("（共 {rows} 行）\n"), format!("({rows} {noun})\n"))
}

/// A shop's name, and a time as its clocks show it; what belongs to no shop has UTC.
fn of_shop(shops: &[Shop], id: ShopId, at: Time) -> (String, String) {
    match shops.iter().find(|shop| shop.id == id) {
        Some(shop) => {
            (shop.name.clone(), shop.zone.local(at).strftime("%Y-%m-%d %H:%M").to_string())
        }
        None => (String::new(), at.to_string()),
    }
}

/// How many facts were put back, and how many of them were set aside again.
pub(crate) fn replayed(lang: Lang, count: usize, again: usize) -> String {
    lang.pick(
        format!("已放回 {count} 条数据，其中 {again} 条仍未能入库\n"),
        format!("{count} facts were put back, {again} of them were set aside again\n"),
    )
}

/// Facts that could not be taken in.
pub(crate) fn dead(lang: Lang, facts: &[Dead], shops: &[Shop]) -> String {
    if facts.is_empty() {
        return lang.pick("没有未能入库的数据\n", "nothing was set aside\n").to_owned();
    }
    let mut text = String::new();
    for fact in facts {
        let (shop, at) = of_shop(shops, fact.shop, fact.died_at);
        let (reader, kind) = (&fact.reader, &fact.kind);
        // What is stored is where, what, and its causes.
        let why = |part| catalogue::field(lang, &catalogue::sentence(lang, part));
        let whys: Vec<String> = fact.reason.split(": ").map(why).collect();
        text += &lang.pick(
            format!("{at} {shop} {reader}：{kind}：{}\n", whys.join("：")),
            format!("{at} {shop} {reader}: {kind}: {}\n", fact.reason),
        );
    }
    text
}

/// Jobs that fail, or have failed, for people.
pub(crate) fn troubled(lang: Lang, jobs: &[Job], shops: &[Shop]) -> String {
    if jobs.is_empty() {
        return lang.pick("没有失败的任务\n", "no failed jobs\n").to_owned();
    }
    let mut text = String::new();
    for Job { id, shop, kind, name, attempts, result, ended_at, due_at, .. } in jobs {
        let (name, reason) = (name.as_deref().unwrap_or_default(), result.as_deref());
        let (at, failed) = (ended_at.unwrap_or(*due_at), ended_at.is_some());
        let (_, at) = of_shop(shops, *shop, at);
        let reason = reason.unwrap_or_default();
        text += &lang.pick(
            format!(
                "{at} {} {id} {kind} {name}：试了 {attempts} 次：{}\n",
                if failed { "失败" } else { "将重试" },
                catalogue::sentence(lang, reason)
            ),
            format!(
                "{at} {} {id} {kind} {name}: {attempts} attempts: {reason}\n",
                if failed { "failed" } else { "is tried again" }
            ),
        );
    }
    text
}

/// An error for people: one line, and a hint below it.
pub(crate) fn refusal(lang: Lang, error: &Error) -> String {
    let mut parts = vec!["shuke".to_owned()];
    parts.extend(error.field.iter().map(|field| catalogue::field(lang, field)));
    parts.push(catalogue::sentence(lang, &error.message));
    // A defect is told with what lies beneath, for whoever has to find it.
    let cause = error.cause.iter().filter(|_| error.code == Code::Internal);
    parts.extend(cause.map(|cause| catalogue::sentence(lang, &cause.to_string())));
    let mut text = parts.join(lang.pick("：", ": ")) + "\n";
    if let Some(hint) = &error.hint {
        let _ = writeln!(text, "  → {}", catalogue::sentence(lang, hint));
    }
    text
}

#[cfg(test)]
mod tests;

/// What the chain that belongs to no shop is called.
pub(crate) fn installation(lang: Lang) -> &'static str {
    lang.pick("整个系统", "installation")
}

/// A chain of the audit log that holds.
pub(crate) fn chain(lang: Lang, name: &str, rows: i64) -> String {
    match lang {
        Lang::Chinese => format!("{name}：{rows} 条，完整\n"),
        Lang::English => format!("{name}: {rows} rows, whole\n"),
    }
}
