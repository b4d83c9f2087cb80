//! The list of customers: filters, orders and searches over the mirror.

use std::collections::{HashMap, HashSet};

use axum::Json;
use axum::extract::State;
use base::{Date, Error, Result, Zone};
use benefit::{activity, tier};
use perceive::profile::{self, Row};
use perceive::search;
use roaring::RoaringBitmap;
use serde::Serialize;
use stratify::lifecycle::Stage;
use stratify::mirror::find::{self, Node, Order, Stand};
use stratify::rfm::rule::{Scored, Stratum};
use stratify::{segment, tag};
use utoipa::{IntoParams, ToSchema};

use super::{Customer, StratumName};
use crate::http::App;
use crate::http::api::lifecycle::StageName;
use crate::http::api::{Answer, Paged, paged_of};
use crate::http::asked::{Asked, Said, Wish};
use crate::http::error::Refusals;
use crate::http::who::{Access, ReadsCustomers};

/// Texts of a column that are counted.
const FACETS_MAX: usize = 100;

/// The columns that a list may be in the order of.
const SORTS: [&str; 14] = [
    "customer_id",
    "net_minor",
    "paid_minor",
    "refunded_minor",
    "orders",
    "paid_orders",
    "items",
    "order_value_minor",
    "registered_at",
    "first_order_at",
    "last_order_at",
    "last_paid_at",
    "last_visit_at",
    "days_between_orders",
];

/// The columns whose texts may be asked for, and are counted.
const TEXTS: [&str; 8] = [
    "country_code",
    "province",
    "city",
    "gender",
    "age_band",
    "channel",
    "favourite_category",
    "favourite_brand",
];

/// Columns of numbers with the parameters that bound them.
const NUMBERS: [(&str, &str, &str); 4] = [
    ("orders", "orders_min", "orders_max"),
    ("paid_orders", "paid_orders_min", "paid_orders_max"),
    ("net_minor", "net_min", "net_max"),
    ("order_value_minor", "order_value_min", "order_value_max"),
];

/// Columns of instants with the parameters that bound them, by the shop's days.
const DAYS: [(&str, &str, &str); 5] = [
    ("registered_at", "registered_from", "registered_to"),
    ("first_order_at", "first_order_from", "first_order_to"),
    ("last_order_at", "last_order_from", "last_order_to"),
    ("last_paid_order_at", "last_paid_from", "last_paid_to"),
    ("last_visit_at", "last_visit_from", "last_visit_to"),
];

