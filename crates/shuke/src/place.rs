//! The data folder: opening what is in it.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::{Entropy, Error, Result, ShopId, Time};
use lake::{Lake, LakeOptions};
use rand::TryRng;
use rand::rngs::SysRng;
use store::lock::Lock;
use store::{Cx, Db, KeyRing, MasterKey, shop};

use crate::cli::Data;

/// Memory that a query takes at most, in bytes.
pub(crate) const QUERY_BYTES_MAX: usize = 1 << 30;
/// Name of the file with the master key.
const KEY_FILE: &str = "master.key";

/// An opened data folder.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The folder.
    pub(crate) dir: PathBuf,
    /// The history.
    pub(crate) lake: Lake,
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
        Self::open(data, &place).await
    }

    async fn open(data: &Data, place: &store::Place) -> Result<Self> {
        let entropy = entropy();
        let master = master_key(&data.dir, &entropy)?;
        let options = LakeOptions {
            memory_bytes: QUERY_BYTES_MAX,
            threads: std::thread::available_parallelism().map_or(2, usize::from),
            scratch: data.dir.join("scratch"),
        };
        let lake = Lake::open(&data.dir.join("lake"), options)?;
        let db = Db::open(place).await?;
        let keys = Arc::new(KeyRing::new(master));
        Ok(Self { dir: data.dir.clone(), lake, db, keys, entropy })
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
        Ok((cx.of(shop.id), shop))
    }

    /// Folder of the mirror's checkpoints.
    #[must_use]
    pub(crate) fn mirrors(&self) -> PathBuf {
        self.dir.join("mirror")
    }

    /// Folder of rejects files.
    #[must_use]
    pub(crate) fn rejects(&self) -> PathBuf {
        self.dir.join("rejects")
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
        builder.recursive(true).mode(0o700).create(&data.dir)?;
        let Some(lock) = Lock::take(&data.dir)? else { return Ok(None) };
        if let store::Place::File(path) = store_place(data) {
            // The database's own files take over its mode, wherever the folder came from.
            OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        }
        std::fs::create_dir_all(data.dir.join("mirror"))?;
        let place = Place::open(data, &store_place(data)).await?;
        store::migrate(place.db()).await?;
        Ok(Some(Self { place, _lock: lock }))
    }
}

fn store_place(data: &Data) -> store::Place {
    match &data.database {
        Some(address) => store::Place::Address(address.clone()),
        None => store::Place::File(data.dir.join("store.db")),
    }
}

/// The present time.
#[must_use]
pub(crate) fn now() -> Time {
    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Time::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
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

/// The master key: from the environment, or from the folder's own file, made at first.
fn master_key(dir: &Path, entropy: &Entropy) -> Result<MasterKey> {
    if let Some(text) = variable("SHUKE_MASTER_KEY") {
        return MasterKey::parse(&text);
    }
    let path = dir.join(KEY_FILE);
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    match made {
        Ok(mut file) => {
            let text = MasterKey::generate(entropy);
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            MasterKey::parse(&text)
        }
        Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => {
            MasterKey::parse(&std::fs::read_to_string(&path)?)
        }
        Err(cause) => Err(cause.into()),
    }
}
