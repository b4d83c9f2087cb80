//! Quotes that an order holds, uses and gives back.

use axum::Json;
use axum::extract::{Path, State};
use base::{Error, Result, Time};
use benefit::checkout::{self, Checkout, Wish};
use benefit::offer::refund::{Back, OfferBack};
use benefit::offer::terms::beneath;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::coupon::Part;
use super::quote::{Names, QuoteForm, QuoteGift, QuoteOffer, QuoteShown, shown as quoted};
use super::{Answer, ErrorBody, Paged, micros, paged};
use crate::auth::permission::Permission;
use crate::http::App;
use crate::http::asked::{self, Asked, Said};
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::once::Once;
use crate::http::who::{Access, ReadsBenefits, WritesBenefits};

/// Seconds for which a checkout is held if nothing else is said: half an hour.
const LOCK_SECONDS: u32 = 1_800;
/// Microseconds of a second.
const SECOND_MICROS: i64 = 1_000_000;

/// How a checkout stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CheckoutState {
    Locked,
    Redeemed,
    Free,
    Refunded,
}

/// A checkout.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CheckoutRow {
    /// Its number within the shop.
    checkout_id: String,
    /// Whether what it takes is held, used, free again, or all came back.
    state: CheckoutState,
    /// The order, by its number at the shop; may be empty.
    order: String,
    /// The buyer; null for nobody known, and to who may not read customers.
    #[schema(required = true)]
    customer_id: Option<String>,
    /// What is to be paid in all, minor units.
    pay_minor: i64,
    /// Who made it.
    owner: String,
    /// When it was made.
    #[schema(format = DateTime)]
    at: String,
    /// Until when it is held, unless it is redeemed.
    #[schema(format = DateTime)]
    until: String,
    /// When it was redeemed.
    #[schema(required = true, format = DateTime)]
    redeemed_at: Option<String>,
    /// How many pieces of each line came back, in the order of lines.
    returned: Vec<i64>,
}

/// A checkout with what the cart got.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CheckoutShown {
    #[serde(flatten)]
    row: CheckoutRow,
    /// What the cart got.
    quote: QuoteShown,
}

fn row(own: &Checkout, access: &Access) -> CheckoutRow {
    let sees = access.needs(Permission::CustomersRead).is_ok();
    CheckoutRow {
        checkout_id: own.number.to_string(),
        state: state(own, access.cx.now),
        order: own.order.clone(),
        customer_id: own.customer.filter(|_| sees).map(|own| own.to_string()),
        pay_minor: own.told.quote.pay_minor,
        owner: own.actor.clone(),
        at: micros(own.at),
        until: micros(own.until),
        redeemed_at: own.redeemed_at.map(micros),
        returned: own.returned.clone(),
    }
}

fn state(own: &Checkout, now: Time) -> CheckoutState {
    match own.state(now) {
        checkout::State::Locked => CheckoutState::Locked,
        checkout::State::Redeemed => CheckoutState::Redeemed,
        checkout::State::Free => CheckoutState::Free,
        checkout::State::Refunded => CheckoutState::Refunded,
    }
}

fn shown(own: Checkout, access: &Access) -> Json<CheckoutShown> {
    let sees = access.needs(Permission::CustomersRead).is_ok();
    Json(CheckoutShown { row: row(&own, access), quote: quoted(own.told, sees) })
}

fn number(id: &str) -> Result<i64> {
    id.parse().map_err(|_| Error::missing("there is no such checkout").field("checkout_id"))
}

/// A cart whose quote is to be held.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckoutForm {
    /// The cart, and who buys it.
    cart: QuoteForm,
    /// The order, by its number at the shop.
    #[serde(default)]
    order: String,
    /// What the buyer was told that is to be paid, minor units: where it is something else by now,
    /// nothing is held.
    pay_minor: Option<i64>,
    /// Seconds after which it is free again; a day at the most, half an hour if left out.
    #[schema(required = false, minimum = 1, maximum = 86_400, default = 1_800)]
    ttl_seconds: Option<u32>,
}

/// Hold what a cart gets
///
/// The quote, with all that it takes: coupons, points, and what promotions give away. Nobody else
/// has that until the checkout is redeemed, rolled back or its time is over.
#[utoipa::path(post, path = "/api/v1/checkouts", operation_id = "lock_checkout", tag = "benefits",
    params(("Idempotency-Key" = String, Header, description = "The caller's id of it")),
    request_body = CheckoutForm, responses(
    (status = 200, description = "The checkout", body = CheckoutShown),
    (status = 404, description = "There is no such customer or code", body = ErrorBody),
    (status = 409, description = "Something else is to be paid, or something is not there any more",
     body = ErrorBody), Refusals))]
