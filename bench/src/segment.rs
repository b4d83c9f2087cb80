//! Conditions on the profiles of a large shop: how long it takes to count whom they mean.

use std::io::BufRead;
use std::path::Path;

use base::time::DAY_MICROS;
use base::{Error, Result, ShopId, Zone};
use perceive::profile::Row;
use serde_json::{Value, json};
use stratify::expr::{self, At};
use stratify::mirror::Mirror;

use crate::{SHOP, answer, now, ready, threads};

/// Customers that the mirror takes at once.
const PUT_ROWS: i64 = 65_536;
/// The day on which the last of them bought.
const LAST_DAY: i64 = 20_454;
/// Days back to the first who did.
const DAYS: u64 = 730;

/// 省份, those with the most people first.
const PROVINCES: &str = "广东 浙江 江苏 北京 上海 山东 四川 河南 湖北 湖南 福建 陕西";

pub(crate) fn rule(field: &str, operator: &str, value: &Value) -> Value {
    json!({"field": field, "operator": operator, "value": value})
}

/// Whom the conditions mean: six of them, on columns of every kind.
fn conditions() -> Value {
    json!({"combinator": "and", "rules": [
        rule("gender", "=", &json!("female")),
        rule("province", "in", &json!(["广东", "浙江", "北京"])),
        rule("paid_orders", ">=", &json!(2)),
        rule("net_minor", "between", &json!([20_000, 300_000])),
        rule("last_paid_order_at", ">=", &json!("2025-10-03T00:00:00Z")),
        rule("has_phone", "=", &json!(true)),
    ]})
}

/// A number that depends on the customer and on what it is for (SplitMix64, Steele and others,
/// 2014).
fn draw(customer: i64, what: u64) -> u64 {
    let seed = customer.cast_unsigned();
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(what << 32 | what);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Some customer.
pub(crate) fn row(customer_no: i64) -> Row {
    let below = |what: u64, most: u64| draw(customer_no, what) % most;
    let signed = |what: u64, most: u64| below(what, most).cast_signed();
    // Half of all have one order, a quarter two, and so on.
    let paid_orders = i64::from(draw(customer_no, 1).trailing_zeros().min(30)) + 1;
    let paid_minor = paid_orders * (2_000 + signed(2, 28_000));
    let days = LAST_DAY - signed(3, DAYS);
    let at = days * DAY_MICROS + signed(4, DAY_MICROS.cast_unsigned());
    // The first provinces have the most people.
    let province = below(5, 12).min(below(6, 12));
    let gender = match below(7, 20) {
        0..=12 => Some("female"),
        13..=17 => Some("male"),
        _ => None,
    };
    Row {
        customer_no,
        known: true,
        external_id: Some(format!("b{customer_no}")),
        country: Some("中国".to_owned()),
        country_code: Some("CN".to_owned()),
        province: PROVINCES
            .split(' ')
            .nth(usize::try_from(province).unwrap_or(0))
            .map(str::to_owned),
        city: Some(format!("{}市", below(8, 300))),
        gender: gender.map(str::to_owned),
        age_band: (below(9, 3) > 0).then(|| format!("{}0s", 2 + below(10, 5))),
        registered_at: Some(at - signed(11, 90) * DAY_MICROS),
        orders: paid_orders + i64::from(below(12, 4) == 0),
        paid_orders,
        paid_minor,
        refunded_minor: if below(13, 10) == 0 { paid_minor / 3 } else { 0 },
        items: paid_orders * 2,
        first_order_at: Some(at - paid_orders * 20 * DAY_MICROS),
        last_order_at: Some(at),
        first_paid_at: Some(at - paid_orders * 20 * DAY_MICROS),
        last_paid_at: Some(at),
        last_paid_order_at: Some(at),
        favourite_category: Some(format!("c{}", below(14, 40))),
        channel: Some("web".to_owned()),
        has_phone: below(15, 10) < 7,
        has_email: below(16, 10) < 2,
        consents: (below(17, 4) == 0).then_some(1),
        gift_receivers: (below(18, 8) == 0).then_some(1),
        birthday_index: (below(19, 2) == 0).then(|| format!("{:016x}", below(20, 366))),
        ..Row::default()
    }
}

/// A mirror of so many customers.
pub(crate) fn mirror(shop: ShopId, customers: i64) -> Result<Mirror> {
    let mut mirror = Mirror::empty(shop);
    let mut first = 1;
    while first <= customers {
        let last = customers.min(first + PUT_ROWS - 1);
        mirror.put((first..=last).map(row).collect())?;
        first = last + 1;
    }
    Ok(mirror)
}

/// Makes the customers, writes them down for the peer, and counts once for each line of input.
pub(crate) async fn count(dir: &Path, customers: i64) -> Result<()> {
    let mirror = mirror(SHOP, customers)?;
    std::fs::create_dir_all(dir)?;
    mirror.save(dir)?;
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let bytes = mirror.bytes() as f64 / customers as f64;
    ready()?;
    answer("mirror", ("memory", bytes, "bytes"), &Value::Null)?;
    let zone = Zone::utc();
    let expr = expr::read(&conditions())?;
    for line in std::io::stdin().lock().lines() {
        line?;
        let started = now();
        let at = At { now: base::Time::from_micros((LAST_DAY + 1) * DAY_MICROS), zone: &zone };
        let node = expr::profile_node(&expr, at)?;
        let count = mirror.count(&node, threads());
        let elapsed = started.elapsed().as_secs_f64() * 1e3;
        if count == 0 {
            return Err(Error::bad("the conditions mean nobody"));
        }
        answer("segment", ("elapsed", elapsed, "ms"), &json!(count))?;
    }
    Ok(())
}
