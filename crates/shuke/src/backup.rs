//! Backups: a folder with the database and the lake as they were at one moment, and a list of its
//! files that is written last. The master key is in none of them, and neither is the list of
//! erasures, which a restore applies anew.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use base::{Error, Result, ShopId};
use lake::{Held, Lake};
use perceive::erase;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Cx, backup, setting, shop};

use crate::cli::Data;
use crate::erased;
use crate::place::{self, Place, Writer};

/// The list of a backup's files.
const LIST: &str = "backup.json";
/// The folder of the lake, in a backup as in a data folder.
const LAKE: &str = "lake";
/// The form of this version's backups.
const FORM: u32 = 1;
/// Files of a backup at the most.
const FILES_MAX: usize = 1_000_000;
/// How deep a backup's folders go.
const DEPTH_MAX: usize = 6;
/// The setting that remembers the last backup.
const LAST: &str = "backup";

/// A backup's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    form: u32,
    /// The program's version that made it.
    version: String,
    /// When, in microseconds.
    pub(crate) made_at: i64,
    /// `sqlite` or `postgresql`.
    database: String,
    /// What tells the master key that belongs to it from others.
    key: String,
    /// Files of rows, and rows, of the lake.
    pub(crate) lake_files: usize,
    pub(crate) lake_rows: usize,
    /// Every file.
    pub(crate) files: Vec<Listed>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    path: String,
    pub(crate) bytes: u64,
    sha256: String,
}

/// The last backup, as the database remembers it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Last {
    /// When, in microseconds.
    pub(crate) at: i64,
    /// Where.
    to: PathBuf,
}

/// Makes a backup in the folder `to` and reads it back. The caller has stopped what moves rows into
/// the lake; everything else goes on.
///
/// # Errors
/// `conflict` when the folder holds something; `damaged` when what was copied cannot be read.
pub(crate) async fn make(place: &Place, to: &Path) -> Result<Manifest> {
    empty_folder(to)?;
    let made = fill(place, to).await;
    if made.is_err() {
        // Half a backup must not look like one.
        let _ = fs::remove_dir_all(to);
    }
    made
}

async fn fill(place: &Place, to: &Path) -> Result<Manifest> {
    let cx = place.cx();
    let copies = backup::copy(&place.store(), to).await?;
    let held = place.lake.copy(&to.join(LAKE)).await?;
    for copy in &copies {
        backup::check(copy).await?;
    }
    let root = to.to_owned();
    let files = base::aside("backup", move || listed(&root))?.done().await??;
    let manifest = Manifest {
        form: FORM,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: cx.now.micros(),
        database: database(&place.store()).to_owned(),
        key: place.key_print()?,
        lake_files: held.files,
        lake_rows: held.rows,
        files,
    };
    let text = serde_json::to_vec_pretty(&manifest)
        .map_err(|cause| Error::internal("a backup's list could not be written", cause))?;
    let mut file = File::create_new(to.join(LIST))?;
    file.write_all(&text)?;
    file.sync_all()?;
    File::open(to)?.sync_all()?;
    remember(&cx, to).await?;
    Ok(manifest)
}

async fn remember(cx: &Cx, to: &Path) -> Result<()> {
    let mut tx = cx.of(ShopId(0)).write().await?;
    let last = Last { at: cx.now.micros(), to: to.to_owned() };
    setting::set(&mut tx, LAST, &Some(last)).await?;
    tx.commit().await
}

/// When the last backup was made.
///
/// # Errors
/// What the database reports.
pub(crate) async fn last(cx: &Cx) -> Result<Option<Last>> {
    setting::get::<Option<Last>>(&mut cx.of(ShopId(0)).read().await?, LAST).await
}

/// A folder that is there and holds nothing.
fn empty_folder(to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    if fs::read_dir(to)?.next().is_none() {
        return Ok(());
    }
    let text = format!("{} holds something already", to.display());
    Err(Error::conflict(text).field("--to").hint("name a new folder for each backup"))
}

fn database(place: &store::Place) -> &'static str {
    match place {
        store::Place::File(_) => "sqlite",
        store::Place::Address(_) => "postgresql",
    }
}

/// Every file below a folder, in their order.
fn listed(root: &Path) -> Result<Vec<Listed>> {
    let mut files = Vec::new();
    let mut open = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                if depth < DEPTH_MAX {
                    open.push((entry.path(), depth + 1));
                }
                continue;
            }
            let path = entry.path();
            let name = path.strip_prefix(root).map_err(|_| Error::damaged("a file left"))?;
            if files.len() >= FILES_MAX {
                return Err(Error::bad(format!("a backup has at most {FILES_MAX} files")));
            }
            let (bytes, sha256) = print(&path)?;
            files.push(Listed { path: name.display().to_string(), bytes, sha256 });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// Bytes and SHA-256 of a file.
