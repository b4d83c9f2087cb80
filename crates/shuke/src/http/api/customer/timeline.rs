//! The timeline of one customer.

use axum::Json;
use axum::extract::{Path, State};
use base::{Currency, Error, Result, Time};
use perceive::timeline::rule::Kind;
use perceive::timeline::{self, Entry, Mark};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::whole::row_of;
use crate::http::App;
use crate::http::api::{Answer, ErrorBody, Paged, micros, paged};
use crate::http::asked::{Asked, Said, Wish};
use crate::http::error::Refusals;
use crate::http::who::ReadsCustomers;

/// Something on a timeline.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct Happening {
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// What it is.
    #[schema(value_type = HappeningKind)]
    kind: Kind,
    /// An event's name, or a step such as `order.paid`.
    event: String,
    /// Money of it, in minor units.
    #[schema(required = true)]
    amount_minor: Option<i64>,
    /// Currency of the amount (ISO 4217).
    #[schema(value_type = String, example = "CNY")]
    currency: Currency,
    /// The order that it is about.
    #[schema(required = true)]
    order_id: Option<String>,
    /// That order's number at its source.
    #[schema(required = true)]
    order_external_id: Option<String>,
    /// The product that it is about.
    #[schema(required = true)]
    product_id: Option<String>,
    /// What that is called.
    #[schema(required = true)]
    title: Option<String>,
    /// Where it happened.
    #[schema(required = true)]
    channel: Option<String>,
    /// A note's text, or the other number of a merge.
    #[schema(required = true)]
    text: Option<String>,
    /// Who did it, where that is not the customer.
    #[schema(required = true)]
    actor: Option<String>,
    /// An event's properties, without what is personal.
    #[schema(value_type = Object)]
    properties: Value,
}

/// What something on a timeline is.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum HappeningKind {
    Visit,
    Cart,
    Favourite,
    Order,
    Payment,
    Refund,
    Review,
    Chat,
    Identity,
    Note,
}

fn happening(entry: Entry, currency: Currency) -> Happening {
    let Entry { mark, event, amount_minor, order, product, title, channel, detail, actor } = entry;
    let told = matches!(mark.kind, Kind::Note | Kind::Identity);
    let (text, properties) = if told { (detail, None) } else { (None, detail) };
    let (order_id, order_external_id) = order.unzip();
    Happening {
        at: micros(Time::from_micros(mark.at)),
        kind: mark.kind,
        event,
        amount_minor,
        currency,
        order_id: order_id.map(|number: i64| number.to_string()),
        order_external_id,
        product_id: product.map(|number| number.to_string()),
        title,
        channel,
        text,
        actor,
        properties: properties
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_else(|| Value::Object(serde_json::Map::new())),
    }
}

/// Which part of a timeline.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http::api) struct Part {
    /// Kinds with commas between them; all if left out
    #[param(value_type = Option<String>, example = "order,payment")]
    kind: Vec<Kind>,
    /// Rows of the page
    #[param(required = false, minimum = 1, maximum = 500, default = 50)]
    limit: u32,
    /// `next` of the page before
    #[param(value_type = Option<String>)]
    after: Option<Mark>,
}

impl Wish for Part {
    fn read(said: &mut Said) -> Result<Self> {
        let kind = match said.text("kind")? {
            None => Kind::ALL.map(|(_, kind)| kind).to_vec(),
            Some(text) => text.split(',').map(kind).collect::<Result<_>>()?,
        };
        let (limit, after) = said.page()?;
        Ok(Self { kind, limit, after })
    }
}

fn kind(word: &str) -> Result<Kind> {
    let found = Kind::ALL.iter().find(|(own, _)| *own == word.trim());
    found.map(|(_, kind)| *kind).ok_or_else(|| {
        let known: Vec<&str> = Kind::ALL.iter().map(|(own, _)| *own).collect();
        let hint = format!("use some of: {}", known.join(", "));
        Error::bad("is none of the kinds").field("kind").hint(hint)
    })
}

/// What happened to and by a customer, the latest first
#[utoipa::path(get, path = "/api/v1/customers/{customer_id}/timeline",
    operation_id = "customer_timeline", tag = "customers", params(
    ("customer_id" = String, Path, description = "The customer"), Part), responses(
    (status = 200, description = "A page of the timeline", body = Paged<Happening>),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn list(
    State(app): State<App>,
    reads: ReadsCustomers,
    Path(id): Path<String>,
    Asked(asked): Asked<Part>,
) -> Answer<Paged<Happening>> {
    let cx = &reads.cx;
    let person = row_of(&mut cx.read().await?, &id).await?.customer_no;
    let Part { kind, limit, after } = asked;
    let most = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1);
    let _turn = app.scans.take(reads.cx.shop).await?;
    let wanted = timeline::Asked { kinds: kind, after, limit: most };
    let entries = timeline::page(cx, &app.place.lake, person, &wanted).await?;
    let show = |entry| happening(entry, reads.shop.currency);
    Ok(Json(paged(entries, limit, |entry| entry.mark.clone(), show)?))
}
