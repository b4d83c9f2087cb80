//! What people look at in a shop, over HTTP with a secret key: how long each page of the console
//! waits for its answer, one after the other and many at once while events come in.

use std::time::Duration;

use base::{Error, Result};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::load::{self, Target};
use crate::{answer, now, scatter};

/// Looks of a kind, one after the other.
const ROUNDS: u64 = 200;
/// Looks a second at the shop while events come in, and connections that look.
const LOOKS_PER_SECOND: u64 = 200;
const CONNECTIONS: u64 = 16;
/// Events a second that come in meanwhile, and clients that send them.
const EVENTS_PER_SECOND: u64 = 20_000;
const SENDERS: u64 = 4;
/// Bytes of an answer at the most.
const ANSWER_BYTES_MAX: usize = 16 << 20;

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

/// A connection that looks.
struct Eye {
    line: TcpStream,
    head: String,
    body: Vec<u8>,
}

impl Eye {
    async fn connect(address: &str, key: &str) -> Result<Self> {
        let line = TcpStream::connect(address).await?;
        line.set_nodelay(true)?;
        let head = format!("HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n\r\n");
        Ok(Self { line, head, body: Vec::new() })
    }

    /// Looks at a path: the status, and how long the whole answer took, in milliseconds.
    async fn look(&mut self, path: &str) -> Result<(u16, f64)> {
        let began = now();
        self.line.write_all(format!("GET {path} {}", self.head).as_bytes()).await?;
        self.body.clear();
        let (mut end, mut status) = (None, 0);
        while end.is_none_or(|end| self.body.len() < end) {
            if self.line.read_buf(&mut self.body).await? == 0 {
                return Err(Error::bad("the server hung up"));
            }
            if self.body.len() > ANSWER_BYTES_MAX {
                return Err(Error::bad("an answer is too long"));
            }
            let head = self.body.windows(4).position(|four| four == b"\r\n\r\n");
            let Some(head) = head.filter(|_| end.is_none()) else { continue };
            let text = String::from_utf8_lossy(self.body.get(..head).unwrap_or_default());
            let text = text.to_lowercase();
            status = text.get(9..12).and_then(|code| code.parse().ok()).unwrap_or_default();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
            end = Some(head + 4 + length);
        }
        Ok((status, began.elapsed().as_secs_f64() * 1e3))
    }
}

/// One look after the other of each kind, then many at once for `seconds` while events come in.
pub(crate) async fn look(
    target: &Target,
    (secret, customers): (&str, u64),
    seconds: u64,
) -> Result<()> {
    let mut eye = Eye::connect(&target.address, secret).await?;
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
        answer("look", (&format!("{name}, p95"), at(&mut waits, 95), "ms"), &Value::Null)?;
    }
    mixed(target, (secret, customers), seconds).await
}

/// Looks of every kind at a steady pace, however long each takes.
async fn mixed(target: &Target, (secret, customers): (&str, u64), seconds: u64) -> Result<()> {
    let mut senders = JoinSet::new();
    for number in 0..SENDERS {
        let each = EVENTS_PER_SECOND / SENDERS;
        senders.spawn(load::steady(target.clone(), number, (each, seconds)));
    }
    let (began, every) = (Instant::now(), CONNECTIONS * 1_000_000 / LOOKS_PER_SECOND);
    let mut eyes = JoinSet::new();
    for number in 0..CONNECTIONS {
        let mut eye = Eye::connect(&target.address, secret).await?;
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
        answer("mixed", (&figure, at(waits, 99), "ms"), &Value::Null)?;
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
    answer("mixed", ("p99", at(&mut waits, 99), "ms"), &check)
}

/// The time within which so many of a hundred are answered.
fn at(waits: &mut [f64], percent: usize) -> f64 {
    waits.sort_by(f64::total_cmp);
    waits.get(waits.len() * percent / 100).or(waits.last()).copied().unwrap_or_default()
}
