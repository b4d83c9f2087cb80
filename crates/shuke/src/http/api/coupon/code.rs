//! What a shop's tills and systems do with codes, and what became of them.

use axum::Json;
use axum::extract::{Path, State};
use base::Result;
use benefit::coupon::call::{Back, Call, Deed, LineOff, Move, Named, Spend, is_callers};
use benefit::coupon::code::{Stage, Use};
use benefit::coupon::held::{self, Found, Held};
use benefit::coupon::rule::Terms;
use perceive::identity;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::customer::whole::row_of;
use super::super::points::Who;
use super::super::{Answer, ErrorBody, Paged, micros, paged};
use super::Part;
use super::batch::CouponCode;
use super::shape::CouponTerms;
use crate::auth::permission::Permission;
use crate::http::App;
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::once::Once;
use crate::http::who::{Access, ReadsBenefits, ReadsCustomers, WritesBenefits};

/// Seconds for which a code is locked if nothing else is said: half an hour.
const LOCK_SECONDS: u32 = 1_800;
/// Microseconds of a second.
const SECOND_MICROS: i64 = 1_000_000;

/// What is taken off a line of an order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct CouponLine {
    /// The line, by the shop's own name for it.
    line: String,
    /// Minor units.
    amount_minor: i64,
}

fn lines(own: Vec<CouponLine>) -> Vec<LineOff> {
    own.into_iter().map(|own| LineOff { line: own.line, amount_minor: own.amount_minor }).collect()
}

/// What happened to a code. Whoever asks again with the same `Idempotency-Key` is told the same.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct CouponMove {
    /// `lock`, `redeem`, `rollback` or `claim`.
    kind: &'static str,
    /// The code, as it was written.
    code: String,
    /// The coupon.
    coupon_id: String,
    /// The caller's id of it: what a redemption or a rollback names as `of`.
    of: String,
    /// What the use takes off in minor units.
    amount_minor: i64,
    /// What of that was left then.
    rest_minor: i64,
    /// The order.
    order: String,
    /// Until when it is locked, or a claimed code valid.
    #[schema(required = true, format = DateTime)]
    until: Option<String>,
    /// When it happened.
    #[schema(format = DateTime)]
    at: String,
}

/// What happened, as it is shown.
pub(super) fn told(own: Move, code: String) -> CouponMove {
    CouponMove {
        kind: own.kind.name(),
        code,
        coupon_id: own.coupon.to_string(),
        of: own.cause,
        amount_minor: own.amount,
        rest_minor: own.rest,
        order: own.order,
        until: own.until.map(micros),
        at: micros(own.at),
    }
}

/// A use of a code that somebody wants.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct UseForm {
    /// Who uses it: needed where one person gets so many only.
    customer: Option<Who>,
    /// What it takes off, minor units; the most that the coupon takes off if left out.
    amount_minor: Option<i64>,
    /// What it takes off line by line; adds up to the amount.
    #[serde(default)]
    lines: Vec<CouponLine>,
    /// The order, by its number at the shop.
    #[serde(default)]
    order: String,
}

impl UseForm {
    async fn read(
        self,
        (app, access): (&App, &Access),
        code: &str,
    ) -> Result<(Spend, Option<i64>)> {
        let person = match self.customer {
            Some(customer) => Some(customer.person(app, access).await?),
            None => None,
        };
        let spend = Spend {
            code: Named::new(code),
            amount: self.amount_minor,
            lines: lines(self.lines),
            order: self.order,
        };
        Ok((spend, person))
    }
}

async fn ask(
    (app, access): (&App, &Access),
    (once, code): (Once, String),
    (person, deed): (Option<i64>, Deed),
) -> Answer<CouponMove> {
    let cause = once.needed()?;
    is_callers(&cause, "Idempotency-Key")?;
    let call = Call::new((cause, access.cx.actor.to_string()), person, deed)?;
    call.refers().map_or(Ok(()), |of| is_callers(of, "of"))?;
    let moved = app.till.ask(&access.cx, &access.shop.zone, call).await?;
    Ok(Json(told(moved, code)))
}

/// What a code would do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct WouldUse {
    /// The code.
    code: CouponCode,
    /// What it would take from the budget, minor units.
    amount_minor: i64,
    /// What it says: the terms by which it was handed out.
    #[schema(value_type = CouponTerms)]
    terms: Terms,
}

