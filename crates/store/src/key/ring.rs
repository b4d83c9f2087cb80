//! The master key, and what it and the keys beneath it have opened.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base::{Code, Entropy, Error, Result, ShopId};

use super::DataKey;

/// Unwrapped keys of a kind that are kept in memory at the most.
const CACHE_KEYS_MAX: usize = 65_536;
/// Bytes of a key.
const KEY_BYTES: usize = 32;

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

    /// Whether it wraps a shop's keys.
    pub(super) fn opens(&self, shop: ShopId, wrapped: &[u8]) -> bool {
        self.0.open(&of_shop(shop), wrapped).is_ok()
    }

    /// What tells this key from others and nothing else of it.
    #[must_use]
    pub fn print(&self) -> String {
        base::hex(&self.0.blind("master", "print"))
    }

    /// The text of a new key.
    #[must_use]
    pub fn generate(entropy: &Entropy) -> String {
        base::hex(&entropy.bytes::<KEY_BYTES>())
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// A shop's keys.
#[derive(Clone)]
pub(super) struct ShopKey {
    /// Wraps the keys of customers and days.
    pub(super) seals: DataKey,
    /// Finds whole values.
    pub(super) blind: DataKey,
    /// What wrapped those keys before; what it wraps still is opened with it.
    pub(super) before: Option<DataKey>,
}

impl ShopKey {
    /// From its bytes: a key, then the one for finding where that is not derived from it, then the
    /// key before.
    fn parse(bytes: &[u8]) -> Result<Self> {
        let (keys, rest) = bytes.as_chunks::<KEY_BYTES>();
        let key = |at: usize| keys.get(at).copied().map(DataKey::new);
        let seals = key(0).filter(|_| rest.is_empty() && keys.len() <= 3);
        let seals = seals.ok_or_else(|| Error::damaged("a stored key has no known form"))?;
        let blind = key(1).unwrap_or_else(|| seals.derive("blind"));
        Ok(Self { seals, blind, before: key(2) })
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let keys = [Some(&self.seals), Some(&self.blind), self.before.as_ref()];
        keys.into_iter().flatten().flat_map(DataKey::bytes).copied().collect()
    }
}

/// The master key and the keys that it has opened.
pub struct KeyRing {
    // The first wraps; all open.
    masters: Mutex<Vec<MasterKey>>,
    // By wrapped bytes, so that a key whose transaction was rolled back is never used again.
    opened: Mutex<HashMap<Vec<u8>, DataKey>>,
    shops: Mutex<HashMap<Vec<u8>, ShopKey>>,
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
        Self {
            masters: Mutex::new(vec![master]),
            opened: Mutex::default(),
            shops: Mutex::default(),
            days: Mutex::default(),
        }
    }

    /// Opens with `master`, too.
    pub fn also(&self, master: MasterKey) {
        held(&self.masters).push(master);
    }

    /// Wraps with `master` from now on.
    pub fn lead(&self, master: MasterKey) {
        let mut masters = held(&self.masters);
        masters.retain(|known| known.0.bytes() != master.0.bytes());
        masters.insert(0, master);
    }

    /// The texts of all keys, the one that wraps first: for another process of this program.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        held(&self.masters).iter().map(|master| base::hex(master.0.bytes())).collect()
    }

    /// The key that wraps.
    ///
    /// # Errors
    /// None that a caller can bring about: a ring has a key.
    pub fn master(&self) -> Result<MasterKey> {
        let masters = held(&self.masters);
        masters.first().cloned().ok_or_else(|| Error::new(Code::Internal, "no master key is held"))
    }

    pub(super) fn wrap(&self, shop: ShopId, plain: &[u8], entropy: &Entropy) -> Result<Vec<u8>> {
        self.master()?.0.seal(&of_shop(shop), plain, entropy)
    }

    /// The bytes of a shop's keys.
    pub(super) fn shop_plain(&self, shop: ShopId, wrapped: &[u8]) -> Result<Vec<u8>> {
        let masters = held(&self.masters).clone();
        unwrap(masters.iter().map(|master| &master.0), wrapped, &of_shop(shop))
    }

    /// A shop's keys out of what is stored.
    pub(super) fn shop(&self, shop: ShopId, wrapped: &[u8]) -> Result<ShopKey> {
        if let Some(key) = held(&self.shops).get(wrapped) {
            return Ok(key.clone());
        }
        let key = ShopKey::parse(&self.shop_plain(shop, wrapped)?)?;
        keep(&self.shops, wrapped.to_vec(), &key);
        Ok(key)
    }

    /// A key that a shop's own wraps.
    pub(super) fn open(&self, by: &ShopKey, wrapped: &[u8], about: &str) -> Result<DataKey> {
        if let Some(key) = held(&self.opened).get(wrapped) {
            return Ok(key.clone());
        }
        let bytes = unwrap(std::iter::once(&by.seals).chain(&by.before), wrapped, about)?;
        let bytes: [u8; KEY_BYTES] =
            bytes.try_into().map_err(|_| Error::damaged("a stored key does not have 32 bytes"))?;
        let key = DataKey::new(bytes);
        keep(&self.opened, wrapped.to_vec(), &key);
        Ok(key)
    }

    /// Forgets a key that was opened.
    pub(super) fn forget(&self, wrapped: &[u8]) {
        held(&self.opened).remove(wrapped);
    }

    pub(super) fn day(&self, shop: ShopId, day: i32) -> Option<DataKey> {
        held(&self.days).get(&(shop, day)).cloned()
    }

    pub(super) fn keep_day(&self, name: (ShopId, i32), key: &DataKey) {
        keep(&self.days, name, key);
    }
}

/// What a shop's keys are bound to.
fn of_shop(shop: ShopId) -> String {
    format!("shop:{shop}")
}

/// Opens with the first key that fits.
fn unwrap<'a>(
    keys: impl Iterator<Item = &'a DataKey>,
    wrapped: &[u8],
    about: &str,
) -> Result<Vec<u8>> {
    let mut last = Error::damaged("there is no key to open with");
    for key in keys {
        match key.open(about, wrapped) {
            Ok(plain) => return Ok(plain),
            Err(error) => last = error,
        }
    }
    Err(Error::new(Code::Damaged, "a stored key cannot be opened")
        .hint("this data belongs to another master key")
        .because(last))
}

fn held<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

fn keep<N: Eq + Hash, K: Clone>(keys: &Mutex<HashMap<N, K>>, name: N, key: &K) {
    let mut keys = held(keys);
    if keys.len() >= CACHE_KEYS_MAX {
        keys.clear();
    }
    keys.insert(name, key.clone());
}
