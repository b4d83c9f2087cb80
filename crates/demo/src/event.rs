//! What happens, in few bytes: the text of a message is made when its turn has come.

use std::sync::Arc;

use crate::catalogue::Ware;
use crate::delivery::Delivery;
use crate::draw::Draw;
use crate::words;

/// Something that happens.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// Milliseconds of the shop's clock when it happens.
    pub(crate) said: i64,
    /// Milliseconds until the collector receives it.
    pub(crate) delay: u32,
    /// The customer's place.
    pub(crate) customer: u32,
    /// Its place in the customer's life, which is not the order of time.
    pub(crate) place: u32,
    /// The browser it comes from; none for what the shop's own systems say.
    pub(crate) device: Option<Device>,
    /// Whether the customer's number is said.
    pub(crate) signed: bool,
    /// What it is.
    pub(crate) what: What,
}

/// A browser of a customer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Device {
    /// Its number among the customer's.
    pub(crate) number: u8,
    /// What it calls itself, as a position among the phones and then the computers.
    pub(crate) model: u8,
}

impl Event {
    /// What messages are ordered by: the time of receipt, then the customer and the place in
    /// their life.
    pub(crate) fn order(&self) -> (i64, u32, u32) {
        (self.said + i64::from(self.delay), self.customer, self.place)
    }
}

/// An amount of a product at a price.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// The product.
    pub(crate) ware: Arc<Ware>,
    /// The price of one in fen.
    pub(crate) price: i64,
    /// How many.
    pub(crate) quantity: i64,
}

/// What is in a cart or an order, in fen.
pub(crate) fn sum(items: &[Item]) -> i64 {
    items.iter().map(|item| item.price * item.quantity).sum()
}

/// Something in a cart, alone or with all the rest of it.
#[derive(Debug)]
pub(crate) struct Cart {
    /// The cart's number in the customer's life.
    pub(crate) number: u32,
    /// The order that comes of it, where it is known.
    pub(crate) order: Option<String>,
    /// What is in it.
    pub(crate) items: Vec<Item>,
}

/// An order.
#[derive(Debug)]
pub(crate) struct Order {
    /// Its number in the shop.
    pub(crate) id: String,
    /// What is ordered.
    pub(crate) items: Vec<Item>,
    /// What shipping costs in fen.
    pub(crate) shipping: i64,
    /// Where it was placed.
    pub(crate) channel: &'static str,
    /// Whom it goes to.
    pub(crate) to: Delivery,
}

impl Order {
    /// What is to be paid in fen.
    pub(crate) fn total(&self) -> i64 {
        sum(&self.items) + self.shipping
    }
}

/// What is given back of an order.
#[derive(Debug)]
pub(crate) struct Refund {
    /// The order.
    pub(crate) order: Arc<Order>,
    /// What is sent back; nothing where only the price is adjusted.
    pub(crate) items: Vec<Item>,
    /// How much in fen.
    pub(crate) total: i64,
}

/// Something that is said.
#[derive(Debug)]
pub(crate) struct Talk {
    /// Its number in the customer's life.
    pub(crate) number: u32,
    /// The order it is about.
    pub(crate) order: Option<Arc<Order>>,
    /// Subject.
    pub(crate) topic: &'static str,
    /// Words.
    pub(crate) text: &'static str,
    /// Who says it for the shop, where a chat has somebody.
    pub(crate) agent: &'static str,
    /// Whether the buyer says it.
    pub(crate) buyer: bool,
}

/// A review of one product.
#[derive(Debug)]
pub(crate) struct Review {
    /// The order.
    pub(crate) order: Arc<Order>,
    /// The product.
    pub(crate) ware: Arc<Ware>,
    /// 1 to 5.
    pub(crate) rating: u8,
    /// Words.
    pub(crate) text: &'static str,
}

/// What somebody tells of themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Telling {
    /// Everything, on registering.
    All,
    /// Only who they are, on another device.
    Number,
    /// A new level of membership.
    Level(&'static str),
}

/// Kinds of events.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// A page is seen; the first of a visit may have a campaign.
    Page(&'static words::Page, Option<&'static words::Campaign>),
    /// A product is looked at, at its price.
    Viewed(Arc<Ware>, i64),
    /// A product is a favourite from now on, at its price.
    Wished(Arc<Ware>, i64),
    /// Words are searched for.
    Searched(&'static str),
    /// A category is looked through.
    Listed(&'static str),
    /// Something comes into a cart.
    Added(Arc<Cart>),
    /// Something leaves a cart.
    Removed(Arc<Cart>),
    /// A cart is looked at.
    CartViewed(Arc<Cart>),
    /// The checkout begins.
    Checkout(Arc<Cart>),
    /// 拍下.
    Placed(Arc<Order>),
    /// 付款.
    Paid(Arc<Order>),
    /// 发货.
    Shipped(Arc<Order>),
    /// 确认收货.
    Received(Arc<Order>),
    /// 交易关闭 of an order that was never paid.
    Cancelled(Arc<Order>),
    /// 退款.
    Refunded(Arc<Refund>),
    /// 评价.
    Reviewed(Arc<Review>),
    /// 聊天.
    Said(Arc<Talk>),
    /// 投诉.
    Complained(Arc<Talk>),
    /// The customer is named.
    Identify(Telling),
    /// The customer was introduced by the one at this place.
    Introduced(u32),
}

impl What {
    /// Milliseconds until it is received. A phone without a network keeps what was looked at and
    /// sends it hours later; what matters to an order is never held back.
    pub(crate) fn delay(&self, draw: &mut Draw) -> u32 {
        let kept = matches!(self, Self::Page(..) | Self::Viewed(..) | Self::Searched(_));
        if kept && draw.chance(0.01) {
            return draw.between(60_000, 6 * 3_600_000) as u32;
        }
        draw.between(40, 1900) as u32
    }
}
