//! Handing codes out: to customers, to a list, to a segment, or for nobody in particular.

use axum::Json;
use axum::extract::{Path, State};
use base::{Error, Result};
use benefit::coupon::call::{Call, Deed};
use benefit::coupon::held::{self, Held};
use benefit::coupon::issue::{self, Batch, To, Wish};
use benefit::coupon::{How, Origin, Source};
use perceive::import;
use serde::{Deserialize, Serialize};
use stratify::segment;
use utoipa::ToSchema;

use super::super::points::Who;
use super::super::segment::listed::{Listed, Meant};
use super::super::{Answer, ErrorBody, Paged, micros, paged};
use super::code::{CouponMove, told};
use super::{Part, number};
use crate::auth::permission::Permission;
use crate::http::App;
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::once::Once;
use crate::http::who::{Access, ReadsBenefits, WritesBenefits};
use crate::upload;

/// Where codes come from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct OriginForm {
    /// `shop`, `activity`, `referral`, `agent` or `campaign`.
    #[schema(value_type = OriginName)]
    source: String,
    /// Its number, where it has one.
    number: Option<i64>,
}

/// What hands codes out.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum OriginName {
    Shop,
    Activity,
    Referral,
    Agent,
    Campaign,
}

impl OriginForm {
    fn read(own: Option<Self>) -> Result<Origin> {
        let Some(Self { source, number }) = own else { return Ok(Origin::SHOP) };
        let names: Vec<&str> = Source::ALL.iter().map(|source| source.name()).collect();
        let wrong = || {
            Error::bad("is not one of those that there are")
                .field("origin.source")
                .hint(format!("use one of: {}", names.join(", ")))
        };
        let source = Source::named(&source).ok_or_else(wrong)?;
        Ok(Origin { source, number })
    }

    pub(super) fn shown(own: Origin) -> Self {
        Self { source: own.source.name().to_owned(), number: own.number }
    }
}

/// Codes that are to be handed out: to people, or else so many, one that many share, or a list of
/// them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct IssueForm {
    /// Customers by number, a thousand at the most.
    customer_ids: Option<Vec<String>>,
    /// Everybody in this segment, also in a private one: then it is told to nobody how many got a
    /// code and who holds one, until it is used.
    segment_id: Option<String>,
    /// Everybody on a list.
    list: Option<Listed>,
    /// So many codes that nobody has; 10,000,000 at the most.
    count: Option<i64>,
    /// The form of those codes: `#` stands for a digit, `*` for a letter or digit; codes that
    /// nobody can guess if left out.
    pattern: Option<String>,
    /// One code that many share, such as SPRING26.
    shared: Option<String>,
    /// Codes of a file that was sent; 1,000,000 at the most.
    upload_id: Option<String>,
    /// Its column, by its header; the first one if left out.
    column: Option<String>,
    /// Where they come from.
    origin: Option<OriginForm>,
    /// Why.
    #[serde(default)]
    reason: String,
}

/// Codes that were handed out together.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct CouponBatch {
    /// Its number within the shop.
    coupon_batch_id: String,
    /// The coupon.
    coupon_id: String,
    /// The version of its terms by which they were handed out.
    version: i64,
    /// `one`, `list`, `segment`, `codes`, `shared`, `pattern` or `import`.
    how: &'static str,
    /// Where they come from.
    origin: OriginForm,
    /// Whether it is told to nobody how many they are and who holds them.
    private: bool,
    /// `running`, `done` or `cancelled`.
    state: &'static str,
    /// Codes that are to be handed out; null where it is private.
    #[schema(required = true)]
    total: Option<i64>,
    /// How many of them were looked at; null where it is private.
    #[schema(required = true)]
    looked_at: Option<i64>,
    /// How many of them were handed out: the others had as many as one gets, nothing was left, or
    /// there was such a code already. Null where it is private.
    #[schema(required = true)]
    given: Option<i64>,
    /// Why.
    reason: String,
    /// Who asked for it.
    actor: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// When it ended.
    #[schema(required = true, format = DateTime)]
    ended_at: Option<String>,
}

impl From<Batch> for CouponBatch {
    fn from(own: Batch) -> Self {
        let told = |count: i64| (!own.private).then_some(count);
        Self {
            coupon_batch_id: own.number.to_string(),
            coupon_id: own.coupon.to_string(),
            version: own.version,
            how: own.how.name(),
            origin: OriginForm::shown(own.origin),
            private: own.private,
            state: own.state.name(),
            total: told(own.total),
            looked_at: told(own.next),
            given: told(own.given),
            reason: own.reason,
            actor: own.actor,
            at: micros(own.at),
            ended_at: own.ended_at.map(micros),
        }
    }
}

