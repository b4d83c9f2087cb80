//! 感知 perceive: from what a shop's systems say to customers it knows.

pub mod clean;
pub mod import;
pub mod record;
