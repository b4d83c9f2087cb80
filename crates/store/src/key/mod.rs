//! Keys: what is personal is sealed, and found again only by its whole value.
//!
//! Three layers of 256-bit keys: a master key outside the database wraps a key per shop, which
//! wraps a key per customer and a key per day of the log. Destroying a customer's key makes every
//! copy of that customer's sealed values unreadable; a day's key goes with the log's rows of that
//! day. Ciphertexts are AES-256-GCM-SIV (RFC 8452), bound to shop, field and key id.

mod seal;
mod sql;

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base::{Code, Entropy, Error, Result, ShopId};

pub use seal::{DataKey, blind_tail, mask};

use crate::{Cx, Tx};

/// Unwrapped keys that are kept in memory at the most.
const CACHE_KEYS_MAX: usize = 65_536;
/// The key under which an anonymous order's contact data is sealed.
pub const ANONYMOUS_KEY: i64 = 0;

/// The installation's own key, from a file or the environment of the process.
#[derive(Clone)]
pub struct MasterKey(DataKey);

impl MasterKey {
    /// From its 64 hexadecimal digits.
    ///
    /// # Errors
    /// `bad_input` when the text is not such a key.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            Error::bad("is not a key of 64 hexadecimal digits")
                .field("master_key")
                .hint("restore the key file that belongs to this data")
        };
        let key = base::unhex(text.trim()).and_then(|bytes| bytes.try_into().ok());
        Ok(Self(DataKey::new(key.ok_or_else(wrong)?)))
    }

    /// What tells this key from others and nothing else of it.
    #[must_use]
    pub fn print(&self) -> String {
        base::hex(&self.0.blind("master", "print"))
    }

    /// The text of a new key.
    #[must_use]
    pub fn generate(entropy: &Entropy) -> String {
        base::hex(&entropy.bytes::<32>())
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// The master key and the keys that it has opened.
pub struct KeyRing {
    master: MasterKey,
    // By wrapped bytes, so that a key whose transaction was rolled back is never used again.
    opened: Mutex<HashMap<Vec<u8>, DataKey>>,
    // Keys of the log that are committed, by shop and day.
    days: Mutex<HashMap<(ShopId, i32), DataKey>>,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRing(…)")
    }
}

impl KeyRing {
    /// A ring with nothing opened yet.
    #[must_use]
    pub fn new(master: MasterKey) -> Self {
        Self { master, opened: Mutex::default(), days: Mutex::default() }
    }

    /// Forgets a key that was opened.
    fn forget(&self, wrapped: &[u8]) {
        held(&self.opened).remove(wrapped);
    }

    fn open(&self, by: &DataKey, wrapped: &[u8], about: &str) -> Result<DataKey> {
        if let Some(key) = held(&self.opened).get(wrapped) {
            return Ok(key.clone());
        }
        let bytes = by.open(about, wrapped).map_err(|cause| {
            Error::new(Code::Damaged, "a stored key cannot be opened")
                .hint("this data belongs to another master key")
                .because(cause)
        })?;
        let bytes: [u8; 32] =
            bytes.try_into().map_err(|_| Error::damaged("a stored key does not have 32 bytes"))?;
        let key = DataKey::new(bytes);
        keep(&self.opened, wrapped.to_vec(), &key);
        Ok(key)
    }
}

fn held<K>(keys: &Mutex<HashMap<K, DataKey>>) -> MutexGuard<'_, HashMap<K, DataKey>> {
    keys.lock().unwrap_or_else(PoisonError::into_inner)
}

fn keep<K: Eq + Hash>(keys: &Mutex<HashMap<K, DataKey>>, name: K, key: &DataKey) {
    let mut keys = held(keys);
    if keys.len() >= CACHE_KEYS_MAX {
        keys.clear();
    }
    keys.insert(name, key.clone());
}

pub(crate) async fn make_shop_key(tx: &mut Tx, cx: &Cx, shop: ShopId) -> Result<()> {
    let plain = cx.entropy.bytes::<32>();
    let wrapped = cx.keys.master.0.seal(&format!("shop:{shop}"), &plain, &cx.entropy)?;
    sql::insert_shop_key(tx, shop, wrapped).await
}

/// The shop number under which the installation's own key is kept.
const OWN: ShopId = ShopId(0);

/// The installation's own key, made when it is first needed.
async fn own_key(tx: &mut Tx, cx: &Cx) -> Result<DataKey> {
    if let Some(key) = known_own_key(tx, cx).await? {
        return Ok(key);
    }
    make_shop_key(tx, cx, OWN).await?;
    let made = known_own_key(tx, cx).await?;
    made.ok_or_else(|| Error::damaged("the installation has no key"))
}

