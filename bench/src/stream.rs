//! What happens to events between the log and the shop: a stream of visitors' sessions is written
//! to the log at a steady pace while the fold, the relay and the mirror run as they do in the
//! server, each on a thread of its own, and it is measured how many they take and how late.
//!
//! Before it begins the shop has its customers and its earlier messages, taken the same way.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base::{Error, Result, Time};
use perceive::collect::{Kind, Message, Touch};
use perceive::fold::{self, Fold};
use perceive::relay::Relay;
use serde_json::json;
use store::log;
use stratify::mirror::Mirror;
use tokio::runtime::Handle;

use crate::ground::{Ground, present};
use crate::{START, answer, now, percentile, scatter};

/// Events of a row of the log.
const ROW_EVENTS: u64 = 1_000;
/// Sessions that go on at once.
const SESSIONS: usize = 20_000;
/// Products of the shop.
const ARTICLES: u64 = 5_000;
/// Browsers that take turns at a place: so many visitors come again.
const BROWSERS: u64 = 40;
/// Events of a session at the most; a session has half as many on average.
const SESSION_EVENTS_MAX: u64 = 24;
/// As in the server: how often the mirror is brought up to date.
const MIRROR_EVERY: Duration = Duration::from_millis(500);
/// As in the server: how many times as long as it worked the mirror rests at least.
const MIRROR_REST: u32 = 4;
/// As in the server: how often SQLite's log is folded into its file.
const LOG_EVERY: Duration = Duration::from_secs(1);
/// How long a loop waits when there was nothing to do.
const IDLE: Duration = Duration::from_millis(5);

/// How much of it.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Size {
    /// Customers that the shop knows
    #[arg(long, default_value_t = 1_000_000)]
    customers: u64,
    /// Messages that were taken before
    #[arg(long, default_value_t = 10_000_000)]
    known: u64,
    /// Seconds that are measured
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Events a second that are written meanwhile
    #[arg(long, default_value_t = 90_000)]
    rate: u64,
}

/// Somebody who looks around.
#[derive(Debug, Clone, Copy, Default)]
struct Session {
    /// A customer, or 0 for a visitor.
    who: u64,
    /// Which of the browsers that come to this place.
    browser: u64,
    left: u64,
    fresh: bool,
}

/// Makes messages, the same in every run.
struct Stream {
    sessions: Vec<Session>,
    articles: Vec<Article>,
    customers: u64,
    made: u64,
}

impl Stream {
    fn new(customers: u64) -> Self {
        let articles = (0..ARTICLES).map(Article::new).collect();
        Self { sessions: vec![Session::default(); SESSIONS], articles, customers, made: 0 }
    }

    /// The next messages, as happening at `at`.
    fn next(&mut self, source: i64, at: Time, count: u64) -> Vec<Message> {
        (0..count).map(|_| self.one(source, at)).collect()
    }

    fn one(&mut self, source: i64, at: Time) -> Message {
        self.made += 1;
        let seed = self.made;
        let draw = |salt: u64| scatter(seed, salt);
        let place = usize::try_from(draw(1)).unwrap_or(0) % SESSIONS;
        let customers = self.customers;
        let mut now = Session::default();
        if let Some(session) = self.sessions.get_mut(place) {
            if session.left == 0 {
                let left = draw(2) % SESSION_EVENTS_MAX + 1;
                // Six of ten have signed in.
                let known = draw(3) % 10 < 6;
                let who = if known { draw(4) % customers.max(1) + 1 } else { 0 };
                *session = Session { who, browser: draw(5) % BROWSERS, left, fresh: true };
            }
            now = *session;
            session.left -= 1;
            session.fresh = false;
        }
        let anonymous = (now.who == 0).then(|| format!("visitor-{place}-{}", now.browser));
        let user = (now.who > 0).then(|| format!("C{}", now.who));
        let article = usize::try_from(draw(11) % ARTICLES).unwrap_or(0);
        let deed = self.articles.get(article).map(|article| article.deed(draw(6) % 1_000, seed));
        let (kind, event, properties) = deed.unwrap_or((Kind::Track, "", String::new()));
        let touch = match now.fresh && draw(7) % 2 == 0 {
            true => Touch { source: Some("wechat".to_owned()), ..Touch::default() },
            false => Touch::default(),
        };
        Message {
            source,
            kind,
            id: uuid(draw(8), draw(9)),
            event: event.to_owned(),
            user,
            anonymous,
            previous: None,
            at,
            properties,
            touch,
            channel: "web".to_owned(),
            bot: None,
        }
    }
}

/// A random UUID.
fn uuid(a: u64, b: u64) -> String {
    let (high, low, node) = (a >> 32, a >> 16 & 0xffff, b & 0xffff_ffff_ffff);
    let (third, fourth) = (a & 0xfff, b >> 48 & 0x3fff | 0x8000);
    format!("{high:08x}-{low:04x}-4{third:03x}-{fourth:04x}-{node:012x}")
}

