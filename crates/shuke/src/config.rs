//! Configuration: whatever option of the command line has a variable of the environment is a key of
//! the configuration file, too. The command line is the one definition of all three.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;
use std::path::PathBuf;

use base::{Error, Result};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde::Serialize;

use crate::lang::{self, Lang};
use crate::text::config as text;

/// Name of the command that shows the configuration.
pub(crate) const COMMAND: &str = "config";
/// Name of the option that names the file.
const OPTION: &str = "--config";
/// Name of the variable that stands for it.
const VARIABLE: &str = "SHUKE_CONFIG";
/// Bytes of a configuration file at the most.
const FILE_BYTES_MAX: u64 = 1 << 16;
/// What is asked of the environment alone, since a command line is seen by everybody on the
/// machine.
pub(crate) const ENVIRONMENT: [(&str, &str); 1] =
    [("SHUKE_MASTER_KEY", "Master key, 64 hexadecimal digits, in place of a key file")];

/// What a configuration file says.
#[derive(Debug, Default)]
pub(crate) struct File {
    /// Where it is; none when there is none.
    pub(crate) path: Option<PathBuf>,
    values: BTreeMap<String, String>,
}

/// The option `--config`. What the file says is needed to read the command line, so [`read`] looks
/// for it beforehand.
pub(crate) fn option() -> Arg {
    Arg::new("config")
        .long("config")
        .global(true)
        .value_name("FILE")
        .env(VARIABLE)
        .hide_env(true)
        .display_order(lang::LAST)
        .help("Configuration in TOML; see `shuke config`")
}

/// What the file says that the arguments or else the environment name.
///
/// # Errors
/// `not_found` when it cannot be read, `bad_input` when it cannot be understood.
pub(crate) fn read(args: &[OsString], variable: impl Fn(&str) -> Option<String>) -> Result<File> {
    let named = lang::option_of(args, OPTION).or_else(|| variable(VARIABLE));
    let Some(path) = named.filter(|path| !path.is_empty()).map(PathBuf::from) else {
        return Ok(File::default());
    };
    let place = path.display().to_string();
    let text = text(&path).map_err(|error| error.field(&place))?;
    let values = parse(&text).map_err(|error| error.field(&place))?;
    Ok(File { path: Some(path), values })
}

fn text(path: &std::path::Path) -> Result<String> {
    let cannot = |cause| Error::missing("this file cannot be read").because(cause);
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(cannot)?;
    file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(cannot)?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > FILE_BYTES_MAX {
        let text = format!("a configuration file has at most {FILE_BYTES_MAX} bytes");
        return Err(Error::bad(text));
    }
    Ok(text)
}

/// Keys with their values as an option takes them.
fn parse(text: &str) -> Result<BTreeMap<String, String>> {
    let table: toml::Table = toml::from_str(text).map_err(|cause| {
        let line = cause.span().map_or(1, |at| {
            text.bytes().take(at.start).filter(|byte| *byte == b'\n').count().saturating_add(1)
        });
        Error::bad(format!("line {line}: {}", cause.message()))
    })?;
    let mut values = BTreeMap::new();
    for (key, value) in table {
        let value = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(yes) => yes.to_string(),
            _ => {
                return Err(Error::bad(format!("{key} is neither text nor a whole number"))
                    .hint("write `key = \"value\"`, each key on a line of its own"));
            }
        };
        values.insert(key, value);
    }
    Ok(values)
}

impl File {
    /// Puts what the file says below what the environment and the command line say.
    ///
    /// # Errors
    /// `bad_input` for a key that there is not.
    pub(crate) fn apply(&self, command: Command) -> Result<Command> {
        let known: Vec<String> = keys(&command).iter().filter_map(key).collect();
        if let Some(unknown) = self.values.keys().find(|key| !known.contains(key)) {
            return Err(Error::bad(format!("there is no key {unknown:?}"))
                .field(self.path.as_deref().map_or_else(String::new, |p| p.display().to_string()))
                .hint(format!("`shuke config` shows the keys: {}", known.join(", "))));
        }
        let own = |arg: Arg| match key(&arg).and_then(|key| self.values.get(&key)) {
            Some(value) => {
                let secret = is_secret(&arg);
                arg.required(false).default_value(value.clone()).hide_default_value(secret)
            }
            None => arg,
        };
        Ok(command.mut_args(own).mut_subcommands(|command| command.mut_args(own)))
    }

