//! What a cart gets.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use base::Result;
use benefit::offer::cart::{Key, Why};
use benefit::offer::{Applied, Lacks, Miss, Points, Proof};
use benefit::quote::{self, Asked, Line, Told};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::customer::whole::row_of;
use super::points::Who;
use super::{Answer, ErrorBody};
use crate::auth::permission::Permission;
use crate::http::App;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::{Access, WritesBenefits};

/// A cart, and who is about to buy it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuoteForm {
    /// The buyer; anybody without a level if left out.
    customer: Option<Who>,
    /// Its lines.
    lines: Vec<QuoteItem>,
    /// Postage without any offer, minor units.
    #[serde(default)]
    postage_minor: i64,
    /// The channel.
    channel: Option<String>,
    /// The store, for an order that is made in one.
    store: Option<String>,
    /// Codes that the buyer names, besides the coupons that they hold.
    #[serde(default)]
    codes: Vec<String>,
    /// Points that the buyer wants to pay with at the most.
    #[serde(default)]
    points: i64,
}

/// A line of a cart.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QuoteItem {
    /// The article number.
    sku: String,
    /// Pieces.
    pieces: i64,
    /// What a piece costs without any offer, minor units; what the product is sold at if left out.
    unit_minor: Option<i64>,
    /// What a piece is listed at, minor units; what the product is sold at if left out.
    list_minor: Option<i64>,
}

impl QuoteForm {
    /// What it asks, with what the shop knows of the buyer.
    pub(super) async fn asked(self, (app, access): (&App, &Access)) -> Result<Asked> {
        let Self { customer, lines, postage_minor, channel, store, codes, points } = self;
        let buyer = match customer {
            Some(customer) => {
                let person = customer.person(app, access).await?;
                let row = row_of(&mut access.cx.read().await?, &person.to_string()).await?;
                Some((row.customer_no, row.paid_orders == 0))
            }
            None => None,
        };
        let line = |own: QuoteItem| Line {
            sku: own.sku,
            pieces: own.pieces,
            unit_minor: own.unit_minor,
            list_minor: own.list_minor,
        };
        let lines = lines.into_iter().map(line).collect();
        Ok(Asked { buyer, lines, postage_minor, channel, store, codes, points })
    }
}

/// An offer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct QuoteOffer {
    /// Where it comes from: `member_price` and `member_shipping` of the buyer's level,
    /// `promotion`, or `coupon`.
    #[schema(value_type = String)]
    kind: benefit::offer::stack::Kind,
    /// The number of the level, of the promotion, or of the coupon's code.
    number: String,
    /// What it is called.
    name: String,
    /// The code, of a coupon; null to who may not read customers.
    #[schema(required = true)]
    code: Option<String>,
}

/// A product that is given.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QuoteGift {
    /// The product.
    product_id: String,
    /// Its article number; null for one that there is no more.
    #[schema(required = true)]
    sku: Option<String>,
    /// What it is called.
    #[schema(required = true)]
    title: Option<String>,
    /// How many.
    pieces: i64,
}

/// What a line bears of an offer, minor units.
#[derive(Debug, Serialize, ToSchema)]
struct QuoteBearing {
    /// The line, from 0.
    line: usize,
    /// What was to be paid for it before.
    before_minor: i64,
    /// What is taken off.
    off_minor: i64,
    /// What is to be paid for it after.
    after_minor: i64,
    /// What comes back of it as stored value.
    back_minor: i64,
}

/// An offer that applies, minor units.
#[derive(Debug, Serialize, ToSchema)]
struct QuoteStep {
    /// Which.
    offer: QuoteOffer,
    /// When it applies among the others.
    #[schema(value_type = String)]
    stage: benefit::offer::stack::Stage,
    /// Which of its steps holds, from 0; null for one without steps.
    #[schema(required = true)]
    step: Option<usize>,
    /// How many times it applies.
    times: i64,
    /// What its goods were to be paid for when it was measured.
    measured_minor: i64,
    /// How many pieces of them there are.
    measured_pieces: i64,
    /// What it takes off goods.
    off_minor: i64,
    /// What it takes off postage.
    postage_minor: i64,
    /// What comes back as stored value.
    back_minor: i64,
    /// What its gifts are worth.
    worth_minor: i64,
    /// What it gives.
    gifts: Vec<QuoteGift>,
    /// What each line bears.
    lines: Vec<QuoteBearing>,
}

/// A line of the answer, minor units.
#[derive(Debug, Serialize, ToSchema)]
struct QuoteLine {
    /// Its place in the cart, from 0.
    line: usize,
    /// The article number.
    sku: String,
    /// The product; null for one that the catalog does not know.
    #[schema(required = true)]
    product_id: Option<String>,
    /// What it is called.
    #[schema(required = true)]
    title: Option<String>,
    /// Pieces.
    pieces: i64,
    /// What it costs without any offer.
    original_minor: i64,
    /// What offers take off.
    off_minor: i64,
    /// What points pay.
    points_minor: i64,
    /// What is to be paid.
    pay_minor: i64,
}