/// Which customers.
#[derive(Default, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "half of it is read by the description of the API only")]
pub(in crate::http::api) struct Customers {
    /// A whole name, phone, email, nick or order number, or the last four digits of a phone
    pub(in crate::http::api) q: Option<String>,
    /// Those whom a search named before.
    #[param(ignore)]
    pub(in crate::http::api) people: Option<Vec<i64>>,
    /// Customers of this stratum
    #[param(value_type = Option<StratumName>, inline)]
    stratum: Option<Stratum>,
    /// Customers at this stage of their life with the shop
    #[param(value_type = Option<StageName>, inline)]
    lifecycle: Option<Stage>,
    /// Members of this segment
    #[param(value_type = Option<String>)]
    pub(in crate::http::api) segment: Option<i64>,
    /// Who has this tag
    #[param(value_type = Option<String>)]
    tag: Option<i64>,
    /// Who has this level
    #[param(value_type = Option<String>)]
    tier: Option<i64>,
    /// Who takes part in this activity
    #[param(value_type = Option<String>)]
    activity: Option<i64>,
    /// Score of recency
    #[param(minimum = 1, maximum = 5)]
    r: Option<u8>,
    /// Score of frequency
    #[param(minimum = 1, maximum = 5)]
    f: Option<u8>,
    /// Score of money
    #[param(minimum = 1, maximum = 5)]
    m: Option<u8>,
    /// Country by ISO 3166-1
    country_code: Option<String>,
    /// Province
    province: Option<String>,
    /// City
    city: Option<String>,
    /// Gender
    gender: Option<String>,
    /// Age band
    age_band: Option<String>,
    /// Channel of most orders
    channel: Option<String>,
    /// Category bought most
    favourite_category: Option<String>,
    /// Brand bought most
    favourite_brand: Option<String>,
    /// Whether a phone is known
    has_phone: Option<bool>,
    /// Whether an email is known
    has_email: Option<bool>,
    /// Orders at the least
    orders_min: Option<i64>,
    /// Orders at the most
    orders_max: Option<i64>,
    /// Paid orders at the least
    paid_orders_min: Option<i64>,
    /// Paid orders at the most
    paid_orders_max: Option<i64>,
    /// Net money at the least, in minor units
    net_min: Option<i64>,
    /// Net money at the most, in minor units
    net_max: Option<i64>,
    /// Paid money by paid order at the least, in minor units
    order_value_min: Option<i64>,
    /// Paid money by paid order at the most, in minor units
    order_value_max: Option<i64>,
    /// Known since this day or later
    #[param(value_type = Option<String>, format = Date)]
    registered_from: Option<Date>,
    /// Known since this day or earlier
    #[param(value_type = Option<String>, format = Date)]
    registered_to: Option<Date>,
    /// First order on this day or later
    #[param(value_type = Option<String>, format = Date)]
    first_order_from: Option<Date>,
    /// First order on this day or earlier
    #[param(value_type = Option<String>, format = Date)]
    first_order_to: Option<Date>,
    /// Last order on this day or later
    #[param(value_type = Option<String>, format = Date)]
    last_order_from: Option<Date>,
    /// Last order on this day or earlier
    #[param(value_type = Option<String>, format = Date)]
    last_order_to: Option<Date>,
    /// Last paid order on this day or later
    #[param(value_type = Option<String>, format = Date)]
    last_paid_from: Option<Date>,
    /// Last paid order on this day or earlier
    #[param(value_type = Option<String>, format = Date)]
    last_paid_to: Option<Date>,
    /// Last visit on this day or later
    #[param(value_type = Option<String>, format = Date)]
    last_visit_from: Option<Date>,
    /// Last visit on this day or earlier
    #[param(value_type = Option<String>, format = Date)]
    last_visit_to: Option<Date>,
    /// A column, with `-` before it for the largest first; `customer_id` if left out
    sort: Option<String>,
    /// Rows of the page
    #[param(required = false, minimum = 1, maximum = 500, default = 50)]
    pub(in crate::http::api) limit: u32,
    /// `next` of the page before
    #[param(value_type = Option<String>)]
    after: Option<Stand>,
    #[param(ignore)]
    tests: Vec<Node>,
    #[param(ignore)]
    days: Vec<(&'static str, Option<Date>, Option<Date>)>,
    #[param(ignore)]
    order: Option<Order>,
}

impl Wish for Customers {
    fn read(said: &mut Said) -> Result<Self> {
        let q = said.text("q")?;
        let names = Stratum::ALL.map(|stratum| stratum.names().0);
        let stratum = said.word("stratum", &names)?.and_then(|at| Stratum::ALL.get(at).copied());
        let stages = Stage::ALL.map(Stage::name);
        let lifecycle = said.word("lifecycle", &stages)?;
        let lifecycle = lifecycle.and_then(|at| Stage::ALL.get(at).copied());
        let (segment, tag) = (said.id("segment")?, said.id("tag")?);
        let (tier, activity) = (said.id("tier")?, said.id("activity")?);
        let sets = Self { segment, tag, tier, activity, ..Self::default() };
        let mut wish = Self { q, stratum, lifecycle, ..sets };
        for (name, slot) in [("r", &mut wish.r), ("f", &mut wish.f), ("m", &mut wish.m)] {
            *slot = score(said.number(name)?, name)?;
        }
        for name in TEXTS {
            let text = said.text(name)?;
            wish.tests.extend(text.map(|text| find::is(name, &text)).transpose()?);
        }
        for name in ["has_phone", "has_email"] {
            let truth = said.word(name, &["false", "true"])?;
            wish.tests.extend(truth.map(|place| find::holds(name, place == 1)).transpose()?);
        }
        for (name, least, most) in NUMBERS {
            let bounds = (said.number(least)?, said.number(most)?);
            if bounds != (None, None) {
                wish.tests.push(find::within(name, bounds.0, bounds.1)?);
            }
        }
        for (name, from, to) in DAYS {
            let bounds = (said.date(from)?, said.date(to)?);
            if bounds != (None, None) {
                wish.days.push((name, bounds.0, bounds.1));
            }
        }
        wish.order = Some(sort(said.text("sort")?.as_deref())?);
        (wish.limit, wish.after) = said.page()?;
        Ok(wish)
    }
}

fn score(value: Option<i64>, name: &str) -> Result<Option<u8>> {
    let Some(value) = value else { return Ok(None) };
    let score = u8::try_from(value).ok().filter(|score| (1..=5).contains(score));
    score.map(Some).ok_or_else(|| Error::bad("is a score of 1 to 5").field(name))
}

fn sort(text: Option<&str>) -> Result<Order> {
    let text = text.unwrap_or("customer_id");
    let (descending, name) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let column = SORTS.into_iter().find(|own| *own == name).ok_or_else(|| {
        let known = SORTS.join(", ");
        Error::bad("is no column to sort by").field("sort").hint(format!("there are: {known}"))
    })?;
    Ok(Order { column, descending })
}

impl Customers {
    /// All that columns must say, with days as instants.
    fn all_tests(&self, zone: &Zone) -> Result<Node> {
        let mut tests = self.tests.clone();
        for (name, from, to) in &self.days {
            let from = from.map(|day| zone.start_of(day)).transpose()?;
            let to = to.map(|day| zone.end_of(day)).transpose()?;
            let micros = |at: base::Time| at.micros();
            tests.push(find::within(name, from.map(micros), to.map(micros))?);
        }
        Ok(Node::All(tests))
    }

