//! Cleaning: what a cell of any export means, as pure functions.
//!
//! Nothing here guesses: a text that can be read in two ways is a [`Reason`], unless the mapping
//! says which way it is. Reasons are sentences without the value, which may be personal.

pub mod email;
pub mod mask;
pub mod memo;
pub mod number;
pub mod phone;
pub mod region;
pub mod text;
pub mod when;
pub mod word;

use std::borrow::Cow;

/// Why a value cannot be read, for a person; it never holds the value itself.
pub type Reason = Cow<'static, str>;

#[cfg(test)]
mod tests;