/// Postage, minor units.
#[derive(Debug, Serialize, ToSchema)]
struct QuotePostage {
    /// Without any offer.
    original_minor: i64,
    /// What offers take off.
    off_minor: i64,
    /// What is to be paid.
    pay_minor: i64,
}

/// What points pay of a line.
#[derive(Debug, Serialize, ToSchema)]
struct QuotePointsLine {
    /// The line, from 0.
    line: usize,
    /// How many points.
    points: i64,
    /// What they pay, minor units.
    minor: i64,
}

/// What points pay.
#[derive(Debug, Serialize, ToSchema)]
struct QuotePoints {
    /// How many.
    points: i64,
    /// What they pay, minor units.
    minor: i64,
    /// Of each line.
    lines: Vec<QuotePointsLine>,
}

/// How good the answer is.
#[derive(Debug, Serialize, ToSchema)]
struct QuoteProof {
    /// Whether no combination is worth more.
    exact: bool,
    /// What it is worth to the buyer, minor units.
    value_minor: i64,
    /// What no combination exceeds, minor units.
    bound_minor: i64,
}

/// An offer that does not apply.
#[derive(Debug, Serialize, ToSchema)]
struct QuoteUnused {
    /// Which.
    offer: QuoteOffer,
    /// Why: `hours`, `channel`, `store`, `tier`, `segment`, `first_order`, `buyer` where it needs
    /// to be known who buys, `used_up`, `goods`, `not_reached`, `beside`, `count` or `no_gain`.
    why: &'static str,
    /// The one that it does not go beside, of `beside`.
    #[schema(required = true)]
    other: Option<QuoteOffer>,
}

/// What is missing to an offer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum QuoteLacks {
    /// Money.
    Money {
        /// Minor units.
        minor: i64,
    },
    /// Pieces.
    Pieces {
        /// How many.
        pieces: i64,
    },
    /// The rest of a set.
    Parts {
        /// Of each product.
        parts: Vec<QuoteGift>,
    },
}

/// What is just out of reach.
#[derive(Debug, Serialize, ToSchema)]
struct QuoteMiss {
    /// Which.
    offer: QuoteOffer,
    /// The step that would be reached, from 0; null for an offer without steps.
    #[schema(required = true)]
    step: Option<usize>,
    /// What is missing.
    lacks: QuoteLacks,
    /// What that costs at the least, minor units.
    spend_minor: i64,
    /// By how much more the cart would get, minor units.
    gain_minor: i64,
}

/// What a cart gets, minor units.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QuoteShown {
    /// What the goods cost without any offer.
    original_minor: i64,
    /// What offers take off them.
    off_minor: i64,
    /// What is to be paid, with postage.
    pay_minor: i64,
    /// What comes back as stored value.
    back_minor: i64,
    /// Its lines.
    lines: Vec<QuoteLine>,
    /// Postage.
    postage: QuotePostage,
    /// What applies, in its order.
    steps: Vec<QuoteStep>,
    /// What points pay; null where they do not.
    #[schema(required = true)]
    points: Option<QuotePoints>,
    /// How good it is.
    proof: QuoteProof,
    /// What does not apply, and why.
    unused: Vec<QuoteUnused>,
    /// What is just out of reach.
    misses: Vec<QuoteMiss>,
}

/// What offers and products are called.
pub(super) struct Names {
    offers: BTreeMap<Key, quote::Called>,
    products: BTreeMap<i64, (String, Option<String>)>,
}

impl Names {
    /// What they are called; codes only to who sees what customers hold.
    pub(super) fn new(told: &Told, sees: bool) -> Self {
        let called = |(key, called): &(Key, quote::Called)| {
            let code = called.code.clone().filter(|_| sees);
            (*key, quote::Called { name: called.name.clone(), code })
        };
        let offers = told.offers.iter().map(called).collect();
        Self { offers, products: told.products.iter().cloned().collect() }
    }

    pub(super) fn offer(&self, key: Key) -> QuoteOffer {
        let called = self.offers.get(&key);
        QuoteOffer {
            kind: key.kind,
            number: key.number.to_string(),
            name: called.map(|own| own.name.clone()).unwrap_or_default(),
            code: called.and_then(|own| own.code.clone()),
        }
    }

    pub(super) fn gift(&self, part: benefit::offer::terms::Part) -> QuoteGift {
        let own = self.products.get(&part.product);
        QuoteGift {
            product_id: part.product.to_string(),
            sku: own.map(|(sku, _)| sku.clone()),
            title: own.and_then(|(_, title)| title.clone()),
            pieces: part.pieces,
        }
    }