    /// Whether the file says something of that option.
    pub(crate) fn says(&self, option: &str) -> bool {
        self.values.contains_key(&option.replace('-', "_"))
    }
}

/// The options that are keys, each once; those that every command takes come last.
fn keys(root: &Command) -> Vec<Arg> {
    let served = root.find_subcommand("serve").into_iter();
    let others = root.get_subcommands();
    let all = served.chain(others).flat_map(Command::get_arguments).chain(root.get_arguments());
    let mut keys: Vec<Arg> = Vec::new();
    for arg in all.filter(|arg| arg.get_env().is_some() && arg.get_id() != "config") {
        if keys.iter().all(|known| known.get_long() != arg.get_long()) {
            keys.push(arg.clone());
        }
    }
    keys
}

/// The name of an option in the file.
fn key(arg: &Arg) -> Option<String> {
    arg.get_env()?;
    Some(arg.get_long()?.replace('-', "_"))
}

/// The command that shows the configuration, which takes every key as an option.
pub(crate) fn command(root: &Command) -> Command {
    let own = keys(root).into_iter().filter(|arg| !arg.is_global_set());
    let own = own.map(|arg| arg.required(false));
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue);
    let json = json.help("Print an array of JSON objects").conflicts_with("markdown");
    let markdown = Arg::new("markdown").long("markdown").action(ArgAction::SetTrue).hide(true);
    Command::new(COMMAND)
        .about("Show every setting, its value, and where that comes from")
        .args(own)
        .arg(json)
        .arg(markdown.help("Print a page that describes the keys"))
}

/// A setting as it is shown.
#[derive(Debug, Serialize)]
pub(crate) struct Setting {
    /// In the file.
    pub(crate) key: String,
    /// What it is; none when it is not set, or is nobody's business.
    pub(crate) value: Option<String>,
    /// `flag`, `environment`, `file`, `default` or `none`.
    pub(crate) source: &'static str,
    /// On the command line.
    pub(crate) flag: String,
    /// In the environment.
    pub(crate) variable: String,
    /// What it means.
    pub(crate) meaning: String,
    /// What it is when nobody says.
    #[serde(skip)]
    pub(crate) default: String,
}

fn setting(file: &File, matches: &ArgMatches, arg: &Arg) -> Setting {
    let id = arg.get_id().as_str();
    let value = matches.get_raw(id).and_then(|mut values| values.next());
    let value = value.map(|value| value.to_string_lossy().into_owned());
    let key = key(arg).unwrap_or_default();
    let source = match matches.value_source(id) {
        Some(ValueSource::CommandLine) => "flag",
        Some(ValueSource::EnvVariable) => "environment",
        Some(_) if file.values.contains_key(&key) => "file",
        Some(_) => "default",
        None => "none",
    };
    let value = value.map(|value| if is_secret(arg) { "…".to_owned() } else { value });
    let default = arg.get_default_values().first().filter(|_| !file.values.contains_key(&key));
    Setting {
        value,
        source,
        flag: format!("--{}", arg.get_long().unwrap_or_default()),
        variable: arg.get_env().unwrap_or_default().to_string_lossy().into_owned(),
        meaning: arg.get_help().map(ToString::to_string).unwrap_or_default(),
        default: default.map(|text| text.to_string_lossy().into_owned()).unwrap_or_default(),
        key,
    }
}

/// Whether the value of a key is nobody's business: an address may hold a password.
fn is_secret(arg: &Arg) -> bool {
    matches!(arg.get_id().as_str(), "database" | "oidc_secret" | "otlp")
}

/// What `shuke config` answers.
///
/// # Errors
/// None that a caller can bring about.
pub(crate) fn show(
    lang: Lang,
    (root, file): (&Command, &File),
    matches: &ArgMatches,
) -> Result<String> {
    let settings: Vec<Setting> = keys(root).iter().map(|arg| setting(file, matches, arg)).collect();
    if matches.get_flag("json") {
        let text = serde_json::to_string(&settings)
            .map_err(|cause| Error::internal("settings could not be written", cause))?;
        return Ok(text + "\n");
    }
    Ok(if matches.get_flag("markdown") {
        text::page(lang, &settings)
    } else {
        text::list(lang, &settings)
    })
}

#[cfg(test)]
mod tests;