async fn known_own_key(tx: &mut Tx, cx: &Cx) -> Result<Option<DataKey>> {
    let wrapped = sql::shop_key(tx, OWN).await?;
    let about = format!("shop:{OWN}");
    wrapped.map(|wrapped| cx.keys.open(&cx.keys.master.0, &wrapped, &about)).transpose()
}

/// The key of the audit log's chains.
pub(crate) async fn audit_key(tx: &mut Tx, cx: &Cx) -> Result<DataKey> {
    Ok(own_key(tx, cx).await?.derive("audit"))
}

/// As [`audit_key`]; none before the first row.
pub(crate) async fn known_audit_key(tx: &mut Tx, cx: &Cx) -> Result<Option<DataKey>> {
    Ok(known_own_key(tx, cx).await?.map(|key| key.derive("audit")))
}

/// Seals what belongs to no shop; it opens only with the same `about`.
///
/// # Errors
/// What the database reports.
pub async fn seal_own(tx: &mut Tx, cx: &Cx, (about, plain): (&str, &[u8])) -> Result<Vec<u8>> {
    own_key(tx, cx).await?.seal(about, plain, &cx.entropy)
}

/// Opens what [`seal_own`] wrote.
///
/// # Errors
/// `damaged` when the bytes, the key or `about` differ.
pub async fn open_own(tx: &mut Tx, cx: &Cx, (about, sealed): (&str, &[u8])) -> Result<Vec<u8>> {
    own_key(tx, cx).await?.open(about, sealed)
}

async fn shop_key(tx: &mut Tx, cx: &Cx) -> Result<DataKey> {
    let shop = tx.shop();
    let wrapped = sql::shop_key(tx, shop).await?;
    let wrapped = wrapped.ok_or_else(|| Error::damaged("a shop has no key"))?;
    cx.keys.open(&cx.keys.master.0, &wrapped, &format!("shop:{shop}"))
}

/// The key of the log's rows of `day`, made when it is the first row of that day.
pub(crate) async fn log_key(tx: &mut Tx, cx: &Cx, day: i32) -> Result<DataKey> {
    let shop = tx.shop();
    let about = format!("log:{shop}:{day}");
    let by = shop_key(tx, cx).await?;
    if let Some(wrapped) = sql::log_key(tx, shop, day).await? {
        return cx.keys.open(&by, &wrapped, &about);
    }
    let wrapped = by.seal(&about, &cx.entropy.bytes::<32>(), &cx.entropy)?;
    // Another writer may have been first; what is stored counts.
    sql::insert_log_key(tx, shop, day, wrapped).await?;
    let stored = sql::log_key(tx, shop, day).await?;
    let stored = stored.ok_or_else(|| Error::damaged("the log has no key for today"))?;
    cx.keys.open(&by, &stored, &about)
}

/// As [`log_key`], but none when there is none, or when it cannot be opened.
pub(crate) async fn known_log_key(tx: &mut Tx, cx: &Cx, day: i32) -> Result<Option<DataKey>> {
    let shop = tx.shop();
    let by = shop_key(tx, cx).await?;
    let wrapped = sql::log_key(tx, shop, day).await?;
    Ok(wrapped.and_then(|wrapped| cx.keys.open(&by, &wrapped, &format!("log:{shop}:{day}")).ok()))
}

/// As [`log_key`] of the context's shop, for rows that are written elsewhere than in a transaction
/// of the state: the key is committed when this returns.
pub(crate) async fn stored_log_key(cx: &Cx, day: i32) -> Result<DataKey> {
    let name = (cx.shop, day);
    if let Some(key) = held(&cx.keys.days).get(&name) {
        return Ok(key.clone());
    }
    let there = sql::log_key(&mut cx.read().await?, cx.shop, day).await?.is_some();
    // Whoever only reads does not wait for who writes.
    let mut tx = if there { cx.read().await? } else { cx.write().await? };
    let key = log_key(&mut tx, cx, day).await?;
    tx.commit().await?;
    keep(&cx.keys.days, name, &key);
    Ok(key)
}

/// A customer's key as a sealer holds it.
enum Lent {
    /// As it is stored.
    Own(DataKey),
    /// One for this sealer alone, in the place of a key that was destroyed: what it seals is lost.
    Lost(DataKey),
}

impl Lent {
    fn key(&self) -> &DataKey {
        match self {
            Self::Own(key) | Self::Lost(key) => key,
        }
    }
}

/// Bytes of a wrapped key.
const WRAPPED_BYTES: usize = 60;

fn is_destroyed(wrapped: &[u8]) -> bool {
    wrapped.iter().all(|byte| *byte == 0)
}

