//! A transaction, and the few ways to say something in it.

use base::{Error, Result, ShopId};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow as LiteRow;
use sqlx::{AssertSqlSafe, FromRow, Postgres, SqlSafeStr, Sqlite, Transaction};

use crate::dialect::{self, Dialect};

/// Rows that one statement inserts: large enough to hide the cost of a statement, small enough
/// that SQLite's 32,766 binds suffice for rows of 60 columns.
const ROWS_PER_INSERT_MAX: usize = 200;
/// Binds that one statement carries at the most, below both databases' limits.
const BINDS_MAX: usize = 30_000;

/// A value to bind. `None` is SQL's null of that type; PostgreSQL needs to know which.
#[derive(Debug, Clone)]
pub enum V {
    /// A whole number: every count, time, amount and number.
    I(Option<i64>),
    /// Text.
    T(Option<String>),
    /// A truth value.
    B(Option<bool>),
    /// A measure that is not money.
    F(Option<f64>),
    /// Bytes.
    X(Option<Vec<u8>>),
}

macro_rules! value_from {
    ($($kind:ident: $type:ty => $map:expr;)*) => { $(
        impl From<$type> for V {
            fn from(value: $type) -> Self {
                Self::$kind(Some($map(value)))
            }
        }
        impl From<Option<$type>> for V {
            fn from(value: Option<$type>) -> Self {
                Self::$kind(value.map($map))
            }
        }
    )* };
}

value_from! {
    I: i64 => |v| v;
    I: i32 => i64::from;
    I: u32 => i64::from;
    I: ShopId => |v: ShopId| v.0;
    I: base::Time => |v: base::Time| v.micros();
    T: String => |v| v;
    T: &str => |v: &str| v.to_owned();
    T: &String => |v: &String| v.clone();
    B: bool => |v| v;
    F: f64 => |v| v;
    X: Vec<u8> => |v| v;
    X: &[u8] => |v: &[u8]| v.to_vec();
}

/// The values of a statement, in the order of `$1`, `$2`, …
#[macro_export]
macro_rules! binds {
    ($($value:expr),* $(,)?) => { vec![$($crate::V::from($value)),*] };
}

macro_rules! bind_all {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                V::I(v) => query.bind(v),
                V::T(v) => query.bind(v),
                V::B(v) => query.bind(v),
                V::F(v) => query.bind(v),
                V::X(v) => query.bind(v),
            };
        }
        query
    }};
}

/// A row that both databases can give; derive `sqlx::FromRow`.
pub trait Row: FromBoth + Send + Unpin {}

impl<T: FromBoth + Send + Unpin> Row for T {}

/// Readable from either database's rows.
pub trait FromBoth: for<'r> FromRow<'r, LiteRow> + for<'r> FromRow<'r, PgRow> {}

impl<T: for<'r> FromRow<'r, LiteRow> + for<'r> FromRow<'r, PgRow>> FromBoth for T {}

pub(crate) enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// An open transaction of one shop. Dropping it rolls it back.
pub struct Tx {
    inner: Inner,
    shop: ShopId,
}

impl Tx {
    pub(crate) fn new(inner: Inner, shop: ShopId) -> Self {
        Self { inner, shop }
    }

    /// The shop whose rows this transaction is about.
    #[must_use]
    pub fn shop(&self) -> ShopId {
        self.shop
    }

    /// Turns a transaction over every shop to one of them.
    pub(crate) fn set_shop(&mut self, shop: ShopId) {
        self.shop = shop;
    }