    fn scores(&self) -> bool {
        self.stratum.is_some() || self.r.is_some() || self.f.is_some() || self.m.is_some()
    }

    fn fits(&self, scored: Option<Scored>) -> bool {
        let Some(Scored { scores: [r, f, m], stratum }) = scored else { return false };
        let same = |wish: Option<u8>, own: u8| wish.is_none_or(|wish| wish == own);
        same(self.r, r)
            && same(self.f, f)
            && same(self.m, m)
            && self.stratum.is_none_or(|wish| wish == stratum)
    }
}

/// Customers
///
/// Figures are those of the last few seconds. Names, phones and the like are in no answer. The
/// order is kept as the list stood when each page was asked for.
#[utoipa::path(get, path = "/api/v1/customers", operation_id = "customers",
    tag = "customers", params(Customers), responses(
    (status = 200, description = "A page of customers", body = Paged<Customer>), Refusals))]
pub(in crate::http::api) async fn list(
    State(app): State<App>,
    reads: ReadsCustomers,
    Asked(asked): Asked<Customers>,
) -> Answer<Paged<Customer>> {
    Ok(Json(page(&app, &reads, &asked).await?))
}

/// A page of the list.
pub(in crate::http::api) async fn page(
    app: &App,
    reads: &Access,
    asked: &Customers,
) -> Result<Paged<Customer>> {
    let Access { cx, shop, .. } = reads;
    let (scores, mirror) = (app.scores(reads).await?, app.mirror(cx.shop).await);
    let named: Option<HashSet<i64>> = match (&asked.q, &asked.people) {
        (Some(text), _) => Some(search::customers(cx, text).await?.into_iter().collect()),
        (None, people) => people.as_ref().map(|people| people.iter().copied().collect()),
    };
    let members = among(cx, asked).await?;
    let stages = match asked.lifecycle {
        Some(_) => Some(app.stages(reads).await?),
        None => None,
    };
    let at_stage = |place: usize| {
        let own = stages.as_ref().and_then(|stages| stages.get(place).copied());
        asked.lifecycle.is_none_or(|wish| own == Some(wish))
    };
    let by_score = asked.scores();
    let also = |place: usize| {
        let number = i64::try_from(place).unwrap_or_default() + 1;
        let member = |set: &RoaringBitmap| u32::try_from(number).is_ok_and(|n| set.contains(n));
        named.as_ref().is_none_or(|named| named.contains(&number))
            && members.as_ref().is_none_or(member)
            && at_stage(place)
            && (!by_score || asked.fits(scores.get(place).copied().flatten()))
    };
    let tests = asked.all_tests(&shop.zone)?;
    let order = asked.order.unwrap_or(Order { column: "customer_id", descending: false });
    let most = usize::try_from(asked.limit).unwrap_or(usize::MAX).saturating_add(1);
    let asks = by_score || named.is_some() || members.is_some() || stages.is_some();
    let also: Option<&dyn Fn(usize) -> bool> = if asks { Some(&also) } else { None };
    let found = mirror.find((&tests, also), order, (asked.after, most))?;
    let page = paged_of(found.page, asked.limit, |stand| *stand)?;
    let numbers: Vec<i64> = page.data.iter().map(|stand| stand.number()).collect();
    let rows = profile::of_numbers(&mut cx.read().await?, &numbers).await?;
    let mut rows: HashMap<i64, Row> = rows.into_iter().map(|row| (row.customer_no, row)).collect();
    // Who has become part of another since the mirror was made is left out.
    let rows = numbers.iter().filter_map(|number| rows.remove(number));
    let data = rows.map(|row| Customer::new(row, &scores, shop.currency)).collect();
    Ok(Paged { data, next: page.next, total: Some(found.total) })
}