fn print(path: &Path) -> Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut page = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut page)?;
        let Some(part) = page.get(..read).filter(|part| !part.is_empty()) else { break };
        hash.update(part);
        bytes += u64::try_from(read).unwrap_or(0);
    }
    Ok((bytes, base::hex(&hash.finalize())))
}

/// The list of the backup in a folder, all of whose files are as it says.
///
/// # Errors
/// `not_found` when there is no backup, or only the beginning of one; `damaged` with the first file
/// that is not as it was.
pub(crate) fn read(from: &Path) -> Result<Manifest> {
    let text = fs::read(from.join(LIST)).map_err(|cause| {
        Error::missing(format!("there is no whole backup in {}", from.display()))
            .field("--from")
            .hint("name a folder that `shuke backup` has finished")
            .because(cause)
    })?;
    let manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|cause| Error::damaged("the backup's list cannot be read").because(cause))?;
    if manifest.form != FORM {
        let text = format!("this backup has form {}, and this version reads {FORM}", manifest.form);
        return Err(Error::bad(text).hint("restore it with the version that made it"));
    }
    for file in &manifest.files {
        let inside = |part| matches!(part, std::path::Component::Normal(_));
        if !Path::new(&file.path).components().all(inside) {
            return Err(Error::bad(format!("{} lies outside the backup", file.path)));
        }
        let wrong = || Error::damaged(format!("{} is not as it was backed up", file.path));
        let now = print(&from.join(&file.path)).map_err(|cause| wrong().because(cause))?;
        if now != (file.bytes, file.sha256.clone()) {
            return Err(wrong());
        }
    }
    Ok(manifest)
}

/// What a restore brought back.
pub(crate) struct Restored {
    /// What was backed up.
    pub(crate) manifest: Manifest,
    /// Shops.
    pub(crate) shops: usize,
    /// Erasures that were applied anew.
    pub(crate) erasures: usize,
}

/// Makes the database and the lake of a data folder out of a backup.
///
/// # Errors
/// What [`read`] reports; `conflict` when the folder or the database holds something; `bad_input`
/// when the master key is another one.
pub(crate) async fn unpack(data: &Data, from: &Path) -> Result<Manifest> {
    let manifest = read(from)?;
    let target = place::store_place(data);
    if manifest.database != database(&target) {
        let text = format!("this is a backup of {}", manifest.database);
        return Err(Error::bad(text)
            .field("--database")
            .hint("a backup goes back to the kind of database that it is of"));
    }
    if place::key::of(data)?.print() != manifest.key {
        return Err(Error::bad("the master key is not the one that belongs to this backup")
            .field("master_key")
            .hint(
                "put the key file of the backed up data into the folder, or set SHUKE_MASTER_KEY",
            ));
    }
    let lake = data.dir.join(LAKE);
    if lake.exists() {
        let text = format!("{} is there already", lake.display());
        return Err(Error::conflict(text).hint("restore into an empty folder"));
    }
    backup::restore(&target, from).await?;
    let copied = copy_lake(&manifest, from, &data.dir).await;
    if copied.is_err() {
        let _ = fs::remove_dir_all(&lake);
        for file in target.files() {
            let _ = fs::remove_file(file);
        }
    }
    copied.map(|()| manifest)
}

/// Brings what was unpacked to this version, and applies the erasures of the list `known`.
///
/// # Errors
/// What the database and the file system report.
pub(crate) async fn settle(
    data: &Data,
    manifest: Manifest,
    known: &[erase::Entry],
) -> Result<Restored> {
    let writer = Writer::open(data).await?;
    let writer = writer.ok_or_else(|| Error::conflict("another process writes this folder"))?;
    let place = &writer.place;
    let shops = shop::list(&place.cx()).await?;
    for entry in known {
        if shops.iter().any(|shop| shop.id.0 == entry.shop) {
            erase::again(&place.cx().of(ShopId(entry.shop)), entry).await?;
        }
    }
    erased::keep(place).await?;
    place.close().await;
    Ok(Restored { manifest, shops: shops.len(), erasures: known.len() })
}

/// Brings the lake back, and looks whether all of it is there.
async fn copy_lake(manifest: &Manifest, from: &Path, dir: &Path) -> Result<()> {
    for file in manifest.files.iter().filter(|file| file.path.starts_with("lake/")) {
        let to = dir.join(&file.path);
        fs::create_dir_all(to.parent().unwrap_or(dir))?;
        fs::copy(from.join(&file.path), &to)?;
        File::open(&to)?.sync_all()?;
    }
    let lake = Lake::open(&dir.join(LAKE), place::lake_options(dir))?;
    let Held { files, rows } = lake.check().await?;
    if (files, rows) == (manifest.lake_files, manifest.lake_rows) {
        return Ok(());
    }
    Err(Error::damaged("the restored history is not what was backed up"))
}
