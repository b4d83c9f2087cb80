//! What a message says about what happened, in the words of Segment's e-commerce V2.

use serde::Serialize;

use crate::CURRENCY;
use crate::delivery::Delivery;
use crate::event::{Cart, Item, Order, Refund, Review, Talk, What};
use crate::person::user_id;

/// Where the shop's pages are.
const SITE: &str = "https://shuke.example";

/// Properties of any event; each has only those that it needs.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Properties<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cart_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    review_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<Yuan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<Yuan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping: Option<Yuan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    products: Option<Vec<Properties<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping_address: Option<Address<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    review_body: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    introduced_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    referrer: Option<&'static str>,
}

/// Whom an order goes to.
#[derive(Debug, Serialize)]
struct Address<'a> {
    name: &'a str,
    phone: &'a str,
    province: &'a str,
    city: &'a str,
    street: &'a str,
}

impl<'a> From<&'a Delivery> for Address<'a> {
    fn from(to: &'a Delivery) -> Self {
        let Delivery { name, phone, place, street } = to;
        Self { name, phone, province: place.0, city: place.1, street }
    }
}

/// An amount in fen that is written in yuan. The nearest double of a decimal with two places is
/// written as that decimal, for any price that a shop has.
#[derive(Debug, Clone, Copy)]
struct Yuan(i64);

impl Serialize for Yuan {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 {
            return to.serialize_i64(self.0 / 100);
        }
        to.serialize_f64(self.0 as f64 / 100.0)
    }
}

/// The name of an event, and its properties.
pub(crate) fn of_what(
    what: &What,
    customer: u32,
) -> (Option<&'static str>, Option<Properties<'_>>) {
    let none = Properties::default;
    let (name, properties) = match what {
        What::Identify(_) => return (None, None),
        What::Page(page, campaign) => {
            let referrer = campaign.map(|campaign| campaign.referrer);
            let properties = Properties {
                name: Some(page.name),
                url: Some(format!("{SITE}{}", page.path)),
                path: Some(page.path),
                referrer: referrer.filter(|referrer| !referrer.is_empty()),
                ..none()
            };
            return (None, Some(properties));
        }
        What::Viewed(ware, price) => ("Product Viewed", product(ware, *price)),
        What::Wished(ware, price) => ("Product Added to Wishlist", product(ware, *price)),
        What::Searched(query) => ("Products Searched", Properties { query: Some(query), ..none() }),
        What::Listed(category) => {
            ("Product List Viewed", Properties { category: Some(category), ..none() })
        }
        What::Added(cart) => ("Product Added", one(cart, customer)),
        What::Removed(cart) => ("Product Removed", one(cart, customer)),
        What::CartViewed(cart) => ("Cart Viewed", all(cart, customer)),
        What::Checkout(cart) => ("Checkout Started", checkout(cart, customer)),
        What::Placed(order) => ("Order Placed", whole(order)),
        What::Paid(order) => ("Order Completed", whole(order)),
        What::Shipped(order) => ("Order Shipped", about(order)),
        What::Received(order) => ("Order Received", about(order)),
        What::Cancelled(order) => ("Order Cancelled", about(order)),
        What::Refunded(given) => ("Order Refunded", refund(given)),
        What::Reviewed(given) => ("Product Reviewed", review(given)),
        What::Said(talk) => ("chat.said", chat(talk, customer)),
        What::Complained(talk) => ("complaint.filed", complaint(talk, customer)),
        What::Introduced(by) => {
            ("referral.made", Properties { introduced_by: Some(user_id(*by)), ..none() })
        }
    };
    (Some(name), Some(properties))
}

/// A product at a price.
fn product(ware: &crate::catalogue::Ware, price: i64) -> Properties<'_> {
    Properties {
        product_id: Some(&ware.product.sku),
        name: Some(&ware.product.title),
        category: Some(&ware.product.category),
        brand: Some(&ware.product.brand),
        price: Some(Yuan(price)),
        currency: Some(CURRENCY),
        ..Properties::default()
    }
}

/// A line of an order.
fn line(item: &Item) -> Properties<'_> {
    let quantity = Some(item.quantity);
    Properties { quantity, currency: None, ..product(&item.ware, item.price) }
}

/// A line of which only article, price and quantity matter.
fn brief(item: &Item) -> Properties<'_> {
    Properties { name: None, category: None, brand: None, ..line(item) }
}

fn cart_id(cart: &Cart, customer: u32) -> Option<String> {
    Some(format!("C{customer}-{}", cart.number + 1))
}

/// The only thing in a cart.
fn one(cart: &Cart, customer: u32) -> Properties<'_> {
    let line = cart.items.first().map(line).unwrap_or_default();
    let currency = Some(CURRENCY);
    Properties { cart_id: cart_id(cart, customer), category: None, brand: None, currency, ..line }
}

fn all(cart: &Cart, customer: u32) -> Properties<'_> {
    let products = Some(cart.items.iter().map(brief).collect());
    Properties { cart_id: cart_id(cart, customer), products, ..Properties::default() }
}

fn checkout(cart: &Cart, customer: u32) -> Properties<'_> {
    let currency = Some(CURRENCY);
    Properties { order_id: cart.order.as_deref(), currency, ..all(cart, customer) }
}

fn about(order: &Order) -> Properties<'_> {
    Properties { order_id: Some(&order.id), ..Properties::default() }
}

fn whole(order: &Order) -> Properties<'_> {
    Properties {
        total: Some(Yuan(order.total())),
        shipping: Some(Yuan(order.shipping)),
        currency: Some(CURRENCY),
        products: Some(order.items.iter().map(line).collect()),
        channel: Some(order.channel),
        shipping_address: Some((&order.to).into()),
        ..about(order)
    }
}

fn refund(refund: &Refund) -> Properties<'_> {
    let products: Vec<Properties<'_>> = refund.items.iter().map(brief).collect();
    Properties {
        total: Some(Yuan(refund.total)),
        currency: Some(CURRENCY),
        products: (!products.is_empty()).then_some(products),
        ..about(&refund.order)
    }
}

fn review(review: &Review) -> Properties<'_> {
    Properties {
        review_id: Some(format!("R{}", review.order.id)),
        product_id: Some(&review.ware.product.sku),
        rating: Some(review.rating),
        review_body: Some(review.text),
        ..about(&review.order)
    }
}

fn talk(talk: &Talk, customer: u32) -> Properties<'_> {
    Properties {
        id: Some(format!("T{customer}-{}", talk.number + 1)),
        order_id: talk.order.as_ref().map(|order| order.id.as_str()),
        topic: Some(talk.topic),
        text: Some(talk.text),
        ..Properties::default()
    }
}

fn chat(said: &Talk, customer: u32) -> Properties<'_> {
    let speaker = if said.buyer { "buyer" } else { "agent" };
    Properties { speaker: Some(speaker), agent: Some(said.agent), ..talk(said, customer) }
}

fn complaint(said: &Talk, customer: u32) -> Properties<'_> {
    talk(said, customer)
}
