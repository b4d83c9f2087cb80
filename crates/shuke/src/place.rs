//! The data folder: opening what is in it.

pub(crate) mod key;

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::{Code, Entropy, Error, Result, ShopId, Time};
use lake::{Lake, LakeOptions};
use perceive::import;
use rand::TryRng;
use rand::rngs::SysRng;
use store::lock::Lock;
use store::{Cx, Db, KeyRing, setting, shop};

use crate::cli::Data;
use crate::http::export;
use crate::upload;

/// Memory that a query takes at most, in bytes.
pub(crate) const QUERY_BYTES_MAX: usize = 1 << 30;
/// Name of the lake's folder, and of the setting that says which lake a shop's history is in.
const LAKE: &str = "lake";
/// Name of the folder for what does not fit into a query's memory.
const SCRATCH: &str = "scratch";
/// How long that is left alone, in microseconds: longer than any query runs.
const SCRATCH_KEEP_MICROS: i64 = base::time::DAY_MICROS;
/// Name of the file with the lake's id.
const ID_FILE: &str = "id";
/// Random bytes of a lake's id.
const ID_BYTES: usize = 8;

/// An opened data folder.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The folder.
    pub(crate) dir: PathBuf,
    /// The history.
    pub(crate) lake: Lake,
    /// The address of the database, where it is not the folder's own.
    pub(crate) database: Option<String>,
    /// The file with the master key.
    pub(crate) key_file: PathBuf,
    db: Db,
    keys: Arc<KeyRing>,
    entropy: Entropy,
}

/// What holding the folder's lock allows.
#[derive(Debug)]
pub(crate) struct Writer {
    /// The folder.
    pub(crate) place: Place,
    _lock: Lock,
}

impl Place {
    /// Opens the folder to read beside whoever writes it.
    ///
    /// # Errors
    /// `not_found` when there is no data yet.
    pub(crate) async fn read(data: &Data) -> Result<Self> {
        let place = store_place(data);
        let there = match &place {
            store::Place::File(path) => path.is_file(),
            store::Place::Address(_) => data.dir.is_dir(),
        };
        if !there {
            return Err(Error::missing(format!("there is no data in {}", data.dir.display()))
                .hint("import a shop's file first: shuke import --data DIR --shop NAME FILE"));
        }
        let entropy = entropy();
        let keys = key::ring(data)?.ok_or_else(|| {
            Error::missing(format!("there is no master key in {}", data.dir.display()))
                .hint("name the folder that the shop was imported to, or set SHUKE_MASTER_KEY")
        })?;
        Self::open(data, &place, (keys, entropy)).await
    }

    async fn open(
        data: &Data,
        place: &store::Place,
        (keys, entropy): (KeyRing, Entropy),
    ) -> Result<Self> {
        let lake = Lake::open(&data.dir.join(LAKE), lake_options(&data.dir))?;
        let db = Db::open(place).await?;
        let (keys, key_file) = (Arc::new(keys), key::file(data));
        let database = data.database.clone();
        Ok(Self { dir: data.dir.clone(), lake, database, key_file, db, keys, entropy })
    }

    /// A context of no shop, at the present time.
    #[must_use]
    pub(crate) fn cx(&self) -> Cx {
        let (db, keys) = (self.db.clone(), Arc::clone(&self.keys));
        Cx::new(db, keys, ShopId(0), now(), self.entropy.clone()).acting(base::Actor::Operator)
    }

    /// The shop of that name and a context of it.
    ///
    /// # Errors
    /// `not_found` with the names that exist.
    pub(crate) async fn shop(&self, name: &str) -> Result<(Cx, shop::Shop)> {
        let cx = self.cx();
        let shop = shop::by_name(&cx, name).await?;
        let cx = cx.of(shop.id);
        self.holds_history(&cx).await?;
        Ok((cx, shop))
    }

    /// Refuses a shop whose history lies in another folder: it would look as if it had none.
    /// Whether it is written down where it lies.
    ///
    /// # Errors
    /// `conflict` for such a shop.
    pub(crate) async fn holds_history(&self, cx: &Cx) -> Result<bool> {
        let mut tx = cx.read().await?;
        let Some(theirs) = setting::get::<Option<String>>(&mut tx, LAKE).await? else {
            return Ok(false);
        };
        let ours = kept(&self.dir.join(LAKE).join(ID_FILE))?;
        if ours.as_deref() == Some(theirs.as_str()) {
            return Ok(true);
        }
        let message = format!("this shop's history is not in {}", self.dir.display());
        Err(Error::new(Code::Conflict, message)
            .hint("name the data folder that it was imported to"))
    }

    /// Writes down that this folder holds the history of the context's shop from now on.
    ///
    /// # Errors
    /// `conflict` when another folder does.
    pub(crate) async fn hold_history(&self, cx: &Cx) -> Result<()> {
        if self.holds_history(cx).await? {
            return Ok(());
        }
        let id = keep(&self.dir.join(LAKE).join(ID_FILE), || {
            base::hex(&self.entropy.bytes::<ID_BYTES>())
        })?;
        let mut tx = cx.write().await?;
        setting::set(&mut tx, LAKE, &Some(id)).await?;
        tx.commit().await
    }

