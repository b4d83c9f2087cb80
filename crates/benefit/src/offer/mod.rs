//! 优惠: what a cart gets, of promotions, of coupons and by level.
//!
//! [`terms`] are the words in which a coupon and a promotion say what they do. Nothing here reads a
//! database or a clock.

mod effect;
pub mod terms;
#[cfg(test)]
mod tests;
