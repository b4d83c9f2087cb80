//! Text of any encoding as UTF-8, as a stream.

use std::io::Read;

use base::{Code, Error, Result};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

use super::source::{self, Source};

/// Bytes of text that are held at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// A stream of UTF-8 bytes.
pub(super) struct Text {
    encoding: &'static Encoding,
    /// None for UTF-8, whose bytes pass as they are and are checked record by record.
    decoder: Option<Decoder>,
    head: std::io::Cursor<Vec<u8>>,
    rest: Box<dyn Read + Send>,
    raw: Vec<u8>,
    /// Decoded bytes; those before `place` are used up.
    buffer: Vec<u8>,
    place: usize,
    ended: bool,
}

/// Starts decoding; `label` overrides what the first bytes say.
pub(super) fn decode(source: Source, label: Option<&str>) -> Result<Text> {
    let (bom, bom_bytes) = Encoding::for_bom(&source.head).map_or((None, 0), |(e, n)| (Some(e), n));
    let encoding = match label {
        Some(label) => Encoding::for_label(label.as_bytes()).ok_or_else(|| {
            Error::bad(format!("{label:?} is not an encoding"))
                .field("encoding")
                .hint("use utf-8, utf-16le, utf-16be, gb18030, big5, shift_jis or windows-1252")
        })?,
        None => bom.unwrap_or_else(|| detect(&source.head, source.whole)),
    };
    // GB18030 reads everything that GBK does, and the characters that came later.
    let encoding = if encoding == GBK { GB18030 } else { encoding };
    let skip = if bom == Some(encoding) { bom_bytes } else { 0 };
    let mut head = std::io::Cursor::new(source.head);
    head.set_position(skip as u64);
    let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
    Ok(Text {
        encoding,
        decoder,
        head,
        rest: source.rest,
        raw: Vec::new(),
        buffer: Vec::new(),
        place: 0,
        ended: false,
    })
}

/// The encoding of a text without a byte-order mark.
fn detect(head: &[u8], whole: bool) -> &'static Encoding {
    if let Some(wide) = utf16(head) {
        return wide;
    }
    match std::str::from_utf8(head) {
        Ok(_) => return UTF_8,
        // The sample may end within a character.
        Err(error) if error.error_len().is_none() && !whole => return UTF_8,
        Err(_) => {}
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, whole);
    detector.guess(Some(b"cn"), Utf8Detection::Deny)
}

/// UTF-16 without a mark: delimiters, digits and line ends leave a zero in every other byte.
pub(super) fn utf16(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.chunks_exact(2);
    let count = pairs.len();
    let zeros = pairs.fold((0_usize, 0_usize), |(even, odd), pair| match *pair {
        [0, 0] => (even + 1, odd + 1),
        [0, _] => (even + 1, odd),
        [_, 0] => (even, odd + 1),
        _ => (even, odd),
    });
    match zeros {
        (even, odd) if odd * 10 >= count && odd > 0 && even * 20 < odd => Some(UTF_16LE),
        (even, odd) if even * 10 >= count && even > 0 && odd * 20 < even => Some(UTF_16BE),
        _ => None,
    }
}

impl Text {
    pub(super) fn encoding_name(&self) -> &'static str {
        match self.encoding {
            e if e == UTF_8 => "utf-8",
            e if e == UTF_16LE => "utf-16le",
            e if e == UTF_16BE => "utf-16be",
            e if e == GB18030 => "gb18030",
            other => other.name(),
        }
    }

    /// Bytes that are decoded and not used up; empty only at the end of the text.
    pub(super) fn bytes(&mut self) -> Result<&[u8]> {
        if self.place >= self.buffer.len() && !self.ended {
            self.place = 0;
            self.refill(0)?;
        }
        Ok(self.buffer.get(self.place..).unwrap_or_default())
    }

    /// The next bytes, at least `wanted` of them unless the text is shorter; for a first look.
    pub(super) fn peek(&mut self, wanted: usize) -> Result<&[u8]> {
        while self.buffer.len() < wanted && !self.ended {
            self.refill(self.buffer.len())?;
        }
        Ok(self.buffer.get(self.place..).unwrap_or_default())
    }

    /// Uses `count` bytes up.
    pub(super) fn used(&mut self, count: usize) {
        self.place += count;
    }

    /// Reads on after the first `keep` bytes of the buffer.
    fn refill(&mut self, keep: usize) -> Result<()> {
        loop {
            self.buffer.resize(keep + BUFFER_BYTES, 0);
            let target = self.buffer.get_mut(keep..).unwrap_or_default();
            let written = match &mut self.decoder {
                None => {
                    let count = read(&mut self.head, &mut self.rest, target)?;
                    self.ended = count == 0;
                    count
                }
                Some(decoder) => {
                    if self.raw.is_empty() {
                        self.raw.resize(BUFFER_BYTES / 4, 0);
                        let count = read(&mut self.head, &mut self.rest, &mut self.raw)?;
                        self.raw.truncate(count);
                        self.ended = count == 0;
                    }
                    let last = self.ended;
                    let (result, used, written, _) =
                        decoder.decode_to_utf8(&self.raw, target, last);
                    self.raw.drain(..used);
                    if result == CoderResult::OutputFull {
                        self.ended = false;
                    }
                    written
                }
            };
            self.buffer.truncate(keep + written);
            if written > 0 || self.ended {
                return Ok(());
            }
        }
    }
}

fn read(
    head: &mut std::io::Cursor<Vec<u8>>,
    rest: &mut Box<dyn Read + Send>,
    target: &mut [u8],
) -> Result<usize> {
    let from_head = head.read(target)?;
    if from_head > 0 {
        return Ok(from_head);
    }
    if !head.get_ref().is_empty() {
        *head = std::io::Cursor::default();
    }
    rest.read(target).map_err(|cause| match cause.kind() {
        std::io::ErrorKind::Interrupted => Error::new(Code::Busy, "was interrupted"),
        _ => source::broken(cause),
    })
}
