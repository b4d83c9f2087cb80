//! Suites that cross crates: the store and the import on both databases, real data with its known
//! answers, crashes, and the program from outside.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect fails there"
)]

mod access;
mod anonymous;
mod api;
mod booking;
mod carts;
mod checking;
mod clickstream;
mod clients;
mod collecting;
mod couponing;
mod crash;
mod deciding;
mod demo;
mod described;
mod door;
mod earning;
mod erasing;
mod exchanging;
mod foreign;
mod formats;
mod hot;
mod importing;
mod jobs;
mod keeping;
mod killed;
mod known;
mod levels;
mod mappings;
mod matrix;
mod mixed;
mod morning;
mod naming;
mod outside;
mod pinned;
mod planning;
mod positioning;
mod preferring;
mod privacy;
mod program;
mod quotas;
mod quoting;
mod relating;
mod replay;
mod rotating;
mod sales;
mod segmenting;
mod segments;
mod shared;
mod showing;
mod signing;
mod store;
mod strict;
mod tagging;
mod undo;
mod upkeep;
mod visiting;
mod walking;
mod watching;