pub(super) async fn lock(
    State(app): State<App>,
    writes: WritesBenefits,
    once: Once,
    Sent(sent): Sent<CheckoutForm>,
) -> Answer<CheckoutShown> {
    let CheckoutForm { cart, order, pay_minor, ttl_seconds } = sent;
    let cause = once.needed()?;
    let asked = cart.asked((&app, &writes)).await;
    let asked = asked.map_err(|error| match error.field {
        Some(_) => beneath(error, "cart"),
        None => error,
    })?;
    let buyer = asked.buyer.map(|(person, _)| person);
    let micros = i64::from(ttl_seconds.unwrap_or(LOCK_SECONDS)) * SECOND_MICROS;
    let wish = Wish { asked, order, pay_minor, micros };
    let work = checkout::lock(&writes.cx, &writes.shop.zone, &cause, &wish);
    let own = app.till.guarded((&writes.cx, buyer), work).await?;
    Ok(shown(own, &writes))
}

/// What is known of the order when it is paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckoutPaid {
    /// The order, by its number at the shop; as it was said before if left out.
    order: Option<String>,
}

/// Redeem a checkout
///
/// Its coupons are used, its points spent, and what comes back as stored value is there.
#[utoipa::path(post, path = "/api/v1/checkouts/{checkout_id}/redeem",
    operation_id = "redeem_checkout", tag = "benefits",
    params(("checkout_id" = String, Path, description = "The checkout"),
    ("Idempotency-Key" = String, Header, description = "The caller's id of it")),
    request_body = CheckoutPaid, responses(
    (status = 200, description = "The checkout", body = CheckoutShown),
    (status = 404, description = "There is no such checkout", body = ErrorBody),
    (status = 409, description = "It is not held any more", body = ErrorBody), Refusals))]
pub(super) async fn redeem(
    writes: WritesBenefits,
    Path(id): Path<String>,
    once: Once,
    Sent(sent): Sent<CheckoutPaid>,
) -> Answer<CheckoutShown> {
    let (place, cause) = ((&writes.cx, &writes.shop.zone), once.needed()?);
    let own = checkout::redeem(place, &cause, number(&id)?, sent.order.as_deref()).await?;
    Ok(shown(own, &writes))
}

/// Let go of a checkout
///
/// What it held is free again.
#[utoipa::path(post, path = "/api/v1/checkouts/{checkout_id}/rollback",
    operation_id = "rollback_checkout", tag = "benefits",
    params(("checkout_id" = String, Path, description = "The checkout"),
    ("Idempotency-Key" = String, Header, description = "The caller's id of it")),
    responses(
    (status = 200, description = "The checkout", body = CheckoutShown),
    (status = 404, description = "There is no such checkout", body = ErrorBody),
    (status = 409, description = "It was redeemed", body = ErrorBody), Refusals))]
pub(super) async fn rollback(
    writes: WritesBenefits,
    Path(id): Path<String>,
    once: Once,
) -> Answer<CheckoutShown> {
    let (place, cause) = ((&writes.cx, &writes.shop.zone), once.needed()?);
    Ok(shown(checkout::rollback(place, &cause, number(&id)?).await?, &writes))
}

/// Pieces of a line.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckoutPieces {
    /// The line, from 0.
    line: usize,
    /// How many come back.
    pieces: i64,
}

/// What comes back of an order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckoutRefund {
    /// The lines of which pieces come back.
    lines: Vec<CheckoutPieces>,
}

impl CheckoutRefund {
    fn pieces(self) -> checkout::Pieces {
        self.lines.into_iter().map(|own| (own.line, own.pieces)).collect()
    }
}

/// What comes back of a line.
#[derive(Debug, Serialize, ToSchema)]
struct CheckoutLineBack {
    /// The line, from 0.
    line: usize,
    /// Its article number.
    sku: String,
    /// Pieces.
    pieces: i64,
    /// Money, minor units.
    minor: i64,
    /// Points.
    points: i64,
}

/// What an offer has to do with it, minor units.
#[derive(Debug, Serialize, ToSchema)]
struct CheckoutOfferBack {
    /// Which.
    offer: QuoteOffer,
    /// What it had taken off what comes back.
    off_minor: i64,
    /// What it had taken off the postage that comes back.
    postage_minor: i64,
    /// What it had given as stored value, and is taken back.
    back_minor: i64,
    /// Whether with this all came back that it was for: a coupon can be used again, unless it says
    /// otherwise.
    whole: bool,
    /// What it had given besides and is to come back.
    gifts: Vec<QuoteGift>,
}

/// What comes back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CheckoutBack {
    /// Money for goods, minor units.
    minor: i64,
    /// Money for postage, minor units: it comes back with the last piece.
    postage_minor: i64,
    /// Points that were spent.
    points: i64,
    /// Of each line.
    lines: Vec<CheckoutLineBack>,
    /// What each offer has to do with it.
    offers: Vec<CheckoutOfferBack>,
    /// How the checkout stands then.
    state: CheckoutState,
}

