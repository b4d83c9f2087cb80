//! 优惠: what a cart gets, of promotions, of coupons and by level.
//!
//! [`terms`] are the words in which a coupon and a promotion say what they do, [`stack`] those in
//! which a shop says what they do beside each other. [`quote`](rule::quote) finds the combination
//! that is worth most to the buyer and says why, [`refund`] what comes back of it. Nothing here
//! reads a database or a clock.
//!
//! What always holds: shares add up to what is shared, no line is below nothing nor below its cost
//! where the shop forbids it, and the answer hangs on what is asked, not on its order.

mod apply;
pub mod cart;
mod ceiling;
mod effect;
mod miss;
mod pieces;
mod quote;
pub mod refund;
pub mod rule;
mod search;
mod set;
mod share;
mod split;
pub mod stack;
pub mod terms;
#[cfg(test)]
mod tests;

pub use miss::{Lacks, MISSES_MAX, Miss};
pub use quote::{
    Applied, Bearing, Measured, Points, PointsOf, Postage, Priced, Proof, Quote, Unused,
};
pub use search::EXACT_MAX;
