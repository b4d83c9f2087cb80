//! `shuke backup` and `shuke restore`

use base::{Error, Result};
use store::lock::Lock;

use super::held;
use crate::cli::{Backup, Restore};
use crate::console::Console;
use crate::place::Place;
use crate::{backup, erased, text};

/// Copies everything into a new folder.
pub(crate) async fn run(place: Place, asked: Backup, console: Console) -> Result<()> {
    let manifest = backup::make(&place, &asked.to).await?;
    console.answer(text::backed_up(console.lang(), &asked.to, &manifest)).await;
    Ok(())
}

/// Makes a data folder out of a backup.
pub(crate) async fn restore(asked: Restore, console: Console) -> Result<()> {
    let Restore { data, from, erased, nobody_erased } = asked;
    std::fs::create_dir_all(&data.dir)?;
    let own = erased::path(&data.dir);
    let list = erased.or_else(|| own.is_file().then_some(own));
    let known = match list {
        Some(path) if path.is_file() => erased::read(&path)?,
        Some(path) => {
            return Err(
                Error::missing(format!("there is no list {}", path.display())).field("--erased")
            );
        }
        None if nobody_erased => Vec::new(),
        None => {
            let text = "a restore must know who was erased since the backup was made";
            return Err(Error::bad(text).field("--erased").hint(
                "name the list erased.jsonl of the data folder that was backed up, or say \
                 --nobody-erased",
            ));
        }
    };
    // Whoever serves this folder must not meet the half of it.
    let lock = Lock::take(&data.dir)?.ok_or_else(|| held(&data))?;
    let unpacked = backup::unpack(&data, &from).await?;
    drop(lock);
    let restored = backup::settle(&data, unpacked, &known).await?;
    console.answer(text::restored(console.lang(), &restored)).await;
    Ok(())
}
