//! Who is around a customer: introduced, living together, given gifts.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::Path;
use perceive::profile::{self, Row};
use perceive::relation::{self, Around, Kind, STEPS};
use serde::Serialize;
use stratify::mirror;
use utoipa::ToSchema;

use super::whole::row_of;
use crate::http::api::{Answer, ErrorBody, time};
use crate::http::asked::Asked;
use crate::http::error::Refusals;
use crate::http::who::ReadsCustomers;

/// Who is around a customer
///
/// Whom they introduced and who introduced them, who lives where they live, and who sends gifts to
/// whom, two steps out. Who lives together and who is given gifts follows from where orders went.
#[utoipa::path(get, path = "/api/v1/customers/{customer_id}/relations",
    operation_id = "customer_relations", tag = "customers",
    params(("customer_id" = String, Path, description = "The customer")), responses(
    (status = 200, description = "Who is around them", body = CustomerRelations),
    (status = 404, description = "The shop has no such customer", body = ErrorBody), Refusals))]
pub(in crate::http::api) async fn relations(
    reads: ReadsCustomers,
    Path(id): Path<String>,
    _: Asked<()>,
) -> Answer<CustomerRelations> {
    let mut tx = reads.cx.read().await?;
    let row = row_of(&mut tx, &id).await?;
    let around = relation::around(&mut tx, row.customer_no).await?;
    let numbers: BTreeSet<i64> = around.ties.iter().map(|tie| tie.person).collect();
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let rows = profile::of_numbers(&mut tx, &numbers).await?;
    drop(tx);
    Ok(Json(CustomerRelations::new(&around, rows)))
}

/// Who is around a customer.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct CustomerRelations {
    /// What they come to, one step out and two.
    steps: Vec<RelationStep>,
    /// Who they are, the nearest first.
    people: Vec<Related>,
    /// To how many people the customer sends gifts, known to the shop or not.
    gift_receivers: usize,
    /// How many of these the shop does not know.
    gift_strangers: usize,
    /// Whether there are more than are looked at.
    cut: bool,
}

/// What those so many steps away come to.
#[derive(Debug, Serialize, ToSchema)]
struct RelationStep {
    /// How many steps.
    #[schema(minimum = 1, maximum = 2)]
    step: usize,
    /// Customers.
    people: usize,
    /// What they paid, less refunded, and adjusted.
    net_minor: i64,
    /// The same by what they are; somebody may be several things.
    kinds: Vec<RelationSum>,
}

/// What those who are the same come to.
#[derive(Debug, Serialize, ToSchema)]
struct RelationSum {
    /// What they are.
    #[schema(value_type = RelationKind)]
    kind: &'static str,
    /// Customers.
    people: usize,
    /// What they paid, less refunded, and adjusted.
    net_minor: i64,
}

/// A customer who is tied to another.
#[derive(Debug, Serialize, ToSchema)]
struct Related {
    /// The customer.
    customer_id: String,
    /// The most trusted identifier that is not personal.
    #[schema(required = true)]
    external_id: Option<String>,
    /// How many steps away.
    #[schema(minimum = 1, maximum = 2)]
    step: usize,
    /// What they are to whom they are tied to.
    #[schema(value_type = RelationKind)]
    kind: &'static str,
    /// Whom they are tied to: the customer, or somebody one step away.
    to: String,
    /// Orders with money paid.
    paid_orders: i64,
    /// Paid, less refunded, and adjusted.
    net_minor: i64,
    /// Time of the last payment.
    #[schema(required = true, format = DateTime)]
    last_paid_at: Option<String>,
}

/// What somebody is to somebody.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it is read by the description of the API only")]
enum RelationKind {
    Introducer,
    Introduced,
    Household,
    Receiver,
    Giver,
}

impl CustomerRelations {
    /// Those around whom the shop knows, with what they paid.
    fn new(around: &Around, rows: Vec<Row>) -> Self {
        let rows: BTreeMap<i64, Row> = rows.into_iter().map(|row| (row.customer_no, row)).collect();
        let related = around.ties.iter().filter_map(|tie| {
            let row = rows.get(&tie.person)?;
            Some(Related {
                customer_id: tie.person.to_string(),
                external_id: row.external_id.clone(),
                step: tie.step,
                kind: tie.kind.name(),
                to: tie.to.to_string(),
                paid_orders: row.paid_orders,
                net_minor: mirror::net(row).unwrap_or_default(),
                last_paid_at: time(row.last_paid_at),
            })
        });
        let people: Vec<Related> = related.collect();
        let steps = (1..=STEPS).map(|step| RelationStep::of(step, &people)).collect();
        Self {
            steps,
            people,
            gift_receivers: around.receivers,
            gift_strangers: around.strangers,
            cut: around.cut,
        }
    }
}

impl RelationStep {
    fn of(step: usize, people: &[Related]) -> Self {
        let of = |kind: Option<&str>| {
            let own = people.iter().filter(|one| one.step == step);
            let own = own.filter(|one| kind.is_none_or(|kind| one.kind == kind));
            let each: BTreeMap<&str, i64> =
                own.map(|one| (one.customer_id.as_str(), one.net_minor)).collect();
            (each.len(), each.values().sum())
        };
        let kinds = Kind::ALL.into_iter().map(|kind| {
            let (people, net_minor) = of(Some(kind.name()));
            RelationSum { kind: kind.name(), people, net_minor }
        });
        let kinds = kinds.filter(|sum| sum.people > 0).collect();
        let (people, net_minor) = of(None);
        Self { step, people, net_minor, kinds }
    }
}
