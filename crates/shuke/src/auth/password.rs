//! Passwords: Argon2id (RFC 9106) with the parameters that OWASP names for it, 19 MiB of memory
//! and two passes. What is stored says with which it was made, so they can grow.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base::{Entropy, Error, Result};
use tokio::sync::Semaphore;

/// Characters of a password at the least and at the most.
const CHARS: std::ops::RangeInclusive<usize> = 10..=200;
/// Random bytes of a salt.
const SALT_BYTES: usize = 16;
/// Passwords that are worked on at once: each takes 19 MiB and a processor for some ten
/// milliseconds.
const AT_ONCE: usize = 2;
/// What everybody tries first, of those that are long enough.
const COMMON: [&str; 12] = [
    "1234567890",
    "0123456789",
    "0987654321",
    "1111111111",
    "qwertyuiop",
    "password123",
    "password1234",
    "administrator",
    "letmein123",
    "iloveyou123",
    "woaini1314",
    "a123456789",
];

static WORKERS: Semaphore = Semaphore::const_new(AT_ONCE);

/// Whether a new password will do.
///
/// # Errors
/// `bad_input` for one that is too short, too long, common, or says who it belongs to.
pub(crate) fn check(password: &str, email: &str) -> Result<()> {
    let wrong = |text: String| Err(Error::bad(text).field("password"));
    let chars = password.chars().count();
    if !CHARS.contains(&chars) {
        return wrong(format!("must have {} to {} characters", CHARS.start(), CHARS.end()));
    }
    let lower = password.to_lowercase();
    let mut letters = lower.chars();
    let first = letters.next();
    let own = email.split('@').next().unwrap_or_default();
    let told = own.chars().count() > 3 && lower.contains(own);
    if COMMON.contains(&lower.as_str()) || letters.all(|letter| Some(letter) == first) || told {
        return wrong("is easy to guess".to_owned());
    }
    Ok(())
}

/// What is stored of a password.
///
/// # Errors
/// `internal` when there is no memory for it.
pub(crate) async fn hash(password: &str, entropy: &Entropy) -> Result<String> {
    let (password, salt) = (password.to_owned(), entropy.bytes::<SALT_BYTES>());
    work(move || {
        let hash: Result<PasswordHash, _> =
            Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|hash| hash.to_string())
            .map_err(|cause| Error::internal("a password could not be hashed", cause.to_string()))
    })
    .await
}

/// Whether `password` is the one that `stored` was made of. Without one it takes as long, and is
/// wrong: nobody learns by waiting who has an account.
///
/// # Errors
/// `internal` when the work could not be done.
pub(crate) async fn verify(password: &str, stored: Option<String>) -> Result<bool> {
    let password = password.to_owned();
    work(move || {
        let (known, stored) = (stored.is_some(), stored.unwrap_or_else(|| NOBODY.to_owned()));
        let hash = PasswordHash::new(&stored)
            .map_err(|_| Error::damaged("a stored password cannot be read"))?;
        let same = Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
        Ok(known && same)
    })
    .await
}

/// The hash of no password, with the parameters of others.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

async fn work<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let stopped = |_| base::Error::new(base::Code::Internal, "a worker stopped");
    let _turn = WORKERS.acquire().await.map_err(|_| stopped(()))?;
    tokio::task::spawn_blocking(work).await.map_err(|_| stopped(()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other() {
        let entropy = Entropy::new(|buffer| buffer.fill(7));
        let stored = hash("correct horse", &entropy).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify("correct horse", Some(stored.clone())).await.unwrap());
        assert!(!verify("correct horsf", Some(stored)).await.unwrap());
        assert!(!verify("correct horse", None).await.unwrap());
    }

    #[test]
    fn what_is_easy_to_guess_will_not_do() {
        for wrong in ["short", "aaaaaaaaaaaa", "Qwertyuiop", "xiaomei-2026", &"x1".repeat(101)] {
            assert!(check(wrong, "xiaomei@example.com").is_err(), "{wrong}");
        }
        for right in ["correct horse", "十个汉字也可以作密码", "bob-is-my-uncle"] {
            check(right, "bob@example.com").unwrap();
        }
    }
}
