//! What the suites share: a home for data on either database, a clock that stands still, and the
//! state of a shop as text that does not depend on numbering.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a suite that cannot be set up fails, and says what it skips"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use base::{Entropy, Result, ShopId, Time};
use lake::{Lake, LakeOptions, Query};
use perceive::collect::wire::{self, Envelope};
use sqlx::AssertSqlSafe;
use store::log::{self, topic};
use store::shop::{self, NewShop, Shop};
use store::{Cx, Db, KeyRing, MasterKey, Place};
use tempfile::TempDir;

mod person;
mod program;
pub mod server;
mod state;

pub use person::{PASSWORD, Person, keys, user};
pub use program::{json, run, shuke, shuke_at, text};
pub use server::{Line, Server};
pub use state::{dump, figures, same, state};

/// 2026-01-01T00:00:00Z, the time at which tests happen.
pub const NOW: Time = Time::from_micros(1_767_225_600_000_000);

/// Environment of a test run; what is read here is set by `cargo xtask test`.
fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "tests are told where their servers are")]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The address of the test run's PostgreSQL.
///
/// # Panics
/// Under `CI` when there is none, because nothing may be skipped there.
#[must_use]
pub fn postgres() -> Option<String> {
    let address = variable("SHUKE_TEST_DATABASE");
    assert!(address.is_some() || variable("CI").is_none(), "run the tests by `cargo xtask test`");
    address
}

/// A Python that has the package `deltalake`.
///
/// # Panics
/// Under `CI` when there is none.
#[must_use]
pub fn python() -> Option<PathBuf> {
    let python = variable("SHUKE_TEST_PYTHON").map(PathBuf::from);
    assert!(python.is_some() || variable("CI").is_none(), "run the tests by `cargo xtask test`");
    python
}

/// Where the clients that shops have are installed: Node.js and a folder with its packages.
///
/// # Panics
/// Under `CI` when they are not.
#[must_use]
pub fn node() -> Option<(PathBuf, PathBuf)> {
    let node = variable("SHUKE_TEST_NODE").zip(variable("SHUKE_TEST_NODE_PACKAGES"));
    assert!(node.is_some() || variable("CI").is_none(), "run the tests by `cargo xtask test`");
    node.map(|(node, packages)| (node.into(), packages.into()))
}

/// Chromium.
///
/// # Panics
/// Under `CI` when there is none.
#[must_use]
pub fn chromium() -> Option<PathBuf> {
    let chromium = variable("SHUKE_TEST_CHROMIUM").map(PathBuf::from);
    assert!(chromium.is_some() || variable("CI").is_none(), "run the tests by `cargo xtask test`");
    chromium
}

/// A file of the shared data.
///
/// # Panics
/// Under `CI` when it is not there.
#[must_use]
pub fn data(name: &str) -> Option<PathBuf> {
    let root = variable("SHUKE_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    skip(&format!("the shared data lacks {name}"));
    None
}

/// Says that a test cannot run here.
///
/// # Panics
/// Under `CI`, where nothing may be skipped.
pub fn skip(why: &str) {
    assert!(variable("CI").is_none(), "{why}");
    println!("skipped: {why}");
}

/// A folder with a store and a lake, on one of the databases.
pub struct Home {
    /// The folder.
    pub dir: TempDir,
    /// Which database: `sqlite` or `postgres`.
    pub kind: &'static str,
    /// The address, on PostgreSQL.
    pub address: Option<String>,
    /// The history.
    pub lake: Lake,
    /// A context of no shop.
    pub cx: Cx,
}

/// How long a test waits for what another process does.
pub const UNTIL_MAX: std::time::Duration = std::time::Duration::from_secs(180);

static NEXT: AtomicU32 = AtomicU32::new(1);

impl Home {
    /// A home on SQLite.
    pub async fn sqlite() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let place = Place::File(dir.path().join("store.db"));
        Self::open(dir, "sqlite", None, &place).await
    }

    /// A home in a schema of its own on the test run's PostgreSQL.
    pub async fn postgres() -> Option<Self> {
        let server = postgres()?;
        let name = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let admin = Db::open(&Place::Address(server.clone())).await.expect("PostgreSQL answers");
        let keys = Arc::new(KeyRing::new(master()));
        let cx = Cx::new(admin, keys, ShopId(0), NOW, Entropy::seeded(0));
        let mut tx = cx.write().await.expect("a transaction");
        let sql = AssertSqlSafe(format!("create schema {name}"));
        tx.exec(sql, vec![]).await.expect("a schema");
        tx.commit().await.expect("a schema");
        cx.db().close().await;
        let address = format!("{server}?options[search_path]={name}");
        let dir = tempfile::tempdir().expect("a temporary folder");
        let place = Place::Address(address.clone());
        Some(Self::open(dir, "postgres", Some(address), &place).await)
    }

    /// A home on each database of this run.
    pub async fn each() -> Vec<Self> {
        let mut homes = vec![Self::sqlite().await];
        homes.extend(Self::postgres().await);
        homes
    }

    /// The home that a data folder and, on PostgreSQL, an address are.
    pub async fn of((dir, address): (TempDir, Option<String>), kind: &'static str) -> Self {
        let place = match &address {
            Some(address) => Place::Address(address.clone()),
            None => Place::File(dir.path().join("store.db")),
        };
        Self::open(dir, kind, address, &place).await
    }

    async fn open(
        dir: TempDir,
        kind: &'static str,
        address: Option<String>,
        place: &Place,
    ) -> Self {
        let db = Db::open(place).await.expect("a database");
        store::migrate(&db).await.expect("migrations run");
        let lake = lake(dir.path());
        let keys = Arc::new(KeyRing::new(master()));
        let cx = Cx::new(db, keys, ShopId(0), NOW, Entropy::seeded(1));
        Self { dir, kind, address, lake, cx }
    }

    /// A shop of that name, currency and zone, with a context of it.
    pub async fn shop(&self, name: &str, currency: &str, zone: &str) -> (Cx, Shop) {
        let new = NewShop {
            name: name.to_owned(),
            currency: currency.parse().expect("a currency"),
            zone: base::Zone::named(zone).expect("a zone"),
            language: "en".to_owned(),
        };
        let shop = shop::open(&self.cx, &new).await.expect("a shop");
        (self.cx.of(shop.id), shop)
    }
}

