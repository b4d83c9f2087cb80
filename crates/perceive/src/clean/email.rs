//! Email addresses.

use super::{Reason, text};

/// Bytes that an address may have (RFC 5321, section 4.5.3.1.3, less the angle brackets).
pub const EMAIL_BYTES_MAX: usize = 254;

/// Bytes that the part before the `@` may have (RFC 5321, section 4.5.3.1.1).
const LOCAL_BYTES_MAX: usize = 64;

/// The address in lower case and in half-width letters, without `mailto:` and angle brackets.
///
/// # Errors
/// A reason when nobody could be reached there.
pub fn email(raw: &str) -> Result<String, Reason> {
    let narrow = text::narrow(raw);
    let bare = narrow.trim().trim_start_matches("mailto:");
    let bare = bare.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(bare);
    if bare.len() > EMAIL_BYTES_MAX {
        return Err("is longer than an email address can be".into());
    }
    let address = bare.to_lowercase();
    let (local, domain) = address.rsplit_once('@').ok_or("is not an email address")?;
    let local_wrong = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '@' | ',' | ';' | '<' | '>' | '"' | '\\')
    };
    let label_wrong = |label: &str| {
        label.is_empty()
            || label.len() > 63
            || label.starts_with('-')
            || label.ends_with('-')
            || !label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    if local.is_empty()
        || local.len() > LOCAL_BYTES_MAX
        || local.contains(local_wrong)
        || local.starts_with('.')
        || local.ends_with('.')
        || local.contains("..")
        || !domain.contains('.')
        || domain.split('.').any(label_wrong)
        || domain.rsplit('.').next().is_some_and(|top| top.bytes().all(|b| b.is_ascii_digit()))
    {
        return Err("is not an email address".into());
    }
    Ok(address)
}
