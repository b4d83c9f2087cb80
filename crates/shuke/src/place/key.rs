//! The master key of a data folder: where it is, and how another takes its place.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use base::{Code, Entropy, Error, Result};
use store::key::{rotate_master, wraps_any};
use store::{KeyRing, MasterKey};

use super::{Place, keep, kept, sync_folder, variable};
use crate::cli::Data;

/// Name of the file with the master key, in the data folder.
const FILE: &str = "master.key";
/// The variable that stands for the file.
pub(crate) const VARIABLE: &str = "SHUKE_MASTER_KEY";
/// What a file's name ends in that holds the key to come.
const NEXT: &str = "next";
/// What group and others may do with a file.
const OTHERS: u32 = 0o077;
/// What stands between keys that a process of this program is given.
const SEPARATOR: &str = ",";
/// Files that are looked through for earlier keys.
const ENTRIES_MAX: usize = 10_000;
/// Digits of a key's print in the name of the file that keeps the key before.
const PRINT_DIGITS: usize = 8;

/// Where the master key is when it is in no variable.
pub(crate) fn file(data: &Data) -> PathBuf {
    data.key_file.clone().unwrap_or_else(|| data.dir.join(FILE))
}

/// A ring with the master key, from the environment or from its file; none where neither is. It
/// opens with others, too: with one that is about to take its place, and with those whose place it
/// has taken.
pub(super) fn ring(data: &Data) -> Result<Option<KeyRing>> {
    let file = file(data);
    if let Some(text) = variable(VARIABLE) {
        return of_texts(&text).map(Some);
    }
    // Read first, because it may take the other's name in between.
    let next = beside(&file)?;
    let Some(text) = kept(&file)? else { return Ok(None) };
    let ring = KeyRing::new(MasterKey::parse(&text)?);
    next.into_iter().chain(earlier(&file)?).for_each(|master| ring.also(master));
    Ok(Some(ring))
}

/// A ring of the environment's key; a process that this program starts is given several.
fn of_texts(text: &str) -> Result<KeyRing> {
    let mut texts = text.split(SEPARATOR);
    let ring = KeyRing::new(MasterKey::parse(texts.next().unwrap_or_default())?);
    for other in texts {
        ring.also(MasterKey::parse(other)?);
    }
    Ok(ring)
}

/// The key that is about to take the file's place. One that is not whole was never used.
fn beside(file: &Path) -> Result<Option<MasterKey>> {
    let text = kept(&with(file, NEXT))?;
    Ok(text.and_then(|text| MasterKey::parse(&text).ok()))
}

/// Keys whose place the file's has taken, as far as they are kept.
fn earlier(file: &Path) -> Result<Vec<MasterKey>> {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else { return Ok(vec![]) };
    let head = format!("{}.", name.to_string_lossy());
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(vec![]) };
    let mut keys = Vec::new();
    for entry in entries.flatten().take(ENTRIES_MAX) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let print = name.strip_prefix(&head).filter(|print| print.len() == PRINT_DIGITS);
        if print.is_some_and(|print| print.bytes().all(|byte| byte.is_ascii_hexdigit())) {
            keys.extend(kept(&entry.path())?.and_then(|text| MasterKey::parse(&text).ok()));
        }
    }
    Ok(keys)
}

/// A ring with a key that is made here and kept in its file.
pub(super) fn first(data: &Data, entropy: &Entropy) -> Result<KeyRing> {
    let text = keep(&file(data), || MasterKey::generate(entropy))?;
    Ok(KeyRing::new(MasterKey::parse(&text)?))
}

/// The master key of a folder that is to be filled.
///
/// # Errors
/// `not_found` when it has none.
pub(crate) fn of(data: &Data) -> Result<MasterKey> {
    let ring = ring(data)?.map(|ring| ring.master()).transpose()?;
    ring.ok_or_else(|| {
        Error::missing(format!("there is no master key in {}", data.dir.display()))
            .field("master_key")
            .hint("put the key file of the backed up data into the folder, or set SHUKE_MASTER_KEY")
    })
}

/// Whether the key comes from the environment.
fn is_set() -> bool {
    variable(VARIABLE).is_some()
}

/// The path with an ending more.
fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".");
    name.push(ending);
    name.into()
}

/// What came of a new master key.
#[derive(Debug)]
pub(crate) struct Rotated {
    /// Keys of shops that it wraps.
    pub(crate) shops: usize,
    /// Where the key before is kept, which older backups need.
    pub(crate) before: Option<PathBuf>,
}

