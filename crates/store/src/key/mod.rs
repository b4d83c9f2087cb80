//! Keys: what is personal is sealed, and found again only by its whole value.
//!
//! Three layers of 256-bit keys: a master key outside the database wraps a key per shop, which
//! wraps a key per customer and a key per day of the log. Destroying a customer's key makes every
//! copy of that customer's sealed values unreadable; a day's key goes with the log's rows of that
//! day. Ciphertexts are AES-256-GCM-SIV (RFC 8452), bound to shop, field and key id.

mod ring;
mod rotate;
mod seal;
mod sql;

use std::collections::{BTreeSet, HashMap};

use base::{Code, Entropy, Error, Result, ShopId};

pub use ring::{KeyRing, MasterKey};
pub use rotate::{rotate_master, rotate_shop, wraps_any};
pub use seal::{DataKey, blind_tail, mask};

use ring::ShopKey;

use crate::{Cx, Tx};

/// The key under which an anonymous order's contact data is sealed.
pub const ANONYMOUS_KEY: i64 = 0;

pub(crate) async fn make_shop_key(tx: &mut Tx, cx: &Cx, shop: ShopId) -> Result<()> {
    let plain = cx.entropy.bytes::<32>();
    let wrapped = cx.keys.wrap(shop, &plain, &cx.entropy)?;
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
    Ok(wrapped.map(|wrapped| cx.keys.shop(OWN, &wrapped)).transpose()?.map(|key| key.seals))
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

/// Opens what [`seal_own`] wrote, in a transaction that only reads.
///
/// # Errors
/// `damaged` when the bytes, the key or `about` differ, or nothing was ever sealed.
pub async fn known_own(tx: &mut Tx, cx: &Cx, (about, sealed): (&str, &[u8])) -> Result<Vec<u8>> {
    let key = known_own_key(tx, cx).await?;
    key.ok_or_else(|| Error::damaged("the installation has no key"))?.open(about, sealed)
}

/// Opens what [`seal_own`] wrote.
///
/// # Errors
/// `damaged` when the bytes, the key or `about` differ.
pub async fn open_own(tx: &mut Tx, cx: &Cx, (about, sealed): (&str, &[u8])) -> Result<Vec<u8>> {
    own_key(tx, cx).await?.open(about, sealed)
}

async fn shop_key(tx: &mut Tx, cx: &Cx) -> Result<ShopKey> {
    let wrapped = sql::shop_key(tx, tx.shop()).await?;
    opened(tx, cx, wrapped)
}

/// The same, to wrap keys by it in a transaction that writes.
async fn held_shop_key(tx: &mut Tx, cx: &Cx) -> Result<ShopKey> {
    let wrapped = sql::held_shop_key(tx, tx.shop()).await?;
    opened(tx, cx, wrapped)
}

fn opened(tx: &Tx, cx: &Cx, wrapped: Option<Vec<u8>>) -> Result<ShopKey> {
    let wrapped = wrapped.ok_or_else(|| Error::damaged("a shop has no key"))?;
    cx.keys.shop(tx.shop(), &wrapped)
}

/// What the key of a day of the log is bound to.
fn of_day(shop: ShopId, day: i32) -> String {
    format!("log:{shop}:{day}")
}

/// What a customer's key is bound to.
fn of_customer(shop: ShopId, id: i64) -> String {
    format!("customer:{shop}:{id}")
}

/// The key of the log's rows of `day`, made when it is the first row of that day.
pub(crate) async fn log_key(tx: &mut Tx, cx: &Cx, day: i32) -> Result<DataKey> {
    let shop = tx.shop();
    let about = of_day(shop, day);
    // What is wrapped is read before what wraps it: a key that has taken another's place opens what
    // that one wrapped, too.
    if let Some(wrapped) = sql::log_key(tx, shop, day).await? {
        return cx.keys.open(&shop_key(tx, cx).await?, &wrapped, &about);
    }
    let by = held_shop_key(tx, cx).await?;
    let wrapped = by.seals.seal(&about, &cx.entropy.bytes::<32>(), &cx.entropy)?;
    // Another writer may have been first; what is stored counts.
    sql::insert_log_key(tx, shop, day, wrapped).await?;
    let stored = sql::log_key(tx, shop, day).await?;
    let stored = stored.ok_or_else(|| Error::damaged("the log has no key for today"))?;
    cx.keys.open(&by, &stored, &about)
}

/// As [`log_key`], but none when there is none, or when it cannot be opened.
pub(crate) async fn known_log_key(tx: &mut Tx, cx: &Cx, day: i32) -> Result<Option<DataKey>> {
    let shop = tx.shop();
    let wrapped = sql::log_key(tx, shop, day).await?;
    let by = shop_key(tx, cx).await?;
    Ok(wrapped.and_then(|wrapped| cx.keys.open(&by, &wrapped, &of_day(shop, day)).ok()))
}

/// As [`log_key`] of the context's shop, for rows that are written elsewhere than in a transaction
/// of the state: the key is committed when this returns.
pub(crate) async fn stored_log_key(cx: &Cx, day: i32) -> Result<DataKey> {
    if let Some(key) = cx.keys.day(cx.shop, day) {
        return Ok(key);
    }
    let there = sql::log_key(&mut cx.read().await?, cx.shop, day).await?.is_some();
    // Whoever only reads does not wait for who writes.
    let mut tx = if there { cx.read().await? } else { cx.write().await? };
    let key = log_key(&mut tx, cx, day).await?;
    tx.commit().await?;
    cx.keys.keep_day((cx.shop, day), &key);
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

/// A customer's stored key, opened.
fn lent(cx: &Cx, by: &ShopKey, (id, wrapped): (i64, &[u8])) -> Result<Lent> {
    match is_destroyed(wrapped) {
        true => Ok(Lent::Lost(DataKey::new(cx.entropy.bytes()))),
        false => cx.keys.open(by, wrapped, &of_customer(cx.shop, id)).map(Lent::Own),
    }
}

/// Makes the keys of customers who have none; where another writer was first, its key counts.
async fn made(
    tx: &mut Tx,
    cx: &Cx,
    (by, missing): (&ShopKey, BTreeSet<i64>),
) -> Result<Vec<(i64, Lent)>> {
    let shop = tx.shop();
    let (mut keys, mut rows) = (Vec::new(), Vec::new());
    for id in missing {
        let plain = cx.entropy.bytes::<32>();
        rows.push((id, by.seals.seal(&of_customer(shop, id), &plain, &cx.entropy)?));
        keys.push((id, Lent::Own(DataKey::new(plain))));
    }
    let new = sql::insert_customer_keys(tx, shop, rows).await?;
    let late: Vec<i64> = keys.iter().map(|(id, _)| *id).filter(|id| !new.contains(id)).collect();
    if !late.is_empty() {
        keys.retain(|(id, _)| new.contains(id));
        for (id, wrapped) in sql::customer_keys(tx, shop, &late).await? {
            keys.push((id, lent(cx, by, (id, &wrapped))?));
        }
    }
    Ok(keys)
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
        // As in `log_key`.
        let known = sql::customer_keys(tx, shop, customers).await?;
        let by = if make { held_shop_key(tx, cx).await? } else { shop_key(tx, cx).await? };
        let mut keys = HashMap::with_capacity(customers.len());
        for (id, wrapped) in known {
            keys.insert(id, lent(cx, &by, (id, &wrapped))?);
        }
        if make {
            let missing = customers.iter().copied().filter(|id| !keys.contains_key(id));
            // In one order, so that two who make the same keys do not wait for each other.
            let missing: BTreeSet<i64> = missing.collect();
            keys.extend(made(tx, cx, (&by, missing)).await?);
        }
        Ok(Self { shop, blind: by.blind, keys, entropy: cx.entropy.clone() })
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