/// Whether a code could be used
///
/// By whoever it is for, now, and so much; nothing is used. What the order must have is said by its
/// terms.
#[utoipa::path(post, path = "/api/v1/coupons/{code}/validate", operation_id = "validate_coupon",
    tag = "benefits", params(("code" = String, Path, description = "The code")),
    request_body = UseForm, responses(
    (status = 200, description = "It could", body = WouldUse),
    (status = 404, description = "There is no such code", body = ErrorBody),
    (status = 409, description = "It could not, and why", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn validate(
    State(app): State<App>,
    writes: WritesBenefits,
    Path(code): Path<String>,
    Sent(sent): Sent<UseForm>,
) -> Answer<WouldUse> {
    let (spend, person) = sent.read((&app, &writes), &code).await?;
    let work = held::validate(&writes.cx, &writes.shop.zone, (spend, person));
    let would = app.till.guarded((&writes.cx, person), work).await?;
    let terms = would.terms.as_ref().clone();
    let code = CouponCode::new(would.held, &writes);
    Ok(Json(WouldUse { code, amount_minor: would.amount, terms }))
}

/// A use that is to be locked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct LockForm {
    /// Who uses it: needed where one person gets so many only.
    customer: Option<Who>,
    /// What it takes off at the most, minor units; what the coupon says if left out.
    amount_minor: Option<i64>,
    /// What it takes off line by line; adds up to the amount.
    #[serde(default)]
    lines: Vec<CouponLine>,
    /// The order, by its number at the shop.
    #[serde(default)]
    order: String,
    /// Seconds after which it is free again; a day at the most, half an hour if left out.
    #[schema(required = false, minimum = 1, maximum = 86_400, default = 1_800)]
    ttl_seconds: Option<u32>,
}

/// Lock a use of a code
///
/// Nobody else has it until it is redeemed, rolled back or its time is over.
#[utoipa::path(post, path = "/api/v1/coupons/{code}/lock", operation_id = "lock_coupon",
    tag = "benefits", params(("code" = String, Path, description = "The code"),
    ("Idempotency-Key" = String, Header, description = "The caller's id of it")),
    request_body = LockForm, responses(
    (status = 200, description = "What happened", body = CouponMove),
    (status = 404, description = "There is no such code", body = ErrorBody),
    (status = 409, description = "It cannot be used, and why", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn lock(
    State(app): State<App>,
    writes: WritesBenefits,
    Path(code): Path<String>,
    once: Once,
    Sent(sent): Sent<LockForm>,
) -> Answer<CouponMove> {
    let LockForm { customer, amount_minor, lines, order, ttl_seconds } = sent;
    let form = UseForm { customer, amount_minor, lines, order };
    let (spend, person) = form.read((&app, &writes), &code).await?;
    let ttl = i64::from(ttl_seconds.unwrap_or(LOCK_SECONDS)) * SECOND_MICROS;
    ask((&app, &writes), (once, code), (person, Deed::Lock(spend, ttl))).await
}

/// A code that is to be used.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct RedeemForm {
    /// Who uses it: needed where one person gets so many only.
    customer: Option<Who>,
    /// The `Idempotency-Key` of the lock; at once without one if left out.
    of: Option<String>,
    /// What it takes off, minor units; what was locked, or the most that the coupon takes off, if
    /// left out.
    amount_minor: Option<i64>,
    /// What it takes off line by line; adds up to the amount.
    #[serde(default)]
    lines: Vec<CouponLine>,
    /// The order, by its number at the shop.
    #[serde(default)]
    order: String,
}

/// Redeem a code
///
/// One that was locked, or at once.
#[utoipa::path(post, path = "/api/v1/coupons/{code}/redeem", operation_id = "redeem_coupon",
    tag = "benefits", params(("code" = String, Path, description = "The code"),
    ("Idempotency-Key" = String, Header, description = "The caller's id of it")),
    request_body = RedeemForm, responses(
    (status = 200, description = "What happened", body = CouponMove),
    (status = 404, description = "There is no such code or lock", body = ErrorBody),
    (status = 409, description = "It cannot be used, and why", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn redeem(
    State(app): State<App>,
    writes: WritesBenefits,
    Path(code): Path<String>,
    once: Once,
    Sent(sent): Sent<RedeemForm>,
) -> Answer<CouponMove> {
    let RedeemForm { customer, of, amount_minor, lines, order } = sent;
    let form = UseForm { customer, amount_minor, lines, order };
    let (spend, person) = form.read((&app, &writes), &code).await?;
    ask((&app, &writes), (once, code), (person, Deed::Redeem(spend, of))).await
}

/// What is to be rolled back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct RollbackForm {
    /// The `Idempotency-Key` of the lock or the redemption.
    of: String,
    /// How much of it, in minor units; all that is left if left out.
    amount_minor: Option<i64>,
    /// Of which lines; adds up to the amount.
    #[serde(default)]
    lines: Vec<CouponLine>,
}

/// Roll back a lock or a redemption
///
/// Whole or in part, by amount or by lines: the budget gets it back. A code whose use is rolled
/// back as a whole can be used again, unless the coupon says otherwise.
#[utoipa::path(post, path = "/api/v1/coupons/{code}/rollback", operation_id = "rollback_coupon",
    tag = "benefits", params(("code" = String, Path, description = "The code"),
    ("Idempotency-Key" = String, Header, description = "The caller's id of it")),
    request_body = RollbackForm, responses(
    (status = 200, description = "What happened", body = CouponMove),
    (status = 404, description = "There is no such code or use", body = ErrorBody),
    (status = 409, description = "Less is left", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn rollback(
    State(app): State<App>,
    writes: WritesBenefits,
    Path(code): Path<String>,
    once: Once,
    Sent(sent): Sent<RollbackForm>,
) -> Answer<CouponMove> {
    let RollbackForm { of, amount_minor, lines: own } = sent;
    let back = Back { code: Named::new(&code), of, amount: amount_minor, lines: lines(own) };
    ask((&app, &writes), (once, code), (None, Deed::Back(back))).await
}

/// A use of a code.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct CouponUse {
    /// `locked`, `redeemed`, `rolled_back` or `free`: let go of, or its time was over.
    state: &'static str,
    /// What it takes off, minor units.
    amount_minor: i64,
    /// What of that was rolled back.
    back_minor: i64,
    /// The order.
    order: String,
    /// Who used it; null for nobody known, and to who may not read customers.
    #[schema(required = true)]
    customer_id: Option<String>,
    /// When it began.
    #[schema(format = DateTime)]
    at: String,
    /// Until when it is locked.
    #[schema(required = true, format = DateTime)]
    until: Option<String>,
}

impl CouponUse {
    fn new(own: Use, access: &Access) -> Self {
        let sees = access.needs(Permission::CustomersRead).is_ok();
        let over = own.until.is_some_and(|until| until <= access.cx.now);
        Self {
            state: match own.stage {
                Stage::Locked if over => "free",
                Stage::Locked => "locked",
                Stage::Redeemed => "redeemed",
                Stage::Back => "rolled_back",
                Stage::Free => "free",
            },
            amount_minor: own.amount,
            back_minor: own.back,
            order: own.order,
            customer_id: own.customer.filter(|_| sees).map(|own| own.to_string()),
            at: micros(own.at),
            until: own.until.map(micros),
        }
    }
}

/// What became of a code.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct CouponFound {
    /// The code.
    code: CouponCode,
    /// Its uses, the latest first; at most 200.
    uses: Vec<CouponUse>,
    /// What was done with it, the latest first; at most 200.
    moves: Vec<CouponMove>,
}

/// What became of a code
#[utoipa::path(get, path = "/api/v1/coupons/codes/{code}", operation_id = "coupon_code",
    tag = "benefits", params(("code" = String, Path, description = "The code")), responses(
    (status = 200, description = "The code, its uses and what was done", body = CouponFound),
    (status = 404, description = "There is no such code", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn find(
    State(app): State<App>,
    reads: ReadsBenefits,
    Path(code): Path<String>,
    _: Asked<()>,
) -> Answer<CouponFound> {
    let Found { held, uses, moves } =
        app.till.guarded((&reads.cx, None), held::find(&reads.cx, &code)).await?;
    let written = held.shown.clone();
    Ok(Json(CouponFound {
        code: CouponCode::new(held, &reads),
        uses: uses.into_iter().map(|own| CouponUse::new(own, &reads)).collect(),
        moves: moves.into_iter().map(|own| told(own, written.clone())).collect(),
    }))
}

/// Withdraw a code
///
/// Nobody uses it any more.
#[utoipa::path(delete, path = "/api/v1/coupons/codes/{code}", operation_id = "withdraw_code",
    tag = "benefits", params(("code" = String, Path, description = "The code")), responses(
    (status = 200, description = "The code", body = CouponCode),
    (status = 404, description = "There is no such code", body = ErrorBody),
    (status = 409, description = "It was used, is locked or withdrawn", body = ErrorBody),
    Refusals))]
pub(in crate::http::api) async fn withdraw(
    writes: WritesBenefits,
    Path(code): Path<String>,
) -> Answer<CouponCode> {
    let own = held::withdraw(&writes.cx, &code).await?;
    Ok(Json(CouponCode::new(own, &writes)))
}

/// What a customer holds
///
/// The latest first, also what is over. What came to them as to one of a private segment is there
/// once it was used.
#[utoipa::path(get, path = "/api/v1/customers/{customer_id}/coupons",
    operation_id = "customer_coupons", tag = "benefits",
    params(("customer_id" = String, Path, description = "The customer"), Part), responses(
    (status = 200, description = "A page", body = Paged<CouponCode>),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn of_customer(
    reads: ReadsCustomers,
    Path(id): Path<String>,
    Asked(part): Asked<Part>,
) -> Answer<Paged<CouponCode>> {
    let mut tx = reads.cx.read().await?;
    let person = row_of(&mut tx, &id).await?.customer_no;
    let person = identity::persons(&mut tx, &[person]).await?.remove(&person).unwrap_or(person);
    drop(tx);
    let rows = held::of_customer(&reads.cx, person, part.asked()).await?;
    let place = |row: &Held| row.code.number;
    Ok(Json(paged(rows, part.limit, place, |row| CouponCode::new(row, &reads))?))
}