impl Place {
    /// What tells the master key from others.
    ///
    /// # Errors
    /// None that a caller can bring about.
    pub(crate) fn key_print(&self) -> Result<String> {
        Ok(self.keys.master()?.print())
    }

    /// The master keys' texts, for another process of this program.
    #[must_use]
    pub(crate) fn key_text(&self) -> String {
        self.keys.texts().join(SEPARATOR)
    }

    /// Whether others on this machine may read the key file.
    ///
    /// # Errors
    /// What the file system reports.
    pub(crate) fn key_is_open(&self) -> Result<bool> {
        match std::fs::metadata(&self.key_file) {
            Ok(meta) => Ok(meta.mode() & OTHERS != 0),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Has another master key take the place of this one: that of the file `given`, or one that is
    /// made here. It lies beside the old one before anything is wrapped by it, and takes the old
    /// one's name when everything is.
    ///
    /// # Errors
    /// `bad_input` when the key is in the environment and no file was given; `conflict` while
    /// another data folder shares the database.
    pub(crate) async fn rotate(&self, given: Option<&Path>) -> Result<Rotated> {
        let text = given.map(|path| {
            let missing = || Error::missing("there is no such file").field("--new-key-file");
            kept(path)?.ok_or_else(missing)
        });
        let text = text.transpose()?;
        self.is_alone().await?;
        if is_set() {
            let none = || {
                Error::bad("the master key is in SHUKE_MASTER_KEY, which no command can change")
                    .field("--new-key-file")
                    .hint("write 64 hexadecimal digits into a file and name it")
            };
            let next = MasterKey::parse(&text.ok_or_else(none)?)?;
            let shops = rotate_master(&self.cx(), next).await?;
            return Ok(Rotated { shops, before: None });
        }
        // One that was interrupted may have wrapped something.
        self.finish_rotation().await?;
        let text = text.unwrap_or_else(|| MasterKey::generate(&self.entropy));
        let next = MasterKey::parse(&text)?;
        if next.print() == self.key_print()? {
            return Err(Error::conflict("this is the master key already").field("--new-key-file"));
        }
        keep(&with(&self.key_file, NEXT), || text)?;
        let before = self.keep_before()?;
        let shops = rotate_master(&self.cx(), next).await?;
        self.rename()?;
        Ok(Rotated { shops, before: Some(before) })
    }

    /// Refuses while another data folder has shops in the same database: it has a key file of its
    /// own, which would open nothing any more.
    async fn is_alone(&self) -> Result<()> {
        let cx = self.cx();
        for shop in store::shop::list(&cx).await? {
            self.holds_history(&cx.of(shop.id)).await.map_err(|_| {
                Error::conflict(format!("{} is in another data folder", shop.name))
                    .hint("a master key is rotated while one folder alone uses the database")
            })?;
        }
        Ok(())
    }

    /// Brings a rotation to its end that was interrupted.
    ///
    /// # Errors
    /// What the file system and the database report.
    pub(super) async fn finish_rotation(&self) -> Result<()> {
        if is_set() {
            return Ok(());
        }
        let used = match beside(&self.key_file)? {
            Some(next) if wraps_any(&self.cx(), &next).await? => next,
            // It wraps nothing, or was never whole.
            _ => return remove(&with(&self.key_file, NEXT)),
        };
        self.keep_before()?;
        rotate_master(&self.cx(), used).await?;
        self.rename()
    }

    /// Keeps the key of the file under a name of its own, too.
    fn keep_before(&self) -> Result<PathBuf> {
        let old = kept(&self.key_file)?.unwrap_or_default();
        let print: String = MasterKey::parse(&old)?.print().chars().take(PRINT_DIGITS).collect();
        let before = with(&self.key_file, &print);
        keep(&before, || old)?;
        Ok(before)
    }

    /// Has the key beside take the name of the one before.
    fn rename(&self) -> Result<()> {
        let next = with(&self.key_file, NEXT);
        if std::fs::rename(&next, &self.key_file).is_err() {
            // A file that is mounted by itself cannot be replaced, but written to; both keys are
            // beside it meanwhile.
            let text = kept(&next)?.unwrap_or_default();
            std::fs::write(&self.key_file, text)?;
            std::fs::File::open(&self.key_file)?.sync_all()?;
            remove(&next)?;
        }
        sync_folder(&self.key_file)
    }
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::new(Code::Internal, format!("{} stays", path.display())).because(cause))
        }
        _ => Ok(()),
    }
}
