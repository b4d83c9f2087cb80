//! Sealing with one key, the blind index, and masking for people.

use aes_gcm_siv::aead::{Aead, AeadInOut, Payload};
use aes_gcm_siv::{Aes256GcmSiv, KeyInit, Nonce};
use base::{Code, Entropy, Error, Result};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Format of sealed bytes: version, 12 bytes of nonce, ciphertext with a tag of 16 bytes.
const VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
/// Bytes of a blind index entry.
const BLIND_BYTES: usize = 16;

/// A key that seals data or other keys.
#[derive(Clone)]
pub struct DataKey([u8; 32]);

impl DataKey {
    pub(super) fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn cipher(&self) -> Aes256GcmSiv {
        Aes256GcmSiv::new(&self.0.into())
    }

    /// Seals `plain`; it opens only under the same key with the same `about`.
    ///
    /// # Errors
    /// `internal` for plaintexts beyond what the cipher takes (64 GiB).
    pub fn seal(&self, about: &str, plain: &[u8], entropy: &Entropy) -> Result<Vec<u8>> {
        let nonce = entropy.bytes::<NONCE_BYTES>();
        let mut bytes = Vec::with_capacity(1 + NONCE_BYTES + plain.len() + TAG_BYTES);
        bytes.push(VERSION);
        bytes.extend(nonce);
        bytes.extend_from_slice(plain);
        let (_, within) = bytes.split_at_mut(1 + NONCE_BYTES);
        let tag = self
            .cipher()
            .encrypt_inout_detached(&Nonce::from(nonce), about.as_bytes(), within.into())
            .map_err(|_| Error::new(Code::Internal, "a value could not be sealed"))?;
        bytes.extend(tag);
        Ok(bytes)
    }

    /// Opens what [`DataKey::seal`] wrote.
    ///
    /// # Errors
    /// `unsupported` for a newer format, `damaged` when the bytes, the key or `about` differ.
    pub fn open(&self, about: &str, bytes: &[u8]) -> Result<Vec<u8>> {
        let damaged = || Error::damaged("sealed data cannot be opened");
        let (&version, rest) = bytes.split_first().ok_or_else(damaged)?;
        if version != VERSION {
            let text = format!("sealed data has the unknown format {version}");
            return Err(Error::new(Code::Unsupported, text).hint("use a newer Shuke"));
        }
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(damaged)?;
        let payload = Payload { msg: sealed, aad: about.as_bytes() };
        self.cipher().decrypt(&Nonce::from(*nonce), payload).map_err(|_| damaged())
    }

    /// A key for another purpose.
    pub(super) fn derive(&self, purpose: &str) -> Self {
        Self(self.digest(purpose, ""))
    }

    /// Where a whole value of `field` is found: the same for equal values, telling nothing else.
    pub(super) fn blind(&self, field: &str, value: &str) -> Vec<u8> {
        self.digest(field, value).iter().copied().take(BLIND_BYTES).collect()
    }

    /// A link of a chain: 32 bytes that only who has this key can make of `last` and `said`.
    pub(crate) fn chain(&self, last: &[u8], said: &str) -> Vec<u8> {
        self.digest(&base::hex(last), said).to_vec()
    }

    fn digest(&self, label: &str, value: &str) -> [u8; 32] {
        // HMAC takes a key of any length, so this cannot fail.
        let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.0) else {
            return [0; 32];
        };
        mac.update(label.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// The part of a phone number that may be searched for: its last four digits.
#[must_use]
pub fn blind_tail(phone: &str) -> Option<&str> {
    let start = phone.len().checked_sub(4)?;
    phone.get(start..).filter(|tail| tail.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A personal value as logs and errors may show it: first character and length.
#[must_use]
pub fn mask(value: &str) -> String {
    let mut letters = value.chars();
    match letters.next() {
        Some(first) => format!("{first}{}", "*".repeat(letters.count().min(8))),
        None => String::new(),
    }
}
