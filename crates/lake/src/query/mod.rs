//! SQL over one shop: its order lines and events, and the tables that others offer.
//!
//! A query reads and does nothing else, sees no row of another shop, and ends: its text, plan,
//! time, memory, files and rows are limited.

mod answer;
mod check;
mod person;

use std::sync::Arc;
use std::time::Duration;

use base::{Code, Error, Result, ShopId};
use datafusion::execution::cache::cache_manager::CacheManagerConfig;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::prelude::{SQLOptions, SessionConfig, SessionContext};
use datafusion::sql::parser::Statement;
use futures::StreamExt;
use tokio::runtime::{Handle, Runtime};
use tokio::task::JoinHandle;

pub use answer::Answer;
pub use check::{OPERATORS_MAX, SQL_BYTES_MAX, SQL_DEPTH_MAX, TABLES_READ_MAX};
pub use person::too_much_memory;

use crate::Lake;
use crate::columns::{Column, Columns, Text};
use crate::error::Context;
use crate::fresh::Moment;
use crate::plan::{DataFrame, Planned};
use crate::source::{SourceTable, TableSource};
use crate::table::{Kind, TABLES, Table};
use check::Asked;

/// Bytes that one query may write to disk when it does not fit into memory.
pub const SPILL_BYTES_MAX: u64 = 4 << 30;
/// Bytes of Parquet footers that are remembered for the next queries.
pub(crate) const FOOTER_BYTES_MAX: usize = 16 << 20;
/// Threads of one query that wait for files.
const READERS_MAX: usize = 16;
/// Functions that make large values out of small ones; memory limits do not see them.
const LEFT_OUT: [&str; 12] = [
    "repeat",
    "lpad",
    "rpad",
    "array_repeat",
    "list_repeat",
    "array_resize",
    "list_resize",
    "range",
    "generate_series",
    "gen_series",
    "version",
    "arrow_metadata",
];

/// Stack of a query's thread: plans of long queries recurse deeply.
const STACK_BYTES: usize = 16 << 20;

/// How much a query may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Rows of the answer.
    pub rows: usize,
    /// Seconds until it is stopped.
    pub seconds: u64,
    /// Bytes of memory for the query, and again for its answer.
    pub memory_bytes: usize,
}

/// A question in SQL.
pub struct Query<'a> {
    /// Whose rows it sees.
    pub shop: ShopId,
    /// Its text.
    pub sql: &'a str,
    /// How much it may take.
    pub limits: Limits,
    /// Tables beside the lake's own, already of this shop.
    pub sources: Vec<Arc<dyn TableSource>>,
    /// Tables that are worked out of the lake's own.
    pub views: &'a [View],
    /// What is newer than the lake's files.
    pub moment: Moment,
}

/// A table that is worked out of one of the lake's as a query asks for it.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in their order.
    pub fields: &'static [(&'static str, Kind)],
    /// The table that it is worked out of, as queries see that.
    pub of: &'static Table,
    /// How.
    pub plan: fn(DataFrame) -> Planned<DataFrame>,
}

impl Lake {
    /// Answers a question in SQL.
    ///
    /// # Errors
    /// [`Code::BadInput`] and [`Code::Forbidden`] for a text that is no query, with what is wrong
    /// in one line; [`Code::Timeout`] and [`Code::TooLarge`] when a limit is reached; one that
    /// [`is_stale`](crate::is_stale) when the query's moment is too old.
    pub async fn query(&self, query: Query<'_>) -> Result<Answer> {
        let statement = match check::read(query.sql)? {
            Asked::Query(statement) => statement,
            Asked::Tables => return list_tables(&query),
            Asked::Columns(table) => return list_columns(&query, &table),
        };
        let limits = Limits {
            memory_bytes: query.limits.memory_bytes.min(self.options().memory_bytes),
            ..query.limits
        };
        let context = self.session(limits.memory_bytes)?;
        let tables = table_names(&query);
        let Query { shop, sources, views, moment, .. } = query;
        for (table, fresh) in moment.tables() {
            let rows = self.scoped(&context, shop, table, fresh).await?;
            for view in views.iter().filter(|view| view.of.name == table.name) {
                let plan = (view.plan)(rows.clone()).context("a table cannot be planned")?;
                let offered = context.register_table(view.name, plan.into_view());
                offered.context("a table cannot be offered")?;
            }
            let offered = context.register_table(table.name, rows.into_view());
            offered.context("a table cannot be offered")?;
        }
        for source in sources {
            let name = source.name().to_owned();
            let table = Arc::new(SourceTable::new(source, Handle::current()));
            context.register_table(name, table).context("a table cannot be offered")?;
        }
        // Threads of its own, so that the time limit holds and others are served even while a
        // step of the engine does not yield.
        let engine = Engine::start(self.options().threads)?;
        let task = engine.run(run(context, statement, limits, tables))?;
        match tokio::time::timeout(Duration::from_secs(limits.seconds), task).await {
            Ok(done) => done.context("the query died")?,
            Err(_) => {
                let message = format!("the query took longer than {} s", limits.seconds);
                Err(Error::new(Code::Timeout, message)
                    .hint("ask for a shorter time, or aggregate before you join"))
            }
        }
    }

