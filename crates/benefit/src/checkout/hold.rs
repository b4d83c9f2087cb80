//! What a checkout does to coupons, points, stored value and promotions, within its transaction.

use base::{Error, Result, Zone};
use store::{Cx, Tx};

use super::{Checkout, person};
use crate::coupon::call::{self, Call, Deed, Named, Spend};
use crate::ledger::{self, Deal, Known, Matter, Unit};
use crate::offer::Applied;
use crate::offer::cart::Key;
use crate::offer::refund::Back;
use crate::offer::stack::Kind;
use crate::{coupon, promotion};

/// What it holds is known by this to the ledger, and to coupons.
fn cause(own: &Checkout, what: &str) -> String {
    format!("checkout/{}/{what}", own.number)
}

fn coupons(own: &Checkout) -> impl Iterator<Item = &Applied> {
    own.told.quote.steps.iter().filter(|step| step.key.kind == Kind::Coupon)
}

fn named(own: &Checkout, key: Key) -> Named {
    let called = own.told.offers.iter().find(|(known, _)| *known == key);
    Named::new(called.and_then(|(_, called)| called.code.as_deref()).unwrap_or_default())
}

/// What a coupon takes from its budget: gifts are not money.
fn spend(own: &Checkout, step: &Applied) -> Spend {
    let amount = Some(step.off_minor + step.postage_minor + step.back_minor);
    Spend { code: named(own, step.key), amount, lines: Vec::new(), order: own.order.clone() }
}

fn lock_of(own: &Checkout, key: Key) -> String {
    cause(own, &key.number.to_string())
}

async fn call_all(
    tx: &mut Tx,
    place: (&Cx, &Zone),
    own: &Checkout,
    deeds: Vec<(String, Deed)>,
) -> Result<()> {
    if deeds.is_empty() {
        return Ok(());
    }
    let buyer = person(tx, own).await?;
    let call = |(cause, deed)| Call::new((cause, place.0.actor.to_string()), buyer, deed);
    let calls: Vec<Call> = deeds.into_iter().map(call).collect::<Result<_>>()?;
    coupon::carry_out(tx, place, &calls).await.map(drop)
}

async fn deal(
    tx: &mut Tx,
    own: &Checkout,
    (unit, amount): (Unit, i64),
    cause: String,
) -> Result<Option<Deal>> {
    let source = (Matter::Checkout, own.number);
    let reason = own.order.clone();
    let deal = |person| Deal { person, unit, amount, cause, source, reason };
    Ok(person(tx, own).await?.map(deal))
}

/// What of the request an error is about that speaks of what was held by it.
fn told_of(error: Error, field: &'static str) -> Error {
    match error.field {
        Some(_) => error.field(field),
        None => error,
    }
}

/// Has promotions give away again what it took of them.
pub(super) async fn let_go(tx: &mut Tx, own: &Checkout, which: impl Fn(Key) -> bool) -> Result<()> {
    let of = |number: i64| Key { kind: Kind::Promotion, number };
    let uses = own.told.uses.iter().filter(|(number, _)| which(of(*number)));
    let uses: Vec<(i64, i64)> = uses.map(|(number, count)| (*number, -count)).collect();
    promotion::change(tx, own.customer, &uses).await
}

pub(super) async fn lock(tx: &mut Tx, place: (&Cx, &Zone), own: &Checkout) -> Result<()> {
    promotion::change(tx, own.customer, &own.told.uses).await?;
    let ttl = own.until.micros() - own.at.micros();
    let deed = |step: &Applied| (lock_of(own, step.key), Deed::Lock(spend(own, step), ttl));
    let held = call_all(tx, place, own, coupons(own).map(deed).collect()).await;
    held.map_err(|error| told_of(error, "cart.codes"))?;
    let Some(points) = &own.told.quote.points else { return Ok(()) };
    let amount = (Unit::Points, points.points);
    let Some(deal) = deal(tx, own, amount, cause(own, "points")).await? else { return Ok(()) };
    let held = ledger::spend(tx, place, deal, Some(Some(own.until))).await;
    held.map(drop).map_err(|error| told_of(error, "cart.points"))
}

