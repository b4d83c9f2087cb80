//! What customers take for points.

use axum::Json;
use axum::extract::{Path, State};
use base::{Error, Result};
use benefit::coupon::held;
use benefit::exchange::{self, Exchange, Take};
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa::{IntoParams, ToSchema};

use super::coupon::Part;
use super::points::Who;
use super::reward::{RewardGives, reward_no};
use super::{Answer, ErrorBody, Paged, micros};
use crate::auth::permission::Permission;
use crate::http::App;
use crate::http::asked::{self, Asked, Said};
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::once::Once;
use crate::http::who::{Access, ReadsBenefits, ReadsCustomers, WritesBenefits};

fn exchange_no(id: &str) -> Result<i64> {
    id.parse().map_err(|_| Error::missing("there is no such exchange").field("exchange_id"))
}

/// How an exchange stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ExchangeState {
    Open,
    Done,
    Cancelled,
}

/// A reward that somebody takes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExchangeShown {
    /// Its number within the shop.
    exchange_id: String,
    /// The reward.
    reward_id: String,
    /// Who; null to who may not read customers.
    #[schema(required = true)]
    customer_id: Option<String>,
    /// How many of it.
    pieces: i64,
    /// For how many points in all.
    points: i64,
    /// And for how much money in all, minor units.
    cash_minor: i64,
    /// What each of them gives.
    gives: RewardGives,
    /// The code that was given; null where none is, and to who may not read customers.
    #[schema(required = true)]
    code: Option<String>,
    /// The order, by its number at the shop; may be empty.
    order: String,
    /// Whether it is held, handed over or cancelled.
    state: ExchangeState,
    /// Who did it.
    owner: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Until when it is held, while it is open.
    #[schema(format = DateTime)]
    until: String,
    /// When it was handed over or cancelled.
    #[schema(required = true, format = DateTime)]
    closed_at: Option<String>,
}

async fn told(tx: &mut Tx, access: &Access, all: Vec<Exchange>) -> Result<Vec<ExchangeShown>> {
    let sees = access.needs(Permission::CustomersRead).is_ok();
    let codes = all.iter().filter(|_| sees).filter_map(|own| own.code).collect();
    let codes = held::texts(tx, &access.cx, &codes).await?;
    let one = |own: Exchange| ExchangeShown {
        exchange_id: own.number.to_string(),
        reward_id: own.reward.to_string(),
        customer_id: sees.then(|| own.customer.to_string()),
        pieces: own.pieces,
        points: own.points,
        cash_minor: own.cash_minor,
        gives: own.gives.into(),
        code: own.code.and_then(|code| codes.get(&code).cloned()),
        order: own.order,
        state: match own.state {
            exchange::State::Open => ExchangeState::Open,
            exchange::State::Done => ExchangeState::Done,
            exchange::State::Cancelled => ExchangeState::Cancelled,
        },
        owner: own.actor,
        at: micros(own.at),
        until: micros(own.until),
        closed_at: own.closed_at.map(micros),
    };
    Ok(all.into_iter().map(one).collect())
}

async fn one(access: &Access, own: Exchange) -> Answer<ExchangeShown> {
    let mut tx = access.cx.read().await?;
    let unknown = || Error::missing("there is no such exchange").field("exchange_id");
    Ok(Json(told(&mut tx, access, vec![own]).await?.pop().ok_or_else(unknown)?))
}

/// Who takes a reward.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExchangeForm {
    /// Who.
    customer: Who,
    /// How many; one if left out.
    #[schema(required = false, minimum = 1, default = 1)]
    pieces: Option<i64>,
    /// The order, by its number at the shop.
    #[serde(default)]
    order: String,
    /// Whether it is handed over, and paid, at once: what is left out is held, unless it is a
    /// coupon for points alone.
    #[serde(default)]
    done: bool,
}

/// Take a reward for a customer
///
/// The points are held and the stock is taken until it is handed over. A coupon for points alone is
/// there at once.
#[utoipa::path(post, path = "/api/v1/rewards/{reward_id}/exchanges", operation_id = "take_reward",
    tag = "benefits", params(("reward_id" = String, Path, description = "The reward"),
    ("Idempotency-Key" = String, Header, description = "The caller's id of it")),
    request_body = ExchangeForm, responses(
    (status = 200, description = "The exchange", body = ExchangeShown),
    (status = 404, description = "There is no such reward or customer", body = ErrorBody),
    (status = 409, description = "They cannot have it, or have too few points", body = ErrorBody),
    Refusals))]