/// Destroys the keys of customers for good: what was sealed under them is never read again, and
/// what will be sealed for these customers is lost at once. How many keys there were.
///
/// # Errors
/// What the database reports.
pub async fn destroy(tx: &mut Tx, cx: &Cx, customers: &[i64]) -> Result<usize> {
    let shop = tx.shop();
    let there = sql::customer_keys(tx, shop, customers).await?;
    let mut sizes: HashMap<i64, usize> =
        customers.iter().map(|customer| (*customer, WRAPPED_BYTES)).collect();
    let mut destroyed = 0;
    for (id, wrapped) in there {
        destroyed += usize::from(!is_destroyed(&wrapped));
        cx.keys.forget(&wrapped);
        sizes.insert(id, wrapped.len());
    }
    sql::destroy_customer_keys(tx, shop, sizes.into_iter().collect());
    Ok(destroyed)
}

/// What seals and finds a shop's personal data: the customers' keys it was opened for, and the
/// blind index.
pub struct Sealer {
    shop: ShopId,
    blind: DataKey,
    keys: HashMap<i64, Lent>,
    entropy: Entropy,
}

impl Sealer {
    /// The keys of `customers`, made where `make` allows it and there are none yet.
    ///
    /// # Errors
    /// What the database reports; `damaged` when a key cannot be opened.
    pub async fn open(tx: &mut Tx, cx: &Cx, customers: &[i64], make: bool) -> Result<Self> {
        let shop = tx.shop();
        let by = shop_key(tx, cx).await?;
        let about = |id: i64| format!("customer:{shop}:{id}");
        let mut keys = HashMap::with_capacity(customers.len());
        for (id, wrapped) in sql::customer_keys(tx, shop, customers).await? {
            let lent = match is_destroyed(&wrapped) {
                true => Lent::Lost(DataKey::new(cx.entropy.bytes())),
                false => Lent::Own(cx.keys.open(&by, &wrapped, &about(id))?),
            };
            keys.insert(id, lent);
        }
        let mut fresh = Vec::new();
        for &id in customers {
            if make && !keys.contains_key(&id) {
                let plain = cx.entropy.bytes::<32>();
                fresh.push((id, by.seal(&about(id), &plain, &cx.entropy)?));
                keys.insert(id, Lent::Own(DataKey::new(plain)));
            }
        }
        sql::insert_customer_keys(tx, shop, fresh);
        Ok(Self { shop, blind: by.derive("blind"), keys, entropy: cx.entropy.clone() })
    }

    /// Keys of nobody: seals and finds within one run, and nothing that is stored.
    #[must_use]
    pub fn scratch(entropy: &Entropy) -> Self {
        let blind = DataKey::new(entropy.bytes());
        Self { shop: ShopId(0), blind, keys: HashMap::new(), entropy: entropy.clone() }
    }

    /// The same with a key of its own for `id` that is never stored.
    #[must_use]
    pub fn lend(mut self, id: i64) -> Self {
        self.keys.insert(id, Lent::Own(DataKey::new(self.entropy.bytes())));
        self
    }

    /// Seals a value of `field` under the key of customer `id`.
    ///
    /// # Errors
    /// `internal` when the key was not asked for in [`Sealer::open`].
    pub fn seal(&self, field: &str, id: i64, value: &str) -> Result<Vec<u8>> {
        let key = self.keys.get(&id).ok_or_else(|| {
            Error::new(Code::Internal, "a value was to be sealed under a key that is not open")
        })?;
        let about = format!("{}:{field}:{id}", self.shop);
        let mut sealed = id.to_le_bytes().to_vec();
        sealed.extend(key.key().seal(&about, value.as_bytes(), &self.entropy)?);
        Ok(sealed)
    }

    /// The value, or `None` when its key was destroyed.
    ///
    /// # Errors
    /// `damaged` when the bytes are not what was written.
    pub fn reveal(&self, field: &str, sealed: &[u8]) -> Result<Option<String>> {
        let (id, rest) = split_key_id(sealed)?;
        let Some(Lent::Own(key)) = self.keys.get(&id) else {
            return Ok(None);
        };
        let plain = key.open(&format!("{}:{field}:{id}", self.shop), rest)?;
        String::from_utf8(plain)
            .map(Some)
            .map_err(|cause| Error::damaged("a sealed value is not text").because(cause))
    }

    /// The 16 bytes under which a whole normalised value is found again.
    #[must_use]
    pub fn blind(&self, field: &str, value: &str) -> Vec<u8> {
        self.blind.blind(field, value)
    }
}

/// The number of the key that a sealed value needs.
///
/// # Errors
/// `damaged` when the bytes are too short.
pub fn split_key_id(sealed: &[u8]) -> Result<(i64, &[u8])> {
    let short = || Error::damaged("a sealed value is too short");
    let (id, rest) = sealed.split_first_chunk::<8>().ok_or_else(short)?;
    Ok((i64::from_le_bytes(*id), rest))
}
