//! The lake as others use it: a folder, rows, questions.

mod appending;
mod asking;
mod keeping;
mod support;