    /// Which database it talks to, for the few statements without a common form.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.inner {
            Inner::Sqlite(_) => Dialect::Sqlite,
            Inner::Postgres(_) => Dialect::Postgres,
        }
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// What the database reports, see [`dialect::error`].
    pub async fn all<T: Row>(&mut self, sql: impl SqlSafeStr, values: Vec<V>) -> Result<Vec<T>> {
        match &mut self.inner {
            Inner::Sqlite(tx) => {
                bind_all!(sqlx::query_as::<_, T>(sql), values).fetch_all(&mut **tx).await
            }
            Inner::Postgres(tx) => {
                bind_all!(sqlx::query_as::<_, T>(sql), values).fetch_all(&mut **tx).await
            }
        }
        .map_err(dialect::error)
    }

    /// The first row of a query, if there is one.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn opt<T: Row>(&mut self, sql: impl SqlSafeStr, values: Vec<V>) -> Result<Option<T>> {
        match &mut self.inner {
            Inner::Sqlite(tx) => {
                bind_all!(sqlx::query_as::<_, T>(sql), values).fetch_optional(&mut **tx).await
            }
            Inner::Postgres(tx) => {
                bind_all!(sqlx::query_as::<_, T>(sql), values).fetch_optional(&mut **tx).await
            }
        }
        .map_err(dialect::error)
    }

    /// The one row of a query that always has one, such as a count.
    ///
    /// # Errors
    /// What the database reports; `internal` when there is no row.
    pub async fn one<T: Row>(&mut self, sql: impl SqlSafeStr, values: Vec<V>) -> Result<T> {
        self.opt(sql, values).await?.ok_or_else(|| {
            Error::new(base::Code::Internal, "a query that always has a row gave none")
        })
    }

    /// Runs a statement; the number of rows it changed.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn exec(&mut self, sql: impl SqlSafeStr, values: Vec<V>) -> Result<u64> {
        match &mut self.inner {
            Inner::Sqlite(tx) => bind_all!(sqlx::query(sql), values)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
            Inner::Postgres(tx) => bind_all!(sqlx::query(sql), values)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
        }
        .map_err(dialect::error)
    }

    /// Inserts many rows with few statements: `head` is the text up to `values`, `tail` what
    /// follows the rows (an `on conflict` clause, or nothing). Every row has the same width.
    ///
    /// # Errors
    /// What the database reports; on PostgreSQL also when two rows of one call hit the same key.
    pub async fn insert(
        &mut self,
        head: &'static str,
        rows: Vec<Vec<V>>,
        tail: &'static str,
    ) -> Result<u64> {
        let Some(width) = rows.first().map(Vec::len) else {
            return Ok(0);
        };
        let per_statement = (BINDS_MAX / width.max(1)).clamp(1, ROWS_PER_INSERT_MAX);
        let mut changed = 0;
        let mut rows = rows.into_iter().peekable();
        let mut text = (0, String::new());
        while rows.peek().is_some() {
            let chunk: Vec<Vec<V>> = rows.by_ref().take(per_statement).collect();
            if text.0 != chunk.len() {
                let tuples = tuples(self.dialect(), chunk.len(), width);
                text = (chunk.len(), format!("{head} values {tuples}{tail}"));
            }
            let values = chunk.into_iter().flatten().collect();
            changed += self.exec(AssertSqlSafe(text.1.clone()), values).await?;
        }
        Ok(changed)
    }

    /// Opens a savepoint: what follows can be undone alone.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn savepoint(&mut self) -> Result<()> {
        self.exec("savepoint part", vec![]).await.map(drop)
    }

    /// Keeps what was done since the savepoint.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn keep(&mut self) -> Result<()> {
        self.exec("release savepoint part", vec![]).await.map(drop)
    }

    /// Undoes what was done since the savepoint.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn undo(&mut self) -> Result<()> {
        self.exec("rollback to savepoint part", vec![]).await?;
        self.keep().await
    }

    /// Makes everything durable.
    ///
    /// # Errors
    /// What the database reports; then nothing of the transaction happened.
    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await,
            Inner::Postgres(tx) => tx.commit().await,
        }
        .map_err(dialect::error)
    }

    /// Undoes everything, waiting until it is undone.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn rollback(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(tx) => tx.rollback().await,
            Inner::Postgres(tx) => tx.rollback().await,
        }
        .map_err(dialect::error)
    }
}

/// `($1,$2),($3,$4)` for `rows` × `width`; on SQLite `(?,?),(?,?)`, because it looks a numbered
/// parameter up by walking the list of all of them, once a row that is seconds a statement.
fn tuples(dialect: Dialect, rows: usize, width: usize) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(rows * width * 6);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ",(" });
        for column in 0..width {
            let comma = if column == 0 { "" } else { "," };
            let _ = match dialect {
                Dialect::Sqlite => write!(text, "{comma}?"),
                Dialect::Postgres => write!(text, "{comma}${}", row * width + column + 1),
            };
        }
        text.push(')');
    }
    text
}

/// A list of numbers as the one text that `in (select cast(value as bigint) from json_each($n))`
/// reads on both databases.
#[must_use]
pub fn list(numbers: impl IntoIterator<Item = i64>) -> String {
    let parts: Vec<String> = numbers.into_iter().map(|number| number.to_string()).collect();
    format!("[{}]", parts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_the_places_row_by_row() {
        assert_eq!(tuples(Dialect::Postgres, 2, 3), "($1,$2,$3),($4,$5,$6)");
        assert_eq!(tuples(Dialect::Sqlite, 2, 2), "(?,?),(?,?)");
        assert_eq!(list([1, -2]), "[1,-2]");
    }
}
