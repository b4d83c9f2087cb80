//! Reads the command line: its help and its refusals are in the caller's language, and a refusal
//! looks like every other error.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::sync::LazyLock;

use base::{Code, Error, Result};
use clap::builder::Str;
use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, Command, CommandFactory, FromArgMatches};
use serde::Deserialize;

use crate::cli::Cli;
use crate::config::{self, File};
use crate::lang::{self, Lang};

/// The Chinese of the help: English to Chinese.
#[derive(Debug, Default, Deserialize)]
struct Help {
    /// What a command does or an option means.
    texts: BTreeMap<String, String>,
    /// Names of values, such as DIR.
    names: BTreeMap<String, String>,
    /// What the help's form adds.
    marks: BTreeMap<String, String>,
}

static HELP: LazyLock<Help> = LazyLock::new(|| {
    // A test reads the same file.
    serde_json::from_str(include_str!("text/help.json")).unwrap_or_default()
});

/// The command line; `None` when it only asked for help or for the configuration, which is then
/// printed.
///
/// # Errors
/// `wrong_use` when it cannot be understood, `bad_input` when the configuration file cannot.
pub(crate) fn read(lang: Lang, args: &[OsString], file: &File) -> Result<Option<Cli>> {
    let command = command(lang, file)?;
    let done = command.clone().try_get_matches_from(args);
    if let Ok(matches) = &done
        && let Some((config::COMMAND, asked)) = matches.subcommand()
    {
        let text = config::show(lang, (&command, file), asked)?;
        std::io::stdout().write_all(text.as_bytes())?;
        return Ok(None);
    }
    let error = match done.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => return Ok(Some(cli)),
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Whoever asked has gone when this fails.
            let _ = match lang {
                Lang::English => error.print(),
                Lang::Chinese => {
                    let text = marked(lang, error.render().to_string());
                    std::io::stdout().write_all(text.as_bytes())
                }
            };
            Ok(None)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            let text = marked(lang, command.clone().render_help().to_string());
            let _ = std::io::stderr().write_all(text.as_bytes());
            Err(Error::new(Code::WrongUse, "no command was named"))
        }
        _ => Err(blamed(refused(&error, args), &error, file)),
    }
}

/// A refusal that names the configuration file where that is what was refused.
fn blamed(refusal: Error, error: &clap::Error, file: &File) -> Error {
    let arg = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    let name = arg.split_whitespace().next().unwrap_or_default().trim_start_matches("--");
    match &file.path {
        Some(path) if file.says(name) => refusal.field(path.display().to_string()),
        _ => refusal,
    }
}

/// Every command with its arguments.
pub(crate) fn root() -> Command {
    let root = Cli::command().arg(config::option()).arg(lang::option());
    let config = config::command(&root);
    root.subcommand(config)
}

/// The commands with their help in the language, and with what the configuration file says.
pub(crate) fn command(lang: Lang, file: &File) -> Result<Command> {
    let command = file.apply(root())?;
    let command = command.mut_subcommand("import", |import| {
        // A mapping is proposed without any data.
        import.mut_arg("dir", |dir| match file.says("data") {
            true => dir,
            false => dir.required(false).required_unless_present("suggest").default_value_if(
                "suggest",
                clap::builder::ArgPredicate::IsPresent,
                ".",
            ),
        })
    });
    Ok(match lang {
        Lang::English => command,
        // Clap counts a Chinese character as one column, so what an option means goes below it.
        Lang::Chinese => {
            translated(command).mut_subcommands(|command| translated(command).next_line_help(true))
        }
    })
}

/// A text of the help in the language.
pub(crate) fn help_of(lang: Lang, english: &str) -> &str {
    match lang {
        Lang::English => english,
        Lang::Chinese => HELP.texts.get(english).map_or(english, String::as_str),
    }
}

fn translated(command: Command) -> Command {
    let about = command.get_about().and_then(|about| HELP.texts.get(&about.to_string()));
    let command = match about {
        Some(chinese) => command.about(chinese.as_str()),
        None => command,
    };
    command.mut_args(argument)
}

fn argument(arg: Arg) -> Arg {
    let chinese = |name: &Str| {
        HELP.names.get(name.as_str()).map_or_else(|| name.clone(), |name| Str::from(name.as_str()))
    };
    let names: Vec<Str> = arg.get_value_names().into_iter().flatten().map(chinese).collect();
    let help = arg.get_help().and_then(|help| HELP.texts.get(&help.to_string()));
    // A switch has a name for a value that it does not take.
    let arg = if arg.get_action().takes_values() { arg.value_names(names) } else { arg };
    match help {
        Some(chinese) => arg.help(chinese.as_str()),
        None => arg,
    }
}

/// Clap's own text, with the words of its form in the language.
fn marked(lang: Lang, text: String) -> String {
    let marks = HELP.marks.iter().filter(|_| lang == Lang::Chinese);
    marks.fold(text, |text, (english, chinese)| text.replace(english.as_str(), chinese))
}

/// Clap's refusal as an error.
fn refused(error: &clap::Error, args: &[OsString]) -> Error {
    let said = |kind| error.get(kind).map(ToString::to_string).filter(|s| !s.is_empty());
    let arg = said(ContextKind::InvalidArg).unwrap_or_default();
    let value = said(ContextKind::InvalidValue);
    let prior = said(ContextKind::PriorArg).filter(|prior| *prior != arg);
    let command = said(ContextKind::InvalidSubcommand);
    let why = std::error::Error::source(error).map(ToString::to_string);
    let message = match (error.kind(), value) {
        (ErrorKind::UnknownArgument, _) => format!("unexpected argument {arg}"),
        (ErrorKind::InvalidSubcommand, _) => {
            format!("there is no command {:?}", command.unwrap_or_default())
        }
        (ErrorKind::MissingRequiredArgument, _) => format!("required but not given: {arg}"),
        (ErrorKind::ArgumentConflict, _) => match prior {
            Some(prior) => format!("{arg} cannot be used with {prior}"),
            None => format!("{arg} is given more than once"),
        },
        (ErrorKind::InvalidValue, None) => format!("{arg} needs a value"),
        (ErrorKind::TooManyValues, Some(value)) => {
            format!("{arg} takes no value, so not {value:?}")
        }
        (ErrorKind::InvalidValue | ErrorKind::ValueValidation, Some(value)) => match why {
            Some(why) => format!("{value:?} is not a value of {arg}: {why}"),
            None => format!("{value:?} is not a value of {arg}"),
        },
        (ErrorKind::WrongNumberOfValues, _) => {
            let expected = said(ContextKind::ExpectedNumValues).unwrap_or_default();
            let given = said(ContextKind::ActualNumValues).unwrap_or_default();
            format!("{arg} takes {expected} values, not {given}")
        }
        (ErrorKind::InvalidUtf8, _) => "an argument is not text in UTF-8".to_owned(),
        _ => "the command line cannot be understood".to_owned(),
    };
    let close = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand]
        .into_iter()
        .chain([ContextKind::SuggestedValue])
        .find_map(said);
    let hint = match close {
        // The nearest comes last.
        Some(close) => format!("did you mean {}?", close.rsplit(", ").next().unwrap_or(&close)),
        None => format!("`{} --help` shows how it is used", program(args)),
    };
    Error::new(Code::WrongUse, message).hint(hint)
}

/// The program and the command that was named.
fn program(args: &[OsString]) -> String {
    let root = root();
    let named = args.iter().find_map(|arg| root.find_subcommand(arg));
    let words = std::iter::once("shuke").chain(named.map(Command::get_name));
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
