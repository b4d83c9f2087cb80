//! How the server itself stands.

use std::path::Path;

use axum::Json;
use axum::extract::State;
use base::{Result, Time};
use perceive::collect::pace;
use perceive::{fold, quota as limits, relay};
use serde::Serialize;
use store::Cx;
use store::dialect::Dialect;
use store::log::{self, topic};
use utoipa::ToSchema;

use super::{Answer, micros};
use crate::http::asked::Asked;
use crate::http::error::Refusals;
use crate::http::who::ReadsSystem;
use crate::http::{App, QUERIES_OF_SHOP};
use crate::{backup, quota};

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// How the server stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SystemState {
    /// Its version.
    version: &'static str,
    /// `sqlite` or `postgresql`.
    database: &'static str,
    /// Bytes that are free where the data folder is.
    #[schema(required = true)]
    free_bytes: Option<u64>,
    /// Bytes of the data folder.
    data_bytes: u64,
    /// When the last backup was made; null when none ever was.
    #[schema(required = true, format = DateTime)]
    last_backup_at: Option<String>,
    /// How far its readers are behind.
    readers: Vec<ReaderState>,
    /// How much the shop has, and how much it may have.
    shop: ShopUsage,
}

/// How much a shop has, and how much it may have; null where there is no limit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ShopUsage {
    /// Customers that it knows.
    customers: u64,
    /// So many at the most.
    #[schema(required = true)]
    customers_max: Option<u64>,
    /// Bytes of its files, of what came in and is kept, and of its history.
    storage_bytes: u64,
    /// So many at the most.
    #[schema(required = true)]
    storage_bytes_max: Option<u64>,
    /// Events that are taken in a second, at the most.
    #[schema(required = true)]
    events_per_second_max: Option<u32>,
    /// Queries in SQL that are answered at once, at the most.
    queries_max: u32,
}

async fn usage(app: &App, cx: &Cx) -> Result<ShopUsage> {
    let limit = limits::get(cx).await?;
    Ok(ShopUsage {
        customers: quota::people(&app.mirrors, cx.shop).await,
        customers_max: limit.customers,
        storage_bytes: quota::storage(&app.place, cx.shop).await?,
        storage_bytes_max: limit.storage,
        events_per_second_max: pace::get(cx).await?.map(|pace| pace.per_second),
        queries_max: limit.queries.unwrap_or(QUERIES_OF_SHOP),
    })
}

/// How far a reader of the log is behind.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReaderState {
    /// `fold`, which takes events in, or `relay`, which takes history to the lake.
    reader: &'static str,
    /// Rows that wait.
    rows: i64,
    /// Seconds that the oldest of them has waited.
    seconds: i64,
}

/// How the server stands
#[utoipa::path(get, path = "/api/v1/system", operation_id = "system", tag = "shop", responses(
    (status = 200, description = "Version, disk, and how far readers are behind",
     body = SystemState), Refusals))]
pub(super) async fn show(
    State(app): State<App>,
    reads: ReadsSystem,
    _: Asked<()>,
) -> Answer<SystemState> {
    let cx = app.place.cx();
    let mut readers = Vec::new();
    for (reader, topics) in [(fold::READER, fold::TOPICS), (relay::READER, topic::HISTORY)] {
        let waiting = log::waiting(&cx, reader, topics).await?;
        let since = waiting.oldest.map_or(0, |oldest| cx.now.micros() - oldest.micros());
        readers.push(ReaderState { reader, rows: waiting.rows, seconds: since.max(0) / SECOND });
    }
    let dir = app.place.dir.clone();
    let data_bytes = base::aside("disk", move || quota::size(&dir))?.done().await?;
    Ok(Json(SystemState {
        version: env!("CARGO_PKG_VERSION"),
        database: match reads.cx.db().dialect() {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgresql",
        },
        free_bytes: free(&app.place.dir),
        data_bytes,
        last_backup_at: backup::last(&cx).await?.map(|last| micros(Time::from_micros(last.at))),
        readers,
        shop: usage(&app, &reads.cx).await?,
    }))
}

/// Bytes that are free where a folder is.
fn free(dir: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(dir).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}
