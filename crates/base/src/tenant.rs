//! Who asks, and in whose shop.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A shop's number within the installation. Every tenant table's key starts with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ShopId(pub i64);

impl fmt::Display for ShopId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Who acts: recorded with every decision that can be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The program itself: a loop, a job, a fold.
    System,
    /// A person at the command line of the machine that holds the data.
    Operator,
    /// A signed-in person, by user id.
    User(String),
    /// A program with an API key, by key id.
    Key(String),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Operator => f.write_str("operator"),
            Self::User(id) | Self::Key(id) => f.write_str(id),
        }
    }
}
