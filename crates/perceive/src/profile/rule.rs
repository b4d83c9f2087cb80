//! The figures and attributes of a customer, as pure functions of orders and customer lists.

use std::cmp::Reverse;

use base::Time;

use super::{Attributes, Profile};
use crate::record::{OrderKind, Region, earliest, fill};
use crate::{consent, order, relation};

/// Figures over a person's orders. Times are those of the orders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Orders, refunds and corrections.
    pub documents: i64,
    /// Orders of every status.
    pub orders: i64,
    /// Orders with money received.
    pub paid_orders: i64,
    /// Money received, minor units.
    pub paid_minor: i64,
    /// Money given back, minor units.
    pub refunded_minor: i64,
    /// Corrections, minor units.
    pub adjusted_minor: i64,
    /// Pieces ordered.
    pub items: i64,
    /// 拍下 of the first order.
    pub first_order_at: Option<Time>,
    /// 拍下 of the last order.
    pub last_order_at: Option<Time>,
    /// 付款 of the first paid order; its 拍下 where the source gives no time of payment.
    pub first_paid_at: Option<Time>,
    /// 付款 of the last paid order.
    pub last_paid_at: Option<Time>,
    /// 拍下 of the last paid order.
    pub last_paid_order_at: Option<Time>,
}

/// What one order contributes to its buyer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contribution {
    /// What the document is.
    pub kind: OrderKind,
    /// It counts nowhere.
    pub test: bool,
    /// 拍下.
    pub placed_at: Option<Time>,
    /// 付款.
    pub paid_at: Option<Time>,
    /// Money received.
    pub paid_minor: i64,
    /// Money given back.
    pub refunded_minor: i64,
    /// Corrections.
    pub adjusted_minor: i64,
    /// Pieces.
    pub items: i64,
    /// Where it went.
    pub region: Region,
}

impl From<&order::State> for Contribution {
    fn from(state: &order::State) -> Self {
        Self {
            kind: state.kind,
            test: state.head.test,
            placed_at: state.head.placed_at,
            paid_at: state.head.paid_at,
            paid_minor: state.paid_minor,
            refunded_minor: state.refunded_minor,
            adjusted_minor: state.adjusted_minor,
            items: state.items,
            region: state.head.region.clone(),
        }
    }
}

impl From<&order::Row> for Contribution {
    fn from(row: &order::Row) -> Self {
        Self {
            kind: match row.kind {
                0 => OrderKind::Order,
                1 => OrderKind::Refund,
                _ => OrderKind::Correction,
            },
            test: row.test,
            placed_at: row.placed_at.map(Time::from_micros),
            paid_at: row.paid_at.map(Time::from_micros),
            paid_minor: row.paid_minor,
            refunded_minor: row.refunded_minor,
            adjusted_minor: row.adjusted_minor,
            items: row.items,
            region: Region {
                country: row.country.clone(),
                country_code: row.country_code.clone(),
                province: row.province.clone(),
                city: row.city.clone(),
            },
        }
    }
}

impl Contribution {
    fn ordered(&self) -> Option<Time> {
        self.placed_at.filter(|_| self.kind == OrderKind::Order)
    }

    fn paid(&self) -> bool {
        self.kind == OrderKind::Order && self.paid_minor > 0
    }

    fn paid_time(&self) -> Option<Time> {
        self.paid_at.or(self.placed_at).filter(|_| self.paid())
    }

    fn paid_order(&self) -> Option<Time> {
        self.placed_at.filter(|_| self.paid())
    }
}

/// Moves a profile from an order's old contribution to its new one. `false`: the old one held an
/// extreme that may be another order's now, so the profile must be built anew.
pub fn shift(
    profile: &mut Profile,
    old: Option<&Contribution>,
    new: Option<&Contribution>,
) -> bool {
    let old = old.filter(|old| !old.test);
    let new = new.filter(|new| !new.test);
    if old == new {
        return true;
    }
    if old.is_some_and(|old| holds_extreme(profile, old, new)) {
        return false;
    }
    for (order, sign) in old.into_iter().map(|o| (o, -1)).chain(new.into_iter().map(|n| (n, 1))) {
        count(&mut profile.totals, order, sign);
    }
    if let Some(new) = new {
        extend(profile, new);
    }
    true
}