pub(super) async fn redeem(tx: &mut Tx, place: (&Cx, &Zone), own: &Checkout) -> Result<()> {
    let deed = |step: &Applied| {
        let lock = lock_of(own, step.key);
        (format!("{lock}/redeem"), Deed::Redeem(spend(own, step), Some(lock)))
    };
    call_all(tx, place, own, coupons(own).map(deed).collect()).await?;
    close(tx, place, own, true).await?;
    let back = (Unit::Stored, own.told.quote.back_minor);
    if back.1 == 0 {
        return Ok(());
    }
    let Some(deal) = deal(tx, own, back, cause(own, "back")).await? else { return Ok(()) };
    ledger::earn(tx, place, deal, None).await.map(drop)
}

pub(super) async fn rollback(tx: &mut Tx, place: (&Cx, &Zone), own: &Checkout) -> Result<()> {
    let_go(tx, own, |_| true).await?;
    let deed = |step: &Applied| {
        let of = lock_of(own, step.key);
        let back = call::Back {
            code: named(own, step.key),
            of: of.clone(),
            amount: None,
            lines: Vec::new(),
        };
        (format!("{of}/rollback"), Deed::Back(back))
    };
    call_all(tx, place, own, coupons(own).map(deed).collect()).await?;
    close(tx, place, own, false).await
}

/// Points that were held are spent, or free again.
async fn close(tx: &mut Tx, place: (&Cx, &Zone), own: &Checkout, post: bool) -> Result<()> {
    if own.told.quote.points.is_none() || own.customer.is_none() {
        return Ok(());
    }
    let end = if post { "redeem" } else { "rollback" };
    ledger::close_known(tx, place, points_of(own, end), post).await
}

/// The points that it held, and what they are done under.
fn points_of(own: &Checkout, end: &str) -> Known {
    let of = cause(own, "points");
    let source = (Matter::Checkout, own.number);
    Known { unit: Unit::Points, cause: format!("{of}/{end}"), of, source }
}

pub(super) async fn refund(
    tx: &mut Tx,
    place: (&Cx, &Zone),
    (own, back): (&Checkout, &Back),
) -> Result<()> {
    let whole = |key: Key| back.offers.iter().any(|own| own.key == key && own.whole);
    let_go(tx, own, whole).await?;
    let gone = back.offers.iter().filter(|own| own.key.kind == Kind::Coupon);
    let deeds = gone.filter_map(|gone| {
        let part = gone.off_minor + gone.postage_minor + gone.back_minor;
        let amount = (!gone.whole).then_some(part);
        let of = lock_of(own, gone.key);
        let code = named(own, gone.key);
        let deed = Deed::Back(call::Back { code, of: of.clone(), amount, lines: Vec::new() });
        (gone.whole || part > 0).then(|| (format!("{of}/refund/{}", seen(own)), deed))
    });
    call_all(tx, place, own, deeds.collect()).await?;
    if back.points > 0 && own.customer.is_some() {
        let known = points_of(own, &format!("refund/{}", seen(own)));
        ledger::give_back_known(tx, place, known, back.points).await?;
    }
    let stored: i64 = back.offers.iter().map(|own| own.back_minor).sum();
    if stored > 0 {
        let of = cause(own, "back");
        let (amount, cause) = ((Unit::Stored, stored), format!("{of}/refund/{}", seen(own)));
        if let Some(deal) = deal(tx, own, amount, cause).await? {
            ledger::take_back(tx, place, deal, of).await?;
        }
    }
    Ok(())
}

/// What tells a refund from those before it: how many pieces had come back.
fn seen(own: &Checkout) -> i64 {
    own.returned.iter().sum()
}
