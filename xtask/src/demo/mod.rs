//! `cargo xtask demo`: from nothing to a shop whose customers are known.
//!
//! Everything happens in the folder `demo` under cargo's target folder; running it again starts
//! anew.

mod export;

use crate::proc::{self, About, Outcome, Places};
use clap::ValueEnum;
use export::Export;
use jiff::civil::Date;
use std::path::Path;
use std::process::Command;

/// The shop that the made-up export belongs to.
const SHOP: &str = "熟客示例店";

/// What `cargo xtask demo` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Language of what is printed; by default that of the environment
    #[arg(long)]
    lang: Option<Language>,
    /// How many people buy
    #[arg(long, default_value_t = 3_000, value_parser = clap::value_parser!(u32).range(1..))]
    customers: u32,
    /// Another seed makes another shop
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Last day of the two years that the export covers; by default yesterday
    #[arg(long)]
    until: Option<Date>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Language {
    Zh,
    En,
}

/// Builds, generates, imports and shows.
pub(crate) fn run(options: &Options) -> Outcome {
    let language = options.lang.unwrap_or_else(from_environment);
    let places = Places::find()?;
    let until = match options.until {
        Some(day) => day,
        None => jiff::Zoned::now().date().yesterday().about("no day before today")?,
    };
    say(language, "构建 shuke……", "building shuke …");
    // The whole workspace, so that libraries get the features that the tests build them with.
    proc::run(&mut places.cargo(&["build", "--workspace", "--bins", "--locked"]))?;
    let shuke = places.target.join("debug").join("shuke");

    let folder = places.target.join("demo");
    proc::remove_folder(&folder)?;
    std::fs::create_dir_all(&folder).about(folder.display())?;
    let file = folder.join("ExportOrderList.csv");
    let export = Export { seed: options.seed, until, buyers: options.customers };
    let rows = export.write(&file)?;
    say(
        language,
        &format!("\n生成了一份淘宝订单报表：{rows} 行，{}", file.display()),
        &format!("\nmade up an order report as Taobao exports it: {rows} rows, {}", file.display()),
    );

    let data = folder.join("data");
    let at = |command: &str| {
        let mut program = Command::new(&shuke);
        program.arg(command).arg("--data").arg(&data).args(["--shop", SHOP]);
        program.env("SHUKE_LANG", if language == Language::Zh { "zh-CN" } else { "en" });
        program
    };
    step(at("import").args(["--mapping", "taobao-orders"]).arg(&file))?;
    step(&mut at("rfm"))?;
    step(at("query").arg(QUERY))?;
    next_steps(language, &shuke, &data);
    Ok(())
}

/// What the demo asks at its end.
const QUERY: &str = "select stratum, count(*) as customers, sum(paid_orders) as orders, \
     sum(net_minor) as net_minor from customers group by stratum order by net_minor desc";

/// Shows a command as one would type it, then runs it.
fn step(command: &mut Command) -> Outcome {
    println!("\n$ {}", quoted(command));
    proc::run(command)
}

/// The command for a shell, with quotes where it needs them.
fn quoted(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let plain = |c: char| c.is_alphanumeric() || "-_./:=".contains(c);
    let quote = |word: &str| {
        if word.chars().all(plain) { word.to_owned() } else { format!("\"{word}\"") }
    };
    words.map(|word| quote(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

fn next_steps(language: Language, shuke: &Path, data: &Path) {
    let program = shuke.display();
    let place = format!("--data {} --shop {SHOP}", data.display());
    let top = "\"select customer_id, province, paid_orders, net_minor, stratum from customers \
               order by net_minor desc limit 10\"";
    let here = data.display();
    let (intro, own) = match language {
        Language::Zh => (
            format!("数据在 {here}\n接下来可以试试："),
            "--data <目录> --shop <店名> --mapping taobao-orders <你的订单报表.csv>",
        ),
        Language::En => (
            format!("The data is in {here}\nTry next:"),
            "--data <folder> --shop <name> --mapping taobao-orders <your report.csv>",
        ),
    };
    println!("\n{intro}");
    println!("  {program} query {place} {top}");
    println!("  {program} rfm {place} --json");
    println!("  {program} import {own}");
}

fn say(language: Language, chinese: &str, english: &str) {
    println!("{}", if language == Language::Zh { chinese } else { english });
}

fn from_environment() -> Language {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let mut set = names.iter().filter_map(|name| std::env::var(name).ok());
    language_of(set.find(|value| !value.is_empty()).as_deref())
}

fn language_of(locale: Option<&str>) -> Language {
    let chinese = locale.is_some_and(|locale| locale.starts_with("zh"));
    if chinese { Language::Zh } else { Language::En }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_follows_the_locale() {
        for (locale, language) in [
            (Some("zh_CN.UTF-8"), Language::Zh),
            (Some("en_GB.UTF-8"), Language::En),
            (Some("C"), Language::En),
            (None, Language::En),
        ] {
            assert_eq!(language_of(locale), language, "{locale:?}");
        }
    }

    #[test]
    fn a_command_is_shown_as_it_can_be_typed() {
        let mut command = Command::new("shuke");
        command.args(["query", "--shop", SHOP, "select 1"]);
        assert_eq!(quoted(&command), format!("shuke query --shop {SHOP} \"select 1\""));
    }
}
