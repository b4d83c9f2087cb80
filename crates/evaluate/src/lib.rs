//! 评估 evaluate: what worked.
//!
//! [`kpi`] works the figures of a period out of a shop's orders, [`sold`] those of a product, and
//! [`todo`] finds what can be done now.

pub mod kpi;
pub mod sold;
pub mod todo;
