//! Segments that every shop can begin with.

use std::sync::LazyLock;

use base::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A segment to begin with.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// What programs call it.
    pub code: String,
    /// Its name.
    pub name: Both,
    /// Who is in it, in a sentence.
    pub why: Both,
    /// Its conditions.
    pub expr: Value,
}

/// A text in both languages.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Both {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

static ALL: LazyLock<serde_json::Result<Vec<Ready>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("ready.json")));

/// All of them.
///
/// # Errors
/// None that a test would not have found.
pub fn all() -> Result<&'static [Ready]> {
    let unread = |_| Error::new(base::Code::Internal, "the ready segments cannot be read");
    ALL.as_ref().map(Vec::as_slice).map_err(unread)
}
