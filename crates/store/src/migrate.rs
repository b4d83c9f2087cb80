//! Bringing a database to this program's shape.

use base::{Code, Error, Result};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlitePool};

use crate::Db;
use crate::db::Pools;
use crate::dialect::ddl;

/// Every migration in order: its name and its text, one for both databases.
pub const MIGRATIONS: &[(&str, &str)] = &[
    ("store", include_str!("../../../migrations/0001_store.sql")),
    ("perceive", include_str!("../../../migrations/0002_perceive.sql")),
    ("stratify", include_str!("../../../migrations/0003_stratify.sql")),
    ("collect", include_str!("../../../migrations/0004_collect.sql")),
    ("cart", include_str!("../../../migrations/0005_cart.sql")),
    ("secret", include_str!("../../../migrations/0006_secret.sql")),
    ("visit", include_str!("../../../migrations/0007_visit_run.sql")),
    ("labelled", include_str!("../../../migrations/0008_labelled.sql")),
    ("console", include_str!("../../../migrations/0009_console.sql")),
    ("jobs", include_str!("../../../migrations/0010_jobs.sql")),
    ("erasure", include_str!("../../../migrations/0011_erasure.sql")),
    ("oidc", include_str!("../../../migrations/0012_oidc.sql")),
    ("segment", include_str!("../../../migrations/0013_segment.sql")),
    ("private", include_str!("../../../migrations/0014_private.sql")),
    ("tag", include_str!("../../../migrations/0015_tag.sql")),
    ("relation", include_str!("../../../migrations/0016_relation.sql")),
    ("roster", include_str!("../../../migrations/0017_roster.sql")),
    ("ledger", include_str!("../../../migrations/0018_ledger.sql")),
    ("earn", include_str!("../../../migrations/0019_earn.sql")),
    ("tier_plan", include_str!("../../../migrations/0020_tier_plan.sql")),
    ("coupon", include_str!("../../../migrations/0021_coupon.sql")),
    ("promotion", include_str!("../../../migrations/0022_promotion.sql")),
    ("exchange", include_str!("../../../migrations/0023_exchange.sql")),
];

/// The same for SQLite's file of what collectors received.
const INTAKE: &[(&str, &str)] = &[("log", include_str!("../../../migrations/intake/0001_log.sql"))];

/// Runs the migrations that this database has not seen; running it again does nothing.
///
/// # Errors
/// `unsupported` when a newer program has written this database, otherwise what the database
/// reports; each migration happens whole or not at all.
pub async fn migrate(db: &Db) -> Result<()> {
    let own = migrator(db, MIGRATIONS);
    let done = match &db.pools {
        Pools::Sqlite { state, intake } => match own.run(&state.writer).await {
            Ok(()) => migrator(db, INTAKE).run(&intake.writer).await,
            refused => refused,
        },
        Pools::Postgres(pool) => own.run(pool).await,
    };
    done.map_err(|cause| match cause {
        sqlx::migrate::MigrateError::VersionMissing(version) => Error::new(
            Code::Unsupported,
            format!("this data was written by a newer Shuke (its migration {version} is unknown)"),
        )
        .hint("use that version or a newer one"),
        sqlx::migrate::MigrateError::Execute(inner) => crate::dialect::error(inner),
        other => Error::internal("the database could not be brought up to date", other),
    })?;
    match &db.pools {
        Pools::Sqlite { state, .. } => {
            statistics(&state.writer).await.map_err(crate::dialect::error)
        }
        Pools::Postgres(_) => Ok(()),
    }
}

fn migrator(db: &Db, list: &[(&'static str, &str)]) -> Migrator {
    let list = list.iter().zip(1_i64..).map(|((name, sql), version)| {
        let text = AssertSqlSafe(ddl(db.dialect(), sql)).into_sql_str();
        Migration::new(version, (*name).into(), MigrationType::Simple, text, false)
    });
    Migrator::with_migrations(list.collect())
}

/// Indexes that start with the shop and of which SQLite's planner knows nothing yet.
const UNKNOWN: &str = "from sqlite_schema as own, pragma_index_list(own.name) as known
    where own.type = 'table' and known.partial = 0
        and (select name from pragma_index_info(known.name) where seqno = 0) = 'shop_id'
        and (select max(seqno) from pragma_index_info(known.name)) > 0
        and not exists (select 1 from sqlite_stat1 where idx = known.name)";

/// Tells SQLite's planner that a shop has many rows and an index's last column few for a value.
/// Without that it takes a shop for a handful of rows and reads all of them, where an index would
/// lead to the few that are wanted. What `analyze` finds in a young database would be no better.
async fn statistics(writer: &SqlitePool) -> sqlx::Result<()> {
    let mut connection = writer.acquire().await?;
    let made = "select count(*) from sqlite_schema where name = 'sqlite_stat1'";
    if sqlx::query_scalar::<_, i64>(made).fetch_one(&mut *connection).await? == 0 {
        // Makes the table that the planner reads; `cursor` is small.
        sqlx::raw_sql("analyze cursor").execute(&mut *connection).await?;
    }
    let unknown = format!("select count(*) {UNKNOWN}");
    let unknown = sqlx::query_scalar::<_, i64>(AssertSqlSafe(unknown));
    if unknown.fetch_one(&mut *connection).await? == 0 {
        return Ok(());
    }
    let tell = format!(
        "insert into sqlite_stat1 (tbl, idx, stat)
            select own.name, known.name, '1000000 1000000' || (
                    select group_concat(case when seqno < last then ' 100'
                        when known.\"unique\" then ' 1' else ' 10' end, '')
                    from pragma_index_info(known.name), (select max(seqno) as last
                        from pragma_index_info(known.name)) where seqno > 0)
            {UNKNOWN};
        analyze sqlite_schema"
    );
    sqlx::raw_sql(AssertSqlSafe(tell)).execute(&mut *connection).await?;
    Ok(())
}
