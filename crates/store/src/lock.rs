//! One writer a data folder: whoever holds `lock` in it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use base::Result;

/// The file's name within the data folder.
pub const FILE: &str = "lock";

/// Held for as long as this process may write; released when dropped, also by a crash.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl Lock {
    /// Takes the lock of `dir`, or `None` when another process holds it.
    ///
    /// # Errors
    /// What the file system reports.
    pub fn take(dir: &Path) -> Result<Option<Self>> {
        let path = dir.join(FILE);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                file.rewind()?;
                writeln!(file, "{}", std::process::id())?;
                Ok(Some(Self(file)))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(cause)) => Err(cause.into()),
        }
    }
}

/// The process that holds the lock of `dir`, as it wrote it there.
#[must_use]
pub fn holder(dir: &Path) -> Option<u32> {
    let mut text = String::new();
    File::open(dir.join(FILE)).ok()?.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