/// A product of the shop, as messages speak of it.
struct Article {
    price: u64,
    /// Its fields, and the address of its page.
    fields: String,
    url: String,
    /// Properties of the message that most messages are.
    viewed: String,
}

impl Article {
    fn new(product: u64) -> Self {
        let price = scatter(product, 12) % 900 + 9;
        let fields = format!(
            "\"product_id\":\"SKU-{product:05}\",\"name\":\"真丝连衣裙 {product:05}\",\
             \"category\":\"女装\",\"brand\":\"云\",\"price\":{price}.00,\"quantity\":1"
        );
        let url = format!("\"url\":\"https://shop.example/products/{product:05}?from=list\"");
        let viewed = format!("{{{fields},{url}}}");
        Self { price, fields, url, viewed }
    }

    /// What somebody does with it, of a thousand deeds.
    fn deed(&self, of_thousand: u64, seed: u64) -> (Kind, &'static str, String) {
        let Self { price, fields, url, viewed } = self;
        match of_thousand {
            0..820 => (Kind::Track, "Product Viewed", viewed.clone()),
            820..920 => (Kind::Page, "Page Viewed", format!("{{\"name\":\"商品详情\",{url}}}")),
            920..970 => (Kind::Track, "Product Added", viewed.clone()),
            970..985 => {
                (Kind::Track, "Checkout Started", format!("{{\"products\":[{{{fields}}}]}}"))
            }
            985..993 => {
                let order = format!("\"order_id\":\"N{seed}\",\"total\":{price}.00");
                (Kind::Track, "Order Completed", format!("{{{order},\"products\":[{{{fields}}}]}}"))
            }
            _ => (Kind::Track, "Product Added to Wishlist", format!("{{{fields}}}")),
        }
    }
}

/// What is measured while it runs.
#[derive(Default)]
struct Gauges {
    /// Events written to the log so far, and when.
    written: Mutex<Vec<(u64, Instant)>>,
    folded: AtomicU64,
    relayed: AtomicU64,
    stop: AtomicBool,
    /// Milliseconds from the log to the store, and to the lake.
    store_ms: Mutex<Vec<f64>>,
    lake_ms: Mutex<Vec<f64>>,
    /// Why a loop ended before it was told to.
    failed: Mutex<Option<String>>,
}

