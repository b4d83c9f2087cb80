//! One shop's rows of a table as the query engine reads them: the files of a pinned snapshot as
//! plain Parquet scans, and the tail that is not in the lake yet.
//!
//! The plan consists of stock operators only, so any engine that knows those can run it. No row
//! of another shop leaves it, and no expression of a query is ever evaluated on one: the filter
//! by shop stands directly on the scan, behind a barrier that the optimiser takes away only after
//! it has pushed filters down.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use base::ShopId;
use datafusion::catalog::Session;
use datafusion::common::stats::Precision;
use datafusion::common::{DFSchema, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::memory::{DataSourceExec, MemorySourceConfig};
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::{TableProvider, TableType};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, Operator, TableProviderFilterPushDown};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{BinaryExpr, Column, lit};
use datafusion::physical_optimizer::output_requirements::OutputRequirementExec;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::filter::FilterExecBuilder;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{Distribution, ExecutionPlan};
use object_store::ObjectMeta;

use crate::delta::DataFile;
use crate::table::{Table, bucket};
use crate::write;

/// The column that says whose a row is.
const SHOP: &str = "shop_id";

/// A table's rows of one shop, at one version.
#[derive(Debug)]
pub struct LakeTable {
    shop: ShopId,
    schema: SchemaRef,
    files: Vec<DataFile>,
    tail: Vec<RecordBatch>,
    /// Whether few of its rows are asked for: the other columns are then read only where the
    /// condition holds.
    few: bool,
}

impl LakeTable {
    /// The shop's rows of `table` in `files`, followed by `tail`.
    pub(crate) fn new(
        table: &Table,
        shop: ShopId,
        files: &[DataFile],
        tail: Vec<RecordBatch>,
    ) -> Self {
        let files = files.iter().filter(|file| may_hold(file, shop)).cloned().collect();
        Self { shop, schema: table.query_schema(), files, tail, few: false }
    }

    /// The same, to be asked for few of its rows.
    pub(crate) fn few(self) -> Self {
        Self { few: true, ..self }
    }

    /// A scan of the files with only the shop's rows.
    fn scan_files(
        &self,
        state: &dyn Session,
        wanted: &[usize],
        filters: &[Expr],
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let shop_column = self.schema.index_of(SHOP)?;
        let mut read = wanted.to_vec();
        let shop = read.iter().position(|column| *column == shop_column);
        let shop = shop.unwrap_or_else(|| {
            read.push(shop_column);
            read.len() - 1
        });
        let runtime = state.runtime_env();
        let place = ObjectStoreUrl::local_filesystem();
        let footers = runtime.cache_manager.get_file_metadata_cache();
        let reader = CachedParquetFileReaderFactory::new(runtime.object_store(&place)?, footers);
        let mut source = ParquetSource::new(Arc::clone(&self.schema))
            .with_pushdown_filters(self.few)
            .with_parquet_file_reader_factory(Arc::new(reader));
        if let Some(filter) = conjunction(filters.iter().cloned()) {
            // For skipping row groups only; the engine evaluates the filter again above.
            let schema = DFSchema::try_from(self.schema.as_ref().clone())?;
            if let Ok(predicate) = state.create_physical_expr(filter, &schema) {
                source = source.with_predicate(predicate);
            }
        }
        let rows: usize = self.files.iter().map(|file| file.rows).sum();
        let mut statistics = Statistics::new_unknown(&self.schema);
        statistics.num_rows = Precision::Inexact(rows);
        let config = FileScanConfigBuilder::new(place, Arc::new(source))
            .with_file_groups(self.groups(state.config().target_partitions())?)
            .with_projection_indices(Some(read))?
            .with_statistics(statistics)
            .build();
        let scan = DataSourceExec::from_data_source(config);
        let shop: Arc<dyn PhysicalExpr> = Arc::new(Column::new(SHOP, shop));
        let own = Arc::new(BinaryExpr::new(shop, Operator::Eq, lit(self.shop.0)));
        let filter = FilterExecBuilder::new(own, scan)
            .apply_projection(Some((0..wanted.len()).collect()))?
            .build()?;
        let barrier = OutputRequirementExec::new(
            Arc::new(filter),
            None,
            Distribution::UnspecifiedDistribution,
            None,
        );
        Ok(Arc::new(barrier))
    }

    /// The files in as many groups as there are threads, the largest first.
    fn groups(&self, threads: usize) -> Result<Vec<FileGroup>> {
        let mut files: Vec<&DataFile> = self.files.iter().collect();
        files.sort_by_key(|file| std::cmp::Reverse(file.size));
        let mut groups: Vec<(u64, Vec<PartitionedFile>)> = vec![(0, Vec::new()); threads.max(1)];
        for file in files {
            let location =
                file.location().map_err(|error| DataFusionError::External(Box::new(error)))?;
            let modified = chrono::DateTime::from_timestamp_millis(file.modified);
            let meta = ObjectMeta {
                location,
                last_modified: modified.unwrap_or_default(),
                size: file.size,
                e_tag: None,
                version: None,
            };
            if let Some((bytes, group)) = groups.iter_mut().min_by_key(|(bytes, _)| *bytes) {
                *bytes += file.size;
                group.push(PartitionedFile::new_from_meta(meta));
            }
        }
        groups.retain(|(_, files)| !files.is_empty());
        Ok(groups.into_iter().map(|(_, files)| FileGroup::new(files)).collect())
    }
}

#[async_trait]
impl TableProvider for LakeTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all = || (0..self.schema.fields().len()).collect();
        let wanted = projection.cloned().unwrap_or_else(all);
        let mut inputs: Vec<Arc<dyn ExecutionPlan>> = Vec::new();
        if !self.files.is_empty() {
            inputs.push(self.scan_files(state, &wanted, filters)?);
        }
        if !self.tail.is_empty() {
            let schema = Arc::clone(&self.schema);
            let tail = std::slice::from_ref(&self.tail);
            inputs.push(MemorySourceConfig::try_new_exec(tail, schema, Some(wanted.clone()))?);
        }
        if inputs.len() > 1 {
            return UnionExec::try_new(inputs);
        }
        if let Some(only) = inputs.pop() {
            return Ok(only);
        }
        Ok(Arc::new(EmptyExec::new(Arc::new(self.schema.project(&wanted)?))))
    }
}

/// Whether a file can hold rows of the shop.
pub(crate) fn may_hold(file: &DataFile, shop: ShopId) -> bool {
    file.bucket == bucket(shop)
        && file.shops.is_none_or(|(least, largest)| (least..=largest).contains(&shop.0))
}

/// The shop's rows of a batch, in the given schema.
pub(crate) fn own_rows(
    table: &Table,
    shop: ShopId,
    batch: &RecordBatch,
    schema: &SchemaRef,
) -> base::Result<RecordBatch> {
    use arrow::array::{AsArray, BooleanArray};
    use arrow::datatypes::Int64Type;

    let batch = table.conform(batch)?;
    let shops = batch.column_by_name(SHOP).and_then(|a| a.as_primitive_opt::<Int64Type>());
    let shops = shops.map(|shops| shops.values().as_ref()).unwrap_or_default();
    let own = if shops.iter().all(|other| *other == shop.0) {
        batch
    } else {
        let mask: BooleanArray = shops.iter().map(|other| Some(*other == shop.0)).collect();
        use crate::error::Context;
        arrow::compute::filter_record_batch(&batch, &mask).context("the tail cannot be read")?
    };
    write::as_schema(&own, schema)
}
