//! Where SQLite and PostgreSQL differ, and nowhere else.
//!
//! SQL is written once, in a form that both accept. Tables are written in SQLite's STRICT
//! spelling and translated for PostgreSQL by [`ddl`]; `in list($n)` and inserts of many rows become
//! what each database does fast; the few statements that have no common form live in this module's
//! callers behind one `match`.

use std::fmt::Write;
use std::sync::Arc;

use base::{Code, Error, Result};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::tx::{List, V};

/// Rows that one statement inserts on SQLite: large enough to hide the cost of a statement, small
/// enough that its 32,766 binds suffice for rows of 60 columns.
const TUPLES_MAX: usize = 200;
/// Binds that one statement carries at the most, below both databases' limits.
const BINDS_MAX: usize = 30_000;
/// Rows that one statement inserts on PostgreSQL, where a column is one bind.
const ARRAY_ROWS_MAX: usize = 5_000;
/// How a list is asked for in common SQL.
const IN_LIST: &str = "in list(";

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

/// A query with `in list($n)` in this dialect's words.
///
/// PostgreSQL gets an array: it looks one up in an index, or in a hash table where it reads the
/// whole table, so that a plan made without statistics is not a disaster. SQLite reads JSON.
pub(crate) fn lists(dialect: Dialect, sql: SqlStr, values: &[V]) -> SqlStr {
    let mut rest = sql.as_str();
    let mut text = String::new();
    while let Some((before, (place, after))) =
        rest.split_once(IN_LIST).and_then(|(before, after)| Some((before, after.split_once(')')?)))
    {
        text.push_str(before);
        let number = place.trim_start_matches('$').parse::<usize>().unwrap_or_default();
        let value = values.get(number.wrapping_sub(1));
        // Writing to a String cannot fail.
        let _ = match (dialect, value) {
            (Dialect::Postgres, _) => write!(text, "= any({place})"),
            (Dialect::Sqlite, Some(V::L(List::X(_)))) => {
                write!(text, "in (select unhex(value) from json_each({place}))")
            }
            (Dialect::Sqlite, _) => write!(text, "in (select value from json_each({place}))"),
        };
        rest = after;
    }
    if text.is_empty() {
        return sql;
    }
    text.push_str(rest);
    AssertSqlSafe(text).into_sql_str()
}

/// `delete` of the first rows of a table for which a condition holds, in the order of `keys`, which
/// tell its rows of one shop apart; `limit` is the place of their number.
///
/// PostgreSQL finds them by where they stand: a plan that is made without statistics would compare
/// each of them with all rows of the table.
#[must_use]
pub fn delete_first(
    dialect: Dialect,
    (table, keys): (&str, &str),
    condition: &str,
    limit: &str,
) -> String {
    let chosen = format!("from {table} where {condition} order by {keys} limit {limit}");
    match dialect {
        Dialect::Sqlite => format!(
            "delete from {table} where {condition} and ({keys}) in (select {keys} {chosen})"
        ),
        Dialect::Postgres => {
            format!("delete from {table} where ctid = any(array(select ctid {chosen}))")
        }
    }
}

/// A list as the text that SQLite's `json_each` reads; bytes as hexadecimal digits.
pub(crate) fn json(list: &List) -> String {
    fn array<T>(list: &[Option<T>], value: impl Fn(&T) -> serde_json::Value) -> String {
        let values = list.iter().map(|one| one.as_ref().map_or(serde_json::Value::Null, &value));
        serde_json::Value::Array(values.collect()).to_string()
    }
    match list {
        List::I(list) => array(list, |number| (*number).into()),
        List::T(list) => array(list, |text| text.as_str().into()),
        List::B(list) => array(list, |truth| (*truth).into()),
        List::F(list) => array(list, |measure| (*measure).into()),
        List::X(list) => array(list, |bytes| base::hex(bytes).into()),
    }
}

/// The statements that bring `rows` between `head` and `tail`, made as they are asked for.
///
/// PostgreSQL gets a column as one array: one text, one plan and a few binds whatever the number
/// of rows. `internal` when a column's type or the width differs from row to row.
pub(crate) fn rows(
    dialect: Dialect,
    head: &str,
    rows: Vec<Vec<V>>,
    tail: &str,
) -> impl Iterator<Item = Result<(Arc<str>, Vec<V>)>> {
    let width = rows.first().map_or(0, Vec::len);
    let mut rows = rows.into_iter();
    let mut text: (usize, Arc<str>) = (0, "".into());
    std::iter::from_fn(move || {
        let left = rows.len();
        if left == 0 {
            return None;
        }
        if dialect == Dialect::Postgres {
            let chunk = rows.by_ref().take(ARRAY_ROWS_MAX).collect();
            return Some(columns(chunk, width).map(|columns| {
                let source = arrays(&columns);
                (format!("{head} {source}{tail}").into(), columns)
            }));
        }
        let most = (BINDS_MAX / width.max(1)).clamp(1, TUPLES_MAX);
        // What is left goes in powers of two, so that few different texts are ever prepared.
        let take = if left < most { 1 << left.ilog2() } else { most };
        if text.0 != take {
            let tuples = tuples(take, width);
            text = (take, format!("{head} values {tuples}{tail}").into());
        }
        let mut values = Vec::with_capacity(take * width);
        values.extend(rows.by_ref().take(take).flatten());
        Some(Ok((Arc::clone(&text.1), values)))
    })
}

