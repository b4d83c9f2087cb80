//! Files that people send to be imported: each in a folder of its own, for its owner alone, and for
//! some days only.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use axum::body::{Body, HttpBody};
use base::{Code, Error, Result, ShopId, Time};
use futures::StreamExt;
use store::Cx;
use tokio::io::AsyncWriteExt;

use crate::place::{self, Place};

/// Bytes of a file at the most.
pub(crate) const BYTES_MAX: u64 = 2 << 30;
/// Bytes of a shop's files at the most.
const SHOP_BYTES_MAX: u64 = 8 << 30;
/// How long a file is kept, in microseconds: seven days, long enough to go on with an import.
const KEEP_MICROS: i64 = 7 * base::time::DAY_MICROS;
/// Random bytes of a file's id.
const ID_BYTES: usize = 16;
/// Bytes of a file's name at the most.
const NAME_BYTES_MAX: usize = 200;
/// Name of a file that is not whole yet.
const PART: &str = ".part";

/// A file that somebody sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Upload {
    /// Its id.
    pub(crate) id: String,
    /// Its name, as it was where it came from.
    pub(crate) name: String,
    /// Its bytes.
    pub(crate) bytes: u64,
    /// Where it is.
    pub(crate) path: PathBuf,
}

/// Takes a file in; what is not whole leaves nothing.
///
/// # Errors
/// `bad_input` for a name that is none, `too_large` beyond the limits.
pub(crate) async fn receive(place: &Place, cx: &Cx, name: &str, body: Body) -> Result<Upload> {
    let name = plain(name)?;
    let id = base::hex(&cx.entropy.bytes::<ID_BYTES>());
    let own = folder(place, cx.shop);
    let left = SHOP_BYTES_MAX.saturating_sub(size(&own));
    // What says that it is too long is refused before any of it is taken.
    room(body.size_hint().lower(), left)?;
    let dir = own.join(&id);
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
    let path = dir.join(&name);
    match write(&dir.join(PART), body, left).await {
        Ok(bytes) => {
            std::fs::rename(dir.join(PART), &path)?;
            Ok(Upload { id, name, bytes, path })
        }
        Err(error) => {
            std::fs::remove_dir_all(&dir)?;
            Err(error)
        }
    }
}

/// Whether a file of so many bytes may be taken where there is so much room left.
fn room(bytes: u64, left: u64) -> Result<()> {
    if bytes > BYTES_MAX {
        let text = format!("a file has at most {} GB", BYTES_MAX >> 30);
        return Err(
            Error::new(Code::TooLarge, text).hint("import it with `shuke import`, or in parts")
        );
    }
    if bytes > left {
        let text = format!("files of a shop have at most {} GB", SHOP_BYTES_MAX >> 30);
        return Err(Error::new(Code::TooLarge, text).hint("they go after seven days"));
    }
    Ok(())
}

async fn write(path: &Path, body: Body, left: u64) -> Result<u64> {
    let mut options = tokio::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path).await?;
    let mut frames = body.into_data_stream();
    let mut bytes = 0_u64;
    while let Some(frame) = frames.next().await {
        let frame = frame.map_err(|cause| Error::bad("the file broke off").because(cause))?;
        bytes = bytes.saturating_add(u64::try_from(frame.len()).unwrap_or(u64::MAX));
        room(bytes, left)?;
        file.write_all(&frame).await?;
    }
    file.sync_all().await?;
    if bytes == 0 {
        return Err(Error::bad("the file is empty"));
    }
    Ok(bytes)
}

/// A file that was sent to a shop.
///
/// # Errors
/// `not_found` when the shop has none of that id.
pub(crate) fn find(place: &Place, shop: ShopId, id: &str) -> Result<Upload> {
    let missing = || {
        let error = Error::missing("there is no such file").field("upload_id");
        error.hint("send it again; files are kept for seven days")
    };
    let plain = id.len() == 2 * ID_BYTES && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !plain {
        return Err(missing());
    }
    let dir = folder(place, shop).join(id);
    let entries = std::fs::read_dir(dir).map_err(|_| missing())?;
    let whole = entries.flatten().find(|entry| entry.file_name() != PART).ok_or_else(missing)?;
    let name = whole.file_name().to_string_lossy().into_owned();
    Ok(Upload { id: id.to_owned(), name, bytes: whole.metadata()?.len(), path: whole.path() })
}

/// Removes a file.
///
/// # Errors
/// What the file system reports.
pub(crate) fn remove(upload: &Upload) -> Result<()> {
    match upload.path.parent() {
        Some(dir) => Ok(std::fs::remove_dir_all(dir)?),
        None => Ok(()),
    }
}

/// Removes a shop's files that have had their time.
///
/// # Errors
/// What the file system reports.
pub(crate) fn expire(place: &Place, shop: ShopId, now: Time) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(folder(place, shop)) else { return Ok(()) };
    let before = now.micros() - KEEP_MICROS;
    for entry in entries {
        let entry = entry?;
        if place::micros(entry.metadata()?.modified()?) < before {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Where a shop's files are.
pub(crate) fn folder(place: &Place, shop: ShopId) -> PathBuf {
    place.dir.join("uploads").join(shop.0.to_string())
}

/// Bytes of a shop's files.
fn size(own: &Path) -> u64 {
    let files = |path: PathBuf| std::fs::read_dir(path).into_iter().flatten().flatten();
    let all = files(own.to_path_buf()).flat_map(|entry| files(entry.path()));
    all.filter_map(|file| file.metadata().ok()).map(|meta| meta.len()).sum()
}

/// The last part of a name, without what no file system takes.
fn plain(name: &str) -> Result<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut plain: String = last.chars().filter(|c| !c.is_control()).collect();
    plain = plain.trim().trim_start_matches('.').to_owned();
    plain.truncate(plain.floor_char_boundary(NAME_BYTES_MAX));
    if plain.is_empty() {
        return Err(Error::bad("is no name of a file").field("name"));
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        let plain = |name| plain(name).ok();
        assert_eq!(plain("订单.csv").as_deref(), Some("订单.csv"));
        assert_eq!(plain("../../etc/passwd").as_deref(), Some("passwd"));
        assert_eq!(plain("C:\\export\\orders.xlsx").as_deref(), Some("orders.xlsx"));
        assert_eq!(plain(".part").as_deref(), Some("part"));
        assert_eq!(plain("a\u{0}\n.csv").as_deref(), Some("a.csv"));
        for none in ["", "..", "/", " . "] {
            assert_eq!(plain(none), None, "{none:?}");
        }
        assert!(plain(&"长".repeat(200)).is_some_and(|name| name.len() <= NAME_BYTES_MAX));
    }
}
