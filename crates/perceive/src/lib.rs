//! 感知 perceive: from what a shop's systems say to customers it knows.
//!
//! Files become records ([`import`], [`clean`], [`record`]), records become rows of the log, and
//! the [`fold`] makes of them who is who ([`identity`]), what was bought ([`order`], [`catalog`])
//! and what is known of everyone ([`profile`]). The [`relay`] takes history to the lake, and
//! [`upkeep`] keeps that in order.
//!
//! Invariant: state is a function of the *set* of what was said. Nothing depends on the order in
//! which it came, or on how often.

pub mod cart;
pub mod catalog;
pub mod clean;
mod codec;
pub mod collect;
pub mod consent;
pub mod erase;
pub mod fold;
pub mod history;
pub mod identity;
pub mod import;
pub mod interaction;
mod labelled;
mod lookup;
pub mod note;
pub mod order;
pub mod plan;
mod print;
pub mod privacy;
pub mod profile;
pub mod quota;
pub mod record;
pub mod relation;
pub mod relay;
pub mod search;
pub mod session;
pub mod source;
pub mod table;
mod tail;
pub mod timeline;
pub mod upkeep;
pub mod visit;
