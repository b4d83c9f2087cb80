//! Bytes of a file, unpacked: gzip and Zstandard are known by their first bytes.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base::{Code, Error, Result};

/// Bytes at the start of a file that format and encoding are recognised by.
pub(super) const HEAD_BYTES: usize = 1 << 20;

/// The largest window (2 to this power, bytes) of a Zstandard file: 128 MiB, what `zstd --long`
/// writes.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// How many times its size a compressed file may unpack to: real tables stay below a hundred.
const RATIO_MAX: u64 = 1_000;

/// Bytes that any compressed file may unpack to, whatever its size.
const FREE_BYTES: u64 = 256 << 20;

/// Bytes that are read from the disk at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// An opened file.
pub(super) struct Source {
    /// The first unpacked bytes, at most [`HEAD_BYTES`].
    pub(super) head: Vec<u8>,
    /// What follows `head`.
    pub(super) rest: Box<dyn Read + Send>,
    /// Whether `head` is all there is.
    pub(super) whole: bool,
    /// The file itself, when it is not compressed.
    pub(super) plain: Option<File>,
    /// Bytes of the file on disk.
    pub(super) total: u64,
}

/// Counts what is read.
struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Unpacked bytes of a file that must not grow out of all proportion.
struct Bounded<R> {
    inner: R,
    packed: Arc<AtomicU64>,
    count: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count += count as u64;
        let packed = self.packed.load(Ordering::Relaxed);
        if self.count > FREE_BYTES.max(packed.saturating_mul(RATIO_MAX)) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(count)
    }
}

pub(super) fn open(path: &Path, done: &Arc<AtomicU64>) -> Result<Source> {
    let file = File::open(path)?;
    let meta = file.metadata()?;
    if meta.is_dir() {
        return Err(Error::bad("is a folder").hint("name the files in it"));
    }
    let plain = file.try_clone().ok().filter(|_| meta.is_file());
    let counted = Counted { inner: file, count: Arc::clone(done) };
    let mut raw = BufReader::with_capacity(BUFFER_BYTES, counted);
    let mut magic = Vec::new();
    raw.by_ref().take(4).read_to_end(&mut magic)?;
    let chained = io::Cursor::new(magic.clone()).chain(raw);
    let (mut rest, packed): (Box<dyn Read + Send>, bool) = match magic.as_slice() {
        [0x1F, 0x8B, ..] => (Box::new(flate2::read::MultiGzDecoder::new(chained)), true),
        [0x28, 0xB5, 0x2F, 0xFD] => {
            let mut decoder = zstd::stream::read::Decoder::new(chained)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
            (Box::new(decoder), true)
        }
        _ => (Box::new(chained), false),
    };
    if packed {
        rest = Box::new(Bounded { inner: rest, packed: Arc::clone(done), count: 0 });
    }
    let mut head = Vec::new();
    rest.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(broken)?;
    let whole = head.len() < HEAD_BYTES;
    let plain = if packed { None } else { plain };
    Ok(Source { head, rest, whole, plain, total: meta.len() })
}

/// An error of unpacking, in words.
pub(super) fn broken(cause: io::Error) -> Error {
    match cause.kind() {
        io::ErrorKind::UnexpectedEof => Error::bad("the compressed file is cut short")
            .hint("copy or download it again")
            .because(cause),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
            Error::bad("the compressed file is damaged")
                .hint("unpack it by hand to see what is wrong, or download it again")
                .because(cause)
        }
        io::ErrorKind::FileTooLarge => {
            let text =
                format!("the compressed file unpacks to more than {RATIO_MAX} times its size");
            Error::new(Code::TooLarge, text)
                .hint("unpack it by hand, if it is what it should be, and import that")
                .because(cause)
        }
        _ => Error::new(Code::Internal, "the file cannot be read").because(cause),
    }
}
