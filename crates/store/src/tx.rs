//! A transaction, and the few ways to say something in it.

use std::sync::Arc;

use base::{Code, Error, Result, ShopId};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow as LiteRow;
use sqlx::{AssertSqlSafe, FromRow, Postgres, SqlSafeStr, SqlStr, Sqlite, Transaction};
use tokio::task::JoinHandle;

use crate::dialect::{self, Dialect};
use crate::memo::Memo;

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
    /// Many values of one type in one place, for `in list($n)`.
    L(List),
}

/// Values of one type, as one bind however many they are.
#[derive(Debug, Clone)]
pub enum List {
    /// Whole numbers.
    I(Vec<Option<i64>>),
    /// Texts.
    T(Vec<Option<String>>),
    /// Truth values.
    B(Vec<Option<bool>>),
    /// Measures.
    F(Vec<Option<f64>>),
    /// Bytes.
    X(Vec<Option<Vec<u8>>>),
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
    ($query:expr, $values:expr, |$bound:ident, $list:ident| $bind:expr) => {{
        let mut query = $query;
        for value in $values {
            query = match value {
                V::I(v) => query.bind(v),
                V::T(v) => query.bind(v),
                V::B(v) => query.bind(v),
                V::F(v) => query.bind(v),
                V::X(v) => query.bind(v),
                V::L($list) => {
                    let $bound = query;
                    $bind
                }
            };
        }
        query
    }};
}

/// SQLite reads a list from a text.
macro_rules! bind_lite {
    ($query:expr, $values:expr) => {
        bind_all!($query, $values, |query, list| query.bind(dialect::json(&list)))
    };
}

/// PostgreSQL has arrays.
macro_rules! bind_pg {
    ($query:expr, $values:expr) => {
        bind_all!($query, $values, |query, list| match list {
            List::I(v) => query.bind(v),
            List::T(v) => query.bind(v),
            List::B(v) => query.bind(v),
            List::F(v) => query.bind(v),
            List::X(v) => query.bind(v),
        })
    };
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

impl Inner {
    async fn exec(&mut self, sql: SqlStr, values: Vec<V>) -> Result<u64> {
        match self {
            Self::Sqlite(tx) => bind_lite!(sqlx::query(sql), values)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
            Self::Postgres(tx) => bind_pg!(sqlx::query(sql), values)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
        }
        .map_err(dialect::error)
    }

    async fn insert(&mut self, head: &str, rows: Vec<Vec<V>>, tail: &str) -> Result<()> {
        let dialect = match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        };
        for statement in dialect::rows(dialect, head, rows, tail) {
            let (sql, values) = statement?;
            self.exec(AssertSqlSafe(sql).into_sql_str(), values).await?;
        }
        Ok(())
    }
}

/// The connection after rows were inserted, and what the database said to them.
type Back = Result<(Inner, Result<()>)>;

/// Where the connection is.
enum Hold {
    Here(Inner),
    /// With rows that are being inserted.
    Away(JoinHandle<Back>),
    /// Whoever had it stopped.
    Lost,
}

/// An open transaction of one shop. Dropping it rolls it back.
pub struct Tx {
    hold: Hold,
    dialect: Dialect,
    shop: ShopId,
    memo: Option<Arc<Memo>>,
}

impl Tx {
    pub(crate) fn new(inner: Inner, shop: ShopId) -> Self {
        let dialect = match inner {
            Inner::Sqlite(_) => Dialect::Sqlite,
            Inner::Postgres(_) => Dialect::Postgres,
        };
        Self { hold: Hold::Here(inner), dialect, shop, memo: None }
    }

    /// The same one, which remembers what it finds.
    pub(crate) fn remembering(self, memo: Arc<Memo>) -> Self {
        Self { memo: Some(memo), ..self }
    }

