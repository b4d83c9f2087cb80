//! The list of erasures that is kept outside backups: a line of JSON for each. A restored backup
//! has the keys of people who were erased since, and the list says whose.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base::{Error, Result};
use perceive::erase::{self, Entry};
use store::shop;

use crate::place::Place;

/// Its name in the data folder.
const NAME: &str = "erased.jsonl";

/// Where a data folder has it.
pub(crate) fn path(dir: &Path) -> PathBuf {
    dir.join(NAME)
}

/// Writes down the erasures that are not in the list yet.
///
/// # Errors
/// What the database and the file system report; `damaged` when the list cannot be read.
pub(crate) async fn keep(place: &Place) -> Result<()> {
    let path = path(&place.dir);
    let known: BTreeSet<(i64, i64, String)> = read(&path)?.iter().map(name).collect();
    let cx = place.cx();
    let mut new = String::new();
    for shop in shop::list(&cx).await? {
        for entry in erase::entries(&cx.of(shop.id)).await? {
            if !known.contains(&name(&entry)) {
                new += &serde_json::to_string(&entry)
                    .map_err(|cause| Error::internal("an erasure could not be written", cause))?;
                new.push('\n');
            }
        }
    }
    if new.is_empty() {
        return Ok(());
    }
    let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
    file.write_all(new.as_bytes())?;
    file.sync_all()?;
    Ok(())
}

fn name(entry: &Entry) -> (i64, i64, String) {
    (entry.shop, entry.certificate.erased_at, entry.certificate.customer_id.clone())
}

/// The list; none where there is no file. A last line that was not written whole is left out: its
/// erasure is still in the database and comes again.
///
/// # Errors
/// `damaged` with the line that cannot be read.
pub(crate) fn read(path: &Path) -> Result<Vec<Entry>> {
    let file = match std::fs::File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let lines: Vec<String> = file.lines().collect::<std::io::Result<_>>()?;
    let mut entries = Vec::with_capacity(lines.len());
    for (place, line) in lines.iter().enumerate() {
        match serde_json::from_str(line) {
            Ok(entry) => entries.push(entry),
            Err(_) if place + 1 == lines.len() => {}
            Err(cause) => {
                let what = format!("line {} of the list of erasures cannot be read", place + 1);
                return Err(Error::damaged(what).because(cause));
            }
        }
    }
    Ok(entries)
}
