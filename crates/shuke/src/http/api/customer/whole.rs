//! 客户详情: everything that is known of one customer, masked; and what is decided about them.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::{Path, State};
use base::{Error, Result};
use perceive::identity::{self, KnownBy, Merge};
use perceive::profile::{self, Personal, Row};
use perceive::visit::Visits;
use perceive::{cart, catalog, erase, import, privacy, source, visit};
use serde::{Deserialize, Serialize};
use store::audit::{self, Deed};
use store::{Cx, Tx};
use stratify::mirror;
use utoipa::ToSchema;

use super::Customer;
use super::consent::ConsentShown;
use crate::http::App;
use crate::http::api::{Answer, ErrorBody, micros};
use crate::http::asked::Asked;
use crate::http::body::Sent;
use crate::http::error::Refusals;
use crate::http::who::{ReadsCustomers, RevealsCustomers};

/// Characters of a reason.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 3..=500;

/// What is known of one customer besides the figures; what is personal is masked.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct Profile {
    /// Their figures.
    customer: Customer,
    /// What is personal, masked.
    personal: PersonalShown,
    /// Visits; null when they never came.
    #[schema(required = true)]
    visits: Option<VisitsShown>,
    /// What is in the open cart; null where the shop keeps carts to itself.
    #[schema(required = true)]
    cart: Option<Vec<CartShown>>,
    /// By which channels they can be written to.
    consents: Vec<ConsentShown>,
    /// When the next order is to be expected by the days between the ones before; null when that
    /// has passed or cannot be told.
    #[schema(required = true, format = DateTime)]
    expected_order_at: Option<String>,
    /// When everything personal of them was erased.
    #[schema(required = true, format = DateTime)]
    erased_at: Option<String>,
    /// Who became part of this customer, and whom this one became part of, the latest first.
    merges: Vec<MergeShown>,
}

/// What is personal of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct PersonalShown {
    /// Name.
    #[schema(required = true)]
    name: Option<String>,
    /// Birthday.
    #[schema(required = true)]
    birthday: Option<String>,
    /// Address.
    #[schema(required = true)]
    address: Option<String>,
    /// Traits that the shop's sources tell: name and value.
    traits: Vec<(String, String)>,
    /// By what the shop knows them, the most trusted first.
    identities: Vec<IdentityShown>,
}

/// An identifier by which the shop knows somebody.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct IdentityShown {
    /// What kind it is of: `phone`, `email`, `taobao` and so on.
    namespace: String,
    /// Its value; null when it was erased.
    #[schema(required = true)]
    value: Option<String>,
    /// Whether its value is personal.
    personal: bool,
    /// The sources that linked it to others.
    sources: Vec<String>,
}

/// Visits of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct VisitsShown {
    /// The first event.
    #[schema(format = DateTime)]
    first_at: String,
    /// The last event.
    #[schema(format = DateTime)]
    last_at: String,
    /// Events; null where kinds of them are private, whose number it would tell.
    #[schema(required = true)]
    events: Option<i64>,
    /// Where the first visit came from that says so.
    first_touch: TouchShown,
    /// Where the last one came from.
    last_touch: TouchShown,
}

/// Where a visit came from.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct TouchShown {
    /// `utm_source`.
    #[schema(required = true)]
    source: Option<String>,
    /// `utm_medium`.
    #[schema(required = true)]
    medium: Option<String>,
    /// `utm_campaign`.
    #[schema(required = true)]
    campaign: Option<String>,
    /// The page before.
    #[schema(required = true)]
    referrer: Option<String>,
}

/// A line of an open cart.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct CartShown {
    /// The product.
    product_id: String,
    /// What the product is called.
    #[schema(required = true)]
    title: Option<String>,
    /// Pieces.
    quantity: i64,
    /// Price of a piece as it was last said, in minor units.
    #[schema(required = true)]
    unit_price_minor: Option<i64>,
    /// When it came into the cart.
    #[schema(format = DateTime)]
    added_at: String,
    /// The last event that was about it.
    #[schema(format = DateTime)]
    touched_at: String,
}

/// A merge.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct MergeShown {
    /// Its number within the shop.
    merge_id: String,
    /// The customer that became part of another.
    from: String,
    /// The customer that it became part of.
    into: String,
    /// Why: `link:` and a kind of identifier, or `pin` where somebody decided it.
    reason: String,
    /// Who decided it.
    actor: String,
    /// When.
    #[schema(format = DateTime)]
    merged_at: String,
    /// When it was undone.
    #[schema(required = true, format = DateTime)]
    undone_at: Option<String>,
}

impl From<Merge> for MergeShown {
    fn from(merge: Merge) -> Self {
        Self {
            merge_id: merge.number.to_string(),
            from: merge.from.to_string(),
            into: merge.into.to_string(),
            reason: merge.reason,
            actor: merge.actor,
            merged_at: micros(merge.at),
            undone_at: merge.undone_at.map(micros),
        }
    }
}

impl PersonalShown {
    pub(super) fn new(personal: Personal, sources: &BTreeMap<i64, String>) -> Self {
        let name = |number: &i64| sources.get(number).cloned();
        let identity = |known: KnownBy| IdentityShown {
            namespace: known.namespace,
            value: known.value,
            personal: known.personal,
            sources: known.sources.iter().filter_map(name).collect(),
        };
        Self {
            name: personal.name,
            birthday: personal.birthday,
            address: personal.address,
            traits: personal.traits,
            identities: personal.identifiers.into_iter().map(identity).collect(),
        }
    }
}

