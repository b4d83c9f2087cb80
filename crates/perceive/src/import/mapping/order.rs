//! Records about orders.

use std::sync::Arc;

use base::{Currency, Decimal};

use super::bind::Scratch;
use super::spec::RefundSign;
use super::value::View;
use super::{Field, Kind, Reject, build};
use crate::clean::{number, text, word};
use crate::record::{
    Contact, OrderHead, OrderKind, OrderLine, OrderRow, Record, Statement, Status,
};

pub(super) fn record(view: &View<'_>, scratch: &mut Scratch) -> Result<Record, Reject> {
    let Some(order) = view.id(Field::Order)? else {
        return Err(view.reject(Field::Order, "", "is empty"));
    };
    let following = view.bound.first_row_head && scratch.order == order;
    if view.bound.first_row_head && !following {
        scratch.order.clone_from(&order);
        scratch.order_currency.clear();
        scratch.order_refused = false;
        if let Some(currency) = view.text(Field::Currency) {
            scratch.order_currency.push_str(&currency);
        }
    }
    if following && scratch.order_refused {
        return Err(view.reject(Field::Order, &order, "the first row of this order was refused"));
    }
    let row = row(view, scratch, order);
    if row.is_err() && view.bound.first_row_head && !following {
        scratch.order_refused = true;
    }
    row.map(|row| Record::Order(Box::new(row)))
}

fn row(view: &View<'_>, scratch: &mut Scratch, order: String) -> Result<OrderRow, Reject> {
    build::checked(view)?;
    check_currency(view, &scratch.order_currency)?;
    let kind = kind(view, &order)?;
    same_paid(view, scratch, &order)?;
    let line = match view.bound.kind {
        Kind::OrderLine => line(view, scratch, kind)?,
        _ => None,
    };
    Ok(OrderRow {
        kind,
        of_order: view.id(Field::OfOrder)?,
        said: said(view, scratch, kind)?,
        payment_minor: view.money(Field::Payment)?,
        line,
        order,
        whole: view.bound.whole,
        lines: Vec::new(),
    })
}

/// A currency by its code, or by what Chinese exports call their own.
pub(super) fn currency(text: &str) -> Option<Currency> {
    match text {
        "人民币" | "元" | "RMB" | "¥" => Some(Currency::CNY),
        _ => text.parse().ok(),
    }
}

/// Refuses an amount in another currency than the shop's. `order` is what the order's first row
/// says, for rows that say nothing themselves.
pub(super) fn check_currency(view: &View<'_>, order: &str) -> Result<(), Reject> {
    let ours = view.bound.currency;
    let reason = || format!("the shop counts in {ours}: import orders of another currency apart");
    let own = view.read(Field::Currency, |text| {
        let currency = currency(text).ok_or("is not the code of a currency")?;
        if currency == ours { Ok(()) } else { Err(reason().into()) }
    })?;
    if own.is_none() && !order.is_empty() && order.parse::<Currency>().ok() != Some(ours) {
        return Err(view.reject(Field::Currency, order, reason()));
    }
    Ok(())
}

fn kind(view: &View<'_>, order: &str) -> Result<OrderKind, Reject> {
    let stated = view.read(Field::Kind, |word| match text::key(word).as_str() {
        "order" | "sale" | "订单" | "销售" => Ok(OrderKind::Order),
        "refund" | "return" | "退款" | "退货" => Ok(OrderKind::Refund),
        "correction" | "adjustment" | "调整" | "更正" => Ok(OrderKind::Correction),
        _ => Err("is neither order, refund nor correction: add it to its `values`".into()),
    })?;
    let prefixed = || view.bound.prefix.iter().find(|(prefix, _)| order.starts_with(prefix));
    Ok(stated.or_else(|| prefixed().map(|(_, kind)| *kind)).unwrap_or_default())
}

/// What the row says about the order as a whole: mostly the same as the row before.
fn said(view: &View<'_>, scratch: &mut Scratch, kind: OrderKind) -> Result<Arc<Statement>, Reject> {
    let cells = || view.bound.stated.iter().map(|place| view.row.get(*place).unwrap_or_default());
    // Cells of a broken row may look like those of a good one.
    if let Some(said) = scratch.said.get(cells()).filter(|_| !view.row.broken) {
        return Ok(Arc::clone(said));
    }
    let said = Arc::new(Statement { buyer: view.identifiers()?, head: head(view, scratch, kind)? });
    scratch.said.put(cells(), Arc::clone(&said));
    Ok(said)
}

fn head(view: &View<'_>, scratch: &mut Scratch, kind: OrderKind) -> Result<OrderHead, Reject> {
    let mut head = OrderHead {
        status: view.read(Field::Status, status)?,
        placed_at: view.time(Field::PlacedAt, scratch)?,
        paid_at: view.time(Field::PaidAt, scratch)?,
        shipped_at: view.time(Field::ShippedAt, scratch)?,
        received_at: view.time(Field::ReceivedAt, scratch)?,
        closed_at: view.time(Field::ClosedAt, scratch)?,
        stated_at: None,
        paid_minor: paid(view)?,
        refunded_minor: view.money(Field::Refunded)?.map(i64::saturating_abs),
        shipping_minor: view.money(Field::Shipping)?,
        channel: view.string(Field::Channel)?,
        store: view.id(Field::Store)?,
        region: view.region(scratch)?,
        contact: Contact {
            name: view.string(Field::ContactName)?,
            phone: view.phone(Field::ContactPhone)?,
            address: view.string(Field::ContactAddress)?,
        },
        test: view.read(Field::Test, word::truth)?.unwrap_or(false),
    };
    if view.bound.status_from_times {
        head.status = head.status.max(reached(&head));
    }
    if head.paid_minor.is_none() {
        head.paid_minor = view.money(Field::Total)?.map(|total| received(&head, total));
    }
    if kind == OrderKind::Order && head.paid_minor.is_some_and(i64::is_negative) {
        let field = if paid(view)?.is_some() { Field::Paid } else { Field::Total };
        let text = view.text(field).unwrap_or_default();
        let reason = "is negative: money given back belongs into `refunded`, or into a document \
            whose `kind` is refund";
        return Err(view.reject(field, &text, reason));
    }
    if kind == OrderKind::Refund {
        let back = head.paid_minor.take().map(i64::saturating_abs);
        head.refunded_minor = head.refunded_minor.or(back);
    }
    Ok(head)
}

