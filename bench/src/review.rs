//! Levels of a large shop: everybody's reached for the first time, after a day of sales, and when
//! all of them are over at once.

use std::path::Path;

use base::time::DAY_MICROS;
use base::{Error, Result, Time, Zone};
use benefit::tier::plan::rule::Plan;
use benefit::tier::{self, plan};
use perceive::order::Changed;
use serde_json::{Value, json};
use stratify::sales::Sales;

use crate::ground::Ground;
use crate::{START, answer, now, scatter};

/// Orders for each member.
const ORDERS_EACH: u64 = 3;
/// Days over which they lie.
const DAYS: u64 = 360;
/// Orders of the day that comes after.
const NEW: u64 = 20_000;
/// Days for which a level stays.
const KEPT: i64 = 90;

fn order(number: u64, members: u64, at: Time) -> Changed {
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let paid_minor = signed(2_000 + scatter(number, 52) % 60_000);
    Changed {
        order_no: signed(number),
        version: signed(number),
        known: true,
        test: false,
        kind: 0,
        status: 3,
        customer_no: Some(signed(scatter(number, 51) % members.max(1) + 1)),
        placed_at: Some(at.micros()),
        paid_at: Some(at.micros()),
        paid_minor,
        refunded_minor: if scatter(number, 53).is_multiple_of(10) { paid_minor / 2 } else { 0 },
        adjusted_minor: 0,
    }
}

fn levels() -> Result<Plan> {
    let need = |kind: &str, amount: u64| json!({ "kind": kind, "at_least": amount });
    let plan = json!({
        "active": true, "window": { "kind": "days", "days": 365 }, "grace_days": 0,
        "keep": { "kind": "days", "days": KEPT }, "levels": [
            { "tier": 1, "needs": [need("orders", 1)] },
            { "tier": 2, "needs": [need("spend", 100_000), need("orders", 4)] },
            { "tier": 3, "needs": [need("spend", 200_000)] },
        ],
    });
    serde_json::from_value(plan).map_err(|cause| Error::bad("is no plan").because(cause))
}

/// Makes the shop and measures how long it takes until everybody has the level that they reached.
pub(crate) async fn review(dir: &Path, members: u64) -> Result<()> {
    let ground = Ground::open(dir, None).await?;
    let zone = Zone::named("Asia/Shanghai")?;
    for name in ["member", "bronze", "diamond"] {
        let wish = tier::Wish { name: Some(name.to_owned()), ..tier::Wish::default() };
        tier::make(&ground.cx, wish).await?;
    }
    plan::set(&ground.cx, &levels()?).await?;
    let day = |days: u64| START.plus(i64::try_from(days).unwrap_or(0) * DAY_MICROS);
    let count = members * ORDERS_EACH;
    let mut orders: Vec<Changed> =
        (1..=count).map(|number| order(number, members, day(scatter(number, 54) % DAYS))).collect();
    let sales = Sales::of(&orders);
    let measured = async |figure: &str, sales: &Sales, days: u64| -> Result<()> {
        let cx = ground.cx.at(day(days));
        let started = now();
        let moved = plan::settle((&cx, &zone), sales).await?;
        let seconds = started.elapsed().as_secs_f64();
        if moved == 0 {
            return Err(Error::bad("nobody went from one level to another"));
        }
        answer("review", (figure, seconds, "s"), &json!(moved))
    };
    measured("first", &sales, DAYS).await?;
    orders.extend((count + 1..=count + NEW).map(|number| order(number, members, day(DAYS + 1))));
    measured("a day later", &Sales::of(&orders), DAYS + 1).await?;
    // Nobody bought since: whoever has a level loses it, or has it for as long again.
    measured("review", &Sales::of(&orders), DAYS + KEPT.unsigned_abs() + 2).await?;
    let mut left = Vec::new();
    for own in tier::list(&ground.cx).await? {
        left.push(json!([own.name, tier::members(&ground.cx, own.number).await?.len()]));
    }
    answer(
        "review",
        ("members", f64::from(u8::try_from(left.len()).unwrap_or(0)), "levels"),
        &Value::from(left),
    )
}
