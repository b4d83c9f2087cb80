//! 促销活动: offers that hold for a time without a code.
//!
//! What they do is said in the words of [`crate::offer::terms`]; [`rule`] says which two of them
//! must not hold at once, where a shop does not leave it to the search which of them applies.
//! Nothing here reads a database or a clock.

pub mod rule;
#[cfg(test)]
mod tests;
