//! Suites that cross crates: the store and the import on both databases, real data with its known
//! answers, crashes, and the program from outside.

mod crash;
mod known;
mod outside;
mod program;
mod replay;
mod store;
mod undo;