/// What was received of an order's total: nothing before it is paid, nor when it was closed and
/// nothing is given back.
fn received(head: &OrderHead, total: i64) -> i64 {
    let given_back = head.refunded_minor.is_some_and(|refunded| refunded != 0);
    let unsold = matches!(head.status, Some(Status::Placed | Status::Closed));
    if unsold && !given_back { 0 } else { total }
}

/// Refuses a row of an order whose row before states another paid amount: it is the line's, not
/// the order's, and would count once.
fn same_paid(view: &View<'_>, scratch: &mut Scratch, order: &str) -> Result<(), Reject> {
    if view.bound.kind != Kind::OrderLine || view.bound.whole || view.bound.first_row_head {
        return Ok(());
    }
    let Some(paid) = view.money(Field::Paid)? else { return Ok(()) };
    match scratch.paid.get([order]) {
        Some(before) if *before != paid => {
            let text = view.text(Field::Paid).unwrap_or_default();
            let reason = "differs from the row before of the same order: if it is what the line \
                cost, call the column `amount` in a mapping";
            Err(view.reject(Field::Paid, &text, reason))
        }
        Some(_) => Ok(()),
        None => {
            scratch.paid.put([order], paid);
            Ok(())
        }
    }
}

/// Our own words first, then those that shop systems use.
fn status(word: &str) -> Result<Status, crate::clean::Reason> {
    match word {
        "placed" => Ok(Status::Placed),
        "paid" => Ok(Status::Paid),
        "shipped" => Ok(Status::Shipped),
        "received" => Ok(Status::Received),
        "closed" => Ok(Status::Closed),
        other => word::status(other),
    }
}

/// How far the times of an order say that it has come.
fn reached(head: &OrderHead) -> Option<Status> {
    let times = [
        (head.closed_at, Status::Closed),
        (head.received_at, Status::Received),
        (head.shipped_at, Status::Shipped),
        (head.paid_at, Status::Paid),
    ];
    times.into_iter().find(|(time, _)| time.is_some()).map(|(_, status)| status)
}

/// What was paid for the order. Where the mapping says when a payment counts, it is nothing at
/// other times, and unknown in a row that does not say.
fn paid(view: &View<'_>) -> Result<Option<i64>, Reject> {
    let paid = view.money(Field::Paid)?;
    let Some((columns, values)) = &view.bound.paid_when else { return Ok(paid) };
    let Some((_, word)) = view.first(columns) else { return Ok(None) };
    let key = text::key(&word);
    if values.iter().any(|value| text::key(value) == key) { Ok(paid) } else { Ok(Some(0)) }
}

fn line(
    view: &View<'_>,
    scratch: &mut Scratch,
    kind: OrderKind,
) -> Result<Option<OrderLine>, Reject> {
    let Some(sku) = view.id(Field::Sku)? else { return Ok(None) };
    let quantity = match view.whole_number(Field::Quantity)? {
        Some(quantity) => quantity,
        None if view.has(Field::Quantity) => {
            return Err(view.reject(Field::Quantity, "", "is empty"));
        }
        None => 1,
    };
    let price = view.amount(Field::UnitPrice)?;
    let stated = view.amount(Field::Amount)?;
    let discount = view.amount(Field::Discount)?;
    let amount = match (stated, price) {
        (Some(amount), _) => amount,
        (None, Some(price)) => {
            let gross = Decimal::whole(quantity).times(price);
            match discount {
                Some(discount) => number::minus(gross, discount)
                    .map_err(|reason| view.reject(Field::Discount, "", reason))?,
                None => gross,
            }
        }
        (None, None) => {
            let field = if view.has(Field::UnitPrice) { Field::UnitPrice } else { Field::Amount };
            return Err(view.reject(field, "", "is empty"));
        }
    };
    let of = if stated.is_some() { Field::Amount } else { Field::UnitPrice };
    let mut amount_minor = view.minor(of, amount)?;
    let unit_price_minor = match price {
        Some(price) => view.minor(Field::UnitPrice, price)?,
        None => number::share(amount_minor, quantity),
    };
    let mut quantity = quantity;
    if kind == OrderKind::Refund {
        let turn = match view.bound.refunds {
            RefundSign::Negative => false,
            RefundSign::Positive => true,
            RefundSign::Either => amount_minor > 0 || (amount_minor == 0 && quantity > 0),
        };
        if turn {
            quantity = quantity.saturating_neg();
            amount_minor = amount_minor.saturating_neg();
        }
    }
    Ok(Some(OrderLine {
        sku,
        title: view.string(Field::Title)?,
        quantity,
        unit_price_minor,
        amount_minor,
        shipping_minor: view.money(Field::LineShipping)?.unwrap_or(0),
        at: view.time(Field::LineAt, scratch)?,
    }))
}
