//! SQL tables that others bring: customers and products from the store or the mirror.

use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use base::Result;
use datafusion::catalog::Session;
use datafusion::datasource::{TableProvider, TableType};
use datafusion::error::{DataFusionError, Result as EngineResult};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::columns::Columns;
use crate::error::Context;
use crate::table::Kind;

/// Batches that a source reads ahead of the query.
const BATCHES_AHEAD: usize = 2;

/// A column that a source offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceField {
    /// Its name in SQL.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether values may be missing.
    pub nullable: bool,
}

/// Rows from a source: plain, or as the mirror holds them.
#[derive(Debug)]
pub enum Rows {
    /// Plain columns.
    Plain(Columns),
    /// An Arrow batch.
    Arrow(RecordBatch),
}

impl From<Columns> for Rows {
    fn from(columns: Columns) -> Self {
        Self::Plain(columns)
    }
}

impl From<RecordBatch> for Rows {
    fn from(batch: RecordBatch) -> Self {
        Self::Arrow(batch)
    }
}

impl Rows {
    fn into_batch(self) -> Result<RecordBatch> {
        match self {
            Self::Plain(columns) => columns.into_batch(),
            Self::Arrow(batch) => Ok(batch),
        }
    }
}

/// A table that a query can read beside the lake's own. It already is of one shop.
pub trait TableSource: Send + Sync {
    /// Its name in SQL.
    fn name(&self) -> &str;

    /// Its columns.
    fn fields(&self) -> Vec<SourceField>;

    /// Reads the columns of these places, in this order; `limit` says how many rows suffice.
    fn read(&self, projection: &[usize], limit: Option<usize>) -> BoxStream<'static, Result<Rows>>;
}

/// A source as the query engine sees it.
pub(crate) struct SourceTable {
    source: Arc<dyn TableSource>,
    schema: SchemaRef,
    /// Where the source is read. A query runs elsewhere, and a source's connections belong to
    /// the one who offers it.
    home: Handle,
}

impl SourceTable {
    pub(crate) fn new(source: Arc<dyn TableSource>, home: Handle) -> Self {
        let field = |field: SourceField| {
            let kind = match field.kind {
                Kind::Text => DataType::Utf8View,
                kind => kind.arrow(),
            };
            Field::new(field.name, kind, field.nullable)
        };
        let fields: Vec<Field> = source.fields().into_iter().map(field).collect();
        Self { source, schema: Arc::new(Schema::new(fields)), home }
    }
}

impl fmt::Debug for SourceTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceTable({})", self.source.name())
    }
}

#[async_trait]
impl TableProvider for SourceTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> EngineResult<Arc<dyn ExecutionPlan>> {
        let all = || (0..self.schema.fields().len()).collect();
        let projection: Vec<usize> = projection.cloned().unwrap_or_else(all);
        let schema = Arc::new(self.schema.project(&projection)?);
        let part = Part {
            source: Arc::clone(&self.source),
            schema: Arc::clone(&schema),
            projection,
            limit,
            home: self.home.clone(),
        };
        let parts: Vec<Arc<dyn PartitionStream>> = vec![Arc::new(part)];
        Ok(Arc::new(StreamingTableExec::try_new(schema, parts, None, [], false, limit)?))
    }
}

struct Part {
    source: Arc<dyn TableSource>,
    schema: SchemaRef,
    projection: Vec<usize>,
    limit: Option<usize>,
    home: Handle,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Part({})", self.source.name())
    }
}

impl PartitionStream for Part {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (schema, source) = (Arc::clone(&self.schema), Arc::clone(&self.source));
        let (limit, mut wanted) = (self.limit, self.projection.clone());
        if wanted.is_empty() {
            // Plain columns know how many rows there are only by a column.
            wanted.push(0);
        }
        let (sender, mut receiver) = mpsc::channel(BATCHES_AHEAD);
        self.home.spawn(async move {
            let mut rows = source.read(&wanted, limit);
            while let Some(rows) = rows.next().await {
                let batch = rows.and_then(|rows| conform(&rows.into_batch()?, &schema));
                if sender.send(batch).await.is_err() {
                    break;
                }
            }
        });
        let rows = futures::stream::poll_fn(move |context| receiver.poll_recv(context))
            .map(|batch| batch.map_err(|error| DataFusionError::External(Box::new(error))));
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), rows))
    }
}

/// The batch with the types that the source promised.
fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let array = |(field, array): (&Arc<Field>, &ArrayRef)| {
        if field.data_type() == array.data_type() {
            return Ok(Arc::clone(array));
        }
        arrow::compute::cast(array, field.data_type()).context("a column cannot be read")
    };
    if batch.num_columns() < schema.fields().len() {
        return Err(base::Error::damaged("a table gave other columns than were asked for"));
    }
    let arrays: Result<Vec<ArrayRef>> =
        schema.fields().iter().zip(batch.columns()).map(array).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), arrays?, &options)
        .context("a table gave other columns than it promised")
}
