//! Two hundred segments that are kept up to date, and the profiles that a batch of the fold
//! changed.

use std::path::Path;

use base::time::DAY_MICROS;
use base::{Error, Result};
use serde_json::{Value, json};
use stratify::segment::{Change, Watch, make};

use crate::behaviour::Whole;
use crate::ground::Ground;
use crate::segment::{self, rule};
use crate::{answer, now, scatter};

/// Segments.
pub(crate) const SEGMENTS: u64 = 200;
/// Profiles that a batch changes.
const CHANGED: u64 = 10_000;
/// Batches, one after the other.
const BATCHES: u64 = 9;
/// The first batch comes on this day.
const FIRST_DAY: i64 = 20_455;

const PROVINCES: [&str; 4] = ["广东", "浙江", "江苏", "北京"];

/// Whom a segment means: conditions on columns of every kind, some of them relative to the day.
pub(crate) fn conditions(number: u64) -> Value {
    let province = PROVINCES.get(usize::try_from(number % 4).unwrap_or(0));
    let orders = rule("paid_orders", ">=", &json!(number % 5 + 1));
    let spent = rule("net_minor", ">", &json!(number * 700));
    let rules = match number % 5 {
        0 => vec![rule("gender", "=", &json!("female")), rule("province", "=", &json!(province))],
        1 => vec![orders, spent],
        2 => {
            let days = json!({ "last": number % 90 + 7, "unit": "day" });
            vec![rule("last_paid_order_at", "within", &days), orders]
        }
        3 => {
            let category = json!(format!("c{}", number % 40));
            vec![rule("favourite_category", "=", &category), rule("has_phone", "=", &json!(true))]
        }
        _ => {
            let within = json!([number * 100, number * 100 + 90_000]);
            let from = rule("order_value_minor", "between", &within);
            vec![from, rule("age_band", "in", &json!(["20s", "30s"]))]
        }
    };
    json!({ "combinator": if number.is_multiple_of(7) { "or" } else { "and" }, "rules": rules })
}

/// Makes them and measures how long they take to follow each batch.
pub(crate) async fn watch(dir: &Path, customers: u64) -> Result<()> {
    let ground = Ground::open(dir, None).await?;
    let count = i64::try_from(customers).unwrap_or(i64::MAX);
    let mut mirror = segment::mirror(ground.cx.shop, count)?;
    for number in 0..SEGMENTS {
        let (name, expr) = (format!("s{number}"), conditions(number));
        let new = Change { name, note: String::new(), frozen: false, active: true, expr };
        make(&ground.cx, new).await?;
    }
    let (mut watch, whole) = (Watch::default(), Whole::new());
    let noon = |day: i64| base::Time::from_micros(day * DAY_MICROS + DAY_MICROS / 2);
    let cx = ground.cx.at(noon(FIRST_DAY));
    watch.refresh(&cx).await?;
    let started = now();
    watch.turn(&whole.shop((&cx, &ground), &mirror)).await?;
    let first = started.elapsed().as_secs_f64() * 1e3;
    answer("watch", ("first", first, "ms"), &Value::Null)?;
    let mut waits = Vec::new();
    for batch in 1..=BATCHES {
        let at = noon(FIRST_DAY).plus(i64::try_from(batch).unwrap_or(0) * 1_000_000);
        let changed = (0..CHANGED).map(|number| {
            let who = scatter(batch * CHANGED + number, 41) % customers.max(1) + 1;
            let mut row = segment::row(i64::try_from(who).unwrap_or(1));
            row.orders += 1;
            row.paid_orders += 1;
            row.paid_minor += 5_000 + i64::try_from(scatter(number, 42) % 20_000).unwrap_or(0);
            row.last_paid_order_at = Some(at.micros());
            (row.last_order_at, row.last_paid_at) = (Some(at.micros()), Some(at.micros()));
            row
        });
        let mut next = mirror.hand_over();
        next.put(changed.collect())?;
        mirror = next;
        let cx = ground.cx.at(at);
        let started = now();
        watch.refresh(&cx).await?;
        let turn = watch.turn(&whole.shop((&cx, &ground), &mirror)).await?;
        waits.push(started.elapsed().as_secs_f64() * 1e3);
        if turn.moved == 0 {
            return Err(Error::bad("nobody entered or left a segment"));
        }
    }
    waits.sort_by(f64::total_cmp);
    let middle = waits.get(waits.len() / 2).copied().unwrap_or(f64::INFINITY);
    let worst = waits.last().copied().unwrap_or(f64::INFINITY);
    answer("watch", ("batch", middle, "ms"), &json!(waits))?;
    answer("watch", ("worst batch", worst, "ms"), &Value::Null)
}