/// `(?,?),(?,?)` for `rows` × `width`: SQLite looks a numbered parameter up by walking the list of
/// all of them, once a row that is seconds a statement.
fn tuples(rows: usize, width: usize) -> String {
    let tuple = format!("({})", vec!["?"; width].join(","));
    vec![tuple; rows].join(",")
}

/// `select * from unnest($1::bigint[], $2::text[])` for columns.
fn arrays(columns: &[V]) -> String {
    let name = |column: &V| match column {
        V::L(List::I(_)) | V::I(_) => "bigint[]",
        V::L(List::T(_)) | V::T(_) => "text[]",
        V::L(List::B(_)) | V::B(_) => "boolean[]",
        V::L(List::F(_)) | V::F(_) => "double precision[]",
        V::L(List::X(_)) | V::X(_) => "bytea[]",
    };
    let places = (1..).zip(columns).map(|(place, column)| format!("${place}::{}", name(column)));
    format!("select * from unnest({})", places.collect::<Vec<_>>().join(","))
}

/// Rows turned into columns.
fn columns(rows: Vec<Vec<V>>, width: usize) -> Result<Vec<V>> {
    let odd = || Error::new(Code::Internal, "rows of one statement differ in width or type");
    let count = rows.len();
    let mut columns: Vec<List> = Vec::with_capacity(width);
    for row in rows {
        if row.len() != width {
            return Err(odd());
        }
        for (place, value) in row.into_iter().enumerate() {
            if columns.len() == place {
                columns.push(empty(&value, count).ok_or_else(odd)?);
            }
            match (columns.get_mut(place), value) {
                (Some(List::I(list)), V::I(value)) => list.push(value),
                (Some(List::T(list)), V::T(value)) => list.push(value),
                (Some(List::B(list)), V::B(value)) => list.push(value),
                (Some(List::F(list)), V::F(value)) => list.push(value),
                (Some(List::X(list)), V::X(value)) => list.push(value),
                _ => return Err(odd()),
            }
        }
    }
    Ok(columns.into_iter().map(V::L).collect())
}

fn empty(value: &V, count: usize) -> Option<List> {
    match value {
        V::I(_) => Some(List::I(Vec::with_capacity(count))),
        V::T(_) => Some(List::T(Vec::with_capacity(count))),
        V::B(_) => Some(List::B(Vec::with_capacity(count))),
        V::F(_) => Some(List::F(Vec::with_capacity(count))),
        V::X(_) => Some(List::X(Vec::with_capacity(count))),
        V::L(_) => None,
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

    #[test]
    fn a_list_is_what_each_database_looks_up_fast() {
        let sql = "select a from t where b in list($2) and c in list($1) and d = $3";
        let values = [crate::tx::hashes([vec![1, 255]]), crate::tx::list([1, -2]), V::I(None)];
        let text = |dialect| lists(dialect, sql.into_sql_str(), &values).as_str().to_owned();
        assert_eq!(
            text(Dialect::Postgres),
            "select a from t where b = any($2) and c = any($1) and d = $3"
        );
        assert_eq!(
            text(Dialect::Sqlite),
            "select a from t where b in (select value from json_each($2)) \
                and c in (select unhex(value) from json_each($1)) and d = $3"
        );
        let texts = values.iter().map(|value| match value {
            V::L(list) => json(list),
            _ => String::new(),
        });
        assert_eq!(texts.collect::<Vec<_>>(), [r#"["01ff"]"#, "[1,-2]", ""]);
    }

    #[test]
    fn rows_are_tuples_or_columns() {
        let row = |n: i64| crate::binds![n, Some("a"), None::<Vec<u8>>];
        let all = |dialect, head, many, tail| -> Result<Vec<_>> {
            rows(dialect, head, many, tail).collect()
        };
        let two = || vec![row(1), row(2)];
        let sqlite = all(Dialect::Sqlite, "insert into t", two(), " tail").unwrap();
        assert_eq!(&*sqlite[0].0, "insert into t values (?,?,?),(?,?,?) tail");
        assert_eq!(sqlite[0].1.len(), 6);
        let pg = all(Dialect::Postgres, "insert into t", two(), " tail").unwrap();
        let text = "insert into t select * from unnest($1::bigint[],$2::text[],$3::bytea[]) tail";
        assert_eq!((&*pg[0].0, pg[0].1.len()), (text, 3));
        let many = all(Dialect::Sqlite, "", vec![row(1); TUPLES_MAX + 6], "").unwrap();
        let widths: Vec<usize> = many.iter().map(|(_, values)| values.len() / 3).collect();
        assert_eq!(widths, [TUPLES_MAX, 4, 2]);
        let odd = vec![row(1), crate::binds![1_i64, 2_i64, 3_i64]];
        assert!(all(Dialect::Postgres, "", odd, "").is_err());
    }
}
