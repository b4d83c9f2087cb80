//! Bringing a database to this program's shape.

use base::{Code, Error, Result};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use crate::Db;
use crate::dialect::ddl;

/// Every migration in order: its name and its text, one for both databases.
pub const MIGRATIONS: &[(&str, &str)] = &[
    ("store", include_str!("../../../migrations/0001_store.sql")),
    ("perceive", include_str!("../../../migrations/0002_perceive.sql")),
    ("stratify", include_str!("../../../migrations/0003_stratify.sql")),
];

/// Runs the migrations that this database has not seen; running it again does nothing.
///
/// # Errors
/// `unsupported` when a newer program has written this database, otherwise what the database
/// reports; each migration happens whole or not at all.
pub async fn migrate(db: &Db) -> Result<()> {
    let dialect = db.dialect();
    let list = MIGRATIONS.iter().zip(1_i64..).map(|((name, sql), version)| {
        let text = AssertSqlSafe(ddl(dialect, sql)).into_sql_str();
        Migration::new(version, (*name).into(), MigrationType::Simple, text, false)
    });
    let migrator = Migrator::with_migrations(list.collect());
    let done = match db {
        Db::Sqlite { writer, .. } => migrator.run(writer).await,
        Db::Postgres(pool) => migrator.run(pool).await,
    };
    done.map_err(|cause| match cause {
        sqlx::migrate::MigrateError::VersionMissing(version) => Error::new(
            Code::Unsupported,
            format!("this data was written by a newer Shuke (its migration {version} is unknown)"),
        )
        .hint("use that version or a newer one"),
        sqlx::migrate::MigrateError::Execute(inner) => crate::dialect::error(inner),
        other => Error::internal("the database could not be brought up to date", other),
    })
}
