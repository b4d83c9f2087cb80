//! CSV, TSV and their kin (RFC 4180, with any of four delimiters), as a stream.

use base::{Code, Error, Result};
use csv_core::ReadRecordResult;

use super::encoding::Text;
use super::{COLUMNS_MAX, RECORD_BYTES_MAX, RawRow};

/// Delimiters that are looked for, the likelier first.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// Bytes that the delimiter is recognised by.
const SNIFF_BYTES: usize = 64 * 1024;
/// Records that the delimiter is recognised by.
const SNIFF_RECORDS: usize = 50;

/// The mark of text that could not be decoded.
const REPLACEMENT: &str = "\u{FFFD}";

pub(super) struct Delimited {
    text: Text,
    parser: csv_core::Reader,
    delimiter: u8,
    /// The fields of the current record, one after the other.
    fields: Vec<u8>,
    ends: Vec<usize>,
    /// Line of the next byte, counted from 1.
    line: u64,
    /// Whether decoding may have left replacement characters.
    decoded: bool,
}

impl Delimited {
    pub(super) fn new(mut text: Text, delimiter: Option<u8>) -> Result<Self> {
        let delimiter = match delimiter {
            Some(delimiter) => delimiter,
            None => sniff(text.peek(SNIFF_BYTES)?),
        };
        let decoded = text.encoding_name() != "utf-8";
        Ok(Self {
            text,
            parser: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            delimiter,
            fields: vec![0; 4096],
            ends: vec![0; 64],
            line: 1,
            decoded,
        })
    }

    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The first record.
    pub(super) fn header(&mut self) -> Result<Vec<String>> {
        let mut row = RawRow::new();
        if !self.read(&mut row)? {
            return Err(Error::bad("the file is empty").hint("export it again"));
        }
        if row.broken {
            return Err(Error::new(Code::Unsupported, "its header cannot be decoded")
                .hint("say which encoding it has, e.g. --encoding gb18030"));
        }
        Ok(row.iter().map(str::to_owned).collect())
    }

    pub(super) fn read(&mut self, row: &mut RawRow) -> Result<bool> {
        if !self.skip_blank_lines()? {
            return Ok(false);
        }
        row.broken = false;
        row.line = self.line;
        self.parser.set_line(self.line);
        let (mut written, mut count) = (0, 0);
        loop {
            let input = self.text.bytes()?;
            let output = self.fields.get_mut(written..).unwrap_or_default();
            let ends = self.ends.get_mut(count..).unwrap_or_default();
            let (result, read, wrote, ended) = self.parser.read_record(input, output, ends);
            self.text.used(read);
            written += wrote;
            count += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => grow(&mut self.fields, RECORD_BYTES_MAX, row.line)?,
                ReadRecordResult::OutputEndsFull => {
                    if self.ends.len() >= COLUMNS_MAX {
                        return Err(too_wide(row.line));
                    }
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(false),
            }
        }
        self.line = self.parser.line();
        if count > COLUMNS_MAX {
            return Err(too_wide(row.line));
        }
        self.hand_over(row, written, count);
        Ok(true)
    }

    /// Moves to the next record's first byte, so that its line is known. The parser would pass
    /// over empty lines too, but would not say how many.
    fn skip_blank_lines(&mut self) -> Result<bool> {
        loop {
            let bytes = self.text.bytes()?;
            if bytes.is_empty() {
                return Ok(false);
            }
            let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let newlines = bytes.iter().take(blank).filter(|byte| **byte == b'\n').count();
            let more = blank < bytes.len();
            self.line += newlines as u64;
            self.text.used(blank);
            if more {
                return Ok(true);
            }
        }
    }

    fn hand_over(&self, row: &mut RawRow, written: usize, count: usize) {
        let bytes = self.fields.get(..written).unwrap_or_default();
        let ends = self.ends.get(..count).unwrap_or_default();
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                row.broken = self.decoded && text.contains(REPLACEMENT);
                row.set(text, ends);
            }
            Err(_) => {
                row.clear();
                row.broken = true;
                let mut start = 0;
                for end in ends {
                    let field = bytes.get(start..*end).unwrap_or_default();
                    row.push(&String::from_utf8_lossy(field));
                    start = *end;
                }
            }
        }
    }
}

fn grow(buffer: &mut Vec<u8>, limit: usize, line: u64) -> Result<()> {
    if buffer.len() >= limit {
        return Err(Error::new(
            Code::TooLarge,
            format!("the record that starts on line {line} is longer than {limit} bytes"),
        )
        .hint("a quotation mark is probably never closed there"));
    }
    buffer.resize((buffer.len() * 2).min(limit), 0);
    Ok(())
}

fn too_wide(line: u64) -> Error {
    Error::new(Code::TooLarge, format!("line {line} has more than {COLUMNS_MAX} columns"))
        .hint("choose the right delimiter, or export fewer columns")
}

/// The delimiter that gives most records the same number of fields, more than one.
fn sniff(head: &[u8]) -> u8 {
    let score = |delimiter: &u8| {
        let counts = widths(head, *delimiter);
        let first = counts.first().copied().unwrap_or(0);
        let same = counts.iter().filter(|count| **count == first).count();
        if first < 2 { (0, 0) } else { (same * 100 / counts.len().max(1), first) }
    };
    let mut best = (b',', (0, 0));
    for delimiter in DELIMITERS {
        let scored = score(&delimiter);
        if scored > best.1 {
            best = (delimiter, scored);
        }
    }
    best.0
}

/// How many fields each of the first records has.
fn widths(head: &[u8], delimiter: u8) -> Vec<usize> {
    let mut parser = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    let mut fields = vec![0; head.len().max(1)];
    let mut ends = vec![0; COLUMNS_MAX];
    let mut widths = Vec::new();
    let mut rest = head;
    while widths.len() < SNIFF_RECORDS {
        let (result, read, _, count) = parser.read_record(rest, &mut fields, &mut ends);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            ReadRecordResult::Record => widths.push(count),
            // The last record of the sample is usually cut.
            _ => {
                if widths.is_empty() {
                    widths.push(count + 1);
                }
                break;
            }
        }
    }
    widths
}
