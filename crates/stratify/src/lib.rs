//! 分层 stratify: from known customers to strata that a shop can act on.
//!
//! [`mirror`] holds a shop's customers as columns in memory, [`sales`] its orders; [`rfm`] tells by
//! recency, frequency and money who they are to the shop. [`expr`] is how a shop says whom it
//! means.

pub mod audience;
pub mod carts;
pub mod expr;
pub mod gauge;
pub mod lifecycle;
pub mod mirror;
mod people;
pub mod phrase;
pub mod positioning;
pub mod preference;
pub mod rfm;
pub mod roster;
mod row;
pub mod sales;
pub mod segment;
pub mod tag;
