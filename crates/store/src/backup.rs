//! Copies of a database that is in use, and databases out of copies.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use base::{Code, Error, Result};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Row};
use tokio::process::Command;

use crate::db::Place;
use crate::dialect;

/// The copy of a PostgreSQL database.
const DUMP: &str = "store.dump";
/// The schema in which the tables are, and one of them if there is any.
const SCHEMA: &str = "select current_schema()::text";
const TABLES: &str = "select tablename::text from pg_tables where schemaname = current_schema()
    limit 1";
/// Where Debian has the programs of each version of PostgreSQL.
const PROGRAMS: &str = "/usr/lib/postgresql";

/// Copies the database into the folder `to`: first the state, then what collectors received, which
/// then is never older than what the state says of it. Each copy is one moment of its file.
///
/// # Errors
/// `not_found` when PostgreSQL's `pg_dump` is not there; what the database reports.
pub async fn copy(place: &Place, to: &Path) -> Result<Vec<PathBuf>> {
    match place {
        Place::File(_) => {
            let mut copies = Vec::new();
            for file in place.files() {
                let name = file.file_name().unwrap_or_default();
                let copy = to.join(name);
                copy_file(&file, &copy).await?;
                copies.push(copy);
            }
            Ok(copies)
        }
        Place::Address(address) => {
            let copy = to.join(DUMP);
            let mut dump = program_at("pg_dump", address)?;
            dump.args(["--format=custom", "--no-owner", "--no-privileges", "--file"]).arg(&copy);
            // A schema of our own; what else is in the database is somebody else's.
            if let Some(schema) = asked(address, SCHEMA).await?.filter(|name| name != "public") {
                dump.arg("--schema").arg(schema);
            }
            run(dump).await?;
            Ok(vec![copy])
        }
    }
}

/// Reads a copy back: whether it is whole.
///
/// # Errors
/// `damaged` when it is not.
pub async fn check(copy: &Path) -> Result<()> {
    if copy.file_name().is_some_and(|name| name == DUMP) {
        let mut list = program("pg_restore");
        list.arg("--list").arg(copy);
        return run(list).await;
    }
    let mut open = lone(copy).read_only(true).connect().await.map_err(dialect::error)?;
    let said = sqlx::query("pragma integrity_check(1)").fetch_one(&mut open).await;
    let said: String = said.and_then(|row| row.try_get(0)).map_err(dialect::error)?;
    open.close().await.map_err(dialect::error)?;
    if said == "ok" {
        return Ok(());
    }
    Err(Error::damaged(format!("{} is damaged: {said}", copy.display())))
}

/// Makes the database out of the copy in the folder `from`.
///
/// # Errors
/// `conflict` when the database holds something; what the file system and the database report.
pub async fn restore(place: &Place, from: &Path) -> Result<()> {
    match place {
        Place::File(_) => {
            for file in place.files() {
                if file.exists() {
                    let text = format!("{} is there already", file.display());
                    return Err(Error::conflict(text).hint("restore into an empty folder"));
                }
                let copy = from.join(file.file_name().unwrap_or_default());
                tokio::fs::copy(&copy, &file).await?;
                tokio::fs::File::open(&file).await?.sync_all().await?;
            }
            Ok(())
        }
        Place::Address(address) => {
            if asked(address, TABLES).await?.is_some() {
                return Err(Error::conflict("this database holds something already")
                    .field("database")
                    .hint("restore into a database that was just created"));
            }
            let mut restore = program_at("pg_restore", address)?;
            restore.args(["--no-owner", "--no-privileges", "--single-transaction"]);
            restore.args(["--exit-on-error", "--dbname"]).arg(database(address)?);
            restore.arg(from.join(DUMP));
            run(restore).await
        }
    }
}

/// A connection of its own to a SQLite file.
fn lone(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(file).busy_timeout(crate::db::BUSY_WAIT)
}

async fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let mut open: SqliteConnection = lone(from).connect().await.map_err(dialect::error)?;
    let copied = sqlx::query("vacuum into $1").bind(to.display().to_string());
    let copied = copied.execute(&mut open).await.map_err(dialect::error);
    open.close().await.map_err(dialect::error)?;
    copied?;
    tokio::fs::File::open(to).await?.sync_all().await?;
    Ok(())
}

/// The first value of an answer of PostgreSQL.
async fn asked(address: &str, sql: &'static str) -> Result<Option<String>> {
    let options: PgConnectOptions = address.parse().map_err(dialect::error)?;
    let mut open = options.connect().await.map_err(dialect::error)?;
    let row = sqlx::query(sql).fetch_optional(&mut open).await.map_err(dialect::error)?;
    open.close().await.map_err(dialect::error)?;
    row.map_or(Ok(None), |row| row.try_get(0)).map_err(dialect::error)
}

fn database(address: &str) -> Result<String> {
    let options: PgConnectOptions = address.parse().map_err(dialect::error)?;
    let name = options.get_database().unwrap_or_else(|| options.get_username());
    Ok(name.to_owned())
}

/// One of PostgreSQL's programs.
fn program(name: &str) -> Command {
    let mut command = Command::new(found(name));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// The same, told where the database is in ways that no list of processes shows.
fn program_at(name: &str, address: &str) -> Result<Command> {
    let options: PgConnectOptions = address.parse().map_err(dialect::error)?;
    let mut command = program(name);
    command.env("PGHOST", options.get_host()).env("PGPORT", options.get_port().to_string());
    command.env("PGUSER", options.get_username());
    if let Some(socket) = options.get_socket() {
        command.env("PGHOST", socket);
    }
    if let Some(database) = options.get_database() {
        command.env("PGDATABASE", database);
    }
    if let Some(more) = options.get_options() {
        command.env("PGOPTIONS", more);
    }
    if let Some(password) = password(address) {
        command.env("PGPASSWORD", password);
    }
    Ok(command)
}

/// The password in an address, percent-decoded.
fn password(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let (user, _) = rest.split(['/', '?']).next()?.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    let mut bytes = Vec::with_capacity(password.len());
    let mut left = password.as_bytes();
    while let Some((first, rest)) = left.split_first() {
        let digits = rest.first_chunk::<2>().filter(|_| *first == b'%');
        let escaped = digits.and_then(|two| base::unhex(str::from_utf8(two).ok()?)?.pop());
        left = if escaped.is_some() { rest.get(2..).unwrap_or_default() } else { rest };
        bytes.push(escaped.unwrap_or(*first));
    }
    String::from_utf8(bytes).ok()
}

/// The newest of a program that is installed: a dump can be made by one that is newer than the
/// server, and by none that is older.
fn found(name: &str) -> PathBuf {
    let versions = std::fs::read_dir(PROGRAMS).into_iter().flatten().flatten();
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions.map(|entry| entry.path()).max_by_key(|path| version(path));
    let own = newest.map(|path| path.join("bin").join(name)).filter(|path| path.is_file());
    own.unwrap_or_else(|| PathBuf::from(name))
}

async fn run(mut command: Command) -> Result<()> {
    let name = command.as_std().get_program().display().to_string();
    let done = command.output().await.map_err(|cause| {
        Error::missing(format!("{name} cannot be started"))
            .hint("install the client programs of PostgreSQL, of the server's version or newer")
            .because(cause)
    })?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let last = said.lines().next().unwrap_or_default().trim();
    Err(Error::new(Code::Internal, format!("{name} failed: {last}")))
}

#[cfg(test)]
mod tests {
    use super::password;

    #[test]
    fn a_password_is_read_as_it_was_meant() {
        for (address, expected) in [
            ("postgres://u:p%40ss%2F@h:5432/d", Some("p@ss/")),
            ("postgres://u:a@b@h/d", Some("a@b")),
            ("postgres://u@h/d", None),
            ("postgres://h/d?x=a:b@c", None),
            ("postgres://u:100%@h", Some("100%")),
        ] {
            assert_eq!(password(address).as_deref(), expected, "{address}");
        }
    }
}
