//! The SQL table `customers`, from the mirror.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, RecordBatch, RecordBatchOptions, StringArray,
};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Schema};
use base::{Error, Result};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use lake::{Kind, Rows, SourceField, TableSource};

use super::column::{self, schema};
use super::{BLOCK_ROWS, Mirror};
use crate::rfm::rule::Scored;

/// Columns that RFM adds.
const RFM: [&str; 4] = ["r", "f", "m", "stratum"];

/// A shop's customers as SQL sees them, with the scores of one moment.
pub struct Customers {
    mirror: Mirror,
    /// Scores by place; empty places have none.
    scores: Arc<Vec<Option<Scored>>>,
}

impl Customers {
    /// The customers of `mirror`; `scores` by place, that is by number less one.
    #[must_use]
    pub fn new(mirror: Mirror, scores: Vec<Option<Scored>>) -> Self {
        Self { mirror, scores: Arc::new(scores) }
    }

    /// The columns that SQL sees: those of the mirror, then those of RFM.
    fn shown() -> Vec<(Option<usize>, String, Kind)> {
        let schema = schema();
        let own =
            schema.fields().iter().enumerate().filter(|(_, field)| column::is_shown(field.name()));
        let own = own.map(|(place, field)| {
            let kind = match field.data_type() {
                DataType::Timestamp(..) => Kind::Time,
                DataType::Utf8 | DataType::Dictionary(..) => Kind::Text,
                DataType::Boolean => Kind::Bool,
                _ => Kind::I64,
            };
            (Some(place), field.name().clone(), kind)
        });
        let rfm = RFM.iter().map(|name| {
            let kind = if *name == "stratum" { Kind::Text } else { Kind::I64 };
            (None, (*name).to_owned(), kind)
        });
        own.chain(rfm).collect()
    }
}

impl TableSource for Customers {
    fn name(&self) -> &'static str {
        "customers"
    }

    fn fields(&self) -> Vec<SourceField> {
        let field = |(_, name, kind)| SourceField { name, kind, nullable: true };
        Self::shown().into_iter().map(field).collect()
    }

    fn read(&self, projection: &[usize], _: Option<usize>) -> BoxStream<'static, Result<Rows>> {
        let shown = Self::shown();
        let wanted: Vec<(Option<usize>, String)> = projection
            .iter()
            .filter_map(|place| shown.get(*place))
            .map(|(place, name, _)| (*place, name.clone()))
            .collect();
        let blocks = self.mirror.blocks().to_vec();
        let scores = Arc::clone(&self.scores);
        let rows = blocks.into_iter().enumerate().map(move |(index, block)| {
            let first = index * BLOCK_ROWS;
            read_block(&block, &wanted, scores.get(first..).unwrap_or_default()).map(Rows::Arrow)
        });
        stream::iter(rows).boxed()
    }
}

fn read_block(
    block: &RecordBatch,
    wanted: &[(Option<usize>, String)],
    scores: &[Option<Scored>],
) -> Result<RecordBatch> {
    let failed = |cause| Error::internal("customers cannot be read", cause);
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(wanted.len());
    let mut fields = Vec::with_capacity(wanted.len());
    for (place, name) in wanted {
        let column = match place.and_then(|place| block.columns().get(place)) {
            Some(column) => Arc::clone(column),
            None => scored(name, block.num_rows(), scores),
        };
        fields.push(Field::new(name, column.data_type().clone(), true));
        columns.push(column);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(block.num_rows()));
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new_with_options(schema, columns, &options).map_err(failed)?;
    let known = column::place("known").and_then(|place| block.columns().get(place));
    match known {
        Some(known) => filter_record_batch(&batch, known.as_boolean()).map_err(failed),
        None => Ok(batch),
    }
}

fn scored(name: &str, rows: usize, scores: &[Option<Scored>]) -> ArrayRef {
    let of = |row: usize| scores.get(row).copied().flatten();
    let number = |index: usize| -> ArrayRef {
        let values =
            (0..rows).map(|row| of(row).and_then(|s| s.scores.get(index).copied()).map(i64::from));
        Arc::new(values.collect::<Int64Array>())
    };
    match name {
        "r" => number(0),
        "f" => number(1),
        "m" => number(2),
        _ => {
            let texts = (0..rows).map(|row| of(row).map(|scored| scored.stratum.names().0));
            Arc::new(texts.collect::<StringArray>())
        }
    }
}
