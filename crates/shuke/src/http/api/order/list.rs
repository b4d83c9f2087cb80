//! The list of orders: filters and orders over what is in memory.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use base::{Date, Error, Result};
use perceive::order::{self, Row};
use stratify::sales::find::{By, Order as Sorted, Stand, Wish as Sought};
use utoipa::IntoParams;

use super::{KINDS, Order, OrderKind, OrderStatus, STATUSES, persons};
use crate::http::App;
use crate::http::api::{Answer, Paged, paged_of};
use crate::http::asked::{Asked, Said, Wish};
use crate::http::error::Refusals;
use crate::http::figure::apart;
use crate::http::who::{Access, ReadsOrders};

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// What a list may be in the order of.
const SORTS: [(&str, By); 3] =
    [("order_id", By::Number), ("placed_at", By::Placed), ("net_minor", By::Net)];

/// Which orders.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http::api) struct Orders {
    /// The order of this number at its source
    q: Option<String>,
    /// Orders of this kind
    #[param(value_type = Option<OrderKind>, inline)]
    kind: Option<usize>,
    /// Orders of this status
    #[param(value_type = Option<OrderStatus>, inline)]
    status: Option<usize>,
    /// Orders of this customer
    #[param(value_type = Option<String>, pattern = "^[1-9][0-9]{0,17}$")]
    customer_id: Option<i64>,
    /// Placed on this day or later
    #[param(value_type = Option<String>, format = Date)]
    placed_from: Option<Date>,
    /// Placed on this day or earlier
    #[param(value_type = Option<String>, format = Date)]
    placed_to: Option<Date>,
    /// Net money at the least, in minor units
    net_min: Option<i64>,
    /// Net money at the most, in minor units
    net_max: Option<i64>,
    /// `order_id`, `placed_at` or `net_minor`, with `-` before it for the largest first; `order_id`
    /// if left out
    #[param(value_type = Option<String>)]
    sort: Sort,
    /// Rows of the page
    #[param(required = false, minimum = 1, maximum = 500, default = 50)]
    pub(in crate::http::api) limit: u32,
    /// `next` of the page before
    #[param(value_type = Option<String>)]
    after: Option<Stand>,
}

/// See [`Orders::sort`].
struct Sort(Sorted);

impl Wish for Orders {
    fn read(said: &mut Said) -> Result<Self> {
        Ok(Self {
            q: said.text("q")?,
            kind: said.word("kind", &KINDS)?,
            status: said.word("status", &STATUSES)?,
            customer_id: said.id("customer_id")?,
            placed_from: said.date("placed_from")?,
            placed_to: said.date("placed_to")?,
            net_min: said.number("net_min")?,
            net_max: said.number("net_max")?,
            sort: Sort(sort(said.text("sort")?.as_deref())?),
            ..Self::page(said)?
        })
    }
}

impl Orders {
    fn page(said: &mut Said) -> Result<Self> {
        let (limit, after) = said.page()?;
        let sort = Sort(Sorted { by: By::Number, descending: false });
        Ok(Self {
            q: None,
            kind: None,
            status: None,
            customer_id: None,
            placed_from: None,
            placed_to: None,
            net_min: None,
            net_max: None,
            sort,
            limit,
            after,
        })
    }

    fn sought(&self, access: &Access) -> Result<Sought> {
        let zone = &access.shop.zone;
        let second = |day: Date| -> Result<u32> {
            let micros = zone.start_of(day)?.micros();
            Ok(u32::try_from(micros.div_euclid(SECOND).max(0)).unwrap_or(u32::MAX))
        };
        let code = |place: Option<usize>| place.and_then(|place| u8::try_from(place).ok());
        let next = |day: Date| Date(day.0.saturating_add(1));
        // Nobody has a number that is none.
        let person = self.customer_id.map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        Ok(Sought {
            kind: code(self.kind),
            status: code(self.status),
            person,
            placed_from: self.placed_from.map(second).transpose()?,
            placed_before: self.placed_to.map(next).map(second).transpose()?,
            net_min: self.net_min,
            net_max: self.net_max,
        })
    }
}

fn sort(text: Option<&str>) -> Result<Sorted> {
    let text = text.unwrap_or("order_id");
    let (descending, name) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let found = SORTS.into_iter().find(|(own, _)| *own == name);
    let (_, by) = found.ok_or_else(|| {
        Error::bad("is no column to sort by")
            .field("sort")
            .hint("there are: order_id, placed_at, net_minor")
    })?;
    Ok(Sorted { by, descending })
}

/// Orders
#[utoipa::path(get, path = "/api/v1/orders", operation_id = "orders",
    tag = "orders", params(Orders), responses(
    (status = 200, description = "A page of orders", body = Paged<Order>), Refusals))]
pub(in crate::http::api) async fn list(
    State(app): State<App>,
    reads: ReadsOrders,
    Asked(asked): Asked<Orders>,
) -> Answer<Paged<Order>> {
    Ok(Json(page(&app, &reads, &asked).await?))
}

/// A page of the list.
pub(in crate::http::api) async fn page(
    app: &App,
    reads: &Access,
    asked: &Orders,
) -> Result<Paged<Order>> {
    if let Some(name) = &asked.q {
        let mut tx = reads.cx.read().await?;
        let rows = order::of_name(&mut tx, name.trim()).await?;
        let (total, next) = (i64::try_from(rows.len()).ok(), None);
        let persons = persons(&mut tx, &rows).await?;
        let show = |row: Row| Order::new(row, &persons, reads.shop.currency);
        return Ok(Paged { data: rows.into_iter().map(show).collect(), next, total });
    }
    let sought = asked.sought(reads)?;
    let most = usize::try_from(asked.limit).unwrap_or(usize::MAX).saturating_add(1);
    let (sales, sort, from) = (app.sales(reads).await?, asked.sort.0, (asked.after, most));
    let (found, total) = apart(move || Ok(sales.find(&sought, sort, from))).await?;
    let page = paged_of(found, asked.limit, |stand| *stand)?;
    let numbers: Vec<i64> = page.data.iter().map(|stand| stand.number()).collect();
    let mut tx = reads.cx.read().await?;
    let rows = order::of_numbers(&mut tx, &numbers).await?;
    let persons = persons(&mut tx, &rows).await?;
    let mut rows: HashMap<i64, Row> = rows.into_iter().map(|row| (row.order_no, row)).collect();
    let rows = numbers.iter().filter_map(|number| rows.remove(number));
    let data = rows.map(|row| Order::new(row, &persons, reads.shop.currency)).collect();
    Ok(Paged { data, next: page.next, total: Some(total) })
}
