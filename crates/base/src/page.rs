//! Cursor pages.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Rows that a page holds when the caller names no number.
pub const PAGE_DEFAULT: u32 = 50;
/// Rows that a page holds at the most.
pub const PAGE_MAX: u32 = 500;

/// Which part of a list is wanted: `limit` rows (1 to [`PAGE_MAX`]) that come after a cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Rows at the most.
    pub limit: u32,
    /// The cursor that the page before ended with; none for the first page.
    pub after: Option<String>,
}

impl Default for Page {
    fn default() -> Self {
        Self { limit: PAGE_DEFAULT, after: None }
    }
}

impl Page {
    /// A checked page.
    ///
    /// # Errors
    /// `bad_input` with the limits when `limit` is 0 or above [`PAGE_MAX`].
    pub fn new(limit: Option<u32>, after: Option<String>) -> Result<Self> {
        let limit = limit.unwrap_or(PAGE_DEFAULT);
        if !(1..=PAGE_MAX).contains(&limit) {
            return Err(Error::bad(format!("must be 1 to {PAGE_MAX}")).field("limit"));
        }
        Ok(Self { limit, after })
    }
}
