//! The lake as others use it: a folder, rows, questions.

mod appending;
mod asking;
mod events;
mod keeping;
mod pinning;
mod support;
