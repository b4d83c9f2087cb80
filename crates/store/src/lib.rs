//! The transactional store: one SQL text over SQLite or PostgreSQL, the log that everything
//! stands on, and what a single writer needs to be durable.
//!
//! Invariants:
//! - A connection is reached only through [`Cx::read`] and [`Cx::write`], which carry the shop;
//!   what belongs to no single shop (log, cursors, jobs, timers, shops) goes through [`sys`].
//! - A write is durable when [`Tx::commit`] returns: SQLite runs in WAL mode with
//!   `synchronous=FULL`, PostgreSQL with its default `synchronous_commit=on`.
//! - Nothing personal is stored in the clear; see [`key`].

pub mod audit;
pub mod backup;
pub mod counter;
mod cx;
mod db;
pub mod dialect;
pub mod idempotency;
pub mod job;
pub mod key;
pub mod lock;
pub mod log;
mod memo;
mod migrate;
pub mod setting;
pub mod shop;
pub mod socket;
pub mod sys;
pub mod timer;
mod tx;

pub use cx::Cx;
pub use db::{Db, Place};
pub use key::{KeyRing, MasterKey};
pub use memo::Remembered;
pub use migrate::{MIGRATIONS, migrate};
pub use tx::{List, Row, Tx, V, hashes, list, words};