/// Waits until something holds.
///
/// # Panics
/// When it does not hold for [`UNTIL_MAX`].
pub fn until(mut holds: impl FnMut() -> bool) {
    #[expect(clippy::disallowed_methods, reason = "what is waited for runs by this clock")]
    let began = std::time::Instant::now();
    while !holds() {
        assert!(began.elapsed() < UNTIL_MAX, "it does not come about");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// A number that looks random and depends on nothing but its arguments (SplitMix64, Steele and
/// others, 2014).
#[must_use]
pub fn scatter(seed: u64, salt: u64) -> u64 {
    let mut z = seed.wrapping_add(salt.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Writes messages of Segment's wire format to the log, as received at [`NOW`].
pub async fn send(cx: &Cx, source: i64, messages: &[impl AsRef<str>]) {
    let messages: Vec<&str> = messages.iter().map(AsRef::as_ref).collect();
    let body = format!("{{\"batch\":[{}]}}", messages.join(","));
    let envelope = Envelope { source, kind: None, received: NOW, agent: "", prefetch: false };
    let received = wire::read(body.as_bytes(), &envelope).expect("a body");
    assert!(received.refused.is_empty(), "{:?}", received.refused);
    let facts = received.messages.iter().map(|message| message.fact().expect("a fact"));
    let facts: Vec<_> = facts.collect();
    let mut tx = cx.write().await.expect("a transaction");
    log::append(&mut tx, cx, topic::EVENT, &facts).await.expect("room in the log");
    tx.commit().await.expect("a commit");
}

/// The rows of a query's answer as CSV.
pub async fn rows(cx: &Cx, home: &Home, sql: &str) -> Vec<String> {
    let text = ask(cx, &home.lake, sql).await.expect("an answer");
    text.lines().skip(1).map(str::to_owned).collect()
}

/// A lake in `dir`.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn lake(dir: &Path) -> Lake {
    let options = LakeOptions { memory_bytes: 512 << 20, threads: 2, scratch: dir.join("scratch") };
    Lake::open(&dir.join("lake"), options).expect("a lake")
}

fn master() -> MasterKey {
    MasterKey::parse(&"42".repeat(32)).expect("a key")
}

/// Answers a question in SQL as CSV, of what nobody may see, too.
///
/// # Errors
/// What the query reports.
pub async fn ask(cx: &Cx, lake: &Lake, sql: &str) -> Result<String> {
    use stratify::mirror::{Customers, Mirror};
    let shop = shop::get(cx).await?;
    let mut mirror = Mirror::empty(cx.shop);
    mirror.refresh(cx).await?;
    let scores = stratify::rfm::scores(cx, &mirror, &shop.zone).await?;
    let limits = lake::Limits { rows: 5_000_000, seconds: 120, memory_bytes: 512 << 20 };
    let customers = Arc::new(Customers::new(mirror, scores));
    let answer = perceive::relay::pinned(cx, |mut moment| {
        moment.events.hidden = Arc::default();
        let mut sources = perceive::table::sources(cx, &moment.lines.redirect, &[]);
        sources.push(customers.clone());
        let views = &[perceive::session::SESSIONS];
        lake.query(Query { shop: cx.shop, sql, limits, sources, views, moment })
    });
    let mut text = Vec::new();
    answer.await?.write_csv(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Imports files into a shop that the mapping's currency and zone make, and gives a context of it.
///
/// # Errors
/// What the import reports.
pub async fn import(
    home: &Home,
    shop: &str,
    mapping: &str,
    files: &[PathBuf],
) -> Result<(Cx, Shop, perceive::import::Report)> {
    import_by(home, shop, mapping, files, perceive::import::ROWS_MAX).await
}

/// As [`import`], in batches of `rows`.
///
/// # Errors
/// What the import reports.
pub async fn import_by(
    home: &Home,
    shop: &str,
    mapping: &str,
    files: &[PathBuf],
    rows: usize,
) -> Result<(Cx, Shop, perceive::import::Report)> {
    use perceive::import::{self, Request, mapping};
    let mapping = mapping::load(mapping)?;
    let currency = mapping.currency.map_or("CNY".to_owned(), String::from);
    let zone = mapping.time_zone.clone().map_or("Asia/Shanghai".to_owned(), String::from);
    let (cx, shop) = home.shop(shop, &currency, &zone).await;
    let request = Request {
        mapping,
        files: files.to_vec(),
        options: import::read::ReadOptions::default(),
        setting: mapping::Setting {
            time_zone: Some(shop.zone.clone()),
            currency: Some(shop.currency),
            country: None,
            as_of: Some(shop.zone.date(NOW)),
        },
        rejects: home.dir.path().join("rejects"),
        pace: import::Pace::Fixed(rows),
        stop: base::Stop::default(),
    };
    let report = import::run(&cx, &home.lake, &request, &mut |_| {}).await?;
    Ok((cx, shop, report))
}

/// Writes a file into the home's folder.
///
/// # Panics
/// When it cannot be written.
#[must_use]
pub fn file(home: &Home, name: &str, text: &str) -> PathBuf {
    let path = home.dir.path().join(name);
    std::fs::write(&path, text).expect("a file");
    path
}
