//! The master key of a data folder: where it is, and how another takes its place.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use base::{Code, Entropy, Error, Result};
use store::key::{rotate_master, wraps_any};
use store::{KeyRing, MasterKey};

use super::{Place, keep, kept, variable};
use crate::cli::Data;

/// Name of the file with the master key, in the data folder.
const FILE: &str = "master.key";
/// The variable that stands for the file.
pub(crate) const VARIABLE: &str = "SHUKE_MASTER_KEY";
/// What a file's name ends in that holds the key to come.
const NEXT: &str = "next";
/// What group and others may do with a file.
const OTHERS: u32 = 0o077;
/// Digits of a key's print in the name of the file that keeps the key before.
const PRINT_DIGITS: usize = 8;

/// Where the master key is when it is in no variable.
pub(crate) fn file(data: &Data) -> PathBuf {
    data.key_file.clone().unwrap_or_else(|| data.dir.join(FILE))
}

/// A ring with the master key, from the environment or from its file; none where neither is. While
/// another key is about to take its place, the ring opens with that, too.
pub(super) fn ring(data: &Data) -> Result<Option<KeyRing>> {
    let file = file(data);
    let Some(master) = master(&file)? else { return Ok(None) };
    let ring = KeyRing::new(master);
    if !is_set()
        && let Some(next) = kept(&with(&file, NEXT))?
    {
        ring.also(MasterKey::parse(&next)?);
    }
    Ok(Some(ring))
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
    master(&file(data))?.ok_or_else(|| {
        Error::missing(format!("there is no master key in {}", data.dir.display()))
            .field("master_key")
            .hint("put the key file of the backed up data into the folder, or set SHUKE_MASTER_KEY")
    })
}

fn master(file: &Path) -> Result<Option<MasterKey>> {
    let text = match variable(VARIABLE) {
        Some(text) => Some(text),
        None => kept(file)?,
    };
    text.map(|text| MasterKey::parse(&text)).transpose()
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

    /// The master key's text, for another process of this program.
    ///
    /// # Errors
    /// None that a caller can bring about.
    pub(crate) fn key_text(&self) -> Result<String> {
        Ok(self.keys.master()?.text())
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
    /// `bad_input` when the key is in the environment and no file was given.
    pub(crate) async fn rotate(&self, given: Option<&Path>) -> Result<Rotated> {
        let text = given.map(|path| {
            let missing = || Error::missing("there is no such file").field("--new-key-file");
            kept(path)?.ok_or_else(missing)
        });
        let text = text.transpose()?;
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
        let text = text.unwrap_or_else(|| MasterKey::generate(&self.entropy));
        let next = MasterKey::parse(&text)?;
        if next.print() == self.key_print()? {
            return Err(Error::conflict("this is the master key already").field("--new-key-file"));
        }
        let beside = with(&self.key_file, NEXT);
        // What is there is of a rotation that wrapped nothing: the start would have ended it.
        remove(&beside)?;
        keep(&beside, || text)?;
        let shops = rotate_master(&self.cx(), next).await?;
        let before = self.rename()?;
        Ok(Rotated { shops, before: Some(before) })
    }

    /// Brings a rotation to its end that was interrupted.
    ///
    /// # Errors
    /// What the file system and the database report.
    pub(super) async fn finish_rotation(&self) -> Result<()> {
        let beside = with(&self.key_file, NEXT);
        if is_set() {
            return Ok(());
        }
        let Some(text) = kept(&beside)? else { return Ok(()) };
        let next = MasterKey::parse(&text)?;
        if !wraps_any(&self.cx(), &next).await? {
            return remove(&beside);
        }
        rotate_master(&self.cx(), next).await?;
        self.rename().map(drop)
    }

    /// Has the key beside take the name of the one before, which keeps a name of its own.
    fn rename(&self) -> Result<PathBuf> {
        let old = kept(&self.key_file)?.unwrap_or_default();
        let print: String = MasterKey::parse(&old)?.print().chars().take(PRINT_DIGITS).collect();
        let before = with(&self.key_file, &print);
        remove(&before)?;
        std::fs::hard_link(&self.key_file, &before)?;
        std::fs::rename(with(&self.key_file, NEXT), &self.key_file)?;
        if let Some(folder) = self.key_file.parent() {
            std::fs::File::open(folder)?.sync_all()?;
        }
        Ok(before)
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
