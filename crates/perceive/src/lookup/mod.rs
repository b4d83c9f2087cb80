//! What several rooms look up alike.

mod sql;

pub(crate) use sql::hashes;