fn back((own, access): (&Checkout, &Access), told: Back) -> Json<CheckoutBack> {
    let names = Names::new(&own.told, access.needs(Permission::CustomersRead).is_ok());
    let line = |back: benefit::offer::refund::LineBack| CheckoutLineBack {
        line: back.line,
        sku: own.told.skus.get(back.line).cloned().unwrap_or_default(),
        pieces: back.pieces,
        minor: back.minor,
        points: back.points,
    };
    let offer = |back: OfferBack| CheckoutOfferBack {
        offer: names.offer(back.key),
        off_minor: back.off_minor,
        postage_minor: back.postage_minor,
        back_minor: back.back_minor,
        whole: back.whole,
        gifts: back.gifts.into_iter().map(|part| names.gift(part)).collect(),
    };
    let Back { lines, minor, postage_minor, points, offers } = told;
    Json(CheckoutBack {
        minor,
        postage_minor,
        points,
        lines: lines.into_iter().map(line).collect(),
        offers: offers.into_iter().map(offer).collect(),
        state: state(own, access.cx.now),
    })
}

/// Refund pieces of a checkout
///
/// Money and points go back line by line, to the cent what was paid for the pieces, coupons as far
/// as they were for them. Any parts end where the whole does. What the order earned follows when
/// the shop says that it was refunded.
#[utoipa::path(post, path = "/api/v1/checkouts/{checkout_id}/refund",
    operation_id = "refund_checkout", tag = "benefits",
    params(("checkout_id" = String, Path, description = "The checkout"),
    ("Idempotency-Key" = String, Header, description = "The caller's id of it")),
    request_body = CheckoutRefund, responses(
    (status = 200, description = "What comes back", body = CheckoutBack),
    (status = 404, description = "There is no such checkout", body = ErrorBody),
    (status = 409, description = "It was not redeemed", body = ErrorBody), Refusals))]
pub(super) async fn refund(
    writes: WritesBenefits,
    Path(id): Path<String>,
    once: Once,
    Sent(sent): Sent<CheckoutRefund>,
) -> Answer<CheckoutBack> {
    let (place, cause) = ((&writes.cx, &writes.shop.zone), once.needed()?);
    let (own, told) = checkout::refund(place, &cause, number(&id)?, &sent.pieces()).await?;
    Ok(back((&own, &writes), told))
}

/// What would come back of a checkout
///
/// With these pieces, after what came back before. Nothing is booked.
#[utoipa::path(post, path = "/api/v1/checkouts/{checkout_id}/refund/preview",
    operation_id = "preview_checkout_refund", tag = "benefits",
    params(("checkout_id" = String, Path, description = "The checkout")),
    request_body = CheckoutRefund, responses(
    (status = 200, description = "What would come back", body = CheckoutBack),
    (status = 404, description = "There is no such checkout", body = ErrorBody),
    (status = 409, description = "It was not redeemed", body = ErrorBody), Refusals))]
pub(super) async fn preview(
    reads: ReadsBenefits,
    Path(id): Path<String>,
    Sent(sent): Sent<CheckoutRefund>,
) -> Answer<CheckoutBack> {
    let own = checkout::get(&reads.cx, number(&id)?).await?;
    let (told, _) = own.back(&sent.pieces())?;
    Ok(back((&own, &reads), told))
}

/// A checkout
#[utoipa::path(get, path = "/api/v1/checkouts/{checkout_id}", operation_id = "checkout",
    tag = "benefits", params(("checkout_id" = String, Path, description = "The checkout")),
    responses((status = 200, description = "The checkout", body = CheckoutShown),
    (status = 404, description = "There is no such checkout", body = ErrorBody), Refusals))]
pub(super) async fn one(
    reads: ReadsBenefits,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<CheckoutShown> {
    Ok(shown(checkout::get(&reads.cx, number(&id)?).await?, &reads))
}

/// Which checkouts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Of {
    /// Those of this order only, by its number at the shop
    order: Option<String>,
}

/// Which checkouts, and which page of them.
pub(super) struct Which(Of, Part);

impl asked::Wish for Which {
    fn read(said: &mut Said) -> Result<Self> {
        Ok(Self(Of { order: said.text("order")? }, Part::read(said)?))
    }
}

/// Checkouts
///
/// The latest first.
#[utoipa::path(get, path = "/api/v1/checkouts", operation_id = "checkouts", tag = "benefits",
    params(Of, Part), responses(
    (status = 200, description = "A page", body = Paged<CheckoutRow>), Refusals))]
pub(super) async fn list(
    reads: ReadsBenefits,
    Asked(Which(of, part)): Asked<Which>,
) -> Answer<Paged<CheckoutRow>> {
    let rows = checkout::list(&reads.cx, of.order.as_deref(), part.asked()).await?;
    Ok(Json(paged(rows, part.limit, |own| own.number, |own| row(&own, &reads))?))
}
