//! Rules by which customers earn, and what a cart would.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base::{Error, Result};
use benefit::earn::rule::Terms;
use benefit::earn::{self, Cart, Item, Rule, Total, Wish, Would};
use benefit::ledger::Unit;
use serde::{Deserialize, Serialize};
use stratify::expr::Needs;
use utoipa::ToSchema;

use super::customer::whole::row_of;
use super::wallet::UnitName;
use super::{Answer, ErrorBody, micros};
use crate::http::App;
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::{Refusal, Refusals};
use crate::http::figure::apart;
use crate::http::who::{ReadsBenefits, WritesBenefits};

/// A rule by which customers earn.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EarnRule {
    /// Its number within the shop.
    rule_id: String,
    /// Its name.
    name: String,
    /// What it is for.
    note: String,
    /// What it gives.
    unit: UnitName,
    /// Whether it counts.
    active: bool,
    /// What it says.
    #[schema(value_type = EarnTerms)]
    terms: Terms,
    /// Who made it.
    owner: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    edited_at: String,
    /// What it has given in all, what is expected included and what was taken back not.
    given: i64,
    /// For how many orders or other things.
    things: i64,
}

impl EarnRule {
    fn new(rule: Rule, total: Total) -> Self {
        let Rule { number, name, note, unit, active, terms, owner, created_at, edited_at, .. } =
            rule;
        Self {
            rule_id: number.to_string(),
            name,
            note,
            unit: unit.into(),
            active,
            terms,
            owner,
            created_at: micros(created_at),
            edited_at: micros(edited_at),
            given: total.amount,
            things: total.things,
        }
    }
}

fn number(id: &str) -> Result<i64> {
    id.parse().map_err(|_| Error::missing("there is no such rule").field("rule_id"))
}

/// Rules by which customers earn
#[utoipa::path(get, path = "/api/v1/earn_rules", operation_id = "earn_rules", tag = "benefits",
    responses((status = 200, description = "All of them, the oldest first", body = Vec<EarnRule>),
    Refusals))]
pub(super) async fn list(reads: ReadsBenefits, _: Asked<()>) -> Answer<Vec<EarnRule>> {
    let all = earn::list(&reads.cx).await?.into_iter();
    Ok(Json(all.map(|(rule, total)| EarnRule::new(rule, total)).collect()))
}

/// What a rule is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EarnForm {
    /// Its name, which no other one has.
    name: String,
    /// What it is for.
    #[serde(default)]
    note: String,
    /// What it gives; a rule that there is keeps its own.
    unit: UnitName,
    /// Whether it counts.
    active: bool,
    /// What it says.
    #[schema(value_type = EarnTerms)]
    terms: Terms,
}

impl From<EarnForm> for Wish {
    fn from(form: EarnForm) -> Self {
        let EarnForm { name, note, unit, active, terms } = form;
        Self { name, note, unit: Unit::from(unit), active, terms }
    }
}

/// Make a rule
///
/// What happens from its first day on counts, also what happened before the rule was made.
#[utoipa::path(post, path = "/api/v1/earn_rules", operation_id = "make_earn_rule",
    tag = "benefits", request_body = EarnForm, responses(
    (status = 200, description = "The rule", body = EarnRule),
    (status = 409, description = "Another rule has this name", body = ErrorBody), Refusals))]
pub(super) async fn make(writes: WritesBenefits, Sent(sent): Sent<EarnForm>) -> Answer<EarnRule> {
    let rule = earn::make(&writes.cx, sent.into()).await?;
    Ok(Json(EarnRule::new(rule, Total::default())))
}

/// Change a rule
///
/// The form says all of it; what a rule is about and what it gives stays. What was given stays
/// given by the terms by which it was, also when its order changes.
#[utoipa::path(put, path = "/api/v1/earn_rules/{rule_id}", operation_id = "edit_earn_rule",
    tag = "benefits", params(("rule_id" = String, Path, description = "The rule")),
    request_body = EarnForm, responses(
    (status = 200, description = "The rule", body = EarnRule),
    (status = 404, description = "There is no such rule", body = ErrorBody),
    (status = 409, description = "Another rule has this name, or it is about something else",
     body = ErrorBody), Refusals))]