    fn step(&self, own: Applied) -> QuoteStep {
        let bearing = |own: benefit::offer::Bearing| QuoteBearing {
            line: own.line,
            before_minor: own.before_minor,
            off_minor: own.off_minor,
            after_minor: own.after_minor,
            back_minor: own.back_minor,
        };
        QuoteStep {
            offer: self.offer(own.key),
            stage: own.stage,
            step: own.measured.step,
            times: own.measured.times,
            measured_minor: own.measured.minor,
            measured_pieces: own.measured.pieces,
            off_minor: own.off_minor,
            postage_minor: own.postage_minor,
            back_minor: own.back_minor,
            worth_minor: own.worth_minor,
            gifts: own.gifts.into_iter().map(|part| self.gift(part)).collect(),
            lines: own.lines.into_iter().map(bearing).collect(),
        }
    }

    fn unused(&self, own: benefit::offer::Unused) -> QuoteUnused {
        let (why, other) = match own.why {
            Why::Hours => ("hours", None),
            Why::Channel => ("channel", None),
            Why::Store => ("store", None),
            Why::Tier => ("tier", None),
            Why::Segment => ("segment", None),
            Why::FirstOrder => ("first_order", None),
            Why::Unknown => ("buyer", None),
            Why::UsedUp => ("used_up", None),
            Why::Goods => ("goods", None),
            Why::NotReached => ("not_reached", None),
            Why::Beside { other } => ("beside", Some(self.offer(other))),
            Why::Count => ("count", None),
            Why::NoGain => ("no_gain", None),
        };
        QuoteUnused { offer: self.offer(own.key), why, other }
    }

    fn miss(&self, own: Miss) -> QuoteMiss {
        let lacks = match own.lacks {
            Lacks::Money { minor } => QuoteLacks::Money { minor },
            Lacks::Pieces { pieces } => QuoteLacks::Pieces { pieces },
            Lacks::Parts { parts } => {
                let parts = parts.into_iter().map(|part| self.gift(part)).collect();
                QuoteLacks::Parts { parts }
            }
        };
        QuoteMiss {
            offer: self.offer(own.key),
            step: own.step,
            lacks,
            spend_minor: own.spend_minor,
            gain_minor: own.gain_minor,
        }
    }
}

fn points(own: Points) -> QuotePoints {
    let line = |own: benefit::offer::PointsOf| QuotePointsLine {
        line: own.line,
        points: own.points,
        minor: own.minor,
    };
    QuotePoints {
        points: own.points,
        minor: own.minor,
        lines: own.lines.into_iter().map(line).collect(),
    }
}

pub(super) fn shown(told: Told, sees: bool) -> QuoteShown {
    let (names, quote, skus) = (Names::new(&told, sees), told.quote, told.skus);
    let lines = quote.lines.into_iter().zip(skus).enumerate();
    let lines = lines.map(|(line, (own, sku))| {
        let known = names.products.get(&own.product);
        QuoteLine {
            line,
            sku,
            product_id: known.map(|_| own.product.to_string()),
            title: known.and_then(|(_, title)| title.clone()),
            pieces: own.pieces,
            original_minor: own.original_minor,
            off_minor: own.off_minor,
            points_minor: own.points_minor,
            pay_minor: own.pay_minor,
        }
    });
    let Proof { exact, value_minor, bound_minor } = quote.proof;
    QuoteShown {
        original_minor: quote.original_minor,
        off_minor: quote.off_minor,
        pay_minor: quote.pay_minor,
        back_minor: quote.back_minor,
        lines: lines.collect(),
        postage: QuotePostage {
            original_minor: quote.postage.original_minor,
            off_minor: quote.postage.off_minor,
            pay_minor: quote.postage.pay_minor,
        },
        steps: quote.steps.into_iter().map(|own| names.step(own)).collect(),
        points: quote.points.map(points),
        proof: QuoteProof { exact, value_minor, bound_minor },
        unused: quote.unused.into_iter().map(|own| names.unused(own)).collect(),
        misses: quote.misses.into_iter().map(|own| names.miss(own)).collect(),
    }
}

/// What a cart gets
///
/// The combination of the buyer's level, promotions, coupons and points that is worth most to the
/// buyer under the shop's rules, every step with what each line bears, and what is just out of
/// reach. Nothing is booked. Coupons that came to somebody as to one of a private segment count
/// where their code is named.
#[utoipa::path(post, path = "/api/v1/quotes", operation_id = "quote", tag = "benefits",
    request_body = QuoteForm, responses(
    (status = 200, description = "What it gets", body = QuoteShown),
    (status = 404, description = "There is no such customer or code", body = ErrorBody),
    (status = 409, description = "A code cannot be used, or goods are not on sale yet",
    body = ErrorBody), Refusals))]
pub(super) async fn ask(
    State(app): State<App>,
    writes: WritesBenefits,
    Sent(sent): Sent<QuoteForm>,
) -> Answer<QuoteShown> {
    let asked = sent.asked((&app, &writes)).await?;
    let buyer = asked.buyer;
    let work = quote::ask(&writes.cx, &writes.shop.zone, &asked);
    let told = app.till.guarded((&writes.cx, buyer.map(|(person, _)| person)), work).await?;
    let sees = writes.needs(Permission::CustomersRead).is_ok();
    Ok(Json(shown(told, sees)))
}
