//! Files that survive power loss: their bytes and the names that lead to them are synced.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base::Result;

/// Files of one name that are tried before giving up.
const NAMES_MAX: u32 = 100_000;

/// Creates a file under the first free of the names `<stem>-<k>.parquet`, so that no two writers
/// ever share one.
pub(crate) fn create_new(folder: &Path, stem: &str) -> Result<(PathBuf, File)> {
    for number in 0..NAMES_MAX {
        let path = folder.join(format!("{stem}-{number}.parquet"));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(base::Error::damaged(format!("{} holds too many files of one commit", folder.display())))
}

/// Syncs a folder, which makes the names in it durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Makes a folder and all that lead to it, and their names durable.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|path| !path.exists()).collect();
    fs::create_dir_all(folder)?;
    for path in missing {
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            sync_folder(parent)?;
        }
    }
    Ok(())
}

/// Syncs a file that another hand wrote; a missing one is no error.
pub(crate) fn sync_file(path: &Path) -> Result<()> {
    match File::open(path) {
        Ok(file) => Ok(file.sync_all()?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Writes a file in one step as seen from outside: under a temporary name, synced, renamed.
/// What was left under the temporary name by a crash is overwritten.
pub(crate) fn replace(path: &Path, write: impl FnOnce(&mut File) -> Result<()>) -> Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    make_folder(folder)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let temporary = folder.join(name);
    let written: Result<()> = (|| {
        let mut file = File::create(&temporary)?;
        write(&mut file)?;
        file.flush()?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        Ok(())
    })();
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_folder(folder)
}