fn count(totals: &mut Totals, order: &Contribution, sign: i64) {
    totals.documents += sign;
    totals.paid_minor += sign * order.paid_minor;
    totals.refunded_minor += sign * order.refunded_minor;
    totals.adjusted_minor += sign * order.adjusted_minor;
    if order.kind == OrderKind::Order {
        totals.orders += sign;
        totals.paid_orders += sign * i64::from(order.paid());
        totals.items += sign * order.items;
    }
}

fn extend(profile: &mut Profile, order: &Contribution) {
    let totals = &mut profile.totals;
    totals.first_order_at = earliest(totals.first_order_at, order.ordered());
    totals.last_order_at = totals.last_order_at.max(order.ordered());
    totals.first_paid_at = earliest(totals.first_paid_at, order.paid_time());
    totals.last_paid_at = totals.last_paid_at.max(order.paid_time());
    totals.last_paid_order_at = totals.last_paid_order_at.max(order.paid_order());
    locate(profile, &order.region, order.placed_at);
}

/// The region of the latest event holds; of two at the same time, the greater in text.
fn locate(profile: &mut Profile, region: &Region, at: Option<Time>) {
    if *region == Region::default() {
        return;
    }
    let candidate = (at, text(region));
    if candidate > (profile.region_at, text(&profile.attributes.region)) {
        profile.region_at = at;
        profile.attributes.region = region.clone();
    }
}

fn text(region: &Region) -> [Option<&str>; 4] {
    [
        region.country_code.as_deref(),
        region.country.as_deref(),
        region.province.as_deref(),
        region.city.as_deref(),
    ]
}

/// Whether taking `old` away, with `new` in its place, could move an extreme inwards.
fn holds_extreme(profile: &Profile, old: &Contribution, new: Option<&Contribution>) -> bool {
    let totals = &profile.totals;
    let stays = |part: fn(&Contribution) -> Option<Time>| {
        part(old).is_none() || new.and_then(part) == part(old)
    };
    let first = |held: Option<Time>, part: fn(&Contribution) -> Option<Time>| {
        !stays(part) && held == part(old)
    };
    let region = new.map(|new| (&new.region, new.placed_at)) != Some((&old.region, old.placed_at));
    first(totals.first_order_at, Contribution::ordered)
        || first(totals.last_order_at, Contribution::ordered)
        || first(totals.first_paid_at, Contribution::paid_time)
        || first(totals.last_paid_at, Contribution::paid_time)
        || first(totals.last_paid_order_at, Contribution::paid_order)
        || (region && old.region != Region::default() && profile.region_at == old.placed_at)
}

/// A person's attributes from everything that customer lists say, in any order: the row that was
/// changed last wins field by field. The region competes with the orders' by time.
#[must_use]
pub fn attributes(profile: &mut Profile, said: &[Attributes]) -> Attributes {
    let mut said: Vec<&Attributes> = said.iter().collect();
    said.sort_by_cached_key(|row| {
        (Reverse(row.updated_at), Reverse(row.registered_at), format!("{row:?}"))
    });
    let mut all = Attributes::default();
    for row in &said {
        fill(&mut all.name, &row.name);
        fill(&mut all.address, &row.address);
        fill(&mut all.birthday, &row.birthday);
        fill(&mut all.gender, &row.gender);
        fill(&mut all.age_band, &row.age_band);
        all.registered_at = earliest(all.registered_at, row.registered_at);
        all.updated_at = all.updated_at.max(row.updated_at);
        for (name, value) in &row.traits {
            if !all.traits.iter().any(|(known, _)| known == name) {
                all.traits.push((name.clone(), value.clone()));
            }
        }
    }
    all.traits.sort();
    // Who introduced somebody is said once, and later lists may have it from others.
    all.introduced_by = said.iter().rev().find_map(|row| {
        row.introduced_by.clone().or_else(|| relation::introducer(&row.traits, &[]))
    });
    let stated = said.iter().map(|row| (row.updated_at.or(row.stated_at), row.traits.as_slice()));
    all.consents = consent::last(stated);
    for row in said {
        locate(profile, &row.region, row.updated_at.or(row.registered_at));
    }
    all.region = profile.attributes.region.clone();
    all
}
