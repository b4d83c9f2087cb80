//! 分层 stratify: from known customers to strata that a shop can act on.
//!
//! [`mirror`] holds a shop's customers as columns in memory; [`rfm`] tells by recency, frequency
//! and money who they are to the shop.

pub mod mirror;
pub mod rfm;
