//! How the server itself stands.

use std::path::Path;

use axum::Json;
use axum::extract::State;
use base::Time;
use perceive::{fold, relay};
use serde::Serialize;
use store::dialect::Dialect;
use store::log::{self, topic};
use utoipa::ToSchema;

use super::{Answer, micros};
use crate::backup;
use crate::http::App;
use crate::http::asked::Asked;
use crate::http::error::Refusals;
use crate::http::who::ReadsSystem;

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// How deep the data folder is looked through.
const DEPTH_MAX: usize = 8;
/// Files and folders that are looked at.
const ENTRIES_MAX: usize = 200_000;

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
    let data_bytes = base::aside("disk", move || size(&dir))?.done().await?;
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
    }))
}

/// Bytes that are free where a folder is.
fn free(dir: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(dir).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// Bytes of a folder's files, as far as it is looked through.
fn size(dir: &Path) -> u64 {
    let (mut bytes, mut left) = (0_u64, ENTRIES_MAX);
    let mut folders = vec![(dir.to_path_buf(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for entry in entries.flatten().take(left) {
            left -= 1;
            let Ok(meta) = entry.metadata() else { continue };
            if meta.is_dir() && depth < DEPTH_MAX {
                folders.push((entry.path(), depth + 1));
            } else if meta.is_file() {
                bytes = bytes.saturating_add(meta.len());
            }
        }
    }
    bytes
}
