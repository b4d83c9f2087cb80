//! Events, the newest first, from history and what is on its way there.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use base::{Code, Currency, Error, Result, Time};
use lake::EVENTS;
use lake::recent::{Mark, Wanted};
use perceive::relay;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{Answer, Paged, paged};
use crate::http::App;
use crate::http::asked::{Asked, Said, Wish};
use crate::http::error::Refusals;
use crate::http::who::{Access, ReadsEvents};

/// How long a look at events may take.
const SCAN_MAX: Duration = Duration::from_secs(20);

/// Something that happened, as the SQL table `events` has it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Event {
    /// Whom it happened to; null where nobody is known.
    customer_id: Option<String>,
    /// Who was there, known or not: the customer, or a number below zero.
    visitor_id: Option<String>,
    /// What happened.
    #[schema(example = "Product Viewed")]
    event: String,
    /// When it happened.
    #[schema(format = DateTime)]
    event_time: String,
    /// When it was received.
    #[schema(format = DateTime)]
    received_time: String,
    /// Its sender's id of it.
    message_id: String,
    /// The product that it is about.
    product_id: Option<String>,
    /// Category of the product.
    category: Option<String>,
    /// Brand of the product.
    brand: Option<String>,
    /// Pieces.
    quantity: Option<i64>,
    /// What it is worth.
    value_minor: Option<i64>,
    /// The order that it is about.
    order_id: Option<String>,
    /// Where it happened.
    channel: Option<String>,
    /// Where the visit came from: `utm_source`.
    utm_source: Option<String>,
    /// `utm_medium`.
    utm_medium: Option<String>,
    /// `utm_campaign`.
    utm_campaign: Option<String>,
    /// The page before, of another site.
    referrer: Option<String>,
    /// What else its sender says, without what is personal.
    #[schema(value_type = Option<Object>)]
    properties: Option<serde_json::Value>,
    /// Currency of the amounts, whose minor units they count (ISO 4217).
    #[schema(value_type = String, example = "CNY")]
    currency: Currency,
}

/// A row of the SQL table.
type Row<'a> = &'a [Option<String>];

impl Event {
    fn new(row: Row<'_>, currency: Currency) -> Self {
        let text = |name: &str| {
            let place = EVENTS.shown().position(|(shown, _)| shown == name)?;
            row.get(place).cloned().flatten()
        };
        let number = |name| text(name).and_then(|text| text.parse().ok());
        Self {
            customer_id: text("customer_id"),
            visitor_id: text("visitor_id"),
            event: text("event").unwrap_or_default(),
            event_time: text("event_time").unwrap_or_default(),
            received_time: text("received_time").unwrap_or_default(),
            message_id: text("message_id").unwrap_or_default(),
            product_id: text("product_id"),
            category: text("category"),
            brand: text("brand"),
            quantity: number("quantity"),
            value_minor: number("value_minor"),
            order_id: text("order_id"),
            channel: text("channel"),
            utm_source: text("utm_source"),
            utm_medium: text("utm_medium"),
            utm_campaign: text("utm_campaign"),
            referrer: text("referrer"),
            properties: text("properties").and_then(|text| serde_json::from_str(&text).ok()),
            currency,
        }
    }

    fn place(&self) -> (i64, String, i64) {
        let micros = |text: &str| text.parse().map_or(0, Time::micros);
        (micros(&self.event_time), self.message_id.clone(), micros(&self.received_time))
    }
}

/// Which events.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Events {
    /// Events of this customer
    #[param(value_type = Option<String>, pattern = "^[1-9][0-9]{0,17}$")]
    customer_id: Option<i64>,
    /// Events of this name
    event: Option<String>,
    /// Events from this time on
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Time>,
    /// Events before this time
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<Time>,
    /// Rows of the page
    #[param(required = false, minimum = 1, maximum = 500, default = 50)]
    limit: u32,
    /// `next` of the page before
    #[param(value_type = Option<String>)]
    after: Option<(i64, String, i64)>,
}

impl Wish for Events {
    fn read(said: &mut Said) -> Result<Self> {
        let customer_id = said.id("customer_id")?;
        let event = said.text("event")?;
        let (from, until) = (said.time("from")?, said.time("until")?);
        let (limit, after) = said.page()?;
        Ok(Self { customer_id, event, from, until, limit, after })
    }
}

/// Events, the newest first
///
/// An event is there seconds after it was received. Visitors who have not signed in have no
/// `customer_id` until they do.
#[utoipa::path(get, path = "/api/v1/events", operation_id = "events",
    tag = "events", params(Events), responses(
    (status = 200, description = "A page of events", body = Paged<Event>), Refusals))]
pub(super) async fn list(
    State(app): State<App>,
    reads: ReadsEvents,
    Asked(asked): Asked<Events>,
) -> Answer<Paged<Event>> {
    let late = |_| {
        let text = format!("the events took longer than {} s", SCAN_MAX.as_secs());
        Error::new(Code::Timeout, text).hint("ask for a shorter time, with `from`")
    };
    let page = tokio::time::timeout(SCAN_MAX, page(&app, &reads, asked)).await.map_err(late)?;
    Ok(Json(page?))
}

async fn page(app: &App, reads: &Access, asked: Events) -> Result<Paged<Event>> {
    let _turn = app.scans.take(reads.cx.shop).await?;
    let wanted = Wanted {
        customer: asked.customer_id,
        event: asked.event,
        from: asked.from.map(Time::micros),
        until: asked.until.map(Time::micros),
        after: asked.after.map(|(at, message, received)| Mark { at, message, received }),
        ..Wanted::default()
    };
    let most = usize::try_from(asked.limit).unwrap_or(usize::MAX).saturating_add(1);
    let (cx, wanted) = (&reads.cx, &wanted);
    let answer = relay::pinned(cx, |moment| {
        app.place.lake.recent((cx.shop, &EVENTS), moment.events, (wanted, most))
    });
    let mut rows = Vec::with_capacity(most);
    answer.await?.each_row(|row| {
        rows.push(Event::new(row, reads.shop.currency));
        Ok(())
    })?;
    paged(rows, asked.limit, Event::place, |event| event)
}
