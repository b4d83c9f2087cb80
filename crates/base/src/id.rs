//! Public ids: a `UUIDv7` with a prefix that names its kind, as in `cus_0199…`.
//!
//! An id is made from the injected clock and entropy, so it sorts by time of making and a test
//! gets the same ones every time.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use uuid::Uuid;

use crate::{Code, Entropy, Error, Time};

/// A kind of thing that has ids; `PREFIX` is the text before the underscore.
pub trait Kind {
    /// Three or four lower-case letters.
    const PREFIX: &'static str;
}

/// The id of a `K`. In text `<prefix>_<32 hex digits>`, in a database 16 bytes.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

impl<K: Kind> Id<K> {
    /// A new id of the time `now`.
    #[must_use]
    pub fn new(now: Time, entropy: &Entropy) -> Self {
        let millis = u64::try_from(now.micros() / 1000).unwrap_or_default();
        let random = entropy.bytes::<10>();
        let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        Self(uuid, PhantomData)
    }

    /// The 16 bytes as they are stored.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.0.as_bytes().to_vec()
    }

    /// Reads the 16 stored bytes.
    ///
    /// # Errors
    /// [`Code::Damaged`] when there are not 16 of them.
    pub fn from_bytes(bytes: &[u8]) -> crate::Result<Self> {
        Uuid::from_slice(bytes).map(|uuid| Self(uuid, PhantomData)).map_err(|cause| {
            Error::damaged(format!("a stored {} id is not 16 bytes long", K::PREFIX)).because(cause)
        })
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = Error;

    fn from_str(text: &str) -> crate::Result<Self> {
        let wrong = || {
            Error::new(Code::NotFound, format!("{text:?} is not an id of the form {}_…", K::PREFIX))
        };
        let hex = text.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix('_'));
        let uuid = Uuid::try_parse(hex.ok_or_else(wrong)?).map_err(|_| wrong())?;
        Ok(Self(uuid, PhantomData))
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", K::PREFIX, self.0.simple())
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K> Eq for Id<K> {}

impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Card;
    impl Kind for Card {
        const PREFIX: &'static str = "crd";
    }

    #[test]
    fn text_and_bytes_come_back() {
        let id = Id::<Card>::new(Time::from_micros(1_700_000_000_000_000), &Entropy::seeded(1));
        assert_eq!(id.to_string().parse::<Id<Card>>().unwrap(), id);
        assert_eq!(Id::<Card>::from_bytes(&id.bytes()).unwrap(), id);
        assert!(id.to_string().starts_with("crd_"));
    }

    #[test]
    fn another_kind_is_refused() {
        let error = "cus_0199".parse::<Id<Card>>().unwrap_err();
        assert_eq!(error.code, Code::NotFound);
    }
}