pub(super) async fn edit(
    writes: WritesBenefits,
    Path(id): Path<String>,
    Sent(sent): Sent<EarnForm>,
) -> Answer<EarnRule> {
    let rule = earn::edit(&writes.cx, number(&id)?, sent.into()).await?;
    let all = earn::list(&writes.cx).await?.into_iter();
    let total = all.filter(|(own, _)| own.number == rule.number).map(|(_, total)| total).next();
    Ok(Json(EarnRule::new(rule, total.unwrap_or_default())))
}

/// Remove a rule
///
/// One that has given nothing; any other is switched off.
#[utoipa::path(delete, path = "/api/v1/earn_rules/{rule_id}", operation_id = "remove_earn_rule",
    tag = "benefits", params(("rule_id" = String, Path, description = "The rule")), responses(
    (status = 204, description = "It is gone"),
    (status = 404, description = "There is no such rule", body = ErrorBody),
    (status = 409, description = "Customers have something by it", body = ErrorBody), Refusals))]
pub(super) async fn remove(
    writes: WritesBenefits,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    earn::remove(&writes.cx, number(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A cart, and who is about to buy it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EarnCart {
    /// The customer; anybody without a level if left out.
    customer_id: Option<String>,
    /// Its lines.
    items: Vec<EarnItem>,
    /// What is to be paid in all, after discounts and without postage; the sum of the lines if
    /// left out. Minor units.
    paid_minor: Option<i64>,
}

/// A line of a cart.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EarnItem {
    /// The article number.
    sku: String,
    /// Pieces.
    quantity: i64,
    /// Money of the line, minor units.
    amount_minor: i64,
}

/// What a rule would give for a cart.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EarnWould {
    /// The rule.
    rule_id: String,
    /// Its name.
    name: String,
    /// What it gives.
    unit: UnitName,
    /// How much.
    amount: i64,
    /// By how much it is multiplied for this customer today, in thousandths.
    times: u32,
    /// Whether the customer is meant by its conditions.
    meant: bool,
    /// When it would be there if the order were paid or received now; null for at once.
    #[schema(required = true, format = DateTime)]
    due_at: Option<String>,
}

impl From<Would> for EarnWould {
    fn from(own: Would) -> Self {
        Self {
            rule_id: own.rule.to_string(),
            name: own.name,
            unit: own.unit.into(),
            amount: own.amount,
            times: own.times,
            meant: own.meant,
            due_at: own.due_at.map(micros),
        }
    }
}

/// What a cart would earn
///
/// By the active rules on orders; nothing is booked, and what the customer got before does not
/// count towards a limit.
#[utoipa::path(post, path = "/api/v1/earn_rules/would", operation_id = "would_earn",
    tag = "benefits", request_body = EarnCart, responses(
    (status = 200, description = "What each rule would give", body = Vec<EarnWould>),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(super) async fn would(
    State(app): State<App>,
    reads: ReadsBenefits,
    Sent(sent): Sent<EarnCart>,
) -> Answer<Vec<EarnWould>> {
    let EarnCart { customer_id, items, paid_minor } = sent;
    let person = match customer_id {
        Some(id) => Some(row_of(&mut reads.cx.read().await?, &id).await?.customer_no),
        None => None,
    };
    let sum = items.iter().fold(0_i64, |sum, own| sum.saturating_add(own.amount_minor));
    let item = |own: EarnItem| Item {
        sku: own.sku,
        quantity: own.quantity,
        amount_minor: own.amount_minor,
    };
    let cart = Cart {
        items: items.into_iter().map(item).collect(),
        paid_minor: paid_minor.unwrap_or(sum),
    };
    let mut needs = Needs::default();
    for (rule, _) in earn::list(&reads.cx).await?.iter().filter(|(rule, _)| rule.active) {
        needs.join(rule.needs());
    }
    let _turn = app.scans.take(reads.cx.shop).await?;
    let held = app.hold(&reads, &needs).await?;
    let here = tokio::runtime::Handle::current();
    let work = move || here.block_on(earn::would(&held.shop(&app, &reads), &cart, person));
    let all = apart(work).await?;
    Ok(Json(all.into_iter().map(EarnWould::from).collect()))
}

/// What a rule says.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct EarnTerms {
    /// When it gives something.
    trigger: EarnTrigger,
    /// To whom: conditions on customers, as segments have them; everybody if left out.
    #[schema(value_type = Option<Object>)]
    condition: Option<serde_json::Value>,
    /// How much.
    formula: EarnFormula,
    /// Which lines of an order count; all if left out.
    #[schema(required = false)]
    scope: EarnScope,
    /// Multipliers; those that count at the same time multiply each other.
    #[schema(required = false)]
    boosts: Vec<EarnBoost>,
    /// The most that one customer gets.
    #[schema(required = false)]
    caps: EarnCaps,
    /// Days that it is expected before it is there, while goods can still come back; 0 for none.
    #[schema(required = false, maximum = 366)]
    wait_days: u16,
    /// The first day, by the shop's own days.
    #[schema(format = Date)]
    from: String,
    /// The last day; null for as long as it is active.
    #[schema(format = Date)]
    to: Option<String>,
}

/// When a rule gives something.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct EarnTrigger {
    /// An order is paid or received, a product is reviewed, an event happens, or so many days in a
    /// row, it is a birthday, the profile is complete, or somebody is in a segment.
    kind: EarnTriggerKind,
    /// The event, of `event` and `streak`.
    event: Option<String>,
    /// The days, of `streak`.
    days: Option<u16>,
    /// The segment's number, of `segment`.
    segment: Option<i64>,
}

