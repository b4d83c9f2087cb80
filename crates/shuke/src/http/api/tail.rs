//! The last events as they come in, with what each became.

use axum::Json;
use axum::extract::State;
use base::{Result, Time};
use lake::recent::Wanted;
use lake::{BOT_EVENTS, EVENTS, Table};
use perceive::timeline::rule::Kind;
use perceive::{privacy, relay};
use serde::Serialize;
use store::log;
use utoipa::{IntoParams, ToSchema};

use super::{Answer, Paged, mark, micros};
use crate::http::App;
use crate::http::asked::{Asked, Said, Wish};
use crate::http::error::Refusals;
use crate::http::request::Reader;
use crate::http::who::{Access, ReadsEvents};
use crate::lang::Lang;
use crate::text::catalogue;

/// Events of a look.
const EVENTS_MAX: usize = 100;
/// Facts that were set aside of a look.
const ASIDE_MAX: i64 = 100;
/// How long ago an event that is new may have happened, in microseconds: clients that were away
/// tell late.
const LATE_MAX: i64 = 7 * base::time::DAY_MICROS;

/// An event that came in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TailEvent {
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
    #[schema(required = true)]
    message_id: Option<String>,
    /// Whom it happened to; null where nobody is known.
    #[schema(required = true)]
    customer_id: Option<String>,
    /// Through what it came, such as `web`.
    #[schema(required = true)]
    channel: Option<String>,
    /// What it became: a kind of the timeline, `bot` where nobody was there, or `set_aside`.
    became: String,
    /// Why it was set aside.
    #[schema(required = true)]
    problem: Option<String>,
    /// What else its sender says, without what is personal.
    #[schema(value_type = Option<Object>, required = true)]
    properties: Option<serde_json::Value>,
}

/// What a look at the tail asks for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Since {
    /// `next` of the look before; the last 100 if left out
    #[param(value_type = Option<String>)]
    after: Option<i64>,
}

impl Wish for Since {
    fn read(said: &mut Said) -> Result<Self> {
        Ok(Self { after: said.after()? })
    }
}

/// Events as they come in
///
/// Those that were received since the look before, in the order in which they came, at most the
/// last 100; `next` is for the next look.
#[utoipa::path(get, path = "/api/v1/sources/tail", operation_id = "tail", tag = "sources",
    params(Since), responses(
    (status = 200, description = "The events", body = Paged<TailEvent>), Refusals))]
pub(super) async fn list(
    State(app): State<App>,
    reads: ReadsEvents,
    Reader(lang): Reader,
    Asked(asked): Asked<Since>,
) -> Answer<Paged<TailEvent>> {
    let _turn = app.scans.take(reads.cx.shop).await?;
    let mut found = aside(&reads, asked.after, lang).await?;
    for table in [&EVENTS, &BOT_EVENTS] {
        found.extend(came(&app, &reads, (table, asked.after)).await?);
    }
    found.sort_by_key(|(received, _)| *received);
    let left = found.len().saturating_sub(EVENTS_MAX);
    let last = found.last().map(|(received, _)| *received).or(asked.after);
    let next = last.map(|last| mark(&last)).transpose()?;
    let data = found.into_iter().skip(left).map(|(_, event)| event).collect();
    Ok(Json(Paged { data, next, total: None }))
}

/// What came into a table of history, with when it was received.
async fn came(
    app: &App,
    reads: &Access,
    (table, since): (&'static Table, Option<i64>),
) -> Result<Vec<(i64, TailEvent)>> {
    let cx = &reads.cx;
    let from = since.map(|_| cx.now.micros() - LATE_MAX);
    let wanted = &Wanted { since, from, ..Wanted::default() };
    let answer = relay::pinned(cx, |moment| {
        let fresh = if table.name == BOT_EVENTS.name { moment.bots } else { moment.events };
        app.place.lake.recent((cx.shop, table), fresh, (wanted, EVENTS_MAX))
    });
    let mut found = Vec::new();
    answer.await?.each_row(|row| {
        let text = |name: &str| {
            let place = table.shown().position(|(shown, _)| shown == name)?;
            row.get(place).cloned().flatten()
        };
        let received = text("received_time").unwrap_or_default();
        let event = text("event").unwrap_or_default();
        let bot = table.name == BOT_EVENTS.name;
        let shown = TailEvent {
            became: if bot { "bot".to_owned() } else { word(Kind::becomes(&event)).to_owned() },
            event,
            event_time: text("event_time").unwrap_or_default(),
            received_time: received.clone(),
            message_id: text("message_id"),
            customer_id: text("customer_id"),
            channel: text("channel"),
            problem: None,
            properties: text("properties").and_then(|text| serde_json::from_str(&text).ok()),
        };
        found.push((received.parse().map_or(0, Time::micros), shown));
        Ok(())
    })?;
    Ok(found)
}

fn word(kind: Kind) -> &'static str {
    Kind::ALL.iter().find(|(_, own)| *own == kind).map_or("", |(word, _)| word)
}

/// What could not be taken in.
async fn aside(reads: &Access, since: Option<i64>, lang: Lang) -> Result<Vec<(i64, TailEvent)>> {
    let since = since.map(Time::from_micros);
    let dead = log::dead_of_shop(&reads.cx, since, ASIDE_MAX).await?;
    let hidden = privacy::get(&mut reads.cx.read().await?).await?.events;
    let seen = |reason: &str| !hidden.iter().any(|kind| reason.contains(kind.as_str()));
    let shown = dead.into_iter().filter(|dead| seen(&dead.reason)).map(|dead| {
        let at = micros(dead.died_at);
        let event = TailEvent {
            event: dead.kind,
            event_time: at.clone(),
            received_time: at,
            message_id: None,
            customer_id: None,
            channel: None,
            became: "set_aside".to_owned(),
            problem: Some(catalogue::sentence(lang, &dead.reason)),
            properties: None,
        };
        (dead.died_at.micros(), event)
    });
    Ok(shown.collect())
}