fn held<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Gauges {
    fn wrote(&self, events: u64) {
        held(&self.written).push((events, now()));
    }

    /// Everything up to `events` has arrived where `late` is measured.
    fn arrived(&self, before: u64, events: u64, late: &Mutex<Vec<f64>>) {
        let at = now();
        let written = held(&self.written);
        let from = written.partition_point(|(reach, _)| *reach <= before);
        let new = written.iter().skip(from).take_while(|(reach, _)| *reach <= events);
        held(late).extend(new.map(|(_, wrote)| (at - *wrote).as_secs_f64() * 1e3));
    }

    fn alive(&self) -> Result<()> {
        match &*held(&self.failed) {
            Some(why) => Err(Error::bad(format!("a loop ended: {why}"))),
            None => Ok(()),
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

async fn fold_on(ground: &Ground, gauges: &Gauges) -> Result<()> {
    let (mut own, mut done) = (Fold::default(), 0);
    while !gauges.stopped() {
        let step = own.step(&ground.cx()).await?;
        let before = done;
        done += u64::try_from(step.rows).unwrap_or(0) * ROW_EVENTS;
        gauges.folded.store(done, Ordering::Relaxed);
        gauges.arrived(before, done, &gauges.store_ms);
        tokio::time::sleep(fold::rest(&step)).await;
    }
    Ok(())
}

async fn relay_on(ground: &Ground, gauges: &Gauges) -> Result<()> {
    let (mut relay, mut done) = (Relay::default(), 0);
    while !gauges.stopped() {
        let moved = relay.step(&ground.cx(), &ground.lake).await?;
        // Every message becomes one row of events, in the order of the log.
        let before = done;
        done += u64::try_from(moved.rows.events).unwrap_or(0);
        gauges.relayed.store(done, Ordering::Relaxed);
        gauges.arrived(before, done, &gauges.lake_ms);
        tokio::time::sleep(moved.rest()).await;
    }
    Ok(())
}

async fn fold_log(ground: &Ground, gauges: &Gauges) -> Result<()> {
    let db = ground.cx.db();
    db.leave_log().await?;
    while !gauges.stopped() {
        db.fold_log().await?;
        tokio::time::sleep(LOG_EVERY).await;
    }
    Ok(())
}

async fn mirror(ground: &Ground, gauges: &Gauges) -> Result<()> {
    let mut mirror = Mirror::empty(ground.cx.shop);
    while !gauges.stopped() {
        let began = now();
        mirror.refresh(&ground.cx()).await?;
        tokio::time::sleep(MIRROR_EVERY.max(began.elapsed() * MIRROR_REST)).await;
    }
    Ok(())
}

/// A loop on a thread of its own.
fn beside(
    ground: &Arc<Ground>,
    gauges: &Arc<Gauges>,
    work: impl AsyncFnOnce(&Ground, &Gauges) -> Result<()> + Send + 'static,
) -> std::thread::JoinHandle<Result<()>> {
    let (ground, gauges, runtime) = (Arc::clone(ground), Arc::clone(gauges), Handle::current());
    std::thread::spawn(move || {
        let done = runtime.block_on(work(&ground, &gauges));
        if let Err(error) = &done {
            *held(&gauges.failed) = Some(error.chain());
        }
        done
    })
}

/// Everyone comes once, so that they are known.
fn newcomers(stream: &mut Stream, source: i64, from: u64, count: u64) -> Vec<Message> {
    let mut messages = stream.next(source, START, count);
    for (number, message) in (from + 1..).zip(&mut messages) {
        message.user = Some(format!("C{number}"));
        message.anonymous = None;
        message.id = uuid(scatter(number, 21), scatter(number, 22));
        message.event = "Product Viewed".to_owned();
        message.kind = Kind::Track;
    }
    messages
}

/// Runs it; one JSON line for each figure.
pub(crate) async fn run(dir: &Path, database: Option<&str>, size: &Size) -> Result<()> {
    let ground = Arc::new(Ground::open(dir, database).await?);
    let gauges = Arc::new(Gauges::default());
    let tasks = [
        beside(&ground, &gauges, async |ground, gauges| fold_on(ground, gauges).await),
        beside(&ground, &gauges, async |ground, gauges| relay_on(ground, gauges).await),
        beside(&ground, &gauges, async |ground, gauges| mirror(ground, gauges).await),
        beside(&ground, &gauges, async |ground, gauges| fold_log(ground, gauges).await),
    ];
    let mut written = 0;
    let mut stream = Stream::new(1);
    while written < size.customers {
        let messages = newcomers(&mut stream, ground.source, written, ROW_EVENTS);
        written += ROW_EVENTS;
        hand_in(&ground, &gauges, messages, written).await?;
    }
    let mut stream = Stream::new(size.customers);
    let started = (now(), gauges.folded.load(Ordering::Relaxed));
    while written < size.known.max(size.customers) {
        let messages = stream.next(ground.source, present(), ROW_EVENTS);
        written += ROW_EVENTS;
        hand_in(&ground, &gauges, messages, written).await?;
    }
    drain(&gauges, &gauges.folded, written).await?;
    let filled = gauges.folded.load(Ordering::Relaxed) - started.1;
    let rate = filled as f64 / started.0.elapsed().as_secs_f64();
    answer("stream", ("taken as fast as it goes", rate, "events/s"), &json!({}))?;
    // What was written as fast as it goes is all in the lake before the steady stream begins.
    drain(&gauges, &gauges.relayed, written).await?;
    held(&gauges.store_ms).clear();
    held(&gauges.lake_ms).clear();

    let (began, before) = (now(), gauges.folded.load(Ordering::Relaxed));
    let time = Duration::from_secs(size.seconds);
    let mut due = tokio::time::Instant::now();
    let pause = Duration::from_secs_f64(ROW_EVENTS as f64 / size.rate.max(1) as f64);
    while began.elapsed() < time {
        let messages = stream.next(ground.source, present(), ROW_EVENTS);
        ground.write(&messages).await?;
        written += ROW_EVENTS;
        gauges.wrote(written);
        due += pause;
        tokio::time::sleep_until(due).await;
    }
    let (elapsed, folded) = (began.elapsed(), gauges.folded.load(Ordering::Relaxed));
    let rate = (folded - before) as f64 / elapsed.as_secs_f64();
    answer("stream", ("taken", rate, "events/s"), &json!({ "wanted": size.rate }))?;
    let (store, lake) =
        (percentile(&mut held(&gauges.store_ms), 95), percentile(&mut held(&gauges.lake_ms), 95));
    answer("stream", ("late in the store, p95", store, "ms"), &json!({}))?;
    answer("stream", ("late in the lake, p95", lake, "ms"), &json!({}))?;
    drain(&gauges, &gauges.folded, written).await?;
    drain(&gauges, &gauges.relayed, written).await?;
    gauges.stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.join().map_err(|_| Error::bad("a loop stopped"))??;
    }
    let dead = log::dead(&ground.cx(), 10).await?;
    if let Some(dead) = dead.first() {
        return Err(Error::bad(format!("events were set aside: {}", dead.reason)));
    }
    Ok(())
}

/// Writes messages once the fold is near.
async fn hand_in(
    ground: &Ground,
    gauges: &Gauges,
    messages: Vec<Message>,
    reach: u64,
) -> Result<()> {
    ground.write(&messages).await?;
    gauges.wrote(reach);
    while gauges.folded.load(Ordering::Relaxed) + 200_000 < reach {
        gauges.alive()?;
        tokio::time::sleep(IDLE).await;
    }
    Ok(())
}

/// Waits until all that was written is `done`.
async fn drain(gauges: &Gauges, done: &AtomicU64, reach: u64) -> Result<()> {
    while done.load(Ordering::Relaxed) < reach {
        gauges.alive()?;
        tokio::time::sleep(IDLE).await;
    }
    Ok(())
}
