//! Errors of the query engine in words for the person who wrote the query: one line, what is
//! wrong, and the nearest names. The engine's own words stay in the cause.

use base::{Code, Error};
use datafusion::common::SchemaError;
use datafusion::common::utils::datafusion_strsim::levenshtein;
use datafusion::error::DataFusionError;

use crate::error::{broken, is_disk_full};

/// Names that are suggested.
const NAMES_MAX: usize = 3;
/// Characters of a message that is passed on.
const MESSAGE_MAX: usize = 300;

/// The error of a text that is no SQL.
pub(super) fn unparsable(cause: DataFusionError) -> Error {
    let text = match cause.find_root() {
        DataFusionError::SQL(parser, _) => parser.to_string(),
        other => other.strip_backtrace(),
    };
    let text = text.trim_start_matches("sql parser error: ").to_owned();
    Error::bad(format!("the query cannot be read: {}", line(&text))).because(cause)
}

/// The error of a query that cannot be planned or run.
pub(super) fn explain(cause: DataFusionError, tables: &[String], memory_bytes: usize) -> Error {
    if is_disk_full(&cause) {
        return base::error::disk_full(cause);
    }
    let error = match cause.find_root() {
        DataFusionError::SchemaError(error, _) => schema(error),
        DataFusionError::SQL(parser, _) => {
            Error::bad(format!("the query cannot be read: {}", line(&parser.to_string())))
        }
        DataFusionError::Plan(text) => plan(text, tables),
        DataFusionError::NotImplemented(text) => Error::new(Code::Unsupported, line(text)),
        DataFusionError::ResourcesExhausted(_) => too_much_memory(memory_bytes),
        DataFusionError::Execution(text) | DataFusionError::Configuration(text) => {
            Error::bad(line(text))
        }
        DataFusionError::ArrowError(arrow, _) => match arrow.as_ref() {
            arrow::error::ArrowError::ExternalError(_) => return external(cause),
            other => Error::bad(line(&other.to_string())),
        },
        DataFusionError::External(_) => return external(cause),
        _ => return broken("the query could not be run", cause),
    };
    error.because(cause)
}

/// The error of an answer or a working set that does not fit into memory.
#[must_use]
pub fn too_much_memory(memory_bytes: usize) -> Error {
    let message = format!("the query needs more than {} MB of memory", memory_bytes >> 20);
    Error::new(Code::TooLarge, message).hint("ask for fewer columns, rows or groups")
}

/// An error of ours that came through the engine stays what it was.
fn external(cause: DataFusionError) -> Error {
    let inner = match cause {
        DataFusionError::External(inner) => inner,
        other => return broken("the query could not be run", other),
    };
    match inner.downcast::<Error>() {
        Ok(error) => *error,
        Err(other) => broken("the query could not be run", other),
    }
}

fn schema(error: &SchemaError) -> Error {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let names: Vec<String> =
                valid_fields.iter().map(|column| column.name.clone()).collect();
            let message = format!("there is no column {}", field.name);
            let all = |names: &str| format!("the columns are: {names}");
            with_nearest(Error::bad(message), &field.name, &names, all)
        }
        SchemaError::AmbiguousReference { field } => {
            Error::bad(format!("the column {} is in more than one table", field.name))
                .hint("write the table's name before it")
        }
        other => Error::bad(line(&other.to_string())),
    }
}

fn plan(text: &str, tables: &[String]) -> Error {
    let missing = text.strip_prefix("table '").and_then(|rest| rest.strip_suffix("' not found"));
    if let Some(name) = missing {
        return no_table(name.rsplit('.').next().unwrap_or(name), tables);
    }
    Error::bad(line(text))
}

/// The error of a table that nobody offers.
pub(super) fn no_table(name: &str, tables: &[String]) -> Error {
    let error = Error::bad(format!("there is no table {name}"));
    with_nearest(error, name, tables, |names| format!("the tables are: {names}"))
}

fn with_nearest(
    error: Error,
    wrong: &str,
    names: &[String],
    all: impl FnOnce(&str) -> String,
) -> Error {
    let wrong = wrong.to_lowercase();
    let distance = |name: &String| levenshtein(&wrong, &name.to_lowercase());
    let near = wrong.chars().count() / 2 + 1;
    let mut close: Vec<(usize, &String)> =
        names.iter().map(|name| (distance(name), name)).collect();
    close.sort();
    close.dedup();
    let close: Vec<&str> = close
        .iter()
        .filter(|(distance, _)| *distance <= near)
        .map(|(_, name)| name.as_str())
        .take(NAMES_MAX)
        .collect();
    if close.is_empty() {
        return error.hint(all(&names.join(", ")));
    }
    error.hint(format!("did you mean {}?", close.join(", ")))
}

/// One line without the engine's names of things.
fn line(text: &str) -> String {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("it failed");
    let mut line = first.replace("datafusion.public.", "").replace("DataFusion error: ", "");
    for prefix in ["sql parser error: ", "Error during planning: ", "Execution error: "] {
        line = line.replace(prefix, "");
    }
    line.chars().take(MESSAGE_MAX).collect()
}