/// What a form asks for.
async fn meant(app: &App, access: &Access, form: &mut IssueForm) -> Result<To> {
    let people = form.customer_ids.is_some() || form.segment_id.is_some() || form.list.is_some();
    let written = [form.count.is_some(), form.shared.is_some(), form.upload_id.is_some()];
    if written.iter().filter(|own| **own).count() + usize::from(people) != 1 {
        return Err(Error::bad(
            "needs people, a count, a shared code or a file, and one of them only",
        )
        .field("customer_ids"));
    }
    if let Some(text) = form.shared.take() {
        return Ok(To::Shared(text));
    }
    if let Some(count) = form.count {
        return Ok(form.pattern.take().map_or(To::Codes(count), |form| To::Form(form, count)));
    }
    if let Some(upload) = form.upload_id.take() {
        let file = upload::find(&app.place, access.cx.shop, &upload)?;
        let values = import::values(&file.path, form.column.as_deref()).await?;
        let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
        return Ok(To::Import { upload, column: form.column.take(), count });
    }
    if let (Some(id), None, None) = (&form.segment_id, &form.customer_ids, &form.list) {
        // Who is in a segment is told to those who may look.
        access.needs(Permission::SegmentsRead)?;
        let missing = |_| Error::missing("there is no such segment").field("segment_id");
        let own = segment::get(&access.cx, id.parse().map_err(missing)?).await;
        let own = own.map_err(|error| error.field("segment_id"))?;
        let people = segment::audience(&access.cx, &own).await?;
        let (private, segment) = (own.private, Some(own.number));
        return Ok(To::People { people, how: How::Segment, private, segment });
    }
    access.needs(Permission::CustomersRead)?;
    let how = if form.list.is_some() { How::List } else { How::One };
    let named = Meant {
        customer_ids: form.customer_ids.take(),
        segment_id: form.segment_id.take(),
        list: form.list.take(),
    };
    let (people, _) = named.people(app, access).await?;
    Ok(To::People { people, how, private: false, segment: None })
}

