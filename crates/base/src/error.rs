//! One error type and one table of codes.
//!
//! An error says what is wrong (`message`), where (`field`) and what to do (`hint`). The code
//! decides how it leaves the process: an HTTP status, or an exit code of the command line.

use std::error::Error as StdError;
use std::fmt;

/// Result with the shared error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it is. The table [`Code::row`] gives each its name and HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The request cannot be understood or breaks a rule of its own form.
    BadInput,
    /// The command line was used wrongly.
    WrongUse,
    /// No such thing in this shop.
    NotFound,
    /// It contradicts what is already stored.
    Conflict,
    /// The caller has not shown who it is.
    Unauthorized,
    /// The caller has shown a password, and a code of the second factor is missing or wrong.
    SecondFactor,
    /// The caller may not do this.
    Forbidden,
    /// The address is there, and answers other methods.
    WrongMethod,
    /// More than a named limit allows.
    TooLarge,
    /// A format, version or feature that this program does not read.
    Unsupported,
    /// The shop has as much as it may.
    OverQuota,
    /// Another process or request holds what is needed; trying again can help.
    Busy,
    /// It took longer than its named limit.
    Timeout,
    /// No space left where data must be written.
    DiskFull,
    /// Stored data is not as it was written.
    Damaged,
    /// A defect of the program or its surroundings, not of the request.
    Internal,
}

impl Code {
    /// The table of codes: name on the wire and HTTP status.
    #[must_use]
    pub fn row(self) -> (&'static str, u16) {
        match self {
            Self::BadInput => ("bad_input", 400),
            Self::WrongUse => ("wrong_use", 400),
            Self::NotFound => ("not_found", 404),
            Self::Conflict => ("conflict", 409),
            Self::Unauthorized => ("unauthorized", 401),
            Self::SecondFactor => ("second_factor", 401),
            Self::Forbidden => ("forbidden", 403),
            Self::WrongMethod => ("wrong_method", 405),
            Self::TooLarge => ("too_large", 413),
            Self::Unsupported => ("unsupported", 415),
            Self::OverQuota => ("over_quota", 429),
            Self::Busy => ("busy", 503),
            Self::Timeout => ("timeout", 504),
            Self::DiskFull => ("disk_full", 507),
            Self::Damaged => ("damaged", 500),
            Self::Internal => ("internal", 500),
        }
    }

    /// Whether doing the same again fails the same.
    #[must_use]
    pub fn lasts(self) -> bool {
        self.row().1 < 500
    }

    /// The code's name as it stands in an answer.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }
}

/// The error of every fallible function in Shuke.
#[derive(Debug)]
pub struct Error {
    /// What kind of failure.
    pub code: Code,
    /// One sentence for a person: what and where.
    pub message: String,
    /// The field, column or option that is wrong, when there is one.
    pub field: Option<String>,
    /// What to do about it, when there is advice.
    pub hint: Option<String>,
    /// What lies beneath; logged, never shown to a caller.
    pub cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A new error of `code` with a sentence for a person.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, hint: None, cause: None }
    }

    /// [`Code::BadInput`].
    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(Code::BadInput, message)
    }

    /// [`Code::NotFound`].
    pub fn missing(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, message)
    }

    /// [`Code::Conflict`].
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(Code::Conflict, message)
    }

    /// [`Code::Damaged`].
    pub fn damaged(message: impl Into<String>) -> Self {
        Self::new(Code::Damaged, message)
    }

    /// [`Code::Internal`] from anything; the cause keeps the detail.
    pub fn internal(
        message: impl Into<String>,
        cause: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self { cause: Some(cause.into()), ..Self::new(Code::Internal, message) }
    }

    /// Names the field, column or option that is wrong.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Keeps what lies beneath.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The message followed by every cause beneath it, for logs.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut next = self.source();
        while let Some(cause) = next {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{field}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_ref().map(|cause| cause.as_ref() as &(dyn StdError + 'static))
    }
}

impl From<std::io::Error> for Error {
    fn from(cause: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match cause.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => disk_full(cause),
            ErrorKind::NotFound => Self::new(Code::NotFound, cause.to_string()).because(cause),
            ErrorKind::PermissionDenied => {
                Self::new(Code::Forbidden, cause.to_string()).because(cause)
            }
            _ => Self::new(Code::Internal, cause.to_string()).because(cause),
        }
    }
}

/// The error of a full disk, from whatever reported it.
pub fn disk_full(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    Error::new(Code::DiskFull, "no space left on the disk that holds the data")
        .hint("free some space and run the same command again; nothing acknowledged is lost")
        .because(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_where_and_keeps_the_cause() {
        let error = Error::bad("is not a date").field("paid_at").because("inner");
        assert_eq!(error.to_string(), "paid_at: is not a date");
        assert_eq!(error.chain(), "paid_at: is not a date: inner");
        assert_eq!(error.code.name(), "bad_input");
    }

    #[test]
    fn a_full_disk_is_its_own_code() {
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        assert_eq!(Error::from(full).code, Code::DiskFull);
    }
}