pub(super) async fn take(
    State(app): State<App>,
    writes: WritesBenefits,
    Path(id): Path<String>,
    once: Once,
    Sent(sent): Sent<ExchangeForm>,
) -> Answer<ExchangeShown> {
    let ExchangeForm { customer, pieces, order, done } = sent;
    let (reward, cause) = (reward_no(&id)?, once.needed()?);
    exchange::reward(&writes.cx, reward).await?;
    let person = customer.person(&app, &writes).await?;
    let wish = Take { reward, person, pieces: pieces.unwrap_or(1), order, done };
    let own = exchange::take((&writes.cx, &writes.shop.zone), &cause, &wish).await?;
    one(&writes, own).await
}

/// Hand over what somebody took
///
/// And what money it costs besides is paid. The points are spent now.
#[utoipa::path(post, path = "/api/v1/exchanges/{exchange_id}/done",
    operation_id = "finish_exchange", tag = "benefits",
    params(("exchange_id" = String, Path, description = "The exchange")),
    responses((status = 200, description = "The exchange", body = ExchangeShown),
    (status = 404, description = "There is no such exchange", body = ErrorBody),
    (status = 409, description = "It was cancelled, or its time is over", body = ErrorBody),
    Refusals))]
pub(super) async fn done(writes: WritesBenefits, Path(id): Path<String>) -> Answer<ExchangeShown> {
    let place = (&writes.cx, &writes.shop.zone);
    one(&writes, exchange::done(place, exchange_no(&id)?).await?).await
}

/// Cancel an exchange
///
/// Handed over or not: the points, the stock and a coupon that was not used are there again.
#[utoipa::path(post, path = "/api/v1/exchanges/{exchange_id}/cancel",
    operation_id = "cancel_exchange",
    tag = "benefits", params(("exchange_id" = String, Path, description = "The exchange")),
    responses((status = 200, description = "The exchange", body = ExchangeShown),
    (status = 404, description = "There is no such exchange", body = ErrorBody),
    (status = 409, description = "The coupon that it gave was used", body = ErrorBody), Refusals))]
pub(super) async fn cancel(
    writes: WritesBenefits,
    Path(id): Path<String>,
) -> Answer<ExchangeShown> {
    let place = (&writes.cx, &writes.shop.zone);
    one(&writes, exchange::cancel(place, exchange_no(&id)?).await?).await
}

/// Which exchanges.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OfReward {
    /// Those of this reward only
    #[param(value_type = Option<String>)]
    reward_id: Option<i64>,
}

/// Which exchanges, and which page of them.
pub(super) struct Which(OfReward, Part);

impl asked::Wish for Which {
    fn read(said: &mut Said) -> Result<Self> {
        Ok(Self(OfReward { reward_id: said.id("reward_id")? }, Part::read(said)?))
    }
}

/// Exchanges
///
/// The latest first.
#[utoipa::path(get, path = "/api/v1/exchanges", operation_id = "exchanges", tag = "benefits",
    params(OfReward, Part), responses(
    (status = 200, description = "A page", body = Paged<ExchangeShown>), Refusals))]
pub(super) async fn list(
    reads: ReadsBenefits,
    Asked(Which(of, part)): Asked<Which>,
) -> Answer<Paged<ExchangeShown>> {
    let rows = exchange::list(&reads.cx, of.reward_id, part.asked()).await?;
    page(&reads, rows, &part).await
}

/// What a customer took
///
/// The latest first.
#[utoipa::path(get, path = "/api/v1/customers/{customer_id}/exchanges",
    operation_id = "customer_exchanges", tag = "benefits",
    params(("customer_id" = String, Path, description = "The customer"), Part), responses(
    (status = 200, description = "A page", body = Paged<ExchangeShown>),
    (status = 404, description = "There is no such customer", body = ErrorBody), Refusals))]
pub(super) async fn of_customer(
    reads: ReadsCustomers,
    Path(id): Path<String>,
    Asked(part): Asked<Part>,
) -> Answer<Paged<ExchangeShown>> {
    let row = super::customer::whole::row_of(&mut reads.cx.read().await?, &id).await?;
    let rows = exchange::of_customer(&reads.cx, row.customer_no, part.asked()).await?;
    page(&reads, rows, &part).await
}

async fn page(access: &Access, rows: Vec<Exchange>, part: &Part) -> Answer<Paged<ExchangeShown>> {
    let Paged { data, next, total } = super::paged_of(rows, part.limit, |own| own.number)?;
    let data = told(&mut access.cx.read().await?, access, data).await?;
    Ok(Json(Paged { data, next, total }))
}