/// What a rule gives something for.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum EarnTriggerKind {
    OrderPaid,
    OrderReceived,
    Review,
    Event,
    Streak,
    Birthday,
    Profile,
    Segment,
}

/// How much a rule gives.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct EarnFormula {
    /// For money, for each piece, or a fixed amount.
    kind: EarnFormulaKind,
    /// How much, at least 1.
    amount: i64,
    /// For how many minor units of money, of `per_money`.
    per_minor: Option<i64>,
}

/// For what a rule gives so much.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum EarnFormulaKind {
    PerMoney,
    PerItem,
    Fixed,
}

/// Which lines of an order count: those of one of these.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct EarnScope {
    /// Categories.
    #[schema(required = false)]
    categories: Vec<String>,
    /// Brands.
    #[schema(required = false)]
    brands: Vec<String>,
    /// Products, by number.
    #[schema(required = false)]
    products: Vec<i64>,
    /// All others instead.
    #[schema(required = false)]
    except: bool,
}

/// A multiplier.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct EarnBoost {
    /// When it counts.
    when: EarnWhen,
    /// How many times, in thousandths; 100,000 at the most.
    times: u32,
}

/// When a multiplier counts.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct EarnWhen {
    /// For levels, days of a month or of a week, from a day to another, or for categories.
    kind: EarnWhenKind,
    /// The levels' numbers, of `tier`.
    tiers: Option<Vec<i64>>,
    /// 1 to 31 of `month_day`; 1 for Monday to 7 of `weekday`.
    days: Option<Vec<i8>>,
    /// The first day, of `window`.
    #[schema(format = Date)]
    from: Option<String>,
    /// The last day, of `window`.
    #[schema(format = Date)]
    to: Option<String>,
    /// The categories, of `category`.
    categories: Option<Vec<String>>,
}

/// What a multiplier goes by.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum EarnWhenKind {
    Tier,
    MonthDay,
    Weekday,
    Window,
    Category,
}

/// The most that one customer gets by a rule.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is read by the description of the API only")]
struct EarnCaps {
    /// At once.
    at_once: Option<i64>,
    /// In a day.
    a_day: Option<i64>,
    /// In a month.
    a_month: Option<i64>,
}
