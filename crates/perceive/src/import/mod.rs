//! Import: from files that people have to records.

pub mod mapping;
pub mod read;
pub mod suggest;