    /// Goes on with what an earlier process left half done.
    async fn go_on(&self) -> Result<()> {
        let cx = self.cx();
        for shop in shop::list(&cx).await? {
            import::resume_undo(&cx.of(shop.id), &self.lake).await?;
        }
        Ok(())
    }

    /// Removes what queries that were killed left in the folder for what does not fit into memory.
    ///
    /// # Errors
    /// What the file system reports.
    pub(crate) fn clear_scratch(&self) -> Result<()> {
        let Ok(entries) = std::fs::read_dir(self.dir.join(SCRATCH)) else { return Ok(()) };
        let before = now().micros() - SCRATCH_KEEP_MICROS;
        for entry in entries {
            let entry = entry?;
            let meta = entry.metadata()?;
            if meta.is_dir() && micros(meta.modified()?) < before {
                std::fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }

    /// Folder of the mirror's checkpoints.
    #[must_use]
    pub(crate) fn mirrors(&self) -> PathBuf {
        self.dir.join("mirror")
    }

    /// Folder of a shop's rejects files.
    #[must_use]
    pub(crate) fn rejects(&self, shop: ShopId) -> PathBuf {
        self.dir.join("rejects").join(shop.0.to_string())
    }

    /// Folders that belong to a shop alone, whether they are there or not.
    #[must_use]
    pub(crate) fn folders(&self, shop: ShopId) -> Vec<PathBuf> {
        vec![upload::folder(self, shop), export::folder(self, shop), self.rejects(shop)]
    }

    /// Where the database is.
    #[must_use]
    pub(crate) fn store(&self) -> store::Place {
        place_of(&self.dir, self.database.as_deref())
    }

    /// The database.
    #[must_use]
    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    /// Closes the database.
    pub(crate) async fn close(&self) {
        self.db.close().await;
    }
}

impl Writer {
    /// Takes the folder's lock and opens it, made and migrated where needed; `None` when another
    /// process holds the lock.
    ///
    /// # Errors
    /// What the file system and the database report.
    pub(crate) async fn open(data: &Data) -> Result<Option<Self>> {
        let mut builder = std::fs::DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(&data.dir);
        made.map_err(|cause| Error::from(cause).field(data.dir.display().to_string()))?;
        let Some(lock) = Lock::take(&data.dir)? else { return Ok(None) };
        for path in store_place(data).files() {
            // The database's own files take over its mode, wherever the folder came from.
            OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        }
        std::fs::create_dir_all(data.dir.join("mirror"))?;
        let entropy = entropy();
        let keys = match key::ring(data)? {
            Some(keys) => keys,
            None => key::first(data, &entropy)?,
        };
        let place = Place::open(data, &store_place(data), (keys, entropy)).await?;
        store::migrate(place.db()).await?;
        place.finish_rotation().await?;
        place.go_on().await?;
        Ok(Some(Self { place, _lock: lock }))
    }
}

/// Where a data folder's database is.
pub(crate) fn store_place(data: &Data) -> store::Place {
    place_of(&data.dir, data.database.as_deref())
}

fn place_of(dir: &Path, database: Option<&str>) -> store::Place {
    match database {
        Some(address) => store::Place::Address(address.to_owned()),
        None => store::Place::File(dir.join("store.db")),
    }
}

/// How the lake of a data folder may use the machine.
pub(crate) fn lake_options(dir: &Path) -> LakeOptions {
    LakeOptions {
        memory_bytes: QUERY_BYTES_MAX,
        threads: std::thread::available_parallelism().map_or(2, usize::from),
        scratch: dir.join(SCRATCH),
    }
}

/// The present time.
#[must_use]
pub(crate) fn now() -> Time {
    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    let now = std::time::SystemTime::now();
    Time::from_micros(micros(now))
}

/// Microseconds since 1970.
pub(crate) fn micros(time: std::time::SystemTime) -> i64 {
    let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// A variable of the environment, when it is set to text.
pub(crate) fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    std::env::var(name).ok()
}

/// The operating system's randomness.
pub(crate) fn entropy() -> Entropy {
    Entropy::new(|buffer| {
        if SysRng.try_fill_bytes(buffer).is_err() {
            // Keys and ids without randomness would be worse than none.
            std::process::abort();
        }
    })
}

/// What a small file of ours says; none when it is not there.
fn kept(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(cause.into()),
    }
}

/// What a small file of ours says; made by `text`, for its owner alone, when it is not there. It is
/// there whole or not at all, and stays when the power fails.
fn keep(path: &Path, text: impl FnOnce() -> String) -> Result<String> {
    if let Some(text) = kept(path)? {
        return Ok(text);
    }
    let text = text();
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&part, path)?;
    sync_folder(path)?;
    Ok(text)
}

/// Has the folder of a file remember it.
fn sync_folder(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}
