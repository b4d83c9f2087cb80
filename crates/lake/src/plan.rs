//! The parts of plans that nouns build upon [`Lake::frame`](crate::Lake::frame) and in
//! [views](crate::View).

pub use datafusion::arrow::datatypes::DataType;
pub use datafusion::functions_aggregate::expr_fn::{count, first_value, max, min};
pub use datafusion::functions_window::expr_fn::lag;
pub use datafusion::logical_expr::{ExprFunctionExt, WindowFrame, when};
pub use datafusion::prelude::{DataFrame, Expr, cast, ident, lit};

use base::Result;
use datafusion::error::DataFusionError;
use datafusion::functions_aggregate::sum::sum_udaf;
use datafusion::logical_expr::expr::WindowFunction;

use crate::error::Context;

/// A plan, or why it cannot be one.
///
/// # Errors
/// What the engine reports of the plan.
pub fn planned(plan: Result<DataFrame, DataFusionError>) -> Result<DataFrame> {
    plan.context("a table cannot be planned")
}

/// A sum over the rows of a window, which is still to be said.
#[must_use]
pub fn sum_over(values: Expr) -> Expr {
    Expr::from(WindowFunction::new(sum_udaf(), vec![values]))
}

/// What the engine says of a plan.
pub type Planned<T> = Result<T, DataFusionError>;
