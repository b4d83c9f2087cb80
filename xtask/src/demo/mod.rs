//! `cargo xtask demo`: from nothing to shops whose customers are known, and a server of them.
//!
//! First a report as a shop exports it is made up and imported. Then the demo shop, whose events
//! go the way of any shop's, is made and served. Everything is in the folder `demo` under cargo's
//! target folder; running it again starts anew.

mod export;

use crate::proc::{self, About, Fail, Outcome, Places};
use crate::web;
use clap::ValueEnum;
use export::Export;
use jiff::civil::Date;
use std::io::IsTerminal;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

/// The shop that the made-up export belongs to.
const EXPORTED: &str = "淘宝示例店";

/// The shop that `shuke demo` makes.
const DEMO: &str = "熟客示例店";

/// Buyers in the export.
const BUYERS: u32 = 3_000;

/// What `cargo xtask demo` takes.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Language of what is printed; by default that of the environment
    #[arg(long)]
    lang: Option<Language>,
    /// How many people come to the demo shop
    #[arg(long, default_value_t = 3_000, value_parser = clap::value_parser!(u32).range(1..))]
    customers: u32,
    /// Another seed makes other shops
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Last day of their two years; by default yesterday for the export and today for the demo shop
    #[arg(long)]
    until: Option<Date>,
    /// Where to serve, on this machine
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// End when the shops are there, without serving them; so it is where no terminal is
    #[arg(long)]
    once: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Language {
    Zh,
    En,
}

/// Builds, generates, imports, shows and serves.
pub(crate) fn run(options: &Options) -> Outcome {
    let language = options.lang.unwrap_or_else(from_environment);
    let serves = !options.once && std::io::stdout().is_terminal();
    if serves && let Err(cause) = TcpListener::bind(&options.listen) {
        let what = format!("{} cannot be listened on: {cause}", options.listen);
        return Err(Fail::new(format!("{what}; name another port with --listen, or use --once")));
    }
    let places = Places::find()?;
    say(language, "构建 shuke……", "building shuke …");
    if let Err(fail) = web::build(&places, false) {
        say(
            language,
            "控制台没有构建成功，先不带它：",
            "the console was not built; going on without it:",
        );
        println!("{fail}");
    }
    // The whole workspace, so that libraries get the features that the tests build them with.
    proc::run(&mut places.cargo(&["build", "--workspace", "--bins", "--locked"]))?;
    let folder = places.target.join("demo");
    proc::remove_folder(&folder)?;
    std::fs::create_dir_all(&folder).about(folder.display())?;
    let shuke = Shuke {
        program: &places.target.join("debug").join("shuke"),
        data: &folder.join("data"),
        language,
    };
    imported(&shuke, &folder.join("ExportOrderList.csv"), options)?;
    made(&shuke, options)?;
    if !serves {
        return Ok(());
    }
    say(language, "\n下面启动服务；按 Ctrl-C 结束。", "\nServing both shops now; Ctrl-C ends it.");
    let mut serve = shuke.at("demo");
    serve.args(["--listen", &options.listen]);
    println!("\n$ {}", quoted(&serve));
    proc::serve(&mut serve)
}

/// The program, with where its data is and what it speaks.
struct Shuke<'a> {
    program: &'a Path,
    data: &'a Path,
    language: Language,
}

impl Shuke<'_> {
    /// A command.
    fn at(&self, command: &str) -> Command {
        let mut program = Command::new(self.program);
        program.arg(command).arg("--data").arg(self.data);
        let language = if self.language == Language::Zh { "zh-CN" } else { "en" };
        program.env("SHUKE_LANG", language);
        program
    }

    /// A command about a shop.
    fn of(&self, command: &str, shop: &str) -> Command {
        let mut program = self.at(command);
        program.args(["--shop", shop]);
        program
    }
}

/// A shop's export becomes customers.
fn imported(shuke: &Shuke<'_>, file: &Path, options: &Options) -> Outcome {
    let until = match options.until {
        Some(day) => day,
        None => jiff::Zoned::now().date().yesterday().about("no day before today")?,
    };
    let export = Export { seed: options.seed, until, buyers: BUYERS };
    let rows = export.write(file)?;
    say(
        shuke.language,
        &format!("\n生成了一份淘宝订单报表：{rows} 行，{}", file.display()),
        &format!("\nmade up an order report as Taobao exports it: {rows} rows, {}", file.display()),
    );
    let mut import = shuke.of("import", EXPORTED);
    step(import.args(["--mapping", "taobao-orders"]).arg(file))?;
    step(&mut shuke.of("rfm", EXPORTED))?;
    step(shuke.of("query", EXPORTED).arg(QUERY))
}

/// The demo shop's events become customers.
fn made(shuke: &Shuke<'_>, options: &Options) -> Outcome {
    let mut demo = shuke.at("demo");
    demo.args(["--once", "--customers", &options.customers.to_string()]);
    demo.args(["--seed", &options.seed.to_string()]);
    if let Some(until) = options.until {
        demo.args(["--until", &until.to_string()]);
    }
    step(&mut demo)?;
    step(&mut shuke.of("rfm", DEMO))?;
    step(shuke.of("query", DEMO).arg(FUNNEL))?;
    next_steps(shuke);
    Ok(())
}

/// What is asked of the shop that was imported.
const QUERY: &str = "select stratum, count(*) as customers, sum(paid_orders) as orders, \
     sum(net_minor) as net_minor from customers group by stratum order by net_minor desc";

/// What is asked of the demo shop.
const FUNNEL: &str = "select event, count(*) as events, count(distinct customer_id) as customers \
     from events group by event order by events desc limit 12";

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

fn next_steps(shuke: &Shuke<'_>) {
    let top = "select external_id, province, paid_orders, net_minor, stratum from customers \
               order by net_minor desc limit 10";
    let here = shuke.data.display();
    let (intro, own) = match shuke.language {
        Language::Zh => (
            format!("数据在 {here}\n接下来可以另开一个终端试试："),
            "--data <目录> --shop <店名> --mapping taobao-orders <你的订单报表.csv>",
        ),
        Language::En => (
            format!("The data is in {here}\nTry next, in another terminal:"),
            "--data <folder> --shop <name> --mapping taobao-orders <your report.csv>",
        ),
    };
    println!("\n{intro}");
    println!("  {}", quoted(shuke.of("query", DEMO).arg(top)));
    println!("  {}", quoted(&shuke.of("key", DEMO)));
    println!("  {} import {own}", shuke.program.display());
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
        command.args(["query", "--shop", DEMO, "select 1"]);
        assert_eq!(quoted(&command), format!("shuke query --shop {DEMO} \"select 1\""));
    }
}
