//! Turns the errors of the libraries beneath into the shared one.
//!
//! A full disk is recognised wherever in the chain of causes it hides, because the object store
//! wraps it and the caller must answer it in its own way.

use std::error::Error as StdError;
use std::io;

use base::Error;

/// How deep a chain of causes is followed.
const CAUSES_MAX: usize = 32;

/// An internal error, unless what lies beneath is a full disk.
pub(crate) fn broken(
    message: impl Into<String>,
    cause: impl Into<Box<dyn StdError + Send + Sync>>,
) -> Error {
    let cause = cause.into();
    if is_disk_full(cause.as_ref()) {
        return base::error::disk_full(cause);
    }
    Error::internal(message, cause)
}

/// Whether the error or one of its causes says that no space is left.
pub(crate) fn is_disk_full(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    for _ in 0..CAUSES_MAX {
        let Some(error) = next else { return false };
        if let Some(io) = error.downcast_ref::<io::Error>() {
            use io::ErrorKind::{QuotaExceeded, StorageFull};
            if matches!(io.kind(), StorageFull | QuotaExceeded) {
                return true;
            }
        }
        // A wrapper may print its cause without offering it as a source.
        let text = error.to_string();
        if text.contains("(os error 28)") || text.contains("(os error 122)") {
            return true;
        }
        next = error.source();
    }
    false
}

/// `map_err` with a sentence.
pub(crate) trait Context<T> {
    /// An internal error that says what was being done.
    fn context(self, message: &str) -> base::Result<T>;
}

impl<T, E: Into<Box<dyn StdError + Send + Sync>>> Context<T> for Result<T, E> {
    fn context(self, message: &str) -> base::Result<T> {
        self.map_err(|cause| broken(message, cause))
    }
}

#[cfg(test)]
mod tests {
    use base::Code;

    use super::*;

    #[test]
    fn a_full_disk_is_found_beneath_any_wrapper() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let wrapped = parquet::errors::ParquetError::External(Box::new(full()));
        assert_eq!(broken("write", wrapped).code, Code::DiskFull);
        let store = object_store::Error::Generic { store: "local", source: Box::new(full()) };
        assert_eq!(broken("write", store).code, Code::DiskFull);
        let text =
            parquet::errors::ParquetError::General(io::Error::from_raw_os_error(28).to_string());
        assert_eq!(broken("write", text).code, Code::DiskFull);
        let other = parquet::errors::ParquetError::General("bad".to_owned());
        assert_eq!(broken("write", other).code, Code::Internal);
    }
}