    /// Files never change, so their footers are remembered for all.
    fn caches(&self) -> CacheManagerConfig {
        CacheManagerConfig::default()
            .with_file_metadata_cache(Some(Arc::clone(&self.0.footers.0)))
            .with_metadata_cache_limit(FOOTER_BYTES_MAX)
            .with_list_files_cache_limit(0)
    }

    /// A session without any table.
    pub(crate) fn session(&self, memory_bytes: usize) -> Result<SessionContext> {
        let scratch = self.options().scratch.clone();
        // The engine looks whether it is there before it makes it: two first queries would collide.
        std::fs::create_dir_all(&scratch).context("the folder for spilled rows cannot be made")?;
        let disk = DiskManagerBuilder::default()
            .with_mode(DiskManagerMode::Directories(vec![scratch]))
            .with_max_temp_directory_size(SPILL_BYTES_MAX);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(memory_bytes)))
            .with_disk_manager_builder(disk)
            .with_cache_manager(self.caches())
            .build_arc()
            .context("the query engine cannot be started")?;
        let config = SessionConfig::new()
            .with_target_partitions(self.options().threads.max(1))
            .with_information_schema(false);
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(runtime)
            .with_default_features()
            .build();
        let context = SessionContext::new_with_state(state);
        for function in LEFT_OUT {
            context.deregister_udf(function);
        }
        Ok(context)
    }
}

/// The threads of one query. When it is dropped its tasks are cancelled, without waiting.
struct Engine(Option<Runtime>);

impl Engine {
    fn start(threads: usize) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            .max_blocking_threads(READERS_MAX)
            .thread_name("lake-query")
            .thread_stack_size(STACK_BYTES)
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    fn run(
        &self,
        work: impl Future<Output = Result<Answer>> + Send + 'static,
    ) -> Result<JoinHandle<Result<Answer>>> {
        let runtime = self.0.as_ref().map(|runtime| runtime.spawn(work));
        runtime.ok_or_else(|| Error::new(Code::Internal, "the query engine is not running"))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

async fn run(
    context: SessionContext,
    statement: Statement,
    limits: Limits,
    tables: Vec<String>,
) -> Result<Answer> {
    let explain = |cause| person::explain(cause, &tables, limits.memory_bytes);
    let plan = context.state().statement_to_plan(statement).await.map_err(explain)?;
    let only_reads =
        SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    only_reads.verify_plan(&plan).map_err(|cause| check::refused().because(cause))?;
    let frame = context.execute_logical_plan(plan).await.map_err(explain)?;
    let mut stream = frame.execute_stream().await.map_err(explain)?;
    let mut answer = Answer::new(stream.schema());
    while let Some(batch) = stream.next().await {
        answer.push(batch.map_err(explain)?);
        if answer.rows() > limits.rows {
            let message = format!("the answer has more than {} rows", limits.rows);
            return Err(Error::new(Code::TooLarge, message).hint("add a limit, or aggregate"));
        }
        if answer.memory_bytes() > limits.memory_bytes {
            return Err(person::too_much_memory(limits.memory_bytes));
        }
    }
    Ok(answer)
}

fn table_names(query: &Query<'_>) -> Vec<String> {
    let own = TABLES.iter().map(|table| table.name);
    let views = query.views.iter().map(|view| view.name);
    let others = query.sources.iter().map(|source| source.name());
    let mut names: Vec<String> = own.chain(views).chain(others).map(str::to_owned).collect();
    names.sort_unstable();
    names
}

fn list_tables(query: &Query<'_>) -> Result<Answer> {
    let names = table_names(query);
    let names: Text = names.iter().map(|name| Some(name.as_str())).collect();
    Answer::of(Columns::new().with("table_name", Column::Text(names))?)
}

fn list_columns(query: &Query<'_>, table: &str) -> Result<Answer> {
    let own = TABLES.iter().find(|known| known.name == table);
    let view = query.views.iter().find(|view| view.name == table);
    let source = query.sources.iter().find(|source| source.name() == table);
    let fields: Vec<(String, Kind)> = match (own, view, source) {
        (Some(own), ..) => own.shown().map(|(name, kind)| (name.to_owned(), kind)).collect(),
        (_, Some(view), _) => {
            view.fields.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect()
        }
        (.., Some(source)) => {
            source.fields().into_iter().map(|field| (field.name, field.kind)).collect()
        }
        (None, None, None) => return Err(person::no_table(table, &table_names(query))),
    };
    let columns: Vec<(String, &str)> =
        fields.into_iter().map(|(name, kind)| (name, kind.name())).collect();
    let names: Text = columns.iter().map(|(name, _)| Some(name.as_str())).collect();
    let kinds: Text = columns.iter().map(|(_, kind)| Some(*kind)).collect();
    Answer::of(
        Columns::new()
            .with("column_name", Column::Text(names))?
            .with("data_type", Column::Text(kinds))?,
    )
}
