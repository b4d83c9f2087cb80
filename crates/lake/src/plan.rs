//! The parts of plans that nouns build upon [`Lake::frame`](crate::Lake::frame) and in
//! [views](crate::View).

pub use datafusion::arrow::datatypes::DataType;
pub use datafusion::functions_aggregate::expr_fn::{count, first_value, max, min, sum};
pub use datafusion::functions_window::expr_fn::lag;
pub use datafusion::logical_expr::{ExprFunctionExt, WindowFrame, when};
pub use datafusion::prelude::{DataFrame, Expr, cast, ident, lit};

use base::Result;
use datafusion::error::DataFusionError;

use crate::error::Context;

/// A plan, or why it cannot be one.
///
/// # Errors
/// What the engine reports of the plan.
pub fn planned(plan: Result<DataFrame, DataFusionError>) -> Result<DataFrame> {
    plan.context("a table cannot be planned")
}

/// What the engine says of a plan.
pub type Planned<T> = Result<T, DataFusionError>;
