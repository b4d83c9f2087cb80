//! Figures of the server itself, as Prometheus reads them. No label has more values than the
//! program has words for it: no shop, customer or raw address is in one.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use base::{Error, Result, Time};
use perceive::{fold, relay};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use store::log::{self, topic};

use super::App;
use super::error::Refusal;
use super::local::Local;

/// Seconds of answers that are told apart.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
/// The kind of text that is answered.
const KIND: &str = "application/openmetrics-text;version=1.0.0;charset=utf-8";
/// Who reads the log, and what of it.
const READERS: [(&str, i64); 2] = [(fold::READER, fold::TOPICS), (relay::READER, topic::HISTORY)];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reader {
    reader: &'static str,
}

/// The figures.
pub(crate) struct Meters {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Family<Route, Histogram>,
    messages: Family<Outcome, Counter>,
    waiting: Family<Reader, Gauge>,
    lag: Family<Reader, Gauge<f64, AtomicU64>>,
    aside: Gauge,
    mirrored: Gauge,
    memory: Gauge,
}

impl Meters {
    pub(super) fn new() -> Self {
        let mut registry = Registry::default();
        let meters = Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            messages: Family::default(),
            waiting: Family::default(),
            lag: Family::default(),
            aside: Gauge::default(),
            mirrored: Gauge::default(),
            memory: Gauge::default(),
            registry: Registry::default(),
        };
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("shuke_build", "What runs", version);
        let own = meters.requests.clone();
        registry.register("shuke_http_requests", "Requests by what was answered", own);
        let own = meters.seconds.clone();
        registry.register("shuke_http_request_seconds", "How long answers took", own);
        let own = meters.messages.clone();
        registry.register("shuke_messages", "Messages of clients by what became of them", own);
        let own = meters.waiting.clone();
        registry.register("shuke_log_waiting_rows", "Rows that a reader has before it", own);
        let own = meters.lag.clone();
        registry.register("shuke_log_lag_seconds", "Age of the oldest of these rows", own);
        let own = meters.aside.clone();
        registry.register("shuke_log_dead_facts", "Facts that were set aside", own);
        let own = meters.mirrored.clone();
        registry.register("shuke_mirror_customers", "Customers in memory", own);
        let own = meters.memory.clone();
        registry.register("process_resident_memory_bytes", "Memory of this process", own);
        Self { registry, ..meters }
    }

    /// Counts an answer; `route` is an address as the program spells it.
    pub(super) fn answered(&self, to: (&'static str, String), status: u16, took: Duration) {
        let (method, route) = to;
        let seconds = self.seconds.get_or_create(&Route { route: route.clone() });
        seconds.observe(took.as_secs_f64());
        drop(seconds);
        self.requests.get_or_create(&Answered { method, route, status }).inc();
    }

    /// Counts messages of a shop's clients.
    pub(super) fn messages(&self, outcome: &'static str, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.messages.get_or_create(&Outcome { outcome }).inc_by(count);
    }

    /// Looks at what is not counted as it happens.
    async fn look(&self, app: &App) -> Result<()> {
        let cx = app.place.cx();
        for (reader, topics) in READERS {
            let waiting = log::waiting(&cx, reader, topics).await?;
            self.waiting.get_or_create(&Reader { reader }).set(waiting.rows);
            let lag = waiting.oldest.map_or(0.0, |oldest| seconds_between(oldest, cx.now));
            self.lag.get_or_create(&Reader { reader }).set(lag);
        }
        self.aside.set(log::dead_count(&cx).await?.0);
        let mirrors = app.mirrors.lock().await;
        self.mirrored.set(mirrors.values().map(stratify::mirror::Mirror::people).sum());
        drop(mirrors);
        self.memory.set(resident_bytes().unwrap_or_default());
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people to read")]
fn seconds_between(earlier: Time, later: Time) -> f64 {
    (later.micros() - earlier.micros()).max(0) as f64 / 1e6
}

/// Bytes of memory that this process has, as Linux tells it.
fn resident_bytes() -> Option<i64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// The figures as text.
pub(super) async fn show(State(app): State<App>, _: Local) -> Result<impl IntoResponse, Refusal> {
    app.meters.look(&app).await?;
    let mut text = String::new();
    encode(&mut text, &app.meters.registry)
        .map_err(|cause| Error::internal("figures could not be written", cause))?;
    Ok(([(header::CONTENT_TYPE, KIND)], text))
}