/// Those among whom is looked: who is in all of the sets that are named; none where none is.
async fn among(cx: &store::Cx, asked: &Customers) -> Result<Option<RoaringBitmap>> {
    let mut sets = Vec::new();
    if let Some(number) = asked.segment {
        sets.push(segment::members(cx, number).await?);
    }
    if let Some(number) = asked.tag {
        sets.push(tag::members(cx, &tag::get(cx, number).await?).await?);
    }
    if let Some(number) = asked.tier {
        sets.push(tier::members(cx, tier::get(cx, number).await?.number).await?);
    }
    if let Some(number) = asked.activity {
        sets.push(activity::members(cx, activity::get(cx, number).await?.number).await?);
    }
    Ok(sets.into_iter().reduce(|all, set| all & set))
}

/// How many customers have each text of a column, the most frequent first.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct Facets {
    /// Countries by ISO 3166-1.
    country_code: Vec<Facet>,
    /// Provinces.
    province: Vec<Facet>,
    /// Cities.
    city: Vec<Facet>,
    /// Genders.
    gender: Vec<Facet>,
    /// Age bands.
    age_band: Vec<Facet>,
    /// Channels.
    channel: Vec<Facet>,
    /// Categories.
    favourite_category: Vec<Facet>,
    /// Brands.
    favourite_brand: Vec<Facet>,
}

/// A text of a column.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct Facet {
    /// The text.
    value: String,
    /// Customers who have it.
    customers: i64,
}

/// What customers may be filtered by
#[utoipa::path(get, path = "/api/v1/customers/facets", operation_id = "customer_facets",
    tag = "customers", responses(
    (status = 200, description = "Texts of columns with their customers", body = Facets),
    Refusals))]
pub(in crate::http::api) async fn facets(
    State(app): State<App>,
    reads: ReadsCustomers,
    _: Asked<()>,
) -> Answer<Facets> {
    let texts = app.texts(&reads, (&TEXTS, FACETS_MAX)).await?;
    let of = |name| {
        let own = texts.iter().find(|(column, _)| *column == name);
        let own = own.map(|(_, own)| own.clone()).unwrap_or_default().into_iter();
        own.map(|(value, customers)| Facet { value, customers }).collect::<Vec<_>>()
    };
    let [country_code, province, city, gender, age_band, channel, category, brand] = TEXTS.map(of);
    let (favourite_category, favourite_brand) = (category, brand);
    Ok(Json(Facets {
        country_code,
        province,
        city,
        gender,
        age_band,
        channel,
        favourite_category,
        favourite_brand,
    }))
}
