//! 权益 benefit: what brings people back.
//!
//! [`tier`] is the plan of a shop's levels and who has which, [`activity`] what people take part in
//! for a while. Who is a member, and at which level, is worked out of what holds: of grants, of
//! tags and of activities; so what ends or is undone leaves what was before. [`ledger`] is what
//! customers hold of points, growth and stored value, [`earn`] by which rules they come by it, and
//! [`adjustment`] what people change of it by hand. [`offer`] is how offers add up, [`coupon`] what
//! is taken off for whoever shows a code, [`promotion`] what is without one, [`quote`] what a cart
//! gets of all of it, and [`checkout`] a quote that an order holds, uses and gives back.
//! [`exchange`] is what people take for points.

pub mod activity;
pub mod adjustment;
pub mod checkout;
pub mod coupon;
pub mod earn;
pub mod exchange;
pub mod ledger;
pub mod offer;
pub mod promotion;
pub mod quote;
pub mod tier;
