//! What people look at in a shop, over HTTP with a secret key: how long each page of the console
//! waits for its answer, one after the other and many at once while events come in.

use std::time::Duration;

use base::{Error, Result};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::eye::Eye;
use crate::load::{self, Target};
use crate::{answer, percentile, scatter};

/// Looks of a kind, one after the other.
const ROUNDS: u64 = 200;
/// Looks a second at the shop while events come in, and connections that look.
const LOOKS_PER_SECOND: u64 = 200;
const CONNECTIONS: u64 = 16;
/// Events a second that come in meanwhile, and clients that send them.
const EVENTS_PER_SECOND: u64 = 20_000;
const SENDERS: u64 = 4;

/// A kind of look: its name, and its address for a number that looks random.
type Kind = (&'static str, fn(u64, u64) -> String);

/// What is looked at: the list in the orders and by the filters that its columns have, a profile,
/// a search, and what the overview and the other pages ask for.
const KINDS: [Kind; 11] = [
    ("customers", |seed, _| {
        let views = [
            "sort=-last_order_at",
            "sort=-net_minor",
            "sort=orders&orders_min=2",
            "stratum=key_value&sort=-net_minor",
            "r=5&f=4",
            "province=%E5%B9%BF%E4%B8%9C%E7%9C%81&net_min=50000",
            "registered_from=2024-06-01&last_order_from=2025-01-01&sort=-net_minor",
        ];
        let view = views.get(usize::try_from(seed).unwrap_or(0) % views.len());
        format!("/api/v1/customers?limit=50&{}", view.copied().unwrap_or_default())
    }),
    ("profile", |seed, customers| format!("/api/v1/customers/{}/profile", seed % customers + 1)),
    ("timeline", |seed, customers| {
        format!("/api/v1/customers/{}/timeline?limit=30", seed % customers + 1)
    }),
    ("overview", |seed, _| {
        // The periods that the overview offers.
        let from = ["31", "30", "25", "02", "01"];
        let day = from.get(usize::try_from(seed).unwrap_or(0) % from.len());
        format!("/api/v1/kpi?from=2025-12-{}&to=2025-12-31", day.copied().unwrap_or_default())
    }),
    ("orders", |_, _| "/api/v1/orders?limit=50".to_owned()),
    ("search", |seed, customers| format!("/api/v1/customers?q=u{}", seed % customers + 1)),
    ("products", |_, _| "/api/v1/products?limit=50".to_owned()),
    ("RFM", |_, _| "/api/v1/rfm".to_owned()),
    ("to do", |_, _| "/api/v1/todo".to_owned()),
    ("state", |_, _| "/api/v1/state".to_owned()),
    ("facets", |_, _| "/api/v1/customers/facets".to_owned()),
];
/// A period that nobody has asked for before.
const PERIOD: Kind = ("period", |seed, _| {
    let day = seed % 300;
    let (month, day) = (day / 28 % 11 + 1, day % 28 + 1);
    format!("/api/v1/kpi?from=2025-{month:02}-{day:02}&to=2025-12-{day:02}")
});

/// One look after the other of each kind, then many at once for `seconds` while events come in.
pub(crate) async fn look(
    target: &Target,
    (secret, customers): (&str, u64),
    seconds: u64,
) -> Result<()> {
    let bearer = format!("Authorization: Bearer {secret}\r\n");
    let mut eye = Eye::connect(&target.address, &bearer).await?;
    for (name, path) in KINDS.into_iter().chain([PERIOD]) {
        let mut waits = Vec::new();
        for round in 0..ROUNDS {
            let path = path(scatter(round, 11), customers);
            let (status, wait) = eye.look(&path).await?;
            if status != 200 {
                return Err(Error::bad(format!("{path} was answered by {status}")));
            }
            waits.push(wait);
        }
        answer("look", (&format!("{name}, p95"), percentile(&mut waits, 95), "ms"), &Value::Null)?;
    }
    mixed(target, (secret, customers), seconds).await
}

/// Looks of every kind at a steady pace, however long each takes.
async fn mixed(target: &Target, (secret, customers): (&str, u64), seconds: u64) -> Result<()> {
    let bearer = format!("Authorization: Bearer {secret}\r\n");
    let mut senders = JoinSet::new();
    for number in 0..SENDERS {
        let each = EVENTS_PER_SECOND / SENDERS;
        senders.spawn(load::steady(target.clone(), number, (each, seconds)));
    }
    let (began, every) = (Instant::now(), CONNECTIONS * 1_000_000 / LOOKS_PER_SECOND);
    let mut eyes = JoinSet::new();
    for number in 0..CONNECTIONS {
        let mut eye = Eye::connect(&target.address, &bearer).await?;
        eyes.spawn(async move {
            let (mut waits, mut failed) = (vec![Vec::new(); KINDS.len()], 0_u64);
            let own = number * every / CONNECTIONS;
            for round in 0..seconds * 1_000_000 / every {
                // A look is late by what the one before it took too long.
                let due = began + Duration::from_micros(own + round * every);
                sleep_until(due).await;
                let seed = scatter(number << 32 | round, 12);
                let kind = usize::try_from(scatter(seed, 13)).unwrap_or(0) % KINDS.len();
                let Some((_, path)) = KINDS.get(kind) else { continue };
                let (status, _) = eye.look(&path(seed, customers)).await?;
                failed += u64::from(status != 200);
                if let Some(waits) = waits.get_mut(kind) {
                    waits.push(due.elapsed().as_secs_f64() * 1e3);
                }
            }
            Ok::<_, Error>((waits, failed))
        });
    }
    let (mut kinds, mut failed) = (vec![Vec::new(); KINDS.len()], 0);
    while let Some(done) = eyes.join_next().await {
        let (own, bad) = done.map_err(|cause| Error::internal("an eye closed", cause))??;
        kinds.iter_mut().zip(own).for_each(|(waits, own)| waits.extend(own));
        failed += bad;
    }
    for ((name, _), waits) in KINDS.iter().zip(&mut kinds) {
        let figure = format!("{name} meanwhile, p99");
        answer("mixed", (&figure, percentile(waits, 99), "ms"), &Value::Null)?;
    }
    let mut waits = kinds.concat();
    let mut sent = 0;
    while let Some(done) = senders.join_next().await {
        sent += done.map_err(|cause| Error::internal("a client stopped", cause))??;
    }
    #[expect(clippy::cast_precision_loss, reason = "figures for people to read")]
    let (looks, errors, rate) =
        (waits.len() as f64 / seconds as f64, failed as f64, sent as f64 / seconds as f64);
    let check = json!({ "looks": waits.len(), "events": sent });
    answer("mixed", ("looks", looks, "looks/s"), &check)?;
    answer("mixed", ("events", rate, "events/s"), &check)?;
    answer("mixed", ("errors", errors, ""), &check)?;
    answer("mixed", ("p99", percentile(&mut waits, 99), "ms"), &check)
}