impl From<Visits> for VisitsShown {
    fn from(visits: Visits) -> Self {
        let touch = |touch: perceive::collect::Touch| TouchShown {
            source: touch.source,
            medium: touch.medium,
            campaign: touch.campaign,
            referrer: touch.referrer,
        };
        Self {
            first_at: micros(visits.first_at),
            last_at: micros(visits.last_at),
            events: Some(visits.events),
            first_touch: touch(visits.first_touch),
            last_touch: touch(visits.last_touch),
        }
    }
}

pub(super) fn missing() -> Error {
    Error::missing("the shop has no such customer").field("customer_id")
}

/// The row of a customer.
pub(in crate::http::api) async fn row_of(tx: &mut Tx, id: &str) -> Result<Row> {
    let number: i64 = id.parse().map_err(|_| missing())?;
    let rows = profile::of_numbers(tx, &[number]).await?;
    rows.into_iter().next().filter(|row| row.customer_no > 0).ok_or_else(missing)
}

/// What sources of these numbers are called.
pub(super) async fn source_names(
    tx: &mut Tx,
    personal: &Personal,
) -> Result<BTreeMap<i64, String>> {
    let numbers: BTreeSet<i64> =
        personal.identifiers.iter().flat_map(|known| known.sources.iter().copied()).collect();
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let mut names: BTreeMap<i64, String> =
        import::file_names(tx, &numbers).await?.into_iter().collect();
    names.extend(source::names(tx, &numbers).await?);
    Ok(names)
}

/// One customer, whole
#[utoipa::path(get, path = "/api/v1/customers/{customer_id}/profile",
    operation_id = "customer_profile", tag = "customers",
    params(("customer_id" = String, Path, description = "The customer")), responses(
    (status = 200, description = "What is known of them; what is personal is masked",
     body = Profile),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn show(
    State(app): State<App>,
    reads: ReadsCustomers,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<Profile> {
    let cx = &reads.cx;
    let scores = app.scores(&reads).await?;
    let merges = identity::merges(cx, id.parse().ok()).await?;
    let mut tx = cx.read().await?;
    let row = row_of(&mut tx, &id).await?;
    let number = row.customer_no;
    let personal = profile::personal(&mut tx, cx, number).await?;
    let names = source_names(&mut tx, &personal).await?;
    let own = privacy::get(&mut tx).await?;
    let visits = visit::of_person(&mut tx, number).await?.map(VisitsShown::from);
    let counted = |visits: VisitsShown| {
        let events = visits.events.filter(|_| own.events.is_empty());
        VisitsShown { events, ..visits }
    };
    let cart = if own.hides_carts() { None } else { Some(cart(&mut tx, cx, number).await?) };
    let erased = erase::of_person(&mut tx, number).await?;
    Ok(Json(Profile {
        expected_order_at: expected(cx, &row).map(|at| micros(base::Time::from_micros(at))),
        consents: ConsentShown::all(&row),
        customer: Customer::new(row, &scores, reads.shop.currency),
        personal: PersonalShown::new(personal.masked(), &names),
        visits: visits.map(counted),
        cart,
        erased_at: erased.map(micros),
        merges: merges.into_iter().map(MergeShown::from).collect(),
    }))
}

fn expected(cx: &Cx, row: &Row) -> Option<i64> {
    let days = mirror::days_between(row)?;
    let at = row.last_order_at?.checked_add(days.checked_mul(base::time::DAY_MICROS)?)?;
    (at > cx.now.micros()).then_some(at)
}

async fn cart(tx: &mut Tx, cx: &Cx, person: i64) -> Result<Vec<CartShown>> {
    let lines = cart::of_person(tx, cx.now, person).await?;
    let products: Vec<i64> = lines.iter().map(|line| line.cart.product).collect();
    let titles: BTreeMap<i64, String> = catalog::titles(tx, &products).await?.into_iter().collect();
    let shown = lines.into_iter().map(|line| CartShown {
        product_id: line.cart.product.to_string(),
        title: titles.get(&line.cart.product).cloned(),
        quantity: line.cart.quantity,
        unit_price_minor: line.cart.price_minor,
        added_at: micros(line.cart.added_at),
        touched_at: micros(line.cart.touched_at),
    });
    Ok(shown.collect())
}

/// Why somebody wants to see what is personal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct Reveal {
    /// The reason; it is written down.
    reason: String,
}

pub(super) fn reason(text: &str) -> Result<String> {
    let text = text.trim();
    if REASON_CHARS.contains(&text.chars().count()) {
        return Ok(text.to_owned());
    }
    let (least, most) = (REASON_CHARS.start(), REASON_CHARS.end());
    Err(Error::bad(format!("needs {least} to {most} characters")).field("reason"))
}

/// See what is personal of a customer
///
/// Who sees it, when and why is written down.
#[utoipa::path(post, path = "/api/v1/customers/{customer_id}/reveal",
    operation_id = "reveal_customer", tag = "customers",
    params(("customer_id" = String, Path, description = "The customer")), request_body = Reveal,
    responses((status = 200, description = "What is personal, as it is", body = PersonalShown),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn reveal(
    reveals: RevealsCustomers,
    Path(id): Path<String>,
    Sent(sent): Sent<Reveal>,
) -> Answer<PersonalShown> {
    let cx = &reveals.cx;
    let after = serde_json::to_string(&reason(&sent.reason)?).ok();
    let mut tx = cx.write().await?;
    let row = row_of(&mut tx, &id).await?;
    let personal = profile::personal(&mut tx, cx, row.customer_no).await?;
    let names = source_names(&mut tx, &personal).await?;
    let deed = Deed { action: "customer.reveal", target: &id, after, ..Deed::default() };
    audit::commit(tx, cx, deed).await?;
    Ok(Json(PersonalShown::new(personal, &names)))
}
