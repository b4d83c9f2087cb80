//! 评估 evaluate: what worked.
//!
//! [`sales`] holds a shop's orders in memory; [`kpi`] works the figures of a period out of them,
//! [`sold`] those of a product, and [`todo`] finds what can be done now.

pub mod kpi;
pub mod sales;
pub mod sold;
pub mod todo;