    /// What is remembered of the database as a `T`; nothing for a transaction that writes, since
    /// what that sees may never have happened.
    #[must_use]
    pub fn memo<T: Default + Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.memo.as_ref().map(|memo| memo.of())
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
        self.dialect
    }

    /// The connection, after all that was to be inserted is.
    async fn here(&mut self) -> Result<&mut Inner> {
        if let Hold::Away(task) = &mut self.hold {
            let done = task.await.unwrap_or_else(|cause| Err(lost().because(cause)));
            let (inner, done) = done.inspect_err(|_| self.hold = Hold::Lost)?;
            self.hold = Hold::Here(inner);
            done?;
        }
        match &mut self.hold {
            Hold::Here(inner) => Ok(inner),
            Hold::Away(_) | Hold::Lost => Err(lost()),
        }
    }

    /// As [`Tx::here`], for its end.
    async fn out(mut self) -> Result<Inner> {
        self.here().await?;
        match self.hold {
            Hold::Here(inner) => Ok(inner),
            Hold::Away(_) | Hold::Lost => Err(lost()),
        }
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// What the database reports, see [`dialect::error`].
    pub async fn all<T: Row>(&mut self, sql: impl SqlSafeStr, values: Vec<V>) -> Result<Vec<T>> {
        let sql = dialect::lists(self.dialect, sql.into_sql_str(), &values);
        match self.here().await? {
            Inner::Sqlite(tx) => {
                bind_lite!(sqlx::query_as::<_, T>(sql), values).fetch_all(&mut **tx).await
            }
            Inner::Postgres(tx) => {
                bind_pg!(sqlx::query_as::<_, T>(sql), values).fetch_all(&mut **tx).await
            }
        }
        .map_err(dialect::error)
    }

    /// The first row of a query, if there is one.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn opt<T: Row>(&mut self, sql: impl SqlSafeStr, values: Vec<V>) -> Result<Option<T>> {
        let sql = dialect::lists(self.dialect, sql.into_sql_str(), &values);
        match self.here().await? {
            Inner::Sqlite(tx) => {
                bind_lite!(sqlx::query_as::<_, T>(sql), values).fetch_optional(&mut **tx).await
            }
            Inner::Postgres(tx) => {
                bind_pg!(sqlx::query_as::<_, T>(sql), values).fetch_optional(&mut **tx).await
            }
        }
        .map_err(dialect::error)
    }

    /// The one row of a query that always has one, such as a count.
    ///
    /// # Errors
    /// What the database reports; `internal` when there is no row.
    pub async fn one<T: Row>(&mut self, sql: impl SqlSafeStr, values: Vec<V>) -> Result<T> {
        self.opt(sql, values)
            .await?
            .ok_or_else(|| Error::new(Code::Internal, "a query that always has a row gave none"))
    }

    /// Runs a statement; the number of rows it changed.
    ///
    /// # Errors
    /// What the database reports.
    pub async fn exec(&mut self, sql: impl SqlSafeStr, values: Vec<V>) -> Result<u64> {
        let sql = dialect::lists(self.dialect, sql.into_sql_str(), &values);
        self.here().await?.exec(sql, values).await
    }

    /// Inserts many rows with few statements: `head` is the text up to the rows, `tail` what
    /// follows them (an `on conflict` clause, or nothing). Every row has the same width, and a
    /// column the same type in every row; on PostgreSQL no two rows of one call hit the same key.
    ///
    /// It does not wait for the database: what that reports, the next statement reports, or the
    /// commit. Rows that wait are in memory, so the caller's batch is their limit.
    pub fn insert(&mut self, head: &'static str, rows: Vec<Vec<V>>, tail: &'static str) {
        if rows.is_empty() {
            return;
        }
        let before = std::mem::replace(&mut self.hold, Hold::Lost);
        self.hold = Hold::Away(tokio::spawn(async move {
            let (mut inner, mut done) = match before {
                Hold::Here(inner) => (inner, Ok(())),
                Hold::Away(task) => task.await.map_err(|cause| lost().because(cause))??,
                Hold::Lost => return Err(lost()),
            };
            if done.is_ok() {
                done = inner.insert(head, rows, tail).await;
            }
            Ok((inner, done))
        }));
    }

    /// Waits until everything that was to be inserted is.
    ///
    /// # Errors
    /// What the database reported meanwhile.
    pub async fn settle(&mut self) -> Result<()> {
        self.here().await.map(drop)
    }

    /// As [`Tx::insert`], with a `tail` that gives rows back.
    ///
    /// # Errors
    /// As [`Tx::insert`].
    pub async fn insert_all<T: Row>(
        &mut self,
        head: &'static str,
        rows: Vec<Vec<V>>,
        tail: &'static str,
    ) -> Result<Vec<T>> {
        let mut given = Vec::new();
        for statement in dialect::rows(self.dialect, head, rows, tail) {
            let (sql, values) = statement?;
            given.extend(self.all(AssertSqlSafe(sql), values).await?);
        }
        Ok(given)
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
        match self.out().await? {
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
        match self.out().await? {
            Inner::Sqlite(tx) => tx.rollback().await,
            Inner::Postgres(tx) => tx.rollback().await,
        }
        .map_err(dialect::error)
    }
}

fn lost() -> Error {
    Error::new(Code::Internal, "a transaction's connection was lost")
}

/// Numbers for `in list($n)`.
#[must_use]
pub fn list(numbers: impl IntoIterator<Item = i64>) -> V {
    V::L(List::I(numbers.into_iter().map(Some).collect()))
}

/// Texts for `in list($n)`.
#[must_use]
pub fn words<'a>(texts: impl IntoIterator<Item = &'a str>) -> V {
    V::L(List::T(texts.into_iter().map(|text| Some(text.to_owned())).collect()))
}

/// Bytes, such as blind indexes, for `in list($n)`.
#[must_use]
pub fn hashes(bytes: impl IntoIterator<Item = Vec<u8>>) -> V {
    V::L(List::X(bytes.into_iter().map(Some).collect()))
}
