//! Segments as people use them, over HTTP: sizes while somebody types, why somebody is in one, and
//! how soon who does something enters.

use std::time::Duration;

use base::{Error, Result};
use base64::Engine;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::behaviour::condition;
use crate::eye::Eye;
use crate::history::CATEGORIES;
use crate::load::{self, Target};
use crate::segment::rule;
use crate::watch::{SEGMENTS, conditions};
use crate::{answer, percentile, scatter};

/// Looks before those that are measured: files are opened and orders read.
const WARM_UPS: u64 = 3;
const ROUNDS: u64 = 100;
/// Customers who enter, one after the other.
const ENTRIES: u64 = 50;
/// Events a second that others send meanwhile.
const EVENTS_PER_SECOND: u64 = 1_000;
/// Seconds for which they send at the most.
const SECONDS_MAX: u64 = 240;
/// Days that a condition looks back.
const DAYS: u64 = 90;
/// Between two looks at whether somebody has entered.
const PAUSE: Duration = Duration::from_millis(5);
/// How long somebody may take to enter before it is given up.
const ENTER_MAX: Duration = Duration::from_secs(60);

/// What an owner sends with each request, who begins with `token`.
async fn owner(address: &str, token: &str) -> Result<String> {
    let mut eye = Eye::connect(address, "").await?;
    let user = json!({ "email": "owner@shop.example", "name": "owner",
        "password": "a password of some length" });
    let shop = json!({ "name": "another", "currency": "CNY", "time_zone": "Asia/Shanghai",
        "language": "en" });
    let form = json!({ "token": token, "user": user, "shop": shop }).to_string();
    let (session, _) = eye.must(("POST", "/api/v1/start"), &form).await?;
    let cookie = eye.header("set-cookie").unwrap_or_default();
    let cookie = cookie.split(';').next().unwrap_or_default();
    let shops = session.get("shops").and_then(Value::as_array).cloned().unwrap_or_default();
    let own = shops.iter().find(|shop| shop.get("name").is_some_and(|name| name == "bench"));
    let text = |value: Option<&Value>| {
        let found = value.and_then(Value::as_str).map(str::to_owned);
        found.ok_or_else(|| Error::bad("the session lacks what was looked for"))
    };
    let (shop, csrf) = (text(own.and_then(|own| own.get("shop_id")))?, text(session.get("csrf"))?);
    Ok(format!("Cookie: {cookie}\r\nX-CSRF-Token: {csrf}\r\nX-Shop: {shop}\r\n"))
}

/// What somebody has typed after so many strokes: no two are the same.
fn typed(stroke: u64) -> Value {
    let category = usize::try_from(stroke).unwrap_or(0) % CATEGORIES.len();
    let category = CATEGORIES.get(category).copied().unwrap_or_default();
    let did = condition(category, stroke % 3 + 1, Some(DAYS));
    let orders = rule("paid_orders", ">=", &json!(stroke % 2 + 1));
    let spent = rule("net_minor", ">", &json!(stroke * 100));
    json!({ "combinator": "and", "rules": [orders, spent, did] })
}

/// Measures it.
pub(crate) async fn measure(target: &Target, (token, customers): (&str, u64)) -> Result<()> {
    let headers = owner(&target.address, token).await?;
    let mut eye = Eye::connect(&target.address, &headers).await?;
    let (mut sizes, mut reasons) = (Vec::new(), Vec::new());
    for stroke in 0..WARM_UPS + ROUNDS {
        let form = json!({ "expr": typed(stroke) }).to_string();
        let (told, wait) = eye.must(("POST", "/api/v1/segments/preview"), &form).await?;
        if told.get("count").and_then(Value::as_u64).unwrap_or(0) == 0 {
            return Err(Error::bad(format!("the conditions mean nobody: {form}")));
        }
        if stroke >= WARM_UPS {
            sizes.push(wait);
        }
    }
    answer("strata", ("preview, p95", percentile(&mut sizes, 95), "ms"), &Value::Null)?;
    for stroke in 0..WARM_UPS + ROUNDS {
        let who = (scatter(stroke, 51) % customers + 1).to_string();
        let form = json!({ "expr": typed(stroke), "customer_id": who }).to_string();
        let (_, wait) = eye.must(("POST", "/api/v1/segments/explain"), &form).await?;
        if stroke >= WARM_UPS {
            reasons.push(wait);
        }
    }
    answer("strata", ("explain, p95", percentile(&mut reasons, 95), "ms"), &Value::Null)?;
    enter(target, &mut eye).await
}

/// Customers order once more, beside two hundred segments and while others send events.
async fn enter(target: &Target, eye: &mut Eye) -> Result<()> {
    for number in 0..SEGMENTS {
        let form = json!({ "name": format!("s{number}"), "expr": conditions(number),
            "active": true });
        eye.must(("POST", "/api/v1/segments"), &form.to_string()).await?;
    }
    let thrice = json!({ "combinator": "and", "rules": [rule("paid_orders", ">=", &json!(3))] });
    let form = json!({ "name": "thrice", "expr": thrice, "active": true }).to_string();
    let (made, _) = eye.must(("POST", "/api/v1/segments"), &form).await?;
    let id = made.get("segment_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = format!("/api/v1/segments/{id}");
    let mut before = seen(eye, &list, |size| size.is_some()).await?;
    let mut others = JoinSet::new();
    others.spawn(load::steady(target.clone(), 1, (EVENTS_PER_SECOND, SECONDS_MAX)));
    let key = base64::engine::general_purpose::STANDARD.encode(format!("{}:", target.key));
    let mut shop =
        Eye::connect(&target.address, &format!("Authorization: Basic {key}\r\n")).await?;
    let mut waits = Vec::new();
    for number in 1..=ENTRIES {
        // The first half of the customers bought twice.
        let order = json!({ "type": "track", "userId": format!("C{number}"),
            "event": "Order Completed", "messageId": format!("enter-{number}"),
            "properties": { "order_id": format!("E{number}"), "total": 50, "currency": "CNY" } });
        shop.must(("POST", "/v1/track"), &order.to_string()).await?;
        let began = Instant::now();
        let least = before + 1;
        before = seen(eye, &list, |size| size.is_some_and(|size| size >= least)).await?;
        waits.push(began.elapsed().as_secs_f64() * 1e3);
    }
    others.shutdown().await;
    answer("strata", ("entered, p95", percentile(&mut waits, 95), "ms"), &json!(waits))
}

/// The size of a segment, once it is as it should be.
async fn seen(eye: &mut Eye, path: &str, wanted: impl Fn(Option<i64>) -> bool) -> Result<i64> {
    let began = Instant::now();
    while began.elapsed() < ENTER_MAX {
        let (segment, _) = eye.must(("GET", path), "").await?;
        let size = segment.get("size").and_then(Value::as_i64);
        if wanted(size) {
            return Ok(size.unwrap_or_default());
        }
        sleep(PAUSE).await;
    }
    Err(Error::bad("nobody entered"))
}
