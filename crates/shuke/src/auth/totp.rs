//! The second factor: codes by time (RFC 6238), and codes for the day the telephone is lost.

use base::{Entropy, Error, Result, Time};
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret, Totp};

/// Bytes of a secret, as RFC 4226 wishes them.
const SECRET_BYTES: usize = 20;
/// Recovery codes that somebody gets.
pub(crate) const RECOVERY_CODES: usize = 10;
/// Random bytes of one.
const RECOVERY_BYTES: usize = 5;
/// What an authenticator shows above the code.
const ISSUER: &str = "Shuke";
const SECOND: i64 = 1_000_000;

/// A new secret.
pub(crate) fn secret(entropy: &Entropy) -> Vec<u8> {
    entropy.bytes::<SECRET_BYTES>().to_vec()
}

/// The secret as text and as an address that an authenticator reads, for `account`.
///
/// # Errors
/// `internal` when the library refuses it.
pub(crate) fn shown(secret: &[u8], account: &str) -> Result<(String, String)> {
    let totp = totp(secret, account)?;
    let url = totp.to_url().map_err(refused)?;
    Ok((totp.secret().to_base32(), url))
}

/// The step at which `code` is right at `now`, give or take one; none when it is wrong or not
/// newer than `last`, the step that was used before.
///
/// # Errors
/// `internal` when the library refuses the secret.
pub(crate) fn step(secret: &[u8], code: &str, now: Time, last: Option<i64>) -> Result<Option<i64>> {
    let seconds = u64::try_from(now.micros() / SECOND).unwrap_or_default();
    let found = totp(secret, "")?.check(code.trim(), seconds);
    let step = found.and_then(|step| i64::try_from(step).ok());
    Ok(step.filter(|step| last.is_none_or(|last| *step > last)))
}

/// New recovery codes, such as `7h3ka-9xw2p` in hexadecimal digits.
pub(crate) fn recovery(entropy: &Entropy) -> Vec<String> {
    let code = || {
        let text = base::hex(&entropy.bytes::<RECOVERY_BYTES>());
        let (left, right) = text.split_at(RECOVERY_BYTES);
        format!("{left}-{right}")
    };
    (0..RECOVERY_CODES).map(|_| code()).collect()
}

/// What is stored of a recovery code.
pub(crate) fn recovery_hash(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    base::hex(&Sha256::digest(plain.to_lowercase().as_bytes()))
}

fn totp(secret: &[u8], account: &str) -> Result<Totp> {
    let builder = Builder::new().with_secret(Secret::from(secret)).with_issuer(Some(ISSUER));
    builder.with_account_name(account).build().map_err(refused)
}

#[expect(clippy::needless_pass_by_value, reason = "what maps an error is given it whole")]
fn refused(cause: totp_rs::TotpError) -> Error {
    Error::internal("a second factor cannot be worked out", cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret and the codes of RFC 6238, appendix B, of which the last six digits count here.
    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            let now = Time::from_micros(seconds * SECOND);
            assert_eq!(step(SECRET, code, now, None).unwrap(), Some(seconds / 30));
            let late = now.plus(60 * SECOND);
            assert_eq!(step(SECRET, code, late, None).unwrap(), None, "{code}");
        }
    }

    #[test]
    fn a_code_counts_once() {
        let now = Time::from_micros(59 * SECOND);
        assert_eq!(step(SECRET, "287082", now, Some(1)).unwrap(), None);
        assert_eq!(step(SECRET, "287082", now, Some(0)).unwrap(), Some(1));
        assert_eq!(step(SECRET, "", now, None).unwrap(), None);
        assert_eq!(step(SECRET, "28708２", now, None).unwrap(), None);
    }

    #[test]
    fn what_is_shown_can_be_read() {
        let (text, url) = shown(SECRET, "mei@example.com").unwrap();
        assert_eq!(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(url.starts_with("otpauth://totp/Shuke:mei%40example.com?"), "{url}");
        let codes = recovery(&Entropy::new(|buffer| buffer.fill(0xab)));
        assert_eq!((codes.len(), codes[0].as_str()), (10, "ababa-babab"));
        assert_eq!(recovery_hash("ABABA BABAB"), recovery_hash("ababa-babab"));
    }
}