/// Hand codes out
///
/// A thousand are there when this is answered; more are handed out by a job, step by step, and
/// how far it is stands in the batch. Once, however often it is sent with the same
/// `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/coupons/{coupon_id}/batches", operation_id = "issue_coupons",
    tag = "benefits", params(("coupon_id" = String, Path, description = "The coupon"),
    ("Idempotency-Key" = String, Header, description = "The caller's id of it")),
    request_body = IssueForm, responses(
    (status = 200, description = "What is handed out", body = CouponBatch),
    (status = 404, description = "There is no such coupon, customer, segment or file",
     body = ErrorBody),
    (status = 409, description = "It has ended, waits, or there is such a code",
     body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn issue(
    State(app): State<App>,
    writes: WritesBenefits,
    Path(id): Path<String>,
    once: Once,
    Sent(mut sent): Sent<IssueForm>,
) -> Answer<CouponBatch> {
    let coupon = number(&id)?;
    benefit::coupon::get(&writes.cx, coupon).await?;
    let cause = once.needed()?;
    let to = meant(&app, &writes, &mut sent).await?;
    let origin = OriginForm::read(sent.origin)?;
    let wish = Wish { coupon, to, origin, reason: sent.reason, cause };
    let batch = issue::begin(&writes.cx, &writes.shop.zone, wish).await?;
    app.wake();
    Ok(Json(batch.into()))
}

/// What was handed out of a coupon
///
/// The latest first, claims left out.
#[utoipa::path(get, path = "/api/v1/coupons/{coupon_id}/batches", operation_id = "coupon_batches",
    tag = "benefits", params(("coupon_id" = String, Path, description = "The coupon"), Part),
    responses((status = 200, description = "A page", body = Paged<CouponBatch>),
    (status = 404, description = "There is no such coupon", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn list(
    reads: ReadsBenefits,
    Path(id): Path<String>,
    Asked(part): Asked<Part>,
) -> Answer<Paged<CouponBatch>> {
    let rows = issue::list(&reads.cx, number(&id)?, part.asked()).await?;
    Ok(Json(paged(rows, part.limit, |row| row.number, CouponBatch::from)?))
}

fn batch_number(id: &str) -> Result<i64> {
    id.parse().map_err(|_| Error::missing("there is no such batch").field("coupon_batch_id"))
}

/// Stop handing codes out
///
/// What was handed out stays.
#[utoipa::path(post, path = "/api/v1/coupons/batches/{coupon_batch_id}/cancel",
    operation_id = "cancel_coupon_batch", tag = "benefits",
    params(("coupon_batch_id" = String, Path, description = "The batch")), responses(
    (status = 200, description = "The batch", body = CouponBatch),
    (status = 404, description = "There is no such batch", body = ErrorBody),
    (status = 409, description = "It has ended already", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn cancel(
    writes: WritesBenefits,
    Path(id): Path<String>,
) -> Answer<CouponBatch> {
    Ok(Json(issue::cancel(&writes.cx, batch_number(&id)?).await?.into()))
}

/// A code.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct CouponCode {
    /// As it is written.
    code: String,
    /// The coupon.
    coupon_id: String,
    /// Its name.
    coupon: String,
    /// The batch that it was handed out with.
    coupon_batch_id: String,
    /// `held`, `locked`, `redeemed`, `expired` or `void`.
    state: &'static str,
    /// How it came to be.
    how: &'static str,
    /// Where it came from.
    origin: OriginForm,
    /// Who has it, by the number under which they got it; null for nobody, for whom it is told to
    /// nobody, and to who may not read customers.
    #[schema(required = true)]
    customer_id: Option<String>,
    /// From when on it is valid.
    #[schema(format = DateTime)]
    valid_from: String,
    /// Until when, included.
    #[schema(format = DateTime)]
    valid_until: String,
    /// Uses at the most; null for any number.
    #[schema(required = true)]
    uses_max: Option<i64>,
    /// Uses that have happened and count.
    used: i64,
}

impl CouponCode {
    pub(super) fn new(own: Held, access: &Access) -> Self {
        // Who is in a private segment is told to nobody before they use it.
        let hidden = own.batch.private && own.code.used == 0;
        let sees = !hidden && access.needs(Permission::CustomersRead).is_ok();
        Self {
            code: own.shown,
            coupon_id: own.code.coupon.to_string(),
            coupon: own.name,
            coupon_batch_id: own.code.batch.to_string(),
            state: own.standing.name(),
            how: own.code.how.name(),
            origin: OriginForm::shown(own.batch.origin),
            customer_id: own.code.holder.filter(|_| sees).map(|own| own.to_string()),
            valid_from: micros(own.code.from),
            valid_until: micros(own.code.until),
            uses_max: own.code.uses_max,
            used: own.code.used,
        }
    }
}

/// The codes of a batch
///
/// Whoever has a code can use it: only those see them who may hand them out.
#[utoipa::path(get, path = "/api/v1/coupons/batches/{coupon_batch_id}/codes",
    operation_id = "batch_codes", tag = "benefits",
    params(("coupon_batch_id" = String, Path, description = "The batch"), Part), responses(
    (status = 200, description = "A page", body = Paged<CouponCode>),
    (status = 404, description = "There is no such batch", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn codes(
    writes: WritesBenefits,
    Path(id): Path<String>,
    Asked(part): Asked<Part>,
) -> Answer<Paged<CouponCode>> {
    let rows = held::of_batch(&writes.cx, batch_number(&id)?, part.asked()).await?;
    let place = |row: &Held| row.code.number;
    Ok(Json(paged(rows, part.limit, place, |row| CouponCode::new(row, &writes))?))
}

/// Who claims a coupon.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct ClaimForm {
    /// The customer.
    customer: Who,
    /// Where it comes from.
    origin: Option<OriginForm>,
}

/// Claim a coupon for a customer
///
/// One that may be claimed. Once, however often it is sent with the same `Idempotency-Key`.
#[utoipa::path(post, path = "/api/v1/coupons/{coupon_id}/claims", operation_id = "claim_coupon",
    tag = "benefits", params(("coupon_id" = String, Path, description = "The coupon"),
    ("Idempotency-Key" = String, Header, description = "The caller's id of it")),
    request_body = ClaimForm, responses(
    (status = 200, description = "What happened", body = CouponMove),
    (status = 404, description = "There is no such coupon or customer", body = ErrorBody),
    (status = 409, description = "Nothing is left, or they had as many as one gets",
     body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn claim(
    State(app): State<App>,
    writes: WritesBenefits,
    Path(id): Path<String>,
    once: Once,
    Sent(sent): Sent<ClaimForm>,
) -> Answer<CouponMove> {
    let coupon = number(&id)?;
    let cause = once.needed()?;
    benefit::coupon::get(&writes.cx, coupon).await?;
    let person = sent.customer.person(&app, &writes).await?;
    let origin = OriginForm::read(sent.origin)?;
    let deed = Deed::Claim { coupon, origin, by_buyer: true };
    let call = Call::new((cause, writes.cx.actor.to_string()), Some(person), deed)?;
    let moved = app.till.ask(&writes.cx, &writes.shop.zone, call).await?;
    let code = held::of_number(&writes.cx, moved.code).await?.shown;
    Ok(Json(told(moved, code)))
}
