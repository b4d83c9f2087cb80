//! Where SQLite and PostgreSQL differ, and nowhere else.
//!
//! SQL is written once, in a form that both accept. Tables are written in SQLite's STRICT
//! spelling and translated for PostgreSQL by [`ddl`]; the few statements that have no common form
//! live in this module's callers behind one `match`.

use base::{Code, Error};

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, in the data folder.
    Sqlite,
    /// PostgreSQL 15 or newer.
    Postgres,
}

/// A statement of table definitions in this dialect's spelling.
///
/// ` SERIAL` is a growing number that is never used twice, ` XID` the writing transaction, and
/// ` BOOL` a truth value. Lines that start with `--pg: ` or `--sqlite: ` are for that one alone.
#[must_use]
pub fn ddl(dialect: Dialect, sql: &str) -> String {
    let (own, other) = match dialect {
        Dialect::Sqlite => ("--sqlite: ", "--pg: "),
        Dialect::Postgres => ("--pg: ", "--sqlite: "),
    };
    let lines = sql.lines().filter(|line| !line.starts_with(other));
    let lines = lines.map(|line| line.strip_prefix(own).unwrap_or(line));
    let text = lines.collect::<Vec<_>>().join("\n");
    match dialect {
        Dialect::Sqlite => text
            .replace(" SERIAL", " INTEGER PRIMARY KEY AUTOINCREMENT")
            .replace(" XID", " INTEGER not null default 0")
            .replace(" BOOL", " INTEGER"),
        Dialect::Postgres => text
            .replace(" SERIAL", " BIGSERIAL PRIMARY KEY")
            .replace(" XID", " xid8 not null default pg_current_xact_id()")
            .replace(" INTEGER", " BIGINT")
            .replace(" BLOB", " BYTEA")
            .replace(" REAL", " DOUBLE PRECISION")
            .replace(" BOOL", " BOOLEAN")
            .replace(") STRICT, WITHOUT ROWID;", ");")
            .replace(") STRICT;", ");"),
    }
}

/// What a database's error means to a caller.
#[must_use]
pub fn error(cause: sqlx::Error) -> Error {
    if let sqlx::Error::PoolTimedOut = cause {
        return Error::new(Code::Busy, "every connection to the database is in use")
            .hint("try again in a moment")
            .because(cause);
    }
    let code =
        cause.as_database_error().and_then(|inner| inner.code().map(std::borrow::Cow::into_owned));
    match code.as_deref() {
        Some("13" | "53100") => base::error::disk_full(cause),
        Some("5" | "6" | "261" | "517" | "40001" | "40P01" | "55P03") => {
            Error::new(Code::Busy, "another writer holds the database")
                .hint("try again in a moment")
                .because(cause)
        }
        Some("11" | "26" | "267" | "779") => Error::damaged("the database file is damaged")
            .hint("restore the last backup, or move the file away and import again")
            .because(cause),
        Some("8" | "25006") => {
            Error::new(Code::Forbidden, "the database is read-only").because(cause)
        }
        _ if is_io(&cause) => base::error::disk_full(cause),
        _ => Error::new(Code::Internal, "the database refused a statement").because(cause),
    }
}

/// SQLite reports a disk without space for its shared-memory file as an I/O error of the kind
/// `SQLITE_IOERR_SHMSIZE` (4874) or `SQLITE_IOERR_WRITE` (778).
fn is_io(cause: &sqlx::Error) -> bool {
    let code =
        cause.as_database_error().and_then(|inner| inner.code().map(std::borrow::Cow::into_owned));
    matches!(code.as_deref(), Some("778" | "1034" | "1546" | "4874"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_becomes_both() {
        let text = "create table t (\n  a INTEGER not null,\n  b BLOB,\n  c BOOL,\n  s SERIAL\n\
            ) STRICT;\n--pg: select 1;";
        expect_test::expect![[r"
            create table t (
              a BIGINT not null,
              b BYTEA,
              c BOOLEAN,
              s BIGSERIAL PRIMARY KEY
            );
            select 1;"]]
        .assert_eq(&ddl(Dialect::Postgres, text));
        assert!(ddl(Dialect::Sqlite, text).contains("c INTEGER,"));
        assert!(!ddl(Dialect::Sqlite, text).contains("select 1"));
    }
}
