//! The words that every room of Shuke shares: ids, money, time, tenants, errors, pages, and work
//! on a thread of its own.
//!
//! Nothing here does I/O, knows a database or reads a clock. What is defined here has the same
//! meaning everywhere; a helper that only one crate needs belongs to that crate.

pub mod aside;
pub mod decimal;
pub mod entropy;
pub mod error;
pub mod hex;
pub mod id;
pub mod money;
pub mod page;
pub mod stop;
pub mod tenant;
pub mod time;

pub use aside::{Aside, aside};
pub use decimal::Decimal;
pub use entropy::Entropy;
pub use error::{Code, Error, Result};
pub use hex::{hex, unhex};
pub use id::Id;
pub use money::{Currency, Money, Points};
pub use page::Page;
pub use stop::Stop;
pub use tenant::{Actor, ShopId};
pub use time::{Date, Time, Zone};
