//! 评估 evaluate: what worked.
//!
//! [`sales`] holds a shop's orders in memory; [`kpi`] works the figures of a period out of them,
//! and [`todo`] finds what can be done now.

pub mod kpi;
pub mod sales;
pub mod todo;
